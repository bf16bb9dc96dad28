package tally

import (
	"reflect"
	"testing"
	"time"
)

func TestBursts(t *testing.T) {
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	var b Bursts
	if b.List() != nil {
		t.Error("a burst of nothing")
	}
	for i := range 60 {
		now := at.Add(time.Duration(i) * time.Minute)
		b.Add("", now)           // no link, though many
		b.Add("counter", now)    // one a minute: ten within nine minutes
		if i%2 == 0 || i >= 50 { // one in two minutes, then one a minute
			b.Add("office", now)
		}
		if i < 9 || i > 40 && i < 50 { // nine, and nine
			b.Add("market", now)
		}
	}
	want := []Burst{
		{"counter", 60, at, at.Add(59 * time.Minute)},
		{"office", 11, at.Add(48 * time.Minute), at.Add(59 * time.Minute)},
	}
	if got := b.List(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	// It ends, and there is another on another day.
	for i := range 12 {
		b.Add("office", at.Add(24*time.Hour+time.Duration(i)*time.Second))
	}
	want = append(want, Burst{"office", 12, at.Add(24 * time.Hour), at.Add(24*time.Hour + 11*time.Second)})
	if got := b.List(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
