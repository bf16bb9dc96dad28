// Package send keeps to Telegram's limits. There are two kinds of messages.
// Replies to what somebody just did go at once, and wait only where Telegram
// said 429. What nobody asked for, as broadcasts and reminders, is bulk: it is
// spread evenly below the limits and gives way to replies.
package send

import (
	"context"
	"sync"
	"time"
)

// Limits are Telegram's, as far as it tells them. A zero field is its default.
type Limits struct {
	Overall int // bulk messages a second; 30
	Group   int // messages a minute to one group; 20
	Burst   int // messages to one chat at once, before one a second; 3
}

// share is how much of the overall limit bulk uses. Messages that leave evenly
// do not arrive evenly; what is left over is for that.
const share = 0.97

// slack lets a message go that much early after another went late, so that the
// time a process was not scheduled is not lost. It is small enough that no
// second sees more than the limit.
const slack = 25 * time.Millisecond

// together is how close two 429s for different chats must be to mean that it
// is all too much, and not one chat.
const together = 5 * time.Second

// A Limiter says when a message may go. All senders of a bot in one process
// share one. It is safe for concurrent use.
type Limiter struct {
	limits Limits
	now    func() time.Time

	mu      sync.Mutex
	next    time.Time // when the next bulk message is due
	last    time.Time // when the last bulk message went
	all     time.Time // until when nothing may go
	factor  float64   // of the overall rate: what Telegram was found to bear
	learned time.Time // when factor changed
	many    time.Time // when the last 429 came
	manyOf  int64     // for which chat
	chats   map[int64]*chat
	sweep   int // number of chats at which idle ones are forgotten
}

// A chat is what is remembered of one.
type chat struct {
	until time.Time   // Telegram asked to wait till then
	next  time.Time   // as Limiter.next
	sent  []time.Time // to a group, in the last minute
}

// NewLimiter returns a limiter with the clock now; nil is time.Now.
func NewLimiter(l Limits, now func() time.Time) *Limiter {
	if l.Overall <= 0 {
		l.Overall = 30
	}
	if l.Group <= 0 {
		l.Group = 20
	}
	if l.Burst <= 0 {
		l.Burst = 3
	}
	if now == nil {
		now = time.Now
	}
	return &Limiter{limits: l, now: now, factor: 1, chats: map[int64]*chat{}, sweep: 1024}
}

// Rate is how many bulk messages a second go at most, at present.
func (l *Limiter) Rate() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rate()
}

func (l *Limiter) rate() float64 { return float64(l.limits.Overall) * share * l.factor }

func (l *Limiter) every() time.Duration { return time.Duration(float64(time.Second) / l.rate()) }

// Reply asks whether a reply may go to a chat now. If it returns 0 the reply is
// counted and must be sent; otherwise it is how long to wait before asking
// again. Only a 429 makes a reply wait.
func (l *Limiter) Reply(chatID int64) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	c := l.chat(chatID, now)
	if wait := max(l.all.Sub(now), c.until.Sub(now)); wait > 0 {
		return wait
	}
	l.count(chatID, c, now)
	l.next = later(l.next, now).Add(l.every()) // bulk gives way
	return 0
}

// A Hold says why a bulk message must wait.
type Hold struct {
	Wait time.Duration // 0: it may go, and is counted
	Chat bool          // only this chat must wait; others may go
}

// Bulk asks whether a bulk message may go to a chat now.
func (l *Limiter) Bulk(chatID int64) Hold {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if wait := l.all.Sub(now); wait > 0 {
		return Hold{Wait: wait}
	}
	every := l.every()
	// Replies may take most of the limit, never all of it.
	due := l.next
	if least := l.last.Add(5 * every); due.After(least) {
		due = least
	}
	if wait := due.Sub(now); wait > slack {
		return Hold{Wait: wait}
	}
	c := l.chat(chatID, now)
	if wait := l.chatWait(chatID, c, now); wait > 0 {
		return Hold{Wait: wait, Chat: true}
	}
	l.next = later(due, now.Add(-slack)).Add(every)
	l.last = now
	l.count(chatID, c, now)
	l.recover(now)
	return Hold{}
}

// Wait waits until a bulk message may go to a chat. It returns false if only
// the chat must wait, and for how long, so that others can go before; then, and
// if ctx ends, nothing is counted.
func (l *Limiter) Wait(ctx context.Context, chatID int64) (ok bool, chat time.Duration, err error) {
	for {
		h := l.Bulk(chatID)
		switch {
		case h.Wait == 0:
			return true, 0, nil
		case h.Chat:
			return false, h.Wait, nil
		}
		t := time.NewTimer(h.Wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return false, 0, ctx.Err()
		case <-t.C:
		}
	}
}

// TooMany learns from a 429 for a chat: the chat waits as long as Telegram
// asked for. A second one soon after, for another chat, makes all wait, and the
// bulk that follows go slower for some minutes.
func (l *Limiter) TooMany(chatID int64, retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	until := now.Add(max(retryAfter, time.Second))
	c := l.chat(chatID, now)
	c.until = later(c.until, until)
	if !l.many.IsZero() && l.manyOf != chatID && now.Sub(l.many) <= together {
		if !l.all.After(now) { // not one of many that were on their way together
			l.factor = max(l.factor*0.9, 0.2)
			l.learned = now
		}
		l.all = later(l.all, until)
	}
	l.many, l.manyOf = now, chatID
}

// recover raises the rate again, little by little.
func (l *Limiter) recover(now time.Time) {
	if l.factor < 1 && now.Sub(l.learned) > time.Minute {
		l.factor, l.learned = min(1, l.factor+0.02), now
	}
}

// chatWait is how long the chat's own limits ask for.
func (l *Limiter) chatWait(id int64, c *chat, now time.Time) time.Duration {
	wait := max(c.until.Sub(now), c.next.Add(-time.Duration(l.limits.Burst-1)*time.Second).Sub(now))
	if id < 0 && len(c.sent) >= l.limits.Group {
		// a window a little longer than Telegram's, since messages may take
		// differently long to arrive
		oldest := c.sent[len(c.sent)-l.limits.Group]
		wait = max(wait, oldest.Add(time.Minute+500*time.Millisecond).Sub(now))
	}
	return wait
}

func (l *Limiter) count(id int64, c *chat, now time.Time) {
	c.next = later(c.next, now).Add(time.Second)
	if id < 0 {
		if n := len(c.sent) - l.limits.Group + 1; n > 0 {
			c.sent = append(c.sent[:0], c.sent[n:]...)
		}
		c.sent = append(c.sent, now)
	}
}

func (l *Limiter) chat(id int64, now time.Time) *chat {
	if c := l.chats[id]; c != nil {
		return c
	}
	if len(l.chats) >= l.sweep {
		for id, c := range l.chats {
			recent := len(c.sent) > 0 && now.Sub(c.sent[len(c.sent)-1]) < 2*time.Minute
			if now.After(c.until) && now.After(c.next) && !recent {
				delete(l.chats, id)
			}
		}
		l.sweep = max(1024, 2*len(l.chats))
	}
	c := &chat{}
	l.chats[id] = c
	return c
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
