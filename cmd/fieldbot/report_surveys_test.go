package main

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/bot/sector"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A surveyed desk has SUFS beside the updates: answers of two years, with what
// they must add up to counted apart from the program.
type surveyed struct {
	*desk
	src         sector.Source
	req         sector.Request
	now, before *maker
	people      int // submissions of the year that are published
	dayAfter    time.Time
}

// newSurveyed stores 150 answers of March and April 2026 and 90 of March 2025.
// Three of May are too few to publish; ten of August are of a month that is not over.
func newSurveyed(t *testing.T) *surveyed {
	t.Helper()
	s := &surveyed{desk: newDesk(t), people: 150}
	s.add(activity{district: "1503", section: "a1", title: "Training", state: storage.Accepted})
	source, err := library.Open("sufs")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(source), "${sex} = 'female' | 600 |", "${sex} = 'female' | 40 |", 1)
	if text == string(source) {
		t.Fatal("the quota of women is not where this test looks for it")
	}
	v := storage.FormVersion{FormID: "sufs", Name: "sufs.md", Source: []byte(text), Published: time.Now(), Keyword: "sufs", Audience: "citizen"}
	sufs, err := bot.Compile(v)
	if err != nil {
		t.Fatal(err)
	}
	v.Hash = sufs.Hash
	if err := s.s.Publish(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Vientiane")
	if err != nil {
		t.Fatal(err)
	}
	s.dayAfter = time.Date(2026, 8, 20, 9, 0, 0, 0, zone)
	clock := func() time.Time { return s.dayAfter }
	b := &figures.Book{Forms: s.s.Results, Tallies: s.s.Results, Rounds: s.s.Results, Compile: bot.Compile, Zone: zone, Clock: clock}
	s.s.CountWith(b)
	s.now, s.before = newMaker(t, sufs), newMaker(t, sufs)
	s.before.n, s.before.female = 10_000, 25
	insert := func(m *maker, at time.Time) {
		if _, _, err := s.s.Insert(t.Context(), m.make(at)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range s.people {
		insert(s.now, time.Date(2026, 3, 1+i*61/s.people, 3, 0, 0, 0, zone))
	}
	for i := range 90 {
		insert(s.before, time.Date(2025, 3, 1+i/3, 3, 0, 0, 0, zone))
	}
	other := newMaker(t, sufs)
	other.n = 20_000
	for range 3 {
		insert(other, time.Date(2026, 5, 5, 3, 0, 0, 0, zone))
	}
	for range 10 {
		insert(other, time.Date(2026, 8, 5, 3, 0, 0, 0, zone))
	}
	s.src = sector.Source{Submissions: s.s.Results, Reviews: s.s.Results, Drafts: s.s.Results, Book: b, Forms: []*flows.Form{s.form, sufs},
		Words: locales.New(), Zone: zone, Now: clock}
	s.req = sector.Request{Form: s.form, Year: 2026, Lang: "en"}
	return s
}

func (s *surveyed) markdown() string {
	s.t.Helper()
	d, err := sector.Make(s.t.Context(), s.src, s.req)
	if err != nil {
		s.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := d.Markdown(&b); err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}

// share writes the line of a share as the annex must have it: of k in n, beside
// k0 in n0 the year before.
func (s *surveyed) share(label string, k, n, k0, n0 int) string {
	p := func(x float64) string { return s.src.Words.Percent("en", x) }
	low, high := scoreInterval(k, n)
	share, was, both := float64(k)/float64(n), float64(k0)/float64(n0), float64(k+k0)/float64(n+n0)
	z := (share - was) / math.Sqrt(both*(1-both)*(1/float64(n)+1/float64(n0)))
	return fmt.Sprintf("| %s | %s | %s–%s | %d | %s %s |", label, p(share), p(low), p(high), n, p(was), arrow(z, 1.959964))
}

func arrow(z, limit float64) string {
	switch {
	case z > limit:
		return "↑"
	case z < -limit:
		return "↓"
	}
	return "≈"
}

// mean writes the line of a mean: its t interval, and Welch's test.
func (s *surveyed) mean(label string, x, before []float64) string {
	f := func(v float64) string { return s.src.Words.Number("en", v, 2) }
	m, v := moments(x)
	m0, v0 := moments(before)
	n, n0 := float64(len(x)), float64(len(before))
	half := tQuantile(n-1) * math.Sqrt(v/n)
	a, b := v/n, v0/n0
	limit := tQuantile((a + b) * (a + b) / (a*a/(n-1) + b*b/(n0-1)))
	return fmt.Sprintf("| %s | %s | %s–%s | %d | %s %s |", label, f(m), f(m-half), f(m+half), len(x), f(m0), arrow((m-m0)/math.Sqrt(a+b), limit))
}

func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return mean, variance
}

// tQuantile finds where Student's distribution leaves 2.5% above, by adding its
// density up.
func tQuantile(df float64) float64 {
	up, _ := math.Lgamma((df + 1) / 2)
	down, _ := math.Lgamma(df / 2)
	scale := math.Exp(up-down) / math.Sqrt(df*math.Pi)
	sum, t := 0.0, 0.0
	for const0 := 1e-4; sum < 0.475; t += const0 {
		mid := t + const0/2
		sum += const0 * scale * math.Pow(1+mid*mid/df, -(df+1)/2)
	}
	return t
}

// The annexes of surveys say what the answers say: of the months that are over
// and have enough of them, beside the year before.
func TestReportOfSurveys(t *testing.T) {
	t.Parallel()
	s := newSurveyed(t)
	got := s.markdown()
	if !strings.Contains(got, " ↑ |") || !strings.Contains(got, " ≈ |") {
		t.Error("nothing changed, or everything: the tests are not tried")
	}
	women := s.share("Women among the respondents", s.now.women, s.people, s.before.women, 90)
	health := s.share("Health centre or hospital: satisfied or very satisfied", s.now.pleased, s.now.health, s.before.pleased, s.before.health)
	mean := s.mean("Satisfaction with all services, from 1 to 5", s.now.satisfaction, s.before.satisfaction)
	s.has(got, []string{
		"## Annex: Service Users Feedback Survey, 150 submissions\n",
		"1 of 2 quotas are filled. Published figures",
		"\n" + women, "\n" + health, "\n" + mean,
		"\n| SDG 5.5 " + women, "\n| SDG 16.6.2 " + health, "\n| SDG 16.6.2 " + mean,
	}, "Roads and bridges", "Became better") // nobody rated roads; a distribution is no line
	annex := got[strings.Index(got, "## Annex: indicators by outcome"):]
	var plans []string
	for line := range strings.Lines(annex[:strings.Index(annex, "## Annex: Service")]) {
		if plan, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " |"); ok && strings.HasPrefix(plan, "SDG") {
			plans = append(plans, plan)
		}
	}
	if len(plans) < 5 || !isSorted(plans) {
		t.Errorf("the outcomes stand in the order %v", plans)
	}

	s.req.Lang = "lo"
	s.has(s.markdown(), []string{"ແມ່ຍິງໃນບັນດາຜູ້ຕອບ", "ການສຳຫຼວດຄວາມຄິດເຫັນຜູ້ໃຊ້ບໍລິການ, 150"}, "Women among")

	// once August is over it counts, too
	s.req.Lang, s.dayAfter = "en", s.dayAfter.AddDate(0, 0, 20)
	s.has(s.markdown(), []string{"Survey, 160 submissions"})

	// what nobody published, and cannot, is no annex
	s.req.Year = 2024
	s.has(s.markdown(), nil, "Service Users Feedback Survey", "indicators by outcome")
}

// isSorted reports whether targets stand by number: 5.5 before 16.6.
func isSorted(plans []string) bool {
	number := func(s string) (out [3]int) {
		fmt.Sscanf(s, "SDG %d.%d.%d", &out[0], &out[1], &out[2])
		return out
	}
	for i := 1; i < len(plans); i++ {
		a, b := number(plans[i-1]), number(plans[i])
		for k := range a {
			if a[k] > b[k] {
				return false
			}
			if a[k] < b[k] {
				break
			}
		}
	}
	return true
}
