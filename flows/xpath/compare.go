package xpath

import "math"

// tolerance is how near two numbers are that count as equal.
const tolerance = 1e-12

func evalComparison(c *Context, t *Binary) (Value, error) {
	l, r, err := operands(c, t)
	if err != nil {
		return Value{}, err
	}
	b, err := c.compare(t.Op, l, r)
	return BooleanValue(b), err
}

// compare follows XPath 1.0 section 3.4: a set of nodes satisfies a comparison
// if one of its nodes does, and is equal to a boolean if it is one itself.
func (c *Context) compare(op string, l, r Value) (bool, error) {
	if l.kind != KindNodes && r.kind != KindNodes {
		return c.compareOne(op, l, r), nil
	}
	if (op == "=" || op == "!=") && (l.kind == KindBoolean || r.kind == KindBoolean) {
		return c.compareOne(op, BooleanValue(l.Boolean()), BooleanValue(r.Boolean())), nil
	}
	for i := range l.count() {
		x := l.item(i)
		if err := c.bulk(x.str); err != nil {
			return false, err
		}
		for j := range r.count() {
			if err := c.spend(1); err != nil {
				return false, err
			}
			y := r.item(j)
			if err := c.bulk(y.str); err != nil {
				return false, err
			}
			if c.compareOne(op, x, y) {
				return true, nil
			}
		}
	}
	return false, nil
}

// count is the number of nodes of a set; 1 for a single value.
func (v Value) count() int {
	if v.kind == KindNodes {
		return len(v.nodes)
	}
	return 1
}

func (v Value) item(i int) Value {
	if v.kind == KindNodes {
		return LeafValue(v.nodes[i].Text(), v.nodes[i].Type())
	}
	return v
}

func (c *Context) compareOne(op string, l, r Value) bool {
	switch op {
	case "=":
		return c.equal(l, r)
	case "!=":
		return !c.equal(l, r)
	}
	x, y := c.number(l), c.number(r)
	switch op {
	case "<":
		return x < y
	case "<=":
		return x <= y || near(x, y)
	case ">":
		return x > y
	}
	return x >= y || near(x, y)
}

// equal compares as booleans if one side is one, as numbers if one side is one,
// as dates if both can be, else as text.
func (c *Context) equal(l, r Value) bool {
	switch {
	case l.kind == KindBoolean || r.kind == KindBoolean:
		return l.Boolean() == r.Boolean()
	case l.numeric() || r.numeric():
		return near(c.number(l), c.number(r))
	case l.dated() || r.dated():
		x, y := c.number(l), c.number(r)
		if x == x && y == y {
			return near(x, y)
		}
	}
	return l.String() == r.String()
}

// numeric reports whether the value makes a comparison numeric: a number, or
// the answer to a numeric question. A blank answer is text.
func (v Value) numeric() bool {
	return v.kind == KindNumber || v.kind == KindLeaf && v.leaf == NumberLeaf && v.str != ""
}

func (v Value) dated() bool {
	return v.kind == KindDate || v.kind == KindLeaf && v.leaf == DateLeaf && v.str != ""
}

func near(x, y float64) bool {
	return x == y || math.Abs(x-y) < tolerance
}
