package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// WordprocessingML: https://ecma-international.org/publications-and-standards/standards/ecma-376/
// Its schemas fix the order of the elements inside rPr, pPr, tcPr and sectPr;
// Word refuses a file that has them in another.

const (
	xmlHead    = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	office     = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	wordMain   = `http://schemas.openxmlformats.org/wordprocessingml/2006/main`
	relations  = `http://schemas.openxmlformats.org/package/2006/relationships`
	wordType   = `application/vnd.openxmlformats-officedocument.wordprocessingml.`
	namespaces = `xmlns:w="` + wordMain + `" xmlns:r="` + office + `" ` +
		`xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" ` +
		`xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" ` +
		`xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"`
)

// A run is text of one look.
type run struct {
	text   string
	bold   bool
	marked bool   // with a yellow marker
	colour string // RRGGBB
	size   int    // half points; 0 is the style's
	whole  bool   // not to be broken at its hyphens
}

func (d *document) raw(s string) { d.body.WriteString(s) }

func (d *document) paragraph(style string, runs ...run) {
	d.raw(`<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>`)
	for _, r := range runs {
		d.run(r)
	}
	d.raw(`</w:p>`)
}

// run writes its text. Bold and size are said twice: Lao is a complex script,
// for which Word reads bCs and szCs alone.
func (d *document) run(r run) {
	d.raw(`<w:r>`)
	var p strings.Builder
	if r.bold {
		p.WriteString(`<w:b/><w:bCs/>`)
	}
	if r.colour != "" {
		p.WriteString(`<w:color w:val="` + r.colour + `"/>`)
	}
	if r.size > 0 {
		fmt.Fprintf(&p, `<w:sz w:val="%[1]d"/><w:szCs w:val="%[1]d"/>`, r.size)
	}
	if r.marked {
		p.WriteString(`<w:highlight w:val="yellow"/>`)
	}
	if p.Len() > 0 {
		d.raw(`<w:rPr>` + p.String() + `</w:rPr>`)
	}
	mark, between := "\t", `<w:tab/>`
	if r.whole {
		mark, between = "-", `<w:noBreakHyphen/>`
	}
	for i, part := range strings.Split(r.text, mark) {
		if i > 0 {
			d.raw(between)
		}
		d.raw(`<w:t xml:space="preserve">` + attribute(part) + `</w:t>`)
	}
	d.raw(`</w:r>`)
}

