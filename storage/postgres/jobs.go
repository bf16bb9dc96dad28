package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/jobs"
)

// Enqueue implements storage.Jobs.
func (s *Store) Enqueue(ctx context.Context, list ...storage.Job) error {
	return wrap(s.jobs.Enqueue(ctx, list...))
}

// Run implements storage.Jobs.
func (s *Store) Run(ctx context.Context, workers map[string]storage.Worker) error {
	return s.jobs.Run(ctx, workers)
}

// JobState implements storage.Jobs.
func (s *Store) JobState(ctx context.Context, kind, key string) (storage.JobState, error) {
	return ledger{s}.JobState(ctx, kind, key)
}

// A ledger is the table of jobs.
type ledger struct{ *Store }

var _ jobs.Ledger[pgx.Tx] = ledger{}

func (l ledger) InTx(ctx context.Context, do func(ctx context.Context, tx pgx.Tx) error) error {
	return l.tx(ctx, do)
}

func (l ledger) AddJobs(ctx context.Context, tx pgx.Tx, list []storage.Job) ([]storage.Job, error) {
	kinds, keys := make([]string, len(list)), make([]string, len(list))
	for i, job := range list {
		kinds[i], keys[i] = job.Kind, job.Key
	}
	rows, err := tx.Query(ctx, `
		INSERT INTO jobs (kind, key, state)
		SELECT kind, key, $3 FROM unnest($1::text[], $2::text[]) AS j (kind, key) ORDER BY kind, key
		ON CONFLICT DO NOTHING RETURNING kind, key`, kinds, keys, string(storage.JobWaiting))
	if err != nil {
		return nil, err
	}
	added := map[[2]string]bool{}
	var kind, key string
	if _, err := pgx.ForEachRow(rows, []any{&kind, &key}, func() error {
		added[[2]string{kind, key}] = true
		return nil
	}); err != nil {
		return nil, err
	}
	var fresh []storage.Job
	for _, job := range list {
		if id := [2]string{job.Kind, job.Key}; added[id] {
			fresh = append(fresh, job)
			delete(added, id)
		}
	}
	return fresh, nil
}

func (l ledger) MoveJob(ctx context.Context, kind, key string, from, to storage.JobState) (bool, error) {
	n, err := l.exec(ctx, "UPDATE jobs SET state = $1 WHERE kind = $2 AND key = $3 AND state = $4", to, kind, key, from)
	if err != nil {
		return false, fmt.Errorf("note %s job as %s: %w", kind, to, err)
	}
	return n > 0, nil
}

func (l ledger) JobState(ctx context.Context, kind, key string) (state storage.JobState, err error) {
	err = l.pool.QueryRow(ctx, "SELECT state FROM jobs WHERE kind = $1 AND key = $2", kind, key).Scan(&state)
	if err != nil {
		return "", fmt.Errorf("state of %s job: %w", kind, wrap(err))
	}
	return state, nil
}
