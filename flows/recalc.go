package flows

import (
	"math"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows/xpath"
)

// A job is a property to work out in one container.
type job struct {
	p *prop
	c *container
}

// enqueue notes that a property may have changed.
func (in *Instance) enqueue(p *prop, c *container) {
	j := job{p, c}
	if in.queued == nil {
		in.queued = map[job]bool{}
	}
	if in.queued[j] {
		return
	}
	in.queued[j] = true
	// a heap by rank; equal ranks in the order they came
	in.queue = append(in.queue, j)
	q := in.queue
	for i := len(q) - 1; i > 0; {
		up := (i - 1) / 2
		if !less(q[i], q[up]) {
			break
		}
		q[i], q[up] = q[up], q[i]
		i = up
	}
}

func less(a, b job) bool {
	if a.p.rank != b.p.rank {
		return a.p.rank < b.p.rank
	}
	return a.c != b.c && a.c.before(b.c)
}

func (in *Instance) pop() job {
	q := in.queue
	top := q[0]
	last := len(q) - 1
	q[0] = q[last]
	q = q[:last]
	in.queue = q
	for i := 0; ; {
		k := 2*i + 1
		if k >= last {
			break
		}
		if k+1 < last && less(q[k+1], q[k]) {
			k++
		}
		if !less(q[k], q[i]) {
			break
		}
		q[i], q[k] = q[k], q[i]
		i = k
	}
	delete(in.queued, top)
	return top
}

// enqueueAll notes every property in a container and those below it.
func (in *Instance) enqueueAll(c *container) {
	for _, n := range c.scope.nodes {
		in.enqueueNode(n, c)
	}
	for _, n := range c.scope.repeats {
		for _, k := range c.active(n) {
			in.enqueueAll(k)
		}
	}
}

func (in *Instance) enqueueNode(n *Node, c *container) {
	for _, p := range n.props {
		if p != nil {
			in.enqueue(p, c)
		}
	}
}

// changed notes all that reads a node, and what a new value of it triggers.
func (in *Instance) changed(n *Node, c *container) {
	in.reread(n, c)
	for _, t := range n.triggered {
		if top := c.up(lowest(n.scope, t.scope)); top != nil {
			top.each(t.scope, func(k *container) { in.fire(t, k) })
		}
	}
}

// reread notes all that reads a node.
func (in *Instance) reread(n *Node, c *container) {
	for _, r := range n.readers {
		top := c.up(r.common)
		if top == nil {
			continue
		}
		top.each(r.p.node.scope, func(k *container) { in.enqueue(r.p, k) })
	}
}

// changedBelow notes all that reads a node or anything in it. It triggers
// nothing: to come or go with its relevance is no new value.
func (in *Instance) changedBelow(n *Node, c *container) {
	in.reread(n, c)
	for _, k := range n.Children {
		switch {
		case n.Kind != RepeatNode:
			in.changedBelow(k, c)
		default:
			in.readersOf(k, c)
		}
	}
}

// readersOf notes what reads k, which stands inside a repeat of c, in any instance.
func (in *Instance) readersOf(k *Node, c *container) {
	for _, r := range k.readers {
		top := c.up(r.common)
		if top == nil {
			top = c // the reader stands inside the same repeat
		}
		top.each(r.p.node.scope, func(x *container) { in.enqueue(r.p, x) })
	}
	for _, x := range k.Children {
		in.readersOf(x, c)
	}
}

func (in *Instance) fire(t *Node, c *container) {
	for _, j := range in.fired {
		if j.p.node == t && j.c == c {
			return
		}
	}
	in.fired = append(in.fired, job{&prop{node: t}, c})
}

// room reports whether a text of n bytes still fits into what can be encoded. It
// is counted anew only when what was added might be too much.
func (in *Instance) room(n int) bool {
	if in.size+in.added+n <= maxHeld {
		return true
	}
	in.size, in.added = in.root.bytes(), 0
	return n == 0 || in.size+n <= maxHeld
}

// bytes is about what the answers in a container take when encoded.
func (c *container) bytes() int {
	total := 0
	for _, x := range c.cells {
		total += len(x.text) + 6
	}
	for i := range c.reps {
		for _, k := range c.reps[i].all {
			total += 8 + k.bytes()
		}
	}
	return total
}

