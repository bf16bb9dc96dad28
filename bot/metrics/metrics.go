// Package metrics counts what a bot does, for Prometheus. Labels are kinds,
// methods and outcomes, never persons, forms or words.
//
// A nil *Set counts nothing, so that a bot without metrics needs no other code.
package metrics

import (
	"context"
	"errors"
	"net/http"
	"path"
	"strconv"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"example.org/fieldbot/storage"
)

// A Set is the metrics of one process.
type Set struct {
	registry    *prometheus.Registry
	updates     *prometheus.CounterVec
	turn        prometheus.Histogram
	reply       prometheus.Histogram
	conflicts   prometheus.Counter
	aside       *prometheus.CounterVec
	quarantined prometheus.Gauge
	calls       *prometheus.CounterVec
	callTime    *prometheus.HistogramVec
	tooMany     *prometheus.CounterVec
	store       *prometheus.HistogramVec
	storeErrors *prometheus.CounterVec
	limited     *prometheus.CounterVec
	leading     *prometheus.GaugeVec
}

// New returns metrics that are all zero.
func New() *Set {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	buckets := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fieldbot_" + name, Help: help}, labels)
		r.MustRegister(v)
		return v
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "fieldbot_" + name, Help: help, Buckets: buckets}, labels)
		r.MustRegister(v)
		return v
	}
	single := func(name, help string) prometheus.Histogram {
		v := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fieldbot_" + name, Help: help, Buckets: buckets})
		r.MustRegister(v)
		return v
	}
	s := &Set{
		registry:    r,
		updates:     counter("updates_total", "Updates by kind and by what became of them: handled, again (a store was down) or failed.", "kind", "outcome"),
		turn:        single("turn_seconds", "Time from the receipt of an update to its commit."),
		reply:       single("reply_seconds", "Time from the receipt of an update to the first reply that Telegram took."),
		conflicts:   prometheus.NewCounter(prometheus.CounterOpts{Name: "fieldbot_conflicts_total", Help: "Commits that were refused because another replica was faster; the turn was redone."}),
		aside:       counter("quarantine_total", "Updates that were put aside, by why: undecodable or failed.", "reason"),
		quarantined: prometheus.NewGauge(prometheus.GaugeOpts{Name: "fieldbot_quarantine_size", Help: "Updates in the quarantine."}),
		calls:       counter("telegram_calls_total", "Calls to the Bot API by method and HTTP status; error if there was no answer.", "method", "status"),
		callTime:    histogram("telegram_call_seconds", "Duration of calls to the Bot API, but for long polling.", "method"),
		tooMany:     counter("telegram_429_total", "Calls that Telegram refused as too many.", "method"),
		store:       histogram("store_seconds", "Duration of what a turn asks of the stores.", "store", "operation"),
		storeErrors: counter("store_errors_total", "Operations of a store that failed, conflicts and what was not found aside.", "store", "operation"),
		limited:     counter("limited_total", "Updates that were refused as too many, of one person or overall.", "whose"),
	}
	s.leading = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "fieldbot_leading", Help: "1 if this replica holds the lease."}, []string{"lease"})
	r.MustRegister(s.conflicts, s.quarantined, s.leading)
	return s
}

// Handler serves the metrics in Prometheus' text format.
func (s *Set) Handler() http.Handler { return promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}) }

// Gauge adds a figure that is asked for when the metrics are read.
func (s *Set) Gauge(name, help string, read func() float64) {
	if s != nil {
		s.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "fieldbot_" + name, Help: help}, read))
	}
}

// Replied notes how long a person waited for a reply.
func (s *Set) Replied(d time.Duration) {
	if s != nil {
		s.reply.Observe(d.Seconds())
	}
}

// Limited notes an update that was refused as too many: of "person" or "all".
func (s *Set) Limited(whose string) {
	if s != nil {
		s.limited.WithLabelValues(whose).Inc()
	}
}

// Leading notes whether this process holds a lease.
func (s *Set) Leading(lease string, holds bool) {
	if s == nil {
		return
	}
	v := 0.0
	if holds {
		v = 1
	}
	s.leading.WithLabelValues(lease).Set(v)
}

// Quarantined notes how many updates are in the quarantine.
func (s *Set) Quarantined(n int) {
	if s != nil {
		s.quarantined.Set(float64(n))
	}
}

// Handle counts the updates that a receiver hands on.
func (s *Set) Handle(next func(ctx context.Context, u *models.Update) ([]byte, error)) func(ctx context.Context, u *models.Update) ([]byte, error) {
	if s == nil {
		return next
	}
	return func(ctx context.Context, u *models.Update) (answer []byte, err error) {
		began := time.Now()
		outcome := "failed" // also if it panics
		defer func() {
			s.updates.WithLabelValues(kind(u), outcome).Inc()
			s.turn.Observe(time.Since(began).Seconds())
		}()
		answer, err = next(ctx, u)
		switch {
		case err == nil:
			outcome = "handled"
		case errors.Is(err, storage.ErrUnavailable), errors.Is(err, storage.ErrConflict),
			errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			outcome = "again"
		}
		return answer, err
	}
}

