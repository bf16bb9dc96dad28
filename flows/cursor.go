package flows

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// after gives what comes behind at in the document: a relevant question, or the
// end of an open repeat, where another instance can be asked for. The zero
// cursor stands before everything, one with only a container behind everything.
func (in *Instance) after(at cursor) cursor {
	c, i := at.c, 0
	switch {
	case at.n != nil:
		i = at.n.local + 1
	case c != nil:
		return at
	default:
		c = in.root
	}
	for {
		for i < len(c.scope.nodes) {
			n := c.scope.nodes[i]
			i++
			if n.Kind == GroupNode || c.isHidden(n) {
				continue
			}
			if n.Kind == QuestionNode {
				return cursor{n, c}
			}
			if live := c.active(n); len(live) > 0 {
				c, i = live[0], 0
				continue
			}
			return cursor{n, c}
		}
		if c.parent == nil {
			return cursor{nil, c}
		}
		rep := c.scope.node
		if live := c.parent.active(rep); c.pos+1 < len(live) {
			c, i = live[c.pos+1], 0
			continue
		}
		return cursor{rep, c.parent}
	}
}

// before gives what stands in front of at; the zero cursor if nothing does.
func (in *Instance) before(at cursor) cursor {
	c, i := at.c, 0
	switch {
	case at.n == nil && c == nil:
		return at
	case at.n == nil:
		c, i = in.root, len(in.root.scope.nodes)-1
	case at.n.Kind == RepeatNode:
		if live := c.active(at.n); len(live) > 0 {
			c = live[len(live)-1]
			i = len(c.scope.nodes) - 1
			break
		}
		i = at.n.local - 1
	default:
		i = at.n.local - 1
	}
	for {
		for i >= 0 {
			n := c.scope.nodes[i]
			i--
			if n.Kind == GroupNode || c.isHidden(n) {
				continue
			}
			return cursor{n, c}
		}
		if c.parent == nil {
			return cursor{}
		}
		rep := c.scope.node
		if c.pos > 0 {
			c = c.parent.active(rep)[c.pos-1]
			i = len(c.scope.nodes) - 1
			continue
		}
		c, i = c.parent, rep.local-1
	}
}

// asks tells whether the interview asks something at this place.
func (in *Instance) asks(at cursor) bool {
	n, c := at.n, at.c
	if n.Kind == RepeatNode {
		return n.count == nil && !in.fixedRepeat(n, c)
	}
	return n.Askable() && !n.heads && !in.locked(n, c)
}

// fixedRepeat tells whether no instance can be added any more.
func (in *Instance) fixedRepeat(n *Node, c *container) bool {
	return len(c.active(n)) >= MaxInstances || in.held >= MaxContainers
}

// locked tells whether a question may not be answered: it is read-only, or its
// answer came with the entry link.
func (in *Instance) locked(n *Node, c *container) bool {
	if n.readOnly != nil && in.test(n.readOnly, n, c) {
		return true
	}
	return c.has(n, flagFixed)
}

// stops tells whether this place is a stop sign: required and blank, yet not to
// be answered, as a required note or a read-only question whose calculation
// gives nothing. Only other answers take it away.
func (in *Instance) stops(at cursor) bool {
	n, c := at.n, at.c
	if n.Kind != QuestionNode || n.required == nil || n.Type.Control == "" || n.silent || c.has(n, flagFixed) {
		return false
	}
	note := n.Type.Name == "note"
	if !note && (n.readOnly == nil || c.text(n) != "" || !in.test(n.readOnly, n, c)) {
		return false
	}
	return in.test(n.required, n, c)
}

// next finds what to ask behind at: the first question not passed yet, in
// document order, and from the beginning if there is none behind.
func (in *Instance) next(at cursor) cursor {
	for k := in.after(at); k.n != nil; k = in.after(k) {
		if in.open(k) {
			return k
		}
	}
	for k := in.after(cursor{}); k.n != nil; k = in.after(k) {
		if k == at {
			if in.open(k) {
				return k
			}
			break
		}
		if in.open(k) {
			return k
		}
	}
	return cursor{nil, in.root}
}

func (in *Instance) open(k cursor) bool {
	return in.stops(k) || !k.c.has(k.n, flagPassed) && in.asks(k)
}

// settle moves the cursor on if what it stood at is gone.
func (in *Instance) settle() {
	at := in.cursor
	if at.n == nil {
		in.cursor = in.next(cursor{})
		return
	}
	if !in.alive(at.c) || at.c.hiddenEffective(at.n) || (!in.stops(at) && !in.asks(at)) {
		in.resetPending()
		in.cursor = in.next(cursor{})
	}
}

// alive tells whether a container still counts.
func (in *Instance) alive(c *container) bool {
	for ; c.parent != nil; c = c.parent {
		live := c.parent.active(c.scope.node)
		if c.pos >= len(live) || live[c.pos] != c {
			return false
		}
	}
	return c == in.root
}

// Back goes to the relevant question before, passed or not. It reports false at
// the first. No answer is lost.
func (in *Instance) Back() bool {
	for k := in.before(in.cursor); k.n != nil; k = in.before(k) {
		if in.asks(k) {
			in.cursor = k
			in.resetPending()
			return true
		}
	}
	return false
}

// Goto goes to a question, as a review does. It reports false if there is
// nothing to answer there now.
func (in *Instance) Goto(at Position) bool {
	k := in.at(at)
	if k.n == nil || k.n.Kind == GroupNode || k.c.hiddenEffective(k.n) || !in.asks(k) {
		return false
	}
	in.cursor = k
	in.resetPending()
	return true
}

