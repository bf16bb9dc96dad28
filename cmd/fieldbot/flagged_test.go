package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// Figures without flagged interviews, and of them alone, equal what is counted
// by hand, for every period; an export has the same interviews.
func TestFlaggedFiguresAreTrue(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) *stores{"SQLite": onSQLite, "Postgres": onServers} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			b, p := sufsBook(t, s)
			m := newMaker(t, p.Form)
			at := time.Date(2026, 10, 1, 0, 0, 0, 0, b.Zone)
			const days, each = 10, 12
			type truth struct{ n, women int64 }
			want := map[storage.Flagged]*[days]truth{}
			for _, f := range []storage.Flagged{"", storage.Unflagged, storage.AnyFlag, storage.FlagFast, storage.FlagRepeated} {
				want[f] = &[days]truth{}
			}
			seen, earlier := map[string]bool{}, []storage.Submission{}
			for i := range days * each {
				women := m.women
				v := m.make(at.Add(time.Duration(i) * 24 / each * time.Hour))
				sex := int64(m.women - women)
				fast := i%7 == 3
				if fast {
					v.Started = v.Finished.Add(-3 * time.Second)
				}
				if i%11 == 10 {
					old := earlier[i/2]
					v.Data, v.Province, v.District = old.Data, old.Province, old.District
					sex = 0
					if tally.Answer(v.Data, "sex") == "female" {
						sex = 1
					}
				}
				earlier = append(earlier, v)
				if _, _, err := s.Insert(t.Context(), v); err != nil {
					t.Fatal(err)
				}
				answers := fmt.Sprint(v.Data)
				repeated := seen[answers]
				seen[answers] = true
				for f, holds := range map[storage.Flagged]bool{"": true, storage.Unflagged: !fast && !repeated,
					storage.AnyFlag: fast || repeated, storage.FlagFast: fast, storage.FlagRepeated: repeated} {
					if day := v.Received.Sub(at) / (24 * time.Hour); holds {
						want[f][day].n++
						want[f][day].women += sex
					}
				}
			}
			for f, byDay := range want {
				for d, w := range byDay {
					from := at.AddDate(0, 0, d)
					day := tally.DayOf(from, b.Zone)
					read, err := b.Flagged(t.Context(), "sufs", f, figures.Span{From: day, To: day + 1})
					if err != nil {
						t.Fatal(err)
					}
					sum := read[0].Sum(tally.Place{})
					women, _ := sum.Figure(p, "women")
					if sum.Submissions != w.n || women.N != w.n || women.K != w.women {
						t.Errorf("%q, day %d: %d submissions, women %d of %d; true are %d, %d", f, d, sum.Submissions, women.K, women.N, w.n, w.women)
					}
				}
				var n, total int64
				x := bot.Extract{Filter: storage.Filter{FormID: "sufs", Flagged: f}}
				for _, err := range x.Rows(t.Context(), s.Results, p.Form, nil) {
					if err != nil {
						t.Fatal(err)
					}
					n++
				}
				for _, w := range byDay {
					total += w.n
				}
				if n != total || total == 0 {
					t.Errorf("%q: %d are exported of %d", f, n, total)
				}
			}
			d, err := b.Verify(t.Context(), "sufs", s.Results)
			if err != nil || len(d.Found) > 0 {
				t.Errorf("verify found %v, %v", d.Found, err)
			}
		})
	}
}

// Nobody is at a counter ten times in ten minutes: the link is told.
func TestBurstsOfALink(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 24 {
		v := d.add(activity{district: "1503", title: fmt.Sprint("Visit ", i)}) // one a minute
		v.ID, v.Link = v.ID+"b", []string{"counter", "office"}[i/12]
		if i >= 12 {
			v.Received = v.Received.Add(time.Duration(i) * time.Hour)
		}
		if _, _, err := d.s.Insert(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	out := d.run("tally", "flags", "activity_update")
	if want := "link counter\tburst of 12, 2026-05-04 10:01:00 to 2026-05-04 10:12:00\n"; strings.Count(out, "link ") != 1 || !strings.Contains(out, want) {
		t.Errorf("got:\n%s\nwithout %q", out, want)
	}
}
