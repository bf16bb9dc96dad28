package xpath

import (
	"fmt"
	"math"
	"strconv"
)

func numberFunctions() []*function {
	one := func(name, doc string, f func(float64) float64) *function {
		return &function{Function{Name: name, Args: "number", Min: 1, Max: 1, Doc: doc}, false,
			func(c *Context, args []Term) (Value, error) {
				x, err := evalNumber(c, args[0])
				return NumberValue(f(x)), err
			}}
	}
	two := func(name, args, doc string, f func(x, y float64) float64) *function {
		return &function{Function{Name: name, Args: args, Min: 2, Max: 2, Doc: doc}, false,
			func(c *Context, args []Term) (Value, error) {
				x, err := evalNumber(c, args[0])
				if err != nil {
					return Value{}, err
				}
				y, err := evalNumber(c, args[1])
				return NumberValue(f(x, y)), err
			}}
	}
	return []*function{
		{Function{Name: "number", Args: "[value]", Max: 1,
			Doc: "The value as a number; NaN if it is none."}, false, fnNumber},
		one("int", "The number without its decimals.", math.Trunc),
		{Function{Name: "round", Args: "number[, decimals]", Min: 1, Max: 2,
			Doc: "The number rounded to decimals; negative ones round to tens, hundreds."}, false, fnRound},
		one("floor", "The whole number at or below.", math.Floor),
		one("ceiling", "The whole number at or above.", math.Ceil),
		one("abs", "The number without its sign.", math.Abs),
		two("pow", "base, exponent", "The base raised to the exponent.", pow),
		one("sqrt", "The square root.", math.Sqrt),
		one("exp", "e raised to the number.", math.Exp),
		one("exp10", "10 raised to the number.", func(x float64) float64 { return pow(10, x) }),
		one("log", "The natural logarithm.", math.Log),
		one("log10", "The logarithm to base 10.", math.Log10),
		one("sin", "The sine of an angle in radians.", math.Sin),
		one("cos", "The cosine of an angle in radians.", math.Cos),
		one("tan", "The tangent of an angle in radians.", math.Tan),
		one("asin", "The angle of a sine, in radians.", math.Asin),
		one("acos", "The angle of a cosine, in radians.", math.Acos),
		one("atan", "The angle of a tangent, in radians.", math.Atan),
		two("atan2", "y, x", "The angle of a point, in radians.", math.Atan2),
		{Function{Name: "pi", Doc: "3.14159…"}, false, constant(NumberValue(math.Pi))},
		{Function{Name: "sum", Args: "values", Min: 1, Max: 1,
			Doc: "The sum over all instances of a repeat; what is no number is left out."}, false, fnSum},
		{Function{Name: "max", Args: "value, …", Max: -1,
			Doc: "The largest of the values; what is no number is left out."}, false, extreme(math.Max)},
		{Function{Name: "min", Args: "value, …", Max: -1,
			Doc: "The smallest of the values; what is no number is left out."}, false, extreme(math.Min)},
		{Function{Name: "random", Doc: "A number from 0 up to but without 1."}, false, fnRandom},
	}
}

func fnNumber(c *Context, args []Term) (Value, error) {
	if len(args) == 0 {
		s, err := ownString(c, nil)
		return NumberValue(c.number(StringValue(s))), err
	}
	x, err := evalNumber(c, args[0])
	return NumberValue(x), err
}

// pow differs from math.Pow where other engines do: anything to the power of 0
// is 1, else NaN gives NaN, and so does 1 to an endless power.
func pow(x, y float64) float64 {
	if y != 0 && (x != x || y != y || math.Abs(x) == 1 && math.IsInf(y, 0)) {
		return nan
	}
	return math.Pow(x, y)
}

func fnRound(c *Context, args []Term) (Value, error) {
	x, err := evalNumber(c, args[0])
	if err != nil {
		return Value{}, err
	}
	n := 0.0
	if len(args) > 1 {
		if n, err = evalNumber(c, args[1]); err != nil {
			return Value{}, err
		}
	}
	return NumberValue(round(x, n)), nil
}

// round moves the decimal point in the printed number, since multiplying would
// round 1.005 wrongly. Halves go away from zero.
func round(x, decimals float64) float64 {
	if decimals != decimals || math.IsInf(decimals, 0) {
		return nan
	}
	n := int(max(-400, min(decimals, 400)))
	if n == 0 || x != x || math.IsInf(x, 0) {
		return math.Round(x)
	}
	moved := math.Round(shift(x, n))
	if math.IsInf(moved, 0) {
		return nan
	}
	return shift(moved, -n)
}

func shift(x float64, n int) float64 {
	f, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', -1, 64)+"e"+strconv.Itoa(n), 64)
	return f
}

// fnSum adds up a set of nodes. What is no number counts as blank, as in
// JavaRosa; a value that is no set of nodes is an error in all engines.
func fnSum(c *Context, args []Term) (Value, error) {
	v, err := eval(c, args[0])
	if err != nil {
		return Value{}, err
	}
	if v.kind != KindNodes && v.kind != KindLeaf {
		return Value{}, fmt.Errorf("sum(): %w: a %s", ErrNotNodes, v.kind)
	}
	sum := 0.0
	err = eachOf(c, v, func(v Value) error {
		if f := c.number(v); f == f {
			sum += f
		}
		return nil
	})
	return NumberValue(sum), err
}

// extreme makes max and min, which leave out what is no number.
func extreme(f func(x, y float64) float64) func(*Context, []Term) (Value, error) {
	return func(c *Context, args []Term) (Value, error) {
		best := nan
		err := each(c, args, func(v Value) error {
			switch x := c.number(v); {
			case x != x:
			case best != best:
				best = x
			default:
				best = f(best, x)
			}
			return nil
		})
		return NumberValue(best), err
	}
}

func fnRandom(c *Context, _ []Term) (Value, error) { return NumberValue(c.Env.Random()), nil }
