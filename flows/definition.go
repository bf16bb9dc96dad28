package flows

import (
	"cmp"
	"strconv"
	"strings"
)

// A Definition is a form as its author wrote it: the sheets of a workbook with
// headers brought to their standard spelling, every cell with its place. It is
// not yet known to make sense; Compile finds out.
type Definition struct {
	Name   string            // file name without folder and ending; the form_id if settings has none
	Sheets map[string]*Sheet // by standard lower-case name: survey, choices, settings, external_choices, entities, quotas, indicators, alerts, calendar, report
	Files  map[string][]byte // attached files (csv, xml, geojson) by file name
	Found  Problems          // what reading already found; Compile adds to it
}

// Sheet returns the sheet of this name, an empty one if there is none.
func (d *Definition) Sheet(name string) *Sheet {
	if s := d.Sheets[name]; s != nil {
		return s
	}
	return &Sheet{Name: name}
}

// A Sheet is a table of a workbook: rows of cells under columns.
type Sheet struct {
	Name    string // as the author wrote it, for problems
	Columns []Column
	Rows    []Row // without blank rows, comments and disabled rows
}

// A Column is a header. Key is its standard name in lower case, whatever alias
// the author used: "relevant", "constraint_message", "label", "media::image".
// An unknown header keeps its own normalised spelling as Key. Language is what
// stands after the separator, spelled as it is, as "English (en)"; "" if nothing does.
type Column struct {
	Key      string
	Language string
	Header   string // as written
	Index    int    // 0 is column A
}

// A Row is a row of a sheet. Cells lines up with the sheet's Columns; a
// missing cell is "".
type Row struct {
	Number int // 1-based, as the spreadsheet or the lines of a text file number it
	Place  int // 1-based, where it would stand in a spreadsheet: generated names carry it; 0 if it is Number
	Cells  []string
}

// place is the number for the names of what a row makes.
func (r Row) place() string { return strconv.Itoa(cmp.Or(r.Place, r.Number)) }

// Column returns the index into Columns of the column with this key and no
// language, or -1.
func (s *Sheet) Column(key string) int {
	for i, c := range s.Columns {
		if c.Key == key && c.Language == "" {
			return i
		}
	}
	return -1
}

// Get returns the cell of a row under a column without language, "" if there is none.
func (s *Sheet) Get(r Row, key string) string {
	if i := s.Column(key); i >= 0 && i < len(r.Cells) {
		return r.Cells[i]
	}
	return ""
}

// Header returns the header of a column as the author wrote it, or key if the
// sheet has no such column.
func (s *Sheet) Header(key string) string {
	for _, c := range s.Columns {
		if c.Key == key {
			return c.Header
		}
	}
	return key
}

// Add appends a row, given as values by key or "key::language", making columns
// as they are needed. It is for programs that write a definition.
func (s *Sheet) Add(cells ...string) {
	r := Row{Number: len(s.Rows) + 2}
	for i := 0; i+1 < len(cells); i += 2 {
		key, lang, _ := strings.Cut(cells[i], "::")
		j := -1
		for k, c := range s.Columns {
			if c.Key == key && c.Language == lang {
				j = k
			}
		}
		if j < 0 {
			j = len(s.Columns)
			s.Columns = append(s.Columns, Column{Key: key, Language: lang, Header: cells[i], Index: j})
		}
		for len(r.Cells) <= j {
			r.Cells = append(r.Cells, "")
		}
		r.Cells[j] = cells[i+1]
	}
	s.Rows = append(s.Rows, r)
}
