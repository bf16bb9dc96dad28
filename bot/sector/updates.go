package sector

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/report"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A reading is what the updates of a year say and add up to, beside those of
// the year before.
type reading struct {
	d         *Draft
	plan      *tally.Plan
	entries   []report.Entry
	total     *group
	sections  map[string]*group // by head: "A"
	provinces map[string]*group // by code
	outcomes  map[string]*group // by choice of the plan
	reported  map[string]bool   // districts, whatever became of their updates
}

// A group adds up updates of this year and the one before.
type group struct {
	now, before *tally.Sums
	provinces   map[string]int // updates of this year
}

func newGroup() *group {
	return &group{tally.NewSums(), tally.NewSums(), map[string]int{}}
}

func groupOf(m map[string]*group, key string) *group {
	if m[key] == nil {
		m[key] = newGroup()
	}
	return m[key]
}

// atOnce is how many updates are looked at between two questions to the store.
const atOnce = 200

func (d *Draft) read(ctx context.Context) (*reading, error) {
	plan, err := d.src.Book.Plan(ctx, d.req.Form.ID)
	if err != nil {
		return nil, err
	}
	y := &reading{d: d, plan: plan, total: newGroup(), sections: map[string]*group{}, provinces: map[string]*group{},
		outcomes: map[string]*group{}, reported: map[string]bool{}}
	// what came in later may tell of this year, nothing that came earlier does
	from := time.Date(d.req.Year-1, 1, 1, 0, 0, 0, 0, d.src.Zone)
	var batch []*storage.Submission
	for s, err := range d.src.Submissions.Each(ctx, storage.Filter{FormID: d.req.Form.ID, From: from}) {
		if err != nil {
			return nil, err
		}
		year := d.yearOf(s)
		if year != d.req.Year && year != d.req.Year-1 {
			continue
		}
		if batch = append(batch, s); len(batch) == atOnce {
			if err := y.take(ctx, batch); err != nil {
				return nil, err
			}
			batch = nil
		}
	}
	return y, y.take(ctx, batch)
}

// yearOf is the year that an update tells of.
func (d *Draft) yearOf(s *storage.Submission) int {
	if q := d.req.Form.Settings.Roles.Date; q != "" {
		if head, _, ok := strings.Cut(tally.Answer(s.Data, q), "-"); ok {
			if year, err := strconv.Atoi(head); err == nil {
				return year
			}
		}
	}
	return s.Received.In(d.src.Zone).Year()
}

func (y *reading) take(ctx context.Context, batch []*storage.Submission) error {
	ids := make([]string, len(batch))
	for i, s := range batch {
		ids[i] = s.ID
	}
	states, err := y.d.src.Reviews.States(ctx, ids...)
	if err != nil {
		return err
	}
	for _, s := range batch {
		this := y.d.yearOf(s) == y.d.req.Year
		if this && s.District != "" {
			y.reported[s.District] = true
		}
		if st := states[s.ID].State; y.d.req.All || st == storage.Accepted || st == storage.Quoted {
			if err := y.update(s, this); err != nil {
				return fmt.Errorf("%s: %w", s.Reference, err)
			}
		}
	}
	return nil
}

// update takes one in: what it gives to the report, and to the figures of the
// sections that it stands in.
func (y *reading) update(s *storage.Submission, this bool) error {
	f := y.d.req.Form
	in, err := f.Open(flows.World{Now: func() time.Time { return s.Finished }, Zone: y.d.src.Zone}, &s.Submission)
	if err != nil {
		return err
	}
	in.SetLanguage(y.d.lang(f))
	heads := map[string]bool{}
	for _, row := range f.Programme.Report {
		column, ok := report.ParseColumn(row.Column)
		if !ok || row.Text == nil || row.Where != nil && !row.Where.Bool(in) {
			continue
		}
		head, _, _ := strings.Cut(row.Section, ".")
		heads[head] = true
		if !this {
			continue
		}
		e := report.Entry{Part: row.Section, Column: column, Text: row.Text.Text(in), Ref: s.Reference, Source: y.source(s, in)}
		if e.Lead = render.Plain(in.Message(row.Lead)); e.Lead != "" && !strings.HasSuffix(e.Lead, ":") {
			e.Lead += ":"
		}
		y.entries = append(y.entries, e)
	}
	if len(heads) == 0 {
		return nil // not in the report: may not be quoted
	}
	row, err := y.plan.Count(&s.Submission, s.Received)
	if err != nil {
		return err
	}
	groups := []*group{y.total, groupOf(y.provinces, s.Province)}
	for head := range heads {
		groups = append(groups, groupOf(y.sections, head))
	}
	for _, outcome := range strings.Fields(tally.Answer(s.Data, f.Settings.Roles.Plan)) {
		groups = append(groups, groupOf(y.outcomes, outcome))
	}
	for _, g := range groups {
		sums := g.before
		if this {
			sums = g.now
			g.provinces[s.Province]++
		}
		if err := sums.Add(&row); err != nil {
			return err
		}
	}
	return nil
}

