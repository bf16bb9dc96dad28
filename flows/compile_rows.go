package flows

import (
	"regexp"
	"slices"
	"strings"

	"example.org/fieldbot/flows/xpath"
)

// expressions compiles the expression cells of every row.
func (c *compiler) expressions() {
	f := c.form
	for i := range c.drafts {
		c.draft(&c.drafts[i])
	}
	if f.Settings.InstanceName != "" {
		s := c.def.Sheet("settings")
		f.name = c.compileExpr(f.Root, s, s.Rows[0].Number, "instance_name", f.Settings.InstanceName, false)
	}
	c.roles()
}

func (c *compiler) draft(d *draft) {
	n, row := d.n, d.row.Number
	get := func(key string) string { return d.s.Get(d.row, key) }
	expr := func(key, src string, selfOK bool) *expr {
		if src == "" {
			return nil
		}
		return c.compileExpr(n, d.s, row, key, src, selfOK)
	}
	switch {
	case d.count != "":
		n.count = expr("repeat_count", d.count, false)
		return
	case d.calc != "":
		n.calc = expr("repeat_count", d.calc, false)
		return
	case d.relevant != "":
		n.relevant = expr("type", d.relevant, false)
		return
	}
	if src := get("relevant"); src != "" {
		if v, ok := truth(src); !ok || !v {
			if ok && strings.ToLower(src) != "false()" {
				src = "false()"
			}
			n.relevant = expr("relevant", src, false)
		}
	}
	if n.Kind != QuestionNode {
		return
	}
	n.constraint = expr("constraint", get("constraint"), true)
	if n.constraint == nil {
		n.constraint = expr("type", typeConstraints[strings.ToLower(strings.Join(strings.Fields(get("type")), " "))], true)
	}
	n.required = c.yesOr(d, "required")
	n.readOnly = c.yesOr(d, "read_only")
	n.heads = n.Type.Select() && n.required == nil && n.Appearance.Has("label")
	c.calculation(d)
	c.defaults(d)
	c.itemset(d)
	c.listedDefault(d) // by the list that search() may have put in place
}

// yesOr reads a cell that is yes, no or an expression.
func (c *compiler) yesOr(d *draft, key string) *expr {
	src := d.s.Get(d.row, key)
	if v, ok := truth(src); ok {
		if !v {
			return nil
		}
		src = "true()"
	}
	return c.compileExpr(d.n, d.s, d.row.Number, key, src, true)
}

func (c *compiler) calculation(d *draft) {
	n := d.n
	if src := d.s.Get(d.row, "calculation"); src != "" {
		n.calc = c.compileExpr(n, d.s, d.row.Number, "calculation", src, false)
		if n.calc != nil && n.calc.boolean && n.leaf == xpath.TextLeaf {
			n.leaf = xpath.BooleanLeaf
		}
	}
	cell := d.s.Get(d.row, "trigger")
	if cell == "" {
		return
	}
	for _, part := range strings.Split(cell, ",") {
		m := plainRef.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			c.errorf(d.s, d.row.Number, "trigger", "write ${name} of a question", "the trigger %q is not a reference", strings.TrimSpace(part))
			continue
		}
		t := c.resolve(d.s, d.row.Number, "trigger", m[1])
		if t == nil || t == blankNode {
			continue
		}
		if t.Type != nil && (t.Type.Name == "calculate" || t.silent) {
			c.errorf(d.s, d.row.Number, "trigger", "name a question that is asked; what reads a calculation follows it without a trigger",
				"${%s} is a calculation, which nobody answers, so it triggers nothing", t.Name)
			continue
		}
		t.triggered = append(t.triggered, n)
		n.triggers = append(n.triggers, t)
	}
}

var dynamicDefault = regexp.MustCompile(`\$\{|[\w-]\s*\(|[\[\]|]|\s[+*-]\s|\d\s*[+*]\s*\d|\bdiv\b|\bmod\b`)

