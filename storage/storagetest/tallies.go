package storagetest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"example.org/fieldbot/flows"
	figures "example.org/fieldbot/flows/tally"
	"example.org/fieldbot/flows/xlsform"
	"example.org/fieldbot/storage"
)

// Tallies exercises what submissions add up to.
func Tallies(t *testing.T, open func(t *testing.T) storage.Results) {
	cases[storage.Results]{
		"a submission counts once":                   talliesOnce,
		"inserts and compactions that race":          talliesRace,
		"corrected and withdrawn ones are taken out": talliesRevised,
		"another count recounts":                     talliesRecount,
		"selected by flag":                           talliesFlagged,
		"published tables":                           publishedTables,
	}.run(t, open)
}

const countedForm = `
| settings |
| | form_id | province | district | sex |
| | sufs | province | district | sex |

| survey |
| | type | name | label |
| | text | province | P? |
| | text | district | D? |
| | text | sex | S? |
| | decimal | age | A? |

| indicators |
| | name | label | measure | of | where |
| | women | Women | share | ${sex} = 'f' | ${sex} != '' |
| | years | Years | mean | ${age} | %s |
`

// A counter counts by a plan under a name.
type counter struct {
	plan *figures.Plan
	by   string
}

func newCounter(t *testing.T, where string) counter {
	t.Helper()
	d, err := xlsform.Read("f.md", fmt.Appendf(nil, countedForm, where), nil)
	must(t, err)
	f, err := flows.Compile(d)
	must(t, err)
	return counter{figures.NewPlan(f, time.UTC), "by " + where}
}

func (c counter) Count(_ context.Context, s *storage.Submission) (string, storage.Tally, error) {
	r, err := c.plan.Count(&s.Submission, s.Received)
	return c.by, storage.Tally{Day: int(r.Day), Province: r.Province, District: r.District, Sex: r.Sex, Age: r.Age,
		Service: r.Service, N: r.N, Changes: r.Changes, Body: r.Body,
		Marks: storage.Marks{Fast: figures.Answer(s.Data, "age") == "10", Same: r.Sex == "x", Fingerprint: r.District}}, err
}

func person(id, district, sex, age string) storage.Submission {
	s := submission(id)
	s.Data = flows.Record{{Name: "province", Text: district[:2]}, {Name: "district", Text: district},
		{Name: "sex", Text: sex}, {Name: "age", Text: age}}
	return s
}

// tallied adds up what is stored.
func tallied(t *testing.T, st storage.Results) (sums *figures.Sums, rows int, whole []byte) {
	t.Helper()
	sums = figures.NewSums()
	var bodies [][]byte
	for r, err := range st.Tallies(t.Context(), "sufs", math.MinInt32, math.MaxInt32) {
		must(t, err)
		must(t, sums.Add(&figures.Row{N: r.N, Changes: r.Changes, Body: r.Body}))
		bodies = append(bodies, r.Body)
		rows++
	}
	whole, err := figures.AddBodies(bodies)
	must(t, err)
	return sums, rows, whole
}

// recounts adds up what the submissions say now.
func recounts(t *testing.T, st storage.Results, c counter) []byte {
	t.Helper()
	var bodies [][]byte
	for s, err := range st.Each(t.Context(), storage.Filter{FormID: "sufs"}) {
		must(t, err)
		_, row, err := c.Count(t.Context(), s)
		must(t, err)
		bodies = append(bodies, row.Body)
	}
	whole, err := figures.AddBodies(bodies)
	must(t, err)
	return whole
}

func agree(t *testing.T, st storage.Results, c counter) {
	t.Helper()
	if _, _, whole := tallied(t, st); !bytes.Equal(whole, recounts(t, st, c)) {
		t.Error("the tallies differ from the submissions")
	}
}

