package flows

import (
	"slices"
	"strings"

	"example.org/fieldbot/flows/xpath"
)

// lowest is the innermost scope that both lie in.
func lowest(a, b *scope) *scope {
	for a.depth > b.depth {
		a = a.parent
	}
	for b.depth > a.depth {
		b = b.parent
	}
	for a != b {
		a, b = a.parent, b.parent
	}
	return a
}

// document stands above the root element in static paths.
var document = &Node{ID: -2, Index: -1, local: -1, Kind: GroupNode}

func (c *compiler) bindPath(t *xpath.Path, d *side) xpath.Term {
	from := d.ctx
	fromOwner := !d.inPred
	switch base := t.Base.(type) {
	case nil:
		if t.Absolute {
			from, fromOwner = []*Node{document}, true
		}
	case *xpath.Call:
		switch base.Name {
		case "current":
			from, fromOwner = []*Node{d.owner}, true
		case "instance":
			c.bindCall(base, d)
			from = nil
		default:
			t.Base = c.bind(base, d)
			from = nil
		}
	case *xpath.Ref:
		if base.Bound != nil && len(t.Steps) == 0 {
			return base
		}
		t.Base = c.bind(base, d)
		from, fromOwner = nil, false
		if r, ok := t.Base.(*xpath.Ref); ok {
			if b, ok := r.Bound.(*binding); ok {
				from = []*Node{b.target}
			}
		}
	default:
		t.Base = c.bind(base, d)
		from = nil
	}
	if fromOwner && len(t.Predicates) == 0 && len(from) == 1 {
		if r := c.plainPath(t, from[0], d); r != nil {
			return r
		}
	}
	c.walkPath(t, from, d)
	return t
}

// plainPath binds a path of names without predicates to the node it leads to;
// nil if it is not so plain.
func (c *compiler) plainPath(t *xpath.Path, at *Node, d *side) xpath.Term {
	if len(t.Steps) == 0 {
		return nil
	}
	top, down := at, false
	for _, st := range t.Steps {
		if len(st.Predicates) > 0 {
			return nil
		}
		next, ok := c.step(at, st)
		if !ok {
			return nil
		}
		if st.Axis == xpath.AxisChild && len(next) == 0 && at != d.owner {
			var names []string
			for _, k := range at.Children {
				names = append(names, k.Name)
			}
			hint := didYouMean(st.Test.Name, names)
			if hint == "" {
				hint = "write ${name} instead of a path"
			}
			c.warnf(d.s, d.row, d.key, hint, "the path leads nowhere, so it reads as blank: there is no %q in %s", st.Test.Name, at.orRoot())
			return nowhere(t.Pos)
		}
		if word := st.Test.Name; st.Axis == xpath.AxisChild && len(next) == 0 && at.Kind == QuestionNode && len(t.Steps) == 1 && word != "" && !strings.EqualFold(word, "null") {
			c.warnf(d.s, d.row, d.key, "write '"+word+"' for the word, ${"+word+"} for an answer",
				"%s without quotes means a node of this name below %q, which has none, so it reads as blank", word, at.Name)
			return nowhere(t.Pos)
		}
		if len(next) != 1 {
			return nil
		}
		at = next[0]
		switch st.Axis {
		case xpath.AxisParent:
			if down {
				return nil
			}
			top = at
		case xpath.AxisChild:
			down = true
		}
	}
	if at == document || at == c.form.Root || (at.Kind == RepeatNode && !down) {
		return nil
	}
	if t.Absolute {
		if r := c.ofCandidate(at, t.Pos, d); r != nil {
			return r
		}
		return c.boundTo(at, lowest(d.owner.scope, at.scope), t.Pos, d, false)
	}
	common := at.scope
	if down {
		common = top.inner
		if top == document {
			common = c.form.Root.inner
		}
		if common == nil {
			return nil // "child of a question"
		}
	}
	return c.boundTo(at, common, t.Pos, d, false)
}

// nowhere is what a path reads as that leads to no node: a blank where a value is
// asked for, no nodes where nodes are.
func nowhere(pos int) *xpath.Ref {
	return &xpath.Ref{Bound: &binding{target: blankNode}, Pos: pos}
}

func (n *Node) orRoot() string {
	if n.Path == "" {
		return "the form"
	}
	return n.Path
}

// step gives the nodes one step leads to; ok is false for an axis that is not
// followed statically.
func (c *compiler) step(at *Node, st xpath.Step) (out []*Node, ok bool) {
	match := func(n *Node) bool {
		if st.Test.Type != "" {
			return st.Test.Type == "node"
		}
		return st.Test.Name == "*" || st.Test.Name == n.Name
	}
	switch st.Axis {
	case xpath.AxisSelf:
		if match(at) {
			return []*Node{at}, true
		}
		return nil, true
	case xpath.AxisParent:
		switch {
		case at == document:
			return nil, true
		case at.Parent == nil:
			return []*Node{document}, true
		}
		if match(at.Parent) {
			return []*Node{at.Parent}, true
		}
		return nil, true
	case xpath.AxisChild:
		if at == document {
			// authors of copied forms write /data whatever the root is called
			if match(c.form.Root) || st.Test.Name == "data" {
				return []*Node{c.form.Root}, true
			}
			return nil, true
		}
		for _, k := range at.Children {
			if match(k) {
				out = append(out, k)
			}
		}
		return out, true
	}
	return nil, false
}

// walkPath binds what stands in the predicates of a path, and notes which
// nodes of the form it can reach. A whole path from inside a repeat means this
// instance, as without predicates, until a predicate says which.
func (c *compiler) walkPath(t *xpath.Path, from []*Node, d *side) {
	inner := *d
	inner.inPred = true
	inner.ctx = from
	for i := range t.Predicates {
		t.Predicates[i] = c.bind(t.Predicates[i], &inner)
	}
	known, here := from != nil, t.Absolute
	for i := range t.Steps {
		st := &t.Steps[i]
		here = here && len(st.Predicates) == 0
		if st.Test.Name == "label" || st.Test.Name == "*" {
			d.e.langDep = true
		}
		var next []*Node
		for _, n := range from {
			k, ok := c.step(n, *st)
			if !ok {
				k = c.form.Nodes // an axis that may lead anywhere
				d.e.needNode = true
			}
			for _, x := range k {
				if !slices.Contains(next, x) || len(next) > 64 {
					next = append(next, x)
				}
			}
		}
		if t.Absolute && i == 0 && st.Test.Name == "data" && len(next) == 1 {
			st.Test.Name = c.form.Root.Name
		}
		from = next
		inner.ctx = from
		if !known {
			inner.ctx = nil
		}
		for k := range st.Predicates {
			st.Predicates[k] = c.bind(st.Predicates[k], &inner)
		}
		if here && i < len(t.Steps)-1 && len(from) == 1 && d.inside(from[0]) {
			st.Predicates = []xpath.Term{d.here(from[0], t.Pos)}
		}
	}
	if !known {
		return
	}
	for _, n := range from {
		if n != document && n != c.form.Root {
			d.read(n, c.form.Root.inner, true)
		}
	}
}
