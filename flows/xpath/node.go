package xpath

import "time"

// A Node is a node of the tree that a path walks: a form's instance, a choice
// list, or an XML document. Two Nodes are the same node if they compare equal
// with ==, so an implementation must be comparable.
type Node interface {
	Kind() NodeKind
	Name() string     // local name, with its prefix if it has one; "" for root, text and comment
	Parent() Node     // nil for the root; the element for an attribute
	Children() []Node // in document order, without attributes
	Attributes() []Node
	Text() string   // string value, XPath 1.0 section 5
	Type() LeafType // what the text of a leaf stands for
}

// A NodeKind tells nodes apart.
type NodeKind uint8

// The kinds of nodes.
const (
	RootNode NodeKind = iota
	ElementNode
	AttributeNode
	TextNode
	CommentNode
	InstructionNode
	DoctypeNode // <!DOCTYPE …>, which browsers count among the nodes
)

// A LeafType tells what the text of a leaf stands for, since the engines compare
// typed questions by value and untyped ones as text.
type LeafType uint8

// The types of leaves.
const (
	TextLeaf    LeafType = iota
	NumberLeaf           // integer, decimal, range
	DateLeaf             // date, dateTime, time
	BooleanLeaf          // a calculation whose expression is boolean: "true" or "false"
)

// A Lookuper is a Node whose children can be found by the value of one of their
// own children, without looking at all of them. A path step child[column = v]
// uses it, so that a filter on a long choice list costs one look-up.
type Lookuper interface {
	// Lookup returns the children called name, in document order, that have a
	// child called column with exactly this text. ok is false if this node has
	// no index for it; then the step is walked.
	Lookup(name, column, text string) (nodes []Node, ok bool)
}

// A WordLookuper is a Lookuper that answers for several texts at once: a path step
// child[selected(list, column)] uses it.
type WordLookuper interface {
	// LookupWords returns the children called name, in document order, that have a
	// child called column whose text, without blanks around it, is one of the words.
	// ok is false if this node has no index for it; then the step is walked.
	LookupWords(name, column string, words []string) (nodes []Node, ok bool)
}

// A ChildFinder is a Node that finds a child by its name without listing all.
type ChildFinder interface {
	// ChildNamed returns the only child called name, or nil if there is none.
	// ok is false if there may be several; then the children are listed.
	ChildNamed(name string) (n Node, ok bool)
}

// A Positioner is a Node that knows its number among the siblings of its name,
// counted from 1, as position(..) asks for it.
type Positioner interface {
	Position() int
}

// An Env is what an expression may ask of the world. Everything that is not a
// function of the arguments comes from here, so that an evaluation can be
// repeated exactly.
type Env interface {
	// Now is the clock, in the respondent's time zone.
	Now() time.Time

	// RefValue returns what a ${name} stands for where only its value matters;
	// it should avoid building nodes when there is just one leaf.
	RefValue(c *Context, r *Ref) (Value, error)

	// RefNodes returns the nodes a ${name} stands for, in document order.
	RefNodes(c *Context, r *Ref) ([]Node, error)

	// Root returns the root that absolute paths start from. It may differ from
	// the root above c.Node, which may be a row of a choice list.
	Root(c *Context) Node

	// Instance returns the root node of a secondary instance, instance('id').
	Instance(id string) (Node, bool)

	// Random returns a number in [0, 1).
	Random() float64

	// NewID returns a new UUID in its usual form.
	NewID() string

	// Language is the BCP-47 code used for names of months and days, as "lo".
	Language() string

	// Call runs a function that needs to know the form, as jr:choice-name,
	// pulldata or jr:itext. ok is false if the name is not known.
	Call(c *Context, name string, args []Value) (v Value, ok bool, err error)
}

// A Context is where and in what world an expression is evaluated.
type Context struct {
	Node     Node // what "." is; may be nil if the expression cannot ask for it
	Current  Node // what current() is: the node that the expression belongs to
	Position int  // position() in the predicate under way; 0 outside of one
	Size     int  // last()
	Env      Env
	Budget   *int // steps left; evaluation ends with ErrBudget at 0. nil: DefaultBudget
	Scope    any  // the Env's own: where the expression stands, for RefValue

	anyNamespace bool // names without prefix match in every namespace
}
