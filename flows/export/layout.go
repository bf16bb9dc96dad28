package export

import (
	"slices"
	"strconv"
	"strings"

	"example.org/fieldbot/flows"
)

// A layout is the tables that the versions of a form make together.
type layout struct {
	o      Options
	forms  []*flows.Form
	byHash map[string]*plan
	tables []*table // the submissions first, then the repeats in order
}

// A table is the submissions, or the instances of one repeat.
type table struct {
	index   int
	name    string // of the sheet and file
	path    string // of the repeat; "" for the submissions
	parent  *table
	columns []*column
	has     map[string]bool // paths of columns
	meta    []string        // headers behind the columns
	width   int             // cells of all columns, split ones included
}

// A column is a question, with the cells beside it that it is split into: those
// of a place first, then those of choices. It has both if one version asks for a
// place and another for choices.
type column struct {
	path   string
	node   *flows.Node // of the newest version that has it
	form   *flows.Form // that version
	group  string      // path of the groups within the table, "" for none
	header string
	asked  []asked // by each version that has it, the newest first
	at     int     // index of its first cell
	points bool
	split  map[string]int // choice name → index into names
	names  []choiceName
}

// An asked is a question as one version has it.
type asked struct {
	form *flows.Form
	node *flows.Node
}

// A choiceName is a choice that a column is split by, with its label in the
// newest version that has it.
type choiceName struct{ name, label string }

// cells is how many cells the column takes.
func (c *column) cells() int { return c.choices() + len(c.names) }

// choices is how many cells stand before those of choices.
func (c *column) choices() int {
	if c.points {
		return 1 + len(pointParts)
	}
	return 1
}

var pointParts = []string{"latitude", "longitude", "altitude", "precision"}

// maxSplit is the longest list that is split into columns: beyond it, no one
// reads them, and spreadsheets end at 16,384 columns.
const maxSplit = 250

// A plan says where the fields of one version go.
type plan struct {
	form *flows.Form
	root *planNode
}

type planNode struct {
	node     *flows.Node
	column   *column // of a question that has one
	kind     cellKind
	table    *table // of a repeat, and of the root
	children []*planNode
	labels   map[string]string // of choices, if labels are wanted
	lang     int
}

// find returns the child of this name. Fields come in the form's order, so the
// one after the last is tried first.
func (p *planNode) find(name string, last *int) *planNode {
	for k := range p.children {
		i := (*last + k) % len(p.children)
		if p.children[i].node.Name == name {
			*last = i + 1
			return p.children[i]
		}
	}
	return nil
}

func newLayout(forms []*flows.Form, o Options) *layout {
	l := &layout{o: o, forms: forms, byHash: map[string]*plan{}}
	root := &table{name: "submissions"}
	l.tables = []*table{root}
	newest := len(forms) - 1
	for i := newest; i >= 0; i-- {
		if f := forms[i]; l.byHash[f.Hash] == nil {
			p := &plan{form: f, root: &planNode{node: f.Root, table: root}}
			l.byHash[f.Hash] = p
			m := merger{l: l, form: f, lang: language(f, o.Language), cursor: map[*table]int{}}
			m.walk(f.Root, p.root, root, "")
		}
	}
	l.place()
	return l
}

func language(f *flows.Form, want string) int {
	if want == "" {
		return f.Default
	}
	i, _ := f.Language(want)
	return i
}

// A merger puts one version into the tables.
type merger struct {
	l      *layout
	form   *flows.Form
	lang   int
	cursor map[*table]int // behind the last column that was met or put in
}

func (m *merger) walk(n *flows.Node, p *planNode, t *table, group string) {
	for _, c := range n.Children {
		q := &planNode{node: c, lang: m.lang}
		p.children = append(p.children, q)
		switch c.Kind {
		case flows.GroupNode:
			m.walk(c, q, t, group+c.Name+"/")
		case flows.RepeatNode:
			q.table = m.table(c, t)
			m.walk(c, q, q.table, "")
		case flows.QuestionNode:
			if c.Type.Bind == "" || (c.Type.Name == "note" || c.Made && c.List != nil) && !m.l.o.Notes {
				continue
			}
			q.column, q.kind = m.column(c, t, group), kindOf(c.Type)
			if m.l.o.Labels && c.List != nil {
				q.labels = labelsOf(c.List, m.lang)
			}
		}
	}
}

func labelsOf(list *flows.List, lang int) map[string]string {
	labels := make(map[string]string, len(list.Choices))
	for _, c := range list.Choices {
		if _, ok := labels[c.Name]; !ok {
			labels[c.Name] = oneLine(c.Label.In(lang))
		}
	}
	return labels
}

func (m *merger) table(n *flows.Node, parent *table) *table {
	for _, t := range m.l.tables {
		if t.path == n.Path {
			return t
		}
	}
	t := &table{name: n.Name, path: n.Path, parent: parent}
	m.l.tables = append(m.l.tables, t)
	return t
}

