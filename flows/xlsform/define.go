package xlsform

import (
	"fmt"
	"slices"
	"strings"

	"example.org/fieldbot/flows"
)

// define makes a Definition of a book. What is wrong with the file goes into
// Found; only a file without a survey is an error by itself.
func define(name string, b *book, files map[string][]byte) (*flows.Definition, error) {
	d := &flows.Definition{Name: name, Sheets: map[string]*flows.Sheet{}, Files: files, Found: b.found}
	tables := map[string]*table{}
	var order []string
	for _, t := range b.tables {
		key := snake(oneLine(t.name))
		if first := tables[key]; first != nil {
			if len(t.rows) == 0 {
				continue
			}
			if len(first.rows) > 0 {
				d.Found = append(d.Found, flows.Problem{
					Severity: flows.Error, Sheet: t.name,
					Message: fmt.Sprintf("there are two sheets called %q", key),
					Hint:    "rename or remove one of them",
				})
				continue
			}
			tables[key] = t
			continue
		}
		tables[key] = t
		order = append(order, key)
	}
	misnamed(d, tables, order)
	if tables["survey"] == nil {
		sole := soleSheet(d, tables, order)
		if sole == nil {
			return nil, noSurvey(order)
		}
		order = sole
	}
	def := definer{d: d, clean: true, lines: b.lines}
	if t := tables["settings"]; t != nil {
		def.clean = !uncleaned(t)
	}
	for _, key := range order {
		s, err := def.sheet(key, tables[key])
		if err != nil {
			return nil, err
		}
		d.Sheets[key] = s
	}
	return d, nil
}

// misnamed warns of sheets whose name is nearly one with a meaning.
func misnamed(d *flows.Definition, tables map[string]*table, order []string) {
	for _, key := range order {
		if known()[key] != nil || strings.HasPrefix(key, "_") {
			continue
		}
		for _, want := range sheetNames[1:] {
			if tables[want] == nil && near(key, want) {
				d.Found = append(d.Found, flows.Problem{
					Severity: flows.Warning, Sheet: tables[key].name,
					Message: "this sheet has no meaning and is not read",
					Hint:    fmt.Sprintf("rename it if you meant %q", want),
				})
			}
		}
	}
}

// soleSheet takes the only sheet of a file for the survey, whatever its name,
// as the standard does, if it has the columns of one.
func soleSheet(d *flows.Definition, tables map[string]*table, order []string) []string {
	if len(order) != 1 || known()[order[0]] != nil {
		return nil
	}
	t := tables[order[0]]
	if len(t.rows) == 0 || !slices.ContainsFunc(t.rows[0].cells, func(h string) bool { return readHeader("survey", oneLine(h), false).key == "type" }) {
		return nil
	}
	d.Found = append(d.Found, flows.Problem{
		Severity: flows.Warning, Sheet: t.name,
		Message: "the file has only this sheet, so it is taken for the survey", Hint: "call it survey",
	})
	tables["survey"] = t
	return []string{"survey"}
}

func noSurvey(names []string) flows.Problems {
	p := flows.Problem{
		Severity: flows.Error, Message: "the file has no sheet called survey",
		Hint: "call the sheet with the questions survey",
	}
	for _, n := range names {
		if near(n, "survey") || strings.Contains(n, "survey") || strings.Contains(n, "question") {
			p.Hint = fmt.Sprintf("did you mean the sheet %q? Call it survey", utf8Prefix(n, 60))
			break
		}
	}
	return flows.Problems{p}
}

// uncleaned looks for clean_text_values=no before anything is cleaned.
func uncleaned(t *table) bool {
	if len(t.rows) < 2 {
		return false
	}
	for i, h := range t.rows[0].cells {
		if snake(oneLine(h)) == "clean_text_values" && i < len(t.rows[1].cells) {
			return no(strings.TrimSpace(t.rows[1].cells[i]))
		}
	}
	return false
}

// A definer carries what all sheets share.
type definer struct {
	d     *flows.Definition
	clean bool // texts too, not only code
	lines bool // rows are numbered by the lines of a text
	slots int  // cells of all sheets, blank ones included
}

// cleaner says what cleaning a column gets.
type cleaner func(string) string

func (x *definer) sheet(key string, t *table) (*flows.Sheet, error) {
	s := &flows.Sheet{Name: t.name}
	if len(t.rows) == 0 {
		return s, nil
	}
	standard := known()[key] != nil
	head, body := t.rows[0], t.rows[1:]
	near := head
	if standard && !x.lines {
		near = x.nearColumns(s, head)
	}
	width := len(near.cells)
	for _, r := range body {
		if len(near.cells) == len(head.cells) {
			width = max(width, len(r.cells))
		}
	}
	head = near
	used := make([]bool, width)
	for _, r := range body {
		for i, c := range r.cells[:min(len(r.cells), width)] {
			used[i] = used[i] || c != ""
		}
	}
	from, cleaners := x.columns(s, key, head, used)
	x.nameColumns(s)
	if standard {
		x.checkHeaders(s, key, head.number)
	}
	if x.slots += len(body) * len(from); x.slots > maxSlots {
		return nil, asProblems(errTooLarge)
	}
	rows := make([]flows.Row, 0, len(body))
	arena := make([]string, len(body)*len(from))
	last := head.number
	for k, r := range body {
		cells := arena[:len(from):len(from)]
		arena = arena[len(from):]
		filled := false
		for j, i := range from {
			if i < len(r.cells) {
				cells[j] = cleaners[j](r.cells[i])
				filled = filled || cells[j] != ""
			}
		}
		if filled {
			if standard && !x.lines && r.number > last+maxBlankRows+1 {
				x.d.Found = append(x.d.Found, flows.Problem{
					Severity: flows.Warning, Sheet: s.Name, Row: r.number,
					Message: fmt.Sprintf("%d blank rows come before this one, so it and those below are not read", r.number-last-1),
					Hint:    "delete the blank rows if they belong to the form",
				})
				break
			}
			last = r.number
			row := flows.Row{Number: r.number, Cells: cells}
			if x.lines {
				row.Place = k + 2
			}
			rows = append(rows, row)
		}
	}
	s.Rows = x.drop(s, key, rows)
	return s, nil
}