// isDynamic tells an expression from the text of a default.
func isDynamic(n *Node, src string) bool {
	if !dynamicDefault.MatchString(src) {
		return false
	}
	x, err := xpath.Parse(src)
	if err != nil {
		return strings.Contains(src, "${") || strings.Contains(src, "(")
	}
	if n.Type.Bind == "date" || n.Type.Bind == "dateTime" || n.Type.Bind == "time" || strings.HasPrefix(n.Type.Bind, "geo") {
		return strings.ContainsAny(src, "($")
	}
	if len(x.Check(func(name string) bool { return ownFunctions[name] })) > 0 { // words with a bracket, as "yes (1)", parse as calls
		return strings.Contains(src, "${")
	}
	return true
}

func (c *compiler) defaults(d *draft) {
	src := d.s.Get(d.row, "default")
	if src == "" {
		return
	}
	n := d.n
	if m := lastSaved.FindStringSubmatch(src); m != nil && n.scope == c.form.Root.inner {
		if c.resolve(d.s, d.row.Number, "default", m[1]) == blankNode {
			n.saved, c.form.LastSaved = strings.TrimPrefix(m[1], "last-saved#"), true
		}
		return
	}
	if isDynamic(n, src) {
		n.def = c.compileExpr(n, d.s, d.row.Number, "default", src, true)
		return
	}
	n.static = src // as it is: a text in quotes keeps them in other engines, too
	if n.Type.Name == "calculate" && n.calc == nil {
		return
	}
	if !n.holdsDefault() {
		c.warnf(d.s, d.row.Number, "default", "write a value of the row's type", "the default %q is not of the type %s and is left out", src, n.Type.Name)
		n.static = ""
	}
}

var lastSaved = regexp.MustCompile(`^\$\{\s*(last-saved#[^{}\s]+)\s*\}$`)

// listedDefault leaves out of a static default what is not in the list.
func (c *compiler) listedDefault(d *draft) {
	n := d.n
	kept := n.listed(n.static)
	if len(strings.Fields(kept)) < len(strings.Fields(n.static)) {
		c.warnf(d.s, d.row.Number, "default", "write the name of a choice", "the default %q is not all in list %q; what is not a choice is left out", n.static, n.List.Name)
	}
	n.static = kept
}

// holdsDefault reports whether the static default of a number is one.
func (n *Node) holdsDefault() bool {
	var reason Reason
	switch n.Type.Bind {
	case "int":
		_, reason = readInteger(n.static)
	case "decimal":
		_, reason = readDecimal(n.static, false)
	}
	return reason == ""
}

// itemset compiles choice_filter, search() and randomize.
func (c *compiler) itemset(d *draft) {
	n, row := d.n, d.row.Number
	if n.List == nil {
		return
	}
	if seed := n.Parameters["seed"]; seed != "" {
		n.seed = c.compileExpr(n, d.s, row, "parameters", seed, true)
	}
	if t := n.fromRepeat; t != nil {
		n.filter = &expr{src: "${" + t.Name + "}", deps: []dep{{node: t, common: c.form.Root.inner, soft: true}}}
	}
	src := d.s.Get(d.row, "choice_filter")
	if d.query != "" {
		c.search(d)
		return
	}
	if src == "" {
		return
	}
	x := c.parse(d.s, row, "choice_filter", src)
	if x == nil {
		return
	}
	if n.fromRepeat != nil {
		n.filter = c.repeatFilter(d, x)
		return
	}
	// instance('list')/root/item[filter], so that an index can serve the filter
	path := &xpath.Path{
		Base: &xpath.Call{Name: "instance", Args: []xpath.Term{&xpath.Literal{Value: n.List.Name}}},
		Steps: []xpath.Step{
			{Axis: xpath.AxisChild, Test: xpath.Test{Name: "root"}},
			{Axis: xpath.AxisChild, Test: xpath.Test{Name: "item"}, Predicates: []xpath.Term{x.Root}},
		},
	}
	e := &expr{src: src, x: x}
	s := &side{owner: n, s: d.s, row: row, key: "choice_filter", e: e}
	before := len(c.problems)
	c.filterColumns(x.Root, n.List, d)
	x.Root = c.bind(path, s)
	e.langDep = e.langDep || mentionsLabel(path.Steps[1].Predicates[0])
	e.needNode = true
	if len(c.problems) > before && c.problems.Err() != nil && c.problems[len(c.problems)-1].Severity == Error {
		return
	}
	n.filter = e
}

