package xlsform

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// readMarkdown reads tables of the shape
//
//	| survey |      |      |       |
//	|        | type | name | label |
//	|        | text | q    | What? |
//
// Lines that are no table row, and rules (|---|---|), are left out. In a cell
// \| is a bar, \n a line break, \\ a backslash, and "\ " a blank (or tab) that is not
// trimmed; any other backslash stands for itself, so that patterns need no care.
func readMarkdown(data []byte) (*book, error) {
	b := &book{lines: true}
	var f flat
	for number := 1; len(data) > 0; number++ {
		var text []byte
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			text, data = data[:i], data[i+1:]
		} else {
			text, data = data, nil
		}
		text = bytes.TrimSpace(text)
		if len(text) == 0 || text[0] != '|' {
			continue
		}
		cells := markdownCells(string(text[1:]))
		if rule(cells) {
			continue
		}
		if err := f.row(b, number, cells); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// markdownCells cuts a row, without its first bar, at the bars that are not
// escaped.
func markdownCells(s string) []string {
	var cells []string
	start := 0
	for i := 0; i < len(s) && len(cells) <= maxColumns+1; i++ {
		switch s[i] {
		case '\\':
			i++
		case '|':
			cells = append(cells, markdownCell(s[start:i]))
			start = i + 1
		}
	}
	if rest := markdownCell(s[min(start, len(s)):]); rest != "" {
		cells = append(cells, rest) // the last bar may be missing
	}
	return cells
}

func markdownCell(s string) string {
	s = strings.TrimLeft(s, " \t\r")
	for n := len(s); n > 0 && (s[n-1] == ' ' || s[n-1] == '\t' || s[n-1] == '\r'); n-- {
		if s[n-1] != '\r' && n > 1 && s[n-2] == '\\' && escapes(s[:n-1])%2 == 1 {
			break
		}
		s = s[:n-1]
	}
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			switch s[i+1] {
			case '\\', '|', ' ', '\t':
				i++
				b.WriteByte(s[i])
				continue
			case 'n':
				i++
				b.WriteByte('\n')
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// escapes counts the backslashes at the end of s.
func escapes(s string) int { return len(s) - len(strings.TrimRight(s, `\`)) }

// rule reports whether a row is the line under a header. Rows of a sheet have
// an empty first cell, so that a choice labelled --- is none.
func rule(cells []string) bool {
	if len(cells) == 0 || !strings.Contains(cells[0], "-") {
		return false
	}
	for _, c := range cells {
		if strings.Trim(c, "-:") != "" {
			return false
		}
	}
	return true
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// escape is the inverse of markdownCell.
func escape(s string) string {
	if s == "" || !strings.ContainsAny(s, "\\|\n") && !blank(s[0]) && !blank(s[len(s)-1]) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		next := byte('\\')
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch c := s[i]; {
		case c == '\\' && strings.IndexByte("\\|n\n \t", next) >= 0, c == '|':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case blank(c) && (i == 0 || i == len(s)-1):
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// writeMarkdown writes one table a sheet, its columns padded so that a change
// of one cell shows as a change of one line in most cases.
func writeMarkdown(w io.Writer, b *book) error {
	var out bytes.Buffer
	for n, t := range b.tables {
		if n > 0 {
			out.WriteByte('\n')
		}
		rows := make([][]string, len(t.rows))
		var widths []int
		for i, r := range t.rows {
			rows[i] = make([]string, len(r.cells))
			for j, c := range r.cells {
				rows[i][j] = escape(c)
				if j == len(widths) {
					widths = append(widths, 0)
				}
				widths[j] = max(widths[j], min(width(rows[i][j]), maxPad))
			}
		}
		name := escape(t.name)
		fmt.Fprintf(&out, "| %s |\n", name)
		last := 0
		for i, r := range t.rows {
			for gap := r.number - last; gap > 1 && gap <= emptyRun && last > 0; gap-- {
				out.WriteString("| |\n")
			}
			last = r.number
			out.WriteString("| |")
			for j, c := range rows[i] {
				out.WriteString(" " + c + strings.Repeat(" ", max(0, widths[j]-width(c))) + " |")
			}
			out.WriteByte('\n')
		}
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write markdown: %w", err)
	}
	return nil
}

const maxPad = 40

// width is about how many columns a text takes: marks above and below letters
// take none.
func width(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if mark(r) {
			n--
		}
	}
	return n
}

func mark(r rune) bool { return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) }
