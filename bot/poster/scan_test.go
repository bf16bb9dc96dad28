//go:build documents

package poster_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/fieldbot/bot/poster"
)

// A scanner reads the link of each office off the printed page, of all sizes,
// at no more than 80 dots an inch.
func TestScan(t *testing.T) {
	for _, program := range []string{"pdftoppm", "zbarimg"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is missing: install poppler-utils and zbar-tools, as .ci/deps documents does", program)
		}
	}
	for size, n := range map[poster.Size]int{poster.A4: 148, poster.A5: 3, poster.Cards: 6} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			dir := t.TempDir()
			pdf := filepath.Join(dir, "posters.pdf")
			if err := os.WriteFile(pdf, written(t, sheet(size), offices(n)), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "80", "-gray", pdf, filepath.Join(dir, "page")).Run(); err != nil {
				t.Fatal(err)
			}
			pages, _ := filepath.Glob(filepath.Join(dir, "page*"))
			out, err := exec.CommandContext(t.Context(), "zbarimg", append([]string{"-q", "--raw"}, pages...)...).Output()
			if err != nil {
				t.Fatal(err)
			}
			read := map[string]bool{}
			for line := range strings.Lines(string(out)) {
				read[strings.TrimSpace(line)] = true
			}
			for _, o := range offices(n) {
				if !read[o.Link] {
					t.Errorf("%s is not read", o.Link)
				}
			}
			if len(read) != n {
				t.Errorf("%d codes are read of %d", len(read), n)
			}
		})
	}
}
