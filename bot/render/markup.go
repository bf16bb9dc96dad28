package render

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarkup bounds the texts in which mark-up is looked for, in bytes.
const maxMarkup = 16 << 10

// Escape makes any text safe in Telegram HTML.
func Escape(s string) string {
	if !strings.ContainsAny(s, "&<>") {
		return s
	}
	return escaper.Replace(s)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Markup turns a text of a form into Telegram HTML. Forms may use a little
// Markdown and a few tags (https://docs.getodk.org/form-styling/); what is
// neither stays as it is, escaped, so the result can always be parsed.
func Markup(s string) string {
	if !strings.ContainsAny(s, "*_#[<>&\\") {
		return s
	}
	if len(s) > maxMarkup {
		return Escape(unquoted.Replace(s))
	}
	lines := strings.Split(lineBreak.ReplaceAllString(s, "\n"), "\n")
	for i, l := range lines {
		if rest := strings.TrimLeft(l, "#"); rest != l && len(l)-len(rest) <= 6 && strings.HasPrefix(rest, " ") {
			lines[i] = "**" + strings.TrimSpace(rest) + "**"
		}
	}
	m := marker{budget: 2000}
	m.inline(strings.Join(lines, "\n"), 0)
	return m.b.String()
}

// Plain is a text of a form without mark-up, as a button shows it.
func Plain(s string) string {
	if strings.ContainsAny(s, "*_#[<>&\\") {
		s = html.UnescapeString(dropTags(Markup(s)))
	}
	return strings.Join(strings.Fields(s), " ")
}

// Text is Telegram HTML as plain text, its lines kept.
func Text(htm string) string { return html.UnescapeString(dropTags(htm)) }

// dropTags removes the tags of HTML that Markup made.
func dropTags(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		j := strings.IndexByte(s[i:], '>')
		if j < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i+j+1:]
	}
	b.WriteString(s)
	return b.String()
}

// Quote writes what a person wrote so that Markup shows it as it is.
func Quote(s string) string {
	if !strings.ContainsAny(s, `\*_#[]<>&`) {
		return s
	}
	return quoted.Replace(s)
}

var (
	quoted   = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `_`, `\_`, `#`, `\#`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`, `&`, `\&`)
	unquoted = strings.NewReplacer(`\\`, `\`, `\*`, `*`, `\_`, `_`, `\#`, `#`, `\[`, `[`, `\]`, `]`, `\<`, `<`, `\>`, `>`, `\&`, `&`)
)

// A marker writes HTML. Each search for a closing mark costs one of the budget,
// so that a text made of nothing but opening ones ends soon.
type marker struct {
	b      strings.Builder
	budget int
}

func (m *marker) inline(s string, depth int) {
	var before rune = ' '
	for s != "" {
		if n := m.special(s, before, depth); n > 0 {
			before, _ = utf8.DecodeLastRuneInString(s[:n])
			s = s[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		m.b.WriteString(Escape(s[:n]))
		before, s = r, s[n:]
	}
}

// special writes the mark-up that s begins with and returns its length, 0 if it
// begins with none.
func (m *marker) special(s string, before rune, depth int) int {
	if depth > 8 || m.budget <= 0 {
		return 0
	}
	switch s[0] {
	case '\\':
		if len(s) > 1 && strings.IndexByte(`\*_#[]()<>&`, s[1]) >= 0 {
			m.b.WriteString(Escape(s[1:2]))
			return 2
		}
	case '*', '_':
		return m.emphasis(s, before, depth)
	case '[':
		return m.link(s, depth)
	case '<':
		return m.tag(s, depth)
	case '&':
		return m.entity(s)
	}
	return 0
}

func (m *marker) emphasis(s string, before rune, depth int) int {
	mark, tag := s[:1], "i"
	if len(s) > 1 && s[1] == s[0] {
		mark, tag = s[:2], "b"
	}
	if mark[0] == '_' && word(before) {
		return 0 // snake_case
	}
	inner := s[len(mark):]
	if r, _ := utf8.DecodeRuneInString(inner); inner == "" || unicode.IsSpace(r) {
		return 0
	}
	for from := 0; ; {
		m.budget--
		i := strings.Index(inner[from:], mark)
		if i < 0 || m.budget <= 0 {
			return 0
		}
		i += from
		last, _ := utf8.DecodeLastRuneInString(inner[:i])
		next, _ := utf8.DecodeRuneInString(inner[i+len(mark):])
		// a single mark next to another one is half of a double one
		half := len(mark) == 1 && i+1 < len(inner) && inner[i+1] == mark[0]
		if i > 0 && last != '\\' && !unicode.IsSpace(last) && !half && !(mark[0] == '_' && word(next)) {
			m.wrap(tag, inner[:i], depth)
			return len(mark) + i + len(mark)
		}
		from = i + len(mark)
		if half {
			from++
		}
		if from >= len(inner) {
			return 0
		}
	}
}

func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func (m *marker) wrap(tag, inner string, depth int) {
	m.b.WriteString("<" + tag + ">")
	m.inline(inner, depth+1)
	m.b.WriteString("</" + tag + ">")
}

func (m *marker) link(s string, depth int) int {
	m.budget--
	i := strings.Index(s, "](")
	if i < 2 || strings.Contains(s[1:i], "[") {
		return 0
	}
	j := strings.IndexByte(s[i:], ')')
	if j < 0 {
		return 0
	}
	url := unquoted.Replace(s[i+2 : i+j])
	if !safeURL(url) {
		return 0
	}
	m.b.WriteString(`<a href="` + html.EscapeString(url) + `">`)
	m.inline(s[1:i], depth+9) // no mark-up and no second link inside
	m.b.WriteString("</a>")
	return i + j + 1
}

func safeURL(url string) bool {
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:", "tg://"} {
		if len(url) > len(scheme) && strings.EqualFold(url[:len(scheme)], scheme) {
			return !strings.ContainsAny(url, " \n\t\"<>")
		}
	}
	return false
}

// indexFold finds an ASCII word whatever its case.
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i] == '<' && strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// entity writes what an HTML entity stands for; Telegram knows only four.
func (m *marker) entity(s string) int {
	i := strings.IndexByte(s, ';')
	if i < 2 || i > 10 {
		return 0
	}
	if text := html.UnescapeString(s[:i+1]); text != s[:i+1] {
		m.b.WriteString(Escape(text))
		return i + 1
	}
	return 0
}
