package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/rounds"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// importCmd takes an earlier round of a form out of a file. The same file again
// changes nothing.
type importCmd struct {
	config
	Form     string            `arg:"" help:"Form id or keyword."`
	File     string            `arg:"" placeholder:"FILE" help:"What was collected: .csv or .xlsx, a row for each person, columns named as the questions."`
	Round    string            `required:"" placeholder:"NAME" help:"Name of the round, as 2021."`
	Day      string            `placeholder:"DAY" help:"When rows came in that do not say so, as 2021-06-15."`
	Language string            `placeholder:"CODE" help:"Language in which the round was held."`
	Set      map[string]string `placeholder:"QUESTION=ANSWER" help:"Answers to questions that the file has no column for."`
	Ignore   []string          `placeholder:"COLUMN" sep:"none" help:"Columns that are not to be read; may be given several times."`
	Missing  bool              `help:"Take rows in which required answers are missing, as on paper."`
	DryRun   bool              `help:"Only say what is wrong with the file."`
}

// maxFound is how many problems are printed.
const maxFound = 200

func (c *importCmd) Run(t *console) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return usageError{err}
	}
	table, err := tables.Limits{Bytes: 1 << 30, Rows: 1_000_000, Raw: true}.ReadFile(c.File, data)
	if err != nil {
		return usage("%s: %w", c.File, err)
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
	o := rounds.Options{Round: c.Round, Zone: c.zone(), Language: c.Language, Set: c.Set, Ignore: c.Ignore, Missing: c.Missing}
	if c.Day != "" {
		if o.Day, err = time.ParseInLocation(time.DateOnly, c.Day, c.zone()); err != nil {
			return usage("--day: %q is no day; write it as 2021-06-15", c.Day)
		}
	}
	list, found := rounds.Read(form, table, o)
	for i, p := range found {
		if i == maxFound {
			fmt.Fprintf(t.err, "and %d more\n", len(found)-maxFound)
			break
		}
		fmt.Fprintf(t.err, "%s:%s\n", c.File, p)
	}
	if len(found) > 0 {
		fmt.Fprintf(t.err, "nothing was imported: %s to be mended\n", plural(len(found), "cell"))
		return errFound
	}
	if len(list) == 0 {
		return usage("%s: there are no rows below the heading", c.File)
	}
	round := c.roundOf(form, list)
	if err := c.closed(t, s, round); err != nil {
		return err
	}
	if c.DryRun {
		t.printf("%s, all right\n", plural(len(list), "row"))
		return nil
	}
	return c.store(t, s, form, list, round)
}

// roundOf is the round that rows make: whole days.
func (c *importCmd) roundOf(form *flows.Form, list []rounds.Row) storage.Round {
	r := storage.Round{FormID: form.ID, Name: c.Round, From: list[0].Received, To: list[0].Received, Count: len(list),
		Source: filepath.Base(c.File), Made: time.Now()}
	for _, row := range list {
		if row.Received.Before(r.From) {
			r.From = row.Received
		}
		if row.Received.After(r.To) {
			r.To = row.Received
		}
	}
	day := func(at time.Time, add int) time.Time {
		y, m, d := at.In(c.zone()).Date()
		return time.Date(y, m, d+add, 0, 0, 0, 0, c.zone())
	}
	r.From, r.To = day(r.From, 0), day(r.To, 1)
	return r
}

// closed refuses a round that is not over, or that lies in a time in which
// something else came in: its figures would be of both.
func (c *importCmd) closed(t *console, s *stores, r storage.Round) error {
	if r.To.After(time.Now()) {
		return usage("the round ends on %s, which is not over; an earlier round is a closed one", r.To.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	for v, err := range s.Each(t, storage.Filter{FormID: r.FormID, From: r.From, To: r.To}) {
		if err != nil {
			return err
		}
		if v.Link != roundLink(r.Name) {
			return usage("between %s and %s something else came in for %s; a round has its time for itself", r.From.Format(time.DateOnly),
				r.To.AddDate(0, 0, -1).Format(time.DateOnly), r.FormID)
		}
	}
	return nil
}

// roundLink marks the submissions of a round, in the place of an entry link.
func roundLink(name string) string { return "round " + name }

func (c *importCmd) store(t *console, s *stores, form *flows.Form, list []rounds.Row, round storage.Round) error {
	c.book(s) // counts what is stored
	stored := 0
	for _, row := range list {
		v := storage.Submission{Submission: *row.Submission, Received: row.Received, Link: roundLink(c.Round), Partial: c.Missing,
			Province: answerOf(row.Submission, form.Settings.Roles.Province), District: answerOf(row.Submission, form.Settings.Roles.District),
			Title: answerOf(row.Submission, form.Settings.Roles.Title)}
		_, inserted, err := s.Insert(t, v)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", c.File, row.Line, err)
		}
		if inserted {
			stored++
		}
	}
	if err := s.PutRound(t, round); err != nil {
		return err
	}
	t.printf("round %s of %s: %s, %s to %s", c.Round, form.ID, plural(stored, "submission"),
		round.From.Format(time.DateOnly), round.To.AddDate(0, 0, -1).Format(time.DateOnly))
	if n := len(list) - stored; n > 0 {
		t.printf("; %d were there already", n)
	}
	t.printf("\n")
	return nil
}

func answerOf(s *flows.Submission, question string) string {
	return strings.TrimSpace(tally.Answer(s.Data, question))
}
