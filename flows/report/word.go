package report

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image/png"
	"io"
	"slices"
	"strings"
	"unicode"

	"example.org/fieldbot/flows/chart"
)

// Lengths of the pages in twentieths of a point: A4, margins of 2 cm.
const (
	pageLong, pageShort = 16838, 11906
	pageMargin          = 1134
	textWidth           = pageLong - 2*pageMargin
)

// columnWidths of the table fill textWidth: what happened needs most room.
var columnWidths = [columns]int{3600, 6370, 4600}

// defaultFont is the typeface of Lao's government.
const defaultFont = "Phetsarath OT"

// A document is a Word document while it is written: its body and pictures.
type document struct {
	*Report
	body     bytes.Buffer
	pictures [][]byte
}

// Word writes the report as a Word document (Office Open XML, ECMA-376): the
// cover upright, then the table on pages lying down, its heading row on each.
// The same report gives the same bytes.
func (r *Report) Word(w io.Writer) error {
	d := &document{Report: r}
	d.cover()
	if err := d.overview(); err != nil {
		return err
	}
	for _, t := range r.Annexes {
		d.annex(t)
	}
	d.sources()
	return d.pack(w)
}

func (d *document) cover() {
	title, _ := d.titles()
	d.paragraph("Title", run{text: title})
	if d.Subtitle != "" {
		d.paragraph("Subtitle", run{text: d.Subtitle})
	}
	for _, l := range d.Cover {
		d.paragraph("Heading2", run{text: l.Title})
		for _, item := range l.Items {
			d.paragraph("ListBullet", run{text: item})
		}
	}
	// A section ends with the paragraph that holds its properties.
	d.raw(`<w:p><w:pPr>` + sectionProperties(false) + `</w:pPr></w:p>`)
}

// overview writes the table.
func (d *document) overview() error {
	_, overview := d.titles()
	d.paragraph("Heading1", run{text: overview})
	d.openTable(columnWidths[:])
	heads := d.columns()
	d.raw(`<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`)
	for c, head := range heads {
		d.openCell(columnWidths[c], 1, "1F4E79")
		d.paragraph("CellHead", run{text: head, bold: true, colour: "FFFFFF"})
		d.raw(`</w:tc>`)
	}
	d.raw(`</w:tr>`)
	for _, s := range d.Sections {
		if err := d.section(s); err != nil {
			return err
		}
	}
	d.raw(`</w:tbl>`)
	d.paragraph("Normal")
	return nil
}

