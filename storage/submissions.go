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

	// ByReceipt returns the submission with this Receipt.
	ByReceipt(ctx context.Context, receipt string) (Submission, error)

	// Each yields submissions by time of receipt, streamed: as they were when
	// it began, in constant memory. A submission is the caller's to keep.
	Each(ctx context.Context, f Filter) iter.Seq2[*Submission, error]

	// Count counts submissions that are not withdrawn, by a key of theirs.
	Count(ctx context.Context, f Filter, by CountBy) (map[string]int, error)

	// Withdraw empties a submission: its answers are deleted, with what was
	// taken from them (InstanceName, Title, Province, District), and its media
	// are dropped; its row stays as a mark that exports skip, and its Nullifier
	// stays taken. reason is kept. Withdrawing again changes nothing.
	Withdraw(ctx context.Context, id, reason string, at time.Time) error
}

// Flagged selects submissions by what may be wrong with the interview, as it
// was found when they were counted (flows/tally has the rules). The empty one
// selects all.
type Flagged string

// The ways to select by flag.
const (
	Unflagged    Flagged = "without"   // only those without a flag
	AnyFlag      Flagged = "only"      // only those with at least one
	FlagFast     Flagged = "fast"      // only the very fast
	FlagSame     Flagged = "same"      // only those with the same answer throughout
	FlagRepeated Flagged = "duplicate" // only those that repeat an earlier one, which is not withdrawn
)

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

// A Submission is a finished instance with what the bot knows beside it. Times
// are kept to the microsecond, in UTC; the year of a Reference is Received's in
// the zone that it was given in.
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
	Consent    string    // language in which consent was given, and the day, as "ລາວ (lo) 2026-06-15"; its text is that of the version Hash; "" if none was asked for
	Partial    bool      // of an interview that was left: required questions may have no answer
	Withdrawn  time.Time // zero: not withdrawn
	Reason     string    // of the withdrawal
}

// A Filter selects submissions. A zero field does not restrict.
type Filter struct {
	FormID    string
	Person    string
	District  string
	Province  string
	Version   string    // of the form, as its author calls it
	Hash      string    // of the version of the form
	Flagged   Flagged   // by what may be wrong with the interview
	From, To  time.Time // received: From <= t < To
	Newest    bool      // newest first
	Limit     int
	Withdrawn bool           // also withdrawn ones
	Zone      *time.Location // whose days ByDay counts; nil is UTC
}
