package storagetest

import (
	"context"
	"sync"
	"time"

	"example.org/fieldbot/storage"
)

// fleeting is sessions in memory that are thrown away, to be wiped. It keeps just
// enough of the contract for that.
type fleeting struct {
	mu   sync.Mutex
	kept map[string]storage.Checkpoint
}

func (o *fleeting) Load(_ context.Context, person string) (storage.Session, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c, ok := o.kept[person]
	if !ok {
		return storage.Session{Person: person}, nil
	}
	return storage.DecodeSession(person, c.Revision, c.Data)
}

func (o *fleeting) Commit(_ context.Context, s storage.Session) (uint64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept[s.Person].Revision != s.Revision {
		return 0, storage.ErrConflict
	}
	if o.kept == nil {
		o.kept = map[string]storage.Checkpoint{}
	}
	revision := storage.NextRevision(s.Revision, time.Now())
	o.kept[s.Person] = storage.Checkpoint{Person: s.Person, Revision: revision, Data: s.Encode()}
	return revision, nil
}

func (o *fleeting) Waiting(context.Context, time.Time, int) ([]string, error) { return nil, nil }

func (o *fleeting) Delete(_ context.Context, person string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.kept, person)
	return nil
}
