package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestDocs keeps the generated parts of the documentation as the tables are.
func TestDocs(t *testing.T) {
	for _, g := range generated {
		path := filepath.Join("..", "..", "docs", g.file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var part bytes.Buffer
		g.write(&part)
		want, err := replacePart(string(text), g.mark, part.String())
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if want != string(text) {
			t.Errorf("%s is not as the code says: run make docs", path)
		}
	}
}
