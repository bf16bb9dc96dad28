package storage

import (
	"context"
	"time"
)

// Schedules keeps what is due when. A schedule's next time is a row, so that
// what fell due while nothing ran is caught up, once.
type Schedules interface {
	// Ensure stores a schedule if there is none with this ID, and changes Spec,
	// Zone and Next if Spec or Zone differ.
	Ensure(ctx context.Context, s Schedule) error

	// Due returns schedules whose Next is not after now, the earliest first.
	Due(ctx context.Context, now time.Time) ([]Schedule, error)

	// Claim moves a schedule from period to its next time and records one
	// delivery for each target and period, in one transaction. It returns the
	// targets that this call claimed; one that was claimed before is not
	// returned again, by whomever. Next never moves back. Whoever sends by jobs
	// enqueues them before the claim, under keys of schedule, period and target:
	// dying between the two then loses nothing and doubles nothing.
	Claim(ctx context.Context, s Schedule, period string, next time.Time, targets []string) ([]string, error)

	// Delivered notes the outcome of a claimed delivery: "sent", "failed" or
	// "unknown".
	Delivered(ctx context.Context, schedule, period, target, outcome string, at time.Time) error

	// Outcome returns what Delivered noted last, "" before; ErrNotFound if the
	// delivery was not claimed.
	Outcome(ctx context.Context, schedule, period, target string) (string, error)
}

// A Schedule is something that happens again and again, as the weekly digest.
type Schedule struct {
	ID   string
	Kind string // "digest"
	Spec string // "weekly Mon 08:00"
	Zone string // IANA name
	Next time.Time
}

// Quarantine keeps updates that could not be handled for their own sake. Update
// is sealed by the bot.
type Quarantine interface {
	// PutAside stores an update; the same update again changes its Reason.
	PutAside(ctx context.Context, q Quarantined) error

	// Quarantined returns what was put aside, oldest first.
	Quarantined(ctx context.Context, limit int) ([]Quarantined, error)

	// Release deletes an update, after it was replayed or dropped. One that is
	// not there is no error.
	Release(ctx context.Context, updateID int64) error
}

// A Quarantined update, with the reason it was put aside.
type Quarantined struct {
	UpdateID int64
	Reason   string
	Update   []byte // sealed
	At       time.Time
}
