package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long an update waits for the bot before it is dropped.
const (
	tapLife     = 150 * time.Second
	messageLife = 24 * time.Hour
)

const (
	queueCap  = 100_000   // updates kept for a bot; more are dropped
	queueSize = 128 << 20 // their bytes; more are dropped
	quietWeek = 7 * 24 * time.Hour
	kept      = 200 // updates that can be brought again
)

// An update is something on its way to the bot.
type update struct {
	id      int
	kind    string
	key     string // updates with the same key are delivered one after another
	at      time.Time
	expires time.Time
	raw     json.RawMessage

	// again marks a second delivery: offsets do not drop it before it was
	// handed over once more.
	again    bool
	returned bool

	// about is the message that the update brings, if it is one of a person.
	about   *message
	aboutIn *chat

	// For webhooks.
	flying   bool
	failures int
	due      time.Time
}

// A queue keeps a bot's updates in the order of their ids.
type queue struct {
	pending    []*update
	bytes      int       // of the pending ones, or more
	recent     []*update // the last ones, delivered or not
	nextUpdate int
	lastUpdate time.Time
	overtaken  func()   // what the next update goes before (see ScrambledAlbum)
	allowed    []string // nil: the default
}

// An Update is an update that the server made, for the inspector.
type Update struct {
	ID   int             `json:"id"`
	Kind string          `json:"kind"`
	Time time.Time       `json:"time"`
	Bot  int64           `json:"bot"`
	Raw  json.RawMessage `json:"raw"`
}

// Kinds that are sent only to those who ask for them.
var notByDefault = []string{"chat_member", "message_reaction", "message_reaction_count"}

func (q *queue) wants(kind string) bool {
	if q.allowed == nil {
		return !slices.Contains(notByDefault, kind)
	}
	return slices.Contains(q.allowed, kind)
}

// emitLocked makes an update of payload as it is now. While the server holds
// updates back, it gets its id when it is released.
func (b *Bot) emitLocked(kind, key string, life time.Duration, payload any) {
	b.emitAboutLocked(kind, key, life, payload, nil, nil)
}

func (b *Bot) emitAboutLocked(kind, key string, life time.Duration, payload any, ch *chat, m *message) {
	raw, err := encode(payload)
	if err != nil {
		return // only wire types come here, and they encode
	}
	at := b.srv.nowLocked()
	put := func() {
		if u := b.putLocked(kind, key, at, life, raw); u != nil {
			u.aboutIn, u.about = ch, m
		}
	}
	if b.srv.holding {
		b.srv.held = append(b.srv.held, put)
		return
	}
	first := b.overtaken
	if b.overtaken = nil; first == nil && m != nil && m.MediaGroupID != "" && b.srv.takeLocked(ScrambledAlbum) != nil {
		b.overtaken = put
		return
	}
	put()
	if first != nil {
		first()
	}
}

// encode is json.Marshal without its escapes for HTML.
func encode(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(buf.Bytes()), nil
}

func (b *Bot) putLocked(kind, key string, at time.Time, life time.Duration, raw json.RawMessage) *update {
	if !b.wants(kind) || b.fullLocked(len(raw)) {
		return nil
	}
	now := b.srv.nowLocked()
	// After a week without updates the next id is random, and may be lower.
	if !b.lastUpdate.IsZero() && now.Sub(b.lastUpdate) >= quietWeek && len(b.pending) == 0 {
		b.nextUpdate = 2_000_001 + b.srv.rand.IntN(998_000_000)
	}
	b.lastUpdate = now
	u := &update{
		id: b.nextUpdate, kind: kind, key: key, at: at, expires: at.Add(life),
		raw: json.RawMessage(fmt.Sprintf(`{"update_id":%d,%s:%s}`, b.nextUpdate, strconv.Quote(kind), raw)),
	}
	b.nextUpdate++
	b.pending = append(b.pending, u)
	b.recent = append(b.recent, u)
	if len(b.recent) > kept {
		b.recent = b.recent[1:]
	}
	b.srv.eventLocked("update", Update{u.id, kind, at, b.me.ID, u.raw})
	if f := b.srv.takeLocked(DuplicateUpdate); f != nil {
		b.againLocked(u)
	}
	b.pumpLocked()
	b.srv.changeLocked()
	return u
}

