package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// A Poller asks for updates and has them handled: those of one chat one after
// another, those of different chats at once. The offset, which tells Telegram to
// forget updates, moves only past those that were handled or put aside.
type Poller struct {
	Receiver
	Client  *Client
	Workers int           // chats handled at once; 32 if 0
	Wait    time.Duration // how long Telegram may hold a request open; 50 s if 0
	Offset  int64         // to begin with; 0 for the oldest that Telegram has
}

// Run polls until ctx ends, then lets turns under way finish and confirms them.
// It returns an error only if Telegram refuses the token.
func (p *Poller) Run(ctx context.Context) error {
	offset := p.Offset
	told := offset
	var pause backoff
	for ctx.Err() == nil {
		told = offset
		batch, err := p.fetch(ctx, offset)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			if e := AsError(err); e != nil && (e.Code == 401 || e.Code == 404) {
				return fmt.Errorf("poll: %w", err)
			}
			p.recover(ctx, err, &pause)
			continue
		}
		pause = 0
		if len(batch) > 0 {
			offset = p.handle(ctx, batch, offset)
		}
	}
	if offset != told {
		p.confirm(context.WithoutCancel(ctx), offset)
	}
	return nil
}

func (p *Poller) fetch(ctx context.Context, offset int64) ([]json.RawMessage, error) {
	wait := p.Wait
	if wait == 0 {
		wait = 50 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, wait+15*time.Second)
	defer cancel()
	params, _ := json.Marshal(map[string]any{
		"offset": offset, "timeout": int(wait.Seconds()), "limit": 100, "allowed_updates": Allowed,
	})
	var batch []json.RawMessage
	err := p.Client.call(ctx, "getUpdates", params, &batch)
	return batch, err
}

// recover waits as long as the kind of error asks for.
func (p *Poller) recover(ctx context.Context, err error, pause *backoff) {
	wait := pause.next()
	if e := AsError(err); e != nil {
		switch e.Code {
		case 429:
			wait = e.RetryAfter
		case 409:
			// another process polls, or a webhook is set; taking it away is safe,
			// since this bot is told to poll
			wait = max(wait, 3*time.Second)
			if err := p.Client.DeleteWebhook(ctx); err != nil {
				p.log().WarnContext(ctx, "delete webhook", "error", err)
			}
		}
	}
	p.log().WarnContext(ctx, "poll", "error", err, "again_in", wait.String())
	sleep(ctx, wait)
}

// handle runs a batch and returns the offset behind what was handled.
func (p *Poller) handle(ctx context.Context, batch []json.RawMessage, offset int64) int64 {
	items := make([]*item, 0, len(batch))
	lanes := map[int64][]*item{}
	for _, raw := range batch {
		in, ok := decode(raw)
		if !ok {
			continue // cannot be: without an id it cannot be confirmed either
		}
		it := &item{incoming: in}
		items = append(items, it)
		chat := -in.id // one that is not understood has a lane of its own
		if in.u != nil {
			chat = cmp.Or(ChatOf(in.u), chat)
		}
		lanes[chat] = append(lanes[chat], it)
	}
	workers := p.Workers
	if workers == 0 {
		workers = 32
	}
	slots := make(chan struct{}, workers)
	var wg, calls sync.WaitGroup
	for _, lane := range lanes {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			p.lane(ctx, lane, &calls)
		})
	}
	wg.Wait()
	settle(&calls)
	for _, it := range items {
		if !it.done {
			return it.id
		}
		offset = it.id + 1
	}
	return offset
}

type item struct {
	incoming
	done bool
}

// lane handles a chat's updates in order. When a store is down it waits here,
// so that nothing overtakes.
func (p *Poller) lane(ctx context.Context, items []*item, calls *sync.WaitGroup) {
	for _, it := range items {
		var pause backoff
		for {
			// a turn under way is finished even while stopping
			answer, err := p.take(context.WithoutCancel(ctx), it.incoming)
			if err == nil {
				it.done = true
				p.call(ctx, answer, calls)
				break
			}
			p.log().WarnContext(ctx, "update must be handled again", "update_id", it.id, "error", err)
			if !sleep(ctx, pause.next()) {
				return
			}
		}
	}
}

// settle gives answers to taps a moment to arrive, so that mostly they are out
// before the next batch is asked for; a slow one holds nothing up.
func settle(calls *sync.WaitGroup) {
	done := make(chan struct{})
	go func() {
		calls.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(200 * time.Millisecond):
	}
}

// call makes the call that would ride in a webhook's answer. The chat's next
// update does not wait for it.
func (p *Poller) call(ctx context.Context, answer []byte, calls *sync.WaitGroup) {
	if len(answer) == 0 || p.Client == nil {
		return
	}
	var v struct {
		Method string `json:"method"`
	}
	if json.Unmarshal(answer, &v) != nil || v.Method == "" {
		return
	}
	calls.Go(func() {
		err := p.Client.Call(context.WithoutCancel(ctx), v.Method, answer, nil)
		if e := AsError(err); e != nil && !e.BadRequest() {
			p.log().WarnContext(ctx, "call", "method", v.Method, "error", err)
		}
	})
}

// confirm tells Telegram what was handled since the last request, so that it is
// not brought again to the next process.
func (p *Poller) confirm(ctx context.Context, offset int64) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	params, _ := json.Marshal(map[string]any{"offset": offset, "timeout": 0, "limit": 1})
	if err := p.Client.call(ctx, "getUpdates", params, nil); err != nil {
		p.log().WarnContext(ctx, "confirm", "error", err)
	}
}

// A backoff doubles from a quarter of a second to five seconds: what waits is a
// person.
type backoff time.Duration

func (b *backoff) next() time.Duration {
	*b = min(max(*b*2, backoff(250*time.Millisecond)), backoff(5*time.Second))
	return time.Duration(*b)
}

// sleep waits, and reports whether it was not interrupted.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
