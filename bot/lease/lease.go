// Package lease lets one of several replicas do what only one may do at a time,
// as polling for updates; another takes over within seconds when it dies.
package lease

import (
	"context"
	"log/slog"
	"time"

	"example.org/fieldbot/storage"
)

// A Leader does something while it holds a lease.
type Leader struct {
	Leases storage.Leases
	Name   string        // of the lease
	Holder string        // this process, unlike any other's
	TTL    time.Duration // how long after its holder's death a lease is free; 6 s if 0
	Log    *slog.Logger  // slog.Default() if nil
}

// Run waits for the lease and calls do with a context that ends when the lease
// is lost, or may be: a store that cannot be asked in time is taken for that.
// When do has returned nil although ctx goes on, it waits for the lease again.
// It returns when ctx ends, or with do's error.
func (l *Leader) Run(ctx context.Context, do func(ctx context.Context) error) error {
	ttl := l.TTL
	if ttl == 0 {
		ttl = 6 * time.Second
	}
	for waiting := false; ; {
		asked := time.Now()
		held, err := l.ask(ctx, ttl)
		if held {
			waiting = false
			err := l.hold(ctx, ttl, asked, do)
			if err != nil || ctx.Err() != nil {
				return err
			}
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			l.log().WarnContext(ctx, "lease cannot be asked for", "lease", l.Name, "error", err)
		} else if !waiting {
			waiting = true
			l.log().InfoContext(ctx, "another replica has the lease", "lease", l.Name)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(ttl / 6):
		}
	}
}

func (l *Leader) ask(ctx context.Context, ttl time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, ttl/3)
	defer cancel()
	return l.Leases.Lease(ctx, l.Name, l.Holder, ttl)
}

// hold runs do, and prolongs the lease that was asked for at a time.
func (l *Leader) hold(ctx context.Context, ttl time.Duration, asked time.Time, do func(ctx context.Context) error) error {
	l.log().InfoContext(ctx, "this replica has the lease", "lease", l.Name)
	doing, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- do(doing) }()
	tick := time.NewTicker(ttl / 3)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			l.yield(ctx, ttl)
			return err
		case <-tick.C:
		}
		if doing.Err() != nil {
			continue // do is ending
		}
		now := time.Now()
		held, err := l.ask(ctx, ttl)
		switch {
		case held:
			asked = now
		case err == nil, time.Since(asked) > ttl/2:
			l.log().WarnContext(ctx, "lease is lost", "lease", l.Name, "error", err)
			stop()
		}
	}
}

// yield lets another replica take over at once.
func (l *Leader) yield(ctx context.Context, ttl time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ttl/3)
	defer cancel()
	if err := l.Leases.Yield(ctx, l.Name, l.Holder); err != nil {
		l.log().WarnContext(ctx, "yield lease", "lease", l.Name, "error", err)
	}
}

func (l *Leader) log() *slog.Logger {
	if l.Log != nil {
		return l.Log
	}
	return slog.Default()
}
