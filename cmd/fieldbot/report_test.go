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

// A desk is a data folder with updates, and the command line beside it.
type desk struct {
	t    *testing.T
	dir  string
	s    *stores
	form *flows.Form
	n    int
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir()}
	d.s = openFile(t, filepath.Join(d.dir, "data"))
	var err error
	if _, _, err := publish(t.Context(), d.s.Results, "library:activity_update", time.Now()); err != nil {
		t.Fatal(err)
	}
	if d.form, err = currentForm(t.Context(), d.s.Results, "activity_update"); err != nil {
		t.Fatal(err)
	}
	return d
}

// An activity is what an update of a test says.
type activity struct {
	district, section, theme, title, done, challenges, forward, plan string
	day                                                              string
	people, women                                                    int
	quotable                                                         string
	state                                                            storage.ReviewState
}

func (d *desk) add(a activity) storage.Submission {
	d.t.Helper()
	d.n++
	at := time.Date(2026, 5, 4, 3, d.n, 0, 0, time.UTC)
	group := func(name string, pairs ...string) flows.Field {
		var r flows.Record
		for i := 0; i < len(pairs); i += 2 {
			r = append(r, flows.Field{Name: pairs[i], Type: "text", Text: pairs[i+1]})
		}
		return flows.Field{Name: name, Kind: flows.GroupNode, Records: []flows.Record{r}}
	}
	if a.quotable == "" {
		a.quotable = "yes"
	}
	if a.day == "" {
		a.day = "2026-05-01"
	}
	v := storage.Submission{Submission: flows.Submission{ID: fmt.Sprint("id", d.n), FormID: d.form.ID, Hash: d.form.Hash,
		Language: d.form.Languages[0].Name, Started: at, Finished: at, Data: flows.Record{
			group("who", "district", a.district, "province", a.district[:2], "organisation", "District office"),
			group("what", "section", a.section, "theme", a.theme, "title", a.title, "date_from", a.day, "done", a.done),
			group("people", "participants", fmt.Sprint(a.people), "women", fmt.Sprint(a.women), "reached", fmt.Sprint(10*a.people)),
			group("meaning", "plan", a.plan, "challenges", a.challenges, "way_forward", a.forward),
			{Name: "quotable", Type: "select_one", Text: a.quotable}}},
		Prefix: "AU", Title: a.title, Province: a.district[:2], District: a.district, Received: at}
	v, _, err := d.s.Insert(d.t.Context(), v)
	if err != nil {
		d.t.Fatal(err)
	}
	if a.state != "" {
		if _, err := d.s.AddStep(d.t.Context(), storage.Step{Submission: v.ID, State: a.state, Token: v.ID, At: at}); err != nil {
			d.t.Fatal(err)
		}
	}
	return v
}

// run runs a command on the desk's data and returns what it prints.
func (d *desk) run(args ...string) string {
	d.t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(d.t.Context(), append(args, "--data-dir", filepath.Join(d.dir, "data")),
		func(string) (string, bool) { return "", false }, strings.NewReader(""), &stdout, &stderr)
	if code != 0 {
		d.t.Fatalf("%v: exit %d: %s%s", args, code, &stdout, &stderr)
	}
	return stdout.String()
}

func (d *desk) draft(more ...string) string {
	d.t.Helper()
	out := filepath.Join(d.dir, "report.md")
	d.run(append([]string{"report", "--programme", "gswg", "--year", "2026", "--out", out}, more...)...)
	data, err := os.ReadFile(out)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(data)
}

// has says which of the texts are not in a report, and which are that should
// not be.
func (d *desk) has(report string, want []string, not ...string) {
	d.t.Helper()
	for _, s := range want {
		if !strings.Contains(report, s) {
			d.t.Errorf("the report lacks %q", s)
		}
	}
	for _, s := range not {
		if strings.Contains(report, s) {
			d.t.Errorf("the report has %q", s)
		}
	}
	if d.t.Failed() {
		d.t.Logf("the report:\n%s", report)
	}
}

