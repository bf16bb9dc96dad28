package storage

import (
	"context"
	"iter"
	"time"

	"example.org/fieldbot/flows"
)

// Submissions keeps what was sent.
type Submissions interface {
	// Insert stores a submission under its ID, with its tallies, in one
	// transaction. If the ID is stored already it has no effect. It returns the
	// submission as stored, with the Reference that it was given, and whether
	// this call stored it. If Nullifier is set and taken, ErrUsed.
	Insert(ctx context.Context, s Submission) (stored Submission, inserted bool, err error)

	// Get returns a submission by ID or by Reference.
	Get(ctx context.Context, idOrReference string) (Submission, error)

	// Each yields submissions by time of receipt, streamed.
	Each(ctx context.Context, f Filter) iter.Seq2[*Submission, error]

	// Count counts submissions that are not withdrawn, by a key of theirs.
	Count(ctx context.Context, f Filter, by CountBy) (map[string]int, error)

	// Withdraw empties a submission: its answers are deleted, its row stays as
	// a mark that exports skip. reason is kept.
	Withdraw(ctx context.Context, id, reason string, at time.Time) error
}

// CountBy is what Count groups by.
type CountBy string

// The keys to count by.
const (
	ByForm     CountBy = "form"
	ByDistrict CountBy = "district"
	ByProvince CountBy = "province"
	ByPerson   CountBy = "person"
	ByDay      CountBy = "day"
)

// A Submission is a finished instance with what the bot knows beside it.
type Submission struct {
	flows.Submission
	Reference  string // receipt number, as AU-2026-00123; given by Insert if Prefix is set
	Prefix     string // of the Reference, "" for none
	Person     string // pseudonym of the respondent; "" for an anonymous form
	Enumerator string // pseudonym of the officer who assisted; "" for none
	Link       string // id of the entry link; "" for none
	Nullifier  string // for "once per …": at most one submission has it; "" for none
	Receipt    string // hash of the receipt code of an anonymous submission; "" for none
	Province   string // value of the question that the settings name
	District   string
	Title      string
	Received   time.Time
	Withdrawn  time.Time // zero: not withdrawn
}

// A Filter selects submissions. A zero field does not restrict.
type Filter struct {
	FormID    string
	Person    string
	District  string
	Province  string
	From, To  time.Time // received: From <= t < To
	Newest    bool      // newest first
	Limit     int
	Withdrawn bool // also withdrawn ones
}
