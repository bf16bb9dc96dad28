package bot_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"example.org/fieldbot/storage"
)

// memory is all stores in maps, as little as the bot's tests need. The real
// ones have a suite of their own; the bot on them is tested where both are known.
type memory struct {
	mu       sync.Mutex
	sessions map[string][]byte
	revision map[string]uint64
	forms    []storage.FormVersion
	subs     []storage.Submission
	people   map[string]storage.Person
	links    map[string]storage.Link
	used     map[string]bool
	due      map[string]storage.Schedule
	claimed  map[string]bool
	aside    []storage.Quarantined

	down      error                    // returned by Commit
	beforeCom func(s *storage.Session) // runs before a Commit, without the lock
}

func newMemory() *memory {
	return &memory{sessions: map[string][]byte{}, revision: map[string]uint64{}, people: map[string]storage.Person{},
		links: map[string]storage.Link{}, used: map[string]bool{}, due: map[string]storage.Schedule{}, claimed: map[string]bool{}}
}

func (m *memory) Load(_ context.Context, person string) (storage.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions[person] == nil {
		return storage.Session{Person: person}, nil
	}
	return storage.DecodeSession(person, m.revision[person], slices.Clone(m.sessions[person]))
}

func (m *memory) Commit(_ context.Context, s storage.Session) (uint64, error) {
	if m.beforeCom != nil {
		m.beforeCom(&s)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down != nil {
		return 0, m.down
	}
	if m.revision[s.Person] != s.Revision {
		return 0, storage.ErrConflict
	}
	m.revision[s.Person]++
	m.sessions[s.Person] = s.Encode()
	return m.revision[s.Person], nil
}

func (m *memory) Waiting(_ context.Context, before time.Time, limit int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for p, data := range m.sessions {
		s, err := storage.DecodeSession(p, m.revision[p], data)
		if err != nil {
			return nil, err
		}
		if from, ok := s.Attention(); ok && from.Before(before) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (m *memory) Delete(_ context.Context, person string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, person)
	return nil
}

func (m *memory) Publish(_ context.Context, v storage.FormVersion) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forms = append(m.forms, v)
	return nil
}

func (m *memory) Version(_ context.Context, id, hash string) (storage.FormVersion, error) {
	for _, v := range m.forms {
		if v.FormID == id && v.Hash == hash {
			return v, nil
		}
	}
	return storage.FormVersion{}, storage.ErrNotFound
}

func (m *memory) Current(context.Context) ([]storage.FormVersion, error) { return m.forms, nil }
func (m *memory) Versions(_ context.Context, id string) ([]storage.FormVersion, error) {
	return slices.DeleteFunc(slices.Clone(m.forms), func(v storage.FormVersion) bool { return v.FormID != id }), nil
}
func (m *memory) Retire(context.Context, string) error { return nil }

func (m *memory) Insert(_ context.Context, s storage.Submission) (storage.Submission, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, old := range m.subs {
		if old.ID == s.ID {
			return old, false, nil
		}
		if s.Nullifier != "" && old.Nullifier == s.Nullifier {
			return s, false, storage.ErrUsed
		}
	}
	if s.Prefix != "" {
		s.Reference = fmt.Sprintf("%s-%d-%05d", s.Prefix, s.Received.Year(), len(m.subs)+1)
	}
	m.subs = append(m.subs, s)
	return s, true, nil
}

func (m *memory) find(fits func(storage.Submission) bool) (storage.Submission, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.subs, fits); i >= 0 {
		return m.subs[i], nil
	}
	return storage.Submission{}, storage.ErrNotFound
}

func (m *memory) Get(_ context.Context, id string) (storage.Submission, error) {
	return m.find(func(s storage.Submission) bool { return s.ID == id || s.Reference == id && id != "" })
}

func (m *memory) ByReceipt(_ context.Context, receipt string) (storage.Submission, error) {
	return m.find(func(s storage.Submission) bool { return s.Receipt == receipt })
}

