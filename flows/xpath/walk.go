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

// Rewrite returns a copy of a term in which f has been applied to every term,
// the parts before the whole. f may return its argument, change it (it is a
// copy) or return another term.
func Rewrite(t Term, f func(Term) Term) Term {
	switch x := t.(type) {
	case nil:
		return nil
	case *Number:
		c := *x
		return f(&c)
	case *Literal:
		c := *x
		return f(&c)
	case *Ref:
		c := *x
		return f(&c)
	case *Path:
		return f(rewritePath(x, f))
	case *Call:
		c := *x
		c.Args = rewriteAll(x.Args, f)
		return f(&c)
	case *Binary:
		c := *x
		c.Left, c.Right = Rewrite(x.Left, f), Rewrite(x.Right, f)
		return f(&c)
	case *Negate:
		c := *x
		c.X = Rewrite(x.X, f)
		return f(&c)
	}
	return f(t)
}

func rewritePath(x *Path, f func(Term) Term) *Path {
	c := *x
	if x.Base != nil {
		c.Base = Rewrite(x.Base, f)
	}
	c.Predicates = rewriteAll(x.Predicates, f)
	c.Steps = append([]Step(nil), x.Steps...)
	for i := range c.Steps {
		c.Steps[i].Predicates = rewriteAll(c.Steps[i].Predicates, f)
	}
	return &c
}

func rewriteAll(ts []Term, f func(Term) Term) []Term {
	if ts == nil {
		return nil
	}
	out := make([]Term, len(ts))
	for i, t := range ts {
		out[i] = Rewrite(t, f)
	}
	return out
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
