package flows

import (
	"strconv"
	"strings"
	"time"
)

// A World is what an instance may ask of its surroundings, so that an interview
// can be played again exactly.
type World struct {
	Now    func() time.Time // the clock; time.Now if nil
	Zone   *time.Location   // the respondent's; UTC if nil
	Random func() uint64    // for randomize, random() and ids; crypto/rand if nil
	NewID  func() string    // a new UUID; from Random if nil
	Habits *Habits          // how people write dates and numbers, beside what is known anyway; may be nil

	// Quote keeps what a person wrote from being read as mark-up where it is put
	// into a text to show; nil leaves it as it is. Calculations are the author's,
	// and stay as they are.
	Quote func(string) string
}

// StartOptions say with what an interview begins.
type StartOptions struct {
	Language string            // name or BCP-47 code; "" for the form's default
	Prefill  map[string]string // answers by question name or ref: given, fixed and not asked
	Defaults map[string]string // answers by question name or ref: given, but asked all the same
	Last     Record            // what ${last-saved#name} reads as a default; nil if nothing was sent yet
	Username string            // of the metadata questions; empty for citizens
	Phone    string
	Email    string
	DeviceID string
	ID       string // of the instance; made anew if ""
}

// A Position is a place in an instance where something can be asked: a node,
// and for a node inside repeats which instances ("2.1": the first inner one of
// the second outer one). It is comparable, and survives encoding as String.
type Position struct {
	Node int
	In   string
}

// String gives "12" or "12.2.1", at most 40 bytes for callback data.
func (p Position) String() string {
	if p.In == "" {
		return strconv.Itoa(p.Node)
	}
	return strconv.Itoa(p.Node) + "." + p.In
}

// ParsePosition reads what String wrote.
func ParsePosition(s string) (p Position, ok bool) {
	head, rest, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(head)
	if err != nil || n < 0 {
		return Position{}, false
	}
	if rest != "" {
		for _, w := range strings.Split(rest, ".") {
			if k, err := strconv.Atoi(w); err != nil || k < 1 {
				return Position{}, false
			}
		}
	}
	return Position{Node: n, In: rest}, true
}

// A State is everything a person could see of an instance at once, by ref; it
// is what tools and conformance tests compare.
type State struct {
	Visible  []string            `json:"visible"`
	Values   map[string]string   `json:"values"`
	Labels   map[string]string   `json:"labels"`
	Hints    map[string]string   `json:"hints"`
	Choices  map[string][]Choice `json:"-"`
	Required []string            `json:"required"`
	ReadOnly []string            `json:"read_only"`
}

// A Programme is what fieldbot's own sheets say: figures, targets, alerts,
// dates and the layout of a report. All expressions in it are compiled.
type Programme struct {
	Indicators []Indicator
	Quotas     []Quota
	Alerts     []Alert
	Calendar   []Due
	Report     []ReportRow
}

// An Indicator is a figure of the digest: a row of the indicators sheet.
type Indicator struct {
	Name    string
	Label   Text
	Measure string      // count, share, mean, median, sum, distribution, texts
	Of      *Expression // nil: the submission itself
	Where   *Expression // nil: all
	By      []*Node     // questions to break it down by
	Scope   map[string]string
	Better  string // higher, lower or ""
	Target  string
	Chart   string
	Plan    string
	Row     int
}

// A Quota is a target number of submissions.
type Quota struct {
	Name   string
	Label  Text
	Where  *Expression
	Target int
	Full   QuotaRule // what happens once it is filled
	Row    int
}

// A QuotaRule says what happens to those who would fill a quota that is full.
type QuotaRule string

// The rules.
const (
	QuotaGoesOn QuotaRule = ""      // their answers are taken as any other's
	QuotaWarns  QuotaRule = "warn"  // they are told, and may go on
	QuotaCloses QuotaRule = "close" // their interview ends
)

// An Alert says what to tell at once, and whom.
type Alert struct {
	Name    string
	Label   Text // what a digest calls it; empty: its message
	Message Text
	Where   *Expression
	To      string
	Urgent  bool
	Row     int
}

// A Due is a report that is due again and again.
type Due struct {
	Name     string
	Label    Text
	Audience string
	Every    string // day, week, month, quarter, year; "" for a round
	Day      int
	From, To string // first and last day of a round, as 2026-11-01; "" if the report comes again and again
	Remind   []int  // days before (negative) and after
	Row      int
}

// A ReportRow says where an answer goes in the sector report.
type ReportRow struct {
	Section string
	Column  string
	Label   Text // title of the section; a row that has it needs nothing else
	Lead    Text // set in bold before the text: the theme; with ${}
	Text    *Expression
	Where   *Expression
	Row     int
}
