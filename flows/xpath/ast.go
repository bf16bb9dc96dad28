package xpath

// A Term is a node of a parsed expression: *Number, *Literal, *Ref, *Path,
// *Call, *Binary or *Negate. Terms are exported so that a form compiler can see
// which questions an expression reads, and put other terms in their place.
type Term interface{ pos() int }

// A Number is a numeric literal.
type Number struct {
	Value float64
	Pos   int
}

// A Literal is a quoted string.
type Literal struct {
	Value string
	Pos   int
}

// A Ref is a ${name} of XLSForm (https://xlsform.org/en/#question-referencing).
// A compiler sets Bound to whatever its Env needs to find the answer quickly.
type Ref struct {
	Name      string
	LastSaved bool // ${last-saved#name}
	Bound     any
	Varies    bool // set with Bound: what it means depends on the node that a predicate looks at
	Pos       int
}

// A Path is a location path of XPath 1.0. Base is nil for a relative or absolute
// path; else it is the term that the steps start from, as in
// instance('x')/root/item or ${group}/x, or that the predicates filter.
type Path struct {
	Base       Term
	Predicates []Term // of Base, before any step: ${rep}[position() = 2]
	Absolute   bool
	Steps      []Step
	Pos        int
}

// A Step is one step of a path. The abbreviations are expanded: "." is
// self::node(), ".." is parent::node(), "//" is descendant-or-self::node(),
// "@a" is attribute::a.
type Step struct {
	Axis       Axis
	Test       Test
	Predicates []Term
}

// An Axis is one of the thirteen axes of XPath 1.0.
type Axis uint8

// The axes.
const (
	AxisChild Axis = iota
	AxisSelf
	AxisParent
	AxisDescendant
	AxisDescendantOrSelf
	AxisAncestor
	AxisAncestorOrSelf
	AxisFollowing
	AxisFollowingSibling
	AxisPreceding
	AxisPrecedingSibling
	AxisAttribute
	AxisNamespace
)

// A Test is a node test: a name ("*" for any, "p:*" for any of a prefix), or a
// node type when Type is not empty ("node", "text", "comment",
// "processing-instruction", whose argument is Name).
type Test struct {
	Name string
	Type string
}

// A Call is a function call. Name is as written, with any prefix (jr:choice-name).
type Call struct {
	Name string
	Args []Term
	Pos  int

	fn *function // found by Parse; see Call.function
}

// A Binary is an operator with two operands: or and = != < <= > >= + - * div mod |.
type Binary struct {
	Op          string
	Left, Right Term
	Pos         int
}

// A Negate is a unary minus.
type Negate struct {
	X   Term
	Pos int
}

func (t *Number) pos() int  { return t.Pos }
func (t *Literal) pos() int { return t.Pos }
func (t *Ref) pos() int     { return t.Pos }
func (t *Path) pos() int    { return t.Pos }
func (t *Call) pos() int    { return t.Pos }
func (t *Binary) pos() int  { return t.Pos }
func (t *Negate) pos() int  { return t.Pos }
