package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// figuresOf says which figures a command is about.
type figuresOf struct {
	Language  string `default:"en" placeholder:"CODE" help:"Language of the words."`
	Week      bool   `help:"Last week, as the digest that comes by itself; else from its beginning until now."`
	Province  string `placeholder:"CODE" help:"Only this province."`
	District  string `placeholder:"CODE" help:"Only this district."`
	Service   string `placeholder:"NAME" help:"Only this service."`
	Plan      string `placeholder:"TARGET" help:"Only indicators that follow this plan outcome or target, as \"SDG 5.5\"."`
	Flagged   string `default:"with" enum:"with,without,only,fast,same,duplicate" help:"Flagged interviews: with, without or only them, or only one flag: fast, same (answer throughout) or duplicate."`
	Published bool   `help:"The last published figures, as an observer sees them."`
}

// request opens what figures are read from.
func (o *figuresOf) request(t *console, c *config, s *stores, form string) (*bot.Bot, digest.Source, digest.Request, error) {
	var r digest.Request
	words, err := c.words()
	if err != nil {
		return nil, digest.Source{}, r, err
	}
	if !words.Has(o.Language) {
		return nil, digest.Source{}, r, usage("--language: no words in %q", o.Language)
	}
	if o.Published && o.Flagged != "with" {
		return nil, digest.Source{}, r, usage("--flagged: published figures include flagged interviews; leave --published out to look at live ones")
	}
	now := time.Now().In(c.zone())
	monday := time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7, 0, 0, 0, 0, c.zone())
	period := digest.Period{From: monday.AddDate(0, 0, -7), To: now, Open: true}
	if o.Week {
		period.To, period.Open = monday, false
	}
	r = digest.Request{Lang: o.Language, Form: form, Period: period, Published: o.Published, Plan: o.Plan, Flagged: flagged(o.Flagged),
		Place: tally.Place{Province: o.Province, District: o.District, Service: o.Service}}
	hours, err := c.hours()
	if err != nil {
		return nil, digest.Source{}, r, err
	}
	b := bot.Offline(bot.Config{Forms: s.Results, Submissions: s.Results, People: s.Results, Reviews: s.Results, Reports: s.Results,
		Tallies: s.Results, Rounds: s.Results, Words: words, Compile: bot.Compile, Zone: c.zone(), Hours: hours})
	src, err := b.Source(t)
	return b, src, r, err
}

// flagged is the selection that the flag --flagged names.
func flagged(name string) storage.Flagged {
	if name == "with" {
		return ""
	}
	return storage.Flagged(name)
}

// digestCmd prints what the secretariat or an observer would be told.
type digestCmd struct {
	config
	figuresOf
	Form string `placeholder:"FORM" help:"One form in full, not all in brief."`
}

func (c *digestCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	_, src, r, err := c.request(t, &c.config, s, c.Form)
	if err != nil {
		return err
	}
	m, err := digest.Write(t, src, r)
	if err != nil {
		return err
	}
	t.printf("%s\n", render.Text(m.Text))
	return nil
}

// chartCmd draws what /digest sends as a picture.
type chartCmd struct {
	config
	figuresOf
	Form string `arg:"" help:"Form id or keyword."`
	Kind string `default:"bars" enum:"bars,likert,lines,quotas,grid" help:"bars (shares), likert (answers on a scale), lines (shares over periods), quotas, or grid (who reported)."`
	Out  string `required:"" short:"o" placeholder:"FILE" help:"File to write, .svg or .png."`
}

func (c *chartCmd) Run(t *console) error {
	write := chart.PNG
	switch strings.ToLower(filepath.Ext(c.Out)) {
	case ".png":
	case ".svg":
		write = chart.SVG
	default:
		return usage("--out: %q: write a name that ends in .svg or .png", c.Out)
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	f, err := currentForm(t, s.Results, c.Form)
	if err != nil {
		return err
	}
	b, src, r, err := c.request(t, &c.config, s, f.ID)
	if err != nil {
		return err
	}
	var picture *chart.Chart
	if c.Kind == "grid" {
		picture, err = b.ReportGrid(t, r)
	} else {
		picture, err = digest.Chart(t, src, r, c.Kind)
	}
	if err != nil {
		return err
	}
	if picture == nil {
		return usage("%s has nothing to draw as %s", f.ID, c.Kind)
	}
	var out bytes.Buffer
	if err := write(&out, picture); err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, out.Bytes(), 0o644); err != nil {
		return err
	}
	t.printf("%s\n", chart.Alt(picture))
	return nil
}
