package digest

import (
	"context"
	"fmt"
	"slices"

	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/tally"
)

// The kinds of pictures of a form's figures.
const (
	Bars   = "bars"   // shares with their intervals, beside the period before
	Likert = "likert" // how often each answer of a scale was given
	Lines  = "lines"  // shares over periods
	Quotas = "quotas" // how full they are
)

// Kinds are all of them.
var Kinds = []string{Bars, Likert, Lines, Quotas}

// Pictures are the kinds that a form has figures for. Quotas are not published,
// and of distributions only those of the nation.
func Pictures(f *flows.Form, published bool) (out []string) {
	p := &f.Programme
	if slices.ContainsFunc(p.Indicators, func(i flows.Indicator) bool { return i.Measure == "share" }) {
		out = append(out, Bars, Lines)
	}
	if len(scaled(f)) > 0 {
		out = append(out, Likert)
	}
	if len(p.Quotas) > 0 && !published {
		out = append(out, Quotas)
	}
	return out
}

// Chart is a picture of a form's figures at a place; nil if there is nothing to
// draw.
func Chart(ctx context.Context, src Source, r Request, kind string) (*chart.Chart, error) {
	d := &writer{Source: src, Request: r}
	i := slices.IndexFunc(src.Forms, func(f *flows.Form) bool { return f.ID == r.Form })
	if i < 0 || !slices.Contains(Pictures(src.Forms[i], r.Published), kind) {
		return nil, nil
	}
	f := src.Forms[i]
	c := &chart.Chart{Title: d.title(f), Subtitle: d.placeName(d.Place), Unit: chart.Shares, Lang: d.Lang, Words: d.Words}
	if text := d.selection(); text != "" {
		c.Subtitle += ", " + text
	}
	if kind == Lines {
		err := d.lines(ctx, f, c)
		return filled(c), err
	}
	counted, err := d.count(ctx, f)
	if err != nil || counted == nil {
		return nil, err
	}
	from, to := d.span(counted)
	c.Subtitle += ", " + from + " – " + to
	switch kind {
	case Likert:
		d.likert(counted, c)
	case Quotas:
		d.quotaBars(counted, c)
	default:
		d.bars(counted, c)
	}
	return filled(c), nil
}

func filled(c *chart.Chart) *chart.Chart {
	if len(c.Rows) == 0 {
		return nil
	}
	return c
}

// maxBars is how many bars are still read on a phone.
const maxBars = 14

func (d *writer) bars(c *counted, out *chart.Chart) {
	lang, _ := c.form.Language(d.Lang)
	compared := false
	for i := range c.form.Programme.Indicators {
		ind := &c.form.Programme.Indicators[i]
		if ind.Measure != "share" || len(out.Rows) == maxBars || d.Plan != "" && ind.Plan != d.Plan {
			continue
		}
		now, before, shown := c.figure(ind.Name, d.at(ind))
		if now.N == 0 && before.N == 0 && !d.Published {
			continue // rows without data would hide those with some
		}
		row := chart.Row{Label: render.Plain(ind.Label.In(lang)), Figures: []chart.Figure{d.bar(now, shown)}}
		if before.N >= tally.Few {
			compared = true
		}
		row.Figures = append(row.Figures, d.bar(before, before.N >= tally.Few))
		out.Rows = append(out.Rows, row)
	}
	if !compared {
		for i := range out.Rows {
			out.Rows[i].Figures = out.Rows[i].Figures[:1]
		}
		return
	}
	out.Columns = []string{d.Words.Text(d.Lang, "chart.now", nil), d.Words.Text(d.Lang, "chart.before", nil)}
}

// at is the place of an indicator: one that is of a service itself is not looked
// at by service.
func (d *writer) at(ind *flows.Indicator) tally.Place {
	at := d.Place
	if ind.Scope["service"] != "" {
		at.Service = ""
	}
	return at
}

func (d *writer) bar(f tally.Figure, shown bool) chart.Figure {
	switch {
	case !shown && f.N == 0 && !d.Published:
		return chart.Figure{State: chart.None}
	case !shown || f.N < tally.Few:
		return chart.Figure{State: chart.Few}
	}
	return chart.Figure{Value: f.Estimate, Low: f.Low, High: f.High, N: int(f.N)}
}

// scaled are the distributions of answers on the scale that most of a form's
// distributions share.
func scaled(f *flows.Form) []*flows.Indicator {
	by := map[*flows.List][]*flows.Indicator{}
	var best []*flows.Indicator
	for i := range f.Programme.Indicators {
		ind := &f.Programme.Indicators[i]
		if ind.Measure != "distribution" || ind.Of == nil {
			continue
		}
		q := ind.Of.Question(f)
		if q == nil || q.List == nil || q.Type.Multiple() || len(q.List.Choices) < 2 || len(q.List.Choices) > 7 {
			continue
		}
		by[q.List] = append(by[q.List], ind)
		if len(by[q.List]) > len(best) {
			best = by[q.List]
		}
	}
	return best
}

// likert shows how often each answer was given, the lowest answer first: forms
// list the best one first or last, and a scale that is named by numbers is put
// in their order.
func (d *writer) likert(c *counted, out *chart.Chart) {
	out.Kind = chart.Likert
	list := scaled(c.form)
	lang, _ := c.form.Language(d.Lang)
	choices := slices.Clone(list[0].Of.Question(c.form).List.Choices)
	slices.SortStableFunc(choices, func(a, b flows.ChoiceDef) int {
		x, okX := number(a.Name)
		y, okY := number(b.Name)
		if !okX || !okY {
			return 0
		}
		return x - y
	})
	for _, choice := range choices {
		out.Columns = append(out.Columns, render.Plain(choice.Label.In(lang)))
	}
	for _, ind := range list {
		now, _, shown := c.figure(ind.Name, d.at(ind))
		row := chart.Row{Label: render.Plain(ind.Label.In(lang))}
		counts, known := d.answers(c, ind)
		if !shown || now.N < tally.Few || !known {
			row.Figures = []chart.Figure{{State: chart.Few}}
			if now.N == 0 && !d.Published {
				row.Figures[0].State = chart.None
			}
			out.Rows = append(out.Rows, row)
			continue
		}
		for _, choice := range choices {
			row.Figures = append(row.Figures, chart.Figure{Value: float64(counts[choice.Name]) / float64(now.N), N: int(now.N)})
		}
		out.Rows = append(out.Rows, row)
	}
}

