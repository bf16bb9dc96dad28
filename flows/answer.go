package flows

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"example.org/fieldbot/flows/xpath"
)

// Answer takes an answer to a question, or to whether a repeat goes on, works
// out what follows of it, and moves to the next question that was not passed.
// A refused answer changes nothing; the error is an *AnswerError.
func (in *Instance) Answer(at Position, x Input) error {
	in.budget = budgetTurn
	k := in.at(at)
	if k.n == nil || k.n.Kind == GroupNode || k.c.hiddenEffective(k.n) {
		return &AnswerError{Node: k.n, Ref: in.refOf(k), Reason: ReasonRelevant}
	}
	if k.n.Kind == RepeatNode {
		return in.answerRepeat(k, x)
	}
	if in.stops(k) {
		return in.refuse(k, ReasonStop)
	}
	if !k.n.Askable() {
		return in.refuse(k, ReasonKind)
	}
	if in.locked(k.n, k.c) {
		return in.refuse(k, ReasonReadOnly)
	}
	value, more, err := in.read(k, x)
	if err != nil || more {
		return err
	}
	return in.take(k, value)
}

func (in *Instance) refOf(k cursor) string {
	if k.n == nil {
		return ""
	}
	return in.ref(k.n, k.c)
}

func (in *Instance) refuse(k cursor, why Reason) *AnswerError {
	defer in.forPeople()()
	e := &AnswerError{Ref: in.ref(k.n, k.c), Node: k.n, Reason: why}
	switch why {
	case ReasonRequired:
		e.Message = in.text(k.n.RequiredMessage, k.c)
	case ReasonConstraint:
		e.Message = in.text(k.n.ConstraintMessage, k.c)
	}
	return e
}

func (in *Instance) answerRepeat(k cursor, x Input) error {
	n, c := k.n, k.c
	if n.count != nil {
		return in.refuse(k, ReasonReadOnly)
	}
	switch {
	case x.Skip:
		c.mark(n, flagPassed, true)
		in.cursor = in.next(k)
	case x.Yes:
		if in.fixedRepeat(n, c) {
			return in.refuse(k, ReasonFull)
		}
		last := in.before(k)
		c.mark(n, flagPassed, false)
		in.add(n, c)
		in.cursor = in.next(last)
	default:
		return in.refuse(k, ReasonChoice)
	}
	in.resetPending()
	return nil
}

// add makes one more instance of a repeat.
func (in *Instance) add(n *Node, c *container) {
	in.grow(c, n, c.reps[n.rep].live+1, false)
	in.grown = append(in.grown, cursor{n, c})
	in.recalculate()
}

func (in *Instance) resetPending() { in.pending, in.touched = "", false }

// take stores a value if it may be stored.
func (in *Instance) take(k cursor, value string) error {
	n, c := k.n, k.c
	if value == "" {
		if n.required != nil && in.test(n.required, n, c) {
			return in.refuse(k, ReasonRequired)
		}
	} else if !in.accepts(n, c, value) {
		return in.refuse(k, ReasonConstraint)
	} else if !in.room(len(value)) {
		return in.refuse(k, ReasonFull)
	}
	in.setValue(n, c, value)
	c.mark(n, flagPassed, true)
	in.recalculate()
	was := in.cursor
	in.cursor = in.next(k)
	if in.cursor != was || k == was {
		in.resetPending()
	}
	return nil
}

// accepts evaluates the constraint with "." standing for the candidate.
func (in *Instance) accepts(n *Node, c *container, value string) bool {
	if n.constraint == nil {
		return true
	}
	old := c.text(n)
	c.put(n, value)
	v, ok := in.eval(n.constraint, n, c)
	c.put(n, old)
	return !ok || v.Boolean()
}

