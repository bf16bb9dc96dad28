package tally_test

import (
	"math"
	"testing"
	"time"

	"example.org/fieldbot/flows/tally"
)

// The bounds agree with published tables to four decimals.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {5, 10, 0.2366, 0.7634},
		{3, 6, 0.1876, 0.8124}, {675, 1000, 0.6454, 0.7033},
	} {
		low, high := tally.Wilson(float64(c.k), float64(c.n))
		if math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("Wilson(%d, %d) = %.4f, %.4f; want %.4f, %.4f", c.k, c.n, low, high, c.low, c.high)
		}
	}
}

const form = `
| survey |
| | type | name | label |
| | select_one place | place | Where? |
| | integer | age | Age? |
| | select_one sex | sex | Sex? |

| choices |
| | list_name | name | label |
| | place | north | North |
| | place | south | South |
| | sex | f | Woman |
| | sex | m | Man |

| indicators |
| | name | label | measure | of | where | by |
| | women | Women | share | ${sex} = 'f' | ${sex} != '' | place |
| | adults | Adults | count | | ${age} >= 18 | |
| | years | Years | sum | ${age} | | |
| | middle | Middle | median | ${age} | | |
`

func TestFigures(t *testing.T) {
	f := compiled(t, form)
	p := tally.NewPlan(f, nil)
	sums := tally.NewSums()
	for i, row := range [][3]string{
		{"north", "20", "f"}, {"north", "30", "m"}, {"north", "10", "f"}, {"south", "40", "f"}, {"south", "", ""},
	} {
		r, err := p.Count(answer(f, string(rune('a'+i)), "place", row[0], "age", row[1], "sex", row[2]), time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := sums.Add(&r); err != nil {
			t.Fatal(err)
		}
	}
	women, _ := sums.Figure(p, "women")
	if women.N != 4 || women.K != 3 || women.Estimate != 0.75 {
		t.Errorf("women: %+v", women)
	}
	by := sums.By(p, "women", "place")
	if len(by) != 2 || by[0].Value != "north" || by[0].K != 2 || by[0].N != 3 || by[1].N != 1 {
		t.Errorf("women by place: %+v", by)
	}
	if adults, _ := sums.Figure(p, "adults"); adults.N != 3 {
		t.Errorf("adults: %+v", adults)
	}
	if years, _ := sums.Figure(p, "years"); years.Sum != "100" || years.N != 4 {
		t.Errorf("years: %+v", years)
	}
	if middle, _ := sums.Figure(p, "middle"); middle.Estimate != 25 || middle.N != 4 || middle.Interval {
		t.Errorf("median: %+v", middle)
	}
}

// Weighting two strata of 3 and 1 answers to a population of equal halves.
func TestWeight(t *testing.T) {
	f := compiled(t, form)
	p := tally.NewPlan(f, nil)
	strata := map[string]*tally.Sums{}
	for i, row := range [][2]string{{"north", "f"}, {"north", "f"}, {"north", "m"}, {"south", "m"}} {
		r, err := p.Count(answer(f, string(rune('a'+i)), "place", row[0], "sex", row[1]), time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if strata[row[0]] == nil {
			strata[row[0]] = tally.NewSums()
		}
		if err := strata[row[0]].Add(&r); err != nil {
			t.Fatal(err)
		}
	}
	w, ok := tally.Weight(p, "women", strata, tally.Population{"north": 50, "south": 50, "west": 100})
	// ½·⅔ + ½·0; weights ⅔ and 2: 4·(3·4/9 + 4)/(2+2)² = 4/3
	if !ok || !near(w.Estimate, 1.0/3, 1e-12) || !near(w.Design, 4.0/3, 1e-12) || !near(w.Effective, 3, 1e-12) || w.Covered != 0.5 || w.N != 4 {
		t.Errorf("%+v", w)
	}
}
