package main

import (
	"fmt"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// tallyCmd looks after the tallies.
type tallyCmd struct {
	Verify  tallyVerifyCmd  `cmd:"" help:"Recompute the tallies from the submissions; exit 1 if they differ."`
	Recount tallyRecountCmd `cmd:"" help:"Count anew what was not counted by the form's present version, and merge rows."`
	Publish tallyPublishCmd `cmd:"" help:"Publish the tables of closed periods."`
	Flags   tallyFlagsCmd   `cmd:"" help:"List submissions that are duplicates, very fast, or answered alike throughout, and links by which many came at once."`
}

// book is what figures are read from.
func (c *config) book(s *stores) *figures.Book {
	b := &figures.Book{Forms: s.Results, Tallies: s.Results, Rounds: s.Results, Compile: bot.Compile, Zone: c.zone(), Clock: time.Now}
	s.CountWith(b)
	return b
}

type tallyVerifyCmd struct {
	config
	Forms []string `arg:"" optional:"" name:"form" help:"Form ids; all if none is given."`
}

// formIDs are those named, or all that are open. One that does not compile is
// named and left out.
func formIDs(t *console, s *stores, named []string) ([]string, error) {
	if len(named) > 0 {
		return named, nil
	}
	list, err := s.Current(t)
	if err != nil {
		return nil, err
	}
	for _, v := range list {
		u, err := unreadVersion(t, s, v)
		if err != nil {
			return nil, err
		}
		if u != nil {
			fmt.Fprintf(t.err, "%s: left out, version %s cannot be read; publish a corrected one: %s\n", v.FormID, u.Name(), u.Why())
			continue
		}
		named = append(named, v.FormID)
	}
	return named, nil
}

func (c *tallyVerifyCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	ids, err := formIDs(t, s, c.Forms)
	if err != nil {
		return err
	}
	b, bad := c.book(s), false
	for _, id := range ids {
		began := time.Now()
		if _, err := b.Fresh(t, id); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		d, err := b.Verify(t, id, s.Results)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		for _, line := range d.Found {
			t.printf("%s: %s\n", id, line)
		}
		if bad = bad || len(d.Found) > 0; len(d.Found) == 0 {
			t.printf("%s: ok, %s agree (%.1f s)\n", id, plural(int(d.Submissions), "submission"), time.Since(began).Seconds())
		}
	}
	if bad {
		return errFound
	}
	return nil
}

type tallyRecountCmd struct {
	config
	Forms []string `arg:"" optional:"" name:"form" help:"Form ids; all if none is given."`
}

func (c *tallyRecountCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	ids, err := formIDs(t, s, c.Forms)
	if err != nil {
		return err
	}
	b := c.book(s)
	for _, id := range ids {
		n, err := b.Fresh(t, id)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		gone, err := s.Compact(t, id)
		if err != nil {
			return err
		}
		t.printf("%s: %s counted anew, %s merged\n", id, plural(n, "submission"), plural(gone, "row"))
	}
	return nil
}

type tallyPublishCmd struct {
	config
	Forms  []string `arg:"" optional:"" name:"form" help:"Form ids; all if none is given."`
	Period string   `placeholder:"DAY" help:"The period that this day lies in; the last that is over if not given."`
}

func (c *tallyPublishCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	ids, err := formIDs(t, s, c.Forms)
	if err != nil {
		return err
	}
	b := c.book(s)
	for _, id := range ids {
		p, err := b.Plan(t, id)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		period, err := b.Last(p.Form, time.Now())
		if err != nil {
			return err
		}
		if c.Period != "" {
			day, err := time.ParseInLocation(time.DateOnly, c.Period, c.zone())
			if err != nil {
				return usage("--period: %q is no day; write it as 2026-01-31", c.Period)
			}
			if period, err = tally.PeriodOf(figures.Every(p.Form), tally.DayOf(day, c.zone())); err != nil {
				return err
			}
		}
		table, err := b.Publish(t, id, period)
		if err != nil {
			return err
		}
		t.printf("%s %s: revision %d\n", id, table.Period, table.Revision)
	}
	return nil
}

type tallyFlagsCmd struct {
	config
	Form string `arg:"" help:"Form id."`
}

func (c *tallyFlagsCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	p, err := c.book(s).Plan(t, c.Form)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Form, err)
	}
	first := map[string]string{}
	var bursts tally.Bursts
	for r, err := range s.Each(t, storage.Filter{FormID: c.Form}) {
		if err != nil {
			return err
		}
		if !p.Form.Settings.Anonymous { // whose times are cut to the day
			bursts.Add(r.Link, r.Received)
		}
		f := p.Flags(&r.Submission)
		if f.Speed {
			t.printf("%s\tfast\n", r.ID)
		}
		if f.Straight {
			t.printf("%s\tsame answer throughout\n", r.ID)
		}
		if k := p.Fingerprint(&r.Submission); k != "" {
			if old, there := first[k]; there {
				t.printf("%s\tduplicate of %s\n", r.ID, old)
			} else {
				first[k] = r.ID
			}
		}
	}
	for _, b := range bursts.List() {
		t.printf("link %s\tburst of %d, %s to %s\n", b.Link, b.N, b.First.In(c.zone()).Format(time.DateTime), b.Last.In(c.zone()).Format(time.DateTime))
	}
	return nil
}
