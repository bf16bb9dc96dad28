package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

// Lease implements storage.Leases.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	n, err := s.exec(ctx, `
		INSERT INTO leases (name, holder, until) VALUES ($1, $2, clock_timestamp() + $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE leases.holder = excluded.holder OR leases.until < clock_timestamp()`, name, holder, ttl)
	if err != nil {
		return false, fmt.Errorf("take lease %s: %w", name, err)
	}
	return n > 0, nil
}

// Yield implements storage.Leases.
func (s *Store) Yield(ctx context.Context, name, holder string) error {
	if _, err := s.exec(ctx, "DELETE FROM leases WHERE name = $1 AND holder = $2", name, holder); err != nil {
		return fmt.Errorf("yield lease %s: %w", name, err)
	}
	return nil
}

// AddBroadcast implements storage.Broadcasts.
func (s *Store) AddBroadcast(ctx context.Context, b storage.Broadcast) error {
	if _, err := s.exec(ctx, `
		INSERT INTO broadcasts (id, actor, body, state, made, changed) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
		b.ID, b.By, notNil(b.Body), b.State, b.Made, b.Changed); err != nil {
		return fmt.Errorf("add broadcast: %w", err)
	}
	return nil
}

// AddRecipients implements storage.Broadcasts.
func (s *Store) AddRecipients(ctx context.Context, broadcast string, people ...string) error {
	if _, err := s.exec(ctx, `
		INSERT INTO recipients (broadcast, person) SELECT $1, p FROM unnest($2::text[]) p ORDER BY p ON CONFLICT DO NOTHING`,
		broadcast, people); err != nil {
		return fmt.Errorf("add %d recipients: %w", len(people), err)
	}
	return nil
}

// Broadcast implements storage.Broadcasts.
func (s *Store) Broadcast(ctx context.Context, id string) (storage.Broadcast, error) {
	all, err := s.broadcasts(ctx, "WHERE id = $1", id)
	if err == nil && len(all) == 0 {
		err = storage.ErrNotFound
	}
	if err != nil {
		return storage.Broadcast{}, fmt.Errorf("look up broadcast: %w", err)
	}
	return all[0], nil
}

// ListBroadcasts implements storage.Broadcasts.
func (s *Store) ListBroadcasts(ctx context.Context, limit int) ([]storage.Broadcast, error) {
	all, err := s.broadcasts(ctx, "ORDER BY made DESC, id LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", err)
	}
	return all, nil
}

func (s *Store) broadcasts(ctx context.Context, which string, args ...any) ([]storage.Broadcast, error) {
	all, err := collect(ctx, s, func(row scanner) (b storage.Broadcast, err error) {
		err = row.Scan(&b.ID, &b.By, &b.Body, &b.State, &b.Made, &b.Changed)
		b.Made, b.Changed = b.Made.UTC(), b.Changed.UTC()
		return b, err
	}, "SELECT id, actor, body, state, made, changed FROM broadcasts "+which, args...)
	if err != nil {
		return nil, err
	}
	type count struct {
		state storage.RecipientState
		n     int
	}
	for i := range all {
		counts, err := collect(ctx, s, func(row scanner) (c count, err error) { return c, row.Scan(&c.state, &c.n) },
			"SELECT state, count(*) FROM recipients WHERE broadcast = $1 GROUP BY state", all[i].ID)
		if err != nil {
			return nil, err
		}
		all[i].Counts = map[storage.RecipientState]int{}
		for _, c := range counts {
			all[i].Counts[c.state] = c.n
		}
	}
	return all, nil
}

// MoveBroadcast implements storage.Broadcasts.
func (s *Store) MoveBroadcast(ctx context.Context, id string, from, to storage.BroadcastState, at time.Time) error {
	n, err := s.exec(ctx, "UPDATE broadcasts SET state = $1, changed = $2 WHERE id = $3 AND state = $4", to, at, id, from)
	if err == nil && n == 0 {
		err = storage.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("note broadcast as %s: %w", to, err)
	}
	return nil
}

