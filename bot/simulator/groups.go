package simulator

import (
	"cmp"
	"strings"

	"example.org/fieldbot/bot/simulator/wire"
)

// GroupOptions say what a group is.
type GroupOptions struct {
	Title      string
	Supergroup bool
	Forum      bool   // a supergroup with topics
	Username   string // of a public supergroup
	Owner      *User
	Members    []*User
}

// A Group is a group of people and bots.
type Group struct {
	srv  *Server
	chat *chat
}

// Group makes a group. The first bot is not in it before AddBot.
func (s *Server) Group(o GroupOptions) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := &chat{members: map[int64]*member{}}
	ch.Chat = wire.Chat{Type: "group", Title: cmp.Or(o.Title, "Group"), Username: o.Username}
	ch.ID = -(4_000_000_001 + int64(len(s.groups)))
	if o.Supergroup || o.Forum {
		ch.Type = "supergroup"
		ch.ID = -1_002_000_000_001 - int64(len(s.groups))
	}
	if o.Forum {
		ch.makeForumLocked()
	}
	now := s.nowLocked()
	if o.Owner != nil {
		ch.members[o.Owner.p.ID] = &member{user: o.Owner.p.User, status: "creator", since: now}
	}
	for _, u := range o.Members {
		ch.members[u.p.ID] = &member{user: u.p.User, status: "member", since: now}
	}
	s.groups[ch.ID] = ch
	s.order = append(s.order, ch.ID)
	s.eventLocked("people", nil)
	return &Group{s, ch}
}

// ID is the group's chat id; it is negative.
func (g *Group) ID() int64 { return g.chat.ID }

// Messages returns the group's messages, oldest first.
func (g *Group) Messages() []Message {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	var all []Message
	for _, m := range g.chat.messages {
		if !m.deleted {
			all = append(all, m.copyOf())
		}
	}
	return all
}

// AddBot puts a bot into the group, as administrator if admin says so.
func (g *Group) AddBot(by *User, b *Bot, admin bool) {
	status := "member"
	if admin {
		status = "administrator"
	}
	g.place(by, b.me, status)
}

// KickBot removes a bot from the group for good.
func (g *Group) KickBot(by *User, b *Bot) { g.place(by, b.me, "kicked") }

// Add puts a person into the group.
func (g *Group) Add(by, u *User) { g.place(by, u.p.User, "member") }

// Leave lets a person leave the group.
func (g *Group) Leave(u *User) { g.place(u, u.p.User, "left") }

// Promote makes a person an administrator.
func (g *Group) Promote(by, u *User) { g.place(by, u.p.User, "administrator") }

func (g *Group) place(by *User, who wire.User, status string) {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	g.srv.placeLocked(g.chat, by.p.User, who, status)
}

// Delete deletes the group.
func (g *Group) Delete() {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	g.chat.gone = true
	g.srv.eventLocked("people", nil)
}

// ReadAll turns the bot's privacy mode off: it then sees all of its groups.
func (b *Bot) ReadAll(all bool) {
	b.srv.mu.Lock()
	defer b.srv.mu.Unlock()
	b.readsAll = all
}

// placeLocked changes what somebody is in a group, and tells of it: a service
// message, my_chat_member to the bot itself, chat_member to administrators.
func (s *Server) placeLocked(ch *chat, by, who wire.User, status string) {
	old := ch.members[who.ID]
	if old == nil {
		old = &member{user: who, status: "left"}
	}
	if old.status == status {
		return
	}
	next := &member{user: who, status: status, since: s.nowLocked()}
	change := wire.ChatMemberUpdated{
		Chat: ch.Chat, From: by, Date: s.nowLocked().Unix(), OldChatMember: old.chatMember(), NewChatMember: next.chatMember(),
	}
	var others []*Bot
	for _, b := range s.bots {
		if b.me.ID == who.ID {
			defer b.emitLocked("my_chat_member", queueKey("member", ch.ID), messageLife, change)
		} else if m := ch.members[b.me.ID]; m.inside() && m.status == "administrator" {
			others = append(others, b)
		}
	}
	was := old.inside()
	ch.members[who.ID] = next
	s.eventLocked("people", nil)
	for _, b := range others {
		b.emitLocked("chat_member", queueKey("join", who.ID), messageLife, change)
	}
	if was == next.inside() {
		return
	}
	note := &message{}
	from, subject := plain(by), plain(who)
	note.From = &from
	if next.inside() {
		note.NewChatMembers = []wire.User{subject}
	} else {
		note.LeftChatMember = &subject
	}
	s.serviceLocked(ch, note)
}

// serviceLocked puts a service message into a group and tells all its bots.
func (s *Server) serviceLocked(ch *chat, note *message) {
	ch.addLocked(s.bots[0], note)
	for _, b := range s.bots {
		if ch.members[b.me.ID].inside() {
			b.emitLocked("message", queueKey("chat", ch.ID), messageLife, note.Message.Message)
		}
	}
}

// Upgrade turns a basic group into a supergroup, with another id: calls for
// the old one are refused with migrate_to_chat_id, and a service message in
// each tells of the other.
func (g *Group) Upgrade() *Group {
	s := g.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	old := g.chat
	if old.moved != 0 || old.Type != "group" {
		return g
	}
	next := &chat{members: old.members, from: old.ID}
	next.Chat = old.Chat
	next.Type = "supergroup"
	next.ID = -1_002_000_000_001 - int64(len(s.groups))
	s.groups[next.ID] = next
	s.order = append(s.order, next.ID)
	left := &message{}
	left.MigrateToChatID = next.ID
	s.serviceLocked(old, left)
	old.moved = next.ID
	arrived := &message{}
	arrived.MigrateFromChatID = old.ID
	s.serviceLocked(next, arrived)
	s.eventLocked("people", nil)
	return &Group{s, next}
}

// mayReadLocked reports whether the bot gets a message of a group: all of them
// if it is an administrator or its privacy mode is off; otherwise commands
// for it, replies to it and service messages.
// https://core.telegram.org/bots/features#privacy-mode
func (b *Bot) mayReadLocked(ch *chat, m *message) bool {
	if b.readsAll || ch.members[b.me.ID].status == "administrator" {
		return true
	}
	if m.ReplyToMessage != nil && m.ReplyToMessage.From != nil && m.ReplyToMessage.From.ID == b.me.ID {
		return true
	}
	text := m.Text + m.Caption
	if !strings.HasPrefix(text, "/") {
		return strings.Contains(strings.ToLower(text), "@"+strings.ToLower(b.me.Username))
	}
	word, _, _ := strings.Cut(text, " ")
	_, to, addressed := strings.Cut(word, "@")
	if addressed {
		return strings.EqualFold(to, b.me.Username)
	}
	return b.spokeLastLocked(ch)
}

// spokeLastLocked reports whether no other bot spoke in the group since b did.
func (b *Bot) spokeLastLocked(ch *chat) bool {
	for i := len(ch.messages) - 1; i >= 0; i-- {
		if from := ch.messages[i].From; from != nil && from.IsBot {
			return from.ID == b.me.ID
		}
	}
	return true
}
