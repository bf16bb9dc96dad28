package chart

import (
	"math"

	"example.org/fieldbot/flows/chart/typeset"
)

// bars draws horizontal bars: labels of any length can be read beside them.
func (p *page) bars() {
	columns := p.columns()
	if columns > 1 {
		p.columnLegend()
	}
	thick := 44.0
	if columns > 1 {
		thick = math.Max(22, 40-2*float64(columns))
	}
	group := float64(columns)*(thick+6) - 6
	bands := p.bands(p.barGutter(), math.Max(84, group+32))
	a := p.span()
	a.from, a.to = bands[0].left, bands[0].right
	p.verticals(a, bands)
	for _, b := range bands {
		p.label(b)
		if b.heading() {
			continue
		}
		y := b.middle() - group/2
		for i := range columns {
			p.bar(b, i, a, y, thick)
			y += thick + 6
		}
	}
}

func (p *page) columnLegend() {
	var keys []key
	for i, c := range p.Columns {
		keys = append(keys, key{c, p.swatch(category(i))})
	}
	p.legend(keys)
}

// barGutter returns the room for the values behind the bars.
func (p *page) barGutter() float64 {
	w := 0.0
	for _, r := range p.Rows {
		for i := range r.Figures {
			w = math.Max(w, p.valueOf(r.Figures[i]).Width+p.countOf(r.Figures[i]).Width*p.beside())
			w = math.Max(w, p.countOf(r.Figures[i]).Width)
		}
	}
	return w + 18 + 12*p.beside()
}

// beside is 1 if the count stands beside the value and 0 if it stands below:
// a single bar has room for two lines.
func (p *page) beside() float64 {
	if p.columns() > 1 {
		return 1
	}
	return 0
}

func (p *page) valueOf(f Figure) typeset.Line {
	if !f.known() {
		return typeset.Line{}
	}
	return typeset.Set(p.value(f.Value), typeset.Bold, labelSize-2)
}

func (p *page) countOf(f Figure) typeset.Line {
	if !f.known() || f.N <= 0 {
		return typeset.Line{}
	}
	return typeset.Set(p.count(f.N), typeset.Regular, smallSize-2)
}

func (p *page) bar(b band, column int, a axis, y, thick float64) {
	f, mid := b.at(column), y+thick/2
	if !f.known() {
		p.missing(f, a.at(0), mid, b.right-a.at(0))
		return
	}
	x0, x1 := a.at(0), a.at(f.Value)
	if f.Value != 0 { // the least there is can be seen, nothing cannot
		p.rect(math.Min(x0, x1), y, math.Max(2, math.Abs(x1-x0)), thick, category(column))
	}
	if f.interval() {
		p.whisker(point{a.at(f.Low), mid}, point{a.at(f.High), mid}, math.Min(11, thick/3))
	}
	value, n := p.valueOf(f), p.countOf(f)
	x := b.right + 18
	if p.beside() == 1 || n.Width == 0 {
		p.middle(value, x, mid, ink)
		p.middle(n, x+value.Width+12, mid, muted)
		return
	}
	p.middle(value, x, mid-17, ink)
	p.middle(n, x, mid+19, muted)
}

// whisker draws an interval: a dark line with ends, light around it so that it
// is seen on the bar and beside it.
func (p *page) whisker(a, b point, end float64) {
	p.whiskers = true
	across := func(q point, by float64) (point, point) {
		if a.y == b.y {
			return point{q.x, q.y - by}, point{q.x, q.y + by}
		}
		return point{q.x - by, q.y}, point{q.x + by, q.y}
	}
	for _, pass := range []struct{ thick, more float64 }{{8, 2.5}, {3, 0}} {
		c := ink
		if pass.more > 0 {
			c = fade(white, 0.85)
		}
		p.line(a, b, pass.thick, c)
		for _, q := range []point{a, b} {
			from, to := across(q, end+pass.more)
			p.line(from, to, pass.thick, c)
		}
	}
}

// verticals draws the grid of an axis behind the bands, with its values below
// and, on a tall chart, above; then it moves below.
func (p *page) verticals(a axis, bands []band) {
	last := bands[len(bands)-1]
	bottom := last.y + last.height
	write := func(y float64) {
		right := -math.MaxFloat64
		for _, t := range a.ticks {
			l := typeset.Set(p.tick(t), typeset.Regular, smallSize-2)
			if x := a.at(t) - l.Width/2; x > right+10 {
				p.text(l, x, y, muted)
				right = x + l.Width
			}
		}
	}
	if bottom-p.y > 1500 {
		write(p.y - 6)
	}
	for _, t := range a.ticks {
		p.line(point{a.at(t), p.y}, point{a.at(t), bottom}, 2, faint)
	}
	if a.low <= 0 {
		p.line(point{a.at(0), p.y}, point{a.at(0), bottom}, 3, muted)
	}
	write(bottom + 32)
	p.y = bottom + 44
}
