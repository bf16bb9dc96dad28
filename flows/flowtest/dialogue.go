package flowtest

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// A Dialogue is a parsed file.
type Dialogue struct {
	Comment  string   // what stands before the files, headers included
	Forms    []string // names of bundled forms, from the header form:
	Language string   // header language:; "" for none
	Clock    string   // header clock:, as "2026-03-05 09:00"; "" for none
	Lines    []Line   // of the conversation, in order

	archive *txtar.Archive
}

// A Line is a line of a conversation.
type Line struct {
	Number int    // in the conversation, 1-based; 0 if it was not read
	Person string // "" unless the line names one
	Step   Step
}

// A Step is what a line says: one of the types below.
type Step interface{ step() }

// What a person does.
type (
	// Say is a text message, commands included.
	Say struct{ Text string }
	// Start is the command /start with its payload, as an entry link sends it.
	Start struct{ Payload string }
	// Tap presses a button of the bot's last message with buttons, or of the
	// message that many messages back (1 is the last).
	Tap struct {
		Label string
		Back  int
	}
	// Photo sends a picture.
	Photo struct{ File, Caption string }
	// Document sends a file of another kind: document, video, audio,
	// sticker or animation.
	Document struct{ Kind, File, Caption string }
	// Voice records a voice note.
	Voice struct{ Length time.Duration }
	// Location sends a place: degrees, and metres of accuracy, 0 if not known.
	Location struct{ Lat, Lon, Accuracy float64 }
	// Contact shares the person's phone number.
	Contact struct{}
	// Edit changes an own text message: 1 is the last one.
	Edit struct {
		Back int
		Text string
	}
	// Reply answers a message of the bot's: 1 is the last one.
	Reply struct {
		Back int
		Text string
	}
	// Forward sends an own message again, as a forwarded one: 1 is the last.
	Forward struct{ Back int }
	// Album sends pictures together.
	Album struct {
		Files   []string
		Caption string // of the first
	}
)

// What the bot does, and what is checked.
type (
	// BotText is one line of a message.
	BotText struct{ Text string }
	// BotButtons are the buttons of a message, by row.
	BotButtons struct{ Rows [][]string }
	// Value is a value that the instance must hold.
	Value struct{ Ref, Value string }
)

// What happens around them.
type (
	// Clock moves the time on by a duration, or to a time if To is set.
	Clock struct {
		Add time.Duration
		To  string // "2026-03-09 08:00"
	}
	// Fault is something that goes wrong: kill, redeliver, 429 7, block.
	Fault struct {
		Name string
		Args []string
	}
	// Speaks gives a person's language, as Telegram would tell it.
	Speaks struct{ Language string }
	// Remark is a comment, or a blank line if it is empty.
	Remark struct{ Text string }
	// verbatim is a line of something else that is compared like a conversation.
	verbatim struct{ text string }
)

func (Say) step()        {}
func (Start) step()      {}
func (Tap) step()        {}
func (Photo) step()      {}
func (Document) step()   {}
func (Voice) step()      {}
func (Location) step()   {}
func (Contact) step()    {}
func (Edit) step()       {}
func (Reply) step()      {}
func (Forward) step()    {}
func (Album) step()      {}
func (BotText) step()    {}
func (BotButtons) step() {}
func (Value) step()      {}
func (Clock) step()      {}
func (Fault) step()      {}
func (Speaks) step()     {}
func (Remark) step()     {}
func (verbatim) step()   {}

// acts reports whether a step makes something happen, so that what the bot says
// next is the reply to it.
func acts(s Step) bool {
	switch s.(type) {
	case BotText, BotButtons, Value, Remark, Speaks:
		return false
	}
	return true
}

// said reports whether the line is the bot's.
func (l Line) said() bool {
	switch l.Step.(type) {
	case BotText, BotButtons:
		return true
	}
	return false
}

// Parse reads a dialogue. An error names the line of the conversation.
func Parse(data []byte) (*Dialogue, error) {
	a := txtar.Parse(data)
	d := &Dialogue{Comment: string(a.Comment), archive: a}
	for _, line := range strings.Split(d.Comment, "\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch key {
		case "form", "forms":
			d.Forms = strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' })
		case "language":
			d.Language = value
		case "clock":
			d.Clock = value
			if _, err := time.Parse(clockLayout, value); err != nil {
				return nil, fmt.Errorf("clock: write it like %s", clockLayout)
			}
		}
	}
	chat, ok := d.File("chat")
	if !ok {
		return nil, fmt.Errorf("there is no -- chat --")
	}
	text := strings.TrimSuffix(string(chat), "\n")
	for i, line := range strings.Split(text, "\n") {
		l, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("chat:%d: %w", i+1, err)
		}
		l.Number = i + 1
		d.Lines = append(d.Lines, l)
	}
	return d, nil
}

