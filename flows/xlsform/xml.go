package xlsform

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlScanner cuts the XML of a workbook into tokens. The parts of a workbook
// are plain: elements, attributes, text, entities. encoding/xml allocates for
// each of them, which a sheet of a million cells turns into seconds; this
// keeps slices of the part. What is not well formed ends the part early.
type xmlScanner struct {
	data  []byte
	pos   int
	name  []byte // local name, of a start or an end
	attrs []byte // of a start, as written
	text  []byte // of a text, as written
	cdata bool   // the text holds no entities
	empty bool   // the start was <x/>; its end comes next
}

type xmlToken uint8

const (
	xmlEOF xmlToken = iota
	xmlStart
	xmlEnd
	xmlText
)

func (s *xmlScanner) next() xmlToken {
	if s.empty {
		s.empty = false
		return xmlEnd
	}
	for s.pos < len(s.data) {
		rest := s.data[s.pos:]
		if rest[0] != '<' {
			end := bytes.IndexByte(rest, '<')
			if end < 0 {
				end = len(rest)
			}
			s.text, s.cdata = rest[:end], false
			s.pos += end
			return xmlText
		}
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			s.skip(rest, "-->")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			end := bytes.Index(rest, []byte("]]>"))
			if end < 0 {
				s.pos = len(s.data)
				return xmlEOF
			}
			s.text, s.cdata = rest[len("<![CDATA["):end], true
			s.pos += end + 3
			return xmlText
		case bytes.HasPrefix(rest, []byte("<?")):
			s.skip(rest, "?>")
		case bytes.HasPrefix(rest, []byte("<!")):
			s.skip(rest, ">") // a document type: entities of its own are never expanded
		default:
			return s.tag(rest)
		}
	}
	return xmlEOF
}

func (s *xmlScanner) skip(rest []byte, end string) {
	if i := bytes.Index(rest, []byte(end)); i >= 0 {
		s.pos += i + len(end)
	} else {
		s.pos = len(s.data)
	}
}

// tag reads <name attr="…"> and </name>; a > inside quotes does not end it.
func (s *xmlScanner) tag(rest []byte) xmlToken {
	i, quote := 1, byte(0)
	for ; i < len(rest); i++ {
		c := rest[i]
		if quote != 0 {
			if c == quote {
				quote = 0
			}
		} else if c == '"' || c == '\'' {
			quote = c
		} else if c == '>' {
			break
		}
	}
	if i == len(rest) {
		s.pos = len(s.data)
		return xmlEOF
	}
	s.pos += i + 1
	body := rest[1:i]
	if len(body) > 0 && body[0] == '/' {
		s.name = local(bytes.TrimSpace(body[1:]))
		return xmlEnd
	}
	if n := len(body); n > 0 && body[n-1] == '/' {
		s.empty = true
		body = body[:n-1]
	}
	end := bytes.IndexAny(body, " \t\r\n")
	if end < 0 {
		end = len(body)
	}
	s.name, s.attrs = local(body[:end]), body[end:]
	return xmlStart
}

// local is a name without its prefix.
func local(name []byte) []byte {
	return name[bytes.IndexByte(name, ':')+1:]
}

// attr returns an attribute by its local name, "" if there is none.
func (s *xmlScanner) attr(name string) string {
	rest := s.attrs
	for {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return ""
		}
		key := local(bytes.TrimSpace(rest[:eq]))
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return ""
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return ""
		}
		if string(key) == name {
			return unescapeXML(rest[1 : 1+end])
		}
		rest = rest[end+2:]
	}
}

// value is the text of the current text token. What is longer than any cell is
// cut, so as to be refused without a copy; an entity is at most 12 bytes.
func (s *xmlScanner) value() string {
	text := s.text[:min(len(s.text), 12*(maxCell+1))]
	if s.cdata {
		return string(text)
	}
	return unescapeXML(text)
}

// unescapeXML resolves the five entities and character references.
func unescapeXML(b []byte) string {
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for i >= 0 {
		out = append(out, b[:i]...)
		b = b[i:]
		end := bytes.IndexByte(b[:min(len(b), 12)], ';')
		r, ok := rune(0), false
		if end > 0 {
			r, ok = entity(string(b[1:end]))
		}
		if ok {
			out = utf8.AppendRune(out, r)
			b = b[end+1:]
		} else {
			out = append(out, '&')
			b = b[1:]
		}
		i = bytes.IndexByte(b, '&')
	}
	return string(append(out, b...))
}

func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if strings.HasPrefix(digits, "x") || strings.HasPrefix(digits, "X") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	return rune(n), err == nil
}