func (d *document) section(s OutlineSection) error {
	d.raw(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
	d.openCell(textWidth, columns, "DCE6F2")
	d.paragraph("CellSection", run{text: s.Title})
	d.raw(`</w:tc></w:tr>`)
	if len(s.Figures) > 0 || s.Chart != nil {
		if err := d.figures(s); err != nil {
			return err
		}
	}
	for _, p := range s.parts() {
		d.raw(`<w:tr>`)
		for c := range Column(columns) {
			d.openCell(columnWidths[c], 1, "")
			d.cellOf(p, c)
			d.raw(`</w:tc>`)
		}
		d.raw(`</w:tr>`)
	}
	return nil
}

// figures writes a row with the figures of a section, and the chart beside them.
func (d *document) figures(s OutlineSection) error {
	d.raw(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
	if s.Chart == nil {
		d.openCell(textWidth, columns, "")
	} else {
		d.openCell(columnWidths[0], 1, "")
	}
	d.paragraph("Cell", run{text: d.word("report.figures", nil), bold: true})
	for _, f := range s.Figures {
		d.paragraph("CellBullet", run{text: d.figure(f)})
	}
	d.raw(`</w:tc>`)
	if s.Chart != nil {
		d.openCell(textWidth-columnWidths[0], columns-1, "")
		if err := d.chart(s); err != nil {
			return err
		}
		d.raw(`</w:tc>`)
	}
	d.raw(`</w:tr>`)
	return nil
}

func (d *document) chart(s OutlineSection) error {
	c := *s.Chart
	c.Width = 1620 // 14 cm at some 300 dots an inch
	var b bytes.Buffer
	if err := chart.PNG(&b, &c); err != nil {
		return fmt.Errorf("chart of %q: %w", s.Title, err)
	}
	return d.picture(b.Bytes(), chart.Alt(&c))
}

func (d *document) cellOf(p Part, c Column) {
	empty := true
	if c == Outputs && p.Title != "" {
		d.paragraph("CellLead", run{text: p.Title, bold: true})
		empty = false
	}
	for _, block := range d.cell(p, c) {
		style := "Cell"
		switch {
		case block.Bullet:
			style = "CellBullet"
		case block.Text == "":
			style = "CellLead"
		}
		d.paragraph(style, d.runs(block)...)
		empty = false
	}
	if empty { // a cell without a paragraph makes the file unreadable to Word
		d.paragraph("Cell")
	}
}

func (d *document) runs(b Block) []run {
	var out []run
	if b.New {
		out = append(out, run{text: "[" + d.word("report.new", nil) + "] ", bold: true, marked: true})
	}
	if b.Lead != "" {
		out = append(out, run{text: b.Lead + " ", bold: true})
	}
	if b.Text != "" {
		out = append(out, run{text: b.Text, marked: b.New})
	}
	if b.Ref != "" {
		out = append(out, run{text: " [" + b.Ref + "]", colour: "5F6B76", size: 16, whole: true})
	}
	return out
}

func (d *document) annex(t Table) {
	if len(t.Head) == 0 {
		return
	}
	d.paragraph("Heading1", run{text: t.Title})
	if t.Note != "" {
		d.paragraph("Note", run{text: t.Note})
	}
	widths := t.widths()
	d.openTable(widths)
	row := func(cells []string, head bool) {
		properties, fill, style := `<w:cantSplit/>`, "", "Cell"
		if head {
			properties, fill, style = `<w:cantSplit/><w:tblHeader/>`, "DCE6F2", "CellHead"
		}
		d.raw(`<w:tr><w:trPr>` + properties + `</w:trPr>`)
		for i, width := range widths {
			d.openCell(width, 1, fill)
			text := ""
			if i < len(cells) {
				text = cells[i]
			}
			style := style
			if t.number(i) {
				style = "CellNumber"
			}
			d.paragraph(style, run{text: text, bold: head})
			d.raw(`</w:tc>`)
		}
		d.raw(`</w:tr>`)
	}
	row(t.Head, true)
	for _, cells := range t.Rows {
		row(cells, false)
	}
	d.raw(`</w:tbl>`)
	d.paragraph("Normal")
}

// number reports whether a column holds figures alone, which stand on the right.
func (t *Table) number(column int) bool {
	for _, cells := range t.Rows {
		if column < len(cells) && strings.ContainsFunc(cells[column], unicode.IsLetter) {
			return false
		}
	}
	return column > 0
}

// widths are those of the columns; a first one that names a row is wider than
// figures unless the table says otherwise.
func (t *Table) widths() []int {
	parts := t.Widths
	if len(parts) != len(t.Head) {
		parts = slices.Repeat([]int{2}, len(t.Head))
		parts[0] = 3
	}
	sum := 0
	for _, p := range parts {
		sum += max(p, 1)
	}
	out := make([]int, len(parts))
	for i, p := range parts {
		out[i] = textWidth * max(p, 1) / sum
	}
	return out
}

func (d *document) sources() {
	if len(d.Sources) == 0 {
		return
	}
	d.paragraph("Heading1", run{text: d.word("report.sources", nil)})
	for _, s := range d.Sources {
		d.paragraph("Source", run{text: s.Ref, bold: true}, run{text: "\t" + s.Text})
	}
}

// picture puts a PNG into the body, 14 cm wide, less if it were higher than what
// the first page of the table has left.
func (d *document) picture(data []byte, alt string) error {
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("read picture: %w", err)
	}
	const centimetre = 360000 // in English metric units
	width, highest := 14*centimetre, 9*centimetre
	height := width * size.Height / size.Width
	if height > highest {
		width, height = width*highest/height, highest
	}
	d.pictures = append(d.pictures, data)
	n := len(d.pictures)
	d.raw(fmt.Sprintf(`<w:p><w:pPr><w:pStyle w:val="Cell"/></w:pPr><w:r><w:drawing>`+
		`<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%[1]d" cy="%[2]d"/>`+
		`<wp:docPr id="%[3]d" name="chart%[3]d" descr="%[4]s"/><a:graphic>`+
		`<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>`+
		`<pic:nvPicPr><pic:cNvPr id="%[3]d" name="chart%[3]d.png"/><pic:cNvPicPr/></pic:nvPicPr>`+
		`<pic:blipFill><a:blip r:embed="rIdChart%[3]d"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>`+
		`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%[1]d" cy="%[2]d"/></a:xfrm>`+
		`<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>`+
		`</w:drawing></w:r></w:p>`, width, height, n, attribute(alt)))
	return nil
}

// pack writes the parts of the document.
func (d *document) pack(w io.Writer) error {
	z := zip.NewWriter(w)
	title, _ := d.titles()
	parts := []struct {
		name string
		data []byte
	}{
		{"[Content_Types].xml", []byte(contentTypes)},
		{"_rels/.rels", []byte(packageRelations)},
		{"docProps/core.xml", []byte(coreProperties(title, d.Lang))},
		{"word/document.xml", d.main()},
		{"word/_rels/document.xml.rels", []byte(documentRelations(len(d.pictures)))},
		{"word/styles.xml", []byte(styles(d.font(), d.Lang))},
		{"word/numbering.xml", []byte(numbering)},
		{"word/settings.xml", []byte(settings)},
		{"word/footer1.xml", []byte(footer(title, d.word("report.page", nil)))},
	}
	for i, p := range d.pictures {
		parts = append(parts, struct {
			name string
			data []byte
		}{fmt.Sprintf("word/media/chart%d.png", i+1), p})
	}
	for _, p := range parts {
		f, err := z.Create(p.name)
		if err != nil {
			return fmt.Errorf("write report: %w", err)
		}
		if _, err := f.Write(p.data); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (d *document) font() string {
	if d.Font != "" {
		return d.Font
	}
	return defaultFont
}

func (d *document) main() []byte {
	var b bytes.Buffer
	b.WriteString(xmlHead + `<w:document ` + namespaces + `><w:body>`)
	b.Write(d.body.Bytes())
	b.WriteString(sectionProperties(true) + `</w:body></w:document>`)
	return b.Bytes()
}
