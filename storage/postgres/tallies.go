package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

// CountWith implements storage.Tallies.
func (s *Store) CountWith(c storage.Counter) { s.counter = c }

const tallyColumns = "SELECT day, province, district, sex, age, service, n, changes, body FROM tallies"

func scanTally(row scanner) (t storage.Tally, err error) {
	err = row.Scan(&t.Day, &t.Province, &t.District, &t.Sex, &t.Age, &t.Service, &t.N, &t.Changes, &t.Body)
	return t, err
}

// Tallies implements storage.Tallies.
func (s *Store) Tallies(ctx context.Context, formID string, from, to int) iter.Seq2[*storage.Tally, error] {
	return func(yield func(*storage.Tally, error) bool) {
		rows, err := s.pool.Query(ctx, tallyColumns+" WHERE form_id = $1 AND day >= $2 AND day < $3", formID, from, to)
		if err != nil {
			yield(nil, fmt.Errorf("read tallies: %w", wrap(err)))
			return
		}
		defer rows.Close()
		for rows.Next() {
			v, err := scanTally(rows)
			if err != nil {
				yield(nil, fmt.Errorf("read tallies: %w", wrap(err)))
				return
			}
			if !yield(&v, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("read tallies: %w", wrap(err)))
		}
	}
}

// Counted implements storage.Tallies.
func (s *Store) Counted(ctx context.Context, f storage.Filter) iter.Seq2[*storage.Tally, error] {
	return func(yield func(*storage.Tally, error) bool) {
		where, args := stored.Where(f, placeholder, when)
		rows, err := s.pool.Query(ctx, "SELECT counted FROM submissions"+where, args...)
		if err != nil {
			yield(nil, fmt.Errorf("read what was counted: %w", wrap(err)))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var raw []byte
			err := rows.Scan(&raw)
			t, decodeErr := stored.DecodeCounted(raw)
			if err = errors.Join(wrap(err), decodeErr); err != nil {
				yield(nil, fmt.Errorf("read what was counted: %w", err))
				return
			}
			if t != nil && !yield(t, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("read what was counted: %w", wrap(err)))
		}
	}
}

// putTallies adds rows in the transaction of their submission.
func putTallies(ctx context.Context, tx execer, formID string, rows []storage.Tally) error {
	for i := range rows {
		if err := putTally(ctx, tx, formID, stored.RowID(), &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func putTally(ctx context.Context, tx execer, formID, id string, t *storage.Tally) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO tallies (form_id, day, province, district, sex, age, service, id, n, changes, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		formID, t.Day, t.Province, t.District, t.Sex, t.Age, t.Service, id, t.N, t.Changes, notNil(t.Body))
	return err
}

// countRevised counts what a correction makes of a submission: under the day on
// which the first was received.
func (s *Store) countRevised(ctx context.Context, v storage.Submission) stored.Counted {
	if old, err := s.Get(ctx, v.ID); err == nil {
		v.Received = old.Received
	}
	return stored.Count(ctx, s.counter, &v)
}

// recounted puts what a submission counts now in the place of what it counted
// before. Nil is nothing.
func recounted(ctx context.Context, tx pgx.Tx, id string, now stored.Counted, changes int64) error {
	var formID string
	var old []byte
	if err := tx.QueryRow(ctx, "SELECT form_id, counted FROM submissions WHERE id = $1 FOR UPDATE", id).Scan(&formID, &old); err != nil {
		return err
	}
	before, err := stored.DecodeCounted(old)
	if err != nil {
		return err
	}
	rows, err := stored.Delta(before, now.Tally, changes)
	if err != nil {
		return err
	}
	if err := putTallies(ctx, tx, formID, rows); err != nil {
		return err
	}
	if now.Tally == nil && before != nil {
		// what is left of a withdrawn one must not stand beside what takes it away
		if err := compactOne(ctx, tx, formID, before); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, "UPDATE submissions SET counted = $1, counted_by = $2, flags = $3, fingerprint = $4 WHERE id = $5",
		now.Encode(), now.By, now.Flags(), now.Fingerprint(), id)
	return err
}

const oneStratum = " WHERE form_id = $1 AND day = $2 AND province = $3 AND district = $4 AND sex = $5 AND age = $6 AND service = $7"

func compactOne(ctx context.Context, tx pgx.Tx, formID string, t *storage.Tally) error {
	key := []any{formID, t.Day, t.Province, t.District, t.Sex, t.Age, t.Service}
	// deleting takes the rows for this merge alone, whoever else merges
	list, err := tx.Query(ctx, "DELETE FROM tallies"+oneStratum+" RETURNING day, province, district, sex, age, service, n, changes, body", key...)
	if err != nil {
		return err
	}
	rows, err := pgx.CollectRows(list, func(row pgx.CollectableRow) (storage.Tally, error) { return scanTally(row) })
	if err != nil || len(rows) == 0 {
		return err
	}
	sum, err := stored.Merge(rows)
	if err != nil || sum == nil {
		return err
	}
	return putTally(ctx, tx, formID, stored.RowID(), sum)
}

// compactAtOnce is how many strata are merged in one transaction, so that
// turns need not wait.
const compactAtOnce = 200

// Compact implements storage.Tallies.
func (s *Store) Compact(ctx context.Context, formID string) (gone int, err error) {
	strata, err := collect(ctx, s, func(row scanner) (t storage.Tally, err error) {
		err = row.Scan(&t.Day, &t.Province, &t.District, &t.Sex, &t.Age, &t.Service, &t.N)
		return t, err
	}, `SELECT day, province, district, sex, age, service, count(*) FROM tallies
		WHERE form_id = $1 GROUP BY 1, 2, 3, 4, 5, 6 HAVING count(*) > 1`, formID)
	for len(strata) > 0 && err == nil {
		batch := strata[:min(len(strata), compactAtOnce)]
		strata = strata[len(batch):]
		err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			for i := range batch {
				if err := compactOne(ctx, tx, formID, &batch[i]); err != nil {
					return err
				}
				gone += int(batch[i].N) - 1
			}
			return nil
		})
	}
	if err != nil {
		return gone, fmt.Errorf("compact tallies of %s: %w", formID, err)
	}
	return gone, nil
}

