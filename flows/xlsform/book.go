package xlsform

import (
	"errors"
	"fmt"
	"strings"

	"example.org/fieldbot/flows"
)

// Bounds of what is read. The largest real forms have some 20,000 rows and a
// megabyte of text.
const (
	maxFile     = 24 << 20  // bytes of a file as it arrives
	maxTextFile = 8 << 20   // the same of csv and markdown
	maxPart     = 24 << 20  // bytes of one unpacked part of a workbook
	maxParts    = 40 << 20  // bytes of all unpacked parts that are read
	maxCells    = 500_000   // cells with content, all sheets together
	maxSlots    = 2_000_000 // cells to the last filled one of each row
	maxText     = 24 << 20  // bytes of text in them
	maxCell     = 128 << 10 // bytes of one; workbooks end at 32,767 characters
	maxEntries  = 10_000    // files in an archive
	maxSheets   = 200
	maxColumns  = 1_000
	maxRow      = 1 << 20 // highest row number
	maxWarnings = 100     // of cells
	emptyRun    = 1_000   // blank rows after which the rest of a sheet is left alone
)

// A book is a file before anything is understood of it.
type book struct {
	tables []*table
	found  flows.Problems
	lines  bool // rows carry the numbers of the lines of a text
	cells  int
	slots  int
	text   int
}

// A table is a sheet as it stands: name as written, rows that hold something.
type table struct {
	name string
	rows []line
}

// A line is a row of a sheet; number is the one that the author sees.
type line struct {
	number int
	cells  []string
}

var errTooLarge = errors.New("the file holds more than a form can: remove sheets that are not part of the form, or move long choice lists to a csv file beside it")

func (b *book) add(name string) (*table, error) {
	if len(b.tables) >= maxSheets {
		return nil, errTooLarge
	}
	t := &table{name: name}
	b.tables = append(b.tables, t)
	return t, nil
}

// keep appends a row unless it is blank, made sound, and charges it to the book.
func (b *book) keep(t *table, number int, cells []string) error {
	n := len(cells)
	for n > 0 && strings.TrimSpace(cells[n-1]) == "" {
		n--
	}
	if n == 0 {
		return nil
	}
	if n > maxColumns || number > maxRow {
		return errTooLarge
	}
	for i, c := range cells[:n] {
		if len(c) > maxCell {
			return errTooLarge
		}
		if c != "" {
			c = sound(c)
			cells[i] = c
			b.cells++
			b.text += len(c)
		}
	}
	if b.slots += n; b.cells > maxCells || b.slots > maxSlots || b.text > maxText {
		return errTooLarge
	}
	t.rows = append(t.rows, line{number, cells[:n:n]})
	return nil
}

// far reports whether so many rows were blank that the rest is not the form.
func (t *table) far(number int) bool {
	last := 0
	if n := len(t.rows); n > 0 {
		last = t.rows[n-1].number
	}
	return number-last > emptyRun
}

func (b *book) warn(sheet string, row int, column, hint, format string, args ...any) {
	if len(b.found) >= maxWarnings {
		return
	}
	b.found = append(b.found, flows.Problem{
		Severity: flows.Warning, Sheet: sheet, Row: row, Column: column,
		Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// columnName gives the letters of a 0-based column: A, B, … AA.
func columnName(i int) string {
	var s string
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}
