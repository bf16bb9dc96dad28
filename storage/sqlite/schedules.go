package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

// Ensure implements storage.Schedules.
func (s *Store) Ensure(ctx context.Context, v storage.Schedule) error {
	if _, err := s.exec(ctx, `
		INSERT INTO schedules (id, kind, spec, zone, next) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, spec = excluded.spec, zone = excluded.zone, next = excluded.next
		WHERE spec <> excluded.spec OR zone <> excluded.zone`,
		v.ID, v.Kind, v.Spec, v.Zone, v.Next.UnixMicro()); err != nil {
		return fmt.Errorf("ensure schedule %s: %w", v.ID, err)
	}
	return nil
}

// Due implements storage.Schedules.
func (s *Store) Due(ctx context.Context, now time.Time) ([]storage.Schedule, error) {
	out, err := collect(ctx, s, func(row scanner) (v storage.Schedule, err error) {
		var next sql.NullInt64
		err = row.Scan(&v.ID, &v.Kind, &v.Spec, &v.Zone, &next)
		v.Next = moment(next)
		return v, err
	}, "SELECT id, kind, spec, zone, next FROM schedules WHERE next <= ? ORDER BY next, id", now.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("list due schedules: %w", err)
	}
	return out, nil
}

// Claim implements storage.Schedules.
func (s *Store) Claim(ctx context.Context, v storage.Schedule, period string, next time.Time, targets []string) ([]string, error) {
	var claimed []string
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE schedules SET next = max(next, ?) WHERE id = ?", next.UnixMicro(), v.ID); err != nil {
			return err
		}
		for _, target := range targets {
			n, err := changed(tx.ExecContext(ctx, "INSERT INTO deliveries (schedule, period, target) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
				v.ID, period, target))
			if err != nil {
				return err
			}
			if n > 0 {
				claimed = append(claimed, target)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim %s of schedule %s: %w", period, v.ID, err)
	}
	return claimed, nil
}

// Delivered implements storage.Schedules.
func (s *Store) Delivered(ctx context.Context, schedule, period, target, outcome string, at time.Time) error {
	n, err := s.exec(ctx, "UPDATE deliveries SET outcome = ?, delivered = ? WHERE schedule = ? AND period = ? AND target = ?",
		outcome, at.UnixMicro(), schedule, period, target)
	if err == nil && n == 0 {
		err = storage.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("note delivery of schedule %s: %w", schedule, err)
	}
	return nil
}

// Outcome implements storage.Schedules.
func (s *Store) Outcome(ctx context.Context, schedule, period, target string) (outcome string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT outcome FROM deliveries WHERE schedule = ? AND period = ? AND target = ?",
		schedule, period, target).Scan(&outcome)
	if err != nil {
		return "", fmt.Errorf("read delivery of schedule %s: %w", schedule, wrap(err))
	}
	return outcome, nil
}

// PutAside implements storage.Quarantine.
func (s *Store) PutAside(ctx context.Context, q storage.Quarantined) error {
	if _, err := s.exec(ctx, `
		INSERT INTO quarantine (update_id, reason, body, at) VALUES (?, ?, ?, ?)
		ON CONFLICT (update_id) DO UPDATE SET reason = excluded.reason, body = excluded.body`,
		q.UpdateID, stored.Text(q.Reason), notNil(q.Update), q.At.UnixMicro()); err != nil {
		return fmt.Errorf("put update %d aside: %w", q.UpdateID, err)
	}
	return nil
}

// Quarantined implements storage.Quarantine.
func (s *Store) Quarantined(ctx context.Context, limit int) ([]storage.Quarantined, error) {
	out, err := collect(ctx, s, func(row scanner) (q storage.Quarantined, err error) {
		var at sql.NullInt64
		err = row.Scan(&q.UpdateID, &q.Reason, &q.Update, &at)
		q.At = moment(at)
		return q, err
	}, "SELECT update_id, reason, body, at FROM quarantine ORDER BY at, update_id LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("list quarantine: %w", err)
	}
	return out, nil
}

// Release implements storage.Quarantine.
func (s *Store) Release(ctx context.Context, updateID int64) error {
	if _, err := s.exec(ctx, "DELETE FROM quarantine WHERE update_id = ?", updateID); err != nil {
		return fmt.Errorf("release update %d: %w", updateID, err)
	}
	return nil
}
