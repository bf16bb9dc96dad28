package simulator

import (
	"math"
	"strconv"
	"strings"

	"example.org/fieldbot/bot/simulator/entities"
	"example.org/fieldbot/bot/simulator/wire"
)

// draftLocked begins a message of the bot: chat, topic, what it answers, keyboard.
func (c *call) draftLocked() (*chat, *message, error) {
	to, err := c.replyTo()
	if err != nil {
		return nil, nil, err
	}
	keys, err := c.markup()
	if err != nil {
		return nil, nil, err
	}
	ch, err := c.chatLocked("chat_id", toWrite)
	if err != nil {
		return nil, nil, err
	}
	m := &message{}
	me := plain(c.bot.me)
	m.From = &me
	m.Silent = c.flag("disable_notification")
	m.HasProtected = c.flag("protect_content")
	if err := c.effect(ch, m); err != nil {
		return nil, nil, err
	}
	if err := c.replyLocked(ch, m, to); err != nil {
		return nil, nil, err
	}
	if err := c.topicLocked(ch, m); err != nil {
		return nil, nil, err
	}
	if err := keys.fits(ch.Type == "private"); err != nil {
		return nil, nil, err
	}
	m.ReplyMarkup = keys.inline
	m.Keyboard, m.RemoveKeyboard, m.ForceReply = keys.keyboard, keys.remove, keys.force
	m.replyMarkup = keys.replying()
	return ch, m, nil
}

// replyTo is what reply_parameters, or the arguments before them, say.
type replyTo struct {
	messageID int
	chatID    string
	anyway    bool
	quote     string
}

func (c *call) replyTo() (to replyTo, err error) {
	var f fields
	given, err := c.object("reply_parameters", &f, "can't parse reply parameters JSON object")
	if err != nil {
		return to, err
	}
	if !given {
		to.messageID, to.anyway = c.number("reply_to_message_id", 0, 0, math.MaxInt32), c.flag("allow_sending_without_reply")
		return to, nil
	}
	if to.chatID, err = f.text("chat_id"); err == nil {
		err = f.must("message_id")
	}
	if err == nil {
		to.messageID, err = f.integer("message_id")
	}
	if err == nil {
		to.anyway, err = f.flag("allow_sending_without_reply")
	}
	if err == nil {
		to.quote, err = f.text("quote")
	}
	if err != nil {
		return to, refusal("", err)
	}
	return to, nil
}

// replyLocked notes which message this one answers.
func (c *call) replyLocked(ch *chat, m *message, to replyTo) error {
	if to.messageID <= 0 {
		return nil
	}
	if to.chatID != "" {
		other, err := c.findChatLocked(to.chatID)
		if err != nil {
			return err
		}
		if other != ch {
			return badRequest("replies to messages of other chats are not simulated")
		}
	}
	target := ch.findLocked(to.messageID)
	if target == nil {
		if to.anyway {
			return nil
		}
		return badRequest("message to be replied not found")
	}
	if to.quote != "" {
		at := strings.Index(target.Text, to.quote)
		if at < 0 {
			return badRequest("QUOTE_TEXT_INVALID")
		}
		m.Quote = &wire.Quote{Text: to.quote, Position: entities.Units(target.Text[:at]), IsManual: true}
	}
	m.ReplyToMessage = target.snapshot()
	return nil
}

// send puts the message into the chat and answers with it.
func (c *call) send(ch *chat, m *message) (any, error) {
	ch.addLocked(c.bot, m)
	return m.Message.Message, nil
}

// Each method looks first at what it was given, then at the chat, then at what
// this chat allows: a caller that did several things wrong is told the same one
// of them as by the real server.

func (c *call) sendMessage() (any, error) {
	preview, err := c.linkPreview()
	if err != nil {
		return nil, err
	}
	text, marks, err := c.messageText()
	if err != nil {
		return nil, err
	}
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	if err := checkText(text); err != nil {
		return nil, err
	}
	m.Text, m.Entities, m.LinkPreviewOptions = text, marks, preview
	return c.send(ch, m)
}