func kind(u *models.Update) string {
	switch {
	case u.Message != nil:
		return "message"
	case u.CallbackQuery != nil:
		return "callback_query"
	case u.EditedMessage != nil:
		return "edited_message"
	case u.MyChatMember != nil:
		return "my_chat_member"
	}
	return "other"
}

// PutAside counts the updates that are put aside.
func (s *Set) PutAside(next func(ctx context.Context, id int64, raw []byte, reason string) error) func(ctx context.Context, id int64, raw []byte, reason string) error {
	if s == nil {
		return next
	}
	return func(ctx context.Context, id int64, raw []byte, reason string) error {
		err := next(ctx, id, raw, reason)
		if err == nil {
			why := "failed"
			if reason == "cannot be decoded" {
				why = "undecodable"
			}
			s.aside.WithLabelValues(why).Inc()
		}
		return err
	}
}

// Transport counts the calls that go through it. The method is the last part of
// the address; what comes before it, the token, is not looked at.
func (s *Set) Transport(next http.RoundTripper) http.RoundTripper {
	if s == nil {
		return next
	}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		began := time.Now()
		method := methodOf(r)
		res, err := next.RoundTrip(r)
		status := "error"
		if err == nil {
			status = strconv.Itoa(res.StatusCode)
			if res.StatusCode == http.StatusTooManyRequests {
				s.tooMany.WithLabelValues(method).Inc()
			}
		}
		s.calls.WithLabelValues(method, status).Inc()
		if method != "getUpdates" {
			s.callTime.WithLabelValues(method).Observe(time.Since(began).Seconds())
		}
		return res, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// methodOf is the method that a request calls; "file" is a download.
func methodOf(r *http.Request) string {
	if r.Method == http.MethodGet {
		return "file"
	}
	name := path.Base(r.URL.Path)
	for _, c := range name {
		if c < 'A' || c > 'Z' && c < 'a' || c > 'z' {
			return "other"
		}
	}
	if len(name) > 40 {
		return "other"
	}
	return name
}

// note counts what was asked of a store.
func (s *Set) note(store, operation string, began time.Time, err error) {
	s.store.WithLabelValues(store, operation).Observe(time.Since(began).Seconds())
	switch {
	case err == nil, errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrUsed), errors.Is(err, context.Canceled):
	case errors.Is(err, storage.ErrConflict):
		s.conflicts.Inc()
	default:
		s.storeErrors.WithLabelValues(store, operation).Inc()
	}
}

// Sessions counts what is asked of a store of sessions.
func (s *Set) Sessions(next storage.Sessions) storage.Sessions {
	if s == nil {
		return next
	}
	return &sessions{next, s}
}

type sessions struct {
	storage.Sessions
	set *Set
}

func (c *sessions) Load(ctx context.Context, person string) (storage.Session, error) {
	began := time.Now()
	v, err := c.Sessions.Load(ctx, person)
	c.set.note("sessions", "load", began, err)
	return v, err
}

func (c *sessions) Commit(ctx context.Context, v storage.Session) (uint64, error) {
	began := time.Now()
	revision, err := c.Sessions.Commit(ctx, v)
	c.set.note("sessions", "commit", began, err)
	return revision, err
}

func (c *sessions) Waiting(ctx context.Context, before time.Time, limit int) ([]string, error) {
	began := time.Now()
	people, err := c.Sessions.Waiting(ctx, before, limit)
	c.set.note("sessions", "waiting", began, err)
	return people, err
}

// Submissions counts what is asked of a store of submissions.
func (s *Set) Submissions(next storage.Submissions) storage.Submissions {
	if s == nil {
		return next
	}
	return &submissions{next, s}
}

type submissions struct {
	storage.Submissions
	set *Set
}

func (c *submissions) Insert(ctx context.Context, v storage.Submission) (storage.Submission, bool, error) {
	began := time.Now()
	stored, inserted, err := c.Submissions.Insert(ctx, v)
	c.set.note("results", "insert", began, err)
	return stored, inserted, err
}

// Forms counts what is asked of a store of forms.
func (s *Set) Forms(next storage.Forms) storage.Forms {
	if s == nil {
		return next
	}
	return &forms{next, s}
}

type forms struct {
	storage.Forms
	set *Set
}

func (c *forms) Current(ctx context.Context) ([]storage.FormVersion, error) {
	began := time.Now()
	v, err := c.Forms.Current(ctx)
	c.set.note("results", "forms", began, err)
	return v, err
}
