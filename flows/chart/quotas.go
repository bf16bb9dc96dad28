package chart

import (
	"math"

	"example.org/fieldbot/flows/chart/typeset"
)

const quotaThick = 44

// quotas draws what is reached of each target. All targets stand at one line,
// so that the rows compare; what goes beyond is drawn up to a third more.
func (p *page) quotas() {
	bands := p.bands(p.quotaGutter(), 88)
	most := 1.0
	for _, r := range p.Rows {
		if f := r.at(0); f.known() && f.Target > 0 {
			most = math.Max(most, math.Min(4.0/3, f.Value/f.Target))
		}
	}
	a := axis{low: 0, high: most, from: bands[0].left, to: bands[0].right}
	for _, b := range bands {
		p.label(b)
		if !b.heading() {
			p.quota(b, a)
		}
	}
	last := bands[len(bands)-1]
	p.y = last.y + last.height
}

// quotaTexts returns what stands behind a quota's bar: "610 / 600" and "102%".
func (p *page) quotaTexts(f Figure) (value, share typeset.Line) {
	if !f.known() {
		return
	}
	s := p.value(f.Value)
	if f.Target > 0 {
		s += " / " + p.value(f.Target)
		share = typeset.Set(p.words().Percent(p.Lang, f.Value/f.Target), typeset.Regular, smallSize)
	}
	return typeset.Set(s, typeset.Bold, labelSize-4), share
}

func (p *page) quotaGutter() float64 {
	w := 0.0
	for _, r := range p.Rows {
		value, share := p.quotaTexts(r.at(0))
		w = math.Max(w, math.Max(value.Width, share.Width+34))
	}
	return w + 24
}

func (p *page) quota(b band, a axis) {
	f, y := b.at(0), b.middle()-quotaThick/2
	p.rect(a.at(0), y, a.at(1)-a.at(0), quotaThick, track)
	if !f.known() {
		p.missing(f, b.left, b.middle(), b.right-b.left)
		return
	}
	x := b.right + 24
	value, share := p.quotaTexts(f)
	if f.Target <= 0 {
		p.middle(value, x, b.middle(), ink)
		return
	}
	c := blue
	if f.Value >= f.Target {
		c = green
	}
	p.rect(a.at(0), y, a.at(f.Value/f.Target)-a.at(0), quotaThick, c)
	p.line(point{a.at(1), y - 10}, point{a.at(1), y + quotaThick + 10}, 4, ink)
	p.middle(value, x, b.middle()-18, ink)
	p.middle(share, x, b.middle()+20, muted)
	if f.Value >= f.Target {
		p.check(x+share.Width+20, b.middle()+20) // not by colour alone
	}
}

// check draws a tick mark.
func (p *page) check(x, y float64) {
	p.line(point{x - 9, y + 1}, point{x - 2, y + 8}, 5, green)
	p.line(point{x - 3.5, y + 8.5}, point{x + 11, y - 9}, 5, green)
}
