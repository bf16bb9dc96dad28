package flowtest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/fieldbot/flows/flowtest"
)

var update = flag.Bool("update", false, "rewrite what the bot says in the dialogues")

// TestDialogues plays every dialogue against the engine; what a person meets is
// what is written there.
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("../testdata/dialogues/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, err := flowtest.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			r, err := flowtest.Play(d, flowtest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Diff != "" && *update {
				if err := os.WriteFile(file, r.Updated, 0o644); err != nil {
					t.Fatal(err)
				}
				t.Logf("rewritten")
				return
			}
			if r.Diff != "" {
				t.Error(r.Diff)
			}
		})
	}
}
