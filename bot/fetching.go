package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/fieldbot/bot/telegram"
)

// maxFetches is how many files are fetched at once.
const maxFetches = 8

// apart takes a download out of the queue: replies do not wait for it. It stays
// in the stored session until it is done, so a restart does not lose it.
func (b *Bot) apart(l *lane, r queued) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = slices.DeleteFunc(l.queue, func(q queued) bool { return q.ID == r.ID })
	l.fetching = append(l.fetching, r.ID)
	b.work.Go(func() {
		over := b.fetched(l.person, r)
		l.mu.Lock()
		l.fetching = slices.DeleteFunc(l.fetching, func(id uint64) bool { return id == r.ID })
		if over {
			l.sent = append(l.sent, sent{id: r.ID})
		}
		l.mu.Unlock()
		if over {
			b.settleSoon(l)
		}
	})
}

// fetched tries some times, and reports whether trying is over. If it is not,
// the sweeper begins again.
func (b *Bot) fetched(person string, r queued) bool {
	for try := range maxTries {
		select {
		case b.fetches <- struct{}{}:
		case <-b.closing.Done():
			return false
		}
		ctx, cancel := context.WithTimeout(b.closing, 10*time.Minute)
		err := b.job(ctx, person, 0, r.Reply)
		cancel()
		<-b.fetches
		if err == nil {
			return true
		}
		if b.closing.Err() != nil {
			return false
		}
		wait := 250 * time.Millisecond << try
		if e := telegram.AsError(err); e != nil && e.Code == 429 {
			wait = e.RetryAfter
		} else if errors.Is(err, errJob) || e != nil && e.Method == "getFile" && e.Code == 400 {
			b.Log.Error("file refused", "person", person, "error", err)
			return true
		}
		b.Log.Warn("file not fetched", "person", person, "error", err)
		b.rest(wait)
	}
	return false
}
