package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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
	if strings.HasPrefix(c.From, libraryPrefix) {
		def, err := readForm(c.From)
		if err != nil {
			return err
		}
		err = xlsform.Write(&out, def, format)
		if err != nil {
			return err
		}
		return os.WriteFile(c.To, out.Bytes(), 0o644)
	}
	data, err := os.ReadFile(c.From)
	if err != nil {
		return fmt.Errorf("read form: %w", err)
	}
	if err := xlsform.Convert(&out, filepath.Base(c.From), data, format); err != nil {
		return err
	}
	return os.WriteFile(c.To, out.Bytes(), 0o644)
}
