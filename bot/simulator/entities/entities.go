package entities

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"example.org/fieldbot/bot/simulator/wire"
)

func isAlnum(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// Units counts the UTF-16 code units of a text.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// setLink makes a text_link or a text_mention; it reports false for an
// address that cannot be opened, which the server passes over in silence.
func setLink(e *wire.Entity, target string) bool {
	if rest, ok := strings.CutPrefix(target, "tg://user?id="); ok {
		id, err := strconv.ParseInt(rest, 10, 64)
		if err != nil || id <= 0 {
			return false
		}
		e.Type, e.User = "text_mention", &wire.User{ID: id}
		return true
	}
	checked, err := CheckLink(target)
	e.Type, e.URL = "text_link", checked
	return err == nil
}

// Why an address is none, as the server says it.
var (
	errNoHost   = errors.New("URL host is empty")
	errProtocol = errors.New("Unsupported URL protocol")
	errNotHTTP  = errors.New("Wrong HTTP URL")
)

// CheckLink completes an address as the server does, or tells in the server's
// words why it is none: http and https by default, tg and ton as well.
func CheckLink(link string) (string, error) {
	if link == "" {
		return "", errNoHost
	}
	if !strings.Contains(link, "://") {
		link = "http://" + link
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", errNotHTTP
	}
	switch strings.ToLower(u.Scheme) {
	case "tg", "ton", "tonsite", "http", "https":
	default:
		return "", errProtocol
	}
	if u.Host == "" {
		return "", errNoHost
	}
	if !strings.HasPrefix(strings.ToLower(u.Scheme), "http") {
		return link, nil
	}
	if host := u.Hostname(); !strings.Contains(host, ".") && host != "localhost" {
		return "", errNotHTTP
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), nil
}

// Check tells in the server's words what is wrong with marks that were given
// beside a text; how far it is counted in UTF-16.
func Check(text string, marks []wire.Entity) error {
	starts := map[int]bool{}
	total := 0
	for _, r := range text {
		starts[total] = true
		total += utf16.RuneLen(r)
	}
	starts[total] = true
	for _, e := range marks {
		from, to := e.Offset, e.Offset+e.Length
		switch {
		case from < 0 || from > maxOffset:
			return fmt.Errorf("receive an entity with incorrect offset %d", from)
		case e.Length < 0 || e.Length > maxOffset:
			return fmt.Errorf("receive an entity with incorrect length %d", e.Length)
		case e.Length == 0:
		case from > total:
			return fmt.Errorf("entity begins after the end of the text at UTF-16 offset %d", from)
		case !starts[from]:
			return fmt.Errorf("entity begins in a middle of a UTF-16 symbol at UTF-16 offset %d", from)
		case to > total:
			return fmt.Errorf("entity beginning at UTF-16 offset %d ends after the end of the text at UTF-16 offset %d", from, to)
		case !starts[to]:
			return fmt.Errorf("entity beginning at UTF-16 offset %d ends in a middle of a UTF-16 symbol at UTF-16 offset %d", from, to)
		}
	}
	return nil
}

// maxOffset is the largest offset and length that a mark may have.
const maxOffset = 1_000_000

// What is found in a text without any marks. The groups matter: group 1 is the
// entity.
var finders = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{"bot_command", regexp.MustCompile(`(?:^|[^\pL\pN_/<>])(/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?)(?:$|[^\pL\pN_/<>])`)},
	{"email", regexp.MustCompile(`(?:^|[^\pL\pN_.+-])([a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*\.[a-zA-Z]{2,})(?:$|[^\pL\pN])`)},
	{"url", regexp.MustCompile(`(?:^|[^\pL\pN@._-])((?:https?://|tg://)[^\s<>"']*[^\s<>"'.,;:!?)\]]|(?:www\.|t\.me/)[^\s<>"']*[^\s<>"'.,;:!?)\]])`)},
	{"mention", regexp.MustCompile(`(?:^|[^\pL\pN_])(@[a-zA-Z0-9_]{4,32})(?:$|[^\pL\pN_@])`)},
	{"hashtag", regexp.MustCompile(`(?:^|[^\pL\pN_#])(#[\pL\pM\pN_]*[\pL\pM_][\pL\pM\pN_]*)(?:$|[^\pL\pM\pN_#])`)},
	{"phone_number", regexp.MustCompile(`(?:^|[^\pL\pN+])(\+\d[\d -]{6,16}\d)(?:$|[^\pL\pN])`)},
}

