package xpath

import "fmt"

func logicFunctions() []*function {
	return []*function{
		{Function{Name: "if", Args: "condition, then, else", Min: 3, Max: 3,
			Doc: "The second argument if the condition is true, else the third."}, false, fnIf},
		{Function{Name: "not", Args: "value", Min: 1, Max: 1,
			Doc: "True if the value is false, 0 or blank."}, true, fnNot},
		{Function{Name: "true", Doc: "The boolean true."}, true, constant(BooleanValue(true))},
		{Function{Name: "false", Doc: "The boolean false."}, true, constant(BooleanValue(false))},
		{Function{Name: "boolean", Args: "value", Min: 1, Max: 1,
			Doc: "The value as true or false."}, true, fnBoolean},
		{Function{Name: "boolean-from-string", Args: "text", Min: 1, Max: 1,
			Doc: `True if the text is "true" or "1".`}, true, fnBooleanFromString},
		{Function{Name: "coalesce", Args: "value, value", Min: 2, Max: 2,
			Doc: "The first value, or if it is blank the second."}, false, fnCoalesce},
		{Function{Name: "once", Args: "value", Min: 1, Max: 1,
			Doc: "The answer the question has already, or if it has none the value."}, false, fnOnce},
		{Function{Name: "checklist", Args: "min, max, condition, …", Min: 2, Max: -1,
			Doc: "True if at least min and at most max of the conditions are true; -1 is no limit."}, true, fnChecklist},
		{Function{Name: "weighted-checklist", Args: "min, max, condition, weight, …", Min: 2, Max: -1,
			Doc: "As checklist, adding up the weights of the true conditions."}, true, fnWeightedChecklist},
	}
}

func constant(v Value) func(*Context, []Term) (Value, error) {
	return func(*Context, []Term) (Value, error) { return v, nil }
}

func fnIf(c *Context, args []Term) (Value, error) {
	b, err := evalBoolean(c, args[0])
	if err != nil {
		return Value{}, err
	}
	if b {
		return eval(c, args[1])
	}
	return eval(c, args[2])
}

func fnNot(c *Context, args []Term) (Value, error) {
	b, err := evalBoolean(c, args[0])
	return BooleanValue(!b), err
}

func fnBoolean(c *Context, args []Term) (Value, error) {
	b, err := evalBoolean(c, args[0])
	return BooleanValue(b), err
}

func fnBooleanFromString(c *Context, args []Term) (Value, error) {
	s, err := evalString(c, args[0])
	return BooleanValue(s == "1" || s == "true"), err
}

func fnCoalesce(c *Context, args []Term) (Value, error) {
	v, err := eval(c, args[0])
	if err != nil || !v.blank() {
		return v, err
	}
	return eval(c, args[1])
}

// blank reports whether a value counts as no answer.
func (v Value) blank() bool {
	if v.kind == KindNumber {
		return v.num != v.num
	}
	return v.kind != KindBoolean && v.kind != KindDate && v.String() == ""
}

func fnOnce(c *Context, args []Term) (Value, error) {
	if c.Node != nil {
		if s := c.Node.Text(); s != "" {
			return LeafValue(s, c.Node.Type()), c.bulk(s)
		}
	}
	return eval(c, args[0])
}

func fnChecklist(c *Context, args []Term) (Value, error) {
	low, high, err := checklistLimits(c, args)
	if err != nil {
		return Value{}, err
	}
	n := 0.0
	err = each(c, args[2:], func(v Value) error {
		if v.Boolean() {
			n++
		}
		return nil
	})
	return BooleanValue(within(n, low, high)), err
}

func checklistLimits(c *Context, args []Term) (low, high float64, err error) {
	if low, err = evalNumber(c, args[0]); err != nil {
		return 0, 0, err
	}
	high, err = evalNumber(c, args[1])
	return low, high, err
}

func within(n, low, high float64) bool {
	return (low < 0 || n >= low) && (high < 0 || n <= high)
}

// fnWeightedChecklist pairs conditions with weights; two sets of nodes are
// paired node by node.
func fnWeightedChecklist(c *Context, args []Term) (Value, error) {
	low, high, err := checklistLimits(c, args)
	if err != nil {
		return Value{}, err
	}
	if len(args)%2 == 1 {
		return Value{}, fmt.Errorf("weighted-checklist() needs pairs of condition and weight")
	}
	sum := 0.0
	for pair := args[2:]; len(pair) > 0; pair = pair[2:] {
		is, err := eval(c, pair[0])
		if err != nil {
			return Value{}, err
		}
		weight, err := eval(c, pair[1])
		if err != nil {
			return Value{}, err
		}
		for i := range min(is.count(), weight.count()) {
			if is.item(i).Boolean() {
				sum += c.number(weight.item(i))
			}
		}
	}
	return BooleanValue(within(sum, low, high)), nil
}

// each evaluates the arguments one after the other, and of a set of nodes each
// node, as functions with any number of arguments take them.
func each(c *Context, args []Term, f func(Value) error) error {
	for _, a := range args {
		v, err := eval(c, a)
		if err != nil {
			return err
		}
		if err := eachOf(c, v, f); err != nil {
			return err
		}
	}
	return nil
}

// eachOf hands out the values of a set of nodes, or the one value.
func eachOf(c *Context, v Value, f func(Value) error) error {
	for i := range v.count() {
		if err := c.spend(1); err != nil {
			return err
		}
		x := v.item(i)
		if err := c.bulk(x.str); err != nil {
			return err
		}
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}
