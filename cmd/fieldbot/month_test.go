package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/calendar"
	"example.org/fieldbot/bot/dialogue"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/storage"
)

// TestSoakMonth lives through a month of reports: officers who report in time,
// late, twice, or never; two to a district; somebody who leaves the post; a
// holiday, a weekend, a crash. Reminders must reach exactly those who should get
// them, once, and the secretariat's grid must be right. FIELDBOT_SOAK=1 makes it
// 148 districts, 600 officers and 3,000 reports.
func TestSoakMonth(t *testing.T) {
	t.Parallel()
	m := &month{t: t, districts: 20, reports: 60, rand: rand.New(rand.NewPCG(7, 7))}
	officers := 40
	if os.Getenv("FIELDBOT_SOAK") != "" {
		m.districts, officers, m.reports = 148, 600, 3000
	}
	m.begin(officers)
	for day := 29; day <= 29+12; day++ { // 29 June to 11 July
		m.day(time.Date(2026, 6, day, 0, 0, 0, 0, m.stage.Zone))
	}
	m.check()
}

type month struct {
	t         *testing.T
	stage     *dialogue.Stage
	stores    *stores
	rand      *rand.Rand
	districts int
	reports   int

	officers []*monthOfficer
	desk     *simulator.User
	first    map[string]time.Time // by district: the first report, or "nothing"
	nothing  map[string]bool
}

// A monthOfficer has a plan: on which day to report, and how often.
type monthOfficer struct {
	*simulator.User
	district string
	day      int // of July; 0 is June 30, 99 never
	times    int
	nothing  bool
	gone     bool
	want     int // reminders
}

func monthForm(districts int) string {
	var b strings.Builder
	b.WriteString("| settings |\n| | form_id | form_title | keyword | audience | reference | district | date | headline |\n" +
		"| | report | Report | note | officer | AU | district | day | title |\n" +
		"| survey |\n| | type | name | label | required |\n| | select_one d | district | District | yes |\n" +
		"| | text | title | Title | yes |\n| | date | day | Day | yes |\n" +
		"| calendar |\n| | name | label | audience | every | due | remind |\n| | monthly | Monthly | officer | month | 5 | -3 2 |\n" +
		"| choices |\n| | list_name | name | label | province |\n")
	for i := range districts {
		fmt.Fprintf(&b, "| | d | %s | Place %d | %02d |\n", monthDistrict(i), i, i%18+1)
	}
	return b.String()
}

func monthDistrict(i int) string { return fmt.Sprintf("%02d%02d", i%18+1, i/18+1) }

func (m *month) begin(officers int) {
	m.t.Helper()
	m.stores = onSQLite(m.t)
	o := stageOptions(m.stores)
	o.Start = time.Date(2026, 6, 29, 7, 0, 0, 0, o.Zone)
	o.Hours = calendar.Hours{Holidays: map[string]bool{"2026-07-02": true}}
	var err error
	if m.stage, err = dialogue.Open(m.t.Context(), o); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(m.stage.Close)
	v := storage.FormVersion{Name: "report.md", Source: []byte(monthForm(m.districts)), Keyword: "note", Audience: "officer", Published: o.Start}
	form, err := bot.Compile(v)
	if err != nil {
		m.t.Fatal(err)
	}
	v.FormID, v.Hash = form.ID, form.Hash
	if err := m.stores.Publish(m.t.Context(), v); err != nil {
		m.t.Fatal(err)
	}
	m.first, m.nothing = map[string]time.Time{}, map[string]bool{}
	m.desk = m.invite(1, storage.Secretariat, "")
	for i := range officers {
		p := &monthOfficer{district: monthDistrict(i % m.districts), times: 1}
		p.User = m.invite(2+i, storage.Officer, p.district)
		switch k := m.rand.IntN(10); {
		case k < 3:
			p.day = m.rand.IntN(6) // in time
		case k < 4:
			p.day = 6 + m.rand.IntN(4)
		case k < 7:
			p.day, p.nothing = 1, true
		default:
			p.day = 99
		}
		m.officers = append(m.officers, p)
	}
	m.share()
	m.settle()
}

// share spreads the reports over those who report at all.
func (m *month) share() {
	left := m.reports
	for left > 0 {
		for _, p := range m.officers {
			if p.day != 99 && !p.nothing && left > 0 {
				p.times++
				left--
			}
		}
	}
}

// invite lets a person accept an invitation that knows the name already.
func (m *month) invite(n int, role storage.Role, district string) *simulator.User {
	m.t.Helper()
	l := storage.Link{Role: role, Uses: 1, Made: m.stage.Server.Now(), By: "test",
		Prefill: map[string]string{"name": fmt.Sprintf("Person %d", n), "organisation": "Office"}}
	if district != "" {
		l.Scope = map[string]string{"district": district}
	}
	_, payload, err := bot.MakeLink(m.t.Context(), m.stores.Results, m.stage.Keys, l)
	if err != nil {
		m.t.Fatal(err)
	}
	u := m.stage.Server.User(simulator.UserOptions{ID: 800_000_000 + int64(n), First: "Person", Language: "en"})
	if _, err := u.Start(payload); err != nil {
		m.t.Fatal(err)
	}
	return u
}

