package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"
)

const (
	maxPollTimeout = 50 // seconds
	maxAnswer      = 4 << 20
)

// A poll is what the server remembers of a bot's getUpdates.
type poll struct {
	waiting      chan *apiError // the poll under way; what is sent ends it
	lastOffset   int
	lastStart    time.Time
	nextConflict time.Time
}

// getUpdates waits for updates, and forgets those below the offset.
func (c *call) getUpdates(ctx context.Context) (json.RawMessage, error) {
	b := c.bot
	offset := c.number("offset", 0, -1<<31, 1<<31-1)
	limit := c.number("limit", 100, 1, 100)
	timeout := c.number("timeout", 0, 0, maxPollTimeout)

	b.srv.mu.Lock()
	if b.hookURL != "" {
		b.srv.mu.Unlock()
		return nil, conflict("can't use getUpdates method while webhook is active; " +
			"use deleteWebhook to delete the webhook first")
	}
	if err := c.setAllowedLocked(); err != nil {
		b.srv.mu.Unlock()
		return nil, err
	}
	// The real server slows down those who ask in a tight loop. It measures
	// them on its own clock, which nobody can move.
	now := time.Now()
	if offset == b.lastOffset && now.Sub(b.lastStart) < 3*time.Second && timeout < 3 {
		timeout = 3
	}
	if offset == b.lastOffset && now.Sub(b.lastStart) < 500*time.Millisecond {
		limit = 1
	}
	b.lastOffset, b.lastStart = offset, now
	b.endPollLocked("terminated by other getUpdates request; make sure that only one bot instance is running")
	b.confirmLocked(offset)
	mine := make(chan *apiError, 1)
	b.waiting = mine
	b.srv.mu.Unlock()

	defer func() {
		b.srv.mu.Lock()
		defer b.srv.mu.Unlock()
		if b.waiting == mine {
			b.waiting = nil
		}
	}()
	deadline := time.NewTimer(time.Duration(timeout) * time.Second)
	defer deadline.Stop()
	for ended := timeout == 0; ; {
		b.srv.mu.Lock()
		batch := b.batchLocked(offset, limit)
		changed, closed := b.srv.changed, b.srv.closed
		b.srv.mu.Unlock()
		if closed {
			return nil, restarting
		}
		if len(batch) > 0 || ended {
			return joinUpdates(batch), nil
		}
		select {
		case <-changed:
		case <-deadline.C:
			ended = true
		case err := <-mine:
			return nil, b.conflictLater(ctx, err)
		case <-ctx.Done():
			return joinUpdates(nil), nil
		}
	}
}

// endPollLocked ends the poll that waits, if one does.
func (b *Bot) endPollLocked(why string) {
	if b.waiting != nil {
		b.waiting <- conflict(why)
		b.waiting = nil
	}
}

// conflictLater holds back a conflict that follows another within 3 seconds.
func (b *Bot) conflictLater(ctx context.Context, err *apiError) error {
	b.srv.mu.Lock()
	now := time.Now()
	wait := b.nextConflict.Sub(now)
	b.nextConflict = now.Add(max(wait, 0) + 3*time.Second)
	b.srv.mu.Unlock()
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	return err
}

// confirmLocked forgets what lies below the offset. A negative one keeps that
// many from the end; one far beyond the end is not believed.
func (b *Bot) confirmLocked(offset int) {
	b.expireLocked()
	before := len(b.pending)
	switch {
	case offset < 0:
		b.pending = slices.Clone(b.pending[max(0, len(b.pending)+offset):])
	case offset <= b.nextUpdate+10:
		b.pending = slices.DeleteFunc(b.pending, func(u *update) bool {
			drop := u.id < offset
			if u.again {
				drop = u.returned
			}
			if drop {
				b.readLocked(u)
			}
			return drop
		})
	}
	if len(b.pending) != before {
		b.srv.changeLocked()
	}
}

func (b *Bot) batchLocked(offset, limit int) []json.RawMessage {
	b.expireLocked()
	if offset > b.nextUpdate+10 {
		offset = 0
	}
	var batch []json.RawMessage
	size := 0
	for _, u := range b.pending {
		if len(batch) == limit || size+len(u.raw) > maxAnswer && len(batch) > 0 {
			break
		}
		if u.id < offset && !u.again {
			continue
		}
		u.returned = true
		batch = append(batch, u.raw)
		size += len(u.raw)
	}
	return batch
}

func joinUpdates(batch []json.RawMessage) json.RawMessage {
	var buf bytes.Buffer
	buf.WriteByte('[')
	for i, raw := range batch {
		if i > 0 {
			buf.WriteByte(',')
		}
		buf.Write(raw)
	}
	buf.WriteByte(']')
	return buf.Bytes()
}

// updateKinds are those that a bot may ask for.
var updateKinds = []string{
	"message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
	"edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
	"inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
	"purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request",
	"chat_boost", "removed_chat_boost",
}

// setAllowedLocked takes over allowed_updates, if it is given. An empty list
// means the default again; unknown kinds are passed over.
func (c *call) setAllowedLocked() error {
	var asked []string
	given, err := c.object("allowed_updates", &asked, "can't parse allowed updates: JSON array of strings expected")
	if !given || err != nil {
		return nil // the real server takes what it cannot read for nothing
	}
	var allowed []string
	for _, kind := range asked {
		if slices.Contains(updateKinds, kind) && !slices.Contains(allowed, kind) {
			allowed = append(allowed, kind)
		}
	}
	c.bot.allowed = allowed
	return nil
}
