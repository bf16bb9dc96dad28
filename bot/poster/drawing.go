package poster

import (
	"bytes"

	"example.org/fieldbot/flows/chart/typeset"
)

// A drawing is content of a page, in millimetres with y downwards. It is a
// typeset.Pen.
type drawing struct {
	bytes.Buffer
	x, y float64 // where the pen is
}

func (d *drawing) op(name string, values ...float64) {
	b := d.AvailableBuffer()
	for _, v := range values {
		b = append(appendNumber(b, v), ' ')
	}
	d.Write(append(append(b, name...), '\n'))
}

func (d *drawing) MoveTo(x, y float64) { d.op("m", x, y); d.x, d.y = x, y }
func (d *drawing) LineTo(x, y float64) { d.op("l", x, y); d.x, d.y = x, y }

// QuadTo draws a quadratic curve as a cubic one: PDF has no others.
func (d *drawing) QuadTo(cx, cy, x, y float64) {
	d.CubeTo(d.x+2*(cx-d.x)/3, d.y+2*(cy-d.y)/3, x+2*(cx-x)/3, y+2*(cy-y)/3, x, y)
}

func (d *drawing) CubeTo(ax, ay, bx, by, x, y float64) {
	d.op("c", ax, ay, bx, by, x, y)
	d.x, d.y = x, y
}

func (d *drawing) Close() { d.op("h") }

// A colour is red, green and blue from 0 to 1.
type colour [3]float64

var (
	white = colour{1, 1, 1}
	ink   = colour{0.1, 0.14, 0.19}
	muted = colour{0.33, 0.38, 0.43}
	faint = colour{0.86, 0.89, 0.92}
	blue  = colour{0.07, 0.31, 0.5}
	light = colour{0.9, 0.94, 0.98}
)

func (d *drawing) fill(c colour)   { d.op("rg", c[0], c[1], c[2]) }
func (d *drawing) stroke(c colour) { d.op("RG", c[0], c[1], c[2]) }

func (d *drawing) text(l typeset.Line, x, y float64) {
	l.Draw(d, x, y)
	d.op("f")
}

func (d *drawing) rect(x, y, w, h float64) {
	d.op("re", x, y, w, h)
	d.op("f")
}

// round adds a rectangle with round corners to the path.
func (d *drawing) round(x, y, w, h, r float64) {
	const k = 0.4477 // 1 minus the handle of a quarter circle
	d.MoveTo(x+r, y)
	d.LineTo(x+w-r, y)
	d.CubeTo(x+w-k*r, y, x+w, y+k*r, x+w, y+r)
	d.LineTo(x+w, y+h-r)
	d.CubeTo(x+w, y+h-k*r, x+w-k*r, y+h, x+w-r, y+h)
	d.LineTo(x+r, y+h)
	d.CubeTo(x+k*r, y+h, x, y+h-k*r, x, y+h-r)
	d.LineTo(x, y+r)
	d.CubeTo(x, y+k*r, x+k*r, y, x+r, y)
	d.Close()
}

func (d *drawing) line(thick float64, points ...[2]float64) {
	d.op("w", thick)
	d.op("J", 1) // round ends
	d.op("j", 1) // round corners
	for i, p := range points {
		if i == 0 {
			d.MoveTo(p[0], p[1])
		} else {
			d.LineTo(p[0], p[1])
		}
	}
	d.op("S")
}

// code draws the dark modules in a square, a row of neighbours at once. Each
// reaches a little into the next: else thin light lines show between them.
func (d *drawing) code(c code, x, y, side float64) {
	m := side / float64(c.size)
	for row := range c.size {
		for from := 0; from < c.size; from++ {
			to := from
			for to < c.size && c.at(to, row) {
				to++
			}
			if to > from {
				d.op("re", x+float64(from)*m, y+float64(row)*m, float64(to-from)*m+0.02*m, 1.02*m)
				from = to
			}
		}
	}
	d.op("f")
}
