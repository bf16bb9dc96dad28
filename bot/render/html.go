package render

import (
	"html"
	"regexp"
	"strings"
)

// tags maps the tags that forms use to Telegram's; "" keeps only the content.
var tags = map[string]string{
	"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "ins": "u", "s": "s", "strike": "s", "del": "s", "code": "code",
	"h1": "b", "h2": "b", "h3": "b", "h4": "b", "h5": "b", "h6": "b",
	"span": "", "p": "", "div": "", "font": "", "center": "", "small": "", "big": "", "sub": "", "sup": "", "mark": "", "label": "", "a": "",
	"ul": "", "ol": "", "li": "", "table": "", "tbody": "", "thead": "", "tr": "", "td": "", "th": "", "section": "", "body": "", "html": "",
	"br": "", "hr": "", "img": "", "video": "", "audio": "", "source": "", "iframe": "", "script": "", "style": "", "head": "", "title": "", "meta": "", "link": "", "input": "", "button": "",
}

// hiddenTags are tags whose content is nothing to read.
var hiddenTags = map[string]bool{"script": true, "style": true, "head": true, "iframe": true, "video": true, "audio": true}

var (
	openTag   = regexp.MustCompile(`^<([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z:_-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))*)\s*/?>`)
	closeTag  = regexp.MustCompile(`^</([A-Za-z][A-Za-z0-9]*)\s*>`)
	lineBreak = regexp.MustCompile(`(?i)<br\s*/?>`)
	hrefAttr  = regexp.MustCompile(`(?i)\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')`)
)

// maxTag is how long a tag may be with its attributes, in bytes.
const maxTag = 600

// tag writes a tag of HTML with what is in it. What Telegram cannot show is left
// out, its content stays. A "<" that begins no tag of HTML is text.
func (m *marker) tag(s string, depth int) int {
	m.budget--
	if strings.HasPrefix(s, "<!--") {
		if i := strings.Index(s, "-->"); i > 0 {
			return i + len("-->")
		}
		return 0
	}
	head := s[:min(len(s), maxTag)]
	if x := closeTag.FindStringSubmatch(head); x != nil {
		if _, known := tags[strings.ToLower(x[1])]; known {
			return len(x[0]) // of a tag that was never opened
		}
		return 0
	}
	x := openTag.FindStringSubmatch(head)
	if x == nil {
		return 0
	}
	name := strings.ToLower(x[1])
	out, known := tags[name]
	if !known {
		return 0
	}
	end := len(x[0])
	switch name {
	case "br", "hr":
		m.b.WriteByte('\n')
		return end
	case "li":
		m.newLine()
		m.b.WriteString("• ")
	case "tr", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6":
		m.newLine()
	case "td", "th":
		m.b.WriteByte(' ')
	}
	inner, closing := s[end:], "</"+name+">"
	i := indexFold(inner, closing)
	if i < 0 {
		return end // never closed
	}
	switch {
	case hiddenTags[name]:
	case name == "a":
		m.anchor(x[2], inner[:i], depth)
	case out == "":
		m.inline(inner[:i], depth+1)
	default:
		m.wrap(out, inner[:i], depth)
	}
	switch name {
	case "p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6":
		m.newLine()
	}
	return end + i + len(closing)
}

// newLine begins a line, unless one is begun.
func (m *marker) newLine() {
	if s := m.b.String(); s != "" && !strings.HasSuffix(s, "\n") {
		m.b.WriteByte('\n')
	}
}

// anchor writes a link, or its content alone if it leads nowhere that is safe.
func (m *marker) anchor(attributes, inner string, depth int) {
	url := ""
	if x := hrefAttr.FindStringSubmatch(attributes); x != nil {
		url = unquoted.Replace(html.UnescapeString(x[1] + x[2]))
	}
	if depth > 8 || !safeURL(url) {
		m.inline(inner, depth+1)
		return
	}
	m.b.WriteString(`<a href="` + html.EscapeString(url) + `">`)
	m.inline(inner, depth+9)
	m.b.WriteString("</a>")
}
