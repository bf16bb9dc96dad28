package schedule_test

import (
	"testing"
	"time"

	"example.org/fieldbot/bot/schedule"
)

func TestWeekly(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Vientiane")
	if err != nil {
		t.Fatal(err)
	}
	w := schedule.Weekly{Day: time.Monday, Hour: 8, Zone: zone}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ now, last, next string }{
		{"2026-11-24 10:00", "2026-11-23 08:00", "2026-11-30 08:00"},
		{"2026-11-30 07:59", "2026-11-23 08:00", "2026-11-30 08:00"},
		{"2026-11-30 08:00", "2026-11-30 08:00", "2026-12-07 08:00"},
		{"2026-12-31 23:00", "2026-12-28 08:00", "2027-01-04 08:00"},
	} {
		if got := w.Next(at(c.now)); !got.Equal(at(c.next)) {
			t.Errorf("after %s: next is %v", c.now, got)
		}
		if got := w.Last(at(c.now).UTC()); !got.Equal(at(c.last)) {
			t.Errorf("at %s: last was %v", c.now, got)
		}
	}
	if w.Spec() != "weekly Mon 08:00" {
		t.Error(w.Spec())
	}
}

// Where summer time is, the hour of the day stays.
func TestWeeklyThroughSummerTime(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	w := schedule.Weekly{Day: time.Monday, Hour: 8, Zone: zone}
	next := w.Next(time.Date(2026, 3, 24, 12, 0, 0, 0, zone))
	if next.Hour() != 8 || next.Day() != 30 || w.Last(next).Day() != 30 || w.Last(next.Add(-time.Second)).Hour() != 8 {
		t.Errorf("next is %v", next)
	}
}
