package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// The report has what was accepted, keeps what people wrote into it, and marks
// what came since.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	s := openFile(t, filepath.Join(dir, "data"))
	if _, _, err := publish(t.Context(), s.Results, "library:activity_update", time.Now()); err != nil {
		t.Fatal(err)
	}
	form, err := currentForm(t.Context(), s.Results, "activity_update")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 4, 3, 0, 0, 0, time.UTC)
	add := func(n int, title string, accepted bool) {
		t.Helper()
		group := func(name string, pairs ...string) flows.Field {
			var r flows.Record
			for i := 0; i < len(pairs); i += 2 {
				r = append(r, flows.Field{Name: pairs[i], Type: "text", Text: pairs[i+1]})
			}
			return flows.Field{Name: name, Kind: flows.GroupNode, Records: []flows.Record{r}}
		}
		v := storage.Submission{Submission: flows.Submission{ID: fmt.Sprint("id", n), FormID: form.ID, Hash: form.Hash,
			Language: form.Languages[0].Name, Started: at, Finished: at, Data: flows.Record{
				group("who", "district", "1503"),
				group("what", "section", "a1", "title", title, "date_from", "2026-05-01", "done", "Forty people learned."),
				group("meaning", "way_forward", "Do it again."),
				{Name: "quotable", Type: "select_one", Text: "yes"}}},
			Prefix: "AU", Title: title, Received: at}
		if _, _, err := s.Insert(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		if accepted {
			if _, err := s.AddStep(t.Context(), storage.Step{Submission: v.ID, State: storage.Accepted, Token: v.ID, At: at}); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(1, "Training at the centre", true)
	add(2, "Not yet read", false)
	out := filepath.Join(dir, "report.md")
	draft := func() string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"report", "--year", "2026", "--out", out, "--data-dir", filepath.Join(dir, "data")},
			func(string) (string, bool) { return "", false }, strings.NewReader(""), &stdout, &stderr)
		if code != 0 {
			t.Fatalf("exit %d: %s%s", code, &stdout, &stderr)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	first := draft()
	if !strings.Contains(first, "Training at the centre") || strings.Contains(first, "Not yet read") || !strings.Contains(first, "AU-2026-00001") {
		t.Fatalf("the first draft:\n%s", first)
	}
	cells := out + ".cells.json"
	data, err := os.ReadFile(cells)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("Forty people learned."), []byte("Forty people learned much."), 1)
	if err := os.WriteFile(cells, data, 0o600); err != nil {
		t.Fatal(err)
	}
	add(3, "Second training", true)
	second := draft()
	if !strings.Contains(second, "learned much") || !strings.Contains(second, "Second training") {
		t.Errorf("the second draft:\n%s", second)
	}
	out = filepath.Join(dir, "report.docx")
	if doc := draft(); !strings.HasPrefix(doc, "PK") {
		t.Error("the Word document is no zip")
	}
}
