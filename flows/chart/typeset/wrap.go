package typeset

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Lao writes its vowels around the consonant and no spaces between words. These
// are the signs by which a place between syllables is known without a
// dictionary: a syllable begins at a leading vowel and ends after these.
const (
	leadingVowels = "ເແໂໃໄ"
	syllableEnds  = "ະຳໆ"
	// following never begin a line: they belong to the letter before.
	following = "ະາຳຽໆຯ"
)

// Wrap breaks s into lines that are at most width wide: at spaces and zero-width
// spaces first, then between Lao syllables, and inside a long word between
// letters, but never between a letter and its marks. A line break in s is kept.
// What does not fit in max lines ends in "…"; max 0 is without limit. There is
// always at least one line.
func Wrap(s string, style Style, size, width float64, max int) []Line {
	setter := setters.Get().(*setter)
	defer setters.Put(setter)
	w := wrapper{setter: setter, style: style, size: size, width: width}
	for _, paragraph := range strings.Split(norm.NFC.String(s), "\n") {
		w.paragraph(paragraph)
	}
	if max > 0 && len(w.lines) > max {
		w.lines = append(w.lines[:max-1], w.shorten(w.lines[max-1]))
	}
	lines := make([]Line, len(w.lines))
	for i, text := range w.lines {
		lines[i] = setter.set(text, style, size)
	}
	return lines
}

// WrapEven is Wrap with lines of about one length, for headings: no word stands
// alone on the last one.
func WrapEven(s string, style Style, size, width float64, max int) []Line {
	lines := Wrap(s, style, size, width, max)
	if len(lines) < 2 || len(lines) == max && len(Wrap(s, style, size, width, 0)) > max {
		return lines
	}
	narrow := width / float64(len(lines))
	for range 6 {
		middle := (narrow + width) / 2
		if even := Wrap(s, style, size, middle, 0); len(even) == len(lines) && fit(even, middle) {
			lines, width = even, middle
		} else {
			narrow = middle
		}
	}
	return lines
}

func fit(lines []Line, width float64) bool {
	for _, l := range lines {
		if l.Width > width {
			return false
		}
	}
	return true
}

// A piece is text between two places where a line may break.
type piece struct {
	text  string
	space bool // a space ends it: the better place to break
}

type wrapper struct {
	setter      *setter
	style       Style
	size, width float64
	lines       []string
}

func (w *wrapper) measure(s string) float64 { return w.setter.set(s, w.style, w.size).Width }

func (w *wrapper) paragraph(s string) {
	var line []piece
	used := 0.0
	flush := func(n int) {
		w.lines = append(w.lines, strings.TrimSpace(join(line[:n])))
		line = append([]piece(nil), line[n:]...)
		used = w.measure(join(line))
	}
	for _, p := range w.cut(pieces(s)) {
		for len(line) > 0 && used+w.measure(strings.TrimRight(p.text, " ")) > w.width {
			flush(w.place(line))
		}
		line = append(line, p)
		used += w.measure(p.text)
	}
	flush(len(line))
}

// place returns after how many pieces a full line breaks best: at the last
// space, unless that leaves the line half empty.
func (w *wrapper) place(line []piece) int {
	for n := len(line); n > 0; n-- {
		if line[n-1].space {
			if n == len(line) || w.measure(join(line[:n])) > 0.6*w.width {
				return n
			}
			break
		}
	}
	return len(line)
}

// cut breaks pieces that are wider than a line between their letters.
func (w *wrapper) cut(list []piece) []piece {
	var out []piece
	for _, p := range list {
		if w.measure(strings.TrimRight(p.text, " ")) <= w.width {
			out = append(out, p)
			continue
		}
		part := ""
		for _, c := range clusters(p.text) {
			if part != "" && w.measure(part+strings.TrimRight(c, " ")) > w.width {
				out = append(out, piece{text: part})
				part = ""
			}
			part += c
		}
		out = append(out, piece{part, p.space})
	}
	return out
}

// shorten returns the line with as many letters as leave room for "…".
func (w *wrapper) shorten(s string) string {
	list := clusters(s)
	for len(list) > 0 && w.measure(strings.Join(list, "")+"…") > w.width {
		list = list[:len(list)-1]
	}
	return strings.TrimRight(strings.Join(list, ""), " ,;–-") + "…"
}

func join(list []piece) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.text)
	}
	return b.String()
}

// pieces cuts a paragraph wherever a line may break.
func pieces(s string) []piece {
	var out []piece
	rest := []rune(s)
	start := 0
	for i := 1; i <= len(rest); i++ {
		if i < len(rest) && !mayBreak(rest[i-1], rest[i]) {
			continue
		}
		text := strings.ReplaceAll(string(rest[start:i]), "\u200b", "")
		out = append(out, piece{text, unicode.IsSpace(rest[i-1])})
		start = i
	}
	return out
}

// mayBreak reports whether a line may break between two letters.
func mayBreak(a, b rune) bool {
	switch {
	case a == '\u00a0' || b == '\u00a0' || unicode.IsSpace(b):
		return false
	case unicode.IsSpace(a) || a == '\u200b':
		return true
	case clings(a, b):
		return false
	case a == '-' || a == '–' || a == '/':
		return unicode.IsLetter(b)
	case strings.ContainsRune(leadingVowels, b):
		return isLao(a)
	case strings.ContainsRune(syllableEnds, a):
		return isLao(b)
	}
	return false
}

// clings reports whether b stays with a: a mark, a vowel written after its
// consonant, a consonant after its leading vowel.
func clings(a, b rune) bool {
	return unicode.Is(unicode.M, b) || strings.ContainsRune(following, b) || strings.ContainsRune(leadingVowels, a) ||
		a == '\u200d' || b == '\u200d'
}

func isLao(r rune) bool { return unicode.Is(unicode.Lao, r) && !unicode.IsDigit(r) }

// clusters cuts text into letters with all that clings to them.
func clusters(s string) []string {
	var out []string
	var last rune
	for i, r := range s {
		if i > 0 && clings(last, r) {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		last = r
	}
	return out
}
