package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/storage"
)

// Publish implements storage.Forms.
func (s *Store) Publish(ctx context.Context, v storage.FormVersion) error {
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		n, err := changed(tx.Exec(ctx, `
			INSERT INTO form_versions (form_id, hash, version, title, keyword, audience, name, published, source)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
			v.FormID, v.Hash, v.Version, v.Title, v.Keyword, v.Audience, v.Name, instant(v.Published), notNil(v.Source)))
		if err != nil {
			return err
		}
		for name, data := range v.Files {
			if n == 0 {
				break // a version never changes
			}
			if _, err := tx.Exec(ctx, "INSERT INTO form_files (form_id, hash, name, data) VALUES ($1, $2, $3, $4)",
				v.FormID, v.Hash, name, notNil(data)); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO forms (form_id, hash, retired) VALUES ($1, $2, $3)
			ON CONFLICT (form_id) DO UPDATE SET hash = excluded.hash, retired = excluded.retired`, v.FormID, v.Hash, v.Retired)
		return err
	})
	if err != nil {
		return fmt.Errorf("publish form %s: %w", v.FormID, err)
	}
	return nil
}

const formColumns = "SELECT v.form_id, v.hash, v.version, v.title, v.keyword, v.audience, v.name, v.published, f.retired" +
	" FROM form_versions v JOIN forms f ON f.form_id = v.form_id"

func scanForm(row scanner) (v storage.FormVersion, err error) {
	var published *time.Time
	err = row.Scan(&v.FormID, &v.Hash, &v.Version, &v.Title, &v.Keyword, &v.Audience, &v.Name, &published, &v.Retired)
	v.Published = moment(published)
	return v, err
}

// Version implements storage.Forms.
func (s *Store) Version(ctx context.Context, formID, hash string) (storage.FormVersion, error) {
	v, err := s.version(ctx, formID, hash)
	if err != nil {
		return v, fmt.Errorf("version of form %s: %w", formID, wrap(err))
	}
	return v, nil
}

func (s *Store) version(ctx context.Context, formID, hash string) (storage.FormVersion, error) {
	v, err := scanForm(s.pool.QueryRow(ctx, formColumns+" WHERE v.form_id = $1 AND v.hash = $2", formID, hash))
	if err != nil {
		return v, err
	}
	if err := s.pool.QueryRow(ctx, "SELECT source FROM form_versions WHERE form_id = $1 AND hash = $2",
		formID, hash).Scan(&v.Source); err != nil {
		return v, err
	}
	rows, err := s.pool.Query(ctx, "SELECT name, data FROM form_files WHERE form_id = $1 AND hash = $2", formID, hash)
	if err != nil {
		return v, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var data []byte
		if err := rows.Scan(&name, &data); err != nil {
			return v, err
		}
		if v.Files == nil {
			v.Files = map[string][]byte{}
		}
		v.Files[name] = data
	}
	return v, rows.Err()
}

// Current implements storage.Forms.
func (s *Store) Current(ctx context.Context) ([]storage.FormVersion, error) {
	out, err := collect(ctx, s, scanForm, formColumns+" AND f.hash = v.hash WHERE f.retired = false ORDER BY v.form_id")
	if err != nil {
		return nil, fmt.Errorf("list current forms: %w", err)
	}
	return out, nil
}

// Versions implements storage.Forms.
func (s *Store) Versions(ctx context.Context, formID string) ([]storage.FormVersion, error) {
	out, err := collect(ctx, s, scanForm, formColumns+" WHERE v.form_id = $1 ORDER BY v.n", formID)
	if err != nil {
		return nil, fmt.Errorf("list versions of form %s: %w", formID, err)
	}
	return out, nil
}

// Retire implements storage.Forms.
func (s *Store) Retire(ctx context.Context, formID string) error {
	n, err := s.exec(ctx, "UPDATE forms SET retired = true WHERE form_id = $1", formID)
	if err == nil && n == 0 {
		err = storage.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("retire form %s: %w", formID, err)
	}
	return nil
}

// notNil keeps empty content from being stored as NULL.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
