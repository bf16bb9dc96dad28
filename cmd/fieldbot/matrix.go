package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
)

// matrixCmd is about the comments of a consultation and what is answered to them.
type matrixCmd struct {
	Export matrixExportCmd `cmd:"" help:"Write a row for each comment: who, what, the response, taken up or not."`
	Import matrixImportCmd `cmd:"" help:"Read the responses of a matrix that was filled in."`
}

type matrixExportCmd struct {
	config
	Form     string `arg:"" help:"Form id or keyword."`
	Out      string `short:"o" required:"" placeholder:"FILE" help:"Where to write: .csv or .xlsx."`
	Language string `placeholder:"CODE" help:"Language of the labels."`
}

func (c *matrixExportCmd) Run(t *console) error {
	s, err := c.config.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	form, err := commented(t, s, c.Form)
	if err != nil {
		return err
	}
	all, err := tables.AllComments(t, s, form)
	if err != nil {
		return err
	}
	lang, _ := form.Language(c.Language)
	words, code := locales.New(), form.Languages[lang].Code
	rows := tables.Matrix(form, all, lang, func(k tables.Taken) string { return bot.TakenWord(words, code, k) })
	if err := writeTable(c.Out, rows); err != nil {
		return err
	}
	t.printf("%s written to %s\n", plural(len(rows)-1, "comment"), c.Out)
	return nil
}

// commented is the newest version of a form that takes comments.
func commented(t *console, s *stores, name string) (*flows.Form, error) {
	versions, _, err := formVersions(t, s, name)
	if err != nil {
		return nil, err
	}
	form := versions[len(versions)-1]
	if form.Settings.Comments == "" {
		return nil, usage("form %s takes no comments: write the name of their repeat into the settings, column comments", form.ID)
	}
	return form, nil
}

type matrixImportCmd struct {
	config
	Form string `arg:"" help:"Form id or keyword."`
	File string `arg:"" help:"The matrix with responses: .csv or .xlsx."`
}

func (c *matrixImportCmd) Run(t *console) error {
	rows, err := readTable(c.File)
	if err != nil {
		return err
	}
	s, err := c.config.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	form, err := commented(t, s, c.Form)
	if err != nil {
		return err
	}
	words := locales.New()
	m := &tables.Import{Store: s, Words: bot.TakenWords(words), By: "command line", At: time.Now(),
		Form: func(_ context.Context, id string) (*flows.Form, error) {
			if id != form.ID {
				return nil, nil
			}
			return form, nil
		},
	}
	if err := m.Run(t, rows); err != nil {
		return err
	}
	if len(m.Problems) > 0 {
		lines := []string{"nothing was stored"}
		for _, r := range m.Problems {
			lines = append(lines, words.Text("en", r.Key, r.Args))
		}
		return usage("%s: %s", c.File, strings.Join(lines, "\n"))
	}
	for _, r := range m.Remarks {
		t.printf("%s\n", words.Text("en", r.Key, r.Args))
	}
	t.printf("%s stored, %d unchanged\n", plural(m.Stored, "response"), m.Unchanged)
	return nil
}

// assessmentCmd puts the figures of offices side by side.
type assessmentCmd struct {
	config
	Form     string `arg:"" help:"Form id or keyword."`
	Out      string `short:"o" required:"" placeholder:"FILE" help:"Where to write: .csv or .xlsx."`
	Language string `placeholder:"CODE" help:"Language of the labels."`
}

func (c *assessmentCmd) Run(t *console) error {
	s, err := c.config.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	versions, _, err := formVersions(t, s, c.Form)
	if err != nil {
		return err
	}
	form := versions[len(versions)-1]
	a := tables.NewAssessment(form, c.zone())
	if a == nil {
		return usage("form %s assesses nothing: write the question that names what is assessed into the settings, column assessed", form.ID)
	}
	offices, err := a.Offices(t, s, nil)
	if err != nil {
		return err
	}
	lang, _ := form.Language(c.Language)
	if err := writeTable(c.Out, a.Table(offices, locales.New(), form.Languages[lang].Code)); err != nil {
		return err
	}
	t.printf("%s written to %s\n", plural(len(offices), "office"), c.Out)
	return nil
}

func writeTable(path string, rows [][]string) error {
	data, err := tables.WriteFile(path, rows)
	if errors.Is(err, tables.ErrKind) {
		return usage("%s: %w", path, err)
	}
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

func readTable(path string) ([][]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, usageError{err}
	}
	rows, err := tables.ReadFile(path, data)
	if err != nil {
		return nil, usage("%s: %w", path, err)
	}
	return rows, nil
}
