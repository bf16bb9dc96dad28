package flows

import (
	"slices"
	"strings"

	"example.org/fieldbot/flows/xpath"
)

// A Form is a compiled form. It never changes once compiled, so any number of
// instances and goroutines may share it.
type Form struct {
	ID        string
	Version   string // as the author wrote it in settings; may be ""
	Hash      string // of the whole definition: tells two contents apart even if Version does not
	Title     Text
	Languages []Language // in column order; never empty
	Default   int        // index into Languages of the language to begin with
	LastSaved bool       // a default asks for what was answered last time, ${last-saved#name}
	Settings  Settings
	Root      *Node            // the root group; its Name is the root element's
	Nodes     []*Node          // all nodes but the root, in document order
	Lists     map[string]*List // choice lists by name
	Programme Programme        // what the extra sheets say
	Warnings  Problems

	byID      map[int]*Node
	byName    map[string][]*Node
	scopes    []*scope
	tables    map[string]*table     // secondary instances by id
	documents map[string]xpath.Node // attached xml files by id
	order     []*prop               // all computed properties, dependencies first
	langDep   []*prop               // those of them that change with the language
	ends      []*Node               // questions of type end
	name      *expr                 // instance_name
	entities  []entityDef           // rows of the entities sheet
	layout    uint32                // checksum of node ids, kept with an encoded instance
}

// A Language is one of a form's languages.
type Language struct {
	Name string // as the author spelled it: "English (en)"; "default" for columns without one
	Code string // BCP-47, from the parentheses or known names: "en"; "" if unknown
	Bare bool   // other languages have labels and this has none, as one that only pictures are in: nobody is asked in it
}

// Label is the name without the code: "ລາວ" for "ລາວ (lo)".
func (l Language) Label() string {
	if i := strings.LastIndexByte(l.Name, '('); i > 0 && strings.HasSuffix(l.Name, ")") {
		return strings.TrimSpace(l.Name[:i])
	}
	return l.Name
}

// Settings are the columns of the settings sheet that fieldbot acts on. The
// first group is the standard's, the second is fieldbot's own.
type Settings struct {
	InstanceName string // expression that names a submission
	RootName     string // root element of the submission, default "data"
	Namespace    string

	Audience    string   // "citizen", "officer", "enumerator", "secretariat" or "" (anyone with the link)
	Keyword     string   // the /command and deep link; "" for none
	Anonymous   bool     // submissions cannot be linked to a person
	Submissions string   // "", "unlimited", "once", "once per day", "once per week", "once per month", "once per year"
	Review      bool     // show the review card before submitting
	Consent     string   // name of the consent question; "" for none
	Burst       bool     // a burst of texts answers successive questions
	Expires     int      // days after which an interview that was left is closed; 0 for the bot's own
	Roles       Roles    // which questions carry what the programme needs to know
	Reference   string   // prefix of receipt numbers, as "AU" for AU-2026-00123; "" for none
	Group       Text     // whose report is drafted from the form; empty: the title's
	Cover       Text     // lists of the report's cover, see bot/sector
	Comments    string   // name of the repeat whose instances are comments that somebody responds to; "" for none
	Assessed    string   // question that names what is assessed, as an office; "" if the form assesses nothing
	Extra       Extra    // any other settings column, by key
	Sections    []string // reserved words of other tools that were read and kept
}

// Extra holds cells by normalised column.
type Extra map[string]string

// Roles name the questions that carry what digests and quotas need to know.
// Each is a question name, or "" if the form has none.
type Roles struct {
	Province, District, Sex, Age, Place, Title, Date, Service string
	Plan                                                      string // outcomes of a plan that an update serves
}

// A Text is a text by language index. A blank cell falls back, see In.
type Text struct {
	parts []*template // by language; nil: no such cell
	def   int
	plain bool // there is one cell, without a language: it stands for all
}

// A Kind tells nodes of a form apart.
type Kind uint8

// The kinds of nodes.
const (
	QuestionNode Kind = iota // also calculations, metadata and notes
	GroupNode
	RepeatNode
)

