package main

import (
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// formCmd publishes, lists, compares and retires forms.
type formCmd struct {
	Publish formPublishCmd `cmd:"" help:"Make a workbook the current version of its form."`
	List    formListCmd    `cmd:"" help:"List the published versions."`
	Diff    formDiffCmd    `cmd:"" help:"List what changes for answers already given."`
	Retire  formRetireCmd  `cmd:"" help:"Close a form to new interviews."`
}

type formPublishCmd struct {
	config
	Forms []string `arg:"" name:"form" help:"Workbooks, or library:NAME."`
}

func (c *formPublishCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	for _, path := range c.Forms {
		v, changed, err := publish(t, s.Results, path, time.Now())
		var found flows.Problems
		if errors.As(err, &found) {
			for _, p := range found {
				t.printf("%s: %s\n", path, p)
			}
			return errFound
		}
		if err != nil {
			return err
		}
		if !changed {
			t.printf("unchanged %s %s\n", v.FormID, flows.VersionName(v.Version, v.Hash, false))
			continue
		}
		t.printf("published %s %s\n", v.FormID, flows.VersionName(v.Version, v.Hash, false))
		if err := c.tellTwins(t, s, v); err != nil {
			return err
		}
	}
	return nil
}

// tellTwins warns of another version that is called the same.
func (c *formPublishCmd) tellTwins(t *console, s *stores, v storage.FormVersion) error {
	all, err := s.Versions(t, v.FormID)
	if err != nil {
		return err
	}
	twin := func(o storage.FormVersion) bool { return o.Version != "" && o.Version == v.Version && o.Hash != v.Hash }
	if slices.ContainsFunc(all, twin) {
		t.printf("  another content was published as version %q before; exports tell the two apart by _form_hash only. Write another version in the settings sheet.\n", v.Version)
	}
	return nil
}

type formListCmd struct {
	config
	Form string `arg:"" optional:"" help:"One form, with all its versions."`
}

func (c *formListCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	var list []storage.FormVersion
	if c.Form == "" {
		list, err = s.Current(t)
	} else {
		list, err = s.Versions(t, c.Form)
	}
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, v := range list {
		state := "open"
		if v.Retired {
			state = "retired"
		}
		u, err := unreadVersion(t, s, v)
		if err != nil {
			return err
		}
		if u != nil {
			state += ", unreadable"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", v.FormID, flows.VersionName(v.Version, v.Hash, false), state,
			v.Published.In(c.zone()).Format("2006-01-02 15:04"), audience(v), v.Title)
	}
	return w.Flush()
}

func audience(v storage.FormVersion) string {
	if v.Audience == "" {
		return "anyone"
	}
	return v.Audience
}

type formRetireCmd struct {
	config
	Form string `arg:"" help:"Form id."`
}

func (c *formRetireCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.Retire(t, c.Form); errors.Is(err, storage.ErrNotFound) {
		return usage("no form %q", c.Form)
	} else if err != nil {
		return err
	}
	t.printf("retired %s\n", c.Form)
	return nil
}

type formDiffCmd struct {
	Old string `arg:"" help:"A workbook, or library:NAME."`
	New string `arg:"" help:"The one to compare it with."`
}

func (c *formDiffCmd) Run(t *console) error {
	old, _, err := compileForm(c.Old)
	if err != nil {
		return t.inFile(c.Old, err)
	}
	now, _, err := compileForm(c.New)
	if err != nil {
		return t.inFile(c.New, err)
	}
	list := changes(old, now)
	for _, l := range list {
		t.printf("%s\n", l)
	}
	if len(list) == 0 {
		t.printf("nothing changes for answers already given\n")
	}
	return nil
}
