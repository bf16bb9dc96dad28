package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"example.org/fieldbot/flows"
)

// An unreadable is a file of the command line that cannot be used, and what to do
// about it.
type unreadable struct{ path, why string }

func (e *unreadable) Error() string { return e.path + ": " + e.why }

// fileError makes of an error of reading or writing the file at path one that says
// how to mend it. Others stay as they are.
func fileError(path string, err error) error {
	why := ""
	switch {
	case err == nil:
		return nil
	case path == "":
		return usage("the name of a file is blank; name a workbook, as form.xlsx")
	case path == "-":
		why = "standard input is not read; save it as a file and name that"
	case errors.Is(err, syscall.EISDIR):
		why = "this is a folder; name a file in it"
	case errors.Is(err, fs.ErrPermission):
		why = "the file may not be opened; change its permissions, or copy it to a folder of your own"
	case !errors.Is(err, fs.ErrNotExist):
		return err
	default:
		why = "there is no such file; look at its name and folder" + near(path)
	}
	return &unreadable{path, why}
}

// near names files that differ in their ending only, or what is wrong with the
// folder.
func near(path string) string {
	if dir, err := filepath.Glob(filepath.Dir(path)); err != nil || len(dir) == 0 {
		return ": there is no folder " + filepath.Dir(path)
	}
	alike, err := filepath.Glob(strings.TrimSuffix(path, filepath.Ext(path)) + ".*")
	if err != nil || len(alike) == 0 {
		return ""
	}
	return ": there is " + strings.Join(alike, ", ")
}

// inFile tells which file an error is about, unless it does so already. Problems
// of a form are printed, a line each.
func (c *console) inFile(path string, err error) error {
	var file *unreadable
	var wrong usageError
	var found flows.Problems
	switch {
	case err == nil, errors.As(err, &file), errors.As(err, &wrong):
		return err
	case errors.As(err, &found):
		for _, p := range found {
			fmt.Fprintf(c.err, "%s: %s\n", path, p)
		}
		return errFound
	}
	return fmt.Errorf("%s: %w", path, err)
}