// attribute escapes text; what XML cannot hold becomes U+FFFD.
func attribute(s string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

func (d *document) openTable(widths []int) {
	d.raw(`<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/><w:tblW w:w="5000" w:type="pct"/>` +
		`<w:tblLayout w:type="fixed"/><w:tblLook w:val="0420"/></w:tblPr><w:tblGrid>`)
	for _, w := range widths {
		d.raw(fmt.Sprintf(`<w:gridCol w:w="%d"/>`, w))
	}
	d.raw(`</w:tblGrid>`)
}

func (d *document) openCell(width, span int, fill string) {
	d.raw(fmt.Sprintf(`<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, width))
	if span > 1 {
		d.raw(fmt.Sprintf(`<w:gridSpan w:val="%d"/>`, span))
	}
	if fill != "" {
		d.raw(`<w:shd w:val="clear" w:color="auto" w:fill="` + fill + `"/>`)
	}
	d.raw(`</w:tcPr>`)
}

func sectionProperties(lying bool) string {
	width, height, orient := pageShort, pageLong, ""
	if lying {
		width, height, orient = pageLong, pageShort, ` w:orient="landscape"`
	}
	return fmt.Sprintf(`<w:sectPr><w:footerReference w:type="default" r:id="rIdFooter"/><w:type w:val="nextPage"/>`+
		`<w:pgSz w:w="%d" w:h="%d"%s/><w:pgMar w:top="%[4]d" w:right="%[4]d" w:bottom="%[4]d" w:left="%[4]d" `+
		`w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>`, width, height, orient, pageMargin)
}

const contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
	`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>` +
	`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` +
	`<Override PartName="/word/document.xml" ContentType="` + wordType + `document.main+xml"/>` +
	`<Override PartName="/word/styles.xml" ContentType="` + wordType + `styles+xml"/>` +
	`<Override PartName="/word/numbering.xml" ContentType="` + wordType + `numbering+xml"/>` +
	`<Override PartName="/word/settings.xml" ContentType="` + wordType + `settings+xml"/>` +
	`<Override PartName="/word/footer1.xml" ContentType="` + wordType + `footer+xml"/></Types>`

const packageRelations = xmlHead + `<Relationships xmlns="` + relations + `">` +
	`<Relationship Id="rId1" Type="` + office + `/officeDocument" Target="word/document.xml"/>` +
	`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
	`</Relationships>`

func documentRelations(pictures int) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="` + relations + `">`)
	one := func(id, kind, target string) {
		b.WriteString(`<Relationship Id="` + id + `" Type="` + office + `/` + kind + `" Target="` + target + `"/>`)
	}
	one("rIdStyles", "styles", "styles.xml")
	one("rIdNumbering", "numbering", "numbering.xml")
	one("rIdSettings", "settings", "settings.xml")
	one("rIdFooter", "footer", "footer1.xml")
	for i := range pictures {
		one(fmt.Sprintf("rIdChart%d", i+1), "image", fmt.Sprintf("media/chart%d.png", i+1))
	}
	b.WriteString(`</Relationships>`)
	return b.String()
}

func coreProperties(title, lang string) string {
	return xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
		`xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + attribute(title) + `</dc:title><dc:language>` +
		attribute(lang) + `</dc:language></cp:coreProperties>`
}

const settings = xmlHead + `<w:settings xmlns:w="` + wordMain + `"><w:compat>` +
	`<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>` +
	`</w:compat></w:settings>`

const numbering = xmlHead + `<w:numbering xmlns:w="` + wordMain + `"><w:abstractNum w:abstractNumId="0">` +
	`<w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>` +
	`<w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="284" w:hanging="227"/></w:pPr></w:lvl>` +
	`</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`

func footer(title, page string) string {
	return xmlHead + `<w:ftr ` + namespaces + `><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>` +
		`<w:r><w:t xml:space="preserve">` + attribute(title) + ` · ` + attribute(page) + ` </w:t></w:r>` +
		`<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>`
}

// A style is a row of styles: the elements of its pPr and how its letters look.
type style struct {
	id, name, paragraph string
	size                int // half points
	bold                bool
	colour              string
}

var styleTable = []style{
	{"Title", "Title", `<w:spacing w:before="1800" w:after="240"/><w:jc w:val="center"/>`, 48, true, "1F4E79"},
	{"Subtitle", "Subtitle", `<w:spacing w:after="600"/><w:jc w:val="center"/>`, 28, false, "5F6B76"},
	{"Heading1", "heading 1", `<w:keepNext/><w:spacing w:before="240" w:after="160"/><w:outlineLvl w:val="0"/>`, 32, true, "1F4E79"},
	{"Heading2", "heading 2", `<w:keepNext/><w:spacing w:before="200" w:after="80"/><w:outlineLvl w:val="1"/>`, 26, true, "1F4E79"},
	{"ListBullet", "List Bullet", `<w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:after="40"/>`, 0, false, ""},
	{"Cell", "Report cell", `<w:spacing w:before="40" w:after="60" w:line="240" w:lineRule="auto"/>`, 20, false, ""},
	// A paragraph that is kept with the next holds its whole row to the next one,
	// so neither lead-ins nor titles of parts are.
	{"CellLead", "Report lead-in", `<w:spacing w:before="80" w:after="40" w:line="240" w:lineRule="auto"/>`, 20, false, ""},
	{"CellNumber", "Report number", `<w:spacing w:before="40" w:after="60" w:line="240" w:lineRule="auto"/><w:jc w:val="right"/>`, 20, false, ""},
	{"CellBullet", "Report cell bullet", `<w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:before="20" w:after="40" w:line="240" w:lineRule="auto"/>`, 20, false, ""},
	{"Note", "Report note", `<w:keepNext/>`, 0, false, ""},
	{"CellHead", "Report column heading", `<w:keepNext/><w:spacing w:before="80" w:after="80"/>`, 20, true, ""},
	{"CellSection", "Report section", `<w:keepNext/><w:spacing w:before="80" w:after="80"/><w:outlineLvl w:val="1"/>`, 22, true, "1F4E79"},
	{"Source", "Report source", `<w:tabs><w:tab w:val="left" w:pos="1701"/></w:tabs><w:spacing w:after="40"/><w:ind w:left="1701" w:hanging="1701"/>`, 20, false, ""},
	{"Footer", "footer", `<w:jc w:val="right"/>`, 16, false, "5F6B76"},
}

// styles writes the looks of the document. The typeface is named for all
// scripts, and Lao as the language of the complex ones: Word shapes and breaks
// lines by it.
func styles(font, lang string) string {
	var b strings.Builder
	latin := "en-GB"
	if lang != "" && lang != "lo" && lang != "en" {
		latin = lang
	}
	fmt.Fprintf(&b, xmlHead+`<w:styles xmlns:w="`+wordMain+`"><w:docDefaults><w:rPrDefault><w:rPr>`+
		`<w:rFonts w:ascii="%[1]s" w:hAnsi="%[1]s" w:eastAsia="%[1]s" w:cs="%[1]s"/><w:sz w:val="22"/><w:szCs w:val="22"/>`+
		`<w:lang w:val="%[2]s" w:eastAsia="%[2]s" w:bidi="lo-LA"/></w:rPr></w:rPrDefault>`+
		`<w:pPrDefault><w:pPr><w:widowControl/><w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>`+
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>`,
		attribute(font), attribute(latin))
	for _, s := range styleTable {
		s.write(&b)
	}
	b.WriteString(`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>` +
		`<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>` +
		`<w:style w:type="table" w:customStyle="1" w:styleId="ReportTable"><w:name w:val="Report table"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		b.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="8A97A5"/>`)
	}
	b.WriteString(`</w:tblBorders></w:tblPr></w:style></w:styles>`)
	return b.String()
}

func (s style) write(b *strings.Builder) {
	fmt.Fprintf(b, `<w:style w:type="paragraph" w:styleId="%s"><w:name w:val="%s"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>%s</w:pPr><w:rPr>`,
		s.id, s.name, s.paragraph)
	if s.bold {
		b.WriteString(`<w:b/><w:bCs/>`)
	}
	if s.colour != "" {
		b.WriteString(`<w:color w:val="` + s.colour + `"/>`)
	}
	if s.size > 0 {
		fmt.Fprintf(b, `<w:sz w:val="%[1]d"/><w:szCs w:val="%[1]d"/>`, s.size)
	}
	b.WriteString(`</w:rPr></w:style>`)
}
