package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"example.org/fieldbot/flows"
)

// A drawn version asks some of a few names: as any type, in any order, in a
// group, a repeat or neither, and names a group or repeat as another version
// names a question.
func drawVersion(r *rand.Rand, n int) string {
	types := []string{"text", "integer", "decimal", "date", "time", "dateTime", "select_one l", "select_multiple l", "select_multiple m", "rank l",
		"geopoint", "geotrace", "image", "hidden", "range", "acknowledge", "barcode"}
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	var b strings.Builder
	b.WriteString("| survey | | | | |\n| | type | name | label::English (en) | label::Lao (lo) |\n| | text | first | First | F |\n")
	var ends []string
	inside := map[string]map[string]bool{"": {"first": true}}
	var path []string
	for range 14 {
		here := strings.Join(path, "/")
		if inside[here] == nil {
			inside[here] = map[string]bool{}
		}
		name := names[r.IntN(len(names))]
		switch k := r.IntN(10); {
		case k == 0 && len(ends) > 0:
			fmt.Fprintf(&b, "| | end %s | | | |\n", ends[len(ends)-1])
			ends, path = ends[:len(ends)-1], path[:len(path)-1]
		case inside[here][name]:
		case k < 3 && len(ends) < 3:
			inside[here][name] = true
			what := []string{"group", "repeat"}[r.IntN(2)]
			fmt.Fprintf(&b, "| | begin %s | %s | The %s | |\n| | text | in_%s | In %s | |\n", what, name, name, name, name)
			ends, path = append(ends, what), append(path, name)
			inside[strings.Join(path, "/")] = map[string]bool{"in_" + name: true}
		default:
			inside[here][name] = true
			fmt.Fprintf(&b, "| | %s | %s | Label %s%d | |\n", types[r.IntN(len(types))], name, name, r.IntN(2))
		}
	}
	for i := len(ends) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "| | end %s | | | |\n", ends[i])
	}
	b.WriteString("| choices | | | | |\n| | list_name | name | label::English (en) | label::Lao (lo) |\n")
	for i := range 6 {
		if r.IntN(3) > 0 || i == 0 {
			fmt.Fprintf(&b, "| | l | c%d | Choice %d of %d | |\n", i, i, n)
			fmt.Fprintf(&b, "| | m | k%d | Kind %d of %d | |\n", i, i, n)
		}
	}
	fmt.Fprintf(&b, "| settings |\n| | form_id | version |\n| | drawn | %d |\n", n/2)
	return b.String()
}

// drawn answers a version. It returns the record, and notes what was answered.
func drawn(r *rand.Rand, n *flows.Node, note func(n *flows.Node, text string)) flows.Record {
	var rec flows.Record
	for _, c := range n.Children {
		f := flows.Field{Name: c.Name, Kind: c.Kind}
		switch c.Kind {
		case flows.GroupNode:
			f.Records = []flows.Record{drawn(r, c, note)}
		case flows.RepeatNode:
			for range r.IntN(3) {
				f.Records = append(f.Records, drawn(r, c, note))
			}
		case flows.QuestionNode:
			f.Type, f.Text = c.Type.Name, answerTo(r, c)
			note(c, f.Text)
		}
		rec = append(rec, f)
	}
	return rec
}

var drawnAnswers int

func answerTo(r *rand.Rand, n *flows.Node) string {
	drawnAnswers++
	k := drawnAnswers
	choice := func() string { return n.List.Choices[r.IntN(len(n.List.Choices))].Name }
	switch n.Type.Name {
	case "integer", "range", "decimal":
		return fmt.Sprint(1000 + k)
	case "date":
		return fmt.Sprintf("2026-01-%02d", k%28+1)
	case "time":
		return fmt.Sprintf("08:%02d:%02d.000+07:00", k/60%60, k%60)
	case "dateTime":
		return fmt.Sprintf("2026-01-%02dT08:00:00.000+07:00", k%28+1)
	case "select_one":
		return choice()
	case "select_multiple", "rank":
		if a, b := choice(), choice(); a != b {
			return a + " " + b
		}
		return choice()
	case "geopoint":
		return fmt.Sprintf("15.%d 106.5 0 0", k)
	case "geotrace":
		return fmt.Sprintf("15.%d 106.5 0 0;16.5 107.5 0 0", k)
	case "acknowledge":
		return "OK"
	}
	return fmt.Sprintf("text %d", k)
}

// shownAs is what a table has to show for an answer: itself, or its labels in
// the version that it was given to.
func shownAs(n *flows.Node, text string, labels bool) string {
	if !labels || n.List == nil {
		return text
	}
	words := []string{text}
	if n.Type.Multiple() {
		words = strings.Fields(text)
	}
	for i, w := range words {
		words[i] = n.List.Choices[n.List.Find(w)].Label.In(0)
	}
	return strings.Join(words, "; ")
}

