package storage

import (
	"context"
	"iter"
	"time"
)

// Tallies keeps what submissions add up to. Rows are written in the transaction
// of the submission, only if that takes effect: one more row, never a change of
// one that others wait for. Compact merges them later.
type Tallies interface {
	// CountWith sets what counts submissions, before first use. Without it they
	// are stored uncounted; Recount finds them.
	CountWith(c Counter)

	// Tallies yields the rows of a form for days from <= d < to, in no order;
	// several may have the same day and strata.
	Tallies(ctx context.Context, formID string, from, to int) iter.Seq2[*Tally, error]

	// Counted yields what each submission of a filter counted, in no order; its
	// Limit and order do not apply.
	Counted(ctx context.Context, f Filter) iter.Seq2[*Tally, error]

	// Compact merges rows of the same day and strata, and says how many went.
	Compact(ctx context.Context, formID string) (int, error)

	// Uncounted says how many submissions of a form were not counted by this
	// version of the count.
	Uncounted(ctx context.Context, formID, by string) (int, error)

	// Recount counts at most limit of them anew, each in one step with taking
	// away what it counted before, and says how many. A submission that can no
	// longer be counted counts nothing.
	Recount(ctx context.Context, formID, by string, limit int) (int, error)

	// PutTable stores a published table if the stored revision is one less;
	// ErrConflict otherwise.
	PutTable(ctx context.Context, t PublishedTable) error

	// Table returns a published table; ErrNotFound if there is none.
	Table(ctx context.Context, formID, period string) (PublishedTable, error)

	// Tables returns the periods that a form has tables of, newest first.
	Tables(ctx context.Context, formID string) ([]string, error)
}

// A Counter tells what a submission adds to the tallies. The body's form is its
// own; bodies are added by package flows/tally.
type Counter interface {
	// Count returns the name of the version of the count, "" if the form is not
	// known, and what the submission adds.
	Count(ctx context.Context, s *Submission) (by string, t Tally, err error)
}

// A Tally adds up submissions of one form, day and stratum.
type Tally struct {
	Day                                   int // since 1970, in the programme's zone
	Province, District, Sex, Age, Service string
	N                                     int64 // submissions
	Changes                               int64
	Body                                  []byte

	Marks Marks `json:"-"` // of the one submission that a Counter counted; else empty
}

// Marks are what the flags of a submission follow from: kept beside it, and no
// part of a sum.
type Marks struct {
	Fast, Same  bool
	Fingerprint string // the same for submissions that answer alike; "" for none
}

// A PublishedTable is a table of figures for a closed period, as
// flows/tally.Table encodes it.
type PublishedTable struct {
	FormID   string
	Period   string
	Revision int // the first is 1
	Made     time.Time
	Body     []byte
}
