package main

import (
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
)

// digestCmd prints what the secretariat would be told.
type digestCmd struct {
	config
	Language string `default:"en" placeholder:"CODE" help:"Language of the digest."`
	Week     bool   `help:"Last week, as the digest that comes by itself; else from its beginning until now."`
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
	text, err := digest.Text(t, digest.Source{Submissions: s.Results, Forms: forms, Words: words, Zone: c.zone(),
		Version: func(id, hash string) (*flows.Form, error) {
			v, err := s.Version(t, id, hash)
			if err != nil {
				return nil, err
			}
			return compileVersion(v)
		}}, c.Language, period)
	if err != nil {
		return err
	}
	t.printf("%s\n", render.Plain(text))
	return nil
}
