package xlsform

import (
	"strconv"
	"strings"
)

// A cell of a sheet as its elements say it.
type xlsxCell struct {
	column  int
	kind    string // t: s, str, inlineStr, b, e, d, n or ""
	style   int
	value   string
	valued  bool
	formula bool
}

// sheet reads one sheet. Problems of cells are told with the column's letters,
// since the headers are not known yet.
func (x *xlsx) sheet(name, part string) error {
	t, err := x.book.add(name)
	if err != nil {
		return err
	}
	data, err := x.part(part)
	if err != nil {
		return err
	}
	s := xmlScanner{data: data}
	number, merged := 0, ""
	var row []string
	next := 0
	for tok := s.next(); tok != xmlEOF; tok = s.next() {
		switch {
		case tok == xmlStart && string(s.name) == "row":
			number++
			if n, err := strconv.Atoi(s.attr("r")); err == nil && n >= number {
				number = n
			}
			row, next = nil, 0
		case tok == xmlEnd && string(s.name) == "row":
			if t.far(number) && len(t.rows) > 0 {
				return nil
			}
			if err := x.book.keep(t, number, row); err != nil {
				return err
			}
			row = nil
		case tok == xmlStart && string(s.name) == "c":
			c := x.cell(&s, next)
			next = c.column + 1
			v := x.text(t, number, c)
			if v == "" {
				continue
			}
			if c.column >= 16*maxColumns {
				return errTooLarge
			}
			if c.column >= maxColumns {
				continue // stray cells far to the right
			}
			for len(row) <= c.column {
				row = append(row, "")
			}
			row[c.column] = v
		case tok == xmlStart && string(s.name) == "mergeCell":
			if ref := s.attr("ref"); merged == "" && spansRows(ref) {
				merged = ref
			}
		}
	}
	if merged != "" && known()[snake(oneLine(name))] != nil {
		x.book.warn(name, 0, "", "unmerge them and fill every cell", "cells are merged over several rows (%s): only the first holds the text", utf8Prefix(merged, 20))
	}
	return nil
}

// cell reads a <c> element to its end.
func (x *xlsx) cell(s *xmlScanner, next int) xlsxCell {
	c := xlsxCell{column: next, kind: s.attr("t")}
	if i := columnIndex(s.attr("r")); i >= 0 {
		c.column = i
	}
	c.style, _ = strconv.Atoi(s.attr("s"))
	inValue, joined := false, []byte(nil)
	for tok := s.next(); tok != xmlEOF; tok = s.next() {
		switch tok {
		case xmlStart:
			switch string(s.name) {
			case "v":
				inValue, c.valued = true, true
			case "f":
				c.formula = true
			case "is":
				c.value, c.valued = s.richText("is"), true
			}
		case xmlText:
			switch {
			case !inValue || len(joined) > maxCell:
			case c.value == "":
				c.value = s.value()
			default: // comments or CDATA cut it in pieces
				if joined == nil {
					joined = []byte(c.value)
				}
				joined = append(joined, s.value()...)
			}
		case xmlEnd:
			switch string(s.name) {
			case "v":
				inValue = false
				if joined != nil {
					c.value = string(joined)
				}
			case "c":
				return c
			}
		}
	}
	return c
}

// text gives what a person sees in a cell, without number formats.
func (x *xlsx) text(t *table, number int, c xlsxCell) string {
	if c.formula && (!c.valued || c.value == "" && c.kind != "str") {
		x.book.warn(t.name, number, columnName(c.column), "open the file in a spreadsheet program and save it again", "the formula has no value stored with it")
		return ""
	}
	switch c.kind {
	case "s":
		if i, err := strconv.Atoi(strings.TrimSpace(c.value)); err == nil && i >= 0 && i < len(x.strings) {
			return x.strings[i]
		}
		return ""
	case "str":
		return unescapeRuns(c.value)
	case "inlineStr":
		return c.value
	case "b":
		if strings.TrimSpace(c.value) == "1" || strings.EqualFold(c.value, "true") {
			return "TRUE"
		}
		return "FALSE"
	case "e":
		x.book.warn(t.name, number, columnName(c.column), "mend the formula", "the cell holds the error %s and is taken as empty", utf8Prefix(c.value, 20))
		return ""
	case "d":
		return strings.TrimSuffix(strings.TrimSpace(c.value), "T00:00:00")
	}
	style := notDate
	if c.style >= 0 && c.style < len(x.dates) {
		style = x.dates[c.style]
	}
	return number2text(c.value, style, x.base == 1904)
}

// columnIndex reads the letters of a reference as "AB12"; -1 if there are none.
func columnIndex(ref string) int {
	n := 0
	for i := 0; i < len(ref); i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		if n = n*26 + int(c-'A') + 1; n > 1<<20 {
			return 1 << 20
		}
	}
	return n - 1
}

// spansRows tells whether a range as "A2:A5" covers more than one row.
func spansRows(ref string) bool {
	from, to, ok := strings.Cut(ref, ":")
	return ok && strings.TrimLeft(from, "$ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strings.TrimLeft(to, "$ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}
