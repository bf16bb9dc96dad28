package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A maker makes submissions of SUFS with a known truth, and counts on its own
// what the figures must be.
type maker struct {
	form      *flows.Form
	r         *rand.Rand
	districts []string
	female    int // women among 100 respondents
	n         int

	women, health, pleased int // answered, and satisfied with health
	satisfaction           []float64
}

func newMaker(t testing.TB, form *flows.Form) *maker {
	t.Helper()
	m := &maker{form: form, female: 55, r: rand.New(rand.NewPCG(8, 15))}
	for _, c := range form.Question("district").List.Choices {
		m.districts = append(m.districts, c.Name)
	}
	return m
}

func (m *maker) make(received time.Time) storage.Submission {
	m.n++
	district := m.districts[m.r.IntN(len(m.districts))]
	sex := "male"
	if m.r.IntN(100) < m.female {
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
	b := &figures.Book{Forms: s.Results, Tallies: s.Results, Compile: bot.Compile, Zone: zone, Clock: time.Now}
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
	t.Parallel()
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

// A tallied counts the cells that are read.
type tallied struct {
	allTallies
	cells int
}

type allTallies = storage.Tallies

func (c *tallied) Tallies(ctx context.Context, formID string, from, to int) iter.Seq2[*storage.Tally, error] {
	return func(yield func(*storage.Tally, error) bool) {
		for t, err := range c.allTallies.Tallies(ctx, formID, from, to) {
			c.cells++
			if !yield(t, err) {
				return
			}
		}
	}
}

// unread is a store of submissions that a digest must not read.
type unread struct {
	storage.Submissions
	t *testing.T
}

func (u unread) Each(_ context.Context, f storage.Filter) iter.Seq2[*storage.Submission, error] {
	if f.Limit == 0 {
		u.t.Error("the digest reads all submissions")
	}
	return func(func(*storage.Submission, error) bool) {}
}

// A digest goes once through the cells, and never through the submissions: of a
// million it takes under a second of a processor (the short form, of 20,000, only
// counts what is read, which no other load on the machine can change).
func TestSoakMillionSubmissions(t *testing.T) {
	n, soak := 20_000, os.Getenv("FIELDBOT_SOAK") != ""
	if soak {
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
	cells := manyCells(t, m, p, at, n, filepath.Join(dir, "fieldbot.db"))
	counted := &tallied{allTallies: s.Results}
	b.Tallies = counted
	src := digest.Source{Submissions: unread{s.Results, t}, Reviews: s.Results, Book: b, Forms: []*flows.Form{p.Form}, Words: locales.New(), Zone: b.Zone}
	r := digest.Request{Lang: "en", Period: digest.Period{From: at.AddDate(0, 0, 23), To: at.AddDate(0, 0, 30)}}
	began, used := time.Now(), cpu()
	d, err := digest.Write(t.Context(), src, r)
	if err != nil {
		t.Fatal(err)
	}
	used = cpu() - used
	t.Logf("%d submissions in %d cells: a digest in %v, %v of a processor", n, cells, time.Since(began), used)
	if d.Nothing || counted.cells != cells {
		t.Errorf("a digest of %d cells read %d:\n%s", cells, counted.cells, d.Text)
	}
	if soak && used > time.Second {
		t.Errorf("a digest took %v of a processor", used)
	}
	began = time.Now()
	c, err := digest.Chart(t.Context(), src, digest.Request{Lang: "lo", Form: "sufs", Period: r.Period}, digest.Bars)
	if err != nil || c == nil {
		t.Fatalf("no chart: %v", err)
	}
	drawn := cpu()
	if err := chart.PNG(io.Discard, c); err != nil {
		t.Fatal(err)
	}
	t.Logf("its chart in %v, of which drawing took %v of a processor", time.Since(began), cpu()-drawn)
}

// cpu is what the process used of processors so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// manyCells writes what n submissions over 90 days add up to, and says how many
// cells that is.
func manyCells(t *testing.T, m *maker, p *tally.Plan, at time.Time, n int, path string) int {
	t.Helper()
	first := tally.DayOf(at, p.Zone)
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
		k := key{first + tally.Day(i%90), row.Strata}
		cells[k] = append(cells[k], row.Body)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	put, err := tx.Prepare(`INSERT INTO tallies (form_id, day, province, district, sex, age, service, id, n, changes, body)
		VALUES ('sufs', ?, ?, ?, ?, ?, ?, '', ?, ?, ?)`)
	if err != nil {
		t.Fatal(err)
	}
	for k, list := range cells {
		body, err := tally.AddBodies(list)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := put.Exec(k.day, k.Province, k.District, k.Sex, k.Age, k.Service, len(list), len(list), body); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return len(cells)
}
