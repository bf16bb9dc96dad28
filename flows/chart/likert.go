package chart

import (
	"image/color"
	"math"

	"example.org/fieldbot/flows/chart/typeset"
)

const likertThick = 56

// likert draws shares of answers as stacked bars.
func (p *page) likert() {
	colours := scale(p.columns())
	var keys []key
	for i, c := range p.Columns {
		keys = append(keys, key{c, p.swatch(colours[i])})
	}
	p.legend(keys)
	bands := p.bands(p.likertGutter(), likertThick+32)
	left, right := p.reach()
	a := axis{low: -left, high: right, from: bands[0].left, to: bands[0].right}
	last := bands[len(bands)-1]
	if p.Diverging { // behind the bars, whose numbers it would cross
		p.line(point{a.at(0), p.y}, point{a.at(0), last.y + last.height}, 3, ink)
	}
	for _, b := range bands {
		p.label(b)
		if !b.heading() {
			p.stack(b, a, colours)
		}
	}
	p.y = last.y + last.height
}

func (p *page) likertGutter() float64 {
	w := 0.0
	for _, r := range p.Rows {
		w = math.Max(w, p.countOf(r.at(0)).Width)
	}
	if w > 0 {
		w += 16
	}
	return w
}

// before returns how much of a row's answers lie left of the middle.
func (p *page) before(r Row) float64 {
	if !p.Diverging {
		return 0
	}
	n, sum := p.columns(), 0.0
	for i := range n {
		f := r.at(i)
		switch {
		case !f.known():
		case i < n/2:
			sum += f.Value
		case n%2 == 1 && i == n/2:
			sum += f.Value / 2
		}
	}
	return sum
}

// reach returns how far the bars go to both sides of the middle.
func (p *page) reach() (left, right float64) {
	right = 0.01
	for _, r := range p.Rows {
		b := p.before(r)
		left, right = math.Max(left, b), math.Max(right, total(r)-b)
	}
	return left, right
}

func total(r Row) float64 {
	sum := 0.0
	for _, f := range r.Figures {
		if f.known() {
			sum += math.Max(0, f.Value)
		}
	}
	return sum
}

func (p *page) stack(b band, a axis, colours []color.NRGBA) {
	y := b.middle() - likertThick/2
	if total(b.Row) == 0 {
		p.missing(b.at(0), b.left, b.middle(), b.right-b.left)
		return
	}
	at := -p.before(b.Row)
	for i := range p.columns() {
		f := b.at(i)
		if !f.known() || f.Value <= 0 {
			continue
		}
		x0, x1 := a.at(at), a.at(at+f.Value)
		p.rect(x0+1, y, x1-x0-2, likertThick, colours[i])
		for _, size := range []float64{smallSize, smallSize - 4} {
			if l := typeset.Set(p.value(f.Value), typeset.Bold, size); l.Width+6 <= x1-x0 {
				p.middle(l, (x0+x1-l.Width)/2, b.middle(), on(colours[i]))
				break
			}
		}
		at += f.Value
	}
	p.middle(p.countOf(b.at(0)), b.right+16, b.middle(), muted)
}
