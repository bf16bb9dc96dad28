package flows_test

import (
	"slices"
	"testing"

	"example.org/fieldbot/flows"
)

// driven gives what there is to see after answers given
// by ref; the instance is saved and loaded after each.
func driven(t *testing.T, md string, answers ...string) *flows.State {
	t.Helper()
	in := start(t, compile(t, md))
	for i := 0; i < len(answers); i += 2 {
		if err := in.Set(answers[i], answers[i+1]); err != nil {
			t.Fatalf("%s=%s: %v", answers[i], answers[i+1], err)
		}
		in = reload(t, in)
	}
	return in.State()
}

// A calculation of numbers is tested as a number where it stands for itself, one
// of texts as a text.
func TestCalculationAsCondition(t *testing.T) {
	const form = `
| survey |
| | type | name | label | relevant | calculation |
| | integer | n | N | | |
| | calculate | number | | | if(${n} > 5, 1, 0) |
| | calculate | guarded | | | if(${n} = '', '', ${number}) |
| | calculate | text | | | if(${n} > 5, '1', '0') |
| | calculate | truth | | | ${n} > 5 |
| | calculate | again | | | ${truth} |
| | note | of_number | x | ${number} | |
| | note | of_guarded | x | ${guarded} | |
| | note | of_text | x | ${text} | |
| | note | of_truth | x | ${truth} | |
| | note | of_again | x | ${again} | |
| | note | not_number | x | not(${number}) | |
| | note | as_text | x | ${number} = '1' | |
`
	for _, x := range []struct {
		n    string
		want []string
	}{
		{"3", []string{"/n", "/of_text", "/not_number"}},
		{"7", []string{"/n", "/of_number", "/of_guarded", "/of_text", "/of_truth", "/of_again", "/as_text"}},
	} {
		if got := driven(t, form, "/n", x.n).Visible; !slices.Equal(got, x.want) {
			t.Errorf("n = %s: visible %v, want %v", x.n, got, x.want)
		}
	}
}

// A ${} in a predicate over a repeat, in an expression outside it, is of the
// instance that is looked at.
func TestReferenceInPredicate(t *testing.T) {
	s := driven(t, `
| survey |
| | type | name | label | calculation | repeat_count |
| | begin repeat | house | House | | 2 |
| | integer | size | Size | | |
| | begin repeat | member | Member | | ${size} |
| | integer | age | Age | | |
| | end repeat | | | | |
| | calculate | own_kids | | count(${member}[${age} < 5]) | |
| | end repeat | | | | |
| | calculate | kids | | count(${member}[${age} < 5]) | |
| | calculate | kids_path | | count(/data/house/member[/data/house/member/age < 5]) | |
| | calculate | crowded | | count(${house}[${size} > 1]) | |
| | calculate | ages | | sum(${member}[${age} < 50]/age) | |
`, "/house[1]/size", "2", "/house[2]/size", "1",
		"/house[1]/member[1]/age", "3", "/house[1]/member[2]/age", "30", "/house[2]/member[1]/age", "60")
	for ref, want := range map[string]string{"/kids": "1", "/kids_path": "1", "/crowded": "1", "/ages": "33"} {
		if got := s.Values[ref]; got != want {
			t.Errorf("%s = %q, want %q", ref, got, want)
		}
	}
}

// A row holds a date as its type does.
func TestDateOfRow(t *testing.T) {
	s := driven(t, `
| survey |
| | type | name | label | calculation |
| | date | day | D | now() |
| | dateTime | moment | M | today() |
| | time | clock | C | now() |
| | date | begun | B | ${s} |
| | start | s | | |
`)
	for ref, want := range map[string]string{
		"/day": "2026-06-15", "/moment": "2026-06-15T00:00:00.000+07:00", "/clock": "17:00:00.000+07:00", "/begun": "2026-06-15",
	} {
		if got := s.Values[ref]; got != want {
			t.Errorf("%s = %q, want %q", ref, got, want)
		}
	}
}

// A running total over a long roster is worked out for all that was made at once.
func TestRunningTotal(t *testing.T) {
	s := driven(t, `
| survey |
| | type | name | label | calculation | repeat_count |
| | integer | n | N | | |
| | begin repeat | r | R | | ${n} |
| | integer | a | A | | |
| | calculate | p | | position(..) | |
| | calculate | run | | if(${p} = 1, 0, indexed-repeat(${run}, ${r}, ${p} - 1)) + coalesce(${a}, 0) | |
| | end repeat | | | | |
| | calculate | s | | sum(${a}) | |
`, "/n", "200", "/r[1]/a", "3", "/r[150]/a", "4")
	for ref, want := range map[string]string{"/r[149]/run": "3", "/r[200]/run": "7", "/r[200]/p": "200", "/s": "7"} {
		if got := s.Values[ref]; got != want {
			t.Errorf("%s = %q, want %q", ref, got, want)
		}
	}
}
