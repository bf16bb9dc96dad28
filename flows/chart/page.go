package chart

import (
	"image/color"
	"math"

	"example.org/fieldbot/flows/chart/typeset"
)

// Sizes of the page, in the pixels of a picture that is as wide as the screen
// of a phone. Letters of 26 are the smallest that are read there with ease.
const (
	pageWidth    = 1080
	margin       = 44
	titleSize    = 44
	subtitleSize = 30
	labelSize    = 32
	smallSize    = 26
	lineHeight   = 1.5 // of the size
	gap          = 20
)

// A page is a scene that is filled from the top.
type page struct {
	scene
	*Chart
	y float64 // where the next thing begins
	// whiskers and shades: some were drawn, and the footer says what they are.
	whiskers, shades bool
}

func newPage(c *Chart) *page {
	p := &page{Chart: c, y: margin - 8}
	p.scene.width = pageWidth
	inner := float64(pageWidth - 2*margin)
	p.block(c.Title, typeset.Bold, titleSize, inner, 4, ink)
	p.block(c.Subtitle, typeset.Regular, subtitleSize, inner, 4, muted)
	p.y += gap
	return p
}

func (p *page) word(key string) string { return p.Chart.word(key, nil) }

// block writes wrapped text from the left margin and moves below it.
func (p *page) block(s string, style typeset.Style, size, width float64, lines int, c color.NRGBA) {
	if s == "" {
		return
	}
	set := typeset.Wrap
	if style == typeset.Bold {
		set = typeset.WrapEven
	}
	for _, l := range set(trim(s), style, size, width, lines) {
		p.text(l, margin, p.y+1.08*size, c)
		p.y += lineHeight * size
	}
}

func wrap(s string, style typeset.Style, size, width float64, lines int) []typeset.Line {
	return typeset.Wrap(trim(s), style, size, width, lines)
}

// sentence stands where a picture would.
func (p *page) sentence(s string) {
	p.y += gap
	p.block(s, typeset.Regular, labelSize, pageWidth-2*margin, 3, muted)
	p.y += gap
}

func (p *page) footer() {
	p.y += gap / 2
	switch {
	case p.whiskers:
		p.block(p.word("chart.interval"), typeset.Regular, smallSize, pageWidth-2*margin, 2, muted)
	case p.shades:
		p.block(p.word("chart.band"), typeset.Regular, smallSize, pageWidth-2*margin, 2, muted)
	}
	p.block(p.Note, typeset.Regular, smallSize, pageWidth-2*margin, 6, muted)
	p.height = math.Ceil(p.y + margin/2)
}

// middle writes a line with the middle of its letters at y.
func (p *page) middle(l typeset.Line, x, y float64, c color.NRGBA) { p.text(l, x, y+0.33*l.Size, c) }

// A key is an entry of a legend.
type key struct {
	label string
	draw  func(x, y float64) // a sign around a middle, at most signWidth wide
}

const signWidth = 48

// legend writes entries side by side, in as many lines as they need.
func (p *page) legend(keys []key) {
	const size = 28
	sign := 34.0
	if p.Kind == Lines {
		sign = signWidth
	}
	x := float64(margin)
	for _, k := range keys {
		l := wrap(k.label, typeset.Regular, size, pageWidth-2*margin-sign-10, 1)[0]
		if w := sign + 10 + l.Width; x > margin && x+w > pageWidth-margin {
			x, p.y = margin, p.y+48
		}
		k.draw(x+sign/2, p.y+24)
		p.middle(l, x+sign+10, p.y+24, ink)
		x += sign + 10 + l.Width + 34
	}
	p.y += 48 + gap
}

func (p *page) swatch(c color.NRGBA) func(x, y float64) {
	return func(x, y float64) { p.rect(x-15, y-15, 30, 30, c) }
}

// A band is where a row is drawn: its label at the left, its figures between
// left and right, its values behind.
type band struct {
	Row
	y, height   float64
	left, right float64
	label       []typeset.Line
}

