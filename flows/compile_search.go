package flows

import (
	"strconv"
	"strings"

	"example.org/fieldbot/flows/xpath"
)

// search compiles Collect's search('file', 'matches', 'column', value …) as a
// filter over the file's rows
// (https://docs.getodk.org/form-datasets/#the-search-appearance).
func (c *compiler) search(d *draft) {
	n, row := d.n, d.row.Number
	x := c.parse(d.s, row, "appearance", strings.ReplaceAll(d.query, "search (", "search("))
	if x == nil {
		return
	}
	call, _ := x.Root.(*xpath.Call)
	if call == nil || len(call.Args) != 1 && len(call.Args) != 4 && len(call.Args) != 6 {
		c.errorf(d.s, row, "appearance", "write search('file'), search('file', 'contains', 'column', ${text}) or search('file', 'contains', 'column', ${text}, 'other column', ${other})",
			"search() has 1, 4 or 6 arguments")
		return
	}
	declared := n.List
	t, missing, toDo := c.searched(call.Args[0])
	if missing != "" {
		for _, arg := range call.Args {
			c.bind(arg, &side{owner: n, s: d.s, row: row, key: "appearance", e: &expr{src: d.query, x: x}})
		}
		c.warnf(d.s, row, "appearance", toDo, "%s", missing)
		n.List = &List{Name: declared.Name, byName: map[string]int{}}
		n.List.addStatic(declared, len(declared.Choices), n)
		return
	}
	if !c.searchList(n, t, declared, d) {
		return
	}
	item := xpath.Step{Axis: xpath.AxisChild, Test: xpath.Test{Name: "item"}}
	if t.id == everyFile {
		item.Predicates = append(item.Predicates, &xpath.Binary{Op: "=", Left: columnOf(fileOfRow), Right: &xpath.Call{
			Name: "substring-before", Args: []xpath.Term{
				&xpath.Call{Name: "concat", Args: []xpath.Term{call.Args[0], &xpath.Literal{Value: ".csv"}}},
				&xpath.Literal{Value: ".csv"},
			},
		}})
	}
	if len(call.Args) >= 4 {
		how, ok := call.Args[1].(*xpath.Literal)
		if !ok {
			c.errorf(d.s, row, "appearance", "use 'contains', 'startswith', 'endswith' or 'matches'", "the second argument of search() must be in quotes")
			return
		}
		item.Predicates = append(item.Predicates, c.searchTerm(how.Value, call.Args[2], call.Args[3], t, d)...)
	}
	if len(call.Args) == 6 {
		item.Predicates = append(item.Predicates, c.searchTerm("matches", call.Args[4], call.Args[5], t, d)...)
	}
	e := &expr{src: d.query, x: x, needNode: true}
	s := &side{owner: n, s: d.s, row: row, key: "appearance", e: e}
	x.Root = c.bind(&xpath.Path{
		Base:  &xpath.Call{Name: "instance", Args: []xpath.Term{&xpath.Literal{Value: t.id}}},
		Steps: []xpath.Step{{Axis: xpath.AxisChild, Test: xpath.Test{Name: "root"}}, item},
	}, s)
	n.filter, n.distinct = e, true
}

// The rows of all attached csv files as one table, for a search() whose file an
// expression names, and its column that holds the name of a row's file. Neither
// is a name that a form can write.
const (
	everyFile = "\x00files"
	fileOfRow = "\x00file"
)

// searched is the table that the first argument of a search() names, or what is
// missing and what to do about it.
func (c *compiler) searched(file xpath.Term) (t *table, missing, toDo string) {
	l, ok := file.(*xpath.Literal)
	if !ok {
		if t = c.form.tables[everyFile]; t == nil {
			t = c.joinFiles()
			c.form.tables[everyFile] = t
		}
		if len(t.rows) == 0 {
			return nil, "the files of search() are missing, so nothing can be chosen from them", "attach the csv files that it names to the form"
		}
		return t, "", ""
	}
	stem := strings.TrimSuffix(l.Value, ".csv")
	t = c.form.tables[stem]
	if _, attached := c.def.Files[stem+".csv"]; t == nil || !attached && len(t.rows) == 0 {
		return nil, "the file of search('" + l.Value + "') is missing, so nothing can be chosen from it", "attach " + stem + ".csv to the form"
	}
	return t, "", ""
}

