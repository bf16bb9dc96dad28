package stored

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// Counted is what a submission adds to the tallies.
type Counted struct {
	By    string
	Tally *storage.Tally // nil: nothing
}

// Count asks the counter, if there is one. What cannot be counted does not keep
// a submission from being stored.
func Count(ctx context.Context, c storage.Counter, s *storage.Submission) Counted {
	if c == nil || !s.Withdrawn.IsZero() {
		return Counted{}
	}
	by, t, err := c.Count(ctx, s)
	if by == "" {
		return Counted{}
	}
	if err != nil {
		return Counted{By: by}
	}
	for _, p := range []*string{&t.Province, &t.District, &t.Sex, &t.Age, &t.Service} {
		*p = Text(*p)
	}
	return Counted{By: by, Tally: &t}
}

// Encode writes what was counted beside the submission; nil for nothing.
func (c Counted) Encode() []byte {
	if c.Tally == nil {
		return nil
	}
	b, _ := json.Marshal(c.Tally) // numbers, strings and bytes always encode
	return b
}

// The bits that flags are kept as.
const (
	bitFast = 1 << iota
	bitSame
)

// Flags are those of one submission by itself, as the stores keep them.
func (c Counted) Flags() (bits int) {
	if c.Tally != nil && c.Tally.Marks.Fast {
		bits |= bitFast
	}
	if c.Tally != nil && c.Tally.Marks.Same {
		bits |= bitSame
	}
	return bits
}

// Fingerprint is by which duplicates are found; nil for none.
func (c Counted) Fingerprint() []byte {
	if c.Tally == nil || c.Tally.Marks.Fingerprint == "" {
		return nil
	}
	return []byte(c.Tally.Marks.Fingerprint)
}

// repeated is the condition of those that repeat an earlier submission.
const repeated = `(fingerprint IS NOT NULL AND EXISTS (SELECT 1 FROM submissions earlier
	WHERE earlier.form_id = submissions.form_id AND earlier.fingerprint = submissions.fingerprint AND earlier.withdrawn IS NULL
	AND (earlier.received, earlier.id) < (submissions.received, submissions.id)))`

// flagged is the condition of a selection by flag; "" for all.
func flagged(f storage.Flagged) string {
	switch f {
	case storage.Unflagged:
		return "flags = 0 AND NOT " + repeated
	case storage.AnyFlag:
		return "(flags <> 0 OR " + repeated + ")"
	case storage.FlagFast:
		return fmt.Sprintf("(flags & %d) <> 0", bitFast)
	case storage.FlagSame:
		return fmt.Sprintf("(flags & %d) <> 0", bitSame)
	case storage.FlagRepeated:
		return repeated
	}
	return ""
}

// DecodeCounted reads what Encode wrote.
func DecodeCounted(b []byte) (*storage.Tally, error) {
	if len(b) == 0 {
		return nil, nil
	}
	t := &storage.Tally{}
	if err := json.Unmarshal(b, t); err != nil {
		return nil, fmt.Errorf("read what was counted: %w", err)
	}
	return t, nil
}

// Delta is the rows that take old away and put now in its place. changes is
// what they add to the number of changes.
func Delta(old, now *storage.Tally, changes int64) ([]storage.Tally, error) {
	if old != nil && now != nil && key(old) == key(now) {
		d := *now
		var err error
		d.N, d.Changes = now.N-old.N, changes
		if d.Body, err = tally.AddBodies([][]byte{now.Body}, old.Body); err != nil {
			return nil, err
		}
		if d.N == 0 && d.Changes == 0 && len(d.Body) == 0 {
			return nil, nil
		}
		return []storage.Tally{d}, nil
	}
	var out []storage.Tally
	if old != nil {
		d := *old
		var err error
		d.N, d.Changes = -old.N, changes
		if d.Body, err = tally.AddBodies(nil, old.Body); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	if now != nil {
		d := *now
		d.Changes = changes
		out = append(out, d)
	}
	return out, nil
}

// Merge adds rows of the same day and strata up; nil if nothing is left.
func Merge(rows []storage.Tally) (*storage.Tally, error) {
	sum := rows[0]
	sum.N, sum.Changes = 0, 0
	var bodies [][]byte
	for _, r := range rows {
		sum.N += r.N
		sum.Changes += r.Changes
		bodies = append(bodies, r.Body)
	}
	var err error
	if sum.Body, err = tally.AddBodies(bodies); err != nil {
		return nil, err
	}
	if sum.Body == nil {
		sum.Body = []byte{}
	}
	if sum.N == 0 && sum.Changes == 0 && len(sum.Body) == 0 {
		return nil, nil
	}
	return &sum, nil
}

type rowKey struct {
	day                                   int
	province, district, sex, age, service string
}

func key(t *storage.Tally) rowKey {
	return rowKey{t.Day, t.Province, t.District, t.Sex, t.Age, t.Service}
}

// RowID is the id of a row that was not merged yet.
func RowID() string { return rand.Text() }
