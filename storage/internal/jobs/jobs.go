// Package jobs is storage.Jobs on River, for both SQL stores. River brings
// workers, retries and wake-ups; that a job is stored once for good, and begun
// at most once, is a ledger of ours, since River forgets a job a day after it is
// done.
package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"

	"example.org/fieldbot/storage"
)

const (
	defaultTimeout = time.Minute

	// stopping is how long Run lets jobs under way finish.
	stopping = 5 * time.Second

	// rescue is how long after its timeout a job that is still marked as
	// running is taken to have died with its process.
	rescue = time.Minute

	// cooldown bounds how often a kind looks for work. With River's default, a
	// kind would start at most ten batches a second.
	cooldown = 25 * time.Millisecond
)

// A Ledger is the table that remembers every job for good, in a store whose
// transactions are TTx.
type Ledger[TTx any] interface {
	// InTx runs do in a transaction.
	InTx(ctx context.Context, do func(ctx context.Context, tx TTx) error) error

	// AddJobs notes jobs as waiting and returns those that were not noted yet.
	AddJobs(ctx context.Context, tx TTx, jobs []storage.Job) ([]storage.Job, error)

	// MoveJob changes a job's state if it is from now, and says whether it was.
	MoveJob(ctx context.Context, kind, key string, from, to storage.JobState) (bool, error)

	// JobState is as in storage.Jobs.
	JobState(ctx context.Context, kind, key string) (storage.JobState, error)
}

// A Queue is storage.Jobs without JobState.
type Queue[TTx any] struct {
	driver riverdriver.Driver[TTx]
	ledger Ledger[TTx]
	insert *river.Client[TTx] // only inserts
}

// Migrate brings River's tables up to date. The caller holds a lock.
func Migrate[TTx any](ctx context.Context, driver riverdriver.Driver[TTx]) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// New is a queue over tables that Migrate made.
func New[TTx any](driver riverdriver.Driver[TTx], ledger Ledger[TTx]) (*Queue[TTx], error) {
	insert, err := river.NewClient(driver, &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	return &Queue[TTx]{driver, ledger, insert}, nil
}

// Enqueue implements storage.Jobs.
func (q *Queue[TTx]) Enqueue(ctx context.Context, list ...storage.Job) error {
	// In one order, so that two transactions cannot wait for each other.
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b storage.Job) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
	})
	err := q.ledger.InTx(ctx, func(ctx context.Context, tx TTx) error {
		fresh, err := q.ledger.AddJobs(ctx, tx, list)
		if err != nil || len(fresh) == 0 {
			return err
		}
		var params []river.InsertManyParams
		for _, j := range fresh {
			params = append(params, river.InsertManyParams{
				Args:       args{j.Key, j.Args},
				InsertOpts: &river.InsertOpts{Queue: j.Kind, ScheduledAt: j.At},
			})
		}
		_, err = q.insert.InsertManyTx(ctx, tx, params)
		return err
	})
	if err != nil {
		return fmt.Errorf("enqueue %d jobs: %w", len(list), err)
	}
	return nil
}

// Run implements storage.Jobs.
func (q *Queue[TTx]) Run(ctx context.Context, workers map[string]storage.Worker) error {
	queues := map[string]river.QueueConfig{}
	longest := defaultTimeout
	for kind, w := range workers {
		queues[kind] = river.QueueConfig{MaxWorkers: max(1, w.Limit)}
		longest = max(longest, w.Timeout)
	}
	table := river.NewWorkers()
	river.AddWorker(table, &worker[TTx]{ledger: q.ledger, workers: workers})
	client, err := river.NewClient(q.driver, &river.Config{
		Queues:               queues,
		Workers:              table,
		Logger:               slog.New(warnings{slog.Default().Handler()}),
		FetchCooldown:        cooldown,
		JobTimeout:           longest,
		RescueStuckJobsAfter: longest + rescue,
		SoftStopTimeout:      stopping,
	})
	if err != nil {
		return fmt.Errorf("run jobs: %w", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("run jobs: %w", err)
	}
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopping)
	defer cancel()
	if client.Stop(stop) == nil {
		return nil
	}
	stop, cancel = context.WithTimeout(context.WithoutCancel(ctx), stopping)
	defer cancel()
	// What does not even end when cancelled is left to die with the process; it
	// is known as begun.
	_ = client.StopAndCancel(stop)
	return nil
}

// warnings lets through what an operator must see: River tells of each start,
// stop and retry otherwise.
type warnings struct{ slog.Handler }

func (h warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

func (h warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{h.Handler.WithAttrs(attrs)}
}

func (h warnings) WithGroup(name string) slog.Handler {
	return warnings{h.Handler.WithGroup(name)}
}

// args is what River keeps of a job. All jobs are one kind to River; ours are
// its queues, so that each has its own limit.
type args struct {
	Key  string          `json:"key"`
	Args json.RawMessage `json:"args,omitempty"`
}

// Kind implements river.JobArgs.
func (args) Kind() string { return "fieldbot" }

type worker[TTx any] struct {
	river.WorkerDefaults[args]
	ledger  Ledger[TTx]
	workers map[string]storage.Worker
}

// Timeout implements river.Worker.
func (w *worker[TTx]) Timeout(j *river.Job[args]) time.Duration {
	return cmp.Or(w.workers[j.Queue].Timeout, defaultTimeout)
}

// Work implements river.Worker.
func (w *worker[TTx]) Work(ctx context.Context, j *river.Job[args]) error {
	job := storage.Job{Kind: j.Queue, Key: j.Args.Key, Args: j.Args.Args, At: j.ScheduledAt}
	if kind := w.workers[j.Queue]; kind.Once {
		return w.once(ctx, kind, job)
	}
	err := w.workers[j.Queue].Do(ctx, job)
	if again, ok := errors.AsType[storage.Again](err); ok {
		return river.JobSnooze(max(0, again.After))
	}
	to := storage.JobDone
	if err != nil {
		to = storage.JobFailed
		if j.Attempt < j.MaxAttempts {
			return err
		}
	}
	// Not noting it only means that it is called again, as promised.
	_, noted := w.ledger.MoveJob(context.WithoutCancel(ctx), job.Kind, job.Key, storage.JobWaiting, to)
	return errors.Join(err, noted)
}

// once calls a worker at most once, whatever happens to the process.
func (w *worker[TTx]) once(ctx context.Context, kind storage.Worker, job storage.Job) error {
	begun, err := w.ledger.MoveJob(ctx, job.Kind, job.Key, storage.JobWaiting, storage.JobBegun)
	if err != nil {
		return err
	}
	if !begun {
		lost, err := w.ledger.MoveJob(ctx, job.Kind, job.Key, storage.JobBegun, storage.JobUnknown)
		if err == nil && lost && kind.Unknown != nil {
			kind.Unknown(ctx, job)
		}
		return err
	}
	err = kind.Do(ctx, job)
	ctx = context.WithoutCancel(ctx)
	if again, ok := errors.AsType[storage.Again](err); ok {
		if _, err := w.ledger.MoveJob(ctx, job.Kind, job.Key, storage.JobBegun, storage.JobWaiting); err != nil {
			return err
		}
		return river.JobSnooze(max(0, again.After))
	}
	to := storage.JobDone
	if err != nil {
		to = storage.JobFailed
		err = river.JobCancel(err)
	}
	_, noted := w.ledger.MoveJob(ctx, job.Kind, job.Key, storage.JobBegun, to)
	if noted != nil {
		return noted // comes back, and is told as unknown
	}
	return err
}
