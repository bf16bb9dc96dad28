package simulator

import (
	"reflect"
	"time"
)

const notModified = "message is not modified: specified new message content and reply markup are exactly the same " +
	"as a current content and reply markup of the message"

// editedLocked finds the message to be edited and the keyboard that it will
// have. Without reply_markup an edit takes the keyboard away.
func (c *call) editedLocked() (*chat, *message, markup, error) {
	if c.text("chat_id") == "" && c.number("message_id", 0, 0, 1<<31-1) == 0 {
		if c.has("inline_message_id") {
			return nil, nil, markup{}, badRequest("MESSAGE_ID_INVALID")
		}
		return nil, nil, markup{}, badRequest("message identifier is not specified")
	}
	ch, err := c.chatLocked("chat_id", toEdit)
	if err != nil {
		return nil, nil, markup{}, err
	}
	id := c.number("message_id", 0, 0, 1<<31-1)
	if id == 0 {
		return nil, nil, markup{}, badRequest("message identifier is not specified")
	}
	m := ch.findLocked(id)
	if m == nil {
		return nil, nil, markup{}, badRequest("message to edit not found")
	}
	if m.From == nil || m.From.ID != c.bot.me.ID || m.replyMarkup || m.isService() || m.ForwardOrigin != nil {
		return nil, nil, markup{}, badRequest("message can't be edited")
	}
	keys, err := c.markup(ch.Type == "private")
	if err != nil {
		return nil, nil, markup{}, err
	}
	if keys.replying() {
		return nil, nil, markup{}, badRequest("inline keyboard expected")
	}
	return ch, m, keys, nil
}

// changeLocked puts the new content in the place of the old.
func (c *call) changeLocked(ch *chat, m *message, next message, keys markup) (any, error) {
	next.ReplyMarkup = keys.inline
	if reflect.DeepEqual(m.Message.Message, next.Message.Message) {
		return nil, badRequest("%s", notModified)
	}
	next.EditDate = c.srv.nowLocked().Unix()
	before := *m
	*m = next
	ch.rewriteLocked(c.srv, &before, m)
	if ch.keyboard != nil && ch.keyboard.MessageID == m.MessageID {
		ch.keyboard = &m.Message
	}
	c.bot.touchLocked(ch, m)
	return m.Message.Message, nil
}

func (c *call) editMessageText() (any, error) {
	ch, m, keys, err := c.editedLocked()
	if err != nil {
		return nil, err
	}
	next := *m
	if next.Text, next.Entities, err = c.messageText(); err != nil {
		return nil, err
	}
	if m.Text == "" {
		return nil, badRequest("there is no text in the message to edit")
	}
	if next.LinkPreviewOptions, err = c.linkPreview(); err != nil {
		return nil, err
	}
	return c.changeLocked(ch, m, next, keys)
}

func (m *message) hasMedia() bool {
	return m.Photo != nil || m.Video != nil || m.Document != nil || m.Audio != nil || m.Animation != nil || m.Voice != nil
}

func (c *call) editMessageCaption() (any, error) {
	ch, m, keys, err := c.editedLocked()
	if err != nil {
		return nil, err
	}
	if !m.hasMedia() {
		return nil, badRequest("there is no caption in the message to edit")
	}
	next := *m
	if next.Caption, next.CaptionEntities, err = c.captionText(); err != nil {
		return nil, err
	}
	next.ShowCaptionAbove = c.flag("show_caption_above_media")
	return c.changeLocked(ch, m, next, keys)
}

func (c *call) editMessageMedia() (any, error) {
	ch, m, keys, err := c.editedLocked()
	if err != nil {
		return nil, err
	}
	var item albumItem
	given, err := c.object("media", &item, "can't parse input media JSON object")
	if err != nil {
		return nil, err
	}
	if !given {
		return nil, badRequest("input media is not specified")
	}
	if m.Voice != nil || m.Location != nil || m.Contact != nil {
		return nil, badRequest("message can't be edited")
	}
	next := *m
	next.Text, next.Entities, next.LinkPreviewOptions = "", nil, nil
	if err := c.fillLocked(&next, item); err != nil {
		return nil, err
	}
	return c.changeLocked(ch, m, next, keys)
}

func (c *call) editMessageReplyMarkup() (any, error) {
	ch, m, keys, err := c.editedLocked()
	if err != nil {
		return nil, err
	}
	return c.changeLocked(ch, m, *m, keys)
}

const deleteLimit = 48 * time.Hour

// deletableLocked reports whether the bot may delete the message.
func (c *call) deletableLocked(ch *chat, m *message) bool {
	age := c.srv.nowLocked().Sub(time.Unix(m.Date, 0))
	if age >= deleteLimit {
		return false
	}
	if ch.Type == "private" || m.From != nil && m.From.ID == c.bot.me.ID {
		return true
	}
	me := ch.members[c.bot.me.ID]
	return me != nil && (me.status == "administrator" || me.status == "creator")
}

func (c *call) deleteLocked(ch *chat, m *message) {
	m.deleted = true
	if ch.keyboard != nil && ch.keyboard.MessageID == m.MessageID {
		ch.keyboard = nil
	}
	c.bot.touchLocked(ch, m)
}

func (c *call) deleteMessage() (any, error) {
	ch, err := c.chatLocked("chat_id", toEdit)
	if err != nil {
		return nil, err
	}
	id := c.number("message_id", 0, 0, 1<<31-1)
	if id == 0 {
		return nil, badRequest("message identifier is not specified")
	}
	m := ch.findLocked(id)
	if m == nil {
		return nil, badRequest("message to delete not found")
	}
	if !c.deletableLocked(ch, m) {
		return nil, badRequest("message can't be deleted for everyone")
	}
	c.deleteLocked(ch, m)
	return true, nil
}

func (c *call) deleteMessages() (any, error) {
	ch, err := c.chatLocked("chat_id", toEdit)
	if err != nil {
		return nil, err
	}
	var ids []int
	if _, err := c.object("message_ids", &ids, "can't parse message identifiers JSON object"); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, badRequest("message identifiers are not specified")
	}
	if len(ids) > 100 {
		return nil, badRequest("too many message identifiers specified")
	}
	for _, id := range ids {
		if m := ch.findLocked(id); m != nil && c.deletableLocked(ch, m) {
			c.deleteLocked(ch, m)
		}
	}
	return true, nil
}
