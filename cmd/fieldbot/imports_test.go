package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "example.org/fieldbot/"

// TestImports keeps the picture in docs/design.md true: flows knows nothing
// outside itself, storage only flows, bot only the contracts of storage. It
// reads the sources, so that the test cache notices a change.
func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(rel))
		for _, imp := range file.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			if why := forbidden(pkg, name); why != "" {
				t.Errorf("%s imports %s: %s", filepath.ToSlash(rel), name, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var drivers = []string{
	"database/sql", "modernc.org/sqlite", "github.com/jackc/pgx", "github.com/redis/go-redis",
	"github.com/riverqueue/river", "github.com/pressly/goose",
}

var storeFolders = []string{"storage/redis", "storage/postgres", "storage/sqlite"}

// forbidden says why package pkg (relative to the module) must not import name,
// "" if it may.
func forbidden(pkg, name string) string {
	own, inModule := strings.CutPrefix(name, module)
	switch {
	case under(pkg, "flows"):
		if name == "net/http" || underAny(name, drivers) {
			return "flows does no I/O"
		}
		words := own == "locales" && (pkg == "flows/report" || pkg == "flows/chart")
		if inModule && !under(own, "flows") && !words {
			return "flows knows nothing outside itself"
		}
	case pkg == "locales":
		if inModule && own != "locales" { // its own tests import it
			return "locales is a leaf"
		}
	case pkg == "storage":
		if inModule && own != "flows" && own != "storage" || underAny(name, drivers) {
			return "the contracts know only forms and submissions"
		}
	case under(pkg, "storage"):
		if inModule && (under(own, "bot") || under(own, "cmd")) {
			return "stores do not know who uses them"
		}
	case under(pkg, "bot"):
		if inModule && underAny(own, storeFolders) || underAny(name, drivers) {
			return "only cmd chooses the stores"
		}
	}
	return ""
}

func under(pkg, parent string) bool {
	return pkg == parent || strings.HasPrefix(pkg, parent+"/")
}

func underAny(pkg string, parents []string) bool {
	for _, p := range parents {
		if under(pkg, p) {
			return true
		}
	}
	return false
}

func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		pkg, name string
		allowed   bool
	}{
		{"flows", module + "flows/xpath", true},
		{"flows", "net/http", false},
		{"flows/export", module + "storage", false},
		{"flows/report", module + "locales", true},
		{"flows/export", module + "locales", false},
		{"storage", module + "flows", true},
		{"storage", module + "storage/redis", false},
		{"storage/redis", "github.com/redis/go-redis/v9", true},
		{"bot", module + "storage", true},
		{"bot", module + "storage/sqlite", false},
		{"bot/send", "github.com/redis/go-redis/v9", false},
		{"locales", module + "flows", false},
		{"cmd/fieldbot", module + "storage/redis", true},
	} {
		if got := forbidden(c.pkg, c.name) == ""; got != c.allowed {
			t.Errorf("%s importing %s: allowed %v, want %v", c.pkg, c.name, got, c.allowed)
		}
	}
}
