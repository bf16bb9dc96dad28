package tally

import "math/big"

// Plus adds a figure of another time to f: a share, a mean, a count or a sum.
// Of a median nothing can be added; the larger group's stays. Both must be of
// one indicator; the zero figure adds nothing.
func (f Figure) Plus(o Figure) Figure {
	if f.Indicator == nil || f.N == 0 {
		return o
	}
	if o.Indicator == nil || o.N == 0 {
		return f
	}
	if f.Indicator.Measure == "median" {
		if o.N > f.N {
			return o
		}
		return f
	}
	out := Figure{Indicator: f.Indicator, N: f.N + o.N, K: f.K + o.K, Sum: plusDecimals(f.Sum, o.Sum)}
	switch f.Indicator.Measure {
	case "share":
		out.Estimate = float64(out.K) / float64(out.N)
		out.Low, out.High = Wilson(float64(out.K), float64(out.N))
		out.Interval = true
	case "mean":
		out.moments = f.moments.plus(o.moments)
		out.Estimate = out.moments.Mean
		out.Low, out.High, out.Interval = out.moments.Interval()
	default:
		out.Estimate = f.Estimate + o.Estimate
	}
	return out
}

// plus joins two samples (https://doi.org/10.2307/2683386).
func (m Moments) plus(o Moments) Moments {
	n := m.N + o.N
	if n == 0 {
		return Moments{}
	}
	d := o.Mean - m.Mean
	out := Moments{N: n, Mean: m.Mean + d*o.N/n}
	if n > 1 {
		squares := m.Variance*max(m.N-1, 0) + o.Variance*max(o.N-1, 0) + d*d*m.N*o.N/n
		out.Variance = squares / (n - 1)
	}
	return out
}

// plusDecimals adds what decimal wrote; "" is nothing.
func plusDecimals(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	x, okA := new(big.Rat).SetString(a)
	y, okB := new(big.Rat).SetString(b)
	if !okA || !okB {
		return ""
	}
	sum := x.Add(x, y)
	digits, _ := sum.FloatPrec()
	return sum.FloatString(digits)
}
