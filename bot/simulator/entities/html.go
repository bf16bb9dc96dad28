// Package entities turns formatted text into plain text and entities, with
// the rules and the complaints of Telegram's server.
//
// Errors are the sentences that the server puts after "can't parse entities: ".
package entities

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/wire"
)

// A span is an entity that is open while the text is read.
type span struct {
	kind     string // the tag, or the marker
	argument string
	offset   int // UTF-16 units
	begin    int // bytes of the result
	at       int // bytes of the source
}

// A builder collects the plain text, counting in UTF-16 units.
type builder struct {
	strings.Builder
	units int
	found []wire.Entity
}

func (b *builder) add(r rune) {
	b.WriteRune(r)
	b.units++
	if r > 0xffff {
		b.units++
	}
}

// The tags that the server knows, and the entity that each makes.
var htmlTags = map[string]string{
	"a": "text_link", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strikethrough",
	"strike": "strikethrough", "del": "strikethrough", "u": "underline", "ins": "underline", "tg-spoiler": "spoiler",
	"tg-emoji": "custom_emoji", "tg-time": "date_time", "span": "spoiler", "pre": "pre", "code": "code",
	"blockquote": "blockquote",
}

// HTML reads the HTML style.
func HTML(text string) (string, []wire.Entity, error) {
	h := &htmlReader{text: text}
	if err := h.read(); err != nil {
		return "", nil, err
	}
	if h.broken {
		return "", nil, errors.New("Text contains invalid Unicode characters after decoding HTML entities, " +
			"check for unmatched surrogate code units")
	}
	return h.out.String(), h.out.found, nil
}

type htmlReader struct {
	text string
	i    int
	out  builder
	open []span

	broken bool // a character reference named half of a surrogate pair
}

// at is the byte at i; past the end it is 0, as in the server's C strings.
func (h *htmlReader) at(i int) byte {
	if i < len(h.text) {
		return h.text[i]
	}
	return 0
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0 || c == '\v'
}

func (h *htmlReader) read() error {
	for h.i < len(h.text) {
		switch h.text[h.i] {
		case '&':
			if r, size := htmlEntity(h.text[h.i:]); size > 0 {
				h.broken = h.broken || !utf8.ValidRune(r)
				h.out.add(r)
				h.i += size
				continue
			}
			h.out.add('&')
			h.i++
		case '<':
			var err error
			if h.at(h.i+1) == '/' {
				err = h.endTag()
			} else {
				err = h.startTag()
			}
			if err != nil {
				return err
			}
		default:
			r, size := utf8.DecodeRuneInString(h.text[h.i:])
			h.out.add(r)
			h.i += size
		}
	}
	if n := len(h.open); n > 0 {
		return fmt.Errorf("Can't find end tag corresponding to start tag \"%s\"", h.open[n-1].kind)
	}
	return nil
}

func (h *htmlReader) skipSpace() {
	for h.i < len(h.text) && isSpace(h.text[h.i]) {
		h.i++
	}
}

