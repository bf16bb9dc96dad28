package flows

import "cmp"

// A Prompt is what to ask now, in the respondent's language. It holds all a
// client needs to show the question. Texts are as the author wrote them, with
// ${} put in; marking up and escaping are the client's.
type Prompt struct {
	Kind PromptKind
	At   Position // what an answer is for
	Node *Node    // the question or repeat; nil when Kind is Complete
	Ref  string   // "/member[2]/name"

	Notes    []Note   // notes passed since the question before; shown with this one
	Groups   []string // labels of the groups and repeats that this question stands in
	Label    string
	Hint     string
	Guidance string
	Media    Media
	Choices  []Choice // that the filter lets through, in the order to show
	Required bool
	Value    string // the answer as it stands: a default, or an earlier answer
	Pending  string // select_multiple and rank: what is tapped so far

	Done, Total int // questions passed, and relevant ones known so far
}

// PromptKind tells what is asked.
type PromptKind uint8

// The kinds of prompts.
const (
	Ask       PromptKind = iota // an answer to Node
	AskRepeat                   // whether there is another instance of the repeat Node
	Stop                        // a required note: nothing goes on until an answer before it changes
	Complete                    // nothing is left to ask: Finish, or review first
)

// A Note is a note on the way to a question.
type Note struct {
	Ref   string
	Label string
	Hint  string
	Node  *Node  // the read-only question; nil of a note
	Value string // of a read-only question: labels of choices, else as it is stored; "" of a note
	Media Media
	// Before is true of a note that stands before the section of the question, the
	// last of Prompt.Groups.
	Before bool
}

// NotesBefore is how many of the notes stand before the section of the question.
func (p *Prompt) NotesBefore() int {
	n := 0
	for n < len(p.Notes) && p.Notes[n].Before {
		n++
	}
	return n
}

// Media are file names, by language already; "" for none.
type Media struct{ Image, Audio, Video string }

// A Choice is a choice to offer.
type Choice struct {
	Index int // in the form version's unfiltered list; what a callback carries
	Name  string
	Label string
	Media Media
}

// An Answered is an answer given, for a review.
type Answered struct {
	At    Position
	Node  *Node
	Ref   string
	Group string // label of the innermost group or repeat with a label
	Label string
	Value string // as stored
	Shown string // labels of choices in the present language, else Value
	Fixed bool   // came with the entry link; cannot be changed
}

// An Input is what a person sent, before it is known what it means. Exactly one
// of the fields is set.
type Input struct {
	Text    string  // typed: a number, date, label or name of a choice, free text
	Choices []int   // tapped, by Choice.Index
	Points  []Point // locations
	File    *File   // a photo, recording or document
	Value   *string // a value as the form stores it, from another program
	Skip    bool    // no answer
	Yes     bool    // to AskRepeat, or to acknowledge
}

// A Point is a place on earth: degrees, and metres for altitude and accuracy.
type Point struct{ Lat, Lon, Alt, Acc float64 }

// A File is a file that was sent. Name is what the answer stores.
type File struct {
	Name string
	Kind string // image, audio, video, file
}

// A Reason says why an answer was refused.
type Reason string

// The reasons.
const (
	ReasonRequired   Reason = "required"
	ReasonConstraint Reason = "constraint"
	ReasonNumber     Reason = "number"    // not a number
	ReasonInteger    Reason = "integer"   // a number, but not a whole one
	ReasonRange      Reason = "range"     // outside start–end, or between steps
	ReasonDate       Reason = "date"      // not a date
	ReasonTime       Reason = "time"      // not a time
	ReasonChoice     Reason = "choice"    // none of the choices
	ReasonAmbiguous  Reason = "ambiguous" // fits several choices
	ReasonLong       Reason = "long"      // longer than the limit
	ReasonFull       Reason = "full"      // more than an interview can keep, with what it holds already
	ReasonKind       Reason = "kind"      // a text where a photo belongs, or the like
	ReasonRelevant   Reason = "not_relevant"
	ReasonMissing    Reason = "not_available" // no such question or instance
	ReasonReadOnly   Reason = "read_only"
	ReasonStop       Reason = "stop" // a required note stands in the way
)

var reasonWords = map[Reason]string{
	ReasonRequired: "is no answer, and one is required", ReasonConstraint: "is refused by the form",
	ReasonNumber: "is no number", ReasonInteger: "is no whole number", ReasonRange: "is out of range",
	ReasonDate: "is no date; write it as 2021-06-15", ReasonTime: "is no time", ReasonChoice: "is none of the choices",
	ReasonAmbiguous: "fits several choices", ReasonLong: "is too long", ReasonFull: "is more than one interview can hold",
	ReasonKind: "cannot be the answer", ReasonRelevant: "is an answer to a question that is not asked here",
	ReasonMissing: "is an answer to no question", ReasonReadOnly: "cannot be changed", ReasonStop: "stands behind a note that stops the interview",
}

// Words is the reason in plain English for those who make forms, to stand behind
// the answer: "is no number". Respondents are told in their language, by the client.
func (r Reason) Words() string { return cmp.Or(reasonWords[r], string(r)) }

// An AnswerError says why an answer was refused. Message is the form author's
// own text in the respondent's language, if the form has one; else words are
// the client's to find, by Reason.
type AnswerError struct {
	Ref     string
	Node    *Node
	Reason  Reason
	Message string
	Choices []Choice // of ReasonAmbiguous: those that fit
}

func (e *AnswerError) Error() string {
	return "answer to " + e.Ref + " refused: " + string(e.Reason)
}
