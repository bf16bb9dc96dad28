package storage

import (
	"context"
	"time"
)

// Reviews keeps what becomes of a submission after it was sent: corrections by
// who sent it, and what the secretariat says to it.
type Reviews interface {
	// Revise puts s in the place of the submission with its ID, and keeps the
	// one before, in one step; Reference, Person and Received stay as they are.
	// base is the number of the revision that s was made from, the first being
	// 1. token names this correction: the same token again has no effect. It
	// returns the submission as stored and the number of its revision.
	// ErrConflict if base is no longer the newest; ErrUsed if the submission was
	// withdrawn; ErrNotFound if there is none.
	Revise(ctx context.Context, s Submission, base int, token string, at time.Time) (Submission, int, error)

	// Revisions returns what a submission was before it was corrected, oldest
	// first. The newest is not among them. Withdrawing empties them.
	Revisions(ctx context.Context, id string) ([]Revision, error)

	// AddStep appends a step to what became of a submission. It reports whether
	// this call did: the same Token again has no effect.
	AddStep(ctx context.Context, s Step) (bool, error)

	// Steps returns what became of these submissions, oldest first.
	Steps(ctx context.Context, submissions ...string) ([]Step, error)

	// States returns the newest step of each of these submissions that has one,
	// without its Text.
	States(ctx context.Context, submissions ...string) (map[string]Step, error)
}

// A Revision is what a submission was before it was corrected.
type Revision struct {
	Number     int // the first is 1
	Submission Submission
	Until      time.Time // when it was corrected
}

// A ReviewState is what a step makes of a submission.
type ReviewState string

// The states of a submission. One without a step is sent.
const (
	Returned  ReviewState = "returned"  // with a question of the secretariat's
	Replied   ReviewState = "answered"  // the question is
	Corrected ReviewState = "corrected" // by a new revision
	Accepted  ReviewState = "accepted"
	Quoted    ReviewState = "quoted" // in a report

	// Quotable and Unquotable are what the secretariat decided of an answer in a
	// citizen's own words; Text has the name of the indicator that it is of.
	Quotable   ReviewState = "quotable"
	Unquotable ReviewState = "unquotable"

	// Responded is of a comment, one of several in a submission; its Text is as
	// bot/tables writes it.
	Responded ReviewState = "responded"
)

// A Step is one thing that became of a submission.
type Step struct {
	Submission string
	State      ReviewState
	Text       string // a question, an answer, the name of a report
	By         string // pseudonym
	Token      string // tells it from all other steps
	At         time.Time
}

// Reports keeps for which period of a calendar who said that there is nothing
// to report.
type Reports interface {
	// ReportNothing stores that; again it has no effect.
	ReportNothing(ctx context.Context, n Nothing) error

	// ReportedNothing returns who said so, by district.
	ReportedNothing(ctx context.Context, formID, due, period string) ([]Nothing, error)
}

// Nothing says that a district has nothing to report for a period.
type Nothing struct {
	FormID   string
	Due      string // name of the row of the calendar sheet
	Period   string // as "2026-05"
	District string
	Person   string // who said so: pseudonym
	At       time.Time
}
