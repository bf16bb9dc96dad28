package flows_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
)

// Each bad form is refused at its cell, with what is wrong and how to mend it.
func TestProblems(t *testing.T) {
	tests := []struct {
		name, md, want string
	}{
		{"unknown parameter", `
| survey | | | | |
| | type | name | label | parameters |
| | range | a | A | start=1 stop=5 |
| choices | | | |
| | list_name | name | label |
| | l | x | X |`, `survey:3 [parameters]: a question of type range has no parameter "stop"`},
		{"randomize", `
| survey | | | | |
| | type | name | label | parameters |
| | select_one l | a | A | randomize=maybe |
| choices | | | |
| | list_name | name | label |
| | l | x | X |`, `survey:3 [parameters]: randomize cannot be "maybe"`},
		{"seed alone", `
| survey | | | | |
| | type | name | label | parameters |
| | select_one l | a | A | seed=3 |
| choices | | | |
| | list_name | name | label |
| | l | x | X |`, `survey:3 [parameters]: a seed without randomize has no use`},
		{"max-pixels", `
| survey | | | | |
| | type | name | label | parameters |
| | image | a | A | max-pixels=big |
| choices | | | |
| | list_name | name | label |
| | l | x | X |`, `survey:3 [parameters]: max-pixels cannot be "big"`},
		{"quality", `
| survey | | | | |
| | type | name | label | parameters |
| | audio | a | A | quality=best |
| choices | | | |
| | list_name | name | label |
| | l | x | X |`, `survey:3 [parameters]: quality cannot be "best"`},
		{"last-saved", `
| survey | | | | |
| | type | name | label | default |
| | text | a | A | ${last-saved#b} |`, `survey:3 [default]: ${b}: there is no question of this name`},
		{"name of the root", `
| survey | | | |
| | type | name | label |
| | text | a | A |
| settings | |
| | name |
| | my form |`, `settings:`},
		{"unknown type", `
| survey | | | |
| | type | name | label |
| | textt | a | A |`, `survey:3 [type]: there is no question type "textt"; did you mean "text"?`},
		{"missing list", `
| survey | | | |
| | type | name | label |
| | select_one yesno | a | A |
| choices | | | |
| | list_name | name | label |
| | yes_no | y | Yes |`, `survey:3 [type]: the list "yesno" is not in the sheet choices; did you mean "yes_no"?`},
		{"unknown reference", `
| survey | | | | |
| | type | name | label | relevant |
| | integer | age | Age | |
| | text | job | Job | ${aeg} > 14 |`, `survey:4 [relevant]: ${aeg}: there is no question of this name; did you mean "age"?`},
		{"reference in a label", `
| survey | | | |
| | type | name | label |
| | text | nm | Name |
| | note | hi | Hello ${nmae} |`, `survey:4 [label]: ${nmae}: there is no question of this name`},
		{"malformed reference", `
| survey | | | |
| | type | name | label |
| | note | hi | Hello ${nm |`, `survey:3 [label]: "${nm" is not a reference; write ${name}`},
		{"syntax", `
| survey | | | | |
| | type | name | label | constraint |
| | integer | age | Age | . > 0 and < 120 |`, `survey:3 [constraint]: `},
		{"unknown function", `
| survey | | | | |
| | type | name | label | calculation |
| | integer | n | N | |
| | calculate | c | | rnd(${n}) |`, `survey:4 [calculation]: `},
		{"cycle", `
| survey | | | | |
| | type | name | label | calculation |
| | calculate | a | | ${b} + 1 |
| | calculate | b | | ${c} + 1 |
| | calculate | c | | ${a} + 1 |
| | text | t | T | |`, `survey:3 [calculation]: the rows depend on one another in a circle: a → b → c → a`},
		{"self", `
| survey | | | | |
| | type | name | label | relevant |
| | text | t | T | ${t} = '' |`, `survey:3 [relevant]: "t" depends on itself`},
		{"unbalanced", `
| survey | | | |
| | type | name | label |
| | begin group | g | G |
| | text | t | T |`, `survey:3 [type]: the group "g" is never ended; add an end group row`},
		{"comments that are no repeat", `
| settings | |
| | comments |
| | remarks |
| survey | | | |
| | type | name | label |
| | begin repeat | comment | C |
| | text | t | T |
| | end repeat | | |`, `settings:3 [comments]: there is no repeat "remarks"; use one of: comment`},
		{"assessing by nothing", `
| settings | |
| | assessed |
| | t |
| survey | | | |
| | type | name | label |
| | text | t | T |`, `settings:3 [assessed]: there is no figure to compare "t" by; write indicators of one answer each, as ${score}`},
		{"a round without its last day", `
| survey | | | |
| | type | name | label |
| | text | t | T |
| calendar | | | |
| | name | from | to |
| | one | 2026-11-01 | |`, `calendar:6 [to]: the round has no day here; write a day, as 2026-11-01`},
		{"a round of no days", `
| survey | | | |
| | type | name | label |
| | text | t | T |
| calendar | | | |
| | name | from | to |
| | one | 2026-02-30 | 1.12.2026 |`, `calendar:6 [from]: "2026-02-30" is not a day; write it as 2026-11-01`},
		{"a round that ends before it begins", `
| survey | | | |
| | type | name | label |
| | text | t | T |
| calendar | | | |
| | name | from | to |
| | one | 2026-11-01 | 2026-10-31 |`, `calendar:6 [to]: the round ends on 2026-10-31, before it begins on 2026-11-01; a round ends on its first day or later`},
		{"a round every month", `
| survey | | | |
| | type | name | label |
| | text | t | T |
| calendar | | | | |
| | name | from | to | every |
| | one | 2026-11-01 | 2026-11-30 | month |`, `calendar:6 [every]: a round from a day to a day has no "every"; leave it blank, or leave from and to blank`},
		{"neither a round nor a period", `
| survey | | | |
| | type | name | label |
| | text | t | T |
| calendar | | | |
| | name | every |
| | one | fortnight |`, `calendar:6 [every]: a report cannot be due every "fortnight"; use day, week, month, quarter or year, or give a round its first and last day in from and to`},
		{"end without begin", `
| survey | | | |
| | type | name | label |
| | text | t | T |
| | end repeat | | |`, `survey:4 [type]: end repeat without a begin repeat`},
		{"duplicate name", `
| survey | | | |
| | type | name | label |
| | text | t | T |
| | integer | t | T |`, `survey:4 [name]: the name "t" is taken by row 3`},
		{"bad name", `
| survey | | | |
| | type | name | label |
| | text | 1st name | T |`, `survey:3 [name]: "1st name" cannot be a name`},
		{"no label", `
| survey | | | |
| | type | name | label |
| | text | t | |`, `survey:3 [label]: the question "t" has no label and no hint`},
		{"calculates nothing", `
| survey | | | |
| | type | name | label |
| | text | t | T |
| | calculate | c | |`, `survey:4 [calculation]: the calculate row "c" calculates nothing`},
		{"choice twice", `
| survey | | | |
| | type | name | label |
| | select_one l | a | A |
| choices | | | |
| | list_name | name | label |
| | l | x | X |
| | l | x | Y |`, `choices:7 [name]: list "l" has the choice "x" already in row 6`},
		{"choices of a cascade twice", `
| survey | | | | |
| | type | name | label | choice_filter |
| | select_one a | a | A | |
| | select_one b | b | B | a = ${a} |
| choices | | | | |
| | list_name | name | label | a |
| | a | x | X | |
| | a | y | Y | |
| | b | other | Other | x |
| | b | other | Other | y |
| | b | s | S | x |
| | b | s | S | y |
| | b | s | T | y |`, `choices:10 [name]: list "b" has the choice "other" already in row 9, further repeats in rows 12 and 13; rename`},
		{"space in a multiple choice", `
| survey | | | |
| | type | name | label |
| | select_multiple l | a | A |
| choices | | | |
| | list_name | name | label |
| | l | x y | X |`, `choices:6 [name]: the choice "x y" of list "l" has a space in its name`},
		{"parameters", `
| survey | | | | |
| | type | name | label | parameters |
| | range | r | R | start 1 |`, `survey:3 [parameters]: "start" is not a key=value pair`},
		{"a calculation as a trigger", `
| survey | | | | | |
| | type | name | label | calculation | trigger |
| | integer | a | A | | |
| | calculate | twice | | ${a} * 2 | |
| | text | b | B | concat('b', ${twice}) | ${twice} |`, `survey:5 [trigger]: ${twice} is a calculation, which nobody answers`},
		{"trigger", `
| survey | | | | | |
| | type | name | label | calculation | trigger |
| | text | a | A | 1 | ${nobody} |`, `survey:3 [trigger]: ${nobody}: there is no question of this name`},
		{"legacy", `
| survey | | | |
| | type | name | label |
| | cascading_select x | o | O |`, `survey:3 [type]: there is no question type "cascading_select x"; use select_one with a choice_filter for each level`},
		{"consent", `
| survey | | | |
| | type | name | label |
| | text | t | T |
| settings | |
| | consent |
| | agree |`, `settings:`},
		{"indicator", `
| survey | | | |
| | type | name | label |
| | integer | t | T |
| indicators | | | |
| | name | measure | of |
| | i | avg | ${t} |`, `indicators:6 [measure]: an indicator cannot measure "avg"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := flows.Compile(define(t, tt.md))
			var ps flows.Problems
			if !errors.As(err, &ps) {
				t.Fatalf("compiled; want a problem %q", tt.want)
			}
			for _, p := range ps {
				if strings.HasPrefix(p.String(), tt.want) {
					if p.Hint == "" && p.Severity == flows.Error {
						t.Errorf("%v: says nothing of how to mend it", p)
					}
					return
				}
			}
			t.Errorf("got\n%v\nwant a line that begins\n%s", err, tt.want)
		})
	}
}

// All problems come at once.
func TestProblemsTogether(t *testing.T) {
	_, err := flows.Compile(define(t, `
| survey | | | | |
| | type | name | label | relevant |
| | textt | a | A | |
| | text | b | | |
| | text | c | C | ${nobody} = 1 |`))
	var ps flows.Problems
	if !errors.As(err, &ps) || len(ps) != 3 {
		t.Fatalf("got %v; want three problems", err)
	}
	for i, row := range []int{3, 4, 5} {
		if ps[i].Row != row {
			t.Errorf("problem %d is of row %d, want %d", i, ps[i].Row, row)
		}
	}
}

// What older tools accept and we cannot run is refused, not run differently.
func TestWarnings(t *testing.T) {
	f := compile(t, `
| survey | | | | |
| | type | name | label | choice_filter | relevant |
| | select_one_from_file places.csv | p | P | | |
| | select_one l | q | Q | regoin = 'n' | |
| | text | t | T | | ../pp = 'x' |
| choices | | | | |
| | list_name | name | label | region |
| | l | x | X | n |`)
	want := []string{"places.csv is missing", `"regoin" is not a column of choices`, `the path leads nowhere, so it reads as blank: there is no "pp" in the form`}
	for i, w := range want {
		if i >= len(f.Warnings) || !strings.Contains(f.Warnings[i].Message, w) {
			t.Errorf("warnings %v: want one with %q", f.Warnings, w)
		}
	}
}

// A note may go without a name, as ODK's compiler lets it; it is named after its
// place in a spreadsheet.
// Authors mark the groups of a long form as required, all of them: one line says so.
func TestWarningsOfManyRows(t *testing.T) {
	md := "| survey | | | | |\n| | type | name | label | required |\n"
	for i := range 20 {
		md += fmt.Sprintf("| | begin group | g%d | G | yes |\n| | text | t%d | T | |\n| | end group | | | |\n", i, i)
	}
	md += "| | begin repeat | r | R | yes |\n| | text | t | T | |\n| | end repeat | | | |\n"
	w := compile(t, md).Warnings
	want := "survey:3 [required]: warning: a group cannot be required (also rows 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39 and 7 more); move it to the questions inside\n" +
		"survey:63 [required]: warning: a repeat cannot be required; move it to the questions inside"
	if w.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", w, want)
	}
}

func TestNoteWithoutName(t *testing.T) {
	f := compile(t, "| survey | | | |\n| | type | name | label |\n| | note | | Hello |\n| | text | a | A |")
	if n := f.Question("generated_note_name_2"); n == nil {
		t.Error("the note is not there")
	}
}

// However many remarks come before, an error is an error.
func TestWarningsHideNoErrors(t *testing.T) {
	var b strings.Builder
	b.WriteString("| survey | | | | |\n| | type | name | label | default | relevant |\n")
	for i := range 300 {
		fmt.Fprintf(&b, "| | integer | q%d | Q | none | |\n", i)
	}
	b.WriteString("| | integer | last | L | | ${nosuch} > 1 |\n")
	d, err := xlsform.Read("form.md", []byte(b.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := flows.Compile(d); err == nil || !strings.Contains(err.Error(), "nosuch") {
		t.Errorf("an error behind 300 warnings: %v", err)
	}
}
