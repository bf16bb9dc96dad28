package digest

import (
	"context"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/tally"
)

// Chart is the picture of a form's shares at a place, each with its interval and
// beside it the period before; nil if there is nothing to draw.
func Chart(ctx context.Context, src Source, r Request) (*chart.Chart, error) {
	d := &writer{Source: src, Request: r}
	for _, f := range src.Forms {
		if f.ID != r.Form {
			continue
		}
		c, err := d.count(ctx, f)
		if err != nil || c == nil {
			return nil, err
		}
		return d.chart(c), nil
	}
	return nil, nil
}

// maxBars is how many bars are still read on a phone.
const maxBars = 14

func (d *writer) chart(c *counted) *chart.Chart {
	out := &chart.Chart{Kind: chart.Bars, Title: d.title(c.form), Subtitle: d.placeName(d.Place), Unit: chart.Shares,
		Lang: d.Lang, Words: d.Words}
	lang, _ := c.form.Language(d.Lang)
	for i := range c.form.Programme.Indicators {
		ind := &c.form.Programme.Indicators[i]
		if ind.Measure != "share" || len(out.Rows) == maxBars {
			continue
		}
		at := d.Place
		if ind.Scope["service"] != "" {
			at.Service = ""
		}
		now, _, shown := c.figure(ind.Name, at)
		f := chart.Figure{Value: now.Estimate, Low: now.Low, High: now.High, N: int(now.N)}
		switch {
		case !shown && now.N == 0 && !d.Published:
			f = chart.Figure{State: chart.None}
		case !shown || now.N < tally.Few:
			f = chart.Figure{State: chart.Few}
		}
		out.Rows = append(out.Rows, chart.Row{Label: render.Plain(ind.Label.In(lang)), Figures: []chart.Figure{f}})
	}
	if len(out.Rows) == 0 {
		return nil
	}
	return out
}
