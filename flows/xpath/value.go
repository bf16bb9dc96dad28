package xpath

import (
	"strings"
	"time"
)

// A Kind tells the types of values apart.
type Kind uint8

// The kinds of values. A KindLeaf is one answer: it behaves as the set of its
// one node does, without the node having to exist.
const (
	KindString Kind = iota
	KindNumber
	KindBoolean
	KindDate
	KindNodes
	KindLeaf
)

func (k Kind) String() string {
	return [...]string{"string", "number", "boolean", "date", "nodeset", "nodeset"}[k]
}

// A Value is the result of an expression or a part of it. The zero Value is the
// empty string.
type Value struct {
	kind  Kind
	leaf  LeafType
	timed bool           // of a date: it has a time of day
	num   float64        // number; boolean as 0 or 1; date as Unix milliseconds
	zone  *time.Location // of a date; of a number: it counts days on the calendar there
	str   string
	nodes []Node
}

// NumberValue returns a number.
func NumberValue(f float64) Value { return Value{kind: KindNumber, num: f} }

// StringValue returns a string.
func StringValue(s string) Value { return Value{str: s} }

// BooleanValue returns true or false.
func BooleanValue(b bool) Value {
	v := Value{kind: KindBoolean}
	if b {
		v.num = 1
	}
	return v
}

// DateValue returns a date, or with hasTime a moment to the millisecond. The
// zone of t is the one it is printed in.
func DateValue(t time.Time, hasTime bool) Value {
	return Value{kind: KindDate, num: float64(t.UnixMilli()), zone: t.Location(), timed: hasTime}
}

// NodesValue returns a set of nodes, which must be in document order.
func NodesValue(nodes []Node) Value { return Value{kind: KindNodes, nodes: nodes} }

// LeafValue returns a single answer with the type of its question. A blank text
// is a question without answer.
func LeafValue(text string, typ LeafType) Value {
	return Value{kind: KindLeaf, leaf: typ, str: text}
}

// Kind returns the type of the value.
func (v Value) Kind() Kind { return v.kind }

// LeafType returns the type of the answer of a KindLeaf.
func (v Value) LeafType() LeafType { return v.leaf }

// Number converts the value as number() does; NaN if it has no number. A date
// counts as days since 1970-01-01 in its own zone.
func (v Value) Number() float64 {
	switch v.kind {
	case KindNumber, KindBoolean:
		return v.num
	case KindDate:
		return days(v.time())
	case KindNodes:
		if len(v.nodes) == 0 {
			return nan
		}
		return leafNumber(v.nodes[0].Text(), v.nodes[0].Type(), nil)
	case KindLeaf:
		return leafNumber(v.str, v.leaf, nil)
	}
	return textNumber(v.str, nil)
}

// String converts the value as string() does.
func (v Value) String() string {
	switch v.kind {
	case KindNumber:
		return FormatNumber(v.num)
	case KindBoolean:
		if v.num != 0 {
			return "true"
		}
		return "false"
	case KindDate:
		return formatISO(v.time(), v.timed)
	case KindNodes:
		if len(v.nodes) == 0 {
			return ""
		}
		return v.nodes[0].Text()
	}
	return v.str
}

// Boolean converts the value as boolean() does. A set of nodes is true if the
// value of one of them is: a number other than 0, "true" of a boolean
// calculation, any other text that is not blank.
func (v Value) Boolean() bool {
	switch v.kind {
	case KindNumber, KindBoolean:
		return v.num != 0 && v.num == v.num
	case KindDate:
		return true
	case KindNodes:
		for _, n := range v.nodes {
			if leafBoolean(n.Text(), n.Type()) {
				return true
			}
		}
		return false
	case KindLeaf:
		return leafBoolean(v.str, v.leaf)
	}
	return v.str != ""
}

// Nodes returns the nodes of a set, and a node made up for a leaf; nil for
// other kinds.
func (v Value) Nodes() []Node {
	switch v.kind {
	case KindNodes:
		return v.nodes
	case KindLeaf:
		return []Node{leafNode{v.str, v.leaf}}
	}
	return nil
}

// Time returns the moment a value stands for: a date, or a text in the form of
// one, which is read as UTC if it names no offset.
func (v Value) Time() (t time.Time, ok bool) {
	if v.kind == KindDate {
		return v.time(), true
	}
	if v.kind == KindNumber || v.kind == KindBoolean {
		return time.Time{}, false
	}
	t, _, ok = parseISO(v.String(), time.UTC)
	return t, ok
}

func (v Value) time() time.Time {
	return time.UnixMilli(int64(v.num)).In(v.zone)
}

// leafNumber converts an answer. zone is that of the respondent, nil if not known.
func leafNumber(s string, typ LeafType, zone *time.Location) float64 {
	if typ == BooleanLeaf {
		switch s {
		case "true":
			return 1
		case "false":
			return 0
		}
	}
	return textNumber(s, zone)
}

func textNumber(s string, zone *time.Location) float64 {
	f, ok := parseNumber(s)
	if ok {
		return f
	}
	if t, _, ok := parseISO(s, zone); ok {
		return days(t)
	}
	return nan
}

func leafBoolean(s string, typ LeafType) bool {
	switch typ {
	case NumberLeaf:
		f, ok := parseNumber(s)
		return ok && f != 0 || !ok && strings.TrimSpace(s) != ""
	case BooleanLeaf:
		return s == "true"
	}
	return s != ""
}

// A leafNode is the node that a leaf value is given where a node is needed.
type leafNode struct {
	text string
	typ  LeafType
}

func (n leafNode) Kind() NodeKind     { return ElementNode }
func (n leafNode) Name() string       { return "" }
func (n leafNode) Parent() Node       { return nil }
func (n leafNode) Children() []Node   { return nil }
func (n leafNode) Attributes() []Node { return nil }
func (n leafNode) Text() string       { return n.text }
func (n leafNode) Type() LeafType     { return n.typ }
