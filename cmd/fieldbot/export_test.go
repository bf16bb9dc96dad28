package main

import (
	"crypto/rand"
	"fmt"
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
	for button, ext := range map[string]string{"Excel": "zip", "csv": "zip", "JSON lines": "jsonl"} {
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