// Uncounted implements storage.Tallies.
func (s *Store) Uncounted(ctx context.Context, formID, by string) (n int, err error) {
	err = s.pool.QueryRow(ctx,
		"SELECT count(*) FROM submissions WHERE form_id = $1 AND withdrawn IS NULL AND counted_by <> $2", formID, by).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("look for uncounted submissions: %w", wrap(err))
	}
	return n, nil
}

// Recount implements storage.Tallies.
func (s *Store) Recount(ctx context.Context, formID, by string, limit int) (int, error) {
	if s.counter == nil {
		return 0, errors.New("recount: nothing counts submissions")
	}
	list, err := collect(ctx, s, scanSubmission, submissionColumns+
		" WHERE form_id = $1 AND withdrawn IS NULL AND counted_by <> $2 LIMIT $3", formID, by, limit)
	if err != nil {
		return 0, fmt.Errorf("recount %s: %w", formID, err)
	}
	counts := make([]stored.Counted, len(list))
	for i := range list {
		if counts[i] = stored.Count(ctx, s.counter, &list[i]); counts[i].By != by {
			return 0, fmt.Errorf("recount %s: %w: another version of the form is current", formID, storage.ErrConflict)
		}
	}
	err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		for i := range list {
			// one that was corrected or withdrawn since was counted then
			var same int
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM submissions WHERE id = $1 AND withdrawn IS NULL
				AND counted_by <> $2 AND hash = $3 AND finished IS NOT DISTINCT FROM $4 FOR UPDATE) s`, list[i].ID, by, list[i].Hash, instant(list[i].Finished)).Scan(&same); err != nil {
				return err
			}
			if same == 0 {
				continue
			}
			if err := recounted(ctx, tx, list[i].ID, counts[i], 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("recount %s: %w", formID, err)
	}
	return len(list), nil
}

// PutTable implements storage.Tallies.
func (s *Store) PutTable(ctx context.Context, t storage.PublishedTable) error {
	n, err := s.exec(ctx, `
		INSERT INTO published_tables (form_id, period, revision, made, body)
		SELECT $1::text, $2::text, $3::bigint, $4::timestamptz, $5::bytea WHERE $3::bigint = 1 OR EXISTS (SELECT 1 FROM published_tables WHERE form_id = $1 AND period = $2)
		ON CONFLICT (form_id, period) DO UPDATE SET revision = excluded.revision, made = excluded.made, body = excluded.body
		WHERE published_tables.revision = excluded.revision - 1`, t.FormID, t.Period, t.Revision, t.Made, notNil(t.Body))
	if err == nil && n == 0 {
		err = storage.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("publish table of %s: %w", t.FormID, err)
	}
	return nil
}

// Table implements storage.Tallies.
func (s *Store) Table(ctx context.Context, formID, period string) (storage.PublishedTable, error) {
	t := storage.PublishedTable{FormID: formID, Period: period}
	err := s.pool.QueryRow(ctx, "SELECT revision, made, body FROM published_tables WHERE form_id = $1 AND period = $2",
		formID, period).Scan(&t.Revision, &t.Made, &t.Body)
	if err != nil {
		return t, fmt.Errorf("read published table: %w", wrap(err))
	}
	t.Made = t.Made.UTC()
	return t, nil
}

// Tables implements storage.Tallies.
func (s *Store) Tables(ctx context.Context, formID string) ([]string, error) {
	out, err := collect(ctx, s, func(row scanner) (p string, err error) { return p, row.Scan(&p) },
		"SELECT period FROM published_tables WHERE form_id = $1 ORDER BY period DESC", formID)
	if err != nil {
		return nil, fmt.Errorf("list published tables: %w", err)
	}
	return out, nil
}
