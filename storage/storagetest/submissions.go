package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// Submissions exercises storage.Submissions, with the media that a withdrawal
// reaches.
func Submissions(t *testing.T, open func(t *testing.T) storage.Results) {
	cases[storage.Results]{
		"what was inserted is read":                  submissionRoundTrip,
		"a second insert has no effect":              insertTwice,
		"inserts that race store once":               insertsRace,
		"reference numbers are unique, none skipped": references,
		"a taken nullifier is refused":               nullifiers,
		"filters":                                    filters,
		"counts":                                     counts,
		"a withdrawn submission is empty":            withdrawn,
		"each can be left and nested":                eachLeft,
		"odd text is kept or made fit":               oddText,
		"many are streamed in order":                 eachMany,
	}.run(t, open)
}

// submission has answers of each kind, in an order that is not the alphabet's.
func submission(id string) storage.Submission {
	return storage.Submission{
		Submission: flows.Submission{
			ID: id, FormID: "sufs", Version: "7", Hash: "h1", Language: "ລາວ (lo)", InstanceName: "ບ້ານ",
			Started: noon.Add(-time.Hour), Finished: noon,
			Data: flows.Record{
				{Name: "zone", Text: "ເໜືອ"},
				{Name: "age", Text: "25"},
				{Name: "services", Kind: flows.GroupNode, Records: []flows.Record{{{Name: "b", Text: "<&>"}, {Name: "a"}}}},
				{Name: "visit", Kind: flows.RepeatNode, Records: []flows.Record{{{Name: "n", Text: "1"}}, {{Name: "n", Text: "2"}}}},
			},
		},
		Person: "p1", Enumerator: "e1", Link: "l1", Province: "15", District: "1503", Title: "ຊື່", Received: noon,
		Consent: "ລາວ (lo) 2026-06-15", Partial: true,
	}
}

func insert(t *testing.T, st storage.Submissions, s storage.Submission) storage.Submission {
	t.Helper()
	got, inserted, err := st.Insert(t.Context(), s)
	must(t, err)
	if !inserted {
		t.Fatalf("submission %s was there already", s.ID)
	}
	return got
}

func submissionRoundTrip(t *testing.T, st storage.Results) {
	s := submission("id-1")
	s.Receipt, s.Nullifier = "r1", "n1"
	same(t, "what insert returned", s, insert(t, st, s))
	got, err := st.Get(t.Context(), "id-1")
	must(t, err)
	same(t, "what get returned", s, got)
	got, err = st.ByReceipt(t.Context(), "r1")
	must(t, err)
	same(t, "by receipt", s, got)
	for _, none := range []string{"id-2", ""} {
		_, err = st.Get(t.Context(), none)
		want(t, err, storage.ErrNotFound)
		_, err = st.ByReceipt(t.Context(), none)
		want(t, err, storage.ErrNotFound)
	}
}

func insertTwice(t *testing.T, st storage.Results) {
	s := submission("id-1")
	s.Prefix, s.Nullifier = "AU", "n1"
	first := insert(t, st, s)
	s.Title = "other"
	s.Received = s.Received.Add(time.Hour)
	again, inserted, err := st.Insert(t.Context(), s)
	must(t, err)
	if inserted {
		t.Error("the second insert claims that it stored the submission")
	}
	same(t, "what the second insert returned", first, again)
	other := submission("id-2")
	other.Prefix = "AU"
	if got := insert(t, st, other).Reference; got != "AU-2026-00002" {
		t.Errorf("the next reference is %s, want AU-2026-00002: the second insert took a number", got)
	}
}

