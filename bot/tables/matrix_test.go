package tables_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// memory is a store of submissions and steps.
type memory struct {
	all   []storage.Submission
	steps []storage.Step
}

func (m *memory) Each(context.Context, storage.Filter) iter.Seq2[*storage.Submission, error] {
	return func(yield func(*storage.Submission, error) bool) {
		for i := range m.all {
			if m.all[i].Withdrawn.IsZero() && !yield(&m.all[i], nil) {
				return
			}
		}
	}
}

func (m *memory) Get(_ context.Context, id string) (storage.Submission, error) {
	for _, s := range m.all {
		if s.ID == id || s.Reference == id {
			return s, nil
		}
	}
	return storage.Submission{}, storage.ErrNotFound
}

func (m *memory) Steps(_ context.Context, ids ...string) (out []storage.Step, err error) {
	for _, s := range m.steps {
		if slices.Contains(ids, s.Submission) {
			out = append(out, s)
		}
	}
	return out, nil
}

func (m *memory) AddStep(_ context.Context, s storage.Step) (bool, error) {
	if slices.ContainsFunc(m.steps, func(v storage.Step) bool { return v.Token == s.Token }) {
		return false, nil
	}
	m.steps = append(m.steps, s)
	return true, nil
}

// said is a submission with comments, each a chapter and a text.
func said(id, organisation string, comments ...[2]string) storage.Submission {
	s := storage.Submission{Reference: "CO-2026-0000" + id}
	s.ID, s.FormID = "s"+id, "consultation"
	repeat := flows.Field{Name: "comments", Kind: flows.RepeatNode}
	for _, c := range comments {
		repeat.Records = append(repeat.Records, flows.Record{q("chapter", c[0]), q("nature", "wording"), q("comment", c[1])})
	}
	s.Data = flows.Record{q("draft", "law"), q("organisation", organisation), repeat}
	return s
}

type matrix struct {
	*memory
	t    *testing.T
	form *flows.Form
}

func newMatrix(t *testing.T, all ...storage.Submission) *matrix {
	return &matrix{&memory{all: all}, t, form(t, "consultation")}
}

func (m *matrix) comments() []tables.Comment {
	m.t.Helper()
	all, err := tables.AllComments(m.t.Context(), m, m.form)
	if err != nil {
		m.t.Fatal(err)
	}
	return all
}

// export gives the table as it comes back from a workbook.
func (m *matrix) export(lang string) [][]string {
	m.t.Helper()
	i, _ := m.form.Language(lang)
	rows := tables.Matrix(m.form, m.comments(), i, func(k tables.Taken) string { return "said " + string(k) })
	data, err := tables.WriteFile("m.xlsx", rows)
	if err != nil {
		m.t.Fatal(err)
	}
	if rows, err = tables.ReadFile("m.xlsx", data); err != nil {
		m.t.Fatal(err)
	}
	for i := range rows { // a workbook ends a row with its last cell
		for len(rows[i]) < len(rows[0]) {
			rows[i] = append(rows[i], "")
		}
	}
	return rows
}

func (m *matrix) read(rows [][]string) *tables.Import {
	m.t.Helper()
	in := &tables.Import{Store: m, By: "p", At: time.Now(),
		Words: func(k tables.Taken) []string { return []string{"said " + string(k)} },
		Form: func(_ context.Context, id string) (*flows.Form, error) {
			if id != m.form.ID {
				return nil, nil
			}
			return m.form, nil
		}}
	if err := in.Run(m.t.Context(), rows); err != nil {
		m.t.Fatal(err)
	}
	return in
}

func (m *matrix) respond(i int, taken tables.Taken, text string) {
	m.t.Helper()
	c := m.comments()[i]
	step, _ := c.Respond(tables.Response{Text: text, Taken: taken, By: "p"})
	if _, err := m.AddStep(m.t.Context(), step); err != nil {
		m.t.Fatal(err)
	}
}

func set(t *testing.T, rows [][]string, row int, name, value string) {
	t.Helper()
	i := slices.Index(rows[0], name)
	if i < 0 {
		t.Fatalf("no column %q in %q", name, rows[0])
	}
	rows[row][i] = value
}

// told writes remarks as a reader sees them.
func told(all []tables.Remark) string {
	words := locales.New()
	var out []string
	for _, r := range all {
		out = append(out, words.Text("en", r.Key, r.Args))
	}
	return strings.Join(out, "\n")
}

