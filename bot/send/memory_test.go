package send_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"example.org/fieldbot/storage"
)

// memory is storage.Broadcasts and storage.Jobs in maps, as little as these
// tests need; the real ones have a suite of their own.
type memory struct {
	mu    sync.Mutex
	b     storage.Broadcast
	order []string
	who   map[string]*storage.Outcome
	jobs  []storage.Job

	deaf bool // drops what is noted, as a process that was killed does
}

func (m *memory) AddBroadcast(_ context.Context, b storage.Broadcast) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.who == nil {
		m.b, m.who = b, map[string]*storage.Outcome{}
	}
	return nil
}

func (m *memory) AddRecipients(_ context.Context, _ string, people ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range people {
		if m.who[p] == nil {
			m.who[p] = &storage.Outcome{Person: p, State: storage.RecipientWaiting}
			m.order = append(m.order, p)
		}
	}
	return nil
}

func (m *memory) Broadcast(context.Context, string) (storage.Broadcast, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.b
	b.Counts = map[storage.RecipientState]int{}
	for _, o := range m.who {
		b.Counts[o.State]++
	}
	return b, nil
}

func (m *memory) ListBroadcasts(context.Context, int) ([]storage.Broadcast, error) { return nil, nil }

func (m *memory) MoveBroadcast(_ context.Context, _ string, from, to storage.BroadcastState, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.b.State != from {
		return storage.ErrConflict
	}
	m.b.State = to
	return nil
}

func (m *memory) ClaimRecipients(_ context.Context, _ string, limit int, now time.Time) (got []string, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.b.State != storage.BroadcastRunning {
		return nil, nil
	}
	for i := 0; i < len(m.order) && len(got) < limit; i++ {
		o := m.who[m.order[i]]
		if o.State == storage.RecipientWaiting && !o.At.After(now) {
			o.State, o.At = storage.RecipientBegun, now
			got = append(got, o.Person)
		}
	}
	m.order = slices.DeleteFunc(m.order, func(p string) bool { return m.who[p].State != storage.RecipientWaiting })
	return got, nil
}

func (m *memory) NoteRecipients(_ context.Context, _ string, outcomes ...storage.Outcome) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range outcomes {
		if m.deaf {
			continue
		}
		*m.who[o.Person] = o
		if o.State == storage.RecipientWaiting {
			m.order = append(m.order, o.Person)
		}
	}
	return nil
}

func (m *memory) LostRecipients(_ context.Context, _ string, before time.Time) (n int, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.who {
		if o.State == storage.RecipientBegun && o.At.Before(before) {
			o.State = storage.RecipientUnknown
			n++
		}
	}
	return n, nil
}

func (m *memory) TellRecipients(context.Context, string, storage.RecipientState, int) ([]storage.Outcome, error) {
	return nil, nil
}

func (m *memory) AddFeedback(context.Context, storage.Feedback) (int, error) { return 0, nil }

func (m *memory) Feedback(context.Context, string) ([]storage.Feedback, error) { return nil, nil }

func (m *memory) ForgetBroadcasts(context.Context, time.Time) (int, error) { return 0, nil }

func (m *memory) Enqueue(_ context.Context, jobs ...storage.Job) error {
	m.jobs = append(m.jobs, jobs...)
	return nil
}

func (m *memory) Run(context.Context, map[string]storage.Worker) error { return nil }

func (m *memory) JobState(context.Context, string, string) (storage.JobState, error) {
	return "", storage.ErrNotFound
}

// setDeaf says whether notes are dropped.
func (m *memory) setDeaf(deaf bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deaf = deaf
}