// Whatever is done to a form from version to version, every answer ever given is
// in its exports, once, in a column with a name of its own.
func TestRandomVersionsLoseNoAnswer(t *testing.T) {
	series := uint64(12)
	if os.Getenv("FIELDBOT_SOAK") != "" {
		series = 300
	}
	for seed := range series {
		r := rand.New(rand.NewPCG(seed, 1))
		var forms []*flows.Form
		var rows []*Row
		type given struct {
			node *flows.Node
			text string
		}
		answers := map[string][]given{}
		for v := range 3 {
			f := form(t, drawVersion(r, v))
			forms = append(forms, f)
			for i := range 3 {
				id := fmt.Sprintf("%d-%d", v, i)
				rows = append(rows, row(f, id, drawn(r, f.Root, func(n *flows.Node, text string) {
					answers[id] = append(answers[id], given{n, text})
				})...))
			}
		}
		for _, o := range []Options{{}, {SplitMultiple: true, SplitPoints: true}, {Labels: true, SplitMultiple: true, SplitPoints: true},
			{Labels: true, Language: "lo"}, {GroupNames: true, SplitMultiple: true}} {
			o.Format = ZIP
			data, _ := write(t, o, forms, rows...)
			tables := [][][]string{}
			for name, text := range unzip(t, data) {
				if name == "codebook.csv" || name == "choices.csv" || name == "indicators.csv" {
					continue
				}
				all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, bom))).ReadAll()
				if err != nil {
					t.Fatal(err)
				}
				tables = append(tables, all)
			}
			cells := cellsOf(t, tables)
			for id, list := range answers {
				left := slices.Clone(cells[id])
				for _, a := range list {
					want := shownAs(a.node, a.text, o.Labels)
					if i := slices.Index(left, want); i < 0 {
						t.Errorf("seed %d, %+v: submission %s: %s = %q is in no cell", seed, o, id, a.node.Path, want)
					} else {
						left = slices.Delete(left, i, i+1)
					}
				}
			}
			if t.Failed() {
				return
			}
		}
		testWorkbookOfVersions(t, forms, rows)
		jsonl, _ := write(t, Options{Format: JSONL}, forms, rows...)
		documents, _ := write(t, Options{Format: XML}, forms, rows...)
		xml := unzip(t, documents)
		places, _ := write(t, Options{Format: GeoJSON}, forms, rows...)
		found := map[string]int{}
		var geo struct {
			Features []struct {
				Geometry   struct{ Type string }
				Properties map[string]any
			}
		}
		if err := json.Unmarshal(places, &geo); err != nil {
			t.Fatal(err)
		}
		for _, f := range geo.Features {
			found[f.Geometry.Type]++
		}
		lines := strings.Split(string(jsonl), "\n")
		want := map[string]int{}
		for i, row := range rows {
			for _, a := range answers[row.ID] {
				quoted, _ := json.Marshal(a.text)
				if !strings.Contains(lines[i], ":"+string(quoted)) && !strings.Contains(lines[i], ":"+a.text) {
					t.Errorf("seed %d: JSON of %s has no %q", seed, row.ID, a.text)
				}
				if !strings.Contains(xml["instances/uuid"+row.ID+"/submission.xml"], "<"+a.node.Name+">"+a.text+"</"+a.node.Name+">") {
					t.Errorf("seed %d: XML of %s has no %s %q", seed, row.ID, a.node.Name, a.text)
				}
				switch a.node.Type.Name {
				case "geopoint":
					want["Point"]++
				case "geotrace":
					want["LineString"]++
				}
			}
		}
		if found["Point"] != want["Point"] || found["LineString"] != want["LineString"] {
			t.Errorf("seed %d: GeoJSON has %v, want %v", seed, found, want)
		}
	}
}

// cellsOf gathers the cells of questions by submission, and sees to it that no
// header stands twice.
func cellsOf(t *testing.T, tables [][][]string) map[string][]string {
	t.Helper()
	cells := map[string][]string{}
	for _, all := range tables {
		id, seen := -1, map[string]bool{}
		for i, h := range all[0] {
			if seen[h] {
				t.Errorf("header %q stands twice", h)
			}
			seen[h] = true
			if h == "_uuid" || h == "_submission__uuid" {
				id = i
			}
		}
		for _, row := range all[1:] {
			cells[row[id]] = append(cells[row[id]], row...)
		}
	}
	return cells
}

func testWorkbookOfVersions(t *testing.T, forms []*flows.Form, rows []*Row) {
	t.Helper()
	data, _ := write(t, Options{Format: XLSX, SplitMultiple: true, SplitPoints: true, Labels: true}, forms, rows...)
	book, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	n := 0
	for _, sheet := range book.GetSheetList() {
		all, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) > 0 && slices.Contains(all[0], "_index") {
			n += len(all) - 1
		}
	}
	if n < len(rows) {
		t.Errorf("%d rows in the workbook, of %d submissions", n, len(rows))
	}
}

// The codebook tells what older versions asked, and how.
func TestCodebookOfVersions(t *testing.T) {
	version := func(number, kind, yes, more string) *flows.Form {
		return form(t, `
| survey |
| | type | name | label |
| | `+kind+` | crops | Crops in `+number+` |
| | text | new`+more+` | New |
| choices |
| | list_name | name | label |
| | l | y | `+yes+` |
| | l | only`+more+` | Only |
| settings |
| | form_id | version |
| | v | `+number+` |
`)
	}
	forms := []*flows.Form{version("1", "text", "Yes", ""), version("2", "select_one l", "Yes", "2"), version("3", "select_multiple l", "Always", "3")}
	data, _ := write(t, Options{Format: ZIP}, forms)
	files := unzip(t, data)
	for _, want := range []string{
		"table,column,group,type,list,label::default,choices,versions\r\n",
		"submissions,crops,,select_multiple / select_one / text,l,Crops in 3,\"y = Always\nonly3 = Only\nonly2 = Only\",\r\n",
		"submissions,new3,,text,,New,,3\r\n", "submissions,new2,,text,,New,,2\r\n", "submissions,new,,text,,New,,1\r\n",
	} {
		if !strings.Contains(files["codebook.csv"], want) {
			t.Errorf("codebook has no %q:\n%s", want, files["codebook.csv"])
		}
	}
	for _, want := range []string{"l,y,Always,3\r\n", "l,y,Yes,2\r\n", "l,only2,Only,2\r\n"} {
		if !strings.Contains(files["choices.csv"], want) {
			t.Errorf("choices have no %q:\n%s", want, files["choices.csv"])
		}
	}
}
