package bot

import (
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

func TestAllowance(t *testing.T) {
	var a allowance
	now := time.Now()
	taken := 0
	for range 500 {
		if a.take(now) {
			taken++
		}
	}
	if taken != burstUpdates {
		t.Errorf("%d at once, want %d", taken, burstUpdates)
	}
	if a.take(now.Add(900*time.Millisecond)) || !a.take(now.Add(time.Second)) || a.take(now.Add(time.Second)) {
		t.Error("not one more after a second")
	}
	files := 0
	for a.room(20<<20, now) {
		files++
	}
	if files != 10 {
		t.Errorf("%d files of 20 MiB at once", files)
	}
	if !a.room(1000, now.Add(time.Minute)) || a.room(20<<20, now.Add(time.Minute)) || !a.room(20<<20, now.Add(time.Hour)) {
		t.Error("files are not let through again with time")
	}
}

func TestFits(t *testing.T) {
	s := &storage.Session{Open: []storage.Interview{{Instance: make([]byte, maxSession/2)}, {Instance: make([]byte, maxSession/2)}}}
	if !fits(s) {
		t.Error("half and half does not fit")
	}
	s.Kept = "x"
	if fits(s) {
		t.Error("more than may be fits")
	}
}
