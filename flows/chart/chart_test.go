package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/chart/charttest"
	"example.org/fieldbot/flows/internal/spent"
)

var update = flag.Bool("update", false, "rewrite the golden pictures")

func drawn(t *testing.T, c *chart.Chart) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := chart.PNG(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicturesLookAsTheyDid(t *testing.T) {
	for _, lang := range []string{"lo", "en"} {
		all := samples(lang)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			t.Run(name+"_"+lang, func(t *testing.T) {
				c := all[name]
				c.Width = 320 // small files; the layout is the same at every width
				charttest.Golden(t, filepath.Join("testdata", name+"_"+lang+".png"), charttest.Decode(t, drawn(t, c)), 0.002, *update)
			})
		}
	}
}

func TestSameChartSamePicture(t *testing.T) {
	for name, c := range samples("lo") {
		again := samples("lo")[name]
		c.Width, again.Width = 320, 320
		if !bytes.Equal(drawn(t, c), drawn(t, again)) {
			t.Errorf("%s: two pictures of one chart differ", name)
		}
	}
}

func TestNothingTouchesTheEdge(t *testing.T) {
	for _, lang := range []string{"lo", "en"} {
		for name, c := range samples(lang) {
			c.Width = 540
			img := charttest.Decode(t, drawn(t, c))
			w, h := img.Bounds().Dx(), img.Bounds().Dy()
			if w != 540 {
				t.Errorf("%s: %d pixels wide, want 540", name, w)
			}
			for y := range h {
				for _, x := range []int{0, 5, w - 6, w - 1} {
					if charttest.Apart(img.At(x, y), color.White) > 8 {
						t.Fatalf("%s_%s: ink at %d,%d: something is cut off", name, lang, x, y)
					}
				}
			}
			for x := range w {
				for _, y := range []int{0, 2, h - 2, h - 1} {
					if charttest.Apart(img.At(x, y), color.White) > 8 {
						t.Fatalf("%s_%s: ink at %d,%d: something is cut off", name, lang, x, y)
					}
				}
			}
		}
	}
}

func TestSVGIsWellFormedAndReadable(t *testing.T) {
	for name, c := range samples("lo") {
		var b bytes.Buffer
		if err := chart.SVG(&b, c); err != nil {
			t.Fatal(err)
		}
		text, d := "", xml.NewDecoder(bytes.NewReader(b.Bytes()))
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if s, ok := tok.(xml.StartElement); ok {
				for _, a := range s.Attr {
					if a.Name.Local == "aria-label" {
						text += a.Value
					}
					if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
						t.Fatalf("%s: %s=%q", name, a.Name.Local, a.Value)
					}
				}
			}
		}
		joined := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if !strings.Contains(joined(text), joined(c.Title)) {
			t.Errorf("%s: the title is not in the drawing", name)
		}
	}
}

func TestAlt(t *testing.T) {
	for _, tc := range []struct{ name, lang, want string }{
		{"bars", "en", "People satisfied with local services\nVientiane Capital, 3rd quarter of 2026, n = 1,204\n" +
			"Primary education: 72% (65%–79%, n = 180)\nPrimary health care: 66% (59%–72%, n = 187)\n" +
			"Water and sanitation: 50% (43%–57%, n = 194)\nPublic works: roads and bridges: 31% (25%–37%, n = 201)\n" +
			"Agricultural extension: Too few answers to show\nCivil registration: 90% (86%–94%, n = 215)\n" +
			"Source: service users feedback survey, third round."},
		{"quotas", "en", "Quotas and what is reached\nSurvey, third round, until 24 November 2026\nSex\n" +
			"Women: 612 of 600 (102%)\nMen: 440 of 600 (73%)\nDistrict\nXaythany: 300 of 300 (100%)\n" +
			"Xiengngeun: 121 of 300 (40%)\nPakse: 0 of 300 (0%)\nKaysone Phomvihane: 480 of 300 (160%)"},
	} {
		if got := chart.Alt(samples(tc.lang)[tc.name]); got != tc.want {
			t.Errorf("Alt(%s) = %s\nwant %s", tc.name, got, tc.want)
		}
	}
	if got := chart.Alt(samples("lo")["grid"]); !strings.Contains(got, "ມ.ກ.: ລາຍງານແລ້ວ 10 ໃນ 12") {
		t.Errorf("Alt(grid) = %s", got)
	}
}

func TestAltFitsACaption(t *testing.T) {
	c := samples("lo")["compare"]
	for range 30 {
		c.Rows = append(c.Rows, c.Rows[0])
	}
	got := chart.Alt(c)
	if n := len(utf16.Encode([]rune(got))); n > chart.AltLimit {
		t.Errorf("Alt is %d long", n)
	}
	if !strings.Contains(got, "… ແລະ ອີກ ") {
		t.Errorf("Alt does not say that rows are left out: %s", got)
	}
}