func (m *memory) Each(_ context.Context, f storage.Filter) iter.Seq2[*storage.Submission, error] {
	m.mu.Lock()
	all := slices.Clone(m.subs)
	m.mu.Unlock()
	if f.Newest {
		slices.Reverse(all)
	}
	return func(yield func(*storage.Submission, error) bool) {
		n := 0
		for i := range all {
			s := &all[i]
			if !s.Withdrawn.IsZero() || f.FormID != "" && s.FormID != f.FormID || f.Hash != "" && s.Hash != f.Hash || f.Person != "" && s.Person != f.Person ||
				!f.From.IsZero() && s.Received.Before(f.From) || !f.To.IsZero() && !s.Received.Before(f.To) {
				continue
			}
			if n++; f.Limit > 0 && n > f.Limit || !yield(s, nil) {
				return
			}
		}
	}
}

func (m *memory) Count(ctx context.Context, f storage.Filter, by storage.CountBy) (map[string]int, error) {
	out := map[string]int{}
	for s := range m.Each(ctx, f) {
		switch by {
		case storage.ByForm:
			out[s.FormID]++
		case storage.ByPerson:
			out[s.Person]++
		}
	}
	return out, nil
}

func (m *memory) Withdraw(_ context.Context, id, reason string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.subs {
		if m.subs[i].ID == id {
			m.subs[i].Withdrawn, m.subs[i].Data = at, nil
		}
	}
	return nil
}

func (m *memory) Person(_ context.Context, id string) (storage.Person, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p, ok := m.people[id]; ok {
		return p, nil
	}
	return storage.Person{}, storage.ErrNotFound
}

func (m *memory) Save(_ context.Context, p storage.Person, by, what string) (storage.Person, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p.Epoch++
	m.people[p.ID] = p
	return p, nil
}

func (m *memory) List(context.Context) ([]storage.Person, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []storage.Person
	for _, p := range m.people {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b storage.Person) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

func (m *memory) Audit(context.Context, string, int) ([]storage.AuditLine, error) { return nil, nil }

func (m *memory) AddLink(_ context.Context, l storage.Link) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.links[l.ID] = l
	return nil
}

func (m *memory) Link(_ context.Context, id string) (storage.Link, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l, ok := m.links[id]; ok {
		return l, nil
	}
	return storage.Link{}, storage.ErrNotFound
}

func (m *memory) Redeem(_ context.Context, id, person string, now time.Time) (storage.Link, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.links[id]
	switch {
	case !ok:
		return l, storage.ErrNotFound
	case !l.Expires.IsZero() && !now.Before(l.Expires):
		return l, storage.ErrUsed
	case m.used[id+person]:
		return l, nil
	case l.Uses > 0 && l.Used >= l.Uses:
		return l, storage.ErrUsed
	}
	l.Used++
	m.used[id+person], m.links[id] = true, l
	return l, nil
}

func (m *memory) Ensure(_ context.Context, s storage.Schedule) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.due[s.ID]; !ok {
		m.due[s.ID] = s
	}
	return nil
}

func (m *memory) Due(_ context.Context, now time.Time) (out []storage.Schedule, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.due {
		if !s.Next.After(now) {
			out = append(out, s)
		}
	}
	return out, nil
}

func (m *memory) Claim(_ context.Context, s storage.Schedule, period string, next time.Time, targets []string) (out []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.Next = next
	m.due[s.ID] = s
	for _, t := range targets {
		if k := s.ID + period + t; !m.claimed[k] {
			m.claimed[k] = true
			out = append(out, t)
		}
	}
	return out, nil
}

func (m *memory) Delivered(context.Context, string, string, string, string, time.Time) error {
	return nil
}

func (m *memory) Outcome(_ context.Context, schedule, period, target string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.claimed[schedule+period+target] {
		return "", storage.ErrNotFound
	}
	return "", nil
}

func (m *memory) PutAside(_ context.Context, q storage.Quarantined) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.aside = append(m.aside, q)
	return nil
}
func (m *memory) Quarantined(context.Context, int) ([]storage.Quarantined, error) {
	return m.aside, nil
}
func (m *memory) Release(context.Context, int64) error { return nil }
