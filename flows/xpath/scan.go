package xpath

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokNumber
	tokString
	tokName
	tokRef // ${name}
	tokOp  // operator or punctuation
)

// A token is a word of an expression.
type token struct {
	kind tokenKind
	text string // without quotes or ${}
	num  float64
	pos  int
	call bool // a name before "("
	axis bool // a name before "::"
}

// A scanner cuts an expression into tokens.
type scanner struct {
	src string
	at  int
}

func (s *scanner) errorf(pos int, hint, format string, args ...any) error {
	return &SyntaxError{Offset: pos, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

func (s *scanner) skipSpace() {
	for s.at < len(s.src) {
		r, n := utf8.DecodeRuneInString(s.src[s.at:])
		if !unicode.IsSpace(r) && r != '\ufeff' && r != '\u200b' {
			return
		}
		s.at += n
	}
}

func (s *scanner) peek(i int) byte {
	if s.at+i < len(s.src) {
		return s.src[s.at+i]
	}
	return 0
}

func (s *scanner) scan() (token, error) {
	s.skipSpace()
	pos := s.at
	if pos == len(s.src) {
		return token{pos: pos}, nil
	}
	c := s.src[pos]
	switch {
	case c == '\'' || c == '"':
		return s.quoted(c)
	case isDigit(c) || c == '.' && isDigit(s.peek(1)):
		return s.number()
	case c == '$':
		return s.ref()
	}
	if r, _ := utf8.DecodeRuneInString(s.src[pos:]); isNameStart(r) {
		return s.name(), nil
	}
	return s.punctuation()
}

func (s *scanner) quoted(q byte) (token, error) {
	pos := s.at
	end := strings.IndexByte(s.src[pos+1:], q)
	if end < 0 {
		return token{}, s.errorf(pos, "close it with "+string(q), "the text that begins here has no end")
	}
	s.at = pos + 1 + end + 1
	return token{kind: tokString, text: s.src[pos+1 : s.at-1], pos: pos}, nil
}

func (s *scanner) number() (token, error) {
	pos := s.at
	for isDigit(s.peek(0)) {
		s.at++
	}
	if s.peek(0) == '.' && s.peek(1) != '.' {
		s.at++
		for isDigit(s.peek(0)) {
			s.at++
		}
	}
	text := s.src[pos:s.at]
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && f == 0 {
		return token{}, s.errorf(pos, "", "%q is not a number", text)
	}
	return token{kind: tokNumber, text: text, num: f, pos: pos}, nil
}

// ref reads ${name}. Blanks inside the braces are accepted, as authors leave them.
func (s *scanner) ref() (token, error) {
	pos := s.at
	if s.peek(1) != '{' {
		return token{}, s.errorf(pos, "write ${name}", `"$" stands alone`)
	}
	end := strings.IndexByte(s.src[pos:], '}')
	if end < 0 {
		return token{}, s.errorf(pos, `add "}"`, "the reference that begins here has no end")
	}
	name := strings.TrimSpace(s.src[pos+2 : pos+end])
	bare := strings.TrimPrefix(name, "last-saved#")
	if !isName(bare) {
		return token{}, s.errorf(pos, "names have letters, digits, _ - and . only", "%q is not a name", name)
	}
	s.at = pos + end + 1
	return token{kind: tokRef, text: name, pos: pos}, nil
}

// name reads a name with its prefix, and looks at what follows.
func (s *scanner) name() token {
	pos := s.at
	s.ncname()
	if s.peek(0) == ':' && s.peek(1) != ':' {
		r, _ := utf8.DecodeRuneInString(s.src[s.at+1:])
		switch {
		case r == '*':
			s.at += 2
		case isNameStart(r):
			s.at++
			s.ncname()
		}
	}
	t := token{kind: tokName, text: s.src[pos:s.at], pos: pos}
	end := s.at
	s.skipSpace()
	t.call = s.peek(0) == '('
	t.axis = s.peek(0) == ':' && s.peek(1) == ':'
	s.at = end
	return t
}

func (s *scanner) ncname() {
	for s.at < len(s.src) {
		r, n := utf8.DecodeRuneInString(s.src[s.at:])
		if !isNameRune(r) {
			return
		}
		s.at += n
	}
}

// foreign are marks of other languages, with what to write instead.
var foreign = map[string]string{
	"==": `write "="`, "&&": `write "and"`, "||": `write "or"`, "<>": `write "!="`,
	"=>": `write ">="`, "=<": `write "<="`,
}

func (s *scanner) punctuation() (token, error) {
	pos := s.at
	if pos+2 <= len(s.src) {
		two := s.src[pos : pos+2]
		switch two {
		case "!=", "<=", ">=", "//", "..", "::":
			s.at += 2
			return token{kind: tokOp, text: two, pos: pos}, nil
		}
		if hint, ok := foreign[two]; ok {
			return token{}, s.errorf(pos, hint, "%q is not an operator", two)
		}
	}
	if strings.IndexByte("()[],=<>+-*/|.@", s.src[pos]) >= 0 {
		s.at++
		return token{kind: tokOp, text: s.src[pos:s.at], pos: pos}, nil
	}
	r, _ := utf8.DecodeRuneInString(s.src[pos:])
	hint := ""
	switch r {
	case '‘', '’', '“', '”':
		hint = "use straight quotes"
	case '!':
		hint = "write not(…)"
	case '%':
		hint = "write mod"
	case '÷':
		hint = "write div"
	case '×':
		hint = "write *"
	case '–', '—', '−':
		hint = "write -"
	case '≤', '≥', '≠':
		hint = "write <=, >= or !="
	}
	return token{}, s.errorf(pos, hint, "%q has no meaning here", r)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func isNameRune(r rune) bool {
	return isNameStart(r) || r == '-' || r == '.' || r == '·' || unicode.IsDigit(r) || unicode.IsMark(r)
}

func isName(s string) bool {
	for i, r := range s {
		if i == 0 && !isNameStart(r) || !isNameRune(r) {
			return false
		}
	}
	return s != ""
}
