package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/entities"
	"example.org/fieldbot/bot/simulator/wire"
)

// draftLocked begins a message of the bot: chat, what it answers, keyboard.
func (c *call) draftLocked() (*chat, *message, error) {
	ch, err := c.chatLocked("chat_id", toWrite)
	if err != nil {
		return nil, nil, err
	}
	m := &message{}
	me := plain(c.bot.me)
	m.From = &me
	m.Silent = c.flag("disable_notification")
	m.HasProtected = c.flag("protect_content")
	if err := c.replyLocked(ch, m); err != nil {
		return nil, nil, err
	}
	keys, err := c.markup(ch.Type == "private")
	if err != nil {
		return nil, nil, err
	}
	m.ReplyMarkup = keys.inline
	m.Keyboard, m.RemoveKeyboard, m.ForceReply = keys.keyboard, keys.remove, keys.force
	m.replyMarkup = keys.replying()
	return ch, m, nil
}

// replyLocked notes which message this one answers.
func (c *call) replyLocked(ch *chat, m *message) error {
	var to struct {
		MessageID int    `json:"message_id"`
		ChatID    any    `json:"chat_id"`
		Anyway    bool   `json:"allow_sending_without_reply"`
		Quote     string `json:"quote"`
	}
	if _, err := c.object("reply_parameters", &to, "can't parse reply parameters JSON object"); err != nil {
		return err
	}
	if to.MessageID == 0 {
		to.MessageID = c.number("reply_to_message_id", 0, 0, 1<<31-1)
		to.Anyway = to.Anyway || c.flag("allow_sending_without_reply")
	}
	if to.MessageID == 0 {
		return nil
	}
	target := ch.findLocked(to.MessageID)
	if target == nil {
		if to.Anyway {
			return nil
		}
		return badRequest("message to be replied not found")
	}
	if to.Quote != "" {
		at := strings.Index(target.Text, to.Quote)
		if at < 0 {
			return badRequest("QUOTE_TEXT_INVALID")
		}
		m.Quote = &wire.Quote{Text: to.Quote, Position: entities.Units(target.Text[:at]), IsManual: true}
	}
	m.ReplyToMessage = target.snapshot()
	return nil
}

// send puts the message into the chat and answers with it.
func (c *call) send(ch *chat, m *message) (any, error) {
	ch.addLocked(c.bot, m)
	return m.Message.Message, nil
}

func (c *call) sendMessage() (any, error) {
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	if m.Text, m.Entities, err = c.messageText(); err != nil {
		return nil, err
	}
	if m.LinkPreviewOptions, err = c.linkPreview(); err != nil {
		return nil, err
	}
	return c.send(ch, m)
}

// caption reads what media carry beside the file.
func (c *call) caption(m *message) (err error) {
	m.Caption, m.CaptionEntities, err = c.captionText()
	m.ShowCaptionAbove = c.flag("show_caption_above_media")
	m.HasMediaSpoiler = c.flag("has_spoiler")
	return err
}

// sendMedia sends a file of the kind that the argument is named after.
func sendMedia(kind string) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		ch, m, err := c.draftLocked()
		if err != nil {
			return nil, err
		}
		f, err := c.fileLocked(kind, c.text(kind))
		if err != nil {
			return nil, err
		}
		if kind != "sticker" && kind != "video_note" {
			if err := c.caption(m); err != nil {
				return nil, err
			}
		}
		c.shape(f)
		f.put(m)
		return c.send(ch, m)
	}
}

// shape takes over what the call says about its file.
func (c *call) shape(f *file) {
	if n := c.number("duration", 0, 0, 1<<30); n > 0 {
		f.duration = n
	}
	if w, h := c.number("width", 0, 0, 1<<20), c.number("height", 0, 0, 1<<20); w > 0 && h > 0 && f.kind != "photo" {
		f.width, f.height = w, h
	}
	if c.has("title") {
		f.title = c.text("title")
	}
	if c.has("performer") {
		f.performer = c.text("performer")
	}
}

// degrees reads a coordinate.
func (c *call) degrees(name string, limit float64) (float64, error) {
	if !c.has(name) {
		return 0, badRequest("%s is empty", name)
	}
	v, err := strconv.ParseFloat(c.text(name), 64)
	if err != nil || v < -limit || v > limit || v != v {
		return 0, badRequest("%s is invalid", name)
	}
	return v, nil
}

func (c *call) location() (l wire.Location, err error) {
	if l.Latitude, err = c.degrees("latitude", 90); err != nil {
		return l, err
	}
	if l.Longitude, err = c.degrees("longitude", 180); err != nil {
		return l, err
	}
	if c.has("horizontal_accuracy") {
		if l.HorizontalAccuracy, err = c.degrees("horizontal_accuracy", 1500); err != nil {
			return l, err
		}
	}
	if n := c.number("live_period", 0, 0, 1<<31-1); n != 0 {
		if (n < 60 || n > 86400) && n != 0x7fffffff {
			return l, badRequest("wrong live period specified")
		}
		l.LivePeriod = n
	}
	return l, nil
}

func (c *call) sendLocation() (any, error) {
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	l, err := c.location()
	if err != nil {
		return nil, err
	}
	m.Location = &l
	return c.send(ch, m)
}

