// Package schedule does what is due again and again, as the weekly digest: at
// most once for each period and target, whatever restarts, and once after a
// time in which nothing ran.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.org/fieldbot/storage"
)

// A Weekly is a time of the week in a zone.
type Weekly struct {
	Day          time.Weekday
	Hour, Minute int
	Zone         *time.Location
}

// Next is the first such time after t.
func (w Weekly) Next(t time.Time) time.Time {
	y, m, d := t.In(w.Zone).Date()
	at := time.Date(y, m, d, w.Hour, w.Minute, 0, 0, w.Zone)
	for at.Weekday() != w.Day || !at.After(t) {
		d++
		at = time.Date(y, m, d, w.Hour, w.Minute, 0, 0, w.Zone)
	}
	return at
}

// Last is the last such time that is not after t.
func (w Weekly) Last(t time.Time) time.Time {
	next := w.Next(t)
	y, m, d := next.Date()
	return time.Date(y, m, d-7, w.Hour, w.Minute, 0, 0, w.Zone)
}

// Spec writes it for a schedule's row.
func (w Weekly) Spec() string {
	return fmt.Sprintf("weekly %s %02d:%02d", w.Day.String()[:3], w.Hour, w.Minute)
}

// A Runner runs one weekly schedule. Any number of processes may run it on the
// same store.
type Runner struct {
	ID      string // of the schedule, as "digest"
	At      Weekly
	Store   storage.Schedules
	Clock   func() time.Time
	Log     *slog.Logger
	Every   time.Duration // how often to look; 20 s if 0
	Targets func(ctx context.Context) ([]string, error)

	// Also is called as often, if set: for what is due beside this schedule.
	Also func(ctx context.Context) error

	// Enqueue, if set, hands all targets to jobs that deliver, before they are
	// claimed; Deliver is not called then. Jobs of the same target and time must
	// be one.
	Enqueue func(ctx context.Context, targets []string, due time.Time) error

	// Deliver sends what is due to a target. due is when it fell due. It is called
	// at most once for each target and period. An error that wraps ErrUnknown means that it may
	// have been sent all the same.
	Deliver func(ctx context.Context, target string, due time.Time) error
}

// ErrUnknown marks a delivery of which nobody knows whether it took place.
var ErrUnknown = errors.New("outcome unknown")

// Run looks for what is due until ctx ends.
func (r *Runner) Run(ctx context.Context) {
	every := r.Every
	if every == 0 {
		every = 20 * time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		err := r.Once(ctx)
		if r.Also != nil {
			err = errors.Join(err, r.Also(ctx))
		}
		if err != nil && ctx.Err() == nil {
			r.Log.WarnContext(ctx, "schedule", "id", r.ID, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once does what is due now. After a time in which nothing ran it does the
// latest period alone: older ones are no news.
func (r *Runner) Once(ctx context.Context) error {
	now := r.Clock()
	row := storage.Schedule{ID: r.ID, Kind: "digest", Spec: r.At.Spec(), Zone: r.At.Zone.String(), Next: r.At.Next(now)}
	if err := r.Store.Ensure(ctx, row); err != nil {
		return fmt.Errorf("store schedule: %w", err)
	}
	due, err := r.Store.Due(ctx, now)
	if err != nil {
		return fmt.Errorf("look for what is due: %w", err)
	}
	for _, s := range due {
		if s.ID == r.ID {
			return r.fire(ctx, s, now)
		}
	}
	return nil
}

func (r *Runner) fire(ctx context.Context, s storage.Schedule, now time.Time) error {
	due := r.At.Last(now)
	targets, err := r.Targets(ctx)
	if err != nil {
		return fmt.Errorf("find targets: %w", err)
	}
	period := due.In(r.At.Zone).Format(time.DateOnly)
	if r.Enqueue != nil {
		if err := r.Enqueue(ctx, targets, due); err != nil {
			return err
		}
		_, err := r.Store.Claim(ctx, s, period, r.At.Next(now), targets)
		return err
	}
	// one by one: who comes behind the one at which the process died gets theirs
	// when it runs again
	for _, target := range targets {
		claimed, err := r.Store.Claim(ctx, s, period, s.Next, []string{target})
		if err != nil {
			return fmt.Errorf("claim deliveries: %w", err)
		}
		if len(claimed) > 0 {
			r.deliver(ctx, s, period, target, due)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if _, err := r.Store.Claim(ctx, s, period, r.At.Next(now), nil); err != nil {
		return fmt.Errorf("claim deliveries: %w", err)
	}
	return nil
}

func (r *Runner) deliver(ctx context.Context, s storage.Schedule, period, target string, due time.Time) {
	outcome := "sent"
	if err := r.Deliver(ctx, target, due); errors.Is(err, ErrUnknown) {
		outcome = "unknown"
		r.Log.WarnContext(ctx, "delivery", "id", r.ID, "period", period, "person", target, "error", err)
	} else if err != nil {
		outcome = "failed"
		r.Log.WarnContext(ctx, "delivery", "id", r.ID, "period", period, "person", target, "error", err)
	}
	if err := r.Store.Delivered(ctx, s.ID, period, target, outcome, r.Clock()); err != nil {
		r.Log.WarnContext(ctx, "note delivery", "id", r.ID, "period", period, "error", err)
	}
}
