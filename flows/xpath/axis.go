package xpath

import "strings"

// reverse reports whether the axis runs against document order.
func (a Axis) reverse() bool {
	switch a {
	case AxisAncestor, AxisAncestorOrSelf, AxisPreceding, AxisPrecedingSibling:
		return true
	}
	return false
}

// A walker collects the nodes of an axis that pass a test, nearest first.
type walker struct {
	c         *Context
	test      *Test
	attribute bool
	out       []Node
}

// visit pays for a node and keeps it if it passes.
func (w *walker) visit(n Node) error {
	if w.passes(n) {
		w.out = append(w.out, n)
	}
	return w.c.spend(1)
}

func (w *walker) visitAll(nodes []Node) error {
	for _, n := range nodes {
		if err := w.visit(n); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) axis(n Node, a Axis) error {
	switch a {
	case AxisChild:
		return w.children(n)
	case AxisSelf:
		return w.visit(n)
	case AxisParent:
		if p := n.Parent(); p != nil {
			return w.visit(p)
		}
		return nil
	case AxisDescendant:
		return w.below(n)
	case AxisDescendantOrSelf:
		return w.withBelow(n)
	case AxisAttribute:
		return w.visitAll(n.Attributes())
	case AxisAncestor, AxisAncestorOrSelf:
		if a == AxisAncestor {
			n = n.Parent()
		}
		for ; n != nil; n = n.Parent() {
			if err := w.visit(n); err != nil {
				return err
			}
		}
		return nil
	case AxisFollowingSibling, AxisPrecedingSibling:
		return w.siblings(n, a)
	case AxisFollowing, AxisPreceding:
		return w.beyond(n, a)
	}
	return w.namespaces(n)
}

func (w *walker) children(n Node) error {
	if p, ok := n.(ChildFinder); ok && !w.c.anyNamespace && w.test.Type == "" && w.test.Name != "*" {
		if k, ok := p.ChildNamed(w.test.Name); ok {
			if k != nil {
				w.out = append(w.out, k)
			}
			return w.c.spend(1)
		}
	}
	return w.visitAll(n.Children())
}

func (w *walker) below(n Node) error {
	for _, k := range n.Children() {
		if err := w.withBelow(k); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) withBelow(n Node) error {
	if err := w.visit(n); err != nil {
		return err
	}
	return w.below(n)
}

// siblings visits what follows n in its parent, or comes before it, nearest first.
func (w *walker) siblings(n Node, a Axis) error {
	p := n.Parent()
	if p == nil || n.Kind() == AttributeNode {
		return nil
	}
	all := p.Children()
	if err := w.c.spend(len(all)); err != nil {
		return err
	}
	i := indexOf(all, n)
	if i < 0 {
		return nil
	}
	if a == AxisFollowingSibling {
		return w.visitAll(all[i+1:])
	}
	for i--; i >= 0; i-- {
		if err := w.visit(all[i]); err != nil {
			return err
		}
	}
	return nil
}

// beyond visits everything after n, or before it, that is neither inside nor
// around it.
func (w *walker) beyond(n Node, a Axis) error {
	if n.Kind() == AttributeNode {
		n = n.Parent()
		if a == AxisFollowing && n != nil {
			if err := w.below(n); err != nil {
				return err
			}
		}
	}
	for ; n != nil; n = n.Parent() {
		p := n.Parent()
		if p == nil {
			return nil
		}
		all := p.Children()
		if err := w.c.spend(len(all)); err != nil {
			return err
		}
		i := indexOf(all, n)
		if a == AxisFollowing {
			for _, k := range all[i+1:] {
				if err := w.withBelow(k); err != nil {
					return err
				}
			}
			continue
		}
		for i--; i >= 0; i-- {
			if err := w.backwards(all[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// backwards visits n and what is in it against document order.
func (w *walker) backwards(n Node) error {
	all := n.Children()
	for i := len(all) - 1; i >= 0; i-- {
		if err := w.backwards(all[i]); err != nil {
			return err
		}
	}
	return w.visit(n)
}

// A namespacer is an element of a document that knows the namespaces in scope.
type namespacer interface {
	namespaceNodes() []Node
}

func (w *walker) namespaces(n Node) error {
	if x, ok := n.(namespacer); ok {
		w.attribute = true
		return w.visitAll(x.namespaceNodes())
	}
	return nil
}

func indexOf(nodes []Node, n Node) int {
	for i, x := range nodes {
		if x == n {
			return i
		}
	}
	return -1
}

// passes applies the node test.
func (w *walker) passes(n Node) bool {
	kind := n.Kind()
	switch w.test.Type {
	case "node":
		return true
	case "text":
		return kind == TextNode
	case "comment":
		return kind == CommentNode
	case "processing-instruction":
		return kind == InstructionNode && (w.test.Name == "" || w.test.Name == n.Name())
	}
	if w.attribute && kind != AttributeNode || !w.attribute && kind != ElementNode {
		return false
	}
	return w.test.Name == "*" || w.c.anyNamespace && w.test.Name == n.Name() || matchName(n, w.test.Name)
}

// A namespaced node knows the URI of its namespace; "" is none.
type namespaced interface{ Namespace() string }

// prefixes are those that expressions may use without declaring them.
var prefixes = map[string]string{
	"xhtml":       "http://www.w3.org/1999/xhtml",
	"h":           "http://www.w3.org/1999/xhtml",
	"xml":         "http://www.w3.org/XML/1998/namespace",
	"xf":          "http://www.w3.org/2002/xforms",
	"jr":          "http://openrosa.org/javarosa",
	"orx":         "http://openrosa.org/xforms",
	"odk":         "http://www.opendatakit.org/xforms",
	"enk":         "http://enketo.org/xforms",
	"ev":          "http://some-namespace.com/nss",
	"OpenClinica": "http://openclinica.com/odm",
}

// matchName compares a name as written in a path with that of a node. Names of
// a form have no namespaces; in a document, a name without prefix means none.
func matchName(n Node, want string) bool {
	have := n.Name()
	x, ok := n.(namespaced)
	if !ok {
		return have == want
	}
	prefix, local, ok := strings.Cut(want, ":")
	if !ok {
		return have == want && (x.Namespace() == "" || x.Namespace() != prefixes["xhtml"])
	}
	_, haveLocal, prefixed := strings.Cut(have, ":")
	if !prefixed {
		haveLocal = have
	}
	if local != "*" && local != haveLocal {
		return false
	}
	return prefixed && strings.HasPrefix(have, prefix+":") || x.Namespace() != "" && x.Namespace() == prefixes[prefix]
}
