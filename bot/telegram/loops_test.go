package telegram_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/storage"
)

const token = "12345:secret"

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// api is a Bot API that gives each call to a function.
func api(t *testing.T, f func(method string, params map[string]any) (int, string)) *telegram.Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := strings.TrimPrefix(r.URL.Path, "/bot"+token+"/")
		var params map[string]any
		json.NewDecoder(r.Body).Decode(&params)
		code, body := f(method, params)
		w.WriteHeader(code)
		io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	c, err := telegram.New(token, telegram.Options{BaseURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func message(id, chat int64, text string) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"date":1,"chat":{"id":%d,"type":"private"},"text":%q}}`, id, chat, text)
}

const poison = `{"update_id":102,"message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"paid_media":{"star_count":1,"paid_media":[{"type":"live_photo"}]}}}`

// queue is what Telegram keeps: updates until an offset confirms them.
type queue struct {
	sync.Mutex
	updates []string
	offset  int64
	refuse  []string // bodies to answer with first
}

func (q *queue) serve(method string, params map[string]any) (int, string) {
	if method != "getUpdates" {
		return 200, `{"ok":true,"result":true}`
	}
	q.Lock()
	defer q.Unlock()
	if len(q.refuse) > 0 {
		body := q.refuse[0]
		q.refuse = q.refuse[1:]
		return 400, body
	}
	if o := int64(params["offset"].(float64)); o > q.offset {
		q.offset = o
	}
	var out []string
	for _, u := range q.updates {
		if id, _ := telegram.UpdateID([]byte(u)); id >= q.offset {
			out = append(out, u)
		}
	}
	return 200, `{"ok":true,"result":[` + strings.Join(out, ",") + `]}`
}

func (q *queue) confirmed() int64 {
	q.Lock()
	defer q.Unlock()
	return q.offset
}

func TestPollerConfirmsOnlyWhatWasHandled(t *testing.T) {
	q := &queue{updates: []string{message(100, 5, "a"), message(101, 6, "x"), poison, message(103, 5, "b"), message(104, 5, "panic"), message(105, 5, "c")},
		refuse: []string{`{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":1}}`}}
	client := api(t, q.serve)
	var mu sync.Mutex
	var handled, aside []string
	failures := 2
	p := &telegram.Poller{Client: client, Wait: time.Second}
	p.Log = quiet
	p.Handle = func(ctx context.Context, u *models.Update) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		if u.Message.Text == "panic" {
			panic("at the disco")
		}
		if u.Message.Text == "b" && failures > 0 {
			failures--
			if got := q.confirmed(); got > 103 {
				t.Errorf("offset %d confirms an update that was not handled", got)
			}
			return nil, fmt.Errorf("commit: %w", storage.ErrUnavailable)
		}
		handled = append(handled, fmt.Sprint(u.Message.Chat.ID, u.Message.Text))
		return nil, nil
	}
	p.PutAside = func(ctx context.Context, id int64, raw []byte, reason string) error {
		mu.Lock()
		defer mu.Unlock()
		aside = append(aside, fmt.Sprint(id, reason))
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	for q.confirmed() != 106 && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := q.confirmed(); got != 106 {
		t.Errorf("confirmed up to %d, want 106", got)
	}
	order := slices.DeleteFunc(slices.Clone(handled), func(s string) bool { return s == "6x" })
	if fmt.Sprint(order) != "[5a 5b 5c]" || len(handled) != 4 {
		t.Errorf("handled %v", handled)
	}
	slices.Sort(aside)
	if fmt.Sprint(aside) != "[102cannot be decoded 104fails: panic]" {
		t.Errorf("put aside %v", aside)
	}
}

func TestPollerStopsInTheMiddleOfAnOutage(t *testing.T) {
	q := &queue{updates: []string{message(7, 1, "a"), message(8, 1, "b")}}
	client := api(t, q.serve)
	ctx, cancel := context.WithCancel(context.Background())
	p := &telegram.Poller{Client: client, Wait: time.Second}
	p.Log = quiet
	p.Handle = func(_ context.Context, u *models.Update) ([]byte, error) {
		if u.ID == 8 {
			cancel()
			return nil, storage.ErrUnavailable
		}
		return nil, nil
	}
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := q.confirmed(); got != 8 {
		t.Errorf("confirmed up to %d, want 8: the first was handled, the second was not", got)
	}
}

func TestPollerGivesUpOnAWrongToken(t *testing.T) {
	client := api(t, func(string, map[string]any) (int, string) {
		return 401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`
	})
	p := &telegram.Poller{Client: client}
	p.Log = quiet
	err := p.Run(t.Context())
	if e := telegram.AsError(err); e == nil || e.Code != 401 || strings.Contains(err.Error(), token) {
		t.Errorf("got %v", err)
	}
}

func TestWebhook(t *testing.T) {
	cases := []struct {
		name, method, secret, body string
		err                        error
		code                       int
		aside                      bool
		answer                     string
	}{
		{name: "handled", body: message(1, 2, "hi"), code: 200, answer: `{"method":"x"}`},
		{name: "wrong secret", secret: "nope", body: message(1, 2, "hi"), code: 401},
		{name: "no secret", secret: "-", body: message(1, 2, "hi"), code: 401},
		{name: "GET", method: "GET", code: 405},
		{name: "garbage", body: "{", code: 400},
		{name: "no id", body: "{}", code: 400},
		{name: "too large", body: message(1, 2, strings.Repeat("x", 5000)), code: 413},
		{name: "unknown kind", body: `{"update_id":5,"novelty":{}}`, code: 200, answer: `{"method":"x"}`},
		{name: "poison", body: poison, code: 200, aside: true},
		{name: "store down", body: message(1, 2, "hi"), err: storage.ErrUnavailable, code: 503},
		{name: "own fault", body: message(1, 2, "hi"), err: errors.New("bad"), code: 200, aside: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			aside := false
			h := &telegram.Webhook{Secret: "s3cret", MaxBody: 4000}
			h.Log = quiet
			h.Handle = func(context.Context, *models.Update) ([]byte, error) {
				if c.err != nil {
					return nil, c.err
				}
				return []byte(`{"method":"x"}`), nil
			}
			h.PutAside = func(context.Context, int64, []byte, string) error { aside = true; return nil }
			method, secret := c.method, c.secret
			if method == "" {
				method = "POST"
			}
			if secret == "" {
				secret = "s3cret"
			}
			req := httptest.NewRequest(method, "/", strings.NewReader(c.body))
			req.Header.Set("X-Telegram-Bot-Api-Secret-Token", strings.TrimPrefix(secret, "-"))
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, req)
			if rec.Code != c.code || aside != c.aside {
				t.Errorf("got %d, aside %v; want %d, %v", rec.Code, aside, c.code, c.aside)
			}
			if rec.Code == 200 && rec.Body.String() != c.answer {
				t.Errorf("answer %q, want %q", rec.Body, c.answer)
			}
			if rec.Code == 503 && rec.Header().Get("Retry-After") != "2" {
				t.Error("no Retry-After")
			}
		})
	}
}

func TestClientErrors(t *testing.T) {
	answers := map[string]string{
		"1": `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}`,
		"2": `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`,
		"3": `{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: specified"}`,
		"4": `<html>502</html>`,
		"5": `{"ok":true,"result":{"message_id":44}}`,
		"6": `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`,
	}
	var got map[string]any
	client := api(t, func(method string, params map[string]any) (int, string) {
		got = params
		if m, ok := params["text"].(string); ok {
			return 200, answers[m]
		}
		return 200, answers["5"]
	})
	send := func(text string) (int, *telegram.Error) {
		id, err := client.Send(t.Context(), "sendMessage", 99, []byte(`{"text":"`+text+`"}`))
		return id, telegram.AsError(err)
	}
	if _, e := send("1"); e.RetryAfter != 7*time.Second || !e.Temporary() || e.Unknown {
		t.Errorf("429: %+v", e)
	}
	if _, e := send("2"); !e.Blocked() {
		t.Errorf("403: %+v", e)
	}
	if _, e := send("3"); !e.Unchanged() || !e.BadRequest() {
		t.Errorf("unchanged: %+v", e)
	}
	if _, e := send("4"); !e.Temporary() || !e.Unknown {
		t.Errorf("gateway: %+v", e)
	}
	if _, e := send("6"); !e.Blocked() {
		t.Errorf("no chat: %+v", e)
	}
	if id, e := send("5"); id != 44 || e != nil || got["chat_id"] != 99.0 {
		t.Errorf("sent: %d %v %v", id, e, got)
	}
	if _, err := client.Send(t.Context(), "sendMessage", 99, []byte(`{}`)); err != nil {
		t.Errorf("empty payload: %v", err)
	}
}

func TestTokenIsNeverInAnError(t *testing.T) {
	c, err := telegram.New(token, telegram.Options{BaseURL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	_, err1 := c.Me(t.Context())
	err2 := c.SetCommands(t.Context(), "lo", nil)
	_, err3 := c.Download(t.Context(), "f", 10, io.Discard)
	for _, err := range []error{err1, err2, err3} {
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
		if e := telegram.AsError(err); e == nil || e.Unknown || !e.Temporary() {
			t.Errorf("a connection that was refused: %#v", e)
		}
	}
	if _, err := telegram.New("a b\x7f", telegram.Options{}); err == nil || strings.Contains(err.Error(), "a b") {
		t.Errorf("unusable token: %v", err)
	}
}

func TestDownloadIsCapped(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/file/") {
			io.WriteString(w, "0123456789")
			return
		}
		io.WriteString(w, `{"ok":true,"result":{"file_id":"f","file_path":"photos/1.jpg"}}`)
	}))
	defer srv.Close()
	c, _ := telegram.New(token, telegram.Options{BaseURL: srv.URL})
	var b strings.Builder
	if n, err := c.Download(t.Context(), "f", 10, &b); n != 10 || err != nil || b.String() != "0123456789" {
		t.Errorf("got %d %v", n, err)
	}
	if _, err := c.Download(t.Context(), "f", 9, io.Discard); !errors.Is(err, telegram.ErrTooBig) {
		t.Errorf("got %v", err)
	}
}
