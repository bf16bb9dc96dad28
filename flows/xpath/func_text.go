package xpath

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

func textFunctions() []*function {
	return []*function{
		{Function{Name: "string", Args: "[value]", Max: 1, Doc: "The value as text."}, false, fnString},
		{Function{Name: "concat", Args: "value, …", Max: -1,
			Doc: "The values one after the other, of a repeat those of all its instances."}, false, fnConcat},
		{Function{Name: "join", Args: "separator, value, …", Min: 1, Max: -1,
			Doc: "The values with the separator between them."}, false, fnJoin},
		{Function{Name: "string-length", Args: "[text]", Max: 1,
			Doc: "The number of characters; without argument of the current value."}, false, fnStringLength},
		{Function{Name: "substr", Args: "text, start[, end]", Min: 2, Max: 3,
			Doc: "The part from start, counted from 0, up to but without end; negative numbers count from the end."}, false, fnSubstr},
		{Function{Name: "substring", Args: "text, start[, length]", Min: 2, Max: 3,
			Doc: "The part from start, counted from 1."}, false, fnSubstring},
		{Function{Name: "substring-before", Args: "text, mark", Min: 2, Max: 2,
			Doc: "What stands before the mark; blank if it does not occur."}, false, fnSubstringBefore},
		{Function{Name: "substring-after", Args: "text, mark", Min: 2, Max: 2,
			Doc: "What stands after the mark; blank if it does not occur."}, false, fnSubstringAfter},
		{Function{Name: "contains", Args: "text, part", Min: 2, Max: 2,
			Doc: "True if the part occurs in the text."}, true, textTest(strings.Contains)},
		{Function{Name: "starts-with", Args: "text, start", Min: 2, Max: 2,
			Doc: "True if the text starts so."}, true, textTest(strings.HasPrefix)},
		{Function{Name: "ends-with", Args: "text, end", Min: 2, Max: 2,
			Doc: "True if the text ends so."}, true, textTest(strings.HasSuffix)},
		{Function{Name: "translate", Args: "text, from, to", Min: 3, Max: 3,
			Doc: "The text with each character of from replaced by the one at its place in to."}, false, fnTranslate},
		{Function{Name: "normalize-space", Args: "[text]", Max: 1,
			Doc: "The text without blanks around it and with single ones inside."}, false, fnNormalizeSpace},
		{Function{Name: "regex", Args: "text, pattern", Min: 2, Max: 2,
			Doc: "True if the whole text matches the pattern."}, true, fnRegex},
	}
}

// ownString is the text of an argument, or of the current node without one.
func ownString(c *Context, args []Term) (string, error) {
	if len(args) > 0 {
		return evalString(c, args[0])
	}
	if c.Node == nil {
		return "", nil
	}
	s := c.Node.Text()
	return s, c.bulk(s)
}

func fnString(c *Context, args []Term) (Value, error) {
	s, err := ownString(c, args)
	return StringValue(s), err
}

// limited returns a text, or ErrBudget if it is longer than an expression may build.
func limited(c *Context, s string) (Value, error) {
	if len(s) > maxText {
		return Value{}, ErrBudget
	}
	return StringValue(s), c.bulk(s)
}

func fnConcat(c *Context, args []Term) (Value, error) { return joinAll(c, "", args) }

func fnJoin(c *Context, args []Term) (Value, error) {
	sep, err := evalString(c, args[0])
	if err != nil {
		return Value{}, err
	}
	return joinAll(c, sep, args[1:])
}

func joinAll(c *Context, sep string, args []Term) (Value, error) {
	var b strings.Builder
	first := true
	add := func(v Value) error {
		if !first {
			b.WriteString(sep)
		}
		first = false
		b.WriteString(v.String())
		if b.Len() > maxText {
			return ErrBudget
		}
		return nil
	}
	for _, a := range args {
		v, err := eval(c, a)
		if err == nil && v.count() == 0 && len(args) > 1 {
			err = add(StringValue("")) // among others, what is not there keeps its place
		} else if err == nil {
			err = eachOf(c, v, add)
		}
		if err != nil {
			return Value{}, err
		}
	}
	return limited(c, b.String())
}

func fnStringLength(c *Context, args []Term) (Value, error) {
	s, err := ownString(c, args)
	return NumberValue(float64(utf8.RuneCountInString(s))), err
}

// evalTextAndNumbers evaluates a text and up to two numbers after it; a missing
// last one is +Inf.
func evalTextAndNumbers(c *Context, args []Term) (s string, x, y float64, err error) {
	if s, err = evalString(c, args[0]); err != nil {
		return
	}
	if x, err = evalNumber(c, args[1]); err != nil {
		return
	}
	y = math.Inf(1)
	if len(args) > 2 {
		y, err = evalNumber(c, args[2])
	}
	return
}

