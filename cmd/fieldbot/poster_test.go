package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// One command makes a page for each district, with links that stay the same.
func TestPosters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openFile(t, filepath.Join(dir, "data"))
	if _, _, err := publish(t.Context(), s.Results, "library:odsc", time.Now()); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for _, what := range [][]string{{}, {"--province", "01"}, {"--province", "01"}} {
		out := filepath.Join(dir, "posters.pdf")
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"poster", "odsc", "-o", out, "--bot-username", "test_bot", "--data-dir", filepath.Join(dir, "data")}, what...),
			func(string) (string, bool) { return "", false }, strings.NewReader(""), &stdout, &stderr)
		offices := "148 offices"
		if len(what) > 0 {
			offices = "9 offices"
		}
		if code != 0 || !strings.Contains(stdout.String(), offices) {
			t.Fatalf("exit %d: %s%s", code, &stdout, &stderr)
		}
		pdf, err := os.ReadFile(out)
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
			t.Fatalf("no PDF: %v", err)
		}
		if len(what) == 0 {
			continue
		}
		if first != nil && !bytes.Equal(first, pdf) {
			t.Error("printing again gives other posters")
		}
		first = pdf
	}
}