func insertsRace(t *testing.T, st storage.Results) {
	inserted, errs := race(12, func(i int) (bool, error) {
		s := submission("id-1")
		s.Prefix, s.Nullifier = "AU", "n1"
		got, ok, err := st.Insert(t.Context(), s)
		if err == nil && got.Reference != "AU-2026-00001" {
			err = fmt.Errorf("reference %s", got.Reference)
		}
		return ok, err
	})
	n := 0
	for i := range inserted {
		must(t, errs[i])
		if inserted[i] {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of 12 inserts say that they stored the submission, want 1", n)
	}
}

func references(t *testing.T, st storage.Results) {
	vientiane := time.FixedZone("+07", 7*3600)
	newYear := time.Date(2026, 12, 31, 18, 0, 0, 0, time.UTC)
	at := []time.Time{noon, newYear, newYear.In(vientiane)}
	prefixes := []string{"AU", "CO"}
	got, errs := race(30, func(i int) (string, error) {
		s := submission(fmt.Sprintf("id-%d", i))
		s.Prefix, s.Received = prefixes[i%2], at[i%3]
		stored, _, err := st.Insert(t.Context(), s)
		return stored.Reference, err
	})
	for _, err := range errs {
		must(t, err)
	}
	slices.Sort(got)
	var all []string
	for _, prefix := range prefixes {
		for year, n := range map[int]int{2026: 10, 2027: 5} {
			for i := range n {
				all = append(all, fmt.Sprintf("%s-%d-%05d", prefix, year, i+1))
			}
		}
	}
	slices.Sort(all)
	same(t, "references", all, got)
	s, err := st.Get(t.Context(), "AU-2027-00003")
	must(t, err)
	if s.Reference != "AU-2027-00003" {
		t.Errorf("getting AU-2027-00003 gave %s", s.Reference)
	}
}

func nullifiers(t *testing.T, st storage.Results) {
	got, errs := race(8, func(i int) (bool, error) {
		s := submission(fmt.Sprintf("id-%d", i))
		s.Prefix, s.Nullifier = "AU", "once"
		_, inserted, err := st.Insert(t.Context(), s)
		return inserted, err
	})
	if won, refused := count(errs, nil), count(errs, storage.ErrUsed); won != 1 || refused != 7 {
		t.Fatalf("%d of 8 were stored and %d refused, want 1 and 7: %v", won, refused, errs)
	}
	winner := slices.Index(got, true)
	must(t, st.Withdraw(t.Context(), fmt.Sprintf("id-%d", winner), "", noon))
	s := submission("id-9")
	s.Nullifier = "once"
	_, _, err := st.Insert(t.Context(), s)
	want(t, err, storage.ErrUsed)
	s.Nullifier, s.Prefix = "", "AU"
	if got := insert(t, st, s).Reference; got != "AU-2026-00002" {
		t.Errorf("the next reference is %s, want AU-2026-00002: refused ones took numbers", got)
	}
}

// ids are those of the submissions that a filter selects, in their order.
func ids(t *testing.T, st storage.Submissions, f storage.Filter) string {
	t.Helper()
	var out []string
	for s, err := range st.Each(t.Context(), f) {
		must(t, err)
		out = append(out, s.ID)
	}
	return strings.Join(out, " ")
}

func spread(t *testing.T, st storage.Submissions) {
	for _, row := range []struct {
		id, form, person, province, district string
		at                                   time.Duration
	}{
		{"c", "sufs", "p1", "15", "1503", 0},
		{"a", "sufs", "p2", "15", "1501", time.Hour},
		{"e", "sufs", "", "01", "0101", 2 * time.Hour},
		{"d", "odsc", "p1", "01", "0101", 2 * time.Hour},
		{"b", "odsc", "p2", "", "", 24 * time.Hour},
	} {
		s := submission(row.id)
		s.FormID, s.Person, s.Province, s.District = row.form, row.person, row.province, row.district
		s.Received = noon.Add(row.at)
		if row.id == "d" {
			s.Hash = "h2"
		}
		insert(t, st, s)
	}
}

func filters(t *testing.T, st storage.Results) {
	spread(t, st)
	must(t, st.Withdraw(t.Context(), "a", "", noon))
	for name, c := range map[string]struct {
		f    storage.Filter
		want string
	}{
		"all":            {storage.Filter{}, "c d e b"},
		"withdrawn too":  {storage.Filter{Withdrawn: true}, "c a d e b"},
		"form":           {storage.Filter{FormID: "sufs"}, "c e"},
		"version":        {storage.Filter{Version: "7"}, "c d e b"},
		"hash":           {storage.Filter{Hash: "h2"}, "d"},
		"other version":  {storage.Filter{Version: "8"}, ""},
		"person":         {storage.Filter{Person: "p1"}, "c d"},
		"province":       {storage.Filter{Province: "01"}, "d e"},
		"district":       {storage.Filter{District: "1503"}, "c"},
		"form, province": {storage.Filter{FormID: "odsc", Province: "01"}, "d"},
		"from":           {storage.Filter{From: noon.Add(2 * time.Hour)}, "d e b"},
		"to":             {storage.Filter{To: noon.Add(2 * time.Hour)}, "c"},
		"newest":         {storage.Filter{Newest: true}, "b e d c"},
		"newest two":     {storage.Filter{Newest: true, Limit: 2}, "b e"},
		"limit":          {storage.Filter{Limit: 3}, "c d e"},
		"none":           {storage.Filter{FormID: "other"}, ""},
	} {
		if got := ids(t, st, c.f); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func counts(t *testing.T, st storage.Results) {
	spread(t, st)
	must(t, st.Withdraw(t.Context(), "a", "", noon))
	for by, want := range map[storage.CountBy]map[string]int{
		storage.ByForm:     {"sufs": 2, "odsc": 2},
		storage.ByDistrict: {"1503": 1, "0101": 2, "": 1},
		storage.ByProvince: {"15": 1, "01": 2, "": 1},
		storage.ByPerson:   {"p1": 2, "p2": 1, "": 1},
		storage.ByDay:      {"2026-11-24": 3, "2026-11-25": 1},
	} {
		got, err := st.Count(t.Context(), storage.Filter{Withdrawn: true}, by)
		must(t, err)
		same(t, "count by "+string(by), want, got)
	}
	got, err := st.Count(t.Context(), storage.Filter{Zone: time.FixedZone("", 11*3600)}, storage.ByDay)
	must(t, err)
	same(t, "count by day in another zone", map[string]int{"2026-11-24": 1, "2026-11-25": 3}, got)
	if _, err := st.Count(t.Context(), storage.Filter{}, "nothing"); err == nil {
		t.Error("counting by an unknown key gave no error")
	}
}

func withdrawn(t *testing.T, st storage.Results) {
	ctx := t.Context()
	s := submission("id-1")
	s.Prefix, s.Receipt = "AU", "r1"
	insert(t, st, s)
	must(t, st.AddMedia(ctx, medium("m1", "id-1"), medium("m2", "id-2")))
	must(t, st.Fetched(ctx, "m1", "ab/m1", 3, []byte{1}, noon))
	must(t, st.Withdraw(ctx, "id-1", "asked to", noon.Add(time.Hour)))
	must(t, st.Withdraw(ctx, "id-1", "again", noon.Add(2*time.Hour)))

	s.Reference, s.Reason, s.Withdrawn = "AU-2026-00001", "asked to", noon.Add(time.Hour)
	s.Data, s.InstanceName, s.Title, s.Province, s.District = nil, "", "", "", ""
	got, err := st.Get(ctx, "AU-2026-00001")
	must(t, err)
	same(t, "withdrawn submission", s, got)
	dropped, err := st.MediaIn(ctx, storage.MediaDropped, 10)
	must(t, err)
	if len(dropped) != 1 || dropped[0].ID != "m1" || dropped[0].Path != "ab/m1" || dropped[0].FileID != "" {
		t.Errorf("dropped media are %v, want m1 alone, with the path to delete", dropped)
	}
	want(t, st.Withdraw(ctx, "id-3", "", noon), storage.ErrNotFound)

	again, inserted, err := st.Insert(ctx, submission("id-1"))
	must(t, err)
	if inserted || len(again.Data) > 0 {
		t.Error("inserting a withdrawn submission again brought its answers back")
	}
}

func eachLeft(t *testing.T, st storage.Results) {
	spread(t, st)
	for range 50 { // a store that leaks what it reads with runs dry
		for outer, err := range st.Each(t.Context(), storage.Filter{}) {
			must(t, err)
			for inner, err := range st.Each(t.Context(), storage.Filter{}) {
				must(t, err)
				if _, err := st.Get(t.Context(), inner.ID); err != nil {
					t.Fatal(err)
				}
				break
			}
			must(t, st.Withdraw(t.Context(), outer.ID, "", noon)) // writing while reading
			break
		}
	}
}

func oddText(t *testing.T, st storage.Results) {
	s := submission("id-1")
	s.Title = "a\x00b\xffc"
	s.InstanceName = "'; DROP TABLE submissions; --"
	s.Data = flows.Record{{Name: "q", Text: "nul \x00, quote \", back\\slash, \u2028, 😀"}, {Name: "ຄຳຖາມ", Text: "=1+1"}}
	got := insert(t, st, s)
	if got.Title != "ab\uFFFDc" && got.Title != s.Title {
		t.Errorf("title became %q", got.Title)
	}
	s.Title = got.Title
	back, err := st.Get(t.Context(), "id-1")
	must(t, err)
	same(t, "submission", s, back)
}

func eachMany(t *testing.T, st storage.Results) {
	const n = 300
	for i := range n {
		s := submission(fmt.Sprintf("id-%03d", n-i))
		s.Received = noon.Add(time.Duration(i/3) * time.Second)
		insert(t, st, s)
	}
	var last *storage.Submission
	seen := 0
	for s, err := range st.Each(t.Context(), storage.Filter{FormID: "sufs"}) {
		must(t, err)
		if last != nil && (s.Received.Before(last.Received) || s.Received.Equal(last.Received) && s.ID <= last.ID) {
			t.Fatalf("%s came after %s", s.ID, last.ID)
		}
		last = s
		seen++
	}
	if seen != n {
		t.Errorf("%d of %d were yielded", seen, n)
	}
}

// BenchmarkSubmissions measures inserts by many at once, then reading all.
func BenchmarkSubmissions(b *testing.B, st storage.Submissions) {
	ids := make(chan string, 64)
	done := make(chan struct{})
	go func() {
		for i := 0; ; i++ {
			select {
			case ids <- fmt.Sprintf("id-%d", i):
			case <-done:
				return
			}
		}
	}()
	defer close(done)
	b.Run("Insert", func(b *testing.B) {
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, _, err := st.Insert(b.Context(), submission(<-ids)); err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inserts/s")
	})
	b.Run("Each", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n = 0
			for _, err := range st.Each(b.Context(), storage.Filter{}) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
