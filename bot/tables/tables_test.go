package tables_test

import (
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
	"example.org/fieldbot/storage"
)

func form(t *testing.T, name string) *flows.Form {
	t.Helper()
	source, err := library.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	def, err := xlsform.Read(name+".md", source, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := flows.Compile(def)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func q(name, text string) flows.Field { return flows.Field{Name: name, Text: text} }

func column(t *testing.T, rows [][]string, row int, name string) string {
	t.Helper()
	for i, h := range rows[0] {
		if h == name {
			return rows[row][i]
		}
	}
	t.Fatalf("no column %q in %q", name, rows[0])
	return ""
}

func TestMatrix(t *testing.T) {
	f := form(t, "consultation")
	s := storage.Submission{Reference: "CO-2026-00001"}
	s.ID = "s1"
	s.Data = flows.Record{q("draft", "law"), q("organisation", "Partner"), {Name: "comments", Kind: flows.RepeatNode, Records: []flows.Record{
		{q("chapter", "chapter_2"), q("nature", "wording"), q("comment", "Say when.")},
		{q("chapter", "annex"), q("nature", "question"), q("comment", "Why?")},
	}}}
	steps := []storage.Step{
		tables.Response{Comment: "CO-2026-00001/2", Text: "Because.", Taken: "no"}.Step("s1", "p", time.Now()),
		tables.Response{Comment: "CO-2026-00001/2", Text: "See page 3.", Taken: "partly"}.Step("s1", "p", time.Now()),
	}
	en, _ := f.Language("en")
	rows, err := tables.Matrix(f, []storage.Submission{s}, func(string) ([]storage.Step, error) { return steps, nil }, en)
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for name, want := range map[string]string{
		"comment_id": "CO-2026-00001/2", "draft": "Law or decree", "organisation": "Partner", "chapter": "Annex",
		"response": "See page 3.", "taken_up": "partly",
	} {
		if got := column(t, rows, 2, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if rows[1][0] != "CO-2026-00001/1" || column(t, rows, 1, "response") != "" {
		t.Errorf("the first comment: %q", rows[1])
	}
	n := len(rows[1])
	rows[1][n-2], rows[1][n-1] = "It does now.", "Yes"
	list, err := tables.ReadMatrix(rows)
	if err != nil || len(list) != 2 || list[0] != (tables.Response{Comment: "CO-2026-00001/1", Text: "It does now.", Taken: "yes"}) {
		t.Fatalf("%+v %v", list, err)
	}
	if !tables.Changed(list[0], steps) || tables.Changed(list[1], steps) {
		t.Error("changed: want the first response alone")
	}
	if tables.Comments(f, &s) != 2 {
		t.Errorf("%d comments, want 2", tables.Comments(f, &s))
	}
	rows[1][n-1] = "perhaps"
	if _, err := tables.ReadMatrix(rows); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a wrong answer gave %v", err)
	}
	if _, err := tables.Matrix(form(t, "odsc"), nil, nil, 0); err == nil {
		t.Error("a form without comments has a matrix")
	}
}

func TestAssessment(t *testing.T) {
	f := form(t, "digital_maturity")
	at := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	sub := func(office, score string, received time.Time) storage.Submission {
		s := storage.Submission{District: "1503", Title: office, Received: received}
		s.Data = flows.Record{q("score", score)}
		return s
	}
	en, _ := f.Language("en")
	rows, err := tables.Assessment(f, []storage.Submission{
		sub("Office A", "61.5", at.AddDate(1, 0, 0)), sub("office a ", "40", at), sub("Office B", "20", at),
	}, time.UTC, en)
	if err != nil || len(rows) != 3 {
		t.Fatalf("%q %v", rows, err)
	}
	for name, want := range map[string]string{
		"district": "Dakcheung (Sekong)", "office": "Office A", "date": "2026-03-01", "date_before": "2025-03-01",
		"Points out of 100": "61.5", "Points out of 100 (before)": "40", "Points out of 100 (change)": "21.5",
	} {
		if got := column(t, rows, 1, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := column(t, rows, 2, "Points out of 100 (before)"); got != "" {
		t.Errorf("an office that was assessed once has %q before", got)
	}
}
