// Package sector drafts a programme's yearly report out of what is stored: the
// updates that were accepted and may be quoted, what people wrote into the
// draft before, what was agreed to do, and the figures of the year. What goes
// where stands on the form's report sheet; package flows/report lays it out.
//
// Begin with Make. A Draft is written by its Word and Markdown; Keep then
// remembers what it offered, so that the next one marks what came since.
package sector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/report"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A Source is where a report comes from.
type Source struct {
	Submissions storage.Submissions
	Reviews     storage.Reviews
	Drafts      storage.Drafts
	Book        *figures.Book
	Forms       []*flows.Form // current ones: surveys have their figures in an annex
	Words       *locales.Catalogue
	Zone        *time.Location
	Now         func() time.Time
}

// A Request says which report is wanted.
type Request struct {
	Form *flows.Form // whose report sheet says what goes where
	Year int
	Lang string
	All  bool // also updates that were not accepted
}

// A Draft is a report that can be written.
type Draft struct {
	*report.Report
	Lost []report.Entry // for which the outline has no place
	New  int            // paragraphs that the draft before did not have

	src    Source
	req    Request
	before map[report.Place]storage.DraftCell
}

// Forms are those whose updates make a report.
func Forms(all []*flows.Form) []*flows.Form {
	var out []*flows.Form
	for _, f := range all {
		if slices.ContainsFunc(f.Programme.Report, func(r flows.ReportRow) bool { return r.Text != nil }) {
			out = append(out, f)
		}
	}
	return out
}

// Make drafts a report.
func Make(ctx context.Context, src Source, req Request) (*Draft, error) {
	d := &Draft{src: src, req: req}
	year, err := d.read(ctx)
	if err != nil {
		return nil, err
	}
	o := d.outline()
	if err := d.recommend(ctx, &o); err != nil {
		return nil, err
	}
	names := places.New(src.Forms)
	for i := range o.Sections {
		year.figuresOf(&o.Sections[i], names)
	}
	kept, err := d.kept(ctx)
	if err != nil {
		return nil, err
	}
	d.Report, d.Lost = report.Draft(o, year.entries, kept)
	for _, blocks := range d.Rows {
		for _, b := range blocks {
			if b.New {
				d.New++
			}
		}
	}
	return d, d.annexes(ctx, year, names)
}

func (d *Draft) word(key string, args locales.Args) string {
	return d.src.Words.Text(d.req.Lang, key, args)
}

// lang is the report's language in a form.
func (d *Draft) lang(f *flows.Form) int {
	i, _ := f.Language(d.req.Lang)
	return i
}

// outline makes the sections of the report sheet: A.1 and A.2 are parts of A.
func (d *Draft) outline() report.Outline {
	f, lang := d.req.Form, d.lang(d.req.Form)
	o := report.Outline{Year: d.req.Year, Lang: d.req.Lang, Words: d.src.Words, Cover: cover(f.Settings.Cover.In(lang))}
	if o.Title = strings.TrimSpace(f.Settings.Group.In(lang)); o.Title == "" {
		o.Title = render.Plain(f.Title.In(lang))
	}
	o.Subtitle = d.word("report.draft", locales.Args{"Date": d.src.Now().In(d.src.Zone)})
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
			o.Sections = append(o.Sections, report.OutlineSection{Key: head, Title: SectionTitle(f, lang, head)})
		}
		if inner {
			o.Sections[i].Parts = append(o.Sections[i].Parts, report.Part{Key: row.Section, Title: SectionTitle(f, lang, row.Section)})
		}
	}
	return o
}

