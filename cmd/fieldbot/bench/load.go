package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Load is a crowd of respondents at a webhook.
type Load struct {
	API     *API
	Webhook string
	Secret  string
	Start   string        // what a respondent says first, as "/start bench"
	Crowd   int           // respondents at a time
	Rate    float64       // updates a second over all of them; 0: as fast as answers come
	For     time.Duration // how long; interviews under way at its end go no further
	IDs     *atomic.Int64 // the last update_id, also used for chats

	client *http.Client
}

// A Result is what a load saw.
type Result struct {
	Updates    int
	Interviews int
	Failed     int   // updates not answered with 200, or without a reply in time
	Err        error // of one of them
	Seconds    float64
	P50, P99   time.Duration // from the update to the reply
	Calls      int64         // to the Bot API
}

// PerSecond is the number of updates handled a second.
func (r Result) PerSecond() float64 { return float64(r.Updates) / r.Seconds }

// connections is how many requests Telegram has under way at a webhook at most.
const connections = 100

// Run sends the load, and waits for the last replies.
func (l *Load) Run(ctx context.Context) Result {
	l.client = &http.Client{Timeout: 30 * time.Second,
		Transport: &http.Transport{MaxIdleConns: connections, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer l.client.CloseIdleConnections()
	calls := l.API.Calls.Load()
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, l.For)
	defer cancel()
	crowd := make([]respondent, l.Crowd)
	var wg sync.WaitGroup
	for i := range crowd {
		crowd[i] = respondent{load: l}
		if l.Rate > 0 {
			crowd[i].every = time.Duration(float64(time.Second) * float64(l.Crowd) / l.Rate)
			crowd[i].next = began.Add(time.Duration(i) * crowd[i].every / time.Duration(l.Crowd))
		}
		wg.Go(func() { crowd[i].run(ctx) })
	}
	wg.Wait()
	r := Result{Seconds: time.Since(began).Seconds(), Calls: l.API.Calls.Load() - calls}
	var waits []time.Duration
	for _, p := range crowd {
		waits = append(waits, p.waits...)
		r.Interviews += p.done
		r.Failed += p.failed
		if p.err != nil {
			r.Err = p.err
		}
	}
	r.Updates = len(waits)
	slices.Sort(waits)
	if n := len(waits); n > 0 {
		r.P50, r.P99 = waits[n/2], waits[n*99/100]
	}
	return r
}

// A respondent holds one interview after another, each in a chat of its own.
type respondent struct {
	load   *Load
	every  time.Duration
	next   time.Time
	waits  []time.Duration
	done   int
	failed int
	err    error
}

func (p *respondent) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := p.interview(ctx); err != nil && ctx.Err() == nil {
			p.failed, p.err = p.failed+1, err
		}
	}
}

var errNoReply = errors.New("no reply")

func (p *respondent) interview(ctx context.Context) error {
	chat := 1_000_000 + p.load.IDs.Add(1)
	asked, err := p.say(ctx, chat, p.load.Start)
	if err != nil {
		return err
	}
	for range 3 * len(Survey) {
		switch {
		case strings.Contains(asked.Text, "(number)"): // its only button leads back
			asked, err = p.say(ctx, chat, "25")
		case strings.Contains(asked.Text, "(text)"):
			if _, err = p.say(ctx, chat, "Shorter queues, please."); err == nil {
				p.done++
			}
			return err
		default:
			asked, err = p.tap(ctx, chat, asked)
		}
		if err != nil {
			return err
		}
	}
	return errors.New("the interview does not end")
}

func (p *respondent) say(ctx context.Context, chat int64, text string) (Asked, error) {
	return p.send(ctx, chat, p.message(chat, text))
}

// message is an update with a text.
func (p *respondent) message(chat int64, text string) map[string]any {
	id := p.load.IDs.Add(1)
	from := map[string]any{"id": chat, "is_bot": false, "first_name": "R", "language_code": "en"}
	m := map[string]any{
		"message_id": id, "date": time.Now().Unix(), "text": text, "from": from,
		"chat": map[string]any{"id": chat, "type": "private", "first_name": "R"},
	}
	if command, _, _ := strings.Cut(text, " "); strings.HasPrefix(text, "/") {
		m["entities"] = []any{map[string]any{"type": "bot_command", "offset": 0, "length": len(command)}}
	}
	return map[string]any{"update_id": id, "message": m}
}

func (p *respondent) tap(ctx context.Context, chat int64, on Asked) (Asked, error) {
	id := p.load.IDs.Add(1)
	return p.send(ctx, chat, map[string]any{"update_id": id, "callback_query": map[string]any{
		"id": fmt.Sprint(id), "chat_instance": "1", "data": on.Data,
		"from": map[string]any{"id": chat, "is_bot": false, "first_name": "R", "language_code": "en"},
		"message": map[string]any{
			"message_id": on.MessageID, "date": time.Now().Unix(), "text": on.Text,
			"chat": map[string]any{"id": chat, "type": "private", "first_name": "R"},
		},
	}})
}

// isReply reports whether a message is what an update leads to: a question, or
// the end. A form's title is neither.
func isReply(a Asked) bool {
	return strings.Contains(a.Text, "Thank you") ||
		slices.ContainsFunc(Survey, func(q Question) bool { return strings.Contains(a.Text, q.Label) })
}

// send brings an update and waits for the message that it leads to.
func (p *respondent) send(ctx context.Context, chat int64, u map[string]any) (Asked, error) {
	if p.every > 0 {
		select {
		case <-ctx.Done():
			return Asked{}, ctx.Err()
		case <-time.After(time.Until(p.next)):
		}
		p.next = p.next.Add(p.every)
	}
	if ctx.Err() != nil {
		return Asked{}, ctx.Err()
	}
	req, err := p.request(u)
	if err != nil {
		return Asked{}, err
	}
	began := time.Now()
	chats := p.load.API.Chat(chat)
	acknowledged := make(chan error, 1)
	go func() { acknowledged <- p.acknowledged(req) }()
	var asked Asked
	late := time.NewTimer(30 * time.Second)
	defer late.Stop()
	for !isReply(asked) {
		select {
		case asked = <-chats:
		case <-late.C:
			<-acknowledged
			return Asked{}, errNoReply
		}
	}
	p.waits = append(p.waits, time.Since(began))
	// Telegram brings a chat's next update only after the one before was acknowledged.
	return asked, <-acknowledged
}

// request brings an update to the webhook.
func (p *respondent) request(u map[string]any) (*http.Request, error) {
	body, err := json.Marshal(u)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, p.load.Webhook, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", p.load.Secret)
	return req, nil
}

func (p *respondent) acknowledged(req *http.Request) error {
	res, err := p.load.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("webhook: %s", res.Status)
	}
	return nil
}
