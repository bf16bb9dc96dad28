package flows

import (
	"errors"
	"fmt"
)

// Check goes through all relevant questions, required and constraint, as it must
// be done before a submission. It returns the first that fails, or a nil error.
func (in *Instance) Check() (Position, *AnswerError) {
	in.budget = budgetStart
	for k := in.after(cursor{}); k.n != nil; k = in.after(k) {
		if k.n.Kind != QuestionNode {
			continue
		}
		if why := in.wrong(k); why != "" {
			return in.position(k.n, k.c), in.refuse(k, why)
		}
	}
	return Position{}, nil
}

func (in *Instance) wrong(k cursor) Reason {
	n, c := k.n, k.c
	if in.stops(k) {
		return ReasonStop
	}
	if n.Type.Control == "" || n.Type.Name == "note" || n.silent {
		return ""
	}
	value := c.text(n)
	switch {
	case value != "":
		if !in.accepts(n, c, value) && !c.has(n, flagFixed) {
			return ReasonConstraint
		}
	case n.required != nil && !c.has(n, flagFixed) && in.test(n.required, n, c):
		return ReasonRequired
	}
	return ""
}

// Finish checks everything and gives the submission. If a question fails, the
// cursor goes to it and the error is an *AnswerError. An instance may be
// finished again after more answers.
func (in *Instance) Finish() (*Submission, error) {
	at, bad := in.Check()
	if bad != nil {
		in.cursor = in.at(at)
		in.resetPending()
		return nil, bad
	}
	now := in.now()
	for _, n := range in.form.ends {
		in.setEnd(n, now.Format(dateTimeLayout))
	}
	in.recalculate()
	s := &Submission{
		ID: in.id, FormID: in.form.ID, Version: in.form.Version, Hash: in.form.Hash,
		Language: in.form.Languages[in.lang].Name, Started: in.started, Finished: now,
	}
	if in.form.name != nil {
		s.InstanceName = in.compute(in.form.name, in.form.Root, in.root)
	}
	s.Data = in.record(in.form.Root, in.root)
	if in.spent {
		return nil, errors.New("finish: the form's calculations take more work than allowed")
	}
	return s, nil
}

func (in *Instance) setEnd(n *Node, text string) {
	if n.scope == in.form.Root.inner {
		in.setValue(n, in.root, text)
	}
}

// record gathers what is relevant in a group or repeat instance.
func (in *Instance) record(g *Node, c *container) Record {
	r := make(Record, 0, len(g.Children))
	for _, n := range g.Children {
		if c.isHidden(n) {
			continue
		}
		f := Field{Name: n.Name, Kind: n.Kind}
		switch n.Kind {
		case QuestionNode:
			f.Type, f.Text = n.Type.Name, c.text(n)
		case GroupNode:
			f.Records = []Record{in.record(n, c)}
		case RepeatNode:
			for _, k := range c.active(n) {
				f.Records = append(f.Records, in.record(n, k))
			}
		}
		r = append(r, f)
	}
	return r
}

// Open makes an instance of a submission, to correct it: the answers are there,
// all of them passed. Its ID is the submission's.
func (f *Form) Open(w World, s *Submission) (*Instance, error) {
	if s.FormID != f.ID {
		return nil, fmt.Errorf("open: the submission is of form %q, not %q", s.FormID, f.ID)
	}
	in := f.instance(w)
	in.budget = budgetStart
	in.id, in.started = s.ID, s.Started.In(in.world.Zone)
	in.seed = in.world.Random()
	if i, ok := f.Language(s.Language); ok {
		in.lang = i
	}
	in.root = newContainer(f.Root.inner, nil, 0)
	in.held = 1
	in.load(f.Root, in.root, s.Data)
	in.enqueueAll(in.root)
	in.recalculate()
	in.cursor = in.next(cursor{})
	return in, nil
}

// load puts the fields of a record into a container; fields that the form does
// not have are left out.
func (in *Instance) load(g *Node, c *container, r Record) {
	for _, f := range r {
		n := g.child(f.Name)
		if n == nil || n.Kind != f.Kind {
			continue
		}
		switch n.Kind {
		case QuestionNode:
			c.put(n, f.Text)
			if n.Askable() {
				c.mark(n, flagPassed, true)
			}
		case GroupNode:
			for _, k := range f.Records {
				in.load(n, c, k)
			}
		case RepeatNode:
			b := &c.reps[n.rep]
			for _, k := range f.Records {
				if in.held >= MaxContainers || len(b.all) >= MaxInstances {
					break
				}
				x := newContainer(n.inner, c, len(b.all))
				in.held++
				b.all = append(b.all, x)
				b.live = len(b.all)
				in.load(n, x, k)
			}
			c.mark(n, flagPassed, true)
		}
	}
}
