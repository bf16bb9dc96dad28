package tables

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/calendar"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// An Assessment says what is put side by side: the newest figures of each office
// and those of the time before.
type Assessment struct {
	form    *flows.Form
	office  *flows.Node // names what is assessed
	zone    *time.Location
	Figures []flows.Indicator // of one answer each
}

// An Office was assessed.
type Office struct {
	District, Name string
	Now            *storage.Submission
	Before         *storage.Submission // nil: it was assessed once
}

// NewAssessment reads from the form what is put side by side; nil if the form
// assesses nothing.
func NewAssessment(f *flows.Form, zone *time.Location) *Assessment {
	a := &Assessment{form: f, office: f.Question(f.Settings.Assessed), zone: zone}
	if f.Settings.Assessed == "" || a.office == nil {
		return nil
	}
	var seen []*flows.Node
	for _, ind := range f.Programme.Indicators {
		if ind.Of == nil {
			continue
		}
		if n := ind.Of.Question(f); n != nil && !slices.Contains(seen, n) {
			seen = append(seen, n)
			a.Figures = append(a.Figures, ind)
		}
	}
	return a
}

// Day is when an assessment was made: its date, if the form asks for one, or
// when it came in.
func (a *Assessment) Day(s *storage.Submission) time.Time {
	if q := a.form.Settings.Roles.Date; q != "" {
		if v := field(s.Data, q); len(v) >= len(time.DateOnly) {
			if t, err := time.ParseInLocation(time.DateOnly, v[:len(time.DateOnly)], a.zone); err == nil {
				return t
			}
		}
	}
	return s.Received.In(a.zone)
}

// before reports whether an assessment is of a time before another: of an
// earlier period if the form's calendar has periods.
func (a *Assessment) before(s, t *storage.Submission) bool {
	for i := range a.form.Programme.Calendar {
		if d := &a.form.Programme.Calendar[i]; d.From == "" {
			return calendar.Of(d, a.Day(s)).From.Before(calendar.Of(d, a.Day(t)).From)
		}
	}
	return a.Day(s).Before(a.Day(t))
}

// Offices are those assessed, by district and name: of all districts, or of
// those that within lets through.
func (a *Assessment) Offices(ctx context.Context, src Source, within func(s *storage.Submission) bool) ([]Office, error) {
	type pair struct{ now, before *storage.Submission }
	by := map[string]*pair{}
	var keys []string
	for s, err := range src.Each(ctx, storage.Filter{FormID: a.form.ID}) {
		if err != nil {
			return nil, fmt.Errorf("list submissions: %w", err)
		}
		name := field(s.Data, a.office.Name)
		if name == "" || within != nil && !within(s) {
			continue
		}
		key := s.District + "\x00" + strings.ToLower(folded(name))
		p := by[key]
		switch {
		case p == nil:
			by[key] = &pair{now: s}
			keys = append(keys, key)
		case a.before(p.now, s):
			p.now, p.before = s, p.now
		case !a.before(s, p.now): // of the same time: the later one counts
			p.now = s
		case p.before == nil || !a.before(s, p.before):
			p.before = s
		}
	}
	slices.Sort(keys)
	var out []Office
	for _, key := range keys {
		p := by[key]
		out = append(out, Office{District: p.now.District, Name: field(p.now.Data, a.office.Name), Now: p.now, Before: p.before})
	}
	return out, nil
}

// A Change is a figure, the one before, and by how much it changed; "" for what
// is not known.
type Change struct{ Now, Before, Change string }

// Changes are an office's figures.
func (a *Assessment) Changes(o *Office) []Change {
	var out []Change
	for _, ind := range a.Figures {
		c := Change{Now: field(o.Now.Data, ind.Of.Question(a.form).Name)}
		if o.Before != nil {
			c.Before = field(o.Before.Data, ind.Of.Question(a.form).Name)
		}
		x, err1 := strconv.ParseFloat(c.Now, 64)
		y, err2 := strconv.ParseFloat(c.Before, 64)
		if err1 == nil && err2 == nil {
			c.Change = strconv.FormatFloat(x-y, 'f', -1, 64)
		}
		out = append(out, c)
	}
	return out
}

// Place is the name of an office's district, "" if the form asks for none.
func (a *Assessment) Place(o *Office, lang int) string {
	if n := a.form.Question(a.form.Settings.Roles.District); n != nil && o.District != "" {
		return Shown(n, o.District, lang)
	}
	return o.District
}

// Title is an office as people call it.
func (a *Assessment) Title(o *Office, lang int) string { return Shown(a.office, o.Name, lang) }

// Table makes a row for each office, with labels in a language of the form, and
// the bot's own words beside them.
func (a *Assessment) Table(offices []Office, words *locales.Catalogue, code string) [][]string {
	lang, _ := a.form.Language(code)
	w := func(key, label string) string {
		return words.Text(code, "assess.column_"+key, locales.Args{"Label": label})
	}
	head := []string{w("district", ""), w("office", ""), w("date", ""), w("date_before", "")}
	for _, ind := range a.Figures {
		label := strings.TrimSpace(ind.Label.In(lang))
		head = append(head, label, w("before", label), w("change", label))
	}
	rows := [][]string{head}
	for i := range offices {
		o := &offices[i]
		row := []string{cmp.Or(a.Place(o, lang), o.District), a.Title(o, lang), a.Day(o.Now).Format(time.DateOnly), ""}
		if o.Before != nil {
			row[3] = a.Day(o.Before).Format(time.DateOnly)
		}
		for _, c := range a.Changes(o) {
			row = append(row, c.Now, c.Before, c.Change)
		}
		rows = append(rows, row)
	}
	return rows
}
