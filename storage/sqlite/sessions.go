package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.org/fieldbot/storage"
)

// Load implements storage.Sessions.
func (s *Store) Load(ctx context.Context, person string) (storage.Session, error) {
	var revision int64
	var data []byte
	err := s.load.QueryRowContext(ctx, person).Scan(&revision, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return storage.Session{Person: person}, nil
	}
	if err != nil {
		return storage.Session{}, fmt.Errorf("load session: %w", wrap(err))
	}
	v, err := storage.DecodeSession(person, uint64(revision), data)
	if err != nil {
		return storage.Session{}, fmt.Errorf("load session: %w", err)
	}
	return v, nil
}

// Commit implements storage.Sessions.
func (s *Store) Commit(ctx context.Context, v storage.Session) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	ctx = context.WithoutCancel(ctx)
	next := storage.NextRevision(v.Revision, time.Now())
	at := v.Changed.UnixMicro()
	var waiting any
	if from, ok := v.Attention(); ok {
		waiting = from.UnixMicro()
	}
	var n int64
	var err error
	if v.Revision == 0 {
		n, err = changed(s.insert.ExecContext(ctx, int64(next), v.Encode(), at, waiting, v.Person))
	} else {
		n, err = changed(s.update.ExecContext(ctx, int64(next), v.Encode(), at, waiting, v.Person, int64(v.Revision)))
	}
	if err != nil {
		return 0, fmt.Errorf("commit session: %w", err)
	}
	if n == 0 {
		return 0, fmt.Errorf("commit session: %w", storage.ErrConflict)
	}
	return next, nil
}

// Waiting implements storage.Sessions.
func (s *Store) Waiting(ctx context.Context, before time.Time, limit int) ([]string, error) {
	out, err := collect(ctx, s, func(row scanner) (person string, err error) {
		return person, row.Scan(&person)
	}, "SELECT person FROM sessions WHERE waiting < ? ORDER BY waiting LIMIT ?", before.UnixMicro(), limit)
	if err != nil {
		return nil, fmt.Errorf("list waiting sessions: %w", err)
	}
	return out, nil
}

// Delete implements storage.Sessions.
func (s *Store) Delete(ctx context.Context, person string) error {
	if _, err := s.exec(ctx, "DELETE FROM sessions WHERE person = ?", person); err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}
