package flows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/internal/spent"
	"example.org/fieldbot/flows/xlsform"
)

// wide is a form of n questions, each relevant by one before it, and of lists
// with so many choices in all.
func wide(n, choices int) string {
	var b strings.Builder
	b.WriteString("| survey | | | | | | |\n| | type | name | label | relevant | calculation | choice_filter |\n")
	for i := range n {
		switch i % 5 {
		case 0:
			fmt.Fprintf(&b, "| | select_one big | q%d | Where is %d? | | | kind = 'k1' |\n", i, i)
		case 1:
			fmt.Fprintf(&b, "| | integer | q%d | How many? | ${q%d} != '' | | |\n", i, i-1)
		case 2:
			fmt.Fprintf(&b, "| | calculate | q%d | | | ${q%d} * 2 + 1 | |\n", i, i-1)
		case 3:
			fmt.Fprintf(&b, "| | text | q%d | Why ${q%d}? | ${q%d} > 3 | | |\n", i, i-1, i-1)
		default:
			fmt.Fprintf(&b, "| | select_multiple yn | q%d | Which? | | | |\n", i)
		}
	}
	b.WriteString("| choices | | | | |\n| | list_name | name | label | kind |\n| | yn | y | Yes | |\n| | yn | n | No | |\n")
	for i := range choices {
		fmt.Fprintf(&b, "| | big | c%d | Choice %d | k%d |\n", i, i, i%max(choices/5, 1))
	}
	return b.String()
}

// A turn is what the bot does with an answer: load, answer, ask the next, save.
func turn(b testing.TB, f *flows.Form, data []byte) []byte {
	in, err := f.Resume(world(), data)
	if err != nil {
		b.Fatal(err)
	}
	p := in.Prompt()
	x := flows.Input{Text: "5"}
	switch {
	case p.Kind == flows.Complete:
		in, err = f.Start(world(), flows.StartOptions{})
		if err != nil {
			b.Fatal(err)
		}
		return in.Encode()
	case len(p.Choices) > 0:
		x = flows.Input{Choices: []int{p.Choices[0].Index}}
	}
	if err := in.Answer(p.At, x); err != nil {
		b.Fatal(err)
	}
	in.Prompt()
	return in.Encode()
}

// BenchmarkTurn compares a turn in a small form with the same in a large one,
// where the first twelve questions are answered again and again.
func BenchmarkTurn(b *testing.B) {
	for _, n := range []int{12, 100, 2000} {
		f := compile(b, wide(n, 50))
		b.Run(fmt.Sprintf("questions=%d", n), func(b *testing.B) {
			in := start(b, f)
			first := in.Encode()
			b.ReportAllocs()
			data := first
			for i := 0; b.Loop(); i++ {
				if i%9 == 0 {
					data = first
				}
				data = turn(b, f, data)
			}
		})
	}
}