func fnSubstr(c *Context, args []Term) (Value, error) {
	s, start, end, err := evalTextAndNumbers(c, args)
	if err != nil {
		return Value{}, err
	}
	n := float64(utf8.RuneCountInString(s))
	return StringValue(cutRunes(s, fromEnd(start, n), fromEnd(end, n))), nil
}

// fromEnd makes an index of substr one between 0 and n.
func fromEnd(i, n float64) int {
	if i != i {
		return 0
	}
	if i = math.Trunc(i); i < 0 {
		i += n
	}
	return int(max(0, min(i, n)))
}

// cutRunes returns the characters from start up to end.
func cutRunes(s string, start, end int) string {
	if start >= end {
		return ""
	}
	from, to, k := len(s), len(s), 0
	for i := range s {
		if k == start {
			from = i
		}
		if k == end {
			to = i
			break
		}
		k++
	}
	return s[from:to]
}

func fnSubstring(c *Context, args []Term) (Value, error) {
	s, start, length, err := evalTextAndNumbers(c, args)
	if err != nil {
		return Value{}, err
	}
	start = math.Floor(start + 0.5)
	end := start + math.Floor(length+0.5)
	if len(args) == 2 {
		end = math.Inf(1)
	}
	if start != start || end != end {
		return Value{}, nil
	}
	n := float64(utf8.RuneCountInString(s))
	from, to := max(1, min(start, n+1)), max(1, min(end, n+1))
	return StringValue(cutRunes(s, int(from)-1, int(to)-1)), nil
}

func evalTwoStrings(c *Context, args []Term) (a, b string, err error) {
	if a, err = evalString(c, args[0]); err != nil {
		return "", "", err
	}
	b, err = evalString(c, args[1])
	return a, b, err
}

func textTest(f func(s, part string) bool) func(*Context, []Term) (Value, error) {
	return func(c *Context, args []Term) (Value, error) {
		s, part, err := evalTwoStrings(c, args)
		return BooleanValue(err == nil && f(s, part)), err
	}
}

func fnSubstringBefore(c *Context, args []Term) (Value, error) {
	s, mark, err := evalTwoStrings(c, args)
	before, _, found := strings.Cut(s, mark)
	if !found {
		before = ""
	}
	return StringValue(before), err
}

func fnSubstringAfter(c *Context, args []Term) (Value, error) {
	s, mark, err := evalTwoStrings(c, args)
	_, after, _ := strings.Cut(s, mark)
	return StringValue(after), err
}

func fnTranslate(c *Context, args []Term) (Value, error) {
	s, from, err := evalTwoStrings(c, args)
	if err != nil {
		return Value{}, err
	}
	to, err := evalString(c, args[2])
	if err != nil {
		return Value{}, err
	}
	put := map[rune]rune{}
	with := []rune(to)
	for i, r := range []rune(from) {
		if _, ok := put[r]; ok {
			continue // the first place counts
		}
		put[r] = -1
		if i < len(with) {
			put[r] = with[i]
		}
	}
	return limited(c, strings.Map(func(r rune) rune {
		if x, ok := put[r]; ok {
			return x
		}
		return r
	}, s))
}

func fnNormalizeSpace(c *Context, args []Term) (Value, error) {
	s, err := ownString(c, args)
	if err != nil {
		return Value{}, err
	}
	return StringValue(strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return strings.ContainsRune(blanks, r)
	}), " ")), nil
}

func fnRegex(c *Context, args []Term) (Value, error) {
	s, pattern, err := evalTwoStrings(c, args)
	if err != nil {
		return Value{}, err
	}
	re, err := usePattern(c, pattern)
	if err != nil {
		return Value{}, err
	}
	// The time to match grows with the text and with the pattern.
	if err := c.spend(len(s) / 4 * (1 + re.size/100)); err != nil {
		return Value{}, err
	}
	return BooleanValue(re.MatchString(s)), nil
}

// usePattern returns a compiled pattern, and takes off what compiling costs.
func usePattern(c *Context, p string) (*pattern, error) {
	if re := cachedPattern(p); re != nil {
		return re, nil
	}
	if err := c.spend(100 + len(p)); err != nil {
		return nil, err
	}
	re, err := compilePattern(p)
	if err != nil {
		return nil, fmt.Errorf("regex(): %w", err)
	}
	return re, c.spend(re.size)
}
