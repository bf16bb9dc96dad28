package storagetest

import (
	"fmt"
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

// Leases exercises an implementation of storage.Leases.
func Leases(t *testing.T, open func(t *testing.T) storage.Leases) {
	cases[storage.Leases]{
		"one holder at a time, who may prolong":     leaseHeld,
		"a lease ends by itself, or is given up":    leaseEnds,
		"of holders that race exactly one gets it":  leasesRace,
		"leases of other names have other holders":  leaseNames,
		"yielding what another holds has no effect": leaseYieldOther,
	}.run(t, open)
}

func isHeld(t *testing.T, st storage.Leases, name, holder string, ttl time.Duration, want bool) {
	t.Helper()
	got, err := st.Lease(t.Context(), name, holder, ttl)
	must(t, err)
	if got != want {
		t.Fatalf("%s has lease %s: %v, want %v", holder, name, got, want)
	}
}

func leaseHeld(t *testing.T, st storage.Leases) {
	isHeld(t, st, "poll", "a", time.Minute, true)
	isHeld(t, st, "poll", "b", time.Minute, false)
	isHeld(t, st, "poll", "a", time.Minute, true)
	isHeld(t, st, "poll", "b", time.Minute, false)
}

func leaseEnds(t *testing.T, st storage.Leases) {
	isHeld(t, st, "poll", "a", 30*time.Millisecond, true)
	time.Sleep(60 * time.Millisecond)
	isHeld(t, st, "poll", "b", time.Minute, true)
	isHeld(t, st, "poll", "a", time.Minute, false)
	must(t, st.Yield(t.Context(), "poll", "b"))
	must(t, st.Yield(t.Context(), "poll", "b"))
	isHeld(t, st, "poll", "a", time.Minute, true)
}

func leasesRace(t *testing.T, st storage.Leases) {
	got, errs := race(8, func(i int) (bool, error) {
		return st.Lease(t.Context(), "poll", fmt.Sprint(i), time.Minute)
	})
	held := 0
	for i := range got {
		must(t, errs[i])
		if got[i] {
			held++
		}
	}
	if held != 1 {
		t.Errorf("%d hold the lease", held)
	}
}

func leaseNames(t *testing.T, st storage.Leases) {
	isHeld(t, st, "poll", "a", time.Minute, true)
	isHeld(t, st, "bulk", "b", time.Minute, true)
}

func leaseYieldOther(t *testing.T, st storage.Leases) {
	isHeld(t, st, "poll", "a", time.Minute, true)
	must(t, st.Yield(t.Context(), "poll", "b"))
	isHeld(t, st, "poll", "b", time.Minute, false)
}

// Broadcasts exercises an implementation of storage.Broadcasts.
func Broadcasts(t *testing.T, open func(t *testing.T) storage.Broadcasts) {
	cases[storage.Broadcasts]{
		"kept once, moved only from where it is":      broadcastStates,
		"recipients are claimed while it runs, once":  recipientsClaimed,
		"claims that race share the recipients":       claimsOfRecipientsRace,
		"what came of a claim is noted, or is lost":   recipientsNoted,
		"recipients that are put back wait their due": recipientsPutBack,
		"forgotten some time after its end":           broadcastsForgotten,
		"replies are kept once, in order":             repliesKept,
	}.run(t, open)
}

func news() storage.Broadcast {
	return storage.Broadcast{ID: "news", By: "p1", Body: []byte(`{"text":"ສະບາຍດີ"}`), State: storage.BroadcastFilling, Made: noon, Changed: noon}
}

// broadcasting adds a broadcast that runs, to n people.
func broadcasting(t *testing.T, st storage.Broadcasts, n int) {
	t.Helper()
	must(t, st.AddBroadcast(t.Context(), news()))
	people := make([]string, n)
	for i := range people {
		people[i] = fmt.Sprintf("person%03d", i)
	}
	must(t, st.AddRecipients(t.Context(), "news", people...))
	must(t, st.MoveBroadcast(t.Context(), "news", storage.BroadcastFilling, storage.BroadcastRunning, noon))
}

func claim(t *testing.T, st storage.Broadcasts, limit int, now time.Time) []string {
	t.Helper()
	got, err := st.ClaimRecipients(t.Context(), "news", limit, now)
	must(t, err)
	return got
}

func counted(t *testing.T, st storage.Broadcasts, want map[storage.RecipientState]int) {
	t.Helper()
	b, err := st.Broadcast(t.Context(), "news")
	must(t, err)
	same(t, "counts", want, b.Counts)
}

func broadcastStates(t *testing.T, st storage.Broadcasts) {
	ctx := t.Context()
	_, err := st.Broadcast(ctx, "news")
	want(t, err, storage.ErrNotFound)
	b := news()
	must(t, st.AddBroadcast(ctx, b))
	again := b
	again.Body = []byte("{}")
	must(t, st.AddBroadcast(ctx, again))
	got, err := st.Broadcast(ctx, "news")
	must(t, err)
	same(t, "broadcast", b, got)
	must(t, st.MoveBroadcast(ctx, "news", storage.BroadcastFilling, storage.BroadcastRunning, noon.Add(time.Hour)))
	want(t, st.MoveBroadcast(ctx, "news", storage.BroadcastFilling, storage.BroadcastRunning, noon), storage.ErrConflict)
	later := news()
	later.ID, later.Made = "later", noon.Add(time.Minute)
	must(t, st.AddBroadcast(ctx, later))
	b.State, b.Changed = storage.BroadcastRunning, noon.Add(time.Hour)
	all, err := st.ListBroadcasts(ctx, 10)
	must(t, err)
	same(t, "all", []storage.Broadcast{later, b}, all)
}

func recipientsClaimed(t *testing.T, st storage.Broadcasts) {
	ctx := t.Context()
	broadcasting(t, st, 5)
	must(t, st.AddRecipients(ctx, "news", "person000", "person004"))
	counted(t, st, map[storage.RecipientState]int{storage.RecipientWaiting: 5})
	first := claim(t, st, 2, noon)
	if len(first) != 2 {
		t.Fatalf("claimed %v", first)
	}
	must(t, st.MoveBroadcast(ctx, "news", storage.BroadcastRunning, storage.BroadcastPaused, noon))
	same(t, "claimed while paused", []string(nil), claim(t, st, 10, noon))
	must(t, st.MoveBroadcast(ctx, "news", storage.BroadcastPaused, storage.BroadcastRunning, noon))
	if rest := claim(t, st, 10, noon); len(rest) != 3 {
		t.Errorf("claimed %v after %v", rest, first)
	}
	same(t, "claimed in the end", []string(nil), claim(t, st, 10, noon))
	counted(t, st, map[storage.RecipientState]int{storage.RecipientBegun: 5})
	got, err := st.ClaimRecipients(ctx, "none", 1, noon)
	must(t, err)
	same(t, "claimed of none", []string(nil), got)
}

func claimsOfRecipientsRace(t *testing.T, st storage.Broadcasts) {
	broadcasting(t, st, 100)
	got, errs := race(8, func(int) ([]string, error) {
		var mine []string
		for {
			more, err := st.ClaimRecipients(t.Context(), "news", 7, noon)
			if err != nil || len(more) == 0 {
				return mine, err
			}
			mine = append(mine, more...)
		}
	})
	seen := map[string]bool{}
	for i, mine := range got {
		must(t, errs[i])
		for _, p := range mine {
			if seen[p] {
				t.Errorf("%s was claimed twice", p)
			}
			seen[p] = true
		}
	}
	// A claim that races may come back with less than there was, never with more.
	for _, p := range claim(t, st, 100, noon) {
		seen[p] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d were claimed", len(seen))
	}
}

func recipientsNoted(t *testing.T, st storage.Broadcasts) {
	ctx := t.Context()
	broadcasting(t, st, 4)
	claim(t, st, 3, noon)
	must(t, st.NoteRecipients(ctx, "news"))
	told := storage.Outcome{Person: "person000", State: storage.RecipientTold, At: noon.Add(time.Second)}
	failed := storage.Outcome{Person: "person001", State: storage.RecipientFailed, Reason: "400", At: noon.Add(time.Second)}
	must(t, st.NoteRecipients(ctx, "news", told, failed))
	must(t, st.NoteRecipients(ctx, "news", storage.Outcome{Person: "person000", State: storage.RecipientWaiting, At: noon})) // too late
	n, err := st.LostRecipients(ctx, "news", noon)
	must(t, err)
	same(t, "lost at once", 0, n)
	n, err = st.LostRecipients(ctx, "news", noon.Add(time.Minute))
	must(t, err)
	same(t, "lost", 1, n)
	counted(t, st, map[storage.RecipientState]int{storage.RecipientTold: 1, storage.RecipientFailed: 1, storage.RecipientUnknown: 1, storage.RecipientWaiting: 1})
	list, err := st.TellRecipients(ctx, "news", storage.RecipientFailed, 10)
	must(t, err)
	same(t, "failed", []storage.Outcome{failed}, list)
	list, err = st.TellRecipients(ctx, "news", storage.RecipientUnknown, 10)
	must(t, err)
	same(t, "unknown", []storage.Outcome{{Person: "person002", State: storage.RecipientUnknown, At: noon}}, list)
}

func recipientsPutBack(t *testing.T, st storage.Broadcasts) {
	broadcasting(t, st, 1)
	claim(t, st, 1, noon)
	must(t, st.NoteRecipients(t.Context(), "news", storage.Outcome{Person: "person000", State: storage.RecipientWaiting, At: noon.Add(time.Minute)}))
	same(t, "claimed early", []string(nil), claim(t, st, 1, noon.Add(time.Second)))
	same(t, "claimed", []string{"person000"}, claim(t, st, 1, noon.Add(time.Minute)))
}

func broadcastsForgotten(t *testing.T, st storage.Broadcasts) {
	ctx := t.Context()
	broadcasting(t, st, 2)
	forget := func(before time.Time) int {
		t.Helper()
		n, err := st.ForgetBroadcasts(ctx, before)
		must(t, err)
		return n
	}
	same(t, "forgotten while it runs", 0, forget(noon.Add(time.Hour)))
	must(t, st.MoveBroadcast(ctx, "news", storage.BroadcastRunning, storage.BroadcastDone, noon.Add(time.Minute)))
	same(t, "forgotten early", 0, forget(noon))
	same(t, "forgotten", 1, forget(noon.Add(time.Hour)))
	_, err := st.Broadcast(ctx, "news")
	want(t, err, storage.ErrNotFound)
}

func repliesKept(t *testing.T, st storage.Broadcasts) {
	ctx := t.Context()
	broadcasting(t, st, 2)
	add := func(token, text string, at time.Time) int {
		t.Helper()
		n, err := st.AddFeedback(ctx, storage.Feedback{Broadcast: "news", Token: token, Person: "person001", Text: text, At: at})
		must(t, err)
		return n
	}
	same(t, "replies", 1, add("b", "ຂອບໃຈ", noon.Add(time.Minute)))
	same(t, "replies after one came again", 1, add("b", "again", noon))
	same(t, "replies", 2, add("a", "first", noon))
	all, err := st.Feedback(ctx, "news")
	must(t, err)
	same(t, "replies", []storage.Feedback{
		{Broadcast: "news", Token: "a", Person: "person001", Text: "first", At: noon},
		{Broadcast: "news", Token: "b", Person: "person001", Text: "ຂອບໃຈ", At: noon.Add(time.Minute)},
	}, all)
	_, err = st.AddFeedback(ctx, storage.Feedback{Broadcast: "none", Token: "a", At: noon})
	want(t, err, storage.ErrNotFound)
	must(t, st.MoveBroadcast(ctx, "news", storage.BroadcastRunning, storage.BroadcastDone, noon))
	n, err := st.ForgetBroadcasts(ctx, noon.Add(time.Hour))
	must(t, err)
	same(t, "forgotten with its replies", 1, n)
	all, err = st.Feedback(ctx, "news")
	must(t, err)
	same(t, "replies left", 0, len(all))
}
