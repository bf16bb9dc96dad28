package poster

import "example.org/fieldbot/flows/chart/typeset"

// The pictures show the three steps of scanning, each pictureWide by
// pictureHigh millimetres from a corner.
const (
	pictureWide = 50
	pictureHigh = 36
)

var pictures = []func(d *drawing, x, y float64){pictureCamera, pictureStart, pictureAnswer}

// phone draws a telephone with an empty screen.
func (d *drawing) phone(x, y, w, h float64) {
	d.fill(ink)
	d.round(x, y, w, h, 2.4)
	d.op("f")
	d.fill(white)
	d.round(x+1.1, y+2.6, w-2.2, h-5.2, 0.8)
	d.op("f")
}

// tap draws a finger's touch: rings around a point.
func (d *drawing) tap(x, y float64) {
	d.stroke(colour{0.84, 0.37, 0})
	for _, r := range []float64{1.4, 2.8} {
		d.op("w", 0.7)
		d.round(x-r, y-r, 2*r, 2*r, r)
		d.op("S")
	}
}

// pictureCamera: a phone whose camera looks at a code.
func pictureCamera(d *drawing, x, y float64) {
	x += 4 // room for the number of the step
	d.fill(faint)
	for _, beam := range [][6]float64{{20, 10, 31, 7, 31, 29}, {20, 26, 31, 29, 20, 10}} {
		d.MoveTo(x+beam[0], y+beam[1])
		d.LineTo(x+beam[2], y+beam[3])
		d.LineTo(x+beam[4], y+beam[5])
		d.Close()
		d.op("f")
	}
	d.phone(x+3, y, 18, pictureHigh)
	d.sign(x+6.5, y+12.5, 11)
	d.stroke(blue)
	for _, c := range [][4]float64{{5.2, 11, 1, 1}, {18.8, 11, -1, 1}, {5.2, 25, 1, -1}, {18.8, 25, -1, -1}} {
		cx, cy := x+c[0], y+c[1]
		d.line(0.8, [2]float64{cx, cy + 3*c[3]}, [2]float64{cx, cy}, [2]float64{cx + 3*c[2], cy})
	}
	d.fill(white)
	d.rect(x+28, y+6, 18, 24)
	d.stroke(muted)
	d.op("w", 0.5)
	d.op("re", x+28, y+6, 18, 24)
	d.op("S")
	d.sign(x+31, y+9, 12)
	d.fill(faint)
	d.rect(x+31, y+23, 12, 1.6)
	d.rect(x+31, y+26, 8, 1.6)
}

// sign draws what everybody knows for a QR code.
func (d *drawing) sign(x, y, side float64) {
	m := side / 11
	d.fill(ink)
	for _, c := range [][2]float64{{0, 0}, {7, 0}, {0, 7}} {
		d.fill(ink)
		d.rect(x+c[0]*m, y+c[1]*m, 4*m, 4*m)
		d.fill(white)
		d.rect(x+(c[0]+0.8)*m, y+(c[1]+0.8)*m, 2.4*m, 2.4*m)
		d.fill(ink)
		d.rect(x+(c[0]+1.4)*m, y+(c[1]+1.4)*m, 1.2*m, 1.2*m)
	}
	for _, c := range [][2]float64{{5, 0}, {5, 2}, {5, 5}, {0, 5}, {2, 5}, {7, 5}, {9, 5}, {10, 7}, {7, 7}, {8, 8}, {9, 10}, {5, 8}, {6, 10}, {5, 10}, {10, 9}} {
		d.rect(x+c[0]*m, y+c[1]*m, m, m)
	}
}

// pictureStart: the chat opens, a finger presses Start.
func pictureStart(d *drawing, x, y float64) {
	x += 15
	d.phone(x, y, 20, pictureHigh)
	d.fill(blue)
	d.rect(x+1.1, y+2.6, 17.8, 4)
	d.fill(white)
	d.round(x+2.2, y+3.5, 2.2, 2.2, 1.1)
	d.op("f")
	d.rect(x+5.6, y+4.2, 8, 0.9)
	d.fill(light)
	d.round(x+2.4, y+9, 13, 9, 1.4)
	d.op("f")
	d.fill(muted)
	for i, w := range []float64{10, 8, 9} {
		d.rect(x+4, y+11+2*float64(i), w, 0.8)
	}
	d.fill(blue)
	d.round(x+2.2, y+26, 15.6, 5.6, 1)
	d.op("f")
	l := typeset.Set("Start", typeset.Bold, 3.4) // as Telegram writes it in all languages that it lacks
	d.fill(white)
	d.text(l, x+8.5-l.Width/2, y+30)
	d.tap(x+17, y+31.4)
}

// pictureAnswer: a question with its buttons, one of them chosen.
func pictureAnswer(d *drawing, x, y float64) {
	x += 15
	d.phone(x, y, 20, pictureHigh)
	d.fill(light)
	d.round(x+2.4, y+4.4, 14, 8, 1.4)
	d.op("f")
	d.fill(muted)
	for i, w := range []float64{11, 8} {
		d.rect(x+4, y+6.6+2.2*float64(i), w, 0.9)
	}
	for i := range 3 {
		top := y + 14.4 + 5.8*float64(i)
		d.fill(faint)
		if i == 1 {
			d.fill(blue)
		}
		d.round(x+2.4, top, 15.2, 4.8, 0.9)
		d.op("f")
		d.fill(muted)
		if i == 1 {
			d.stroke(white)
			d.line(0.8, [2]float64{x + 4.2, top + 2.5}, [2]float64{x + 5.2, top + 3.5}, [2]float64{x + 7, top + 1.4})
			d.fill(white)
		}
		d.rect(x+8.4, top+2, []float64{5, 6.5, 4}[i], 0.9)
	}
	d.tap(x+16.4, y+23.4)
}