// setValue stores a value and notes what follows of it. Names that are no
// choices, as a calculation may give, are left out.
func (in *Instance) setValue(n *Node, c *container, text string) {
	text = n.listed(text)
	in.added += len(text)
	if c.put(n, text) {
		in.changed(n, c)
	}
}

// recalculate works out all that was noted, dependencies first, and what is new,
// and then runs the triggers that fired, until nothing changes.
func (in *Instance) recalculate() {
	for hops := 0; ; hops++ {
		in.settleQueue()
		for len(in.fresh)+len(in.grown) > 0 {
			in.settleFresh()
		}
		clear(in.visits)
		if len(in.fired) == 0 || hops >= maxTriggerHops {
			in.fired = in.fired[:0]
			return
		}
		fired := append([]job(nil), in.fired...)
		in.fired = in.fired[:0]
		for _, j := range fired {
			v := ""
			if j.p.node.calc != nil {
				v = in.compute(j.p.node.calc, j.p.node, j.c)
			}
			in.setValue(j.p.node, j.c, v)
		}
	}
}

// settleFresh works out what is new: defaults first.
func (in *Instance) settleFresh() {
	fresh, grown := in.fresh, in.grown
	in.fresh, in.grown = nil, nil
	for _, c := range fresh {
		in.dynamicDefaults(c)
	}
	for _, k := range grown {
		in.changedBelow(k.n, k.c)
	}
	for _, c := range fresh {
		in.enqueueAll(c)
	}
	in.settleQueue()
}

// settleQueue works out all that was noted.
func (in *Instance) settleQueue() {
	for len(in.queue) > 0 {
		j := in.pop()
		if in.visits == nil {
			in.visits = map[job]int{}
		}
		if in.visits[j]++; in.visits[j] > maxPasses {
			continue // instances of a repeat that read one another in a circle
		}
		in.evaluate(j)
	}
}

func (in *Instance) evaluate(j job) {
	n, c := j.p.node, j.c
	if j.p.kind == propRelevant {
		if n.Parent.local >= 0 && n.Parent.scope == c.scope && c.isHidden(n.Parent) {
			return // it is looked at again when the group shows
		}
		in.setHidden(n, c, !in.test(j.p.e, n, c))
		return
	}
	if c.hiddenEffective(n) {
		return // likewise
	}
	switch j.p.kind {
	case propCalc:
		v := in.compute(j.p.e, n, c)
		if !in.room(len(v)) {
			v = ""
		}
		in.setValue(n, c, v)
		if n.filter != nil {
			in.dropVanished(n, c)
		}
	case propFilter:
		in.dropVanished(n, c)
	case propCount:
		in.resize(n, c, in.number(j.p.e, n, c))
	}
}

// setHidden shows or hides a node and what is in it.
func (in *Instance) setHidden(n *Node, c *container, hide bool) {
	if c.isHidden(n) == hide {
		return
	}
	c.setHidden(n, hide)
	in.reread(n, c)
	if hide {
		for _, k := range n.Children {
			if n.Kind == RepeatNode {
				in.readersOf(k, c)
			} else {
				in.setHidden(k, c, true)
			}
		}
		return
	}
	if n.Kind == RepeatNode {
		for _, k := range c.active(n) {
			in.enqueueAll(k)
		}
		for _, k := range n.Children {
			in.readersOf(k, c)
		}
	}
	for kind, p := range n.props {
		if p != nil && propKind(kind) != propRelevant {
			in.enqueue(p, c)
		}
	}
	if n.Kind != GroupNode {
		return
	}
	for _, k := range n.Children {
		if p := k.props[propRelevant]; p != nil {
			in.enqueue(p, c)
		} else {
			in.setHidden(k, c, false)
		}
	}
}

// dropVanished clears what the filter no longer offers.
func (in *Instance) dropVanished(n *Node, c *container) {
	value := c.text(n)
	if value == "" {
		return
	}
	offered := map[string]bool{}
	if n.fromRepeat != nil {
		for _, x := range in.repeatChoices(n, c) {
			offered[x.Name] = true
		}
	} else {
		for _, i := range in.filtered(n, c) {
			offered[n.List.Choices[i].Name] = true
		}
	}
	if !n.Type.Multiple() {
		if !offered[value] {
			in.setValue(n, c, "")
			c.mark(n, flagPassed, false)
		}
		return
	}
	var keep []string
	for _, w := range strings.Fields(value) {
		if offered[w] {
			keep = append(keep, w)
		}
	}
	in.setValue(n, c, strings.Join(keep, " "))
	if len(keep) == 0 {
		c.mark(n, flagPassed, false)
	}
}

