package xpath

import "fmt"

// evalNodes returns the nodes of a term in document order.
func evalNodes(c *Context, t Term) ([]Node, error) {
	if err := c.spend(1); err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case *Ref:
		nodes, err := c.Env.RefNodes(c, t)
		if err == nil {
			err = c.spend(len(nodes))
		}
		return nodes, err
	case *Path:
		return pathNodes(c, t)
	case *Binary:
		if t.Op == "|" {
			return evalUnion(c, t)
		}
	}
	v, err := eval(c, t)
	if err != nil {
		return nil, err
	}
	if v.kind != KindNodes && v.kind != KindLeaf {
		return nil, fmt.Errorf("%w: a %s", ErrNotNodes, v.kind)
	}
	return v.Nodes(), nil
}

func evalUnion(c *Context, t *Binary) ([]Node, error) {
	l, err := evalNodes(c, t.Left)
	if err != nil {
		return nil, err
	}
	r, err := evalNodes(c, t.Right)
	if err != nil {
		return nil, err
	}
	both := append(l[:len(l):len(l)], r...)
	return sortNodes(c, both)
}

// evalPath gives the value of a path: where it leads to one node along plain
// names, that node's leaf without making a set.
func evalPath(c *Context, t *Path) (Value, error) {
	if n, found, ok := t.single(c); ok {
		if !found {
			return NodesValue(nil), nil
		}
		s := n.Text()
		return LeafValue(s, n.Type()), c.bulk(s)
	}
	nodes, err := pathNodes(c, t)
	return NodesValue(nodes), err
}

// single follows a path of plain names, "." and "..". ok is false where it
// cannot tell that there is at most one node.
func (t *Path) single(c *Context) (n Node, found, ok bool) {
	switch {
	case t.Base != nil && t.fromCurrent() && c.Current != nil:
		n = c.Current
	case t.Base != nil:
		return nil, false, false
	case t.Absolute:
		n = c.Env.Root(c)
	default:
		n = c.Node
	}
	for i := range t.Steps {
		s := &t.Steps[i]
		if n == nil {
			return nil, false, true
		}
		if s.Predicates != nil {
			return nil, false, false
		}
		switch {
		case s.Axis == AxisSelf && s.Test.Type == "node":
		case s.Axis == AxisParent && s.Test.Type == "node":
			n = n.Parent()
		case s.Axis == AxisChild && s.Test.Type == "" && s.Test.Name != "*":
			p, is := n.(ChildFinder)
			if !is || c.anyNamespace {
				return nil, false, false
			}
			if n, is = p.ChildNamed(s.Test.Name); !is {
				return nil, false, false
			}
		default:
			return nil, false, false
		}
	}
	return n, n != nil, true
}

// fromCurrent reports whether the path begins with current().
func (t *Path) fromCurrent() bool {
	call, ok := t.Base.(*Call)
	return ok && call.Name == "current" && len(call.Args) == 0 && t.Predicates == nil
}

// start returns the nodes that the steps of a path begin from.
func (t *Path) start(c *Context) ([]Node, error) {
	if t.Base != nil {
		nodes, err := evalNodes(c, t.Base)
		if err != nil {
			return nil, err
		}
		for _, p := range t.Predicates {
			if nodes, err = filter(c, nodes, p); err != nil {
				return nil, err
			}
		}
		return nodes, nil
	}
	n := c.Node
	if t.Absolute {
		n = c.Env.Root(c)
	}
	if n == nil {
		return nil, nil
	}
	return []Node{n}, nil
}

func pathNodes(c *Context, t *Path) ([]Node, error) {
	nodes, err := t.start(c)
	if err != nil {
		return nil, err
	}
	flat := len(nodes) <= 1 // no node is inside another
	for i := range t.Steps {
		s := &t.Steps[i]
		if nodes, err = walkStep(c, nodes, s, flat); err != nil {
			return nil, err
		}
		flat = len(nodes) <= 1 || flat && s.keepsFlat()
	}
	return nodes, nil
}

// keepsFlat reports whether nodes beside each other lead to nodes beside each
// other along the axis.
func (s *Step) keepsFlat() bool {
	return s.Axis == AxisChild || s.Axis == AxisSelf || s.Axis == AxisAttribute
}

// walkStep applies a step to each of the nodes and puts the results in order.
func walkStep(c *Context, nodes []Node, s *Step, flat bool) ([]Node, error) {
	var out []Node
	for _, n := range nodes {
		found, err := stepFrom(c, n, s)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = found
		} else {
			out = append(out, found...)
		}
	}
	if len(nodes) <= 1 || len(out) <= 1 || flat && (s.keepsFlat() || s.Axis == AxisDescendant || s.Axis == AxisDescendantOrSelf) {
		return out, nil
	}
	return sortNodes(c, out)
}

// stepFrom returns the nodes one step away from n, in document order.
func stepFrom(c *Context, n Node, s *Step) ([]Node, error) {
	if found, ok, err := lookupStep(c, n, s); ok || err != nil {
		return found, err
	}
	w := walker{c: c, test: &s.Test, attribute: s.Axis == AxisAttribute}
	if err := w.axis(n, s.Axis); err != nil {
		return nil, err
	}
	out := w.out
	var err error
	for _, p := range s.Predicates {
		if out, err = filter(c, out, p); err != nil {
			return nil, err
		}
	}
	if s.Axis.reverse() {
		reverse(out)
	}
	return out, nil
}

func reverse(nodes []Node) {
	for i, j := 0, len(nodes)-1; i < j; i, j = i+1, j-1 {
		nodes[i], nodes[j] = nodes[j], nodes[i]
	}
}

// positionAsked returns the number in a predicate position() = number(…) that is
// the same for all candidates, as indexed-repeat() makes; nil for any other.
func positionAsked(p Term) Term {
	b, ok := p.(*Binary)
	if !ok || b.Op != "=" {
		return nil
	}
	at, ok := b.Left.(*Call)
	if !ok || at.Name != "position" || len(at.Args) != 0 {
		return nil
	}
	n, ok := b.Right.(*Call)
	if !ok || n.Name != "number" || len(n.Args) != 1 || !independent(n.Args[0]) {
		return nil
	}
	return b.Right
}

// filter keeps the nodes for which a predicate is true, or whose position it is.
func filter(c *Context, nodes []Node, p Term) ([]Node, error) {
	if k, ok := p.(*Number); ok {
		i := int(k.Value)
		if float64(i) != k.Value || i < 1 || i > len(nodes) {
			return nil, nil
		}
		return nodes[i-1 : i : i], nil
	}
	if at := positionAsked(p); at != nil {
		v, err := eval(c, at)
		if err != nil {
			return nil, err
		}
		i := int(v.Number())
		if float64(i) != v.Number() || i < 1 || i > len(nodes) {
			return nil, nil
		}
		return nodes[i-1 : i : i], nil
	}
	d := *c
	d.Size = len(nodes)
	var out []Node
	for i, n := range nodes {
		d.Node, d.Position = n, i+1
		v, err := eval(&d, p)
		if err != nil {
			return nil, err
		}
		if v.kind == KindNumber && v.num == float64(i+1) || v.kind != KindNumber && v.Boolean() {
			out = append(out, n)
		}
	}
	return out, nil
}
