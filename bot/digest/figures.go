package digest

import (
	"math"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
)

// figures writes a form's indicators and the share of women, and reports
// whether an interval stands among them.
func (d *writer) figures(c *counted) (interval bool) {
	if c.n == 0 || len(c.form.Programme.Indicators) == 0 && c.live == nil {
		return false
	}
	start := d.b.Len()
	d.gap()
	d.line("digest.results", locales.Args{"Title": d.title(c.form)})
	if c.round != nil {
		d.line("digest.round", locales.Args{"Name": c.round.Name, "Count": c.round.Count,
			"From": d.Words.Date(d.Lang, c.round.From.In(d.Zone)), "To": d.Words.Date(d.Lang, c.round.To.In(d.Zone).Add(-time.Second))})
	}
	head := d.b.Len()
	held, written := 0, 0
	for i := range c.form.Programme.Indicators {
		ind := &c.form.Programme.Indicators[i]
		if s := ind.Scope["service"]; s != "" && d.Place.Service != "" && s != d.Place.Service || d.Plan != "" && ind.Plan != d.Plan {
			continue
		}
		at := d.Place
		if ind.Scope["service"] != "" {
			at.Service = "" // the indicator itself is of that service
		}
		now, before, shown := c.figure(ind.Name, at)
		switch {
		case ind.Measure == "texts", ind.Measure == "distribution" && (d.Form == "" || d.Published || ind.Chart == "likert"):
		case !shown && ind.Measure != "count" && ind.Measure != "sum" || !shown && d.Published:
			held++
		case d.Form == "" && written >= maxIndicators:
		default:
			written++
			interval = d.figure(c, now, before, at) || interval
		}
	}
	d.women(c)
	if held > 0 {
		d.line("digest.held", locales.Args{"Count": held, "Few": tally.Few})
	}
	if d.b.Len() == head {
		d.b.Truncate(start)
	}
	return interval
}

// women counts the answers to the question about sex that say female. The names
// of choices are the form's; these are what forms call it.
func (d *writer) women(c *counted) {
	if c.live == nil {
		return
	}
	var women, men, people int64
	for v, n := range c.live.Sexes(d.Place) {
		people += n
		switch strings.ToLower(v) {
		case "female", "f", "woman", "women", "w", "2":
			women += n
		case "male", "m", "man", "men", "1":
			men += n
		}
	}
	if people < tally.Few {
		return
	}
	share := float64(women) / float64(people)
	d.line("digest.women", locales.Args{"Value": d.Words.Percent(d.Lang, share), "Bar": progressBar(share),
		"Men": d.Words.Percent(d.Lang, float64(men)/float64(people)), "Count": int(people)})
}

// progressBar shows a share at a glance.
func progressBar(share float64) string {
	const width = 10
	full := int(math.Round(max(0, min(1, share)) * width))
	if full == width && share < 1 {
		full-- // what is not full must not look so
	}
	return strings.Repeat("▓", full) + strings.Repeat("░", width-full)
}

// value writes an estimate of an indicator.
func (d *writer) value(f tally.Figure, x float64) string {
	switch f.Indicator.Measure {
	case "share":
		return d.Words.Percent(d.Lang, x)
	case "mean":
		return d.Words.Number(d.Lang, x, 1)
	}
	return d.Words.Number(d.Lang, x, -1)
}

func (d *writer) figure(c *counted, now, before tally.Figure, at tally.Place) (interval bool) {
	lang, _ := c.form.Language(d.Lang)
	ind := now.Indicator
	args := locales.Args{"Label": render.Plain(ind.Label.In(lang)), "Count": int(now.N), "Value": d.value(now, now.Estimate),
		"Low": d.value(now, now.Low), "High": d.value(now, now.High)}
	key := "digest." + ind.Measure
	if ind.Measure == "distribution" {
		d.distribution(c, now)
		return false
	}
	line := d.Words.HTML(d.Lang, key, args)
	if change := now.Against(before); change.Real && before.N >= tally.Few {
		arrow := "digest.rose"
		if change.Difference < 0 {
			arrow = "digest.fell"
		}
		line += " " + d.Words.HTML(d.Lang, arrow, locales.Args{"Before": d.value(before, before.Estimate)})
		d.tested(change)
	}
	if ind.Target != "" {
		line += " · " + d.Words.HTML(d.Lang, "digest.target", locales.Args{"Value": ind.Target})
	}
	if ind.Plan != "" && d.Form != "" {
		line += " · " + render.Escape(ind.Plan)
	}
	d.b.WriteString(line + "\n")
	d.weighted(c, now, at)
	d.ends(c, now, at)
	if d.Form != "" && c.groups != nil {
		d.byGroup(c, ind)
	}
	return now.Interval && (ind.Measure == "share" || ind.Measure == "mean")
}

