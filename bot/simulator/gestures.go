package simulator

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"example.org/fieldbot/bot/simulator/entities"
	"example.org/fieldbot/bot/simulator/ogg"
	"example.org/fieldbot/bot/simulator/wire"
)

// Tap presses a button by its label, or by its callback_data if no label is
// the same: of the newest message that has it. Reply keyboards are looked at
// as well. With back, the button is sought in the bot's back'th message from
// the end alone, 1 being the last.
func (u *User) Tap(button string, back ...int) error {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	ch := u.chatLocked()
	m, found := ch.buttonLocked(u.p.ID, button, back)
	if found != nil {
		return u.pressLocked(ch, m, *found)
	}
	if key := ch.keyLocked(button); key != nil && len(back) == 0 {
		return u.pressKeyLocked(*key)
	}
	return fmt.Errorf("%w: %q", ErrNoButton, button)
}

// TapGone presses a button that the bot's back'th message from the end had
// before it was changed, as a finger does that was already on its way.
func (u *User) TapGone(label string, back int) error {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	ch := u.chatLocked()
	for i := len(ch.messages) - 1; i >= 0; i-- {
		m := ch.messages[i]
		if m.deleted || m.From != nil && m.From.ID == u.p.ID {
			continue
		}
		if back--; back != 0 {
			continue
		}
		for _, b := range m.before {
			if sameLabel(b.Text, label) {
				return u.pressLocked(ch, m, b)
			}
		}
	}
	return fmt.Errorf("%w: %q", ErrNoButton, label)
}

func (ch *chat) buttonLocked(who int64, button string, back []int) (*message, *wire.InlineButton) {
	matches := []func(b *wire.InlineButton) bool{
		func(b *wire.InlineButton) bool { return sameLabel(b.Text, button) },
		func(b *wire.InlineButton) bool { return b.CallbackData == button },
	}
	for _, match := range matches {
		nth := 0
		for i := len(ch.messages) - 1; i >= 0; i-- {
			m := ch.messages[i]
			if m.deleted || m.From != nil && m.From.ID == who {
				continue
			}
			nth++
			if len(back) > 0 && nth != back[0] || m.ReplyMarkup == nil {
				continue
			}
			for _, row := range m.ReplyMarkup.InlineKeyboard {
				for i := range row {
					if match(&row[i]) {
						return m, &row[i]
					}
				}
			}
		}
	}
	return nil, nil
}

func (ch *chat) keyLocked(label string) *wire.KeyButton {
	if ch.keyboard == nil || ch.keyboard.Keyboard == nil {
		return nil
	}
	for _, row := range ch.keyboard.Keyboard.Keyboard {
		for i := range row {
			if sameLabel(row[i].Text, label) {
				return &row[i]
			}
		}
	}
	return nil
}

// pressLocked does what the button's action says; a button that only the
// person's own phone acts on does nothing here.
func (u *User) pressLocked(ch *chat, m *message, b wire.InlineButton) error {
	if ch.Type == "private" && ch.blocked {
		return ErrBlocked
	}
	if b.CallbackData != "" {
		u.ownerLocked(m).tapLocked(u.p, ch, m, b.CallbackData)
	}
	return nil
}

// ownerLocked is the bot that wrote the message.
func (u *User) ownerLocked(m *message) *Bot {
	for _, b := range u.srv.bots {
		if m.From != nil && b.me.ID == m.From.ID {
			return b
		}
	}
	return u.bot
}

// TapData taps a button of a message that may no longer have it: an app that
// was offline still shows old keyboards. It returns the query's id.
func (u *User) TapData(messageID int, data string) (string, error) {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	ch := u.chatLocked()
	if ch.Type == "private" && ch.blocked {
		return "", ErrBlocked
	}
	for _, m := range ch.messages {
		if m.MessageID == messageID {
			return u.ownerLocked(m).tapLocked(u.p, ch, m, data).ID, nil
		}
	}
	return "", ErrNoMessage
}

// Age makes a message so old that the bot can no longer look at it: taps on it
// carry an InaccessibleMessage.
func (u *User) Age(messageID int) error {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	m := u.chatLocked().findLocked(messageID)
	if m == nil {
		return ErrNoMessage
	}
	m.gone = true
	return nil
}

func (u *User) pressKeyLocked(key wire.KeyButton) error {
	_, err := u.postLocked(func(ch *chat, m *message) error {
		switch {
		case key.RequestContact:
			m.Contact = u.p.contact()
		case key.RequestLocation:
			m.Location = &wire.Location{Latitude: 17.9757, Longitude: 102.6331} // Vientiane
		default:
			m.Text, m.Entities = entities.Fix(key.Text, nil)
		}
		if key.RequestContact || key.RequestLocation {
			m.ReplyToMessage = &wire.Message{}
			*m.ReplyToMessage = ch.keyboard.Message
			m.ReplyToMessage.ReplyToMessage = nil
		}
		return nil
	})
	return err
}

func (p *person) contact() *wire.Contact {
	return &wire.Contact{PhoneNumber: p.phone, FirstName: p.FirstName, LastName: p.LastName, UserID: p.ID}
}

// Contact shares the person's own number.
func (u *User) Contact() (Message, error) { return u.SendContact(*u.p.contact()) }

