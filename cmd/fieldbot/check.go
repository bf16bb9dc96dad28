package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"example.org/fieldbot/flows"
)

// checkCmd lists the problems of forms.
type checkCmd struct {
	JSON   bool     `name:"json" help:"One line of JSON for each form."`
	Strict bool     `help:"Also missing translations; warnings count as problems."`
	Forms  []string `arg:"" name:"form" help:"Workbooks (.xlsx, .csv, .md) or library:NAME."`
}

func (c *checkCmd) Run(t *console) error {
	bad := false
	enc := json.NewEncoder(t.out)
	enc.SetEscapeHTML(false)
	for _, path := range c.Forms {
		r := c.check(path)
		bad = bad || !r.OK
		if c.JSON {
			if err := enc.Encode(r); err != nil {
				return err
			}
			continue
		}
		c.print(t, r)
	}
	if bad {
		return errFound
	}
	return nil
}

// A formReport is what `check` finds in a form.
type formReport struct {
	File            string         `json:"file"`
	OK              bool           `json:"ok"`
	Title           string         `json:"title,omitempty"`
	FormID          string         `json:"form_id,omitempty"`
	Version         string         `json:"version,omitempty"`
	Languages       []string       `json:"languages,omitempty"`
	DefaultLanguage string         `json:"default_language,omitempty"`
	Items           []formItem     `json:"items,omitempty"`
	ModelOnly       []modelItem    `json:"model_only,omitempty"`
	Problems        flows.Problems `json:"problems"`

	questions int
}

func (c *checkCmd) check(path string) formReport {
	r := formReport{File: path, Problems: flows.Problems{}}
	form, def, err := compileForm(path)
	var found flows.Problems
	var file *unreadable
	switch {
	case errors.As(err, &found):
		r.Problems = append(r.Problems, found...)
	case errors.As(err, &file):
		r.Problems = append(r.Problems, flows.Problem{Severity: flows.Error, Message: file.why})
	case err != nil:
		r.Problems = append(r.Problems, flows.Problem{Severity: flows.Error, Message: err.Error()})
	default:
		r.OK = true
		r.describe(form, def)
		r.Problems = append(r.Problems, form.Warnings...)
		if c.Strict {
			r.Problems = append(r.Problems, form.MissingTranslations()...)
			r.OK = len(r.Problems) == 0
		}
	}
	return r
}

func (r *formReport) describe(form *flows.Form, def *flows.Definition) {
	r.Title = form.Title.In(form.Default)
	r.FormID, r.Version = form.ID, form.Version
	for _, l := range form.Languages {
		r.Languages = append(r.Languages, l.Name)
	}
	r.DefaultLanguage = form.Languages[form.Default].Name
	r.Items, r.ModelOnly = items(form, def)
	for _, n := range form.Nodes {
		if n.Askable() {
			r.questions++
		}
	}
}

func (c *checkCmd) print(t *console, r formReport) {
	for _, p := range r.Problems {
		t.printf("%s: %s\n", r.File, p)
	}
	if r.OK {
		t.printf("%s: ok: %s in %s (%s)\n", r.File, plural(r.questions, "question"),
			plural(len(r.Languages), "language"), strings.Join(r.Languages, ", "))
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
