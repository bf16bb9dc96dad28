package main

import (
	"crypto/rand"
	"strings"
	"time"

	"example.org/fieldbot/storage"
)

// reportItemsCmd keeps recommendations and way-forward items.
type reportItemsCmd struct {
	List reportItemsListCmd `cmd:"" default:"withargs" help:"List what was agreed, with its state."`
	Add  reportItemsAddCmd  `cmd:"" help:"Add a recommendation or a step of the way forward."`
	Set  reportItemsSetCmd  `cmd:"" help:"Say what became of one: done, given up, open again; or change who does it and when."`
}

type reportItemsListCmd struct {
	reportOf
	All bool `help:"Also what is done or given up."`
}

// items opens the store and lists what was agreed for the report's form.
func (c *reportOf) items(t *console) (*stores, []storage.Item, error) {
	s, src, req, err := c.open(t)
	if err != nil {
		return nil, nil, err
	}
	items, err := src.Drafts.Items(t, req.Form.ID)
	if err != nil {
		s.close()
		return nil, nil, err
	}
	return s, items, nil
}

func (c *reportItemsListCmd) Run(t *console) error {
	s, items, err := c.items(t)
	if err != nil {
		return err
	}
	defer s.close()
	for _, i := range items {
		if i.State == storage.ItemOpen || c.All {
			due := "-"
			if !i.Due.IsZero() {
				due = i.Due.Format(time.DateOnly)
			}
			t.printf("%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", i.ID, i.Year, i.Part, i.Kind, i.State, due, i.Owner, oneLine(i.Text))
		}
	}
	return nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

type reportItemsAddCmd struct {
	reportOf
	Part  string `required:"" placeholder:"PART" help:"Where in the report it stands, as A.3."`
	Way   bool   `name:"way-forward" help:"A step of the way forward, not a recommendation."`
	Owner string `placeholder:"NAME" help:"Who does it."`
	Due   string `placeholder:"DAY" help:"By when, as 2027-06-30."`
	Text  string `arg:"" help:"What was agreed to do."`
}

func (c *reportItemsAddCmd) Run(t *console) error {
	s, src, req, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	i := storage.Item{ID: strings.ToLower(rand.Text()[:8]), FormID: req.Form.ID, Year: req.Year, Part: c.Part, Kind: storage.Recommendation,
		Text: oneLine(c.Text), Owner: oneLine(c.Owner), State: storage.ItemOpen, Changed: time.Now()}
	if c.Way {
		i.Kind = storage.WayForward
	}
	if i.Due, err = parseDue(c.Due); err != nil {
		return err
	}
	known := false
	for _, r := range req.Form.Programme.Report {
		known = known || r.Section == c.Part
	}
	if !known {
		return usage("--part: the report has no part %q", c.Part)
	}
	if err := src.Drafts.PutItem(t, i); err != nil {
		return err
	}
	t.printf("%s\n", i.ID)
	return nil
}

func parseDue(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, usage("--due: %q is no day; write it as 2027-06-30", text)
	}
	return day, nil
}

type reportItemsSetCmd struct {
	reportOf
	ID    string `arg:"" help:"Which one, as the list has it."`
	State string `enum:"open,done,given_up," default:"" help:"open, done or given_up."`
	Owner string `placeholder:"NAME" help:"Who does it."`
	Due   string `placeholder:"DAY" help:"By when, as 2027-06-30."`
}

func (c *reportItemsSetCmd) Run(t *console) error {
	due, err := parseDue(c.Due)
	if err != nil {
		return err
	}
	s, items, err := c.items(t)
	if err != nil {
		return err
	}
	defer s.close()
	for _, i := range items {
		if i.ID != c.ID {
			continue
		}
		if c.State != "" {
			i.State, i.Changed = storage.ItemState(c.State), time.Now()
		}
		if c.Owner != "" {
			i.Owner = oneLine(c.Owner)
		}
		if !due.IsZero() {
			i.Due = due
		}
		return s.PutItem(t, i)
	}
	return usage("no item %q; fieldbot report items lists them", c.ID)
}