func (c *call) sendVenue() (any, error) {
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	l, err := c.location()
	if err != nil {
		return nil, err
	}
	if !c.has("title") {
		return nil, badRequest("venue title must be non-empty")
	}
	if !c.has("address") {
		return nil, badRequest("venue address must be non-empty")
	}
	m.Location = &l
	m.Venue = &wire.Venue{Location: l, Title: c.text("title"), Address: c.text("address")}
	return c.send(ch, m)
}

func (c *call) sendContact() (any, error) {
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	if !c.has("phone_number") {
		return nil, badRequest("phone number must be non-empty")
	}
	if !c.has("first_name") {
		return nil, badRequest("first name must be non-empty")
	}
	m.Contact = &wire.Contact{
		PhoneNumber: c.text("phone_number"), FirstName: c.text("first_name"), LastName: c.text("last_name"),
		VCard: c.text("vcard"),
	}
	return c.send(ch, m)
}

// An albumItem is one entry of sendMediaGroup's media, or editMessageMedia's.
type albumItem struct {
	Type      string          `json:"type"`
	Media     string          `json:"media"`
	Caption   string          `json:"caption"`
	ParseMode string          `json:"parse_mode"`
	Entities  json.RawMessage `json:"caption_entities"`
	Above     bool            `json:"show_caption_above_media"`
	Spoiler   bool            `json:"has_spoiler"`
	Duration  int             `json:"duration"`
	Width     int             `json:"width"`
	Height    int             `json:"height"`
	Title     string          `json:"title"`
	Performer string          `json:"performer"`
}

// fill puts the item's file and caption into a message.
func (c *call) fillLocked(m *message, item albumItem) error {
	switch item.Type {
	case "photo", "video", "document", "audio", "animation":
	default:
		return badRequest("can't parse InputMedia: type %s is unsupported", item.Type)
	}
	f, err := c.fileLocked(item.Type, item.Media)
	if err != nil {
		return err
	}
	marks := string(item.Entities)
	if marks == "null" {
		marks = ""
	}
	if m.Caption, m.CaptionEntities, err = format(item.Caption, item.ParseMode, marks); err != nil {
		return err
	}
	if utf8.RuneCountInString(m.Caption) > maxCaption {
		return badRequest("message caption is too long")
	}
	m.ShowCaptionAbove, m.HasMediaSpoiler = item.Above, item.Spoiler
	if item.Duration > 0 {
		f.duration = item.Duration
	}
	if item.Width > 0 && item.Height > 0 && f.kind != "photo" {
		f.width, f.height = item.Width, item.Height
	}
	if item.Title != "" {
		f.title = item.Title
	}
	if item.Performer != "" {
		f.performer = item.Performer
	}
	f.put(m)
	return nil
}

func (c *call) sendMediaGroup() (any, error) {
	if c.has("reply_markup") {
		delete(c.args, "reply_markup") // albums have no keyboard
	}
	ch, first, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	var items []albumItem
	given, err := c.object("media", &items, "can't parse media JSON object")
	if err != nil {
		return nil, err
	}
	if !given || len(items) == 0 {
		return nil, badRequest("there are no messages to send")
	}
	if len(items) > 10 {
		return nil, badRequest("too many messages to send as an album")
	}
	if len(items) < 2 {
		return nil, badRequest("wrong number of media: expected 2-10")
	}
	alone := map[string]bool{"document": true, "audio": true}
	for _, item := range items {
		if item.Type == "animation" {
			return nil, badRequest("type animation can't be used in a media group")
		}
		if item.Type != items[0].Type && (alone[item.Type] || alone[items[0].Type]) {
			return nil, badRequest("%s can't be mixed with other media types", item.Type)
		}
	}
	group := strconv.FormatUint(c.srv.rand.Uint64()>>1, 10)
	result := []wire.Message{}
	for i, item := range items {
		m := &message{Message: first.Message}
		if err := c.fillLocked(m, item); err != nil {
			// Those before it were sent all the same.
			why := strings.TrimPrefix(err.Error(), "Bad Request: ")
			return nil, badRequest("failed to send message #%d with the error message %q", i+1, why)
		}
		m.MediaGroupID = group
		ch.addLocked(c.bot, m)
		result = append(result, m.Message.Message)
	}
	return result, nil
}

var chatActions = map[string]bool{
	"typing": true, "upload_photo": true, "record_video": true, "upload_video": true, "record_voice": true,
	"upload_voice": true, "record_audio": true, "upload_audio": true, "upload_document": true, "choose_sticker": true,
	"find_location": true, "pick_up_location": true, "record_video_note": true, "upload_video_note": true, "cancel": true,
}

func (c *call) sendChatAction() (any, error) {
	ch, err := c.chatLocked("chat_id", toWrite)
	if err != nil {
		return nil, err
	}
	action := strings.ToLower(c.text("action"))
	if !chatActions[action] {
		return nil, badRequest("wrong parameter action in request")
	}
	ch.action, ch.actionUntil = action, c.srv.nowLocked().Add(chatActionLife)
	c.srv.eventLocked("action", map[string]any{"chat": ch.ID, "bot": c.bot.me.ID, "action": action})
	return true, nil
}