// joinFiles puts the rows of all attached csv files into one table. Columns of
// one name, whatever its case, are one.
func (c *compiler) joinFiles() *table {
	all := newTable(everyFile, nil, nil)
	type part struct {
		t  *table
		at []int // column in all, by column of t
	}
	var parts []part
	for _, name := range sortedKeys(c.def.Files) {
		stem, csv := strings.CutSuffix(name, ".csv")
		t := c.form.tables[stem]
		if !csv || t == nil {
			continue
		}
		p := part{t, make([]int, len(t.columns))}
		for i, column := range t.columns {
			k, ok := all.column[all.spelled(column)]
			if !ok {
				k = len(all.columns)
				all.columns = append(all.columns, column)
				all.column[column] = k
			}
			p.at[i] = k
		}
		parts = append(parts, p)
	}
	file := len(all.columns)
	for _, p := range parts {
		for r := range p.t.rows {
			row := make([]string, file+1)
			for i, k := range p.at {
				if v := p.t.cell(r, i, 0); row[k] == "" {
					row[k] = v
				}
			}
			row[file] = p.t.id
			all.rows = append(all.rows, row)
		}
	}
	return newTable(everyFile, append(all.columns, fileOfRow), all.rows)
}

// noColumn says that a searched file does not have a column.
func (c *compiler) noColumn(t *table, name, hint string, d *draft) {
	if t.id == everyFile {
		hint = "name a column of the files that search() reads"
	}
	c.errorf(d.s, d.row.Number, "appearance", hint, "%s has no column %q", searchedName(t), name)
}

// searchedName is what a searched file is called in a problem.
func searchedName(t *table) string {
	if t.id == everyFile {
		return "what is attached as csv"
	}
	return t.id + ".csv"
}

func columnOf(name string) *xpath.Path {
	return &xpath.Path{Steps: []xpath.Step{{Axis: xpath.AxisChild, Test: xpath.Test{Name: name}}}}
}

// searchList makes the list of a search: the row of the choices sheet whose name
// is no number names the columns of the file, in the place of its rows; rows
// whose name is a whole number are choices by themselves.
func (c *compiler) searchList(n *Node, t *table, declared *List, d *draft) bool {
	value, at := "name", len(declared.Choices)
	var label, image Text
	for i := range declared.Choices {
		ch := &declared.Choices[i]
		if _, err := strconv.Atoi(ch.Name); err == nil {
			continue
		}
		value, label, image, at = ch.Name, ch.Label, ch.Media[Image], i
		break
	}
	l := c.listFromFile(t, t.spelled(value), "label")
	if l == nil {
		c.noColumn(t, value, "name in the choices sheet a column of the file; it has "+strings.Join(t.columns, ", "), d)
		return false
	}
	if !label.Empty() {
		c.searchLabels(l, t, label)
	}
	c.searchImages(l, t, image, d)
	c.searchOrder(n, t, d)
	n.List = l
	l.addStatic(declared, at, n)
	return true
}

// searchLabels writes the labels of a searched file's rows: of one column its
// cell, of several the others behind it in brackets, as Collect does, but for blank ones.
func (c *compiler) searchLabels(l *List, t *table, label Text) {
	langs := make([][]string, len(c.form.Languages)) // columns by language
	for i := range langs {
		if p := label.pick(i); p != nil {
			langs[i] = columnList(p.raw)
		}
	}
	for r := range t.rows {
		for i, columns := range langs {
			var b strings.Builder
			for k, name := range columns {
				col, ok := t.column[t.spelled(name)]
				if !ok || t.cell(r, col, 0) == "" {
					continue
				}
				if k == 0 {
					b.WriteString(t.cell(r, col, 0))
				} else {
					b.WriteString(" (" + name + ": " + t.cell(r, col, 0) + ")")
				}
			}
			l.Choices[r].Label.parts[i] = nil
			if b.Len() > 0 {
				l.Choices[r].Label.parts[i] = &template{raw: strings.TrimSpace(b.String())}
			}
		}
	}
}

