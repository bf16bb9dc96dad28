package xpath

import "strings"

// lookupStep finds the nodes of a step child[column = value] through an index,
// if the node has one and the value does not depend on the candidate. ok is
// false where the step must be walked.
func lookupStep(c *Context, n Node, s *Step) (nodes []Node, ok bool, err error) {
	if s.Axis != AxisChild || s.Test.Type != "" || len(s.Predicates) == 0 || strings.HasSuffix(s.Test.Name, "*") {
		return nil, false, nil
	}
	index, ok := n.(Lookuper)
	if !ok {
		return nil, false, nil
	}
	k := findKey(s.Predicates[0])
	if k.column == "" {
		return nil, false, nil
	}
	v, err := eval(c, k.value)
	if err != nil {
		return nil, false, err
	}
	if nodes, ok = k.find(index, s.Test.Name, v); !ok {
		return nil, false, nil
	}
	if err := c.spend(1 + len(nodes)); err != nil {
		return nil, false, err
	}
	for _, p := range k.rest {
		if nodes, err = filter(c, nodes, p); err != nil {
			return nil, false, err
		}
	}
	for _, p := range s.Predicates[1:] {
		if nodes, err = filter(c, nodes, p); err != nil {
			return nil, false, err
		}
	}
	return nodes, true, nil
}

// A key is the part of a predicate that an index can answer, and what is left
// of the predicate to test.
type key struct {
	column string // "" if there is no such part
	value  Term
	words  bool // the column is one of the words of the value, not the value
	rest   []Term
}

// find asks the index.
func (k *key) find(index Lookuper, name string, v Value) ([]Node, bool) {
	var words []string
	switch {
	case k.words:
		if words = strings.FieldsFunc(v.String(), isBlank); len(words) == 0 {
			return nil, false // blank columns are selected, which the index does not know
		}
	case v.kind == KindNodes && len(v.nodes) > 1: // equal if one of them is
		for i := range v.nodes {
			text, ok := v.item(i).exactText()
			if !ok {
				return nil, false
			}
			words = append(words, text)
		}
	default:
		text, ok := v.exactText()
		if !ok {
			return nil, false
		}
		return index.Lookup(name, k.column, text)
	}
	if many, ok := index.(WordLookuper); ok {
		return many.LookupWords(name, k.column, words)
	}
	return nil, false
}

func isBlank(r rune) bool { return strings.ContainsRune(blanks, r) }

// findKey looks for column = value, or selected(value, column), in a predicate or
// in one of the parts of its "and". What is left must not ask for positions, since they would be counted
// among the nodes that were found.
func findKey(t Term) key {
	if call, ok := t.(*Call); ok && call.Name == "selected" && len(call.Args) == 2 && independent(call.Args[0]) {
		return key{column: columnName(call.Args[1]), value: call.Args[0], words: true}
	}
	b, ok := t.(*Binary)
	if !ok {
		return key{}
	}
	switch b.Op {
	case "=":
		if col := columnName(b.Left); col != "" && independent(b.Right) {
			return key{column: col, value: b.Right}
		}
		if col := columnName(b.Right); col != "" && independent(b.Left) {
			return key{column: col, value: b.Left}
		}
	case "and":
		if asksPosition(t) {
			return key{}
		}
		if k := findKey(b.Left); k.column != "" {
			k.rest = append(k.rest, boolean(b.Right))
			return k
		}
		if k := findKey(b.Right); k.column != "" {
			k.rest = append(k.rest, boolean(b.Left))
			return k
		}
	}
	return key{}
}

// boolean keeps an operand of "and" from being read as a position.
func boolean(t Term) Term {
	if IsBoolean(t) {
		return t
	}
	return &Call{Name: "boolean", Args: []Term{t}}
}

// columnName returns the name of a path that is just the name of a child.
func columnName(t Term) string {
	p, ok := t.(*Path)
	if !ok || p.Base != nil || p.Absolute || len(p.Steps) != 1 {
		return ""
	}
	s := &p.Steps[0]
	if s.Axis != AxisChild || s.Test.Type != "" || s.Test.Name == "*" || s.Predicates != nil {
		return ""
	}
	return s.Test.Name
}

// independent reports whether a term is the same for all candidates of a
// predicate.
func independent(t Term) bool {
	switch t := t.(type) {
	case *Number, *Literal:
		return true
	case *Ref:
		return !t.Varies
	case *Binary:
		return independent(t.Left) && independent(t.Right)
	case *Path:
		return (t.Absolute || t.fromCurrent()) && !t.filtered() || t.ofInstance()
	case *Call:
		switch t.Name {
		case "concat", "string", "substr", "selected-at", "normalize-space", "jr:choice-name", "coalesce", "if",
			"pulldata", "substring", "substring-before", "substring-after":
		default:
			return false
		}
		for _, a := range t.Args {
			if !independent(a) {
				return false
			}
		}
		return len(t.Args) > 0
	}
	return false
}

// ofInstance reports whether the path begins at a list or file, and no question in
// its predicates depends on the candidate outside: what stands in them without a
// question is of the list's own rows.
func (t *Path) ofInstance() bool {
	call, ok := t.Base.(*Call)
	if !ok || call.Name != "instance" || len(call.Args) != 1 || !independent(call.Args[0]) {
		return false
	}
	varies := false
	Walk(t, func(t Term) bool {
		if r, ok := t.(*Ref); ok && r.Varies {
			varies = true
		}
		return !varies
	})
	return !varies
}

func (t *Path) filtered() bool {
	for i := range t.Steps {
		if t.Steps[i].Predicates != nil {
			return true
		}
	}
	return false
}

func asksPosition(t Term) bool {
	found := false
	Walk(t, func(t Term) bool {
		if call, ok := t.(*Call); ok && len(call.Args) == 0 && (call.Name == "position" || call.Name == "last") {
			found = true
		}
		return !found
	})
	return found
}

// exactText returns the text that a column must have to be equal to the value.
// ok is false if the comparison is not one of texts: with numbers and dates
// other texts can be equal as well.
func (v Value) exactText() (s string, ok bool) {
	switch v.kind {
	case KindString:
		return v.str, v.str != ""
	case KindLeaf:
		return v.str, v.str != "" && (v.leaf == TextLeaf || v.leaf == BooleanLeaf)
	case KindNodes:
		if len(v.nodes) == 1 {
			return v.item(0).exactText()
		}
	}
	return "", false
}
