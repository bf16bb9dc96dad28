package tally

import (
	"encoding/binary"
	"errors"
	"math/big"
	"slices"
	"strings"
	"time"
)

// A Day is a day in the programme's zone, counted from 1 January 1970.
type Day int32

// DayOf is the day of a time in a zone.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Start is when the day begins in a zone.
func (d Day) Start(zone *time.Location) time.Time {
	y, m, dd := time.Unix(int64(d)*86400, 0).UTC().Date()
	return time.Date(y, m, dd, 0, 0, 0, 0, zone)
}

// Strata is what a submission is counted under, besides its form and day: the
// answers to the questions that the settings name.
type Strata struct{ Province, District, Sex, Age, Service string }

// A Row adds up submissions of one form, day and stratum. Rows add up: a
// submission that was corrected gives one that takes it away and one that puts
// it back, and what is left of a withdrawn one is nothing.
type Row struct {
	Day Day
	Strata
	N       int64  // submissions
	Changes int64  // how many submissions were put in, changed or taken out
	Body    []byte // what of each figure, see Each
	Flags   Flags  // of the one submission that was counted
}

// An Entry is a part of a Row: of one figure, its total or one value's.
type Entry struct {
	Key string // of Plan: the figure, and which value or group of it
	N   int64  // submissions that count
	K   int64  // of a share: those that fit
	Sum *big.Int
	Sq  *big.Int // sum of squares, in units of 10^-18
}

func (e *Entry) zero() bool {
	return e.N == 0 && e.K == 0 && (e.Sum == nil || e.Sum.Sign() == 0) && (e.Sq == nil || e.Sq.Sign() == 0)
}

func (e *Entry) add(o *Entry, sign int64) {
	e.N += sign * o.N
	e.K += sign * o.K
	if o.Sum == nil {
		return
	}
	if e.Sum == nil {
		e.Sum, e.Sq = new(big.Int), new(big.Int)
	}
	if sign < 0 {
		e.Sum.Sub(e.Sum, o.Sum)
		e.Sq.Sub(e.Sq, o.Sq)
		return
	}
	e.Sum.Add(e.Sum, o.Sum)
	e.Sq.Add(e.Sq, o.Sq)
}

const (
	hasK = 1 << iota
	hasSum
)

func (e *Entry) put(b []byte) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(e.Key))), e.Key...)
	var flags byte
	if e.K != 0 {
		flags |= hasK
	}
	if e.Sum != nil {
		flags |= hasSum
	}
	b = binary.AppendVarint(append(b, flags), e.N)
	if e.K != 0 {
		b = binary.AppendVarint(b, e.K)
	}
	if e.Sum != nil {
		b = putBig(putBig(b, e.Sum), e.Sq)
	}
	return b
}

// errBody says that bytes are not a row's body.
var errBody = errors.New("not a tally, or a damaged one")

// a reader reads a body. key shares memory with it.
type reader struct {
	b   []byte
	key []byte
	n   int64
	k   int64
	sum bool
	s   signed
	q   signed
}

// signed is the raw bytes of a big.Int.
type signed struct {
	raw []byte
	neg bool
}

func (s signed) addTo(v, scratch *big.Int) {
	scratch.SetBytes(s.raw)
	if s.neg {
		v.Sub(v, scratch)
	} else {
		v.Add(v, scratch)
	}
}

func (r *reader) uvarint() (uint64, bool) {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		return 0, false
	}
	r.b = r.b[n:]
	return v, true
}

func (r *reader) varint() (int64, bool) {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		return 0, false
	}
	r.b = r.b[n:]
	return v, true
}

func (r *reader) bytes(n uint64) ([]byte, bool) {
	if n > uint64(len(r.b)) {
		return nil, false
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v, true
}

func (r *reader) signed() (s signed, ok bool) {
	head, ok := r.uvarint()
	if !ok {
		return s, false
	}
	s.neg = head&1 != 0
	s.raw, ok = r.bytes(head >> 1)
	return s, ok
}

// next reads an entry; ok is false if the body is damaged.
func (r *reader) next() (ok bool) {
	n, ok := r.uvarint()
	if !ok {
		return false
	}
	if r.key, ok = r.bytes(n); !ok || len(r.b) == 0 {
		return false
	}
	flags := r.b[0]
	r.b = r.b[1:]
	if r.n, ok = r.varint(); !ok {
		return false
	}
	r.k, r.sum = 0, flags&hasSum != 0
	if flags&hasK != 0 {
		if r.k, ok = r.varint(); !ok {
			return false
		}
	}
	if r.sum {
		if r.s, ok = r.signed(); !ok {
			return false
		}
		r.q, ok = r.signed()
	}
	return ok
}

func (r *reader) entry() *Entry {
	e := &Entry{Key: string(r.key), N: r.n, K: r.k}
	if r.sum {
		e.Sum, e.Sq = new(big.Int), new(big.Int)
		var scratch big.Int
		r.s.addTo(e.Sum, &scratch)
		r.q.addTo(e.Sq, &scratch)
	}
	return e
}

// Entries reads the body, in the order of keys.
func (r *Row) Entries() ([]*Entry, error) {
	var out []*Entry
	rd := reader{b: r.Body}
	for len(rd.b) > 0 {
		if !rd.next() {
			return nil, errBody
		}
		out = append(out, rd.entry())
	}
	return out, nil
}

func body(entries []*Entry) []byte {
	entries = slices.DeleteFunc(entries, (*Entry).zero)
	slices.SortFunc(entries, func(a, b *Entry) int { return strings.Compare(a.Key, b.Key) })
	var b []byte
	for _, e := range entries {
		b = e.put(b)
	}
	return b
}

// AddBodies is the sum of bodies; minus takes those of minus away. The same
// contributions give the same bytes, in whatever order they came.
func AddBodies(plus [][]byte, minus ...[]byte) ([]byte, error) {
	sums := map[string]*Entry{}
	for i, b := range append(slices.Clone(plus), minus...) {
		sign := int64(1)
		if i >= len(plus) {
			sign = -1
		}
		row := Row{Body: b}
		entries, err := row.Entries()
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if sums[e.Key] == nil {
				sums[e.Key] = &Entry{Key: e.Key}
			}
			sums[e.Key].add(e, sign)
		}
	}
	list := make([]*Entry, 0, len(sums))
	for _, e := range sums {
		list = append(list, e)
	}
	return body(list), nil
}
