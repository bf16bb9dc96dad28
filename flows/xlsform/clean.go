package xlsform

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var quotes = strings.NewReplacer(
	"\u2018", "'", "\u2019", "'", "\u201a", "'", "\u201b", "'",
	"\u201c", `"`, "\u201d", `"`, "\u201e", `"`, "\u201f", `"`,
)

// plain reports whether no step of cleaning would change s: printable ASCII
// without double blanks or blank ends. Most cells are, and need no copy.
func plain(s string) bool {
	blank := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

// sound gives a cell the form that everything after relies on: valid UTF-8 in
// NFC, newlines as \n, no control characters. Nothing visible is lost.
func sound(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r == '\uFEFF', r == '\uFFFE', r == '\uFFFF':
			return -1
		case r == '\u2028', r == '\u2029':
			return '\n'
		}
		return r
	}, s)
	return norm.NFC.String(s)
}

// cleanText tidies a cell that people read: blanks (also no-break ones) run
// together to one, ends trimmed, quotes straight. Line breaks stay. The zero
// width space stays too: Lao, Thai and Khmer texts mark words with it.
func cleanText(s string) string {
	if plain(s) {
		return s
	}
	return quotes.Replace(fold(s))
}

// cleanCode tidies a cell that the program reads: an expression, a name, a
// type. Here invisible characters are always slips of a word processor.
func cleanCode(s string) string {
	if plain(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u200b', '\u2060', '\u00ad', '\u200e', '\u200f':
			return -1
		}
		return r
	}, s)
	return quotes.Replace(fold(s))
}

// cleanEnds is for authors who switched cleaning off: blanks at the ends of a
// cell mean nothing even then, as for ODK's compiler.
func cleanEnds(s string) string { return strings.TrimSpace(s) }

// fold runs blanks together, except that a run with line breaks keeps these.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank, breaks := false, 0
	for _, r := range s {
		if r == '\n' {
			breaks++
			continue
		}
		if unicode.IsSpace(r) {
			blank = true
			continue
		}
		if b.Len() > 0 {
			if breaks > 0 {
				for range breaks {
					b.WriteByte('\n')
				}
			} else if blank {
				b.WriteByte(' ')
			}
		}
		blank, breaks = false, 0
		b.WriteRune(r)
	}
	return b.String()
}

// oneLine is for headers and sheet names.
func oneLine(s string) string {
	return strings.Join(strings.Fields(cleanCode(sound(s))), " ")
}

// utf8Prefix cuts s to at most n bytes at a character, for messages.
func utf8Prefix(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
