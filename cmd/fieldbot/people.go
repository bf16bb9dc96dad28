package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// peopleCmd is about those who have a role.
type peopleCmd struct {
	List   peopleListCmd   `cmd:"" default:"withargs" help:"List the people who were invited and came."`
	Import peopleImportCmd `cmd:"" help:"Make an invitation for each row of a roster (csv or xlsx)."`
	Audit  peopleAuditCmd  `cmd:"" help:"Print who changed whose record, the newest first."`
}

// peopleListCmd lists who was invited and came.
type peopleListCmd struct{ config }

func (c *peopleListCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	list, err := s.List(t)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, p := range list {
		state := ""
		if p.Suspended {
			state = "suspended"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.ID, p.Role, scope(p.Scope), p.Name,
			p.Since.In(c.zone()).Format("2006-01-02"), state)
	}
	return w.Flush()
}

// scope writes a scope on one line, "district=1503".
func scope(m map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+"="+m[k])
	}
	return strings.Join(parts, " ")
}
