package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/fieldbot/flows"
	sector "example.org/fieldbot/flows/report"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// reportCmd drafts the yearly sector report from the updates that were accepted.
type reportCmd struct {
	config
	Programme string `placeholder:"FORM" help:"The form whose report sheet says what goes where; the only one that has one if not given."`
	Year      int    `required:"" help:"Year of the report."`
	Lang      string `default:"en" placeholder:"CODE" help:"Language of the report."`
	All       bool   `help:"Also updates that the secretariat has not accepted."`
	Out       string `short:"o" required:"" placeholder:"FILE" help:"Where to write: .docx or .md. What people wrote into cells is kept beside it, in FILE.cells.json."`
}

func (c *reportCmd) Run(t *console) error {
	words := locales.New()
	if !words.Has(c.Lang) {
		return usage("--lang: no words in %q", c.Lang)
	}
	if ext := filepath.Ext(c.Out); ext != ".docx" && ext != ".md" {
		return usage("--out: write to a file that ends in .docx or .md")
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	forms, err := currentForms(t, s.Results)
	if err != nil {
		return err
	}
	f, err := c.form(forms)
	if err != nil {
		return err
	}
	entries, err := c.entries(t, s, f)
	if err != nil {
		return err
	}
	kept, err := readCells(c.Out + ".cells.json")
	if err != nil {
		return err
	}
	r, lost := sector.Draft(c.outline(f, words), entries, kept)
	for _, e := range lost {
		fmt.Fprintf(t.err, "no place %q in the report for %s\n", e.Part, e.Ref)
	}
	if err := c.write(r); err != nil {
		return err
	}
	t.printf("%s: %s\n", c.Out, plural(len(r.Sources), "update"))
	return nil
}

func (c *reportCmd) form(forms []*flows.Form) (*flows.Form, error) {
	var known []string
	var found *flows.Form
	for _, f := range forms {
		if len(f.Programme.Report) == 0 {
			continue
		}
		known = append(known, f.ID)
		if c.Programme == "" || c.Programme == f.ID || c.Programme == f.Settings.Keyword {
			found = f
		}
	}
	switch {
	case found == nil:
		return nil, usage("--programme: no published form %q has a report sheet; those that do: %s", c.Programme, strings.Join(known, ", "))
	case c.Programme == "" && len(known) > 1:
		return nil, usage("--programme: choose one of %s", strings.Join(known, ", "))
	}
	return found, nil
}

// outline makes the sections of the report sheet: A.1 and A.2 are parts of A.
// Their titles are the choices of the form that begin with them.
func (c *reportCmd) outline(f *flows.Form, words *locales.Catalogue) sector.Outline {
	lang, _ := f.Language(c.Lang)
	o := sector.Outline{Title: f.Title.In(lang), Year: c.Year, Lang: c.Lang, Words: words}
	index, seen := map[string]int{}, map[string]bool{}
	for _, row := range f.Programme.Report {
		if seen[row.Section] {
			continue
		}
		seen[row.Section] = true
		head, _, inner := strings.Cut(row.Section, ".")
		i, ok := index[head]
		if !ok {
			i = len(o.Sections)
			index[head] = i
			o.Sections = append(o.Sections, sector.OutlineSection{Key: head, Title: sectionTitle(f, lang, head)})
		}
		if inner {
			o.Sections[i].Parts = append(o.Sections[i].Parts, sector.Part{Key: row.Section, Title: sectionTitle(f, lang, row.Section)})
		}
	}
	return o
}

func sectionTitle(f *flows.Form, lang int, key string) string {
	for _, l := range f.Lists {
		for i := range l.Choices {
			label := l.Choices[i].Label.In(lang)
			if strings.HasPrefix(label, key+" ") || strings.HasPrefix(label, key+". ") {
				return label
			}
		}
	}
	return key
}

// entries are what the updates of the year give to the report, oldest first.
func (c *reportCmd) entries(t *console, s *stores, f *flows.Form) ([]sector.Entry, error) {
	from := time.Date(c.Year, 1, 1, 0, 0, 0, 0, c.zone())
	var out []sector.Entry
	for v, err := range s.Each(t, storage.Filter{FormID: f.ID, From: from, To: from.AddDate(1, 0, 0)}) {
		if err != nil {
			return nil, err
		}
		states, err := s.States(t, v.ID)
		if err != nil {
			return nil, err
		}
		if st := states[v.ID].State; !c.All && st != storage.Accepted && st != storage.Quoted {
			continue
		}
		in, err := f.Open(flows.World{Now: func() time.Time { return v.Finished }, Zone: c.zone()}, &v.Submission)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", v.Reference, err)
		}
		if i, ok := f.Language(c.Lang); ok {
			in.SetLanguage(i)
		}
		for _, row := range f.Programme.Report {
			column, ok := sector.ParseColumn(row.Column)
			if !ok || row.Text == nil || row.Where != nil && !row.Where.Bool(in) {
				continue
			}
			out = append(out, sector.Entry{Part: row.Section, Column: column, Text: row.Text.Text(in), Ref: v.Reference,
				Source: strings.Join(strings.Fields(v.Title+" "+tally.Answer(v.Data, "organisation")+" "+v.Received.In(c.zone()).Format(time.DateOnly)), " ")})
		}
	}
	return out, nil
}

// A keptCell is a cell as it lies beside the report.
type keptCell struct {
	Part   string   `json:"part"`
	Column string   `json:"column"`
	Text   string   `json:"text"`
	Refs   []string `json:"refs"`
}

func readCells(path string) (map[sector.Place]sector.Cell, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read cells: %w", err)
	}
	var list []keptCell
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, usage("%s: %w", path, err)
	}
	out := map[sector.Place]sector.Cell{}
	for _, k := range list {
		if column, ok := sector.ParseColumn(k.Column); ok {
			out[sector.Place{Part: k.Part, Column: column}] = sector.Cell{Text: k.Text, Refs: k.Refs}
		}
	}
	return out, nil
}

// write writes the report and, beside it, its cells for people to edit.
func (c *reportCmd) write(r *sector.Report) error {
	var list []keptCell
	cells := r.Cells()
	for _, s := range r.Sections {
		parts := s.Parts
		if len(parts) == 0 {
			parts = []sector.Part{{Key: s.Key}}
		}
		for _, p := range parts {
			for column := sector.Outputs; column <= sector.Challenges; column++ {
				if cell, ok := cells[sector.Place{Part: p.Key, Column: column}]; ok {
					list = append(list, keptCell{p.Key, column.String(), cell.Text, cell.Refs})
				}
			}
		}
	}
	data, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return fmt.Errorf("write cells: %w", err)
	}
	if err := os.WriteFile(c.Out+".cells.json", append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write cells: %w", err)
	}
	f, err := os.OpenFile(c.Out, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if filepath.Ext(c.Out) == ".docx" {
		err = r.Word(f)
	} else {
		err = r.Markdown(f)
	}
	return errors.Join(err, f.Close())
}
