package xpath

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// noon is the clock of all tests.
var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// An answer is what a ${name} stands for in a test: one text for each instance.
type answer struct {
	typ   LeafType
	texts []string
}

func text(texts ...string) answer   { return answer{TextLeaf, texts} }
func number(texts ...string) answer { return answer{NumberLeaf, texts} }
func date(texts ...string) answer   { return answer{DateLeaf, texts} }
func flag(texts ...string) answer   { return answer{BooleanLeaf, texts} }

// A formEnv is an Env with answers.
type formEnv struct {
	StaticEnv
	answers map[string]answer
}

func (e *formEnv) RefValue(c *Context, r *Ref) (Value, error) {
	a, ok := e.answers[r.Name]
	if !ok {
		return Value{}, fmt.Errorf("no question %s", r.Name)
	}
	if len(a.texts) == 1 {
		return LeafValue(a.texts[0], a.typ), nil
	}
	nodes, err := e.RefNodes(c, r)
	return NodesValue(nodes), err
}

func (e *formEnv) RefNodes(_ *Context, r *Ref) ([]Node, error) {
	var out []Node
	for _, s := range e.answers[r.Name].texts {
		out = append(out, leafNode{s, e.answers[r.Name].typ})
	}
	return out, nil
}

func (e *formEnv) Call(_ *Context, name string, args []Value) (Value, bool, error) {
	if name != "jr:choice-name" {
		return Value{}, false, nil
	}
	return StringValue("label of " + args[0].String()), true, nil
}

func newEnv(answers map[string]answer) *formEnv {
	n := 0
	return &formEnv{
		StaticEnv: StaticEnv{
			Clock: func() time.Time { return noon },
			Rand:  func() float64 { n++; return float64(n%10) / 10 },
			ID:    func() string { return "00000000-0000-4000-8000-000000000001" },
		},
		answers: answers,
	}
}

func document(t testing.TB, s string) Node {
	t.Helper()
	n, err := ParseXML(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustParse(t testing.TB, src string) *Expr {
	t.Helper()
	e, err := Parse(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return e
}

// evaluated evaluates an expression and prints its value; an error as "error: …".
func evaluated(t testing.TB, src string, c *Context) string {
	t.Helper()
	v, err := mustParse(t, src).Eval(c)
	if err != nil {
		return "error: " + err.Error()
	}
	return v.String()
}

// A sample is an expression and the text its value has.
type sample struct{ expr, want string }

func checkSamples(t *testing.T, env Env, node Node, samples []sample) {
	t.Helper()
	for _, s := range samples {
		c := &Context{Env: env, Node: node, Current: node}
		if got := evaluated(t, s.expr, c); got != s.want {
			t.Errorf("%s = %q, want %q", s.expr, got, s.want)
		}
	}
}