// sendMedia sends a file of the kind that the argument is named after.
func sendMedia(kind string) func(c *call) (any, error) {
	captioned := kind != "sticker" && kind != "video_note"
	return func(c *call) (any, error) {
		in, ok := c.input(kind, c.text(kind))
		if !ok {
			return nil, badRequest("there is no %s in the request", strings.ReplaceAll(kind, "_", " "))
		}
		caption, marks, err := c.captionText()
		if err != nil {
			return nil, err
		}
		ch, m, err := c.draftLocked()
		if err != nil {
			return nil, err
		}
		f, err := c.fileLocked(kind, in)
		if err != nil {
			return nil, err
		}
		if captioned {
			if err := checkCaption(caption); err != nil {
				return nil, err
			}
			m.Caption, m.CaptionEntities = caption, marks
			m.ShowCaptionAbove, m.HasMediaSpoiler = c.flag("show_caption_above_media"), c.flag("has_spoiler")
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

// degrees reads a coordinate; what is no number is 0.
func (c *call) degrees(name string) (float64, error) {
	text := strings.TrimSpace(c.text(name))
	if text == "" {
		return 0, badRequest("%s is empty", name)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, nil
	}
	return v, nil
}

// place reads latitude, longitude and accuracy; checkPlace judges them.
func (c *call) place() (l wire.Location, err error) {
	if l.Latitude, err = c.degrees("latitude"); err != nil {
		return l, err
	}
	if l.Longitude, err = c.degrees("longitude"); err != nil {
		return l, err
	}
	accuracy, err := strconv.ParseFloat(strings.TrimSpace(c.text("horizontal_accuracy")), 64)
	if err == nil && accuracy > 0 {
		l.HorizontalAccuracy = min(accuracy, 1500)
	}
	return l, nil
}

func checkPlace(l wire.Location) error {
	if !(math.Abs(l.Latitude) <= 90 && math.Abs(l.Longitude) <= 180) { // written so that it is true of NaN
		return badRequest("invalid location specified")
	}
	return nil
}

// sharedForever is the live_period of a place that is shared without an end.
const sharedForever = 0x7fffffff

// live reads how long a place is shared and what goes with it.
func (c *call) live(l *wire.Location) error {
	n := c.number("live_period", 0, math.MinInt32, math.MaxInt32)
	if n != 0 && (n < 60 || n > 86400) && n != sharedForever {
		return badRequest("wrong live location period specified")
	}
	heading := c.number("heading", 0, math.MinInt32, math.MaxInt32)
	if heading != 0 && (heading < 1 || heading > 360) {
		return badRequest("wrong live location heading specified")
	}
	radius := c.number("proximity_alert_radius", 0, math.MinInt32, math.MaxInt32)
	if radius < 0 || radius > 100000 {
		return badRequest("wrong live location proximity alert radius specified")
	}
	if n != 0 {
		l.LivePeriod, l.Heading, l.ProximityAlertRadius = n, heading, radius
	}
	return nil
}

func (c *call) sendLocation() (any, error) {
	l, err := c.place()
	if err != nil {
		return nil, err
	}
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	if err := checkPlace(l); err != nil {
		return nil, err
	}
	if err := c.live(&l); err != nil {
		return nil, err
	}
	m.Location = &l
	return c.send(ch, m)
}

func (c *call) sendVenue() (any, error) {
	l, err := c.place()
	if err != nil {
		return nil, err
	}
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	if checkPlace(l) != nil {
		return nil, badRequest("wrong venue location specified")
	}
	m.Location = &l
	m.Venue = &wire.Venue{
		Location: l, Title: c.text("title"), Address: c.text("address"),
		FoursquareID: c.text("foursquare_id"), FoursquareType: c.text("foursquare_type"),
		GooglePlaceID: c.text("google_place_id"), GooglePlaceType: c.text("google_place_type"),
	}
	return c.send(ch, m)
}

func (c *call) sendContact() (any, error) {
	phone, err := c.required("phone_number")
	if err != nil {
		return nil, err
	}
	first, err := c.required("first_name")
	if err != nil {
		return nil, err
	}
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	m.Contact = &wire.Contact{PhoneNumber: phone, FirstName: first, LastName: c.text("last_name"), VCard: c.text("vcard")}
	return c.send(ch, m)
}

var chatActions = map[string]bool{
	"typing": true, "upload_photo": true, "record_video": true, "upload_video": true, "record_voice": true,
	"upload_voice": true, "record_audio": true, "upload_audio": true, "upload_document": true, "choose_sticker": true,
	"find_location": true, "pick_up_location": true, "record_video_note": true, "upload_video_note": true, "cancel": true,
}

func (c *call) sendChatAction() (any, error) {
	action := strings.ToLower(c.text("action"))
	if !chatActions[action] {
		return nil, badRequest("wrong parameter action in request")
	}
	ch, err := c.chatLocked("chat_id", toWrite)
	if err != nil {
		return nil, err
	}
	ch.action, ch.actionUntil = action, c.srv.nowLocked().Add(chatActionLife)
	c.srv.eventLocked("action", map[string]any{"chat": ch.ID, "bot": c.bot.me.ID, "action": action})
	return true, nil
}
