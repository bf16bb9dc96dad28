package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/simulator/wire"
)

// A scriptLine is a line of a written dialogue: who did or was told it is the
// chat that keeps it.
type scriptLine struct {
	n    int           // counts from 1 over all chats, so that several can be merged
	at   time.Duration // where the clock had been moved to
	sign string        // of the dialogue format: > < or !
	text string
}

// Script returns the chat that is open as a written dialogue: what the person
// did as "> …", what the bot said as "< …", its buttons as "< [A] [B] / [C]",
// moves of the clock as "~ +36h", faults as "! 429 5". So a conversation that
// went wrong becomes a test. Of what the bot edited later only its newest
// message is shown again.
func (u *User) Script() string {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return u.srv.renderLocked(map[*chat]string{u.chatLocked(): ""})
}

// Script returns the private chats of people with the first bot as one written
// dialogue. names are theirs in it; the one person of a dialogue may have "".
func (s *Server) Script(names map[int64]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	chats := map[*chat]string{}
	for id, name := range names {
		if ch := s.bots[0].chats[id]; ch != nil {
			chats[ch] = name
		}
	}
	return s.renderLocked(chats)
}

func (s *Server) renderLocked(chats map[*chat]string) string {
	type line struct {
		scriptLine
		person string
	}
	var all []line
	for ch, name := range chats {
		for _, l := range ch.script {
			all = append(all, line{l, name})
		}
	}
	if len(all) == 0 {
		return ""
	}
	for _, l := range s.script {
		all = append(all, line{l, ""})
	}
	slices.SortFunc(all, func(a, b line) int { return a.n - b.n })
	var b strings.Builder
	var toasts []string // they come when they come; a dialogue has them last
	flush := func() {
		for _, t := range toasts {
			b.WriteString(t)
		}
		toasts = nil
	}
	at := all[0].at
	for _, l := range all {
		if l.at > at {
			flush()
			fmt.Fprintf(&b, "~ +%s\n", brief(l.at-at))
			at = l.at
		}
		text := l.sign + " " + l.text + "\n"
		if l.person != "" {
			text = "@" + l.person + " " + text
		}
		switch {
		case l.sign == "<" && strings.HasPrefix(l.text, "{toast}"):
			toasts = append(toasts, text)
			continue
		case l.sign != "<":
			flush()
		}
		b.WriteString(text)
	}
	flush()
	return b.String()
}

// keptScript is how many lines of a chat are kept.
const keptScript = 20_000

func (s *Server) lineLocked(sign, text string) scriptLine {
	s.lines++
	return scriptLine{s.lines, s.offset, sign, strings.Join(strings.Fields(text), " ")}
}

// writeLocked writes a text down, each line of it that is not blank.
func (ch *chat) writeLocked(s *Server, sign, text string) {
	for part := range strings.SplitSeq(text, "\n") {
		if line := s.lineLocked(sign, part); line.text != "" {
			ch.script = append(ch.script, line)
		}
	}
	if len(ch.script) > keptScript {
		ch.script = slices.Clone(ch.script[keptScript/2:])
	}
}

// writeFaultLocked writes down a fault that the dialogue format has a word for.
func (s *Server) writeFaultLocked(f Fault) {
	text := map[FaultKind]string{TooManyRequests: fmt.Sprint("429 ", f.RetryAfter), ServerError: "500", ResetAfter: "reset"}[f.Kind]
	if text != "" && f.Times == 1 && f.Method == "" && f.ChatID == 0 && f.After == 0 {
		s.noteLocked(text)
	}
}

// noteLocked writes down what happens to everybody.
func (s *Server) noteLocked(text string) {
	s.script = append(s.script, s.lineLocked("!", text))
	if len(s.script) > keptScript {
		s.script = slices.Clone(s.script[keptScript/2:])
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
	text, buttons := m.written()
	ch.writeLocked(s, "<", text+"\n"+buttons)
}

// written is a message of the bot as a dialogue has it: its text, and its
// buttons in one line.
func (m *message) written() (text, buttons string) {
	text = m.Text
	for _, file := range []struct {
		kind string
		*wire.Media
	}{{"document", m.Document}, {"audio", m.Audio}, {"video", m.Video}, {"voice", m.Voice}} {
		if file.Media != nil {
			text = "{" + file.kind + " " + file.FileName + "}\n" + m.Caption
		}
	}
	if len(m.Photo) > 0 {
		text = "{photo}\n" + m.Caption
	}
	return text, strings.Join(m.labels(), " / ")
}

// rewriteLocked writes down what a message of the bot became, if it is the
// newest: a list that was paged, a keyboard that was toggled.
func (ch *chat) rewriteLocked(s *Server, before, m *message) {
	for i := len(ch.messages) - 1; i >= 0 && ch.messages[i] != m; i-- {
		if at := ch.messages[i]; !at.deleted && at.From != nil && at.From.IsBot {
			return
		}
	}
	oldText, oldButtons := before.written()
	text, buttons := m.written()
	switch {
	case text != oldText || buttons == "" && oldButtons != "":
		ch.writeLocked(s, "<", text+"\n"+buttons)
	case buttons != oldButtons:
		ch.writeLocked(s, "<", buttons)
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
	for _, b := range m.before { // the finger was on its way as the message was changed
		if b.CallbackData == data {
			label = b.Text
			break
		}
	}
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
