package flows

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"example.org/fieldbot/flows/xpath"
)

// A table is a secondary instance: a choice list or an attached file, as rows
// of cells. Expressions see it as /root/item/column.
type table struct {
	id      string
	columns []string
	rows    [][]string // by columns; a short row has blanks at its end
	column  map[string]int
	labels  func(row, lang int) string // of column "label"; nil if it is a plain column

	mu      sync.Mutex
	indexes map[int]*index // by column; made when first asked for
}

// An index is the rows of a table by the text of a column.
type index struct {
	rows   map[string][]int32
	padded bool // some texts have blanks around them
}

func newTable(id string, columns []string, rows [][]string) *table {
	t := &table{id: id, columns: columns, rows: rows, column: make(map[string]int, len(columns))}
	for i, c := range columns {
		if _, twice := t.column[c]; !twice {
			t.column[c] = i
		}
	}
	return t
}

func (t *table) cell(row, col, lang int) string {
	if t.labels != nil && t.columns[col] == "label" {
		return t.labels(row, lang)
	}
	if col < len(t.rows[row]) {
		return t.rows[row][col]
	}
	return ""
}

// index returns the rows by the text of a column.
func (t *table) index(col int) *index {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.indexes[col]; x != nil {
		return x
	}
	x := &index{rows: make(map[string][]int32, len(t.rows))}
	for r := range t.rows {
		v := t.cell(r, col, 0)
		x.rows[v] = append(x.rows[v], int32(r))
		x.padded = x.padded || v != strings.TrimSpace(v)
	}
	if t.indexes == nil {
		t.indexes = map[int]*index{}
	}
	t.indexes[col] = x
	return x
}

// A tnode is a node of a table: the document, its root, a row or a cell.
type tnode struct {
	t    *table
	kind uint8
	lang uint8
	row  int32
	col  int32
}

const (
	tdoc uint8 = iota
	troot
	trow
	tcell
)

func (n tnode) Kind() xpath.NodeKind {
	if n.kind == tdoc {
		return xpath.RootNode
	}
	return xpath.ElementNode
}

func (n tnode) Name() string {
	switch n.kind {
	case troot:
		return "root"
	case trow:
		return "item"
	case tcell:
		return n.t.columns[n.col]
	}
	return ""
}

func (n tnode) Parent() xpath.Node {
	switch n.kind {
	case troot:
		return tnode{t: n.t, kind: tdoc, lang: n.lang}
	case trow:
		return tnode{t: n.t, kind: troot, lang: n.lang}
	case tcell:
		return tnode{t: n.t, kind: trow, lang: n.lang, row: n.row}
	}
	return nil
}

func (n tnode) Children() []xpath.Node {
	switch n.kind {
	case tdoc:
		return []xpath.Node{tnode{t: n.t, kind: troot, lang: n.lang}}
	case troot:
		out := make([]xpath.Node, len(n.t.rows))
		for r := range out {
			out[r] = tnode{t: n.t, kind: trow, lang: n.lang, row: int32(r)}
		}
		return out
	case trow:
		out := make([]xpath.Node, len(n.t.columns))
		for c := range out {
			out[c] = tnode{t: n.t, kind: tcell, lang: n.lang, row: n.row, col: int32(c)}
		}
		return out
	}
	return nil
}

func (n tnode) Attributes() []xpath.Node { return nil }
func (n tnode) Type() xpath.LeafType     { return xpath.TextLeaf }

func (n tnode) Text() string {
	switch n.kind {
	case tcell:
		return n.t.cell(int(n.row), int(n.col), int(n.lang))
	case trow:
		s := ""
		for c := range n.t.columns {
			s += n.t.cell(int(n.row), c, int(n.lang))
		}
		return s
	}
	return ""
}

// Lookup finds rows by the text of a column, and the one cell of a row by name.
func (n tnode) Lookup(name, column, text string) ([]xpath.Node, bool) {
	x, ok := n.index(name, column)
	if x == nil {
		return nil, ok && text != "" // no such column: equal to nothing but blank
	}
	return n.list(x.rows[text]), true
}

// LookupWords finds rows whose text in a column is one of the words.
func (n tnode) LookupWords(name, column string, words []string) ([]xpath.Node, bool) {
	x, ok := n.index(name, column)
	if x == nil || x.padded {
		return nil, ok && x == nil
	}
	slices.Sort(words)
	var rows []int32
	for _, w := range slices.Compact(words) {
		rows = append(rows, x.rows[w]...)
	}
	slices.Sort(rows)
	return n.list(rows), true
}

// index is that of a column for the rows called name; nil if there is no such
// column. ok is false if the rows must be walked: the index holds labels in the
// first language only.
func (n tnode) index(name, column string) (x *index, ok bool) {
	if n.kind != troot || name != "item" && name != "*" || n.t.labels != nil && n.lang > 0 && column == "label" {
		return nil, false
	}
	if col, has := n.t.column[column]; has {
		return n.t.index(col), true
	}
	return nil, true
}

func (n tnode) list(rows []int32) []xpath.Node {
	out := make([]xpath.Node, len(rows))
	for i, r := range rows {
		out[i] = tnode{t: n.t, kind: trow, lang: n.lang, row: r}
	}
	return out
}

// ChildNamed returns the child with this name without listing the others.
func (n tnode) ChildNamed(name string) (xpath.Node, bool) {
	if n.kind != trow {
		return nil, false
	}
	if c, ok := n.t.column[name]; ok {
		return tnode{t: n.t, kind: tcell, lang: n.lang, row: n.row, col: int32(c)}, true
	}
	return nil, true
}

// spelled is a column's name as the file has it. pulldata() and search() find it
// whatever the case, and with _ for any sign that is no letter, digit or _, as
// in Collect.
func (t *table) spelled(name string) string {
	if _, ok := t.column[name]; ok {
		return name
	}
	safe := safeColumn(name)
	same := ""
	for _, c := range t.columns {
		if strings.EqualFold(c, strings.TrimSpace(name)) {
			return c
		}
		if same == "" && strings.Trim(safe, "_") != "" && safeColumn(c) == safe {
			same = c
		}
	}
	return cmp.Or(same, name)
}

// safeColumn is the name that Collect's database has for a column.
func safeColumn(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, strings.TrimSpace(name))
}

// query returns the rows where column has this text.
func (t *table) query(column, text string) []int32 {
	if col, ok := t.column[column]; ok {
		return t.index(col).rows[text]
	}
	return nil
}
