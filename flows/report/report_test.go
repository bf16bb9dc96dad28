package report_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image/png"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/report"
)

var update = flag.Bool("update", false, "rewrite the golden reports")

func TestMarkdown(t *testing.T) {
	for _, lang := range []string{"lo", "en"} {
		var b bytes.Buffer
		if err := sample(lang).Markdown(&b); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "report_"+lang+".md")
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), b.String()); d != "" {
			t.Errorf("%s (-want +got):\n%s", file, d)
		}
	}
}

func TestEntriesWithoutAPlaceAreReturned(t *testing.T) {
	_, lost := report.Draft(outline("en"), entries("en"), nil)
	if len(lost) != 1 || lost[0].Part != "Z" {
		t.Errorf("lost = %+v", lost)
	}
}

func TestEditsAreKeptAndNewOnesMarked(t *testing.T) {
	all, place := entries("en"), report.Place{Part: "A.1", Column: report.Progress}
	first, _ := report.Draft(outline("en"), all[:3], nil)
	kept := first.Cells()
	cell := kept[place]
	cell.Text = "**Overall:** a good year.\n- 44 districts were trained, " + "all at once [U-9]\nmy own [words]\n"
	kept[place] = cell

	second, _ := report.Draft(outline("en"), all, kept)
	want := []report.Block{
		{Lead: "Overall:", Text: "a good year."},
		{Text: "44 districts were trained, all at once", Bullet: true, Ref: "U-9"},
		{Text: "my own [words]"},
		// U-12 was struck out by hand and stays out.
		{Lead: "Digitalization:", Text: all[3].Text, Ref: "U-10", New: true},
	}
	if d := cmp.Diff(want, second.Rows[place]); d != "" {
		t.Errorf("second draft (-want +got):\n%s", d)
	}
	third, _ := report.Draft(outline("en"), all, second.Cells())
	for _, blocks := range third.Rows {
		if slices.ContainsFunc(blocks, func(b report.Block) bool { return b.New }) {
			t.Errorf("what the second draft showed is new in the third: %+v", blocks)
		}
	}
	var refs []string
	for _, s := range third.Sources {
		refs = append(refs, s.Ref)
	}
	if d := cmp.Diff([]string{"U-9", "U-10", "U-11"}, refs); d != "" {
		t.Errorf("sources (-want +got):\n%s", d)
	}
}

func TestWithdrawnUpdatesLeaveTheDraft(t *testing.T) {
	first, _ := report.Draft(outline("en"), entries("en"), nil)
	second, _ := report.Draft(outline("en"), entries("en")[5:], first.Cells())
	var b bytes.Buffer
	if err := second.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "U-9") || strings.Contains(s, "44 districts") {
		t.Errorf("a withdrawn update is still there:\n%s", s)
	}
}

// Brackets that people wrote are no update that was withdrawn, and a paragraph
// that was moved to another cell goes with its update.
func TestWhatPeopleWroteStays(t *testing.T) {
	first, _ := report.Draft(outline("en"), entries("en"), nil)
	cells := first.Cells()
	at, other := report.Place{Part: "A.1", Column: report.Progress}, report.Place{Part: "B", Column: report.Progress}
	cell := cells[at]
	cell.Text = "As in the plan [2025]\nAs before [U-9999]\n"
	cells[at] = cell
	cell = cells[other]
	cell.Text += "- Moved here [U-12]\n"
	cells[other] = cell
	left := slices.DeleteFunc(entries("en"), func(e report.Entry) bool { return e.Ref == "U-12" })
	second, _ := report.Draft(outline("en"), left, cells)
	if got := report.CellText(second.Rows[at]); got != "As in the plan [2025]\nAs before [U-9999]\n" {
		t.Errorf("the cell is %q", got)
	}
	if got := report.CellText(second.Rows[other]); strings.Contains(got, "Moved here") {
		t.Errorf("the update was withdrawn, its words are in %q", got)
	}
}

// An update that was sent back, and accepted again, comes up again as new.
func TestWhatComesBackIsOfferedAgain(t *testing.T) {
	place := report.Place{Part: "B", Column: report.Progress}
	first, _ := report.Draft(outline("en"), entries("en"), nil)
	second, _ := report.Draft(outline("en"), entries("en")[:5], first.Cells())
	third, _ := report.Draft(outline("en"), entries("en"), second.Cells())
	if got := third.Rows[place]; len(second.Rows[place]) != 0 || len(got) != 1 || got[0].Ref != "U-11" || !got[0].New {
		t.Errorf("%v, and then %v", second.Rows[place], got)
	}
}

