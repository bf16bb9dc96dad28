package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/metrics"
	"example.org/fieldbot/storage"
)

type failing struct {
	storage.Sessions
	storage.Submissions
	err error
}

func (f *failing) Load(context.Context, string) (storage.Session, error) {
	return storage.Session{}, f.err
}

func (f *failing) Commit(context.Context, storage.Session) (uint64, error) { return 0, f.err }

func (f *failing) Insert(context.Context, storage.Submission) (storage.Submission, bool, error) {
	return storage.Submission{}, false, f.err
}

func TestWhatIsCounted(t *testing.T) {
	ctx, m := t.Context(), metrics.New()
	for _, err := range []error{nil, nil, fmt.Errorf("commit: %w", storage.ErrUnavailable), errors.New("bug")} {
		m.Handle(func(context.Context, *models.Update) ([]byte, error) { return nil, err })(ctx, &models.Update{Message: &models.Message{}})
	}
	func() {
		defer func() { recover() }()
		m.Handle(func(context.Context, *models.Update) ([]byte, error) { panic("x") })(ctx, &models.Update{CallbackQuery: &models.CallbackQuery{}})
	}()
	aside := m.PutAside(func(context.Context, int64, []byte, string) error { return nil })
	aside(ctx, 1, nil, "cannot be decoded")
	aside(ctx, 2, nil, "fails: panic")
	m.Replied(30 * time.Millisecond)
	m.Quarantined(2)
	m.Limited("person")
	m.Leading("poll", true)
	m.Gauge("unsent_replies", "Replies on their way.", func() float64 { return 3 })
	store := &failing{err: storage.ErrConflict}
	m.Sessions(store).Commit(ctx, storage.Session{})
	store.err = storage.ErrUnavailable
	m.Sessions(store).Load(ctx, "p")
	m.Submissions(store).Insert(ctx, storage.Submission{})
	store.err = storage.ErrNotFound
	m.Submissions(store).Insert(ctx, storage.Submission{})

	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(429) }))
	defer srv.Close()
	client := http.Client{Transport: m.Transport(http.DefaultTransport)}
	client.Post(srv.URL+"/bot123:secret/sendMessage", "", nil)
	client.Post(srv.URL+"/bot123:secret/", "", nil)
	client.Get(srv.URL + "/file/bot123:secret/photos/1.jpg")

	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	b, _ := io.ReadAll(w.Body)
	text := string(b)
	for _, want := range []string{
		`fieldbot_updates_total{kind="message",outcome="handled"} 2`,
		`fieldbot_updates_total{kind="message",outcome="again"} 1`,
		`fieldbot_updates_total{kind="message",outcome="failed"} 1`,
		`fieldbot_updates_total{kind="callback_query",outcome="failed"} 1`,
		`fieldbot_turn_seconds_count 5`,
		`fieldbot_reply_seconds_count 1`,
		`fieldbot_quarantine_total{reason="undecodable"} 1`,
		`fieldbot_quarantine_total{reason="failed"} 1`,
		`fieldbot_quarantine_size 2`,
		`fieldbot_limited_total{whose="person"} 1`,
		`fieldbot_leading{lease="poll"} 1`,
		`fieldbot_unsent_replies 3`,
		`fieldbot_conflicts_total 1`,
		`fieldbot_store_errors_total{operation="load",store="sessions"} 1`,
		`fieldbot_store_errors_total{operation="insert",store="results"} 1`,
		`fieldbot_store_seconds_count{operation="insert",store="results"} 2`,
		`fieldbot_telegram_calls_total{method="sendMessage",status="429"} 1`,
		`fieldbot_telegram_calls_total{method="file",status="429"} 1`,
		`fieldbot_telegram_calls_total{method="other",status="429"} 1`,
		`fieldbot_telegram_429_total{method="sendMessage"} 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no line %s", want)
		}
	}
	if strings.Contains(text, "secret") {
		t.Error("the token is in the metrics")
	}
}

func TestNoSetCountsNothing(t *testing.T) {
	var m *metrics.Set
	m.Replied(time.Second)
	m.Quarantined(1)
	m.Limited("all")
	m.Leading("poll", false)
	m.Gauge("x", "", nil)
	if m.Transport(http.DefaultTransport) != http.DefaultTransport || m.Sessions(nil) != nil {
		t.Error("something is wrapped")
	}
}
