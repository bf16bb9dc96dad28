package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/fieldbot/flows/report"
)

// revised is the sample after somebody edited a cell and another update came.
func revised(lang string) *report.Report {
	first, _ := report.Draft(outline(lang), entries(lang), nil)
	cells := first.Cells()
	at := report.Place{Part: "A.1", Column: report.Challenges}
	cell := cells[at]
	cell.Text = pick(lang, "ງົບປະມານປີໜ້າຕ້ອງເພີ່ມຂຶ້ນ. [U-9]\n", "Next year's budget has to grow. [U-9]\n")
	cells[at] = cell
	later := report.Entry{Part: "A.1", Column: report.Challenges, Lead: pick(lang, "ໂອກາດ:", "Opportunities:"),
		Text: pick(lang, "ອິນເຕີເນັດມາເຖິງທຸກເມືອງ.", "The internet reaches every district."), Ref: "U-13", Source: pick(lang, "ເມືອງລາ", "La district")}
	r, _ := report.Draft(outline(lang), append(entries(lang), later), cells)
	r.Annexes = sample(lang).Annexes
	return r
}

// The Word document is laid out as its golden outline: a line per paragraph with
// its style, rows and cells of tables, what is bold and what is marked.
func TestWordLayout(t *testing.T) {
	for _, lang := range []string{"lo", "en"} {
		got := layout(t, parts(t, revised(lang))["word/document.xml"])
		file := filepath.Join("testdata", "word_"+lang+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", file, d)
		}
	}
}

// layout tells a document's body in lines.
func layout(t *testing.T, document []byte) string {
	t.Helper()
	var out, text strings.Builder
	style, bold, marked, inText := "", false, false, false
	value := func(e xml.StartElement, name string) string {
		for _, a := range e.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	for d := xml.NewDecoder(bytes.NewReader(document)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "p":
				style = ""
				text.Reset()
			case "pStyle":
				style = value(e, "val")
			case "r":
				bold, marked = false, false
			case "b":
				bold = true
			case "highlight":
				marked = true
			case "t":
				inText = true
			case "tab":
				text.WriteString("\t")
			case "noBreakHyphen":
				text.WriteString("-")
			case "tr":
				out.WriteString("row")
			case "tblHeader":
				out.WriteString(" on each page")
			case "cantSplit":
				out.WriteString(" whole")
			case "tc":
				out.WriteString("\n  cell")
			case "gridSpan":
				out.WriteString(" of " + value(e, "val") + " columns")
			case "tcW":
				out.WriteString(" " + value(e, "w") + " wide")
			case "tcPr":
			case "docPr":
				text.WriteString("{picture: " + strings.ReplaceAll(value(e, "descr"), "\n", " / ") + "}")
			case "pgSz":
				fmt.Fprintf(&out, "pages of %s by %s\n", value(e, "w"), value(e, "h"))
			}
		case xml.CharData:
			if !inText || len(e) == 0 {
				continue
			}
			mark := ""
			if bold {
				mark += "**"
			}
			if marked {
				mark += "=="
			}
			text.WriteString(mark + string(e) + mark)
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				inText = false
			case "p":
				if s := out.String(); strings.HasSuffix(s, "wide") || strings.HasSuffix(s, "columns") {
					out.WriteString("\n")
				}
				if style != "" {
					fmt.Fprintf(&out, "%s: %s\n", style, text.String())
				}
			case "tbl":
				out.WriteString("end of table\n")
			}
		}
	}
}
