package xlsform

import (
	"fmt"
	"strconv"
	"strings"

	"example.org/fieldbot/flows"
)

// freeTitle lets a settings sheet with both form_title and title keep title,
// which then names the question that holds a title.
func freeTitle(s *flows.Sheet) {
	both := false
	for _, c := range s.Columns {
		both = both || snake(c.Header) == "form_title"
	}
	for i, c := range s.Columns {
		if both && snake(c.Header) == "title" {
			s.Columns[i].Key = "title"
		}
	}
}

// oneID lets settings have both form_id and id_string, its name of old: the
// standard takes the first.
func (x *definer) oneID(s *flows.Sheet, row int) {
	id, old := -1, -1
	for i, c := range s.Columns {
		switch {
		case c.Key == "form_id" && snake(c.Header) == "id_string":
			old = i
		case c.Key == "form_id":
			id = i
		}
	}
	if id >= 0 && old >= 0 {
		s.Columns[old].Key = "id_string"
		x.d.Found = append(x.d.Found, flows.Problem{
			Severity: flows.Warning, Sheet: s.Name, Row: row, Column: s.Columns[old].Header,
			Message: fmt.Sprintf("%s says the same and is what counts", s.Columns[id].Header), Hint: "remove one of them",
		})
	}
}

// checkHeaders reports headers that mean the same, and warns of slips.
func (x *definer) checkHeaders(s *flows.Sheet, key string, row int) {
	first := map[[2]string]string{}
	have := map[string]bool{}
	for _, c := range s.Columns {
		if c.Header == "" {
			continue
		}
		have[c.Key] = true
		id := [2]string{c.Key, c.Language}
		if h, ok := first[id]; ok {
			message := fmt.Sprintf("the headers %q and %q mean the same column", h, c.Header)
			if h == c.Header {
				message = fmt.Sprintf("the header %q stands there twice", h)
			}
			x.d.Found = append(x.d.Found, flows.Problem{
				Severity: flows.Error, Sheet: s.Name, Row: row, Column: c.Header,
				Message: message, Hint: "rename or remove one of them",
			})
			continue
		}
		first[id] = c.Header
	}
	var unknown []string
	for _, c := range s.Columns {
		if c.Header == "" {
			x.d.Found = append(x.d.Found, flows.Problem{
				Severity: flows.Warning, Sheet: s.Name, Row: row,
				Message: fmt.Sprintf("column %s has cells but no header; it is not read", columnName(c.Index)),
			})
			continue
		}
		if hint := slip(key, c, have); hint != "" {
			x.d.Found = append(x.d.Found, flows.Problem{
				Severity: flows.Warning, Sheet: s.Name, Row: row, Column: c.Header,
				Message: "this column has no meaning and is not read", Hint: hint,
			})
		} else if known()[key][c.Key] == nil {
			unknown = append(unknown, strconv.Quote(utf8Prefix(c.Header, 40)))
		}
	}
	if len(unknown) == 0 || freeColumns[key] {
		return
	}
	message := "this column has no meaning here and is only kept: " + unknown[0]
	if n := len(unknown); n > 1 {
		rest := ""
		if n > maxNamedColumns {
			unknown, rest = unknown[:maxNamedColumns], fmt.Sprintf(" and %d more", n-maxNamedColumns)
		}
		message = "these columns have no meaning here and are only kept: " + strings.Join(unknown, ", ") + rest
	}
	x.d.Found = append(x.d.Found, flows.Problem{Severity: flows.Warning, Sheet: s.Name, Row: row, Message: message})
}

// maxNamedColumns is how many unknown columns a warning names.
const maxNamedColumns = 8

// freeColumns are the sheets whose further columns an expression may name.
var freeColumns = map[string]bool{"choices": true, "external_choices": true, "osm": true}

// slip suggests the standard column that an unknown header may stand for.
func slip(sheet string, c flows.Column, have map[string]bool) string {
	std := known()[sheet]
	if std[c.Key] != nil {
		return ""
	}
	if !strings.Contains(c.Header, "::") && strings.Contains(c.Header, ":") {
		if h := readHeader(sheet, c.Header, false); h.std != nil {
			return fmt.Sprintf("write %q: the other headers use :: as well", strings.ReplaceAll(c.Header, ":", "::"))
		}
	}
	best, bestD := "", 3
	for _, k := range Columns() {
		if k.Sheet != sheet || have[k.Key] || len(k.Key) < 4 {
			continue
		}
		if d := distance(snake(c.Key), k.Key); d < bestD && (d == 1 || len(k.Key) > 6) {
			best, bestD = k.Key, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}
