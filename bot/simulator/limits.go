package simulator

import (
	"math"
	"strings"
	"time"
)

// Limits are how fast a bot may send, by the simulated clock. Telegram does not
// publish them as rules; TelegramLimits are those that its FAQ advises.
//
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
type Limits struct {
	PerSecond      int // messages of the bot in any second
	ChatPerSecond  float64
	ChatBurst      int // messages to a chat that may come at once
	GroupPerMinute int // messages to a group in any minute
}

// TelegramLimits are about 30 messages a second over all, one a second to a
// chat with short bursts, and 20 a minute to a group.
var TelegramLimits = Limits{PerSecond: 30, ChatPerSecond: 1, ChatBurst: 10, GroupPerMinute: 20}

// A pace remembers when a bot sent what.
type pace struct {
	recent []time.Time // of the last second
	chats  map[string]*chatPace
}

type chatPace struct {
	tokens float64
	at     time.Time
	recent []time.Time // of the last minute
}

// limited reports whether a method counts as sending: edits do, answers to
// taps and chat actions do not.
func limited(method string) bool {
	switch method {
	case "sendChatAction":
		return false
	}
	for _, prefix := range []string{"send", "edit", "copy", "forward"} {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}
	return false
}

// paceLocked refuses a call that comes too fast, and counts it otherwise.
func (c *call) paceLocked() error {
	limits := c.srv.opts.Limits
	if limits == nil || !limited(c.method) {
		return nil
	}
	now, p := c.srv.nowLocked(), &c.bot.pace
	p.recent = since(p.recent, now.Add(-time.Second))
	if limits.PerSecond > 0 && len(p.recent) >= limits.PerSecond {
		return tooLate(p.recent[0].Add(time.Second).Sub(now))
	}
	if p.chats == nil {
		p.chats = map[string]*chatPace{}
	}
	id := c.text("chat_id")
	chat := p.chats[id]
	if chat == nil {
		chat = &chatPace{tokens: float64(limits.ChatBurst), at: now}
		p.chats[id] = chat
	}
	if strings.HasPrefix(id, "-") && limits.GroupPerMinute > 0 {
		chat.recent = since(chat.recent, now.Add(-time.Minute))
		if len(chat.recent) >= limits.GroupPerMinute {
			return tooLate(chat.recent[0].Add(time.Minute).Sub(now))
		}
		chat.recent = append(chat.recent, now)
	}
	if limits.ChatPerSecond > 0 {
		earned := now.Sub(chat.at).Seconds() * limits.ChatPerSecond
		chat.tokens, chat.at = min(float64(max(limits.ChatBurst, 1)), chat.tokens+earned), now
		if chat.tokens < 1 {
			return tooLate(time.Duration((1 - chat.tokens) / limits.ChatPerSecond * float64(time.Second)))
		}
		chat.tokens--
	}
	p.recent = append(p.recent, now)
	return nil
}

func tooLate(wait time.Duration) error {
	return tooMany(max(1, int(math.Ceil(wait.Seconds()))))
}

// since drops the times before start.
func since(times []time.Time, start time.Time) []time.Time {
	for len(times) > 0 && !times[0].After(start) {
		times = times[1:]
	}
	return times
}
