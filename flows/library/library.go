// Package library holds the bundled programmes as XLSForms in markdown tables,
// so that a change of a question can be reviewed like a change of code. They
// are data like any other form; nothing is published unless somebody asks.
package library

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed *.md
var forms embed.FS

// Names returns the names of the bundled forms, sorted: "activity_update", ….
func Names() []string {
	files, _ := fs.Glob(forms, "*.md") // the pattern is well formed
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".md")
	}
	return files
}

// An unknown is a name that no bundled form has.
type unknown string

func (u unknown) Error() string {
	return fmt.Sprintf("no bundled form %q; there are %s", string(u), strings.Join(Names(), ", "))
}

// Is makes it an fs.ErrNotExist.
func (u unknown) Is(target error) bool { return target == fs.ErrNotExist }

// Open returns the markdown of a bundled form, by name with or without its
// ending. The error of an unknown name lists those there are and wraps
// fs.ErrNotExist.
func Open(name string) ([]byte, error) {
	data, err := forms.ReadFile(strings.TrimSuffix(path.Base(name), ".md") + ".md")
	if err != nil {
		return nil, unknown(name)
	}
	return data, nil
}
