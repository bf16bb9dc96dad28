package bot

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// A lane is a chat as this process sees it: one turn at a time, and its replies
// sent in order. The session in it is what was last committed here; another
// replica may have moved it, which the next commit finds out.
type lane struct {
	person string

	turn    sync.Mutex // held during a turn; guards what follows
	session *storage.Session
	live    live
	allowed allowance
	typed   []int // recent messages that answered

	mu       sync.Mutex // guards what follows
	chat     int64      // 0 if not known yet
	queue    []queued
	sending  bool
	sent     []sent   // not yet struck off the stored session
	fetching []uint64 // replies that are downloads under way
	settle   *time.Timer
	until    time.Time // Telegram asked to wait till then
	used     time.Time
	held     int // turns and sweeps that are using the lane
}

// live is the opened instance of the interview under way, kept between turns.
type live struct {
	nonce    string
	revision uint64 // of the session that it belongs to
	form     *flows.Form
	in       *flows.Instance
}

type queued struct {
	storage.Reply
	nonce    string // of the interview it asks for
	tries    int
	again    bool      // may have been delivered before: by a process that died, or by a call that got no answer
	received time.Time // when its update came; zero but for the first reply to it
}

type sent struct {
	id      uint64
	message int
	asks    bool
	nonce   string
}

// settleAfter is how long sent replies wait to be struck off by the next turn's
// commit before they get a commit of their own.
const settleAfter = 700 * time.Millisecond

// hold returns the person's lane, which stays until released.
func (b *Bot) hold(person string, chat int64) *lane {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lanes[person]
	if l == nil {
		l = &lane{person: person}
		b.lanes[person] = l
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if chat != 0 {
		l.chat = chat
	}
	l.held++
	l.used = time.Now()
	return l
}

func (b *Bot) release(l *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held--
}

// idleAfter is how long a lane is kept warm.
const (
	idleAfter = 2 * time.Minute
	maxLanes  = 20_000
)

// evict forgets lanes that nothing happens in.
func (b *Bot) evict() {
	b.mu.Lock()
	defer b.mu.Unlock()
	crowded := len(b.lanes) > maxLanes
	for person, l := range b.lanes {
		l.mu.Lock()
		idle := l.held == 0 && !l.sending && len(l.queue) == 0 && len(l.sent) == 0 && len(l.fetching) == 0
		if idle && (crowded || time.Since(l.used) > idleAfter) {
			delete(b.lanes, person)
		}
		l.mu.Unlock()
	}
}

// Resting reports whether no reply is on its way.
func (b *Bot) Resting() bool { return !b.busy() }

func (b *Bot) busy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.lanes {
		l.mu.Lock()
		busy := l.sending || len(l.queue) > 0 || len(l.fetching) > 0
		l.mu.Unlock()
		if busy {
			return true
		}
	}
	return false
}

// enqueue hands committed replies to the sender.
func (b *Bot) enqueue(l *lane, replies []queued) {
	if len(replies) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range replies {
		// what does not fit stays in the session, and is swept
		if len(l.queue) <= maxOutbox && !l.knows(r.ID) {
			l.queue = append(l.queue, r)
		}
	}
	if !l.sending && len(l.queue) > 0 && b.closing.Err() == nil {
		l.sending = true
		b.work.Go(func() { b.send(l) })
	}
}

// knows reports whether a reply is on its way already or was sent.
func (l *lane) knows(id uint64) bool {
	return slices.Contains(l.fetching, id) || slices.ContainsFunc(l.queue, func(q queued) bool { return q.ID == id }) ||
		slices.ContainsFunc(l.sent, func(s sent) bool { return s.id == id })
}

// lost reports whether a question is among the unsent replies of a session that
// this process knows nothing of: the one that committed it died, and the person
// may not have seen it.
func (l *lane) lost(outbox []storage.Reply) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(outbox, func(r storage.Reply) bool { return r.Asks && !l.knows(r.ID) })
}

// asking reports whether a question is on its way that the person cannot have
// seen yet.
func (l *lane) asking() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sending && slices.ContainsFunc(l.queue, func(q queued) bool { return q.Asks && !q.again })
}

