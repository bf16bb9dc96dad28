package bot_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// soak asks for the long form of the tests.
var soak = os.Getenv("FIELDBOT_SOAK") != ""

// Random respondents meet random forms as they meet the bundled ones. With
// FIELDBOT_SOAK=1 there are many.
func TestRandomRespondentsFinishRandomForms(t *testing.T) {
	forms := 2
	if soak {
		forms = 150
	}
	for i := range forms {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(i)))
			form := randomForm(r)
			w := open(t, form, household)
			respondAtRandom(w, r, fmt.Sprintf("random form %d", i))
			w.stop()
			if t.Failed() {
				t.Log(form)
			}
		})
	}
}

// The forms of the written dialogues are met, too: those without files of
// their own, a few of them unless FIELDBOT_SOAK is set.
func TestRandomRespondentsFinishFormsOfDialogues(t *testing.T) {
	files, err := filepath.Glob("../cmd/fieldbot/testdata/behaviour/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	met := map[string]bool{}
	for i, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		form, more := "", false
		for _, f := range a.Files {
			switch {
			case f.Name == "form.md":
				form = string(f.Data)
			case strings.HasSuffix(f.Name, ".csv"):
				more = true
			}
		}
		if form == "" || more || met[form] || !soak && i%9 > 0 {
			continue
		}
		met[form] = true
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			w := open(t, form, household)
			respondAtRandom(w, rand.New(rand.NewPCG(9, uint64(i))), filepath.Base(file))
			w.stop()
		})
	}
}

// randomForm writes a form with questions of many kinds, some of which depend on
// earlier ones, in groups and repeats.
func randomForm(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("| settings |\n| | form_title | form_id | keyword | review |\n| | Random | rnd | rnd | " + []string{"yes", "no"}[r.IntN(2)] + " |\n")
	b.WriteString("| survey |\n| | type | name | label::English (en) | label::ລາວ (lo) | required | relevant | parameters | appearance |\n")
	kinds := []string{"text", "integer", "decimal", "date", "time", "dateTime", "select_one few", "select_one many", "select_multiple few",
		"select_multiple many", "rank few", "image", "audio", "file", "video", "geopoint", "geotrace", "geoshape", "acknowledge", "range", "note", "barcode"}
	looks := map[string][]string{"select_one few": {"", "likert", "minimal", "quick", "columns-2"}, "date": {"", "month-year", "year", "no-calendar"}}
	var conditions []string
	inside := "" // the container that is open
	container := func(i int) {
		if inside != "" {
			b.WriteString("| | end " + inside + " |\n")
			inside = ""
			return
		}
		inside = []string{"group", "repeat"}[r.IntN(2)]
		fmt.Fprintf(&b, "| | begin %s | c%d | Part %d | ພາກ %d |\n", inside, i, i, i)
		if inside == "repeat" {
			fmt.Fprintf(&b, "| | text | c%d_first | Name %d | ຊື່ %d | yes |\n", i, i, i)
		}
	}
	for i := range 4 + r.IntN(10) {
		if r.IntN(4) == 0 {
			container(i)
		}
		kind := kinds[r.IntN(len(kinds))]
		required, relevant, parameters, look := "", "", "", ""
		if kind != "note" && r.IntN(2) == 0 {
			required = "yes"
		}
		if len(conditions) > 0 && r.IntN(3) == 0 {
			relevant = conditions[r.IntN(len(conditions))]
		}
		if kind == "range" {
			parameters = "start=0 end=49 step=1"
		}
		if all := looks[kind]; len(all) > 0 {
			look = all[r.IntN(len(all))]
		}
		label := strings.Repeat("ຄຳຖາມ *ຍາວ* <b> & ", 1+r.IntN(40))
		fmt.Fprintf(&b, "| | %s | q%d | Question %d %s? | ຂໍ້ %d %s? | %s | %s | %s | %s |\n", kind, i, i, label, i, label, required, relevant, parameters, look)
		if inside == "repeat" {
			continue // what is outside cannot depend on one of several
		}
		switch kind {
		case "select_one few":
			conditions = append(conditions, fmt.Sprintf("${q%d} = 'f1'", i), fmt.Sprintf("${q%d} != 'f0'", i))
		case "select_multiple few":
			conditions = append(conditions, fmt.Sprintf("selected(${q%d}, 'f0')", i))
		case "integer":
			conditions = append(conditions, fmt.Sprintf("${q%d} > 20", i))
		}
	}
	if inside != "" {
		container(0)
	}
	b.WriteString("| | text | last | The last one | ຂໍ້ສຸດທ້າຍ | yes |\n| choices |\n| | list_name | name | label::English (en) | label::ລາວ (lo) |\n")
	for i := range 2 + r.IntN(6) {
		fmt.Fprintf(&b, "| | few | f%d | Choice %d | ທາງ %d |\n", i, i, i)
	}
	for i := range 12 + r.IntN(120) {
		fmt.Fprintf(&b, "| | many | m%d | %s %d | ຕົວເລືອກ %d |\n", i, strings.Repeat("Long ", 1+r.IntN(8)), i, i)
	}
	return b.String()
}
