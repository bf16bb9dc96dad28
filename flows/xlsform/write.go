package xlsform

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"example.org/fieldbot/flows"
)

// Write writes a definition as a workbook, with the headers as its author
// spelled them: first the sheets with a meaning, then the others by name.
// Attached files are not part of it.
func Write(w io.Writer, d *flows.Definition, format Format) error {
	b := &book{}
	var rest []string
	for name := range d.Sheets {
		if !slices.Contains(sheetNames, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range append(slices.Clone(sheetNames), rest...) {
		if s := d.Sheets[name]; s != nil {
			b.tables = append(b.tables, tableOf(name, s))
		}
	}
	return b.write(w, format)
}

func tableOf(name string, s *flows.Sheet) *table {
	t := &table{name: s.Name}
	if t.name == "" {
		t.name = name
	}
	if len(s.Columns) == 0 {
		return t
	}
	head := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		head[i] = c.Header
		if head[i] == "" && c.Key != "" {
			head[i] = c.Key
			if c.Language != "" {
				head[i] += "::" + c.Language
			}
		}
	}
	t.rows = append(t.rows, line{1, head})
	for i, r := range s.Rows {
		t.rows = append(t.rows, line{i + 2, r.Cells})
	}
	return t
}

// Convert writes a form file in another format. Unlike Read and Write, it
// keeps what has no meaning as well: comments, disabled rows, cells before
// cleaning, the order of the sheets. Formats of cells, colours and widths are
// lost.
func Convert(w io.Writer, name string, data []byte, format Format) error {
	b, err := readBook(name, data)
	if err != nil {
		return err
	}
	return b.write(w, format)
}

func (b *book) write(w io.Writer, format Format) error {
	switch format {
	case XLSX:
		return writeXLSX(w, b)
	case CSV:
		return writeCSV(w, b)
	case Markdown:
		return writeMarkdown(w, b)
	}
	return fmt.Errorf("cannot write a form as %q", format)
}

// writeXLSX writes every cell as text, so that no program turns the name 1
// into a number or a version into a date.
func writeXLSX(w io.Writer, b *book) error {
	f := excelize.NewFile()
	defer f.Close()
	names := map[string]bool{}
	for i, t := range b.tables {
		name := sheetName(t.name, names)
		var err error
		if i == 0 {
			err = f.SetSheetName("Sheet1", name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err == nil {
			err = writeSheet(f, name, t)
		}
		if err != nil {
			return fmt.Errorf("write sheet %s: %w", name, err)
		}
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write xlsx: %w", err)
	}
	return nil
}

func writeSheet(f *excelize.File, name string, t *table) error {
	numbers, width := sheetRows(t)
	if len(numbers) > 0 {
		// A reader that goes by the used range would see one cell without it.
		used := fmt.Sprintf("A1:%s%d", columnName(max(width, 1)-1), numbers[len(numbers)-1])
		if err := f.SetSheetDimension(name, used); err != nil {
			return err
		}
	}
	s, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for k, r := range t.rows {
		cells := make([]any, len(r.cells))
		for i, c := range r.cells {
			if len(c) > excelize.TotalCellChars && len([]rune(c)) > excelize.TotalCellChars {
				return fmt.Errorf("row %d, column %s: a cell of a workbook holds at most %d characters", numbers[k], columnName(i), excelize.TotalCellChars)
			}
			if c != "" {
				cells[i] = c
			}
		}
		if err := s.SetRow(fmt.Sprintf("A%d", numbers[k]), cells); err != nil {
			return err
		}
	}
	return s.Flush()
}

// sheetRows numbers the rows of a sheet, which begins at 1 where text formats
// number the lines of the file, and gives the number of columns.
func sheetRows(t *table) (numbers []int, width int) {
	last, first := 0, 1
	if len(t.rows) > 0 {
		first = t.rows[0].number
	}
	for _, r := range t.rows {
		number := max(last+1, r.number-first+1)
		if number > last+emptyRun {
			number = last + 1
		}
		last, width = number, max(width, len(r.cells))
		numbers = append(numbers, number)
	}
	return numbers, width
}

// sheetName makes a name that workbooks allow and that is not taken.
func sheetName(name string, taken map[string]bool) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) {
			return '_'
		}
		return r
	}, strings.Trim(name, "' "))
	cut := func(n int) string {
		r := []rune(name)
		return string(r[:min(len(r), n)])
	}
	try := cut(excelize.MaxSheetNameLength)
	for i := 2; try == "" || taken[strings.ToLower(try)]; i++ {
		suffix := fmt.Sprintf("_%d", i)
		try = cut(excelize.MaxSheetNameLength-len(suffix)) + suffix
	}
	taken[strings.ToLower(try)] = true
	return try
}
