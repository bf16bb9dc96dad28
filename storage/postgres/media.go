package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

const mediaColumns = "SELECT id, submission, question, name, kind, file_id, state, path, size, sha256, tries, reason, added, changed FROM media"

func scanMedium(row scanner) (v storage.MediaFile, err error) {
	var added, changed *time.Time
	err = row.Scan(&v.ID, &v.Submission, &v.Question, &v.Name, &v.Kind, &v.FileID, &v.State, &v.Path, &v.Size,
		&v.SHA256, &v.Tries, &v.Reason, &added, &changed)
	v.Added, v.Changed = moment(added), moment(changed)
	return v, err
}

// AddMedia implements storage.Media.
func (s *Store) AddMedia(ctx context.Context, files ...storage.MediaFile) error {
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		for _, v := range files {
			if _, err := tx.Exec(ctx, `
				INSERT INTO media (id, submission, question, name, kind, file_id, state, path, size, tries, reason, added, changed)
				VALUES ($1, $2, $3, $4, $5, $6, 'pending', '', $7, 0, '', $8, $9) ON CONFLICT DO NOTHING`,
				v.ID, v.Submission, v.Question, stored.Text(v.Name), v.Kind, v.FileID, v.Size,
				instant(v.Added), instant(v.Added)); err != nil {
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
	v, err := scanMedium(s.pool.QueryRow(ctx, mediaColumns+" WHERE id = $1", id))
	if err != nil {
		return v, fmt.Errorf("look up medium: %w", wrap(err))
	}
	return v, nil
}

// MediaOf implements storage.Media.
func (s *Store) MediaOf(ctx context.Context, submission string) ([]storage.MediaFile, error) {
	out, err := collect(ctx, s, scanMedium, mediaColumns+" WHERE submission = $1 ORDER BY question, name, id", submission)
	if err != nil {
		return nil, fmt.Errorf("list media of submission %s: %w", submission, err)
	}
	return out, nil
}

// MediaIn implements storage.Media.
func (s *Store) MediaIn(ctx context.Context, state storage.MediaState, limit int) ([]storage.MediaFile, error) {
	out, err := collect(ctx, s, scanMedium, mediaColumns+" WHERE state = $1 ORDER BY changed, id LIMIT $2", state, limit)
	if err != nil {
		return nil, fmt.Errorf("list %s media: %w", state, err)
	}
	return out, nil
}

// Fetched implements storage.Media.
func (s *Store) Fetched(ctx context.Context, id, path string, size int64, sha256 []byte, at time.Time) error {
	n, err := s.exec(ctx, `
		UPDATE media SET state = 'fetched', file_id = '', path = $1, size = $2, sha256 = $3, reason = '', changed = $4
		WHERE id = $5 AND state <> 'dropped'`, path, size, sha256, at, id)
	return noted(id, n, err)
}

// NotFetched implements storage.Media.
func (s *Store) NotFetched(ctx context.Context, id, reason string, final bool, at time.Time) error {
	n, err := s.exec(ctx, `
		UPDATE media SET state = CASE WHEN $1 THEN 'failed' ELSE state END, tries = tries + 1, reason = $2, changed = $3
		WHERE id = $4 AND state = 'pending'`, final, stored.Text(reason), at, id)
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
	err = s.pool.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM media WHERE name = $1 AND state <> 'dropped')", name).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("look for medium: %w", wrap(err))
	}
	return has, nil
}

// ForgetMedium implements storage.Media.
func (s *Store) ForgetMedium(ctx context.Context, id string) error {
	if _, err := s.exec(ctx, "DELETE FROM media WHERE id = $1", id); err != nil {
		return fmt.Errorf("forget medium %s: %w", id, err)
	}
	return nil
}
