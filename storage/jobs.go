package storage

import (
	"context"
	"fmt"
	"time"
)

// Jobs keeps work that is done later, through restarts.
type Jobs interface {
	// Enqueue stores jobs, in one transaction. One whose Kind and Key were
	// enqueued before, ever, is left out.
	Enqueue(ctx context.Context, jobs ...Job) error

	// Run works off jobs of these kinds until ctx ends, then lets those under
	// way finish, for a few seconds. Several processes may run the same kinds.
	// It returns an error only if it cannot begin.
	Run(ctx context.Context, workers map[string]Worker) error

	// JobState tells how far a job is; ErrNotFound if it never was enqueued.
	JobState(ctx context.Context, kind, key string) (JobState, error)
}

// A Job is something to be done. Kind and Key together are its identity.
type Job struct {
	Kind string    // letters, digits, "_" and "-"; names its Worker
	Key  string    // as "weekly/2026-W48/officer7"
	Args []byte    // JSON, "" for none; no answers, names or chat_ids
	At   time.Time // not before; zero: now
}

// A Worker does the jobs of a kind.
type Worker struct {
	// Do does a job. An error lets it be called again later, with growing
	// pauses, unless Once is set; an Again error after the pause it names.
	Do func(ctx context.Context, j Job) error

	// Once makes it at most once: a job is marked before the call, and never
	// called again whatever became of it, unless Do returned Again, which must
	// mean that nothing was done.
	Once bool

	// Unknown is told of a job of a Once kind that was begun by a process that
	// died, so that nobody knows whether it was done. May be nil.
	Unknown func(ctx context.Context, j Job)

	// Limit is how many may run at the same time in this process; 0 is 1.
	Limit int

	// Timeout of one call; 0 is a minute.
	Timeout time.Duration
}

// Again is the error by which a worker says that nothing was done, and when to
// call again, as after a 429. It does not count as a failure.
type Again struct{ After time.Duration }

func (a Again) Error() string { return fmt.Sprintf("again after %v", a.After) }

// A JobState tells how far a job is.
type JobState string

// The states of a job.
const (
	JobWaiting JobState = "waiting" // not begun, or to be called again
	JobBegun   JobState = "begun"   // being called; if the process died, nobody knows whether it was done
	JobDone    JobState = "done"
	JobFailed  JobState = "failed"  // Do of a Once kind returned an error, or all tries did
	JobUnknown JobState = "unknown" // begun by a process that died; not called again
)
