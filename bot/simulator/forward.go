package simulator

import (
	"math"
	"time"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/wire"
)

// chatActionLife is how long "typing…" is shown.
const chatActionLife = 5 * time.Second

type messageID struct {
	MessageID int `json:"message_id"`
}

// sourceLocked finds the message that is to be copied or forwarded.
func (c *call) sourceLocked(id int, what string) (*message, error) {
	from, err := c.chatLocked("from_chat_id", toRead)
	if err != nil {
		return nil, err
	}
	m := from.findLocked(id)
	if m == nil {
		return nil, badRequest("message to %s not found", what)
	}
	return m, nil
}

// content is a message's content alone, for a message of its own.
func (m *message) content() *message {
	to := &message{}
	w, from := &to.Message.Message, m.Message.Message
	w.Text, w.Entities, w.LinkPreviewOptions = from.Text, from.Entities, from.LinkPreviewOptions
	w.Caption, w.CaptionEntities = from.Caption, from.CaptionEntities
	w.Animation, w.Audio, w.Document, w.Photo = from.Animation, from.Audio, from.Document, from.Photo
	w.Sticker, w.Video, w.VideoNote, w.Voice = from.Sticker, from.Video, from.VideoNote, from.Voice
	to.ShuffledOptions, to.HiddenResults = m.ShuffledOptions, m.HiddenResults
	w.Contact, w.Venue, w.Location, w.Poll, w.Dice = from.Contact, from.Venue, from.Location, from.Poll, from.Dice
	return to
}

func (m *message) isService() bool {
	return m.Text == "" && m.Photo == nil && m.Document == nil && m.Voice == nil && m.Audio == nil && m.Video == nil &&
		m.VideoNote == nil && m.Animation == nil && m.Sticker == nil && m.Location == nil && m.Contact == nil &&
		m.Poll == nil && m.Dice == nil && m.WebAppData == nil
}

func (c *call) copyMessage() (any, error) {
	if _, err := c.required("from_chat_id"); err != nil {
		return nil, err
	}
	caption, marks, err := c.captionText()
	if err != nil {
		return nil, err
	}
	source, err := c.sourceLocked(c.number("message_id", 0, 0, math.MaxInt32), "copy")
	if err != nil {
		return nil, err
	}
	ch, draft, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	if source.isService() {
		return nil, badRequest("message can't be copied")
	}
	m := source.content()
	if _, given := c.args["caption"]; given && m.Text == "" {
		if err := checkCaption(caption); err != nil {
			return nil, err
		}
		m.Caption, m.CaptionEntities = caption, marks
	}
	m.adopt(draft)
	c.freshPollLocked(m)
	ch.addLocked(c.bot, m)
	return messageID{m.MessageID}, nil
}

// adopt takes over all of a draft but its content.
func (m *message) adopt(draft *message) {
	m.From, m.ReplyToMessage, m.ReplyMarkup = draft.From, draft.ReplyToMessage, draft.ReplyMarkup
	m.MessageThreadID, m.IsTopicMessage = draft.MessageThreadID, draft.IsTopicMessage
	m.Keyboard, m.RemoveKeyboard, m.ForceReply = draft.Keyboard, draft.RemoveKeyboard, draft.ForceReply
	m.EffectID, m.Effect = draft.EffectID, draft.Effect
	m.Silent, m.HasProtected, m.replyMarkup = draft.Silent, draft.HasProtected, draft.replyMarkup
}

func (m *message) origin() *wire.Origin {
	if m.ForwardOrigin != nil {
		return m.ForwardOrigin
	}
	from := plain(*m.From)
	return &wire.Origin{Type: "user", Date: m.Date, SenderUser: &from}
}

func (c *call) forwardMessage() (any, error) {
	if _, err := c.required("from_chat_id"); err != nil {
		return nil, err
	}
	source, err := c.sourceLocked(c.number("message_id", 0, 0, math.MaxInt32), "forward")
	if err != nil {
		return nil, err
	}
	ch, draft, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	if source.isService() || source.HasProtected {
		return nil, badRequest("message can't be forwarded")
	}
	m := source.content()
	m.adopt(draft)
	m.ForwardOrigin = source.origin()
	return c.send(ch, m)
}

// manyLocked runs one step for each of message_ids; those not found are passed
// over.
func (c *call) manyLocked(copying bool) (any, error) {
	if _, err := c.required("from_chat_id"); err != nil {
		return nil, err
	}
	ids, err := c.messages()
	if err != nil {
		return nil, err
	}
	ch, draft, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	from, err := c.chatLocked("from_chat_id", toRead)
	if err != nil {
		return nil, err
	}
	result := []messageID{}
	for _, id := range ids {
		source := from.findLocked(id)
		if source == nil || source.isService() || source.HasProtected {
			continue
		}
		m := source.content()
		m.adopt(draft)
		if !copying {
			m.ForwardOrigin = source.origin()
		} else if c.flag("remove_caption") {
			m.Caption, m.CaptionEntities = "", nil
		}
		if copying {
			c.freshPollLocked(m)
		}
		ch.addLocked(c.bot, m)
		result = append(result, messageID{m.MessageID})
	}
	if len(result) == 0 {
		return nil, badRequest("there are no messages to forward")
	}
	return result, nil
}

func (c *call) copyMessages() (any, error)    { return c.manyLocked(true) }
func (c *call) forwardMessages() (any, error) { return c.manyLocked(false) }

// sends of a person's text are cut as their client cuts them.
func cutText(text string) []string {
	var parts []string
	for utf8.RuneCountInString(text) > maxText {
		runes := []rune(text)
		parts = append(parts, string(runes[:maxText]))
		text = string(runes[maxText:])
	}
	return append(parts, text)
}
