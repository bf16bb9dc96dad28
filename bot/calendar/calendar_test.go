package calendar_test

import (
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/calendar"
	"example.org/fieldbot/flows"
)

var zone = time.FixedZone("ICT", 7*3600)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		every    string
		day      int
		now      string
		key, due string
	}{
		{"month", 5, "2026-06-15 09:00", "2026-06", "2026-07-05"},
		{"month", 0, "2026-02-28 23:59", "2026-02", "2026-02-28"},
		{"month", 5, "2026-12-31 23:59", "2026-12", "2027-01-05"},
		{"week", 2, "2026-01-01 00:00", "2026-W01", "2026-01-06"},
		{"week", 1, "2027-01-03 12:00", "2026-W53", "2027-01-04"},
		{"quarter", 15, "2026-06-30 12:00", "2026-Q2", "2026-07-15"},
		{"year", 31, "2026-06-30 12:00", "2026", "2027-01-31"},
		{"day", 1, "2026-06-30 12:00", "2026-06-30", "2026-07-01"},
	} {
		d := &flows.Due{Every: c.every, Day: c.day}
		p := calendar.Of(d, at(t, c.now))
		if p.Key != c.key || p.Due.Format(time.DateOnly) != c.due {
			t.Errorf("%s %d at %s: %s due %s, want %s due %s", c.every, c.day, c.now, p.Key, p.Due.Format(time.DateOnly), c.key, c.due)
		}
		before, _ := calendar.Before(d, p)
		if q, ok := calendar.Find(d, before.Key, at(t, c.now)); !ok || !q.To.Equal(p.From) {
			t.Errorf("the period before %s is %s", p.Key, q.Key)
		}
	}
}

func TestCurrent(t *testing.T) {
	d := &flows.Due{Every: "month", Day: 5, Remind: []int{-3, -1, 2}}
	for now, want := range map[string]string{
		"2026-06-01 09:00": "2026-05", "2026-06-30 09:00": "2026-05", "2026-07-01 00:00": "2026-06", "2026-07-05 00:00": "2026-06",
	} {
		if p, ok := calendar.Current(d, at(t, now)); !ok || p.Key != want {
			t.Errorf("at %s the current period is %s, want %s", now, p.Key, want)
		}
	}
}

func TestRounds(t *testing.T) {
	d := &flows.Due{From: "2026-11-02", To: "2026-12-15", Remind: []int{-10, 2}}
	p := calendar.Of(d, at(t, "2026-06-01 09:00"))
	if p.Key != "2026-11-02" || p.Due.Format(time.DateOnly) != "2026-12-15" || p.To.Format(time.DateOnly) != "2026-12-16" {
		t.Errorf("the round is %+v", p)
	}
	for now, want := range map[string]bool{
		"2026-10-25 23:59": false, "2026-10-26 00:00": true, "2026-12-15 12:00": true, "2027-01-15 12:00": true, "2027-01-16 00:00": false,
	} {
		if _, ok := calendar.Current(d, at(t, now)); ok != want {
			t.Errorf("at %s the round is thought of: %v", now, ok)
		}
	}
	if _, ok := calendar.Before(d, p); ok {
		t.Error("there is a period before a round")
	}
	if q, ok := calendar.Find(d, "2026-11-02", at(t, "2028-01-01 09:00")); !ok || q != p {
		t.Errorf("found %v %+v", ok, q)
	}
	if _, ok := calendar.Find(d, "2025-11-02", at(t, "2028-01-01 09:00")); ok {
		t.Error("a round was found that is not in the calendar")
	}
	if p.Late(at(t, "2026-12-15 23:59")) || !p.Late(at(t, "2026-12-16 00:00")) {
		t.Error("a report is late after the last day of the round")
	}
	var h calendar.Hours
	for now, want := range map[string]int{"2026-12-04 08:59": 0, "2026-12-04 09:00": -10, "2026-12-16 09:00": 0, "2026-12-17 09:00": 2} {
		if r, ok := h.Reminder(d, p, at(t, now)); r != want || ok != (want != 0) {
			t.Errorf("at %s the reminder is %d %v, want %d", now, r, ok, want)
		}
	}
}

// When a report comes in that says no date of its own.
func TestReceived(t *testing.T) {
	for _, c := range []struct {
		due      flows.Due
		from, to string
	}{
		{flows.Due{Every: "month", Day: 5}, "2026-07-01", "2026-07-31"},
		{flows.Due{Every: "year"}, "2026-01-01", "2027-01-01"},
		{flows.Due{From: "2026-06-01", To: "2026-06-30"}, "2026-06-01", "2026-08-01"},
	} {
		from, to := calendar.Of(&c.due, at(t, "2026-06-15 09:00")).Received()
		if from.Format(time.DateOnly) != c.from || to.Format(time.DateOnly) != c.to {
			t.Errorf("%+v: from %v to %v", c.due, from, to)
		}
	}
}

func TestReminders(t *testing.T) {
	d := &flows.Due{Every: "month", Day: 5, Remind: []int{-3, -1, 2}}
	// June's report is due on Sunday, 5 July 2026; Thursday 2 July is a holiday
	h := calendar.Hours{Holidays: map[string]bool{"2026-07-02": true}}
	p := calendar.Of(d, at(t, "2026-06-15 12:00"))
	for _, c := range []struct {
		now string
		r   int
		ok  bool
	}{
		{"2026-07-01 08:59", 0, false},
		{"2026-07-01 09:00", -3, true}, // the day before the holiday
		{"2026-07-03 08:59", -3, true}, // not in working hours, which is Open's to say
		{"2026-07-03 09:00", -1, true}, // Friday, for Saturday
		{"2026-07-06 09:00", 0, false}, // no reminder of what is to come when it is late
		{"2026-07-07 09:00", 2, true},
		{"2026-07-09 09:00", 2, true},
		{"2026-07-20 09:00", 0, false}, // too old
	} {
		if r, ok := h.Reminder(d, p, at(t, c.now)); r != c.r || ok != c.ok {
			t.Errorf("at %s: %d %v, want %d %v", c.now, r, ok, c.r, c.ok)
		}
	}
	for now, open := range map[string]bool{
		"2026-07-01 09:00": true, "2026-07-01 16:59": true, "2026-07-01 17:00": false, "2026-07-01 08:59": false,
		"2026-07-02 10:00": false, "2026-07-04 10:00": false,
	} {
		if h.Open(at(t, now)) != open {
			t.Errorf("at %s working hours: %v", now, !open)
		}
	}
	if next := h.Next(at(t, "2026-07-01 09:00")); !next.Equal(at(t, "2026-07-03 09:00")) {
		t.Errorf("the next working hours begin %v", next)
	}
}

func TestReadHolidays(t *testing.T) {
	got, err := calendar.ReadHolidays(strings.NewReader("\ufeffdate,name\n2026-12-02,National Day\n2026-01-01,New Year\n"))
	if err != nil || len(got) != 2 || !got["2026-12-02"] {
		t.Errorf("%v %v", got, err)
	}
	if _, err := calendar.ReadHolidays(strings.NewReader("2026-12-02\n2.12.2026\n")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a wrong date gave %v", err)
	}
}
