package entities

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/wire"
)

// What the server calls the entities in its complaints.
var markdownNames = map[string]string{
	"bold": "Bold", "italic": "Italic", "underline": "Underline", "strikethrough": "Strikethrough",
	"spoiler": "Spoiler", "code": "Code", "pre": "Pre", "text_link": "TextUrl", "custom_emoji": "CustomEmoji",
	"blockquote": "BlockQuote",
}

const reserved = "_*[]()~`>#+-=|{}.!\n"

// MarkdownV2 reads the MarkdownV2 style.
func MarkdownV2(text string) (string, []wire.Entity, error) {
	m := &markdownReader{text: text, lineStart: true}
	for m.i < len(m.text) {
		if err := m.step(); err != nil {
			return "", nil, err
		}
	}
	if m.quoting() {
		m.endQuote()
	}
	if n := len(m.open); n > 0 {
		last := m.open[n-1]
		name := markdownNames[last.kind]
		if last.kind == "pre" && last.argument != "" {
			name = "PreCode"
		}
		return "", nil, fmt.Errorf("Can't find end of %s entity at byte offset %d", name, last.at)
	}
	return m.out.String(), m.out.found, nil
}

type markdownReader struct {
	text      string
	i         int
	out       builder
	open      []span
	lineStart bool // a quote may begin here
}

func (m *markdownReader) has(prefix string) bool { return strings.HasPrefix(m.text[m.i:], prefix) }

func (m *markdownReader) last() *span {
	if len(m.open) == 0 {
		return &span{}
	}
	return &m.open[len(m.open)-1]
}

func (m *markdownReader) quoting() bool { return len(m.open) > 0 && m.open[0].kind == "blockquote" }

func (m *markdownReader) literal() {
	r, size := utf8.DecodeRuneInString(m.text[m.i:])
	m.out.add(r)
	m.i += size
	m.lineStart = false
}

func (m *markdownReader) step() error {
	c := m.text[m.i]
	if c == '\\' && m.i+1 < len(m.text) && m.text[m.i+1] > 0 && m.text[m.i+1] <= 126 {
		m.i++
		m.literal()
		return nil
	}
	special := reserved
	if kind := m.last().kind; kind == "code" || kind == "pre" {
		special = "`"
	}
	if !strings.ContainsRune(special, rune(c)) {
		m.literal()
		return nil
	}
	if c == '\n' {
		m.newline()
		return nil
	}
	if marker, ok := m.ends(); ok {
		return m.close(marker)
	}
	return m.begin(c)
}

func (m *markdownReader) newline() {
	m.literal()
	m.lineStart = true
	if m.quoting() && !m.has(">") && len(m.open) == 1 {
		m.endQuote()
	}
}

// endQuote closes the quote at the end of its line; "||" at that end makes it
// expandable.
func (m *markdownReader) endQuote() {
	if n := len(m.open); n == 2 && m.open[1].kind == "spoiler" && m.open[1].offset >= m.out.units-1 {
		m.open = m.open[:1]
		m.open[0].argument = "1"
	}
	if len(m.open) != 1 {
		return
	}
	s := m.open[0]
	m.open = nil
	e := wire.Entity{Type: "blockquote", Offset: s.offset, Length: m.out.units - s.offset}
	if s.argument != "" {
		e.Type = "expandable_blockquote"
	}
	if strings.HasSuffix(m.out.String(), "\n") {
		e.Length--
	}
	if e.Length > 0 {
		m.out.found = append(m.out.found, e)
	}
}

// ends reports whether the entity that is open ends here, and its marker.
func (m *markdownReader) ends() (string, bool) {
	switch m.last().kind {
	case "bold":
		return "*", m.has("*")
	case "italic":
		return "_", m.has("_") && !m.has("__")
	case "underline":
		return "__", m.has("__")
	case "strikethrough":
		return "~", m.has("~")
	case "spoiler":
		return "||", m.has("||")
	case "code":
		return "`", m.has("`")
	case "pre":
		return "```", m.has("```")
	case "text_link", "custom_emoji":
		return "]", m.has("]")
	}
	return "", false
}

func (m *markdownReader) begin(c byte) error {
	at := m.i
	kind, argument := "", ""
	switch {
	case m.has("__"):
		kind, m.i = "underline", m.i+2
	case c == '_':
		kind, m.i = "italic", m.i+1
	case c == '*':
		kind, m.i = "bold", m.i+1
	case c == '~':
		kind, m.i = "strikethrough", m.i+1
	case m.has("||"):
		kind, m.i = "spoiler", m.i+2
	case c == '[':
		kind, m.i = "text_link", m.i+1
	case m.has("!["):
		kind, m.i = "custom_emoji", m.i+2
	case m.has("```"):
		kind, m.i = "pre", m.i+3
		argument = m.language()
	case c == '`':
		kind, m.i = "code", m.i+1
	case c == '>' && m.lineStart && (len(m.open) == 0 || m.quoting()):
		m.i++
		m.lineStart = false
		if m.quoting() {
			return nil
		}
		kind = "blockquote"
	default:
		if kind := m.last().kind; kind == "code" || kind == "pre" {
			m.literal()
			return nil
		}
		return fmt.Errorf("Character '%c' is reserved and must be escaped with the preceding '\\'", c)
	}
	m.lineStart = false
	m.open = append(m.open, span{kind, argument, m.out.units, m.out.Len(), at})
	return nil
}