func (h *htmlReader) startTag() error {
	begin := h.i
	h.i++
	for !isSpace(h.at(h.i)) && h.at(h.i) != '>' {
		h.i++
	}
	if h.at(h.i) == 0 {
		return fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	name := strings.ToLower(h.text[begin+1 : h.i])
	if _, ok := htmlTags[name]; !ok {
		return fmt.Errorf("Unsupported start tag \"%s\" at byte offset %d", name, begin)
	}
	argument := ""
	for h.at(h.i) != '>' {
		h.skipSpace()
		if h.at(h.i) == '>' {
			break
		}
		attribute, value, err := h.attribute(name, begin)
		if err != nil {
			return err
		}
		if a, ok := tagArgument(name, attribute, value); ok {
			argument = a
		}
	}
	if name == "span" && argument != "spoiler" {
		return fmt.Errorf("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin)
	}
	if name == "tg-emoji" && argument == "" {
		return fmt.Errorf("Custom emoji entity at byte offset %d must have attribute \"emoji-id\"", begin)
	}
	if name == "tg-emoji" && !isEmojiID(argument) {
		return errors.New("Invalid custom emoji identifier specified")
	}
	h.i++
	h.open = append(h.open, span{name, argument, h.out.units, h.out.Len(), begin})
	return nil
}

// tagArgument is what an attribute means to its tag, if it means anything.
func tagArgument(tag, attribute, value string) (string, bool) {
	switch {
	case tag == "a" && attribute == "href", tag == "tg-emoji" && attribute == "emoji-id":
		return value, true
	case tag == "code" && attribute == "class" && strings.HasPrefix(value, "language-"):
		return strings.TrimPrefix(value, "language-"), true
	case tag == "span" && attribute == "class" && strings.HasPrefix(value, "tg-"):
		return strings.TrimPrefix(value, "tg-"), true
	case tag == "blockquote" && attribute == "expandable":
		return "1", true
	}
	return "", false
}

func (h *htmlReader) attribute(tag string, begin int) (name, value string, err error) {
	start := h.i
	for !isSpace(h.at(h.i)) && h.at(h.i) != '=' && h.at(h.i) != '>' && h.at(h.i) != '/' &&
		h.at(h.i) != '"' && h.at(h.i) != '\'' {
		h.i++
	}
	name = h.text[start:h.i]
	if name == "" {
		return "", "", fmt.Errorf("Empty attribute name in the tag \"%s\" at byte offset %d", tag, begin)
	}
	h.skipSpace()
	if h.at(h.i) != '=' {
		if h.at(h.i) == 0 {
			return "", "", fmt.Errorf("Unclosed start tag \"%s\" at byte offset %d", tag, begin)
		}
		return name, "", nil
	}
	h.i++
	h.skipSpace()
	if h.at(h.i) == 0 {
		return "", "", fmt.Errorf("Unclosed start tag \"%s\" at byte offset %d", tag, begin)
	}
	if quote := h.at(h.i); quote == '"' || quote == '\'' {
		value = h.quoted(quote)
	} else {
		start := h.i
		for c := h.at(h.i); c == '.' || c == '-' || c < 0x80 && isAlnum(rune(c)); c = h.at(h.i) {
			h.i++
		}
		value = strings.ToLower(h.text[start:h.i])
		if !isSpace(h.at(h.i)) && h.at(h.i) != '>' {
			return "", "", fmt.Errorf("Unexpected end of name token at byte offset %d", start)
		}
	}
	if h.at(h.i) == 0 {
		return "", "", fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	return name, value, nil
}

func (h *htmlReader) quoted(quote byte) string {
	var value strings.Builder
	h.i++
	for h.i < len(h.text) && h.text[h.i] != quote {
		if r, size := htmlEntity(h.text[h.i:]); size > 0 {
			value.WriteRune(r)
			h.i += size
			continue
		}
		value.WriteByte(h.text[h.i])
		h.i++
	}
	if h.at(h.i) == quote {
		h.i++
	}
	return value.String()
}

func (h *htmlReader) endTag() error {
	begin := h.i
	if len(h.open) == 0 {
		return fmt.Errorf("Unexpected end tag at byte offset %d", begin)
	}
	for !isSpace(h.at(h.i)) && h.at(h.i) != '>' {
		h.i++
	}
	found := h.text[begin+2 : h.i]
	h.skipSpace()
	if h.at(h.i) != '>' {
		return fmt.Errorf("Unclosed end tag at byte offset %d", begin)
	}
	h.i++
	last := h.open[len(h.open)-1]
	if found != "" && found != last.kind {
		return fmt.Errorf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"",
			begin, last.kind, found)
	}
	h.open = h.open[:len(h.open)-1]
	h.close(last)
	return nil
}

// close notes the entity of a tag that ended; an empty one leaves no trace.
func (h *htmlReader) close(s span) {
	length := h.out.units - s.offset
	if length == 0 {
		return
	}
	e := wire.Entity{Type: htmlTags[s.kind], Offset: s.offset, Length: length}
	switch s.kind {
	case "a":
		target := s.argument
		if target == "" {
			target = h.out.String()[s.begin:]
		}
		if !setLink(&e, target) {
			return
		}
	case "tg-emoji":
		e.CustomEmojiID = s.argument
	case "tg-time":
		return // shown as its text
	case "blockquote":
		if s.argument != "" {
			e.Type = "expandable_blockquote"
		}
	case "code", "pre":
		e.Language = s.argument
		if h.joinCode(e) {
			return
		}
		e.Language = ""
		if s.kind == "code" && s.argument != "" {
			// Kept until a surrounding pre claims it; dropped at the end.
			e.Language = s.argument
		}
	}
	h.out.found = append(h.out.found, e)
}

// joinCode makes one entity of a code with a language right inside a pre.
func (h *htmlReader) joinCode(e wire.Entity) bool {
	n := len(h.out.found)
	if n == 0 {
		return false
	}
	last := &h.out.found[n-1]
	if last.Offset != e.Offset || last.Length != e.Length || last.Type == e.Type {
		return false
	}
	if e.Type == "pre" && last.Type == "code" && last.Language != "" {
		last.Type = "pre"
		return true
	}
	if e.Type == "code" && last.Type == "pre" && e.Language != "" {
		last.Language = e.Language
		return true
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// htmlEntity reads a character reference: four names and the numeric ones.
// Others stay as they are.
func htmlEntity(s string) (rune, int) {
	if len(s) == 0 || s[0] != '&' {
		return 0, 0
	}
	for name, r := range map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"'} {
		if strings.HasPrefix(s[1:], name) {
			n := 1 + len(name)
			if n < len(s) && s[n] == ';' {
				n++
			} else if n < len(s) && isLetter(s[n]) {
				return 0, 0
			}
			return r, n
		}
	}
	if !strings.HasPrefix(s, "&#") {
		return 0, 0
	}
	base, digits := 10, s[2:]
	if strings.HasPrefix(digits, "x") || strings.HasPrefix(digits, "X") {
		base, digits = 16, digits[1:]
	}
	end := 0
	for end < len(digits) {
		if _, err := strconv.ParseUint(digits[end:end+1], base, 8); err != nil {
			break
		}
		end++
	}
	n, err := strconv.ParseUint(digits[:end], base, 32)
	if err != nil || n == 0 || n >= 0x10ffff {
		return 0, 0
	}
	size := len(s) - len(digits) + end
	if size < len(s) && s[size] == ';' {
		size++
	}
	return rune(n), size
}

// isEmojiID reports whether a text can be the identifier of a custom emoji.
func isEmojiID(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n != 0
}
