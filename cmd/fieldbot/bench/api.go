package bench

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// An API is a Bot API that carries out nothing: it counts the calls, gives
// every message an id, and tells the respondent that a question came.
type API struct {
	Calls   atomic.Int64
	Refused atomic.Int64 // answered with 429
	next    atomic.Int64

	mu     sync.Mutex
	chats  map[int64]chan Asked
	limit  int         // messages in any second; 0 for as many as come
	recent []time.Time // of messages within the last second, if there is a limit
	taken  int         // since there is one
	first  time.Time
}

// Limit lets the API refuse more than n messages within any second.
func (a *API) Limit(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.limit, a.recent, a.taken = n, nil, 0
}

// Taken is how many messages were taken since the limit was set, and how long
// the first came before the last.
func (a *API) Taken() (n int, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.taken == 0 {
		return 0, 0
	}
	return a.taken, a.recent[len(a.recent)-1].Sub(a.first)
}

// tooMany reports whether a message is over the limit.
func (a *API) tooMany() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.limit == 0 {
		return false
	}
	now := time.Now()
	for len(a.recent) > 0 && now.Sub(a.recent[0]) >= time.Second {
		a.recent = a.recent[1:]
	}
	if len(a.recent) >= a.limit {
		a.Refused.Add(1)
		return true
	}
	a.recent = append(a.recent, now)
	if a.taken++; a.taken == 1 {
		a.first = now
	}
	return false
}

// An Asked is a message that reached a respondent.
type Asked struct {
	MessageID int64
	Text      string
	Data      string // callback_data of the first button, "" if there is none
}

// NewAPI returns an API to listen with.
func NewAPI() *API { return &API{chats: map[int64]chan Asked{}} }

// Chat returns where the messages to a chat arrive.
func (a *API) Chat(id int64) <-chan Asked { return a.chat(id) }

func (a *API) chat(id int64) chan Asked {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.chats[id]
	if c == nil {
		c = make(chan Asked, 16)
		a.chats[id] = c
	}
	return c
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	method := strings.ToLower(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	switch method {
	case "getme":
		io.WriteString(w, `{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"bench","username":"bench_bot"}}`)
		return
	case "getwebhookinfo":
		io.WriteString(w, `{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}`)
		return
	}
	switch {
	case strings.HasPrefix(method, "edit"):
		a.Calls.Add(1)
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"}}}`)
		return
	case method != "sendmessage":
		if method == "answercallbackquery" {
			a.Calls.Add(1)
		}
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"ok":true,"result":true}`)
		return
	}
	a.Calls.Add(1)
	m, err := read(r)
	if err != nil {
		io.WriteString(w, `{"ok":false,"error_code":400,"description":"Bad Request"}`)
		return
	}
	if a.tooMany() {
		w.WriteHeader(http.StatusTooManyRequests)
		io.WriteString(w, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}`)
		return
	}
	id := a.next.Add(1)
	io.WriteString(w, `{"ok":true,"result":{"message_id":`+strconv.FormatInt(id, 10)+
		`,"date":1,"chat":{"id":`+strconv.FormatInt(m.ChatID, 10)+`,"type":"private"}}}`)
	asked := Asked{MessageID: id, Text: m.Text}
	if m.Markup != nil && len(m.Markup.Rows) > 0 && len(m.Markup.Rows[0]) > 0 {
		asked.Data = m.Markup.Rows[0][0].Data
	}
	select {
	case a.chat(m.ChatID) <- asked:
	default: // the respondent has gone
	}
}

// read reads what sendMessage is given, as JSON or as a form of several parts.
func read(r *http.Request) (m message, err error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return m, err
		}
		return m, json.Unmarshal(body, &m)
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return m, err
	}
	m.Text = r.FormValue("text")
	if keyboard := r.FormValue("reply_markup"); keyboard != "" {
		if err := json.Unmarshal([]byte(keyboard), &m.Markup); err != nil {
			return m, err
		}
	}
	m.ChatID, err = strconv.ParseInt(r.FormValue("chat_id"), 10, 64)
	return m, err
}