func talliesOnce(t *testing.T, st storage.Results) {
	c := newCounter(t, "")
	st.CountWith(c)
	s := person("id-1", "1503", "f", "25.1")
	insert(t, st, s)
	_, _, err := st.Insert(t.Context(), s)
	must(t, err)
	sums, rows, _ := tallied(t, st)
	if sums.Submissions != 1 || rows != 1 {
		t.Errorf("%d submissions in %d rows, want 1 in 1", sums.Submissions, rows)
	}
	insert(t, st, person("id-2", "1503", "f", "25.2"))
	insert(t, st, person("id-3", "1501", "m", ""))
	n, err := st.Compact(t.Context(), "sufs")
	must(t, err)
	sums, rows, _ = tallied(t, st)
	if n != 1 || rows != 2 || sums.Submissions != 3 {
		t.Errorf("compacting took %d away and left %d rows of %d submissions", n, rows, sums.Submissions)
	}
	years, _ := sums.Figure(c.plan, "years")
	if years.Sum != "50.3" || years.N != 2 {
		t.Errorf("years: %+v, want the exact sum 50.3 of 2", years)
	}
	agree(t, st, c)
}

func talliesRace(t *testing.T, st storage.Results) {
	c := newCounter(t, "")
	st.CountWith(c)
	_, errs := race(40, func(i int) (int, error) {
		if i%8 == 7 {
			return st.Compact(t.Context(), "sufs")
		}
		if _, _, err := st.Insert(t.Context(), person(fmt.Sprint("id-", i/2), "1503", "f", fmt.Sprint(i/2))); err != nil {
			return 0, err
		}
		if i%8 == 0 {
			return 0, st.Withdraw(t.Context(), fmt.Sprint("id-", i/2), "", noon)
		}
		return 0, nil
	})
	for _, err := range errs {
		must(t, err)
	}
	agree(t, st, c)
	_, err := st.Compact(t.Context(), "sufs")
	must(t, err)
	if _, rows, _ := tallied(t, st); rows > 2 {
		t.Errorf("%d rows are left of one day and stratum (and one of withdrawn ones)", rows)
	}
	agree(t, st, c)
}

func talliesRevised(t *testing.T, st storage.Results) {
	c := newCounter(t, "")
	st.CountWith(c)
	insert(t, st, person("id-1", "1503", "f", "25"))
	insert(t, st, person("id-2", "1503", "f", "35"))
	_, _, err := st.Revise(t.Context(), person("id-1", "1501", "m", "26"), 1, "token", noon)
	must(t, err)
	_, _, err = st.Revise(t.Context(), person("id-1", "1501", "m", "26"), 1, "token", noon)
	must(t, err)
	agree(t, st, c)
	must(t, st.Withdraw(t.Context(), "id-1", "", noon))
	must(t, st.Withdraw(t.Context(), "id-1", "", noon))
	agree(t, st, c)
	sums, _, _ := tallied(t, st)
	if women, _ := sums.Figure(c.plan, "women"); sums.Submissions != 1 || women.N != 1 || women.K != 1 {
		t.Errorf("of one that is left: %d submissions, %+v", sums.Submissions, women)
	}
	for r, err := range st.Tallies(t.Context(), "sufs", math.MinInt32, math.MaxInt32) {
		must(t, err)
		if r.District == "1501" && len(r.Body) > 0 {
			t.Error("a row still tells what the withdrawn submission said")
		}
	}
}

func talliesRecount(t *testing.T, st storage.Results) {
	first, second := newCounter(t, ""), newCounter(t, "${sex} = 'f'")
	insert(t, st, person("id-0", "1503", "f", "15")) // before anything counts
	st.CountWith(first)
	for i := range 5 {
		insert(t, st, person(fmt.Sprint("id-", i+1), "1503", []string{"f", "m"}[i%2], "30"))
	}
	must(t, st.Withdraw(t.Context(), "id-1", "", noon))
	st.CountWith(second)
	n, err := st.Uncounted(t.Context(), "sufs", second.by)
	must(t, err)
	if n != 5 {
		t.Errorf("%d submissions are to be counted anew, want 5", n)
	}
	for range 3 {
		_, err = st.Recount(t.Context(), "sufs", second.by, 2)
		must(t, err)
	}
	agree(t, st, second)
	if n, err = st.Uncounted(t.Context(), "sufs", second.by); err != nil || n != 0 {
		t.Errorf("%d are left, %v", n, err)
	}
	sums, _, _ := tallied(t, st)
	if years, _ := sums.Figure(second.plan, "years"); sums.Submissions != 5 || years.N != 3 {
		t.Errorf("%d submissions, years of %d; want 5 and 3", sums.Submissions, years.N)
	}
	if sums.Changes != 6 {
		t.Errorf("recounting made %d changes of 6", sums.Changes)
	}
}

