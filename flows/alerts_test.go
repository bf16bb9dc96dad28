package flows_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
)

// What somebody wrote, or where they are, is in no alert about citizens, not by
// a calculation either.
func TestAlertsNeverTellWhatACitizenWrote(t *testing.T) {
	const form = `
| settings |
| | form_id | audience | district |
| | f | %s | district |

| survey |
| | type | name | label | calculation |
| | select_one district | district | D? | |
| | text | reason | R? | |
| | integer | age | A? | |
| | geopoint | at | W? | |
| | calculate | place | | jr:choice-name(${district}, '${district}') |
| | calculate | group | | if(${age} < 30, 'young', 'old') |
| | calculate | said | | concat(${place}, ': ', ${reason}) |
| | calculate | again | | ${said} |

| choices |
| | list_name | name | label |
| | district | 0101 | Hill |

| alerts |
| | name | message | where | urgent |
| | bad | Bad: ${%s} | ${age} > 3 | yes |
`
	for _, c := range []struct {
		audience, told string
		refused        bool
	}{
		{"citizen", "reason", true}, {"citizen", "age", true}, {"citizen", "at", true}, {"citizen", "said", true}, {"citizen", "again", true},
		{"", "reason", true}, {"citizen", "district", false}, {"citizen", "place", false}, {"citizen", "group", false}, {"officer", "reason", false},
	} {
		def, err := xlsform.Read("f.md", fmt.Appendf(nil, form, c.audience, c.told), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = flows.Compile(def)
		if refused := err != nil && strings.Contains(err.Error(), "never tells what one of them wrote"); refused != c.refused || err != nil && !refused {
			t.Errorf("audience %q, ${%s}: refused is %v (%v), want %v", c.audience, c.told, refused, err, c.refused)
		}
	}
}
