package poster

import (
	"math"

	"example.org/fieldbot/flows/chart/typeset"
)

// A poster is laid out on paper of 210 by 297 millimetres and scaled to its
// size.
const (
	wide, high = 210.0, 297.0
	side       = 14.0 // margin
	inner      = wide - 2*side
	point      = 72 / 25.4 // points in a millimetre
	quiet      = 4         // modules around a code that stay white, by its standard
)

// A plan is where everything goes. The office's block has the height of the
// tallest, so that all else stands in one place on all pages.
type plan struct {
	*Sheet
	paper   size
	places  []place
	compact bool

	band    float64 // the height of the coloured head
	office  float64 // the height of the office's block
	codeTop float64
	codeLen float64 // a side of the code's white square
	foot    float64 // where what follows the code begins
}

// A paragraph is lines that are set.
type paragraph struct {
	lines []typeset.Line
	size  float64
}

func (p paragraph) height() float64 { return float64(len(p.lines)) * 1.45 * p.size }

// draw writes the paragraph from top on, its lines in the middle of a column,
// and returns where it ends.
func (p paragraph) draw(d *drawing, centre, top float64) float64 {
	for i, l := range p.lines {
		d.text(l, centre-l.Width/2, top+(float64(i)*1.45+1.06)*p.size)
	}
	return top + p.height()
}

// set breaks a text into at most two lines, smaller if it needs more.
func set(s string, style typeset.Style, size, width float64) paragraph {
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300])
	}
	for try := size; try > 0.55*size; try *= 0.92 {
		if lines := typeset.WrapEven(s, style, try, width, 0); len(lines) <= 2 {
			return paragraph{lines, try}
		}
	}
	return paragraph{typeset.Wrap(s, style, 0.55*size, width, 3), 0.55 * size}
}

func layout(s *Sheet, offices []Office) *plan {
	p := &plan{Sheet: s, compact: s.Size == Cards}
	p.paper = size{wide * point, high * point}
	if s.Size == A5 {
		p.paper = size{148 * point, 210 * point}
	}
	whole := place{scale: math.Min(p.paper.w/wide, p.paper.h/high), y: p.paper.h}
	p.places = []place{whole}
	if p.compact {
		k := whole.scale / 2
		p.places = nil
		for i := range 4 {
			p.places = append(p.places, place{k, float64(i%2) * wide * k, p.paper.h - float64(i/2)*high*k})
		}
	}
	p.band = 12 + p.height(p.titles())
	for _, o := range offices {
		p.office = math.Max(p.office, p.height(p.names(o)))
	}
	p.codeTop = p.band + 5 + p.office + 3
	below := p.height(p.scan()) + p.height(p.small()) + 12
	if !p.compact {
		below += pictureHigh + p.stepsHeight() + 8
	}
	p.codeLen = math.Min(math.Max(high-p.codeTop-below, 70), inner)
	p.foot = p.codeTop + p.codeLen
	return p
}

func (p *plan) height(list []paragraph) float64 {
	sum := 0.0
	for _, x := range list {
		sum += x.height()
	}
	return sum
}

// each sets a text in every language that has it, the first one larger.
func (p *plan) each(text func(lang string) string, style typeset.Style, size, width float64) []paragraph {
	var out []paragraph
	for _, lang := range p.Languages {
		if s := text(lang); s != "" {
			out = append(out, set(s, style, size, width))
			size *= 0.75
		}
	}
	return out
}

func (p *plan) word(key string) func(lang string) string {
	return func(lang string) string { return p.Words.Text(lang, key, nil) }
}

// big makes letters of cards larger: they are printed at half the size.
func (p *plan) big(size float64) float64 {
	if p.compact {
		return 1.5 * size
	}
	return size
}

// large does so for what is large already.
func (p *plan) large(size float64) float64 {
	if p.compact {
		return 1.2 * size
	}
	return size
}

func (p *plan) titles() []paragraph {
	return p.each(func(lang string) string { return p.Title[lang] }, typeset.Bold, p.large(10), inner)
}

