package export

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

const (
	maxSheetRows    = excelize.TotalRows - 1
	maxSheetColumns = excelize.MaxColumns
)

// errTooManyRows asks for csv instead.
var errTooManyRows = errors.New("more rows than a workbook is good for")

// A workbook is an xlsx under way: one stream a table.
type workbook struct {
	l      *layout
	file   *excelize.File
	sheets []*excelize.StreamWriter
	next   []int // row to write, by table
	styles [dateTimeCell + 1]int
	bold   int
	values []any // of a row, used again
}

// writeXLSX writes typed cells: numbers, dates and times are such, everything
// else is text, so that no answer can become a formula.
func (l *layout) writeXLSX(w io.Writer, rows iter.Seq2[*Row, error]) (int, error) {
	for _, t := range l.tables {
		if t.width+len(t.meta) > maxSheetColumns {
			return 0, errTooManyRows
		}
	}
	b, err := l.workbook()
	if err != nil {
		return 0, err
	}
	defer b.file.Close()
	n, err := l.flattener(b.row).all(rows)
	if err != nil {
		return n, err
	}
	for _, s := range b.sheets {
		if err := s.Flush(); err != nil {
			return n, err
		}
	}
	for _, s := range l.codebook() {
		if err := b.words(s); err != nil {
			return n, err
		}
	}
	return n, b.file.Write(w)
}

func (l *layout) workbook() (*workbook, error) {
	b := &workbook{l: l, file: excelize.NewFile()}
	for kind, format := range map[cellKind]string{
		dateCell: "yyyy-mm-dd", timeCell: "hh:mm:ss", dateTimeCell: "yyyy-mm-dd hh:mm:ss",
	} {
		id, err := b.file.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			return nil, err
		}
		b.styles[kind] = id
	}
	var err error
	if b.bold, err = b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, err
	}
	for i, t := range l.tables {
		s, err := b.sheet(t.name, i == 0)
		if err != nil {
			return nil, err
		}
		b.sheets = append(b.sheets, s)
		b.next = append(b.next, 2)
		if err := b.header(s, l.header(t)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *workbook) sheet(name string, first bool) (*excelize.StreamWriter, error) {
	var err error
	if first {
		err = b.file.SetSheetName("Sheet1", name)
	} else {
		_, err = b.file.NewSheet(name)
	}
	if err != nil {
		return nil, fmt.Errorf("sheet %s: %w", name, err)
	}
	// How far the rows will go is not known yet, and a wrong range would make
	// readers stop there.
	if err := b.file.SetSheetDimension(name, ""); err != nil {
		return nil, err
	}
	s, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	return s, s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

func (b *workbook) header(s *excelize.StreamWriter, words []string) error {
	values := make([]any, len(words))
	for i, w := range words {
		values[i] = excelize.Cell{StyleID: b.bold, Value: short(w)}
	}
	return s.SetRow("A1", values)
}

func (b *workbook) row(t *table, cells []cell) error {
	number := b.next[t.index]
	if number-1 > b.l.o.maxRows() {
		return errTooManyRows
	}
	b.next[t.index]++
	b.values = b.values[:0]
	for _, c := range cells {
		b.values = append(b.values, b.value(c))
	}
	return b.sheets[t.index].SetRow("A"+strconv.Itoa(number), b.values)
}

// value gives a cell the type of what it holds, if it holds such.
func (b *workbook) value(c cell) any {
	if c.text == "" {
		return nil
	}
	switch c.kind {
	case numberCell, looseCell, flagCell:
		if v, ok := exact(c.text); ok {
			return v
		}
	case dateCell:
		if t, err := time.Parse("2006-01-02", c.text); err == nil {
			return b.serial(c.kind, t)
		}
	case dateTimeCell:
		if t, err := time.Parse(time.RFC3339, c.text); err == nil {
			return b.serial(c.kind, t.In(b.l.o.zone()))
		}
	case timeCell:
		if len(c.text) >= 8 {
			if t, err := time.Parse("15:04:05", c.text[:8]); err == nil {
				return excelize.Cell{StyleID: b.styles[c.kind], Value: t.Sub(t.Truncate(24*time.Hour)).Seconds() / 86400}
			}
		}
	}
	return short(c.text)
}

// serial is the day number of a wall clock time. Workbooks know no zones, and
// no days before 1900 that all programs agree on: these stay text.
func (b *workbook) serial(kind cellKind, t time.Time) any {
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	days := wall.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
	if days < 61 || t.Year() > 9999 || t.Year() < 1900 {
		if kind == dateCell {
			return t.Format("2006-01-02")
		}
		return t.Format("2006-01-02T15:04:05")
	}
	return excelize.Cell{StyleID: b.styles[kind], Value: days}
}

// exact reads a number that a workbook can hold: at most 15 digits, no zeros
// in front, as in codes and phone numbers.
func exact(s string) (float64, bool) {
	if !isNumber(s) {
		return 0, false
	}
	plain := strings.TrimPrefix(s, "-")
	if len(plain) > 1 && plain[0] == '0' && plain[1] != '.' || len(strings.Replace(plain, ".", "", 1)) > 15 {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// short cuts a text to what a cell can hold, and shows that it did. Answers are
// shorter; thousands of labels are not.
func short(s string) string {
	if len(s) <= excelize.TotalCellChars {
		return s
	}
	r := []rune(s)
	if len(r) <= excelize.TotalCellChars/2 {
		return s
	}
	return string(r[:excelize.TotalCellChars/2-1]) + "…"
}

func (b *workbook) words(s sheet) error {
	out, err := b.sheet(s.name, false)
	if err != nil {
		return err
	}
	for i, r := range s.rows {
		if i == 0 {
			err = b.header(out, r)
		} else {
			values := make([]any, len(r))
			for k, w := range r {
				if w != "" {
					values[k] = short(w)
				}
			}
			err = out.SetRow("A"+strconv.Itoa(i+1), values)
		}
		if err != nil {
			return err
		}
	}
	return out.Flush()
}
