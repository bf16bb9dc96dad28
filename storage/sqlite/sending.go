package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

// Lease implements storage.Leases.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	now := time.Now()
	n, err := s.exec(ctx, `
		INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE holder = excluded.holder OR until < ?`, name, holder, now.Add(ttl).UnixMicro(), now.UnixMicro())
	if err != nil {
		return false, fmt.Errorf("take lease %s: %w", name, err)
	}
	return n > 0, nil
}

// Yield implements storage.Leases.
func (s *Store) Yield(ctx context.Context, name, holder string) error {
	if _, err := s.exec(ctx, "DELETE FROM leases WHERE name = ? AND holder = ?", name, holder); err != nil {
		return fmt.Errorf("yield lease %s: %w", name, err)
	}
	return nil
}

// AddBroadcast implements storage.Broadcasts.
func (s *Store) AddBroadcast(ctx context.Context, b storage.Broadcast) error {
	if _, err := s.exec(ctx, `
		INSERT INTO broadcasts (id, actor, body, state, made, changed) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		b.ID, b.By, notNil(b.Body), b.State, b.Made.UnixMicro(), b.Changed.UnixMicro()); err != nil {
		return fmt.Errorf("add broadcast: %w", err)
	}
	return nil
}

// AddRecipients implements storage.Broadcasts.
func (s *Store) AddRecipients(ctx context.Context, broadcast string, people ...string) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, p := range people {
			if _, err := tx.ExecContext(ctx, "INSERT INTO recipients (broadcast, person) VALUES (?, ?) ON CONFLICT DO NOTHING", broadcast, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add %d recipients: %w", len(people), err)
	}
	return nil
}

// Broadcast implements storage.Broadcasts.
func (s *Store) Broadcast(ctx context.Context, id string) (storage.Broadcast, error) {
	all, err := s.broadcasts(ctx, "WHERE id = ?", id)
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
	all, err := s.broadcasts(ctx, "ORDER BY made DESC, id LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", err)
	}
	return all, nil
}

func (s *Store) broadcasts(ctx context.Context, which string, args ...any) ([]storage.Broadcast, error) {
	all, err := collect(ctx, s, func(row scanner) (b storage.Broadcast, err error) {
		var made, changed int64
		err = row.Scan(&b.ID, &b.By, &b.Body, &b.State, &made, &changed)
		b.Made, b.Changed = time.UnixMicro(made).UTC(), time.UnixMicro(changed).UTC()
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
			"SELECT state, count(*) FROM recipients WHERE broadcast = ? GROUP BY state", all[i].ID)
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
	n, err := s.exec(ctx, "UPDATE broadcasts SET state = ?, changed = ? WHERE id = ? AND state = ?", to, at.UnixMicro(), id, from)
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
	var people []string
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			UPDATE recipients SET state = 'begun', at = ?1 WHERE broadcast = ?2 AND person IN (
				SELECT person FROM recipients
				WHERE broadcast = ?2 AND state = 'waiting' AND at <= ?1
				AND EXISTS (SELECT 1 FROM broadcasts WHERE id = ?2 AND state = 'running')
				ORDER BY at, person LIMIT ?3)
			RETURNING person`, now.UnixMicro(), broadcast, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p string
			if err := rows.Scan(&p); err != nil {
				return err
			}
			people = append(people, p)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("claim recipients: %w", err)
	}
	return people, nil
}

// NoteRecipients implements storage.Broadcasts.
func (s *Store) NoteRecipients(ctx context.Context, broadcast string, outcomes ...storage.Outcome) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, o := range outcomes {
			if _, err := tx.ExecContext(ctx, "UPDATE recipients SET state = ?, reason = ?, at = ? WHERE broadcast = ? AND person = ? AND state IN ('begun', 'unknown')",
				o.State, stored.Text(o.Reason), o.At.UnixMicro(), broadcast, o.Person); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note %d recipients: %w", len(outcomes), err)
	}
	return nil
}

// LostRecipients implements storage.Broadcasts.
func (s *Store) LostRecipients(ctx context.Context, broadcast string, before time.Time) (int, error) {
	n, err := s.exec(ctx, "UPDATE recipients SET state = 'unknown' WHERE broadcast = ? AND state = 'begun' AND at < ?", broadcast, before.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("note lost recipients: %w", err)
	}
	return int(n), nil
}

// TellRecipients implements storage.Broadcasts.
func (s *Store) TellRecipients(ctx context.Context, broadcast string, state storage.RecipientState, limit int) ([]storage.Outcome, error) {
	out, err := collect(ctx, s, func(row scanner) (o storage.Outcome, err error) {
		var at int64
		err = row.Scan(&o.Person, &o.State, &o.Reason, &at)
		o.At = time.UnixMicro(at).UTC()
		return o, err
	}, "SELECT person, state, reason, at FROM recipients WHERE broadcast = ? AND state = ? ORDER BY at, person LIMIT ?", broadcast, state, limit)
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
		INSERT INTO broadcast_replies (broadcast, token, person, reply, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		f.Broadcast, f.Token, f.Person, stored.Text(f.Text), f.At.UnixMicro()); err != nil {
		return 0, fmt.Errorf("add reply: %w", err)
	}
	all, err := s.Feedback(ctx, f.Broadcast)
	return len(all), err
}

// Feedback implements storage.Broadcasts.
func (s *Store) Feedback(ctx context.Context, broadcast string) ([]storage.Feedback, error) {
	all, err := collect(ctx, s, func(row scanner) (f storage.Feedback, err error) {
		var at int64
		err = row.Scan(&f.Broadcast, &f.Token, &f.Person, &f.Text, &at)
		f.At = time.UnixMicro(at).UTC()
		return f, err
	}, "SELECT broadcast, token, person, reply, at FROM broadcast_replies WHERE broadcast = ? ORDER BY at, token", broadcast)
	if err != nil {
		return nil, fmt.Errorf("list replies: %w", err)
	}
	return all, nil
}

// ForgetBroadcasts implements storage.Broadcasts.
func (s *Store) ForgetBroadcasts(ctx context.Context, before time.Time) (int, error) {
	n, err := s.exec(ctx, "DELETE FROM broadcasts WHERE state IN ('done', 'cancelled', 'filling') AND changed < ?", before.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("forget broadcasts: %w", err)
	}
	return int(n), nil
}
