package render

import (
	"math"
	"strconv"
	"strings"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
)

// maxSteps is how many values a range may have to be shown as buttons.
const maxSteps = 25

// A Range is the limits of a range question.
type Range struct{ Start, End, Step float64 }

// RangeOf reads the parameters of a range question; ODK's defaults are 1, 10, 1.
func RangeOf(n *flows.Node) Range {
	get := func(key string, otherwise float64) float64 {
		if x, err := strconv.ParseFloat(n.Parameters[key], 64); err == nil {
			return x
		}
		return otherwise
	}
	r := Range{get("start", 1), get("end", 10), math.Abs(get("step", 1))}
	if r.Step == 0 {
		r.Step = 1
	}
	return r
}

// Steps is how many values lie in the range.
func (r Range) Steps() int {
	n := math.Floor(math.Abs(r.End-r.Start)/r.Step+1e-9) + 1
	return int(min(n, 1e6))
}

// At is the i-th value, as an answer is typed.
func (r Range) At(i int) string {
	x := r.Start + float64(i)*r.Step
	if r.End < r.Start {
		x = r.Start - float64(i)*r.Step
	}
	return strconv.FormatFloat(math.Round(x*1e9)/1e9, 'f', -1, 64)
}

// index is which value of the range is written, the middle one if none is.
func (r Range) index(value string) int {
	if x, err := strconv.ParseFloat(value, 64); err == nil {
		i := int(math.Round(math.Abs(x-r.Start) / r.Step))
		return min(max(i, 0), r.Steps()-1)
	}
	return (r.Steps() - 1) / 2
}

// Stepper shows the question with the stepper at a value.
func (v *View) Stepper(p *flows.Prompt, at int) Screen {
	s := v.Prompt(p, 0)
	s.Rows = nil
	r := RangeOf(p.Node)
	v.stepper(&s, p, r, min(max(at, 0), r.Steps()-1))
	v.lastRow(&s, p)
	return s
}

// stepper moves by one value, by about a tenth of the range, and takes what it
// shows. The number can be typed as well.
func (v *View) stepper(s *Screen, p *flows.Prompt, r Range, at int) {
	last := r.Steps() - 1
	far := max(stride(last/10), 2)
	move := func(label string, by int) Button {
		return Button{Text: label, Data: v.data(p, Step, min(max(at+by, 0), last))}
	}
	by := func(n int) string { return v.number(float64(n) * r.Step) }
	s.Rows = append(s.Rows,
		[]Button{move("« −"+by(far), -far), move("‹ −"+by(1), -1), move("+"+by(1)+" ›", 1), move("+"+by(far)+" »", far)},
		[]Button{{Text: "✅ " + v.figure(r.At(at)), Data: v.data(p, Number, at)}})
}

// number writes a number as the language does, without what floating point adds.
func (v *View) number(x float64) string {
	return v.Words.Number(v.Lang, math.Round(x*1e9)/1e9, -1)
}

// figure writes a stored number as the language does. Numbers of up to four
// digits have no thousands mark: most of them are years.
func (v *View) figure(value string) string {
	x, err := strconv.ParseFloat(value, 64)
	if err != nil || len(value) >= 15 {
		return value
	}
	if x == math.Trunc(x) && math.Abs(x) < 10_000 {
		return strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), "-", "−", 1)
	}
	return v.number(x)
}

// stride is the round number (1, 2 or 5 and zeros) not above n.
func stride(n int) int {
	for _, k := range []int{10_000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2} {
		if n >= k {
			return k
		}
	}
	return 1
}

func (v *View) numbers(s *Screen, p *flows.Prompt, say func(string, locales.Args)) {
	r := RangeOf(p.Node)
	n := r.Steps()
	if n > maxSteps || p.Node.Appearance.Has("picker") && n > 12 {
		say("ask.range", locales.Args{"Start": r.Start, "End": r.End})
		v.stepper(s, p, r, r.index(p.Value))
		return
	}
	width := 5
	switch {
	case p.Node.Appearance.Has("vertical"):
		width = 1
	case n <= maxRow:
		width = n
	}
	var row []Button
	for i := range n {
		label := v.figure(r.At(i))
		if r.At(i) == p.Value {
			label = "• " + label
		}
		row = append(row, Button{Text: label, Data: v.data(p, Number, i)})
		if len(row) == width || i == n-1 {
			s.Rows, row = append(s.Rows, row), nil
		}
	}
}
