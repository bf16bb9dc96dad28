package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// A maker makes submissions of SUFS with a known truth, and counts on its own
// what the figures must be.
type maker struct {
	form      *flows.Form
	r         *rand.Rand
	districts []string
	n         int

	women, health, pleased int // answered, and satisfied with health
	satisfaction           []float64
}

func newMaker(t testing.TB, form *flows.Form) *maker {
	t.Helper()
	m := &maker{form: form, r: rand.New(rand.NewPCG(8, 15))}
	for _, c := range form.Question("district").List.Choices {
		m.districts = append(m.districts, c.Name)
	}
	return m
}

func (m *maker) make(received time.Time) storage.Submission {
	m.n++
	district := m.districts[m.r.IntN(len(m.districts))]
	sex := "male"
	if m.r.IntN(100) < 55 {
		sex = "female"
		m.women++
	}
	q := func(name, typ, text string) flows.Field { return flows.Field{Name: name, Type: typ, Text: text} }
	group := func(name string, fields ...flows.Field) flows.Field {
		return flows.Field{Name: name, Kind: flows.GroupNode, Records: []flows.Record{fields}}
	}
	var rated []string
	var groups []flows.Field
	sum := 0
	for _, service := range []string{"education", "health", "water"} {
		if m.r.IntN(2) == 0 {
			continue
		}
		s := 1 + m.r.IntN(5)
		sum += s
		rated = append(rated, service)
		groups = append(groups, group(service, q(service+"_satisfaction", "select_one", fmt.Sprint(s))))
		if service == "health" {
			m.health++
			if s >= 4 {
				m.pleased++
			}
		}
	}
	inner := []flows.Field{
		group("respondent", q("province", "select_one", district[:2]), q("district", "select_one", district),
			q("sex", "select_one", sex), q("age", "integer", fmt.Sprint(15+m.r.IntN(70)))),
		group("use", q("services", "select_multiple", strings.Join(rated, " ")), q("rated", "calculate", strings.Join(rated, " "))),
	}
	inner = append(inner, groups...)
	if len(rated) > 0 {
		// rounded as the form does
		x := fmt.Sprintf("%.2f", float64(sum)/float64(len(rated)))
		inner = append(inner, q("satisfaction", "calculate", x))
		m.satisfaction = append(m.satisfaction, float64(sum)/float64(len(rated)))
	}
	v := storage.Submission{Submission: flows.Submission{
		ID: fmt.Sprintf("id-%07d", m.n), FormID: m.form.ID, Hash: m.form.Hash, Language: m.form.Languages[0].Name,
		Started: received.Add(-10 * time.Minute), Finished: received,
		Data: flows.Record{q("consent", "select_one", "yes"), group("interview", inner...)},
	}, Received: received, District: district, Province: district[:2]}
	return v
}

func sufsBook(t testing.TB, s *stores) (*figures.Book, *tally.Plan) {
	t.Helper()
	if _, _, err := publish(t.Context(), s.Results, "library:sufs", time.Now()); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Vientiane")
	if err != nil {
		t.Fatal(err)
	}
	b := &figures.Book{Forms: s.Results, Tallies: s.Results, Compile: compileVersion, Zone: zone, Clock: time.Now}
	s.CountWith(b)
	p, err := b.Plan(t.Context(), "sufs")
	if err != nil {
		t.Fatal(err)
	}
	return b, p
}

