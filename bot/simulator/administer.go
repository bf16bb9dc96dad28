package simulator

import (
	"strings"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/wire"
)

// adminOfLocked finds the group that a call names, in which the bot may do what.
func (c *call) adminOfLocked(what, inPrivate string) (*chat, error) {
	ch, err := c.chatLocked("chat_id", toWrite)
	if err != nil {
		return nil, err
	}
	if ch.Type == "private" {
		return nil, badRequest("%s", inPrivate)
	}
	if !ch.members[c.bot.me.ID].leads() {
		return nil, badRequest("not enough rights to %s", what)
	}
	return ch, nil
}

// subjectLocked finds the group and the person whom a call is about.
func (c *call) subjectLocked() (*chat, wire.User, error) {
	id, err := c.person("user_id")
	if err != nil {
		return nil, wire.User{}, err
	}
	ch, err := c.adminOfLocked("restrict/unrestrict chat member", "chat member status can't be changed in private chats")
	if err != nil {
		return nil, wire.User{}, err
	}
	if id == c.bot.me.ID {
		return nil, wire.User{}, badRequest("can't restrict self")
	}
	who, m := c.srv.people[id], ch.members[id]
	switch {
	case m != nil && m.status == "creator":
		return nil, wire.User{}, badRequest("can't remove chat owner")
	case m != nil && m.status == "administrator":
		return nil, wire.User{}, badRequest("user is an administrator of the chat")
	case who == nil:
		return nil, wire.User{}, badRequest("PARTICIPANT_ID_INVALID")
	}
	return ch, who.User, nil
}

func (c *call) banChatMember() (any, error) {
	ch, who, err := c.subjectLocked()
	if err != nil {
		return nil, err
	}
	c.srv.placeLocked(ch, c.bot.me, who, "kicked")
	return true, nil
}

// unbanChatMember lets a person come back; who was not banned is removed, unless
// only_if_banned says otherwise.
func (c *call) unbanChatMember() (any, error) {
	ch, who, err := c.subjectLocked()
	if err != nil {
		return nil, err
	}
	if ch.Type != "supergroup" {
		return nil, badRequest("method is available for supergroup and channel chats only")
	}
	if m := ch.members[who.ID]; m != nil && (m.status == "kicked" || !c.flag("only_if_banned")) {
		c.srv.placeLocked(ch, c.bot.me, who, "left")
	}
	return true, nil
}

func (c *call) setChatTitle() (any, error) {
	ch, err := c.adminOfLocked("change chat title", "can't change private chat title")
	if err != nil {
		return nil, err
	}
	title := strings.Join(strings.Fields(c.text("title")), " ")
	switch n := utf8.RuneCountInString(title); {
	case n == 0:
		return nil, badRequest("title must be non-empty")
	case n > 128:
		return nil, badRequest("CHAT_TITLE_INVALID")
	case title == ch.Title:
		return nil, badRequest("CHAT_NOT_MODIFIED")
	}
	ch.Title = title
	me := plain(c.bot.me)
	note := &message{}
	note.From, note.NewChatTitle = &me, title
	c.srv.serviceLocked(ch, note)
	c.srv.eventLocked("people", nil)
	return true, nil
}

func (c *call) setChatDescription() (any, error) {
	ch, err := c.adminOfLocked("set chat description", "can't change private chat description")
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(c.text("description"))
	if utf8.RuneCountInString(text) > 255 {
		return nil, badRequest("CHAT_ABOUT_TOO_LONG")
	}
	if text == ch.description {
		return nil, badRequest("chat description is not modified")
	}
	ch.description = text
	return true, nil
}
