package tally_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"example.org/fieldbot/flows/tally"
)

const drawn = `
| settings |
| | form_id | district | sex |
| | draws | district | sex |

| survey |
| | type | name | label |
| | text | district | District? |
| | text | sex | Sex? |
| | decimal | x | How much? |
| | text | likes | Likes? |

| indicators |
| | name | label | measure | of | where |
| | liked | Liked | share | ${likes} = 'yes' | ${likes} != '' |
| | amount | Amount | mean | ${x} | |
| | middle | Middle | median | ${x} | |
`

// Of 1,000 samples with a known truth about 950 give an interval that holds it:
// shares by Wilson, means by Student's t, medians by order statistics (which may
// only err on the wide side), and figures weighted to the population that was
// sampled unevenly. The draws are the same each time.
func TestIntervalsCover(t *testing.T) {
	const draws = 1000
	f := compiled(t, drawn)
	p := tally.NewPlan(f, nil)
	r := rand.New(rand.NewPCG(95, 1000))
	row := func(district, sex string, x float64, yes bool) tally.Row {
		likes := "no"
		if yes {
			likes = "yes"
		}
		row, err := p.Count(answer(f, strconv.FormatUint(r.Uint64(), 36), "district", district, "sex", sex,
			"x", strconv.FormatFloat(x, 'f', 6, 64), "likes", likes), time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		return row
	}
	// a population of two strata, of which the smaller one is sampled as often
	pop := tally.Population{"a/f": 9000, "b/f": 1000}
	truth := map[string]struct{ share, mean float64 }{"a": {0.3, 10}, "b": {0.7, 30}}
	const trueShare, trueMean = 0.9*0.3 + 0.1*0.7, 0.9*10 + 0.1*30
	hit := map[string]int{}
	rows := map[string][]tally.Row{} // to draw from: compiled once, drawn often
	for d, v := range truth {
		for range 400 {
			rows[d] = append(rows[d], row(d, "f", v.mean+3*r.NormFloat64(), r.Float64() < v.share))
		}
	}
	share, mean, median := trueOf(t, p, rows["a"])
	weightedShare, weightedMean := 0.0, 0.0
	for d, w := range map[string]float64{"a": 0.9, "b": 0.1} {
		s, m, _ := trueOf(t, p, rows[d])
		weightedShare, weightedMean = weightedShare+w*s, weightedMean+w*m
	}
	if math.Abs(weightedShare-trueShare) > 0.06 || math.Abs(weightedMean-trueMean) > 0.5 {
		t.Fatalf("the pool is odd: %v, %v", weightedShare, weightedMean)
	}
	for range draws {
		strata := map[string]*tally.Sums{}
		for _, d := range []string{"a", "b"} {
			s := tally.NewSums()
			for range 60 {
				x := rows[d][r.IntN(len(rows[d]))]
				if err := s.Add(&x); err != nil {
					t.Fatal(err)
				}
			}
			strata[d+"/f"] = s
		}
		for name, want := range map[string]float64{"liked": share, "amount": mean, "middle": median} {
			if g, _ := strata["a/f"].Figure(p, name); g.Low <= want && want <= g.High {
				hit[name]++
			}
		}
		for name, want := range map[string]float64{"liked": weightedShare, "amount": weightedMean} {
			if w, _ := tally.Weight(p, name, strata, pop); w.Low <= want && want <= w.High {
				hit["weighted "+name]++
			}
		}
	}
	t.Log(hit)
	for _, c := range []struct {
		name string
		most int
	}{{"liked", 970}, {"amount", 970}, {"middle", 1000}, {"weighted liked", 1000}, {"weighted amount", 1000}} {
		if n := hit[c.name]; n < 930 || n > c.most {
			t.Errorf("%s: %d of %d intervals hold the truth", c.name, n, draws)
		}
	}
}

// trueOf works out on its own what a pool that is drawn from is like.
func trueOf(t *testing.T, p *tally.Plan, rows []tally.Row) (share, mean, median float64) {
	t.Helper()
	var values []float64
	for i := range rows {
		s := tally.NewSums()
		if err := s.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
		liked, _ := s.Figure(p, "liked")
		amount, _ := s.Figure(p, "amount")
		share += float64(liked.K) / float64(len(rows))
		mean += amount.Estimate / float64(len(rows))
		values = append(values, amount.Estimate)
	}
	slices.Sort(values)
	return share, mean, (values[len(values)/2-1] + values[len(values)/2]) / 2
}

// Of 1,000 pairs of samples in which nothing changed the test calls about fifty a
// change.
func TestFewChangesAreCalledWhereThereAreNone(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 100))
	shares, means := 0, 0
	for range 1000 {
		var k [2]float64
		var m [2]tally.Moments
		for i := range k {
			var sum, squares float64
			for range 80 {
				if r.Float64() < 0.4 {
					k[i]++
				}
				x := r.NormFloat64() * float64(1+i)
				sum, squares = sum+x, squares+x*x
			}
			m[i] = tally.Moments{N: 80, Mean: sum / 80, Variance: (squares - sum*sum/80) / 79}
		}
		if tally.TwoProportions(k[0], 80, k[1], 80).Real {
			shares++
		}
		if tally.Welch(m[0], m[1]).Real {
			means++
		}
	}
	if shares < 30 || shares > 70 || means < 30 || means > 70 {
		t.Errorf("of 1,000 that did not change %d shares and %d means are called changes", shares, means)
	}
}

func TestPeriodsAreReadByTheirNames(t *testing.T) {
	for _, every := range []string{"day", "week", "month", "quarter", "year"} {
		for d := tally.Day(20000); d < 20800; d += 13 {
			p, err := tally.PeriodOf(every, d)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := tally.ParsePeriod(p.Name); err != nil || got != p {
				t.Errorf("%s: %v %v, want %v", p.Name, got, err, p)
			}
		}
	}
	for _, bad := range []string{"", "2026-13", "2026-Q5", "2026-W60", "2026-02-30", "soon", fmt.Sprint(tally.Day(1))} {
		if p, err := tally.ParsePeriod(bad); err == nil {
			t.Errorf("%q is %v", bad, p)
		}
	}
}
