// Package digest writes what the secretariat and observers get on schedule and
// on /digest: one message, short enough for a phone, with what came in, the
// figures of each form and what became of them, how full the quotas are, and the
// newest updates.
//
// The secretariat sees live figures. Everybody else sees published tables: those
// of the last period that is over, small groups hidden.
package digest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A Source is where a digest's figures come from.
type Source struct {
	Submissions storage.Submissions
	Reviews     storage.Reviews // nil: nothing is quoted
	Book        *figures.Book
	Forms       []*flows.Form // current ones, in the order to show
	Words       *locales.Catalogue
	Zone        *time.Location

	// Reports tells how reports that are due stand in a place; nil: not told.
	Reports func(ctx context.Context, lang string, at tally.Place) ([]Report, error)

	// Memo keeps readings for several digests of one moment; nil: none are kept.
	Memo *Memo
}

// A Report is one that is due from districts again and again.
type Report struct {
	Title, Period string
	Due           time.Time
	Late          bool     // it was due before now
	Missing       []string // districts that have not reported
	Total         int      // that have to
}

// A Memo keeps readings, so that many digests of one moment read the cells
// once. The zero Memo is ready.
type Memo struct {
	mu       sync.Mutex
	readings map[string][]*figures.Reading
}

func (m *Memo) read(key string, read func() ([]*figures.Reading, error)) ([]*figures.Reading, error) {
	if m == nil {
		return read()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.readings[key]; r != nil {
		return r, nil
	}
	r, err := read()
	if err == nil {
		if m.readings == nil {
			m.readings = map[string][]*figures.Reading{}
		}
		m.readings[key] = r
	}
	return r, err
}

// A Period is what a digest is about: From <= received < To. Open means that it
// is not over yet.
type Period struct {
	From, To time.Time
	Open     bool
}

// A Request says what a digest is about.
type Request struct {
	Lang      string
	Place     tally.Place     // the zero place is the nation
	Form      string          // one form in full; "" is all, in brief
	Period    Period          // of live figures
	Published bool            // published tables instead, of the last period that was over at Period.To
	Told      string          // the published tables that are no news, a line of each as TableKey writes it
	Flagged   storage.Flagged // live figures of those selected by flag; published ones include all
	Plan      string          // only indicators that follow this plan outcome or target
}

// A Message is a digest.
type Message struct {
	Text    string        // Telegram HTML, of any length
	Forms   []*flows.Form // those with something to tell
	Deeper  []tally.Place // parts of the place, to look at next
	Nothing bool          // nothing came in
}

const (
	maxUpdates    = 8
	maxDistricts  = 5
	maxIndicators = 6 // of a form, in brief
	maxGroups     = 8
	maxDeeper     = 20
	maxQuotes     = 3
	maxMissing    = 8
)

// Write writes a digest.
func Write(ctx context.Context, src Source, r Request) (*Message, error) {
	d := &writer{Source: src, Request: r}
	for _, f := range src.Forms {
		if r.Form != "" && f.ID != r.Form {
			continue
		}
		c, err := d.count(ctx, f)
		if err != nil {
			return nil, err
		}
		if c != nil {
			d.forms = append(d.forms, c)
		}
	}
	if !r.Published {
		if err := d.readUpdates(ctx); err != nil {
			return nil, err
		}
		if d.Reports != nil && r.Form == "" {
			var err error
			if d.due, err = d.Reports(ctx, r.Lang, r.Place); err != nil {
				return nil, err
			}
		}
	}
	if err := d.readQuotes(ctx); err != nil {
		return nil, err
	}
	m := &Message{Text: d.write(), Nothing: d.total() == 0, Deeper: d.deeper()}
	for _, c := range d.forms {
		if c.n > 0 {
			m.Forms = append(m.Forms, c.form)
		}
	}
	return m, nil
}

// counted is a form with what came in for it, live or as published.
type counted struct {
	form      *flows.Form
	n, before int64
	hidden    bool // the number of submissions is
	figure    func(indicator string, at tally.Place) (now, before tally.Figure, shown bool)
	groups    func(ind *flows.Indicator) []tally.Figure
	places    []tally.Place
	live      *figures.Reading
	sums      *tally.Sums    // live ones of the place
	all       *tally.Sums    // since the last round, for quotas
	round     *storage.Round // that the figures are compared with; nil: the period before
	recent    *tally.Sums    // of the last two weeks
	period    tally.Period
	table     *tally.Table // as published
}

type writer struct {
	Source
	Request
	forms  []*counted
	newest []storage.Submission
	due    []Report
	quotes []string
	tests  []string // that called a change one
	b      bytes.Buffer
}

// projectBy is how many days back the pace of a quota is taken from.
const projectBy = 14

func (d *writer) count(ctx context.Context, f *flows.Form) (*counted, error) {
	if d.Published {
		return d.published(ctx, f)
	}
	from, to := tally.DayOf(d.Period.From, d.Zone), tally.DayOf(d.Period.To.Add(-time.Nanosecond), d.Zone)+1
	if _, err := d.Book.Fresh(ctx, f.ID); err != nil {
		return nil, fmt.Errorf("count %s: %w", f.ID, err)
	}
	round, err := d.Book.Round(ctx, f.ID, from)
	if err != nil {
		return nil, err
	}
	since := figures.Ever
	spans := []figures.Span{{From: from, To: to}, {From: from - (to - from), To: from}}
	if round != nil {
		since.From = tally.DayOf(round.To, d.Zone)
		spans = append(spans, figures.Span{From: tally.DayOf(round.From, d.Zone), To: since.From})
	}
	if len(f.Programme.Quotas) > 0 {
		spans = append(spans, figures.Span{From: to - projectBy, To: to}, since)
	}
	read, err := d.Memo.read(fmt.Sprint(f.ID, " ", from, to, " ", d.Flagged), func() ([]*figures.Reading, error) {
		return d.Book.Flagged(ctx, f.ID, d.Flagged, spans...)
	})
	if err != nil {
		return nil, err
	}
	now, before := read[0], read[1]
	sums, old := now.Sum(d.Place), before.Sum(d.Place)
	c := &counted{form: f, n: sums.Submissions, before: old.Submissions, live: now, sums: sums, places: now.Places(d.Place)}
	if round != nil && (inRounds(f) || old.Submissions == 0) {
		before = read[2]
		old, c.before, c.round = before.Sum(d.Place), 0, round
	}
	cache := map[tally.Place][2]*tally.Sums{d.Place: {sums, old}}
	c.figure = func(name string, at tally.Place) (a, b tally.Figure, shown bool) {
		s, ok := cache[at]
		if !ok {
			s = [2]*tally.Sums{now.Sum(at), before.Sum(at)}
			cache[at] = s
		}
		a, ok = s[0].Figure(now.Plan, name)
		b, _ = s[1].Figure(before.Plan, name)
		return a, b, ok && a.N >= tally.Few
	}
	c.groups = func(ind *flows.Indicator) []tally.Figure {
		if len(ind.By) == 0 {
			return nil
		}
		return sums.By(now.Plan, ind.Name, ind.By[0].Name)
	}
	if len(f.Programme.Quotas) > 0 {
		c.recent, c.all = read[len(read)-2].Sum(d.Place), read[len(read)-1].Sum(d.Place)
	}
	return c, nil
}

// inRounds reports whether a form is held in rounds: whoever filled it in does so
// again in the next one only. Its figures are compared with the round before.
func inRounds(f *flows.Form) bool {
	return slices.Contains([]string{"once", "once per year", "once per quarter"}, f.Settings.Submissions)
}

// published reads the table of the last period that is over; nil if there is
// none, or nothing in it of the place.
func (d *writer) published(ctx context.Context, f *flows.Form) (*counted, error) {
	period, err := d.Book.Last(f, d.Period.To)
	if err != nil {
		return nil, err
	}
	table, err := d.table(ctx, f, period)
	if err != nil || table == nil {
		return nil, err
	}
	old := &tally.Table{}
	if earlier, err := tally.Before(figures.Every(f), period); err == nil {
		if t, err := d.Book.Table(ctx, f.ID, earlier.Name); err == nil {
			old = t
		}
	}
	total, ok := table.Submissions(d.Place)
	if !ok {
		return nil, nil
	}
	was, _ := old.Submissions(d.Place)
	c := &counted{form: f, n: max(total.N, 1), before: was.N, hidden: total.Hidden, places: table.Places(d.Place), period: period, table: table}
	c.figure = func(name string, at tally.Place) (a, b tally.Figure, shown bool) {
		i := slices.IndexFunc(f.Programme.Indicators, func(x flows.Indicator) bool { return x.Name == name })
		now, ok := table.At(name, at)
		before, _ := old.At(name, at)
		ind := &f.Programme.Indicators[i]
		return now.Figure(ind), before.Figure(ind), ok && !now.Hidden
	}
	return c, nil
}

// table is what was published of a period; nil if nothing was.
func (d *writer) table(ctx context.Context, f *flows.Form, p tally.Period) (*tally.Table, error) {
	t, err := d.Book.Table(ctx, f.ID, p.Name)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	return t, err
}

func (d *writer) total() (n int64) {
	for _, c := range d.forms {
		n += c.n
	}
	return n
}

func (d *writer) line(key string, args locales.Args) {
	d.b.WriteString(d.Words.HTML(d.Lang, key, args) + "\n")
}

func (d *writer) gap() { d.b.WriteByte('\n') }

// old reports whether all that is published was told before.
func (d *writer) old() bool {
	told := strings.Split(d.Told, "\n")
	return d.Published && !slices.ContainsFunc(d.forms, func(c *counted) bool {
		return !slices.Contains(told, TableKey(c.form, c.period))
	})
}

// TableKey names a published table of a form in a Request's Told.
func TableKey(f *flows.Form, p tally.Period) string { return f.ID + " " + p.Name }

// span is the first and the last day of what is told.
func (d *writer) span(c *counted) (from, to string) {
	if d.Published && c != nil {
		return d.Words.Date(d.Lang, c.period.From.Start(d.Zone)), d.Words.Date(d.Lang, (c.period.To - 1).Start(d.Zone))
	}
	return d.Words.Date(d.Lang, d.Period.From.In(d.Zone)), d.Words.Date(d.Lang, d.Period.To.In(d.Zone).Add(-time.Second))
}

func (d *writer) write() string {
	if d.Published && len(d.forms) == 0 {
		d.line("digest.no_table", nil)
		return strings.TrimSpace(d.b.String())
	}
	var first *counted
	if len(d.forms) > 0 {
		first = d.forms[0]
	}
	from, to := d.span(first)
	if d.old() {
		d.line("digest.no_new", locales.Args{"To": to})
		return strings.TrimSpace(d.b.String())
	}
	title := "digest.title"
	if from == to {
		title = "digest.title_day"
	}
	if d.Period.Open && !d.Published {
		title = "digest.title_now"
	}
	d.line(title, locales.Args{"From": from, "To": to})
	if d.Place != (tally.Place{}) {
		d.line("digest.place", locales.Args{"Name": d.placeName(d.Place)})
	}
	d.selected()
	if d.total() == 0 {
		if from == to {
			d.line("digest.nothing_day", locales.Args{"Date": from})
		} else {
			d.line("digest.nothing", locales.Args{"From": from, "To": to})
		}
		d.missing()
		return strings.TrimSpace(d.b.String())
	}
	d.received()
	d.districts()
	intervals := false
	for _, c := range d.forms {
		intervals = d.figures(c) || intervals
	}
	d.quotas()
	d.missing()
	d.alerts()
	d.say()
	d.updates()
	d.footnotes(intervals)
	return strings.TrimSpace(d.b.String())
}

// selected says which interviews the figures are of, if not of all.
func (d *writer) selected() {
	if text := d.selection(); text != "" {
		d.line("digest.selected", locales.Args{"Text": text})
	}
}

// selection is which interviews live figures are of; "" is all.
func (d *writer) selection() string {
	if d.Published || d.Flagged == "" {
		return ""
	}
	return d.Words.Text(d.Lang, "flagged."+string(d.Flagged), nil)
}

// footnotes tell what a reader may ask about the lines above.
func (d *writer) footnotes(intervals bool) {
	if !intervals && !d.Published && len(d.tests) == 0 {
		return
	}
	d.gap()
	if intervals {
		d.line("digest.interval", nil)
	}
	if len(d.tests) > 0 {
		d.line("digest.changes", locales.Args{"Tests": strings.Join(d.tests, ", ")})
	}
	if d.Published {
		d.line("digest.published", nil)
	}
}

func (d *writer) deeper() []tally.Place {
	var out []tally.Place
	for _, c := range d.forms {
		for _, p := range c.places {
			if !slices.Contains(out, p) && len(out) < maxDeeper && p != d.Place {
				out = append(out, p)
			}
		}
	}
	return out
}