// The report has what was accepted and may be quoted, keeps what people wrote
// into it, and marks what came since.
func TestReport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(activity{district: "1503", section: "a1", theme: "digital", title: "Training at the centre", done: "Forty people learned.",
		challenges: "No internet.", forward: "Do it again.", plan: "sdg16_6 nsedp6", people: 40, women: 25, state: storage.Accepted})
	d.add(activity{district: "1503", section: "a1", theme: "digital", title: "Not yet read", people: 7})
	d.add(activity{district: "1503", section: "a1", theme: "digital", title: "Not for the public", quotable: "no", people: 9, state: storage.Accepted})
	d.add(activity{district: "0101", section: "b", theme: "social", title: "A page on the net", done: "It is read.", people: 10, women: 4, day: "2025-12-30", state: storage.Accepted})
	first := d.draft()
	d.has(first, []string{
		"# Governance Sector Working Group – report 2026",
		"**Chairs and co-chairs**\n\n- Ministry of Home Affairs\n",
		"### A. Actions relating to the key recommendations",
		"**Digitalization and e-governance:** Training at the centre: Forty people learned. \\[AU-2026-00001\\]",
		"**Challenges:** No internet.", "**Way forward:** Do it again.",
		"| SDG 16.6: effective institutions | 1 | 40 | 25 |",
		"| All updates of the report | 1 | 40 | 25 |",
		"Annex: 1 of 148 districts reported",
		"- **AU-2026-00001** District office",
	}, "Not yet read", "Not for the public", "A page on the net", "[new]")

	cells := filepath.Join(d.dir, "cells.txt")
	d.run("report", "cells", cells, "--year", "2026")
	data, err := os.ReadFile(cells)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("Forty people learned."), []byte("Forty people learned much."), 1)
	if err := os.WriteFile(cells, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := d.run("report", "cells", cells, "--year", "2026", "--take"); !strings.Contains(said, "1 changed cell") {
		t.Errorf("taking cells says %q", said)
	}
	second := d.add(activity{district: "1503", section: "a1", theme: "digital", title: "Second training", done: "More.", state: storage.Quoted})
	d.has(d.draft(), []string{"learned much", "- **[new]** Second training: More."}, "learned.")
	d.has(d.draft(), []string{"learned much", "Second training"}, "[new]")
	if err := d.s.Withdraw(t.Context(), second.ID, "wrong", time.Now()); err != nil {
		t.Fatal(err)
	}
	d.has(d.draft(), []string{"learned much"}, "Second training")
	d.has(d.draft("--lang", "lo"), []string{"ໜ່ວຍງານຂະແໜງການປົກຄອງ", "ການຫັນເປັນດິຈິຕອນ", "ເມືອງໄດ້ລາຍງານ"})
}

// What was agreed comes up each year until it is done.
func TestReportItems(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(activity{district: "1503", section: "a1", title: "Training", state: storage.Accepted})
	id := strings.TrimSpace(d.run("report", "items", "add", "--year", "2025", "--part", "A.3", "--owner", "Ministry", "--due", "2026-12-31", "Take the survey everywhere"))
	d.run("report", "items", "add", "--year", "2026", "--part", "B", "--way-forward", "Print the manual")
	d.has(d.draft(), []string{"- Take the survey everywhere (Ministry; due 31 December 2026; since 2025; open)", "- Print the manual (open)"})
	d.run("report", "items", "set", id, "--state", "done")
	d.has(d.run("report", "items"), []string{"Print the manual"}, "Take the survey")
	items, err := d.s.Items(t.Context(), d.form.ID)
	if err != nil {
		t.Fatal(err)
	}
	done := items[0]
	done.Changed = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	if err := d.s.PutItem(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	d.has(d.draft(), nil, "Take the survey") // done the year before
	done.Changed = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	if err := d.s.PutItem(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	d.has(d.draft(), []string{"since 2025; done)"})
}

// A Word document is what the command writes if nothing else is asked for.
func TestReportInWord(t *testing.T) {
	d := newDesk(t)
	d.add(activity{district: "1503", section: "a1", title: "Training", state: storage.Accepted})
	t.Chdir(d.dir)
	d.run("report", "--programme", "gswg", "--year", "2026", "--lang", "lo")
	data, err := os.ReadFile("report-2026-lo.docx")
	if err != nil || !bytes.HasPrefix(data, []byte("PK")) {
		t.Errorf("no Word document: %v", err)
	}
}