// Every figure equals what is worked out without the program, after corrections
// and withdrawals too, and verify agrees.
func TestFiguresAreTrue(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *stores{"SQLite": onSQLite, "Postgres": onServers} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			b, p := sufsBook(t, s)
			m := newMaker(t, p.Form)
			at := time.Date(2026, 10, 1, 3, 0, 0, 0, time.UTC)
			for i := range 200 {
				if _, _, err := s.Insert(t.Context(), m.make(at.Add(time.Duration(i)*time.Hour))); err != nil {
					t.Fatal(err)
				}
			}
			day := tally.DayOf(at, b.Zone)
			r, err := b.Read(t.Context(), "sufs", day-1, day+20)
			if err != nil {
				t.Fatal(err)
			}
			all := r.Sum(tally.Place{})
			women, _ := all.Figure(p, "women")
			health, _ := all.Figure(p, "satisfied_health")
			if women.N != 200 || women.K != int64(m.women) || health.N != int64(m.health) || health.K != int64(m.pleased) {
				t.Errorf("women %d of %d, health %d of %d; true are %d of 200, %d of %d",
					women.K, women.N, health.K, health.N, m.women, m.pleased, m.health)
			}
			mean, _ := all.Figure(p, "satisfaction")
			sum := 0.0
			for _, x := range m.satisfaction {
				sum += x
			}
			if want := sum / float64(len(m.satisfaction)); mean.N != int64(len(m.satisfaction)) || mean.Estimate-want > 0.01 || want-mean.Estimate > 0.01 {
				t.Errorf("satisfaction %v of %d; true is %v of %d", mean.Estimate, mean.N, want, len(m.satisfaction))
			}
			for i := range 10 {
				if err := s.Withdraw(t.Context(), fmt.Sprintf("id-%07d", 1+i*7), "", at); err != nil {
					t.Fatal(err)
				}
				v := m.make(at)
				v.ID = fmt.Sprintf("id-%07d", 2+i*7)
				if _, _, err := s.Revise(t.Context(), v, 1, v.ID, at); err != nil {
					t.Fatal(err)
				}
			}
			d, err := b.Verify(t.Context(), "sufs", s.Results)
			if err != nil || len(d.Found) > 0 || d.Submissions != 190 {
				t.Errorf("verify read %d: %v %v", d.Submissions, d.Found, err)
			}
		})
	}
}

// A digest reads cells, not submissions: those of a million (50,000 unless
// FIELDBOT_SOAK is set) add up in under a second.
func TestSoakMillionSubmissions(t *testing.T) {
	n := 50_000
	if os.Getenv("FIELDBOT_SOAK") != "" {
		n = 1_000_000
	}
	dir := t.TempDir()
	s, err := openSQLite(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	b, p := sufsBook(t, s)
	m := newMaker(t, p.Form)
	at := time.Date(2026, 8, 1, 3, 0, 0, 0, time.UTC)
	first := tally.DayOf(at, b.Zone)
	const days = 90
	var bodies []tally.Row
	for range 2000 {
		v := m.make(at)
		row, err := p.Count(&v.Submission, at)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, row)
	}
	type key struct {
		day tally.Day
		tally.Strata
	}
	cells := map[key][][]byte{}
	for i := range n {
		row := bodies[m.r.IntN(len(bodies))]
		k := key{first + tally.Day(i%days), row.Strata}
		cells[k] = append(cells[k], row.Body)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "fieldbot.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	for k, list := range cells {
		body, err := tally.AddBodies(list)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(`INSERT INTO tallies (form_id, day, province, district, sex, age, service, id, n, changes, body)
			VALUES ('sufs', ?, ?, ?, ?, ?, ?, '', ?, ?, ?)`, k.day, k.Province, k.District, k.Sex, k.Age, k.Service, len(list), len(list), body); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r, err := b.Read(t.Context(), "sufs", first, first+days)
	if err != nil {
		t.Fatal(err)
	}
	all := r.Sum(tally.Place{})
	f, _ := all.Figure(p, "satisfied_health")
	took := time.Since(began)
	t.Logf("%d submissions in %d cells: read in %v; satisfied with health %.3f of %d", n, len(cells), took, f.Estimate, f.N)
	if all.Submissions != int64(n) {
		t.Errorf("%d submissions were counted of %d", all.Submissions, n)
	}
	if took > time.Second {
		t.Errorf("reading took %v", took)
	}
}
