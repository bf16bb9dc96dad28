// Package rounds reads what was collected in an earlier round of a form: a csv
// or xlsx export of paper forms that were typed in, of Kobo or of ODK. Each cell
// is given to the form as an answer in an interview would be, so that what comes
// out is what an interview could have given; what the form would refuse is a
// Problem with its row and column, and nothing is guessed.
//
// Columns are named as exports name them:
// by question, by group and question ("land/area", "land-area"), or by a label;
// a choice of a multiple select may have a column of its own ("crops/rice").
package rounds

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"example.org/fieldbot/flows"
)

// Options say how to read a round.
type Options struct {
	Round    string            // its name; submissions are told apart by it and their row
	Day      time.Time         // when rows without a time of their own came in
	Zone     *time.Location    // of times without one; UTC if nil
	Language string            // in which the round was held: name or code; the form's default if ""
	Set      map[string]string // answers to questions that the file has no column for
	Ignore   []string          // columns that are not to be read
	Missing  bool              // required questions may have no answer, as often on paper
}

// A Problem is a cell, row or column that cannot be taken as it is.
type Problem struct {
	Row     int    // of the file, from 1
	Column  string // heading; "" for the row as a whole
	Message string
}

func (p Problem) String() string {
	if p.Column == "" {
		return fmt.Sprintf("%d: %s", p.Row, p.Message)
	}
	return fmt.Sprintf("%d [%s]: %s", p.Row, p.Column, p.Message)
}

// A Row is a submission of the round.
type Row struct {
	*flows.Submission
	Received time.Time
	Line     int // of the file
}

// Read reads the rows of a table, the first of which names the columns. If there
// are problems the rows are not to be used.
func Read(f *flows.Form, table [][]string, o Options) ([]Row, []Problem) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	r := reader{form: f, o: o, uuids: map[string]int{}}
	if len(table) == 0 {
		return nil, []Problem{{1, "", "the file is empty"}}
	}
	r.heading(table[0])
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	var out []Row
	for i, cells := range table[1:] {
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		r.line, r.cells = i+2, cells
		if row := r.row(); row != nil {
			out = append(out, *row)
		}
	}
	return out, r.problems
}

// A column is what a column of the file holds.
type column struct {
	heading string
	at      int
	node    *flows.Node
	choice  string // of a multiple select, whose own column this is
}

type reader struct {
	form     *flows.Form
	o        Options
	columns  map[*flows.Node][]column
	meta     map[string]int // columns of times and ids, by name
	uuids    map[string]int // of rows read, with their line
	line     int
	cells    []string
	problems []Problem
}

func (r *reader) problem(heading, format string, args ...any) {
	r.problems = append(r.problems, Problem{max(r.line, 1), heading, fmt.Sprintf(format, args...)})
}

// metaColumns are what exports know beside the answers.
var metaColumns = []string{"_submission_time", "_uuid", "meta/instanceid", "instanceid", "key", "end", "start", "today", "submissiondate"}

func (r *reader) heading(cells []string) {
	r.columns, r.meta = map[*flows.Node][]column{}, map[string]int{}
	for at, cell := range cells {
		heading := strings.TrimSpace(cell)
		key := strings.ToLower(heading)
		if key == "" || slices.Contains(r.o.Ignore, heading) {
			continue
		}
		if slices.Contains(metaColumns, key) {
			r.meta[key] = at
		}
		node, choice := r.find(heading)
		switch {
		case node != nil:
			r.columns[node] = append(r.columns[node], column{heading, at, node, choice})
		case slices.Contains(metaColumns, key) || strings.HasPrefix(heading, "_") || key == "formhub/uuid" || strings.HasPrefix(key, "meta/"):
		default:
			r.problem(heading, "the form has no such question; name the column as the question, or leave it out with --ignore")
		}
	}
	for node, list := range r.columns {
		whole := 0
		for _, c := range list {
			if c.choice == "" {
				whole++
			}
		}
		if whole > 1 {
			r.problem(list[1].heading, "two columns hold the answer to %q", node.Name)
		}
	}
	for name := range r.o.Set {
		if n := r.form.Question(name); n == nil {
			r.problem(name, "the form has no such question to be set")
		}
	}
}

// find is the question that a heading names, and the choice if it names one.
func (r *reader) find(heading string) (*flows.Node, string) {
	if n := r.named(heading); n != nil {
		return n, ""
	}
	for i := len(heading) - 1; i > 0; i-- {
		if heading[i] != '/' && heading[i] != '.' {
			continue
		}
		n := r.named(heading[:i])
		if n == nil || !n.Type.Multiple() || n.List == nil {
			continue
		}
		if choice := choiceOf(r.form, n.List, heading[i+1:]); choice != "" {
			return n, choice
		}
	}
	return nil, ""
}

