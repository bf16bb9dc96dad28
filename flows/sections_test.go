package flows_test

import (
	"strings"
	"testing"
)

// Notes tell whether they stand before the section of the question that follows:
// the total of a roster does not belong under the heading of what comes next.
func TestNotesBeforeSection(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | |
| | type | name | label | repeat_count |
| | note | hello | Hello | |
| | begin group | home | Home | |
| | note | about | About you | |
| | begin repeat | person | Person | 2 |
| | text | who | Who | |
| | note | thanks | Thank you | |
| | end repeat | | | |
| | note | total | In all | |
| | end group | | | |
| | begin group | food | Food | |
| | begin group | plain | | |
| | note | now | Now food | |
| | text | rice | Rice | |
| | end group | | | |
| | end group | | | |
| | note | bye | Goodbye | |
| | text | more | More | |`))
	for _, want := range []string{
		"<Hello <About you Person 1: Who",
		"<Thank you Person 2: Who",
		"<Thank you <In all Food: Now food Rice",
		"Goodbye More",
	} {
		p := in.Prompt()
		var got []string
		for i, n := range p.Notes {
			if i == p.NotesBefore() {
				break
			}
			got = append(got, "<"+n.Label)
		}
		if n := len(p.Groups); n > 0 {
			got = append(got, p.Groups[n-1]+":")
		}
		for _, n := range p.Notes[p.NotesBefore():] {
			got = append(got, n.Label)
		}
		if got := strings.Join(append(got, p.Label), " "); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		in = say(t, in, "x")
	}
}
