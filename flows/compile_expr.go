package flows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"example.org/fieldbot/flows/xpath"
)

// An expr is an expression bound to the form.
type expr struct {
	src      string
	x        *xpath.Expr
	deps     []dep
	langDep  bool // its value changes with the language
	boolean  bool // its value is always a boolean
	needNode bool // it asks for ".", so evaluation must know the node
	constant bool // reads nothing of the instance
}

// A dep is a node that an expression reads. A change of the node in container k
// concerns the expression in all its containers below k.up(common).
type dep struct {
	node   *Node
	common *scope
	soft   bool // read through a predicate: no order follows, since other instances may be meant
}

// A binding is what a ${name} or a plain path stands for.
type binding struct {
	target   *Node
	common   *scope // nil: the lowest one shared, found when it is read
	position bool   // position(..): the place of the instance, not the node

	candidate bool // read from the node that a predicate looks at, not from the question
}

// A side is where an expression stands while it is compiled.
type side struct {
	owner  *Node
	s      *Sheet
	row    int
	key    string
	e      *expr
	inPred bool
	ctx    []*Node // nodes that a relative path starts from; nil: rows of a table
	selfOK bool    // "." is the answer being checked, not a dependency
	among  *Node   // the repeat whose answers are the choices that the expression filters
}

// compileExpr parses an expression and binds its names. It reports what is
// wrong at the cell and returns nil then.
func (c *compiler) compileExpr(owner *Node, s *Sheet, row int, key, src string, selfOK bool) *expr {
	x := c.parse(s, row, key, src)
	if x == nil {
		return nil
	}
	e := &expr{src: src, x: x}
	d := &side{owner: owner, s: s, row: row, key: key, e: e, ctx: []*Node{owner}, selfOK: selfOK}
	before := len(c.problems)
	x.Root = c.bind(x.Root, d)
	e.boolean = xpath.IsBoolean(x.Root)
	e.needNode = needsNode(x.Root)
	e.constant = len(e.deps) == 0 && !e.needNode && isLiteral(x.Root)
	if len(c.problems) > before && c.problems[len(c.problems)-1].Severity == Error {
		return nil
	}
	return e
}

func isLiteral(t xpath.Term) bool {
	switch t := t.(type) {
	case *xpath.Number, *xpath.Literal:
		return true
	case *xpath.Call:
		return (t.Name == "true" || t.Name == "false") && len(t.Args) == 0
	}
	return false
}

func (c *compiler) parse(s *Sheet, row int, key, src string) *xpath.Expr {
	src = strings.TrimSpace(src)
	if len(src) > MaxExpression {
		c.errorf(s, row, key, "use calculate rows for parts of it", "the expression is longer than %d characters", MaxExpression)
		return nil
	}
	if c.full() {
		return nil
	}
	if c.parsed += len(src); c.parsed > MaxExpressions {
		if c.parsed-len(src) <= MaxExpressions {
			c.errorf(s, row, key, "work out parts that stand in several of them once, in calculate rows", "the expressions of the form are longer than %d characters in all", MaxExpressions)
		}
		return nil
	}
	x, err := xpath.Parse(src)
	if err != nil {
		var bad *xpath.SyntaxError
		if errors.As(err, &bad) {
			hint := bad.Hint
			if hint == "" {
				hint = "conditions are written as ${age} >= 18 and ${sex} = 'f'"
			}
			c.errorf(s, row, key, hint, "%s, at %s", bad.Msg, place(src, bad.Offset))
		} else {
			c.errorf(s, row, key, "", "%v", err)
		}
		return nil
	}
	ok := true
	for _, bad := range x.Check(func(name string) bool { return ownFunctions[name] }) {
		c.errorf(s, row, key, bad.Hint, "%s, at %s", bad.Msg, place(src, bad.Offset))
		ok = false
	}
	if !ok {
		return nil
	}
	return x
}

// ownFunctions need to know the form; Instance.Call runs them.
var ownFunctions = map[string]bool{
	"jr:choice-name": true, "pulldata": true, "jr:itext": true, "search": true, "version": true, "property": true,
}