// repeatFilter compiles the choice_filter x of a question whose choices are the
// answers to another in a repeat: /data/repeat[filter]/question, as ODK's compiler has it.
func (c *compiler) repeatFilter(d *draft, x *xpath.Expr) *expr {
	n := d.n
	path := &xpath.Path{Absolute: true}
	var rep *Node
	for k := n.fromRepeat; k.Parent != nil; k = k.Parent {
		st := xpath.Step{Axis: xpath.AxisChild, Test: xpath.Test{Name: k.Name}}
		if k == n.fromRepeat.Parent {
			st.Predicates = []xpath.Term{x.Root} // its names are those beside the question
		}
		if rep == nil && k.Kind == RepeatNode {
			rep = k
		}
		path.Steps = append(path.Steps, st)
	}
	path.Steps = append(path.Steps, xpath.Step{Axis: xpath.AxisChild, Test: xpath.Test{Name: c.form.Root.Name}})
	slices.Reverse(path.Steps)
	e := &expr{src: d.s.Get(d.row, "choice_filter"), x: x, needNode: true}
	x.Root = c.bind(path, &side{owner: n, s: d.s, row: d.row.Number, key: "choice_filter", e: e, among: rep})
	return e
}

func mentionsLabel(t xpath.Term) bool {
	found := false
	xpath.Walk(t, func(t xpath.Term) bool {
		if p, ok := t.(*xpath.Path); ok && len(p.Steps) == 1 && p.Steps[0].Test.Name == "label" {
			found = true
		}
		return !found
	})
	return found
}

// filterColumns makes a bare name that is no column of the list a blank, and warns of it.
func (c *compiler) filterColumns(t xpath.Term, l *List, d *draft) {
	table := c.form.tables[l.Name]
	if table == nil {
		return
	}
	xpath.Walk(t, func(t xpath.Term) bool {
		p, ok := t.(*xpath.Path)
		if !ok || p.Base != nil || p.Absolute {
			return true
		}
		if len(p.Steps) == 1 && p.Steps[0].Axis == xpath.AxisChild && p.Steps[0].Test.Type == "" {
			name := p.Steps[0].Test.Name
			if _, ok := table.column[name]; !ok && name != "*" {
				c.warnf(d.s, d.row.Number, "choice_filter", didYouMean(name, table.columns), "%q is not a column of choices, so it reads as blank", name)
				p.Base, p.Steps = nowhere(p.Pos), nil
			}
		}
		return true
	})
}

// roles checks the questions that settings name.
func (c *compiler) roles() {
	s := c.def.Sheet("settings")
	r := c.form.Settings.Roles
	for _, x := range []struct{ key, name string }{
		{"consent", c.form.Settings.Consent}, {"province", r.Province}, {"district", r.District}, {"sex", r.Sex}, {"age", r.Age},
		{"place", r.Place}, {"headline", r.Title}, {"date", r.Date}, {"service", r.Service}, {"plan", r.Plan},
	} {
		if x.name != "" && c.form.Question(x.name) == nil {
			hint := didYouMean(x.name, c.names())
			if hint == "" {
				hint = "write the name of a question"
			}
			c.errorf(s, s.Rows[0].Number, x.key, hint, "there is no question %q", x.name)
		}
	}
}
