package storagetest

import (
	"fmt"
	"testing"

	"example.org/fieldbot/storage"
)

// Checkpoints exercises an implementation of storage.Checkpoints.
func Checkpoints(t *testing.T, open func(t *testing.T) storage.Checkpoints) {
	cases[storage.Checkpoints]{
		"newer copies replace older ones, never the other way":  newerCopies,
		"a copy without data is none, and keeps older ones out": emptyCopy,
		"replicas save at the same time":                        copiesRace,
		"a wiped store costs what was not copied":               wiped,
	}.run(t, open)
}

func isCopy(t *testing.T, st storage.Checkpoints, want storage.Checkpoint) {
	t.Helper()
	got, err := st.Checkpoint(t.Context(), want.Person)
	must(t, err)
	same(t, "copy", want, got)
}

func newerCopies(t *testing.T, st storage.Checkpoints) {
	ctx := t.Context()
	_, err := st.Checkpoint(ctx, "p")
	want(t, err, storage.ErrNotFound)
	older := storage.Checkpoint{Person: "p", Revision: 5, Data: []byte{0, 1}}
	newer := storage.Checkpoint{Person: "p", Revision: 6, Data: []byte{2}}
	other := storage.Checkpoint{Person: "q", Revision: 1, Data: []byte{3}}
	must(t, st.SaveCheckpoints(ctx))
	must(t, st.SaveCheckpoints(ctx, older, other))
	isCopy(t, st, older)
	must(t, st.SaveCheckpoints(ctx, older, newer, older))
	must(t, st.SaveCheckpoints(ctx, older))
	isCopy(t, st, newer)
	isCopy(t, st, other)
}

func emptyCopy(t *testing.T, st storage.Checkpoints) {
	ctx := t.Context()
	must(t, st.SaveCheckpoints(ctx, storage.Checkpoint{Person: "p", Revision: 5, Data: []byte{1}}))
	must(t, st.SaveCheckpoints(ctx, storage.Checkpoint{Person: "p", Revision: 7}))
	must(t, st.SaveCheckpoints(ctx, storage.Checkpoint{Person: "p", Revision: 6, Data: []byte{2}}))
	_, err := st.Checkpoint(ctx, "p")
	want(t, err, storage.ErrNotFound)
	again := storage.Checkpoint{Person: "p", Revision: 8, Data: []byte{3}}
	must(t, st.SaveCheckpoints(ctx, again))
	isCopy(t, st, again)
}

func copiesRace(t *testing.T, st storage.Checkpoints) {
	_, errs := race(8, func(i int) (struct{}, error) {
		var copies []storage.Checkpoint
		for n := range 50 {
			if i%2 > 0 {
				n = 49 - n
			}
			copies = append(copies, storage.Checkpoint{Person: fmt.Sprint(n), Revision: uint64(i + 1), Data: []byte{byte(i)}})
		}
		return struct{}{}, st.SaveCheckpoints(t.Context(), copies...)
	})
	for _, err := range errs {
		must(t, err)
	}
	for n := range 50 {
		isCopy(t, st, storage.Checkpoint{Person: fmt.Sprint(n), Revision: 8, Data: []byte{7}})
	}
}

func wiped(t *testing.T, st storage.Checkpoints) {
	ctx := t.Context()
	c := &storage.Checkpointed{Sessions: &fleeting{}, Copies: st}
	open := commit(t, c, session("open"))
	closed := commit(t, c, session("closed"))
	must(t, c.Save(ctx))
	closed.Open = nil
	commit(t, c, closed)
	gone := commit(t, c, session("gone"))
	must(t, c.Save(ctx))
	must(t, c.Save(ctx))
	must(t, c.Delete(ctx, gone.Person))
	later := open
	later.Language = "en"
	commit(t, c, later) // not copied any more

	c.Sessions = &fleeting{}
	before := open.Revision
	open.Revision = 0
	same(t, "the open session", open, load(t, c, "open"))
	same(t, "the closed session", storage.Session{Person: "closed"}, load(t, c, "closed"))
	same(t, "the deleted session", storage.Session{Person: "gone"}, load(t, c, "gone"))
	if again := commit(t, c, open); again.Revision <= before {
		t.Errorf("the session goes on with revision %d, not above %d", again.Revision, before)
	}
}
