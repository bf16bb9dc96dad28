package flows_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/fieldbot/flows"
)

// Whatever a new version does to a question, its answers are told of.
func TestChanges(t *testing.T) {
	old := compile(t, `
| survey | | | | | | | |
| | type | name | label::English (en) | label::Lao (lo) | relevant | calculation | constraint |
| | text | village | Village | B | | | |
| | integer | people | How many people? | C | | | |
| | text | area | Area | D | | | |
| | select_one yn | again | Again? | E | | | |
| | select_one yn | crops | Crops | F | ${again} = 'y' | | |
| | text | gone | Gone | G | | | |
| | decimal | hh_size | Size of the household | H | | | . > 0 |
| | begin repeat | member | Member | I | | | |
| | text | name | Name | J | | | |
| | text | old_only | Only | K | | | |
| | end repeat | | | | | | |
| | calculate | double | | | | ${people} * 2 | |
| | note | thanks | Thanks | L | | | |
| choices |
| | list_name | name | label::English (en) | label::Lao (lo) |
| | yn | y | Yes | Y |
| | yn | n | No | N |
| | yn | m | Perhaps | M |
| settings |
| | form_id | version |
| | farm | 1 |
`)
	now := compile(t, `
| survey | | | | | | | |
| | type | name | label::English (en) | label::Khmu (kjg) | relevant | calculation | constraint |
| | begin group | where | Where | B | | | |
| | text | village | Village | B | | | |
| | end group | | | | | | |
| | integer | people | How many people live here? | C | | | |
| | select_one yn | area | Area | D | | | |
| | select_one yn | again | Again? | E | | | |
| | select_multiple yn | crops | Crops | F | ${again} != 'n' | | |
| | decimal | size | Size of the household | H | | | . > 1 |
| | text | name | Name | J | | | |
| | begin repeat | member | Member | I | | | |
| | text | added | Added | K | | | |
| | end repeat | | | | | | |
| | calculate | double | | | | ${people} * 3 | |
| choices |
| | list_name | name | label::English (en) | label::Khmu (kjg) |
| | yn | y | Yes, always | Y |
| | yn | n | No | N |
| | yn | d | Do not know | D |
| settings |
| | form_id | version |
| | farm | 1 |
`)
	var got []string
	for _, c := range flows.Changes(old, now) {
		line := string(c.Kind)
		for _, n := range []*flows.Node{c.Old, c.New} {
			if n != nil {
				line += " " + n.Path
			}
		}
		if c.Detail != "" {
			line += ": " + c.Detail
		}
		got = append(got, line)
	}
	want := strings.Split(strings.TrimSpace(`
version: 1
language gone: Lao (lo)
language added: Khmu (kjg)
moved /village /where/village
label /people /people
type /area /area: text → select_one
choice gone /again /again: m
choice reworded /again /again: y
choice added /again /again: d
type /crops /crops: select_one → select_multiple
asked /crops /crops: relevant
choice gone /crops /crops: m
choice reworded /crops /crops: y
choice added /crops /crops: d
gone /gone
renamed /hh_size /size
asked /hh_size /size: constraint
repeated /member/name /name
gone /member/old_only
asked /double /double: calculation
added /member/added`), "\n")
	for i := range want {
		want[i] = strings.TrimSpace(want[i])
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if list := flows.Changes(old, old); len(list) > 0 {
		t.Errorf("a form differs from itself: %v", list)
	}
}

// A list of a country's villages in every question of a long form is compared
// in a moment.
func TestChangesOfLongForms(t *testing.T) {
	a, b := compile(t, wide(2000, 2000)), compile(t, strings.NewReplacer("| q", "| r", "{q", "{r").Replace(wide(2000, 2000)))
	if n := len(flows.Changes(a, b)); n < 1000 {
		t.Error(fmt.Sprint(n, " changes"))
	}
}
