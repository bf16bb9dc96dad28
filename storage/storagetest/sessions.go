package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

// Sessions exercises an implementation of storage.Sessions.
func Sessions(t *testing.T, open func(t *testing.T) storage.Sessions) {
	cases[storage.Sessions]{
		"a person never seen has an empty session":          emptySession,
		"what was committed is loaded":                      sessionRoundTrip,
		"a stale revision conflicts":                        staleRevision,
		"a second first commit conflicts":                   secondFirst,
		"of commits that race one wins":                     commitsRace,
		"no turn is lost when all redo theirs":              turnsAdd,
		"a load is a copy":                                  loadIsCopy,
		"persons do not meet":                               personsApart,
		"sessions that wait are listed, oldest first":       waitingSessions,
		"a deleted session is gone, its revisions for good": deletedSession,
		"a large session is kept":                           largeSession,
		"a cancelled call says so":                          cancelledCall,
	}.run(t, open)
}

func session(person string) storage.Session {
	s := storage.Session{
		Person: person, Language: "lo", Epoch: 2, Contact: []byte{0, 255, 10},
		NextID: 4, Changed: noon.Truncate(time.Millisecond),
		Open: []storage.Interview{{
			FormID: "sufs", Hash: "0af9", Instance: []byte("ບ້ານ\x00\xff"), Nonce: "x9Qa",
			Revision: 3, Message: 77, Started: noon.Truncate(time.Second),
		}},
	}
	s.MarkHandled(716_000_001)
	return s
}

func commit(t *testing.T, st storage.Sessions, s storage.Session) storage.Session {
	t.Helper()
	revision, err := st.Commit(t.Context(), s)
	must(t, err)
	if revision <= s.Revision {
		t.Fatalf("commit over revision %d gave revision %d, want a higher one", s.Revision, revision)
	}
	s.Revision = revision
	return s
}

func load(t *testing.T, st storage.Sessions, person string) storage.Session {
	t.Helper()
	s, err := st.Load(t.Context(), person)
	must(t, err)
	return s
}

func emptySession(t *testing.T, st storage.Sessions) {
	same(t, "session", storage.Session{Person: "nobody"}, load(t, st, "nobody"))
}

func sessionRoundTrip(t *testing.T, st storage.Sessions) {
	s := commit(t, st, session("p"))
	same(t, "first revision", s, load(t, st, "p"))
	s.Open, s.Awaiting = nil, "name"
	s = commit(t, st, s)
	same(t, "second revision", s, load(t, st, "p"))
}

func staleRevision(t *testing.T, st storage.Sessions) {
	first := commit(t, st, session("p"))
	second := first
	second.Language = "en"
	second = commit(t, st, second)
	first.Language = "th"
	_, err := st.Commit(t.Context(), first)
	want(t, err, storage.ErrConflict)
	same(t, "session", second, load(t, st, "p"))
}

func secondFirst(t *testing.T, st storage.Sessions) {
	s := commit(t, st, session("p"))
	_, err := st.Commit(t.Context(), session("p"))
	want(t, err, storage.ErrConflict)
	_, err = st.Commit(t.Context(), storage.Session{Person: "q", Revision: 7})
	want(t, err, storage.ErrConflict)
	same(t, "session", s, load(t, st, "p"))
}

func commitsRace(t *testing.T, st storage.Sessions) {
	for _, s := range []storage.Session{session("new"), commit(t, st, session("old"))} {
		revisions, errs := race(16, func(i int) (uint64, error) {
			mine := s
			mine.Epoch = uint64(1000 + i)
			return st.Commit(t.Context(), mine)
		})
		if won, lost := count(errs, nil), count(errs, storage.ErrConflict); won != 1 || lost != 15 {
			t.Fatalf("%s: %d of 16 commits won and %d conflicted, want 1 and 15: %v", s.Person, won, lost, errs)
		}
		got := load(t, st, s.Person)
		if winner := got.Epoch - 1000; errs[winner] != nil || revisions[winner] != got.Revision {
			t.Errorf("%s: the session stored is that of commit %d, which gave revision %d, error %v; stored is %d",
				s.Person, winner, revisions[winner], errs[winner], got.Revision)
		}
	}
}

// turnsAdd is how the bot works: a turn that lost the race is done again on
// the new state.
func turnsAdd(t *testing.T, st storage.Sessions) {
	const writers, turns = 8, 10
	_, errs := race(writers, func(i int) (struct{}, error) {
		for range turns {
			for {
				s, err := st.Load(t.Context(), "p")
				if err != nil {
					return struct{}{}, err
				}
				s.NextID++
				_, err = st.Commit(t.Context(), s)
				if err == nil {
					break
				}
				if !errors.Is(err, storage.ErrConflict) {
					return struct{}{}, err
				}
			}
		}
		return struct{}{}, nil
	})
	must(t, errors.Join(errs...))
	if got := load(t, st, "p").NextID; got != writers*turns {
		t.Errorf("%d turns were counted, want %d", got, writers*turns)
	}
}

