package flows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/flows"
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
func turn(b *testing.B, f *flows.Form, data []byte, i int) []byte {
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
				data = turn(b, f, data, i)
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
// second, and a turn in it costs what one in a small form does.
func TestGrowth(t *testing.T) {
	d := define(t, wide(2000, 20_000))
	began := time.Now()
	large, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("compiling took %v", took)
	}
	small := compile(t, wide(12, 20_000))
	cost := func(f *flows.Form) time.Duration {
		best := time.Hour
		first := start(t, f).Encode()
		for range 20 {
			began := time.Now()
			data := first
			for range 8 {
				in, err := f.Resume(world(), data)
				if err != nil {
					t.Fatal(err)
				}
				p := in.Prompt()
				x := flows.Input{Text: "5"}
				if len(p.Choices) > 0 {
					x = flows.Input{Choices: []int{p.Choices[0].Index}}
				}
				if err := in.Answer(p.At, x); err != nil {
					t.Fatal(err)
				}
				in.Prompt()
				data = in.Encode()
			}
			best = min(best, time.Since(began))
		}
		return best
	}
	if s, l := cost(small), cost(large); l > 4*s+time.Millisecond {
		t.Errorf("eight turns take %v in 2,000 questions, %v in 12", l, s)
	}
}
