package bench

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// An API is a Bot API that carries out nothing: it counts the calls, gives
// every message an id, and tells the respondent that a question came.
type API struct {
	Calls atomic.Int64
	next  atomic.Int64

	mu    sync.Mutex
	chats map[int64]chan Asked
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
	if method != "sendmessage" {
		if strings.HasPrefix(method, "edit") || method == "answercallbackquery" {
			a.Calls.Add(1)
		}
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"ok":true,"result":true}`)
		return
	}
	a.Calls.Add(1)
	body, err := io.ReadAll(r.Body)
	var m message
	if err != nil || json.NewDecoder(bytes.NewReader(body)).Decode(&m) != nil {
		io.WriteString(w, `{"ok":false,"error_code":400,"description":"Bad Request"}`)
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
