package locales

import (
	"fmt"
	"regexp"
	"strings"
)

// A pattern is a message taken apart once, so that filling it in is cheap.
type pattern []part

// A part is a literal, in both spellings, or a name to put in.
type part struct {
	text, marked string
	name         string
}

var (
	holes = regexp.MustCompile(`\{\{\s*\.([A-Za-z]+)\s*\}\}`)
	tags  = regexp.MustCompile(`</?(b|i|code)>`)
)

func newPattern(s string) (pattern, error) {
	var p pattern
	end := 0
	add := func(lit string) error {
		bare := tags.ReplaceAllString(lit, "")
		if strings.ContainsAny(bare, "<>&") || strings.Contains(bare, "{{") {
			return fmt.Errorf("only <b>, <i>, <code> and {{.Name}} may stand in a text: %q", lit)
		}
		p = append(p, part{text: bare, marked: lit})
		return nil
	}
	for _, m := range holes.FindAllStringSubmatchIndex(s, -1) {
		if err := add(s[end:m[0]]); err != nil {
			return nil, err
		}
		p = append(p, part{name: s[m[2]:m[3]]})
		end = m[1]
	}
	return p, add(s[end:])
}

func (p pattern) plain(l *locale, args Args) string {
	var b strings.Builder
	for _, q := range p {
		if q.name == "" {
			b.WriteString(q.text)
		} else {
			b.WriteString(l.format.arg(args[q.name]))
		}
	}
	return b.String()
}

func (p pattern) html(l *locale, args Args) string {
	var b strings.Builder
	for _, q := range p {
		if q.name == "" {
			b.WriteString(q.marked)
			continue
		}
		if s, ok := args[q.name].(Safe); ok {
			b.WriteString(string(s))
		} else {
			b.WriteString(Escape(l.format.arg(args[q.name])))
		}
	}
	return b.String()
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Escape makes a text safe to stand in Telegram HTML.
func Escape(s string) string { return escaper.Replace(s) }
