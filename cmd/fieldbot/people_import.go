package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/roster"
)

// peopleImportCmd makes an invitation for each row of a roster. The same roster
// again gives the same links.
type peopleImportCmd struct {
	config
	Roster string `arg:"" placeholder:"FILE" help:"The list of people (.csv or .xlsx): district or province by code or name, and role, name, organisation, contact."`
	Out    string `placeholder:"FILE" help:"Write the links into this csv file instead of printing them."`
	QR     string `name:"qr" placeholder:"DIR" help:"Write a QR code for each person into this folder."`
	Days   int    `default:"30" help:"How many days the invitations are good for."`
	DryRun bool   `help:"Only say what is wrong with the roster."`
}

func (c *peopleImportCmd) Run(t *console) error {
	if c.Days < 1 {
		return usage("--days: an invitation is good for at least a day")
	}
	data, err := os.ReadFile(c.Roster)
	if err != nil {
		return usageError{err}
	}
	s, err := c.config.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	forms, err := currentForms(t, s.Results)
	if err != nil {
		return err
	}
	entries, problems, err := roster.Read(c.Roster, data, places.New(forms))
	if err != nil {
		return usage("%s: %w", c.Roster, err)
	}
	for _, p := range problems {
		fmt.Fprintf(t.err, "%s: %s\n", c.Roster, p)
	}
	if len(problems) > 0 {
		fmt.Fprintf(t.err, "nobody was invited: %s to be mended, %s right\n", plural(len(problems), "row"), plural(len(entries), "row"))
		return errFound
	}
	if c.DryRun {
		t.printf("%s, all right\n", plural(len(entries), "row"))
		return nil
	}
	return c.invite(t, s, entries)
}

func (c *peopleImportCmd) invite(t *console, s *stores, entries []roster.Entry) error {
	keys, err := c.botKeys()
	if err != nil {
		return err
	}
	username, err := c.username(t)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Write([]string{"line", "role", "place", "name", "organisation", "contact", "link"})
	for _, e := range entries {
		url, err := bot.InviteEntry(t, s.Results, keys, username, e, time.Now().AddDate(0, 0, c.Days))
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", c.Roster, e.Line, err)
		}
		w.Write([]string{fmt.Sprint(e.Line), string(e.Role), e.Place.Label("en"), e.Name, e.Organisation, e.Contact, url})
		if err := c.picture(e, url); err != nil {
			return err
		}
	}
	w.Flush()
	if c.Out == "" {
		t.printf("%s", out.String())
		return nil
	}
	if err := os.WriteFile(c.Out, out.Bytes(), 0o600); err != nil { // whoever has a link has the role
		return fmt.Errorf("write the links: %w", err)
	}
	t.printf("%s written to %s\n", plural(len(entries), "invitation"), c.Out)
	return nil
}

func (c *peopleImportCmd) picture(e roster.Entry, url string) error {
	if c.QR == "" {
		return nil
	}
	if err := os.MkdirAll(c.QR, 0o700); err != nil {
		return fmt.Errorf("write the QR codes: %w", err)
	}
	png, err := bot.QR(url)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%04d-%s-%s.png", e.Line, e.Role, e.Place.Code())
	if err := os.WriteFile(filepath.Join(c.QR, name), png, 0o600); err != nil {
		return fmt.Errorf("write the QR codes: %w", err)
	}
	return nil
}

// peopleAuditCmd prints who changed whose record.
type peopleAuditCmd struct {
	config
	Person string `arg:"" optional:"" placeholder:"ID" help:"Of this person only."`
	Limit  int    `default:"100" help:"How many lines."`
}

func (c *peopleAuditCmd) Run(t *console) error {
	s, err := c.config.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	lines, err := s.Audit(t, c.Person, c.Limit)
	if err != nil {
		return err
	}
	for _, l := range lines {
		t.printf("%s  %s  %s  %s\n", l.At.In(c.zone()).Format("2006-01-02 15:04"), l.Person, l.By, l.What)
	}
	return nil
}
