package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/simulator/wire"
)

// A Message is a message as a person sees it: what the API tells of it, and
// what only their client knows.
type Message struct {
	wire.Message

	// Keyboard replaces the person's own keyboard from this message on.
	Keyboard *wire.ReplyKeyboard `json:"keyboard,omitempty"`
	// RemoveKeyboard takes such a keyboard away.
	RemoveKeyboard bool `json:"remove_keyboard,omitempty"`
	// ForceReply makes the person's client begin an answer to this message.
	ForceReply *wire.ForceReply `json:"force_reply,omitempty"`
	// Silent tells that the person's phone made no sound.
	Silent bool `json:"silent,omitempty"`
	// Effect is the emoji that flies over the chat as the message comes.
	Effect string `json:"effect,omitempty"`
	// ShuffledOptions shows everybody the options of the poll in an order of
	// their own; HiddenResults shows nobody its votes before it is closed.
	ShuffledOptions bool `json:"shuffled_options,omitempty"`
	HiddenResults   bool `json:"hidden_results,omitempty"`
	// Read tells that the bot acknowledged the person's message.
	Read bool `json:"read,omitempty"`
	// Reactions are by the id of who reacted.
	Reactions map[int64][]wire.Reaction `json:"reactions,omitempty"`
}

// A message is a Message in its chat.
type message struct {
	Message
	deleted bool
	// before are the inline buttons that it had and lost.
	before []wire.InlineButton
	// gone marks a message that the bot may no longer look at.
	gone bool
	// replyMarkup marks one that carries a reply keyboard, its removal or a
	// forced reply: such a message can never be edited.
	replyMarkup bool
}

// A chat is a private chat of a person with one bot, or a group.
type chat struct {
	wire.Chat
	bot      *Bot    // of a private chat
	person   *person // of a private chat
	messages []*message
	nextID   int // of a supergroup
	pinned   []int
	blocked  bool // the person blocked the bot
	started  bool // the person wrote to the bot at least once
	members  map[int64]*member
	moved    int64 // where a group went when it was upgraded
	from     int64
	gone     bool // the group was deleted
	keyboard *Message

	topics      map[int]*topic // of a forum, by number
	description string         // of a group

	script []scriptLine // see User.Script

	action      string
	actionUntil time.Time
}

// A member is a person or a bot in a group.
type member struct {
	user   wire.User
	status string // creator, administrator, member, left, kicked
	since  time.Time
}

func (m *member) inside() bool {
	return m != nil && (m.status == "creator" || m.status == "administrator" || m.status == "member")
}

// A person is somebody who uses Telegram.
type person struct {
	wire.User
	phone       string
	deactivated bool
	toasts      []Toast
	seat        string
}

// chatOfLocked returns the private chat of a person with a bot.
func (b *Bot) chatOfLocked(p *person) *chat {
	c := b.chats[p.ID]
	if c == nil {
		c = &chat{bot: b, person: p}
		c.Chat = wire.Chat{ID: p.ID, Type: "private"}
		b.chats[p.ID] = c
	}
	c.FirstName, c.LastName, c.Username = p.FirstName, p.LastName, p.Username
	return c
}

// What a call wants to do in a chat.
type access int

const (
	toRead access = iota
	toEdit
	toWrite
)

// chatLocked finds the chat that the call names, and checks that the bot may
// do there what it wants.
func (c *call) chatLocked(name string, want access) (*chat, error) {
	text := strings.TrimSpace(c.text(name))
	if text == "" {
		return nil, badRequest("%s is empty", name)
	}
	ch, err := c.findChatLocked(text)
	if err != nil {
		return nil, err
	}
	if ch.Type == "private" {
		return ch, c.mayLocked(ch, want)
	}
	return ch, c.mayGroupLocked(ch, want)
}

func (c *call) findChatLocked(text string) (*chat, error) {
	s, b := c.srv, c.bot
	if name, ok := strings.CutPrefix(text, "@"); ok {
		for _, g := range s.groups {
			if g.Username != "" && strings.EqualFold(g.Username, name) {
				return g, nil
			}
		}
		return nil, badRequest("chat not found")
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, badRequest("chat not found")
	}
	if g := s.groups[id]; g != nil {
		return g, nil
	}
	p := s.people[id]
	if p == nil {
		return nil, badRequest("chat not found")
	}
	if ch := b.chats[id]; ch != nil {
		return b.chatOfLocked(p), nil
	}
	// The bot knows a person only from a chat; from a group, it may not begin
	// to talk to them.
	for _, g := range s.groups {
		if g.members[id].inside() && g.members[b.me.ID].inside() {
			return b.chatOfLocked(p), nil
		}
	}
	return nil, badRequest("chat not found")
}

