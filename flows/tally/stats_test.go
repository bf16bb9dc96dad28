package tally_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"example.org/fieldbot/flows/tally"
)

func near(a, b, by float64) bool { return math.Abs(a-b) <= by }

// Against printed tables of Student's t.
func TestStudent(t *testing.T) {
	for _, c := range []struct{ df, want float64 }{
		{1, 12.7062}, {2, 4.3027}, {4, 2.7764}, {9, 2.2622}, {30, 2.0423}, {100, 1.9840}, {1e6, 1.9600},
	} {
		if got := tally.TQuantile(0.975, c.df); !near(got, c.want, 1e-4) {
			t.Errorf("t(0.975, %v) = %.4f, want %.4f", c.df, got, c.want)
		}
		if got := tally.TCumulative(tally.TQuantile(0.975, c.df), c.df); !near(got, 0.975, 1e-9) {
			t.Errorf("there and back: %v", got)
		}
	}
}

// The numbers of worked examples in textbooks.
func TestChanges(t *testing.T) {
	c := tally.TwoProportions(60, 100, 45, 100) // pooled 0.525: z = 2.1240, p = 0.0337
	if c.Test != "two-proportion z" || !near(c.Statistic, 2.1240, 1e-3) || !near(c.P, 0.0337, 1e-3) || !c.Real {
		t.Errorf("%+v", c)
	}
	if c := tally.TwoProportions(60, 100, 55, 100); c.Real {
		t.Errorf("5 points of 100 are called a change: %+v", c)
	}
	if c := tally.TwoProportions(3, 6, 0, 6); c.Test != "" || c.Real {
		t.Errorf("so few are tested: %+v", c)
	}
	// Welch 1947, as in R: t.test of two samples
	w := tally.Welch(tally.Moments{N: 15, Mean: 23.7, Variance: 5.2}, tally.Moments{N: 10, Mean: 20.82, Variance: 16.8})
	if w.Test != "Welch t" || !near(w.Statistic, 2.02307, 1e-3) || !near(w.Freedom, 12.7, 0.2) || w.Real {
		t.Errorf("%+v", w)
	}
}

// Of 1,000 draws of a known truth about 950 intervals hold it.
func TestCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, truth := range []float64{0.1, 0.5, 0.85} {
		held := 0
		for range 1000 {
			k := 0
			for range 60 {
				if r.Float64() < truth {
					k++
				}
			}
			if low, high := tally.Wilson(float64(k), 60); low <= truth && truth <= high {
				held++
			}
		}
		if held < 925 || held > 980 {
			t.Errorf("share %v: %d of 1000 intervals hold it", truth, held)
		}
	}
	held := 0
	for range 1000 {
		var n, sum, sq float64
		for range 12 {
			x := r.NormFloat64()*2 + 3
			n, sum, sq = n+1, sum+x, sq+x*x
		}
		m := tally.Moments{N: n, Mean: sum / n, Variance: (sq - sum*sum/n) / (n - 1)}
		if low, high, _ := m.Interval(); low <= 3 && 3 <= high {
			held++
		}
	}
	if held < 930 || held > 970 {
		t.Errorf("mean: %d of 1000 intervals hold it", held)
	}
}