func loadIsCopy(t *testing.T, st storage.Sessions) {
	s := commit(t, st, session("p"))
	mine := load(t, st, "p")
	mine.Open[0].Instance[0] = 'X'
	mine.Open[0].Nonce = "changed"
	mine.Contact[0] = 'X'
	mine.Handled[0] = 0
	same(t, "session", s, load(t, st, "p"))
}

func personsApart(t *testing.T, st storage.Sessions) {
	odd := []string{"a", "A", "a:b", "a{b}", "ຄົນ", "a b", "a*"}
	for i, person := range odd {
		s := session(person)
		s.Epoch = uint64(i)
		commit(t, st, s)
	}
	for i, person := range odd {
		if s := load(t, st, person); s.Epoch != uint64(i) || s.Person != person {
			t.Errorf("loading %q gave the session of %q", person, odd[s.Epoch])
		}
	}
}

func waitingSessions(t *testing.T, st storage.Sessions) {
	at := noon.Truncate(time.Millisecond)
	open := map[string]storage.Session{}
	for i, person := range []string{"c", "a", "b"} {
		s := session(person)
		s.Changed = at.Add(time.Duration(i) * time.Second)
		s.Outbox = []storage.Reply{{ID: 3, Method: "sendMessage"}}
		open[person] = commit(t, st, s)
	}
	finishing := session("f")
	finishing.Changed = at.Add(3 * time.Second)
	finishing.Open[0].State = storage.Finishing
	commit(t, st, finishing)
	commit(t, st, session("silent"))

	list := func(before time.Duration, limit int) []string {
		t.Helper()
		got, err := st.Waiting(t.Context(), at.Add(before), limit)
		must(t, err)
		return got
	}
	same(t, "all", []string{"c", "a", "b", "f"}, list(time.Minute, 10))
	same(t, "the first two", []string{"c", "a"}, list(time.Minute, 2))
	same(t, "those before a time", []string{"c", "a"}, list(2*time.Second, 10))

	sent := open["c"]
	sent.Outbox = nil
	commit(t, st, sent)
	later := open["a"]
	later.Changed = at.Add(time.Hour)
	commit(t, st, later)
	must(t, st.Delete(t.Context(), "b"))
	same(t, "what still waits", []string{"f", "a"}, list(2*time.Hour, 10))

	woken := session("w")
	woken.Wake = at.Add(3 * time.Hour)
	woken = commit(t, st, woken)
	same(t, "before it is to wake", []string{"f", "a"}, list(3*time.Hour, 10))
	same(t, "once it is to wake", []string{"f", "a", "w"}, list(4*time.Hour, 10))
	woken.Wake = time.Time{}
	commit(t, st, woken)
	same(t, "once it need not wake", []string{"f", "a"}, list(4*time.Hour, 10))
}

func deletedSession(t *testing.T, st storage.Sessions) {
	old := commit(t, st, session("p"))
	must(t, st.Delete(t.Context(), "p"))
	must(t, st.Delete(t.Context(), "p"))
	same(t, "session", storage.Session{Person: "p"}, load(t, st, "p"))

	_, err := st.Commit(t.Context(), old)
	want(t, err, storage.ErrConflict)
	again := commit(t, st, session("p"))
	if again.Revision <= old.Revision {
		t.Errorf("a session begun anew has revision %d, not above the old one's %d", again.Revision, old.Revision)
	}
	_, err = st.Commit(t.Context(), old)
	want(t, err, storage.ErrConflict)
}

func largeSession(t *testing.T, st storage.Sessions) {
	s := session("p")
	s.Open[0].Instance = bytes.Repeat([]byte("ຄຳຕອບ"), 1<<20/15)
	s = commit(t, st, s)
	same(t, "session", s, load(t, st, "p"))
}

func cancelledCall(t *testing.T, st storage.Sessions) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := st.Load(ctx, "p")
	want(t, err, context.Canceled)
	_, err = st.Commit(ctx, session("p"))
	want(t, err, context.Canceled)
	same(t, "session", storage.Session{Person: "p"}, load(t, st, "p"))
}

// BenchmarkSessions measures turns: a load and a commit, by many persons at
// once.
func BenchmarkSessions(b *testing.B, st storage.Sessions) {
	persons := make(chan string, 64)
	for i := range cap(persons) {
		persons <- fmt.Sprintf("person%d", i)
	}
	b.SetParallelism(16)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			person := <-persons
			s, err := st.Load(b.Context(), person)
			if err != nil {
				b.Error(err)
				return
			}
			revision := s.Revision
			s = session(person)
			s.Revision = revision
			s.Open[0].Instance = bytes.Repeat([]byte("x"), 300)
			if _, err := st.Commit(b.Context(), s); err != nil {
				b.Error(err)
				return
			}
			persons <- person
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "turns/s")
}
