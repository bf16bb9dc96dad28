package xlsform

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"example.org/fieldbot/flows"
)

const (
	maxAttached    = 24 << 20 // bytes of one attached file
	maxAttachments = 64 << 20 // bytes of all
	maxAttachCount = 500
)

// ReadFile reads a form and the files that belong to it: all data files (csv,
// xml, geojson) of the folder <stem>-media beside it, and whatever else the
// form names, from there or from the form's own folder.
func ReadFile(path string) (*flows.Definition, error) {
	data, err := readBounded(path, maxFile)
	if err != nil {
		return nil, err
	}
	d, err := Read(filepath.Base(path), data, nil)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	a := attacher{d: d, room: maxAttachments}
	media := filepath.Join(dir, d.Name+"-media")
	entries, err := os.ReadDir(media)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read attachments: %w", err)
	}
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".csv", ".xml", ".geojson":
			if err := a.attach(media, e.Name()); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range Named(d) {
		for _, from := range []string{media, dir} {
			if d.Files[name] == nil {
				if err := a.attach(from, name); err != nil {
					return nil, err
				}
			}
		}
	}
	return d, nil
}

func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: larger than %d MiB; leave out the rows and columns that the form does not need", filepath.Base(path), limit>>20)
	}
	return data, nil
}

type attacher struct {
	d    *flows.Definition
	room int64
}

// attach reads a file if it is there and is a plain file.
func (a *attacher) attach(dir, name string) error {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil // whether it is needed is for the compiler to say
	}
	if len(a.d.Files) >= maxAttachCount || info.Size() > a.room {
		return fmt.Errorf("the files attached to the form are more than %d or larger than %d MiB", maxAttachCount, maxAttachments>>20)
	}
	data, err := readBounded(path, maxAttached)
	if err != nil {
		return fmt.Errorf("read attachment: %w", err)
	}
	a.room -= int64(len(data))
	a.d.Files[name] = data
	return nil
}

var (
	fromFile = regexp.MustCompile(`(?i)from[ _]file\s+(\S+)`)
	lookup   = regexp.MustCompile(`\b(?:pulldata|search)\s*\(\s*["']([^"']+)["']`)
)

// Named returns the names of the files that a form asks for: choice lists, data
// sets, pictures and sounds. Names with a folder in them are left out.
func Named(d *flows.Definition) []string {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		name = strings.TrimSpace(name)
		if name == "" || seen[name] || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") || len(name) > 200 {
			return
		}
		seen[name] = true
		names = append(names, name)
	}
	addData := func(name string) {
		if filepath.Ext(name) == "" {
			name += ".csv"
		}
		add(name)
	}
	for _, key := range []string{"survey", "choices"} {
		s := d.Sheet(key)
		for _, r := range s.Rows {
			for i, c := range s.Columns {
				if i >= len(r.Cells) || r.Cells[i] == "" {
					continue
				}
				cell := r.Cells[i]
				if strings.HasPrefix(c.Key, "media::") {
					add(cell)
					continue
				}
				for _, m := range lookup.FindAllStringSubmatch(cell, -1) {
					addData(m[1])
				}
				if key == "survey" && c.Key == "type" {
					if m := fromFile.FindStringSubmatch(cell); m != nil {
						add(m[1])
					}
					switch strings.ToLower(cell) {
					case "csv-external":
						add(s.Get(r, "name") + ".csv")
					case "xml-external":
						add(s.Get(r, "name") + ".xml")
					}
				}
			}
		}
	}
	if s := d.Sheet("survey"); d.Sheets["external_choices"] == nil {
		for _, r := range s.Rows {
			if strings.HasPrefix(snake(s.Get(r, "type")), "select_one_external") {
				add("itemsets.csv")
			}
		}
	}
	return names
}