// fullLocked reports whether the queue has no room for so many bytes. They are
// summed up now and then, since updates leave it in many ways.
func (b *Bot) fullLocked(size int) bool {
	b.bytes += size
	if b.bytes > queueSize {
		b.bytes = size
		for _, u := range b.pending {
			b.bytes += len(u.raw)
		}
	}
	return len(b.pending) >= queueCap || b.bytes > queueSize
}

// readLocked marks the message of an update as read by the bot.
func (b *Bot) readLocked(u *update) {
	if u.about == nil || u.about.Read {
		return
	}
	u.about.Read = true
	b.srv.eventLocked("read", map[string]any{
		"chat": u.aboutIn.ID, "bot": b.me.ID, "message_id": u.about.MessageID,
	})
}

// againLocked brings an update a second time, under the same id.
func (b *Bot) againLocked(u *update) {
	twin := *u
	twin.again, twin.returned, twin.flying, twin.failures = true, false, false, 0
	twin.due = time.Time{}
	twin.expires = b.srv.nowLocked().Add(tapLife)
	at, _ := slices.BinarySearchFunc(b.pending, twin.id+1, func(u *update, id int) int { return u.id - id })
	b.pending = slices.Insert(b.pending, at, &twin)
}

// Redeliver brings the last n updates again, under their old ids, as Telegram
// does when an acknowledgement was lost.
func (b *Bot) Redeliver(n int) {
	b.srv.mu.Lock()
	defer b.srv.mu.Unlock()
	b.srv.noteLocked(fmt.Sprint("redeliver ", n))
	for _, u := range b.recent[max(0, len(b.recent)-n):] {
		b.againLocked(u)
	}
	b.pumpLocked()
	b.srv.changeLocked()
}

// SetNextUpdateID chooses the id of the next update; it may be lower than
// those before, as after a quiet week.
func (b *Bot) SetNextUpdateID(id int) {
	b.srv.mu.Lock()
	defer b.srv.mu.Unlock()
	b.nextUpdate = id
}

// Push sends an update of any kind with any content, past all rules: poison,
// or a kind of update that came after this was written.
func (b *Bot) Push(kind string, payload any) {
	b.srv.mu.Lock()
	defer b.srv.mu.Unlock()
	raw, err := encode(payload)
	if err != nil {
		raw = json.RawMessage("null")
	}
	allowed := b.allowed
	if !b.wants(kind) {
		b.allowed = []string{kind}
	}
	b.putLocked(kind, "pushed", b.srv.nowLocked(), messageLife, raw)
	b.allowed = allowed
}

// Updates returns the last updates made for the bot, oldest first.
func (b *Bot) Updates() []Update {
	b.srv.mu.Lock()
	defer b.srv.mu.Unlock()
	all := make([]Update, len(b.recent))
	for i, u := range b.recent {
		all[i] = Update{u.id, u.kind, u.at, b.me.ID, u.raw}
	}
	return all
}

// Pending counts the updates that the bot has not acknowledged.
func (b *Bot) Pending() int {
	b.srv.mu.Lock()
	defer b.srv.mu.Unlock()
	b.expireLocked()
	return len(b.pending)
}

// Hold keeps back what people do from now on, until the returned function is
// called. Given an order, it lets updates go in that order: release(1, 0)
// swaps the first two; those not named follow. So a tap overtakes a message.
func (s *Server) Hold() (release func(order ...int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = true
	s.noteLocked("hold")
	return func(order ...int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.releaseLocked(order)
	}
}

func (s *Server) releaseLocked(order []int) {
	held := s.held
	s.held, s.holding = nil, false
	s.noteLocked("release " + strings.Trim(fmt.Sprint(order), "[]"))
	for _, i := range order {
		if i >= 0 && i < len(held) && held[i] != nil {
			held[i]()
			held[i] = nil
		}
	}
	for _, put := range held {
		if put != nil {
			put()
		}
	}
	s.changeLocked()
}

// busyLocked counts what the bot has yet to acknowledge.
func (b *Bot) busyLocked() int {
	b.expireLocked()
	return len(b.pending)
}

// expireLocked drops what is past its life.
func (b *Bot) expireLocked() {
	now := b.srv.nowLocked()
	before := len(b.pending)
	b.pending = slices.DeleteFunc(b.pending, func(u *update) bool {
		return !u.flying && !now.Before(u.expires)
	})
	if len(b.pending) != before {
		b.srv.changeLocked()
	}
}