// SectionTitle is the label that the report sheet gives a section, else the
// choice of the form that begins with its key.
func SectionTitle(f *flows.Form, lang int, key string) string {
	for _, r := range f.Programme.Report {
		if label := strings.TrimSpace(r.Label.In(lang)); r.Section == key && label != "" {
			return label
		}
	}
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

// cover reads the lists of the settings: a line that ends with a colon names
// one, the lines below it are its items.
func cover(text string) []report.List {
	var out []report.List
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "-•"))
		title, is := strings.CutSuffix(line, ":")
		switch {
		case line == "":
		case is:
			out = append(out, report.List{Title: title})
		case len(out) == 0:
			out = append(out, report.List{Items: []string{line}})
		default:
			l := &out[len(out)-1]
			l.Items = append(l.Items, line)
		}
	}
	return out
}

// recommend puts what was agreed into its parts: what is open, and what was
// done or given up in the year.
func (d *Draft) recommend(ctx context.Context, o *report.Outline) error {
	items, err := d.src.Drafts.Items(ctx, d.req.Form.ID)
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.Year > o.Year || i.State != storage.ItemOpen && i.Changed.In(d.src.Zone).Year() < o.Year {
			continue
		}
		r := report.Recommendation{Text: i.Text, Owner: i.Owner, Due: i.Due, Year: i.Year, Column: report.Progress}
		if i.Kind == storage.WayForward {
			r.Column = report.Challenges
		}
		// of a later year a report knows nothing yet
		if i.State != storage.ItemOpen && i.Changed.In(d.src.Zone).Year() == o.Year {
			r.Done, r.GivenUp = i.State == storage.ItemDone, i.State == storage.ItemGivenUp
		}
		if !o.Recommend(i.Part, r) {
			d.Lost = append(d.Lost, report.Entry{Part: i.Part, Text: i.Text, Ref: i.ID})
		}
	}
	return nil
}

// kept reads what people left in the cells.
func (d *Draft) kept(ctx context.Context) (map[report.Place]report.Cell, error) {
	list, err := d.src.Drafts.Cells(ctx, d.req.Form.ID, d.req.Year, d.req.Lang)
	if err != nil {
		return nil, err
	}
	d.before = map[report.Place]storage.DraftCell{}
	out := map[report.Place]report.Cell{}
	for _, c := range list {
		if column, ok := report.ParseColumn(c.Column); ok {
			at := report.Place{Part: c.Part, Column: column}
			d.before[at] = c
			out[at] = report.Cell{Text: c.Text, Refs: c.Offered}
		}
	}
	return out, nil
}

// Keep remembers what stands in the cells and which updates they were offered.
// A cell that somebody changed meanwhile stays as they left it.
func (d *Draft) Keep(ctx context.Context) error {
	for at, cell := range d.Cells() {
		old, there := d.before[at]
		if there && old.Text == cell.Text && slices.Equal(old.Offered, cell.Refs) {
			continue
		}
		err := d.src.Drafts.PutCell(ctx, storage.DraftCell{
			FormID: d.req.Form.ID, Year: d.req.Year, Language: d.req.Lang, Part: at.Part, Column: at.Column.String(),
			Text: cell.Text, Offered: cell.Refs, Revision: old.Revision + 1, Changed: d.src.Now(),
		})
		if err != nil && !errors.Is(err, storage.ErrConflict) {
			return err
		}
	}
	return nil
}

// Edit puts a text into a cell of a draft in the place of what stood there.
// ErrConflict if the cell is no longer at revision base.
func Edit(ctx context.Context, s storage.Drafts, formID string, year int, lang string, at report.Place, text string, base int, now time.Time) error {
	list, err := s.Cells(ctx, formID, year, lang)
	if err != nil {
		return err
	}
	c := storage.DraftCell{FormID: formID, Year: year, Language: lang, Part: at.Part, Column: at.Column.String()}
	for _, old := range list {
		if old.Part == c.Part && old.Column == c.Column {
			c = old
		}
	}
	if c.Revision != base {
		return fmt.Errorf("edit cell %s: %w", at.Part, storage.ErrConflict)
	}
	c.Text, c.Revision, c.Changed = report.CellText(report.ParseCell(text)), base+1, now
	return s.PutCell(ctx, c)
}
