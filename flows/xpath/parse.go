package xpath

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of an expression. Real forms stay far below them.
const (
	maxSource = 64 << 10 // bytes
	maxDepth  = 200      // parentheses, calls, predicates and signs inside each other
)

// An Expr is a parsed expression. It is not changed by evaluation and may be
// used by several goroutines.
type Expr struct {
	Source string
	Root   Term
}

// A SyntaxError says where an expression goes wrong.
type SyntaxError struct {
	Offset int    // bytes from the start of the source
	Msg    string // what is wrong
	Hint   string // what to do about it; may be empty

	source string
}

func (e *SyntaxError) Error() string {
	before := e.source[:min(e.Offset, len(e.source))]
	s := fmt.Sprintf("at character %d: %s", utf8.RuneCountInString(before)+1, e.Msg)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Parse reads an expression. The error is a *SyntaxError. Functions are not
// looked up; Check does that.
func Parse(src string) (*Expr, error) {
	if len(src) > maxSource {
		return nil, &SyntaxError{Msg: fmt.Sprintf("expression is longer than %d bytes", maxSource)}
	}
	p := &parser{scanner: scanner{src: src}}
	root, err := p.parse()
	if err != nil {
		var se *SyntaxError
		if !errors.As(err, &se) {
			se = &SyntaxError{Msg: err.Error()}
		}
		se.source = src
		return nil, se
	}
	return &Expr{Source: src, Root: root}, nil
}

// A parser is a recursive-descent parser with one token of look-ahead.
type parser struct {
	scanner
	tok   token
	prev  token
	depth int
}

func (p *parser) parse() (Term, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokEOF {
		return nil, p.fail("expression is empty", "")
	}
	t, err := p.expr()
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokEOF {
		return nil, p.unexpected("an operator")
	}
	return t, nil
}

func (p *parser) next() (err error) {
	p.prev = p.tok
	p.tok, err = p.scan()
	return err
}

func (p *parser) fail(msg, hint string) error {
	return &SyntaxError{Offset: p.tok.pos, Msg: msg, Hint: hint}
}

func (p *parser) unexpected(want string) error {
	if p.tok.kind == tokEOF {
		return p.fail("expression ends where "+want+" is expected", "")
	}
	return p.fail(fmt.Sprintf("unexpected %q where %s is expected", p.tok.text, want), p.hint())
}

// hint recognises what authors bring along from other languages.
func (p *parser) hint() string {
	switch {
	case p.prev.kind == tokName && strings.HasSuffix(p.prev.text, "-"):
		return `put a blank before "-", which can be part of a name`
	case p.tok.kind == tokName && (p.tok.text == "AND" || p.tok.text == "And"):
		return `write "and" in small letters`
	case p.tok.kind == tokName && (p.tok.text == "OR" || p.tok.text == "Or"):
		return `write "or" in small letters`
	case p.tok.kind == tokOp && p.tok.text == "=":
		return `"=" alone compares`
	case p.tok.kind == tokOp && p.tok.text == ")":
		return "there may be one closing bracket too many"
	case p.tok.kind == tokOp && p.tok.text == ",":
		return "there may be a closing bracket too many before"
	}
	return ""
}

func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.fail(fmt.Sprintf("expression is nested more than %d deep", maxDepth), "")
	}
	return nil
}

func (p *parser) isOp(s string) bool { return p.tok.kind == tokOp && p.tok.text == s }

// expect passes over a punctuation mark.
func (p *parser) expect(s string) error {
	if !p.isOp(s) {
		return p.unexpected(fmt.Sprintf("%q", s))
	}
	return p.next()
}

// levels are the binary operators from the loosest to the tightest.
var levels = [][]string{
	{"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "div", "mod"},
}

func (p *parser) expr() (Term, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	return p.binary(0)
}

func (p *parser) binary(level int) (Term, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for {
		op := p.operator(levels[level])
		if op == "" {
			return left, nil
		}
		pos := p.tok.pos
		if err := p.next(); err != nil {
			return nil, err
		}
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		left = &Binary{Op: op, Left: left, Right: right, Pos: pos}
	}
}

// operator is called where an operand has just ended, which is what makes
// "and", "div" and "*" operators and not names.
func (p *parser) operator(ops []string) string {
	if p.tok.kind != tokOp && p.tok.kind != tokName {
		return ""
	}
	for _, op := range ops {
		if p.tok.text == op {
			return op
		}
		// Names may hold signs and points, so an operator runs into what follows
		// it, as in "1 div2" and ". > 0 and. < 5"; the other engines part them.
		if p.tok.kind == tokName && strings.HasPrefix(p.tok.text, op) {
			p.at = p.tok.pos + len(op)
			return op
		}
	}
	return ""
}

func (p *parser) unary() (Term, error) {
	if !p.isOp("-") {
		return p.union()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	pos := p.tok.pos
	if err := p.next(); err != nil {
		return nil, err
	}
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	return &Negate{X: x, Pos: pos}, nil
}

func (p *parser) union() (Term, error) {
	left, err := p.path()
	if err != nil {
		return nil, err
	}
	for p.isOp("|") {
		pos := p.tok.pos
		if err := p.next(); err != nil {
			return nil, err
		}
		right, err := p.path()
		if err != nil {
			return nil, err
		}
		left = &Binary{Op: "|", Left: left, Right: right, Pos: pos}
	}
	return left, nil
}
