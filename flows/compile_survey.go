package flows

import (
	"regexp"
	"strconv"
	"strings"
)

// A draft is a node with the row that it came from, until its expressions are compiled.
type draft struct {
	n     *Node
	s     *Sheet
	row   Row
	query string // search('…') of the appearance
	file  *table // of a select from a file

	count, calc, relevant string // of rows that the compiler adds
}

// survey makes the tree of nodes.
func (c *compiler) survey() {
	s := c.def.Sheet("survey")
	f := c.form
	if len(s.Columns) > 0 && s.Column("type") < 0 {
		c.errorf(s, 1, "", "write the headers type, name and label into the first row", "the survey sheet has no column type")
		return
	}
	if len(s.Rows) == 0 {
		c.errorf(s, 0, "", "add a sheet called survey with columns type, name and label, and a row for each question", "the form has no questions")
		return
	}
	if len(s.Rows) > MaxNodes {
		c.errorf(s, 0, "", "split the form", "%d rows are more than the limit of %d", len(s.Rows), MaxNodes)
		return
	}
	root := &Node{Kind: GroupNode, Name: f.Settings.RootName, Index: -1, local: -1, ID: 0}
	main := &scope{node: root}
	root.scope, root.inner = main, main
	f.scopes = []*scope{main}
	f.byID[0] = root
	b := &builder{compiler: c, s: s, at: root, scope: main}
	b.rows(s.Rows, 0, nil)
	for b.at != root {
		c.errorf(s, b.at.Row, "type", "add an end "+b.at.word()+" row", "the %s %q is never ended", b.at.word(), b.at.Name)
		b.close()
	}
	f.Root = root
	b.index(root)
	askable := 0
	for _, n := range f.Nodes {
		if n.Kind == QuestionNode {
			askable++
		}
	}
	if askable == 0 && c.problems.Err() == nil {
		c.errorf(s, 0, "", "add a row with a type, a name and a label", "the form has no questions")
	}
	for _, late := range c.pending {
		late()
	}
}

func (n *Node) word() string {
	if n.Kind == RepeatNode {
		return "repeat"
	}
	return "group"
}

// A builder goes through the rows with the group that is open.
type builder struct {
	*compiler
	s     *Sheet
	at    *Node
	scope *scope
	depth int
	table *tableList // of the group that is open, if it is one
	alike map[placed][]*Node
}

// A placed is a name in small letters, in a group.
type placed struct {
	in   *Node
	name string
}

var (
	beginType = regexp.MustCompile(`^(?:begin)[\s_]*(group|repeat|loop|section|lgroup|looped group)\b\s*(.*)$`)
	endType   = regexp.MustCompile(`^(?:end)[\s_]*(group|repeat|loop|section|lgroup|looped group)\b`)
	nameRule  = regexp.MustCompile(`^[\p{L}_][\p{L}\p{M}\p{N}_.\-]*$`)
)

// settingTypes are types of rows that the oldest forms have in place of a
// settings sheet: the name is the value.
var settingTypes = map[string]string{
	"form_title": "form_title", "set_form_title": "form_title", "set form title": "form_title",
	"form_id": "form_id", "set_form_id": "form_id", "set form id": "form_id",
}

func (b *builder) setting(key, value string) {
	switch {
	case value == "":
	case key == "form_id":
		b.form.ID = value
	default:
		b.form.Title = NewText(value)
	}
}

// isRepeat reports whether the word behind begin or end, in any of its old
// spellings, opens a repeat.
func isRepeat(word string) bool {
	return word == "repeat" || word == "lgroup" || word == "looped group"
}

