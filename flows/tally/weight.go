package tally

import "math"

// A Population says how many people each stratum of a population has. Keys are
// what the caller groups sums by, as "1503/female".
type Population map[string]float64

// A Weighted figure is one that was weighted to a population.
type Weighted struct {
	Estimate  float64
	Low, High float64
	N         int64   // submissions behind it
	Effective float64 // as many as a simple random sample of the same precision would have
	Design    float64 // Kish's design effect of the weights: N / Effective
	Covered   float64 // share of the population whose strata have answers
}

// Weight post-stratifies an indicator of measure share or mean: each stratum
// counts as much as it has people. Strata without answers are left out, which
// Covered tells; ok is false if there is nothing to weight.
//
// The estimate is Σ W_h y_h with W_h the share of the stratum among the strata
// covered; the design effect is Kish's, n Σ w² / (Σ w)², with w_h = W_h n / n_h;
// the interval is that of the plain figure at the effective number.
func Weight(p *Plan, name string, strata map[string]*Sums, pop Population) (w Weighted, ok bool) {
	type part struct{ people, n, mean, variance float64 }
	var parts []part
	var all, covered, n float64
	for _, people := range pop {
		all += people
	}
	share := false
	for key, sums := range strata {
		f, known := sums.Figure(p, name)
		if !known || f.N <= 0 || pop[key] <= 0 {
			continue
		}
		x := part{people: pop[key], n: float64(f.N), mean: f.Estimate}
		switch f.Indicator.Measure {
		case "share":
			share = true
			x.variance = f.Estimate * (1 - f.Estimate)
		case "mean":
			x.variance = f.moments.Variance
		default:
			return w, false
		}
		parts = append(parts, x)
		covered += x.people
		n += x.n
		w.N += f.N
	}
	if n == 0 || all == 0 {
		return w, false
	}
	var sum, squares, second float64
	for _, x := range parts {
		big := x.people / covered
		each := big * n / x.n
		w.Estimate += big * x.mean
		second += big * (x.variance + x.mean*x.mean)
		sum += each * x.n
		squares += each * each * x.n
	}
	w.Covered = covered / all
	w.Design = n * squares / (sum * sum)
	w.Effective = n / w.Design
	if share {
		w.Low, w.High = Wilson(w.Estimate*w.Effective, w.Effective)
		return w, true
	}
	m := Moments{N: w.Effective, Mean: w.Estimate, Variance: math.Max(0, second-w.Estimate*w.Estimate)}
	w.Low, w.High, _ = m.Interval()
	return w, true
}
