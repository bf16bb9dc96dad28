package simulator

import (
	"encoding/json"
	"maps"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/wire"
)

// tapAnswered is how long a tap can be answered. The real server's time is not
// documented; reports range from 10 to 60 seconds.
const tapAnswered = 60 * time.Second

// keptTaps is how many are kept before those too old to answer are forgotten.
const keptTaps = 10_000

// A tap is a callback query that the bot may answer.
type tap struct {
	person *person
	at     time.Time
	done   bool
}

// A Toast is a bot's answer to a tap, as the person saw it.
type Toast struct {
	QueryID string    `json:"query_id"`
	Bot     int64     `json:"bot"`
	Text    string    `json:"text,omitempty"`
	Alert   bool      `json:"alert,omitempty"`
	URL     string    `json:"url,omitempty"`
	Time    time.Time `json:"time"`
}

// tapLocked makes the callback query of a tap on a message.
func (b *Bot) tapLocked(p *person, ch *chat, m *message, data string) wire.CallbackQuery {
	ch.tapScriptLocked(b.srv, p.ID, m, data)
	id := strconv.FormatUint(b.srv.rand.Uint64()>>1, 10)
	now := b.srv.nowLocked()
	if len(b.taps) >= keptTaps {
		maps.DeleteFunc(b.taps, func(_ string, t *tap) bool { return now.Sub(t.at) > tapAnswered })
	}
	b.taps[id] = &tap{person: p, at: now}
	q := wire.CallbackQuery{
		ID: id, From: p.seenBy(), Data: data,
		ChatInstance: strconv.FormatInt(ch.ID^b.me.ID<<20, 10),
	}
	if m.gone || m.deleted {
		q.Message = wire.InaccessibleMessage{Chat: ch.Chat, MessageID: m.MessageID}
	} else {
		q.Message = m.Message.Message
	}
	b.emitLocked("callback_query", queueKey("tap", p.ID), tapLife, q)
	return q
}

func (c *call) answerCallbackQuery() (any, error) {
	const tooOld = "query is too old and response timeout expired or query ID is invalid"
	if utf8.RuneCountInString(c.text("text")) > maxToast {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	t := c.bot.taps[c.text("callback_query_id")]
	if t == nil {
		return nil, badRequest(tooOld)
	}
	now := c.srv.nowLocked()
	if now.Sub(t.at) > tapAnswered {
		return nil, badRequest(tooOld)
	}
	if t.done {
		return true, nil // the first answer is what the person saw
	}
	t.done = true
	toast := Toast{
		QueryID: c.text("callback_query_id"), Bot: c.bot.me.ID, Text: c.text("text"), Alert: c.flag("show_alert"),
		URL: c.text("url"), Time: now,
	}
	t.person.toasts = append(t.person.toasts, toast)
	if toast.Text != "" {
		c.bot.chatOfLocked(t.person).writeLocked(c.srv, "<", "{toast} "+toast.Text)
	}
	c.srv.eventLocked("toast", map[string]any{"user": t.person.ID, "toast": toast})
	c.srv.changeLocked()
	return true, nil
}

// reactions reads what is to be put to a message.
func (c *call) reactions() ([]wire.Reaction, error) {
	var items []json.RawMessage
	raw := strings.TrimSpace(c.text("reaction"))
	switch {
	case raw == "":
		return nil, nil
	case !json.Valid([]byte(raw)):
		return nil, badRequest("can't parse reaction types JSON object")
	case json.Unmarshal([]byte(raw), &items) != nil:
		return nil, badRequest("expected an Array of ReactionType")
	}
	var reactions []wire.Reaction
	for _, item := range items {
		var r wire.Reaction
		if json.Unmarshal(item, &r) != nil {
			return nil, badRequest("can't parse ReactionType: expected an Object")
		}
		if r.Type != "emoji" && r.Type != "custom_emoji" {
			return nil, badRequest("can't parse ReactionType: invalid reaction type specified")
		}
		reactions = append(reactions, r)
	}
	return reactions, nil
}

func (c *call) setMessageReaction() (any, error) {
	reactions, err := c.reactions()
	if err != nil {
		return nil, err
	}
	ch, err := c.chatLocked("chat_id", toRead)
	if err != nil {
		return nil, err
	}
	m := ch.findLocked(c.number("message_id", 0, 0, math.MaxInt32))
	if m == nil {
		return nil, badRequest("message to react not found")
	}
	if len(reactions) > 1 {
		return nil, badRequest("REACTIONS_TOO_MANY")
	}
	for _, r := range reactions {
		if r.Type != "emoji" || !knownReactions[r.Emoji] {
			return nil, badRequest("REACTION_INVALID")
		}
	}
	m.reactLocked(c.bot.me.ID, reactions)
	c.bot.touchLocked(ch, m)
	return true, nil
}

func (m *message) reactLocked(who int64, reactions []wire.Reaction) (before []wire.Reaction) {
	before = m.Reactions[who]
	next := map[int64][]wire.Reaction{}
	for id, r := range m.Reactions {
		next[id] = r
	}
	delete(next, who)
	if len(reactions) > 0 {
		next[who] = reactions
	}
	m.Reactions = next
	return before
}

// The emoji that may be put to messages.
// https://core.telegram.org/bots/api#reactiontypeemoji
var knownReactions = func() map[string]bool {
	known := map[string]bool{}
	for _, e := range []string{"❤", "❤‍🔥", "❤️", "🤷‍♂", "🤷‍♀", "👨‍💻", "☃", "✍", "🕊", "⚡"} {
		known[e] = true
	}
	for _, e := range "👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🤡🥱🥴😍🐳🌚🌭💯🤣🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝🤗🫡🎅🎄💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡" {
		known[string(e)] = true
	}
	return known
}()
