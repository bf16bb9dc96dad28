package export

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"example.org/fieldbot/flows"
)

// Each part can be read by itself, and together they have every row once.
func TestParts(t *testing.T) {
	f := form(t, flatForm)
	var rows []*Row
	for i := range 400 {
		r := *farm(f)[i%3]
		r.Number = int64(i + 1)
		rows = append(rows, &r)
	}
	var files []*bytes.Buffer
	next := func(part int) (io.Writer, error) {
		if part != len(files)+1 {
			t.Errorf("part %d after %d", part, len(files))
		}
		files = append(files, new(bytes.Buffer))
		return files[part-1], nil
	}
	counts, res, err := Parts(next, seq(rows...), []*flows.Form{f}, Options{Format: JSONL}, 64<<10)
	if err != nil {
		t.Fatal(err)
	}
	sum, lines := 0, 0
	for i, n := range counts {
		sum += n
		lines += strings.Count(files[i].String(), "\n")
	}
	if len(counts) < 3 || sum != len(rows) || lines != len(rows) || res.Submissions != len(rows) || res.Extension != ".jsonl" {
		t.Errorf("parts of %v, %d lines, %+v", counts, lines, res)
	}
	files = nil
	counts, _, err = Parts(next, seq(), []*flows.Form{f}, Options{Format: ZIP}, 1)
	if err != nil || !slices.Equal(counts, []int{0}) {
		t.Errorf("of nothing: %v, %v", counts, err)
	}
	if _, err := zip.NewReader(bytes.NewReader(files[0].Bytes()), int64(files[0].Len())); err != nil {
		t.Error(err)
	}
	if _, _, err := Parts(next, seq(), []*flows.Form{f}, Options{Format: XLSX}, 1); err == nil {
		t.Error("a workbook was parted")
	}
	files = nil
	broken := errors.New("broken")
	failing := iter.Seq2[*Row, error](func(yield func(*Row, error) bool) { _ = yield(rows[0], nil) && yield(nil, broken) })
	if _, _, err := Parts(next, failing, []*flows.Form{f}, Options{}, 1<<20); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

// The codebook tells what the form works out, and in which languages.
func TestCodebookHasIndicators(t *testing.T) {
	f := form(t, flatForm+`
| indicators |
| | name | label::English (en) | label::ລາວ (lo) | measure | of | plan |
| | large | Large farms | ນາໃຫຍ່ | share | ${area} > 2 | SDG 2 |
| quotas |
| | name | label::English (en) | target |
| | north | In the north | 40 |
`)
	got, _ := write(t, Options{Format: ZIP}, []*flows.Form{f}, farm(f)...)
	z, err := zip.NewReader(bytes.NewReader(got), int64(len(got)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := z.Open("indicators.csv")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"kind,name,label::English (en),label::ລາວ (lo),measure,of,where,by,target,plan\r\n",
		"indicator,large,Large farms,ນາໃຫຍ່,share,${area} > 2,,,,SDG 2\r\n",
		"quota,north,In the north,,count,,,,40,\r\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
