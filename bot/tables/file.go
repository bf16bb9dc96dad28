package tables

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Limits say what a file may hold, and how its cells are read.
type Limits struct {
	Bytes, Rows int
	Raw         bool // of a workbook: what is stored, not what is shown
}

// usual is what people send.
var usual = Limits{Bytes: 10 << 20, Rows: 20_000}

// ErrKind says that a file is neither csv nor xlsx.
var ErrKind = errors.New("a table is a .csv or an .xlsx file")

// ReadFile reads the first sheet of an .xlsx file, or a .csv file with commas or
// semicolons. Rows keep their numbers: an empty line is an empty row.
func ReadFile(name string, data []byte) ([][]string, error) { return usual.ReadFile(name, data) }

// ReadFile reads a file within other limits.
func (l Limits) ReadFile(name string, data []byte) ([][]string, error) {
	if len(data) > l.Bytes {
		return nil, fmt.Errorf("the file has more than %d MB", l.Bytes>>20)
	}
	var rows [][]string
	var err error
	switch strings.ToLower(path.Ext(name)) {
	case ".xlsx":
		rows, err = l.workbook(data)
	case ".csv", ".txt":
		rows, err = l.commas(data)
	default:
		return nil, ErrKind
	}
	if err == nil && len(rows) > l.Rows {
		err = fmt.Errorf("the file has more than %d rows", l.Rows)
	}
	return rows, err
}

func (l Limits) workbook(data []byte) ([][]string, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: l.Raw, UnzipSizeLimit: 8 * int64(l.Bytes), UnzipXMLSizeLimit: 8 * int64(usual.Bytes)})
	if err != nil {
		return nil, fmt.Errorf("read the workbook: %w", err)
	}
	defer f.Close()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, errors.New("the workbook has no sheet")
	}
	rows, err := f.GetRows(sheets[0])
	if err != nil {
		return nil, fmt.Errorf("read the workbook: %w", err)
	}
	return rows, nil
}

// commas reads csv; Excel writes semicolons in some countries.
func (l Limits) commas(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	first, _, _ := bytes.Cut(data, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	var rows [][]string
	for len(rows) <= l.Rows {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the table: %w", err)
		}
		// blank lines are skipped by the reader: keep the numbers of lines
		for line, _ := r.FieldPos(0); len(rows) < line-1 && len(rows) <= l.Rows; {
			rows = append(rows, nil)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// WriteFile writes rows as the ending of the name says: .csv or .xlsx.
func WriteFile(name string, rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		out.WriteString("\ufeff") // Excel takes it for another encoding otherwise
		w := csv.NewWriter(&out)
		for _, row := range rows {
			if err := w.Write(harmless(row)); err != nil {
				return nil, fmt.Errorf("write table: %w", err)
			}
		}
		w.Flush()
	case ".xlsx":
		cells := make([][]any, len(rows))
		for i, row := range rows {
			for _, word := range row {
				cells[i] = append(cells[i], word)
			}
		}
		return Workbook(cells)
	default:
		return nil, ErrKind
	}
	return out.Bytes(), nil
}

// Workbook writes rows of texts and numbers as an .xlsx file.
func Workbook(rows [][]any) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			return nil, fmt.Errorf("write table: %w", err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("write table: %w", err)
	}
	return out.Bytes(), nil
}

// harmless keeps spreadsheets from taking what people wrote for a formula.
func harmless(row []string) []string {
	out := make([]string, len(row))
	for i, s := range row {
		if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") && strings.Trim(s, "+-.,0123456789") != "" {
			s = "'" + s
		}
		out[i] = s
	}
	return out
}