// rows adds nodes for rows. offset keeps the ids of a loop's copies apart; fill
// puts a choice into a loop's texts.
func (b *builder) rows(rows []Row, offset int, fill func(string) string) {
	for i := 0; i < len(rows); i++ {
		row := rows[i]
		if fill != nil {
			row = Row{Number: row.Number, Place: row.Place, Cells: append([]string(nil), row.Cells...)}
			for k := range row.Cells {
				row.Cells[k] = fill(row.Cells[k])
			}
		}
		kind := strings.Join(strings.Fields(b.s.Get(row, "type")), " ")
		lower := strings.ToLower(kind)
		switch m := beginType.FindStringSubmatch(lower); {
		case m != nil && m[1] == "loop":
			end := b.loopEnd(rows, i)
			if end == len(rows) {
				b.errorf(b.s, row.Number, "type", "add an end loop row", "the loop %q is never ended", b.s.Get(row, "name"))
				return
			}
			b.loop(row, kind, rows[i+1:end], offset)
			i = end
		case m != nil:
			b.open(row, m[1], offset)
		case endType.MatchString(lower):
			b.end(row, endType.FindStringSubmatch(lower)[1])
		case kind == "":
			what := "this row"
			if name := b.s.Get(row, "name"); name != "" {
				what = strconv.Quote(name)
			}
			b.errorf(b.s, row.Number, "type", "give the row a type, or leave it empty", "%s has no type", what)
		case settingTypes[lower] != "":
			b.setting(settingTypes[lower], b.s.Get(row, "name"))
		default:
			b.question(row, kind, lower, offset)
		}
	}
}

