package flows

import (
	"cmp"
	"slices"
	"strings"
)

// A prop is something computed of a node: whether it is relevant, its value,
// its choices or its number of instances.
type prop struct {
	node *Node
	kind propKind
	e    *expr
	rank int // after all it depends on
}

type propKind uint8

const (
	propRelevant propKind = iota
	propCalc
	propFilter
	propCount
)

func (k propKind) column() string {
	return [...]string{"relevant", "calculation", "choice_filter", "repeat_count"}[k]
}

// A reader is a property that reads a node; see dep.
type reader struct {
	p      *prop
	common *scope
}

// depend makes the graph of what depends on what, and its order.
func (c *compiler) depend() {
	f := c.form
	for _, x := range c.named {
		if x.of.filter == nil || !x.of.List.repeats() {
			continue
		}
		for _, d := range x.of.filter.deps {
			x.in.read(d.node, lowest(x.in.owner.scope, d.node.scope), true)
		}
	}
	for _, n := range f.Nodes {
		if n.Kind == QuestionNode && n.Type.Name == "end" {
			f.ends = append(f.ends, n)
		}
		add := func(k propKind, e *expr) {
			if e == nil {
				return
			}
			p := &prop{node: n, kind: k, e: e, rank: -1}
			n.props[k] = p
			f.order = append(f.order, p)
			for _, d := range e.deps {
				if d.node == n && k == propFilter {
					continue // a filter may look at the answer it filters
				}
				d.node.readers = append(d.node.readers, reader{p, d.common})
			}
		}
		add(propRelevant, n.relevant)
		if len(n.triggers) == 0 {
			add(propCalc, n.calc)
		}
		add(propFilter, n.filter)
		add(propCount, n.count)
	}
	for _, sc := range f.scopes {
		sc.askable = make([]byte, sc.bits())
		for _, n := range sc.nodes {
			if n.Askable() && !n.heads && (n.readOnly == nil || !n.readOnly.constant) {
				sc.askable[n.local>>3] |= 1 << (n.local & 7)
			}
		}
	}
	g := &sorter{c: c}
	for _, p := range f.order {
		g.visit(p)
	}
	slices.SortStableFunc(f.order, func(a, b *prop) int { return cmp.Compare(a.rank, b.rank) })
	for _, p := range f.order {
		if p.e.langDep {
			f.langDep = append(f.langDep, p)
		}
	}
}

// A sorter finds the order of the properties, depth first.
type sorter struct {
	c     *compiler
	stack []*prop
	soft  []bool // of the step that led to each on the stack but the first
	next  int
}

const (
	unseen = -1
	onPath = -2
)

func (g *sorter) visit(p *prop) {
	if p.rank != unseen {
		return
	}
	if len(g.stack) > 5000 {
		g.c.errorf(g.c.def.Sheet("survey"), p.node.Row, p.kind.column(), "shorten the chain", "the row depends on a chain of more than 5000 others")
		p.rank = 0
		return
	}
	p.rank = onPath
	g.stack = append(g.stack, p)
	// the node itself must be relevant first
	g.follow(p, determines(p.node, p.kind), false)
	for _, d := range p.e.deps {
		if d.node == p.node && p.kind != propRelevant && p.kind != propCalc {
			continue
		}
		if d.node == p.node && d.soft {
			continue
		}
		if d.node.Within(p.node) && p.kind == propRelevant && !d.soft {
			g.cycle(p, p)
			continue
		}
		if d.node == p.node {
			if p.kind == propCalc && !strings.Contains(p.e.src, "${"+p.node.Name+"}") {
				continue // "." in a calculation is the value so far
			}
			g.cycle(p, p)
			continue
		}
		// Two selects may each leave out what the other took, and a repeat may have one
		// instance more while the last one says so: filters and counts set no order.
		g.follow(p, valueOf(d.node), d.soft || p.kind == propFilter || p.kind == propCount)
	}
	g.stack = g.stack[:len(g.stack)-1]
	p.rank = g.next
	g.next++
}

func (g *sorter) follow(p *prop, on []*prop, soft bool) {
	for _, q := range on {
		if q == p {
			continue
		}
		if q.rank == onPath {
			if !soft && !g.throughSoft(q) {
				g.cycle(q, p)
			}
			continue
		}
		g.soft = append(g.soft, soft)
		g.visit(q)
		g.soft = g.soft[:len(g.soft)-1]
	}
}

// throughSoft tells whether the way from q to the end of the stack passes a
// soft dependency, which may be of another instance.
func (g *sorter) throughSoft(q *prop) bool {
	i := slices.Index(g.stack, q)
	return slices.Contains(g.soft[i:], true)
}

// cycle reports the path from q to p and back.
func (g *sorter) cycle(q, p *prop) {
	i := slices.Index(g.stack, q)
	var path []string
	for _, x := range g.stack[max(i, 0):] {
		path = append(path, x.node.Name)
	}
	path = append(path, q.node.Name)
	path = slices.Compact(path)
	s := g.c.def.Sheet("survey")
	if len(path) == 1 {
		g.c.errorf(s, q.node.Row, q.kind.column(), "remove the reference to the row itself", "%q depends on itself", q.node.Name)
		return
	}
	g.c.errorf(s, q.node.Row, q.kind.column(), "break the circle at one of these rows", "the rows depend on one another in a circle: %s", strings.Join(path, " → "))
}

// determines lists the properties that must be known before property k of n:
// whether it is relevant, and for those around it, whether they are and how often.
func determines(n *Node, k propKind) []*prop {
	var out []*prop
	if k != propRelevant {
		if p := n.props[propRelevant]; p != nil {
			return append(out, p)
		}
	}
	if k == propFilter || k == propCount {
		if p := n.props[propCalc]; p != nil {
			out = append(out, p)
		}
	}
	return append(out, around(n)...)
}

func around(n *Node) []*prop {
	for g := n.Parent; g != nil; g = g.Parent {
		var out []*prop
		if p := g.props[propCount]; p != nil {
			out = append(out, p)
		}
		if p := g.props[propRelevant]; p != nil {
			out = append(out, p)
		}
		if len(out) > 0 {
			if out[0].kind == propCount && len(out) == 1 {
				return append(out, around(g)...)
			}
			return out
		}
	}
	return nil
}

// valueOf lists the properties that say what reading n gives.
func valueOf(n *Node) []*prop {
	var out []*prop
	for _, k := range []propKind{propCalc, propFilter, propCount, propRelevant} {
		if p := n.props[k]; p != nil {
			out = append(out, p)
		}
	}
	if n.props[propRelevant] == nil {
		out = append(out, around(n)...)
	}
	return out
}
