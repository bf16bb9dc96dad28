// Package roster reads lists of people to invite: a row each, in a csv or xlsx
// file, with the place by code or by name within its province.
//
// Nothing is guessed: a name that fits no place, or several, is a Problem that
// names the nearest, and the roster is to be mended.
package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/storage"
)

// An Entry is a row that can be invited.
type Entry struct {
	Line         int // of the file, from 1
	Role         storage.Role
	Place        places.Place // zero: the whole country
	Name         string
	Organisation string
	Contact      string // as the roster has it, to pass the link on; not stored
}

// A Problem is a row that cannot be invited as it is.
type Problem struct {
	Line    int
	Message string
}

func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.Message) }

// What a file may hold.
const (
	maxBytes = 10 << 20
	maxRows  = 20_000
)

// columns are what a roster may tell, by the words that head a column.
var columns = map[string][]string{
	"role":         {"role", "ໜ້າທີ່", "ບົດບາດ"},
	"province":     {"province", "province_code", "ແຂວງ"},
	"district":     {"district", "district_code", "code", "ເມືອງ"},
	"name":         {"name", "full name", "person", "ຊື່", "ຊື່ ແລະ ນາມສະກຸນ"},
	"organisation": {"organisation", "organization", "office", "ອົງກອນ", "ຫ້ອງການ"},
	"contact":      {"contact", "phone", "telephone", "email", "ເບີໂທ", "ໂທລະສັບ"},
}

// Read reads a roster. Rows without a role are officers. Errors are of files
// that cannot be read at all.
func Read(name string, data []byte, d *places.Directory) ([]Entry, []Problem, error) {
	rows, err := table(name, data)
	if err != nil {
		return nil, nil, err
	}
	head, err := heading(rows)
	if err != nil {
		return nil, nil, err
	}
	var entries []Entry
	var problems []Problem
	seen := map[string]int{}
	for i, row := range rows[1:] {
		line := i + 2
		get := func(column string) string {
			if k, ok := head[column]; ok && k < len(row) {
				return strings.Join(strings.Fields(row[k]), " ")
			}
			return ""
		}
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		e := Entry{Line: line, Name: get("name"), Organisation: get("organisation"), Contact: get("contact")}
		why := e.role(get("role"))
		if why == "" {
			why = e.place(d, get("province"), get("district"))
		}
		key := string(e.Role) + "\x00" + e.Place.Code() + "\x00" + places.Fold(e.Name)
		if first, ok := seen[key]; why == "" && ok {
			why = fmt.Sprintf("the same as line %d; two people for one place need different names", first)
		}
		if why != "" {
			problems = append(problems, Problem{line, why})
			continue
		}
		seen[key] = line
		entries = append(entries, e)
	}
	return entries, problems, nil
}

func (e *Entry) role(text string) (problem string) {
	e.Role = storage.Role(strings.ToLower(text))
	if text == "" {
		e.Role = storage.Officer
	}
	switch e.Role {
	case storage.Officer, storage.Enumerator, storage.Observer, storage.Secretariat:
		return ""
	}
	return fmt.Sprintf("role %q: use officer, enumerator, observer or secretariat", text)
}

func (e *Entry) place(d *places.Directory, province, district string) (problem string) {
	if district == "" && province == "" {
		if e.Role == storage.Officer || e.Role == storage.Enumerator {
			return "no district"
		}
		return ""
	}
	var exact, near []places.Place
	what, text := "district", district
	switch {
	case district == "":
		what, text = "province", province
		exact, near = d.Province(province)
	case province == "":
		exact, near = d.Find(district)
	default:
		provinces, close := d.Province(province)
		if len(provinces) == 0 {
			return unknown("province", province, close)
		}
		exact, near = d.In(province, district)
	}
	switch len(exact) {
	case 1:
		e.Place = exact[0]
		return ""
	case 0:
		return unknown(what, text, near)
	}
	return fmt.Sprintf("%s %q is the name of several: %s; give the province, or the code", what, text, list(exact))
}

func unknown(what, text string, near []places.Place) string {
	s := fmt.Sprintf("there is no %s %q", what, text)
	if len(near) > 0 {
		s += "; the nearest: " + list(near)
	}
	return s
}

func list(all []places.Place) string {
	var out []string
	for _, p := range all {
		out = append(out, p.Code()+" "+p.Label("en"))
	}
	return strings.Join(out, ", ")
}

func heading(rows [][]string) (map[string]int, error) {
	if len(rows) == 0 {
		return nil, errors.New("the roster is empty")
	}
	head := map[string]int{}
	for i, cell := range rows[0] {
		cell = strings.ToLower(strings.TrimSpace(cell))
		for column, words := range columns {
			if _, taken := head[column]; !taken && slices.Contains(words, cell) {
				head[column] = i
			}
		}
	}
	_, district := head["district"]
	_, province := head["province"]
	if !district && !province {
		return nil, errors.New("the first row has to name the columns, among them district or province (and role, name, organisation, contact)")
	}
	return head, nil
}

func table(name string, data []byte) ([][]string, error) {
	if len(data) > maxBytes {
		return nil, fmt.Errorf("the roster has more than %d MB", maxBytes>>20)
	}
	var rows [][]string
	var err error
	switch strings.ToLower(path.Ext(name)) {
	case ".xlsx":
		rows, err = workbook(data)
	case ".csv", ".txt":
		rows, err = commas(data)
	default:
		return nil, errors.New("a roster is a .csv or an .xlsx file")
	}
	if err == nil && len(rows) > maxRows {
		err = fmt.Errorf("the roster has more than %d rows", maxRows)
	}
	return rows, err
}

func workbook(data []byte) ([][]string, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: false, UnzipSizeLimit: 8 * maxBytes, UnzipXMLSizeLimit: 8 * maxBytes})
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
func commas(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	first, _, _ := bytes.Cut(data, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	var rows [][]string
	for len(rows) <= maxRows {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the roster: %w", err)
		}
		// blank lines are skipped by the reader: keep the numbers of lines
		for line, _ := r.FieldPos(0); len(rows) < line-1 && len(rows) <= maxRows; {
			rows = append(rows, nil)
		}
		rows = append(rows, row)
	}
	return rows, nil
}
