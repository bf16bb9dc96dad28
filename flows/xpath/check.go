package xpath

// Check reports what is wrong with an expression beyond its syntax: unknown
// functions, wrong numbers of arguments, and patterns that regex() cannot use.
// known says which other functions the Env has; it may be nil.
func (e *Expr) Check(known func(name string) bool) []*SyntaxError {
	var out []*SyntaxError
	Walk(e.Root, func(t Term) bool {
		if call, ok := t.(*Call); ok {
			if p := checkCall(call, known); p != nil {
				p.source = e.Source
				out = append(out, p)
			}
		}
		return true
	})
	return out
}

func checkCall(t *Call, known func(name string) bool) *SyntaxError {
	fn := t.function()
	if fn == nil {
		if known != nil && known(t.Name) {
			return nil
		}
		return &SyntaxError{
			Offset: t.Pos,
			Msg:    "there is no function " + t.Name + "()",
			Hint:   suggest(t.Name, keys(table().byName)),
		}
	}
	if err := fn.arity(len(t.Args)); err != nil {
		return &SyntaxError{Offset: t.Pos, Msg: err.Error(), Hint: "write " + fn.Signature()}
	}
	if t.Name == "indexed-repeat" && len(t.Args)%2 == 0 || t.Name == "weighted-checklist" && len(t.Args)%2 == 1 {
		return &SyntaxError{
			Offset: t.Pos,
			Msg:    t.Name + "() takes pairs of arguments after the first ones",
			Hint:   "write " + fn.Signature(),
		}
	}
	if t.Name == "regex" {
		return checkPattern(t.Args[1])
	}
	return nil
}

func checkPattern(t Term) *SyntaxError {
	l, ok := t.(*Literal)
	if !ok {
		return nil
	}
	if _, err := compilePattern(l.Value); err != nil {
		return &SyntaxError{Offset: l.Pos, Msg: err.Error(), Hint: patternHint(l.Value)}
	}
	return nil
}
