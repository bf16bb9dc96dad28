package flows

import (
	"fmt"
	"strings"
)

// A Severity tells whether a form can be used in spite of a problem.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // the form is refused
	Warning Severity = "warning" // the form works, perhaps not as its author meant
)

// A Problem is something wrong with a form, told to its author: where it is,
// what it is and how to mend it. Row is 1-based, as a spreadsheet numbers it; 0
// means the whole sheet. Column is the header as the author wrote it.
type Problem struct {
	Severity Severity `json:"severity"`
	Sheet    string   `json:"sheet,omitempty"`
	Row      int      `json:"row,omitempty"`
	Column   string   `json:"column,omitempty"`
	Message  string   `json:"message"`
	Hint     string   `json:"hint,omitempty"`
}

// String gives the problem on one line: survey:4 [relevant]: message (hint).
func (p Problem) String() string {
	var b strings.Builder
	if p.Sheet != "" {
		b.WriteString(p.Sheet)
		if p.Row > 0 {
			fmt.Fprintf(&b, ":%d", p.Row)
		}
		if p.Column != "" {
			fmt.Fprintf(&b, " [%s]", p.Column)
		}
		b.WriteString(": ")
	}
	if p.Severity == Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

// Problems are all the problems of a form at once. As an error it lists them,
// one a line.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems as an error if one of them is an Error, else nil.
func (ps Problems) Err() error {
	for _, p := range ps {
		if p.Severity == Error {
			return ps
		}
	}
	return nil
}
