// Package calendar works out for which periods reports are due, when, and when
// to remind of them: on working days, in working hours.
package calendar

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/fieldbot/flows"
)

// A Period is what a report is about. All times are midnights in the
// programme's zone.
type Period struct {
	Every string    // day, week, month, quarter or year; "" for a round
	Key   string    // as "2026-05", "2026-W22", "2026-Q2"; of a round its first day
	From  time.Time // its first day
	To    time.Time // the day after its last
	Due   time.Time // the last day on which a report is in time
}

// Late reports whether something received at t came after the due day.
func (p Period) Late(t time.Time) bool { return !t.Before(p.Due.AddDate(0, 0, 1)) }

// Of is the period in which t lies. A report is due on the n-th day after its
// period's end, n being Due.Day; on the last day of the period if that is 0. A
// round is one period, whatever t is, and due on its last day.
func Of(d *flows.Due, t time.Time) Period {
	y, m, day := t.Date()
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, t.Location()) }
	p := Period{Every: d.Every}
	if d.From != "" {
		from, err1 := time.ParseInLocation(time.DateOnly, d.From, t.Location())
		last, err2 := time.ParseInLocation(time.DateOnly, d.To, t.Location())
		if err1 == nil && err2 == nil { // as the compiler has seen
			return Period{Key: d.From, From: from, To: last.AddDate(0, 0, 1), Due: last}
		}
	}
	switch d.Every {
	case "day":
		p.From, p.To = at(y, m, day), at(y, m, day+1)
		p.Key = p.From.Format(time.DateOnly)
	case "week":
		monday := day - (int(t.Weekday())+6)%7
		p.From, p.To = at(y, m, monday), at(y, m, monday+7)
		year, week := p.From.ISOWeek()
		p.Key = fmt.Sprintf("%d-W%02d", year, week)
	case "quarter":
		first := (m-1)/3*3 + 1
		p.From, p.To = at(y, first, 1), at(y, first+3, 1)
		p.Key = fmt.Sprintf("%d-Q%d", y, (m-1)/3+1)
	case "year":
		p.From, p.To = at(y, 1, 1), at(y+1, 1, 1)
		p.Key = p.From.Format("2006")
	default:
		p.From, p.To = at(y, m, 1), at(y, m+1, 1)
		p.Key = p.From.Format("2006-01")
	}
	p.Due = p.To.AddDate(0, 0, d.Day-1)
	return p
}

// Before is the period before p; ok is false if p is a round, which has none.
func Before(d *flows.Due, p Period) (before Period, ok bool) {
	if d.From != "" {
		return p, false
	}
	return Of(d, p.From.AddDate(0, 0, -1)), true
}

// beforeRound and afterRound are for how many days a round is thought of before
// it begins and after it has ended.
const (
	beforeRound = 7
	afterRound  = 31
)

// Current is the period whose report is to be thought of at now: the one before
// until the first reminder of the present one. ok is false if none is: a round
// is thought of from a week before its first day, or before its first reminder if
// that is earlier, until a month after its last.
func Current(d *flows.Due, now time.Time) (p Period, ok bool) {
	lead := 3
	for _, r := range d.Remind {
		lead = max(lead, -r)
	}
	p = Of(d, now)
	first := p.Due.AddDate(0, 0, -lead)
	if d.From != "" {
		if p.From.Before(first) {
			first = p.From
		}
		return p, !now.Before(first.AddDate(0, 0, -beforeRound)) && now.Before(p.To.AddDate(0, 0, afterRound))
	}
	if now.Before(first) {
		return Before(d, p)
	}
	return p, true
}

// Received is between when a report of p comes in, if the form does not ask for
// its date: behind the period's end, since then it is written; in a round, and in
// a period on whose last day it is due, from its first day on.
func (p Period) Received() (from, to time.Time) {
	switch {
	case p.Every == "":
		return p.From, p.To.AddDate(0, 0, afterRound)
	case p.Due.Before(p.To):
		return p.From, p.To
	}
	return p.To, p.To.Add(p.To.Sub(p.From))
}

// Find returns the period of a key, looking back from now.
func Find(d *flows.Due, key string, now time.Time) (Period, bool) {
	p, more := Of(d, now), true
	for n := 0; n < 60 && more; n++ {
		if p.Key == key {
			return p, true
		}
		p, more = Before(d, p)
	}
	return Period{}, false
}

// Hours are when a bot may write unasked.
type Hours struct {
	From, To int             // hours of the day; 9 to 17 if both are 0
	Holidays map[string]bool // dates, as "2026-12-02"
}

func (h Hours) bounds() (from, to int) {
	if h.From == 0 && h.To == 0 {
		return 9, 17
	}
	return h.From, h.To
}

// Working reports whether t is on a working day.
func (h Hours) Working(t time.Time) bool {
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && !h.Holidays[t.Format(time.DateOnly)]
}

// Open reports whether t is in working hours.
func (h Hours) Open(t time.Time) bool {
	from, to := h.bounds()
	return h.Working(t) && t.Hour() >= from && t.Hour() < to
}

// Next is the first beginning of working hours after t.
func (h Hours) Next(t time.Time) time.Time {
	from, _ := h.bounds()
	y, m, d := t.Date()
	at := time.Date(y, m, d, from, 0, 0, 0, t.Location())
	for !at.After(t) || !h.Working(at) {
		d++
		at = time.Date(y, m, d, from, 0, 0, 0, t.Location())
	}
	return at
}

// Moment is when to remind of a report, r days after the due day or before it
// if r is negative. A reminder for a day off comes on the working day before;
// one of a report that is late, on the one behind.
func (h Hours) Moment(due time.Time, r int) time.Time {
	from, _ := h.bounds()
	step := -1
	if r > 0 {
		step = 1
	}
	day := due.AddDate(0, 0, r)
	for n := 0; !h.Working(day) && n < 366; n++ {
		day = day.AddDate(0, 0, step)
	}
	y, m, d := day.Date()
	return time.Date(y, m, d, from, 0, 0, 0, due.Location())
}

// missed is how long after its moment a reminder is still sent, if nothing ran
// then.
const missed = 3 * 24 * time.Hour

// Reminder is the reminder of a report that is to be sent at now: the latest of
// those whose moment has come. ok is false if there is none, or it is too old
// to be of use.
func (h Hours) Reminder(d *flows.Due, p Period, now time.Time) (r int, ok bool) {
	var last time.Time
	for _, k := range d.Remind {
		at := h.Moment(p.Due, k)
		if !at.After(now) && (!ok || at.After(last) || at.Equal(last) && k > r) {
			r, last, ok = k, at, true
		}
	}
	if ok && (now.Sub(last) > missed || r <= 0 && p.Late(now)) {
		return 0, false
	}
	return r, ok
}

// ReadHolidays reads a csv file of days off: a date, as 2026-12-02, in the first
// column; what stands behind it is for people. A first row without a date is a
// heading.
func ReadHolidays(r io.Reader) (map[string]bool, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	out := map[string]bool{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read holidays: %w", err)
		}
		date := strings.TrimSpace(strings.TrimPrefix(row[0], "\ufeff"))
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			if line, _ := in.FieldPos(0); line == 1 || date == "" {
				continue
			}
			line, _ := in.FieldPos(0)
			return nil, fmt.Errorf("read holidays: line %d: %q is not a date like 2026-12-02", line, date)
		}
		out[date] = true
	}
}
