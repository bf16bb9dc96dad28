package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// Somebody reads all that is published: of three months, and, after the setting
// was changed, of the quarter. The quarter less two months would be the third, with
// what is hidden in it; so it is refused, and all that can be subtracted are
// tables of periods that share no day.
func TestPublishedPeriodsCannotBeSubtracted(t *testing.T) {
	t.Parallel()
	s := onSQLite(t)
	b, p := sufsBook(t, s)
	m := newMaker(t, p.Form)
	m.districts = []string{"0101", "0102", "0201"}
	for i := range 120 {
		at := time.Date(2026, 4, 1+i*90/120, 3, 0, 0, 0, time.UTC)
		if i%30 > 2 {
			m.districts = []string{"0101", "0201"}
		} else {
			m.districts = []string{"0102"} // few, each month
		}
		if _, _, err := s.Insert(t.Context(), m.make(at)); err != nil {
			t.Fatal(err)
		}
	}
	b.Clock = func() time.Time { return time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC) }
	few := 0
	for _, month := range []string{"2026-04", "2026-05", "2026-06"} {
		period, err := tally.ParsePeriod(month)
		if err != nil {
			t.Fatal(err)
		}
		table, err := b.Publish(t.Context(), "sufs", period)
		if err != nil {
			t.Fatal(err)
		}
		if c, _ := table.Submissions(tally.Place{Province: "01", District: "0102"}); c.Hidden {
			few++
		}
	}
	if few == 0 {
		t.Fatal("nothing is hidden: the test tries nothing")
	}
	source, err := library.Open("sufs")
	if err != nil {
		t.Fatal(err)
	}
	quarterly := strings.Replace(strings.Replace(string(source), "| form_id |", "| published | form_id |", 1), "| sufs |", "| quarter | sufs |", 1)
	v := storage.FormVersion{FormID: "sufs", Name: "sufs.md", Source: []byte(quarterly), Published: time.Now()}
	f, err := bot.Compile(v)
	if err != nil {
		t.Fatal(err)
	}
	if figures.Every(f) != "quarter" {
		t.Fatalf("the setting is %q", figures.Every(f))
	}
	v.Hash = f.Hash
	if err := s.Publish(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	b.Forget()
	for _, name := range []string{"2026-Q2", "2026", "2026-W15", "2026-05-10"} {
		period, err := tally.ParsePeriod(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "2026" {
			b.Clock = func() time.Time { return time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC) }
		}
		if _, err := b.Publish(t.Context(), "sufs", period); !errors.Is(err, figures.ErrOverlap) {
			t.Errorf("%s is published beside its months: %v", name, err)
		}
	}
	if period, _ := tally.ParsePeriod("2026-Q3"); period.Name == "" {
		t.Error("no period")
	} else if _, err := b.Publish(t.Context(), "sufs", period); err != nil {
		t.Errorf("the next quarter: %v", err)
	}
}

// Every number in the digest is worked out here from the answers alone, interval
// and test included, and stands in its line.
func TestDigestSaysWhatIsTrue(t *testing.T) {
	t.Parallel()
	s := onSQLite(t)
	b, p := sufsBook(t, s)
	now, before := newMaker(t, p.Form), newMaker(t, p.Form)
	now.districts, before.districts = []string{"0101", "0102", "0201"}, []string{"0101", "0201"}
	before.n = 10_000
	to := time.Date(2026, 10, 12, 0, 0, 0, 0, b.Zone)
	count := map[string]int{}
	for i := range 240 {
		v := now.make(to.AddDate(0, 0, -1-i%7))
		count[v.District]++
		if _, _, err := s.Insert(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 {
		if _, _, err := s.Insert(t.Context(), before.make(to.AddDate(0, 0, -8-i%7))); err != nil {
			t.Fatal(err)
		}
	}
	words := locales.New()
	src := digest.Source{Submissions: s.Results, Reviews: s.Results, Book: b, Forms: []*flows.Form{p.Form}, Words: words, Zone: b.Zone}
	m, err := digest.Write(t.Context(), src, digest.Request{Lang: "en", Form: "sufs", Period: digest.Period{From: to.AddDate(0, 0, -7), To: to}})
	if err != nil {
		t.Fatal(err)
	}
	percent := func(x float64) string { return words.Percent("en", x) }
	low, high := scoreInterval(now.pleased, now.health)
	lines := []string{
		": 240 (the period before: 100)",
		"Health centre or hospital: satisfied or very satisfied: <b>" + percent(float64(now.pleased)/float64(now.health)) + "</b> of " +
			words.Number("en", float64(now.health), 0) + " answers (likely between " + percent(low) + " and " + percent(high) + ")",
		"Women <b>" + percent(float64(now.women)/240) + "</b>",
		"Women: " + words.Number("en", float64(now.women+before.women), 0) + " of 600",
		"Men: " + words.Number("en", float64(340-now.women-before.women), 0) + " of 600",
	}
	mean := 0.0
	for _, x := range now.satisfaction {
		mean += x / float64(len(now.satisfaction))
	}
	lines = append(lines, "from 1 to 5: <b>"+words.Number("en", mean, 1)+"</b> on average, from "+words.Number("en", float64(len(now.satisfaction)), 0)+" answers")
	for _, n := range count {
		lines = append(lines, ": "+words.Number("en", float64(n), 0)+"\n")
	}
	for _, line := range lines {
		if !strings.Contains(m.Text, line) {
			t.Errorf("the digest does not say %q", line)
		}
	}
	if t.Failed() {
		t.Log(m.Text)
	}
}

// scoreInterval finds by halving the shares at which a score test of k in n is
// just significant: what Wilson's formula solves.
func scoreInterval(k, n int) (low, high float64) {
	share := float64(k) / float64(n)
	reject := func(p float64) bool { return (share-p)*(share-p)*float64(n) > 1.959964*1.959964*p*(1-p) }
	find := func(in, out float64) float64 {
		for range 60 {
			if mid := (in + out) / 2; reject(mid) {
				out = mid
			} else {
				in = mid
			}
		}
		return in
	}
	return find(share, 0), find(share, 1)
}
