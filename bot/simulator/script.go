package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/simulator/wire"
)

// Script returns the chat that is open as a written dialogue: what the person
// did as "> …", what the bot said as "< …", its buttons as "< [A] [B] / [C]",
// moves of the clock as "~ +36h". So a conversation that went wrong becomes a
// test. What the bot edited later is shown as it was first said.
func (u *User) Script() string {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return strings.Join(u.chatLocked().script, "")
}

// keptScript is how many lines of a chat are kept.
const keptScript = 20_000

func (ch *chat) writeLocked(s *Server, sign, text string) {
	if moved := s.offset - ch.scriptAt; moved > 0 && len(ch.script) > 0 {
		ch.script = append(ch.script, fmt.Sprintf("~ +%s\n", brief(moved)))
	}
	ch.scriptAt = s.offset
	for line := range strings.SplitSeq(text, "\n") {
		ch.script = append(ch.script, strings.TrimRight(sign+" "+line, " ")+"\n")
	}
	if len(ch.script) > keptScript {
		ch.script = slices.Clone(ch.script[keptScript/2:])
	}
}

// brief writes a duration in its largest whole unit.
func brief(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// scriptLocked writes down a message as it was sent.
func (ch *chat) scriptLocked(s *Server, m *message) {
	if m.From != nil && !m.From.IsBot {
		ch.writeLocked(s, ">", m.gesture())
		return
	}
	said := m.Text + m.Caption
	if said == "" {
		said = m.gesture()
	}
	ch.writeLocked(s, "<", said)
	if rows := m.labels(); len(rows) > 0 {
		ch.writeLocked(s, "<", strings.Join(rows, " / "))
	}
}

// gesture is what a person did to send the message.
func (m *message) gesture() string {
	caption := ""
	if m.Caption != "" {
		caption = fmt.Sprintf(" %q", m.Caption)
	}
	switch {
	case m.Text != "":
		return m.Text
	case m.Photo != nil:
		return "{photo photo.jpg" + caption + "}"
	case m.Voice != nil:
		return fmt.Sprintf("{voice %ds}", *m.Voice.Duration)
	case m.Document != nil:
		return "{document " + m.Document.FileName + caption + "}"
	case m.Location != nil:
		return fmt.Sprintf("{location %g %g}", m.Location.Latitude, m.Location.Longitude)
	case m.Contact != nil:
		return "{contact}"
	}
	return "{other}"
}

// labels are the buttons of a message, a text for each row.
func (m *message) labels() []string {
	var rows []string
	add := func(labels []string) { rows = append(rows, "["+strings.Join(labels, "] [")+"]") }
	if m.ReplyMarkup != nil {
		for _, row := range m.ReplyMarkup.InlineKeyboard {
			add(mapped(row, func(b wire.InlineButton) string { return b.Text }))
		}
	}
	if m.Keyboard != nil {
		for _, row := range m.Keyboard.Keyboard {
			add(mapped(row, func(b wire.KeyButton) string { return b.Text }))
		}
	}
	return rows
}

func mapped[T any](row []T, label func(T) string) []string {
	var labels []string
	for _, b := range row {
		labels = append(labels, label(b))
	}
	return labels
}

// tapScriptLocked writes down a tap: by label, with @n if another message of
// the bot, newer than this n'th from the end, would be meant without.
func (ch *chat) tapScriptLocked(s *Server, who int64, m *message, data string) {
	label := data
	if m.ReplyMarkup != nil {
		for _, row := range m.ReplyMarkup.InlineKeyboard {
			for _, b := range row {
				if b.CallbackData == data {
					label = b.Text
				}
			}
		}
	}
	line := "[" + label + "]"
	if meant, _ := ch.buttonLocked(who, label, nil); meant != m {
		back := 0
		for i := len(ch.messages) - 1; i >= 0 && ch.messages[i].MessageID >= m.MessageID; i-- {
			if at := ch.messages[i]; !at.deleted && (at.From == nil || at.From.ID != who) {
				back++
			}
		}
		line += fmt.Sprintf(" @%d", back)
	}
	ch.writeLocked(s, ">", line)
}

// editScriptLocked writes down an edit; {edit 1} is of the person's last
// message, {edit 2} of the one before.
func (ch *chat) editScriptLocked(s *Server, who int64, m *message) {
	back := 0
	for i := len(ch.messages) - 1; i >= 0 && ch.messages[i].MessageID >= m.MessageID; i-- {
		if at := ch.messages[i]; !at.deleted && at.From != nil && at.From.ID == who {
			back++
		}
	}
	ch.writeLocked(s, ">", fmt.Sprintf("{edit %d} %s", back, m.Text+m.Caption))
}
