package xpath

import (
	"fmt"
	"sync"
)

// A Function describes a function of the language, for documentation and for
// checking calls.
type Function struct {
	Name string // as written in a call
	Args string // as shown to an author: "list, value"
	Min  int    // fewest arguments
	Max  int    // most arguments; -1: any number
	Doc  string // one sentence
	Form bool   // answered by the Env, since it needs to know the form
}

type function struct {
	Function
	boolean bool // always gives true or false
	eval    func(c *Context, args []Term) (Value, error)
}

// Functions returns all functions of the language in the order of the manual.
func Functions() []Function {
	out := make([]Function, len(table().all))
	for i, f := range table().all {
		out[i] = f.Function
	}
	return out
}

// functionTable has no initialiser: the code it lists looks functions up in it.
var functionTable functionIndex

type functionIndex struct {
	once   sync.Once
	all    []*function
	byName map[string]*function
}

func table() *functionIndex {
	t := &functionTable
	t.once.Do(func() {
		t.byName = map[string]*function{}
		for _, part := range [][]*function{
			logicFunctions(), selectFunctions(), textFunctions(), numberFunctions(), nodeFunctions(),
			dateFunctions(), geoFunctions(), otherFunctions(), formFunctions(),
		} {
			t.all = append(t.all, part...)
		}
		for _, f := range t.all {
			t.byName[f.Name] = f
		}
	})
	return t
}

func lookup(name string) *function { return table().byName[name] }

// function returns what Parse found, unless the call was made or renamed since.
func (t *Call) function() *function {
	if t.fn != nil && t.fn.Name == t.Name {
		return t.fn
	}
	return lookup(t.Name)
}

func (f *function) arity(n int) error {
	switch {
	case n < f.Min && f.Min == f.Max:
		return fmt.Errorf("%s() needs %s, not %d", f.Name, arguments(f.Min), n)
	case n < f.Min:
		return fmt.Errorf("%s() needs at least %s, not %d", f.Name, arguments(f.Min), n)
	case f.Max >= 0 && n > f.Max && f.Max == 0:
		return fmt.Errorf("%s() takes no arguments", f.Name)
	case f.Max >= 0 && n > f.Max:
		return fmt.Errorf("%s() takes at most %s, not %d", f.Name, arguments(f.Max), n)
	}
	return nil
}

func arguments(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// Signature is how a call looks: "selected(list, value)".
func (f Function) Signature() string { return f.Name + "(" + f.Args + ")" }
