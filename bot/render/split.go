package render

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how long a message may be, in UTF-16 units of what is shown.
const MaxText = 4096

// MaxCaption is how long a text below a file may be, in the same units.
const MaxCaption = 1024

// maxRaw is how many bytes of HTML Telegram parses.
const maxRaw = 30 << 10

// Split cuts Telegram HTML into messages of at most limit UTF-16 units: never
// inside a tag, an entity or a cluster of letters that belong together, after a
// line or a word where it can. Formats that are open at a cut go on behind it.
func Split(s string, limit int) []string {
	if len(s) <= limit { // bytes are never fewer than units
		return []string{s}
	}
	var sp splitter
	sp.limit = limit
	for s != "" {
		n := token(s)
		sp.add(s[:n])
		s = s[n:]
	}
	sp.flush()
	if len(sp.parts) == 0 {
		return []string{""}
	}
	return sp.parts
}

// token is the length of the tag, entity or cluster that s begins with.
func token(s string) int {
	switch s[0] {
	case '<':
		if i := strings.IndexByte(s, '>'); i > 0 {
			return i + 1
		}
	case '&':
		if i := strings.IndexByte(s, ';'); i > 0 && i < 12 {
			return i + 1
		}
	}
	return cluster(s)
}

// cluster is the length of the letters at the head of s that are one to the
// eye: with the marks above and below, and in Lao and Thai with the vowel
// written before a consonant and what is written after it.
func cluster(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if leading(r) && n < len(s) {
		if next, k := utf8.DecodeRuneInString(s[n:]); unicode.Is(unicode.Lo, next) {
			r, n = next, n+k
		}
	}
	flag := regional(r)
	for n < len(s) && n < 64 {
		next, k := utf8.DecodeRuneInString(s[n:])
		switch {
		case unicode.In(next, unicode.Mn, unicode.Mc, unicode.Me), trailing(next),
			next == 0x200D, next == 0xFE0F, next >= 0x1F3FB && next <= 0x1F3FF:
		case r == 0x200D: // joined to what follows
		case flag && regional(next):
			flag = false
		default:
			return n
		}
		r, n = next, n+k
	}
	return n
}

func leading(r rune) bool  { return r >= 0x0EC0 && r <= 0x0EC4 || r >= 0x0E40 && r <= 0x0E44 }
func regional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// trailing tells vowels that are letters to Unicode but lean on the one before:
// Lao and Thai a, aa and am, and the sign of repetition.
func trailing(r rune) bool {
	switch r {
	case 0x0EB0, 0x0EB2, 0x0EB3, 0x0EBD, 0x0EC6, 0x0E30, 0x0E32, 0x0E33, 0x0E46:
		return true
	}
	return false
}

// Units counts the UTF-16 units of a text.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

type splitter struct {
	limit int
	parts []string
	part  strings.Builder
	units int
	open  []string // start tags that are open, outermost first

	// the last good place to cut: behind a line if possible, else behind a word
	cut      int
	cutUnits int
	cutOpen  []string
	cutLine  bool
}

func (sp *splitter) add(tok string) {
	switch {
	case len(tok) > 2 && strings.HasPrefix(tok, "</"):
		sp.part.WriteString(tok)
		if len(sp.open) > 0 {
			sp.open = sp.open[:len(sp.open)-1]
		}
		return
	case len(tok) > 2 && tok[0] == '<' && tok[len(tok)-1] == '>':
		sp.part.WriteString(tok)
		sp.open = append(sp.open[:len(sp.open):len(sp.open)], tok)
		return
	}
	units := 1
	if tok[0] != '&' || len(tok) == 1 {
		units = Units(tok)
	}
	if sp.units+units > sp.limit || sp.part.Len()+len(tok) > maxRaw {
		sp.breakHere()
	}
	sp.part.WriteString(tok)
	sp.units += units
	if line := tok == "\n"; line || (tok == " " && !(sp.cutLine && sp.cutUnits > sp.limit/2)) {
		sp.cut, sp.cutUnits, sp.cutOpen, sp.cutLine = sp.part.Len(), sp.units, sp.open, line
	}
}

// breakHere ends the part at the last good place, if that is not too far back,
// and begins the next with the rest.
func (sp *splitter) breakHere() {
	whole, rest, open := sp.part.String(), "", sp.open
	left := 0
	if sp.cutUnits > sp.limit/2 {
		rest, open = whole[sp.cut:], sp.cutOpen
		whole, left = whole[:sp.cut], sp.units-sp.cutUnits
	}
	sp.emit(whole, open)
	sp.part.Reset()
	sp.part.WriteString(strings.Join(open, ""))
	sp.part.WriteString(rest)
	sp.units, sp.cut, sp.cutUnits, sp.cutLine = left, 0, 0, false
}

func (sp *splitter) emit(part string, open []string) {
	part = strings.TrimRight(part, " \n")
	if strings.TrimSpace(dropTags(part)) == "" {
		return
	}
	for i := len(open) - 1; i >= 0; i-- {
		name := strings.Fields(strings.Trim(open[i], "<>") + " ")[0]
		part += "</" + name + ">"
	}
	sp.parts = append(sp.parts, part)
}

func (sp *splitter) flush() { sp.emit(sp.part.String(), sp.open) }
