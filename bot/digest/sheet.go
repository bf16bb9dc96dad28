package digest

import (
	"context"
	"math"
	"slices"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
)

// Sheet is what was last published of a request's form, of its place and of all
// beneath it, as the rows of a workbook: shares in percent, with their intervals
// and the answers behind them. caption says of what. There are no rows if nothing
// was published of the place.
func Sheet(ctx context.Context, src Source, r Request) (rows [][]any, caption string, err error) {
	i := slices.IndexFunc(src.Forms, func(f *flows.Form) bool { return f.ID == r.Form })
	if i < 0 {
		return nil, "", nil
	}
	d := &writer{Source: src, Request: r}
	c, err := d.published(ctx, src.Forms[i])
	if err != nil || c == nil {
		return nil, "", err
	}
	word := func(key string) string { return d.Words.Text(d.Lang, "digest.sheet_"+key, nil) }
	rows = [][]any{{word("place"), word("figure"), word("value"), word("low"), word("high"), word("answers")}}
	lang, _ := c.form.Language(d.Lang)
	var walk func(at tally.Place)
	walk = func(at tally.Place) {
		name := d.placeName(at)
		if n, ok := c.table.Submissions(at); ok && n.Hidden {
			rows = append(rows, []any{name, word("received"), word("hidden")})
		} else if ok {
			rows = append(rows, []any{name, word("received"), n.N})
		}
		for k := range c.form.Programme.Indicators {
			ind := &c.form.Programme.Indicators[k]
			cell, ok := c.table.At(ind.Name, at)
			if !ok || ind.Measure == "distribution" {
				continue
			}
			label := render.Plain(ind.Label.In(lang))
			if cell.Hidden {
				rows = append(rows, []any{name, label, word("hidden")})
				continue
			}
			factor := 1.0
			if ind.Measure == "share" {
				label, factor = label+" (%)", 100
			}
			value := func(x float64) float64 { return math.Round(x*factor*100) / 100 }
			row := []any{name, label, value(cell.Estimate), nil, nil, cell.N}
			if cell.Interval {
				row[3], row[4] = value(cell.Low), value(cell.High)
			}
			rows = append(rows, row)
		}
		for _, p := range c.table.Places(at) {
			walk(p)
		}
	}
	walk(d.Place)
	from, to := d.span(c)
	return rows, d.Words.HTML(d.Lang, "digest.sheet_caption", locales.Args{"Title": d.title(c.form), "From": from, "To": to}), nil
}