// named finds a question by path, name or label; a name or label that several
// questions have names none.
func (r *reader) named(text string) *flows.Node {
	path := strings.NewReplacer("-", "/", ".", "/").Replace(text)
	var byName, byLabel []*flows.Node
	for _, n := range r.form.Nodes {
		if n.Kind != flows.QuestionNode {
			continue
		}
		own := strings.TrimPrefix(n.Path, "/")
		if own == text || own == path {
			return n
		}
		if n.Name == text {
			byName = append(byName, n)
		}
		for lang := range r.form.Languages {
			if label := fold(n.Label.In(lang)); label != "" && label == fold(text) {
				byLabel = append(byLabel, n)
				break
			}
		}
	}
	switch {
	case len(byName) == 1:
		return byName[0]
	case len(byName) == 0 && len(byLabel) == 1:
		return byLabel[0]
	}
	return nil
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

func choiceOf(f *flows.Form, list *flows.List, text string) string {
	if list.Find(text) >= 0 {
		return text
	}
	for i := range list.Choices {
		for lang := range f.Languages {
			if fold(list.Choices[i].Label.In(lang)) == fold(text) {
				return list.Choices[i].Name
			}
		}
	}
	return ""
}

func (r *reader) cell(at int) string {
	if at >= len(r.cells) {
		return ""
	}
	s := strings.TrimSpace(r.cells[at])
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@", rune(s[1])) {
		return s[1:] // exports put it there, so that a text is not run as a formula
	}
	return s
}

// row holds the interview of a row; nil if it has a problem.
func (r *reader) row() *Row {
	before := len(r.problems)
	received := r.received()
	world := flows.World{Now: func() time.Time { return received }, Zone: r.o.Zone, Random: r.random()}
	in, err := r.form.Start(world, flows.StartOptions{ID: r.id(), Language: r.o.Language, Prefill: r.fixed()})
	if err != nil {
		r.problem("", "%v", err)
		return nil
	}
	for _, n := range r.form.Nodes {
		if n.Kind == flows.QuestionNode && n.Askable() {
			r.answer(in, n)
		}
	}
	if len(r.problems) > before {
		return nil
	}
	if r.o.Missing {
		return &Row{in.Partial(), received, r.line}
	}
	s, err := in.Finish()
	var bad *flows.AnswerError
	switch {
	case errors.As(err, &bad) && bad.Node != nil:
		r.problem(bad.Node.Name, "%s", reasonText(bad, ""))
		return nil
	case err != nil:
		r.problem("", "%v", err)
		return nil
	}
	return &Row{s, received, r.line}
}

// fixed are the answers that questions which nobody is asked get.
func (r *reader) fixed() map[string]string {
	out := map[string]string{}
	for node, list := range r.columns {
		if node.Type.Name == "hidden" {
			if v := r.cell(list[0].at); v != "" {
				out[node.Name] = v
			}
		}
	}
	for name, v := range r.o.Set {
		if n := r.form.Question(name); n != nil && len(r.columns[n]) == 0 {
			out[name] = v
		}
	}
	return out
}

// answer gives a cell to its question.
func (r *reader) answer(in *flows.Instance, n *flows.Node) {
	list := r.columns[n]
	if len(list) == 0 {
		return
	}
	text, heading := r.text(n, list)
	at, ok := in.Find("/" + strings.TrimPrefix(n.Path, "/"))
	if text == "" {
		return
	}
	if !ok {
		r.problem(heading, "%q is an answer to a question that is not asked here, by the answers before it", text)
		return
	}
	value := stored(n, text)
	if why := misshapen(n, value); why != "" {
		r.problem(heading, "%q %s", text, why.Words())
		return
	}
	err := in.Answer(at, flows.Input{Value: &value})
	if err != nil && !n.Type.Multiple() {
		err = in.Answer(at, flows.Input{Text: text})
	}
	var bad *flows.AnswerError
	if errors.As(err, &bad) {
		r.problem(heading, "%s", reasonText(bad, text))
	} else if err != nil {
		r.problem(heading, "%v", err)
	}
}

