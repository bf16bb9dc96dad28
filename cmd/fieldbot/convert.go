package main

import (
	"bytes"
	"errors"
	"io/fs"
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
	name, data, err := c.read()
	if err != nil {
		return err
	}
	if err := xlsform.Convert(&out, name, data, format); err != nil {
		return t.inFile(c.From, err)
	}
	err = os.WriteFile(c.To, out.Bytes(), 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		return &unreadable{c.To, "there is no folder " + filepath.Dir(c.To) + "; make it first"}
	}
	return fileError(c.To, err)
}

// read returns the file to convert and its name, whose ending counts.
func (c *convertCmd) read() (name string, data []byte, err error) {
	if name, ok := strings.CutPrefix(c.From, libraryPrefix); ok {
		data, err = library.Open(name)
		return name + ".md", data, err
	}
	if data, err = os.ReadFile(c.From); err != nil {
		return "", nil, fileError(c.From, err)
	}
	return filepath.Base(c.From), data, nil
}