func (c *call) mayLocked(ch *chat, want access) error {
	if want != toWrite {
		return nil
	}
	switch {
	case ch.person.deactivated:
		return forbidden("user is deactivated")
	case ch.blocked:
		return forbidden("bot was blocked by the user")
	case !ch.started:
		return forbidden("bot can't initiate conversation with a user")
	}
	return nil
}

func (c *call) mayGroupLocked(ch *chat, want access) error {
	kind := "group chat"
	if ch.Type == "supergroup" {
		kind = "supergroup chat"
	}
	if ch.moved != 0 && want != toRead {
		return &apiError{
			Code: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: ch.moved,
		}
	}
	if ch.gone {
		return forbidden("the group chat was deleted")
	}
	me := ch.members[c.bot.me.ID]
	switch {
	case me.inside():
		return nil
	case me == nil && want == toRead:
		return badRequest("chat not found")
	case me != nil && me.status == "kicked":
		return forbidden("bot was kicked from the " + kind)
	}
	return forbidden("bot is not a member of the " + kind)
}

// idLocked gives out the next message id of the chat.
func (ch *chat) idLocked(b *Bot) int {
	if ch.Type == "supergroup" {
		ch.nextID++
		return ch.nextID
	}
	// Private chats and basic groups share the account's counter.
	if ch.bot != nil {
		b = ch.bot
	}
	id := b.nextID
	b.nextID++
	return id
}

// addLocked puts a message into the chat: it gets its id, date and chat.
func (ch *chat) addLocked(b *Bot, m *message) {
	s := b.srv
	m.MessageID = ch.idLocked(b)
	m.Date = s.nowLocked().Unix()
	m.Chat = ch.Chat
	ch.messages = append(ch.messages, m)
	if m.Poll != nil {
		b := s.ballots[m.Poll.ID]
		b.shown = append(b.shown, shownPoll{ch, m})
	}
	if m.Keyboard != nil || m.RemoveKeyboard {
		ch.keyboard = &m.Message
		if m.RemoveKeyboard {
			ch.keyboard = nil
		}
	}
	ch.action = ""
	ch.scriptLocked(s, m)
	s.eventLocked("message", s.chatEvent(ch, m))
	s.changeLocked()
}

// chatEvent is what the page is told of a message.
func (s *Server) chatEvent(ch *chat, m *message) map[string]any {
	e := map[string]any{"chat": ch.ID, "message": m.Message}
	if ch.bot != nil {
		e["bot"] = ch.bot.me.ID
	}
	return e
}

// touchLocked tells of a message that was changed.
func (b *Bot) touchLocked(ch *chat, m *message) {
	kind := "edit"
	if m.deleted {
		kind = "delete"
	}
	b.srv.eventLocked(kind, b.srv.chatEvent(ch, m))
	b.srv.changeLocked()
}

// findLocked returns the message with this id, nil if there is none.
func (ch *chat) findLocked(id int) *message {
	at, ok := slices.BinarySearchFunc(ch.messages, id, func(m *message, id int) int { return m.MessageID - id })
	if !ok || ch.messages[at].deleted {
		return nil
	}
	return ch.messages[at]
}

// snapshot is a message as another message quotes it.
func (m *message) snapshot() *wire.Message {
	copied := m.Message.Message
	copied.ReplyToMessage = nil
	return &copied
}

// copyOf is a message that may leave the lock.
func (m *message) copyOf() Message {
	copied := m.Message
	copied.Reactions = maps.Clone(m.Reactions)
	return copied
}

// seenBy is a person as the bot sees them in an update.
func (p *person) seenBy() wire.User { return p.User }

// plain is a user as all but updates tell of them.
func plain(u wire.User) wire.User {
	u.LanguageCode = ""
	return u
}

func queueKey(kind string, id int64) string { return fmt.Sprint(kind, ":", id) }
