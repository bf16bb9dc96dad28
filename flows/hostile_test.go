package flows_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/internal/spent"
	"example.org/fieldbot/flows/xlsform"
)

// Forms that try to hang the program or to exhaust its memory are refused, or
// run within a second and a hundred megabytes.
func TestHostileForms(t *testing.T) {
	deep := func() string {
		var b strings.Builder
		b.WriteString("| survey | | | |\n| | type | name | label |\n")
		for i := range 5000 {
			fmt.Fprintf(&b, "| | begin group | g%d | G |\n", i)
		}
		return b.String()
	}
	doubling := func() string {
		var b strings.Builder
		b.WriteString("| survey | | | | |\n| | type | name | label | calculation |\n| | text | c0 | C | |\n")
		for i := range 400 {
			fmt.Fprintf(&b, "| | calculate | c%d | | concat(${c%d}, ${c%d}, 'ha') |\n", i+1, i, i)
		}
		return b.String()
	}
	many := func(n int, row string) string {
		var b strings.Builder
		b.WriteString("| survey | | | | | |\n| | type | name | label | calculation | relevant |\n| | text | t | T | | |\n")
		for i := range n {
			b.WriteString(strings.ReplaceAll(row, "#", fmt.Sprint(i)) + "\n")
		}
		return b.String()
	}
	tests := []struct{ name, md string }{
		{"thousands of wrong names", many(19_000, "| | text | question_number_# | T | | ${question_nmber_#} = 1 |")},
		{"thousands of wrong functions", many(19_000, "| | text | q# | T | | selcted_#(1) |")},
		{"sums of everything", many(300, "| | integer | a# | A | | |") + strings.TrimPrefix(many(1500, "| | calculate | c# | | "+strings.Repeat("${a1} + ", 300)+"1 | |"), many(0, ""))},
		{"labels that name an answer a thousand times", many(1000, "| | text | q# | "+strings.Repeat("${t}", 1000)+" | | |")},
		{"a chain of long texts", many(1, "| | calculate | c0 | | concat("+strings.Repeat("${t}, ", 100)+"1) | |") +
			strings.TrimPrefix(many(2000, "| | calculate | d# | | concat(${c0}, #) | |"), many(0, ""))},
		{"groups in groups", deep()},
		{"brackets in brackets", "| survey | | | | |\n| | type | name | label | calculation |\n| | text | t | T | |\n| | calculate | c | | " + strings.Repeat("(", 30_000) + "1" + strings.Repeat(")", 30_000) + " |\n"},
		{"signs", "| survey | | | | |\n| | type | name | label | calculation |\n| | text | t | T | |\n| | calculate | c | | " + strings.Repeat("-", 60_000) + "1 |\n"},
		{"doubling text", doubling()},
		{"repeats in repeats", `
| survey | | | | |
| | type | name | label | repeat_count |
| | begin repeat | a | A | 1000000000 |
| | begin repeat | b | B | 1000000000 |
| | begin repeat | c | C | 1000000000 |
| | text | t | T | |
| | end repeat | | | |
| | end repeat | | | |
| | end repeat | | | |`},
		{"a repeat that counts itself", `
| survey | | | | | |
| | type | name | label | calculation | repeat_count |
| | begin repeat | a | A | | count(/data/a[x > 0]) + 1 |
| | calculate | x | | 1 | |
| | text | t | T | | |
| | end repeat | | | | |`},
		{"triggers in a circle", `
| survey | | | | | |
| | type | name | label | calculation | trigger |
| | text | a | A | concat(${a}, 'x') | ${b} |
| | text | b | B | concat(${b}, 'x') | ${a} |`},
		{"instances that read one another", `
| survey | | | | | |
| | type | name | label | calculation | repeat_count |
| | begin repeat | a | A | | 300 |
| | calculate | x | | sum(/data/a[true()]/x) + 1 | |
| | text | t | T | | |
| | end repeat | | | | |`},
		{"a regular expression that backtracks", `
| survey | | | | |
| | type | name | label | constraint |
| | text | t | T | regex(., '(a+)+$') |`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			took, err := runHostile(t, tt.md)
			runtime.ReadMemStats(&after)
			if took > spent.Limit(time.Second) {
				t.Errorf("took %v", took)
			}
			if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 100<<20 {
				t.Errorf("holds %d MiB", held>>20)
			}
			t.Logf("%v: %v", took.Round(time.Millisecond), short(err))
		})
	}
}

// runHostile reads, compiles and starts a form, and answers five questions of
// it with long texts. It returns the longest that one of these took.
func runHostile(t *testing.T, md string) (longest time.Duration, err error) {
	step := func(f func()) { longest = max(longest, spent.CPU(f)) }
	var f *flows.Form
	step(func() {
		var d *flows.Definition
		if d, err = xlsform.Read("hostile.md", []byte(md), nil); err == nil {
			f, err = flows.Compile(d)
		}
	})
	if err != nil {
		return longest, err
	}
	var in *flows.Instance
	step(func() { in = start(t, f) })
	for range 5 {
		step(func() {
			if p := in.Prompt(); p.Kind != flows.Complete {
				_ = in.Answer(p.At, flows.Input{Text: strings.Repeat("a", 500) + "!"})
			}
		})
	}
	step(func() { _, _ = f.Resume(world(), in.Encode()) })
	return longest, nil
}

func short(err error) string {
	if err == nil {
		return "runs"
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return "refused: " + line[:min(len(line), 160)]
}
