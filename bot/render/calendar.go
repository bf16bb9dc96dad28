package render

import (
	"fmt"
	"strconv"
	"time"

	"example.org/fieldbot/flows"
)

// days are the buttons under a date: the usual answers, and the calendar.
func (v *View) days(p *flows.Prompt) [][]Button {
	today := v.Now
	row := []Button{
		v.button(p, "ask.today", Date, dayArg(today)),
		v.button(p, "ask.yesterday", Date, dayArg(today.AddDate(0, 0, -1))),
	}
	month := today
	if t, err := time.Parse(time.DateOnly, p.Value[:min(10, len(p.Value))]); err == nil {
		month = t
	}
	if part := partOf(p.Node); part != wholeDay {
		return v.parts(p, part, month.Year())
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

// A datePart is how much of a date a question asks for.
type datePart int

const (
	wholeDay datePart = iota
	onlyMonth
	onlyYear
)

func partOf(n *flows.Node) datePart {
	switch {
	case n.Appearance.Has("month-year"):
		return onlyMonth
	case n.Appearance.Has("year"):
		return onlyYear
	}
	return wholeDay
}

// parts are the months of a year to press, or the ten years around it.
func (v *View) parts(p *flows.Prompt, part datePart, year int) (rows [][]Button) {
	year = min(max(year, 1811), 2389)
	turn := func(label string, year int) Button {
		return Button{Text: label, Data: v.data(p, Calendar, year*100+1)}
	}
	var row []Button
	add := func(label string, date, width int) {
		if row = append(row, Button{Text: label, Data: v.data(p, Date, date)}); len(row) == width {
			rows, row = append(rows, row), nil
		}
	}
	if part == onlyMonth {
		rows = append(rows, []Button{turn("‹", year-1), turn(strconv.Itoa(year), year), turn("›", year+1)})
		for m := time.January; m <= time.December; m++ {
			add(v.Words.Month(v.Lang, m), year*10000+int(m)*100+1, 3)
		}
		return rows
	}
	first := year - year%10
	rows = append(rows, []Button{turn("‹", first-10), turn(fmt.Sprintf("%d–%d", first, first+9), first), turn("›", first+10)})
	for y := first; y < first+10; y++ {
		add(strconv.Itoa(y), y*10000+101, 5)
	}
	return rows
}

// Month shows the question with a month of days to press, or the months of a
// year, or ten years, as it asks for. arg is yyyymm.
func (v *View) Month(p *flows.Prompt, arg int) Screen {
	if part := partOf(p.Node); part != wholeDay {
		s := v.Prompt(p, 0)
		s.Rows = v.parts(p, part, arg/100)
		v.lastRow(&s, p)
		return s
	}
	first := time.Date(arg/100, time.Month(arg%100), 1, 0, 0, 0, 0, time.UTC)
	if y := first.Year(); y < 1 || y > 9998 {
		first = time.Date(v.Now.Year(), v.Now.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	s := v.Prompt(p, 0)
	here := v.data(p, Wait, 0)
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

// clock are the hours to press below a question for a time.
func (v *View) clock(p *flows.Prompt, day int) (rows [][]Button) {
	var row []Button
	for h := range 24 {
		if row = append(row, Button{Text: fmt.Sprintf("%02d", h), Data: v.data(p, Hour, day*100+h)}); len(row) == 6 {
			rows, row = append(rows, row), nil
		}
	}
	return rows
}

// Clock shows the question with the hours of a day to press, day being yyyymmdd.
func (v *View) Clock(p *flows.Prompt, day int) Screen {
	s := v.Prompt(p, 0)
	s.Rows = append([][]Button{v.chosenDay(p, day)}, v.clock(p, day)...)
	v.lastRow(&s, p)
	return s
}

// Minutes shows the question with the minutes of an hour to press. arg is
// yyyymmddhh, of a question for a time alone hh.
func (v *View) Minutes(p *flows.Prompt, arg int) Screen {
	s := v.Prompt(p, 0)
	s.Rows = nil
	if arg >= 100 {
		s.Rows = [][]Button{v.chosenDay(p, arg/100)}
	}
	var row []Button
	for m := 0; m < 60; m += 5 {
		row = append(row, Button{Text: fmt.Sprintf("%02d:%02d", arg%100, m), Data: v.data(p, Minute, arg*100+m)})
		if len(row) == 4 {
			s.Rows, row = append(s.Rows, row), nil
		}
	}
	v.lastRow(&s, p)
	return s
}

// chosenDay shows a day; pressing it chooses another.
func (v *View) chosenDay(p *flows.Prompt, day int) []Button {
	t := time.Date(day/10000, time.Month(day/100%100), day%100, 0, 0, 0, 0, time.UTC)
	return []Button{{Text: "📅 " + v.Words.Date(v.Lang, t), Data: v.data(p, Calendar, monthArg(t))}}
}

// TimeOf reads the Arg of Minute as what a question of a type stores. ok is false
// if there is no such moment.
func TimeOf(typ string, arg int, zone *time.Location) (value string, ok bool) {
	day, h, m := arg/10000, arg/100%100, arg%100
	if h > 23 || m > 59 {
		return "", false
	}
	if typ == "time" {
		return time.Date(2000, 1, 1, h, m, 0, 0, zone).Format("15:04:05.000-07:00"), true
	}
	if _, ok := DateOf(day); !ok {
		return "", false
	}
	t := time.Date(day/10000, time.Month(day/100%100), day%100, h, m, 0, 0, zone)
	return t.Format("2006-01-02T15:04:05.000-07:00"), true
}
