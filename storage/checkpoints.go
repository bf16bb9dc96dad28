package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// Checkpoints keeps copies of sessions beside the results, for the case that
// the sessions' own store is wiped. It is not for SQLite, which has both in one
// file.
type Checkpoints interface {
	// SaveCheckpoints stores copies over those of lower revisions.
	SaveCheckpoints(ctx context.Context, copies ...Checkpoint) error

	// Checkpoint returns a person's copy; ErrNotFound if there is none, or one
	// without Data.
	Checkpoint(ctx context.Context, person string) (Checkpoint, error)
}

// A Checkpoint is a copy of a session.
type Checkpoint struct {
	Person   string
	Revision uint64
	Data     []byte // Session.Encode; nil says that nothing is under way, and outlives older copies for a while
}

// CheckpointEvery is how often Checkpointed saves: what a wiped store costs is
// at most the answers of this long and of the time that saving takes.
const CheckpointEvery = 30 * time.Second

// Checkpointed is Sessions that are copied to Copies now and then while an
// interview is open, and taken from there when the store has lost them. Run
// must run.
type Checkpointed struct {
	Sessions
	Copies Checkpoints

	mu    sync.Mutex
	dirty map[string]Session // not saved yet, by person; encoded when they are
}

// Load implements Sessions. A session that comes from a copy has Revision 0,
// since the store has none.
func (c *Checkpointed) Load(ctx context.Context, person string) (Session, error) {
	s, err := c.Sessions.Load(ctx, person)
	if err != nil || s.Revision > 0 {
		return s, err
	}
	saved, err := c.Copies.Checkpoint(ctx, person)
	if errors.Is(err, ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("load session: %w", err)
	}
	return DecodeSession(person, 0, saved.Data)
}

// Commit implements Sessions.
func (c *Checkpointed) Commit(ctx context.Context, s Session) (uint64, error) {
	revision, err := c.Sessions.Commit(ctx, s)
	if err != nil {
		return revision, err
	}
	s.Revision = revision
	c.note(s)
	return revision, nil
}

// Delete implements Sessions. The copy goes first: a session must not come back
// after its person had it deleted.
func (c *Checkpointed) Delete(ctx context.Context, person string) error {
	gone := Session{Person: person, Revision: NextRevision(0, time.Now())}
	c.note(gone)
	if err := c.Copies.SaveCheckpoints(ctx, checkpoint(&gone)); err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return c.Sessions.Delete(ctx, person)
}

// checkpoint is the copy of a session; of one with nothing open only a mark.
func checkpoint(s *Session) Checkpoint {
	saved := Checkpoint{Person: s.Person, Revision: s.Revision}
	if len(s.Open) > 0 {
		saved.Data = s.Encode()
	}
	return saved
}

// note remembers what is to be saved. Callers do not change what s refers to.
func (c *Checkpointed) note(s Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dirty == nil {
		c.dirty = map[string]Session{}
	}
	if s.Revision > c.dirty[s.Person].Revision {
		c.dirty[s.Person] = s
	}
}

// Run saves copies until ctx ends, and once more then. failed is told of errors;
// what could not be saved is tried again.
func (c *Checkpointed) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(CheckpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := c.Save(ctx); err != nil {
				failed(err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := c.Save(last); err != nil {
				failed(err)
			}
			return
		}
	}
}

// saveAtOnce is how many copies go in one transaction.
const saveAtOnce = 500

// Save saves what changed since the last time.
func (c *Checkpointed) Save(ctx context.Context) error {
	c.mu.Lock()
	dirty := c.dirty
	c.dirty = nil
	c.mu.Unlock()
	batch := make([]Checkpoint, 0, saveAtOnce)
	save := func() error {
		if err := c.Copies.SaveCheckpoints(ctx, batch...); err != nil {
			for _, left := range dirty {
				c.note(left)
			}
			return fmt.Errorf("save checkpoints: %w", err)
		}
		for _, saved := range batch {
			delete(dirty, saved.Person)
		}
		batch = batch[:0]
		return nil
	}
	for _, s := range maps.Clone(dirty) {
		batch = append(batch, checkpoint(&s))
		if len(batch) == saveAtOnce {
			if err := save(); err != nil {
				return err
			}
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return save()
}