// resize gives a counted repeat its number of instances.
func (in *Instance) resize(n *Node, c *container, count float64) {
	want := 0
	if count > 0 { // not NaN
		want = int(math.Min(count, MaxInstances))
	}
	b := &c.reps[n.rep]
	if want == b.live {
		return
	}
	if want < b.live {
		b.live = want
		in.changedBelow(n, c)
		return
	}
	in.grow(c, n, want, false)
	in.grown = append(in.grown, cursor{n, c})
}

// compute evaluates an expression and writes its value as it is stored: blank
// for NaN, truncated on an integer row.
func (in *Instance) compute(e *expr, n *Node, c *container) string {
	v, ok := in.eval(e, n, c)
	if !ok {
		return ""
	}
	s := ""
	switch v.Kind() {
	case xpath.KindNumber:
		x := v.Number()
		if math.IsNaN(x) {
			return "" // a text 'NaN', as questionnaires write it on purpose, is stored
		}
		if n.Kind == QuestionNode && n.Type.Bind == "int" {
			x = math.Trunc(x)
		}
		s = xpath.FormatNumber(x)
	default:
		s = v.String()
		if dated(v) && n.Kind == QuestionNode {
			s = in.dateAs(n.Type.Bind, s)
		}
		if n.Kind == QuestionNode && n.Type.Bind == "int" {
			if x, err := strconv.ParseFloat(s, 64); err == nil && x != math.Trunc(x) {
				s = xpath.FormatNumber(math.Trunc(x))
			}
		}
	}
	if len(s) > MaxAnswer {
		s = strings.ToValidUTF8(s[:MaxAnswer], "")
	}
	return s
}

// dated reports whether a value is a date or the answer to a question for one.
func dated(v xpath.Value) bool {
	switch v.Kind() {
	case xpath.KindDate:
		return true
	case xpath.KindLeaf:
		return v.LeafType() == xpath.DateLeaf
	case xpath.KindNodes:
		nodes := v.Nodes()
		return len(nodes) > 0 && nodes[0].Type() == xpath.DateLeaf
	}
	return false
}

// dateAs writes a date or moment as a row of this type holds it: the day of a
// moment, the midnight of a day.
func (in *Instance) dateAs(bind, s string) string {
	moment, day := strings.Contains(s, "T"), len(s) == len(dateLayout)
	switch {
	case moment && (bind == "date" || bind == "time"):
		t, err := time.Parse("2006-01-02T15:04:05.999Z07:00", s)
		if err != nil {
			return s
		}
		if t = t.In(in.world.Zone); bind == "date" {
			return t.Format(dateLayout)
		}
		return t.Format(timeLayout)
	case day && bind == "dateTime":
		if t, err := time.ParseInLocation(dateLayout, s, in.world.Zone); err == nil {
			return t.Format(dateTimeLayout)
		}
	}
	return s
}

func (in *Instance) test(e *expr, n *Node, c *container) bool {
	v, ok := in.eval(e, n, c)
	return ok && v.Boolean()
}

func (in *Instance) number(e *expr, n *Node, c *container) float64 {
	v, ok := in.eval(e, n, c)
	if !ok {
		return 0
	}
	return v.Number()
}

// eval evaluates an expression that belongs to n in container c. ok is false if
// it failed: too much work, or a function refused its arguments.
func (in *Instance) eval(e *expr, n *Node, c *container) (v xpath.Value, ok bool) {
	ctx := in.context(e, n, c)
	v, err := e.x.Eval(&ctx)
	if err != nil {
		in.spent = in.spent || in.budget <= 0
		return v, false
	}
	return v, true
}

func (in *Instance) context(e *expr, n *Node, c *container) xpath.Context {
	ctx := xpath.Context{Env: &in.env, Budget: &in.budget, Scope: c}
	if e.needNode {
		var node xpath.Node
		if n.Kind == RepeatNode {
			// the count of a repeat stands where the repeat does
			node = inode{in, c, n.Parent}
		} else {
			node = inode{in, c, n}
		}
		ctx.Node, ctx.Current = node, node
	}
	return ctx
}