// place shows where in an expression something is: character 8, "…".
func place(src string, offset int) string {
	offset = max(0, min(offset, len(src)))
	for offset < len(src) && !utf8.RuneStart(src[offset]) {
		offset++
	}
	rest := []rune(src[offset:])
	if len(rest) == 0 {
		return "its end"
	}
	return fmt.Sprintf("character %d: %s", utf8.RuneCountInString(src[:offset])+1, string(rest[:min(len(rest), 24)]))
}

// bind puts bound references in the place of names and plain paths.
func (c *compiler) bind(t xpath.Term, d *side) xpath.Term {
	switch t := t.(type) {
	case *xpath.Ref:
		return c.bindRef(t, d)
	case *xpath.Path:
		return c.bindPath(t, d)
	case *xpath.Call:
		return c.bindCall(t, d)
	case *xpath.Binary:
		t.Left, t.Right = c.bind(t.Left, d), c.bind(t.Right, d)
	case *xpath.Negate:
		t.X = c.bind(t.X, d)
	}
	return t
}

func (c *compiler) bindRef(t *xpath.Ref, d *side) xpath.Term {
	if t.LastSaved && len(c.form.byName[t.Name]) > 0 {
		c.warnf(d.s, d.row, d.key, "write it alone, as the default of a question outside of repeats",
			"${last-saved#%s} reads as blank here", t.Name)
		return &xpath.Literal{Pos: t.Pos}
	}
	n := c.resolve(d.s, d.row, d.key, t.Name)
	if n == nil {
		return t
	}
	if n == blankNode {
		return &xpath.Literal{Pos: t.Pos}
	}
	common := lowest(d.owner.scope, n.scope)
	if common.depth == 0 || d.among != nil && n.Within(d.among) {
		if r := c.ofCandidate(n, t.Pos, d); r != nil {
			return r
		}
	}
	return c.boundTo(n, common, t.Pos, d, false)
}

// ofCandidate binds what a predicate over a repeat names by its whole path, as
// ${age} in count(${member}[${age} < 5]) from outside the repeat: it is read in
// the instance that is looked at. It returns nil where there is no such instance.
func (c *compiler) ofCandidate(n *Node, pos int, d *side) xpath.Term {
	if !d.inPred || len(d.ctx) == 0 || n.scope.depth == 0 {
		return nil
	}
	var common *scope
	for _, k := range d.ctx {
		s := k.scope
		if k.Kind == RepeatNode {
			s = k.inner
		}
		if s == nil {
			return nil
		}
		if s = lowest(s, n.scope); s.depth == 0 || common != nil && s != common {
			return nil
		}
		common = s
	}
	d.read(n, c.form.Root.inner, true)
	return &xpath.Ref{Name: n.Name, Pos: pos, Varies: true, Bound: &binding{target: n, common: common, candidate: true}}
}

func (c *compiler) boundTo(n *Node, common *scope, pos int, d *side, soft bool) xpath.Term {
	d.read(n, common, soft)
	return &xpath.Ref{Name: n.Name, Bound: &binding{target: n, common: common}, Pos: pos}
}

func (d *side) read(n *Node, common *scope, soft bool) {
	if n == d.owner && d.selfOK {
		return
	}
	for i := range d.e.deps {
		if x := &d.e.deps[i]; x.node == n && x.common == common {
			x.soft = x.soft && soft
			return
		}
	}
	d.e.deps = append(d.e.deps, dep{n, common, soft})
}

// place stands for the number of the instance of rep that the expression is in.
func (d *side) place(rep *Node, pos int) xpath.Term {
	d.read(rep, lowest(d.owner.scope, rep.scope), true)
	return &xpath.Ref{Name: rep.Name, Pos: pos, Bound: &binding{target: rep, common: rep.inner, position: true}}
}

// inside tells whether the expression stands in an instance of n, a repeat.
func (d *side) inside(n *Node) bool {
	return n.Kind == RepeatNode && n != d.owner && d.owner.Within(n)
}

// here is the predicate for the instance of rep that the expression is in.
func (d *side) here(rep *Node, pos int) xpath.Term { return positionIs(d.place(rep, pos)) }

// positionIs is the predicate position() = number(i).
func positionIs(i xpath.Term) xpath.Term {
	return &xpath.Binary{Op: "=", Left: &xpath.Call{Name: "position"}, Right: &xpath.Call{Name: "number", Args: []xpath.Term{i}}}
}

