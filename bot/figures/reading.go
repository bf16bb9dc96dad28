package figures

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// A Span is the days From <= d < To.
type Span struct{ From, To tally.Day }

// Ever is every day.
var Ever = Span{-1 << 31, 1<<31 - 1}

func (s Span) holds(d tally.Day) bool { return s.From <= d && d < s.To }

// A Reading is the live figures of a form and span.
type Reading struct {
	Plan  *tally.Plan
	parts map[tally.Strata]*tally.Sums
	pop   tally.Population
	Cells int // read
}

// Read adds up what came in on days from <= d < to.
func (b *Book) Read(ctx context.Context, formID string, from, to tally.Day) (*Reading, error) {
	r, err := b.Spans(ctx, formID, Span{from, to})
	if err != nil {
		return nil, err
	}
	return r[0], nil
}

// Spans adds up several spans, going through the cells once.
func (b *Book) Spans(ctx context.Context, formID string, spans ...Span) ([]*Reading, error) {
	return b.Flagged(ctx, formID, "", spans...)
}

// Flagged adds up several spans of the submissions that are selected by flag:
// those without one by taking what the others counted away from the cells.
func (b *Book) Flagged(ctx context.Context, formID string, flagged storage.Flagged, spans ...Span) ([]*Reading, error) {
	p, err := b.Plan(ctx, formID)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	pop := b.people[p]
	b.mu.Unlock()
	out := make([]*Reading, len(spans))
	all := spans[0]
	for i, s := range spans {
		out[i] = &Reading{Plan: p, parts: map[tally.Strata]*tally.Sums{}, pop: pop}
		all.From, all.To = min(all.From, s.From), max(all.To, s.To)
	}
	for t, err := range b.cells(ctx, formID, flagged, all) {
		if err != nil {
			return nil, err
		}
		at := tally.Strata{Province: t.Province, District: t.District, Sex: t.Sex, Service: t.Service}
		row := tally.Row{N: t.N, Changes: t.Changes, Body: t.Body}
		for i, s := range spans {
			if !s.holds(tally.Day(t.Day)) {
				continue
			}
			out[i].Cells++
			if err := out[i].add(at, &row, s == Ever); err != nil {
				return nil, fmt.Errorf("read tallies of %s: %w", formID, err)
			}
		}
	}
	return out, nil
}

// cells are the tallies of a span. What is selected by flag is read first: what
// comes in meanwhile then counts, and is not taken away uncounted.
func (b *Book) cells(ctx context.Context, formID string, flagged storage.Flagged, s Span) iter.Seq2[*storage.Tally, error] {
	if flagged == "" {
		return b.Tallies.Tallies(ctx, formID, int(s.From), int(s.To))
	}
	f := storage.Filter{FormID: formID, Flagged: flagged}
	if s.From != Ever.From {
		f.From = s.From.Start(b.Zone)
	}
	if s.To != Ever.To {
		f.To = s.To.Start(b.Zone)
	}
	if flagged != storage.Unflagged {
		return b.Tallies.Counted(ctx, f)
	}
	f.Flagged = storage.AnyFlag
	return func(yield func(*storage.Tally, error) bool) {
		for t, err := range b.Tallies.Counted(ctx, f) {
			if err == nil {
				t.N, t.Changes = -t.N, -t.Changes
				t.Body, err = tally.AddBodies(nil, t.Body)
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
		b.Tallies.Tallies(ctx, formID, int(s.From), int(s.To))(yield)
	}
}

// add adds a cell. Of all days nobody asks for more than quotas.
func (r *Reading) add(at tally.Strata, row *tally.Row, quotas bool) error {
	s := r.parts[at]
	if s == nil {
		s = tally.NewSums()
		r.parts[at] = s
	}
	if quotas {
		return s.AddQuotas(r.Plan, row)
	}
	return s.Add(row)
}

func within(s tally.Strata, p tally.Place) bool {
	return (p.Province == "" || s.Province == p.Province) && (p.District == "" || s.District == p.District) &&
		(p.Service == "" || s.Service == p.Service)
}

// Sum is what a place adds up to.
func (r *Reading) Sum(at tally.Place) *tally.Sums {
	out := tally.NewSums()
	for s, sums := range r.parts {
		if within(s, at) {
			out.Merge(sums)
		}
	}
	return out
}

// Sexes is how many submissions of a place came from whom, by the answer.
func (r *Reading) Sexes(at tally.Place) map[string]int64 {
	out := map[string]int64{}
	for s, sums := range r.parts {
		if within(s, at) && s.Sex != "" {
			out[s.Sex] += sums.Submissions
		}
	}
	return out
}

// Districts counts the submissions of a place by district; "" is those that
// name none.
func (r *Reading) Districts(at tally.Place) map[string]int64 {
	out := map[string]int64{}
	for s, sums := range r.parts {
		if within(s, at) && sums.Submissions != 0 {
			out[s.District] += sums.Submissions
		}
	}
	return out
}

// Places are the parts of a place that have submissions: provinces of the
// nation, districts of a province, services of a district.
func (r *Reading) Places(at tally.Place) []tally.Place {
	seen := map[tally.Place]bool{}
	for s, sums := range r.parts {
		if !within(s, at) || sums.Submissions == 0 {
			continue
		}
		switch {
		case at.Province == "" && s.Province != "":
			seen[tally.Place{Province: s.Province, Service: at.Service}] = true
		case at.Province != "" && at.District == "" && s.District != "":
			seen[tally.Place{Province: at.Province, District: s.District, Service: at.Service}] = true
		case at.District != "" && at.Service == "" && s.Service != "":
			seen[tally.Place{Province: at.Province, District: at.District, Service: s.Service}] = true
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b tally.Place) int {
		return strings.Compare(a.Province+a.District+a.Service, b.Province+b.District+b.Service)
	})
}

// Weighted works an indicator of a place out with each district and sex weighted
// to the form's population table; ok is false if it has none.
func (r *Reading) Weighted(indicator string, at tally.Place) (w tally.Weighted, ok bool) {
	if len(r.pop) == 0 {
		return w, false
	}
	strata, pop := map[string]*tally.Sums{}, r.pop
	if at.Province != "" || at.District != "" {
		pop = tally.Population{}
	}
	for s, sums := range r.parts {
		if !within(s, at) {
			continue
		}
		k := stratum(s.District, s.Sex)
		if at.Province != "" || at.District != "" {
			// of a part of the nation only the people of districts that answered
			// are known to live there
			for key, people := range r.pop {
				if strings.HasPrefix(key, s.District+"/") {
					pop[key] = people
				}
			}
		}
		if strata[k] == nil {
			strata[k] = tally.NewSums()
		}
		strata[k].Merge(sums)
	}
	return tally.Weight(r.Plan, indicator, strata, pop)
}
