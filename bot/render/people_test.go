package render

import (
	"strings"
	"testing"

	"example.org/fieldbot/flows"
)

// What people type, and a label that it must find.
func TestSearchForgivesSpelling(t *testing.T) {
	for _, c := range []struct{ typed, label string }{
		{"ນໍ້າທາ", "ຫຼວງນ້ຳທາ"},             // the marks in another order, am in two letters
		{"ນຳທາ", "ຫຼວງນ້ຳທາ"},               // without the tone
		{"ຫລວງ", "ຫຼວງພະບາງ"},               // l beside h, not below it
		{"ຫນອງ", "ໜອງແຮດ"},                  // two letters for one
		{"ເເບງ", "ແບງ"},                     // ae as two e
		{"ໄໝ່", "ໃໝ່"},                      // the other ai
		{"ພະບາງ", "ນະຄອນຫຼວງພະບາງ"},         // inside a word
		{"luang", "Luang Prabang"},          // case
		{"Xiengkhouang", "Xieng Khouang"},   // spaces
		{"ສະບາຍ", "ສະ\u200bບາຍ"},            // invisible breaks
		{"prabang (x", "Luang Prabang (x)"}, // marks of punctuation
	} {
		p := prompt("select_one", "ບໍ່ແມ່ນ", c.label)
		if got := Search(view("lo").Form, p, c.typed); len(got) != 1 || got[0].Label != c.label {
			t.Errorf("%q found %v, want %q", c.typed, got, c.label)
		}
	}
	if got := Search(view("lo").Form, prompt("select_one", "ຂາວ", "ເຂົ້າ"), "ເຂົາ"); len(got) != 1 {
		t.Errorf("a vowel is more than a tone: %v", got)
	}
}

func TestStepper(t *testing.T) {
	v := view("en")
	v.Back = false
	p := prompt("range")
	p.Required = true
	p.Node.Parameters = map[string]string{"start": "0", "end": "200", "step": "0.5"}
	want := "[« −10][‹ −0.5][+0.5 ›][+10 »] / [✅ 100]"
	if got := rows(v.Prompt(p, 0)); got[:len(want)] != want {
		t.Errorf("at first %s", got)
	}
	if got := rows(v.Stepper(p, 9999)); !strings.Contains(got, "[✅ 200]") {
		t.Errorf("beyond the end %s", got)
	}
	p.Value = "7.5"
	if got := rows(v.Prompt(p, 0)); !strings.Contains(got, "[✅ 7.5]") {
		t.Errorf("with an answer %s", got)
	}
	down := Range{10, -10, 1}
	if down.At(down.index("-4")) != "-4" {
		t.Error("a range that goes down")
	}
}

func TestPicturesBearTheNumbersOfTheirButtons(t *testing.T) {
	p := prompt("select_one", "Rice", "Corn")
	p.Choices[1].Media = flows.Media{Image: "corn.png"}
	s := view("en").Prompt(p, 0)
	if !strings.HasPrefix(rows(s), "[1][2]") || !strings.Contains(s.Text, "2. Corn") {
		t.Errorf("%s\n%s", s.Text, rows(s))
	}
}

func TestAnAnsweredQuestionCanBeChanged(t *testing.T) {
	p := prompt("select_one", "Yes")
	s := view("lo").Answered(p, "Yes")
	if s.Text != "✅ Which? <b>Yes</b>" || rows(s) != "[✏️ ແກ້ໄຂ]" {
		t.Errorf("%s %s", s.Text, rows(s))
	}
	c, ok := ParseCallback(s.Rows[0][0].Data)
	if !ok || c.Action != Change || c.Place != PlaceOf(p.At) {
		t.Errorf("the button carries %+v", c)
	}
}

func TestBuddhist(t *testing.T) {
	for text, want := range map[string]bool{
		"5/3/2569": true, "໕/໓/໒໕໖໙": true, "5 ມີນາ 2569": true, "2569-03-05": true,
		"5/3/2026": false, "25690": false, "12569": false, "2700": false,
	} {
		if Buddhist(text) != want {
			t.Errorf("%q", text)
		}
	}
}

func TestAppearances(t *testing.T) {
	v := view("en")
	v.Back, v.Languages = false, false
	for _, c := range []struct {
		appearance string
		labels     []string
		want       string
	}{
		{"likert", []string{"1", "2", "3", "4", "5"}, "[1][2][3][4][5]"},
		{"likert", []string{"Good", "Bad"}, "[Good] / [Bad]"},
		{"horizontal", []string{"😀", "😐", "🙁"}, "[😀][😐][🙁]"},
		{"columns-2", []string{"A", "B", "C"}, "[A][B] / [C]"},
		{"compact-2", []string{"A", "B", "C"}, "[A][B] / [C]"},
		{"quickcompact-2", []string{"A", "B", "C"}, "[A][B] / [C]"},
		{"minimal", []string{"A", "B"}, "[A][B]"},
		{"quick", []string{"A", "B"}, "[A][B]"},
	} {
		p := prompt("select_one", c.labels...)
		p.Required = true
		p.Node.Appearance = flows.Appearance{c.appearance}
		if got := rows(v.Prompt(p, 0)); got != c.want {
			t.Errorf("%s: %s, want %s", c.appearance, got, c.want)
		}
	}
}

// What was noted before a section stands above its heading.
func TestNotesBeforeASection(t *testing.T) {
	p := prompt("select_one", "Yes")
	p.Done, p.Total, p.Groups = 2, 9, []string{"Survey", "Food"}
	p.Notes = []flows.Note{{Label: "In all 7", Before: true}, {Label: "Now food"}}
	want := "\nIn all 7\n\nFood\nNow food\n\n<b>Which?</b>"
	if got := view("en").Prompt(p, 0).Text; !strings.Contains(got, want) || strings.Contains(got, "· Food") {
		t.Errorf("both: %q", got)
	}
	p.Notes = p.Notes[1:]
	if got := view("en").Prompt(p, 0).Text; !strings.Contains(got, " · Food\nNow food\n\n<b>Which?</b>") {
		t.Errorf("within: %q", got)
	}
	p.Notes = []flows.Note{{Label: "In all 7", Before: true}}
	if got := view("en").Prompt(p, 0).Text; !strings.Contains(got, "\nIn all 7\n\nFood\n<b>Which?</b>") {
		t.Errorf("before: %q", got)
	}
}