// BenchmarkFilter chooses from a long list by an equality.
func BenchmarkFilter(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		f := compile(b, wide(1, n))
		b.Run(fmt.Sprintf("choices=%d", n), func(b *testing.B) {
			in := start(b, f)
			for b.Loop() {
				if len(in.Prompt().Choices) == 0 {
					b.Fatal("nothing to choose")
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	d, err := xlsform.Read("wide.md", []byte(wide(2000, 20_000)), nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := flows.Compile(d); err != nil {
			b.Fatal(err)
		}
	}
}

// The targets, with room for a busy machine: a large form compiles in half a
// second, and a turn in it costs what one in a small form does, or a fifth more.
func TestGrowth(t *testing.T) {
	d := define(t, wide(2000, 20_000))
	took := spent.CPU(func() {
		if _, err := flows.Compile(d); err != nil {
			t.Error(err)
		}
	})
	if t.Logf("compiling took %v", took); took > spent.Limit(time.Second) {
		t.Errorf("compiling took %v", took)
	}
	cost := map[int]time.Duration{}
	sizes := map[int]*flows.Form{12: compile(t, wide(12, 50)), 2000: compile(t, wide(2000, 50))}
	for range 100 { // by turns, that both meet the same neighbours on the machine
		for n, f := range sizes {
			first := start(t, f).Encode()
			took := spent.CPU(func() {
				data := first
				for i := range 90 {
					if i%9 == 0 {
						data = first
					}
					data = turn(t, f, data)
				}
			}) / 90
			if cost[n] == 0 || took < cost[n] {
				cost[n] = took
			}
		}
	}
	t.Logf("a turn takes %v in 12 questions, %v in 2,000", cost[12], cost[2000])
	if cost[2000] > cost[12]*2 {
		t.Errorf("a turn takes %v in 12 questions, %v in 2,000", cost[12], cost[2000])
	}
}

// Rows of a long list are found by an index wherever the condition is an
// equality: a list a hundred times as long costs no more.
func TestLookupsGrow(t *testing.T) {
	long := 10_000 / int(spent.Limit(1)) // the race detector would be busy with making the lists
	list := func(n int) (choices, csv string) {
		var b, c strings.Builder
		c.WriteString("name,label,kind,part\n")
		for i := range n {
			fmt.Fprintf(&b, "| | big | c%d | Choice %d | k%d | p%d |\n", i, i, i/20, i%20)
			fmt.Fprintf(&c, "c%d,Choice %d,k%d,p%d\n", i, i, i/20, i%20)
		}
		return b.String(), c.String()
	}
	rows := map[string]string{
		"choice_filter":               "| | select_one big | s | S | | kind = ${a} |",
		"reversed":                    "| | select_one big | s | S | | ${a} = kind |",
		"two equalities":              "| | select_one big | s | S | | kind = ${a} and part = 'p1' |",
		"two, the unequal first":      "| | select_one big | s | S | | part != 'p1' and kind = ${a} |",
		"selected()":                  "| | select_one big | s | S | | selected(${a}, kind) |",
		"a value looked up":           "| | select_one big | s | S | | kind = pulldata('rows', 'kind', 'name', concat('c', substr(${a}, 1))) |\n| | select_one_from_file rows.csv | f | F | | kind = ${a} |",
		"a value of another list":     "| | select_one big | s | S | | kind = instance('big')/root/item[kind = ${a}]/kind |",
		"a file":                      "| | select_one_from_file rows.csv | s | S | | kind = ${a} |",
		"label of an instance":        "| | calculate | s | | instance('big')/root/item[name = 'c3']/label | |",
		"label of an instance, ${}":   "| | calculate | s | | instance('big')/root/item[kind = ${a}]/label | |",
		"label, reversed":             "| | calculate | s | | instance('big')/root/item[${a} = kind]/label | |",
		"two predicates":              "| | calculate | s | | instance('big')/root/item[kind = ${a}][part = 'p2']/label | |",
		"both in one":                 "| | calculate | s | | instance('big')/root/item[kind = ${a} and part = 'p2']/label | |",
		"count":                       "| | calculate | s | | count(instance('big')/root/item[kind = ${a}]) | |",
		"pulldata":                    "| | select_one_from_file rows.csv | f | F | | kind = ${a} |\n| | calculate | s | | pulldata('rows', 'label', 'kind', ${a}) | |",
		"jr:choice-name":              "| | select_one big | f | F | | kind = ${a} |\n| | calculate | s | | jr:choice-name(concat('c', '3'), '${f}') | |",
		"name of a choice in a label": "| | select_one big | f | F | | kind = ${a} |\n| | note | s | ${f} | | |",
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			cost := map[int]time.Duration{}
			for _, n := range []int{200, long} {
				choices, csv := list(n)
				d, err := xlsform.Read("form.md", []byte("| survey | | | | | |\n| | type | name | label | calculation | choice_filter |\n| | text | a | A | | |\n"+row+
					"\n| | text | z | Z | | |\n| choices | | | | | |\n| | list_name | name | label | kind | part |\n"+choices), map[string][]byte{"rows.csv": []byte(csv)})
				if err != nil {
					t.Fatal(err)
				}
				f, err := flows.Compile(d)
				if err != nil {
					t.Fatal(err)
				}
				in := start(t, f)
				at := in.Prompt().At
				for i := range 20 {
					took := spent.CPU(func() {
						if err := in.Answer(at, flows.Input{Text: fmt.Sprintf("k%d", i%5)}); err != nil {
							t.Fatal(err)
						}
						in.Prompt()
					})
					if cost[n] == 0 || took < cost[n] {
						cost[n] = took
					}
				}
			}
			t.Logf("%v in 200 rows, %v in %d", cost[200], cost[long], long)
			if cost[long] > 4*cost[200]+50*time.Microsecond {
				t.Errorf("%v in 200 rows, %v in %d", cost[200], cost[long], long)
			}
		})
	}
}
