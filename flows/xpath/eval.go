package xpath

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// DefaultBudget is what an evaluation may cost where the Context sets no
// budget: about this many nodes visited, steps taken or functions called.
const DefaultBudget = 1_000_000

// maxText is the longest string an expression may build, in bytes.
const maxText = 1 << 20

// Errors of an evaluation that say something about the expression as a whole.
var (
	// ErrBudget ends an evaluation that takes too much time or memory.
	ErrBudget = errors.New("expression takes too many steps")

	// ErrNotNodes is wrapped where nodes are needed and a value stands.
	ErrNotNodes = errors.New("not a set of nodes")
)

// Eval returns the value of the expression. It fails with ErrBudget if it costs
// too much, and for what Check would have reported; a value that cannot be
// converted is never an error.
func (e *Expr) Eval(c *Context) (Value, error) {
	c = c.ready()
	v, err := eval(c, e.Root)
	if err != nil {
		return Value{}, err
	}
	return v, nil
}

// EvalNodes returns the nodes the expression selects, in document order. It
// fails if the expression gives something else.
func (e *Expr) EvalNodes(c *Context) ([]Node, error) {
	return evalNodes(c.ready(), e.Root)
}

// ready gives a Context what its caller left out.
func (c *Context) ready() *Context {
	if c != nil && c.Budget != nil && c.Env != nil {
		return c
	}
	var d Context
	if c != nil {
		d = *c
	}
	if d.Budget == nil {
		left := DefaultBudget
		d.Budget = &left
	}
	if d.Env == nil {
		d.Env = &StaticEnv{}
	}
	return &d
}

// spend takes n steps off the budget.
func (c *Context) spend(n int) error {
	if *c.Budget -= n; *c.Budget < 0 {
		*c.Budget = 0
		return ErrBudget
	}
	return nil
}

// bulk takes off what handling a long text costs.
func (c *Context) bulk(s string) error {
	if len(s) < 64 {
		return nil
	}
	return c.spend(len(s) / 32)
}

func (c *Context) zone() *time.Location { return c.Env.Now().Location() }

func eval(c *Context, t Term) (Value, error) {
	if *c.Budget--; *c.Budget < 0 {
		*c.Budget = 0
		return Value{}, ErrBudget
	}
	switch t := t.(type) {
	case *Number:
		return NumberValue(t.Value), nil
	case *Literal:
		return StringValue(t.Value), nil
	case *Ref:
		return c.Env.RefValue(c, t)
	case *Binary:
		return evalBinary(c, t)
	case *Call:
		return evalCall(c, t)
	case *Path:
		return evalPath(c, t)
	case *Negate:
		f, err := evalNumber(c, t.X)
		return NumberValue(-f), err
	}
	return Value{}, fmt.Errorf("unknown term %T", t)
}

func evalBinary(c *Context, t *Binary) (Value, error) {
	switch t.Op {
	case "and", "or":
		b, err := evalBoolean(c, t.Left)
		if err != nil || b == (t.Op == "or") {
			return BooleanValue(b), err
		}
		b, err = evalBoolean(c, t.Right)
		return BooleanValue(b), err
	case "=", "!=", "<", "<=", ">", ">=":
		return evalComparison(c, t)
	case "|":
		nodes, err := evalUnion(c, t)
		return NodesValue(nodes), err
	}
	if t.Op == "+" || t.Op == "-" {
		return evalSum(c, t)
	}
	x, err := evalNumber(c, t.Left)
	if err != nil {
		return Value{}, err
	}
	y, err := evalNumber(c, t.Right)
	if err != nil {
		return Value{}, err
	}
	switch t.Op {
	case "*":
		return NumberValue(x * y), nil
	case "div":
		return NumberValue(x / y), nil
	case "mod":
		return NumberValue(math.Mod(x, y)), nil
	}
	return Value{}, fmt.Errorf("unknown operator %q", t.Op)
}

// operands evaluates both sides.
func operands(c *Context, t *Binary) (l, r Value, err error) {
	if l, err = eval(c, t.Left); err == nil {
		r, err = eval(c, t.Right)
	}
	return l, r, err
}

// evalSum adds or subtracts. A number of days added to a date counts on its
// calendar, so that it can be made a date again.
func evalSum(c *Context, t *Binary) (Value, error) {
	l, r, err := operands(c, t)
	if err != nil {
		return Value{}, err
	}
	x, y := c.number(l), c.number(r)
	if t.Op == "-" {
		y = -y
	}
	v := NumberValue(x + y)
	if v.num == v.num && l.onCalendar() != r.onCalendar() {
		v.zone = c.zone()
	}
	return v, nil
}

// onCalendar reports whether a value that has a number counts days on the
// respondent's calendar: a date, a text in the form of one, or a sum with one.
func (v Value) onCalendar() bool {
	switch v.kind {
	case KindNumber:
		return v.zone != nil
	case KindBoolean:
		return false
	case KindDate:
		return true
	}
	return strings.LastIndexByte(v.String(), '-') > 0 // a sign is in front
}

func evalCall(c *Context, t *Call) (Value, error) {
	fn := t.function()
	if fn == nil || fn.eval == nil {
		return callEnv(c, t)
	}
	if err := fn.arity(len(t.Args)); err != nil {
		return Value{}, err
	}
	return fn.eval(c, t.Args)
}

// callEnv asks the Env for a function that is not built in.
func callEnv(c *Context, t *Call) (Value, error) {
	args := make([]Value, len(t.Args))
	for i, a := range t.Args {
		v, err := eval(c, a)
		if err != nil {
			return Value{}, err
		}
		args[i] = v
	}
	v, ok, err := c.Env.Call(c, t.Name, args)
	if err == nil && !ok {
		err = fmt.Errorf("unknown function %s()", t.Name)
		if t.function() != nil {
			err = fmt.Errorf("%s() needs a form", t.Name)
		}
	}
	return v, err
}

func evalNumber(c *Context, t Term) (float64, error) {
	if n, ok := t.(*Number); ok {
		return n.Value, nil
	}
	v, err := eval(c, t)
	if err != nil {
		return 0, err
	}
	return c.number(v), nil
}

// number is Value.Number in the respondent's zone.
func (c *Context) number(v Value) float64 {
	switch v.kind {
	case KindNumber, KindBoolean:
		return v.num
	case KindDate:
		return days(v.time())
	}
	s, typ := v.str, v.leaf
	if v.kind == KindNodes {
		if len(v.nodes) == 0 {
			return nan
		}
		s, typ = v.nodes[0].Text(), v.nodes[0].Type()
	}
	if s == "" {
		return nan
	}
	if len(s) > 64 {
		*c.Budget -= len(s) / 8 // what follows sees that it is used up
	}
	if f, ok := parseNumber(s); ok {
		return f
	}
	if typ == BooleanLeaf {
		return leafNumber(s, typ, nil)
	}
	if len(s) < 8 || len(s) > 64 {
		return nan // no date
	}
	return textNumber(s, c.zone())
}

func evalBoolean(c *Context, t Term) (bool, error) {
	v, err := eval(c, t)
	if err != nil {
		return false, err
	}
	return v.Boolean(), nil
}

func evalString(c *Context, t Term) (string, error) {
	if l, ok := t.(*Literal); ok {
		return l.Value, c.bulk(l.Value)
	}
	v, err := eval(c, t)
	if err != nil {
		return "", err
	}
	s := v.String()
	return s, c.bulk(s)
}
