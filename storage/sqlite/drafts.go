package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

// PutCell implements storage.Drafts.
func (s *Store) PutCell(ctx context.Context, c storage.DraftCell) error {
	offered, err := json.Marshal(append([]string{}, c.Offered...))
	if err != nil {
		return fmt.Errorf("store cell: %w", err)
	}
	n, err := s.exec(ctx, `
		INSERT INTO draft_cells (form_id, year, language, part, col, body, offered, revision, changed)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE ?8 = 1 OR EXISTS (
			SELECT 1 FROM draft_cells WHERE form_id = ?1 AND year = ?2 AND language = ?3 AND part = ?4 AND col = ?5)
		ON CONFLICT (form_id, year, language, part, col) DO UPDATE SET
			body = excluded.body, offered = excluded.offered, revision = excluded.revision, changed = excluded.changed
		WHERE revision = excluded.revision - 1`,
		c.FormID, c.Year, c.Language, c.Part, c.Column, stored.Text(c.Text), string(offered), c.Revision, c.Changed.UnixMicro())
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
		var offered []byte
		var changed sql.NullInt64
		if err := row.Scan(&c.Part, &c.Column, &c.Text, &offered, &c.Revision, &changed); err != nil {
			return c, err
		}
		c.Changed = moment(changed)
		return c, json.Unmarshal(offered, &c.Offered)
	}, `SELECT part, col, body, offered, revision, changed FROM draft_cells
		WHERE form_id = ? AND year = ? AND language = ? ORDER BY part, col`, formID, year, language)
	if err != nil {
		return nil, fmt.Errorf("read cells of %s %d: %w", formID, year, err)
	}
	return out, nil
}

// PutItem implements storage.Drafts.
func (s *Store) PutItem(ctx context.Context, i storage.Item) error {
	_, err := s.exec(ctx, `
		INSERT INTO items (id, form_id, year, part, kind, body, owner, due, state, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET year = excluded.year, part = excluded.part, kind = excluded.kind, body = excluded.body,
			owner = excluded.owner, due = excluded.due, state = excluded.state, changed = excluded.changed`,
		i.ID, i.FormID, i.Year, i.Part, i.Kind, stored.Text(i.Text), stored.Text(i.Owner), micros(i.Due), i.State, i.Changed.UnixMicro())
	if err != nil {
		return fmt.Errorf("store item %s: %w", i.ID, err)
	}
	return nil
}

// Items implements storage.Drafts.
func (s *Store) Items(ctx context.Context, formID string) ([]storage.Item, error) {
	out, err := collect(ctx, s, func(row scanner) (storage.Item, error) {
		i := storage.Item{FormID: formID}
		var due, changed sql.NullInt64
		err := row.Scan(&i.ID, &i.Year, &i.Part, &i.Kind, &i.Text, &i.Owner, &due, &i.State, &changed)
		i.Due, i.Changed = moment(due), moment(changed)
		return i, err
	}, "SELECT id, year, part, kind, body, owner, due, state, changed FROM items WHERE form_id = ? ORDER BY n", formID)
	if err != nil {
		return nil, fmt.Errorf("read items of %s: %w", formID, err)
	}
	return out, nil
}

// PutRound implements storage.Rounds.
func (s *Store) PutRound(ctx context.Context, r storage.Round) error {
	_, err := s.exec(ctx, `
		INSERT INTO rounds (form_id, name, begins, ends, count, source, made) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (form_id, name) DO UPDATE SET begins = excluded.begins, ends = excluded.ends,
			count = excluded.count, source = excluded.source, made = excluded.made`,
		r.FormID, stored.Text(r.Name), r.From.UnixMicro(), r.To.UnixMicro(), r.Count, stored.Text(r.Source), r.Made.UnixMicro())
	if err != nil {
		return fmt.Errorf("store round of %s: %w", r.FormID, err)
	}
	return nil
}

// Rounds implements storage.Rounds.
func (s *Store) Rounds(ctx context.Context, formID string) ([]storage.Round, error) {
	out, err := collect(ctx, s, func(row scanner) (storage.Round, error) {
		r := storage.Round{FormID: formID}
		var from, to, made sql.NullInt64
		err := row.Scan(&r.Name, &from, &to, &r.Count, &r.Source, &made)
		r.From, r.To, r.Made = moment(from), moment(to), moment(made)
		return r, err
	}, "SELECT name, begins, ends, count, source, made FROM rounds WHERE form_id = ? ORDER BY begins DESC, name", formID)
	if err != nil {
		return nil, fmt.Errorf("read rounds of %s: %w", formID, err)
	}
	return out, nil
}
