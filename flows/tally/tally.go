// Package tally works out figures from submissions: counts, shares with their
// intervals, and both by the answers to a question. What the figures are stands
// in the form's indicators sheet; nothing here knows a programme.
package tally

import (
	"fmt"
	"math"
	"sort"
	"time"

	"example.org/fieldbot/flows"
)

// A Counted is an indicator worked out.
type Counted struct {
	Indicator *flows.Indicator
	Total     Cell
	By        []Group // by the answers to the indicator's first by-question
}

// A Group is a figure among those who gave one answer.
type Group struct {
	Value string // as stored: the name of a choice
	Cell
}

// A Cell is one figure: of N submissions that count, K fit. Of measure count K
// is the count itself; of sum and mean, Sum is of N values.
type Cell struct {
	N, K         int
	Sum, Squares float64 // of the values and of their squares
}

// Share is K of N, 0 if N is 0.
func (c Cell) Share() float64 {
	if c.N == 0 {
		return 0
	}
	return float64(c.K) / float64(c.N)
}

// Mean is the mean of the values, 0 if there are none.
func (c Cell) Mean() float64 {
	if c.N == 0 {
		return 0
	}
	return c.Sum / float64(c.N)
}

// MeanInterval is the 95% interval of the mean, by Student's t. Of fewer than
// two values nothing is known: ok is false.
func (c Cell) MeanInterval() (low, high float64, ok bool) {
	if c.N < 2 {
		return 0, 0, false
	}
	n, mean := float64(c.N), c.Mean()
	variance := math.Max(0, (c.Squares-n*mean*mean)/(n-1))
	half := TQuantile(0.975, n-1) * math.Sqrt(variance/n)
	return mean - half, mean + half, true
}

// A Tally adds up submissions of a form. It is not safe for concurrent use.
type Tally struct {
	form    *flows.Form
	n       int
	answers map[string]map[string]int // by question, then by answer
	figures []*running
}

type running struct {
	of    *flows.Indicator
	total Cell
	by    map[string]*Cell
}

// New returns an empty tally of a form's indicators, and of the answers to the
// questions named.
func New(form *flows.Form, questions ...string) *Tally {
	t := &Tally{form: form, answers: map[string]map[string]int{}}
	for _, q := range questions {
		if q != "" {
			t.answers[q] = map[string]int{}
		}
	}
	for i := range form.Programme.Indicators {
		t.figures = append(t.figures, &running{of: &form.Programme.Indicators[i], by: map[string]*Cell{}})
	}
	return t
}

// Add counts a submission. It may be of another version of the form; questions
// that this one lacks are not seen.
func (t *Tally) Add(s *flows.Submission) error {
	t.n++
	for q, counts := range t.answers {
		if v := Answer(s.Data, q); v != "" {
			counts[v]++
		}
	}
	if len(t.figures) == 0 {
		return nil
	}
	at := s.Finished
	in, err := t.form.Open(flows.World{Now: func() time.Time { return at }}, s)
	if err != nil {
		return fmt.Errorf("open submission: %w", err)
	}
	for _, f := range t.figures {
		f.add(in, s)
	}
	return nil
}

// add counts a submission for one indicator. Without an answer to what the
// indicator is of, a submission does not count.
func (f *running) add(in *flows.Instance, s *flows.Submission) {
	if f.of.Where != nil && !f.of.Where.Bool(in) {
		return
	}
	var c Cell
	switch f.of.Measure {
	case "share":
		if f.of.Of == nil || f.of.Of.Text(in) == "" {
			return
		}
		c.N = 1
		if f.of.Of.Bool(in) {
			c.K = 1
		}
	case "mean", "median", "sum":
		if f.of.Of == nil {
			return
		}
		x := f.of.Of.Number(in)
		if math.IsNaN(x) || f.of.Of.Text(in) == "" {
			return
		}
		c.N, c.Sum, c.Squares = 1, x, x*x
	default:
		if f.of.Of != nil && !f.of.Of.Bool(in) {
			return
		}
		c.N, c.K = 1, 1
	}
	f.total = f.total.plus(c)
	if len(f.of.By) == 0 {
		return
	}
	if v := Answer(s.Data, f.of.By[0].Name); v != "" {
		if f.by[v] == nil {
			f.by[v] = &Cell{}
		}
		*f.by[v] = f.by[v].plus(c)
	}
}

func (c Cell) plus(d Cell) Cell {
	return Cell{c.N + d.N, c.K + d.K, c.Sum + d.Sum, c.Squares + d.Squares}
}

// N is how many submissions were added.
func (t *Tally) N() int { return t.n }

// Answers returns how often each answer to a question was given, of those that
// New was told to count.
func (t *Tally) Answers(question string) map[string]int { return t.answers[question] }

// Figures returns the indicators worked out, in the sheet's order; groups by
// falling number, then by name.
func (t *Tally) Figures() []Counted {
	var out []Counted
	for _, f := range t.figures {
		g := Counted{Indicator: f.of, Total: f.total}
		for v, c := range f.by {
			g.By = append(g.By, Group{v, *c})
		}
		sort.Slice(g.By, func(i, j int) bool {
			if a, b := g.By[i].N, g.By[j].N; a != b {
				return a > b
			}
			return g.By[i].Value < g.By[j].Value
		})
		out = append(out, g)
	}
	return out
}

// Answer finds the first answer to a question in a record.
func Answer(r flows.Record, question string) string {
	for _, f := range r {
		if f.Kind == flows.QuestionNode {
			if f.Name == question {
				return f.Text
			}
			continue
		}
		for _, inner := range f.Records {
			if v := Answer(inner, question); v != "" {
				return v
			}
		}
	}
	return ""
}
