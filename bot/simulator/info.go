package simulator

import (
	"cmp"
	"encoding/json"
	"slices"

	"example.org/fieldbot/bot/simulator/wire"
)

func (c *call) getChat() (any, error) {
	ch, err := c.chatLocked("chat_id", toRead)
	if err != nil {
		return nil, err
	}
	full := struct {
		wire.Chat
		Accent         int           `json:"accent_color_id"`
		MaxReactions   int           `json:"max_reaction_count"`
		Active         []string      `json:"active_usernames,omitempty"`
		Description    string        `json:"description,omitempty"`
		Permissions    any           `json:"permissions,omitempty"`
		AcceptedGifts  any           `json:"accepted_gift_types"`
		PinnedMessage  *wire.Message `json:"pinned_message,omitempty"`
		VisibleHistory bool          `json:"has_visible_history,omitempty"`
	}{Chat: ch.Chat, MaxReactions: 11, Description: ch.description, AcceptedGifts: map[string]bool{
		"unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,
		"gifts_from_channels": false,
	}}
	if ch.Username != "" {
		full.Active = []string{ch.Username}
	}
	if ch.person == nil {
		full.Permissions = map[string]bool{
			"can_send_messages": true, "can_send_audios": true, "can_send_documents": true, "can_send_photos": true,
			"can_send_videos": true, "can_send_video_notes": true, "can_send_voice_notes": true, "can_send_polls": true,
			"can_send_other_messages": true, "can_add_web_page_previews": true, "can_change_info": true,
			"can_invite_users": true, "can_pin_messages": true, "can_manage_topics": true,
		}
	}
	if n := len(ch.pinned); n > 0 {
		if m := ch.findLocked(ch.pinned[n-1]); m != nil {
			full.PinnedMessage = m.snapshot()
		}
	}
	return full, nil
}

// chatMember is how the API tells of a member.
func (m *member) chatMember() wire.ChatMember {
	cm := wire.ChatMember{Status: m.status, User: plain(m.user)}
	no, zero := false, int64(0)
	switch m.status {
	case "creator":
		cm.IsAnonymous = &no
	case "administrator":
		cm.IsAnonymous = &no
		cm.AdminRights = &wire.AdminRights{
			CanManageChat: true, CanDeleteMessages: true, CanRestrictMembers: true, CanInviteUsers: true,
			CanPinMessages: true, CanChangeInfo: true, CanManageVideoChats: true, CanManageTopics: true,
		}
	case "kicked":
		cm.UntilDate = &zero
	}
	return cm
}

func (c *call) getChatMember() (any, error) {
	id, err := c.person("user_id")
	if err != nil {
		return nil, err
	}
	ch, err := c.chatLocked("chat_id", toRead)
	if err != nil {
		return nil, err
	}
	if ch.Type == "private" {
		switch {
		case id == ch.ID:
			return (&member{user: ch.person.User, status: "member"}).chatMember(), nil
		case id == c.bot.me.ID:
			return (&member{user: c.bot.me, status: "member"}).chatMember(), nil
		}
		return nil, badRequest("user not found")
	}
	if m := ch.members[id]; m != nil {
		return m.chatMember(), nil
	}
	if p := c.srv.people[id]; p != nil {
		return (&member{user: p.User, status: "left"}).chatMember(), nil
	}
	return nil, badRequest("user not found")
}

func (c *call) getChatMemberCount() (any, error) {
	ch, err := c.chatLocked("chat_id", toRead)
	if err != nil {
		return nil, err
	}
	if ch.Type == "private" {
		return 2, nil
	}
	n := 0
	for _, m := range ch.members {
		if m.inside() {
			n++
		}
	}
	return n, nil
}

func (c *call) getChatAdministrators() (any, error) {
	ch, err := c.chatLocked("chat_id", toRead)
	if err != nil {
		return nil, err
	}
	if ch.Type == "private" {
		return nil, badRequest("there are no administrators in the private chat")
	}
	admins := []wire.ChatMember{}
	for _, m := range ch.members {
		if m.status == "creator" || m.status == "administrator" {
			if !m.user.IsBot || m.user.ID == c.bot.me.ID {
				admins = append(admins, m.chatMember())
			}
		}
	}
	slices.SortFunc(admins, func(a, b wire.ChatMember) int { return cmp.Compare(a.User.ID, b.User.ID) })
	return admins, nil
}

func (c *call) leaveChat() (any, error) {
	ch, err := c.chatLocked("chat_id", toRead)
	if err != nil {
		return nil, err
	}
	if ch.Type == "private" {
		return nil, badRequest("chat member status can't be changed in private chats")
	}
	me := c.bot.me
	c.srv.placeLocked(ch, me, me, "left")
	return true, nil
}

func (c *call) getUserProfilePhotos() (any, error) {
	id, err := c.person("user_id")
	if err != nil {
		return nil, err
	}
	if c.srv.people[id] == nil {
		return nil, badRequest("user not found")
	}
	return map[string]any{"total_count": 0, "photos": []json.RawMessage{}}, nil
}

// mayPinLocked reports whether the bot may pin in the chat.
func (c *call) mayPinLocked(ch *chat) error {
	if ch.Type == "private" {
		return nil
	}
	if ch.members[c.bot.me.ID].leads() {
		return nil
	}
	return badRequest("not enough rights to manage pinned messages in the chat")
}

func (c *call) pinChatMessage() (any, error) {
	ch, err := c.chatLocked("chat_id", toWrite)
	if err != nil {
		return nil, err
	}
	m := ch.findLocked(c.number("message_id", 0, 0, 1<<31-1))
	if m == nil {
		return nil, badRequest("message to pin not found")
	}
	if err := c.mayPinLocked(ch); err != nil {
		return nil, err
	}
	if slices.Contains(ch.pinned, m.MessageID) {
		return true, nil
	}
	ch.pinned = append(ch.pinned, m.MessageID)
	me := plain(c.bot.me)
	note := &message{}
	note.From, note.PinnedMessage, note.Silent = &me, m.snapshot(), c.flag("disable_notification")
	ch.addLocked(c.bot, note)
	// Of all a bot does itself, this comes back to it as an update.
	c.bot.emitLocked("message", queueKey("chat", ch.ID), messageLife, note.Message.Message)
	return true, nil
}

func (c *call) unpinChatMessage() (any, error) {
	ch, err := c.chatLocked("chat_id", toWrite)
	if err != nil {
		return nil, err
	}
	if err := c.mayPinLocked(ch); err != nil {
		return nil, err
	}
	id := c.number("message_id", 0, 0, 1<<31-1)
	if id == 0 && len(ch.pinned) > 0 {
		id = ch.pinned[len(ch.pinned)-1]
	}
	at := slices.Index(ch.pinned, id)
	if at < 0 {
		return nil, badRequest("message to unpin not found")
	}
	ch.pinned = slices.Delete(ch.pinned, at, at+1)
	c.srv.eventLocked("pins", map[string]any{"chat": ch.ID})
	return true, nil
}

func (c *call) unpinAllChatMessages() (any, error) {
	ch, err := c.chatLocked("chat_id", toWrite)
	if err != nil {
		return nil, err
	}
	if err := c.mayPinLocked(ch); err != nil {
		return nil, err
	}
	ch.pinned = nil
	c.srv.eventLocked("pins", map[string]any{"chat": ch.ID})
	return true, nil
}
