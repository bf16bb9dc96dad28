package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/lease"
	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/storage"
)

// pollLease is held by the one replica that polls.
const pollLease = "poll"

// countEvery is how often the quarantine is counted for the metrics.
const countEvery = 30 * time.Second

// retainEvery is how often what is old is deleted: periods are counted in days.
const retainEvery = 6 * time.Hour

// replica names this process among those that run at the same time. One that is
// started again on the same machine and port has the same name, and with it the
// leases of the one that died.
func replica(l net.Listener) string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return host + " " + l.Addr().String()
}

// serveMetrics offers the metrics on the mux, or at an address of their own.
func (s *service) serveMetrics(mux *http.ServeMux) (stop func(), err error) {
	s.metrics.Gauge("unsent_replies", "Replies of this process that are on their way or wait.", func() float64 {
		if b := s.talking.Load(); b != nil {
			return float64(b.Unsent())
		}
		return 0
	})
	if s.config.MetricsAddr == "" {
		mux.Handle("GET /metrics", s.metrics.Handler())
		return func() {}, nil
	}
	l, err := net.Listen("tcp", s.config.MetricsAddr)
	if err != nil {
		return nil, usage("METRICS_ADDR: %w", err)
	}
	own := http.NewServeMux()
	own.Handle("GET /metrics", s.metrics.Handler())
	server := &http.Server{Handler: own, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(l)
	return func() { server.Close() }, nil
}

// jobs works off what is stored to be done.
func (s *service) jobs(ctx context.Context) {
	broadcasts := s.bot.Broadcaster(s.stores, s.replica)
	err := s.stores.Run(ctx, map[string]storage.Worker{send.Kind: broadcasts.Worker(), bot.DigestJob: s.bot.DigestWorker()})
	if err != nil && ctx.Err() == nil {
		s.log.Error("jobs cannot be worked off", "error", err)
	}
}

// watch keeps figures that are counted in the store.
func (s *service) watch(ctx context.Context) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		if all, err := s.stores.Quarantined(ctx, 1000); err == nil {
			s.metrics.Quarantined(len(all))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// retain deletes what was kept long enough, at once and then again and again.
// Several replicas may do so at the same time.
func (s *service) retain(ctx context.Context) {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		if err := bot.Retain(ctx, s.stores.Results, s.keeper(), s.now()); err != nil && ctx.Err() == nil {
			s.log.Warn("retention", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// alone runs do while this replica holds the lease. On one SQLite file there is
// one process, which needs none.
func (s *service) alone(ctx context.Context, name string, do func(ctx context.Context) error) error {
	if s.config.DatabaseURL == "" {
		return do(ctx)
	}
	l := &lease.Leader{Leases: s.stores, Name: name, Holder: s.replica, Log: s.log}
	return l.Run(ctx, func(ctx context.Context) error {
		s.metrics.Leading(name, true)
		defer s.metrics.Leading(name, false)
		return do(ctx)
	})
}

// checkpoint keeps copies of open sessions beside the results until stop is
// called, and saves the last ones then.
func (s *service) checkpoint(ctx context.Context) (stop func()) {
	if s.stores.copied == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() {
		s.stores.copied.Run(ctx, func(err error) { s.log.Warn("checkpoints", "error", err) })
	})
	return func() { cancel(); done.Wait() }
}

// sealedCopies seals checkpoints, since they hold answers that nobody sent yet.
type sealedCopies struct {
	storage.Checkpoints
	keys *bot.Keys
}

func about(person string) string { return "checkpoint " + person }

// SaveCheckpoints implements storage.Checkpoints.
func (c sealedCopies) SaveCheckpoints(ctx context.Context, copies ...storage.Checkpoint) error {
	sealed := make([]storage.Checkpoint, len(copies))
	for i, v := range copies {
		sealed[i] = v
		if v.Data != nil {
			sealed[i].Data = c.keys.Seal(about(v.Person), v.Data)
		}
	}
	return c.Checkpoints.SaveCheckpoints(ctx, sealed...)
}

// Checkpoint implements storage.Checkpoints. One that was sealed with another
// key is as good as none.
func (c sealedCopies) Checkpoint(ctx context.Context, person string) (storage.Checkpoint, error) {
	v, err := c.Checkpoints.Checkpoint(ctx, person)
	if err != nil {
		return v, err
	}
	if v.Data, err = c.keys.Open(about(person), v.Data); err != nil {
		return v, fmt.Errorf("checkpoint: %w", storage.ErrNotFound)
	}
	return v, nil
}
