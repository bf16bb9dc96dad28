package dialogue

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/simulator/wire"
	"example.org/fieldbot/flows/flowtest"
)

// A chat is a person at their phone, and how much of the chat was looked at.
type chat struct {
	*simulator.User
	name   string
	seen   int // message_id of the last message that was looked at
	shown  []flowtest.Line
	toasts int
	own    []int // message_ids of what the person wrote
}

// act does what a line says the person does.
func (c *chat) act(d *flowtest.Dialogue, step flowtest.Step) error {
	var m simulator.Message
	var err error
	switch s := step.(type) {
	case flowtest.Say:
		m, err = c.Say(s.Text)
	case flowtest.Tap:
		return c.tap(s)
	case flowtest.Photo:
		m, err = c.Photo(s.File, content(d, s.File), s.Caption)
	case flowtest.Document:
		m, err = c.Send(simulator.Attachment{Kind: s.Kind, Name: s.File, Data: content(d, s.File), Caption: s.Caption})
	case flowtest.Voice:
		m, err = c.Voice(int(s.Length/time.Second), []byte("OggS"))
	case flowtest.Location:
		m, err = c.SendLocation(wire.Location{Latitude: s.Lat, Longitude: s.Lon, HorizontalAccuracy: s.Accuracy})
	case flowtest.Contact:
		m, err = c.Contact()
	case flowtest.Edit:
		if s.Back > len(c.own) {
			return fmt.Errorf("there is no message so far back")
		}
		_, err = c.Edit(c.own[len(c.own)-s.Back], s.Text)
		return err
	case flowtest.Reply:
		heard := c.Heard()
		if s.Back > len(heard) {
			return fmt.Errorf("there is no message so far back")
		}
		m, err = c.Reply(heard[len(heard)-s.Back].MessageID, s.Text)
	case flowtest.Forward:
		if s.Back > len(c.own) {
			return fmt.Errorf("there is no message so far back")
		}
		m, err = c.Forward(c.own[len(c.own)-s.Back])
	case flowtest.Album:
		var files []simulator.Attachment
		for i, name := range s.Files {
			a := simulator.Attachment{Kind: "photo", Name: name, Data: content(d, name)}
			if i == 0 {
				a.Caption = s.Caption
			}
			files = append(files, a)
		}
		var all []simulator.Message
		if all, err = c.Album(files...); len(all) > 0 {
			m = all[len(all)-1]
		}
	default:
		return fmt.Errorf("not something a person does")
	}
	c.own = append(c.own, m.MessageID)
	return err
}

// tap presses a button. A mark before its label, as of a choice that can be
// chosen beside others, need not be written.
func (c *chat) tap(s flowtest.Tap) error {
	var back []int
	if s.Back > 0 {
		back = []int{s.Back}
	}
	for _, mark := range []string{"", "⬜ ", "✅ "} {
		if err := c.Tap(mark+s.Label, back...); !errors.Is(err, simulator.ErrNoButton) {
			return err
		}
	}
	if err := c.TapGone(s.Label, s.Back); !errors.Is(err, simulator.ErrNoButton) {
		return err
	}
	return fmt.Errorf("no button [%s]", s.Label)
}

// content is a file of the dialogue, or the smallest picture there is.
func content(d *flowtest.Dialogue, name string) []byte {
	if data, ok := d.File(name); ok {
		return data
	}
	png, _ := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
	return png
}

// news returns the lines of what the bot said since the last call. Of edited
// messages only the last one of the chat counts: a list that is paged, a
// keyboard that is toggled. What becomes of older ones, as the ✅ of an answered
// question, nobody looks at.
func (c *chat) news() []flowtest.Line {
	var lines []flowtest.Line
	heard := c.Heard()
	fresh := false
	for _, m := range heard {
		if m.MessageID > c.seen {
			c.seen, fresh = m.MessageID, true
			c.shown = c.lines(m)
			lines = append(lines, c.shown...)
		}
	}
	if n := len(heard); !fresh && n > 0 {
		now := c.lines(heard[n-1])
		lines = now[changedFrom(c.shown, now):]
		c.shown = now
	}
	toasts := c.Toasts()
	for _, t := range toasts[c.toasts:] {
		if t.Text != "" {
			lines = append(lines, flowtest.Message(c.name, "{toast} "+t.Text, nil)...)
		}
	}
	c.toasts = len(toasts)
	return lines
}

// changedFrom is where to begin to tell what a message became: at its buttons if
// only these changed, behind its end if nothing did.
func changedFrom(was, is []flowtest.Line) int {
	same := 0
	for same < min(len(was), len(is)) && was[same].String() == is[same].String() {
		same++
	}
	switch {
	case same == len(is) && same == len(was):
		return same
	case same == len(is)-1 && same == len(was)-1 && buttons(is[same]):
		return same
	}
	return 0
}

func buttons(l flowtest.Line) bool {
	_, ok := l.Step.(flowtest.BotButtons)
	return ok
}

// lines writes a message as a dialogue does.
func (c *chat) lines(m simulator.Message) []flowtest.Line {
	text := m.Text
	for kind, file := range map[string]*wire.Media{"document": m.Document, "audio": m.Audio, "video": m.Video, "voice": m.Voice} {
		if file != nil {
			text = "{" + kind + " " + file.FileName + "}\n" + m.Caption
		}
	}
	if len(m.Photo) > 0 {
		text = "{photo}\n" + m.Caption
	}
	var rows [][]string
	if m.ReplyMarkup != nil {
		for _, row := range m.ReplyMarkup.InlineKeyboard {
			var labels []string
			for _, b := range row {
				labels = append(labels, b.Text)
			}
			rows = append(rows, labels)
		}
	}
	if m.Keyboard != nil {
		for _, row := range m.Keyboard.Keyboard {
			var labels []string
			for _, b := range row {
				labels = append(labels, b.Text)
			}
			rows = append(rows, labels)
		}
	}
	return flowtest.Message(c.name, text, rows)
}
