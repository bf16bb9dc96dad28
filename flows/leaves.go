package flows

import "example.org/fieldbot/flows/xpath"

// leaves finds what kind of value each calculation stores, so that one of
// numbers or booleans is read as one: relevant ${adult} is false if adult is
// calculated as if(${age} >= 18, 1, 0) and stores 0. Of text, "0" is true.
func (c *compiler) leaves() {
	infer := func(n *Node) {
		if n.calc == nil || n.leaf != xpath.TextLeaf || n.Type.Bind != "string" || n.Type.Control != "" {
			return
		}
		if k := c.leafOf(n.calc.x.Root); k != blankLeaf {
			n.leaf = k
		}
	}
	for _, p := range c.form.order { // dependencies first
		if p.kind == propCalc {
			infer(p.node)
		}
	}
	for _, n := range c.form.Nodes {
		if len(n.triggers) > 0 && n.Kind == QuestionNode {
			infer(n)
		}
	}
}

// blankLeaf is the type of "", which goes with any other.
const blankLeaf xpath.LeafType = 0xff

var numberCalls = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range []string{
		"number", "int", "round", "abs", "pow", "sqrt", "exp", "exp10", "log", "log10", "sin", "cos", "tan", "asin", "acos",
		"atan", "atan2", "pi", "ceiling", "floor", "sum", "max", "min", "count", "count-non-empty", "position", "last",
		"string-length", "count-selected", "decimal-date-time", "decimal-time", "area", "enclosed-area", "distance", "random",
	} {
		m[name] = true
	}
	return m
}()

func (c *compiler) leafOf(t xpath.Term) xpath.LeafType {
	if xpath.IsBoolean(t) {
		return xpath.BooleanLeaf
	}
	switch t := t.(type) {
	case *xpath.Number, *xpath.Negate:
		return xpath.NumberLeaf
	case *xpath.Literal:
		if t.Value == "" {
			return blankLeaf
		}
	case *xpath.Binary:
		if t.Op != "|" {
			return xpath.NumberLeaf // comparisons were boolean
		}
	case *xpath.Ref:
		if b, ok := t.Bound.(*binding); ok {
			if b.position {
				return xpath.NumberLeaf
			}
			return valueLeaf(b.target)
		}
	case *xpath.Path:
		if n := c.leadsTo(t); n != nil {
			return valueLeaf(n)
		}
	case *xpath.Call:
		switch {
		case numberCalls[t.Name]:
			return xpath.NumberLeaf
		case t.Name == "if" && len(t.Args) == 3:
			return eitherLeaf(c.leafOf(t.Args[1]), c.leafOf(t.Args[2]))
		case t.Name == "coalesce" && len(t.Args) == 2:
			return eitherLeaf(c.leafOf(t.Args[0]), c.leafOf(t.Args[1]))
		case t.Name == "once" && len(t.Args) == 1:
			return c.leafOf(t.Args[0])
		}
	}
	return xpath.TextLeaf
}

func valueLeaf(n *Node) xpath.LeafType {
	if n.leaf == xpath.NumberLeaf || n.leaf == xpath.BooleanLeaf {
		return n.leaf
	}
	return xpath.TextLeaf
}

func eitherLeaf(a, b xpath.LeafType) xpath.LeafType {
	switch {
	case a == blankLeaf:
		return b
	case b == blankLeaf || a == b:
		return a
	}
	return xpath.TextLeaf
}

// leadsTo gives the node at the end of an absolute path, as indexed-repeat()
// becomes; nil if it may lead elsewhere.
func (c *compiler) leadsTo(t *xpath.Path) *Node {
	if !t.Absolute || t.Base != nil {
		return nil
	}
	at := document
	for _, st := range t.Steps {
		next, ok := c.step(at, st)
		if !ok || len(next) != 1 {
			return nil
		}
		at = next[0]
	}
	return at
}
