package flows

// A scope is a place where answers are kept: the form itself, or one repeat.
// Each pass through it is a container.
type scope struct {
	id      int
	node    *Node // the repeat; the root for the form itself
	parent  *scope
	depth   int
	nodes   []*Node // all nodes directly in it, by Node.local
	repeats []*Node // child repeats, by Node.rep
	askable []byte  // bit set by local: the question counts for progress
}

// below returns the child repeat of outer that s lies in.
func (s *scope) below(outer *scope) *Node {
	for s != nil && s.parent != outer {
		s = s.parent
	}
	if s == nil {
		return nil
	}
	return s.node
}

// A container is one pass through a scope: the answers that differ from blank.
type container struct {
	scope  *scope
	parent *container
	pos    int     // 0-based among the instances of its repeat
	cells  []cell  // by ascending node ID
	hidden []byte  // bit by Node.local: not relevant, groups around included
	passed []byte  // likewise: flagPassed, so that progress need not look at every cell
	fixed  []byte  // likewise: flagFixed; nil: none, as mostly
	reps   []batch // by Node.rep
}

// A batch is the instances of one repeat in one container. Those behind live
// were cut off by a count that went down, and return if it goes up again.
type batch struct {
	all  []*container
	live int
}

// A cell is a stored answer or computed value, with what became of its question.
type cell struct {
	id    int32
	flags uint8
	text  string
}

const (
	flagPassed uint8 = 1 << iota // asked, and answered or skipped; of a repeat: "no more" was said
	flagFixed                    // came with the entry link
)

// bits is how many bytes a bit for each node takes, filled up to whole words.
func (s *scope) bits() int { return (len(s.nodes) + 63) / 64 * 8 }

func newContainer(s *scope, parent *container, pos int) *container {
	n := s.bits()
	bits := make([]byte, 2*n)
	return &container{
		scope: s, parent: parent, pos: pos,
		hidden: bits[:n:n], passed: bits[n:],
		reps: make([]batch, len(s.repeats)),
	}
}

// find returns the place of a node's cell, and whether it is there.
func (c *container) find(id int) (int, bool) {
	lo, hi := 0, len(c.cells)
	if hi > 0 && int(c.cells[hi-1].id) < id {
		return hi, false // the usual case: answers come in order
	}
	for lo < hi {
		m := (lo + hi) / 2
		switch d := int(c.cells[m].id); {
		case d == id:
			return m, true
		case d < id:
			lo = m + 1
		default:
			hi = m
		}
	}
	return lo, false
}

func (c *container) get(n *Node) (cell, bool) {
	if i, ok := c.find(n.ID); ok {
		return c.cells[i], true
	}
	return cell{}, false
}

func (c *container) text(n *Node) string {
	if i, ok := c.find(n.ID); ok {
		return c.cells[i].text
	}
	return ""
}

func (c *container) has(n *Node, flag uint8) bool {
	x, _ := c.get(n)
	return x.flags&flag != 0
}

// put stores a text and reports whether it differs from before.
func (c *container) put(n *Node, text string) bool {
	i, ok := c.find(n.ID)
	if ok {
		if c.cells[i].text == text {
			return false
		}
		c.cells[i].text = text
		if text == "" && c.cells[i].flags == 0 {
			c.drop(i)
		}
		return true
	}
	if text == "" {
		return false
	}
	c.insert(i, cell{id: int32(n.ID), text: text})
	return true
}

// mark sets or clears a flag.
func (c *container) mark(n *Node, flag uint8, on bool) {
	c.note(n, flag, on)
	i, ok := c.find(n.ID)
	if !ok {
		if on {
			c.insert(i, cell{id: int32(n.ID), flags: flag})
		}
		return
	}
	if on {
		c.cells[i].flags |= flag
		return
	}
	c.cells[i].flags &^= flag
	if c.cells[i].flags == 0 && c.cells[i].text == "" {
		c.drop(i)
	}
}

// note keeps the bits in step with the flags of the cells.
func (c *container) note(n *Node, flag uint8, on bool) {
	if flag&flagPassed != 0 {
		setBit(c.passed, n.local, on)
	}
	if flag&flagFixed != 0 && (on || c.fixed != nil) {
		if c.fixed == nil {
			c.fixed = make([]byte, c.scope.bits())
		}
		setBit(c.fixed, n.local, on)
	}
}

func setBit(bits []byte, i int, on bool) {
	if on {
		bits[i>>3] |= 1 << (i & 7)
	} else {
		bits[i>>3] &^= 1 << (i & 7)
	}
}

func (c *container) insert(i int, x cell) {
	c.cells = append(c.cells, cell{})
	copy(c.cells[i+1:], c.cells[i:])
	c.cells[i] = x
}

func (c *container) drop(i int) {
	c.cells = append(c.cells[:i], c.cells[i+1:]...)
}

func (c *container) isHidden(n *Node) bool {
	if n.local < 0 {
		return false
	}
	return c.hidden[n.local>>3]&(1<<(n.local&7)) != 0
}

func (c *container) setHidden(n *Node, on bool) { setBit(c.hidden, n.local, on) }

// initial reports whether the container is the form or the first instance of
// each repeat around it.
func (c *container) initial() bool {
	for ; c != nil; c = c.parent {
		if c.pos != 0 {
			return false
		}
	}
	return true
}

// hiddenEffective also looks at the repeats around the container.
func (c *container) hiddenEffective(n *Node) bool {
	for {
		if c.isHidden(n) {
			return true
		}
		if c.parent == nil {
			return false
		}
		n, c = c.scope.node, c.parent
	}
}

// active returns the instances of a child repeat that count.
func (c *container) active(n *Node) []*container {
	b := &c.reps[n.rep]
	return b.all[:b.live]
}

// up returns the container of scope s that c lies in, or c itself.
func (c *container) up(s *scope) *container {
	for c != nil && c.scope != s {
		c = c.parent
	}
	return c
}

// before reports whether a comes before b in the document; both are of one scope.
func (a *container) before(b *container) bool {
	if a == b || a.parent == nil {
		return false
	}
	if a.parent == b.parent {
		return a.pos < b.pos
	}
	return a.parent.before(b.parent)
}

// each calls f for every live container of scope s below c, in order.
func (c *container) each(s *scope, f func(*container)) {
	if c.scope == s {
		f(c)
		return
	}
	rep := s.below(c.scope)
	if rep == nil {
		return
	}
	for _, k := range c.active(rep) {
		k.each(s, f)
	}
}

// inside reports whether a container is of, or in an instance within it.
func (c *container) inside(of *container) bool {
	for ; c != nil; c = c.parent {
		if c == of {
			return true
		}
	}
	return false
}
