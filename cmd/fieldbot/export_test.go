package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/dialogue"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/storage"
)

const longForm = `| settings |
| | form_title | form_id | keyword |
| | Long | long | long |

| survey |
| | type | name | label |
| | text | a | A? |
`

// A file that Telegram would not take comes in parts: a workbook as csv.
func TestLargeExportsComeInParts(t *testing.T) {
	t.Parallel()
	const rows = 300
	s := onSQLite(t)
	path := filepath.Join(t.TempDir(), "long.md")
	if err := os.WriteFile(path, []byte(longForm), 0o600); err != nil {
		t.Fatal(err)
	}
	form, _, err := publish(t.Context(), s.Results, path, stageStart)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		var text strings.Builder // that cannot be compressed by much
		for range 150 {
			text.WriteString(rand.Text())
		}
		v := storage.Submission{Submission: flows.Submission{ID: strconv.Itoa(i), FormID: "long", Hash: form.Hash, Finished: time.Unix(1, 0),
			Data: flows.Record{{Name: "a", Text: text.String()}}}, Received: stageStart}
		if _, _, err := s.Insert(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	o := stageOptions(s)
	o.ExportLimit = 300_000
	st, err := dialogue.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	count := regexp.MustCompile(`Long: ([\d,]+) submission`)
	for button, ext := range map[string]string{"Excel": "zip", "csv": "zip", "csv with codebook": "zip", "JSON lines": "jsonl", "XML with files": "zip"} {
		d, err := flowtest.Parse(fmt.Appendf(nil, "language: en\nlink: office role=secretariat\n-- form.md --\n%s-- chat --\n> /start {office}\n> Vilay\n> Ministry\n> /export\n> [%s]\n", longForm, button))
		if err != nil {
			t.Fatal(err)
		}
		parts, sum := 0, 0
		_, err = st.Play(t.Context(), d, func(l flowtest.Line) {
			if strings.Contains(l.String(), fmt.Sprintf("-part%d.%s}", parts+1, ext)) {
				parts++
			}
			if m := count.FindStringSubmatch(l.String()); m != nil {
				n, _ := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
				sum += n
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if parts < 2 || sum != rows {
			t.Errorf("%s: %d parts with %d submissions, want several with %d", button, parts, sum, rows)
		}
	}
}

// A shelf holds files of the same size.
type shelf int

func (shelf) Put(context.Context, string, io.Reader) error { return nil }

func (n shelf) Open(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(io.LimitReader(rand.Reader, int64(n))), nil
}

// Where the files of one submission are too large for a message, its answers come
// without them, and that is said.
func TestFilesTooLargeToExport(t *testing.T) {
	t.Parallel()
	for size, without := range map[shelf]bool{50_000: false, 150_000: true} {
		s := onSQLite(t)
		o := stageOptions(s)
		o.ExportLimit, o.Media = 100_000, size
		st, err := dialogue.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(st.Close)
		var said []string
		play := func(chat string) {
			t.Helper()
			d, err := flowtest.Parse(fmt.Appendf(nil, "language: en\nlink: office role=secretariat\n-- form.md --\n%s| | file | b | B? |\n-- scan.txt --\nscan\n-- chat --\n%s", longForm, chat))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := st.Play(t.Context(), d, func(l flowtest.Line) { said = append(said, l.String()) }); err != nil {
				t.Fatal(err)
			}
		}
		play("> /start long\n> Here it is\n> {document scan.txt}\n")
		files, err := s.MediaIn(t.Context(), storage.MediaPending, 10)
		if err != nil || len(files) != 1 {
			t.Fatalf("%v: %v", files, err)
		}
		if err := s.Fetched(t.Context(), files[0].ID, "scan", int64(size), make([]byte, 32), stageStart); err != nil {
			t.Fatal(err)
		}
		play("> /start {office}\n> Vilay\n> Ministry\n> /export\n> [XML with files]\n")
		all := strings.Join(said, "\n")
		for want, there := range map[string]bool{"Long: 1 submission": true, ".zip}": true, "The files that people sent are left out": without} {
			if strings.Contains(all, want) != there {
				t.Errorf("files of %d: %q is %v:\n%s", size, want, !there, all)
			}
		}
	}
}
