package main

import (
	"os"
	"path/filepath"
	"strings"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
)

// libraryPrefix begins the name of a bundled form: library:sufs.
const libraryPrefix = "library:"

// readForm reads the workbook at path, or a bundled one, with the csv, xml and
// geojson files that lie beside it under the names its questions use.
func readForm(path string, files ...string) (*flows.Definition, error) {
	def, err := readDefinition(path)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, fileError(f, err)
		}
		if def.Files == nil {
			def.Files = map[string][]byte{}
		}
		def.Files[filepath.Base(f)] = data
	}
	return def, nil
}

func readDefinition(path string) (*flows.Definition, error) {
	name, ok := strings.CutPrefix(path, libraryPrefix)
	if !ok {
		def, err := xlsform.ReadFile(path)
		return def, fileError(path, err)
	}
	data, err := library.Open(name)
	if err != nil {
		return nil, usageError{err}
	}
	return xlsform.Read(name+".md", data, nil)
}

// compileForm reads and compiles a form. Problems are an error of type
// flows.Problems.
func compileForm(path string, files ...string) (*flows.Form, *flows.Definition, error) {
	def, err := readForm(path, files...)
	if err != nil {
		return nil, nil, err
	}
	form, err := flows.Compile(def)
	return form, def, err
}
