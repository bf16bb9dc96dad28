package xpath

// Walk calls f for a term and all terms in it, predicates included, a term
// before its parts. Where f returns false, the parts are left out.
func Walk(t Term, f func(Term) bool) {
	if t == nil || !f(t) {
		return
	}
	switch t := t.(type) {
	case *Path:
		if t.Base != nil {
			Walk(t.Base, f)
		}
		walkAll(t.Predicates, f)
		for i := range t.Steps {
			walkAll(t.Steps[i].Predicates, f)
		}
	case *Call:
		walkAll(t.Args, f)
	case *Binary:
		Walk(t.Left, f)
		Walk(t.Right, f)
	case *Negate:
		Walk(t.X, f)
	}
}

func walkAll(ts []Term, f func(Term) bool) {
	for _, t := range ts {
		Walk(t, f)
	}
}

// IsBoolean reports whether a term always gives true or false, so that a
// calculation with it can be stored and tested as a boolean.
func IsBoolean(t Term) bool {
	switch t := t.(type) {
	case *Binary:
		switch t.Op {
		case "or", "and", "=", "!=", "<", "<=", ">", ">=":
			return true
		}
	case *Call:
		switch t.Name {
		case "if":
			return len(t.Args) == 3 && IsBoolean(t.Args[1]) && IsBoolean(t.Args[2])
		case "coalesce":
			return len(t.Args) > 0 && allBoolean(t.Args)
		case "once":
			return len(t.Args) == 1 && IsBoolean(t.Args[0])
		}
		if fn := t.function(); fn != nil {
			return fn.boolean
		}
	}
	return false
}

func allBoolean(ts []Term) bool {
	for _, t := range ts {
		if !IsBoolean(t) {
			return false
		}
	}
	return true
}