// send empties the lane's queue. The head stays in the queue while it is sent.
func (b *Bot) send(l *lane) {
	for {
		l.mu.Lock()
		if len(l.queue) == 0 || b.closing.Err() != nil {
			l.sending = false
			l.mu.Unlock()
			return
		}
		r, chat := l.queue[0], l.chat
		l.mu.Unlock()
		if r.Method == methodFetch {
			b.apart(l, r)
			continue
		}
		if chat == 0 {
			l.leave()
			continue
		}
		if wait := b.Limiter.Reply(chat); wait > 0 {
			l.dropEdits()
			l.pause(b.now().Add(wait))
			b.settleSoon(l)
			b.rest(wait)
			continue
		}
		b.slots <- struct{}{}
		message, err := b.deliver(l, chat, r)
		<-b.slots
		if wait := b.outcome(l, r, message, err); wait > 0 {
			b.rest(wait)
		}
	}
}

// rest waits, unless the bot is closing.
func (b *Bot) rest(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-b.closing.Done():
	}
}

// leave gives up on what is queued; it stays in the stored session.
func (l *lane) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = nil
}

func (b *Bot) deliver(l *lane, chat int64, r queued) (int, error) {
	ctx := b.closing
	if strings.HasPrefix(r.Method, "/") {
		ctx, cancel := context.WithTimeout(b.closing, 10*time.Minute)
		defer cancel()
		return 0, b.job(ctx, l.person, chat, r.Reply)
	}
	id, err := b.Client.Send(ctx, r.Method, chat, r.Payload)
	if e := telegram.AsError(err); e != nil && e.Code == 400 && strings.Contains(e.Description, "can't parse entities") {
		b.Log.Error("markup refused", "person", l.person, "method", r.Method)
		return b.Client.Send(ctx, r.Method, chat, withoutMarkup(r.Payload))
	}
	return id, err
}

// withoutMarkup sends the text as it is rather than not at all.
func withoutMarkup(payload []byte) []byte {
	var p map[string]any
	if json.Unmarshal(payload, &p) != nil {
		return payload
	}
	if text, ok := p["text"].(string); ok {
		p["text"] = render.Text(text)
	}
	delete(p, "parse_mode")
	out, err := json.Marshal(p)
	if err != nil {
		return payload
	}
	return out
}

const maxTries = 6

// outcome notes what became of the head of the queue, and says how long to wait
// before the next call.
func (b *Bot) outcome(l *lane, r queued, message int, err error) time.Duration {
	e := telegram.AsError(err)
	switch {
	case err == nil, e != nil && e.Unchanged():
		if !r.received.IsZero() {
			b.Metrics.Replied(time.Since(r.received))
		}
		l.done(r, message)
		b.settleSoon(l)
		return 0
	case b.closing.Err() != nil:
		return 0
	case e != nil && e.Blocked():
		b.Log.Info("blocked", "person", l.person)
		b.blocked(l)
		return 0
	case e != nil && e.Code == 429:
		wait := e.RetryAfter
		b.Limiter.TooMany(l.address(), wait)
		b.Log.Warn("too many requests", "person", l.person, "method", r.Method, "retry_after", wait.String())
		l.dropEdits()
		l.pause(b.now().Add(wait))
		b.settleSoon(l)
		return wait
	case e != nil && e.MigrateTo != 0 && r.tries == 0:
		l.moved(e.MigrateTo)
		return time.Millisecond
	case e != nil && e.BadRequest(), errors.Is(err, errJob):
		b.Log.Error("reply refused", "person", l.person, "method", r.Method, "error", err)
		l.done(r, 0)
		b.settleSoon(l)
		return 0
	}
	if r.Edit || r.tries+1 >= maxTries {
		if r.Edit {
			l.done(r, 0)
			b.settleSoon(l)
		} else {
			l.leave()
		}
		b.Log.Warn("reply not sent", "person", l.person, "method", r.Method, "error", err)
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) > 0 {
		l.queue[0].tries++
		l.queue[0].again = r.again || e == nil || e.Unknown
	}
	return 250 * time.Millisecond << r.tries
}

