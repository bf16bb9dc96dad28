package export

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows"
)

// A cellKind says what the text of a cell stands for.
type cellKind uint8

const (
	textCell   cellKind = iota
	looseCell           // a calculation: a number if it looks like one
	numberCell          // integer, decimal, range
	dateCell
	timeCell
	dateTimeCell
	flagCell  // 0 or 1
	pointCell // a place
	traceCell // a line of places
	shapeCell // an area
)

func kindOf(t *flows.Type) cellKind {
	switch t.Bind {
	case "int", "decimal":
		return numberCell
	case "date":
		return dateCell
	case "time":
		return timeCell
	case "dateTime":
		return dateTimeCell
	case "geopoint":
		return pointCell
	case "geotrace":
		return traceCell
	case "geoshape":
		return shapeCell
	}
	if t.Name == "calculate" || t.Name == "hidden" {
		return looseCell
	}
	return textCell
}

// metaColumns stand behind the questions of a submission.
var metaColumns = []string{
	"_id", "_uuid", "_submission_time", "_version", "_language", "_reference",
	"_instance_name", "_start", "_end", "_person", "_enumerator", "_link", "_form_hash", "_index",
}

// repeatColumns stand behind the questions of a repeat.
var repeatColumns = []string{
	"_index", "_parent_table_name", "_parent_index",
	"_submission__id", "_submission__uuid", "_submission__submission_time",
}

// A cell is what a file gets to write.
type cell struct {
	text string
	kind cellKind
}

// A sink takes the finished rows of a table. It must not keep cells.
type sink func(t *table, cells []cell) error

// A flattener makes rows of tables of submissions.
type flattener struct {
	l     *layout
	out   sink
	index []int    // rows of each table so far
	rows  [][]cell // by depth, used again and again
	row   *Row
}

func (l *layout) flattener(out sink) *flattener {
	return &flattener{l: l, out: out, index: make([]int, len(l.tables))}
}

// plan finds the version that a submission was given to.
func (l *layout) plan(r *Row) (*plan, error) {
	if r == nil || r.Submission == nil {
		return nil, errors.New("a row without a submission")
	}
	p := l.byHash[r.Hash]
	if p == nil && len(l.byHash) == 1 && r.Hash == "" {
		p = l.byHash[l.forms[0].Hash]
	}
	if p == nil {
		return nil, fmt.Errorf("submission %s was given to a version of the form that is not at hand (%s)", r.ID, r.Hash)
	}
	return p, nil
}

// submission sends a submission's row, then those of its repeats.
func (f *flattener) submission(r *Row) error {
	p, err := f.l.plan(r)
	if err != nil {
		return err
	}
	f.row = r
	return f.record(p.root.table, p.root, r.Data, 0, 0)
}

// record sends the row of one record of a table. A row goes out before those
// of the repeats inside it, so that their parents stand before them.
func (f *flattener) record(t *table, p *planNode, data flows.Record, parent, depth int) error {
	f.index[t.index]++
	self := f.index[t.index]
	for len(f.rows) <= depth {
		f.rows = append(f.rows, nil)
	}
	cells := f.rows[depth][:0]
	for range t.width {
		cells = append(cells, cell{})
	}
	if err := f.fill(cells, p, data); err != nil {
		return err
	}
	cells = f.meta(cells, t, self, parent)
	f.rows[depth] = cells
	if err := f.out(t, cells); err != nil {
		return err
	}
	return f.repeats(p, data, self, depth+1)
}

// fill writes the answers of a record and of the groups in it.
func (f *flattener) fill(cells []cell, p *planNode, data flows.Record) error {
	last := 0
	for i := range data {
		d := &data[i]
		q := p.find(d.Name, &last)
		if q == nil || q.node.Kind != d.Kind {
			return fmt.Errorf("submission %s has %s, which its version of the form has not", f.row.ID, d.Name)
		}
		switch d.Kind {
		case flows.QuestionNode:
			if q.column != nil && d.Text != "" {
				f.answer(cells, q, d.Text)
			}
		case flows.GroupNode:
			for _, k := range d.Records {
				if err := f.fill(cells, q, k); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (f *flattener) repeats(p *planNode, data flows.Record, parent, depth int) error {
	last := 0
	for i := range data {
		d := &data[i]
		if d.Kind == flows.QuestionNode {
			continue
		}
		q := p.find(d.Name, &last)
		for _, k := range d.Records {
			var err error
			if d.Kind == flows.RepeatNode {
				err = f.record(q.table, q, k, parent, depth)
			} else {
				err = f.repeats(q, k, parent, depth)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// answer writes a value and what it is split into, as the version has it that it
// was given to: an answer in words is not split by the choices of another version.
func (f *flattener) answer(cells []cell, q *planNode, text string) {
	c := q.column
	cells[c.at] = cell{q.shown(text), q.kind}
	if q.labels != nil {
		cells[c.at].kind = textCell
	}
	if c.points && q.kind == pointCell {
		for i, part := range strings.Fields(text) {
			if i < len(pointParts) {
				cells[c.at+1+i] = cell{part, numberCell}
			}
		}
	}
	if len(c.names) > 0 && q.node.List != nil {
		flags := cells[c.at+c.choices():][:len(c.names)]
		for i := range flags {
			flags[i] = cell{"0", flagCell}
		}
		for name := range strings.FieldsSeq(text) {
			if i, ok := c.split[name]; ok {
				flags[i] = cell{"1", flagCell}
			}
		}
	}
}

// shown is the text of a value: names, or their labels if these are wanted.
func (p *planNode) shown(text string) string {
	if p.labels == nil {
		return text
	}
	if !p.node.Type.Multiple() {
		if s := p.labels[text]; s != "" {
			return s
		}
		return text
	}
	names := strings.Fields(text)
	for i, name := range names {
		if s := p.labels[name]; s != "" {
			names[i] = s
		}
	}
	return strings.Join(names, "; ")
}

func (f *flattener) meta(cells []cell, t *table, self, parent int) []cell {
	r := f.row
	text := func(s string) { cells = append(cells, cell{text: s}) }
	number := func(n int64) {
		c := cell{kind: numberCell}
		if n != 0 {
			c.text = strconv.FormatInt(n, 10)
		}
		cells = append(cells, c)
	}
	moment := func(at time.Time) { cells = append(cells, cell{f.l.moment(at), dateTimeCell}) }
	if t.parent != nil {
		number(int64(self))
		text(t.parent.name)
		number(int64(parent))
		number(r.Number)
		text(r.ID)
		moment(r.Received)
		return cells
	}
	number(r.Number)
	text(r.ID)
	moment(r.Received)
	text(r.Version)
	text(r.Language)
	text(r.Reference)
	text(r.InstanceName)
	moment(r.Started)
	moment(r.Finished)
	text(r.Person)
	text(r.Enumerator)
	text(r.Link)
	text(r.Hash)
	number(int64(self))
	return cells
}

// moment writes a time as ISO 8601 with its offset; "" if it is not known.
func (l *layout) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(l.o.zone()).Format("2006-01-02T15:04:05.000-07:00")
}

// isNumber reports whether s is a plain decimal number: an optional minus,
// digits, perhaps a point and digits.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, fraction, point := strings.Cut(s, ".")
	return digits(whole) && (!point || digits(fraction))
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
