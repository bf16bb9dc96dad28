package flows

import (
	"slices"
	"strings"
)

// ChangeKind tells what a Change is.
type ChangeKind string

// The kinds of changes. A question is one that holds answers; notes do not.
const (
	OtherForm        ChangeKind = "form_id"         // the form_id differs: another form
	SameVersion      ChangeKind = "version"         // something below differs, and settings call both versions the same
	LanguageGone     ChangeKind = "language gone"   // Detail is its name
	LanguageAdded    ChangeKind = "language added"  // Detail is its name
	QuestionAdded    ChangeKind = "added"           // answers already given have nothing for it
	QuestionGone     ChangeKind = "gone"            // exports keep its answers
	QuestionMoved    ChangeKind = "moved"           // to another group, or out of one
	QuestionRenamed  ChangeKind = "renamed"         // guessed: gone, and a new one has its label and type
	QuestionRepeated ChangeKind = "repeated"        // moved into or out of a repeat
	QuestionRetyped  ChangeKind = "type"            // Detail is old and new type
	QuestionReworded ChangeKind = "label"           // its label differs in a language that both have
	QuestionAsked    ChangeKind = "asked"           // Detail is the column that decides otherwise: relevant, required, …
	ChoiceGone       ChangeKind = "choice gone"     // Detail is its name
	ChoiceAdded      ChangeKind = "choice added"    // Detail is its name
	ChoiceReworded   ChangeKind = "choice reworded" // Detail is its name
)

// A Change is a difference between two versions of a form that concerns answers
// already given to the old one.
type Change struct {
	Kind   ChangeKind
	Old    *Node // in the old version, nil if it has none
	New    *Node // in the new version, nil if it has none
	Detail string
}

// Changes lists what differs between two versions of a form as far as answers
// that were given to the old one are concerned: columns that go, come or move,
// values that mean something else or nothing any more, and questions that are
// asked, checked or worked out otherwise. Questions come in the order of the old
// version, new ones behind them.
func Changes(old, now *Form) []Change {
	c := comparison{old: old, now: now, is: map[string]*Node{}, groups: map[string]*Node{},
		became: map[*Node]*Node{}, met: map[*Node]bool{}}
	for _, n := range now.Nodes {
		if holdsAnswers(n) {
			c.is[n.Path] = n
		} else if n.Kind != QuestionNode {
			c.groups[n.Path] = n
		}
	}
	c.forms()
	c.pair()
	for _, n := range old.Nodes {
		c.node(n)
	}
	for _, n := range now.Nodes {
		if holdsAnswers(n) && !c.met[n] {
			c.add(QuestionAdded, nil, n, "")
		}
	}
	if len(c.list) > 0 && old.ID == now.ID && old.Version != "" && old.Version == now.Version {
		c.list = slices.Insert(c.list, 0, Change{Kind: SameVersion, Detail: old.Version})
	}
	return c.list
}

// A comparison is two versions, and which question of one is which of the other.
type comparison struct {
	old, now *Form
	is       map[string]*Node // questions of now by path
	groups   map[string]*Node // groups and repeats of now by path
	became   map[*Node]*Node  // old questions that are found in now
	met      map[*Node]bool   // those they became
	list     []Change
}

func (c *comparison) add(k ChangeKind, old, now *Node, detail string) {
	c.list = append(c.list, Change{k, old, now, detail})
}

func (c *comparison) forms() {
	if c.old.ID != c.now.ID {
		c.add(OtherForm, nil, nil, c.old.ID+" → "+c.now.ID)
	}
	for _, l := range c.old.Languages {
		if languageNamed(c.now, l.Name) < 0 {
			c.add(LanguageGone, nil, nil, l.Name)
		}
	}
	for _, l := range c.now.Languages {
		if languageNamed(c.old, l.Name) < 0 {
			c.add(LanguageAdded, nil, nil, l.Name)
		}
	}
}

func languageNamed(f *Form, name string) int {
	for i, l := range f.Languages {
		if l.Name == name {
			return i
		}
	}
	return -1
}

// holdsAnswers reports whether a node is a column of an export.
func holdsAnswers(n *Node) bool {
	return n.Kind == QuestionNode && n.Type.Name != "note" && n.Type.Bind != ""
}

