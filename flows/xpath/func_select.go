package xpath

import "strings"

func selectFunctions() []*function {
	return []*function{
		{Function{Name: "selected", Args: "list, value", Min: 2, Max: 2,
			Doc: "True if the value is one of those chosen in a select."}, true, fnSelected},
		{Function{Name: "selected-at", Args: "list, index", Min: 2, Max: 2,
			Doc: "The value chosen at an index, counted from 0; blank if there is none."}, false, fnSelectedAt},
		{Function{Name: "count-selected", Args: "list", Min: 1, Max: 1,
			Doc: "How many values are chosen."}, false, fnCountSelected},
	}
}

func fnSelected(c *Context, args []Term) (Value, error) {
	list, err := evalString(c, args[0])
	if err != nil {
		return Value{}, err
	}
	v, err := evalString(c, args[1])
	if err != nil {
		return Value{}, err
	}
	v = strings.Trim(v, blanks)
	if v == "" { // nothing is chosen where nothing is asked for
		return BooleanValue(strings.Trim(list, blanks) == ""), nil
	}
	for {
		var word string
		if word, list = nextWord(list); word == "" {
			return BooleanValue(false), nil
		}
		if word == v {
			return BooleanValue(true), nil
		}
	}
}

const blanks = " \t\r\n"

// nextWord cuts the first word off a list; "" if there is none.
func nextWord(list string) (word, rest string) {
	list = strings.TrimLeft(list, blanks)
	i := strings.IndexAny(list, blanks)
	if i < 0 {
		return list, ""
	}
	return list[:i], list[i:]
}

func fnSelectedAt(c *Context, args []Term) (Value, error) {
	list, err := evalString(c, args[0])
	if err != nil {
		return Value{}, err
	}
	f, err := evalNumber(c, args[1])
	if err != nil || !(f > -1) {
		return Value{}, err
	}
	for i := 0; ; i++ {
		var word string
		if word, list = nextWord(list); word == "" || i == int(f) {
			return StringValue(word), nil
		}
	}
}

func fnCountSelected(c *Context, args []Term) (Value, error) {
	list, err := evalString(c, args[0])
	n := 0
	for {
		var word string
		if word, list = nextWord(list); word == "" {
			return NumberValue(float64(n)), err
		}
		n++
	}
}
