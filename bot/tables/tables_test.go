package tables_test

import (
	"testing"
	"time"

	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
	"example.org/fieldbot/locales"
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

func TestAssessment(t *testing.T) {
	f := form(t, "digital_maturity")
	at := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	sub := func(office, score string, received time.Time) storage.Submission {
		s := storage.Submission{District: "1503", Province: "15", Received: received}
		s.Data = flows.Record{q("office", office), q("score", score), q("skills_score", score)}
		return s
	}
	m := newMatrix(t, sub("Office A", "30", at.AddDate(-1, 0, 0)), sub("office a ", "40", at), sub("Office B", "20", at),
		sub("Office A", "50", at.AddDate(1, 0, 0)), sub("Office A", "61.5", at.AddDate(1, 1, 0))) // twice in one year: the later counts
	a := tables.NewAssessment(f, time.UTC)
	offices, err := a.Offices(t.Context(), m, nil)
	if err != nil || len(offices) != 2 {
		t.Fatalf("%+v %v", offices, err)
	}
	rows := a.Table(offices, locales.New(), "en")
	for name, want := range map[string]string{
		"District": "Dakcheung (Sekong)", "Office": "Office A", "Date": "2026-04-01", "Date before": "2025-03-01",
		"Points out of 100": "61.5", "Points out of 100, before": "40", "Points out of 100, change": "21.5", "Skills, points out of 100": "61.5",
	} {
		if got := column(t, rows, 1, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := column(t, rows, 2, "Points out of 100, before"); got != "" {
		t.Errorf("an office that was assessed once has %q before", got)
	}
	if rows := a.Table(offices, locales.New(), "lo"); rows[1][0] != "ດາກຈຶງ (ເຊກອງ)" {
		t.Errorf("in Lao: %q", rows[1])
	}
	if offices, err = a.Offices(t.Context(), m, func(s *storage.Submission) bool { return s.District == "0101" }); err != nil || len(offices) != 0 {
		t.Errorf("of another district: %+v %v", offices, err)
	}
	if tables.NewAssessment(form(t, "odsc"), time.UTC) != nil {
		t.Error("a form that assesses nothing has a table")
	}
}
