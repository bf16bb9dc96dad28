package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/simulator/entities"
	"example.org/fieldbot/bot/simulator/wire"
)

// UserOptions say who a person is. The zero value is somebody named Person.
type UserOptions struct {
	ID       int64  // 0: the server chooses
	First    string // first name
	Last     string // last name
	Username string // without the @
	Language string // of their app, as "lo" or "en"; may be empty
	Phone    string // what they share as a contact
	Seat     string // the page's name for the seat, as "citizen"
}

// A User is a person at their phone, with one chat open: the private chat with
// the first bot, unless To or In chose another.
//
// What a User does takes effect at once; the bot hears of it in its own time
// (see Server.Quiet). All methods may be called from several goroutines.
type User struct {
	srv   *Server
	p     *person
	bot   *Bot
	group *chat
	topic int
}

// What a person may find that they cannot do.
var (
	ErrBlocked    = errors.New("simulator: this person blocked the bot")
	ErrNoButton   = errors.New("simulator: no such button")
	ErrNoMessage  = errors.New("simulator: no such message")
	ErrNotMember  = errors.New("simulator: not in this group")
	ErrBadPayload = errors.New("simulator: a start payload has at most 64 of A-Z a-z 0-9 _ -")
)

// User adds a person. An ID that is known already returns that person, with
// the names that are given changed.
func (s *Server) User(o UserOptions) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	for next := int64(700000001); o.ID == 0; next++ {
		if s.people[next] == nil {
			o.ID = next
		}
	}
	p := s.people[o.ID]
	if p == nil {
		p = &person{User: wire.User{ID: o.ID, FirstName: "Person"}}
		s.people[o.ID] = p
		s.order = append(s.order, o.ID)
	}
	p.FirstName = cmp.Or(o.First, p.FirstName)
	p.LastName = cmp.Or(o.Last, p.LastName)
	p.Username = cmp.Or(o.Username, p.Username)
	p.LanguageCode = cmp.Or(o.Language, p.LanguageCode)
	p.seat = cmp.Or(o.Seat, p.seat)
	p.phone = cmp.Or(o.Phone, p.phone, fmt.Sprintf("+85620%08d", o.ID%100000000))
	s.eventLocked("people", nil)
	return &User{srv: s, p: p, bot: s.bots[0]}
}

// ID is the person's id, and that of their private chats.
func (u *User) ID() int64 { return u.p.ID }

// To is the same person in their chat with another bot.
func (u *User) To(b *Bot) *User { return &User{srv: u.srv, p: u.p, bot: b} }

// In is the same person in a group.
func (u *User) In(g *Group) *User { return &User{srv: u.srv, p: u.p, bot: u.bot, group: g.chat} }

// SetLanguage changes the language of the person's app.
func (u *User) SetLanguage(code string) {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	u.p.LanguageCode = code
	u.srv.eventLocked("people", nil)
}

func (u *User) chatLocked() *chat {
	if u.group != nil {
		return u.group
	}
	return u.bot.chatOfLocked(u.p)
}

// post puts a message of the person into the chat that is open.
func (u *User) post(fill func(ch *chat, m *message) error) (Message, error) {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return u.postLocked(fill)
}

func (u *User) postLocked(fill func(ch *chat, m *message) error) (Message, error) {
	ch := u.chatLocked()
	switch {
	case ch.Type == "private" && ch.blocked:
		return Message{}, ErrBlocked
	case ch.Type != "private" && (!ch.members[u.p.ID].inside() || ch.moved != 0 || ch.gone):
		return Message{}, ErrNotMember
	}
	m := &message{}
	from := plain(u.p.User)
	m.From = &from
	if err := fill(ch, m); err != nil {
		return Message{}, err
	}
	if ch.IsForum {
		t := ch.topicOf(u.topic)
		switch {
		case t == nil:
			return Message{}, ErrNoMessage
		case t.closed && !ch.members[u.p.ID].leads():
			return Message{}, ErrTopicClosed
		}
		ch.intoTopicLocked(m, t)
	}
	ch.started = true
	ch.addLocked(u.bot, m)
	u.srv.tellLocked(ch, u.p, m, "message")
	return m.copyOf(), nil
}

