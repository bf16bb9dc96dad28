package lease_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.org/fieldbot/bot/lease"
	"example.org/fieldbot/storage"
)

// leases is a store that can be cut off from one holder.
type leases struct {
	mu     sync.Mutex
	holder string
	until  time.Time
	cut    string
}

func (l *leases) Lease(_ context.Context, _, holder string, ttl time.Duration) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if holder == l.cut {
		return false, storage.ErrUnavailable
	}
	if l.holder != holder && time.Now().Before(l.until) {
		return false, nil
	}
	l.holder, l.until = holder, time.Now().Add(ttl)
	return true, nil
}

func (l *leases) Yield(_ context.Context, _, holder string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.holder == holder && l.cut != holder {
		l.until = time.Time{}
	}
	return nil
}

func (l *leases) cutOff(holder string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = holder
}

// rivals run two leaders and note who leads, and that it is one at a time.
type rivals struct {
	mu      sync.Mutex
	leading []string
	events  []string
}

func (r *rivals) lead(t *testing.T, name string) func(context.Context) error {
	return func(ctx context.Context) error {
		r.mu.Lock()
		r.leading = append(r.leading, name)
		r.events = append(r.events, name)
		if len(r.leading) > 1 {
			t.Errorf("%v lead at the same time", r.leading)
		}
		r.mu.Unlock()
		<-ctx.Done()
		r.mu.Lock()
		r.leading = r.leading[:0]
		r.mu.Unlock()
		return nil
	}
}

func (r *rivals) who() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Sprint(r.leading)
}

func TestAnotherTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, r := &leases{}, &rivals{}
		quiet := slog.New(slog.DiscardHandler)
		leader := func(name string) *lease.Leader {
			return &lease.Leader{Leases: store, Name: "poll", Holder: name, Log: quiet}
		}
		ctxA, stopA := context.WithCancel(t.Context())
		ctxB, stopB := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { leader("a").Run(ctxA, r.lead(t, "a")) })
		time.Sleep(time.Second)
		wg.Go(func() { leader("b").Run(ctxB, r.lead(t, "b")) })
		time.Sleep(time.Minute)
		if got := r.who(); got != "[a]" {
			t.Fatalf("%s leads", got)
		}
		store.cutOff("a") // as good as dead
		time.Sleep(8 * time.Second)
		if got := r.who(); got != "[b]" {
			t.Fatalf("%s leads after a was cut off", got)
		}
		store.cutOff("")
		time.Sleep(time.Minute)
		stopB()
		time.Sleep(2 * time.Second)
		if got := r.who(); got != "[a]" {
			t.Fatalf("%s leads after b stopped", got)
		}
		stopA()
		wg.Wait()
	})
}

func TestErrorOfTheWorkEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := errors.New("wrong token")
		l := &lease.Leader{Leases: &leases{}, Name: "poll", Holder: "a", Log: slog.New(slog.DiscardHandler)}
		calls := 0
		err := l.Run(t.Context(), func(context.Context) error {
			if calls++; calls < 3 {
				return nil
			}
			return wrong
		})
		if !errors.Is(err, wrong) || calls != 3 {
			t.Errorf("%v after %d calls", err, calls)
		}
	})
}