const clockLayout = "2006-01-02 15:04"

// ParseClock reads a time as headers and ~ lines give it, in a zone.
func ParseClock(s string, zone *time.Location) (time.Time, error) {
	return time.ParseInLocation(clockLayout, s, zone)
}

// File returns a file of the archive.
func (d *Dialogue) File(name string) ([]byte, bool) {
	if d.archive == nil {
		return nil, false
	}
	for _, f := range d.archive.Files {
		if f.Name == name {
			return f.Data, true
		}
	}
	return nil, false
}

// SetFile replaces a file of the archive, or adds it behind the others.
func (d *Dialogue) SetFile(name string, data []byte) {
	if d.archive == nil {
		d.archive = &txtar.Archive{Comment: []byte(d.Comment)}
	}
	for i, f := range d.archive.Files {
		if f.Name == name {
			d.archive.Files[i].Data = data
			return
		}
	}
	d.archive.Files = append(d.archive.Files, txtar.File{Name: name, Data: data})
}

// Attached returns all files but the conversation and the submissions, by name:
// forms, and what is attached to them.
func (d *Dialogue) Attached() map[string][]byte {
	out := map[string][]byte{}
	if d.archive == nil {
		return out
	}
	for _, f := range d.archive.Files {
		if f.Name != "chat" && !strings.HasPrefix(f.Name, "submission") {
			out[f.Name] = f.Data
		}
	}
	return out
}

// Persons returns the names of the persons, in order of their first line; ""
// is the one without a name.
func (d *Dialogue) Persons() []string {
	var out []string
	seen := map[string]bool{}
	for _, l := range d.Lines {
		if _, remark := l.Step.(Remark); !remark && !seen[l.Person] {
			seen[l.Person] = true
			out = append(out, l.Person)
		}
	}
	return out
}

// An Exchange is one thing that happens and what the bot says to it. The first
// of a dialogue has no Line if the bot speaks first.
type Exchange struct {
	Line   *Line  // what happens; nil for what stands before anything does
	Said   []Line // what the bot says, in the order written
	Checks []Line // values and languages, in the order written
	from   int    // of the lines behind Line in the dialogue …
	to     int    // … up to here
	of     []Line // those lines
}

// Exchanges cuts the conversation at the lines where something happens.
func (d *Dialogue) Exchanges() []Exchange {
	var out []Exchange
	x := Exchange{}
	end := func(i int) {
		x.to, x.of = i, d.Lines[x.from:i]
		if x.Line != nil || len(x.of) > 0 {
			out = append(out, x)
		}
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		switch {
		case acts(l.Step):
			end(i)
			x = Exchange{Line: l, from: i + 1}
		case l.said():
			x.Said = append(x.Said, *l)
		default:
			if _, remark := l.Step.(Remark); !remark {
				x.Checks = append(x.Checks, *l)
			}
		}
	}
	end(len(d.Lines))
	return out
}

// Rewrite returns the conversation with what the bot said in place of what was
// written: said has one entry for each of Exchanges. A written line that fits
// what was said stays, so that {*} is kept; so do values and remarks.
func (d *Dialogue) Rewrite(said [][]Line) []Line {
	var out []Line
	for i, x := range d.Exchanges() {
		if x.Line != nil {
			out = append(out, *x.Line)
		}
		if i >= len(said) || x.Diff(said[i]) == "" {
			out = append(out, x.of...)
			continue
		}
		head := 0 // remarks between the step and the first reply stay in front
		for head < len(x.of) && !x.of[head].said() && !blank(x.of[head]) && isRemark(x.of[head]) {
			head++
		}
		out = append(out, x.of[:head]...)
		out = append(out, said[i]...)
		for _, l := range x.of[head:] {
			if !l.said() {
				out = append(out, l)
			}
		}
	}
	return out
}

func isRemark(l Line) bool { _, ok := l.Step.(Remark); return ok }

func blank(l Line) bool {
	r, ok := l.Step.(Remark)
	return ok && r.Text == ""
}
