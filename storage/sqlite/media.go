package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

const mediaColumns = "SELECT id, submission, question, name, kind, file_id, state, path, size, sha256, tries, reason, added, changed FROM media"

func scanMedium(row scanner) (v storage.MediaFile, err error) {
	var added, changed sql.NullInt64
	err = row.Scan(&v.ID, &v.Submission, &v.Question, &v.Name, &v.Kind, &v.FileID, &v.State, &v.Path, &v.Size,
		&v.SHA256, &v.Tries, &v.Reason, &added, &changed)
	v.Added, v.Changed = moment(added), moment(changed)
	return v, err
}

// AddMedia implements storage.Media.
func (s *Store) AddMedia(ctx context.Context, files ...storage.MediaFile) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, v := range files {
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO media (id, submission, question, name, kind, file_id, state, path, size, tries, reason, added, changed)
				VALUES (?, ?, ?, ?, ?, ?, 'pending', '', ?, 0, '', ?, ?) ON CONFLICT DO NOTHING`,
				v.ID, v.Submission, v.Question, stored.Text(v.Name), v.Kind, v.FileID, v.Size,
				micros(v.Added), micros(v.Added)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add media: %w", err)
	}
	return nil
}

// Medium implements storage.Media.
func (s *Store) Medium(ctx context.Context, id string) (storage.MediaFile, error) {
	v, err := scanMedium(s.read.QueryRowContext(ctx, mediaColumns+" WHERE id = ?", id))
	if err != nil {
		return v, fmt.Errorf("look up medium: %w", wrap(err))
	}
	return v, nil
}

// MediaOf implements storage.Media.
func (s *Store) MediaOf(ctx context.Context, submission string) ([]storage.MediaFile, error) {
	out, err := collect(ctx, s, scanMedium, mediaColumns+" WHERE submission = ? ORDER BY question, name, id", submission)
	if err != nil {
		return nil, fmt.Errorf("list media of submission %s: %w", submission, err)
	}
	return out, nil
}

// MediaIn implements storage.Media.
func (s *Store) MediaIn(ctx context.Context, state storage.MediaState, limit int) ([]storage.MediaFile, error) {
	out, err := collect(ctx, s, scanMedium, mediaColumns+" WHERE state = ? ORDER BY changed, id LIMIT ?", state, limit)
	if err != nil {
		return nil, fmt.Errorf("list %s media: %w", state, err)
	}
	return out, nil
}

// Fetched implements storage.Media.
func (s *Store) Fetched(ctx context.Context, id, path string, size int64, sha256 []byte, at time.Time) error {
	n, err := s.exec(ctx, `
		UPDATE media SET state = 'fetched', file_id = '', path = ?, size = ?, sha256 = ?, reason = '', changed = ?
		WHERE id = ? AND state <> 'dropped'`, path, size, sha256, at.UnixMicro(), id)
	return noted(id, n, err)
}

// NotFetched implements storage.Media.
func (s *Store) NotFetched(ctx context.Context, id, reason string, final bool, at time.Time) error {
	n, err := s.exec(ctx, `
		UPDATE media SET state = CASE WHEN ? THEN 'failed' ELSE state END, tries = tries + 1, reason = ?, changed = ?
		WHERE id = ? AND state = 'pending'`, final, stored.Text(reason), at.UnixMicro(), id)
	return noted(id, n, err)
}

func noted(id string, n int64, err error) error {
	if err == nil && n == 0 {
		err = storage.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("note medium %s: %w", id, err)
	}
	return nil
}

// HasMedium implements storage.Media.
func (s *Store) HasMedium(ctx context.Context, name string) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM media WHERE name = ? AND state <> 'dropped')", name).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("look for medium: %w", wrap(err))
	}
	return has, nil
}

// ForgetMedium implements storage.Media.
func (s *Store) ForgetMedium(ctx context.Context, id string) error {
	if _, err := s.exec(ctx, "DELETE FROM media WHERE id = ?", id); err != nil {
		return fmt.Errorf("forget medium %s: %w", id, err)
	}
	return nil
}
