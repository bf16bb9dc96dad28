package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
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

// What docs/conversation.md names as proof is there.
func TestConversationIsShown(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "conversation.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	for _, dir := range []string{".", "../../bot", "../../bot/render", "../../locales"} {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(source, -1) {
				tests[string(m[1])] = true
			}
		}
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.HasPrefix(cells[2], " ---") || strings.HasPrefix(cells[2], " shown by") {
			continue
		}
		for name := range strings.SplitSeq(cells[2], ",") {
			name = strings.TrimSpace(name)
			n++
			if test, ok := strings.CutPrefix(name, "`"); ok {
				if !tests[strings.TrimSuffix(test, "`")] {
					t.Errorf("there is no test %s", name)
				}
				continue
			}
			found, err := filepath.Glob(filepath.Join("testdata", "*", name+".txtar"))
			if err != nil || len(found) != 1 {
				t.Errorf("there is no dialogue %s", name)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d proofs are named", n)
	}
}

// The form that docs/xlsform.md begins with has no problems.
func TestExampleForm(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "xlsform.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```\n")
	example, _, _ := strings.Cut(rest, "```")
	d, err := xlsform.Read("form.md", []byte(example), nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	if found := append(f.Warnings, f.MissingTranslations()...); len(found) > 0 || len(f.Languages) != 2 {
		t.Errorf("%v", found)
	}
}