func (b band) middle() float64 { return b.y + b.height/2 }

// bands divides the page into rows. gutter is kept free at the right, least is
// the height of a row with a label of one line.
func (p *page) bands(gutter, least float64) []band {
	const widest = 0.36 * (pageWidth - 2*margin)
	width := 0.0
	labels := make([][]typeset.Line, len(p.Rows))
	for i, r := range p.Rows {
		if r.heading() {
			labels[i] = wrap(r.Label, typeset.Bold, labelSize, pageWidth-2*margin, 2)
			continue
		}
		labels[i] = wrap(r.Label, typeset.Regular, labelSize, widest, 4)
		for _, l := range labels[i] {
			width = math.Max(width, l.Width)
		}
	}
	out := make([]band, len(p.Rows))
	y := p.y
	for i, r := range p.Rows {
		height := math.Max(least, float64(len(labels[i]))*1.34*labelSize+22)
		if r.heading() {
			height = float64(len(labels[i]))*lineHeight*labelSize + gap
		}
		out[i] = band{Row: r, y: y, height: height, left: margin + width + gap, right: pageWidth - margin - gutter, label: labels[i]}
		y += height
	}
	return out
}

// label writes the row's name, its lines around the middle of the band.
func (p *page) label(b band) {
	if b.heading() {
		for i, l := range b.label {
			p.text(l, margin, b.y+gap/2+1.1*labelSize+float64(i)*lineHeight*labelSize, ink)
		}
		return
	}
	step := 1.34 * labelSize
	y := b.middle() - step*float64(len(b.label)-1)/2
	for i, l := range b.label {
		p.middle(l, margin, y+float64(i)*step, ink)
	}
}

// missing says in the row why there is no figure.
func (p *page) missing(f Figure, x, y, width float64) {
	l := wrap(p.figure(Figure{State: f.State, Value: math.NaN()}), typeset.Regular, smallSize, width, 1)[0]
	p.rect(x+4, y-20, l.Width+8, 40, white)
	p.middle(l, x+8, y, muted)
}

// An axis maps values to places.
type axis struct {
	low, high float64
	from, to  float64
	ticks     []float64
}

func (a axis) at(v float64) float64 {
	v = math.Max(a.low, math.Min(a.high, v))
	return a.from + (v-a.low)/(a.high-a.low)*(a.to-a.from)
}

// span returns an axis that holds zero and all values and intervals.
func (p *page) span() axis {
	low, high := 0.0, 0.0
	for _, r := range p.Rows {
		for _, f := range r.Figures {
			if !f.known() {
				continue
			}
			low, high = math.Min(low, f.Value), math.Max(high, f.Value)
			if f.interval() {
				low, high = math.Min(low, f.Low), math.Max(high, f.High)
			}
		}
	}
	if p.Unit == Shares && low == 0 && high > 0.5 && high <= 1 {
		return axis{low: 0, high: 1, ticks: []float64{0, 0.25, 0.5, 0.75, 1}}
	}
	return nice(low, high, p.Unit == Numbers && p.Decimals == 0)
}

// nice returns an axis with round steps around low and high.
func nice(low, high float64, whole bool) axis {
	if high <= low {
		high = low + 1
	}
	raw := (high - low) / 4
	step := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 2.5, 5, 10} {
		if f*step >= raw*0.999 {
			step *= f
			break
		}
	}
	if whole {
		step = math.Max(1, math.Ceil(step))
	}
	a := axis{low: math.Floor(low/step+1e-9) * step, high: math.Ceil(high/step-1e-9) * step}
	for i := 0.0; i <= 20 && a.low+i*step <= a.high+step/2; i++ {
		a.ticks = append(a.ticks, a.low+i*step)
	}
	return a
}

// tick writes a value of an axis: shares as percentages, numbers short.
func (p *page) tick(v float64) string {
	if p.Unit == Shares {
		return p.value(v)
	}
	return Text(p.Words, p.Lang, Numbers, -1, math.Round(v*1e6)/1e6)
}
