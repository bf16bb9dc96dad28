package chart

import (
	"image/color"
	"math"

	"example.org/fieldbot/flows/chart/typeset"
)

const (
	gridRow   = 46
	gridLabel = 28
	// gridScreen is what a phone shows at once: then the periods are repeated.
	gridScreen = 1400
)

// grid draws who reported in which period: rows of cells.
func (p *page) grid() {
	p.gridLegend()
	left := p.gridLeft()
	n := float64(p.columns())
	x := axis{low: 0, high: n, from: left, to: pageWidth - margin}
	cell := math.Min(96, (x.to-x.from)/n)
	x.to = x.from + n*cell
	centres := axis{low: -0.5, high: n - 0.5, from: x.from, to: x.to}
	head := p.gridHead(centres)
	for _, r := range p.Rows {
		if p.y-head > gridScreen {
			head = p.gridHead(centres)
		}
		if r.heading() {
			p.y += 8
			p.block(r.Label, typeset.Bold, gridLabel, pageWidth-2*margin, 1, ink)
			p.y += 2
			continue
		}
		l := wrap(r.Label, typeset.Regular, gridLabel, left-margin-12, 1)[0]
		p.middle(l, margin, p.y+gridRow/2, ink)
		for i := range p.columns() {
			p.cell(r.at(i), x.at(float64(i))+2, p.y+2, cell-4, gridRow-4)
		}
		p.y += gridRow
	}
}

// gridHead writes the periods above the rows and returns where these begin.
func (p *page) gridHead(x axis) float64 {
	p.y += p.periods(x, p.y-14) - gap
	return p.y
}

// gridLeft returns where the cells begin: labels may take up to two fifths.
func (p *page) gridLeft() float64 {
	w := 0.0
	for _, r := range p.Rows {
		if !r.heading() {
			w = math.Max(w, wrap(r.Label, typeset.Regular, gridLabel, 0.4*pageWidth, 1)[0].Width)
		}
	}
	return margin + w + 14
}

func (p *page) gridLegend() {
	const side = 34
	p.legend([]key{
		{p.word("chart.reported"), func(x, y float64) { p.rect(x-side/2, y-side/2, side, side, blue) }},
		{p.word("chart.late"), func(x, y float64) { p.lateCell(x-side/2, y-side/2, side, side) }},
		{p.word("chart.missing"), func(x, y float64) { p.cell(Figure{}, x-side/2, y-side/2, side, side) }},
		{p.word("chart.not_due"), func(x, y float64) { p.cell(Figure{State: None}, x-side/2, y-side/2, side, side) }},
	})
}

func (p *page) cell(f Figure, x, y, w, h float64) {
	mid := point{x + w/2, y + h/2}
	switch {
	case !f.known():
		p.circle(mid.x, mid.y, 3, muted)
	case f.State == Late:
		p.lateCell(x, y, w, h)
		p.cellValue(f, x, y, w, h, orange)
	case f.Value > 0:
		p.rect(x, y, w, h, blue)
		p.cellValue(f, x, y, w, h, blue)
	default:
		p.frame(x, y, w, h, 2.5, red)
		r := math.Min(8, w/4)
		p.line(point{mid.x - r, mid.y - r}, point{mid.x + r, mid.y + r}, 3.5, red)
		p.line(point{mid.x - r, mid.y + r}, point{mid.x + r, mid.y - r}, 3.5, red)
	}
}

// lateCell has a cut corner, to differ in more than its colour.
func (p *page) lateCell(x, y, w, h float64) {
	cut := math.Min(14, w/2)
	p.polygon(orange, point{x, y}, point{x + w - cut, y}, point{x + w, y + cut}, point{x + w, y + h}, point{x, y + h})
}

func (p *page) cellValue(f Figure, x, y, w, h float64, c color.NRGBA) {
	if l := typeset.Set(p.value(f.Value), typeset.Bold, smallSize); f.Value > 0 && l.Width+4 <= w {
		p.middle(l, x+(w-l.Width)/2, y+h/2, on(c))
	}
}
