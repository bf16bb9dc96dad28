package flows

import (
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows/xpath"
)

// An Instance is an interview under way: answers and a cursor. It is not safe
// for concurrent use. Encode keeps it between two messages.
type Instance struct {
	form    *Form
	world   World
	id      string
	started time.Time
	seed    uint64 // of randomize and random()
	drawn   uint64 // numbers drawn from it so far
	lang    int
	root    *container
	held    int // containers there are
	size    int // in bytes, when it was read, written or counted; 0 if it is new
	added   int // bytes of the values stored since

	cursor  cursor
	pending string // taps of a select_multiple, or points, not yet taken as an answer
	touched bool   // pending is set, be it empty

	quoting bool // texts are made for a person to see

	env    env
	budget int
	spent  bool // the budget ran out
	queue  []job
	queued map[job]bool
	visits map[job]int
	fired  []job        // triggers whose question changed
	fresh  []*container // new, without their dynamic defaults so far
	grown  []cursor     // repeats with new instances, whose readers are not yet noted
}

// A cursor is where the interview is: a question or repeat in a container. A
// nil node is the end.
type cursor struct {
	n *Node
	c *container
}

// Start begins an interview.
func (f *Form) Start(w World, o StartOptions) (*Instance, error) {
	in := f.instance(w)
	in.started = in.now()
	in.seed = in.world.Random()
	in.id = o.ID
	if in.id == "" {
		in.id = in.world.NewID()
	}
	if o.Language != "" {
		in.lang, _ = f.Language(o.Language)
	}
	in.root = newContainer(f.Root.inner, nil, 0)
	in.held = 1
	in.metadata(o)
	in.budget = budgetStart
	in.fill(in.root, true)
	in.recalculate()
	in.lastSaved(o.Last)
	if err := in.prefill(o.Prefill, flagPassed|flagFixed); err != nil {
		return nil, err
	}
	if err := in.prefill(o.Defaults, 0); err != nil {
		return nil, err
	}
	in.cursor = in.next(cursor{})
	return in, nil
}

// instance makes an empty instance of the form.
func (f *Form) instance(w World) *Instance {
	in := &Instance{form: f, world: w, lang: f.Default, budget: budgetTurn}
	if in.world.Now == nil {
		in.world.Now = time.Now
	}
	if in.world.Zone == nil {
		in.world.Zone = time.UTC
	}
	if in.world.Random == nil {
		in.world.Random = systemRandom
	}
	if in.world.NewID == nil {
		in.world.NewID = func() string { return uuidOf(in.world.Random(), in.world.Random()) }
	}
	in.env.in = in
	return in
}

func systemRandom() uint64 {
	var b [8]byte
	_, _ = crand.Read(b[:]) // never fails on the systems Go supports
	return binary.LittleEndian.Uint64(b[:])
}

// uuidOf makes a version 4 UUID (RFC 9562) of 128 random bits.
func uuidOf(hi, lo uint64) string {
	hi = hi&^(0xf<<12) | 4<<12
	lo = lo&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&(1<<48-1))
}

func (in *Instance) now() time.Time { return in.world.Now().In(in.world.Zone) }

// Form returns the form it is an instance of.
func (in *Instance) Form() *Form { return in.form }

// ID is the instanceID without "uuid:".
func (in *Instance) ID() string { return in.id }

// Started is when the interview began.
func (in *Instance) Started() time.Time { return in.started }

// Language is the index into Form.Languages of the language in use.
func (in *Instance) Language() int { return in.lang }

// SetLanguage changes the language. What the form computes of labels follows.
func (in *Instance) SetLanguage(lang int) {
	if lang < 0 || lang >= len(in.form.Languages) || lang == in.lang {
		return
	}
	in.lang = lang
	in.budget = budgetTurn
	for _, p := range in.form.langDep {
		in.root.each(p.node.scope, func(c *container) { in.enqueue(p, c) })
	}
	in.recalculate()
	in.settle()
}

// XForms writes date-times in ISO 8601 with milliseconds and offset.
const (
	dateTimeLayout = "2006-01-02T15:04:05.000Z07:00"
	dateLayout     = "2006-01-02"
	timeLayout     = "15:04:05.000Z07:00"
)

// metadata fills the questions that nobody is asked.
func (in *Instance) metadata(o StartOptions) {
	for _, n := range in.form.Nodes {
		if n.Kind != QuestionNode || n.scope != in.form.Root.inner || !metadata[n.Type.Name] {
			continue
		}
		switch n.Type.Name {
		case "start":
			in.root.put(n, in.started.In(in.world.Zone).Format(dateTimeLayout))
		case "today":
			in.root.put(n, in.started.In(in.world.Zone).Format(dateLayout))
		case "deviceid":
			in.root.put(n, o.DeviceID)
		case "username":
			in.root.put(n, o.Username)
		case "phonenumber":
			in.root.put(n, o.Phone)
		case "email":
			in.root.put(n, o.Email)
		}
	}
}

