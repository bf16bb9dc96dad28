package tables

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// A Taken says whether a comment was taken up.
type Taken string

// The values of Taken.
const (
	Open   Taken = "" // nobody said yet
	Yes    Taken = "yes"
	Partly Taken = "partly"
	No     Taken = "no"
)

// Takens are the values of Taken but Open, as they are offered.
var Takens = []Taken{Yes, Partly, No}

// A Response is what was said to a comment.
type Response struct {
	Text  string
	Taken Taken
	By    string // pseudonym, or "command line"
	At    time.Time
}

// A Comment is one of a submission's comments, with what was responded to it.
type Comment struct {
	Submission *storage.Submission
	Number     int        // in its submission, from 1
	Response              // the newest; its zero if there is none
	All        []Response // oldest first
	Before     *Response  // the newest one to what stood at this number before a correction; nil if there is none

	record flows.Record
	print  string
}

// ID names a comment, as "CO-2026-00001/2": the second one of a submission.
func (c *Comment) ID() string { return fmt.Sprintf("%s/%d", name(c.Submission), c.Number) }

// Answer is the stored answer to a question, of the comment itself or of the
// submission around it.
func (c *Comment) Answer(n *flows.Node, inside bool) string {
	if inside {
		return field(c.record, n.Name)
	}
	return field(c.Submission.Data, n.Name)
}

// Questions are the questions about whose comment it is, and those about the
// comment, in the order of the form; none if the form takes no comments.
func Questions(f *flows.Form) (around, inside []*flows.Node) {
	rep := f.Repeat(f.Settings.Comments)
	if rep == nil {
		return nil, nil
	}
	for _, n := range f.Nodes {
		switch {
		case !n.Askable():
		case n.Within(rep):
			inside = append(inside, n)
		default:
			around = append(around, n)
		}
	}
	return around, inside
}

// Respond makes the step that stores a response. changed is false if that is
// what the newest one says already. The same response to the same history has
// the same token, so storing it twice has no effect.
func (c *Comment) Respond(r Response) (step storage.Step, changed bool) {
	text := fmt.Sprintf("%d:%s\t%s\t%s", c.Number, c.print, r.Taken, r.Text)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", c.ID(), text, len(c.All)))
	step = storage.Step{Submission: c.Submission.ID, State: storage.Responded, Text: text, By: r.By, At: r.At,
		Token: "response " + hex.EncodeToString(sum[:16])}
	return step, r.Text != c.Text || r.Taken != c.Taken
}

// ReadResponse reads the step of a response, and to which number of a comment
// it was given.
func ReadResponse(s *storage.Step) (number int, r Response, ok bool) {
	number, _, r, ok = readResponse(s)
	return number, r, ok
}

func readResponse(s *storage.Step) (number int, print string, r Response, ok bool) {
	w := strings.SplitN(s.Text, "\t", 3)
	if s.State != storage.Responded || len(w) < 3 {
		return 0, "", r, false
	}
	n, print, _ := strings.Cut(w[0], ":")
	number, err := strconv.Atoi(n)
	return number, print, Response{Text: w[2], Taken: Taken(w[1]), By: s.By, At: s.At}, err == nil
}

// Comments are the comments of a submission. steps are what became of it. A
// response belongs to the comment as it was worded then, also if that has
// another number since the submission was corrected.
func Comments(f *flows.Form, s *storage.Submission, steps []storage.Step) []Comment {
	rep := f.Repeat(f.Settings.Comments)
	if rep == nil {
		return nil
	}
	var out []Comment
	worded := map[string]bool{} // number and wording
	for i, r := range records(s.Data, rep.Name) {
		c := Comment{Submission: s, Number: i + 1, record: r, print: fingerprint(r)}
		out = append(out, c)
		worded[strconv.Itoa(c.Number)+c.print] = true
	}
	for i := range steps {
		n, print, r, ok := readResponse(&steps[i])
		if !ok {
			continue
		}
		moved := !worded[strconv.Itoa(n)+print]
		for k := range out {
			switch c := &out[k]; {
			case c.print == print && (c.Number == n || moved):
				c.All = append(c.All, r)
				c.Response = r
			case c.Number == n && moved:
				c.Before = &r
			}
		}
	}
	return out
}

// fingerprint tells the wordings of a comment apart.
func fingerprint(r flows.Record) string {
	h := sha256.New()
	write(h, r)
	return hex.EncodeToString(h.Sum(nil)[:6])
}

func write(w io.Writer, r flows.Record) {
	for _, f := range r {
		fmt.Fprintf(w, "%q=%q(", f.Name, f.Text)
		for _, inner := range f.Records {
			write(w, inner)
		}
		fmt.Fprint(w, ")")
	}
}

// A Source is where comments and responses are read from.
type Source interface {
	Each(ctx context.Context, f storage.Filter) iter.Seq2[*storage.Submission, error]
	Steps(ctx context.Context, submissions ...string) ([]storage.Step, error)
}

// AllComments are the comments of all submissions of a form, oldest first.
func AllComments(ctx context.Context, src Source, f *flows.Form) ([]Comment, error) {
	const together = 200
	var out []Comment
	var some []*storage.Submission
	take := func() error {
		ids := make([]string, len(some))
		for i, s := range some {
			ids[i] = s.ID
		}
		steps, err := src.Steps(ctx, ids...)
		if err != nil {
			return fmt.Errorf("look up steps: %w", err)
		}
		of := map[string][]storage.Step{}
		for _, v := range steps {
			of[v.Submission] = append(of[v.Submission], v)
		}
		for _, s := range some {
			out = append(out, Comments(f, s, of[s.ID])...)
		}
		some = some[:0]
		return nil
	}
	for s, err := range src.Each(ctx, storage.Filter{FormID: f.ID}) {
		if err != nil {
			return nil, fmt.Errorf("list submissions: %w", err)
		}
		if some = append(some, s); len(some) == together {
			if err := take(); err != nil {
				return nil, err
			}
		}
	}
	err := take()
	return out, err
}

func name(s *storage.Submission) string {
	if s.Reference != "" {
		return s.Reference
	}
	return s.ID
}
