package export

import (
	"errors"
	"io"
	"iter"

	"example.org/fieldbot/flows"
)

// Parts writes as Write does, into as many files as keep each near limit bytes:
// a file is ended once it has grown so far, and each can be read by itself. next
// gives the writer of each. XLSX cannot be parted. It returns how many
// submissions are in each file, and what kind of files they are.
func Parts(next func(part int) (io.Writer, error), rows iter.Seq2[*Row, error], forms []*flows.Form, o Options, limit int64) ([]int, Result, error) {
	if o.Format == XLSX {
		return nil, Result{}, errors.New("export: a workbook cannot be parted")
	}
	pull, stop := iter.Pull2(rows)
	defer stop()
	var counts []int
	total := Result{}
	row, err, more := pull()
	for part := 1; more || part == 1; part++ {
		w, failed := next(part)
		if failed != nil {
			return counts, total, failed
		}
		grown := &counter{w: w}
		r, failed := Write(grown, func(yield func(*Row, error) bool) {
			for ; more; row, err, more = pull() {
				if !yield(row, err) || err != nil {
					return
				}
				if grown.n >= limit {
					row, err, more = pull()
					return
				}
			}
		}, forms, o)
		if failed != nil {
			return counts, total, failed
		}
		counts = append(counts, r.Submissions)
		total = Result{Submissions: total.Submissions + r.Submissions, Extension: r.Extension, MediaType: r.MediaType}
	}
	return counts, total, nil
}

// A counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