// answers are how many gave each answer; known is false where some of them are
// kept back.
func (d *writer) answers(c *counted, ind *flows.Indicator) (counts map[string]int64, known bool) {
	counts = map[string]int64{}
	if c.live != nil {
		for _, s := range c.live.Sum(d.at(ind)).Shares(c.live.Plan, ind.Name) {
			counts[s.Value] = s.K
		}
		return counts, true
	}
	if d.at(ind) != (tally.Place{}) || c.table == nil {
		return nil, false
	}
	for _, v := range c.table.Values[ind.Name] {
		if v.Hidden {
			return nil, false
		}
		counts[v.Value] = v.K
	}
	return counts, true
}

func number(s string) (n int, ok bool) {
	_, err := fmt.Sscanf(s, "%d", &n)
	return n, err == nil
}

func (d *writer) quotaBars(c *counted, out *chart.Chart) {
	out.Kind, out.Unit = chart.Quotas, chart.Numbers
	out.Subtitle = d.placeName(d.Place) + ", " + d.Words.Date(d.Lang, d.Period.To.In(d.Zone))
	if c.all == nil {
		return
	}
	lang, _ := c.form.Language(d.Lang)
	for _, q := range c.form.Programme.Quotas {
		out.Rows = append(out.Rows, chart.Row{Label: render.Plain(q.Label.In(lang)), Figures: []chart.Figure{{
			Value: float64(c.all.Quota(c.live.Plan, q.Name)), Target: float64(q.Target)}}})
	}
}

// What a picture of lines shows.
const (
	linePeriods = 8
	maxLines    = 4
)

// lines shows shares over the periods that a form's figures are published for.
func (d *writer) lines(ctx context.Context, f *flows.Form, out *chart.Chart) error {
	out.Kind = chart.Lines
	every := figures.Every(f)
	last, err := d.Book.Last(f, d.Period.To)
	if err != nil {
		return err
	}
	if !d.Published {
		if last, err = tally.PeriodOf(every, tally.DayOf(d.Period.To, d.Zone)); err != nil {
			return err
		}
	}
	periods := []tally.Period{last}
	for len(periods) < linePeriods {
		if last, err = tally.Before(every, last); err != nil {
			return err
		}
		periods = append(periods, last)
	}
	slices.Reverse(periods)
	figure, err := d.over(ctx, f, periods)
	if err != nil {
		return err
	}
	lang, _ := f.Language(d.Lang)
	for _, p := range periods {
		name := p.Name
		if every == "month" {
			day := p.From.Start(d.Zone)
			_, short := d.Words.Months(d.Lang)
			name = fmt.Sprint(short[day.Month()-1], " ", day.Year())
		}
		out.Columns = append(out.Columns, name)
	}
	for i := range f.Programme.Indicators {
		ind := &f.Programme.Indicators[i]
		if ind.Measure != "share" || len(out.Rows) == maxLines || d.Plan != "" && ind.Plan != d.Plan {
			continue
		}
		row := chart.Row{Label: render.Plain(ind.Label.In(lang))}
		for k := range periods {
			now, shown := figure(k, ind)
			row.Figures = append(row.Figures, d.bar(now, shown))
		}
		out.Rows = append(out.Rows, row)
	}
	begin(out)
	return nil
}

// begin leaves the periods out in which a form was not asked yet; two stay, for
// a line needs as many.
func begin(c *chart.Chart) {
	asked := func(r chart.Row) bool { return r.Figures[0].State != chart.None }
	for len(c.Columns) > 2 && !slices.ContainsFunc(c.Rows, asked) {
		c.Columns = c.Columns[1:]
		for i := range c.Rows {
			c.Rows[i].Figures = c.Rows[i].Figures[1:]
		}
	}
}

// over reads the figures of several periods: live, or as they were published.
func (d *writer) over(ctx context.Context, f *flows.Form, periods []tally.Period) (func(k int, ind *flows.Indicator) (tally.Figure, bool), error) {
	if d.Published {
		tables := make([]*tally.Table, len(periods))
		for i, p := range periods {
			t, err := d.table(ctx, f, p)
			if err != nil {
				return nil, err
			}
			tables[i] = t
		}
		return func(k int, ind *flows.Indicator) (tally.Figure, bool) {
			if tables[k] == nil {
				return tally.Figure{}, false
			}
			c, ok := tables[k].At(ind.Name, d.at(ind))
			return c.Figure(ind), ok && !c.Hidden
		}, nil
	}
	var spans []figures.Span
	for _, p := range periods {
		spans = append(spans, figures.Span{From: p.From, To: p.To})
	}
	if _, err := d.Book.Fresh(ctx, f.ID); err != nil {
		return nil, err
	}
	read, err := d.Book.Flagged(ctx, f.ID, d.Flagged, spans...)
	if err != nil {
		return nil, err
	}
	return func(k int, ind *flows.Indicator) (tally.Figure, bool) {
		now, ok := read[k].Sum(d.at(ind)).Figure(read[k].Plan, ind.Name)
		return now, ok && now.N >= tally.Few
	}, nil
}