func (b *builder) loopEnd(rows []Row, i int) int {
	depth := 0
	for ; i < len(rows); i++ {
		t := strings.ToLower(strings.Join(strings.Fields(b.s.Get(rows[i], "type")), " "))
		if m := beginType.FindStringSubmatch(t); m != nil && m[1] == "loop" {
			depth++
		}
		if m := endType.FindStringSubmatch(t); m != nil && m[1] == "loop" {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// loop unrolls the legacy "begin loop over list": a group for each choice, with
// %(name)s and %(label)s put in.
func (b *builder) loop(row Row, kind string, rows []Row, offset int) {
	fields := strings.Fields(kind)
	list := b.form.Lists[fields[len(fields)-1]]
	if list == nil {
		b.errorf(b.s, row.Number, "type", didYouMean(fields[len(fields)-1], sortedKeys(b.form.Lists)), "the list of this loop is not in choices")
		return
	}
	if len(rows)*len(list.Choices) > MaxNodes {
		b.errorf(b.s, row.Number, "type", "use a repeat", "the loop makes more than %d questions", MaxNodes)
		return
	}
	b.open(row, "group", offset)
	for i := range list.Choices {
		d := &list.Choices[i]
		o := offset + (i+1)<<18
		g := &Node{Kind: GroupNode, Name: d.Name, Label: d.Label, Row: row.Number, ID: row.Number*4 + o}
		b.add(g, row)
		b.at = g
		b.rows(rows, o, func(cell string) string {
			cell = strings.ReplaceAll(cell, "%(name)s", d.Name)
			return strings.ReplaceAll(cell, "%(label)s", d.Label.In(b.form.Default))
		})
		if b.at == g {
			b.close()
		}
	}
	b.close()
}

func (b *builder) open(row Row, word string, offset int) {
	if b.depth++; b.depth == MaxDepth {
		b.errorf(b.s, row.Number, "type", "put fewer groups into one another", "groups are nested more than %d deep", MaxDepth)
	}
	n := &Node{Kind: GroupNode, Row: row.Number, ID: row.Number*4 + offset, Name: b.s.Get(row, "name")}
	repeat := isRepeat(word)
	if repeat {
		n.Kind = RepeatNode
	}
	if n.Name == "" {
		b.errorf(b.s, row.Number, "name", "give the "+n.word()+" a name", "a %s has no name", n.word())
		n.Name = n.word() + strconv.Itoa(row.Number)
	}
	b.common(n, row)
	b.parameters(n, row)
	if v, ok := truth(b.s.Get(row, "required")); v || !ok {
		b.warnf(b.s, row.Number, "required", "move it to the questions inside", "a %s cannot be required", n.word())
	}
	if repeat {
		if count := b.s.Get(row, "repeat_count"); count != "" {
			b.counted(n, row, count, offset)
		}
	}
	b.add(n, row)
	if repeat {
		n.rep = len(b.scope.repeats)
		b.scope.repeats = append(b.scope.repeats, n)
		inner := &scope{id: len(b.form.scopes), node: n, parent: b.scope, depth: b.scope.depth + 1}
		b.form.scopes = append(b.form.scopes, inner)
		n.inner = inner
		b.scope = inner
	} else {
		n.inner = b.scope
	}
	b.at = n
	b.tableList(n, row, offset)
}

var plainRef = regexp.MustCompile(`^\$\{\s*([^}]+?)\s*\}$`)

// counted puts the calculation of a repeat's count before it, named as the
// standard's compiler names it; a plain ${n} is read directly.
func (b *builder) counted(n *Node, row Row, count string, offset int) {
	if m := plainRef.FindStringSubmatch(count); m != nil {
		b.drafts = append(b.drafts, draft{n: n, s: b.s, row: Row{Number: row.Number}, count: count})
		return
	}
	k := &Node{Kind: QuestionNode, Type: typesByName["calculate"], Name: n.Name + "_count", Made: true, Row: row.Number, ID: row.Number*4 + 2 + offset}
	b.add(k, row)
	b.drafts = append(b.drafts, draft{n: k, s: b.s, row: Row{Number: row.Number}, calc: count})
	b.drafts = append(b.drafts, draft{n: n, s: b.s, row: Row{Number: row.Number}, count: "${" + k.Name + "}"})
}

func (b *builder) end(row Row, word string) {
	want := "group"
	b.table = nil
	if isRepeat(word) {
		want = "repeat"
	}
	if b.at.Parent == nil {
		b.errorf(b.s, row.Number, "type", "delete the row, or add the begin "+want+" that is missing above", "end %s without a begin %s", want, want)
		return
	}
	if b.at.word() != want {
		b.errorf(b.s, row.Number, "type", "write end "+b.at.word(), "end %s, but the %s %q of row %d is open", want, b.at.word(), b.at.Name, b.at.Row)
	}
	b.close()
}

func (b *builder) close() {
	if b.at.Kind == RepeatNode {
		b.scope = b.scope.parent
	}
	b.depth--
	b.at = b.at.Parent
}

// add puts a node under the open group.
func (b *builder) add(n *Node, row Row) {
	f := b.form
	if !nameRule.MatchString(n.Name) {
		b.errorf(b.s, row.Number, "name", "begin with a letter or _, then letters, digits, _ - and . without spaces", "%q cannot be a name", n.Name)
	}
	if n.Name == "meta" && b.at.Parent == nil {
		b.errorf(b.s, row.Number, "name", "choose another name", "the name meta is taken: every submission has its own data under it")
	}
	if b.alike == nil {
		b.alike = map[placed][]*Node{}
	}
	place := placed{b.at, strings.ToLower(n.Name)}
	for _, o := range b.alike[place] {
		if o.Name == n.Name {
			b.errorf(b.s, row.Number, "name", "give one of them another name", "the name %q is taken by row %d in the same group", n.Name, o.Row)
			break
		}
		b.warnf(b.s, row.Number, "name", "give one of them another name", "the name %q differs from that of row %d only in capitals, which some tools take for the same", n.Name, o.Row)
	}
	if len(b.at.Children) > 2000 && len(f.byID) > MaxNodes {
		return
	}
	b.alike[place] = append(b.alike[place], n)
	n.Parent = b.at
	n.Path = b.at.Path + "/" + n.Name
	n.scope = b.scope
	n.local = len(b.scope.nodes)
	b.scope.nodes = append(b.scope.nodes, n)
	b.at.Children = append(b.at.Children, n)
	f.byID[n.ID] = n
	f.byName[n.Name] = append(f.byName[n.Name], n)
}

// index numbers the nodes in document order.
func (b *builder) index(n *Node) {
	for _, k := range n.Children {
		k.Index = len(b.form.Nodes)
		b.form.Nodes = append(b.form.Nodes, k)
		b.index(k)
		k.End = len(b.form.Nodes)
	}
	if n.Parent == nil {
		n.End = len(b.form.Nodes)
	}
}

// common reads what groups and questions share.
func (b *builder) common(n *Node, row Row) {
	text := func(key string) Text { return b.text(b.s, row, key, b.template(b.s, row.Number, key)) }
	n.Label, n.Hint, n.Guidance = text("label"), text("hint"), text("guidance_hint")
	n.ConstraintMessage, n.RequiredMessage = text("constraint_message"), text("required_message")
	for m, key := range mediaKeys {
		n.Media[m] = text(key)
	}
	if n.Media[Image].Empty() {
		n.Media[Image] = text("media::big-image")
	}
	// The standard keeps these with the translations, where other languages lack them.
	media := !n.Media[Image].Empty() || !n.Media[Audio].Empty() || !n.Media[Video].Empty()
	n.Label.plain = n.Label.plain && !media
	n.Hint.plain = n.Hint.plain && n.Guidance.Empty()
	b.saveTo(n, row)
	b.drafts = append(b.drafts, draft{n: n, s: b.s, row: row})
}
