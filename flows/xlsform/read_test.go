package xlsform

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"example.org/fieldbot/flows"
)

func read(t testing.TB, name, text string) *flows.Definition {
	t.Helper()
	d, err := Read(name, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// found gives the problems as lines.
func found(d *flows.Definition) []string {
	var lines []string
	for _, p := range d.Found {
		lines = append(lines, p.String())
	}
	return lines
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		sheet, header string
		double        bool
		key, language string
	}{
		{"survey", "type", true, "type", ""},
		{"survey", "Command", true, "type", ""},
		{"survey", "Label::English (EN)", true, "label", "English (EN)"},
		{"survey", "label :: English (en)", true, "label", "English (en)"},
		{"survey", "label:English(en)", false, "label", "English(en)"},
		{"survey", "caption:ລາວ", false, "label", "ລາວ"},
		{"survey", "label::عربى(ar)", true, "label", "عربى(ar)"},
		{"survey", "label:English", true, "label:English", ""},
		{"survey", "guidance hint::Lao", true, "guidance_hint", "Lao"},
		{"survey", "Repeat Count", true, "repeat_count", ""},
		{"survey", "jr:count", false, "repeat_count", ""},
		{"survey", "jr:count", true, "repeat_count", ""},
		{"survey", "count", true, "repeat_count", ""},
		{"survey", "body::jr:count", true, "repeat_count", ""},
		{"survey", "bind::relevant", true, "relevant", ""},
		{"survey", "bind:relevant", false, "relevant", ""},
		{"survey", "Relevance", true, "relevant", ""},
		{"survey", "bind:jr:constraintMsg", false, "constraint_message", ""},
		{"survey", "bind::jr:constraintMsg::French", true, "constraint_message", "French"},
		{"survey", "bind:jr:requiredMsg", false, "required_message", ""},
		{"survey", "requiredMsg", true, "required_message", ""},
		{"survey", "constraining message", true, "constraint_message", ""},
		{"survey", "calculate", true, "calculation", ""},
		{"survey", "ReadOnly", true, "read_only", ""},
		{"survey", "bind::readonly", true, "read_only", ""},
		{"survey", "control:appearance", false, "appearance", ""},
		{"survey", "image", true, "media::image", ""},
		{"survey", "image::Lao", true, "media::image", "Lao"},
		{"survey", "media::image", true, "media::image", ""},
		{"survey", "media::Image::Lang", true, "media::image", "Lang"},
		{"survey", "media:audio:English", false, "media::audio", "English"},
		{"survey", "big-image", true, "media::big-image", ""},
		{"survey", "bind::odk:length", true, "bind::odk:length", ""},
		{"survey", "instance::Tag", true, "instance::Tag", ""},
		{"survey", "Module Name", true, "Module_Name", ""},
		{"survey", "bind::entities:saveto", true, "save_to", ""},
		{"choices", "list name", true, "list_name", ""},
		{"choices", "List_Name", true, "list_name", ""},
		{"choices", "value", true, "name", ""},
		{"choices", "Region", true, "Region", ""},
		{"settings", "title", true, "form_title", ""},
		{"settings", "set form id", true, "form_id", ""},
		{"settings", "id_string", true, "form_id", ""},
		{"entities", "dataset", true, "list_name", ""},
		{"alerts", "message::Lao (lo)", true, "message", "Lao (lo)"},
		{"module library", "label::x", true, "label", "x"},
	} {
		h := readHeader(c.sheet, oneLine(c.header), c.double)
		if h.key != c.key || h.language != c.language {
			t.Errorf("%s %q: key %q language %q, want %q %q", c.sheet, c.header, h.key, h.language, c.key, c.language)
		}
	}
}

func TestColumnsTable(t *testing.T) {
	taken := map[[2]string]bool{}
	for _, c := range Columns() {
		if c.Meaning == "" {
			t.Errorf("%s.%s has no meaning", c.Sheet, c.Key)
		}
		for _, name := range append([]string{c.Key}, c.Aliases...) {
			if taken[[2]string{c.Sheet, name}] {
				t.Errorf("%s.%s stands twice", c.Sheet, name)
			}
			taken[[2]string{c.Sheet, name}] = true
			if h := readHeader(c.Sheet, name, true); h.key != c.Key {
				t.Errorf("%s.%s is read as %q", c.Sheet, name, h.key)
			}
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, text, code string }{
		{"  a \u00a0 b\t c ", "a b c", "a b c"},
		{"one \n\n two\r\nthree", "one\n\ntwo\nthree", "one\n\ntwo\nthree"},
		{"‘a’ “b”", `'a' "b"`, `'a' "b"`},
		{"ທ່ານ\u200bຢູ່", "ທ່ານ\u200bຢູ່", "ທ່ານຢູ່"},
		{"ກຸ່ນ ກຸ່ນ", "ກຸ່ນ ກຸ່ນ", "ກຸ່ນ ກຸ່ນ"},
		{"e\u0301\ufeff\x00", "é", "é"},
		{" \u00a0\n ", "", ""},
		{"plain", "plain", "plain"},
	} {
		if got := cleanText(sound(c.in)); got != c.text {
			t.Errorf("text %q: %q, want %q", c.in, got, c.text)
		}
		if got := cleanCode(sound(c.in)); got != c.code {
			t.Errorf("code %q: %q, want %q", c.in, got, c.code)
		}
	}
}

func TestCleaningCanBeSwitchedOff(t *testing.T) {
	form := func(v string) string {
		return "survey\n,type,name,label,relevant\n,text,a, “two  blanks” ,“x”  = 1\nsettings\n,clean_text_values\n," + v + "\n"
	}
	for v, want := range map[string]string{"no": "“two  blanks”", "FALSE": "“two  blanks”", "yes": `"two blanks"`, "": `"two blanks"`} {
		s := read(t, "f.csv", form(v)).Sheet("survey")
		if got := s.Get(s.Rows[0], "label"); got != want {
			t.Errorf("clean_text_values=%s: label %q, want %q", v, got, want)
		}
		if got := s.Get(s.Rows[0], "relevant"); got != `"x" = 1` {
			t.Errorf("clean_text_values=%s: expression %q was not cleaned", v, got)
		}
	}
}

func TestRows(t *testing.T) {
	d := read(t, "dir/My form.csv", strings.Join([]string{
		`"  Survey ",,,,`,
		`,type,name,label,disabled,notes,`,
		`,,,,,only a remark,`,
		`,text,a,"two`,
		`lines",,,`,
		`,,,,,,`,
		`,note,b,B,yes,,`,
		`,integer,c,C,no,,stray`,
		`CHOICES`,
		`,list name,name,label,Region`,
		`,,,remark,`,
		`,l,1,One,North`,
		`Documentation,,`,
		`,Anything,goes,anything`,
		`,1,2,3,4`,
	}, "\n"))
	if d.Name != "My form" {
		t.Errorf("name %q", d.Name)
	}
	s := d.Sheet("survey")
	if s.Name != "Survey" {
		t.Errorf("sheet name %q", s.Name)
	}
	var names []string
	var numbers []int
	for _, r := range s.Rows {
		names = append(names, s.Get(r, "name"))
		numbers = append(numbers, r.Number)
	}
	if d := cmp.Diff([]string{"a", "c"}, names); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int{4, 7}, numbers); d != "" {
		t.Errorf("rows are not numbered as a spreadsheet does: %s", d)
	}
	if l := s.Get(s.Rows[0], "label"); l != "two\nlines" {
		t.Errorf("label %q", l)
	}
	c := d.Sheet("choices")
	if len(c.Rows) != 1 || c.Get(c.Rows[0], "Region") != "North" {
		t.Errorf("choices %+v", c.Rows)
	}
	other := d.Sheets["documentation"]
	if other == nil || len(other.Columns) != 4 || other.Rows[0].Cells[3] != "4" {
		t.Errorf("sheet without meaning: %+v", other)
	}
	want := []string{
		"Survey:2: warning: column F has cells but no header; it is not read",
		`Survey:2: warning: this column has no meaning here and is only kept: "notes"`,
		"Survey:3: warning: this row is taken for a comment: it has no type, no name, no label",
		"CHOICES:10: warning: this row is taken for a comment: it has no list_name, no name",
	}
	if diff := cmp.Diff(want, found(d)); diff != "" {
		t.Error(diff)
	}
}

func TestProblems(t *testing.T) {
	for name, c := range map[string]struct {
		form string
		want []string
	}{
		"the same column twice": {
			"|survey|\n||type|name|relevant|relevance|label|Label|\n||text|a|||x|y|",
			[]string{
				`survey:2 [relevance]: the headers "relevant" and "relevance" mean the same column; rename or remove one of them`,
				`survey:2 [Label]: the headers "label" and "Label" mean the same column; rename or remove one of them`,
			},
		},
		"a header twice": {
			"|survey|\n||type|name|label|label|\n||text|a|x|y|",
			[]string{`survey:2 [label]: the header "label" stands there twice; rename or remove one of them`},
		},
		"slips": {
			"|survey|\n||type|name|lable::English|label::Lao|hint:English|relevent|theme|\n||text|a|x|||||\n|choises|\n||list_name|name|label|\n||l|a|A|",
			[]string{
				`choises: warning: this sheet has no meaning and is not read; rename it if you meant "choices"`,
				`survey:2 [hint:English]: warning: this column has no meaning and is not read; write "hint::English": the other headers use :: as well`,
				`survey:2 [relevent]: warning: this column has no meaning and is not read; did you mean "relevant"?`,
				`survey:2: warning: these columns have no meaning here and are only kept: "lable::English", "theme"`,
			},
		},
		"two sheets": {
			"|survey|\n||type|name|label|\n||text|a|x|\n|Survey |\n||type|name|label|\n||text|a|x|",
			[]string{`Survey: there are two sheets called "survey"; rename or remove one of them`},
		},
		"languages may differ": {"|survey|\n||type|name|label|label::Lao|label::Thai|\n||text|a|x|y|z|", nil},
		"a cell in column A":   {"|survey|\n||type|name|label|\n|oops|text|a|x|", []string{`survey:3: warning: the cell in column A is not read: "oops"; only names of sheets stand in column A`}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, found(read(t, "f.md", c.form))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	w.Create("word/document.xml")
	w.Close()
	for name, c := range map[string]struct{ data, want string }{
		"empty":          {" \n", "the file is empty"},
		"pdf":            {"%PDF-1.7\n", "neither a workbook nor text"},
		"binary":         {"a\x00b", "neither a workbook nor text"},
		"latin1":         {"survey\n,type,name,label\n,text,a,caf\xe9\n", "not in UTF-8"},
		"xml":            {"<?xml version='1.0'?><h:html/>", "XML, HTML or JSON"},
		"archive":        {z.String(), "an archive, not a workbook"},
		"cut zip":        {"PK\x03\x04abc", "not a whole workbook"},
		"cut xls":        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1abc", "damaged"},
		"no survey":      {"| questions |\n| | type | name |\n| | text | a |\n| notes |\n| | x |", `did you mean the sheet "questions"?`},
		"misnamed":       {"| Survy |\n| | type | name |\n| | text | a |\n| notes |\n| | x |", `did you mean the sheet "survy"?`},
		"no sheet":       {"a,b,c\n1,2,3\n", "no sheet called survey"},
		"broken quotes":  {"survey\n,type,name,\"label\n,text,a,b\n", "no sheet"},
		"mark and blank": {"\xef\xbb\xbf  ", "no sheet called survey"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Read("f", []byte(c.data), nil)
			if name == "broken quotes" { // lazy quotes: read as far as it goes
				return
			}
			ps, ok := err.(flows.Problems)
			if !ok || d != nil || !strings.Contains(ps.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if ok && ps.Err() == nil {
				t.Error("a refusal without an error among its problems")
			}
		})
	}
}

func TestTextShapes(t *testing.T) {
	want := read(t, "f.md", "| survey |\n| | type | name | label |\n| | text | a | A |")
	for name, text := range map[string]string{
		"semicolons":        "survey;;;\n;type;name;label\n;text;a;A\n",
		"tabs":              "survey\t\t\t\n\ttype\tname\tlabel\n\ttext\ta\tA\n",
		"mark":              "\ufeffsurvey,,\n,type,name,label\n,text,a,A\n",
		"utf16":             utf16le("survey,,\n,type,name,label\n,text,a,A\n"),
		"crlf":              "survey,,\r\n,type,name,label\r\n,text,a,A\r\n",
		"headers beside":    "survey,type,name,label\n,text,a,A\nchoices,list_name,name,label\n,yn,y,Y\n",
		"headers beside.md": "| survey | type | name | label |\n| | text | a | A |\n",
		"cr":                "survey,,\r,type,name,label\r,text,a,A\r",
		"a sheet alone":     "type,name,label\ntext,a,A\n",
		"markdown alone":    "| type | name | label |\n|---|:--|---|\n| text | a | A |\n",
		"words before.md":   "# A form\n\nIt asks.\n\n| survey |\n|---|---|\n| | type | name | label |\n| | text | a | A |\nAnd so on.\n",
		"no last bar":       "|survey\n||type|name|label\n||text|a|A",
	} {
		d := read(t, name, text)
		s, w := d.Sheet("survey"), want.Sheet("survey")
		if len(s.Rows) != 1 || s.Get(s.Rows[0], "label") != "A" || len(s.Columns) != len(w.Columns) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func utf16le(s string) string {
	b := []byte{0xff, 0xfe}
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return string(b)
}

func TestReadFileFindsAttachments(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"visit.md": `
| survey |
| | type | name | label | calculation | media::image |
| | select_one_from_file villages.csv | v | Village | | map.png |
| | csv-external | prices | | | |
| | calculate | c | | pulldata('stock', 'a', 'b', ${v}) | |
| | select_one_from_file ../secret.csv | w | W | | |
`,
		"villages.csv": "name,label\n1,One\n", "prices.csv": "a,b\n", "stock.csv": "a,b\n", "map.png": "png",
		"unrelated.csv": "x\n", "visit-media/extra.geojson": "{}", "visit-media/villages.csv": "name,label\n2,Two\n", "visit-media/notes.txt": "-",
		"../secret.csv": "",
	}
	for name, text := range files {
		path := filepath.Join(dir, "forms", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d, err := ReadFile(filepath.Join(dir, "forms", "visit.md"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, b := range d.Files {
		got[name] = string(b)
	}
	want := map[string]string{
		"villages.csv": "name,label\n2,Two\n", "prices.csv": "a,b\n", "stock.csv": "a,b\n", "map.png": "png", "extra.geojson": "{}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := ReadFile(filepath.Join(dir, "none.xlsx")); err == nil {
		t.Error("a missing file was read")
	}
}

func TestWorkbookCells(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	f.SetSheetName("Sheet1", " Survey")
	date, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
	format := `dd/mm/yyyy hh:mm`
	both, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	euro := `[$€-2] #,##0.00`
	money, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &euro})
	for cell, v := range map[string]any{
		"A1": "type", "B1": "name", "C1": "label", "D1": "default", "E1": "required",
		"A2": "text", "B2": "whole", "C2": "ຖາມ", "D2": 7.0, "E2": true,
		"A3": "text", "B3": "part", "C3": "x", "D3": 18.31, "E3": false,
		"A4": "date", "B4": "day", "C4": "x", "D4": 45000.0,
		"A5": "dateTime", "B5": "moment", "C5": "x", "D5": 45000.75,
		"A6": "decimal", "B6": "sum", "C6": "x", "D6": 1234.5,
		"A7": "text", "B7": "long", "C7": "x", "D7": 123456789012.0,
		"A9": "text", "B9": "formula", "C9": "x",
	} {
		if err := f.SetCellValue(" Survey", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	f.SetCellStyle(" Survey", "D4", "D4", date)
	f.SetCellStyle(" Survey", "D5", "D5", both)
	f.SetCellStyle(" Survey", "D6", "D6", money)
	f.SetCellFormula(" Survey", "D9", "1+1")
	f.MergeCell(" Survey", "E5", "E7")
	f.NewSheet("CHOICES")
	f.SetCellRichText("CHOICES", "A1", []excelize.RichTextRun{{Text: "list"}, {Text: " name", Font: &excelize.Font{Bold: true}}})
	f.SetCellValue("CHOICES", "B1", "name")
	f.SetCellValue("CHOICES", "A2", "l")
	f.SetCellValue("CHOICES", "B2", 1)
	f.SetSheetVisible("CHOICES", false)
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	d := read(t, "any.csv", out.String())
	s := d.Sheet("survey")
	got := map[string][]string{}
	for _, r := range s.Rows {
		got[s.Get(r, "name")] = []string{s.Get(r, "default"), s.Get(r, "required")}
	}
	want := map[string][]string{
		"whole": {"7", "TRUE"}, "part": {"18.31", "FALSE"}, "day": {"2023-03-15", ""},
		"moment": {"2023-03-15T18:00:00", ""}, "sum": {"1234.5", ""}, "long": {"123456789012", ""}, "formula": {"", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := s.Rows[len(s.Rows)-1].Number; n != 9 {
		t.Errorf("row number %d, want 9", n)
	}
	c := d.Sheet("choices")
	if len(c.Rows) != 1 || c.Get(c.Rows[0], "list_name") != "l" || c.Get(c.Rows[0], "name") != "1" {
		t.Errorf("hidden sheet with rich text: %+v", c)
	}
	warnings := strings.Join(found(d), "\n")
	for _, w := range []string{":9 [default]: warning: the formula has no value", "merged over several rows (E5:E7)"} {
		if !strings.Contains(warnings, w) {
			t.Errorf("no warning %q in:\n%s", w, warnings)
		}
	}
}

func TestNumberFormats(t *testing.T) {
	for code, want := range map[string]dateStyle{
		"General": notDate, "0.00": notDate, "#,##0;[Red]-#,##0": notDate, `0 "days"`: notDate, `[$-409]d-mmm-yy`: dateOnly,
		"yyyy-mm-dd": dateOnly, "mm:ss.0": timeOnly, "[h]:mm:ss": timeOnly, "h:mm AM/PM": timeOnly, "d/m/yyyy h:mm": dateAndTime,
		"mmm": dateOnly, "@": notDate, `\d0`: notDate, "[Red]0": notDate, "0%": notDate,
	} {
		if got := formatDate(code); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
	for _, c := range []struct {
		v     float64
		style dateStyle
		mac   bool
		want  string
	}{
		{1, notDate, false, "1"}, {0.1 + 0.2, notDate, false, "0.3"}, {1e15, notDate, false, "1000000000000000"}, {-2.50, notDate, false, "-2.5"},
		{0.5, timeOnly, false, "12:00:00"}, {0.25, dateAndTime, false, "06:00:00"}, {45000, dateAndTime, false, "2023-03-15"},
		{43538, dateOnly, true, "2023-03-15"}, {1, dateOnly, false, "1900-01-01"}, {61, dateOnly, false, "1900-03-01"}, {-1, dateOnly, false, "-1"},
	} {
		if got := float2text(c.v, c.style, c.mac); got != c.want {
			t.Errorf("%v: %q, want %q", c.v, got, c.want)
		}
	}
}
