package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
)

// convertCmd writes a form in another format, comments and unknown columns included.
type convertCmd struct {
	From string `arg:"" help:"A workbook (.xlsx, .xls, .csv, .md), or library:NAME."`
	To   string `arg:"" help:"Where to write it; the ending tells the format."`
}

func (c *convertCmd) Run(t *console) error {
	format, err := xlsform.FormatOf(c.To)
	if err != nil {
		return usageError{err}
	}
	var out bytes.Buffer
	data, err := c.read()
	if err != nil {
		return err
	}
	if err := xlsform.Convert(&out, filepath.Base(c.From), data, format); err != nil {
		return err
	}
	return os.WriteFile(c.To, out.Bytes(), 0o644)
}

func (c *convertCmd) read() ([]byte, error) {
	if name, ok := strings.CutPrefix(c.From, libraryPrefix); ok {
		return library.Open(name)
	}
	data, err := os.ReadFile(c.From)
	if err != nil {
		return nil, fmt.Errorf("read form: %w", err)
	}
	return data, nil
}
