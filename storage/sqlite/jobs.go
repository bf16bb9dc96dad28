package sqlite

import (
	"context"
	"database/sql"
	"fmt"

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

var _ jobs.Ledger[*sql.Tx] = ledger{}

func (l ledger) InTx(ctx context.Context, do func(ctx context.Context, tx *sql.Tx) error) error {
	return l.tx(ctx, do)
}

func (l ledger) AddJobs(ctx context.Context, tx *sql.Tx, list []storage.Job) ([]storage.Job, error) {
	var fresh []storage.Job
	for _, j := range list {
		n, err := changed(tx.ExecContext(ctx, "INSERT INTO jobs (kind, key, state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			j.Kind, j.Key, storage.JobWaiting))
		if err != nil {
			return nil, err
		}
		if n > 0 {
			fresh = append(fresh, j)
		}
	}
	return fresh, nil
}

func (l ledger) MoveJob(ctx context.Context, kind, key string, from, to storage.JobState) (bool, error) {
	n, err := l.exec(ctx, "UPDATE jobs SET state = ? WHERE kind = ? AND key = ? AND state = ?", to, kind, key, from)
	if err != nil {
		return false, fmt.Errorf("note %s job as %s: %w", kind, to, err)
	}
	return n > 0, nil
}

func (l ledger) JobState(ctx context.Context, kind, key string) (state storage.JobState, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT state FROM jobs WHERE kind = ? AND key = ?", kind, key).Scan(&state)
	if err != nil {
		return "", fmt.Errorf("state of %s job: %w", kind, wrap(err))
	}
	return state, nil
}