// A Node is a question, group or repeat of a form.
type Node struct {
	ID   int // stable for a definition: row of the survey sheet × 4 + k
	Kind Kind
	Name string
	Path string // "/group/name"; the root is ""
	Row  int    // of the survey sheet

	Type       *Type // of a question
	Parent     *Node
	Children   []*Node
	End        int // index into Form.Nodes behind its last descendant
	Index      int // index into Form.Nodes; -1 for the root
	Label      Text
	Hint       Text
	Guidance   Text
	Media      [3]Text // by MediaKind
	Appearance Appearance
	List       *List             // of a select or rank
	Parameters map[string]string // start, end, step, randomize, seed, …
	OrOther    bool              // this question is the "specify other" of the one before
	Made       bool              // no row of the form: the compiler adds it, as the head of a table-list or the count of a repeat
	Entity     string            // save_to: the property of an entity that the answer becomes

	ConstraintMessage Text
	RequiredMessage   Text

	local      int    // index into scope.nodes; -1 for the root
	rep        int    // of a repeat: index into scope.repeats
	scope      *scope // whose containers hold its value
	inner      *scope // of a repeat: the scope of its containers
	relevant   *expr
	constraint *expr
	required   *expr
	readOnly   *expr
	calc       *expr
	count      *expr
	filter     *expr     // the whole itemset, as nodes
	distinct   bool      // of several rows with one name the first alone is offered
	order      []float64 // by row of the filtered table, what it is sorted by; nil if it is in order
	leading    []int     // choices offered before those of the filter, whatever it says
	trailing   []int     // and behind them
	def        *expr     // dynamic default
	saved      string    // the default is what was answered last time to the question of this name
	static     string
	silent     bool  // has no label but a calculation: never asked
	heads      bool  // the head of a table, shown and not asked; a program may still answer it
	fromRepeat *Node // select_one ${q}: the question whose answers are the choices
	seed       *expr
	leaf       xpath.LeafType
	triggers   []*Node // questions whose change runs calc
	props      [4]*prop
	readers    []reader
	triggered  []*Node // nodes whose calc this one triggers
}

// MediaKind is a column of the media group.
type MediaKind uint8

// The media a label can carry.
const (
	Image MediaKind = iota
	Audio
	Video
)

// Appearance holds the words of the appearance column, in lower case.
type Appearance []string

// Has reports whether one of the words is given.
func (a Appearance) Has(words ...string) bool {
	for _, w := range a {
		for _, v := range words {
			if w == v {
				return true
			}
		}
	}
	return false
}

// A List is a choice list. Choices keep the sheet's order; a callback carries
// an index into it.
type List struct {
	Name    string
	Choices []ChoiceDef
	Columns []string // filter attributes, in sheet order
	byName  map[string]int
	Labels  bool // at least one choice has a label
}

// A ChoiceDef is a row of the choices sheet, or of a file.
type ChoiceDef struct {
	Name  string
	Label Text
	Media [3]Text
	Row   int
	attrs []string // by List.Columns
}

// Find returns the index of the choice with this name, or -1.
func (l *List) Find(name string) int {
	if i, ok := l.byName[name]; ok {
		return i
	}
	return -1
}

// repeats reports whether several choices have the same name, as
// allow_choice_duplicates lets them and rows of a file may.
func (l *List) repeats() bool { return len(l.byName) < len(l.Choices) }

// Attribute returns a column of a choice, "" if there is none.
func (l *List) Attribute(i int, column string) string {
	for k, c := range l.Columns {
		if c == column && k < len(l.Choices[i].attrs) {
			return l.Choices[i].attrs[k]
		}
	}
	return ""
}

// Question returns the first question with this name in document order, nil if
// there is none.
func (f *Form) Question(name string) *Node {
	for _, n := range f.byName[name] {
		if n.Kind == QuestionNode {
			return n
		}
	}
	return nil
}

// Repeat returns the first repeat with this name in document order, nil if there
// is none.
func (f *Form) Repeat(name string) *Node {
	for _, n := range f.byName[name] {
		if n.Kind == RepeatNode {
			return n
		}
	}
	return nil
}

// Node returns the node with this ID, nil if there is none.
func (f *Form) Node(id int) *Node { return f.byID[id] }

// Language returns the index of the language that fits a BCP-47 code or a name
// as spelled in the form; ok is false if none does.
func (f *Form) Language(want string) (i int, ok bool) {
	for i, l := range f.Languages {
		if strings.EqualFold(l.Name, want) || (l.Code != "" && strings.EqualFold(l.Code, want)) {
			return i, true
		}
	}
	base, _, _ := strings.Cut(want, "-")
	for i, l := range f.Languages {
		if base != "" && strings.EqualFold(l.Code, base) {
			return i, true
		}
	}
	if len(f.Languages) > 0 && f.Languages[f.Default].Bare {
		return slices.IndexFunc(f.Languages, func(l Language) bool { return !l.Bare }), false
	}
	return f.Default, false
}

// Askable reports whether the node is a question that a person can answer.
func (n *Node) Askable() bool {
	return n.Kind == QuestionNode && n.Type.Askable && !n.silent
}

// Within reports whether n stands inside g, at any depth.
func (n *Node) Within(g *Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p == g {
			return true
		}
	}
	return false
}

// Has reports whether the author gave the node an expression in one of the
// columns relevant, constraint, required, read_only, calculation, repeat_count
// and choice_filter.
func (n *Node) Has(column string) bool {
	switch column {
	case "relevant":
		return n.relevant != nil
	case "constraint":
		return n.constraint != nil
	case "required":
		return n.required != nil
	case "read_only":
		return n.readOnly != nil
	case "calculation":
		return n.calc != nil
	case "repeat_count":
		return n.count != nil
	case "choice_filter":
		return n.filter != nil
	}
	return false
}
