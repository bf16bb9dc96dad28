package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
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
	form, all, err := submissionsOf(t, s, c.Form)
	if err != nil {
		return err
	}
	lang, _ := form.Language(c.Language)
	rows, err := tables.Matrix(form, all, func(id string) ([]storage.Step, error) { return s.Steps(t, id) }, lang)
	if err != nil {
		return usageError{err}
	}
	if err := writeTable(c.Out, rows); err != nil {
		return err
	}
	t.printf("%s written to %s\n", plural(len(rows)-1, "comment"), c.Out)
	return nil
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
	list, err := tables.ReadMatrix(rows)
	if err != nil {
		return usage("%s: %w", c.File, err)
	}
	s, err := c.config.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	form, _, err := submissionsOf(t, s, c.Form)
	if err != nil {
		return err
	}
	stored := 0
	for _, r := range list {
		changed, err := c.store(t, s, form, r)
		if err != nil {
			return err
		}
		if changed {
			stored++
		}
	}
	t.printf("%s stored, %d unchanged\n", plural(stored, "response"), len(list)-stored)
	return nil
}

func (c *matrixImportCmd) store(t *console, s *stores, form *flows.Form, r tables.Response) (bool, error) {
	reference, number, _ := strings.Cut(r.Comment, "/")
	sub, err := s.Get(t, reference)
	if errors.Is(err, storage.ErrNotFound) || err == nil && sub.FormID != form.ID {
		return false, usage("%s: there is no comment %s", c.File, r.Comment)
	}
	if err != nil {
		return false, err
	}
	var n int
	if _, err := fmt.Sscanf(number, "%d", &n); err != nil || n < 1 || n > tables.Comments(form, &sub) {
		return false, usage("%s: there is no comment %s", c.File, r.Comment)
	}
	steps, err := s.Steps(t, sub.ID)
	if err != nil || !tables.Changed(r, steps) {
		return false, err
	}
	step := r.Step(sub.ID, "command line", time.Now())
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", r.Comment, step.Text, len(steps)))
	step.Token = "response " + hex.EncodeToString(sum[:16])
	return s.AddStep(t, step)
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
	form, all, err := submissionsOf(t, s, c.Form)
	if err != nil {
		return err
	}
	lang, _ := form.Language(c.Language)
	rows, err := tables.Assessment(form, all, c.zone(), lang)
	if err != nil {
		return usageError{err}
	}
	if err := writeTable(c.Out, rows); err != nil {
		return err
	}
	t.printf("%s written to %s\n", plural(len(rows)-1, "office"), c.Out)
	return nil
}

// submissionsOf reads all submissions of a form, with its newest version.
func submissionsOf(t *console, s *stores, name string) (*flows.Form, []storage.Submission, error) {
	versions, err := formVersions(t, s, name)
	if err != nil {
		return nil, nil, err
	}
	form := versions[len(versions)-1]
	var all []storage.Submission
	for v, err := range s.Each(t, storage.Filter{FormID: form.ID}) {
		if err != nil {
			return nil, nil, err
		}
		all = append(all, *v)
	}
	return form, all, nil
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
