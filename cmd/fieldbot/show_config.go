package main

import (
	"fmt"
	"text/tabwriter"
)

// configCmd prints the configuration in force.
type configCmd struct {
	Settings config `embed:""`
}

func (c *configCmd) Run(t *console) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, s := range c.Settings.settings() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.masked(), source(s, t.lookup))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return c.Settings.checkBot()
}

// source tells where a setting came from.
func source(s setting, lookup func(string) (string, bool)) string {
	env, _ := lookup(s.Name)
	file, _ := lookup(s.Name + "_FILE")
	switch {
	case *s.value == "":
		return "not set"
	case env != "" && *s.value == env:
		return "environment"
	case s.Secret != "" && file != "":
		return "file"
	case *s.value == s.Default:
		return "default"
	}
	return "flag"
}