// searchImages gives a searched file's rows the pictures that one of its columns names.
func (c *compiler) searchImages(l *List, t *table, image Text, d *draft) {
	missing := map[string]bool{}
	for i := range c.form.Languages {
		p := image.pick(i)
		if p == nil {
			continue
		}
		col, ok := t.column[t.spelled(strings.TrimPrefix(p.raw, "jr://images/"))]
		if !ok {
			continue
		}
		c.columns[p.raw] = true
		for r := range t.rows {
			name := t.cell(r, col, 0)
			if name == "" {
				continue
			}
			if _, ok := c.def.Files[name]; !ok {
				missing[name] = true
			}
			m := &l.Choices[r].Media[Image]
			if m.parts == nil {
				*m = Text{def: c.form.Default, parts: make([]*template, len(c.form.Languages))}
			}
			m.parts[i] = &template{raw: name}
		}
	}
	if len(missing) > 0 {
		c.warnf(d.s, d.row.Number, "appearance", "attach them to the form", "pictures of %s are missing: %d, as %s", searchedName(t), len(missing), sortedKeys(missing)[0])
	}
}

// searchOrder puts the rows of a searched file in the order of its column sortby.
// Of several files those without the column stay as they are.
func (c *compiler) searchOrder(n *Node, t *table, d *draft) {
	col, ok := t.column[t.spelled("sortby")]
	if !ok {
		return
	}
	n.order = make([]float64, len(t.rows))
	for r := range t.rows {
		cell := strings.TrimSpace(t.cell(r, col, 0))
		if cell == "" && t.id == everyFile {
			continue
		}
		v, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			c.warnf(d.s, d.row.Number, "appearance", "write numbers there", "sortby of %s has %q, which is no number, so the rows stay in the order of the file", searchedName(t), cell)
			n.order = nil
			return
		}
		n.order[r] = v
	}
}

// addStatic puts the choices whose name is a whole number behind those of the
// file; at is where the file's row stands among them.
func (l *List) addStatic(declared *List, at int, n *Node) {
	for i := range declared.Choices {
		ch := declared.Choices[i]
		if _, err := strconv.Atoi(ch.Name); err != nil {
			continue
		}
		if i < at {
			n.leading = append(n.leading, len(l.Choices))
		} else {
			n.trailing = append(n.trailing, len(l.Choices))
		}
		if _, twice := l.byName[ch.Name]; !twice {
			l.byName[ch.Name] = len(l.Choices)
		}
		l.Choices = append(l.Choices, ch)
	}
}

// columnList splits the names of columns in one argument or label: at commas,
// which leaves names of several words, or else at blanks.
func columnList(s string) []string {
	var names []string
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 1 {
		return strings.Fields(names[0])
	}
	return names
}

const (
	upperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerLetters = "abcdefghijklmnopqrstuvwxyz"
)

// searchTerm is the condition that one of the columns holds the value; none if no
// column is named. Parts are found whatever their case, as Collect's database
// does; a whole value is compared as it is, so that an index serves it.
func (c *compiler) searchTerm(how string, columns, value xpath.Term, t *table, d *draft) []xpath.Term {
	l, ok := columns.(*xpath.Literal)
	if !ok {
		c.errorf(d.s, d.row.Number, "appearance", "write the column's name in quotes", "search() looks in columns of the file, named in quotes")
		return nil
	}
	fold := func(x xpath.Term) xpath.Term {
		return &xpath.Call{Name: "translate", Args: []xpath.Term{x, &xpath.Literal{Value: upperLetters}, &xpath.Literal{Value: lowerLetters}}}
	}
	fn := map[string]string{"startswith": "starts-with", "endswith": "ends-with", "matches": "="}[strings.ToLower(strings.TrimSpace(how))]
	if fn == "" {
		fn = "contains" // also for a word that Collect does not know
	}
	var out xpath.Term
	for _, name := range columnList(l.Value) {
		name = t.spelled(name)
		if _, ok := t.column[name]; !ok {
			c.noColumn(t, name, didYouMean(name, t.columns), d)
			return nil
		}
		col := columnOf(name)
		var term xpath.Term = &xpath.Binary{Op: "=", Left: col, Right: value}
		if fn != "=" {
			term = &xpath.Call{Name: fn, Args: []xpath.Term{fold(col), fold(value)}}
		}
		if out == nil {
			out = term
		} else {
			out = &xpath.Binary{Op: "or", Left: out, Right: term}
		}
	}
	if out == nil {
		return nil
	}
	return []xpath.Term{out}
}
