package tally

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/flows"
)

// A Place is a cell's place in the hierarchy: a district, a province (District
// is ""), or the nation (both are ""); of one service, or of all (Service is "").
type Place struct{ Province, District, Service string }

func (p Place) key() string { return p.Province + "/" + p.District + "/" + p.Service }

// A Published figure is a cell of a Table. Of a hidden one nothing but that is
// known.
type Published struct {
	Hidden   bool    `json:"hidden,omitempty"`
	N        int64   `json:"n,omitempty"`
	K        int64   `json:"k,omitempty"`
	Sum      string  `json:"sum,omitempty"`
	Estimate float64 `json:"estimate,omitempty"`
	Low      float64 `json:"low,omitempty"`
	High     float64 `json:"high,omitempty"`
	Interval bool    `json:"interval,omitempty"`
	Mean     float64 `json:"mean,omitempty"`
	Variance float64 `json:"variance,omitempty"`
}

// Figure is what is shown, for comparing and writing.
func (p Published) Figure(ind *flows.Indicator) Figure {
	return Figure{Indicator: ind, N: p.N, K: p.K, Sum: p.Sum, Estimate: p.Estimate, Low: p.Low, High: p.High,
		Interval: p.Interval, moments: Moments{N: float64(p.N), Mean: p.Mean, Variance: p.Variance}}
}

func published(f Figure) Published {
	return Published{N: f.N, K: f.K, Sum: f.Sum, Estimate: f.Estimate, Low: f.Low, High: f.High,
		Interval: f.Interval, Mean: f.moments.Mean, Variance: f.moments.Variance}
}

// received is the name under which a table has the number of submissions.
const received = ""

// A Table is what of one form and one closed period may leave the secretariat:
// computed once and suppressed once, the same for all who read it.
type Table struct {
	FormID   string
	Period   string // as Period.Name
	Revision int    // the first is 1
	Made     time.Time

	// Cells are by indicator ("" is the number of submissions) and place.
	Cells map[string]map[string]Published
	// Values are the shares of a distribution in the nation, and Groups the
	// figures by other questions there.
	Values map[string][]ValueCount
	Groups map[string]map[string]Published

	leaves map[Place]*leaf
	small  map[string][]string // cells too small to be shown
	past   []earlier
}

// A ValueCount is how many in the nation gave a value.
type ValueCount struct {
	Value  string
	K      int64
	Hidden bool `json:",omitempty"`
}

// A leaf is what a district and service had when it was last taken into the
// table.
type leaf struct {
	Place
	Version int
	N       int64
	Changes int64
	Body    []byte
	sums    *Sums
}

// earlier is what an earlier revision told: which version of each leaf it added
// up, and what it hid.
type earlier struct {
	Versions map[string]int
	Hidden   map[string][]string
	Small    map[string][]string // of the hidden, those too small to be shown
}

// At returns a cell; ok is false if there were no submissions.
func (t *Table) At(indicator string, p Place) (Published, bool) {
	c, ok := t.Cells[indicator][p.key()]
	return c, ok
}

// Submissions is how many came in, as far as that is shown.
func (t *Table) Submissions(p Place) (Published, bool) { return t.At(received, p) }

// Places are those with a cell beneath a place: provinces of the nation,
// districts of a province, services of a district.
func (t *Table) Places(p Place) []Place {
	seen := map[Place]bool{}
	for q := range t.leaves {
		switch {
		case p.Province == "":
			seen[Place{Province: q.Province, Service: p.Service}] = true
		case q.Province == p.Province && p.District == "":
			seen[Place{q.Province, q.District, p.Service}] = true
		case q.Province == p.Province && q.District == p.District && p.Service == "":
			seen[q] = true
		}
	}
	delete(seen, p)
	return slices.SortedFunc(maps.Keys(seen), func(a, b Place) int { return strings.Compare(a.key(), b.key()) })
}

// Publish makes the table of a closed period from its rows. Before is the table
// as it was published already, nil if it was not: then a district and service is
// taken anew only where at least Few submissions changed, and the table as a
// whole only if what it would show, beside what was shown before, tells nothing
// that is hidden. changed is false if the table stays as it was.
func Publish(p *Plan, period string, rows []Row, before *Table, now time.Time) (t *Table, changed bool, err error) {
	t = &Table{FormID: p.Form.ID, Period: period, Revision: 1, Made: now, leaves: map[Place]*leaf{}}
	fresh, err := leavesOf(rows)
	if err != nil {
		return nil, false, err
	}
	if before == nil {
		t.leaves = fresh
		for _, l := range fresh {
			l.Version = 1
		}
	} else {
		t.Revision, t.past = before.Revision+1, append(slices.Clone(before.past), before.asPast())
		if !t.takeOver(before.leaves, fresh) {
			return before, false, nil
		}
	}
	if !t.fill(p) {
		if before == nil {
			return nil, false, fmt.Errorf("publish %s: the figures cannot be protected", period)
		}
		return before, false, nil
	}
	return t, true, nil
}

