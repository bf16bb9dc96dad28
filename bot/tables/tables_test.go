package tables_test

import (
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