// Find finds what the server marks by itself: commands, addresses, mentions,
// hashtags and telephone numbers.
func Find(text string) []wire.Entity {
	var found []wire.Entity
	for _, f := range finders {
		for at := 0; at < len(text); {
			m := f.pattern.FindStringSubmatchIndex(text[at:])
			if m == nil {
				break
			}
			from, to := at+m[2], at+m[3]
			e := wire.Entity{Type: f.kind, Offset: Units(text[:from]), Length: Units(text[from:to])}
			if !overlaps(found, e) {
				found = append(found, e)
			}
			at = to
		}
	}
	Sort(found)
	return found
}

func overlaps(all []wire.Entity, e wire.Entity) bool {
	return slices.ContainsFunc(all, func(o wire.Entity) bool {
		return e.Offset < o.Offset+o.Length && o.Offset < e.Offset+e.Length
	})
}

// Sort puts entities in the order in which the server tells them: by offset,
// the longer first, then by kind.
func Sort(all []wire.Entity) {
	slices.SortStableFunc(all, func(a, b wire.Entity) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length),
			cmp.Compare(rank(a.Type), rank(b.Type)))
	})
}

// rank orders entities of the same place.
func rank(kind string) int {
	ranks := map[string]int{
		"blockquote": 0, "expandable_blockquote": 0, "pre": 11, "code": 20, "text_link": 49, "text_mention": 49,
		"bold": 90, "italic": 91, "underline": 92, "strikethrough": 93, "spoiler": 94, "custom_emoji": 99,
	}
	if r, ok := ranks[kind]; ok {
		return r
	}
	return 50
}

// Fix makes of a text and its marks what a message holds: control characters
// gone, white space at both ends trimmed, marks outside dropped, and what the
// server finds by itself added.
func Fix(text string, marks []wire.Entity) (string, []wire.Entity) {
	text, marks = clean(text, marks)
	left := len(text) - len(strings.TrimLeftFunc(text, trimmed))
	cut := Units(text[:left])
	text = strings.TrimRightFunc(text[left:], trimmed)
	total := Units(text)
	var kept []wire.Entity
	for _, e := range marks {
		from, to := max(e.Offset-cut, 0), min(e.Offset-cut+e.Length, total)
		if from >= to {
			continue
		}
		e.Offset, e.Length = from, to-from
		if e.Type == "code" {
			e.Language = ""
		}
		kept = append(kept, e)
	}
	kept = merge(kept)
	for _, e := range Find(text) {
		if !blocked(kept, e) {
			kept = append(kept, e)
		}
	}
	Sort(kept)
	return text, kept[:min(len(kept), maxEntities)]
}

// maxEntities of a message are kept; the server drops the others in silence.
const maxEntities = 100

func trimmed(r rune) bool { return r != '\u3164' && (unicode.IsSpace(r) || r == 0) }

// blocked reports whether a found entity would lie in code or cross a link.
func blocked(marks []wire.Entity, e wire.Entity) bool {
	for _, m := range marks {
		crossing := e.Offset < m.Offset+m.Length && m.Offset < e.Offset+e.Length
		if !crossing {
			continue
		}
		switch m.Type {
		case "code", "pre", "text_link", "text_mention", "custom_emoji":
			return true
		}
		if m.Offset > e.Offset && m.Offset < e.Offset+e.Length ||
			m.Offset+m.Length > e.Offset && m.Offset+m.Length < e.Offset+e.Length {
			return true
		}
	}
	return false
}

// merge joins neighbours of the same style and drops repeats.
func merge(all []wire.Entity) []wire.Entity {
	Sort(all)
	var out []wire.Entity
next:
	for _, e := range all {
		for i := range out {
			o := &out[i]
			if o.Type != e.Type || o.Offset+o.Length < e.Offset {
				continue
			}
			switch e.Type {
			case "bold", "italic", "underline", "strikethrough", "spoiler":
				o.Length = max(o.Length, e.Offset+e.Length-o.Offset)
				continue next
			}
			if o.Offset == e.Offset && o.Length == e.Length {
				continue next
			}
		}
		out = append(out, e)
	}
	return out
}

// clean drops what a message cannot hold; control characters become spaces.
// Marks keep their places since only carriage returns go.
func clean(text string, marks []wire.Entity) (string, []wire.Entity) {
	marks = slices.Clone(marks)
	var b strings.Builder
	units := 0
	for _, r := range text {
		switch {
		case r == '\r' || r == '\ufeff' || r >= 0x202a && r <= 0x202e:
			for i := range marks {
				if units < marks[i].Offset {
					marks[i].Offset--
				} else if units < marks[i].Offset+marks[i].Length {
					marks[i].Length--
				}
			}
			continue
		case r < ' ' && r != '\n':
			r = ' '
		}
		b.WriteRune(r)
		units += utf16.RuneLen(r)
	}
	return b.String(), marks
}
