package tables

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// The columns of a matrix that are not the form's.
const (
	ColumnID       = "comment_id"
	ColumnResponse = "response"
	ColumnTaken    = "taken_up"
)

// MaxResponse is how many letters a response may have.
const MaxResponse = 10_000

// Matrix makes the table of comments: whose, what, the response, whether taken
// up. word writes the latter; labels are in a language.
func Matrix(f *flows.Form, all []Comment, lang int, word func(Taken) string) [][]string {
	around, inside := Questions(f)
	head := []string{ColumnID}
	for _, n := range slices.Concat(around, inside) {
		head = append(head, n.Name)
	}
	rows := [][]string{append(head, ColumnResponse, ColumnTaken)}
	for i := range all {
		c := &all[i]
		row := []string{c.ID()}
		for _, n := range around {
			row = append(row, Shown(n, c.Answer(n, false), lang))
		}
		for _, n := range inside {
			row = append(row, Shown(n, c.Answer(n, true), lang))
		}
		taken := ""
		if c.Taken != Open {
			taken = word(c.Taken)
		}
		rows = append(rows, append(row, c.Text, taken))
	}
	return rows
}

// IsMatrix reports whether a table that somebody sends is a matrix.
func IsMatrix(rows [][]string) bool {
	return len(rows) > 0 && slices.Contains(rows[0], ColumnID) &&
		(slices.Contains(rows[0], ColumnResponse) || slices.Contains(rows[0], ColumnTaken))
}

// A Remark is about a cell of a table. Key and Args are those of a sentence in
// package locales; Args has the Cell, as "C5".
type Remark struct {
	Key  string
	Args locales.Args
}

// An Import is a matrix that was filled in, to be stored.
type Import struct {
	Store interface {
		Get(ctx context.Context, idOrReference string) (storage.Submission, error)
		Steps(ctx context.Context, submissions ...string) ([]storage.Step, error)
		AddStep(ctx context.Context, s storage.Step) (bool, error)
	}
	Form  func(ctx context.Context, id string) (*flows.Form, error) // as published now; nil if there is no such form
	Words func(Taken) []string                                      // how a cell may spell it, beside its own value
	By    string                                                    // pseudonym, or "command line"
	At    time.Time

	Problems  []Remark // what has to be mended first; then nothing was stored
	Remarks   []Remark // what was left as it was
	Stored    int      // responses that are new
	Unchanged int      // responses that were stored before

	rows       [][]string
	id         int // columns
	text       int
	taken      int
	seen       map[string]int // row of a comment, from 1
	found      []storage.Step
	submission map[string]*submitted
}

type submitted struct {
	form     *flows.Form
	gone     bool // withdrawn
	comments []Comment
}

// Run checks all cells, and stores the responses if there are no Problems.
func (m *Import) Run(ctx context.Context, rows [][]string) error {
	m.rows, m.seen, m.submission = rows, map[string]int{}, map[string]*submitted{}
	if !m.header() {
		return nil
	}
	for i := range rows[1:] {
		if err := m.row(ctx, i+1); err != nil {
			return err
		}
	}
	if len(m.Problems) > 0 {
		return nil
	}
	for _, step := range m.found {
		if _, err := m.Store.AddStep(ctx, step); err != nil {
			return fmt.Errorf("store response: %w", err)
		}
		m.Stored++
	}
	return nil
}

func (m *Import) remark(to *[]Remark, row, column int, key string, args locales.Args) {
	cell, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		cell = strconv.Itoa(row + 1)
	}
	if args == nil {
		args = locales.Args{}
	}
	args["Cell"] = cell
	*to = append(*to, Remark{"matrix." + key, args})
}

// header finds the columns.
func (m *Import) header() bool {
	at := map[string]int{}
	if len(m.rows) > 0 {
		for i, h := range m.rows[0] {
			h = strings.TrimSpace(h)
			if _, twice := at[h]; twice && h != "" {
				m.remark(&m.Problems, 0, i, "column_twice", locales.Args{"Value": h})
				continue
			}
			at[h] = i
		}
	}
	for name, column := range map[string]*int{ColumnID: &m.id, ColumnResponse: &m.text, ColumnTaken: &m.taken} {
		i, ok := at[name]
		if *column = i; !ok {
			m.Problems = []Remark{{"matrix.no_columns", locales.Args{"Columns": strings.Join([]string{ColumnID, ColumnResponse, ColumnTaken}, ", ")}}}
			return false
		}
	}
	return len(m.Problems) == 0
}

// cell is what a cell says, without what keeps a spreadsheet from taking it for
// a formula.
func (m *Import) cell(row, column int) string {
	if column >= len(m.rows[row]) {
		return ""
	}
	s := strings.TrimSpace(m.rows[row][column])
	if t := strings.TrimPrefix(s, "'"); t != s && harmless([]string{t})[0] == s {
		return t
	}
	return s
}

