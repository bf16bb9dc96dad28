package chart

import (
	"image/color"
	"math"

	"example.org/fieldbot/flows/chart/typeset"
)

// A scene is a picture as filled shapes, in the order they are painted. Both
// PNG and SVG are made from it.
type scene struct {
	width, height float64
	shapes        []shape
}

type shape struct {
	path path
	fill color.NRGBA
	text string // what is written, if the shape is letters
}

// A path is closed outlines. It is a typeset.Pen.
type path struct {
	ops    []op
	points []point // one for moves and lines, two and three for curves
}

type op uint8

const (
	moveTo op = iota
	lineTo
	quadTo
	cubeTo
	closePath
)

type point struct{ x, y float64 }

func (p *path) add(o op, points ...point) {
	p.ops = append(p.ops, o)
	p.points = append(p.points, points...)
}

func (p *path) MoveTo(x, y float64)         { p.add(moveTo, point{x, y}) }
func (p *path) LineTo(x, y float64)         { p.add(lineTo, point{x, y}) }
func (p *path) QuadTo(cx, cy, x, y float64) { p.add(quadTo, point{cx, cy}, point{x, y}) }
func (p *path) CubeTo(ax, ay, bx, by, x, y float64) {
	p.add(cubeTo, point{ax, ay}, point{bx, by}, point{x, y})
}
func (p *path) Close() { p.add(closePath) }

// each calls f with every step of the path and its points.
func (p *path) each(f func(o op, points []point)) {
	i := 0
	for _, o := range p.ops {
		n := [...]int{1, 1, 2, 3, 0}[o]
		f(o, p.points[i:i+n])
		i += n
	}
}

func (s *scene) fill(p path, c color.NRGBA) {
	if len(p.ops) > 0 {
		s.shapes = append(s.shapes, shape{path: p, fill: c})
	}
}

func polygon(points ...point) path {
	var p path
	for i, q := range points {
		if i == 0 {
			p.MoveTo(q.x, q.y)
		} else {
			p.LineTo(q.x, q.y)
		}
	}
	p.Close()
	return p
}

func (s *scene) polygon(c color.NRGBA, points ...point) { s.fill(polygon(points...), c) }

func (s *scene) rect(x, y, w, h float64, c color.NRGBA) {
	if w > 0 && h > 0 {
		s.polygon(c, point{x, y}, point{x + w, y}, point{x + w, y + h}, point{x, y + h})
	}
}

// frame draws the border of a rectangle, inside it.
func (s *scene) frame(x, y, w, h, thick float64, c color.NRGBA) {
	p := polygon(point{x, y}, point{x + w, y}, point{x + w, y + h}, point{x, y + h})
	inner := polygon(point{x + thick, y + thick}, point{x + thick, y + h - thick},
		point{x + w - thick, y + h - thick}, point{x + w - thick, y + thick}) // the other way round: a hole
	p.ops, p.points = append(p.ops, inner.ops...), append(p.points, inner.points...)
	s.fill(p, c)
}

// line draws a straight stroke.
func (s *scene) line(a, b point, thick float64, c color.NRGBA) {
	dx, dy := b.x-a.x, b.y-a.y
	n := math.Hypot(dx, dy)
	if n == 0 {
		return
	}
	nx, ny := -dy/n*thick/2, dx/n*thick/2
	s.polygon(c, point{a.x + nx, a.y + ny}, point{a.x - nx, a.y - ny}, point{b.x - nx, b.y - ny}, point{b.x + nx, b.y + ny})
}

func (s *scene) circle(x, y, r float64, c color.NRGBA) {
	const k = 0.5522847498 // a quarter of a circle as a curve
	var p path
	p.MoveTo(x+r, y)
	p.CubeTo(x+r, y+k*r, x+k*r, y+r, x, y+r)
	p.CubeTo(x-k*r, y+r, x-r, y+k*r, x-r, y)
	p.CubeTo(x-r, y-k*r, x-k*r, y-r, x, y-r)
	p.CubeTo(x+k*r, y-r, x+r, y-k*r, x+r, y)
	p.Close()
	s.fill(p, c)
}

// text writes a line from x on a baseline at y.
func (s *scene) text(l typeset.Line, x, y float64, c color.NRGBA) {
	var p path
	l.Draw(&p, x, y)
	if len(p.ops) > 0 {
		s.shapes = append(s.shapes, shape{path: p, fill: c, text: l.Text})
	}
}

// Colours. The categories are Okabe and Ito's set
// (https://jfly.uni-koeln.de/color/), in an order in which neighbours differ in
// lightness too.
var (
	white  = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	ink    = color.NRGBA{0x1b, 0x24, 0x30, 0xff}
	muted  = color.NRGBA{0x55, 0x61, 0x6e, 0xff}
	faint  = color.NRGBA{0xdc, 0xe1, 0xe6, 0xff}
	track  = color.NRGBA{0xec, 0xef, 0xf2, 0xff}
	blue   = color.NRGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.NRGBA{0xe6, 0x9f, 0x00, 0xff}
	green  = color.NRGBA{0x00, 0x9e, 0x73, 0xff}
	red    = color.NRGBA{0xd5, 0x5e, 0x00, 0xff}

	categories = []color.NRGBA{
		blue, orange, green, {0xcc, 0x79, 0xa7, 0xff}, red, {0x56, 0xb4, 0xe9, 0xff}, {0x4d, 0x4d, 0x4d, 0xff},
	}

	// From the lowest answer over a grey middle to the highest: orange and blue
	// are told apart with every kind of colour blindness, and blue is the darker
	// one where they are printed in grey.
	lowest  = color.NRGBA{0xb3, 0x58, 0x06, 0xff}
	low     = color.NRGBA{0xf3, 0xb0, 0x6a, 0xff}
	middle  = color.NRGBA{0xdd, 0xe1, 0xe5, 0xff}
	high    = color.NRGBA{0x74, 0xb0, 0xda, 0xff}
	highest = color.NRGBA{0x0a, 0x43, 0x80, 0xff}
)

func category(i int) color.NRGBA { return categories[i%len(categories)] }

// scale returns n colours from the lowest answer to the highest.
func scale(n int) []color.NRGBA {
	half := func(n int, end, near color.NRGBA) []color.NRGBA {
		out := make([]color.NRGBA, n)
		for i := range out {
			out[i] = end
			if n > 1 {
				out[i] = mix(end, near, float64(i)/float64(n-1))
			}
		}
		return out
	}
	out := half(n/2, lowest, low)
	if n%2 == 1 {
		out = append(out, middle)
	}
	up := half(n/2, highest, high)
	for i := len(up) - 1; i >= 0; i-- {
		out = append(out, up[i])
	}
	return out
}

func mix(a, b color.NRGBA, t float64) color.NRGBA {
	f := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*t)) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 0xff}
}

func fade(c color.NRGBA, alpha float64) color.NRGBA {
	c.A = uint8(math.Round(255 * alpha))
	return c
}

// on returns the colour of letters that are best read on c.
func on(c color.NRGBA) color.NRGBA {
	if contrast(white, c) >= contrast(ink, c) {
		return white
	}
	return ink
}

// contrast is the contrast ratio of WCAG 2
// (https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio).
func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	f := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}