// tellLocked sends a message of a person to the bots that may see it.
func (s *Server) tellLocked(ch *chat, p *person, m *message, kind string) {
	seen := m.Message.Message
	from := p.seenBy()
	seen.From = &from
	if ch.Type == "private" {
		ch.bot.emitAboutLocked(kind, queueKey("chat", ch.ID), messageLife, seen, ch, m)
		return
	}
	for _, b := range s.bots {
		if ch.members[b.me.ID].inside() && b.mayReadLocked(ch, m) {
			b.emitAboutLocked(kind, queueKey("chat", ch.ID), messageLife, seen, ch, m)
		}
	}
}

// Say writes a text. One that is too long for a message goes as several, as
// apps do it; the first is returned.
func (u *User) Say(text string) (Message, error) { return u.say(0, text) }

// Reply answers a message of the chat.
func (u *User) Reply(messageID int, text string) (Message, error) { return u.say(messageID, text) }

func (u *User) say(to int, text string) (first Message, err error) {
	for i, part := range cutText(text) {
		m, err := u.post(func(ch *chat, m *message) error {
			m.Text, m.Entities = entities.Fix(part, nil)
			if m.Text == "" {
				return errors.New("simulator: nothing to say")
			}
			return m.answer(ch, to)
		})
		if err != nil {
			return first, err
		}
		if i == 0 {
			first = m
		}
	}
	return first, nil
}

// answer makes m a reply; 0 makes it none.
func (m *message) answer(ch *chat, to int) error {
	if to == 0 {
		return nil
	}
	target := ch.findLocked(to)
	if target == nil {
		return ErrNoMessage
	}
	m.ReplyToMessage = target.snapshot()
	return nil
}

var payloadShape = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

// Start opens https://t.me/<bot>?start=payload and presses Start; the payload
// may be empty. It also takes back a block.
func (u *User) Start(payload string) (Message, error) {
	if !payloadShape.MatchString(payload) {
		return Message{}, ErrBadPayload
	}
	u.Unblock()
	text := "/start"
	if payload != "" {
		text += " " + payload
	}
	return u.Say(text)
}

// Edit changes the text, or the caption, of a message that the person sent.
// Without a change the bot hears nothing.
func (u *User) Edit(messageID int, text string) (Message, error) {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	ch := u.chatLocked()
	m := ch.findLocked(messageID)
	now := u.srv.nowLocked()
	if m == nil || m.From == nil || m.From.ID != u.p.ID || now.Sub(time.Unix(m.Date, 0)) > deleteLimit {
		return Message{}, ErrNoMessage
	}
	fixed, marks := entities.Fix(text, nil)
	if fixed == m.Text+m.Caption {
		return m.copyOf(), nil
	}
	if m.Text != "" {
		m.Text, m.Entities = fixed, marks
	} else {
		m.Caption, m.CaptionEntities = fixed, marks
	}
	m.EditDate = now.Unix()
	ch.editScriptLocked(u.srv, u.p.ID, m)
	u.bot.touchLocked(ch, m)
	u.srv.tellLocked(ch, u.p, m, "edited_message")
	return m.copyOf(), nil
}

// Delete takes a message away on both sides; the bot is not told.
func (u *User) Delete(messageID int) error {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	ch := u.chatLocked()
	m := ch.findLocked(messageID)
	if m == nil {
		return ErrNoMessage
	}
	m.deleted = true
	u.bot.touchLocked(ch, m)
	return nil
}

// Forward sends a message of this chat into it again, as a forwarded one.
func (u *User) Forward(messageID int) (Message, error) {
	return u.post(func(ch *chat, m *message) error {
		source := ch.findLocked(messageID)
		if source == nil {
			return ErrNoMessage
		}
		content := source.content()
		content.From, content.ForwardOrigin = m.From, source.origin()
		*m = *content
		return nil
	})
}

// Block makes the bot unable to write to the person, who cannot write either.
func (u *User) Block() { u.setBlocked(true) }

// Unblock takes Block back.
func (u *User) Unblock() { u.setBlocked(false) }

