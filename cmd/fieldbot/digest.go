package main

import (
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
)

// digestCmd prints what the secretariat or an observer would be told.
type digestCmd struct {
	config
	Language  string `default:"en" placeholder:"CODE" help:"Language of the digest."`
	Week      bool   `help:"Last week, as the digest that comes by itself; else from its beginning until now."`
	Form      string `placeholder:"FORM" help:"One form in full, not all in brief."`
	Province  string `placeholder:"CODE" help:"Only this province."`
	District  string `placeholder:"CODE" help:"Only this district."`
	Service   string `placeholder:"NAME" help:"Only this service."`
	Published bool   `help:"The last published figures, as an observer sees them."`
}

func (c *digestCmd) Run(t *console) error {
	words := locales.New()
	if !words.Has(c.Language) {
		return usage("--language: no words in %q", c.Language)
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	forms, err := currentForms(t, s.Results)
	if err != nil {
		return err
	}
	now := time.Now().In(c.zone())
	monday := time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7, 0, 0, 0, 0, c.zone())
	period := digest.Period{From: monday.AddDate(0, 0, -7), To: now, Open: true}
	if c.Week {
		period.To, period.Open = monday, false
	}
	src := digest.Source{Submissions: s.Results, Book: c.book(s), Forms: forms, Words: words, Zone: c.zone()}
	m, err := digest.Write(t, src, digest.Request{Lang: c.Language, Form: c.Form, Period: period, Published: c.Published,
		Place: tally.Place{Province: c.Province, District: c.District, Service: c.Service}})
	if err != nil {
		return err
	}
	t.printf("%s\n", render.Plain(m.Text))
	return nil
}