func (m *month) settle() {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 5*time.Minute)
	defer cancel()
	if err := m.stage.Settled(ctx); err != nil {
		m.t.Fatal(err)
	}
}

// at moves the clock to an hour and lets the bot look at it.
func (m *month) at(day time.Time, hour int) {
	m.t.Helper()
	m.stage.Server.AdvanceTo(day.Add(time.Duration(hour) * time.Hour))
	if err := m.stage.Tend(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

func (m *month) day(day time.Time) {
	m.at(day, 8)
	if date := day.Format("01-02"); date == "07-01" || date == "07-07" {
		// the reminder of three days before would fall on a holiday
		for _, p := range m.officers {
			if _, done := m.first[p.district]; !done && !m.nothing[p.district] && !p.gone {
				p.want++
			}
		}
	}
	m.at(day, 9)
	m.at(day, 12)
	if day.Day() == 3 {
		m.handOver()
	}
	if day.Day() == 6 {
		if err := m.stage.Restart(m.t.Context()); err != nil {
			m.t.Fatal(err)
		}
	}
	m.report(day)
	m.at(day, 15)
}

// report lets those whose day it is report, all at the same time.
func (m *month) report(day time.Time) {
	n := day.Day()
	if day.Month() == time.June {
		n -= 30
	}
	var today []*monthOfficer
	for _, p := range m.officers {
		if p.day == n && !p.gone {
			today = append(today, p)
		}
	}
	for round := 0; ; round++ {
		var busy []*monthOfficer
		for _, p := range today {
			if round < p.times && !p.nothing {
				busy = append(busy, p)
			} else if round == 0 && p.nothing {
				m.tapNothing(p)
			}
		}
		if len(busy) == 0 {
			return
		}
		for _, words := range []string{"/note", "What we did", "25/6/2026"} {
			for _, p := range busy {
				if _, err := p.Say(words); err != nil {
					m.t.Fatal(err)
				}
			}
			m.settle()
		}
		for _, p := range busy {
			if _, done := m.first[p.district]; !done {
				m.first[p.district] = m.stage.Server.Now()
			}
		}
	}
}

func (m *month) tapNothing(p *monthOfficer) {
	m.t.Helper()
	heard := len(p.Heard())
	if _, err := p.Say("/due"); err != nil {
		m.t.Fatal(err)
	}
	m.settle()
	if p.Tap("Nothing to report") == nil {
		m.nothing[p.district] = true
		m.settle()
	}
	if len(p.Heard()) == heard {
		m.t.Errorf("/due said nothing")
	}
}

// handOver lets the secretariat give the first officer's district to somebody
// new.
func (m *month) handOver() {
	m.t.Helper()
	old := m.officers[0]
	next := &monthOfficer{district: old.district, day: 99, times: 1}
	next.User = m.invite(5000, storage.Officer, "")
	m.settle()
	key := func(u *simulator.User) string { return m.stage.Keys.Person(u.ID())[:16] }
	if _, err := m.desk.TapData(m.desk.Last().MessageID, "/ppl:"+key(old.User)+":h:"+key(next.User)); err != nil {
		m.t.Fatal(err)
	}
	m.settle()
	old.gone = true
	m.officers = append(m.officers, next)
}

func (m *month) check() {
	m.t.Helper()
	for i, p := range m.officers {
		got := 0
		for _, msg := range p.Heard() {
			if strings.Contains(msg.Text, "“Monthly” for June 2026") {
				got++
			}
		}
		if got != p.want {
			m.t.Errorf("officer %d of %s was reminded %d times, want %d", i, p.district, got, p.want)
		}
	}
	inTime, late := 0, 0
	due := time.Date(2026, 7, 6, 0, 0, 0, 0, m.stage.Zone)
	for _, at := range m.first {
		if at.Before(due) {
			inTime++
		} else {
			late++
		}
	}
	nothing := 0
	for d := range m.nothing {
		if _, reported := m.first[d]; !reported {
			nothing++
		}
	}
	if _, err := m.desk.Say("/due"); err != nil {
		m.t.Fatal(err)
	}
	m.settle()
	want := fmt.Sprintf("✅ %d reported · 🕓 %d late · ∅ %d nothing to report · ❌ %d missing, of %d districts",
		inTime, late, nothing, m.districts-inTime-late-nothing, m.districts)
	if got := m.desk.Last().Text; !strings.Contains(got, want) {
		m.t.Errorf("the grid says\n%s\nwant\n%s", got, want)
	}
	count, err := m.stores.Count(m.t.Context(), storage.Filter{}, storage.ByForm)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Logf("%d officers, %d reports, %s", len(m.officers), count["report"], want)
}