// read turns an input into the value to store. more is true if the question
// waits for more input.
func (in *Instance) read(k cursor, x Input) (value string, more bool, err error) {
	n := k.n
	if x.Skip {
		return "", false, nil
	}
	if x.Value != nil {
		v, why := in.readValue(k, *x.Value)
		if why != "" {
			return "", false, in.refuse(k, why)
		}
		return v, false, nil
	}
	if len(x.Text) > MaxAnswer {
		return "", false, in.refuse(k, ReasonLong)
	}
	text := strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(x.Text, "")))
	switch {
	case n.Type.Select():
		return in.readSelect(k, x, text)
	case x.File != nil:
		return in.readFile(k, x.File)
	case strings.HasPrefix(n.Type.Bind, "geo"):
		return in.readPoints(k, x, text)
	case len(x.Points) > 0 || len(x.Choices) > 0:
		return "", false, in.refuse(k, in.wanted(n))
	case n.Type.Name == "acknowledge":
		if x.Yes || affirmative[strings.ToLower(text)] {
			return "OK", false, nil
		}
		return "", false, in.refuse(k, ReasonChoice)
	case text == "":
		return "", false, in.refuse(k, in.wanted(n))
	}
	v, why := in.readText(n, text)
	if why != "" {
		return "", false, in.refuse(k, why)
	}
	return v, false, nil
}

// affirmative are words that stand for a tap on OK.
var affirmative = map[string]bool{"ok": true, "okay": true, "yes": true, "y": true, "👍": true, "✅": true, "ແມ່ນ": true, "ຕົກລົງ": true, "ໂອເຄ": true, "oui": true, "si": true, "sí": true}

// wanted names what a question asks for, to say so.
func (in *Instance) wanted(n *Node) Reason {
	switch {
	case n.Type.Name == "integer":
		return ReasonNumber
	case n.Type.Leaf == xpath.NumberLeaf:
		return ReasonNumber
	case n.Type.Bind == "date" || n.Type.Bind == "dateTime":
		return ReasonDate
	case n.Type.Bind == "time":
		return ReasonTime
	case n.Type.Select():
		return ReasonChoice
	}
	return ReasonKind
}

// readText reads what was typed for a question that is not a select.
func (in *Instance) readText(n *Node, text string) (string, Reason) {
	switch n.Type.Name {
	case "integer":
		return readInteger(text)
	case "decimal":
		return readDecimal(text, in.comma())
	case "range":
		return readRange(n, text, in.comma())
	case "date", "time", "dateTime":
		return parseDated(n, text, in.reading())
	case "image", "audio", "video", "file":
		return "", ReasonKind
	case "barcode":
		return strings.Join(strings.Fields(text), " "), ""
	}
	if n.Appearance.Has("numbers") {
		if v := plainDigits(text); strings.Trim(v, "0123456789.,+-# ()") == "" {
			return v, ""
		}
		return "", ReasonNumber
	}
	return stripControl(text), ""
}

// stripControl drops characters that no one types and XML cannot hold.
func stripControl(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0xfeff || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, s)
}

// readValue checks a value that a program gives as the form stores it.
func (in *Instance) readValue(k cursor, v string) (string, Reason) {
	n := k.n
	if len(v) > MaxAnswer {
		return "", ReasonLong
	}
	if v == "" {
		return "", ""
	}
	switch {
	case n.Type.Select():
		offered := in.choices(n, k.c)
		has := func(name string) bool {
			return slices.ContainsFunc(offered, func(c Choice) bool { return c.Name == name })
		}
		if !n.Type.Multiple() {
			if !has(v) {
				return "", ReasonChoice
			}
			return v, ""
		}
		words := strings.Fields(v)
		for i, w := range words {
			if !has(w) || slices.Contains(words[:i], w) {
				return "", ReasonChoice
			}
		}
		return strings.Join(words, " "), ""
	case n.Type.Name == "integer":
		return readInteger(v)
	case n.Type.Name == "decimal":
		return storedDecimal(strings.TrimSpace(plainDigits(v)))
	case n.Type.Name == "range":
		return inRange(n, v)
	case n.Type.Bind == "date" || n.Type.Bind == "time" || n.Type.Bind == "dateTime":
		return parseDated(n, v, in.reading())
	case n.Type.Name == "geopoint":
		p, ok := typedPoint(v)
		if !ok {
			return "", ReasonKind
		}
		return p.String(), ""
	case strings.HasPrefix(n.Type.Bind, "geo"):
		return readTrace(v)
	case n.Type.Name == "acknowledge":
		if v != "OK" {
			return "", ReasonChoice
		}
		return v, ""
	}
	return stripControl(v), ""
}