func leavesOf(rows []Row) (map[Place]*leaf, error) {
	parts := map[Place][]*Row{}
	for i := range rows {
		r := &rows[i]
		at := Place{r.Province, r.District, r.Service}
		parts[at] = append(parts[at], r)
	}
	out := map[Place]*leaf{}
	for at, list := range parts {
		l := &leaf{Place: at}
		var bodies [][]byte
		for _, r := range list {
			l.N += r.N
			l.Changes += r.Changes
			bodies = append(bodies, r.Body)
		}
		var err error
		if l.Body, err = AddBodies(bodies); err != nil {
			return nil, err
		}
		if err := l.sum(); err != nil {
			return nil, err
		}
		if l.N != 0 || l.Changes >= Few {
			out[at] = l
		}
	}
	return out, nil
}

func (l *leaf) sum() error {
	l.sums = NewSums()
	return l.sums.Add(&Row{N: l.N, Changes: l.Changes, Body: l.Body})
}

// takeOver takes the leaves that changed enough, and keeps the others.
func (t *Table) takeOver(old, fresh map[Place]*leaf) (any bool) {
	for at, l := range old {
		t.leaves[at] = l
	}
	for at, l := range fresh {
		was := old[at]
		if was == nil {
			was = &leaf{Place: at}
		}
		if l.Changes-was.Changes < Few {
			continue
		}
		l.Version = was.Version + 1
		t.leaves[at] = l
		any = true
	}
	return any
}

func (t *Table) asPast() earlier {
	v := earlier{Versions: map[string]int{}, Hidden: map[string][]string{}, Small: t.small}
	for at, l := range t.leaves {
		v.Versions[at.key()] = l.Version
	}
	for name, cells := range t.Cells {
		for key, c := range cells {
			if c.Hidden {
				v.Hidden[name] = append(v.Hidden[name], key)
			}
		}
	}
	return v
}

// fill works out the cells, and reports whether they can be protected.
func (t *Table) fill(p *Plan) bool {
	t.small = map[string][]string{}
	t.Cells = map[string]map[string]Published{}
	t.Values, t.Groups = map[string][]ValueCount{}, map[string]map[string]Published{}
	g := gridOf(t.leaves)
	names := []string{received}
	for i := range p.Form.Programme.Indicators {
		names = append(names, p.Form.Programme.Indicators[i].Name)
	}
	for _, name := range names {
		cells := make([]Published, len(g.places))
		l := lattice{n: make([]int64, len(g.places)), hidden: make([]bool, len(g.places)), lines: g.lines, vars: g.vars(nil)}
		for i, s := range g.sums {
			if name == received {
				cells[i] = Published{N: s.Submissions, Estimate: float64(s.Submissions)}
			} else if f, ok := s.Figure(p, name); ok {
				cells[i] = published(f)
			}
			l.n[i] = cells[i].N
		}
		for _, old := range t.past {
			vars := g.vars(old.Versions)
			hidden := old.Hidden[name]
			for i, at := range g.places {
				switch {
				case len(vars[i]) == 0:
				case slices.Contains(old.Small[name], at.key()):
					l.secret = append(l.secret, vars[i])
				case !slices.Contains(hidden, at.key()):
					l.known = append(l.known, vars[i])
				}
			}
		}
		if !l.protect() {
			return false
		}
		t.Cells[name] = map[string]Published{}
		for i, at := range g.places {
			switch {
			case l.hidden[i]:
				if l.n[i] > 0 && l.n[i] < Few {
					t.small[name] = append(t.small[name], at.key())
				}
				t.Cells[name][at.key()] = Published{Hidden: true}
			case cells[i].N != 0:
				t.Cells[name][at.key()] = cells[i]
			}
		}
	}
	if len(t.past) == 0 {
		// what has no hierarchy is told once, and not revised
		t.others(p, g)
	}
	return true
}

// others publishes what stands beside the hierarchy, for the nation.
func (t *Table) others(p *Plan, g *grid) {
	nation := g.sums[g.index[Place{}]]
	for i := range p.items {
		it := &p.items[i]
		if it.ind == nil {
			continue
		}
		if it.ind.Measure == "distribution" {
			t.Values[it.name] = hideValues(nation.Shares(p, it.name))
		}
		for _, q := range it.by {
			for key, c := range hideGroups(nation.By(p, it.name, q)) {
				if t.Groups[it.name] == nil {
					t.Groups[it.name] = map[string]Published{}
				}
				t.Groups[it.name][q+"="+key] = c
			}
		}
	}
}