// fill gives a new container its static defaults and first instances. Its dynamic
// defaults and computed values come with the next recalculation: many instances
// made at once are worked out at once.
// first says that every open repeat inside has its first instance.
func (in *Instance) fill(c *container, first bool) {
	for _, n := range c.scope.nodes {
		if n.static != "" && n.Kind == QuestionNode {
			c.put(n, in.normalDefault(n))
		}
	}
	// An interview starts with one instance of each open repeat. In one that is
	// added later, a repeat right inside is asked for first, and one in a group has
	// its first instance, as the templates of the standard's compiler are.
	for _, n := range c.scope.repeats {
		if n.count == nil && (first || n.Parent.Kind == GroupNode) {
			in.grow(c, n, 1, true)
		}
	}
	in.fresh = append(in.fresh, c)
}

func (in *Instance) normalDefault(n *Node) string {
	switch n.Type.Bind {
	case "date", "time", "dateTime":
		if v, reason := parseDated(n, n.static, in.reading()); reason == "" {
			return v
		}
		return ""
	}
	return n.static
}

// dynamicDefaults works out the defaults of a new container, top to bottom, and
// what reads them; only then is all else of it computed, as in other engines. So a
// default that reads a calculation finds it blank, unless that follows from an
// answer or a default above.
func (in *Instance) dynamicDefaults(c *container) {
	for _, n := range c.scope.nodes {
		if n.def == nil {
			continue
		}
		if v := in.compute(n.def, n, c); v != "" {
			in.setValue(n, c, v)
			in.settleQueue()
		}
	}
}

// lastSaved puts what was answered last time into the questions whose default
// asks for it.
func (in *Instance) lastSaved(last Record) {
	if last == nil || !in.form.LastSaved {
		return
	}
	for _, n := range in.root.scope.nodes {
		if n.saved == "" {
			continue
		}
		if text, _ := last.Get(n.saved); text != "" {
			in.setValue(n, in.root, text)
		}
	}
	in.recalculate()
}

// grow makes instances of a repeat until there are to of them; for first see fill.
func (in *Instance) grow(c *container, rep *Node, to int, first bool) {
	b := &c.reps[rep.rep]
	for b.live < to && b.live < MaxInstances {
		if b.live < len(b.all) {
			k := b.all[b.live] // it was cut off before, and comes back as it was
			b.live++
			in.enqueueAll(k)
			continue
		}
		if in.held >= MaxContainers {
			return
		}
		k := newContainer(rep.inner, c, b.live)
		in.held++
		b.all = append(b.all, k)
		b.live++
		// a counted repeat has its first instance from the start, be it shown or not
		in.fill(k, first || rep.count != nil && k.pos == 0 && (c.initial() || rep.Parent.Kind == GroupNode))
	}
}

// prefill stores answers that came with an entry link.
func (in *Instance) prefill(answers map[string]string, flags uint8) error {
	for _, key := range sortedKeys(answers) {
		value := answers[key]
		if value == "" {
			continue
		}
		n, c := in.lookup(key)
		if n == nil {
			if n = in.form.Question(key); n == nil || n.scope != in.form.Root.inner {
				return fmt.Errorf("prefill: there is no question %q", key)
			}
			c = in.root
		}
		if n.List != nil && len(n.List.Choices) > 0 {
			for _, w := range strings.Fields(value) {
				if n.List.Find(w) < 0 {
					return fmt.Errorf("prefill: %q is not a choice of %q", w, key)
				}
			}
		}
		in.setValue(n, c, value)
		if flags != 0 && n.Askable() {
			c.mark(n, flags, true)
		}
	}
	in.recalculate() // once all are there: a district may need its province
	in.settle()
	return nil
}

// Position is where a node in a container is.
func (in *Instance) position(n *Node, c *container) Position {
	if n == nil {
		return Position{}
	}
	return Position{Node: n.ID, In: c.path()}
}

// path gives the place of a container among its siblings and those around it, as "2.1".
func (c *container) path() string {
	if c.parent == nil {
		return ""
	}
	if p := c.parent.path(); p != "" {
		return p + "." + strconv.Itoa(c.pos+1)
	}
	return strconv.Itoa(c.pos + 1)
}