// column finds the column of a question, or puts a new one behind the question
// that stood before it in this version.
func (m *merger) column(n *flows.Node, t *table, group string) *column {
	at := m.cursor[t]
	switch {
	case at < len(t.columns) && t.columns[at].path == n.Path: // as in the newer version
	case t.has[n.Path]:
		at = slices.IndexFunc(t.columns, func(c *column) bool { return c.path == n.Path })
	default:
		if t.has == nil {
			t.has = map[string]bool{}
		}
		t.has[n.Path] = true
		c := &column{path: n.Path, node: n, form: m.form, group: group}
		t.columns = slices.Insert(t.columns, at, c)
	}
	m.cursor[t] = at + 1
	c := t.columns[at]
	c.asked = append(c.asked, asked{m.form, n})
	c.points = c.points || m.l.o.SplitPoints && n.Type.Bind == "geopoint"
	if m.l.o.SplitMultiple && n.Type.Control == "select" && n.List != nil {
		c.splitBy(n.List, m.lang)
	}
	return c
}

// splitBy adds cells for the choices of a list.
func (c *column) splitBy(list *flows.List, lang int) {
	if len(list.Choices) > maxSplit {
		return
	}
	if c.split == nil {
		c.split = map[string]int{}
	}
	for _, ch := range list.Choices {
		if _, ok := c.split[ch.Name]; !ok && ch.Name != "" && len(c.names) < 2*maxSplit {
			c.split[ch.Name] = len(c.names)
			c.names = append(c.names, choiceName{ch.Name, oneLine(ch.Label.In(lang))})
		}
	}
}

// place gives cells, headers and names once all versions are merged.
func (l *layout) place() {
	taken := map[string]bool{"codebook": true, "choices": true, "indicators": true}
	for i, t := range l.tables {
		t.index = i
		t.name = uniqueName(fileName(t.name), taken)
		l.headers(t)
		for _, c := range t.columns {
			for _, a := range c.asked { // versions that took one choice where others take several
				if len(c.names) > 0 && a.node.Type.Control == "select1" && a.node.List != nil {
					c.splitBy(a.node.List, language(a.form, l.o.Language))
				}
			}
			c.at = t.width
			t.width += c.cells()
		}
	}
}

// headers names the columns: by name, with the groups where names collide.
func (l *layout) headers(t *table) {
	count := map[string]int{}
	for _, c := range t.columns {
		count[c.node.Name]++
	}
	taken := map[string]bool{}
	for _, c := range t.columns {
		c.header = c.node.Name
		if l.o.GroupNames || count[c.node.Name] > 1 {
			c.header = c.group + c.node.Name
		}
		if l.o.Labels {
			lang := language(c.form, l.o.Language)
			if s := oneLine(c.node.Label.In(lang)); s != "" {
				if taken[s] {
					s += " (" + c.header + ")"
				}
				c.header = s
			}
		}
		c.header = unique(c.header, taken)
	}
	t.meta = metaColumns
	if t.parent != nil {
		t.meta = repeatColumns
	}
	t.meta = slices.Clone(t.meta)
	for i, h := range t.meta {
		for taken[t.meta[i]] {
			t.meta[i] = "_" + t.meta[i]
		}
		taken[h] = true
	}
}

// header gives the headers of all cells.
func (l *layout) header(t *table) []string {
	out := make([]string, 0, t.width+len(t.meta))
	for _, c := range t.columns {
		out = append(out, c.header)
		if c.points {
			for _, p := range pointParts {
				out = append(out, "_"+c.header+"_"+p)
			}
		}
		for _, n := range c.names {
			shown := n.name
			if l.o.Labels && n.label != "" {
				shown = n.label
			}
			out = append(out, c.header+"/"+shown)
		}
	}
	return append(out, t.meta...)
}

// unique marks a word as taken, with a number behind it if it was.
func unique(s string, taken map[string]bool) string {
	try := s
	for i := 2; taken[try]; i++ {
		try = s + "_" + strconv.Itoa(i)
	}
	taken[try] = true
	return try
}

// uniqueName does the same for sheets and files, which are at most 31
// characters and do not tell case apart.
func uniqueName(s string, taken map[string]bool) string {
	r := []rune(s)
	try := string(r[:min(len(r), 31)])
	for i := 2; taken[strings.ToLower(try)]; i++ {
		suffix := "_" + strconv.Itoa(i)
		try = string(r[:min(len(r), 31-len(suffix))]) + suffix
	}
	taken[strings.ToLower(try)] = true
	return try
}

// fileName keeps what sheets and file systems allow.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\<>|"'`, r) || r < ' ' {
			return '_'
		}
		return r
	}, s)
	if s = strings.Trim(s, ". "); s == "" {
		return "table"
	}
	return s
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
