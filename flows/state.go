package flows

import (
	"strings"
)

// AddRepeat makes one more instance of an open repeat, as "/member". The error
// is an *AnswerError.
func (in *Instance) AddRepeat(ref string) error {
	in.budget = budgetTurn
	n, c := in.lookup(ref)
	if n == nil || n.Kind != RepeatNode || strings.HasSuffix(ref, "]") {
		return &AnswerError{Ref: ref, Reason: ReasonMissing}
	}
	k := cursor{n, c}
	if c.hiddenEffective(n) {
		return in.refuse(k, ReasonRelevant)
	}
	if n.count != nil || in.fixedRepeat(n, c) {
		return in.refuse(k, ReasonReadOnly)
	}
	in.add(n, c)
	in.settle()
	return nil
}

// RemoveRepeat deletes an instance of an open repeat, as "/member[2]"; those
// behind it move up.
func (in *Instance) RemoveRepeat(ref string) error {
	in.budget = budgetTurn
	if !strings.HasSuffix(ref, "]") {
		return &AnswerError{Ref: ref, Reason: ReasonMissing}
	}
	n, x := in.lookup(ref)
	if n == nil || n.Kind != RepeatNode {
		return &AnswerError{Ref: ref, Reason: ReasonMissing}
	}
	c := x.parent
	if n.count != nil || c.hiddenEffective(n) {
		return in.refuse(cursor{n, c}, ReasonReadOnly)
	}
	b := &c.reps[n.rep]
	b.all = append(b.all[:x.pos], b.all[x.pos+1:]...)
	b.live--
	in.held -= x.count()
	for i, k := range b.all {
		k.pos = i
	}
	in.changedBelow(n, c)
	for _, k := range b.all[:b.live] {
		in.enqueueAll(k)
	}
	in.recalculate()
	in.settle()
	return nil
}

// count is the number of containers in c, itself included.
func (c *container) count() int {
	total := 1
	for i := range c.reps {
		for _, k := range c.reps[i].all {
			total += k.count()
		}
	}
	return total
}

// Set answers a question by ref with a value as the form stores it, and leaves
// the cursor where it can be. The error is an *AnswerError.
func (in *Instance) Set(ref, value string) error {
	n, c := in.lookup(ref)
	if n == nil || n.Kind != QuestionNode {
		return &AnswerError{Ref: ref, Reason: ReasonMissing}
	}
	x := Input{Value: &value}
	if value == "" {
		x = Input{Skip: true}
	}
	return in.Answer(in.position(n, c), x)
}

// State gives everything there is to see.
func (in *Instance) State() *State {
	in.budget = budgetStart
	s := &State{
		Visible: []string{}, Required: []string{}, ReadOnly: []string{},
		Values: map[string]string{}, Labels: map[string]string{}, Hints: map[string]string{}, Choices: map[string][]Choice{},
	}
	lists := map[*List][]Choice{}
	for k := in.after(cursor{}); k.n != nil; k = in.after(k) {
		n, c := k.n, k.c
		if n.Kind != QuestionNode {
			continue
		}
		ref := in.ref(n, c)
		s.Values[ref] = c.text(n)
		if n.Type.Control == "" || n.silent {
			continue
		}
		s.Visible = append(s.Visible, ref)
		s.Labels[ref] = in.stateText(n.Label, c)
		if h := in.stateText(n.Hint, c); h != "" {
			s.Hints[ref] = h
		}
		if n.List != nil {
			whole := c == in.root && n.filter == nil && n.fromRepeat == nil && n.Parameters["randomize"] != "true"
			list := lists[n.List]
			if list == nil || !whole {
				list = in.choices(n, c)
			}
			if s.Choices[ref] = list; whole {
				lists[n.List] = list // the same for every question that offers all of it
			}
		}
		if n.required != nil && in.test(n.required, n, c) {
			s.Required = append(s.Required, ref)
		}
		if n.Type.Name == "note" || n.readOnly != nil && in.test(n.readOnly, n, c) {
			s.ReadOnly = append(s.ReadOnly, ref)
		}
	}
	return s
}

// stateText is a text with its spaces folded. One that lacks a translation is
// "-", as the standard's compiler writes it, where a prompt falls back to
// another language.
func (in *Instance) stateText(t Text, c *container) string {
	if !t.Empty() && !t.plain && !t.Has(in.lang) {
		return "-"
	}
	return strings.Join(strings.Fields(in.text(t, c)), " ")
}

// MissingTranslations lists the translatable cells that some language lacks
// although another has them.
func (f *Form) MissingTranslations() Problems {
	var out Problems
	if len(f.Languages) < 2 {
		return nil
	}
	check := func(t Text, sheet string, row int, column string) {
		if t.Empty() {
			return
		}
		for i, l := range f.Languages {
			if !t.Has(i) {
				out = append(out, Problem{Severity: Warning, Sheet: sheet, Row: row, Column: column + "::" + l.Name,
					Message: "the translation into " + l.Name + " is missing", Hint: "until then the text is shown in " + f.Languages[f.Default].Name})
			}
		}
	}
	for _, n := range f.Nodes {
		if n.OrOther {
			continue
		}
		check(n.Label, "survey", n.Row, "label")
		check(n.Hint, "survey", n.Row, "hint")
		check(n.Guidance, "survey", n.Row, "guidance_hint")
		check(n.ConstraintMessage, "survey", n.Row, "constraint_message")
		check(n.RequiredMessage, "survey", n.Row, "required_message")
	}
	for _, name := range sortedKeys(f.Lists) {
		for i := range f.Lists[name].Choices {
			if d := &f.Lists[name].Choices[i]; d.Row > 0 {
				check(d.Label, "choices", d.Row, "label")
			}
		}
	}
	return out
}
