package tally_test

import (
	"math"
	"testing"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/flows/xlsform"
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

// The bounds are worked out by hand with a table of t.
func TestMeanInterval(t *testing.T) {
	cell := func(xs ...float64) (c tally.Cell) {
		for _, x := range xs {
			c.N, c.Sum, c.Squares = c.N+1, c.Sum+x, c.Squares+x*x
		}
		return c
	}
	low, high, ok := cell(3, 4, 4, 5, 2).MeanInterval()
	if !ok || math.Abs(low-2.1843) > 1e-3 || math.Abs(high-5.0157) > 1e-3 {
		t.Errorf("got %.4f, %.4f", low, high)
	}
	if _, _, ok := cell(3).MeanInterval(); ok {
		t.Error("an interval of one value")
	}
	var many []float64
	for i := range 101 {
		many = append(many, float64(i))
	}
	if low, high, _ := cell(many...).MeanInterval(); math.Abs(low-44.2161) > 1e-2 || math.Abs(high-55.7839) > 1e-2 {
		t.Errorf("got %.4f, %.4f", low, high)
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
`

func TestFigures(t *testing.T) {
	d, err := xlsform.Read("f.md", []byte(form), nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	sum := tally.New(f, "sex")
	for _, row := range [][3]string{
		{"north", "20", "f"}, {"north", "30", "m"}, {"north", "10", "f"}, {"south", "40", "f"}, {"south", "", ""},
	} {
		s := &flows.Submission{ID: "x", FormID: f.ID, Hash: f.Hash, Finished: time.Unix(0, 0), Data: flows.Record{
			{Name: "place", Type: "select_one", Text: row[0]}, {Name: "age", Type: "integer", Text: row[1]}, {Name: "sex", Type: "select_one", Text: row[2]},
		}}
		if err := sum.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	figures := sum.Figures()
	women, adults, years := figures[0], figures[1], figures[2]
	if women.Total != (tally.Cell{N: 4, K: 3}) || women.Total.Share() != 0.75 {
		t.Errorf("women: %+v", women.Total)
	}
	if len(women.By) != 2 || women.By[0].Value != "north" || women.By[0].K != 2 || women.By[0].N != 3 || women.By[1].N != 1 {
		t.Errorf("women by place: %+v", women.By)
	}
	if adults.Total.K != 3 {
		t.Errorf("adults: %+v", adults.Total)
	}
	if years.Total.Sum != 100 || years.Total.N != 4 {
		t.Errorf("years: %+v", years.Total)
	}
	if got := sum.Answers("sex"); got["f"] != 3 || got["m"] != 1 || sum.N() != 5 {
		t.Errorf("answers: %v of %d", got, sum.N())
	}
}