func (c *compiler) bindCall(t *xpath.Call, d *side) xpath.Term {
	switch t.Name {
	case "position":
		if len(t.Args) == 1 {
			if rep := c.instanceOf(t.Args[0], d); rep != nil {
				return d.place(rep, t.Pos)
			}
		}
	case "indexed-repeat":
		return c.indexedRepeat(t, d)
	case "jr:choice-name":
		c.choiceName(t, d)
		if len(t.Args) > 0 {
			t.Args[0] = c.bind(t.Args[0], d)
		}
		return t
	case "instance":
		c.checkInstance(t, d)
		return t
	case "pulldata":
		if l, ok := first(t.Args).(*xpath.Literal); ok && c.form.tables[strings.TrimSuffix(l.Value, ".csv")] == nil {
			c.warnf(d.s, d.row, d.key, "attach "+strings.TrimSuffix(l.Value, ".csv")+".csv to the form", "the file of pulldata('%s') is missing, so it reads as blank", l.Value)
		}
	}
	for i := range t.Args {
		t.Args[i] = c.bind(t.Args[i], d)
	}
	return t
}

func first(args []xpath.Term) xpath.Term {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// instanceOf tells which repeat around the owner a path of ".." leads to.
func (c *compiler) instanceOf(t xpath.Term, d *side) *Node {
	p, ok := t.(*xpath.Path)
	if !ok || p.Absolute || len(p.Predicates) > 0 {
		return nil
	}
	if call, ok := p.Base.(*xpath.Call); p.Base != nil && (!ok || call.Name != "current") {
		return nil
	}
	if p.Base == nil && d.inPred {
		return nil
	}
	n := d.owner
	for _, st := range p.Steps {
		if len(st.Predicates) > 0 || (st.Axis != xpath.AxisParent && st.Axis != xpath.AxisSelf) || n == nil {
			return nil
		}
		if st.Axis == xpath.AxisParent {
			n = n.Parent
		}
	}
	if n == nil || n.Kind != RepeatNode || n == d.owner && d.owner.Kind == RepeatNode {
		return nil
	}
	return n
}

// indexedRepeat rewrites indexed-repeat(${x}, ${rep}, i, …) as the path that
// it is short for: /data/rep[position() = i]/x. A number that is blank or below
// one means the first instance, as in JavaRosa, except where that would be the
// very value that is worked out. Of a repeat around the row that no number is
// given for, this instance is meant.
func (c *compiler) indexedRepeat(t *xpath.Call, d *side) xpath.Term {
	fail := func(format string, args ...any) xpath.Term {
		c.errorf(d.s, d.row, d.key, "write indexed-repeat(${question}, ${repeat}, number)", format, args...)
		return t
	}
	node := func(a xpath.Term) *Node {
		switch a := a.(type) {
		case *xpath.Ref:
			return c.resolve(d.s, d.row, d.key, a.Name)
		case *xpath.Path:
			at := document
			if !a.Absolute {
				at = d.owner
			}
			for _, st := range a.Steps {
				next, ok := c.step(at, st)
				if !ok || len(next) != 1 || len(st.Predicates) > 0 {
					return nil
				}
				at = next[0]
			}
			return at
		}
		return nil
	}
	if len(t.Args) < 3 || len(t.Args)%2 == 0 {
		return fail("indexed-repeat takes a question, then pairs of a repeat and a number")
	}
	x := node(t.Args[0])
	if x == nil {
		return fail("the first argument of indexed-repeat is not a question")
	}
	index := map[*Node]xpath.Term{}
	for i := 1; i < len(t.Args); i += 2 {
		rep := node(t.Args[i])
		if rep == nil || rep.Kind != RepeatNode {
			return fail("argument %d of indexed-repeat is not a repeat", i+1)
		}
		if !x.Within(rep) {
			return fail("%q is not inside the repeat %q", x.Name, rep.Name)
		}
		index[rep] = c.bind(t.Args[i+1], d)
	}
	this := func(n *Node) bool { // whether this instance of n is meant
		if !d.inside(n) {
			return false
		}
		for rep := range index {
			if n.Within(rep) {
				return false
			}
		}
		return true
	}
	var steps []xpath.Step
	for n := x; n.Parent != nil; n = n.Parent {
		st := xpath.Step{Axis: xpath.AxisChild, Test: xpath.Test{Name: n.Name}}
		if i, ok := index[n]; ok {
			if x != d.owner {
				i = &xpath.Call{Name: "max", Args: []xpath.Term{&xpath.Number{Value: 1}, i}}
			}
			st.Predicates = []xpath.Term{positionIs(i)}
		} else if this(n) {
			st.Predicates = []xpath.Term{d.here(n, t.Pos)}
		}
		steps = append(steps, st)
	}
	steps = append(steps, xpath.Step{Axis: xpath.AxisChild, Test: xpath.Test{Name: c.form.Root.Name}})
	slices.Reverse(steps)
	d.read(x, c.form.Root.inner, true)
	return &xpath.Path{Absolute: true, Steps: steps, Pos: t.Pos}
}

// choiceName finds the question that the second argument of jr:choice-name
// names, and puts its node ID there.
func (c *compiler) choiceName(t *xpath.Call, d *side) {
	d.e.langDep = true
	if len(t.Args) != 2 {
		return
	}
	name := ""
	switch a := t.Args[1].(type) {
	case *xpath.Literal:
		name = strings.TrimSpace(a.Value)
		if m := plainRef.FindStringSubmatch(name); m != nil {
			name = m[1]
		} else if i := strings.LastIndexByte(name, '/'); i >= 0 {
			name = strings.TrimSpace(name[i+1:])
		}
	case *xpath.Ref:
		name = a.Name
	}
	q := c.resolve(d.s, d.row, d.key, name)
	if q == nil {
		return
	}
	if q.Kind != QuestionNode || !q.Type.Select() {
		c.errorf(d.s, d.row, d.key, "name a select question", "jr:choice-name: %q has no choices", name)
		return
	}
	t.Args[1] = &xpath.Number{Value: float64(q.ID), Pos: t.Pos}
	if q.List == nil {
		return
	}
	c.named = append(c.named, namedChoice{d, q})
	for i := range q.List.Choices {
		for _, label := range q.List.Choices[i].Label.parts {
			if label == nil {
				continue
			}
			for _, p := range label.parts {
				if p.ref != nil && p.ref.target != blankNode {
					d.read(p.ref.target, lowest(d.owner.scope, p.ref.target.scope), true)
				}
			}
		}
	}
}

func (c *compiler) checkInstance(t *xpath.Call, d *side) {
	l, ok := first(t.Args).(*xpath.Literal)
	if !ok {
		return
	}
	if c.form.tables[l.Value] == nil && c.form.documents[l.Value] == nil {
		hint := didYouMean(l.Value, sortedKeys(c.form.tables))
		if hint == "" {
			hint = "add a list of this name to choices, or attach " + l.Value + ".csv"
		}
		c.errorf(d.s, d.row, d.key, hint, "instance('%s'): there is no list or file of this name", l.Value)
	}
	c.usedLists[l.Value] = true
}

// needsNode tells whether an expression asks for the node that it belongs to.
func needsNode(t xpath.Term) bool {
	found := false
	var visit func(t xpath.Term, pred bool)
	visit = func(t xpath.Term, pred bool) {
		switch t := t.(type) {
		case *xpath.Path:
			if t.Base == nil && !t.Absolute && !pred {
				found = true
			}
			if t.Base != nil {
				visit(t.Base, pred)
			}
			for _, p := range t.Predicates {
				visit(p, true)
			}
			for _, st := range t.Steps {
				for _, p := range st.Predicates {
					visit(p, true)
				}
			}
		case *xpath.Call:
			if t.Name == "current" || t.Name == "once" || (len(t.Args) == 0 && !pred && readsContext[t.Name]) {
				found = true
			}
			for _, a := range t.Args {
				visit(a, pred)
			}
		case *xpath.Binary:
			visit(t.Left, pred)
			visit(t.Right, pred)
		case *xpath.Negate:
			visit(t.X, pred)
		}
	}
	visit(t, false)
	return found
}

var readsContext = map[string]bool{"position": true, "last": true, "string": true, "number": true, "string-length": true, "normalize-space": true, "name": true, "local-name": true, "namespace-uri": true}