func (u *User) setBlocked(blocked bool) {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	ch := u.bot.chatOfLocked(u.p)
	if ch.blocked == blocked {
		return
	}
	ch.blocked = blocked
	ch.writeLocked(u.srv, "!", map[bool]string{true: "block", false: "unblock"}[blocked])
	status := map[bool]string{true: "kicked", false: "member"}
	u.bot.emitLocked("my_chat_member", queueKey("member", ch.ID), messageLife, wire.ChatMemberUpdated{
		Chat: ch.Chat, From: u.p.seenBy(), Date: u.srv.nowLocked().Unix(),
		OldChatMember: (&member{user: u.bot.me, status: status[!blocked]}).chatMember(),
		NewChatMember: (&member{user: u.bot.me, status: status[blocked]}).chatMember(),
	})
	u.srv.eventLocked("people", nil)
}

// Deactivate deletes the person's account: calls for it are refused.
func (u *User) Deactivate() {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	u.p.deactivated = true
	u.srv.eventLocked("people", nil)
}

// React puts emoji to a message; none takes them away.
func (u *User) React(messageID int, emoji ...string) error {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	ch := u.chatLocked()
	m := ch.findLocked(messageID)
	if m == nil {
		return ErrNoMessage
	}
	var next []wire.Reaction
	for _, e := range emoji {
		next = append(next, wire.Reaction{Type: "emoji", Emoji: e})
	}
	before := m.reactLocked(u.p.ID, next)
	u.bot.touchLocked(ch, m)
	from := u.p.seenBy()
	u.bot.emitLocked("message_reaction", queueKey("reaction", ch.ID), messageLife, wire.ReactionUpdated{
		Chat: ch.Chat, MessageID: m.MessageID, User: &from, Date: u.srv.nowLocked().Unix(),
		OldReaction: notNil(before), NewReaction: notNil(next),
	})
	return nil
}

func notNil(r []wire.Reaction) []wire.Reaction {
	if r == nil {
		return []wire.Reaction{}
	}
	return r
}

// Messages returns the chat that is open, oldest first, without what was
// deleted.
func (u *User) Messages() []Message {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	var all []Message
	for _, m := range u.chatLocked().messages {
		if !m.deleted {
			all = append(all, m.copyOf())
		}
	}
	return all
}

// Heard returns those messages of the chat that others wrote: the bot's.
func (u *User) Heard() []Message {
	return slices.DeleteFunc(u.Messages(), func(m Message) bool { return m.From != nil && m.From.ID == u.p.ID })
}

// Last returns the bot's last message; its MessageID is 0 if there is none.
func (u *User) Last() Message {
	heard := u.Heard()
	if len(heard) == 0 {
		return Message{}
	}
	return heard[len(heard)-1]
}

// Keyboard returns the reply keyboard that the person sees, nil if none.
func (u *User) Keyboard() *wire.ReplyKeyboard {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	if shown := u.chatLocked().keyboard; shown != nil {
		return shown.Keyboard
	}
	return nil
}

// Toasts returns the bots' answers to the person's taps, oldest first.
func (u *User) Toasts() []Toast {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return slices.Clone(u.p.toasts)
}

// Typing returns the chat action that is shown, as "typing"; mostly empty.
func (u *User) Typing() string {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	ch := u.chatLocked()
	if ch.action == "" || ch.action == "cancel" || u.srv.nowLocked().After(ch.actionUntil) {
		return ""
	}
	return ch.action
}

// Commands returns the menu of commands that the person sees.
func (u *User) Commands() []wire.Command {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return slices.Clone(u.bot.commandsForLocked(u.chatLocked(), u.p.User))
}

// sameLabel compares labels as people read them.
func sameLabel(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// Users returns all people, in the order in which they came.
func (s *Server) Users() []*User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*User
	for _, id := range s.order {
		if p := s.people[id]; p != nil {
			all = append(all, &User{srv: s, p: p, bot: s.bots[0]})
		}
	}
	return all
}

// First is the person's first name.
func (u *User) First() string {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return u.p.FirstName
}

// Language is that of the person's app; it may be empty.
func (u *User) Language() string {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return u.p.LanguageCode
}
