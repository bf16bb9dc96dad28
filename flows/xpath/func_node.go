package xpath

import (
	"fmt"
	"math"
	"strings"
)

func nodeFunctions() []*function {
	return []*function{
		{Function{Name: "count", Args: "nodes", Min: 1, Max: 1,
			Doc: "How many there are, as instances of a repeat."}, false, fnCount},
		{Function{Name: "count-non-empty", Args: "nodes", Min: 1, Max: 1,
			Doc: "How many of them are not blank."}, false, fnCountNonEmpty},
		{Function{Name: "position", Args: "[node]", Max: 1,
			Doc: "The number of a node among those beside it with the same name, counted from 1; position(..) is the number of this instance of a repeat."}, false, fnPosition},
		{Function{Name: "last", Doc: "The number of candidates in a predicate."}, false, fnLast},
		{Function{Name: "indexed-repeat", Args: "question, repeat, number[, repeat, number, …]", Min: 3, Max: 11,
			Doc: "The answer to a question in the numbered instance of a repeat; blank if there is none. In a form a number that is blank or below one means the first."}, false, fnIndexedRepeat},
		{Function{Name: "current", Doc: "The node that the expression belongs to."}, false, fnCurrent},
		{Function{Name: "instance", Args: "name", Min: 1, Max: 1,
			Doc: "The root of a list of choices or an attached file."}, false, fnInstance},
		{Function{Name: "randomize", Args: "nodes[, seed]", Min: 1, Max: 2,
			Doc: "The nodes in an order drawn by lot, always the same for the same seed."}, false, fnRandomize},
		{Function{Name: "name", Args: "[node]", Max: 1, Doc: "The name of a node with its prefix."}, false, nodeName(Node.Name)},
		{Function{Name: "local-name", Args: "[node]", Max: 1, Doc: "The name of a node."}, false, nodeName(localName)},
		{Function{Name: "namespace-uri", Args: "[node]", Max: 1, Doc: "The namespace of a node."}, false, nodeName(namespaceURI)},
		{Function{Name: "lang", Args: "code", Min: 1, Max: 1,
			Doc: "True if the node is in the language by its xml:lang."}, true, fnLang},
		{Function{Name: "id", Args: "ids", Min: 1, Max: 1,
			Doc: "The elements of a document with these ids."}, false, fnID},
	}
}

func fnCount(c *Context, args []Term) (Value, error) {
	nodes, err := evalNodes(c, args[0])
	return NumberValue(float64(len(nodes))), err
}

func fnCountNonEmpty(c *Context, args []Term) (Value, error) {
	nodes, err := evalNodes(c, args[0])
	n := 0
	for _, x := range nodes {
		s := x.Text()
		if s != "" {
			n++
		}
		if err := c.bulk(s); err != nil {
			return Value{}, err
		}
	}
	return NumberValue(float64(n)), err
}

func fnPosition(c *Context, args []Term) (Value, error) {
	if len(args) == 0 {
		if c.Position > 0 {
			return NumberValue(float64(c.Position)), nil
		}
		return NumberValue(1), nil
	}
	nodes, err := evalNodes(c, args[0])
	if err != nil || len(nodes) == 0 {
		return NumberValue(nan), err
	}
	p, err := position(c, nodes[0])
	return NumberValue(float64(p)), err
}

func position(c *Context, n Node) (int, error) {
	if p, ok := n.(Positioner); ok {
		return p.Position(), c.spend(1)
	}
	parent := n.Parent()
	if parent == nil || n.Kind() != ElementNode {
		return 1, nil
	}
	all := parent.Children()
	if err := c.spend(len(all)); err != nil {
		return 0, err
	}
	i := 0
	for _, x := range all {
		if x.Kind() == ElementNode && x.Name() == n.Name() {
			i++
		}
		if x == n {
			break
		}
	}
	return i, nil
}

func fnLast(c *Context, _ []Term) (Value, error) {
	return NumberValue(float64(max(1, c.Size))), nil
}

// fnIndexedRepeat keeps those nodes of the first argument that stand in the
// wanted instance of each repeat.
func fnIndexedRepeat(c *Context, args []Term) (Value, error) {
	if len(args)%2 == 0 {
		return Value{}, fmt.Errorf("indexed-repeat() needs pairs of repeat and number")
	}
	nodes, err := evalNodes(c, args[0])
	if err != nil {
		return Value{}, err
	}
	for pair := args[1:]; len(pair) > 0; pair = pair[2:] {
		repeat, err := evalNodes(c, pair[0])
		if err != nil {
			return Value{}, err
		}
		index, err := evalNumber(c, pair[1])
		if err != nil {
			return Value{}, err
		}
		if nodes, err = inInstance(c, nodes, repeat, index); err != nil {
			return Value{}, err
		}
	}
	if len(nodes) == 0 {
		return Value{}, nil
	}
	return NodesValue(nodes[:1]), nil
}