// pair finds what became of the old questions: first those at their place, then
// those of their name, then those with their label and type. What is not the
// only one of its kind is left alone.
func (c *comparison) pair() {
	for _, n := range c.old.Nodes {
		if m := c.is[n.Path]; m != nil && holdsAnswers(n) {
			c.became[n], c.met[m] = m, true
		}
	}
	c.pairBy(func(_ *Form, n *Node) string { return n.Name })
	c.pairBy(func(f *Form, n *Node) string {
		label := strings.Join(strings.Fields(n.Label.In(f.Default)), " ")
		if label == "" {
			return ""
		}
		return n.Type.Name + " " + label
	})
}

func (c *comparison) pairBy(key func(f *Form, n *Node) string) {
	alone := func(f *Form, left func(n *Node) bool) map[string]*Node {
		m := map[string]*Node{}
		for _, n := range f.Nodes {
			if !holdsAnswers(n) || !left(n) {
				continue
			}
			k := key(f, n)
			if _, twice := m[k]; twice {
				m[k] = nil
			} else {
				m[k] = n
			}
		}
		delete(m, "")
		return m
	}
	there := alone(c.now, func(n *Node) bool { return !c.met[n] })
	for k, n := range alone(c.old, func(n *Node) bool { return c.became[n] == nil }) {
		if m := there[k]; n != nil && m != nil {
			c.became[n], c.met[m] = m, true
		}
	}
}

// node tells what became of an old node.
func (c *comparison) node(n *Node) {
	if n.Kind != QuestionNode {
		if m := c.groups[n.Path]; m != nil && m.Kind == n.Kind {
			c.conditions(n, m)
		}
		return
	}
	if !holdsAnswers(n) {
		return
	}
	m := c.became[n]
	switch {
	case m == nil:
		c.add(QuestionGone, n, nil, "")
		return
	case !sameRepeats(n, m):
		c.add(QuestionRepeated, n, m, "")
	case n.Path == m.Path:
	case n.Name == m.Name:
		c.add(QuestionMoved, n, m, "")
	default:
		c.add(QuestionRenamed, n, m, "")
	}
	if n.Type.Name != m.Type.Name && (n.Type.Bind != m.Type.Bind || n.Type.Control != m.Type.Control) {
		c.add(QuestionRetyped, n, m, n.Type.Name+" → "+m.Type.Name)
	}
	if c.reworded(n.Label, m.Label) {
		c.add(QuestionReworded, n, m, "")
	}
	c.conditions(n, m)
	c.choices(n, m)
}

func sameRepeats(a, b *Node) bool {
	for a, b = a.repeat(), b.repeat(); a != nil && b != nil; a, b = a.repeat(), b.repeat() {
		if a.Path != b.Path {
			return false
		}
	}
	return a == b
}

// repeat is the innermost repeat around a node, nil if there is none.
func (n *Node) repeat() *Node {
	for n = n.Parent; n != nil && n.Kind != RepeatNode; n = n.Parent {
	}
	return n
}

// reworded compares two texts in the languages that both versions have.
func (c *comparison) reworded(a, b Text) bool {
	for i, l := range c.old.Languages {
		k := languageNamed(c.now, l.Name)
		if k >= 0 && a.Has(i) && b.Has(k) && strings.Join(strings.Fields(a.In(i)), " ") != strings.Join(strings.Fields(b.In(k)), " ") {
			return true
		}
	}
	return false
}

func (c *comparison) conditions(n, m *Node) {
	for _, e := range []struct {
		column   string
		old, now *expr
	}{
		{"relevant", n.relevant, m.relevant}, {"required", n.required, m.required}, {"constraint", n.constraint, m.constraint},
		{"calculation", n.calc, m.calc}, {"choice_filter", n.filter, m.filter}, {"repeat_count", n.count, m.count},
	} {
		if source(e.old) != source(e.now) {
			c.add(QuestionAsked, n, m, e.column)
		}
	}
}

func source(e *expr) string {
	if e == nil {
		return ""
	}
	return strings.Join(strings.Fields(e.src), " ")
}

func (c *comparison) choices(n, m *Node) {
	if n.List == nil || m.List == nil {
		return
	}
	find := func(a ChoiceDef) *ChoiceDef {
		if j := m.List.Find(a.Name); j >= 0 {
			return &m.List.Choices[j]
		}
		return nil
	}
	for _, a := range n.List.Choices {
		if find(a) == nil {
			c.add(ChoiceGone, n, m, a.Name)
		}
	}
	for _, a := range n.List.Choices {
		if b := find(a); b != nil && c.reworded(a.Label, b.Label) {
			c.add(ChoiceReworded, n, m, a.Name)
		}
	}
	for _, b := range m.List.Choices {
		if n.List.Find(b.Name) < 0 {
			c.add(ChoiceAdded, n, m, b.Name)
		}
	}
}
