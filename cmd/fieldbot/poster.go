package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/poster"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// posterCmd writes posters with codes for offices: one page for each district.
type posterCmd struct {
	config
	Form     string   `arg:"" help:"Form id or keyword."`
	Out      string   `short:"o" required:"" placeholder:"FILE" help:"Where to write the PDF."`
	Size     string   `enum:"a4,a5,cards" default:"a4" help:"a4, a5 or cards."`
	Province string   `placeholder:"CODE" help:"Only the districts of this province."`
	District []string `placeholder:"CODE" help:"Only these districts."`
}

func (c *posterCmd) Run(t *console) error {
	size, err := poster.ParseSize(c.Size)
	if err != nil {
		return usageError{err}
	}
	if err := c.checkStores(); err != nil {
		return err
	}
	keys, err := c.botKeys()
	if err != nil {
		return err
	}
	username, err := c.username(t)
	if err != nil {
		return err
	}
	words, err := c.offered()
	if err != nil {
		return err
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	form, err := currentForm(t, s.Results, c.Form)
	if err != nil {
		return err
	}
	sheet := poster.Sheet{Size: size, Languages: words.Languages(), Words: words, Bot: "@" + username, Title: map[string]string{}}
	for _, lang := range sheet.Languages {
		if i, ok := form.Language(lang); ok {
			sheet.Title[lang] = render.Plain(form.Title.In(i))
		}
	}
	var offices []poster.Office
	for _, p := range c.chosen(form) {
		payload, err := c.entry(t, s, keys, form, p)
		if err != nil {
			return err
		}
		o := poster.Office{Name: map[string]string{}, Link: bot.StartURL(username, payload)}
		for _, lang := range sheet.Languages {
			o.Name[lang] = p.Label(lang)
		}
		offices = append(offices, o)
	}
	if len(offices) == 0 {
		return usage("form %s has no such district", form.ID)
	}
	if err := writeWhole(c.Out, func(w io.Writer) error { return poster.Write(w, sheet, offices) }); err != nil {
		return err
	}
	t.printf("%s: %s\n", c.Out, plural(len(offices), "office"))
	return nil
}

// chosen are the districts to make posters for.
func (c *posterCmd) chosen(form *flows.Form) []places.Place {
	var out []places.Place
	for _, p := range places.New([]*flows.Form{form}).Districts() {
		wanted := len(c.District) == 0
		for _, d := range c.District {
			wanted = wanted || d == p.District
		}
		if wanted && (c.Province == "" || c.Province == p.Province) {
			out = append(out, p)
		}
	}
	return out
}

// entry is the payload of an office's link, the same whenever it is printed: a
// poster that hangs goes on working.
func (c *posterCmd) entry(t *console, s *stores, keys *bot.Keys, form *flows.Form, p places.Place) (string, error) {
	l := storage.Link{ID: "poster-" + form.ID + "-" + p.Code(), FormID: form.ID, Prefill: map[string]string{}, Made: time.Now(), By: "command line"}
	for question, code := range map[string]string{form.Settings.Roles.Province: p.Province, form.Settings.Roles.District: p.District} {
		if n := form.Question(question); question != "" && code != "" && n != nil && n.Askable() {
			l.Prefill[question] = code
		}
	}
	l.ID = strings.Map(func(r rune) rune {
		if r == '.' || r == ' ' {
			return '-'
		}
		return r
	}, l.ID)
	if _, err := s.Link(t, l.ID); err == nil {
		return keys.Payload(l.ID), nil
	}
	_, payload, err := bot.MakeLink(t, s.Results, keys, l)
	return payload, err
}

// writeWhole writes a file that appears whole or not at all.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".fieldbot-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}
