package storage

import (
	"context"
	"time"
)

// Broadcasts keeps messages to many, and whom they went to. A recipient is
// marked before the call to Telegram, so that nobody is told twice.
type Broadcasts interface {
	// AddBroadcast stores a broadcast, with nobody to tell yet. One whose ID is
	// stored already is left as it is.
	AddBroadcast(ctx context.Context, b Broadcast) error

	// AddRecipients adds people to be told. One who is there already is left out.
	AddRecipients(ctx context.Context, broadcast string, people ...string) error

	// Broadcast returns a broadcast with its Counts.
	Broadcast(ctx context.Context, id string) (Broadcast, error)

	// ListBroadcasts returns the newest broadcasts with their Counts.
	ListBroadcasts(ctx context.Context, limit int) ([]Broadcast, error)

	// MoveBroadcast changes the state of a broadcast if it is from now;
	// ErrConflict if it is another.
	MoveBroadcast(ctx context.Context, id string, from, to BroadcastState, at time.Time) error

	// ClaimRecipients marks at most limit of those who wait and are due at now as
	// begun, and returns them, nobody unless the broadcast is running. Nobody is
	// claimed by two.
	ClaimRecipients(ctx context.Context, broadcast string, limit int, now time.Time) ([]string, error)

	// NoteRecipients notes what became of recipients that were claimed.
	NoteRecipients(ctx context.Context, broadcast string, outcomes ...Outcome) error

	// LostRecipients notes as unknown those who were claimed before and of whom
	// nothing was noted since, and says how many.
	LostRecipients(ctx context.Context, broadcast string, before time.Time) (int, error)

	// TellRecipients returns recipients in a state, at most limit.
	TellRecipients(ctx context.Context, broadcast string, state RecipientState, limit int) ([]Outcome, error)

	// AddFeedback stores a reply to a broadcast. The same Token again has no
	// effect. It says how many there are now; ErrNotFound if there is no such
	// broadcast.
	AddFeedback(ctx context.Context, f Feedback) (int, error)

	// Feedback returns the replies to a broadcast, oldest first.
	Feedback(ctx context.Context, broadcast string) ([]Feedback, error)

	// ForgetBroadcasts deletes broadcasts that ended before, or were begun before
	// and never sent, with the replies to them, and says how many.
	ForgetBroadcasts(ctx context.Context, before time.Time) (int, error)
}

// A Broadcast is a message to many.
type Broadcast struct {
	ID      string
	By      string // pseudonym, or "command line"
	Body    []byte // what to send, in the sender's own JSON; no answers, no names
	State   BroadcastState
	Made    time.Time
	Changed time.Time // of the state
	Counts  map[RecipientState]int
}

// A BroadcastState tells how far a broadcast is.
type BroadcastState string

// The states of a broadcast.
const (
	BroadcastFilling   BroadcastState = "filling" // recipients are being added
	BroadcastRunning   BroadcastState = "running"
	BroadcastPaused    BroadcastState = "paused"
	BroadcastCancelled BroadcastState = "cancelled"
	BroadcastDone      BroadcastState = "done"
)

// A RecipientState tells what became of one recipient.
type RecipientState string

// The states of a recipient.
const (
	RecipientWaiting RecipientState = "waiting"
	RecipientBegun   RecipientState = "begun" // the call is about to be made, or was
	RecipientTold    RecipientState = "told"
	RecipientBlocked RecipientState = "blocked" // does not want to hear from the bot
	RecipientGone    RecipientState = "gone"    // has no contact any more; nothing was sent
	RecipientFailed  RecipientState = "failed"  // Telegram refused the message, for Reason
	RecipientUnknown RecipientState = "unknown" // nobody knows whether it arrived; not sent again
)

// An Outcome is what became of a recipient.
type Outcome struct {
	Person string
	State  RecipientState
	Reason string    // of what failed, in English, without content
	At     time.Time // of the outcome; if State is RecipientWaiting, when to try again
}

// Feedback is a reply to a broadcast.
type Feedback struct {
	Broadcast string
	Token     string // tells it from all other replies
	Person    string // pseudonym
	Text      string
	At        time.Time
}
