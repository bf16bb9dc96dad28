package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

const submissionColumns = "SELECT id, form_id, version, hash, language, instance_name, started, finished," +
	" coalesce(reference, ''), prefix, person, enumerator, link, coalesce(nullifier, ''), coalesce(receipt, '')," +
	" province, district, title, received, withdrawn, reason, consent, partial, data FROM submissions"

func scanSubmission(row scanner) (v storage.Submission, err error) {
	var started, finished, received, withdrawn *time.Time
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

// errStored says that a submission is stored already.
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
	switch {
	case v.Prefix == "" && counted.Tally == nil:
		err = s.insert(ctx, s.pool, v, data, counted)
	case v.Prefix == "":
		err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.insert(ctx, tx, v, data, counted) })
	default:
		err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			n, err := nextReference(ctx, tx, v.Prefix, year)
			if err != nil {
				return err
			}
			v.Reference = stored.Reference(v.Prefix, year, n)
			return s.insert(ctx, tx, v, data, counted) // which gives the number back if it fails
		})
		if err == nil || errors.Is(err, errStored) { // also what another stored must be on disk
			err = cmp.Or(s.flush(ctx), err)
		}
	}
	switch {
	case err == nil:
		return v, true, nil
	case !errors.Is(err, errStored):
		return v, false, fmt.Errorf("insert submission %s: %w", v.ID, err)
	}
	old, err := s.submission(ctx, "id = $1", v.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return v, false, fmt.Errorf("insert submission %s: nullifier is taken: %w", v.ID, storage.ErrUsed)
	}
	if err != nil {
		return v, false, fmt.Errorf("insert submission %s: %w", v.ID, err)
	}
	return old, false, nil
}

// nextReference counts up. All submissions of a prefix wait for that row until
// the transaction that has it ends, so it is not to wait for the disk: its commit
// is not flushed, and whoever calls this flushes when the row is free again.
func nextReference(ctx context.Context, tx pgx.Tx, prefix string, year int) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO reference_numbers (prefix, year, last)
		SELECT $1, $2, 1 WHERE set_config('synchronous_commit', 'off', true) = 'off'
		ON CONFLICT (prefix, year) DO UPDATE SET last = reference_numbers.last + 1 RETURNING last`, prefix, year).Scan(&n)
	return n, err
}

// flush returns once all that was committed is on disk: so is what comes before
// its own commit in the log. Those who wait for it at the same time share a write.
func (s *Store) flush(ctx context.Context) error {
	_, err := s.exec(ctx, "SELECT pg_logical_emit_message(true, 'fieldbot', '')")
	return err
}

// insert fails with errStored if the submission, or its nullifier, is there.
func (s *Store) insert(ctx context.Context, db execer, v storage.Submission, data string, counted stored.Counted) error {
	n, err := changed(db.Exec(ctx, `
		INSERT INTO submissions (id, form_id, version, hash, language, instance_name, started, finished,
			reference, prefix, person, enumerator, link, nullifier, receipt,
			province, district, title, received, withdrawn, data, counted, counted_by, consent, partial, flags, fingerprint)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
		ON CONFLICT DO NOTHING`,
		v.ID, v.FormID, v.Version, v.Hash, v.Language, v.InstanceName, instant(v.Started), instant(v.Finished),
		orNull(v.Reference), v.Prefix, v.Person, v.Enumerator, v.Link, orNull(v.Nullifier), orNull(v.Receipt),
		v.Province, v.District, v.Title, v.Received, instant(v.Withdrawn), data, counted.Encode(), counted.By, v.Consent, v.Partial, counted.Flags(), counted.Fingerprint()))
	if err == nil && n == 0 {
		return errStored
	}
	if err != nil || counted.Tally == nil {
		return err
	}
	return putTallies(ctx, db, v.FormID, []storage.Tally{*counted.Tally})
}

func (s *Store) submission(ctx context.Context, where string, args ...any) (storage.Submission, error) {
	v, err := scanSubmission(s.pool.QueryRow(ctx, submissionColumns+" WHERE "+where, args...))
	return v, wrap(err)
}

// Get implements storage.Submissions.
func (s *Store) Get(ctx context.Context, idOrReference string) (storage.Submission, error) {
	v, err := s.submission(ctx, "id = $1 OR reference = $2", idOrReference, idOrReference)
	if err != nil {
		return v, fmt.Errorf("get submission: %w", err)
	}
	return v, nil
}

// ByReceipt implements storage.Submissions.
func (s *Store) ByReceipt(ctx context.Context, receipt string) (storage.Submission, error) {
	v, err := s.submission(ctx, "receipt = $1", receipt)
	if err != nil {
		return v, fmt.Errorf("get submission by receipt: %w", err)
	}
	return v, nil
}

func placeholder(n int) string { return fmt.Sprintf("$%d", n) }

func when(t time.Time) any { return t }

// Each implements storage.Submissions.
func (s *Store) Each(ctx context.Context, f storage.Filter) iter.Seq2[*storage.Submission, error] {
	return func(yield func(*storage.Submission, error) bool) {
		where, args := stored.Where(f, placeholder, when)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		rows, err := s.pool.Query(ctx, submissionColumns+where+stored.Order(f), args...)
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
				if f.Limit == 0 {
					cancel() // closing would read all the rest
				}
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
		column = fmt.Sprintf("floor(extract(epoch FROM received) / %d)::bigint", stored.QuarterHour)
	}
	f.Withdrawn = false
	where, args := stored.Where(f, placeholder, when)
	rows, err := s.pool.Query(ctx, "SELECT "+column+", count(*) FROM submissions"+where+" GROUP BY 1", args...)
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
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var withdrawn *time.Time
		if err := tx.QueryRow(ctx, "SELECT withdrawn FROM submissions WHERE id = $1 FOR UPDATE", id).Scan(&withdrawn); err != nil {
			return err
		}
		if withdrawn != nil {
			return nil
		}
		if err := recounted(ctx, tx, id, stored.Counted{}, 1); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			UPDATE submissions SET withdrawn = $1, reason = $2, data = '{}',
				instance_name = '', title = '', province = '', district = ''
			WHERE id = $3`, at, stored.Text(reason), id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE media SET state = 'dropped', file_id = '', name = '', reason = '', changed = $1
			WHERE submission = $2`, at, id)
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