// inInstance keeps the nodes that are in an instance of a repeat with this number.
func inInstance(c *Context, nodes, repeat []Node, index float64) ([]Node, error) {
	wanted := map[Node]bool{}
	for _, r := range repeat {
		p, err := position(c, r)
		if err != nil {
			return nil, err
		}
		if float64(p) == index {
			wanted[r] = true
		}
	}
	var out []Node
	for _, n := range nodes {
		for p := n; p != nil; p = p.Parent() {
			if err := c.spend(1); err != nil {
				return nil, err
			}
			if wanted[p] {
				out = append(out, n)
				break
			}
		}
	}
	return out, nil
}

func fnCurrent(c *Context, _ []Term) (Value, error) {
	n := c.Current
	if n == nil {
		n = c.Node
	}
	if n == nil {
		return NodesValue(nil), nil
	}
	return NodesValue([]Node{n}), nil
}

func fnInstance(c *Context, args []Term) (Value, error) {
	id, err := evalString(c, args[0])
	if err != nil {
		return Value{}, err
	}
	n, ok := c.Env.Instance(id)
	if !ok {
		return Value{}, fmt.Errorf("there is no instance %q", id)
	}
	return NodesValue([]Node{n}), nil
}

func fnRandomize(c *Context, args []Term) (Value, error) {
	nodes, err := evalNodes(c, args[0])
	if err != nil {
		return Value{}, err
	}
	if err := c.spend(len(nodes)); err != nil {
		return Value{}, err
	}
	if len(args) == 1 {
		return NodesValue(Shuffle(nodes, math.Floor(c.Env.Random()*lcgModulus))), nil
	}
	seed, err := evalString(c, args[1])
	return NodesValue(Shuffle(nodes, SeedFrom(strings.TrimSpace(seed)))), err
}

func nodeName(f func(Node) string) func(*Context, []Term) (Value, error) {
	return func(c *Context, args []Term) (Value, error) {
		if len(args) == 0 {
			if c.Node == nil {
				return Value{}, nil
			}
			return StringValue(f(c.Node)), nil
		}
		nodes, err := evalNodes(c, args[0])
		if err != nil || len(nodes) == 0 {
			return Value{}, err
		}
		return StringValue(f(nodes[0])), nil
	}
}

func localName(n Node) string {
	if _, local, ok := strings.Cut(n.Name(), ":"); ok {
		return local
	}
	return n.Name()
}

func namespaceURI(n Node) string {
	if x, ok := n.(namespaced); ok {
		return x.Namespace()
	}
	return ""
}

func fnLang(c *Context, args []Term) (Value, error) {
	want, err := evalString(c, args[0])
	if err != nil {
		return Value{}, err
	}
	for n := c.Node; n != nil; n = n.Parent() {
		attrs := n.Attributes()
		if err := c.spend(1 + len(attrs)); err != nil {
			return Value{}, err
		}
		for _, a := range attrs {
			if a.Name() == "xml:lang" {
				have := strings.ToLower(a.Text())
				want = strings.ToLower(want)
				return BooleanValue(have == want || strings.HasPrefix(have, want+"-")), nil
			}
		}
	}
	return BooleanValue(false), nil
}

func fnID(c *Context, args []Term) (Value, error) {
	wanted := map[string]bool{}
	err := each(c, args, func(v Value) error {
		for _, w := range strings.Fields(v.String()) {
			wanted[w] = true
		}
		return nil
	})
	if err != nil || c.Node == nil {
		return NodesValue(nil), err
	}
	w := walker{c: c, test: &Test{Name: "*"}}
	if err := w.below(rootOf(c.Node)); err != nil {
		return Value{}, err
	}
	var out []Node
	for _, n := range w.out {
		attrs := n.Attributes()
		if err := c.spend(len(attrs)); err != nil {
			return Value{}, err
		}
		for _, a := range attrs {
			if (a.Name() == "id" || a.Name() == "xml:id") && wanted[a.Text()] {
				out = append(out, n)
				break
			}
		}
	}
	return NodesValue(out), nil
}
