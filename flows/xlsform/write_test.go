package xlsform

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"example.org/fieldbot/flows"
)

var formats = []Format{XLSX, CSV, Markdown}

// contents is what must survive: names, headers and cells, without the row
// numbers, which count lines in one format and rows in another.
func contents(d *flows.Definition) map[string][][]string {
	m := map[string][][]string{}
	for name, s := range d.Sheets {
		var rows [][]string
		var head []string
		for _, c := range s.Columns {
			head = append(head, c.Header+" = "+c.Key+" / "+c.Language)
		}
		rows = append(rows, []string{s.Name}, head)
		for _, r := range s.Rows {
			rows = append(rows, r.Cells)
		}
		m[name] = rows
	}
	return m
}

const dirty = `| Survey |
| | type | name | Label::English (en) | label::ລາວ (lo) | constraint | Module Name | |
| | text | a | one \| two\nthree \\n four | ຖາມ “ໃຜ” | regex(., '^\d+\|x\\.$') | m1 | stray |
| | | | | | | a comment | |
| | | | | | | | |
| | integer | b | =1+1, "quoted"; 'x' | - | . > 0 | | |

| choices |
| | list_name | name | label |
| | l | 01 | --- |
| | l | TRUE | 1.50 |

| settings |
| | form_id | version |
| | dirty | 2026.10 |

| Notes: of the team? |
| | free | words |
| | | only the second |
`

func TestWriteKeepsEverything(t *testing.T) {
	want := read(t, "dirty.md", dirty)
	for _, format := range formats {
		var out bytes.Buffer
		if err := Write(&out, want, format); err != nil {
			t.Fatal(format, err)
		}
		got := read(t, "dirty", out.String())
		w := contents(want)
		if format == XLSX { // workbooks forbid : and ? in names of sheets
			rows := w["notes:_of_the_team?"]
			delete(w, "notes:_of_the_team?")
			rows[0] = []string{"Notes_ of the team_"}
			w["notes__of_the_team_"] = rows
		}
		if diff := cmp.Diff(w, contents(got)); diff != "" {
			t.Errorf("%s: %s\n%s", format, diff, out.String())
		}
		if f, err := flows.Compile(got); err != nil || len(f.Nodes) != 2 {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// TestConvertThereAndBack goes through all formats; comments, blank rows and
// what cleaning would take must come back.
func TestConvertThereAndBack(t *testing.T) {
	dirty := strings.Replace(dirty, "Notes: of the team?", "Notes", 1)
	data := []byte(dirty)
	for _, format := range []Format{XLSX, CSV, XLSX, Markdown, CSV, Markdown} {
		var out bytes.Buffer
		if err := Convert(&out, "f", data, format); err != nil {
			t.Fatal(format, err)
		}
		data = out.Bytes()
	}
	want, _ := readBook("f", []byte(dirty))
	got, err := readBook("f", data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cells(want), cells(got)); diff != "" {
		t.Error(diff)
	}
	if !bytes.Contains(data, []byte("a comment")) {
		t.Error("the comment is gone")
	}
}

func cells(b *book) [][]string {
	var rows [][]string
	for _, t := range b.tables {
		rows = append(rows, []string{t.name})
		for i, r := range t.rows {
			blank := 0
			if i > 0 {
				blank = r.number - t.rows[i-1].number - 1
			}
			rows = append(rows, append([]string{fmt.Sprint(blank)}, r.cells...))
		}
	}
	return rows
}

// TestAnyCellSurvives writes and reads back whatever a cell may hold.
func TestAnyCellSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.String(),
			rapid.StringOfN(rapid.RuneFrom([]rune("\\|n \nab\"',;-:_x000D=&<>#")), 0, 12, -1),
			rapid.SampledFrom([]string{"01", "1.0", "TRUE", "---", "|", `\`, ` \ `, `\ `, "_x000D_", "survey", "ກຸ່ນ", "2026-01-02", "&amp;"}),
		)
		d := &flows.Definition{Sheets: map[string]*flows.Sheet{"survey": {}, "other": {Name: "Other"}}}
		d.Sheets["survey"].Add("type", "text", "name", "a", "label", "x")
		n := rapid.IntRange(1, 4).Draw(t, "rows")
		for range n {
			var row []string
			for _, c := range []string{"p", "q", "r"} {
				row = append(row, c, sound(text.Draw(t, "cell")))
			}
			d.Sheets["other"].Add(row...)
		}
		for _, format := range formats {
			var out bytes.Buffer
			if err := Write(&out, d, format); err != nil {
				t.Fatal(format, err)
			}
			b, err := readBook("f", out.Bytes())
			if err != nil {
				t.Fatalf("%s: %v\n%s", format, err, out.String())
			}
			var got [][]string
			for _, r := range b.tables[len(b.tables)-1].rows[1:] {
				got = append(got, padded(r.cells))
			}
			var want [][]string
			for _, r := range d.Sheets["other"].Rows {
				if w := padded(r.Cells); strings.Join(w, "") != "" {
					want = append(want, w)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: %s\n%q", format, diff, out.String())
			}
		}
	})
}

// padded makes rows comparable: blank cells, and those at the end of a row, are
// the only things that a format may lose.
func padded(cells []string) []string {
	out := make([]string, 3)
	for i, c := range cells {
		if strings.TrimSpace(c) != "" {
			out[i] = c
		}
	}
	return out
}

func TestWrittenWorkbookHoldsTextOnly(t *testing.T) {
	var out bytes.Buffer
	if err := Write(&out, read(t, "dirty.md", dirty), XLSX); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if diff := cmp.Diff([]string{"Survey", "choices", "settings", "Notes_ of the team_"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	rows, err := f.GetRows("choices")
	if err != nil {
		t.Fatal(err)
	}
	used, _ := f.GetSheetDimension("choices")
	if want := fmt.Sprintf("A1:%s%d", columnName(len(rows[0])-1), len(rows)); used != want {
		t.Errorf("the used range is %q, want %q: readers that go by it would miss cells", used, want)
	}
	for cell, want := range map[string]string{"B2": "01", "C3": "1.50", "B3": "TRUE"} {
		got, _ := f.GetCellValue("choices", cell)
		kind, _ := f.GetCellType("choices", cell)
		if got != want || kind != excelize.CellTypeInlineString {
			t.Errorf("%s = %q of type %v, want the text %q", cell, got, kind, want)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	d := read(t, "dirty.md", dirty)
	if err := Write(&bytes.Buffer{}, d, "ods"); err == nil {
		t.Error("a format that is not known was written")
	}
	d.Sheets["survey"].Rows[0].Cells[2] = strings.Repeat("x", 40_000)
	if err := Write(&bytes.Buffer{}, d, XLSX); err == nil || !strings.Contains(err.Error(), "column C") {
		t.Errorf("a cell that is too long: %v", err)
	}
	for name, want := range map[string]Format{"a.XLSX": XLSX, "b.md": Markdown, "c.csv": CSV} {
		if got, err := FormatOf(name); err != nil || got != want {
			t.Errorf("%s: %s %v", name, got, err)
		}
	}
	if _, err := FormatOf("a.xls"); err == nil {
		t.Error("xls cannot be written")
	}
}