// source tells where an update comes from: who reported what, where, and when.
func (y *reading) source(s *storage.Submission, in *flows.Instance) string {
	f := y.d.req.Form
	var parts []string
	add := func(text string) {
		if text = strings.Join(strings.Fields(text), " "); text != "" {
			parts = append(parts, text)
		}
	}
	add(tally.Answer(s.Data, f.Settings.Extra["organisation"]))
	add(y.label(f.Settings.Roles.District, s.District))
	add(s.Title)
	if day, err := time.Parse(time.DateOnly, tally.Answer(s.Data, f.Settings.Roles.Date)); err == nil {
		add(y.d.src.Words.Date(y.d.req.Lang, day))
	}
	return strings.Join(parts, ", ")
}

// label is what the form calls a choice of a question.
func (y *reading) label(question, name string) string {
	f := y.d.req.Form
	n := f.Question(question)
	if question == "" || n == nil || n.List == nil || n.List.Find(name) < 0 {
		return name
	}
	return render.Plain(n.List.Choices[n.List.Find(name)].Label.In(y.d.lang(f)))
}

// numbers are the indicators that are one number.
func (y *reading) numbers() []*flows.Indicator {
	var out []*flows.Indicator
	for i := range y.plan.Form.Programme.Indicators {
		ind := &y.plan.Form.Programme.Indicators[i]
		if slices.Contains([]string{"count", "sum", "share", "mean", "median"}, ind.Measure) {
			out = append(out, ind)
		}
	}
	return out
}

// figuresOf puts the figures of the year beneath a section's heading, with a
// chart of where its updates come from.
func (y *reading) figuresOf(s *report.OutlineSection, names *places.Directory) {
	g := y.sections[s.Key]
	if g == nil || g.now.Submissions == 0 {
		return
	}
	lang := y.d.lang(y.plan.Form)
	for _, ind := range y.numbers() {
		now, ok := g.now.Figure(y.plan, ind.Name)
		if !ok || now.N == 0 {
			continue
		}
		f := report.Figure{Label: render.Plain(ind.Label.In(lang)), Unit: unitOf(ind), Decimals: decimalsOf(ind), Now: figure(now)}
		if before, ok := g.before.Figure(y.plan, ind.Name); ok && before.N > 0 {
			was, change := figure(before), now.Against(before)
			f.Before, f.Tested, f.Changed = &was, change.Test != "", change.Real
		}
		s.Figures = append(s.Figures, f)
	}
	s.Chart = y.chartOf(s.Title, g, names)
}

func unitOf(ind *flows.Indicator) chart.Unit {
	if ind.Measure == "share" {
		return chart.Shares
	}
	return chart.Numbers
}

func decimalsOf(ind *flows.Indicator) int {
	if ind.Measure == "mean" {
		return 2
	}
	return -1
}

func figure(f tally.Figure) chart.Figure {
	out := chart.Figure{Value: f.Estimate, N: int(f.N)}
	if f.Interval {
		out.Low, out.High = f.Low, f.High
	}
	if f.Indicator.Measure == "count" {
		out.N = 0 // it is the number
	}
	return out
}

// chartOf draws where the updates of a section come from; nil if all are from
// one province.
func (y *reading) chartOf(title string, g *group, names *places.Directory) *chart.Chart {
	if len(g.provinces) < 2 {
		return nil
	}
	c := &chart.Chart{Kind: chart.Bars, Unit: chart.Numbers, Lang: y.d.req.Lang, Words: y.d.src.Words,
		Title: y.d.word("report.chart", nil), Subtitle: title}
	codes := byCount(g.provinces)
	shown := min(len(codes), maxBars)
	for _, code := range codes[:shown] {
		c.Rows = append(c.Rows, chart.Row{Label: y.d.provinceName(names, code), Figures: []chart.Figure{{Value: float64(g.provinces[code])}}})
	}
	rest := 0
	for _, code := range codes[shown:] {
		rest += g.provinces[code]
	}
	if rest > 0 {
		c.Note = y.d.word("report.others", locales.Args{"Count": len(codes) - shown, "Updates": rest})
	}
	return c
}

// maxBars is how many bars leave room for the figures on the same page.
const maxBars = 8

func byCount(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if m[a] != m[b] {
			return m[b] - m[a]
		}
		return strings.Compare(a, b)
	})
	return keys
}

// provinceName is a province as people call it. Updates of the whole country
// have a code that is none.
func (d *Draft) provinceName(names *places.Directory, code string) string {
	if p, ok := names.Get(code); ok && code != "" {
		return p.Label(d.req.Lang)
	}
	return d.word("report.national", locales.Args{})
}
