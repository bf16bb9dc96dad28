package render

import (
	"math"
	"strconv"
	"time"

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
	value := r.At(at)
	s.Rows = append(s.Rows,
		[]Button{move("« −"+r.by(far), -far), move("‹ −"+r.by(1), -1), move("+"+r.by(1)+" ›", 1), move("+"+r.by(far)+" »", far)},
		[]Button{{Text: "✅ " + value, Data: v.data(p, Number, at)}})
}

// by is what n steps change.
func (r Range) by(n int) string {
	return strconv.FormatFloat(math.Round(float64(n)*r.Step*1e9)/1e9, 'f', -1, 64)
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
	if n <= maxRow && !p.Node.Appearance.Has("vertical") {
		width = n
	}
	var row []Button
	for i := range n {
		label := r.At(i)
		if label == p.Value {
			label = "• " + label
		}
		row = append(row, Button{Text: label, Data: v.data(p, Number, i)})
		if len(row) == width || i == n-1 {
			s.Rows, row = append(s.Rows, row), nil
		}
	}
}

// days are the buttons under a date: the usual answers, and the calendar.
func (v *View) days(p *flows.Prompt) [][]Button {
	if p.Node.Appearance.Has("month-year", "year") {
		return nil
	}
	today := v.Now
	row := []Button{
		v.button(p, "ask.today", Date, dayArg(today)),
		v.button(p, "ask.yesterday", Date, dayArg(today.AddDate(0, 0, -1))),
	}
	month := today
	if t, err := time.Parse(time.DateOnly, p.Value); err == nil {
		month = t
	}
	if p.Node.Appearance.Has("no-calendar") {
		return [][]Button{row}
	}
	label := "📅 " + v.Words.Text(v.Lang, "ask.calendar", nil)
	return [][]Button{row, {{Text: label, Data: v.data(p, Calendar, monthArg(month))}}}
}

func dayArg(t time.Time) int   { return t.Year()*10000 + int(t.Month())*100 + t.Day() }
func monthArg(t time.Time) int { return t.Year()*100 + int(t.Month()) }

// DateOf reads the Arg of Date as a stored date. ok is false if there is no such day.
func DateOf(arg int) (value string, ok bool) {
	t := time.Date(arg/10000, time.Month(arg/100%100), arg%100, 0, 0, 0, 0, time.UTC)
	if arg < 1_0101 || dayArg(t) != arg {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// Month shows the question with a month of days to press. arg is yyyymm.
func (v *View) Month(p *flows.Prompt, arg int) Screen {
	first := time.Date(arg/100, time.Month(arg%100), 1, 0, 0, 0, 0, time.UTC)
	if y := first.Year(); y < 1 || y > 9998 {
		first = time.Date(v.Now.Year(), v.Now.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	s := v.Prompt(p, 0)
	here := v.data(p, Calendar, monthArg(first))
	turn := func(label string, years, months int) Button {
		return Button{Text: label, Data: v.data(p, Calendar, monthArg(first.AddDate(years, months, 0)))}
	}
	s.Rows = [][]Button{{turn("«", -1, 0), turn("‹", 0, -1),
		{Text: v.Words.MonthYear(v.Lang, first), Data: here}, turn("›", 0, 1), turn("»", 1, 0)}}
	var row []Button
	for d := range 7 { // weeks begin on Monday
		row = append(row, Button{Text: v.weekday(time.Weekday((d + 1) % 7)), Data: here})
	}
	s.Rows, row = append(s.Rows, row), nil
	for range (int(first.Weekday()) + 6) % 7 {
		row = append(row, Button{Text: "·", Data: here})
	}
	for day := first; day.Month() == first.Month(); day = day.AddDate(0, 0, 1) {
		label := strconv.Itoa(day.Day())
		if day.Format(time.DateOnly) == v.Now.Format(time.DateOnly) {
			label = "[" + label + "]"
		}
		row = append(row, Button{Text: label, Data: v.data(p, Date, dayArg(day))})
		if len(row) == 7 {
			s.Rows, row = append(s.Rows, row), nil
		}
	}
	for len(row) > 0 && len(row) < 7 {
		row = append(row, Button{Text: "·", Data: here})
	}
	if len(row) > 0 {
		s.Rows = append(s.Rows, row)
	}
	v.lastRow(&s, p)
	return s
}