// Prompt says what to ask now.
func (in *Instance) Prompt() *Prompt {
	in.budget = budgetTurn
	defer in.forPeople()()
	at := in.cursor
	p := &Prompt{Kind: Complete, At: in.position(at.n, at.c)}
	p.Done, p.Total = in.progress()
	if at.n == nil {
		p.Notes = in.notes(at)
		return p
	}
	n, c := at.n, at.c
	if n.Askable() && c.has(n, flagPassed) {
		p.Done-- // who went back answers it anew
	}
	p.Node, p.Ref = n, in.ref(n, c)
	p.Groups = in.groups(n, c)
	p.Label, p.Hint = in.text(n.Label, c), in.text(n.Hint, c)
	if n.Kind == RepeatNode {
		p.Kind = AskRepeat
		if live := c.active(n); len(live) > 0 {
			p.Notes = in.notes(at)
		}
		return p
	}
	p.Kind = Ask
	p.Notes = in.notes(at)
	p.Guidance = in.text(n.Guidance, c)
	p.Media = in.media(n.Media, c)
	if in.stops(at) {
		p.Kind = Stop
		return p
	}
	p.Required = n.required != nil && in.test(n.required, n, c)
	p.Value, p.Pending = c.text(n), in.pending
	if n.Type.Multiple() {
		p.Pending = in.tapped(at)
	}
	if n.List != nil {
		p.Choices = in.choices(n, c)
	}
	return p
}

// notes gathers the notes between the question before and this place.
func (in *Instance) notes(at cursor) []Note {
	var out []Note
	section, instance := in.section(at)
	for k := in.before(at); k.n != nil; k = in.before(k) {
		n, c := k.n, k.c
		if n.Kind == RepeatNode {
			if in.asks(k) {
				break
			}
			continue
		}
		if in.asks(k) {
			break
		}
		if n.Type.Control == "" || n.silent || c.has(n, flagFixed) || in.stops(k) {
			continue
		}
		note := Note{Ref: in.ref(n, c), Label: in.text(n.Label, c), Hint: in.text(n.Hint, c), Media: in.media(n.Media, c)}
		if n.Type.Name != "note" {
			note.Node, note.Value = n, in.shown(n, c)
		}
		note.Before = section != nil && !(n.Within(section) && c.inside(instance))
		out = append(out, note)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// section is the innermost group with a label that a place stands in, and the
// container of what is in it.
func (in *Instance) section(at cursor) (*Node, *container) {
	if at.n == nil {
		return nil, nil
	}
	c := at.c
	for g := at.n.Parent; g != nil && g.Parent != nil; g = g.Parent {
		if in.text(g.Label, c) != "" {
			return g, c
		}
		if g.Kind == RepeatNode {
			c = c.parent
		}
	}
	return nil, nil
}

// groups gives the labels of what a node stands in, outermost first; a repeat's
// with the number of the instance.
func (in *Instance) groups(n *Node, c *container) []string {
	var out []string
	for g := n.Parent; g != nil && g.Parent != nil; g = g.Parent {
		inside := c
		if g.Kind == RepeatNode {
			c = c.parent
		}
		label := in.text(g.Label, inside)
		if label == "" {
			continue
		}
		if g.Kind == RepeatNode && (g.count == nil || len(c.active(g)) > 1) {
			label += " " + strconv.Itoa(inside.pos+1)
		}
		out = append([]string{label}, out...)
	}
	return out
}

func (in *Instance) media(m [3]Text, c *container) Media {
	return Media{Image: in.text(m[Image], c), Audio: in.text(m[Audio], c), Video: in.text(m[Video], c)}
}

// progress counts the questions passed and those that are relevant, without the
// ones that came answered.
func (in *Instance) progress() (done, total int) {
	var visit func(c *container)
	visit = func(c *container) {
		word := binary.LittleEndian.Uint64
		for i := 0; i < len(c.scope.askable); i += 8 { // 64 questions at once
			b := word(c.scope.askable[i:]) &^ word(c.hidden[i:])
			if c.fixed != nil {
				b &^= word(c.fixed[i:])
			}
			total += bits.OnesCount64(b)
			done += bits.OnesCount64(b & word(c.passed[i:]))
		}
		for _, rep := range c.scope.repeats {
			if !c.isHidden(rep) {
				for _, k := range c.active(rep) {
					visit(k)
				}
			}
		}
	}
	visit(in.root)
	return done, total
}

// Answers lists the answers given so far, in the form's order, for a review.
func (in *Instance) Answers() []Answered {
	in.budget = budgetTurn
	defer in.forPeople()()
	var out []Answered
	for k := in.after(cursor{}); k.n != nil; k = in.after(k) {
		n, c := k.n, k.c
		if n.Kind != QuestionNode || !n.Askable() {
			continue
		}
		value := c.text(n)
		if value == "" && !c.has(n, flagPassed) {
			continue
		}
		a := Answered{
			At: in.position(n, c), Node: n, Ref: in.ref(n, c), Label: in.text(n.Label, c),
			Value: value, Shown: in.shown(n, c), Fixed: in.locked(n, c),
		}
		if g := in.groups(n, c); len(g) > 0 {
			a.Group = g[len(g)-1]
		}
		out = append(out, a)
	}
	return out
}