func TestCellTextIsReadBack(t *testing.T) {
	for _, blocks := range [][]report.Block{
		nil,
		{{Text: "ນ້ຳ"}, {Lead: "a", Text: "b", Bullet: true, Ref: "U-1"}, {Lead: "alone"}},
		{{Text: "not a [reference]"}, {Text: "nor [this one 1]"}},
	} {
		if d := cmp.Diff(blocks, report.ParseCell(report.CellText(blocks))); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func FuzzParseCell(f *testing.F) {
	for _, s := range []string{"", "- **a** b [U-1]\n", "****", "[", "- ", "**x**[1]", "- - **"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := report.CellText(report.ParseCell(s))
		if twice := report.CellText(report.ParseCell(once)); once != twice {
			t.Errorf("%q is read as %q, that as %q", s, once, twice)
		}
	})
}

func TestParseColumn(t *testing.T) {
	for _, c := range []report.Column{report.Outputs, report.Progress, report.Challenges} {
		if got, ok := report.ParseColumn(c.String()); !ok || got != c {
			t.Errorf("ParseColumn(%q) = %v, %v", c, got, ok)
		}
	}
	if _, ok := report.ParseColumn("x"); ok {
		t.Error("x is a column")
	}
}

// parts reads a Word document.
func parts(t *testing.T, r *report.Report) map[string][]byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Word(&b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestWordPartsAreWellFormedAndComplete(t *testing.T) {
	all := parts(t, sample("lo"))
	for name, data := range all {
		if path.Ext(name) != ".xml" && path.Ext(name) != ".rels" {
			continue
		}
		if err := wellFormed(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	types := string(all["[Content_Types].xml"])
	for name := range all {
		ext := strings.TrimPrefix(path.Ext(name), ".")
		if !strings.Contains(types, `"/`+name+`"`) && !strings.Contains(types, `Extension="`+ext+`"`) {
			t.Errorf("%s has no content type", name)
		}
	}
	var relations struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		}
	}
	if err := xml.Unmarshal(all["word/_rels/document.xml.rels"], &relations); err != nil {
		t.Fatal(err)
	}
	main := string(all["word/document.xml"])
	for _, r := range relations.Relationship {
		if all["word/"+r.Target] == nil {
			t.Errorf("%s leads to %s, which is not there", r.ID, r.Target)
		}
	}
	if !strings.Contains(main, `r:embed="rIdChart1"`) || strings.Contains(main, `r:embed="rIdChart2"`) {
		t.Error("one chart is not one picture")
	}
	if _, err := png.Decode(bytes.NewReader(all["word/media/chart1.png"])); err != nil {
		t.Error(err)
	}
}

func wellFormed(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestWordIsLaidOutAsTheSectorReports(t *testing.T) {
	all := parts(t, sample("lo"))
	main, styles := string(all["word/document.xml"]), string(all["word/styles.xml"])
	for _, tc := range []struct{ what, part, want string }{
		{"the table lies down", main, `<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>`},
		{"the cover stands", main, `<w:pgSz w:w="11906" w:h="16838"/>`},
		{"the heading row repeats", main, `<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`},
		{"sections cross all columns", main, `<w:gridSpan w:val="3"/>`},
		{"lead-ins are bold for Lao too", main, `<w:b/><w:bCs/></w:rPr><w:t xml:space="preserve">ການຫັນເປັນດິຈິຕອນ: </w:t>`},
		{"points are a list", main, `<w:pStyle w:val="CellBullet"/></w:pPr><w:r><w:t xml:space="preserve">44 ເມືອງ`},
		{"the picture is told in words", main, `descr="ຄວາມພໍໃຈຕາມການບໍລິການ`},
		{"Lao is the complex script", styles, `w:bidi="lo-LA"`},
		{"Lao has a typeface", styles, `w:cs="Phetsarath OT"`},
		{"letters are sized for Lao too", styles, `<w:szCs w:val="20"/>`},
	} {
		if !strings.Contains(tc.part, tc.want) {
			t.Errorf("%s: %s is not in the document", tc.what, tc.want)
		}
	}
	if strings.Contains(main, "</w:tcPr></w:tc>") {
		t.Error("a cell has no paragraph: Word refuses the file")
	}
}

func TestStrangeTextIsWritten(t *testing.T) {
	o := report.Outline{Title: "<&\"'\x00\xff>", Sections: []report.OutlineSection{{Key: "\x01", Title: "]]>"}, {Title: ""}}}
	r, _ := report.Draft(o, []report.Entry{{Part: "\x01", Column: report.Progress, Lead: "</w:p>", Text: "a\nb\tc|`*", Ref: "<1>"}}, nil)
	r.Annexes = []report.Table{{}, {Head: []string{"a"}, Rows: [][]string{{}, {"1", "2"}}}}
	for name, data := range parts(t, r) {
		if err := wellFormed(data); err != nil && path.Ext(name) != ".png" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.Markdown(io.Discard); err != nil {
		t.Error(err)
	}
	r.Sections[0].Chart = &chart.Chart{Kind: 9}
	if err := r.Word(io.Discard); err == nil {
		t.Error("a chart that cannot be drawn is not told")
	}
}

func TestSameReportSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	if err := errors.Join(sample("en").Word(&a), sample("en").Word(&b)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two files of one report differ")
	}
}
