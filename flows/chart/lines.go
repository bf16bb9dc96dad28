package chart

import (
	"image/color"
	"math"
	"slices"

	"example.org/fieldbot/flows/chart/typeset"
)

// lines draws each row as a line over the periods.
func (p *page) lines() {
	var keys []key
	if len(p.Rows) > 1 {
		for i, r := range p.Rows {
			keys = append(keys, key{r.Label, func(x, y float64) {
				p.line(point{x - signWidth/2, y}, point{x + signWidth/2, y}, 5, category(i))
				p.sign(i, x, y, 10, category(i))
			}})
		}
		p.legend(keys)
	}
	x, y := p.plot()
	for i, r := range p.Rows {
		p.series(i, r, x, y)
	}
	p.ends(x, y)
	p.y = y.from + p.periods(x, y.from)
}

// plot draws the frame of the lines and returns its axes.
func (p *page) plot() (x, y axis) {
	const height = 520
	y = p.span()
	widest := 0.0
	for _, t := range y.ticks {
		widest = math.Max(widest, typeset.Width(p.tick(t), typeset.Regular, smallSize))
	}
	y.from, y.to = p.y+height, p.y+16
	n := float64(p.columns())
	x = axis{low: -0.3, high: n - 0.7, from: margin + widest + 14, to: pageWidth - margin - 110}
	for _, t := range y.ticks {
		l := typeset.Set(p.tick(t), typeset.Regular, smallSize)
		p.middle(l, x.from-14-l.Width, y.at(t), muted)
		p.line(point{x.from, y.at(t)}, point{x.to, y.at(t)}, 2, faint)
	}
	p.line(point{x.from, y.at(0)}, point{x.to, y.at(0)}, 3, muted)
	return x, y
}

// periods writes the names of the periods and returns how high they are. If
// they do not fit beside each other, only every second, third … is written.
func (p *page) periods(x axis, top float64) float64 {
	if len(p.Columns) == 0 {
		return gap
	}
	step := x.at(1) - x.at(0)
	every, lines := 1, 1
	for ; every < len(p.Columns); every++ {
		if n := p.fits(step*float64(every) - 12); n > 0 {
			lines = n
			break
		}
	}
	for i := 0; i < len(p.Columns); i += every {
		for j, l := range wrap(p.Columns[i], typeset.Regular, smallSize, step*float64(every)-12, 2) {
			p.text(l, x.at(float64(i))-l.Width/2, top+38+float64(j)*1.34*smallSize, muted)
		}
	}
	return 24 + float64(lines)*1.34*smallSize + gap
}

// fits returns in how many lines, up to two, all names fit; 0 if they do not.
func (p *page) fits(width float64) int {
	most := 1
	for _, c := range p.Columns {
		// A word that has to be cut does not fit.
		lines := wrap(c, typeset.Regular, smallSize, math.Max(width, 1), 0)
		if typeset.Width(c, typeset.Regular, smallSize) > width && width < 60 || len(lines) > 2 {
			return 0
		}
		most = max(most, len(lines))
	}
	return most
}

// series draws the line of a row: intervals, strokes between neighbours, signs.
// A period without a figure leaves a hole.
func (p *page) series(i int, r Row, x, y axis) {
	c := category(i)
	at := func(k int, v float64) point { return point{x.at(float64(k)) + p.aside(i, k, x), y.at(v)} }
	for k := range p.columns() {
		f := r.at(k)
		if !f.known() {
			continue
		}
		if next := r.at(k + 1); k+1 < p.columns() && next.known() {
			if f.interval() && next.interval() {
				p.polygon(fade(c, 0.16), at(k, f.High), at(k+1, next.High), at(k+1, next.Low), at(k, f.Low))
				p.shades = true
			}
			p.line(at(k, f.Value), at(k+1, next.Value), 5, c)
		}
	}
	for k := range p.columns() {
		if f := r.at(k); f.known() {
			if f.interval() && alone(r, k) {
				p.whisker(at(k, f.Low), at(k, f.High), 8) // no neighbour, no band
			}
			q := at(k, f.Value)
			p.marker(i, q.x, q.y)
		}
	}
}

// alone reports whether a figure has no neighbour to draw a line to.
func alone(r Row, k int) bool { return !r.at(k-1).known() && !r.at(k+1).known() }

// aside is how far beside its period a figure without neighbours stands, so that
// its interval is not drawn over those of other rows.
func (p *page) aside(i, k int, x axis) float64 {
	if len(p.Rows) < 2 || !alone(p.Rows[i], k) {
		return 0
	}
	n := float64(len(p.Rows))
	apart := math.Min(14, 0.6*(x.at(1)-x.at(0))/n)
	return apart * (float64(i) - (n-1)/2)
}

// marker draws the sign of a line, light around it.
func (p *page) marker(i int, x, y float64) {
	p.sign(i, x, y, 14, white)
	p.sign(i, x, y, 10, category(i))
}

// sign differs from line to line in its shape as well as its colour.
func (p *page) sign(i int, x, y, r float64, c color.NRGBA) {
	switch i % 4 {
	case 0:
		p.circle(x, y, r, c)
	case 1:
		p.rect(x-r*0.9, y-r*0.9, r*1.8, r*1.8, c)
	case 2:
		p.polygon(c, point{x, y - r*1.2}, point{x + r*1.1, y + r*0.8}, point{x - r*1.1, y + r*0.8})
	case 3:
		p.polygon(c, point{x, y - r*1.25}, point{x + r*1.25, y}, point{x, y + r*1.25}, point{x - r*1.25, y})
	}
}

// ends writes the last value of each line behind it, moved apart where two
// would touch.
func (p *page) ends(x, y axis) {
	type end struct {
		at, y float64
		row   int
		line  typeset.Line
	}
	var ends []end
	for i, r := range p.Rows {
		for k := p.columns() - 1; k >= 0; k-- {
			if f := r.at(k); f.known() {
				l := typeset.Set(p.value(f.Value), typeset.Bold, smallSize+2)
				side := 0.0 // behind the last of those that stand aside
				for j := range p.Rows {
					side = math.Max(side, p.aside(j, k, x))
				}
				ends = append(ends, end{x.at(float64(k)) + side, y.at(f.Value), i, l})
				break
			}
		}
	}
	slices.SortStableFunc(ends, func(a, b end) int { return int(math.Copysign(1, a.y-b.y)) })
	const apart = 34
	for i := 1; i < len(ends); i++ {
		ends[i].y = math.Max(ends[i].y, ends[i-1].y+apart)
	}
	if n := len(ends); n > 0 && ends[n-1].y > y.from {
		ends[n-1].y = y.from
		for i := n - 2; i >= 0; i-- {
			ends[i].y = math.Min(ends[i].y, ends[i+1].y-apart)
		}
	}
	for _, e := range ends {
		p.rect(e.at+22, e.y-14, 8, 28, category(e.row))
		p.middle(e.line, e.at+38, e.y, ink)
	}
}