// misshapen says why a value is no day or time as forms store it. In a file
// "yesterday" is none, nor is a 3/4, which may be either.
func misshapen(n *flows.Node, value string) flows.Reason {
	layouts, why := []string{time.DateOnly}, flows.ReasonDate
	switch n.Type.Bind {
	case "date":
	case "dateTime":
		layouts = timeLayouts
	case "time":
		layouts, why = []string{"15:04", "15:04:05", "15:04:05.999999999", "15:04:05.999999999Z07:00"}, flows.ReasonTime
	default:
		return ""
	}
	for _, layout := range layouts {
		if _, err := time.Parse(layout, value); err == nil {
			return ""
		}
	}
	return why
}

// text is the answer of a question's columns: its own, or the choices whose
// columns say yes.
func (r *reader) text(n *flows.Node, list []column) (text, heading string) {
	var chosen []string
	for _, c := range list {
		v := r.cell(c.at)
		if c.choice == "" {
			if v != "" {
				return r.names(n, v), c.heading
			}
			continue
		}
		switch strings.ToLower(v) {
		case "", "0", "false", "no", "0.0":
		case "1", "true", "yes", "1.0", "x":
			chosen = append(chosen, c.choice)
		default:
			r.problem(c.heading, "%q says neither yes (1) nor no (0)", v)
		}
	}
	return strings.Join(chosen, " "), list[0].heading
}

// names turns labels of a multiple select into names: "Rice, Maize".
func (r *reader) names(n *flows.Node, text string) string {
	if !n.Type.Multiple() || n.List == nil {
		return text
	}
	var out []string
	all := true
	for _, w := range strings.Fields(text) {
		all = all && n.List.Find(w) >= 0
	}
	if all {
		return text
	}
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == '\n' }) {
		name := choiceOf(r.form, n.List, strings.TrimSpace(part))
		if name == "" {
			return text // refused, with what the cell says
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

// stored turns what spreadsheets make of a value back: days counted from 1900.
func stored(n *flows.Node, text string) string {
	days, err := strconv.ParseFloat(text, 64)
	if err != nil || days < 20_000 || days > 80_000 {
		return text
	}
	at, err := excelize.ExcelDateToTime(days, false)
	if err != nil {
		return text
	}
	switch n.Type.Bind {
	case "date":
		return at.Format(time.DateOnly)
	case "dateTime":
		return at.Format("2006-01-02T15:04:05")
	}
	return text
}

// received is when the row came in.
func (r *reader) received() time.Time {
	for _, name := range []string{"_submission_time", "submissiondate", "end", "start", "today"} {
		at, ok := r.meta[name]
		if !ok || r.cell(at) == "" {
			continue
		}
		if t, ok := readTime(r.cell(at), r.o.Zone); ok {
			return t
		}
		r.problem(name, "%q is no time", r.cell(at))
	}
	if r.o.Day.IsZero() {
		r.problem("", "the row does not say when it came in; give the day of the round with --day")
	}
	return r.o.Day
}

var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly}

func readTime(text string, zone *time.Location) (time.Time, bool) {
	for _, layout := range timeLayouts {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, true
		}
	}
	if days, err := strconv.ParseFloat(text, 64); err == nil && days > 20_000 && days < 80_000 {
		if t, err := excelize.ExcelDateToTime(days, false); err == nil {
			return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone), true
		}
	}
	return time.Time{}, false
}

// id is the row's own, or made of the round and all that is in the row: the same
// file again gives the same.
func (r *reader) id() string {
	for _, name := range []string{"_uuid", "meta/instanceid", "instanceid", "key"} {
		at, ok := r.meta[name]
		if !ok || r.cell(at) == "" {
			continue
		}
		id := strings.TrimPrefix(r.cell(at), "uuid:")
		if line, twice := r.uuids[id]; twice {
			r.problem(name, "the same as in row %d", line)
		}
		r.uuids[id] = r.line
		return id
	}
	sum := sha256.Sum256([]byte(r.form.ID + "\x00" + r.o.Round + "\x00" + strconv.Itoa(r.line) + "\x00" + strings.Join(r.cells, "\x00")))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// random is the same for the same row.
func (r *reader) random() func() uint64 {
	n := uint64(r.line)
	return func() uint64 { n = n*6364136223846793005 + 1442695040888963407; return n }
}

// reasonText tells an author's refusal, or ours.
func reasonText(e *flows.AnswerError, text string) string {
	what := e.Reason.Words()
	if text != "" {
		what = fmt.Sprintf("%q %s", text, what)
	} else if e.Reason == flows.ReasonRequired {
		what = "an answer is required"
	}
	if e.Message != "" {
		what += ": " + strings.Join(strings.Fields(e.Message), " ")
	}
	return what
}
