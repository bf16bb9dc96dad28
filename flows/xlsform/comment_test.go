package xlsform_test

import (
	"strings"
	"testing"

	"example.org/fieldbot/flows/xlsform"
)

// A row whose type begins with # is a comment, whatever else it holds.
func TestRowsBehindHash(t *testing.T) {
	d, err := xlsform.Read("form.md", []byte("|survey|\n||type|name|label|\n||# ask later||x|\n||#text|b|B|\n||text|a|A|\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(d.Sheet("survey").Rows); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	if len(d.Found) != 2 || !strings.Contains(d.Found[0].Message, "begins with #") {
		t.Errorf("found %v", d.Found)
	}
}
