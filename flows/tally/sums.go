package tally

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"example.org/fieldbot/flows"
)

// Sums are rows added up: of a period, and of a place if one was asked for.
type Sums struct {
	Submissions int64
	Changes     int64
	entries     map[string]*Entry
}

// NewSums returns empty ones.
func NewSums() *Sums { return &Sums{entries: map[string]*Entry{}} }

// Add adds a row.
func (s *Sums) Add(r *Row) error { return s.add(r, nil) }

// AddQuotas adds of a row what fills quotas, and how many submissions it has.
func (s *Sums) AddQuotas(p *Plan, r *Row) error {
	return s.add(r, func(key []byte) bool { return len(key) == slotLength && p.quotas[string(key)] })
}

func (s *Sums) add(r *Row, wanted func(key []byte) bool) error {
	s.Submissions += r.N
	s.Changes += r.Changes
	var scratch big.Int
	rd := reader{b: r.Body}
	for len(rd.b) > 0 {
		if !rd.next() {
			return errBody
		}
		if wanted != nil && !wanted(rd.key) {
			continue
		}
		e := s.entries[string(rd.key)]
		if e == nil {
			e = &Entry{Key: string(rd.key)}
			s.entries[e.Key] = e
		}
		e.N += rd.n
		e.K += rd.k
		if rd.sum {
			if e.Sum == nil {
				e.Sum, e.Sq = new(big.Int), new(big.Int)
			}
			rd.s.addTo(e.Sum, &scratch)
			rd.q.addTo(e.Sq, &scratch)
		}
	}
	return nil
}

// Merge adds what others add up to.
func (s *Sums) Merge(o *Sums) {
	s.Submissions += o.Submissions
	s.Changes += o.Changes
	for k, e := range o.entries {
		if s.entries[k] == nil {
			s.entries[k] = &Entry{Key: k}
		}
		s.entries[k].add(e, 1)
	}
}

// A Figure is an indicator worked out, of all or of a group.
type Figure struct {
	Indicator *flows.Indicator
	Value     string // of a group: the answer; "" of all
	N         int64  // submissions behind it
	K         int64  // of a share
	Sum       string // exact, of a sum, mean or median
	Estimate  float64
	Low, High float64
	Interval  bool // Low and High are known
	moments   Moments
}

// Share counts, of a distribution: how many gave a value.
type Share struct {
	Value string
	K     int64
}

// Figure works an indicator out over all that was added.
func (s *Sums) Figure(p *Plan, name string) (Figure, bool) {
	for i := range p.items {
		if it := &p.items[i]; it.ind != nil && it.name == name {
			return s.figure(it, s.entries[it.slot], it.slot+string(keyValue)), true
		}
	}
	return Figure{}, false
}

// By works an indicator out among those who gave each answer to a question, by
// falling number. It must be one of the indicator's by-questions, and none of
// those that are strata: sums of these are made by adding their rows apart.
func (s *Sums) By(p *Plan, name, question string) []Figure {
	var out []Figure
	for i := range p.items {
		it := &p.items[i]
		if it.ind == nil || it.name != name {
			continue
		}
		head := it.slot + string(keyGroup) + question + "\x00"
		for k, e := range s.entries {
			if group, ok := strings.CutPrefix(k, head); ok && e.N != 0 {
				f := s.figure(it, e, it.slot+string(keyCross)+question+"\x00"+group+"\x00")
				f.Value = group
				out = append(out, f)
			}
		}
	}
	sortFigures(out)
	return out
}

func sortFigures(out []Figure) {
	slices.SortFunc(out, func(a, b Figure) int {
		if a.N != b.N {
			return int(b.N - a.N)
		}
		return strings.Compare(a.Value, b.Value)
	})
}

func (s *Sums) figure(it *item, e *Entry, values string) Figure {
	f := Figure{Indicator: it.ind}
	if e == nil {
		return f
	}
	f.N, f.K = e.N, e.K
	switch it.ind.Measure {
	case "share":
		if f.N > 0 {
			f.Estimate = float64(f.K) / float64(f.N)
			f.Low, f.High = Wilson(float64(f.K), float64(f.N))
			f.Interval = true
		}
	case "mean", "median":
		f.Sum = decimal(e.Sum, places)
		f.moments = e.moments()
		f.Estimate = f.moments.Mean
		f.Low, f.High, f.Interval = f.moments.Interval()
		if it.ind.Measure == "median" {
			f.Estimate, f.Low, f.High, f.Interval = s.median(values)
		}
	case "sum":
		f.Sum = decimal(e.Sum, places)
		f.Estimate = float(e.Sum, places)
	default:
		f.Estimate = float64(f.N)
	}
	return f
}

