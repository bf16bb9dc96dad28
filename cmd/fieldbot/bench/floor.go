package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Floor is the handler written by hand: no forms, no languages to choose, no
// roles, no recovery. It asks the questions of Survey in order.
type Floor struct {
	Backends
	API string // address of the Bot API with the token

	last sync.Map // message_id of the question on screen, by chat
	http *http.Client
}

// turn does all of an update's work on the session in one round trip: it drops
// a repeated update, begins or goes on, and returns the step that it is at, with
// all answers after the last.
var turn = redis.NewScript(`
local k, id, what, value, steps = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call('HGET', k, 'u') == id then return {-1} end
if what == 'start' then
  redis.call('DEL', k)
  redis.call('HSET', k, 'u', id, 's', 0)
  return {0}
end
local s = redis.call('HINCRBY', k, 's', 1)
redis.call('HSET', k, 'u', id, 'a' .. s, value)
if s < steps then return {s} end
local all = redis.call('HGETALL', k)
redis.call('DEL', k)
return {s, all}
`)

// Serve listens until ctx ends.
func (f *Floor) Serve(ctx context.Context, addr string) error {
	if err := f.open(ctx); err != nil {
		return err
	}
	defer f.close()
	f.http = &http.Client{Transport: &http.Transport{MaxIdleConns: 512, MaxIdleConnsPerHost: 512, IdleConnTimeout: time.Minute}}
	return listen(ctx, addr, f.webhook)
}

type update struct {
	ID      int64 `json:"update_id"`
	Message *struct {
		Chat struct {
			ID int64 `json:"id"`
		} `json:"chat"`
		Text string `json:"text"`
	} `json:"message"`
	Callback *struct {
		ID   string `json:"id"`
		From struct {
			ID int64 `json:"id"`
		} `json:"from"`
		Data    string `json:"data"`
		Message struct {
			ID int `json:"message_id"`
		} `json:"message"`
	} `json:"callback_query"`
}

func (f *Floor) webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	var u update
	if err != nil || json.Unmarshal(body, &u) != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	if err := f.handle(r.Context(), &u); err != nil {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	if u.Callback != nil {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"method":"answerCallbackQuery","callback_query_id":"`+u.Callback.ID+`"}`)
	}
}

func (f *Floor) handle(ctx context.Context, u *update) error {
	var chat int64
	what, value := "answer", ""
	switch {
	case u.Callback != nil:
		chat, value = u.Callback.From.ID, u.Callback.Data
	case u.Message != nil:
		chat, value = u.Message.Chat.ID, u.Message.Text
		if strings.HasPrefix(value, "/start") {
			what = "start"
		}
	default:
		return nil
	}
	got, err := turn.Run(ctx, f.redis, []string{"floor:" + strconv.FormatInt(chat, 10)},
		u.ID, what, value, len(Survey)).Slice()
	if err != nil {
		return err
	}
	step, _ := got[0].(int64)
	if step < 0 {
		return nil
	}
	if what == "start" {
		if _, err := f.call(ctx, "sendMessage", message{ChatID: chat, Text: "<b>Bench</b>", ParseMode: "HTML"}); err != nil {
			return err
		}
	} else if err := f.tick(ctx, chat, value); err != nil {
		return err
	}
	if int(step) == len(Survey) {
		return f.finish(ctx, chat, got[1])
	}
	return f.ask(ctx, chat, Survey[step])
}

// tick turns the answered question into a line without buttons, as the bot does.
func (f *Floor) tick(ctx context.Context, chat int64, value string) error {
	id, ok := f.last.LoadAndDelete(chat)
	if !ok {
		return nil
	}
	_, err := f.call(ctx, "editMessageText", edit{chat, id.(int), "✅ " + value, "HTML"})
	return err
}

func (f *Floor) finish(ctx context.Context, chat int64, answers any) error {
	if err := f.keep(ctx, chat, answers); err != nil {
		return err
	}
	_, err := f.call(ctx, "sendMessage", message{ChatID: chat, Text: Thanks})
	return err
}

type message struct {
	ChatID    int64   `json:"chat_id"`
	Text      string  `json:"text"`
	ParseMode string  `json:"parse_mode,omitempty"`
	Markup    *markup `json:"reply_markup,omitempty"`
}

type edit struct {
	ChatID    int64  `json:"chat_id"`
	MessageID int    `json:"message_id"`
	Text      string `json:"text"`
	ParseMode string `json:"parse_mode"`
}

type markup struct {
	Rows [][]button `json:"inline_keyboard"`
}

type button struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
}

func (f *Floor) ask(ctx context.Context, chat int64, q Question) error {
	m := message{ChatID: chat, Text: "<b>" + q.Label + "</b>", ParseMode: "HTML"}
	if len(q.Choices) > 0 {
		m.Markup = new(markup)
	}
	for i, c := range q.Choices {
		m.Markup.Rows = append(m.Markup.Rows, []button{{c, strconv.Itoa(i)}})
	}
	id, err := f.call(ctx, "sendMessage", m)
	f.last.Store(chat, id)
	return err
}

// call makes a call and returns the message_id of its result, if it has one.
func (f *Floor) call(ctx context.Context, method string, params any) (int, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.API+"/"+method, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := f.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	var answer struct {
		OK     bool            `json:"ok"`
		Result json.RawMessage `json:"result"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || !answer.OK {
		return 0, errors.New("call refused")
	}
	var m struct {
		ID int `json:"message_id"`
	}
	_ = json.Unmarshal(answer.Result, &m) // true, for an edit
	return m.ID, nil
}