func TestMatrixHasCommentWhoResponseTaken(t *testing.T) {
	m := newMatrix(t, said("1", "Partner", [2]string{"chapter_2", "Say when."}, [2]string{"annex", "=Why?"}))
	m.respond(1, tables.No, "Because.")
	m.respond(1, tables.Partly, "See page 3.")
	rows := m.export("en")
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	for name, want := range map[string]string{
		"comment_id": "CO-2026-00001/2", "draft": "Law or decree", "organisation": "Partner", "chapter": "Annex",
		"comment": "=Why?", "response": "See page 3.", "taken_up": "said partly",
	} {
		if got := column(t, rows, 2, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if column(t, rows, 1, "response")+column(t, rows, 1, "taken_up") != "" {
		t.Errorf("the first comment: %q", rows[1])
	}
	if f := form(t, "odsc"); tables.Comments(f, &m.all[0], nil) != nil {
		t.Error("a form that takes no comments has some")
	}
}

func TestMatrixComesBackFilledIn(t *testing.T) {
	for _, lang := range []string{"en", "lo"} {
		m := newMatrix(t, said("1", "Partner", [2]string{"chapter_2", "Say\nwhen."}, [2]string{"annex", "Why?"}))
		rows := m.export(lang)
		set(t, rows, 1, "response", "It does now.")
		set(t, rows, 1, "taken_up", "YES")
		set(t, rows, 2, "taken_up", "said  no")
		in := m.read(rows)
		if in.Stored != 2 || in.Unchanged != 0 || len(in.Problems)+len(in.Remarks) > 0 {
			t.Fatalf("%s: %d stored, %d unchanged\n%s%s", lang, in.Stored, in.Unchanged, told(in.Problems), told(in.Remarks))
		}
		all := m.comments()
		if all[0].Text != "It does now." || all[0].Taken != tables.Yes || all[1].Taken != tables.No || all[0].By != "p" {
			t.Errorf("stored: %+v", all)
		}
		if in = m.read(rows); in.Stored != 0 || in.Unchanged != 2 {
			t.Errorf("again: %d stored, %d unchanged", in.Stored, in.Unchanged)
		}
	}
}

func TestMatrixNamesWrongCells(t *testing.T) {
	m := newMatrix(t, said("1", "Partner", [2]string{"chapter_2", "Say when."}, [2]string{"annex", "Why?"}))
	rows := m.export("en")
	set(t, rows, 1, "taken_up", "perhaps")
	set(t, rows, 1, "response", strings.Repeat("ກ", tables.MaxResponse+1))
	set(t, rows, 2, "comment", "How?")
	again := slices.Clone(rows[1])
	unknown := slices.Clone(rows[1])
	unknown[0] = "CO-2026-00001/7"
	nobody := slices.Clone(rows[1])
	nobody[0] = ""
	other := slices.Clone(rows[1])
	other[0] = "CO-2026-00009/1"
	in := m.read(append(rows, again, nil, unknown, nobody, other))
	cells := ""
	for _, p := range in.Problems {
		cells += fmt.Sprintf("%s %v\n", p.Key, p.Args["Cell"])
	}
	want := "matrix.too_long L2\nmatrix.bad_taken M2\nmatrix.other_comment I3\nmatrix.id_twice A4\n" +
		"matrix.unknown_id A6\nmatrix.no_id A7\nmatrix.unknown_id A8\n"
	// the letters of the columns follow from the form
	letters := func(name string) string { return string(rune('A' + slices.Index(rows[0], name))) }
	want = strings.NewReplacer("L2", letters("response")+"2", "M2", letters("taken_up")+"2", "I3", letters("comment")+"3").Replace(want)
	for _, s := range []string{"too_long", "bad_taken"} { // unknown rows are checked, too
		for _, row := range []string{"6", "8"} {
			column := map[string]string{"too_long": "response", "bad_taken": "taken_up"}[s]
			want = strings.Replace(want, "matrix.unknown_id A"+row, "matrix."+s+" "+letters(column)+row+"\nmatrix.unknown_id A"+row, 1)
		}
	}
	if cells != want || in.Stored != 0 || len(m.steps) != 0 {
		t.Errorf("stored %d\n%s\nwant\n%s", in.Stored, cells, want)
	}
	if !strings.Contains(told(in.Problems), "“perhaps” is none of yes / said yes") {
		t.Error(told(in.Problems))
	}
}

func TestMatrixLosesNothing(t *testing.T) {
	m := newMatrix(t, said("1", "Partner", [2]string{"chapter_2", "Say when."}, [2]string{"annex", "Why?"}), said("2", "Ministry", [2]string{"whole", "Good."}))
	m.respond(0, tables.No, "Old.")
	rows := m.export("en")
	m.respond(0, tables.Yes, "New.")    // after the export
	m.respond(1, tables.Yes, "In chat") // which was blank in it
	set(t, rows, 1, "organisation", "Somebody")
	m.all[1].Withdrawn, m.all[1].Data = time.Now(), nil
	in := m.read(rows)
	if in.Stored != 0 || len(in.Problems) > 0 {
		t.Errorf("stored %d: %s", in.Stored, told(in.Problems))
	}
	if all := m.comments(); all[0].Text != "New." || all[0].Taken != tables.Yes || all[1].Text != "In chat" {
		t.Errorf("now %+v", all)
	}
	for _, want := range []string{"a newer response to CO-2026-00001/1 was kept", "is blank; what is stored for CO-2026-00001/2 was kept",
		"CO-2026-00002/1 was withdrawn", "2 was not taken in"} {
		if !strings.Contains(told(in.Remarks), want) {
			t.Errorf("%q is not said:\n%s", want, told(in.Remarks))
		}
	}
}

// A correction moves comments: their responses go with them, and a comment that
// was worded anew is open again.
func TestResponsesFollowCorrectedComments(t *testing.T) {
	m := newMatrix(t, said("1", "Partner", [2]string{"chapter_1", "First."}, [2]string{"annex", "Why?"}, [2]string{"whole", "Good."}))
	m.respond(1, tables.Partly, "See page 3.")
	m.respond(2, tables.Yes, "Thank you.")
	m.all[0] = said("1", "Partner", [2]string{"annex", "Why?"}, [2]string{"whole", "Very good."}, [2]string{"whole", "Excellent."})
	all := m.comments()
	if all[0].Text != "See page 3." || all[1].Taken != tables.Open || all[2].Taken != tables.Open {
		t.Errorf("now %+v", all)
	}
	if all[2].Before == nil || all[2].Before.Text != "Thank you." {
		t.Errorf("before the correction: %+v", all[2].Before)
	}
}

func TestMatrixWithoutItsColumns(t *testing.T) {
	m := newMatrix(t)
	for _, rows := range [][][]string{nil, {{"comment_id", "response"}}, {{"comment_id", "response", "taken_up", "response"}}} {
		if in := m.read(rows); len(in.Problems) != 1 {
			t.Errorf("%q: %s", rows, told(in.Problems))
		}
	}
}
