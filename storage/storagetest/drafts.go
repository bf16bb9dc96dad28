package storagetest

import (
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

// Drafts exercises an implementation of storage.Drafts and storage.Rounds.
func Drafts(t *testing.T, open func(t *testing.T) storage.Results) {
	cases[storage.Results]{
		"a cell is kept as it was left":         cellsKept,
		"of two who change a cell one wins":     cellsRace,
		"items are kept with what became of it": itemsKept,
		"rounds are kept, the latest first":     roundsKept,
	}.run(t, open)
}

func cellsKept(t *testing.T, st storage.Results) {
	ctx := t.Context()
	c := storage.DraftCell{FormID: "update", Year: 2026, Language: "lo", Part: "A.1", Column: "progress", Text: "ນ້ຳ\n- x [U-1]",
		Offered: []string{"U-1", "U-2"}, Revision: 1, Changed: noon}
	must(t, st.PutCell(ctx, c))
	other := c
	other.Language, other.Offered = "en", nil
	must(t, st.PutCell(ctx, other))
	got, err := st.Cells(ctx, "update", 2026, "lo")
	must(t, err)
	same(t, "cells", []storage.DraftCell{c}, got)
	c.Text, c.Revision, c.Changed = "", 2, noon.Add(time.Hour)
	must(t, st.PutCell(ctx, c))
	got, err = st.Cells(ctx, "update", 2026, "lo")
	must(t, err)
	same(t, "changed", []storage.DraftCell{c}, got)
	got, err = st.Cells(ctx, "update", 2025, "lo")
	must(t, err)
	if len(got) != 0 {
		t.Errorf("cells of a year without any: %+v", got)
	}
}

func cellsRace(t *testing.T, st storage.Results) {
	c := storage.DraftCell{FormID: "update", Year: 2026, Language: "lo", Part: "B", Column: "outputs", Revision: 1, Changed: noon}
	must(t, st.PutCell(t.Context(), c))
	_, errs := race(8, func(int) (int, error) {
		c := c
		c.Revision = 2
		return 0, st.PutCell(t.Context(), c)
	})
	if n := count(errs, nil); n != 1 {
		t.Errorf("%d changes from one revision took effect, want 1", n)
	}
	c.Revision = 1
	want(t, st.PutCell(t.Context(), c), storage.ErrConflict)
	c.Part, c.Revision = "C", 2
	want(t, st.PutCell(t.Context(), c), storage.ErrConflict)
}

func itemsKept(t *testing.T, st storage.Results) {
	ctx := t.Context()
	one := storage.Item{ID: "i1", FormID: "update", Year: 2025, Part: "A.3", Kind: storage.Recommendation, Text: "Go on",
		Owner: "Ministry", Due: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC), State: storage.ItemOpen, Changed: noon}
	two := one
	two.ID, two.Kind, two.Due = "i2", storage.WayForward, time.Time{}
	for _, i := range []storage.Item{one, two} {
		must(t, st.PutItem(ctx, i))
	}
	one.State, one.Changed = storage.ItemDone, noon.Add(time.Hour)
	must(t, st.PutItem(ctx, one))
	got, err := st.Items(ctx, "update")
	must(t, err)
	same(t, "items", []storage.Item{one, two}, got)
}

func roundsKept(t *testing.T, st storage.Results) {
	ctx := t.Context()
	old := storage.Round{FormID: "sufs", Name: "2019", From: noon.AddDate(-7, 0, 0), To: noon.AddDate(-7, 0, 9), Count: 3, Source: "a.csv", Made: noon}
	late := old
	late.Name, late.From, late.To = "2021", noon.AddDate(-5, 0, 0), noon.AddDate(-5, 1, 0)
	for _, r := range []storage.Round{old, late} {
		must(t, st.PutRound(ctx, r))
	}
	old.Count = 4
	must(t, st.PutRound(ctx, old))
	got, err := st.Rounds(ctx, "sufs")
	must(t, err)
	same(t, "rounds", []storage.Round{late, old}, got)
}
