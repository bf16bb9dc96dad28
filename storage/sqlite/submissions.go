package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

const submissionColumns = "SELECT id, form_id, version, hash, language, instance_name, started, finished," +
	" coalesce(reference, ''), prefix, person, enumerator, link, coalesce(nullifier, ''), coalesce(receipt, '')," +
	" province, district, title, received, withdrawn, reason, consent, partial, data FROM submissions"

func scanSubmission(row scanner) (v storage.Submission, err error) {
	var started, finished, received, withdrawn sql.NullInt64
	var data []byte
	err = row.Scan(&v.ID, &v.FormID, &v.Version, &v.Hash, &v.Language, &v.InstanceName, &started, &finished,
		&v.Reference, &v.Prefix, &v.Person, &v.Enumerator, &v.Link, &v.Nullifier, &v.Receipt,
		&v.Province, &v.District, &v.Title, &received, &withdrawn, &v.Reason, &v.Consent, &v.Partial, &data)
	if err != nil {
		return v, err
	}
	v.Started, v.Finished = moment(started), moment(finished)
	v.Received, v.Withdrawn = moment(received), moment(withdrawn)
	if err := json.Unmarshal(data, &v.Data); err != nil {
		return v, fmt.Errorf("read answers of %s: %w", v.ID, err)
	}
	return v, nil
}

// errStored ends the transaction of a submission that is stored already.
var errStored = errors.New("stored already")

// Insert implements storage.Submissions.
func (s *Store) Insert(ctx context.Context, v storage.Submission) (storage.Submission, bool, error) {
	year := v.Received.Year()
	v, data, err := stored.Submission(v)
	if err != nil {
		return v, false, err
	}
	v.Reference = ""
	counted := stored.Count(ctx, s.counter, &v)
	err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if v.Prefix != "" {
			var n int64
			if err := tx.QueryRowContext(ctx, `
				INSERT INTO reference_numbers (prefix, year, last) VALUES (?, ?, 1)
				ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last`, v.Prefix, year).Scan(&n); err != nil {
				return err
			}
			v.Reference = stored.Reference(v.Prefix, year, n)
		}
		n, err := changed(tx.ExecContext(ctx, `
			INSERT INTO submissions (id, form_id, version, hash, language, instance_name, started, finished,
				reference, prefix, person, enumerator, link, nullifier, receipt,
				province, district, title, received, withdrawn, consent, partial, data, counted, counted_by, flags, fingerprint)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			v.ID, v.FormID, v.Version, v.Hash, v.Language, v.InstanceName, micros(v.Started), micros(v.Finished),
			orNull(v.Reference), v.Prefix, v.Person, v.Enumerator, v.Link, orNull(v.Nullifier), orNull(v.Receipt),
			v.Province, v.District, v.Title, v.Received.UnixMicro(), micros(v.Withdrawn), v.Consent, v.Partial, data, counted.Encode(), counted.By, counted.Flags(), counted.Fingerprint()))
		if err == nil && n == 0 {
			return errStored // and gives the number back
		}
		if err != nil || counted.Tally == nil {
			return err
		}
		return putTallies(ctx, tx, v.FormID, []storage.Tally{*counted.Tally})
	})
	switch {
	case err == nil:
		return v, true, nil
	case !errors.Is(err, errStored):
		return v, false, fmt.Errorf("insert submission %s: %w", v.ID, err)
	}
	old, err := s.submission(ctx, "id = ?", v.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return v, false, fmt.Errorf("insert submission %s: nullifier is taken: %w", v.ID, storage.ErrUsed)
	}
	if err != nil {
		return v, false, fmt.Errorf("insert submission %s: %w", v.ID, err)
	}
	return old, false, nil
}

func (s *Store) submission(ctx context.Context, where string, args ...any) (storage.Submission, error) {
	v, err := scanSubmission(s.read.QueryRowContext(ctx, submissionColumns+" WHERE "+where, args...))
	return v, wrap(err)
}

// Get implements storage.Submissions.
func (s *Store) Get(ctx context.Context, idOrReference string) (storage.Submission, error) {
	v, err := s.submission(ctx, "id = ? OR reference = ?", idOrReference, idOrReference)
	if err != nil {
		return v, fmt.Errorf("get submission: %w", err)
	}
	return v, nil
}

// ByReceipt implements storage.Submissions.
func (s *Store) ByReceipt(ctx context.Context, receipt string) (storage.Submission, error) {
	v, err := s.submission(ctx, "receipt = ?", receipt)
	if err != nil {
		return v, fmt.Errorf("get submission by receipt: %w", err)
	}
	return v, nil
}

func when(t time.Time) any { return t.UnixMicro() }

// Each implements storage.Submissions.
func (s *Store) Each(ctx context.Context, f storage.Filter) iter.Seq2[*storage.Submission, error] {
	return func(yield func(*storage.Submission, error) bool) {
		where, args := stored.Where(f, mark, when)
		rows, err := s.read.QueryContext(ctx, submissionColumns+where+stored.Order(f), args...)
		if err != nil {
			yield(nil, fmt.Errorf("read submissions: %w", wrap(err)))
			return
		}
		defer rows.Close()
		for rows.Next() {
			v, err := scanSubmission(rows)
			if err != nil {
				yield(nil, fmt.Errorf("read submissions: %w", wrap(err)))
				return
			}
			if !yield(&v, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("read submissions: %w", wrap(err)))
		}
	}
}

// Count implements storage.Submissions.
func (s *Store) Count(ctx context.Context, f storage.Filter, by storage.CountBy) (map[string]int, error) {
	column, err := stored.CountColumn(by)
	if err != nil {
		return nil, err
	}
	if column == "" {
		column = fmt.Sprintf("received / %d", stored.QuarterHour*1_000_000)
	}
	f.Withdrawn = false
	where, args := stored.Where(f, mark, when)
	rows, err := s.read.QueryContext(ctx, "SELECT "+column+", count(*) FROM submissions"+where+" GROUP BY 1", args...)
	if err != nil {
		return nil, fmt.Errorf("count submissions: %w", wrap(err))
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var key string
		var quarter int64
		var n int
		if by == storage.ByDay {
			err = rows.Scan(&quarter, &n)
			key = stored.Day(quarter, f.Zone)
		} else {
			err = rows.Scan(&key, &n)
		}
		if err != nil {
			return nil, fmt.Errorf("count submissions: %w", wrap(err))
		}
		counts[key] += n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count submissions: %w", wrap(err))
	}
	return counts, nil
}

// Withdraw implements storage.Submissions.
func (s *Store) Withdraw(ctx context.Context, id, reason string, at time.Time) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var withdrawn sql.NullInt64
		if err := tx.QueryRowContext(ctx, "SELECT withdrawn FROM submissions WHERE id = ?", id).Scan(&withdrawn); err != nil {
			return err
		}
		if withdrawn.Valid {
			return nil
		}
		if err := recounted(ctx, tx, id, stored.Counted{}, 1); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE submissions SET withdrawn = ?, reason = ?, data = '{}',
				instance_name = '', title = '', province = '', district = ''
			WHERE id = ?`, at.UnixMicro(), stored.Text(reason), id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE media SET state = 'dropped', file_id = '', name = '', reason = '', changed = ?
			WHERE submission = ?`, at.UnixMicro(), id)
		if err != nil {
			return err
		}
		return forgetReview(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("withdraw submission %s: %w", id, err)
	}
	return nil
}
