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
	if c.def.Sheets["survey"] == nil || len(s.Rows) == 0 {
		c.errorf(s, 0, "", "add a sheet called survey with columns type, name and label", "the form has no questions")
		return
	}
	if s.Column("type") < 0 {
		c.errorf(s, 1, "", "give the sheet a column called type", "the survey sheet has no column type")
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
}

var (
	beginType = regexp.MustCompile(`^(?:begin)[\s_]*(group|repeat|loop|section|lgroup|looped group)\b\s*(.*)$`)
	endType   = regexp.MustCompile(`^(?:end)[\s_]*(group|repeat|loop|section|lgroup|looped group)\b`)
	nameRule  = regexp.MustCompile(`^[\p{L}_:][\p{L}\p{M}\p{N}_:.\-]*$`)
)

// rows adds nodes for rows. offset keeps the ids of a loop's copies apart; fill
// puts a choice into a loop's texts.
func (b *builder) rows(rows []Row, offset int, fill func(string) string) {
	for i := 0; i < len(rows); i++ {
		row := rows[i]
		if fill != nil {
			row = Row{Number: row.Number, Cells: append([]string(nil), row.Cells...)}
			for k := range row.Cells {
				row.Cells[k] = fill(row.Cells[k])
			}
		}
		kind := strings.Join(strings.Fields(b.s.Get(row, "type")), " ")
		lower := strings.ToLower(kind)
		switch m := beginType.FindStringSubmatch(lower); {
		case m != nil && m[1] == "loop":
			end := b.loopEnd(rows, i)
			b.loop(row, kind, rows[i+1:min(end, len(rows))], offset)
			i = end
		case m != nil:
			b.open(row, m[1], offset)
		case endType.MatchString(lower):
			b.end(row, endType.FindStringSubmatch(lower)[1])
		case kind == "":
			b.errorf(b.s, row.Number, "type", "give the row a type, or leave it empty", "%q has no type", b.s.Get(row, "name"))
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
	repeat := strings.HasPrefix(word, "repeat") || word == "looped group"
	if repeat {
		n.Kind = RepeatNode
	}
	if n.Name == "" {
		b.errorf(b.s, row.Number, "name", "give the "+n.word()+" a name", "a %s has no name", n.word())
		n.Name = n.word() + strconv.Itoa(row.Number)
	}
	b.common(n, row)
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
}

var plainRef = regexp.MustCompile(`^\$\{\s*([^}]+?)\s*\}$`)

// counted puts the calculation of a repeat's count before it, named as the
// standard's compiler names it; a plain ${n} is read directly.
func (b *builder) counted(n *Node, row Row, count string, offset int) {
	if m := plainRef.FindStringSubmatch(count); m != nil {
		b.drafts = append(b.drafts, draft{n: n, s: b.s, row: Row{Number: row.Number}, count: count})
		return
	}
	k := &Node{Kind: QuestionNode, Type: typesByName["calculate"], Name: n.Name + "_count", Row: row.Number, ID: row.Number*4 + 2 + offset}
	b.add(k, row)
	b.drafts = append(b.drafts, draft{n: k, s: b.s, row: Row{Number: row.Number}, calc: count})
	b.drafts = append(b.drafts, draft{n: n, s: b.s, row: Row{Number: row.Number}, count: "${" + k.Name + "}"})
}

func (b *builder) end(row Row, word string) {
	want := "group"
	if strings.HasPrefix(word, "repeat") || word == "looped group" {
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
	for _, o := range b.at.Children {
		if o.Name == n.Name {
			b.errorf(b.s, row.Number, "name", "give one of them another name", "the name %q is taken by row %d in the same group", n.Name, o.Row)
			break
		}
	}
	if len(b.at.Children) > 2000 && len(f.byID) > MaxNodes {
		return
	}
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
	n.Entity = b.s.Get(row, "save_to")
	b.drafts = append(b.drafts, draft{n: n, s: b.s, row: row})
}

// question adds a question, a calculation or a metadata row.
func (b *builder) question(row Row, kind, lower string, offset int) {
	n := &Node{Kind: QuestionNode, Row: row.Number, ID: row.Number*4 + offset, Name: b.s.Get(row, "name")}
	arg, other := b.questionType(n, row, kind, lower)
	if n.Type == nil {
		n.Type = typesByName["text"] // so that references to it are not reported too
	}
	if n.Name == "" {
		switch {
		case n.Type.Name == "note":
			n.Name = "generated_note_name_" + strconv.Itoa(row.Number) // as the standard's compiler calls it
		case metadata[n.Type.Name]:
			n.Name = n.Type.Name
		default:
			b.errorf(b.s, row.Number, "name", "give the question a short name", "a question of type %s has no name", n.Type.Name)
			return
		}
	}
	n.leaf = n.Type.Leaf
	b.common(n, row)
	d := &b.drafts[len(b.drafts)-1]
	d.query = b.appearance(n, row)
	n.Parameters = b.parameters(n, row)
	if n.Type.List {
		b.list(n, row, arg, other, d)
	}
	if n.Type.Name == "csv-external" || n.Type.Name == "xml-external" {
		if !b.needFile(row, n.Name+"."+strings.TrimSuffix(n.Type.Name, "-external")) && b.form.tables[n.Name] == nil {
			b.form.tables[n.Name] = newTable(n.Name, nil, nil)
		}
		b.drafts = b.drafts[:len(b.drafts)-1]
		return
	}
	b.checkQuestion(n, row)
	b.add(n, row)
	if other {
		b.specify(n, row, offset)
	}
}

var metadata = map[string]bool{
	"start": true, "end": true, "today": true, "deviceid": true, "username": true, "phonenumber": true, "email": true,
	"subscriberid": true, "simserial": true, "audit": true, "start-geopoint": true, "background-audio": true, "background-geopoint": true,
}

func (b *builder) needFile(row Row, name string) bool {
	if _, ok := b.def.Files[name]; ok {
		return true
	}
	b.warnf(b.s, row.Number, "type", "attach "+name+" to the form", "the file %s is missing, so nothing can be chosen from it", name)
	return false
}

// questionType finds the type, what follows it, and whether it ends in or_other.
func (b *builder) questionType(n *Node, row Row, kind, lower string) (arg string, other bool) {
	for _, tail := range []string{" or_other", " or other", " or specify other"} {
		if strings.HasSuffix(lower, tail) {
			other = true
			kind, lower = kind[:len(kind)-len(tail)], lower[:len(lower)-len(tail)]
		}
	}
	if t := typesByName[lower]; t != nil {
		n.Type = t
		if t.List {
			b.errorf(b.s, row.Number, "type", "write the list's name behind it: "+t.Name+" yes_no", "%s names no choice list", t.Name)
			n.Type = typesByName["text"]
		}
		return "", other
	}
	// the longest alias that the cell begins with, followed by a list's name
	words := strings.Fields(kind)
	for i := len(words) - 1; i > 0; i-- {
		t := typesByName[strings.ToLower(strings.Join(words[:i], " "))]
		if t == nil {
			continue
		}
		if !t.List {
			break
		}
		n.Type = t
		return strings.Join(words[i:], " "), other
	}
	hint := didYouMean(lower, typeNames())
	if why, ok := refusedTypes[words[0]]; ok {
		hint = why
	}
	b.errorf(b.s, row.Number, "type", hint, "there is no question type %q", kind)
	return "", false
}

// Types of older tools that no current one runs.
var refusedTypes = map[string]string{
	"osm":              "ask for a location with geopoint instead",
	"cascading_select": "use select_one with a choice_filter for each level",
	"percentage":       "use decimal with a constraint",
	"loop":             "use a repeat",
}

func typeNames() []string {
	names := make([]string, 0, len(types)+2)
	for i := range types {
		names = append(names, types[i].Name)
	}
	return append(names, "begin group", "end group", "begin repeat", "end repeat")
}

var searchCall = regexp.MustCompile(`(?i)\bsearch\s*\(`)

// appearance splits the words, apart from a search('…') that it returns.
func (b *builder) appearance(n *Node, row Row) (query string) {
	cell := b.s.Get(row, "appearance")
	if at := searchCall.FindStringIndex(cell); at != nil {
		if end := strings.LastIndexByte(cell, ')'); end > at[1] {
			query = cell[at[0] : end+1]
			cell = cell[:at[0]] + " " + cell[end+1:]
		} else {
			b.errorf(b.s, row.Number, "appearance", "close the bracket", "search( does not end")
		}
	}
	n.Appearance = strings.Fields(strings.ToLower(cell))
	return query
}

// list finds the choices of a select.
func (b *builder) list(n *Node, row Row, arg string, other bool, d *draft) {
	f := b.form
	if m := plainRef.FindStringSubmatch(arg); m != nil {
		b.pending = append(b.pending, func() {
			if t := b.resolve(b.s, row.Number, "type", m[1]); t != nil && t != blankNode {
				if t.scope == f.Root.inner {
					b.errorf(b.s, row.Number, "type", "name a question inside a repeat", "${%s} is not in a repeat, so it gives no list of choices", m[1])
				}
				n.fromRepeat = t
			}
		})
		n.List = &List{Name: arg, byName: map[string]int{}}
		return
	}
	file := strings.Contains(arg, ".") && f.Lists[arg] == nil
	if strings.HasSuffix(n.Type.Name, "_from_file") || file {
		b.fileList(n, row, arg, d)
		return
	}
	lists := f.Lists
	if n.Type.Name == "select_one_external" {
		lists = b.external
	}
	l := lists[arg]
	if l == nil {
		if query := d.query; query != "" {
			l = &List{Name: arg, byName: map[string]int{}}
		} else {
			sheet := "choices"
			if n.Type.Name == "select_one_external" {
				sheet = "external_choices"
			}
			hint := didYouMean(arg, sortedKeys(lists))
			if hint == "" {
				hint = "add its choices to the sheet " + sheet
			}
			b.errorf(b.s, row.Number, "type", hint, "the list %q is not in the sheet %s", arg, sheet)
			return
		}
	}
	if n.Type.Multiple() {
		for i := range l.Choices {
			if strings.ContainsAny(l.Choices[i].Name, " \t\n") {
				b.errorf(b.def.Sheet("choices"), l.Choices[i].Row, "name", "use _ instead of a space", "the choice %q of list %q has a space in its name, but a %s question joins names by spaces", l.Choices[i].Name, arg, n.Type.Name)
			}
		}
	}
	if other {
		if b.s.Get(row, "choice_filter") != "" {
			b.errorf(b.s, row.Number, "type", "add a choice other to the list, and a text question for it", "or_other cannot go with a choice_filter")
		}
		l.addOther(f)
		f.tables[l.Name] = l.table(f)
	}
	n.List = l
	b.usedLists[l.Name] = true
}

// stem is a file's name without its ending.
func stem(file string) string {
	if i := strings.LastIndexByte(file, '.'); i > 0 {
		return file[:i]
	}
	return file
}

func (b *builder) fileList(n *Node, row Row, arg string, d *draft) {
	if n.Type.Name == "select_one" || n.Type.Name == "select_multiple" {
		n.Type = typesByName[n.Type.Name+"_from_file"]
	}
	if !b.needFile(row, arg) {
		n.List = &List{Name: stem(arg), byName: map[string]int{}}
		if b.form.tables[n.List.Name] == nil {
			b.form.tables[n.List.Name] = newTable(n.List.Name, []string{"name", "label"}, nil)
		}
		return
	}
	t := b.form.tables[stem(arg)]
	if t == nil {
		b.errorf(b.s, row.Number, "type", "use a csv file with a heading row, or xml with root and item", "%s holds no table", arg)
		return
	}
	value, label := "name", "label"
	if strings.HasSuffix(strings.ToLower(arg), ".geojson") {
		value, label = "id", "title"
	}
	p := b.parameters(&Node{Type: n.Type}, row)
	if v := p["value"]; v != "" {
		value = v
	}
	if v := p["label"]; v != "" {
		label = v
	}
	l := b.listFromFile(t, value, label)
	if l == nil {
		b.errorf(b.s, row.Number, "type", "name the column with parameters: value=…", "%s has no column %q", arg, value)
		return
	}
	n.List, d.file = l, t
}

// specify adds the text question that or_other brings.
func (b *builder) specify(n *Node, row Row, offset int) {
	o := &Node{
		Kind: QuestionNode, Type: typesByName["text"], Name: n.Name + "_other", Row: n.Row, ID: row.Number*4 + 1 + offset,
		OrOther: true, Label: b.form.words(specifyWords),
	}
	b.drafts = append(b.drafts, draft{n: o, s: b.s, row: Row{Number: row.Number}, relevant: "selected(../" + n.Name + ", 'other')"})
	b.add(o, row)
}

// checkQuestion reports what is missing from a row.
func (b *builder) checkQuestion(n *Node, row Row) {
	calc, def := b.s.Get(row, "calculation"), b.s.Get(row, "default")
	if n.Type.Name == "calculate" && calc == "" && def == "" && b.s.Get(row, "trigger") == "" {
		b.errorf(b.s, row.Number, "calculation", "write the calculation", "the calculate row %q calculates nothing", n.Name)
	}
	if n.Type.Control == "" {
		return
	}
	if !n.Label.Empty() || !n.Hint.Empty() || !n.Guidance.Empty() || !n.Media[Image].Empty() || !n.Media[Audio].Empty() || !n.Media[Video].Empty() {
		return
	}
	if calc != "" || b.s.Get(row, "trigger") != "" {
		n.silent = true
		return
	}
	b.errorf(b.s, row.Number, "label", "write what to ask into the label", "the question %q has no label and no hint", n.Name)
}