// tested notes which test called a change one.
func (d *writer) tested(c tally.Change) {
	name := d.Words.Text(d.Lang, "digest.test_z", nil)
	if c.Freedom > 0 {
		name = d.Words.Text(d.Lang, "digest.test_t", nil)
	}
	if !slices.Contains(d.tests, name) {
		d.tests = append(d.tests, name)
	}
}

// weighted tells a figure as it is when each district and sex counts as much as
// it has people. It stands beside the plain one and never in its place.
func (d *writer) weighted(c *counted, now tally.Figure, at tally.Place) {
	if c.live == nil || d.Form == "" {
		return
	}
	w, ok := c.live.Weighted(now.Indicator.Name, at)
	if !ok || w.N < tally.Few {
		return
	}
	d.line("digest.weighted", locales.Args{"Value": d.value(now, w.Estimate), "Low": d.value(now, w.Low), "High": d.value(now, w.High),
		"Design": d.Words.Number(d.Lang, w.Design, 2), "Covered": d.Words.Percent(d.Lang, w.Covered)})
}

// ends tells the best and the worst part of the place, if their intervals lie
// apart.
func (d *writer) ends(c *counted, now tally.Figure, at tally.Place) {
	if m := now.Indicator.Measure; m != "share" && m != "mean" || now.Indicator.Better == "" {
		return
	}
	var best, worst tally.Figure
	var bestAt, worstAt tally.Place
	for _, p := range c.places {
		if at.Service == "" {
			p.Service = ""
		}
		f, _, shown := c.figure(now.Indicator.Name, p)
		if !shown || f.N < tally.Few {
			continue
		}
		sign := 1.0
		if now.Indicator.Better == "lower" {
			sign = -1
		}
		if best.N == 0 || sign*f.Estimate > sign*best.Estimate {
			best, bestAt = f, p
		}
		if worst.N == 0 || sign*f.Estimate < sign*worst.Estimate {
			worst, worstAt = f, p
		}
	}
	if best.N == 0 || best.High >= worst.Low && worst.High >= best.Low {
		return
	}
	d.line("digest.ends", locales.Args{"Best": d.placeName(bestAt), "BestValue": d.value(best, best.Estimate),
		"Worst": d.placeName(worstAt), "WorstValue": d.value(worst, worst.Estimate)})
}

func (d *writer) byGroup(c *counted, ind *flows.Indicator) {
	groups := c.groups(ind)
	for _, g := range groups[:min(len(groups), maxGroups)] {
		args := locales.Args{"Name": d.label(c.form, ind.By[0].Name, g.Value), "Count": int(g.N), "Value": d.value(g, g.Estimate)}
		key := "digest.by_share"
		switch {
		case ind.Measure == "count" || ind.Measure == "sum":
			key = "digest.by_value"
		case g.N < tally.Few:
			key = "digest.by_value"
			args["Value"] = d.Words.Text(d.Lang, "digest.few", locales.Args{"Count": tally.Few})
		}
		d.line(key, args)
	}
}

// distribution writes how often each answer was given, the first few.
func (d *writer) distribution(c *counted, now tally.Figure) {
	if c.live == nil || d.Form == "" {
		return
	}
	lang, _ := c.form.Language(d.Lang)
	d.line("digest.count", locales.Args{"Label": render.Plain(now.Indicator.Label.In(lang)), "Value": int(now.N)})
	question := ""
	if q := now.Indicator.Of.Question(c.form); q != nil {
		question = q.Name
	}
	shares := c.live.Sum(d.Place).Shares(c.live.Plan, now.Indicator.Name)
	for _, s := range shares[:min(len(shares), maxGroups)] {
		d.line("digest.by_share", locales.Args{"Name": d.label(c.form, question, s.Value), "Count": int(now.N),
			"Value": d.Words.Percent(d.Lang, float64(s.K)/float64(now.N))})
	}
}
