package storagetest

import (
	"slices"
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

// Schedules exercises an implementation of storage.Schedules.
func Schedules(t *testing.T, open func(t *testing.T) storage.Schedules) {
	cases[storage.Schedules]{
		"ensured once, changed with its spec":       ensured,
		"what fell due is listed until it is moved": due,
		"a delivery is claimed once":                claimed,
		"of claims that race each target has one":   claimsRace,
	}.run(t, open)
}

func weekly() storage.Schedule {
	return storage.Schedule{ID: "weekly", Kind: "digest", Spec: "Mon 08:00", Zone: "Asia/Vientiane", Next: noon}
}

func dueAt(t *testing.T, st storage.Schedules, now time.Time) []storage.Schedule {
	t.Helper()
	got, err := st.Due(t.Context(), now)
	must(t, err)
	return got
}

func ensured(t *testing.T, st storage.Schedules) {
	s := weekly()
	must(t, st.Ensure(t.Context(), s))
	moved := s
	moved.Next = noon.Add(time.Hour)
	must(t, st.Ensure(t.Context(), moved)) // a restart does not move it
	same(t, "due", []storage.Schedule{s}, dueAt(t, st, noon.Add(2*time.Hour)))
	moved.Spec = "Tue 08:00"
	must(t, st.Ensure(t.Context(), moved))
	same(t, "due", []storage.Schedule{moved}, dueAt(t, st, noon.Add(2*time.Hour)))
	moved.Zone, moved.Next = "Asia/Bangkok", noon
	must(t, st.Ensure(t.Context(), moved))
	same(t, "due", []storage.Schedule{moved}, dueAt(t, st, noon.Add(2*time.Hour)))
}

func due(t *testing.T, st storage.Schedules) {
	s := weekly()
	daily := storage.Schedule{ID: "daily", Kind: "digest", Spec: "08:00", Zone: "UTC", Next: noon.Add(-time.Minute)}
	must(t, st.Ensure(t.Context(), s))
	must(t, st.Ensure(t.Context(), daily))
	same(t, "due before", []storage.Schedule{daily}, dueAt(t, st, noon.Add(-time.Microsecond)))
	same(t, "due at the time", []storage.Schedule{daily, s}, dueAt(t, st, noon))
	_, err := st.Claim(t.Context(), daily, "2026-11-24", noon.Add(24*time.Hour), nil)
	must(t, err)
	same(t, "due after the claim", []storage.Schedule{s}, dueAt(t, st, noon))
	_, err = st.Claim(t.Context(), daily, "2026-11-23", noon, nil)
	must(t, err)
	same(t, "due after a late claim", []storage.Schedule{s}, dueAt(t, st, noon))
}

func claimed(t *testing.T, st storage.Schedules) {
	ctx := t.Context()
	s := weekly()
	must(t, st.Ensure(ctx, s))
	next := noon.Add(7 * 24 * time.Hour)
	for _, step := range []struct {
		period        string
		targets, want []string
	}{
		{"W48", []string{"b", "a"}, []string{"b", "a"}},
		{"W48", []string{"a", "b", "c"}, []string{"c"}},
		{"W48", []string{"a"}, nil},
		{"W49", []string{"a", "a"}, []string{"a"}},
	} {
		got, err := st.Claim(ctx, s, step.period, next, step.targets)
		must(t, err)
		same(t, "claimed of "+step.period, step.want, got)
	}
	outcome, err := st.Outcome(ctx, "weekly", "W48", "a")
	must(t, err)
	same(t, "outcome before", "", outcome)
	must(t, st.Delivered(ctx, "weekly", "W48", "a", "sent", noon))
	outcome, err = st.Outcome(ctx, "weekly", "W48", "a")
	must(t, err)
	same(t, "outcome", "sent", outcome)
	_, err = st.Outcome(ctx, "weekly", "W48", "z")
	want(t, err, storage.ErrNotFound)
	want(t, st.Delivered(ctx, "weekly", "W48", "z", "sent", noon), storage.ErrNotFound)
	got, err := st.Claim(ctx, s, "W48", next, []string{"a"})
	must(t, err)
	same(t, "claimed after delivery", []string(nil), got)
}

func claimsRace(t *testing.T, st storage.Schedules) {
	s := weekly()
	must(t, st.Ensure(t.Context(), s))
	targets := []string{"a", "b", "c", "d", "e"}
	got, errs := race(10, func(i int) ([]string, error) {
		mine := slices.Clone(targets)
		if i%2 > 0 {
			slices.Reverse(mine) // locks taken in another order must not block each other
		}
		return st.Claim(t.Context(), s, "W48", noon.Add(time.Hour), mine)
	})
	for _, err := range errs {
		must(t, err)
	}
	all := slices.Sorted(slices.Values(slices.Concat(got...)))
	same(t, "claimed by all", targets, all)
}

// Quarantine exercises an implementation of storage.Quarantine.
func Quarantine(t *testing.T, open func(t *testing.T) storage.Quarantine) {
	cases[storage.Quarantine]{"put aside, listed, released": quarantine}.run(t, open)
}

func quarantine(t *testing.T, st storage.Quarantine) {
	ctx := t.Context()
	list := func(limit int) []storage.Quarantined {
		t.Helper()
		got, err := st.Quarantined(ctx, limit)
		must(t, err)
		return got
	}
	later := storage.Quarantined{UpdateID: 7, Reason: "panic", Update: []byte{0, 1}, At: noon.Add(time.Hour)}
	first := storage.Quarantined{UpdateID: 1 << 40, Reason: "undecodable", Update: []byte("sealed"), At: noon}
	must(t, st.PutAside(ctx, later))
	must(t, st.PutAside(ctx, first))
	same(t, "all", []storage.Quarantined{first, later}, list(10))
	same(t, "one", []storage.Quarantined{first}, list(1))
	first.Reason = "panic again"
	must(t, st.PutAside(ctx, first))
	must(t, st.Release(ctx, 7))
	must(t, st.Release(ctx, 7))
	same(t, "after a release", []storage.Quarantined{first}, list(10))
}
