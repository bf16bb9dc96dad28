// Package tables makes the two tables that secretariats fill in or lay side by
// side: the matrix of a consultation, a row for each comment with what was
// answered to it, and the table of an assessment, a row for each office with its
// figures and those of the time before.
//
// Both follow from the form alone: a comment is an instance of its first
// repeat, the figures of an assessment are its indicators of one answer each.
package tables

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// The columns of a matrix that are the secretariat's.
const (
	ColumnID       = "comment_id"
	ColumnResponse = "response"
	ColumnTaken    = "taken_up"
)

// Taken are the values of the column about whether a comment was taken up.
var Taken = []string{"", "yes", "partly", "no"}

// A Response is what was answered to a comment.
type Response struct {
	Comment string // "CO-2026-00001/2": the second comment of a submission
	Text    string
	Taken   string
}

// Step writes a response as a step of the submission's review.
func (r Response) Step(submission, by string, at time.Time) storage.Step {
	_, n, _ := strings.Cut(r.Comment, "/")
	return storage.Step{
		Submission: submission, State: storage.Responded, By: by, At: at,
		Text: n + "\t" + r.Taken + "\t" + r.Text,
	}
}

// responses are the newest responses of a submission's comments, by number.
func responses(steps []storage.Step) map[int]Response {
	out := map[int]Response{}
	for _, s := range steps {
		w := strings.SplitN(s.Text, "\t", 3)
		if s.State != storage.Responded || len(w) < 3 {
			continue
		}
		if n, err := strconv.Atoi(w[0]); err == nil {
			out[n] = Response{Taken: w[1], Text: w[2]}
		}
	}
	return out
}

// repeat is the first repeat of a form.
func repeat(f *flows.Form) *flows.Node {
	i := slices.IndexFunc(f.Nodes, func(n *flows.Node) bool { return n.Kind == flows.RepeatNode })
	if i < 0 {
		return nil
	}
	return f.Nodes[i]
}

// columns are the questions that people answered, outside repeats or inside one.
func columns(f *flows.Form, rep *flows.Node, inside bool) []*flows.Node {
	var out []*flows.Node
	for _, n := range f.Nodes {
		if n.Askable() && n.Within(rep) == inside {
			out = append(out, n)
		}
	}
	return out
}

// Matrix makes the matrix of a consultation, with labels in a language. An error
// is of a form without a repeat.
func Matrix(f *flows.Form, all []storage.Submission, steps func(id string) ([]storage.Step, error), lang int) ([][]string, error) {
	rep := repeat(f)
	if rep == nil {
		return nil, fmt.Errorf("form %s has no repeat, so there is no comment to answer to", f.ID)
	}
	around, within := columns(f, rep, false), columns(f, rep, true)
	head := []string{ColumnID}
	for _, n := range append(slices.Clone(around), within...) {
		head = append(head, n.Name)
	}
	rows := [][]string{append(head, ColumnResponse, ColumnTaken)}
	for i := range all {
		s := &all[i]
		list, err := steps(s.ID)
		if err != nil {
			return nil, err
		}
		answered := responses(list)
		for k, record := range records(s.Data, rep.Name) {
			row := []string{fmt.Sprintf("%s/%d", name(s), k+1)}
			for _, n := range around {
				row = append(row, shown(n, field(s.Data, n.Name), lang))
			}
			for _, n := range within {
				row = append(row, shown(n, field(record, n.Name), lang))
			}
			r := answered[k+1]
			rows = append(rows, append(row, r.Text, r.Taken))
		}
	}
	return rows, nil
}

func name(s *storage.Submission) string {
	if s.Reference != "" {
		return s.Reference
	}
	return s.ID
}

