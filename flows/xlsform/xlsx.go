package xlsform

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"example.org/fieldbot/flows"
)

// xlsx reads a workbook of the Office Open XML kind, row by row. (The row
// stream of excelize gives raw texts alone: it tells no booleans, no dates and
// no formulas without a value, which this must. Writing is excelize's.)
type xlsx struct {
	book    *book
	parts   map[string]*zip.File
	read    int // bytes unpacked so far
	strings []string
	dates   []dateStyle // by cell style
	base    int         // serial day 0 is 1904-01-01 if 1904
}

func readXLSX(data []byte) (*book, error) {
	if bytes.Count(data, []byte("PK\x01\x02")) > maxEntries {
		return nil, errTooLarge // each would cost memory before its name is known
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, unreadable("the file is not a whole workbook: %v", err)
	}
	x := &xlsx{book: &book{}, parts: map[string]*zip.File{}}
	for _, f := range z.File {
		x.parts[strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(f.Name, `\`, "/")), "/"))] = f
	}
	wb := x.main()
	if wb == "" {
		return nil, notWorkbook(x.parts)
	}
	sheets, err := x.workbook(wb)
	if err != nil {
		return nil, err
	}
	for _, s := range sheets {
		if err := x.sheet(s.name, s.part); err != nil {
			return nil, err
		}
	}
	return x.book, nil
}

// unreadable is the error for a file that is no form at all.
func unreadable(format string, args ...any) flows.Problems {
	return flows.Problems{{
		Severity: flows.Error, Message: fmt.Sprintf(format, args...),
		Hint: "open it in a spreadsheet program and save it as .xlsx",
	}}
}

func notWorkbook(parts map[string]*zip.File) error {
	for _, p := range []string{"content.xml", "index/document.iwa"} {
		if parts[p] != nil {
			return unreadable("the file is of LibreOffice's or Apple's own kind, not a workbook")
		}
	}
	if parts["xl/workbook.bin"] != nil {
		return unreadable("the file is a binary workbook (.xlsb)")
	}
	return unreadable("the file is an archive, not a workbook")
}

// part unpacks a part of the archive; nil if there is none.
func (x *xlsx) part(name string) ([]byte, error) {
	f := x.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	if f.UncompressedSize64 > maxPart || x.read+int(f.UncompressedSize64) > maxParts {
		return nil, errTooLarge
	}
	r, err := f.Open()
	if err != nil {
		return nil, unreadable("the file is damaged: %s: %v", f.Name, err)
	}
	defer r.Close()
	buf := bytes.NewBuffer(make([]byte, 0, int(f.UncompressedSize64)+bytes.MinRead))
	// The size in the archive may lie, so what comes out is counted as well.
	n, err := io.Copy(buf, io.LimitReader(r, int64(min(maxPart, maxParts-x.read))+1))
	x.read += int(n)
	if n > maxPart || x.read > maxParts {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, unreadable("the file is damaged: %s: %v", f.Name, err)
	}
	return buf.Bytes(), nil
}

// main finds the workbook part by the package's relations.
func (x *xlsx) main() string {
	for _, rel := range x.relations("", "_rels/.rels") {
		if strings.HasSuffix(rel.kind, "/officeDocument") && x.parts[strings.ToLower(rel.target)] != nil {
			if strings.HasSuffix(rel.target, ".xml") {
				return rel.target
			}
		}
	}
	if x.parts["xl/workbook.xml"] != nil {
		return "xl/workbook.xml"
	}
	return ""
}

type relation struct{ id, kind, target string }

func (x *xlsx) relations(dir, name string) []relation {
	data, err := x.part(name)
	if err != nil {
		return nil
	}
	var rels []relation
	s := xmlScanner{data: data}
	for tok := s.next(); tok != xmlEOF; tok = s.next() {
		if tok != xmlStart || string(s.name) != "Relationship" || len(rels) > maxEntries {
			continue
		}
		target := s.attr("Target")
		if strings.HasPrefix(target, "/") {
			target = path.Clean(target)[1:]
		} else {
			target = path.Join(dir, target)
		}
		rels = append(rels, relation{s.attr("Id"), s.attr("Type"), target})
	}
	return rels
}

type sheetPart struct{ name, part string }

// workbook reads names and parts of the sheets, shared strings and styles.
func (x *xlsx) workbook(name string) ([]sheetPart, error) {
	data, err := x.part(name)
	if err != nil {
		return nil, err
	}
	dir, file := path.Split(name)
	byID := map[string]string{}
	for _, rel := range x.relations(dir, dir+"_rels/"+file+".rels") {
		byID[rel.id] = rel.target
		switch {
		case strings.HasSuffix(rel.kind, "/sharedStrings"):
			err = x.sharedStrings(rel.target)
		case strings.HasSuffix(rel.kind, "/styles"):
			err = x.styles(rel.target)
		}
		if err != nil {
			return nil, err
		}
	}
	var sheets []sheetPart
	s := xmlScanner{data: data}
	for tok := s.next(); tok != xmlEOF; tok = s.next() {
		if tok != xmlStart {
			continue
		}
		switch string(s.name) {
		case "workbookPr":
			if v := s.attr("date1904"); v == "1" || v == "true" {
				x.base = 1904
			}
		case "sheet":
			if len(sheets) == maxSheets {
				return nil, errTooLarge
			}
			sheets = append(sheets, sheetPart{s.attr("name"), byID[s.attr("id")]})
		}
	}
	return sheets, nil
}

// sharedStrings reads the texts that cells refer to by number. Runs of one
// rich text are joined, phonetic guides left out.
func (x *xlsx) sharedStrings(name string) error {
	data, err := x.part(name)
	if err != nil {
		return err
	}
	s := xmlScanner{data: data}
	total := 0
	for tok := s.next(); tok != xmlEOF; tok = s.next() {
		if tok == xmlStart && string(s.name) == "si" {
			v := s.richText("si")
			if total += len(v); len(v) > maxCell || len(x.strings) > maxCells || total > maxText {
				return errTooLarge
			}
			x.strings = append(x.strings, v)
		}
	}
	return nil
}

// richText gathers the text up to the end of the element that has begun.
func (s *xmlScanner) richText(end string) string {
	var text []byte
	inText, phonetic := false, 0
	for tok := s.next(); tok != xmlEOF; tok = s.next() {
		switch tok {
		case xmlStart:
			switch string(s.name) {
			case "t":
				inText = true
			case "rPh":
				phonetic++
			}
		case xmlText:
			if inText && phonetic == 0 && len(text) <= maxCell {
				text = append(text, s.value()...)
			}
		case xmlEnd:
			switch string(s.name) {
			case "t":
				inText = false
			case "rPh":
				phonetic--
			case end:
				return unescapeRuns(string(text))
			}
		}
	}
	return unescapeRuns(string(text))
}

// unescapeRuns resolves _x000D_, the way workbooks keep characters that XML
// cannot.
func unescapeRuns(s string) string {
	i := strings.Index(s, "_x")
	if i < 0 {
		return s
	}
	var b strings.Builder
	for ; i >= 0; i = strings.Index(s, "_x") {
		b.WriteString(s[:i])
		s = s[i:]
		if len(s) >= 7 && s[6] == '_' {
			if n, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
				b.WriteRune(rune(n))
				s = s[7:]
				continue
			}
		}
		b.WriteString(s[:2])
		s = s[2:]
	}
	b.WriteString(s)
	return b.String()
}
