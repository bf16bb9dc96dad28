package typeset

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// TestGlyphsStandWhereHarfBuzzPutsThem compares with the shaper of browsers and
// office programs. It looks inside, since a glyph that is some units off can
// hardly be seen in a picture.
func TestGlyphsStandWhereHarfBuzzPutsThem(t *testing.T) {
	data, err := os.ReadFile("testdata/harfbuzz.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		style := Regular
		if fields[0] == "bold" {
			style = Bold
		}
		set := Set(fields[1], style, 1000)
		got := []string{fmt.Sprint(math.Round(set.Width))}
		for _, g := range set.glyphs {
			got = append(got, fmt.Sprintf("%.0f,%.0f", g.x*1000, g.y*1000))
		}
		if want := strings.Join(fields[2:], " "); strings.Join(got, " ") != want {
			t.Errorf("%s %s:\n got %s\nwant %s", fields[0], fields[1], strings.Join(got, " "), want)
		}
		n++
	}
	if n < 50 {
		t.Errorf("only %d words are compared", n)
	}
}