// ReadMatrix reads the responses of a matrix that was filled in.
func ReadMatrix(rows [][]string) ([]Response, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("the table is empty")
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	id, text, taken := column(ColumnID), column(ColumnResponse), column(ColumnTaken)
	if id < 0 || text < 0 || taken < 0 {
		return nil, fmt.Errorf("the first row has to name the columns %s, %s and %s", ColumnID, ColumnResponse, ColumnTaken)
	}
	cell := func(row []string, i int) string {
		if i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	var out []Response
	for i, row := range rows[1:] {
		r := Response{Comment: cell(row, id), Text: cell(row, text), Taken: strings.ToLower(cell(row, taken))}
		if r.Text == "" && r.Taken == "" || r.Comment == "" {
			continue
		}
		if !slices.Contains(Taken, r.Taken) {
			return nil, fmt.Errorf("line %d: %s is %q; write yes, partly or no", i+2, ColumnTaken, r.Taken)
		}
		out = append(out, r)
	}
	return out, nil
}

// Changed reports whether a response is not what the steps have.
func Changed(r Response, steps []storage.Step) bool {
	_, n, _ := strings.Cut(r.Comment, "/")
	k, err := strconv.Atoi(n)
	old := responses(steps)[k]
	return err == nil && (old.Text != r.Text || old.Taken != r.Taken)
}

// Comments is how many comments a submission has.
func Comments(f *flows.Form, s *storage.Submission) int {
	if rep := repeat(f); rep != nil {
		return len(records(s.Data, rep.Name))
	}
	return 0
}

// Assessment makes a table of each office's newest figures and those of the time
// before. An office is a district with a headline.
func Assessment(f *flows.Form, all []storage.Submission, zone *time.Location, lang int) ([][]string, error) {
	var figures []*flows.Node
	head := []string{"district", "office", "date", "date_before"}
	for _, ind := range f.Programme.Indicators {
		if ind.Of == nil {
			continue
		}
		if n := ind.Of.Question(f); n != nil && !slices.Contains(figures, n) {
			figures = append(figures, n)
			label := strings.TrimSpace(ind.Label.In(lang))
			head = append(head, label, label+" (before)", label+" (change)")
		}
	}
	if len(figures) == 0 {
		return nil, fmt.Errorf("form %s has no indicator of a single answer, so there is nothing to put side by side", f.ID)
	}
	slices.SortStableFunc(all, func(a, b storage.Submission) int { return a.Received.Compare(b.Received) })
	newest, before := map[string]*storage.Submission{}, map[string]*storage.Submission{}
	var offices []string
	for i := range all {
		s := &all[i]
		key := s.District + "\x00" + strings.ToLower(strings.TrimSpace(s.Title))
		if newest[key] == nil {
			offices = append(offices, key)
		}
		newest[key], before[key] = s, newest[key]
	}
	slices.Sort(offices)
	rows := [][]string{head}
	for _, key := range offices {
		s, old := newest[key], before[key]
		row := []string{district(f, s.District, lang), s.Title, s.Received.In(zone).Format(time.DateOnly), ""}
		if old != nil {
			row[3] = old.Received.In(zone).Format(time.DateOnly)
		}
		for _, n := range figures {
			row = append(row, compare(n.Name, s, old)...)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func district(f *flows.Form, code string, lang int) string {
	if n := f.Question(f.Settings.Roles.District); n != nil {
		return shown(n, code, lang)
	}
	return code
}

// compare gives a figure, the one before, and the change.
func compare(name string, s, old *storage.Submission) []string {
	now := field(s.Data, name)
	if old == nil {
		return []string{now, "", ""}
	}
	was := field(old.Data, name)
	a, err1 := strconv.ParseFloat(now, 64)
	b, err2 := strconv.ParseFloat(was, 64)
	if err1 != nil || err2 != nil {
		return []string{now, was, ""}
	}
	return []string{now, was, strconv.FormatFloat(a-b, 'f', -1, 64)}
}

// records are the instances of a repeat, wherever it stands.
func records(r flows.Record, name string) []flows.Record {
	for _, f := range r {
		if f.Kind == flows.RepeatNode && f.Name == name {
			return f.Records
		}
		if f.Kind == flows.GroupNode {
			for _, inner := range f.Records {
				if found := records(inner, name); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// field is the first answer to a question of this name, not looking into
// repeats.
func field(r flows.Record, name string) string {
	for _, f := range r {
		switch {
		case f.Kind == flows.QuestionNode && f.Name == name:
			return f.Text
		case f.Kind == flows.GroupNode:
			for _, inner := range f.Records {
				if v := field(inner, name); v != "" {
					return v
				}
			}
		}
	}
	return ""
}

// shown is a value with the labels of its choices.
func shown(n *flows.Node, value string, lang int) string {
	if n.List == nil || value == "" {
		return value
	}
	var labels []string
	for _, w := range strings.Fields(value) {
		if i := n.List.Find(w); i >= 0 {
			w = n.List.Choices[i].Label.In(lang)
		}
		labels = append(labels, w)
	}
	return strings.Join(labels, ", ")
}
