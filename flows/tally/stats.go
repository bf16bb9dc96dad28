package tally

import "math"

// z95 is the 0.975 quantile of the normal distribution.
const z95 = 1.959963984540054

// Wilson is the 95% interval of a share of k in n, by Wilson's score
// (https://doi.org/10.1080/01621459.1927.10502953). Of n = 0 it is 0 to 1:
// nothing is known. n and k need not be whole: those of weighted figures are
// effective ones.
func Wilson(k, n float64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	p := k / n
	d := 1 + z95*z95/n
	mid := p + z95*z95/(2*n)
	half := z95 * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	return math.Max(0, (mid-half)/d), math.Min(1, (mid+half)/d)
}

// Moments are what is known of values: how many, their mean and variance.
type Moments struct {
	N        float64
	Mean     float64
	Variance float64 // of the sample, with n-1
}

// Interval is the 95% interval of the mean, by Student's t. Of fewer than two
// values nothing is known: ok is false.
func (m Moments) Interval() (low, high float64, ok bool) {
	if m.N < 2 {
		return 0, 0, false
	}
	half := TQuantile(0.975, m.N-1) * math.Sqrt(m.Variance/m.N)
	return m.Mean - half, m.Mean + half, true
}

// A Change compares a figure with that of the period before.
type Change struct {
	Test       string  // "two-proportion z", "Welch t"; "" if none applies
	Difference float64 // now less before
	Statistic  float64
	Freedom    float64 // degrees of freedom, of Welch's t
	P          float64 // two-sided
	Real       bool    // the test calls it a change: P < 0.05
}

const level = 0.05

// TwoProportions compares two shares by the two-proportion z test with pooled
// variance. Where fewer than five fit, or fail to, in expectation, the test
// does not hold and none is named.
func TwoProportions(k, n, kBefore, nBefore float64) Change {
	if n <= 0 || nBefore <= 0 {
		return Change{P: 1}
	}
	c := Change{Difference: k/n - kBefore/nBefore, P: 1}
	pooled := (k + kBefore) / (n + nBefore)
	if least := math.Min(n, nBefore) * math.Min(pooled, 1-pooled); least < 5 {
		return c
	}
	c.Test = "two-proportion z"
	c.Statistic = c.Difference / math.Sqrt(pooled*(1-pooled)*(1/n+1/nBefore))
	c.P = math.Erfc(math.Abs(c.Statistic) / math.Sqrt2)
	c.Real = c.P < level
	return c
}

// Welch compares two means by Welch's t test
// (https://doi.org/10.1093/biomet/34.1-2.28). With fewer than two values on a
// side there is no test.
func Welch(now, before Moments) Change {
	if now.N < 1 || before.N < 1 {
		return Change{P: 1}
	}
	c := Change{Difference: now.Mean - before.Mean, P: 1}
	if now.N < 2 || before.N < 2 {
		return c
	}
	a, b := now.Variance/now.N, before.Variance/before.N
	if a+b == 0 {
		return c
	}
	c.Test = "Welch t"
	c.Statistic = c.Difference / math.Sqrt(a+b)
	c.Freedom = (a + b) * (a + b) / (a*a/(now.N-1) + b*b/(before.N-1))
	c.P = 2 * (1 - TCumulative(math.Abs(c.Statistic), c.Freedom))
	c.Real = c.P < level
	return c
}

// TCumulative is the distribution function of Student's t.
func TCumulative(t, df float64) float64 {
	tail := betaRegular(df/(df+t*t), df/2, 0.5) / 2
	if t < 0 {
		return tail
	}
	return 1 - tail
}

// TQuantile is its inverse, for p from 0.5 up.
func TQuantile(p, df float64) float64 {
	if df <= 0 {
		return math.Inf(1)
	}
	low, high := 0.0, 2.0
	for TCumulative(high, df) < p && high < 1e9 {
		high *= 2
	}
	for range 80 {
		mid := (low + high) / 2
		if TCumulative(mid, df) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// betaRegular is the regularised incomplete beta function I_x(a, b), by Lentz's
// continued fraction (https://dlmf.nist.gov/8.17#v).
func betaRegular(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - betaRegular(1-x, b, a)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log(1-x)) / a
	const tiny = 1e-300
	f, c, d := 1.0, 1.0, 0.0
	for i := 0; i <= 500; i++ {
		m := float64(i / 2)
		num := 1.0
		switch {
		case i == 0:
		case i%2 == 0:
			num = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			num = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		d = 1 + num*d
		if math.Abs(d) < tiny {
			d = tiny
		}
		d = 1 / d
		c = 1 + num/c
		if math.Abs(c) < tiny {
			c = tiny
		}
		f *= c * d
		if math.Abs(1-c*d) < 1e-14 {
			break
		}
	}
	return front * (f - 1)
}

// medianRanks are the ranks, from 1, between which the median of n values lies
// with at least 95%: the order statistics of the sign test, exact for few and by
// the normal approximation for many. With fewer than six there are none.
func medianRanks(n int64) (low, high int64, ok bool) {
	if n < 6 {
		return 0, 0, false
	}
	var k int64
	if n <= 1000 {
		term, sum := math.Pow(0.5, float64(n)), 0.0
		for i := int64(0); i < n/2; i++ {
			if sum += term; sum > 0.025 {
				break
			}
			k = i + 1
			term *= float64(n-i) / float64(i+1)
		}
	} else {
		k = int64(math.Floor((float64(n) - z95*math.Sqrt(float64(n))) / 2))
	}
	if k < 1 {
		return 0, 0, false
	}
	return k, n + 1 - k, true
}
