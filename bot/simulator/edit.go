package simulator

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"time"

	"example.org/fieldbot/bot/simulator/wire"
)

const notModified = "message is not modified: specified new message content and reply markup are exactly the same " +
	"as a current content and reply markup of the message"

// editedLocked finds the message to be edited and the keyboard that it will
// have. Without reply_markup an edit takes the keyboard away.
func (c *call) editedLocked(what string) (*chat, *message, markup, error) {
	keys, err := c.markup()
	if err != nil {
		return nil, nil, markup{}, err
	}
	ch, m, err := c.ownLocked(what)
	if err != nil {
		return nil, nil, markup{}, err
	}
	if keys.replying() {
		return nil, nil, markup{}, badRequest("inline keyboard expected")
	}
	return ch, m, keys, nil
}

// ownLocked finds the message that an edit names, which must be the bot's and
// one that can be edited.
func (c *call) ownLocked(what string) (*chat, *message, error) {
	id := c.number("message_id", 0, 0, math.MaxInt32)
	if !c.has("chat_id") && id == 0 {
		if c.has("inline_message_id") {
			return nil, nil, badRequest("MESSAGE_ID_INVALID")
		}
		return nil, nil, badRequest("message identifier is not specified")
	}
	ch, err := c.chatLocked("chat_id", toEdit)
	if err != nil {
		return nil, nil, err
	}
	m := ch.findLocked(id)
	if m == nil {
		return nil, nil, badRequest("%s not found", what)
	}
	if m.From == nil || m.From.ID != c.bot.me.ID || m.replyMarkup || m.isService() || m.ForwardOrigin != nil {
		return nil, nil, badRequest("message can't be edited")
	}
	return ch, m, nil
}

// changeLocked puts the new content in the place of the old.
func (c *call) changeLocked(ch *chat, m *message, next message, keys markup) (any, error) {
	next.ReplyMarkup = keys.inline
	if reflect.DeepEqual(m.Message.Message, next.Message.Message) {
		return nil, badRequest("%s", notModified)
	}
	next.EditDate = c.srv.nowLocked().Unix()
	before := *m
	next.before = m.lost(keys.inline)
	*m = next
	ch.rewriteLocked(c.srv, &before, m)
	if ch.keyboard != nil && ch.keyboard.MessageID == m.MessageID {
		ch.keyboard = &m.Message
	}
	c.bot.touchLocked(ch, m)
	return m.Message.Message, nil
}

// lost are the buttons that a message had, now that it has others.
func (m *message) lost(now *wire.InlineMarkup) []wire.InlineButton {
	if m.ReplyMarkup == nil || reflect.DeepEqual(m.ReplyMarkup, now) {
		return m.before
	}
	all := slices.Concat(slices.Concat(m.ReplyMarkup.InlineKeyboard...), m.before)
	return all[:min(len(all), maxButtons)]
}

func (c *call) editMessageText() (any, error) {
	preview, err := c.linkPreview()
	if err != nil {
		return nil, err
	}
	text, marks, err := c.messageText()
	if err != nil {
		return nil, err
	}
	ch, m, keys, err := c.editedLocked("message to edit")
	if err != nil {
		return nil, err
	}
	if m.Text == "" {
		return nil, badRequest("there is no text in the message to edit")
	}
	if err := checkText(text); err != nil {
		return nil, err
	}
	next := *m
	next.Text, next.Entities, next.LinkPreviewOptions = text, marks, preview
	return c.changeLocked(ch, m, next, keys)
}

func (m *message) hasMedia() bool {
	return m.Photo != nil || m.Video != nil || m.Document != nil || m.Audio != nil || m.Animation != nil || m.Voice != nil
}

func (c *call) editMessageCaption() (any, error) {
	caption, marks, err := c.captionText()
	if err != nil {
		return nil, err
	}
	ch, m, keys, err := c.editedLocked("message to edit")
	if err != nil {
		return nil, err
	}
	if !m.hasMedia() {
		return nil, badRequest("there is no caption in the message to edit")
	}
	if err := checkCaption(caption); err != nil {
		return nil, err
	}
	next := *m
	next.Caption, next.CaptionEntities = caption, marks
	next.ShowCaptionAbove = c.flag("show_caption_above_media")
	return c.changeLocked(ch, m, next, keys)
}