func (in *Instance) readFile(k cursor, f *File) (string, bool, error) {
	t := k.n.Type
	ok := t.Media == f.Kind || t.Media == "file"
	switch t.Name {
	case "text":
		ok = f.Kind == "audio" // who cannot write, speaks
	case "barcode":
		ok = f.Kind == "image"
	}
	if !ok {
		return "", false, in.refuse(k, in.wanted(k.n))
	}
	return f.Name, false, nil
}

// readPoints reads a geopoint, or gathers the points of a trace or shape.
func (in *Instance) readPoints(k cursor, x Input, text string) (string, bool, error) {
	n := k.n
	points := x.Points
	if text != "" {
		p, ok := typedPoint(text)
		if !ok {
			return "", false, in.refuse(k, ReasonKind)
		}
		points = []Point{p}
	}
	var written []string
	for _, p := range points {
		if !p.valid() {
			return "", false, in.refuse(k, ReasonKind)
		}
		written = append(written, p.String())
	}
	if n.Type.Name == "geopoint" {
		if len(written) == 0 {
			return "", false, in.refuse(k, ReasonKind)
		}
		return written[0], false, nil
	}
	all := written
	if len(written) < 2 && in.pending != "" {
		all = append(strings.Split(in.pending, pointMark), written...)
	}
	need := 2
	if n.Type.Name == "geoshape" {
		need = 3
	}
	if !x.Yes && len(written) < 2 {
		if len(all) == 0 {
			return "", false, in.refuse(k, ReasonKind)
		}
		in.pending, in.touched = strings.Join(all, pointMark), true
		if len(in.pending) > MaxAnswer {
			in.resetPending()
			return "", false, in.refuse(k, ReasonLong)
		}
		in.cursor = k
		return "", true, nil
	}
	if len(all) == 0 {
		return "", false, nil
	}
	if len(all) < need {
		return "", false, in.refuse(k, ReasonKind)
	}
	if need == 3 && all[0] != all[len(all)-1] {
		all = append(all, all[0])
	}
	return strings.Join(all, pointMark), false, nil
}

// pointMark stands between the points of a trace or shape.
const pointMark = "; "

// readTrace reads the points of a trace or shape as a form stores them.
func readTrace(v string) (string, Reason) {
	var written []string
	for one := range strings.SplitSeq(v, ";") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		p, ok := typedPoint(one)
		if !ok {
			return "", ReasonKind
		}
		written = append(written, p.String())
	}
	return strings.Join(written, pointMark), ""
}

// valid reports whether the point is a place on earth.
func (p Point) valid() bool {
	return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 &&
		math.Abs(p.Alt) <= math.MaxFloat64 && math.Abs(p.Acc) <= math.MaxFloat64
}

// String writes a point as XForms engines do: degrees, and metres for altitude
// and accuracy, each with a decimal point.
func (p Point) String() string {
	f := func(x float64) string {
		s := strconv.FormatFloat(x, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	return f(p.Lat) + " " + f(p.Lon) + " " + f(p.Alt) + " " + f(p.Acc)
}

// typedPoint reads "15.12, 106.85" or what XForms stores.
func typedPoint(s string) (Point, bool) {
	words := strings.FieldsFunc(plainDigits(s), func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\t' })
	if len(words) < 2 || len(words) > 4 {
		return Point{}, false
	}
	var v [4]float64
	for i, w := range words {
		x, err := strconv.ParseFloat(w, 64)
		if err != nil {
			return Point{}, false
		}
		v[i] = x
	}
	p := Point{v[0], v[1], v[2], v[3]}
	return p, p.valid()
}