// moments are exact until the last step: no digits cancel.
func (e *Entry) moments() Moments {
	if e.Sum == nil || e.N <= 0 {
		return Moments{}
	}
	m := Moments{N: float64(e.N), Mean: float(e.Sum, places) / float64(e.N)}
	if e.N > 1 {
		// n Σx² - (Σx)², in units of 10^-18
		v := new(big.Int).Mul(big.NewInt(e.N), e.Sq)
		v.Sub(v, new(big.Int).Mul(e.Sum, e.Sum))
		m.Variance = float(v, 2*places) / (float64(e.N) * float64(e.N-1))
	}
	return m
}

// Shares are the values of a distribution, by falling number.
func (s *Sums) Shares(p *Plan, name string) []Share {
	var out []Share
	for i := range p.items {
		it := &p.items[i]
		if it.ind == nil || it.name != name {
			continue
		}
		for k, e := range s.entries {
			if v, ok := strings.CutPrefix(k, it.slot+string(keyValue)); ok && e.N != 0 {
				out = append(out, Share{v, e.N})
			}
		}
	}
	slices.SortFunc(out, func(a, b Share) int {
		if a.K != b.K {
			return int(b.K - a.K)
		}
		return strings.Compare(a.Value, b.Value)
	})
	return out
}

// median is the middle value by counts, the mean of both if there are two, with
// the 95% interval of order statistics.
func (s *Sums) median(head string) (mid, low, high float64, known bool) {
	type count struct {
		x float64
		n int64
	}
	var list []count
	var n int64
	for k, e := range s.entries {
		v, ok := strings.CutPrefix(k, head)
		if !ok || e.N <= 0 {
			continue
		}
		x, err := strconv.ParseFloat(v, 64)
		if err != nil {
			continue
		}
		list = append(list, count{x, e.N})
		n += e.N
	}
	if n == 0 {
		return 0, 0, 0, false
	}
	slices.SortFunc(list, func(a, b count) int {
		switch {
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return 0
	})
	at := func(rank int64) float64 { // from 1
		for _, c := range list {
			if rank -= c.n; rank <= 0 {
				return c.x
			}
		}
		return list[len(list)-1].x
	}
	mid = (at((n+1)/2) + at(n/2+1)) / 2
	if lo, hi, ok := medianRanks(n); ok {
		return mid, at(lo), at(hi), true
	}
	return mid, 0, 0, false
}

// Quota is how many submissions fill a quota.
func (s *Sums) Quota(p *Plan, name string) int64 { return s.plain(p, quotaName(name)) }

// Alert is how many submissions raised an alert.
func (s *Sums) Alert(p *Plan, name string) int64 { return s.plain(p, alertName(name)) }

func (s *Sums) plain(p *Plan, name string) int64 {
	for i := range p.items {
		if it := &p.items[i]; it.ind == nil && it.name == name {
			if e := s.entries[it.slot]; e != nil {
				return e.N
			}
		}
	}
	return 0
}

// Flagged is how many interviews were very fast, and how many gave the same
// answer throughout.
func (s *Sums) Flagged() (speed, straight int64) {
	if e := s.entries[speedSlot]; e != nil {
		speed = e.N
	}
	if e := s.entries[straightSlot]; e != nil {
		straight = e.N
	}
	return speed, straight
}

// Against compares a figure with the same of the period before.
func (f Figure) Against(before Figure) Change {
	switch f.Indicator.Measure {
	case "share":
		return TwoProportions(float64(f.K), float64(f.N), float64(before.K), float64(before.N))
	case "mean":
		return Welch(f.moments, before.moments)
	}
	return Change{Difference: f.Estimate - before.Estimate, P: 1}
}

// Diff names the first figures by which two sums differ, for whoever verifies.
func (s *Sums) Diff(o *Sums, p *Plan) []string {
	names := map[string]string{speedSlot: speedName, straightSlot: straightName}
	for i := range p.items {
		names[p.items[i].slot] = p.items[i].name
	}
	var out []string
	if s.Submissions != o.Submissions {
		out = append(out, fmt.Sprintf("submissions: %d and %d", s.Submissions, o.Submissions))
	}
	seen := map[string]bool{}
	for _, m := range []map[string]*Entry{s.entries, o.entries} {
		for k := range m {
			if seen[k] {
				continue
			}
			seen[k] = true
			var d Entry
			if e := s.entries[k]; e != nil {
				d.add(e, 1)
			}
			if e := o.entries[k]; e != nil {
				d.add(e, -1)
			}
			if d.zero() {
				continue
			}
			name := names[k[:min(4, len(k))]]
			if name == "" {
				name = "a figure that the form no longer has"
			}
			out = append(out, fmt.Sprintf("%s: n differs by %d", name, d.N))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