func (c *call) editMessageMedia() (any, error) {
	raw, err := c.required("media")
	if err != nil {
		return nil, err
	}
	var item albumItem
	if !json.Valid([]byte(raw)) {
		return nil, badRequest("can't parse input media JSON object")
	}
	if json.Unmarshal([]byte(raw), &item) != nil {
		return nil, badRequest("can't parse InputMedia: expected an Object")
	}
	content, err := c.medium(item, false)
	if err != nil {
		return nil, err
	}
	ch, m, keys, err := c.editedLocked("message to edit")
	if err != nil {
		return nil, err
	}
	if m.Voice != nil || m.Location != nil || m.Contact != nil || m.Poll != nil || m.Dice != nil {
		return nil, badRequest("message can't be edited")
	}
	next := *m
	next.Text, next.Entities, next.LinkPreviewOptions = "", nil, nil
	if err := c.fillLocked(&next, content); err != nil {
		return nil, err
	}
	return c.changeLocked(ch, m, next, keys)
}

// movedLocked finds the place that is shared live in the message to be edited.
func (c *call) movedLocked() (*chat, *message, markup, error) {
	ch, m, keys, err := c.editedLocked("message to edit")
	if err != nil {
		return nil, nil, keys, err
	}
	if m.Location == nil || m.Location.LivePeriod == 0 {
		return nil, nil, keys, badRequest("there is no live location in the message to edit")
	}
	until := time.Unix(m.Date+int64(m.Location.LivePeriod), 0)
	if m.Location.LivePeriod != sharedForever && !c.srv.nowLocked().Before(until) {
		return nil, nil, keys, badRequest("message can't be edited")
	}
	return ch, m, keys, nil
}

func (c *call) editMessageLiveLocation() (any, error) {
	l, err := c.place()
	if err != nil {
		return nil, err
	}
	ch, m, keys, err := c.movedLocked()
	if err != nil {
		return nil, err
	}
	if checkPlace(l) != nil {
		return nil, badRequest("invalid location specified")
	}
	if err := c.live(&l); err != nil {
		return nil, err
	}
	if l.LivePeriod == 0 {
		l.LivePeriod = m.Location.LivePeriod
		l.Heading = c.number("heading", 0, 0, 360)
		l.ProximityAlertRadius = c.number("proximity_alert_radius", 0, 0, 100000)
	}
	next := *m
	next.Location = &l
	return c.changeLocked(ch, m, next, keys)
}

// stopMessageLiveLocation makes of a place that is shared live one that is not.
func (c *call) stopMessageLiveLocation() (any, error) {
	ch, m, keys, err := c.movedLocked()
	if err != nil {
		return nil, err
	}
	next := *m
	next.Location = &wire.Location{
		Latitude: m.Location.Latitude, Longitude: m.Location.Longitude, HorizontalAccuracy: m.Location.HorizontalAccuracy,
	}
	return c.changeLocked(ch, m, next, keys)
}

func (c *call) editMessageReplyMarkup() (any, error) {
	ch, m, keys, err := c.editedLocked("message to edit")
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
	return ch.members[c.bot.me.ID].leads()
}

func (c *call) deleteLocked(ch *chat, m *message) {
	m.deleted = true
	if ch.keyboard != nil && ch.keyboard.MessageID == m.MessageID {
		ch.keyboard = nil
	}
	c.bot.touchLocked(ch, m)
}

func (c *call) deleteMessage() (any, error) {
	if !c.has("chat_id") {
		return nil, badRequest("chat identifier is not specified")
	}
	id := c.number("message_id", 0, 0, math.MaxInt32)
	if id == 0 {
		return nil, badRequest("message identifier is not specified")
	}
	ch, err := c.chatLocked("chat_id", toEdit)
	if err != nil {
		return nil, err
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
	ids, err := c.messages()
	if err != nil {
		return nil, err
	}
	ch, err := c.chatLocked("chat_id", toEdit)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if m := ch.findLocked(id); m != nil && c.deletableLocked(ch, m) {
			c.deleteLocked(ch, m)
		}
	}
	return true, nil
}