func TestOddTablesAreDrawn(t *testing.T) {
	nan := math.NaN()
	for _, tc := range []struct {
		name string
		c    chart.Chart
	}{
		{"nothing", chart.Chart{}},
		{"only a heading", chart.Chart{Rows: []chart.Row{{Label: "x"}}}},
		{"no values", chart.Chart{Rows: []chart.Row{{Label: "x", Figures: []chart.Figure{{Value: nan}, {State: chart.Few}}}}}},
		{"infinite", chart.Chart{Rows: []chart.Row{{Label: "x", Figures: []chart.Figure{{Value: math.Inf(1), High: math.Inf(1)}}}}}},
		{"tiny and huge", chart.Chart{Unit: chart.Numbers, Rows: []chart.Row{{Label: "x", Figures: []chart.Figure{{Value: 1e-300}}}, {Label: "y", Figures: []chart.Figure{{Value: 1e300}}}}}},
		{"negative", chart.Chart{Unit: chart.Numbers, Decimals: -1, Rows: []chart.Row{{Label: "x", Figures: []chart.Figure{{Value: -3.5, Low: -4, High: -3}}}, {Label: "y", Figures: []chart.Figure{{Value: 2}}}}}},
		{"more figures than columns", chart.Chart{Columns: []string{"a"}, Rows: []chart.Row{{Label: "x", Figures: make([]chart.Figure, 9)}}}},
		{"fewer figures than columns", chart.Chart{Columns: []string{"a", "b", "c"}, Rows: []chart.Row{{Label: "x", Figures: make([]chart.Figure, 1)}}}},
		{"endless label", chart.Chart{Title: strings.Repeat("ນ້ຳ", 5000), Rows: []chart.Row{{Label: strings.Repeat("m", 5000), Figures: make([]chart.Figure, 1)}}}},
		{"marks alone", chart.Chart{Title: "\u0ec9\u0ec8\u0eb4 \xff", Rows: []chart.Row{{Label: "\u0eb1", Figures: make([]chart.Figure, 1)}}}},
		{"no target", chart.Chart{Rows: []chart.Row{{Label: "x", Figures: []chart.Figure{{Value: 3, Target: 0}}}}}},
	} {
		for kind := chart.Bars; kind <= chart.Grid; kind++ {
			t.Run(fmt.Sprintf("%s/%d", tc.name, kind), func(t *testing.T) {
				c := tc.c
				c.Kind, c.Lang, c.Width = kind, "lo", 200
				if img := charttest.Decode(t, drawn(t, &c)); img.Bounds().Dy() > 2000 {
					t.Errorf("the picture is %v", img.Bounds())
				}
				if err := chart.SVG(io.Discard, &c); err != nil {
					t.Error(err)
				}
				chart.Alt(&c)
			})
		}
	}
}

func TestTooLargeIsRefused(t *testing.T) {
	for _, c := range []chart.Chart{
		{Rows: make([]chart.Row, chart.MaxRows+1)}, {Columns: make([]string, chart.MaxColumns+1)},
		{Width: chart.MaxWidth + 1}, {Width: -1}, {Kind: 9},
		{Width: chart.MaxWidth, Rows: slices.Repeat([]chart.Row{{Figures: make([]chart.Figure, 1)}}, chart.MaxRows)},
	} {
		if err := chart.PNG(io.Discard, &c); err == nil {
			t.Errorf("a chart of %d rows, %d columns, width %d is drawn", len(c.Rows), len(c.Columns), c.Width)
		}
	}
}

func TestAllDistrictsFitTelegramsPictures(t *testing.T) {
	size := charttest.Decode(t, drawn(t, districts())).Bounds()
	// https://core.telegram.org/bots/api#sendphoto
	if size.Dx()+size.Dy() > 10000 || size.Dy() > 20*size.Dx() {
		t.Errorf("148 districts are %v: Telegram refuses it", size)
	}
}

func TestAChartIsDrawnAtOnce(t *testing.T) {
	for name, c := range samples("lo") {
		best := time.Hour
		for range 5 {
			if best = min(best, spent.CPU(func() { drawn(t, c) })); best <= spent.Limit(100*time.Millisecond) {
				break
			}
		}
		t.Logf("%s: %v", name, best)
		if best > spent.Limit(200*time.Millisecond) {
			t.Errorf("%s takes %v, want less than 200ms", name, best)
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	all := samples("lo")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := chart.PNG(io.Discard, all[name]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func ExampleAlt() {
	c := &chart.Chart{
		Title: "Satisfied", Columns: []string{"2025", "2026"}, Lang: "en",
		Rows: []chart.Row{{Label: "Water", Figures: []chart.Figure{{Value: 0.61, N: 90}, {Value: 0.68, Low: 0.6, High: 0.75, N: 120}}}},
	}
	fmt.Println(chart.Alt(c))
	// Output:
	// Satisfied
	// Water: 2025 61% (n = 90); 2026 68% (60%–75%, n = 120)
}
