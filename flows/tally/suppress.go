package tally

import (
	"math/bits"
	"slices"
)

// Few is the smallest number of submissions of which a figure is published.
// Fewer could tell what a single person said.
const Few = 5

// A lattice is the cells of one figure in a table, and the sums among them.
type lattice struct {
	n      []int64
	hidden []bool
	lines  [][]int // a cell, and those that add up to it

	// vars are the numbers that each cell adds up, of those that an outsider
	// does not know; known are the sums of them that were told before.
	// secret are sums that were kept back before.
	vars   [][]int
	known  [][]int
	secret [][]int
}

// protect hides the cells that are too small, and as many others as it takes
// that none of them follows from what is shown. It reports whether that can be
// done: what was told before cannot be taken back.
func (l *lattice) protect() bool {
	for i, n := range l.n {
		if n > 0 && n < Few {
			l.hidden[i] = true
		}
	}
	for {
		l.complement()
		at := l.derivable()
		if at == none {
			return true
		}
		if !l.hideBeside(at) {
			return false
		}
	}
}

// complement sees to it that no line has one hidden cell alone, nor hidden parts
// that are few together beneath a sum that is shown.
func (l *lattice) complement() {
	for again := true; again; {
		again = false
		for _, line := range l.lines {
			if !l.exposed(line) {
				continue
			}
			if i := l.smallest(line[1:]); i >= 0 {
				l.hidden[i], again = true, true
			} else if !l.hidden[line[0]] {
				l.hidden[line[0]], again = true, true
			}
		}
	}
}

func (l *lattice) exposed(line []int) bool {
	count, sum := 0, int64(0)
	for _, i := range line[1:] {
		if l.hidden[i] {
			count++
			sum += l.n[i]
		}
	}
	if l.hidden[line[0]] {
		return count == 0 && l.n[line[0]] > 0
	}
	return count == 1 || count > 1 && sum < Few
}

// smallest is the smallest cell that is shown and not empty, -1 if there is none.
func (l *lattice) smallest(cells []int) int {
	best := -1
	for _, i := range cells {
		if !l.hidden[i] && l.n[i] > 0 && (best < 0 || l.n[i] < l.n[best]) {
			best = i
		}
	}
	return best
}

func (l *lattice) hideBeside(at int) bool {
	var beside []int
	for _, line := range l.lines {
		if slices.Contains(line, at) {
			beside = append(beside, line...)
		}
	}
	i := l.smallest(beside)
	if i < 0 {
		all := make([]int, len(l.n))
		for k := range all {
			all[k] = k
		}
		i = l.smallest(all)
	}
	if i < 0 {
		return false
	}
	l.hidden[i] = true
	return true
}

// none says that nothing follows; past, that what was kept back before does.
const (
	none = -1
	past = -2
)

// derivable finds a cell too small to be shown that follows, by adding and
// subtracting, from what is shown. It eliminates modulo a
// large prime, where chance could only err on the safe side.
func (l *lattice) derivable() int {
	width := 0
	for _, v := range slices.Concat(l.vars, l.known, l.secret) {
		for _, x := range v {
			width = max(width, x+1)
		}
	}
	// single numbers that are shown drop out of all sums
	seen := make([]bool, width)
	var shown [][]int
	for i, v := range l.vars {
		if !l.hidden[i] {
			shown = append(shown, v)
		}
	}
	shown = append(shown, l.known...)
	for _, v := range shown {
		if len(v) == 1 {
			seen[v[0]] = true
		}
	}
	column := map[int]int{}
	vector := func(v []int) []uint64 {
		row := make([]uint64, 0, 8)
		for _, x := range v {
			if seen[x] {
				continue
			}
			c, ok := column[x]
			if !ok {
				c = len(column)
				column[x] = c
			}
			for len(row) <= c {
				row = append(row, 0)
			}
			row[c] = 1
		}
		return row
	}
	var basis echelon
	for _, v := range shown {
		basis.add(vector(v))
	}
	for i, n := range l.n {
		if n > 0 && n < Few && basis.spans(vector(l.vars[i])) {
			return i
		}
	}
	for _, v := range l.secret {
		if basis.spans(vector(v)) {
			return past
		}
	}
	return none
}

// prime is 2^61 - 1.
const prime = 1<<61 - 1

func mulmod(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	r := (hi<<3 | lo>>61) + lo&prime
	if r >= prime {
		r -= prime
	}
	return r
}

func inverse(a uint64) uint64 {
	r := uint64(1)
	for e := uint64(prime - 2); e > 0; e >>= 1 {
		if e&1 == 1 {
			r = mulmod(r, a)
		}
		a = mulmod(a, a)
	}
	return r
}

// An echelon is a basis of a space of vectors, each by its first column.
type echelon struct{ rows map[int][]uint64 }

// reduce takes away what the basis spans, and says where the rest begins; -1 if
// nothing is left.
func (e *echelon) reduce(v []uint64) ([]uint64, int) {
	for c := 0; c < len(v); c++ {
		if v[c] == 0 {
			continue
		}
		row := e.rows[c]
		if row == nil {
			return v, c
		}
		for len(v) < len(row) {
			v = append(v, 0)
		}
		f := prime - v[c]
		for k := c; k < len(row); k++ {
			if v[k] += mulmod(f, row[k]); v[k] >= prime {
				v[k] -= prime
			}
		}
	}
	return v, -1
}

func (e *echelon) add(v []uint64) {
	v, c := e.reduce(v)
	if c < 0 {
		return
	}
	f := inverse(v[c])
	for k := c; k < len(v); k++ {
		v[k] = mulmod(v[k], f)
	}
	if e.rows == nil {
		e.rows = map[int][]uint64{}
	}
	e.rows[c] = v
}

func (e *echelon) spans(v []uint64) bool {
	_, c := e.reduce(slices.Clone(v))
	return c < 0
}