func talliesFlagged(t *testing.T, st storage.Results) {
	st.CountWith(newCounter(t, ""))
	for i, s := range []storage.Submission{
		person("id-1", "1503", "f", "25"), person("id-2", "1503", "f", "26"), // the second repeats the first
		person("id-3", "1501", "m", "10"), person("id-4", "1502", "x", "40"), // fast; the same throughout
		person("id-5", "1504", "x", "10"), person("id-6", "1505", "f", "70"), // both; nothing
	} {
		s.Received = noon.Add(time.Duration(i) * time.Hour)
		insert(t, st, s)
	}
	check := func(flagged storage.Flagged, ids ...string) {
		t.Helper()
		f := storage.Filter{FormID: "sufs", Flagged: flagged}
		var got []string
		for s, err := range st.Each(t.Context(), f) {
			must(t, err)
			got = append(got, s.ID)
		}
		same(t, "flagged "+string(flagged), ids, got)
		n, err := st.Count(t.Context(), f, storage.ByForm)
		must(t, err)
		sums := figures.NewSums()
		for r, err := range st.Counted(t.Context(), f) {
			must(t, err)
			must(t, sums.Add(&figures.Row{N: r.N, Changes: r.Changes, Body: r.Body}))
		}
		if n["sufs"] != len(ids) || sums.Submissions != int64(len(ids)) {
			t.Errorf("flagged %q: %d are there and %d were counted, want %d", flagged, n["sufs"], sums.Submissions, len(ids))
		}
	}
	check("", "id-1", "id-2", "id-3", "id-4", "id-5", "id-6")
	check(storage.Unflagged, "id-1", "id-6")
	check(storage.AnyFlag, "id-2", "id-3", "id-4", "id-5")
	check(storage.FlagFast, "id-3", "id-5")
	check(storage.FlagSame, "id-4", "id-5")
	check(storage.FlagRepeated, "id-2")
	must(t, st.Withdraw(t.Context(), "id-1", "", noon))
	check(storage.FlagRepeated)
	_, _, err := st.Revise(t.Context(), person("id-3", "1501", "m", "30"), 1, "token", noon)
	must(t, err)
	check(storage.Unflagged, "id-2", "id-3", "id-6")
}

func publishedTables(t *testing.T, st storage.Results) {
	ctx := t.Context()
	table := storage.PublishedTable{FormID: "sufs", Period: "2026-10", Revision: 1, Made: noon, Body: []byte("{}")}
	_, err := st.Table(ctx, "sufs", "2026-10")
	want(t, err, storage.ErrNotFound)
	table.Revision = 2
	want(t, st.PutTable(ctx, table), storage.ErrConflict)
	table.Revision = 1
	must(t, st.PutTable(ctx, table))
	want(t, st.PutTable(ctx, table), storage.ErrConflict)
	table.Revision, table.Body = 2, []byte(`{"a":1}`)
	must(t, st.PutTable(ctx, table))
	got, err := st.Table(ctx, "sufs", "2026-10")
	must(t, err)
	same(t, "table", table, got)
	table.Period, table.Revision = "2026-11", 1
	must(t, st.PutTable(ctx, table))
	list, err := st.Tables(ctx, "sufs")
	must(t, err)
	same(t, "periods", []string{"2026-11", "2026-10"}, list)
}