func hideValues(list []Share) []ValueCount {
	n := make([]int64, len(list))
	for i, s := range list {
		n[i] = s.K
	}
	hidden := hideList(n)
	out := make([]ValueCount, len(list))
	for i, s := range list {
		if out[i] = (ValueCount{Value: s.Value, K: s.K}); hidden[i] {
			out[i] = ValueCount{Value: s.Value, Hidden: true}
		}
	}
	return out
}

func hideGroups(list []Figure) map[string]Published {
	n := make([]int64, len(list))
	for i, f := range list {
		n[i] = f.N
	}
	hidden := hideList(n)
	out := map[string]Published{}
	for i, f := range list {
		if out[f.Value] = published(f); hidden[i] {
			out[f.Value] = Published{Hidden: true}
		}
	}
	return out
}

// hideList protects parts whose sum may be known.
func hideList(n []int64) []bool {
	if len(n) == 0 {
		return nil
	}
	l := lattice{n: append([]int64{0}, n...), hidden: make([]bool, len(n)+1)}
	line := make([]int, len(n)+1)
	for i := range line {
		line[i] = i
		if i > 0 {
			l.n[0] += n[i-1]
		}
	}
	l.lines = [][]int{line}
	for i, k := range n {
		l.hidden[i+1] = k > 0 && k < Few
	}
	l.complement()
	return l.hidden[1:]
}

// A grid is the places of a table with their sums, and how they add up.
type grid struct {
	places []Place
	index  map[Place]int
	sums   []*Sums
	lines  [][]int
	leaves []*leaf
	parts  [][]int // of each place, the leaves
	ids    map[string]int
}

func gridOf(leaves map[Place]*leaf) *grid {
	g := &grid{index: map[Place]int{}, ids: map[string]int{}}
	services := false
	for _, l := range leaves {
		g.leaves = append(g.leaves, l)
		services = services || l.Service != ""
	}
	slices.SortFunc(g.leaves, func(a, b *leaf) int { return cmp.Compare(a.key(), b.key()) })
	g.at(Place{})
	for i, l := range g.leaves {
		for _, at := range ancestors(l.Place, services) {
			k := g.at(at)
			g.parts[k] = append(g.parts[k], i)
			g.sums[k].Merge(l.sums)
		}
	}
	g.lines = g.sumsAmong(services)
	return g
}

func (g *grid) at(p Place) int {
	i, ok := g.index[p]
	if !ok {
		i = len(g.places)
		g.index[p] = i
		g.places = append(g.places, p)
		g.sums = append(g.sums, NewSums())
		g.parts = append(g.parts, nil)
	}
	return i
}

// missing stands in the hierarchy where an answer is blank.
const missing = "-"

// ancestors are the places that a leaf is part of, itself among them. Where a
// part of the leaf is blank it has a place of its own, since blank means all.
func ancestors(p Place, services bool) []Place {
	province, district := cmp.Or(p.Province, missing), cmp.Or(p.District, missing)
	out := []Place{{}, {Province: province}, {Province: province, District: district}}
	if !services {
		return out
	}
	s := cmp.Or(p.Service, missing)
	return append(out, Place{Service: s}, Place{province, "", s}, Place{province, district, s})
}

func (g *grid) sumsAmong(services bool) [][]int {
	lines := map[Place]map[bool][]int{} // by the sum; over services, or over places
	add := func(sum Place, over bool, part int) {
		if lines[sum] == nil {
			lines[sum] = map[bool][]int{}
		}
		lines[sum][over] = append(lines[sum][over], part)
	}
	for i, p := range g.places {
		switch {
		case p.District != "":
			add(Place{p.Province, "", p.Service}, false, i)
		case p.Province != "":
			add(Place{"", "", p.Service}, false, i)
		}
		if services && p.Service != "" {
			add(Place{p.Province, p.District, ""}, true, i)
		}
	}
	var out [][]int
	for i, p := range g.places {
		for _, over := range []bool{false, true} {
			if parts := lines[p][over]; len(parts) > 0 {
				out = append(out, append([]int{i}, parts...))
			}
		}
	}
	return out
}

// vars are the numbers that each place adds up: the leaves as they are now, or
// as they were in an earlier revision.
func (g *grid) vars(versions map[string]int) [][]int {
	out := make([][]int, len(g.places))
	for i, parts := range g.parts {
		for _, k := range parts {
			l := g.leaves[k]
			v := l.Version
			if versions != nil {
				if v = versions[l.key()]; v == 0 {
					continue
				}
			}
			id := fmt.Sprintf("%s#%d", l.key(), v)
			n, ok := g.ids[id]
			if !ok {
				n = len(g.ids)
				g.ids[id] = n
			}
			out[i] = append(out[i], n)
		}
	}
	return out
}