// ClaimRecipients implements storage.Broadcasts.
func (s *Store) ClaimRecipients(ctx context.Context, broadcast string, limit int, now time.Time) ([]string, error) {
	people, err := collect(ctx, s, func(row scanner) (p string, err error) { return p, row.Scan(&p) }, `
		WITH due AS (
			SELECT person FROM recipients
			WHERE broadcast = $1 AND state = 'waiting' AND at <= $2
			AND EXISTS (SELECT FROM broadcasts WHERE id = $1 AND state = 'running')
			ORDER BY at, person LIMIT $3 FOR UPDATE SKIP LOCKED)
		UPDATE recipients r SET state = 'begun', at = $2 FROM due
		WHERE r.broadcast = $1 AND r.person = due.person RETURNING r.person`, broadcast, now, limit)
	if err != nil {
		return nil, fmt.Errorf("claim recipients: %w", err)
	}
	return people, nil
}

// NoteRecipients implements storage.Broadcasts.
func (s *Store) NoteRecipients(ctx context.Context, broadcast string, outcomes ...storage.Outcome) error {
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, o := range outcomes {
			batch.Queue("UPDATE recipients SET state = $1, reason = $2, at = $3 WHERE broadcast = $4 AND person = $5 AND state IN ('begun', 'unknown')",
				o.State, stored.Text(o.Reason), o.At, broadcast, o.Person)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("note %d recipients: %w", len(outcomes), err)
	}
	return nil
}

// LostRecipients implements storage.Broadcasts.
func (s *Store) LostRecipients(ctx context.Context, broadcast string, before time.Time) (int, error) {
	n, err := s.exec(ctx, "UPDATE recipients SET state = 'unknown' WHERE broadcast = $1 AND state = 'begun' AND at < $2", broadcast, before)
	if err != nil {
		return 0, fmt.Errorf("note lost recipients: %w", err)
	}
	return int(n), nil
}

// TellRecipients implements storage.Broadcasts.
func (s *Store) TellRecipients(ctx context.Context, broadcast string, state storage.RecipientState, limit int) ([]storage.Outcome, error) {
	out, err := collect(ctx, s, func(row scanner) (o storage.Outcome, err error) {
		err = row.Scan(&o.Person, &o.State, &o.Reason, &o.At)
		o.At = o.At.UTC()
		return o, err
	}, "SELECT person, state, reason, at FROM recipients WHERE broadcast = $1 AND state = $2 ORDER BY at, person LIMIT $3", broadcast, state, limit)
	if err != nil {
		return nil, fmt.Errorf("list recipients: %w", err)
	}
	return out, nil
}

// AddFeedback implements storage.Broadcasts.
func (s *Store) AddFeedback(ctx context.Context, f storage.Feedback) (int, error) {
	if _, err := s.Broadcast(ctx, f.Broadcast); err != nil {
		return 0, err
	}
	if _, err := s.exec(ctx, `
		INSERT INTO broadcast_replies (broadcast, token, person, reply, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		f.Broadcast, f.Token, f.Person, stored.Text(f.Text), f.At); err != nil {
		return 0, fmt.Errorf("add reply: %w", err)
	}
	all, err := s.Feedback(ctx, f.Broadcast)
	return len(all), err
}

// Feedback implements storage.Broadcasts.
func (s *Store) Feedback(ctx context.Context, broadcast string) ([]storage.Feedback, error) {
	all, err := collect(ctx, s, func(row scanner) (f storage.Feedback, err error) {
		err = row.Scan(&f.Broadcast, &f.Token, &f.Person, &f.Text, &f.At)
		f.At = f.At.UTC()
		return f, err
	}, "SELECT broadcast, token, person, reply, at FROM broadcast_replies WHERE broadcast = $1 ORDER BY at, token", broadcast)
	if err != nil {
		return nil, fmt.Errorf("list replies: %w", err)
	}
	return all, nil
}

// ForgetBroadcasts implements storage.Broadcasts.
func (s *Store) ForgetBroadcasts(ctx context.Context, before time.Time) (int, error) {
	n, err := s.exec(ctx, "DELETE FROM broadcasts WHERE state IN ('done', 'cancelled', 'filling') AND changed < $1", before)
	if err != nil {
		return 0, fmt.Errorf("forget broadcasts: %w", err)
	}
	return int(n), nil
}
