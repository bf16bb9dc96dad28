package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

// Revise implements storage.Reviews.
func (s *Store) Revise(ctx context.Context, v storage.Submission, base int, token string, at time.Time) (storage.Submission, int, error) {
	v, data, err := stored.Submission(v)
	if err != nil {
		return v, 0, err
	}
	number := base + 1
	counted := s.countRevised(ctx, v)
	err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		// the lock lets corrections that race be one after the other
		var withdrawn *time.Time
		if err := tx.QueryRow(ctx, "SELECT withdrawn FROM submissions WHERE id = $1 FOR UPDATE", v.ID).Scan(&withdrawn); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, "SELECT number + 1 FROM revisions WHERE submission = $1 AND token = $2", v.ID, token).Scan(&number)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err // done before, if it is nil
		}
		if withdrawn != nil {
			return storage.ErrUsed
		}
		n, err := changed(tx.Exec(ctx, `
			INSERT INTO revisions (submission, number, token, until, version, hash, language, finished, title, data)
			SELECT id, $1::bigint, $2, $3, version, hash, language, finished, title, data FROM submissions
			WHERE id = $4 AND $1::bigint = 1 + (SELECT count(*) FROM revisions WHERE submission = $4)`,
			base, token, at, v.ID))
		if err != nil {
			return err
		}
		if n == 0 {
			return storage.ErrConflict
		}
		_, err = tx.Exec(ctx, `
			UPDATE submissions SET version = $1, hash = $2, language = $3, instance_name = $4, finished = $5,
				province = $6, district = $7, title = $8, data = $9 WHERE id = $10`,
			v.Version, v.Hash, v.Language, v.InstanceName, instant(v.Finished), v.Province, v.District, v.Title, data, v.ID)
		if err != nil {
			return err
		}
		return recounted(ctx, tx, v.ID, counted, 1)
	})
	if err != nil {
		return v, 0, fmt.Errorf("revise submission %s: %w", v.ID, err)
	}
	v, err = s.Get(ctx, v.ID)
	return v, number, err
}

// Revisions implements storage.Reviews.
func (s *Store) Revisions(ctx context.Context, id string) ([]storage.Revision, error) {
	now, err := s.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read revisions: %w", err)
	}
	out, err := collect(ctx, s, func(row scanner) (storage.Revision, error) {
		r := storage.Revision{Submission: now}
		var until, finished *time.Time
		var data []byte
		v := &r.Submission
		err := row.Scan(&r.Number, &until, &v.Version, &v.Hash, &v.Language, &finished, &v.Title, &data)
		if err != nil {
			return r, err
		}
		r.Until, v.Finished, v.Data = moment(until), moment(finished), nil
		return r, json.Unmarshal(data, &v.Data)
	}, "SELECT number, until, version, hash, language, finished, title, data FROM revisions WHERE submission = $1 ORDER BY number", id)
	if err != nil {
		return nil, fmt.Errorf("read revisions of %s: %w", id, err)
	}
	return out, nil
}

// AddStep implements storage.Reviews.
func (s *Store) AddStep(ctx context.Context, v storage.Step) (bool, error) {
	n, err := s.exec(ctx, `
		INSERT INTO review_steps (submission, state, body, actor, token, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (token) DO NOTHING`, v.Submission, string(v.State), stored.Text(v.Text), v.By, v.Token, v.At)
	if err != nil {
		return false, fmt.Errorf("add step to %s: %w", v.Submission, err)
	}
	return n > 0, nil
}

func scanStep(row scanner) (v storage.Step, err error) {
	var at *time.Time
	err = row.Scan(&v.Submission, &v.State, &v.Text, &v.By, &v.Token, &at)
	v.At = moment(at)
	return v, err
}

// Steps implements storage.Reviews.
func (s *Store) Steps(ctx context.Context, submissions ...string) ([]storage.Step, error) {
	out, err := collect(ctx, s, scanStep,
		"SELECT submission, state, body, actor, token, at FROM review_steps WHERE submission = ANY($1) ORDER BY n", submissions)
	if err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	return out, nil
}

// States implements storage.Reviews.
func (s *Store) States(ctx context.Context, submissions ...string) (map[string]storage.Step, error) {
	if len(submissions) == 0 {
		return nil, nil
	}
	list, err := collect(ctx, s, scanStep, `
		SELECT submission, state, '', actor, token, at FROM review_steps
		WHERE n IN (SELECT max(n) FROM review_steps WHERE submission = ANY($1) GROUP BY submission)`, submissions)
	if err != nil {
		return nil, fmt.Errorf("read states: %w", err)
	}
	return stored.States(list), nil
}

// ReportNothing implements storage.Reports.
func (s *Store) ReportNothing(ctx context.Context, n storage.Nothing) error {
	if _, err := s.exec(ctx, `
		INSERT INTO nothing_reported (form_id, due, period, district, person, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, n.FormID, n.Due, n.Period, n.District, n.Person, n.At); err != nil {
		return fmt.Errorf("store nothing to report: %w", err)
	}
	return nil
}

// ReportedNothing implements storage.Reports.
func (s *Store) ReportedNothing(ctx context.Context, formID, due, period string) ([]storage.Nothing, error) {
	out, err := collect(ctx, s, func(row scanner) (v storage.Nothing, err error) {
		var at *time.Time
		err = row.Scan(&v.FormID, &v.Due, &v.Period, &v.District, &v.Person, &at)
		v.At = moment(at)
		return v, err
	}, `SELECT form_id, due, period, district, person, at FROM nothing_reported
		WHERE form_id = $1 AND due = $2 AND period = $3 ORDER BY district`, formID, due, period)
	if err != nil {
		return nil, fmt.Errorf("read nothing to report: %w", err)
	}
	return out, nil
}

// forgetReview deletes what earlier revisions and steps tell of the answers.
func forgetReview(ctx context.Context, tx pgx.Tx, id string) error {
	if _, err := tx.Exec(ctx, "DELETE FROM revisions WHERE submission = $1", id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE review_steps SET body = '' WHERE submission = $1", id)
	return err
}
