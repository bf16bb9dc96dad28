package flows

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"example.org/fieldbot/flows/xpath"
)

// files makes a secondary instance of every attached table.
func (c *compiler) files() {
	c.form.documents = map[string]xpath.Node{}
	for _, name := range sortedKeys(c.def.Files) {
		data := c.def.Files[name]
		stem := strings.TrimSuffix(name, path.Ext(name))
		var err error
		switch strings.ToLower(path.Ext(name)) {
		case ".csv":
			var t *table
			if t, err = readCSV(stem, data); err == nil {
				c.form.tables[stem] = t
			}
		case ".geojson":
			var t *table
			if t, err = readGeoJSON(stem, data); err == nil {
				c.form.tables[stem] = t
			}
		case ".xml":
			var doc xpath.Node
			if doc, err = xpath.ParseXML(bytes.NewReader(data)); err == nil {
				c.form.documents[stem] = doc
				if t := tableOfXML(stem, doc); t != nil {
					c.form.tables[stem] = t
				}
			}
		}
		if err != nil {
			c.problems = append(c.problems, Problem{Severity: Error, Sheet: name, Message: err.Error(), Hint: "mend the file and attach it again"})
		}
	}
}

// readCSV reads a table with a heading row. The separator is a comma, or the
// semicolon of spreadsheets in comma-decimal countries.
func readCSV(id string, data []byte) (*table, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		r.Comma = ';'
	}
	columns, err := r.Read()
	if err != nil {
		return nil, errors.New("the file has no heading row")
	}
	last := columns[len(columns)-1]
	line, _ := r.FieldPos(len(columns) - 1) // on which the last cell begins
	for i := range columns {
		columns[i] = strings.TrimSpace(columns[i])
	}
	var rows [][]string
	for {
		row, err := r.Read()
		if err == io.EOF {
			if unclosed(data, last) {
				return nil, fmt.Errorf("line %d: a quote is opened and never closed, so all lines behind it are one cell", line)
			}
			return newTable(id, columns, rows), nil
		}
		if err != nil {
			return nil, err
		}
		if len(rows) >= MaxChoices {
			return nil, fmt.Errorf("the file has more than %d rows", MaxChoices)
		}
		rows = append(rows, row)
		last = row[len(row)-1]
		line, _ = r.FieldPos(len(row) - 1)
	}
}

// unclosed reports whether the last cell of a file goes on to its end for want of
// a quote.
func unclosed(data []byte, last string) bool {
	return strings.Contains(last, "\n") && !bytes.HasSuffix(bytes.TrimRight(data, " \t\r\n"), []byte{'"'})
}

// readGeoJSON reads the features of a collection: id, geometry and the properties
// (https://docs.getodk.org/form-datasets/#building-selects-from-geojson-files).
func readGeoJSON(id string, data []byte) (*table, error) {
	var doc struct {
		Features []struct {
			ID       any
			Geometry struct {
				Type        string
				Coordinates json.RawMessage
			}
			Properties map[string]any
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("not GeoJSON: %w", err)
	}
	seen := map[string]bool{}
	for _, f := range doc.Features {
		for k := range f.Properties {
			seen[k] = true
		}
	}
	columns := append([]string{"id", "geometry"}, sortedKeys(seen)...)
	var rows [][]string
	for _, f := range doc.Features {
		row := make([]string, len(columns))
		if f.ID != nil {
			row[0] = plainJSON(f.ID)
		}
		row[1] = geometry(f.Geometry.Coordinates)
		for i, k := range columns[2:] {
			if v, ok := f.Properties[k]; ok {
				if k == "id" && row[0] == "" {
					row[0] = plainJSON(v)
				}
				row[i+2] = plainJSON(v)
			}
		}
		rows = append(rows, row)
	}
	return newTable(id, columns, rows), nil
}

func plainJSON(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return xpath.FormatNumber(v)
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// geometry writes coordinates as XForms does: "lat lon alt acc", points joined by ";".
func geometry(raw json.RawMessage) string {
	var point []float64
	if json.Unmarshal(raw, &point) == nil && len(point) >= 2 {
		return xpath.FormatNumber(point[1]) + " " + xpath.FormatNumber(point[0]) + " 0 0"
	}
	var deeper []json.RawMessage
	if json.Unmarshal(raw, &deeper) != nil {
		return ""
	}
	var parts []string
	for _, d := range deeper {
		if g := geometry(d); g != "" {
			parts = append(parts, g)
		}
	}
	return strings.Join(parts, "; ")
}

// tableOfXML reads root/item/column as a table; nil if the document has another shape.
func tableOfXML(id string, doc xpath.Node) *table {
	var rows [][]string
	var columns []string
	at := map[string]int{}
	for _, root := range doc.Children() {
		for _, item := range root.Children() {
			if item.Kind() != xpath.ElementNode || item.Name() != "item" {
				continue
			}
			row := make([]string, len(columns))
			for _, cell := range item.Children() {
				if cell.Kind() != xpath.ElementNode {
					continue
				}
				i, ok := at[cell.Name()]
				if !ok {
					i = len(columns)
					at[cell.Name()] = i
					columns = append(columns, cell.Name())
				}
				for len(row) <= i {
					row = append(row, "")
				}
				row[i] = strings.TrimSpace(cell.Text())
			}
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return newTable(id, columns, rows)
}

// listFromFile makes a choice list of an attached table.
func (c *compiler) listFromFile(t *table, value, label string) *List {
	f := c.form
	l := &List{Name: t.id, byName: map[string]int{}, Columns: t.columns}
	val, ok := t.column[value]
	if !ok {
		return nil
	}
	labels := make([]int, len(f.Languages)) // column of each language
	for i, lang := range f.Languages {
		labels[i] = -1
		for k, col := range t.columns {
			key, name, split := strings.Cut(col, "::")
			if strings.TrimSpace(key) == label && (split && (strings.TrimSpace(name) == lang.Name || (lang.Code != "" && strings.EqualFold(languageCode(name), lang.Code)))) {
				labels[i] = k
			}
		}
		if k, ok := t.column[label]; ok && labels[i] < 0 {
			labels[i] = k
		}
	}
	for r := range t.rows {
		d := ChoiceDef{Name: t.cell(r, val, 0), Row: r + 2, attrs: t.rows[r], Label: Text{def: f.Default, parts: make([]*template, len(f.Languages))}}
		var shared *template
		last := -1
		for i, k := range labels {
			if k < 0 {
				continue
			}
			if k != last {
				shared, last = &template{raw: t.cell(r, k, 0)}, k
			}
			d.Label.parts[i] = shared
		}
		if _, twice := l.byName[d.Name]; !twice {
			l.byName[d.Name] = len(l.Choices)
		}
		l.Choices = append(l.Choices, d)
	}
	l.Labels = true
	return l
}
