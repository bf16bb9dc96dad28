package postgres

import (
	"context"
	"fmt"
	"time"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

// PutCell implements storage.Drafts.
func (s *Store) PutCell(ctx context.Context, c storage.DraftCell) error {
	n, err := s.exec(ctx, `
		INSERT INTO draft_cells (form_id, year, language, part, col, body, offered, revision, changed)
		SELECT $1::text, $2::bigint, $3::text, $4::text, $5::text, $6::text, $7::text[], $8::bigint, $9::timestamptz
		WHERE $8::bigint = 1 OR EXISTS (
			SELECT 1 FROM draft_cells WHERE form_id = $1 AND year = $2 AND language = $3 AND part = $4 AND col = $5)
		ON CONFLICT (form_id, year, language, part, col) DO UPDATE SET
			body = excluded.body, offered = excluded.offered, revision = excluded.revision, changed = excluded.changed
		WHERE draft_cells.revision = excluded.revision - 1`,
		c.FormID, c.Year, c.Language, c.Part, c.Column, stored.Text(c.Text), append([]string{}, c.Offered...), c.Revision, c.Changed)
	if err == nil && n == 0 {
		err = storage.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("store cell %s %s: %w", c.Part, c.Column, err)
	}
	return nil
}

// Cells implements storage.Drafts.
func (s *Store) Cells(ctx context.Context, formID string, year int, language string) ([]storage.DraftCell, error) {
	out, err := collect(ctx, s, func(row scanner) (storage.DraftCell, error) {
		c := storage.DraftCell{FormID: formID, Year: year, Language: language}
		err := row.Scan(&c.Part, &c.Column, &c.Text, &c.Offered, &c.Revision, &c.Changed)
		c.Changed = c.Changed.UTC()
		return c, err
	}, `SELECT part, col, body, offered, revision, changed FROM draft_cells
		WHERE form_id = $1 AND year = $2 AND language = $3 ORDER BY part, col`, formID, year, language)
	if err != nil {
		return nil, fmt.Errorf("read cells of %s %d: %w", formID, year, err)
	}
	return out, nil
}

// PutItem implements storage.Drafts.
func (s *Store) PutItem(ctx context.Context, i storage.Item) error {
	_, err := s.exec(ctx, `
		INSERT INTO items (id, form_id, year, part, kind, body, owner, due, state, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET year = excluded.year, part = excluded.part, kind = excluded.kind, body = excluded.body,
			owner = excluded.owner, due = excluded.due, state = excluded.state, changed = excluded.changed`,
		i.ID, i.FormID, i.Year, i.Part, string(i.Kind), stored.Text(i.Text), stored.Text(i.Owner), instant(i.Due), string(i.State), i.Changed)
	if err != nil {
		return fmt.Errorf("store item %s: %w", i.ID, err)
	}
	return nil
}

// Items implements storage.Drafts.
func (s *Store) Items(ctx context.Context, formID string) ([]storage.Item, error) {
	out, err := collect(ctx, s, func(row scanner) (storage.Item, error) {
		i := storage.Item{FormID: formID}
		var due, changed *time.Time
		err := row.Scan(&i.ID, &i.Year, &i.Part, &i.Kind, &i.Text, &i.Owner, &due, &i.State, &changed)
		i.Due, i.Changed = moment(due), moment(changed)
		return i, err
	}, "SELECT id, year, part, kind, body, owner, due, state, changed FROM items WHERE form_id = $1 ORDER BY n", formID)
	if err != nil {
		return nil, fmt.Errorf("read items of %s: %w", formID, err)
	}
	return out, nil
}

// PutRound implements storage.Rounds.
func (s *Store) PutRound(ctx context.Context, r storage.Round) error {
	_, err := s.exec(ctx, `
		INSERT INTO rounds (form_id, name, begins, ends, count, source, made) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (form_id, name) DO UPDATE SET begins = excluded.begins, ends = excluded.ends,
			count = excluded.count, source = excluded.source, made = excluded.made`,
		r.FormID, stored.Text(r.Name), r.From, r.To, r.Count, stored.Text(r.Source), r.Made)
	if err != nil {
		return fmt.Errorf("store round of %s: %w", r.FormID, err)
	}
	return nil
}

// Rounds implements storage.Rounds.
func (s *Store) Rounds(ctx context.Context, formID string) ([]storage.Round, error) {
	out, err := collect(ctx, s, func(row scanner) (storage.Round, error) {
		r := storage.Round{FormID: formID}
		var from, to, made *time.Time
		err := row.Scan(&r.Name, &from, &to, &r.Count, &r.Source, &made)
		r.From, r.To, r.Made = moment(from), moment(to), moment(made)
		return r, err
	}, "SELECT name, begins, ends, count, source, made FROM rounds WHERE form_id = $1 ORDER BY begins DESC, name", formID)
	if err != nil {
		return nil, fmt.Errorf("read rounds of %s: %w", formID, err)
	}
	return out, nil
}
