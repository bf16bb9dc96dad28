package xlsform

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"example.org/fieldbot/flows"
)

// readCSV reads the one-file form of XLSForm: a row with only column A filled
// names a sheet, the rows after it begin in column B. A file without such rows
// is a survey sheet alone.
func readCSV(data []byte) (*book, error) {
	b := &book{lines: true}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = comma(data)
	if bytes.Count(data, []byte(string(r.Comma))) > maxSlots/2 {
		return nil, errTooLarge
	}
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	r.ReuseRecord = true
	var f flat
	breaks := 0
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, csvProblem(err)
		}
		at, _ := r.FieldPos(0)
		number := at - breaks
		for _, c := range cells {
			breaks += strings.Count(c, "\n")
		}
		if err := f.row(b, number, append([]string(nil), cells...)); err != nil {
			return nil, err
		}
	}
}

func csvProblem(err error) error {
	p := flows.Problem{Severity: flows.Error, Message: "the csv file cannot be read: " + err.Error()}
	var e *csv.ParseError
	if errors.As(err, &e) {
		p.Row = e.StartLine
		p.Sheet = "csv"
		p.Message = "the row cannot be read: " + e.Err.Error()
		p.Hint = "put cells with quotes or commas in double quotes, and double the quotes inside"
	}
	return flows.Problems{p}
}

// comma guesses the separator from the head of the file: spreadsheets of many
// countries write semicolons.
func comma(data []byte) rune {
	head := data[:min(len(data), 4096)]
	best, most := ',', bytes.Count(head, []byte(","))
	for _, c := range ";\t" {
		if n := bytes.Count(head, []byte(string(c))); n > 2*most {
			best, most = c, n
		}
	}
	return best
}

// flat gathers the rows of a file in which sheets follow each other.
type flat struct {
	table    *table
	whole    bool // no sheet was named: cells begin in column A
	preamble int  // rows before any sheet
}

func (f *flat) row(b *book, number int, cells []string) error {
	rest := false
	for _, c := range cells[min(1, len(cells)):] {
		rest = rest || strings.TrimSpace(c) != ""
	}
	name := ""
	if len(cells) > 0 {
		name = strings.TrimSpace(cells[0])
	}
	if rest && known()[snake(oneLine(name))] != nil && !f.whole { // the name of a sheet, and its headers in the same row
		t, err := b.add(name)
		if err != nil {
			return err
		}
		f.table = t
		return b.keep(t, number, cells[1:])
	}
	if f.table == nil && rest {
		if f.preamble++; f.preamble > emptyRun {
			return nil
		}
		if f.whole = headerOfSurvey(cells); !f.whole {
			return nil
		}
		t, err := b.add("survey")
		if err != nil {
			return err
		}
		f.table = t
	}
	if f.whole {
		return b.keep(f.table, number, cells)
	}
	if name != "" && !rest {
		t, err := b.add(name)
		f.table = t
		return err
	}
	if !rest {
		return nil
	}
	if name != "" {
		b.warn(f.table.name, number, "", "only names of sheets stand in column A", "the cell in column A is not read: %q", utf8Prefix(name, 40))
	}
	if f.table.far(number) && len(f.table.rows) > 0 {
		return nil
	}
	return b.keep(f.table, number, cells[1:])
}

func headerOfSurvey(cells []string) bool {
	seen := map[string]bool{}
	for _, c := range cells {
		seen[readHeader("survey", oneLine(c), false).key] = true
	}
	return seen["type"] && (seen["name"] || seen["label"])
}

// writeCSV writes the shape that readCSV reads.
func writeCSV(w io.Writer, b *book) error {
	out := csv.NewWriter(w)
	for _, t := range b.tables {
		if err := out.Write([]string{t.name, ""}); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
		last := 0
		for _, r := range t.rows {
			for gap := r.number - last; gap > 1 && gap <= emptyRun && last > 0; gap-- {
				out.Write([]string{"", ""})
			}
			last = r.number
			if err := out.Write(append([]string{""}, r.cells...)); err != nil {
				return fmt.Errorf("write csv: %w", err)
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}
