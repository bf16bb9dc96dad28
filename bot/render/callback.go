package render

import (
	"hash/fnv"
	"strconv"
	"strings"

	"example.org/fieldbot/flows"
)

// MaxCallback is how many bytes Telegram takes as callback_data.
const MaxCallback = 64

// An Action is what a button of an interview does.
type Action byte

// The actions. Choose, Set and Unset carry an index into the form version's
// unfiltered list, so that a button means the same whatever happened since.
const (
	Choose   Action = 'c'
	Set      Action = 's' // of several choices: this one on
	Unset    Action = 'u' // and off
	Done     Action = 'd'
	Back     Action = 'b'
	Skip     Action = 'k'
	Keep     Action = 'e' // the answer as it stands
	Yes      Action = 'y' // acknowledge, or another instance of a repeat
	No       Action = 'n' // no further instance
	Page     Action = 'p' // of a long list; Arg from 0
	Number   Action = 'r' // a step of a range; Arg from 0
	Calendar Action = 'm' // show a month; Arg is yyyymm
	Date     Action = 'D' // Arg is yyyymmdd
	Hour     Action = 'h' // show the minutes of an hour; Arg is yyyymmddhh, or hh
	Minute   Action = 'i' // a time; Arg is yyyymmddhhmm, or hhmm
	Now      Action = 'w' // this moment
	Change   Action = 'g' // go to Place
	Review   Action = 'v' // page of the review card; Arg from 0
	Submit   Action = 'S'
	Language Action = 'l' // Arg is an index into Form.Languages
	Show     Action = 'q' // the question as it is now
	Step     Action = 't' // move a stepper to the value Arg, without answering
	Wait     Action = 'W' // a button that only shows something
)

const actions = "csudbkeynprmDhiwgvSlqtW"

// A Callback is what a button of an interview carries. Place is a position as
// PlaceOf gives it.
type Callback struct {
	Nonce    string
	Revision uint32
	Place    string
	Action   Action
	Arg      int
}

// PlaceOf writes a position for a callback. One too long for it is replaced by a
// checksum, which is enough to compare it with the places of an instance.
func PlaceOf(p flows.Position) string {
	s := p.String()
	if len(s) <= 32 {
		return s
	}
	h := fnv.New64a()
	h.Write([]byte(s))
	return "~" + strconv.FormatUint(h.Sum64(), 36)
}

// String writes the callback_data, at most MaxCallback bytes.
func (c Callback) String() string {
	b := make([]byte, 0, MaxCallback)
	b = append(b, c.Nonce...)
	b = append(b, ':')
	b = strconv.AppendUint(b, uint64(c.Revision), 36)
	b = append(b, ':')
	b = append(b, c.Place...)
	b = append(b, ':', byte(c.Action))
	if c.Arg != 0 {
		b = strconv.AppendInt(b, int64(c.Arg), 10)
	}
	return string(b)
}

// ParseCallback reads callback_data. ok is false if it is not an interview's:
// old, altered, or of another bot that had the token before.
func ParseCallback(data string) (c Callback, ok bool) {
	if len(data) > MaxCallback {
		return Callback{}, false
	}
	parts := strings.Split(data, ":")
	if len(parts) != 4 || parts[0] == "" || parts[3] == "" {
		return Callback{}, false
	}
	rev, err := strconv.ParseUint(parts[1], 36, 32)
	if err != nil {
		return Callback{}, false
	}
	c = Callback{Nonce: parts[0], Revision: uint32(rev), Place: parts[2], Action: Action(parts[3][0])}
	if strings.IndexByte(actions, byte(c.Action)) < 0 {
		return Callback{}, false
	}
	if arg := parts[3][1:]; arg != "" {
		if c.Arg, err = strconv.Atoi(arg); err != nil || c.Arg < 0 {
			return Callback{}, false
		}
	}
	return c, true
}
