package xlsform

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// A workbook ends where ODK's compiler takes it for ended: behind 60 blank rows,
// and behind 20 blank columns. What is left out is told.
func TestWorkbookEndsBehindBlanks(t *testing.T) {
	workbook := func(row, column int) []byte {
		f := excelize.NewFile()
		defer f.Close()
		f.SetSheetName("Sheet1", "survey")
		f.SetSheetRow("survey", "A1", &[]string{"type", "name", "label"})
		f.SetSheetRow("survey", "A2", &[]string{"text", "a", "A"})
		far, _ := excelize.CoordinatesToCellName(1, row)
		f.SetSheetRow("survey", far, &[]string{"text", "b", "B"})
		hint, _ := excelize.CoordinatesToCellName(column, 1)
		f.SetCellValue("survey", hint, "hint")
		hint, _ = excelize.CoordinatesToCellName(column, 2)
		f.SetCellValue("survey", hint, "help")
		var out bytes.Buffer
		if err := f.Write(&out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	tests := []struct {
		row, column int
		rows        int
		hint, found string
	}{
		{63, 24, 2, "help", ""},
		{64, 4, 1, "help", "survey:64: warning: 61 blank rows come before this one"},
		{3, 25, 2, "", "survey:1 [hint]: warning: 21 blank columns come before this one"},
	}
	for _, tt := range tests {
		d, err := Read("f.xlsx", workbook(tt.row, tt.column), nil)
		if err != nil {
			t.Fatal(err)
		}
		s := d.Sheet("survey")
		if len(s.Rows) != tt.rows || s.Get(s.Rows[0], "hint") != tt.hint {
			t.Errorf("row %d, column %d: %d rows, hint %q", tt.row, tt.column, len(s.Rows), s.Get(s.Rows[0], "hint"))
		}
		var found []string
		for _, p := range d.Found {
			found = append(found, p.String())
		}
		if got := strings.Join(found, "; "); !strings.HasPrefix(got, tt.found) || tt.found == "" && got != "" || len(found) > 1 {
			t.Errorf("row %d, column %d: found %s; want %s", tt.row, tt.column, got, tt.found)
		}
	}
}

// A file whose only sheet has another name is a survey all the same.
func TestOnlySheetIsTheSurvey(t *testing.T) {
	d := read(t, "f.md", "| Questions of 2026 |\n| | type | name | label |\n| | text | a | A |")
	if s := d.Sheet("survey"); len(s.Rows) != 1 || s.Name != "Questions of 2026" {
		t.Errorf("the survey is %+v", s)
	}
	if len(d.Found) != 1 || !strings.Contains(d.Found[0].Message, "taken for the survey") {
		t.Errorf("found %v", d.Found)
	}
}

// Only yes and true disable a row; other words are told.
func TestDisabledRows(t *testing.T) {
	d := read(t, "f.md", "| survey |\n| | type | name | label | disabled |\n| | text | a | A | yes |\n| | text | b | B | 1 |\n| | text | c | C | no |")
	if rows := d.Sheet("survey").Rows; len(rows) != 2 {
		t.Errorf("%d rows are left", len(rows))
	}
	if len(d.Found) != 1 || d.Found[0].Row != 4 || d.Found[0].Column != "disabled" {
		t.Errorf("found %v", d.Found)
	}
}
