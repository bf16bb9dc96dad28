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
	"github.com/jackc/pgx/v5/pgconn"

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
	v.Reference, err = s.insert(ctx, v, year, data, stored.Count(ctx, s.counter, &v))
	if v.Prefix != "" && (err == nil || errors.Is(err, errStored)) { // also what another stored must be on disk
		err = cmp.Or(s.flush(ctx), err)
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

// flush returns once all that was committed is on disk: so is what comes before
// its own commit in the log. Those who wait for it at the same time share a write.
func (s *Store) flush(ctx context.Context) error {
	_, err := s.exec(ctx, "SELECT pg_logical_emit_message(true, 'fieldbot', '')")
	return err
}

// Insertion is one statement, so that the row that counts up the references of a
// prefix, which all its submissions wait for, is held for no round trip. Nor does
// it wait for the disk: the commit is not flushed, and whoever ran this flushes
// when the row is free again. What is stored takes no number.
const (
	insertNumber = `
		WITH number AS (
			INSERT INTO reference_numbers (prefix, year, last)
			SELECT $9, $25::bigint, 1 WHERE set_config('synchronous_commit', 'off', true) = 'off' AND` + insertAbsent + `
			ON CONFLICT (prefix, year) DO UPDATE SET last = reference_numbers.last + 1
			RETURNING $9 || '-' || $25::bigint || '-' || lpad(last::text, greatest(5, length(last::text)), '0') AS reference
		),`
	insertNoNumber   = "WITH number AS (SELECT NULL::text AS reference WHERE $25::bigint > 0 AND" + insertAbsent + "),"
	insertAbsent     = " NOT EXISTS (SELECT FROM submissions WHERE id = $1 OR nullifier = $13)"
	insertSubmission = `
		stored AS (
			INSERT INTO submissions (id, form_id, version, hash, language, instance_name, started, finished,
				prefix, person, enumerator, link, nullifier, receipt, province, district, title,
				received, withdrawn, data, counted, counted_by, consent, partial, flags, fingerprint, reference)
			SELECT $1, $2, $3, $4, $5, $6, $7::timestamptz, $8::timestamptz, $9, $10, $11, $12, $13, $14, $15, $16, $17,
				$18::timestamptz, $19::timestamptz, $20::json, $21::bytea, $22, $23, $24::boolean, $26::integer, $27::bytea, reference FROM number
			RETURNING coalesce(reference, '') AS reference
		)`
	insertTally = `, counted AS (
			INSERT INTO tallies (form_id, day, province, district, sex, age, service, id, n, changes, body)
			SELECT $2, $28::bigint, $29, $30, $31, $32, $33, $34, $35::bigint, $36::bigint, $37::bytea FROM stored
		)`
	insertReturning = " SELECT reference FROM stored"
)

// insert returns the reference that the submission got, and fails with errStored
// if the submission, or its nullifier, is there.
func (s *Store) insert(ctx context.Context, v storage.Submission, year int, data string, counted stored.Counted) (reference string, err error) {
	number, tally := insertNoNumber, ""
	if v.Prefix != "" {
		number = insertNumber
	}
	args := []any{
		v.ID, v.FormID, v.Version, v.Hash, v.Language, v.InstanceName, instant(v.Started), instant(v.Finished),
		v.Prefix, v.Person, v.Enumerator, v.Link, orNull(v.Nullifier), orNull(v.Receipt), v.Province, v.District, v.Title,
		v.Received, instant(v.Withdrawn), data, counted.Encode(), counted.By, v.Consent, v.Partial, year,
		counted.Flags(), counted.Fingerprint(),
	}
	if t := counted.Tally; t != nil {
		tally = insertTally
		args = append(args, t.Day, t.Province, t.District, t.Sex, t.Age, t.Service, stored.RowID(), t.N, t.Changes, notNil(t.Body))
	}
	err = s.pool.QueryRow(ctx, number+insertSubmission+tally+insertReturning, args...).Scan(&reference)
	var taken *pgconn.PgError
	if errors.Is(err, pgx.ErrNoRows) ||
		errors.As(err, &taken) && (taken.ConstraintName == "submissions_pkey" || taken.ConstraintName == "submissions_nullifier") {
		return "", errStored
	}
	return reference, wrap(err)
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
