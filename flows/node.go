package flows

import "example.org/fieldbot/flows/xpath"

// An inode is a node of an instance as expressions see it. What is not
// relevant is not there.
type inode struct {
	in *Instance
	c  *container
	n  *Node // nil: the document above the root element
}

func (x inode) Kind() xpath.NodeKind {
	if x.n == nil {
		return xpath.RootNode
	}
	return xpath.ElementNode
}

func (x inode) Name() string {
	if x.n == nil {
		return ""
	}
	return x.n.Name
}

func (x inode) Parent() xpath.Node {
	switch {
	case x.n == nil:
		return nil
	case x.n.Parent == nil:
		return inode{x.in, x.c, nil}
	}
	return x.in.inodeOf(x.outer(), x.n.Parent)
}

// outer is the container in which the node itself stands: of a repeat's
// instance, the one around it.
func (x inode) outer() *container {
	if x.n.Kind == RepeatNode {
		return x.c.parent
	}
	return x.c
}

// inodeOf is the node of n, seen from the container c in which n's children live.
func (in *Instance) inodeOf(c *container, n *Node) inode { return inode{in, c, n} }

func (x inode) Children() []xpath.Node {
	if x.n == nil {
		return []xpath.Node{inode{x.in, x.c, x.in.form.Root}}
	}
	var out []xpath.Node
	for _, n := range x.n.Children {
		if x.c.isHidden(n) {
			continue
		}
		if n.Kind != RepeatNode {
			out = append(out, inode{x.in, x.c, n})
			continue
		}
		for _, c := range x.c.active(n) {
			out = append(out, inode{x.in, c, n})
		}
	}
	return out
}

// ChildNamed finds the one child with a name, without listing the others; a
// repeat has several, which must be listed.
func (x inode) ChildNamed(name string) (xpath.Node, bool) {
	if x.n == nil {
		return nil, false
	}
	n := x.n.child(name)
	switch {
	case n == nil || x.c.isHidden(n):
		return nil, true
	case n.Kind == RepeatNode:
		return nil, false
	}
	return inode{x.in, x.c, n}, true
}

// Position is the number of a repeat's instance, and 1 for everything else.
func (x inode) Position() int {
	if x.n != nil && x.n.Kind == RepeatNode {
		return x.c.pos + 1
	}
	return 1
}

func (x inode) Attributes() []xpath.Node { return nil }

func (x inode) Text() string {
	if x.n != nil && x.n.Kind == QuestionNode {
		return x.in.leaf(x.c, x.n)
	}
	s := ""
	for _, k := range x.Children() {
		s += k.Text()
	}
	return s
}

func (x inode) Type() xpath.LeafType {
	if x.n == nil {
		return xpath.TextLeaf
	}
	return x.n.leaf
}

// collect appends the nodes of target below container c, all instances of the
// repeats between.
func (in *Instance) collect(out []xpath.Node, c *container, target *Node) []xpath.Node {
	if c.scope == target.scope {
		if c.hiddenEffective(target) {
			return out
		}
		if target.Kind != RepeatNode {
			return append(out, inode{in, c, target})
		}
		for _, k := range c.active(target) {
			out = append(out, inode{in, k, target})
		}
		return out
	}
	// the child repeat of c that leads to target
	rep := target.scope.below(c.scope)
	if rep == nil || c.hiddenEffective(rep) {
		return out
	}
	for _, k := range c.active(rep) {
		out = in.collect(out, k, target)
	}
	return out
}
