package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/fieldbot/bot/sector"
	"example.org/fieldbot/flows"
)

// reportCmd drafts the yearly sector report and keeps what people add to it.
type reportCmd struct {
	Draft reportDraftCmd `cmd:"" default:"withargs" help:"Draft the report as a Word document or markdown."`
	Cells reportCellsCmd `cmd:"" help:"Write the cells of a draft into a text file to edit, and take them back."`
	Items reportItemsCmd `cmd:"" help:"What was agreed to do: list it, add to it, say what became of it."`
}

// A reportOf says which report is meant.
type reportOf struct {
	config
	Programme string `placeholder:"NAME" help:"The programme: what the form with the report sheet has in its settings, its id or keyword; the only one if not given."`
	Year      int    `placeholder:"YEAR" help:"Year of the report; this one if not given."`
	Lang      string `default:"en" placeholder:"CODE" help:"Language of the report."`
}

// form finds the form whose updates make the report.
func (c *reportOf) form(forms []*flows.Form) (*flows.Form, error) {
	var known []string
	var found *flows.Form
	for _, f := range sector.Forms(forms) {
		known = append(known, f.ID)
		if c.Programme == "" || c.Programme == f.ID || c.Programme == f.Settings.Keyword || c.Programme == f.Settings.Extra["programme"] {
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

// open opens the stores and says what to draft from them.
func (c *reportOf) open(t *console) (*stores, sector.Source, sector.Request, error) {
	var src sector.Source
	var req sector.Request
	words, err := c.config.words()
	if err != nil {
		return nil, src, req, err
	}
	if !words.Has(c.Lang) {
		return nil, src, req, usage("--lang: no words in %q", c.Lang)
	}
	s, err := c.config.open(t)
	if err != nil {
		return nil, src, req, err
	}
	if c.Year == 0 {
		c.Year = time.Now().In(c.zone()).Year()
	}
	forms, err := currentForms(t, s.Results)
	if err == nil {
		req = sector.Request{Year: c.Year, Lang: c.Lang}
		req.Form, err = c.form(forms)
	}
	if err != nil {
		s.close()
		return nil, src, req, err
	}
	src = sector.Source{Submissions: s.Results, Reviews: s.Results, Drafts: s.Results, Book: c.book(s), Forms: forms,
		Words: words, Zone: c.zone(), Now: time.Now}
	return s, src, req, nil
}

type reportDraftCmd struct {
	reportOf
	All bool   `help:"Also updates that the secretariat has not accepted."`
	Out string `short:"o" placeholder:"FILE" help:"Where to write: .docx or .md; report-YEAR-LANG.docx if not given."`
}

func (c *reportDraftCmd) Run(t *console) error {
	ext := filepath.Ext(c.Out)
	if c.Out != "" && ext != ".docx" && ext != ".md" {
		return usage("--out: write to a file that ends in .docx or .md")
	}
	s, src, req, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	if c.Out == "" {
		c.Out, ext = fmt.Sprintf("report-%d-%s.docx", req.Year, req.Lang), ".docx"
	}
	req.All = c.All
	d, err := sector.Make(t, src, req)
	if err != nil {
		return err
	}
	for _, e := range d.Lost {
		fmt.Fprintf(t.err, "no place %q in the report for %s\n", e.Part, e.Ref)
	}
	write := d.Word
	if ext == ".md" {
		write = d.Markdown
	}
	if err := writeWhole(c.Out, func(w io.Writer) error { return write(w) }); err != nil {
		return err
	}
	if err := d.Keep(t); err != nil {
		return err
	}
	t.printf("%s: %s, %s since the draft before\n", c.Out, plural(len(d.Sources), "update"), plural(d.New, "new paragraph"))
	return nil
}

// reportCellsCmd lets people edit the cells of a draft with any editor.
type reportCellsCmd struct {
	reportOf
	File string `arg:"" placeholder:"FILE" help:"The text file."`
	Take bool   `help:"Take the cells that were changed in the file, instead of writing it."`
}

func (c *reportCellsCmd) Run(t *console) error {
	s, src, req, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	if c.Take {
		return c.take(t, src, req)
	}
	d, err := sector.Make(t, src, req)
	if err != nil {
		return err
	}
	if err := d.Keep(t); err != nil {
		return err
	}
	text, err := d.CellsText(t)
	if err != nil {
		return err
	}
	if err := writeWhole(c.File, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		return err
	}
	t.printf("%s: %s; edit it and take it back with --take\n", c.File, plural(len(d.Places()), "cell"))
	return nil
}

func (c *reportCellsCmd) take(t *console, src sector.Source, req sector.Request) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return usageError{err}
	}
	taken, err := sector.TakeCells(t, src.Drafts, req.Form.ID, req.Year, req.Lang, string(text), time.Now())
	if err != nil {
		return usage("%s: %w", c.File, err)
	}
	for _, at := range taken.Conflicts {
		fmt.Fprintf(t.err, "%s %s: somebody changed this cell meanwhile; it stays as it is\n", at.Part, at.Column)
	}
	t.printf("%s taken\n", plural(taken.Changed, "changed cell"))
	if len(taken.Conflicts) > 0 {
		return errFound
	}
	return nil
}
