package export

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/fieldbot/flows"
)

func TestGuard(t *testing.T) {
	for _, c := range []struct {
		kind     cellKind
		in, want string
	}{
		{textCell, "=1+1", "'=1+1"}, {textCell, "+856 20 55", "'+856 20 55"}, {textCell, "-2", "'-2"},
		{textCell, "@x", "'@x"}, {textCell, "\t=1", "'\t=1"}, {textCell, "\r=1", "'\r=1"}, {textCell, "  =1", "'  =1"},
		{textCell, "＝1", "'＝1"}, {textCell, "\u200b=1", "'\u200b=1"}, {textCell, "", ""}, {textCell, "a=b", "a=b"},
		{textCell, "'quoted", "'quoted"}, {textCell, "ບ້ານ", "ບ້ານ"}, {textCell, "7", "7"},
		{numberCell, "-2.5", "-2.5"}, {numberCell, "-2+3", "'-2+3"}, {numberCell, "-", "'-"}, {numberCell, "=2", "'=2"},
		{looseCell, "-1", "-1"}, {looseCell, "-1 cmd", "'-1 cmd"}, {dateCell, "-1", "'-1"},
	} {
		if got := guard(cell{c.in, c.kind}); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

// FuzzCSV holds that whatever is answered, no cell of the file can begin a
// formula, and that the answer can be had back.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"=1", "-1", "a,b", `"`, "\r\n", "\t@", " +1", "x;=1", "\ufeff=1", "’", "-1e5", "- 1"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(2))
	}
	f.Fuzz(func(t *testing.T, s string, kind uint8) {
		c := cell{s, cellKind(kind % (uint8(flagCell) + 1))}
		line := string(csvRow(nil, []cell{c, {text: "end"}}))
		r := csv.NewReader(strings.NewReader(line))
		fields, err := r.Read()
		if err != nil || len(fields) != 2 || fields[1] != "end" {
			t.Fatalf("%q made %q: %v %q", s, line, err, fields)
		}
		got := fields[0]
		if trimmed := strings.TrimLeft(got, " \t\r\n\v\f\u00a0\ufeff"); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
			if !(isNumber(got) && c.kind != textCell) {
				t.Fatalf("%q became %q, which a spreadsheet runs", s, got)
			}
		}
		want := strings.ReplaceAll(s, "\r\n", "\n") // the reader's own way
		if got != want && got != "'"+want {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}

// FuzzJSONText holds that any answer makes a JSON string.
func FuzzJSONText(f *testing.F) {
	f.Add("a\"b\\\x00\u2028 ລາວ \xff")
	f.Fuzz(func(t *testing.T, s string) { checkJSON(t, s) })
}

func many(f *flows.Form, n int) func(yield func(*Row, error) bool) {
	rows := farm(f)
	return func(yield func(*Row, error) bool) {
		for i := range n {
			r := *rows[i%len(rows)]
			r.Number = int64(i + 1)
			if !yield(&r, nil) {
				return
			}
		}
	}
}

// TestMemoryIsConstant writes enough rows that keeping them would show.
func TestMemoryIsConstant(t *testing.T) {
	f := form(t, flatForm)
	for _, format := range []Format{CSV, JSONL, GeoJSON} {
		var peak uint64
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		before := m.HeapAlloc
		rows := func(yield func(*Row, error) bool) {
			i := 0
			for r := range many(f, 60_000) {
				if i++; i%20_000 == 0 {
					runtime.GC()
					runtime.ReadMemStats(&m)
					peak = max(peak, m.HeapAlloc)
				}
				if !yield(r, nil) {
					return
				}
			}
		}
		if _, err := Write(io.Discard, rows, []*flows.Form{f}, Options{Format: format}); err != nil {
			t.Fatal(err)
		}
		if peak > before+4<<20 {
			t.Errorf("%s: %d KiB more in use while writing", format, (peak-before)>>10)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	f := form(b, flatForm)
	for _, format := range []Format{CSV, JSONL, XLSX, ZIP, XML} {
		b.Run(string(format), func(b *testing.B) {
			const n = 10_000
			for b.Loop() {
				if _, err := Write(io.Discard, many(f, n), []*flows.Form{f}, Options{Format: format, SplitMultiple: true}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func ExampleWrite() {
	form := &flows.Form{Root: &flows.Node{Name: "data"}, Hash: "v1", Languages: []flows.Language{{Name: "English (en)"}}}
	rows := func(yield func(*Row, error) bool) {
		yield(&Row{Submission: &flows.Submission{ID: "0b6f", Hash: "v1"}, Reference: "AU-2026-00001"}, nil)
	}
	var out strings.Builder
	res, err := Write(&out, rows, []*flows.Form{form}, Options{Format: JSONL})
	fmt.Println(res.Submissions, res.Extension, err)
	// Output: 1 .jsonl <nil>
}

func checkJSON(t *testing.T, s string) {
	t.Helper()
	var got string
	if err := json.Unmarshal(jsonText(nil, s), &got); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && got != want {
		t.Fatalf("%q came back as %q", s, got)
	}
}