// address is the chat that replies go to.
func (l *lane) address() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.chat
}

// moved follows a group to its new chat_id.
func (l *lane) moved(to int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.chat = to
	if len(l.queue) > 0 {
		l.queue[0].tries++
	}
}

// pause notes in the session, once it is settled, that others need not look
// after it yet.
func (l *lane) pause(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = until
}

func (l *lane) done(r queued, message int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = slices.DeleteFunc(l.queue, func(q queued) bool { return q.ID == r.ID })
	// of a question that was perhaps shown before, nobody knows which message
	// people answer
	l.sent = append(l.sent, sent{r.ID, message, r.Asks && !r.again, r.nonce})
}

// dropEdits gives up edits: they cost as much as messages and change nothing.
func (l *lane) dropEdits() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = slices.DeleteFunc(l.queue, func(q queued) bool {
		if q.Edit {
			l.sent = append(l.sent, sent{id: q.ID})
		}
		return q.Edit
	})
}

// strike takes what was sent off a session that is about to be committed, and
// returns what to do once it is: forget those results.
func (l *lane) strike(s *storage.Session) (committed func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	results := l.sent
	for _, r := range results {
		s.Outbox = slices.DeleteFunc(s.Outbox, func(q storage.Reply) bool { return q.ID == r.id })
		later := func(q storage.Reply) bool { return q.Asks && q.ID > r.id }
		if !r.asks || r.message == 0 || slices.ContainsFunc(s.Outbox, later) {
			continue // known too late: another question is on screen
		}
		for i := range s.Open {
			if s.Open[i].Nonce == r.nonce {
				s.Open[i].Message = r.message
			}
		}
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.sent = l.sent[len(results):]
		if len(l.sent) == 0 && l.settle != nil && l.until.IsZero() {
			// struck off by this turn: who goes on answering costs no commit more
			l.settle.Stop()
			l.settle = nil
		}
	}
}

// settleSoon strikes off what was sent by a commit of its own, unless a turn
// does it first.
func (b *Bot) settleSoon(l *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.settle != nil {
		return
	}
	l.settle = time.AfterFunc(settleAfter, func() {
		l.mu.Lock()
		l.settle = nil
		l.mu.Unlock()
		if b.closing.Err() != nil {
			return
		}
		ctx, cancel := context.WithTimeout(b.closing, 10*time.Second)
		defer cancel()
		if err := b.settleNow(ctx, l); err != nil {
			b.Log.Warn("strike off sent replies", "person", l.person, "error", err)
		}
	})
}

func (b *Bot) settleNow(ctx context.Context, l *lane) error {
	l.mu.Lock()
	until := l.until
	l.until = time.Time{}
	nothing := len(l.sent) == 0 && until.IsZero()
	l.mu.Unlock()
	if nothing {
		return nil
	}
	l.turn.Lock()
	defer l.turn.Unlock()
	return b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
		if len(s.Open) == 0 && len(s.Outbox) == 0 {
			s.Contact = nil // nothing is open: nothing to write to
		}
		if until.After(s.Changed) {
			s.Changed = until
		}
		return nil, nil
	})
}

func (b *Bot) settleAll(ctx context.Context) {
	b.mu.Lock()
	lanes := make([]*lane, 0, len(b.lanes))
	for _, l := range b.lanes {
		lanes = append(lanes, l)
	}
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, l := range lanes {
		if err := b.settleNow(ctx, l); err != nil {
			b.Log.Warn("strike off sent replies", "person", l.person, "error", err)
		}
	}
}

// blocked stops contact: nothing that waits is sent, and no digest comes.
func (b *Bot) blocked(l *lane) {
	l.mu.Lock()
	for _, q := range l.queue {
		l.sent = append(l.sent, sent{id: q.ID})
	}
	l.queue = nil
	l.mu.Unlock()
	b.settleSoon(l)
	ctx, cancel := context.WithTimeout(b.closing, 10*time.Second)
	defer cancel()
	if err := b.unsubscribe(ctx, l.person, "blocked the bot"); err != nil {
		b.Log.Warn("unsubscribe", "person", l.person, "error", err)
	}
}
