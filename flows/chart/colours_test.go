package chart

import (
	"fmt"
	"image/color"
	"math"
	"testing"
)

// blindness: how people without one kind of cones see, in linear light
// (Machado, Oliveira and Fernandes 2009, https://doi.org/10.1109/TVCG.2009.113).
var blindness = map[string][3][3]float64{
	"none":         {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// lab returns a colour as seen, in CIE L*a*b*, where distances are what people
// feel.
func lab(c color.NRGBA, m [3][3]float64) [3]float64 {
	linear := func(v uint8) float64 { return luminance(color.NRGBA{v, v, v, 255}) }
	in := [3]float64{linear(c.R), linear(c.G), linear(c.B)}
	var rgb [3]float64
	for i := range rgb {
		for j := range in {
			rgb[i] += m[i][j] * in[j]
		}
		rgb[i] = math.Max(0, math.Min(1, rgb[i]))
	}
	f := func(t float64) float64 {
		if t > 0.008856 {
			return math.Cbrt(t)
		}
		return 7.787*t + 16.0/116
	}
	x := f((0.4124*rgb[0] + 0.3576*rgb[1] + 0.1805*rgb[2]) / 0.9505)
	y := f(0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2])
	z := f((0.0193*rgb[0] + 0.1192*rgb[1] + 0.9505*rgb[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func felt(a, b color.NRGBA, m [3][3]float64) float64 {
	p, q := lab(a, m), lab(b, m)
	return math.Hypot(math.Hypot(p[0]-q[0], p[1]-q[1]), p[2]-q[2])
}

func TestColoursAreToldApartByEverybody(t *testing.T) {
	sets := map[string][]color.NRGBA{"categories": categories[:5], "grid": {blue, orange, white}, "quotas": {blue, green, track}}
	for n := 2; n <= 5; n++ {
		sets[fmt.Sprintf("%d answers", n)] = scale(n)
	}
	for name, set := range sets {
		for kind, m := range blindness {
			for i := range set {
				for j := range i {
					// 10 is plain to see beside each other.
					if d := felt(set[i], set[j], m); d < 10 {
						t.Errorf("%s: colours %d and %d are %.1f apart with %s", name, j, i, d, kind)
					}
				}
			}
		}
	}
}

func TestNumbersOnColoursAreRead(t *testing.T) {
	set := append([]color.NRGBA{blue, orange}, scale(5)...)
	for n := 2; n <= 7; n++ {
		set = append(set, scale(n)...)
	}
	for _, c := range set {
		if r := contrast(on(c), c); r < 4.5 {
			t.Errorf("letters on %s have a contrast of %.1f, WCAG asks for 4.5", hex(c), r)
		}
	}
	for _, c := range []color.NRGBA{ink, muted} {
		if r := contrast(c, white); r < 4.5 {
			t.Errorf("%s on white has a contrast of %.1f", hex(c), r)
		}
	}
}

func TestTicksAreRound(t *testing.T) {
	for _, tc := range []struct {
		low, high float64
		whole     bool
		want      string
	}{
		{0, 1, false, "[0 0.25 0.5 0.75 1]"}, {0, 4.6, false, "[0 2 4 6]"}, {0, 1204, true, "[0 500 1000 1500]"},
		{0, 3, true, "[0 1 2 3]"}, {-4, 2, false, "[-4 -2 0 2]"}, {0, 0, false, "[0 0.25 0.5 0.75 1]"},
	} {
		a := nice(tc.low, tc.high, tc.whole)
		if got := fmt.Sprint(a.ticks); got != tc.want {
			t.Errorf("nice(%v, %v) = %s, want %s", tc.low, tc.high, got, tc.want)
		}
	}
}