func (m *Import) row(ctx context.Context, row int) error {
	if !slices.ContainsFunc(m.rows[row], func(s string) bool { return strings.TrimSpace(s) != "" }) {
		return nil
	}
	id, text := m.cell(row, m.id), m.cell(row, m.text)
	if id == "" {
		m.remark(&m.Problems, row, m.id, "no_id", nil)
		return nil
	}
	if m.seen[id] != 0 {
		m.remark(&m.Problems, row, m.id, "id_twice", locales.Args{"Value": id, "Row": m.seen[id]})
		return nil
	}
	m.seen[id] = row + 1
	if utf8.RuneCountInString(text) > MaxResponse {
		m.remark(&m.Problems, row, m.text, "too_long", locales.Args{"Count": MaxResponse})
	}
	taken, ok := m.takenOf(m.cell(row, m.taken))
	if !ok {
		m.remark(&m.Problems, row, m.taken, "bad_taken", locales.Args{"Value": short(m.cell(row, m.taken)), "Words": m.spellings()})
	}
	c, sub, err := m.comment(ctx, id)
	switch {
	case err != nil:
		return err
	case sub != nil && sub.gone:
		m.remark(&m.Remarks, row, m.id, "withdrawn", locales.Args{"Value": id})
		return nil
	case c == nil:
		m.remark(&m.Problems, row, m.id, "unknown_id", locales.Args{"Value": short(id)})
		return nil
	}
	m.compare(sub.form, c, row)
	m.respond(c, Response{Text: text, Taken: taken}, row)
	return nil
}

// respond notes a response, unless a newer one is stored.
func (m *Import) respond(c *Comment, r Response, row int) {
	if r.Text == "" && c.Text != "" || r.Taken == Open && c.Taken != Open {
		column := m.text
		if r.Text != "" || c.Text == "" {
			column = m.taken
		}
		m.remark(&m.Remarks, row, column, "kept_blank", locales.Args{"Value": c.ID()})
	}
	r = Response{Text: cmp.Or(r.Text, c.Text), Taken: cmp.Or(r.Taken, c.Taken), By: m.By, At: m.At}
	for _, old := range c.All {
		if (old.Text != c.Text || old.Taken != c.Taken) && old.Text == r.Text && old.Taken == r.Taken {
			m.remark(&m.Remarks, row, m.text, "kept_newer", locales.Args{"Value": c.ID()})
			return
		}
	}
	step, changed := c.Respond(r)
	switch {
	case changed:
		m.found = append(m.found, step)
	case r.Text != "" || r.Taken != Open:
		m.Unchanged++
	}
}

func (m *Import) takenOf(cell string) (Taken, bool) {
	if cell == "" {
		return Open, true
	}
	for _, t := range Takens {
		if slices.ContainsFunc(append(m.Words(t), string(t)), func(w string) bool { return strings.EqualFold(folded(w), folded(cell)) }) {
			return t, true
		}
	}
	return Open, false
}

func (m *Import) spellings() string {
	var out []string
	for _, t := range Takens {
		out = append(out, strings.Join(append([]string{string(t)}, m.Words(t)...), " / "))
	}
	return strings.Join(out, ", ")
}

// comment looks up a comment; nil if there is none.
func (m *Import) comment(ctx context.Context, id string) (*Comment, *submitted, error) {
	reference, number, _ := strings.Cut(id, "/")
	sub := m.submission[reference]
	if sub == nil {
		var err error
		if sub, err = m.look(ctx, reference); err != nil {
			return nil, nil, err
		}
		m.submission[reference] = sub
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(sub.comments) {
		return nil, sub, nil
	}
	return &sub.comments[n-1], sub, nil
}

func (m *Import) look(ctx context.Context, reference string) (*submitted, error) {
	s, err := m.Store.Get(ctx, reference)
	if errors.Is(err, storage.ErrNotFound) {
		return &submitted{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up submission: %w", err)
	}
	f, err := m.Form(ctx, s.FormID)
	if err != nil || f == nil {
		return &submitted{}, err
	}
	steps, err := m.Store.Steps(ctx, s.ID)
	if err != nil {
		return nil, fmt.Errorf("look up steps: %w", err)
	}
	return &submitted{form: f, gone: !s.Withdrawn.IsZero(), comments: Comments(f, &s, steps)}, nil
}

// compare sees that the row is still about the comment that it names, and tells
// of other cells that were changed.
func (m *Import) compare(f *flows.Form, c *Comment, row int) {
	around, inside := Questions(f)
	for column, h := range m.rows[0] {
		h = strings.TrimSpace(h)
		if h == "" || column == m.id || column == m.text || column == m.taken || column >= len(m.rows[row]) {
			continue
		}
		of := func(nodes []*flows.Node) *flows.Node {
			i := slices.IndexFunc(nodes, func(n *flows.Node) bool { return n.Name == h })
			if i < 0 {
				return nil
			}
			return nodes[i]
		}
		if n := of(inside); n != nil {
			if now := c.Answer(n, true); !m.says(f, row, column, n, now) {
				m.remark(&m.Problems, row, column, "other_comment", locales.Args{"Value": short(Shown(n, now, f.Default)), "ID": c.ID()})
			}
		} else if n := of(around); n == nil && m.cell(row, column) != "" || n != nil && !m.says(f, row, column, n, c.Answer(n, false)) {
			m.remark(&m.Remarks, row, column, "other_cell", nil)
		}
	}
}

// says reports whether a cell has an answer, in any language of the form.
func (m *Import) says(f *flows.Form, row, column int, n *flows.Node, value string) bool {
	cell := folded(m.cell(row, column))
	for lang := range f.Languages {
		if cell == folded(Shown(n, value, lang)) {
			return true
		}
	}
	return cell == folded(value)
}

func folded(s string) string { return strings.Join(strings.Fields(s), " ") }

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
