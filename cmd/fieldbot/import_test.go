package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/storage"
	"github.com/xuri/excelize/v2"
)

const roundForm = `| settings |
| | form_id | keyword | district | version | submissions |
| | farm | farm | district | 2 | once per year |

| survey |
| | type | name | label::English (en) | label::ລາວ (lo) | required | constraint | relevant |
| | select_one district | district | District | ເມືອງ | yes |
| | begin_group | land | Land | ດິນ |
| | integer | people | How many people? | ຈັກຄົນ? | yes | . < 100 |
| | select_multiple crop | crops | Crops | ພືດ |
| | end_group |
| | date | seen | Seen on | ເຫັນວັນທີ |
| | text | why | Why so many? | ເປັນຫຍັງ? | | | ${people} > 10 |

| choices |
| | list_name | name | label::English (en) | label::ລາວ (lo) |
| | district | 1503 | Dakcheung | ດາກຈຶງ |
| | crop | rice | Rice | ເຂົ້າ |
| | crop | maize | Maize | ສາລີ |

| indicators |
| | name | label::English (en) | measure | of |
| | large | Large households | share | ${people} > 4 |
`

// asWorkbook ends the text of a file that is a workbook.
const asWorkbook = "\x00xlsx"

// importer is a data folder with a form, and a file to import.
func importer(t *testing.T) (d *desk, load func(code int, text string, more ...string) string) {
	d = &desk{t: t, dir: t.TempDir()}
	d.s = openFile(t, filepath.Join(d.dir, "data"))
	path := filepath.Join(d.dir, "farm.md")
	if err := os.WriteFile(path, []byte(roundForm), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := publish(t.Context(), d.s.Results, path, stageStart); err != nil {
		t.Fatal(err)
	}
	return d, func(code int, text string, more ...string) string {
		t.Helper()
		file := filepath.Join(d.dir, "round.csv")
		if rest, xlsx := strings.CutSuffix(text, asWorkbook); xlsx {
			text, file = rest, filepath.Join(d.dir, "round.xlsx")
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		args := append([]string{"import", "farm", file, "--data-dir", filepath.Join(d.dir, "data")}, more...)
		if got := run(t.Context(), args, func(string) (string, bool) { return "", false }, strings.NewReader(""), &out, &out); got != code {
			t.Errorf("%v: exit %d, want %d:\n%s", more, got, code, &out)
		}
		return strings.ReplaceAll(out.String(), file, filepath.Base(file))
	}
}

// A wrong cell is named, and nothing is taken in then.
func TestImportChecksCells(t *testing.T) {
	t.Parallel()
	d, load := importer(t)
	said := load(1, "district,land/people,crops/rice,crops/maize,seen,why\n"+
		"1503,4,1,0,2021-03-01,\n"+
		"9999,x,maybe,0,yesterday,\n"+
		"Dakcheung,150,,,,\n"+
		",7,0,1,,because\n", "--round", "2021", "--day", "2021-06-15")
	for _, want := range []string{
		`round.csv:3 [district]: "9999" is none of the choices`,
		`round.csv:3 [land/people]: "x" is no number`,
		`round.csv:3 [crops/rice]: "maybe" says neither yes (1) nor no (0)`,
		`round.csv:3 [seen]: "yesterday" is no date`,
		`round.csv:4 [land/people]: "150" is refused by the form`,
		`round.csv:5 [why]: "because" is an answer to a question that is not asked here`,
		`nothing was imported: 6 cells to be mended`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in:\n%s", want, said)
		}
	}
	for text, want := range map[string]string{
		"district,peeple\n1503,4\n":               `round.csv:1 [peeple]: the form has no such question`,
		"district,land/people,people\n1503,4,4\n": `two columns hold the answer`,
		"people\n4\n": `[district]: an answer is required`,
		"_uuid,district,people\na,1503,4\na,1503,5\n":      `round.csv:3 [_uuid]: the same as in row 2`,
		"_submission_time,district,people\nnever,1503,4\n": `round.csv:2 [_submission_time]: "never" is no time`,
		"district,people\n1503,4\n1503,\"\"\n":             `round.csv:3 [people]: an answer is required`,
	} {
		if said := load(1, text, "--round", "2021", "--day", "2021-06-15"); !strings.Contains(said, want) {
			t.Errorf("%q: no %q in:\n%s", text, want, said)
		}
	}
	for text, want := range map[string]string{
		"district,people\n":             "no rows below the heading",
		"district,people\n1503,4\n\n\n": "not over",
	} {
		if said := load(2, text, "--round", "2021", "--day", "2999-06-15"); !strings.Contains(said, want) {
			t.Errorf("%q: no %q in:\n%s", text, want, said)
		}
	}
	if n, err := d.s.Count(t.Context(), storage.Filter{}, storage.ByForm); err != nil || len(n) > 0 {
		t.Errorf("something was imported: %v, %v", n, err)
	}
}

// An export of Kobo, by labels or by names, becomes a round that the digest
// compares with.
func TestImportedRoundIsCompared(t *testing.T) {
	t.Parallel()
	d, load := importer(t)
	text := "\ufeff\"District\";\"How many people?\";\"Crops\";\"Crops/Rice\";\"Crops/Maize\";\"Seen on\";\"_uuid\";\"_submission_time\";\"_index\"\n" +
		"\"Dakcheung\";4;\"Rice, Maize\";1;1;2021-03-01;u1;2021-06-10T08:00:00;1\n"
	for _, id := range []string{"u2", "u3", "u4", "u5", "u6"} {
		text += "Dakcheung;7;;;;;" + id + ";2021-06-11T08:00:00;2\n"
	}
	if said, want := load(0, text, "--round", "2021"), "round 2021 of farm: 6 submissions, 2021-06-10 to 2021-06-11\n"; said != want {
		t.Errorf("said %q, want %q", said, want)
	}
	if said := load(0, text, "--round", "2021"); !strings.Contains(said, "0 submissions") || !strings.Contains(said, "6 were there already") {
		t.Errorf("the same again says %q", said)
	}
	if said := load(2, text, "--round", "other"); !strings.Contains(said, "a round has its time for itself") {
		t.Errorf("another round at the same time says %q", said)
	}
	one, err := d.s.Get(t.Context(), "u1")
	if err != nil {
		t.Fatal(err)
	}
	if one.District != "1503" || answerOf(&one.Submission, "crops") != "rice maize" || answerOf(&one.Submission, "people") != "4" || one.Received.Year() != 2021 {
		t.Errorf("imported %+v", one)
	}
	out := d.run("digest")
	if !strings.Contains(out, "nothing") && !strings.Contains(out, "Nothing") {
		t.Errorf("the digest of an empty week: %s", out)
	}
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		v := one
		v.ID, v.Link, v.Received = id, "", time.Now()
		if _, _, err := d.s.Insert(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	d.run("tally", "recount")
	out = d.run("digest")
	for _, want := range []string{"“2021”: 6 submissions", "0%"} {
		if !strings.Contains(out, want) {
			t.Errorf("the digest lacks %q:\n%s", want, out)
		}
	}
	d.run("tally", "verify")
}

// workbookOf is a workbook of one sheet. A time is a cell that Excel shows as a date.
func workbookOf(t *testing.T, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String() + asWorkbook
}

// A workbook is taken in as a csv file is, with its numbers and dates as cells,
// and its wrong cells are named.
func TestImportWorkbook(t *testing.T) {
	t.Parallel()
	d, load := importer(t)
	day := func(d int) time.Time { return time.Date(2021, 6, d, 0, 0, 0, 0, time.UTC) }
	head := []any{"District", "How many people?", "Crops", "Seen on", "_uuid", "_submission_time"}
	said := load(1, workbookOf(t, head,
		[]any{"Dakcheung", 4, "Rice", day(1), "w1", day(10)},
		[]any{"Nowhere", 4.5, "Wheat", "soon", "w2", day(11)}), "--round", "2021")
	for _, want := range []string{`round.xlsx:3 [District]: "Nowhere" is none of the choices`, `round.xlsx:3 [How many people?]: "4.5"`,
		`round.xlsx:3 [Crops]: "Wheat"`, `round.xlsx:3 [Seen on]: "soon" is no date`, "nothing was imported: 4 cells to be mended"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in:\n%s", want, said)
		}
	}
	rows := [][]any{head}
	for i := range 6 {
		rows = append(rows, []any{"Dakcheung", 4 + i%2, "Rice, Maize", day(1 + i), fmt.Sprint("w", i), day(10 + i%2)})
	}
	if said, want := load(0, workbookOf(t, rows...), "--round", "2021"), "round 2021 of farm: 6 submissions, 2021-06-10 to 2021-06-11\n"; said != want {
		t.Errorf("said %q, want %q", said, want)
	}
	one, err := d.s.Get(t.Context(), "w1")
	if err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]string{"people": "5", "crops": "rice maize", "seen": "2021-06-02"} {
		if got := answerOf(&one.Submission, q); got != want {
			t.Errorf("%s is %q, want %q", q, got, want)
		}
	}
	for i := range 6 {
		v := one
		v.ID, v.Link, v.Received = fmt.Sprint("now", i), "", time.Now()
		if _, _, err := d.s.Insert(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	d.run("tally", "recount")
	if out := d.run("digest"); !strings.Contains(out, "“2021”: 6 submissions") || !strings.Contains(out, "100%") {
		t.Errorf("the digest does not compare:\n%s", out)
	}
}
