package xpath

import (
	"fmt"
	"strings"
)

// nodeTypes are the names that are node tests and not functions before a bracket.
var nodeTypes = map[string]bool{
	"node": true, "text": true, "comment": true, "processing-instruction": true,
}

var axes = map[string]Axis{
	"child": AxisChild, "self": AxisSelf, "parent": AxisParent,
	"descendant": AxisDescendant, "descendant-or-self": AxisDescendantOrSelf,
	"ancestor": AxisAncestor, "ancestor-or-self": AxisAncestorOrSelf,
	"following": AxisFollowing, "following-sibling": AxisFollowingSibling,
	"preceding": AxisPreceding, "preceding-sibling": AxisPrecedingSibling,
	"attribute": AxisAttribute, "namespace": AxisNamespace,
}

// anyNode is the step that "//" stands for.
var anyNode = Step{Axis: AxisDescendantOrSelf, Test: Test{Type: "node"}}

// path reads a location path, or a primary term with what follows it.
func (p *parser) path() (Term, error) {
	pos := p.tok.pos
	if p.isOp("/") || p.isOp("//") {
		return p.absolute(pos)
	}
	if p.startsStep() {
		t := &Path{Pos: pos}
		return t, p.steps(t)
	}
	base, err := p.primary()
	if err != nil {
		return nil, err
	}
	t := &Path{Base: base, Pos: pos}
	if t.Predicates, err = p.predicates(); err != nil {
		return nil, err
	}
	if p.isOp("/") || p.isOp("//") {
		if err := p.slash(t); err != nil {
			return nil, err
		}
		if err := p.steps(t); err != nil {
			return nil, err
		}
	}
	if t.Predicates == nil && t.Steps == nil {
		return base, nil
	}
	return t, nil
}

func (p *parser) absolute(pos int) (Term, error) {
	t := &Path{Absolute: true, Pos: pos}
	double := p.isOp("//")
	if err := p.slash(t); err != nil {
		return nil, err
	}
	if !double && !p.startsStep() {
		return t, nil // "/" alone is the root
	}
	return t, p.steps(t)
}

// slash passes over / or //, and adds the step that // stands for.
func (p *parser) slash(t *Path) error {
	if p.isOp("//") {
		t.Steps = append(t.Steps, anyNode)
	}
	return p.next()
}

// startsStep reports whether the token begins a step of a path rather than a
// primary term. The scanner has looked ahead for brackets.
func (p *parser) startsStep() bool {
	switch p.tok.kind {
	case tokName:
		return !p.tok.call || nodeTypes[p.tok.text]
	case tokOp:
		switch p.tok.text {
		case ".", "..", "@", "*":
			return true
		}
	}
	return false
}

func (p *parser) steps(t *Path) error {
	for {
		if p.tok.kind == tokName && p.tok.call && !nodeTypes[p.tok.text] {
			return p.fail(fmt.Sprintf("function %s() cannot be a step of a path", p.tok.text), "")
		}
		if !p.startsStep() {
			return p.unexpected("a step of a path")
		}
		if err := p.step(t); err != nil {
			return err
		}
		if !p.isOp("/") && !p.isOp("//") {
			return nil
		}
		if err := p.slash(t); err != nil {
			return err
		}
	}
}

func (p *parser) step(t *Path) error {
	var s Step
	switch {
	case p.isOp("."), p.isOp(".."):
		s = Step{Axis: AxisSelf, Test: Test{Type: "node"}}
		if p.tok.text == ".." {
			s.Axis = AxisParent
		}
		if err := p.next(); err != nil {
			return err
		}
	default:
		if err := p.axis(&s); err != nil {
			return err
		}
		if err := p.test(&s); err != nil {
			return err
		}
	}
	var err error
	if s.Predicates, err = p.predicates(); err != nil {
		return err
	}
	t.Steps = append(t.Steps, s)
	return nil
}

func (p *parser) axis(s *Step) error {
	if p.isOp("@") {
		s.Axis = AxisAttribute
		return p.next()
	}
	if p.tok.kind != tokName || !p.tok.axis {
		return nil
	}
	a, ok := axes[p.tok.text]
	if !ok {
		return p.fail(fmt.Sprintf("there is no axis %q", p.tok.text), suggest(p.tok.text, keys(axes)))
	}
	s.Axis = a
	if err := p.next(); err != nil {
		return err
	}
	return p.next() // the "::"
}

func (p *parser) test(s *Step) error {
	switch {
	case p.isOp("*"):
		s.Test.Name = "*"
		return p.next()
	case p.tok.kind != tokName:
		return p.unexpected("a name")
	case !p.tok.call:
		s.Test.Name = p.tok.text
		return p.next()
	case !nodeTypes[p.tok.text]:
		return p.unexpected("a name")
	}
	s.Test.Type = p.tok.text
	if err := p.next(); err != nil {
		return err
	}
	if err := p.expect("("); err != nil {
		return err
	}
	if p.tok.kind == tokString && s.Test.Type == "processing-instruction" {
		s.Test.Name = p.tok.text
		if err := p.next(); err != nil {
			return err
		}
	}
	return p.expect(")")
}

func (p *parser) predicates() (out []Term, err error) {
	for p.isOp("[") {
		if err := p.next(); err != nil {
			return nil, err
		}
		t, err := p.expr()
		if err != nil {
			return nil, err
		}
		if err := p.expect("]"); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func (p *parser) primary() (Term, error) {
	tok := p.tok
	switch tok.kind {
	case tokNumber:
		return &Number{Value: tok.num, Pos: tok.pos}, p.next()
	case tokString:
		return &Literal{Value: tok.text, Pos: tok.pos}, p.next()
	case tokRef:
		r := &Ref{Name: tok.text, Pos: tok.pos}
		if rest, ok := strings.CutPrefix(r.Name, "last-saved#"); ok {
			r.Name, r.LastSaved = rest, true
		}
		return r, p.next()
	case tokName:
		return p.call()
	}
	if !p.isOp("(") {
		return nil, p.unexpected("a value")
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	t, err := p.expr()
	if err != nil {
		return nil, err
	}
	return t, p.expect(")")
}

func (p *parser) call() (Term, error) {
	t := &Call{Name: p.tok.text, Pos: p.tok.pos}
	t.fn = lookup(t.Name)
	if err := p.next(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	if p.isOp(")") {
		return t, p.next()
	}
	for {
		a, err := p.expr()
		if err != nil {
			return nil, err
		}
		t.Args = append(t.Args, a)
		if !p.isOp(",") {
			break
		}
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	if p.tok.kind == tokEOF {
		return nil, &SyntaxError{
			Offset: t.Pos,
			Msg:    fmt.Sprintf("the bracket after %s is not closed", t.Name),
			Hint:   `add ")"`,
		}
	}
	return t, p.expect(")")
}