// SendContact shares any contact; one with another UserID is somebody else's.
func (u *User) SendContact(c wire.Contact) (Message, error) {
	return u.post(func(_ *chat, m *message) error { m.Contact = &c; return nil })
}

// Location sends a point, in degrees.
func (u *User) Location(latitude, longitude float64) (Message, error) {
	return u.SendLocation(wire.Location{Latitude: latitude, Longitude: longitude})
}

// SendLocation sends a point with its accuracy.
func (u *User) SendLocation(l wire.Location) (Message, error) {
	return u.post(func(_ *chat, m *message) error { m.Location = &l; return nil })
}

// An Attachment is a file that a person sends.
type Attachment struct {
	Kind    string // photo, document, voice, audio, video, animation, video_note, sticker
	Name    string // file name
	MIME    string // empty: guessed
	Data    []byte
	Seconds int // of voice, audio and video
	Caption string
	ReplyTo int    // message id; 0: none
	album   string // media_group_id
}

// Photo sends a picture. One that is none is sent all the same, in one size.
func (u *User) Photo(name string, data []byte, caption string) (Message, error) {
	return u.Send(Attachment{Kind: "photo", Name: name, Data: data, Caption: caption})
}

// Voice sends a voice note: OGG with Opus, as apps record it, or WebM with Opus,
// as some browsers do, which becomes OGG.
func (u *User) Voice(seconds int, data []byte) (Message, error) {
	return u.Send(Attachment{Kind: "voice", Seconds: seconds, Data: data})
}

// Document sends a file as it is.
func (u *User) Document(name string, data []byte, caption string) (Message, error) {
	return u.Send(Attachment{Kind: "document", Name: name, Data: data, Caption: caption})
}

// Video sends a video.
func (u *User) Video(name string, data []byte, seconds int, caption string) (Message, error) {
	return u.Send(Attachment{Kind: "video", Name: name, Data: data, Seconds: seconds, Caption: caption})
}

// Send sends one file.
func (u *User) Send(a Attachment) (Message, error) {
	return u.post(func(ch *chat, m *message) error { return u.attachLocked(ch, m, a) })
}

// Album sends two to ten files as one album: as many messages, as many updates.
func (u *User) Album(files ...Attachment) ([]Message, error) {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	group := strconv.FormatUint(u.srv.rand.Uint64()>>1, 10)
	var sent []Message
	for _, a := range files {
		a.album = group
		m, err := u.postLocked(func(ch *chat, m *message) error { return u.attachLocked(ch, m, a) })
		if err != nil {
			return sent, err
		}
		sent = append(sent, m)
	}
	return sent, nil
}

func (u *User) attachLocked(ch *chat, m *message, a Attachment) error {
	if _, ok := folders[a.Kind]; !ok {
		return fmt.Errorf("simulator: no such kind of file: %q", a.Kind)
	}
	if a.Kind == "voice" && ogg.IsWebM(a.Data) { // from the page, in a browser that records nothing else
		var err error
		if a.Data, err = ogg.FromWebM(a.Data); err != nil {
			return fmt.Errorf("simulator: voice note: %w", err)
		}
	}
	f, err := u.srv.newFileLocked(a.Kind, upload{a.Name, a.MIME, a.Data})
	if err != nil && a.Kind == "photo" {
		f = u.srv.storeLocked(&file{kind: "photo", mime: "image/jpeg", data: a.Data, width: 1280, height: 960})
		f.sizes = []*file{f}
	} else if err != nil {
		// People may send an empty file; its size is then simply 0.
		f = u.srv.storeLocked(&file{kind: a.Kind, name: path.Base(a.Name), mime: a.MIME, data: a.Data})
	}
	f.duration = a.Seconds
	f.put(m)
	m.MediaGroupID = a.album
	m.Caption, m.CaptionEntities = entities.Fix(a.Caption, nil)
	return m.answer(ch, a.ReplyTo)
}

// SendWebAppData sends what a Web App opened by a reply keyboard's button sent.
func (u *User) SendWebAppData(button, data string) (Message, error) {
	return u.post(func(_ *chat, m *message) error {
		m.WebAppData = &wire.WebAppData{Data: data, ButtonText: button}
		return nil
	})
}

// DeepLink is the address that opens the bot with a start payload.
func (b *Bot) DeepLink(payload string) string {
	link := "https://t.me/" + b.me.Username
	if payload != "" {
		link += "?start=" + payload
	}
	return link
}

// Open follows a t.me link as an app does: to a bot of this server, with its
// start payload.
func (u *User) Open(link string) (Message, error) {
	rest := link
	for _, prefix := range []string{"https://", "http://", "t.me/", "telegram.me/", "tg://resolve?domain="} {
		rest = strings.TrimPrefix(rest, prefix)
	}
	name, query, _ := strings.Cut(strings.Replace(rest, "&", "?", 1), "?")
	u.srv.mu.Lock()
	var to *Bot
	for _, b := range u.srv.bots {
		if strings.EqualFold(b.me.Username, name) {
			to = b
		}
	}
	u.srv.mu.Unlock()
	if to == nil {
		return Message{}, fmt.Errorf("simulator: no bot behind the link %q", link)
	}
	payload, _ := strings.CutPrefix(query, "start=")
	return u.To(to).Start(payload)
}
