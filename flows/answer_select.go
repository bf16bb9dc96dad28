package flows

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Toggle taps one choice of a select_multiple or rank on or off. The answer is
// taken by Answer with Yes.
func (in *Instance) Toggle(at Position, choice int) error {
	in.budget = budgetTurn
	k := in.at(at)
	if k.n == nil || k.n.Kind != QuestionNode || k.c.hiddenEffective(k.n) {
		return &AnswerError{Node: k.n, Ref: in.refOf(k), Reason: ReasonRelevant}
	}
	if !k.n.Type.Multiple() {
		return in.refuse(k, ReasonKind)
	}
	if in.locked(k.n, k.c) {
		return in.refuse(k, ReasonReadOnly)
	}
	offered := in.choices(k.n, k.c)
	i := slices.IndexFunc(offered, func(c Choice) bool { return c.Index == choice })
	if i < 0 {
		return in.refuse(k, ReasonChoice)
	}
	if in.cursor != k {
		in.cursor = k
		in.resetPending()
	}
	words := strings.Fields(in.tapped(k))
	if j := slices.Index(words, offered[i].Name); j >= 0 {
		words = slices.Delete(words, j, j+1)
	} else {
		words = append(words, offered[i].Name)
	}
	in.pending, in.touched = strings.Join(words, " "), true
	return nil
}

// tapped is what is marked at a question: what was tapped, or the answer that it
// has if nothing was.
func (in *Instance) tapped(k cursor) string {
	if in.touched && k == in.cursor {
		return in.pending
	}
	return k.c.text(k.n)
}

func (in *Instance) readSelect(k cursor, x Input, text string) (string, bool, error) {
	n := k.n
	offered := in.choices(n, k.c)
	var picked []Choice
	switch {
	case x.Yes && n.Type.Multiple():
		return in.done(k, offered)
	case len(x.Choices) > 0:
		for _, want := range x.Choices {
			i := slices.IndexFunc(offered, func(c Choice) bool { return c.Index == want })
			if i < 0 {
				return "", false, in.refuse(k, ReasonChoice)
			}
			picked = append(picked, offered[i])
		}
	case text != "":
		var why Reason
		if picked, why = typed(n, text, offered); why != "" {
			e := in.refuse(k, why)
			e.Choices = picked
			return "", false, e
		}
	default:
		return "", false, in.refuse(k, ReasonChoice)
	}
	if !n.Type.Multiple() {
		if len(picked) > 1 {
			e := in.refuse(k, ReasonAmbiguous)
			e.Choices = picked
			return "", false, e
		}
		return picked[0].Name, false, nil
	}
	var names []string
	for _, c := range picked {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	if n.Type.Name == "rank" && len(names) < len(offered) {
		return "", false, in.refuse(k, ReasonChoice)
	}
	return strings.Join(names, " "), false, nil
}

// done takes what is tapped as the answer.
func (in *Instance) done(k cursor, offered []Choice) (string, bool, error) {
	var names []string
	for _, w := range strings.Fields(in.tapped(k)) {
		if slices.ContainsFunc(offered, func(c Choice) bool { return c.Name == w }) {
			names = append(names, w)
		}
	}
	if k.n.Type.Name == "rank" && len(names) > 0 {
		if len(names) == len(offered)-1 { // only one place is left for the last
			for _, c := range offered {
				if !slices.Contains(names, c.Name) {
					names = append(names, c.Name)
				}
			}
		}
		if len(names) < len(offered) {
			return "", false, in.refuse(k, ReasonChoice)
		}
	}
	return strings.Join(names, " "), false, nil
}

var (
	markup    = regexp.MustCompile(`<[^>]*>|[*_#\\` + "`" + `]|&nbsp;`)
	numbers   = regexp.MustCompile(`^\d{1,4}(?:[\s,;.、،]+\d{1,4})*$`)
	separator = regexp.MustCompile(`\s*[,;、،\n]\s*`)
)

// plainLabel brings a label, or what was typed for one, to what people compare:
// without mark-up, case, zero-width characters and repeated spaces.
func plainLabel(s string) string {
	s = markup.ReplaceAllString(s, "")
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
			return -1
		case '\u00a0':
			return ' '
		}
		return r
	}, norm.NFC.String(s))
	return strings.ToLower(strings.Trim(strings.Join(strings.Fields(s), " "), " .!"))
}

// typed finds the choices that a typed text means: labels, the numbers that
// choices are shown with, or names. For several it may list them.
func typed(n *Node, text string, offered []Choice) ([]Choice, Reason) {
	if found, why := typedOne(text, offered); why == "" || !n.Type.Multiple() {
		return found, why
	}
	parts := separator.Split(text, -1)
	if d := plainDigits(text); numbers.MatchString(d) {
		parts = strings.FieldsFunc(d, func(r rune) bool { return r < '0' || r > '9' })
	}
	if len(parts) < 2 {
		return typedOne(text, offered)
	}
	var picked []Choice
	for _, p := range parts {
		if p == "" {
			continue
		}
		found, why := typedOne(p, offered)
		if why != "" {
			return found, why
		}
		picked = append(picked, found...)
	}
	if len(picked) == 0 {
		return nil, ReasonChoice
	}
	return picked, ""
}

func typedOne(text string, offered []Choice) ([]Choice, Reason) {
	want := plainLabel(text)
	if want == "" {
		return nil, ReasonChoice
	}
	match := func(f func(c Choice) bool) (out []Choice) {
		for _, c := range offered {
			if f(c) {
				out = append(out, c)
			}
		}
		return out
	}
	if found := match(func(c Choice) bool { return plainLabel(c.Label) == want }); len(found) > 0 {
		return one(found)
	}
	if i, err := strconv.Atoi(plainDigits(want)); err == nil {
		if i >= 1 && i <= len(offered) {
			return offered[i-1 : i], ""
		}
	}
	if found := match(func(c Choice) bool { return strings.ToLower(c.Name) == want }); len(found) > 0 {
		return one(found)
	}
	if len([]rune(want)) < 2 {
		return nil, ReasonChoice
	}
	if found := match(func(c Choice) bool { return strings.HasPrefix(plainLabel(c.Label), want) }); len(found) > 0 {
		return one(found)
	}
	if found := match(func(c Choice) bool { return strings.Contains(plainLabel(c.Label), want) }); len(found) > 0 {
		return one(found)
	}
	return nil, ReasonChoice
}

// one accepts a single match; of several the person must choose.
func one(found []Choice) ([]Choice, Reason) {
	if len(found) > 1 {
		return found, ReasonAmbiguous
	}
	return found, ""
}
