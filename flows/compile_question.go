package flows

import (
	"path"
	"regexp"
	"strings"
)

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
			n.Name = "generated_note_name_" + row.place() // as the standard's compiler calls it
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
		b.source(row, n.Name, n.Name+"."+strings.TrimSuffix(n.Type.Name, "-external"), true)
		if !b.needFile(row, n.Name+"."+strings.TrimSuffix(n.Type.Name, "-external")) && b.form.tables[n.Name] == nil {
			b.form.tables[n.Name] = newTable(n.Name, nil, nil)
		}
		b.drafts = b.drafts[:len(b.drafts)-1]
		return
	}
	b.checkQuestion(n, row)
	b.tableRow(n, row, offset)
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
	if fields := strings.Fields(lower); fields[0] == "osm" {
		n.Type = typesByName["osm"]
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
	if hint == "" {
		hint = "text takes any answer; the types are listed in docs/xlsform.md"
	}
	if why, ok := refusedTypes[words[0]]; ok {
		hint = why
	}
	b.errorf(b.s, row.Number, "type", hint, "there is no question type %q", kind)
	return "", false
}

// Types of older tools that no current one runs.
var refusedTypes = map[string]string{
	"cascading_select": "use select_one with a choice_filter for each level",
	"loop":             "use a repeat",
}

func typeNames() []string {
	names := make([]string, 0, len(types)+2)
	for i := range types {
		names = append(names, types[i].Name)
	}
	return append(names, "begin group", "end group", "begin repeat", "end repeat")
}

var searchCall = regexp.MustCompile(`\bsearch\s*\(`)

// appearance splits the words, apart from a search('…') that it returns.
func (b *builder) appearance(n *Node, row Row) (query string) {
	cell := b.s.Get(row, "appearance")
	if at := searchCall.FindStringIndex(cell); at != nil {
		if end := strings.LastIndexByte(cell, ')'); end >= at[1] {
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
		if other {
			b.errorf(b.s, row.Number, "type", "add a text question for what else there is", "or_other cannot go with choices from a repeat")
		}
		return
	}
	file := strings.Contains(arg, ".") && f.Lists[arg] == nil
	if strings.HasSuffix(n.Type.Name, "_from_file") || file {
		b.fileList(n, row, arg, d)
		if other {
			b.errorf(b.s, row.Number, "type", "add a choice other to the file, and a text question for it", "or_other cannot go with a file")
		}
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
	b.searched(row, l.Name, d.query != "")
	n.List = l
	b.usedLists[l.Name] = true
}

// source refuses two tables of one name, as yn.csv beside a list yn, between
// which instance('yn') could not choose. A row that declares a table stands alone.
func (b *builder) source(row Row, id, file string, declares bool) {
	s, ok := b.sources[id]
	switch {
	case b.form.Lists[id] != nil:
		b.errorf(b.s, row.Number, "type", "give the list or the file another name", "the file %s and a list of the sheet choices both have the name %q", file, id)
	case ok && s.file != file:
		b.errorf(b.s, row.Number, "type", "give one of them another name", "the file %s and the file %s of row %d both have the name %q", file, s.file, s.row, id)
	case ok && s.declared && declares:
		b.errorf(b.s, row.Number, "name", "remove one of the rows", "the file %s is already declared in row %d", file, s.row)
	}
	b.sources[id] = fileSource{file, row.Number, s.declared || declares}
}

// A fileSource is a file that rows of the survey read.
type fileSource struct {
	file     string
	row      int
	declared bool // by a csv-external or xml-external
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
	if end := strings.ToLower(path.Ext(arg)); end != ".csv" && end != ".xml" && end != ".geojson" {
		b.errorf(b.s, row.Number, "type", "name a file that ends in .csv, .xml or .geojson, with its ending", "%q is no such file", arg)
	}
	if d.query != "" {
		b.errorf(b.s, row.Number, "appearance", "remove the search(), or name a list of the sheet choices", "search() cannot go with a select from a file")
	}
	b.source(row, stem(arg), arg, false)
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

// searched refuses a list that one question searches a file with, by names of
// columns, and that another offers as it stands.
func (b *builder) searched(row Row, list string, search bool) {
	first, ok := b.searches[list]
	if ok && first.search != search {
		b.errorf(b.s, row.Number, "type", "use another list for one of them", "the list %q is for search() in one question and offered as it stands in another, of row %d", list, first.row)
		return
	}
	b.searches[list] = searchUse{row.Number, search}
}

type searchUse struct {
	row    int
	search bool
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
	switch {
	case n.Type.Name == "audit" && n.Name != "audit":
		b.errorf(b.s, row.Number, "name", "leave the name blank", "the name of an audit is always audit")
	case n.Type.Name == "background-geopoint" && !plainRef.MatchString(b.s.Get(row, "trigger")):
		b.errorf(b.s, row.Number, "trigger", "write ${name} of the question whose answer it follows", "a background-geopoint needs a trigger")
	case n.Type.Name == "background-geopoint" && calc != "":
		b.errorf(b.s, row.Number, "calculation", "remove the calculation", "a background-geopoint cannot have a calculation")
	}
	if n.Type.Control == "" {
		return
	}
	if !b.text(b.s, row, "media::big-image", nil).Empty() && b.text(b.s, row, "media::image", nil).Empty() {
		b.errorf(b.s, row.Number, "media::big-image", "name the picture under media::image, too", "a big-image needs an image beside it")
	}
	if !n.Label.Empty() || !n.Hint.Empty() || !n.Media[Image].Empty() || !n.Media[Audio].Empty() || !n.Media[Video].Empty() {
		return
	}
	if calc != "" || b.s.Get(row, "trigger") != "" {
		n.silent = true
		return
	}
	hint := "write what to ask into the label"
	if !n.Guidance.Empty() {
		hint += ": a guidance_hint is not always shown"
	}
	b.errorf(b.s, row.Number, "label", hint, "the question %q has no label and no hint", n.Name)
}