// The standard's compiler takes a sheet of a workbook for ended behind so many
// blank rows, and its header behind so many blank columns.
const (
	maxBlankRows    = 60
	maxBlankColumns = 20
)

// nearColumns cuts a header where it is taken for ended.
func (x *definer) nearColumns(s *flows.Sheet, head line) line {
	blank := 0
	for i, h := range head.cells {
		if strings.TrimSpace(h) == "" {
			blank++
			continue
		}
		if blank > maxBlankColumns {
			x.d.Found = append(x.d.Found, flows.Problem{
				Severity: flows.Warning, Sheet: s.Name, Row: head.number, Column: oneLine(h),
				Message: fmt.Sprintf("%d blank columns come before this one, so it and those behind it are not read", blank),
				Hint:    "delete the blank columns if they belong to the form",
			})
			head.cells = head.cells[:i]
			break
		}
		blank = 0
	}
	return head
}

// columns fills s.Columns. It returns where each column stands in the table
// and how its cells are cleaned.
func (x *definer) columns(s *flows.Sheet, key string, head line, used []bool) (from []int, cleaners []cleaner) {
	cells := make([]string, len(used))
	double := false
	for i := range used {
		if i < len(head.cells) {
			cells[i] = oneLine(head.cells[i])
			double = double || strings.Contains(cells[i], "::")
		}
	}
	for i, h := range cells {
		if h == "" && !used[i] {
			continue
		}
		c := flows.Column{Header: h, Index: i}
		clean := cleaner(cleanEnds)
		if h != "" {
			head := readHeader(key, h, double)
			c.Key, c.Language = head.key, head.language
			switch {
			case head.std != nil && !head.std.Text:
				clean = cleanCode
			case x.clean:
				clean = cleanText
			}
		} else if x.clean {
			clean = cleanText
		}
		s.Columns = append(s.Columns, c)
		from = append(from, i)
		cleaners = append(cleaners, clean)
	}
	if key == "settings" {
		freeTitle(s)
		x.oneID(s, head.number)
	}
	return from, cleaners
}

// nameColumns gives problems of cells the header instead of the letters of
// their column.
func (x *definer) nameColumns(s *flows.Sheet) {
	for i, p := range x.d.Found {
		if p.Sheet != s.Name || p.Row == 0 {
			continue
		}
		for _, c := range s.Columns {
			if c.Header != "" && p.Column == columnName(c.Index) {
				x.d.Found[i].Column = c.Header
				break
			}
		}
	}
}

// drop takes out comments and disabled rows.
func (x *definer) drop(s *flows.Sheet, key string, rows []flows.Row) []flows.Row {
	var must []string
	switch key {
	case "survey":
		must = []string{"type", "name", "label"}
	case "choices", "external_choices":
		must = []string{"list_name", "name"}
	default:
		return rows
	}
	isMust := make([]bool, len(s.Columns))
	disabled, first := -1, -1
	for i, c := range s.Columns {
		if c.Key == must[0] {
			first = i
		}
		for _, k := range must {
			isMust[i] = isMust[i] || c.Key == k
		}
		if key == "survey" && c.Key == "disabled" {
			disabled = i
		}
	}
	kept, comments := rows[:0], 0
	for _, r := range rows {
		real := false
		for i, v := range r.Cells {
			real = real || isMust[i] && v != ""
		}
		why := "it has no " + strings.Join(must, ", no ")
		if first >= 0 && strings.HasPrefix(r.Cells[first], "#") {
			real, why = false, "it begins with #"
		}
		if !real {
			if comments++; comments <= maxCommentWarnings {
				x.d.Found = append(x.d.Found, flows.Problem{
					Severity: flows.Warning, Sheet: s.Name, Row: r.Number,
					Message: "this row is taken for a comment: " + why,
				})
			}
			continue
		}
		if disabled >= 0 && yes(r.Cells[disabled]) {
			continue
		}
		if disabled >= 0 && r.Cells[disabled] != "" && !no(r.Cells[disabled]) {
			x.d.Found = append(x.d.Found, flows.Problem{
				Severity: flows.Warning, Sheet: s.Name, Row: r.Number, Column: s.Columns[disabled].Header,
				Message: fmt.Sprintf("the row counts: %q is not yes", utf8Prefix(r.Cells[disabled], 60)), Hint: "write yes to leave it out",
			})
		}
		kept = append(kept, r)
	}
	return kept
}

const maxCommentWarnings = 20

func yes(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "true()":
		return true
	}
	return false
}

func no(s string) bool {
	switch strings.ToLower(s) {
	case "no", "false", "false()", "0":
		return true
	}
	return false
}

// near reports whether two words differ by a slip or two.
func near(a, b string) bool {
	limit := 2
	if len(b) < 6 {
		limit = 1
	}
	return a != b && distance(a, b) <= limit
}

// distance is the number of letters to change, add, drop or swap.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 || len(a)-len(b) > 3 || len(b)-len(a) > 3 {
		return 40
	}
	two, one, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(one[j]+cost, one[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], two[j-1]+1)
			}
		}
		two, one, row = one, row, two
	}
	return one[len(b)]
}
