package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// The matrix of a consultation is written to a workbook, filled in and read
// again; what is wrong with it is said by cell, and then nothing is stored.
func TestMatrixOnTheCommandLine(t *testing.T) {
	t.Parallel()
	d := &desk{t: t, dir: t.TempDir()}
	d.s = openFile(t, filepath.Join(d.dir, "data"))
	f, _, err := publish(t.Context(), d.s.Results, "library:consultation", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	comment := func(text string) flows.Record {
		return flows.Record{{Name: "chapter", Text: "annex"}, {Name: "comment", Text: text}}
	}
	v := storage.Submission{Prefix: "CO", Received: time.Date(2026, 5, 4, 3, 0, 0, 0, time.UTC),
		Submission: flows.Submission{ID: "id1", FormID: f.FormID, Hash: f.Hash, Data: flows.Record{{Name: "organisation", Text: "Partner"},
			{Name: "comments", Kind: flows.RepeatNode, Records: []flows.Record{comment("Say when."), comment("ໃຜຈ່າຍ?")}}}}}
	if _, _, err := d.s.Insert(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(d.dir, "matrix.xlsx")
	if said := d.run("matrix", "export", "consultation", "-o", path, "--language", "lo"); !strings.Contains(said, "2 comments written") {
		t.Errorf("exported: %s", said)
	}
	rows, err := readTable(path)
	if err != nil {
		t.Fatal(err)
	}
	fill := func(row int, response, taken string) {
		for len(rows[row]) < len(rows[0]) {
			rows[row] = append(rows[row], "")
		}
		rows[row][slices.Index(rows[0], tables.ColumnResponse)] = response
		rows[row][slices.Index(rows[0], tables.ColumnTaken)] = taken
		if err := writeTable(path, rows); err != nil {
			t.Fatal(err)
		}
	}
	fill(1, "It does now.", "perhaps")
	fill(2, "ລັດຖະບານ", "ຮັບເອົາບາງສ່ວນ")
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"matrix", "import", "consultation", path, "--data-dir", filepath.Join(d.dir, "data")},
		func(string) (string, bool) { return "", false }, strings.NewReader(""), &stdout, &stderr)
	if code == 0 || !strings.Contains(stderr.String(), "2: “perhaps” is none of") {
		t.Errorf("exit %d: %s", code, &stderr)
	}
	if steps, err := d.s.Steps(t.Context(), "id1"); err != nil || len(steps) != 0 {
		t.Errorf("%d steps were stored of a table with a mistake: %v", len(steps), err)
	}
	fill(1, "It does now.", "yes")
	if said := d.run("matrix", "import", "consultation", path); !strings.Contains(said, "2 responses stored, 0 unchanged") {
		t.Errorf("imported: %s", said)
	}
	if said := d.run("matrix", "import", "consultation", path); !strings.Contains(said, "0 responses stored, 2 unchanged") {
		t.Errorf("imported again: %s", said)
	}
	d.run("matrix", "export", "consultation", "-o", path)
	again, err := readTable(path)
	if err != nil {
		t.Fatal(err)
	}
	if row := again[2]; !slices.Equal(row[len(row)-2:], []string{"ລັດຖະບານ", "partly taken up"}) && !slices.Equal(row[len(row)-2:], []string{"ລັດຖະບານ", "ຮັບເອົາບາງສ່ວນ"}) {
		t.Errorf("exported again: %q", row)
	}
}
