package xpath

import (
	"fmt"
	"strings"
	"testing"
)

func BenchmarkEval(b *testing.B) {
	env := newEnv(map[string]answer{
		"a": text("x"), "b": number("7"), "m": text("c b a"), "d": date("2001-02-03"), "many": number("1", "2", "3"),
	})
	for _, src := range []string{
		"${a} = 'x' and ${b} > 5",
		"selected(${m}, 'a')",
		"not(selected(${m}, 'z')) or ${b} = ''",
		". >= 0 and . <= 120",
		"if(${b} >= 18, 'adult', 'child')",
		"regex(., '[0-9]{2}')",
		"int((today() - ${d}) div 365.25)",
		"sum(${many})",
		"concat(${a}, ' ', ${b})",
	} {
		b.Run(src, func(b *testing.B) {
			e := mustParse(b, src)
			left := 0
			c := &Context{Env: env, Node: leafNode{"42", NumberLeaf}, Budget: &left}
			b.ReportAllocs()
			for b.Loop() {
				left = DefaultBudget
				if _, err := e.Eval(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	src := "if(selected(${m}, 'a') and ${b} > 5, instance('l')/root/item[name = ${a}]/label, concat(${a}, '-', position(..)))"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

// A sheet is a list of rows with an index of one column.
type sheet struct {
	Node
	byKey map[string][]Node
}

func (t sheet) Lookup(_, _, text string) ([]Node, bool) { return t.byKey[text], true }

func BenchmarkFilter(b *testing.B) {
	var s strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&s, "<item><name>v%d</name><district>d%d</district></item>", i, i/10)
	}
	root := document(b, "<root>"+s.String()+"</root>").Children()[0]
	byKey := map[string][]Node{}
	for _, row := range root.Children() {
		key := row.Children()[1].Text()
		byKey[key] = append(byKey[key], row)
	}
	for name, n := range map[string]Node{"walk": root, "lookup": sheet{root, byKey}} {
		b.Run(name, func(b *testing.B) {
			env := newEnv(map[string]answer{"a": text("d500")})
			env.Instances = map[string]Node{"l": n}
			e := mustParse(b, "instance('l')/item[district = ${a}]")
			left := 0
			c := &Context{Env: env, Budget: &left}
			b.ReportAllocs()
			for b.Loop() {
				left = DefaultBudget
				nodes, err := e.EvalNodes(c)
				if err != nil || len(nodes) != 10 {
					b.Fatal(len(nodes), err)
				}
			}
		})
	}
}
