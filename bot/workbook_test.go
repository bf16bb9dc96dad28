package bot_test

import (
	"strings"
	"testing"

	"example.org/fieldbot/storage"
)

const wellsForm = "| settings |\n| | form_title | form_id | keyword |\n| | Wells | wells | wells |\n\n" +
	"| survey |\n| | type | name | label |\n| | integer | depth | How deep? |\n"

// A workbook that is sent again under its name says which of its problems are
// mended.
func TestMendedProblemsArePointedOut(t *testing.T) {
	w := open(t, wellsForm)
	boss := w.person("en")
	w.promote(boss, storage.Secretariat)
	send := func(name, body string) string {
		t.Helper()
		if _, err := boss.Document(name, []byte(body), ""); err != nil {
			t.Fatal(err)
		}
		return boss.hears()
	}
	wrong := strings.Replace(wellsForm, "| integer | depth |", "| integr | depth |", 1) + "| | text | depth | Again? |\n"
	has(t, send("New.md", strings.Replace(wrong, "| wells | wells |", "| new | new |", 1)), "2 problems", "integr")
	half := strings.Replace(wrong, "| integr |", "| integer |", 1)
	got := send("New.md", strings.Replace(half, "| wells | wells |", "| new | new |", 1))
	has(t, got, "1 problem is mended", "integr", "1 problem has to be mended")
	has(t, send("New.md", strings.Replace(wellsForm, "| wells | wells |", "| new | new |", 1)), "1 problem is mended", "Shall it be published?")
}
