package tally_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"example.org/fieldbot/flows/tally"
)

// Figures of two times add up to the figure of both.
func TestPlus(t *testing.T) {
	f := compiled(t, `
| survey |
| | type | name | label |
| | decimal | x | X? |

| indicators |
| | name | label | measure | of |
| | all | All | count | |
| | part | Part | share | ${x} > 2 |
| | mean | Mean | mean | ${x} |
| | sum | Sum | sum | ${x} |
`)
	p := tally.NewPlan(f, nil)
	figure := func(name string, xs ...float64) tally.Figure {
		sums := tally.NewSums()
		for i, x := range xs {
			r, err := p.Count(answer(f, strconv.Itoa(i), "x", strconv.FormatFloat(x, 'f', -1, 64)), time.Unix(0, 0))
			if err == nil {
				err = sums.Add(&r)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		out, _ := sums.Figure(p, name)
		return out
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
	for _, name := range []string{"all", "part", "mean", "sum"} {
		a, b := figure(name, 1, 2, 4.5), figure(name, 3, 3, 8, 0.25)
		want, got := figure(name, 1, 2, 4.5, 3, 3, 8, 0.25), a.Plus(b)
		if got.N != want.N || got.K != want.K || got.Sum != want.Sum || got.Interval != want.Interval ||
			!near(got.Estimate, want.Estimate) || !near(got.Low, want.Low) || !near(got.High, want.High) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		if a.Plus(tally.Figure{}).N != a.N || (tally.Figure{}).Plus(a).N != a.N {
			t.Errorf("%s: nothing adds something", name)
		}
	}
}
