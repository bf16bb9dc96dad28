package tally

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// stored is how a table is kept: with what is needed to revise it.
type stored struct {
	FormID, Period string
	Revision       int
	Made           time.Time
	Cells          map[string]map[string]Published
	Values         map[string][]ValueCount
	Groups         map[string]map[string]Published
	Leaves         []*leaf
	Past           []earlier
	Small          map[string][]string
}

// Encode writes the table for a store. It holds what is hidden, too.
func (t *Table) Encode() ([]byte, error) {
	s := stored{t.FormID, t.Period, t.Revision, t.Made, t.Cells, t.Values, t.Groups, nil, t.past, t.small}
	for _, l := range t.leaves {
		s.Leaves = append(s.Leaves, l)
	}
	slices.SortFunc(s.Leaves, func(a, b *leaf) int { return cmp.Compare(a.key(), b.key()) })
	return json.Marshal(s)
}

// DecodeTable reads what Encode wrote.
func DecodeTable(data []byte) (*Table, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("read published table: %w", err)
	}
	t := &Table{FormID: s.FormID, Period: s.Period, Revision: s.Revision, Made: s.Made, Cells: s.Cells,
		Values: s.Values, Groups: s.Groups, leaves: map[Place]*leaf{}, past: s.Past, small: s.Small}
	for _, l := range s.Leaves {
		if err := l.sum(); err != nil {
			return nil, err
		}
		t.leaves[l.Place] = l
	}
	return t, nil
}