// at finds what a position means now; nil if it is gone.
func (in *Instance) at(p Position) cursor {
	n := in.form.byID[p.Node]
	if n == nil || n.Parent == nil {
		return cursor{}
	}
	var chain []*Node
	for s := n.scope; s.parent != nil; s = s.parent {
		chain = append(chain, s.node)
	}
	c, rest := in.root, p.In
	for i := len(chain) - 1; i >= 0; i-- {
		var word string
		word, rest, _ = strings.Cut(rest, ".")
		k, err := strconv.Atoi(word)
		live := c.active(chain[i])
		if err != nil || k < 1 || k > len(live) {
			return cursor{}
		}
		c = live[k-1]
	}
	if rest != "" {
		return cursor{}
	}
	return cursor{n, c}
}

// Ref writes a node in a container as "/member[2]/name"; a repeat without its
// number.
func (in *Instance) ref(n *Node, c *container) string {
	if n == nil {
		return ""
	}
	if n.scope.parent == nil {
		return n.Path
	}
	rep := n.scope.node
	return in.instanceRef(rep, c) + n.Path[len(rep.Path):]
}

// instanceRef writes the instance c of a repeat as "/member[2]".
func (in *Instance) instanceRef(rep *Node, c *container) string {
	return in.ref(rep, c.parent) + "[" + strconv.Itoa(c.pos+1) + "]"
}

// lookup finds the node and container of a ref: of "/member[2]" that instance,
// of "/member" the repeat and the container around it. Elsewhere a step without
// a number means the first instance.
func (in *Instance) lookup(ref string) (*Node, *container) {
	n, c := in.form.Root, in.root
	steps := strings.Split(strings.TrimPrefix(ref, "/"), "/")
	for i, step := range steps {
		name, num, numbered := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		n = n.child(name)
		if n == nil {
			return nil, nil
		}
		if n.Kind != RepeatNode || (!numbered && i == len(steps)-1) {
			continue
		}
		at := 1
		if numbered {
			at, _ = strconv.Atoi(num)
		}
		live := c.active(n)
		if at < 1 || at > len(live) {
			return nil, nil
		}
		c = live[at-1]
	}
	return n, c
}

func (n *Node) child(name string) *Node {
	for _, k := range n.Children {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// Value returns the stored value of a ref, as "/member[2]/name"; ok is false if
// there is no such node or it is not relevant now.
func (in *Instance) Value(ref string) (value string, ok bool) {
	n, c := in.lookup(ref)
	if n == nil || n.Kind != QuestionNode || c.hiddenEffective(n) {
		return "", false
	}
	return c.text(n), true
}

// Find returns the position of a ref; ok is false if there is no such node or
// it is not relevant now.
func (in *Instance) Find(ref string) (at Position, ok bool) {
	n, c := in.lookup(ref)
	if n == nil || n.Kind != QuestionNode || c.hiddenEffective(n) {
		return Position{}, false
	}
	return in.position(n, c), true
}

// leaf is the text of a question as an expression reads it.
func (in *Instance) leaf(c *container, n *Node) string { return c.text(n) }

// refText is what a ${name} in a text shows.
func (in *Instance) refText(b *binding, c *container) string {
	n := b.target
	if n == blankNode {
		return ""
	}
	if in.quoting && n.written() {
		return in.world.Quote(in.plainRef(n, c))
	}
	return in.plainRef(n, c)
}

// written reports whether an answer is what somebody wrote, not what the form's
// author did.
func (n *Node) written() bool {
	if n.Kind != QuestionNode {
		return false
	}
	switch n.Type.Name {
	case "text", "barcode", "username", "email", "phonenumber":
		return true
	}
	return n.fromRepeat != nil
}

// forPeople says that texts are made for a person to see, until the function that
// it returns is called.
func (in *Instance) forPeople() func() {
	was := in.quoting
	in.quoting = in.world.Quote != nil
	return func() { in.quoting = was }
}

func (in *Instance) plainRef(n *Node, c *container) string {
	k := c
	for k.scope != n.scope && !n.scope.within(k.scope) {
		k = k.parent
	}
	if k.scope == n.scope && n.Kind == QuestionNode {
		if k.hiddenEffective(n) {
			return ""
		}
		return in.shownText(n, k)
	}
	for _, x := range in.collect(nil, k, n) {
		if t := x.Text(); t != "" {
			return t
		}
	}
	return ""
}

// shownText is a value as a sentence shows it: numbers and names as they are.
func (in *Instance) shownText(n *Node, c *container) string { return c.text(n) }

// within reports whether s lies in outer, or is it.
func (s *scope) within(outer *scope) bool {
	for ; s != nil; s = s.parent {
		if s == outer {
			return true
		}
	}
	return false
}

var _ xpath.Node = inode{}
