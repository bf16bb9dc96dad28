package storage

import (
	"context"
	"time"
)

// Sessions keeps the conversations under way, one for each person and bot.
// Person is a pseudonym (keyed hash of the chat), never a chat_id.
type Sessions interface {
	// Load returns the person's session. A person never seen has an empty one
	// with Revision 0.
	Load(ctx context.Context, person string) (Session, error)

	// Commit stores s if the stored revision is still s.Revision, and returns
	// the revision it has now, which is higher. It notes in the same step
	// since when the session waits for attention (s.Attention()). ErrConflict if it
	// moved meanwhile. Revisions of a person never come back, not even after
	// Delete. Times are kept to the millisecond. What s refers to may be kept:
	// the caller changes it no more.
	Commit(ctx context.Context, s Session) (revision uint64, err error)

	// Waiting returns persons whose sessions wait for attention since before a
	// time: those with unsent replies, or an interview that is being finished,
	// that were Changed before it, so that the turn that is sending them is left
	// alone; and those whose Wake is before it. Oldest first, at most limit.
	Waiting(ctx context.Context, before time.Time, limit int) ([]string, error)

	// Delete forgets a session.
	Delete(ctx context.Context, person string) error
}

// MaxHandled is how many update_ids a session remembers as handled.
const MaxHandled = 32

// A Session is a chat's place between updates. It is plain data; Encode keeps it
// small, since it is what a turn carries to and from the store.
type Session struct {
	Person   string // pseudonym
	Revision uint64 // of what is stored; 0 if nothing is
	Language string // BCP-47 code chosen for the bot's own words; "" not yet chosen
	Epoch    uint64 // of the Person record when the session last looked
	Contact  []byte // chat_id sealed by the bot; so that replies can be sent after a restart
	Handled  []int64
	Awaiting string      // what the next text is for when no interview asks: a command's own key, as "name"
	Open     []Interview // the first is the one under way, the others are parked
	Outbox   []Reply     // committed but not known to be sent, in order
	NextID   uint64      // of the next Reply
	Changed  time.Time
	Kept     string    // what a command keeps between its questions, as JSON; "" for nothing
	Wake     time.Time // when to look after it though nothing happens: to remind, or to let an interview expire; zero for never
}

// NextRevision is the revision that a store gives to a session that it stores
// over revision old at now. The first is taken from the clock, so that a session
// that was deleted, or lost with its store, and begun anew never meets its old
// revisions again.
func NextRevision(old uint64, now time.Time) uint64 {
	if old > 0 {
		return old + 1
	}
	return uint64(now.UnixMicro())
}

// HandledBefore reports whether an update was handled already.
func (s *Session) HandledBefore(updateID int64) bool {
	for _, id := range s.Handled {
		if id == updateID {
			return true
		}
	}
	return false
}

// MarkHandled remembers an update_id, forgetting the oldest beyond MaxHandled.
func (s *Session) MarkHandled(updateID int64) {
	s.Handled = append(s.Handled, updateID)
	if n := len(s.Handled) - MaxHandled; n > 0 {
		s.Handled = append(s.Handled[:0:0], s.Handled[n:]...)
	}
}

// Waiting reports whether somebody must look after the session although its
// person is silent: replies to send, or an interview to finish storing.
func (s *Session) Waiting() bool {
	if len(s.Outbox) > 0 {
		return true
	}
	for i := range s.Open {
		if s.Open[i].State == Finishing {
			return true
		}
	}
	return false
}

// Attention tells since when, or from when, somebody must look after the
// session; ok is false if nobody must.
func (s *Session) Attention() (at time.Time, ok bool) {
	if s.Waiting() {
		return s.Changed, true
	}
	return s.Wake, !s.Wake.IsZero()
}

// An InterviewState tells how far an interview is.
type InterviewState uint8

// The states of an interview.
const (
	Asking    InterviewState = iota
	Reviewing                // everything is answered; the review card is shown
	Finishing                // frozen: its submission is being stored
	Offered                  // made of a message; its person was asked whether to file it
)

// An Interview is an instance under way, with the form version that it began with.
type Interview struct {
	FormID     string
	Hash       string // of the form version
	Instance   []byte // flows.Instance.Encode
	Nonce      string // short, random: what callbacks of this interview begin with
	State      InterviewState
	Revision   uint32 // of the instance: raised by each change; callbacks carry it
	Message    int    // message_id of the question on screen; 0 if unknown
	Link       string // id of the entry link, "" for none
	Enumerator string // pseudonym of the officer who assists, "" for none
	Started    time.Time
	Changed    time.Time
	Reminded   uint8 // how many reminders were sent
	Kind       InterviewKind
	Base       uint32 // of a correction: the number of the revision that it is made from
	Consent    string // BCP-47 code or name of the language in which the consent question was answered; "" if it was not
	Consented  time.Time
	Typed      []Typed // texts that answered, oldest first, at most MaxTyped
}

// MaxTyped is how many texts an interview remembers as answers.
const MaxTyped = 12

// Typed says which question a text answered, so that the text can be edited.
type Typed struct {
	Message int    // message_id
	At      string // flows.Position.String of the question
}

// Note remembers a text as the answer to a question, forgetting the oldest
// beyond MaxTyped.
func (v *Interview) Note(message int, at string) {
	v.Typed = append(v.Typed[max(0, len(v.Typed)+1-MaxTyped):len(v.Typed):len(v.Typed)], Typed{message, at})
}

// An InterviewKind tells how an interview began, where that matters.
type InterviewKind uint8

// The kinds of interviews.
const (
	Plain      InterviewKind = iota
	Message                  // of a message that nobody had asked for
	Correction               // of a submission that was sent before
	Assisted                 // with somebody who answers on an officer's phone
	Trial                    // of a version that is not published; nothing is stored
)

// A Reply is a call to the Bot API that a turn decided on. Payload is its JSON
// parameters without chat_id, which the sender adds from Session.Contact.
type Reply struct {
	ID      uint64
	Method  string
	Payload []byte
	Edit    bool // may be dropped on a 429: ✅ lines and toggles
	Asks    bool // it shows a question: the sent message_id goes to Interview.Message
	Sending bool // was tried at least once
}
