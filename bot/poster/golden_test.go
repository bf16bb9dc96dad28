package poster_test

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/vector"

	"example.org/fieldbot/bot/poster"
	"example.org/fieldbot/flows/chart/charttest"
)

var update = flag.Bool("update", false, "rewrite the golden pictures")

// Posters look as they did when somebody looked at them. They are drawn here from
// the content of the PDF, so that no other program is needed.
func TestPostersLookAsTheyDid(t *testing.T) {
	long := []poster.Office{{
		Name: map[string]string{
			"lo": "ສູນບໍລິການປະຕູດຽວ ແລະ ຫ້ອງວ່າການປົກຄອງເມືອງໄກສອນພົມວິຫານ ນະຄອນໄກສອນພົມວິຫານ (ແຂວງສະຫວັນນະເຂດ)",
			"en": "One Door Service Centre and Office of the District Governor of Kaysone Phomvihane (Savannakhet Province)",
		},
		Link: office(1).Link,
	}}
	one := sheet(poster.A4)
	one.Languages = []string{"en"}
	for name, tc := range map[string]struct {
		sheet poster.Sheet
		list  []poster.Office
	}{
		"a4": {sheet(poster.A4), offices(1)}, "a5": {sheet(poster.A5), offices(1)}, "cards": {sheet(poster.Cards), append(offices(2), long...)},
		"a4_long": {sheet(poster.A4), long}, "a5_long": {sheet(poster.A5), long}, "a4_english": {one, offices(1)},
	} {
		if raceEnabled && name != "a4_long" && name != "cards" {
			continue // drawing is slow then, and nothing races
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := rendered(t, written(t, tc.sheet, tc.list))
			for x := range img.Bounds().Dx() {
				if charttest.Apart(img.At(x, img.Bounds().Dy()-1), color.White) > 8 && name != "cards" {
					t.Fatalf("ink at the lower edge, %d pixels from the left", x)
				}
			}
			charttest.Golden(t, filepath.Join("testdata", name+".png"), img, 0.002, *update)
		})
	}
}

// A canvas draws the content of a page: paths in fills and strokes, all that a
// poster is made of.
type canvas struct {
	img          *image.RGBA
	form         string
	at           [4]float64 // scales of x and y, and where 0, 0 is
	saved        [][4]float64
	path         [][][2]float64
	fill, stroke color.Color
	thick        float64
}

// rendered draws the first page of a PDF at 50 dots an inch.
func rendered(t *testing.T, pdf []byte) *image.RGBA {
	t.Helper()
	const dots = 50.0 / 72
	var w, h float64
	head := string(pdf)
	if i := strings.Index(head, "/MediaBox"); i < 0 {
		t.Fatal("the pages have no size")
	} else if _, err := fmt.Sscanf(head[i:], "/MediaBox [0 0 %g %g]", &w, &h); err != nil {
		t.Fatal(err)
	}
	parts := streams(t, pdf)
	c := &canvas{img: image.NewRGBA(image.Rect(0, 0, int(w*dots), int(h*dots))), form: parts[0], fill: color.Black, stroke: color.Black}
	draw.Draw(c.img, c.img.Bounds(), image.White, image.Point{}, draw.Src)
	c.at = [4]float64{dots, -dots, 0, h * dots}
	if err := c.run(parts[1]); err != nil {
		t.Fatal(err)
	}
	return c.img
}

// run draws content.
func (c *canvas) run(content string) error {
	for line := range strings.Lines(content) {
		var v []float64
		for _, word := range strings.Fields(strings.NewReplacer("[", " ", "]", " ").Replace(line)) {
			if x, err := strconv.ParseFloat(word, 64); err == nil {
				v = append(v, x)
				continue
			}
			if err := c.op(word, v); err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
			v = nil
		}
	}
	return nil
}