// language reads the word after ``` and skips one line break.
func (m *markdownReader) language() string {
	end := m.i
	for end < len(m.text) && !isSpace(m.text[end]) && m.text[end] != '`' {
		end++
	}
	word := ""
	if end > m.i && end < len(m.text) && m.text[end] != '`' {
		word, m.i = m.text[m.i:end], end
	}
	if m.has("\r\n") {
		m.i++
	}
	if m.has("\n") {
		m.i++
	}
	return word
}

func (m *markdownReader) close(marker string) error {
	m.i += len(marker)
	s := *m.last()
	m.open = m.open[:len(m.open)-1]
	e := wire.Entity{Type: s.kind, Offset: s.offset, Length: m.out.units - s.offset}
	keep := e.Length > 0
	switch s.kind {
	case "pre":
		e.Language = s.argument
	case "text_link", "custom_emoji":
		target, given, err := m.target()
		if err != nil {
			return err
		}
		if s.kind == "custom_emoji" {
			if !given {
				return errors.New("The entity must contain a tg://emoji or tg://time URL")
			}
			id, ok := strings.CutPrefix(target, "tg://emoji?id=")
			if !ok {
				return errors.New("Invalid tg://emoji or tg://time URL specified")
			}
			e.CustomEmojiID = id
			break
		}
		if !given {
			target = m.out.String()[s.begin:]
		}
		keep = setLink(&e, target) && keep
	}
	if keep {
		m.out.found = append(m.out.found, e)
	}
	return nil
}

// target reads the (address) after a link's text.
func (m *markdownReader) target() (string, bool, error) {
	if !m.has("(") {
		return "", false, nil
	}
	m.i++
	begin := m.i
	var to strings.Builder
	for m.i < len(m.text) && m.text[m.i] != ')' {
		if m.text[m.i] == '\\' && m.i+1 < len(m.text) && m.text[m.i+1] <= 126 {
			m.i++
		}
		to.WriteByte(m.text[m.i])
		m.i++
	}
	if m.i >= len(m.text) {
		return "", false, fmt.Errorf("Can't find end of a URL at byte offset %d", begin)
	}
	m.i++
	return to.String(), true, nil
}

// Markdown reads the old Markdown style, in which nothing nests.
func Markdown(text string) (string, []wire.Entity, error) {
	var out builder
	for i := 0; i < len(text); {
		c := text[i]
		if c == '\\' && i+1 < len(text) && strings.IndexByte("_*`[", text[i+1]) >= 0 {
			out.add(rune(text[i+1]))
			i += 2
			continue
		}
		if strings.IndexByte("_*`[", c) < 0 {
			r, size := utf8.DecodeRuneInString(text[i:])
			out.add(r)
			i += size
			continue
		}
		size, err := oldEntity(&out, text, i)
		if err != nil {
			return "", nil, err
		}
		i += size
	}
	return out.String(), out.found, nil
}

// oldEntity reads one entity that begins at i, and tells its length.
func oldEntity(out *builder, text string, i int) (int, error) {
	rest := text[i:]
	kind, open, end := "", rest[:1], rest[:1]
	switch {
	case strings.HasPrefix(rest, "```"):
		kind, open, end = "pre", "```", "```"
	case rest[0] == '`':
		kind = "code"
	case rest[0] == '*':
		kind = "bold"
	case rest[0] == '_':
		kind = "italic"
	default:
		kind, end = "text_link", "]"
	}
	body, after, found := strings.Cut(rest[len(open):], end)
	if !found {
		return 0, fmt.Errorf("Can't find end of the entity starting at byte offset %d", i)
	}
	size := len(open) + len(body) + len(end)
	e := wire.Entity{Type: kind, Offset: out.units}
	switch kind {
	case "pre":
		line, more, multi := strings.Cut(body, "\n")
		if multi && !strings.ContainsAny(line, " \t") {
			e.Language, body = line, more
		}
	case "text_link":
		target := body
		if strings.HasPrefix(after, "(") {
			to, _, ok := strings.Cut(after[1:], ")")
			if ok {
				target = to
				size += len(to) + 2
			}
		}
		if !setLink(&e, target) {
			kind = ""
		}
	}
	for _, r := range body {
		out.add(r)
	}
	e.Length = out.units - e.Offset
	if e.Length > 0 && kind != "" {
		out.found = append(out.found, e)
	}
	return size, nil
}