func (p *plan) names(o Office) []paragraph {
	return p.each(func(lang string) string { return o.Name[lang] }, typeset.Bold, p.large(9), inner)
}

func (p *plan) scan() []paragraph {
	return p.each(p.word("poster.scan"), typeset.Bold, p.big(7), inner)
}

// small are the lines at the foot: the bot's name, the note.
func (p *plan) small() []paragraph {
	var out []paragraph
	if p.Bot != "" {
		out = p.each(func(lang string) string { return p.Words.Text(lang, "poster.link", map[string]any{"Bot": p.Bot}) },
			typeset.Regular, p.big(5), inner)
	}
	return append(out, p.each(func(lang string) string { return p.Note[lang] }, typeset.Regular, p.big(4.4), inner)...)
}

var stepWords = []string{"poster.step_camera", "poster.step_start", "poster.step_answer"}

const stepWide = inner / 3

func (p *plan) step(i int) []paragraph {
	return p.each(p.word(stepWords[i]), typeset.Regular, 4.8, stepWide-4)
}

func (p *plan) stepsHeight() float64 {
	h := 0.0
	for i := range stepWords {
		h = math.Max(h, p.height(p.step(i)))
	}
	return h
}

// common draws what all posters of the file show.
func (p *plan) common() []byte {
	var d drawing
	d.fill(blue)
	d.rect(0, 0, wide, p.band)
	d.fill(white)
	y := 6.0
	for _, t := range p.titles() {
		y = t.draw(&d, wide/2, y)
	}
	d.fill(ink)
	y = p.foot
	for i, t := range p.scan() {
		if i == 1 {
			d.fill(muted)
		}
		y = t.draw(&d, wide/2, y)
	}
	if !p.compact {
		y = p.steps(&d, y+4)
	}
	d.fill(muted)
	y += 3
	for _, t := range p.small() {
		y = t.draw(&d, wide/2, y)
	}
	return d.Bytes()
}

// steps draws the pictures with their numbers and what to do.
func (p *plan) steps(d *drawing, y float64) float64 {
	for i, picture := range pictures {
		x := side + float64(i)*stepWide
		picture(d, x+(stepWide-pictureWide)/2, y)
		d.fill(blue)
		d.round(x+1, y, 8, 8, 4)
		d.op("f")
		l := typeset.Set(string(rune('1'+i)), typeset.Bold, 5.6)
		d.fill(white)
		d.text(l, x+5-l.Width/2, y+6)
		top := y + pictureHigh + 2
		for j, t := range p.step(i) {
			d.fill(ink)
			if j > 0 {
				d.fill(muted)
			}
			top = t.draw(d, x+stepWide/2, top)
		}
	}
	return y + pictureHigh + 2 + p.stepsHeight()
}

// poster draws what is one office's own: its names and its code.
func (p *plan) poster(o Office, c code) []byte {
	var d drawing
	names := p.names(o)
	y := p.band + 5 + (p.office-p.height(names))/2
	d.fill(ink)
	for i, t := range names {
		if i == 1 {
			d.fill(muted)
		}
		y = t.draw(&d, wide/2, y)
	}
	box := p.codeBox()
	d.fill(colour{}) // plain black: coloured codes are read less well
	m := (box[2] - box[0]) / float64(c.size+2*quiet)
	d.code(c, box[0]+quiet*m, box[1]+quiet*m, float64(c.size)*m)
	return d.Bytes()
}

// codeBox returns the corners of the code with its quiet zone.
func (p *plan) codeBox() [4]float64 {
	x := (wide - p.codeLen) / 2
	return [4]float64{x, p.codeTop, x + p.codeLen, p.codeTop + p.codeLen}
}

// cuts draws where cards are cut.
func (p *plan) cuts() []byte {
	var d drawing
	d.stroke(muted)
	d.WriteString("[3 3] 0 d\n")
	w, h := p.paper.w, p.paper.h
	d.line(0.5, [2]float64{w / 2, 0}, [2]float64{w / 2, h})
	d.line(0.5, [2]float64{0, h / 2}, [2]float64{w, h / 2})
	return d.Bytes()
}