func (c *canvas) op(name string, v []float64) error {
	switch name {
	case "q":
		c.saved = append(c.saved, c.at)
	case "Q":
		c.at, c.saved = c.saved[len(c.saved)-1], c.saved[:len(c.saved)-1]
	case "cm":
		if len(v) != 6 || v[1] != 0 || v[2] != 0 {
			return fmt.Errorf("a matrix that turns: %v", v)
		}
		c.at = [4]float64{c.at[0] * v[0], c.at[1] * v[3], c.at[2] + c.at[0]*v[4], c.at[3] + c.at[1]*v[5]}
	case "/F":
	case "Do":
		return c.run(c.form)
	case "m":
		c.path = append(c.path, [][2]float64{{v[0], v[1]}})
	case "l":
		c.to(v[0], v[1])
	case "c":
		c.curve(v)
	case "h":
		last := c.path[len(c.path)-1]
		c.to(last[0][0], last[0][1])
	case "re":
		c.path = append(c.path, [][2]float64{{v[0], v[1]}, {v[0] + v[2], v[1]}, {v[0] + v[2], v[1] + v[3]}, {v[0], v[1] + v[3]}})
	case "rg":
		c.fill = tone(v)
	case "RG":
		c.stroke = tone(v)
	case "w":
		c.thick = v[0]
	case "f":
		c.paint(c.path, c.fill)
		c.path = nil
	case "S":
		c.outline()
		c.path = nil
	case "J", "j", "d": // dashes are drawn whole
	default:
		return fmt.Errorf("%s is not drawn here", name)
	}
	return nil
}

func tone(v []float64) color.Color {
	b := func(x float64) uint8 { return uint8(math.Round(255 * x)) }
	return color.NRGBA{b(v[0]), b(v[1]), b(v[2]), 0xff}
}

func (c *canvas) to(x, y float64) {
	i := len(c.path) - 1
	c.path[i] = append(c.path[i], [2]float64{x, y})
}

func (c *canvas) curve(v []float64) {
	last := c.path[len(c.path)-1]
	p := last[len(last)-1]
	for i := 1.0; i <= 8; i++ {
		t := i / 8
		u := 1 - t
		at := func(k int) float64 {
			return u*u*u*p[k] + 3*u*u*t*v[k] + 3*u*t*t*v[2+k] + t*t*t*v[4+k]
		}
		c.to(at(0), at(1))
	}
}

// paint fills a path; only the part of the page that it covers is looked at.
func (c *canvas) paint(path [][][2]float64, tone color.Color) {
	var box image.Rectangle
	at := func(p [2]float64) (x, y float64) { return c.at[0]*p[0] + c.at[2], c.at[1]*p[1] + c.at[3] }
	for _, line := range path {
		for _, p := range line {
			x, y := at(p)
			box = box.Union(image.Rect(int(x), int(y), int(x)+2, int(y)+2))
		}
	}
	if box = box.Intersect(c.img.Bounds()); box.Empty() {
		return
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	for _, line := range path {
		for i, p := range line {
			x, y := at(p)
			x, y = x-float64(box.Min.X), y-float64(box.Min.Y)
			if i == 0 {
				r.MoveTo(float32(x), float32(y))
			} else {
				r.LineTo(float32(x), float32(y))
			}
		}
		r.ClosePath()
	}
	r.Draw(c.img, box, image.NewUniform(tone), image.Point{})
}

// outline draws each piece of a stroke as a rectangle with round ends.
func (c *canvas) outline() {
	for _, line := range c.path {
		for i := 1; i < len(line); i++ {
			a, b := line[i-1], line[i]
			dx, dy := b[0]-a[0], b[1]-a[1]
			length := math.Hypot(dx, dy)
			if length == 0 {
				continue
			}
			nx, ny := -dy/length*c.thick/2, dx/length*c.thick/2
			var round [][2]float64
			for k := range 9 {
				s, o := math.Sincos(math.Pi * float64(k) / 8)
				round = append(round, [2]float64{b[0] + nx*o + ny*s, b[1] + ny*o - nx*s})
			}
			for k := range 9 {
				s, o := math.Sincos(math.Pi * float64(k) / 8)
				round = append(round, [2]float64{a[0] - nx*o - ny*s, a[1] - ny*o + nx*s})
			}
			c.paint([][][2]float64{round}, c.stroke)
		}
	}
}
