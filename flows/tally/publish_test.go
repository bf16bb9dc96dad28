package tally_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/flows/xlsform"
)

const placed = `
| settings |
| | form_id | province | district | service |
| | places | province | district | service |

| survey |
| | type | name | label |
| | text | province | Province? |
| | text | district | District? |
| | text | service | Service? |
| | text | likes | Likes? |

| indicators |
| | name | label | measure | of | where |
| | liked | Liked | share | ${likes} = 'yes' | ${likes} != '' |
`

func compiled(t testing.TB, source string) *flows.Form {
	t.Helper()
	d, err := xlsform.Read("f.md", []byte(source), nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func answer(f *flows.Form, id string, pairs ...string) *flows.Submission {
	s := &flows.Submission{ID: id, FormID: f.ID, Hash: f.Hash, Finished: time.Unix(1000, 0), Started: time.Unix(0, 0)}
	for i := 0; i < len(pairs); i += 2 {
		s.Data = append(s.Data, flows.Field{Name: pairs[i], Type: "text", Text: pairs[i+1]})
	}
	return s
}

// An attacker writes every shown cell of every table, of all scopes and
// revisions, as an equation over the numbers of the districts, and solves for
// what is hidden. Nothing that is too small follows.
func TestSuppressionCannotBeUndone(t *testing.T) {
	for _, services := range []int{1, 3} {
		for seed := range 30 {
			t.Run(fmt.Sprintf("%d services, seed %d", services, seed), func(t *testing.T) {
				attack(t, services, rand.New(rand.NewPCG(uint64(seed), uint64(services))))
			})
		}
	}
}

func attack(t *testing.T, services int, r *rand.Rand) {
	f := compiled(t, placed)
	p := tally.NewPlan(f, nil)
	var rows []tally.Row
	truth := map[tally.Place]int64{}
	leafKeys := []tally.Place{}
	more := func(at tally.Place, n int) {
		for range n {
			row, err := p.Count(answer(f, fmt.Sprint(len(rows)), "province", at.Province, "district", at.District,
				"service", at.Service, "likes", []string{"yes", "no"}[r.IntN(2)]), time.Unix(0, 0))
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
	}
	for i := range 4 {
		for j := range 1 + r.IntN(4) {
			for s := range services {
				at := tally.Place{Province: fmt.Sprint(i + 1), District: fmt.Sprint(i+1, j), Service: ""}
				if services > 1 {
					at.Service = fmt.Sprint("s", s)
				}
				leafKeys = append(leafKeys, at)
				more(at, []int{0, 1, 3, 4, 5, 7, 12, 30}[r.IntN(8)])
			}
		}
	}
	table, _, err := tally.Publish(p, "2026-11", rows, nil, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	tables := []*tally.Table{table}
	// two revisions, in which some districts change by few, some by many
	versions := []map[tally.Place]int64{count(rows)}
	for range 2 {
		for _, at := range leafKeys {
			more(at, []int{0, 0, 1, 2, 6}[r.IntN(5)])
		}
		data, err := table.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if table, err = tally.DecodeTable(data); err != nil {
			t.Fatal(err)
		}
		next, changed, err := tally.Publish(p, "2026-11", rows, table, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if changed {
			tables = append(tables, next)
			table = next
			now, was := count(rows), versions[len(versions)-1]
			mixed := map[tally.Place]int64{}
			for _, at := range leafKeys {
				if mixed[at] = was[at]; now[at]-was[at] >= tally.Few {
					mixed[at] = now[at]
				}
			}
			versions = append(versions, mixed)
		}
	}
	// the attacker's unknowns: each district's number, a new one when it changed
	unknown := map[string]int{}
	name := func(at tally.Place, n int64) int {
		k := fmt.Sprint(at, n)
		if _, ok := unknown[k]; !ok {
			unknown[k] = len(unknown)
		}
		return unknown[k]
	}
	var equations [][]int
	type target struct {
		what string
		of   []int
	}
	var hidden []target
	for v, table := range tables {
		for _, at := range everywhere(leafKeys, services > 1) {
			var sum int64
			var parts []int
			for _, l := range leafKeys {
				if n := versions[v][l]; n > 0 && within(l, at) {
					sum += n
					parts = append(parts, name(l, n))
				}
			}
			truth[at] = sum
			for _, ind := range []string{"", "liked"} {
				cell, _ := table.At(ind, at)
				switch {
				case cell.Hidden:
					if sum < tally.Few {
						hidden = append(hidden, target{fmt.Sprintf("revision %d, %v (%d)", v+1, at, sum), parts})
					}
				case sum > 0 && sum < tally.Few:
					t.Fatalf("%v with %d answers is shown", at, sum)
				default:
					if cell.N != sum {
						t.Fatalf("revision %d, %v: shown %d, true %d", v+1, at, cell.N, sum)
					}
					equations = append(equations, parts)
				}
			}
		}
	}
	solver := newSolver(len(unknown))
	for _, e := range equations {
		solver.add(e)
	}
	for _, h := range hidden {
		if solver.knows(h.of) {
			t.Errorf("%s follows from what is shown", h.what)
		}
	}
}

func count(rows []tally.Row) map[tally.Place]int64 {
	out := map[tally.Place]int64{}
	for _, r := range rows {
		out[tally.Place{Province: r.Province, District: r.District, Service: r.Service}] += r.N
	}
	return out
}

func within(l, at tally.Place) bool {
	return (at.Province == "" || at.Province == l.Province) && (at.District == "" || at.District == l.District) &&
		(at.Service == "" || at.Service == l.Service)
}

func everywhere(leaves []tally.Place, services bool) []tally.Place {
	seen := map[tally.Place]bool{}
	for _, l := range leaves {
		for _, s := range []string{"", l.Service} {
			seen[tally.Place{Service: s}] = true
			seen[tally.Place{Province: l.Province, Service: s}] = true
			seen[tally.Place{Province: l.Province, District: l.District, Service: s}] = true
		}
	}
	var out []tally.Place
	for p := range seen {
		out = append(out, p)
	}
	return out
}

// A solver eliminates in exact fractions.
type solver struct {
	n    int
	rows map[int][]*big.Rat
}

func newSolver(n int) *solver { return &solver{n, map[int][]*big.Rat{}} }

func (s *solver) reduce(of []int) ([]*big.Rat, int) {
	v := make([]*big.Rat, s.n)
	for i := range v {
		v[i] = new(big.Rat)
	}
	for _, x := range of {
		v[x].SetInt64(1)
	}
	for c := range v {
		if v[c].Sign() == 0 {
			continue
		}
		row := s.rows[c]
		if row == nil {
			return v, c
		}
		f := new(big.Rat).Set(v[c])
		for k := c; k < s.n; k++ {
			if row[k].Sign() != 0 {
				v[k].Sub(v[k], new(big.Rat).Mul(f, row[k]))
			}
		}
	}
	return v, -1
}

func (s *solver) add(of []int) {
	v, c := s.reduce(of)
	if c < 0 {
		return
	}
	f := new(big.Rat).Inv(v[c])
	for k := range v {
		v[k].Mul(v[k], f)
	}
	s.rows[c] = v
}

func (s *solver) knows(of []int) bool {
	_, c := s.reduce(of)
	return c < 0
}

// A revision that four submissions changed is none, and one of five is.
func TestRevisionNeedsFive(t *testing.T) {
	f := compiled(t, placed)
	p := tally.NewPlan(f, nil)
	var rows []tally.Row
	more := func(n int) {
		for range n {
			row, err := p.Count(answer(f, fmt.Sprint(len(rows)), "province", "1", "district", "11", "likes", "yes"), time.Unix(0, 0))
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
	}
	more(10)
	first, _, err := tally.Publish(p, "2026-11", rows, nil, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	more(4)
	if again, changed, err := tally.Publish(p, "2026-11", rows, first, time.Unix(0, 0)); err != nil || changed || again != first {
		t.Errorf("four changed submissions revised the table: %v %v", changed, err)
	}
	more(1)
	again, changed, err := tally.Publish(p, "2026-11", rows, first, time.Unix(0, 0))
	if err != nil || !changed || again.Revision != 2 {
		t.Fatalf("five changed submissions did not revise the table: %v %v", changed, err)
	}
	if c, _ := again.At("liked", tally.Place{}); c.N != 15 {
		t.Errorf("the nation has %d, want 15", c.N)
	}
}
