package storagetest

import (
	"testing"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// Reviews exercises an implementation of storage.Reviews and storage.Reports.
func Reviews(t *testing.T, open func(t *testing.T) storage.Results) {
	cases[storage.Results]{
		"a correction keeps what was before":      reviseKeeps,
		"the same correction again has no effect": reviseAgain,
		"of corrections that race one wins":       reviseRace,
		"what was withdrawn cannot be corrected":  reviseWithdrawn,
		"the newest step is the state":            stepsAndStates,
		"nothing to report is kept once":          nothingReported,
	}.run(t, open)
}

func answered(text string) flows.Record {
	return flows.Record{{Name: "title", Kind: flows.QuestionNode, Text: text}}
}

func sent(t *testing.T, st storage.Results) storage.Submission {
	t.Helper()
	s := storage.Submission{Prefix: "AU", Person: "p1", District: "1503", Title: "one", Received: noon}
	s.ID, s.FormID, s.Hash, s.Data = "s1", "update", "h1", answered("one")
	s, _, err := st.Insert(t.Context(), s)
	must(t, err)
	return s
}

func reviseKeeps(t *testing.T, st storage.Results) {
	ctx := t.Context()
	s := sent(t, st)
	next := s
	next.Data, next.Title, next.District, next.Hash = answered("two"), "two", "1504", "h2"
	next.Reference, next.Person, next.Received = "", "", noon.Add(time.Hour)
	got, number, err := st.Revise(ctx, next, 1, "n1", noon.Add(time.Hour))
	must(t, err)
	want := s
	want.Data, want.Title, want.District, want.Hash = next.Data, "two", "1504", "h2"
	same(t, "corrected", want, got)
	if number != 2 {
		t.Errorf("revision %d, want 2", number)
	}
	stored, err := st.Get(ctx, s.Reference)
	must(t, err)
	same(t, "stored", want, stored)
	old, err := st.Revisions(ctx, s.ID)
	must(t, err)
	if len(old) != 1 || old[0].Number != 1 || !old[0].Until.Equal(noon.Add(time.Hour)) {
		t.Fatalf("revisions: %+v", old)
	}
	same(t, "what was before", s.Data, old[0].Submission.Data)
	if old[0].Submission.Title != "one" || old[0].Submission.Hash != "h1" {
		t.Errorf("what was before: %+v", old[0].Submission)
	}
}

func reviseAgain(t *testing.T, st storage.Results) {
	ctx := t.Context()
	s := sent(t, st)
	s.Data = answered("two")
	for range 2 {
		_, number, err := st.Revise(ctx, s, 1, "n1", noon)
		must(t, err)
		if number != 2 {
			t.Errorf("revision %d, want 2", number)
		}
	}
	_, _, err := st.Revise(ctx, s, 1, "n2", noon)
	want(t, err, storage.ErrConflict)
	s.Data = answered("three")
	_, number, err := st.Revise(ctx, s, 2, "n2", noon)
	must(t, err)
	if number != 3 {
		t.Errorf("revision %d, want 3", number)
	}
	s.ID = "nobody's"
	_, _, err = st.Revise(ctx, s, 1, "n3", noon)
	want(t, err, storage.ErrNotFound)
}

func reviseRace(t *testing.T, st storage.Results) {
	s := sent(t, st)
	_, errs := race(8, func(i int) (int, error) {
		v := s
		v.Data = answered("more")
		_, n, err := st.Revise(t.Context(), v, 1, string(rune('a'+i)), noon)
		return n, err
	})
	if count(errs, nil) != 1 || count(errs, storage.ErrConflict) != 7 {
		t.Errorf("errors: %v", errs)
	}
}

func reviseWithdrawn(t *testing.T, st storage.Results) {
	ctx := t.Context()
	s := sent(t, st)
	s.Data = answered("two")
	_, _, err := st.Revise(ctx, s, 1, "n1", noon)
	must(t, err)
	must(t, st.Withdraw(ctx, s.ID, "why", noon))
	_, _, err = st.Revise(ctx, s, 2, "n2", noon)
	want(t, err, storage.ErrUsed)
	old, err := st.Revisions(ctx, s.ID)
	must(t, err)
	if len(old) != 0 {
		t.Errorf("the answers of %d revisions are kept after withdrawal", len(old))
	}
}

func stepsAndStates(t *testing.T, st storage.Results) {
	ctx := t.Context()
	s := sent(t, st)
	ask := storage.Step{Submission: s.ID, State: storage.Returned, Text: "ຈັກຄົນ?", By: "p2", Token: "1", At: noon}
	reply := storage.Step{Submission: s.ID, State: storage.Replied, Text: "24", By: "p1", Token: "2", At: noon.Add(time.Hour)}
	for _, step := range []storage.Step{ask, reply} {
		added, err := st.AddStep(ctx, step)
		must(t, err)
		again, err := st.AddStep(ctx, step)
		must(t, err)
		if !added || again {
			t.Errorf("added %v, and again %v", added, again)
		}
	}
	steps, err := st.Steps(ctx, s.ID)
	must(t, err)
	same(t, "steps", []storage.Step{ask, reply}, steps)
	second := s
	second.ID = "s2"
	_, _, err = st.Insert(ctx, second)
	must(t, err)
	other := storage.Step{Submission: second.ID, State: storage.Accepted, By: "p2", Token: "3", At: noon}
	_, err = st.AddStep(ctx, other)
	must(t, err)
	steps, err = st.Steps(ctx, second.ID, s.ID)
	must(t, err)
	same(t, "steps of two", []storage.Step{ask, reply, other}, steps)
	steps, err = st.Steps(ctx)
	must(t, err)
	if len(steps) != 0 {
		t.Errorf("steps of none: %+v", steps)
	}
	states, err := st.States(ctx, s.ID, "nobody's")
	must(t, err)
	reply.Text = ""
	same(t, "states", map[string]storage.Step{s.ID: reply}, states)
	must(t, st.Withdraw(ctx, s.ID, "why", noon))
	steps, err = st.Steps(ctx, s.ID)
	must(t, err)
	if len(steps) != 2 || steps[0].Text != "" {
		t.Errorf("steps after withdrawal: %+v", steps)
	}
}

func nothingReported(t *testing.T, st storage.Results) {
	ctx := t.Context()
	n := storage.Nothing{FormID: "update", Due: "monthly", Period: "2026-05", District: "1503", Person: "p1", At: noon}
	must(t, st.ReportNothing(ctx, n))
	again := n
	again.Person = "p2"
	must(t, st.ReportNothing(ctx, again))
	got, err := st.ReportedNothing(ctx, "update", "monthly", "2026-05")
	must(t, err)
	same(t, "nothing to report", []storage.Nothing{n}, got)
	got, err = st.ReportedNothing(ctx, "update", "monthly", "2026-06")
	must(t, err)
	same(t, "another period", []storage.Nothing(nil), got)
}
