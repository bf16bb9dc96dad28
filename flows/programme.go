package flows

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows/xpath"
)

// An Expression is an expression of a programme sheet, to be evaluated over
// finished instances.
type Expression struct {
	Source string
	e      *expr
}

// Number evaluates the expression as a number; NaN if it has none.
func (x *Expression) Number(in *Instance) float64 {
	in.budget = budgetTurn
	return in.number(x.e, in.form.Root, in.root)
}

// Text evaluates the expression as a calculation stores it.
func (x *Expression) Text(in *Instance) string {
	in.budget = budgetTurn
	return in.compute(x.e, in.form.Root, in.root)
}

// Bool evaluates the expression as a condition.
func (x *Expression) Bool(in *Instance) bool {
	in.budget = budgetTurn
	return in.test(x.e, in.form.Root, in.root)
}

// Choice returns the question whose answer the expression is, if it is just ${q}.
func (x *Expression) Question(f *Form) *Node {
	if m := plainRef.FindStringSubmatch(strings.TrimSpace(x.Source)); m != nil {
		return f.Question(m[1])
	}
	return nil
}

// Message puts the answers of an instance into a text, as an alert's.
func (in *Instance) Message(t Text) string { return in.text(t, in.root) }

// reportColumns are the columns of the report's table, as package report calls
// them.
var reportColumns = []string{"outputs", "progress", "challenges"}

var measures = []string{"count", "share", "mean", "median", "sum", "distribution", "texts"}

// written is an answer in a person's own words, a place on the map or a file
// that a text would tell, itself or by a calculation, if the form is for citizens.
func (c *compiler) written(t Text) *Node {
	set := &c.form.Settings
	if set.Audience != "" && set.Audience != "citizen" && !set.Anonymous {
		return nil
	}
	var tells func(n *Node, depth int) bool
	tells = func(n *Node, depth int) bool {
		if n.Askable() {
			return !n.Type.List && n.Type.Control != "range" && (depth == 0 || n.Type.Leaf != xpath.NumberLeaf && n.Type.Control != "trigger")
		}
		if n.calc == nil || depth == maxTells {
			return false
		}
		return slices.ContainsFunc(n.calc.deps, func(d dep) bool { return tells(d.node, depth+1) })
	}
	for _, lang := range t.parts {
		if lang == nil {
			continue
		}
		for _, p := range lang.parts {
			if p.ref != nil && p.ref.target != nil && tells(p.ref.target, 0) {
				return p.ref.target
			}
		}
	}
	return nil
}

// maxTells is how many calculations are followed to what they tell.
const maxTells = 20

// programme reads fieldbot's own sheets.
func (c *compiler) programme() {
	p := &c.form.Programme
	c.comments()
	c.assessed()
	c.each("indicators", func(s *Sheet, row Row, get func(string) string) {
		i := Indicator{
			Name: get("name"), Measure: strings.ToLower(get("measure")), Better: strings.ToLower(get("better")), Target: get("target"),
			Chart: strings.ToLower(get("chart")), Plan: get("plan"), Row: row.Number,
			Label: c.text(s, row, "label", nil),
			Of:    c.expression(s, row, "of"), Where: c.expression(s, row, "where"), By: c.questions(s, row, "by"),
			Scope: c.pairs(s, row, "scope"),
		}
		if i.Measure == "latest texts" {
			i.Measure = "texts"
		}
		if !slices.Contains(measures, i.Measure) {
			c.errorf(s, row.Number, "measure", "use one of: "+strings.Join(measures, ", "), "an indicator cannot measure %q", i.Measure)
		} else if i.Measure != "count" && get("of") == "" {
			c.errorf(s, row.Number, "of", "write an expression, as ${satisfaction} >= 4", "the %s needs to know of what", i.Measure)
		}
		if i.Better != "" && i.Better != "higher" && i.Better != "lower" {
			c.errorf(s, row.Number, "better", "write higher or lower", "better cannot be %q", i.Better)
		}
		c.needName(s, row, i.Name)
		p.Indicators = append(p.Indicators, i)
	})
	c.each("quotas", func(s *Sheet, row Row, get func(string) string) {
		q := Quota{Name: get("name"), Label: c.text(s, row, "label", nil), Where: c.expression(s, row, "where"), Row: row.Number}
		q.Target = c.whole(s, row, "target")
		switch full := strings.ToLower(get("full")); full {
		case "", "on", "go on":
		case string(QuotaWarns), string(QuotaCloses):
			q.Full = QuotaRule(full)
		default:
			c.errorf(s, row.Number, "full", "write close, warn or on", "what happens when a quota is full cannot be %q", full)
		}
		c.needName(s, row, q.Name)
		p.Quotas = append(p.Quotas, q)
	})
	c.each("alerts", func(s *Sheet, row Row, get func(string) string) {
		a := Alert{Name: get("name"), Label: c.text(s, row, "label", nil), Where: c.expression(s, row, "where"), To: get("to"), Row: row.Number, Urgent: c.flag(s, row, "urgent")}
		a.Message = c.text(s, row, "message", c.boundNow(s, row.Number, "message"))
		if a.Where == nil && get("where") == "" {
			c.errorf(s, row.Number, "where", "write when to alert, as ${satisfaction} = 1", "an alert needs a condition")
		}
		if n := c.written(a.Message); n != nil {
			c.errorf(s, row.Number, "message", "leave it out, or name the place, or a calculation from choices, as the label of the district",
				"an alert about people's answers never tells what one of them wrote, and ${%s} does", n.Name)
		}
		c.needName(s, row, a.Name)
		p.Alerts = append(p.Alerts, a)
	})
	c.each("calendar", func(s *Sheet, row Row, get func(string) string) {
		d := Due{Name: get("name"), Label: c.text(s, row, "label", nil), Audience: strings.ToLower(get("audience")), Every: strings.ToLower(get("every")), Row: row.Number}
		switch {
		case get("from") != "" || get("to") != "":
			c.round(s, row, &d)
		case !slices.Contains([]string{"day", "week", "month", "quarter", "year"}, d.Every):
			c.errorf(s, row.Number, "every", "use day, week, month, quarter or year, or give a round its first and last day in from and to", "a report cannot be due every %q", d.Every)
		case get("due") != "":
			d.Day = c.whole(s, row, "due")
		}
		for _, w := range strings.FieldsFunc(get("remind"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
			k, err := strconv.Atoi(w)
			if err != nil {
				c.errorf(s, row.Number, "remind", "write days such as -3, 1", "%q is not a number of days", w)
			}
			d.Remind = append(d.Remind, k)
		}
		c.needName(s, row, d.Name)
		p.Calendar = append(p.Calendar, d)
	})
	c.each("report", func(s *Sheet, row Row, get func(string) string) {
		r := ReportRow{Section: get("section"), Column: strings.ToLower(get("column")), Text: c.expression(s, row, "text"), Where: c.expression(s, row, "where"), Row: row.Number}
		r.Lead = c.text(s, row, "lead", c.boundNow(s, row.Number, "lead"))
		if r.Section == "" {
			c.errorf(s, row.Number, "section", "write the section's letter or number, as A.1", "the row has no section")
		}
		r.Label = c.text(s, row, "label", nil)
		if !slices.Contains(reportColumns, r.Column) && (r.Column != "" || r.Label.Empty()) {
			c.errorf(s, row.Number, "column", "use one of: "+strings.Join(reportColumns, ", "), "the report has no column %q", r.Column)
		}
		p.Report = append(p.Report, r)
	})
}

// round reads the first and last day of a round.
func (c *compiler) round(s *Sheet, row Row, d *Due) {
	for _, key := range []string{"every", "due"} {
		if s.Get(row, key) != "" {
			c.errorf(s, row.Number, key, "leave it blank, or leave from and to blank", "a round from a day to a day has no %q", key)
		}
	}
	d.Every = ""
	day := func(key string) string {
		v, _, _ := strings.Cut(strings.Replace(s.Get(row, key), "T", " ", 1), " ")
		if v == "" {
			c.errorf(s, row.Number, key, "write a day, as 2026-11-01", "the round has no day here")
		} else if _, err := time.Parse(time.DateOnly, v); err != nil {
			c.errorf(s, row.Number, key, "write it as 2026-11-01", "%q is not a day", s.Get(row, key))
			return ""
		}
		return v
	}
	if d.From, d.To = day("from"), day("to"); d.From != "" && d.To != "" && d.To < d.From {
		c.errorf(s, row.Number, "to", "a round ends on its first day or later", "the round ends on %s, before it begins on %s", d.To, d.From)
	}
}

// assessed checks that there is something to compare.
func (c *compiler) assessed() {
	f := c.form
	name := f.Settings.Assessed
	if name == "" {
		return
	}
	s := c.def.Sheet("settings")
	if f.Question(name) == nil {
		c.errorf(s, s.Rows[0].Number, "assessed", didYouMean(name, c.names()), "there is no question %q", name)
	} else if len(c.def.Sheet("indicators").Rows) == 0 {
		c.errorf(s, s.Rows[0].Number, "assessed", "write indicators of one answer each, as ${score}", "there is no figure to compare %q by", name)
	}
}

// comments checks which repeat holds comments.
func (c *compiler) comments() {
	name := c.form.Settings.Comments
	if name == "" || c.form.Repeat(name) != nil {
		return
	}
	var repeats []string
	for _, n := range c.form.Nodes {
		if n.Kind == RepeatNode {
			repeats = append(repeats, n.Name)
		}
	}
	hint := "comments are the instances of a repeat; the form has none"
	if len(repeats) > 0 {
		hint = "use one of: " + strings.Join(repeats, ", ")
	}
	s := c.def.Sheet("settings")
	c.errorf(s, s.Rows[0].Number, "comments", hint, "there is no repeat %q", name)
}

func (c *compiler) each(sheet string, f func(s *Sheet, row Row, get func(string) string)) {
	s := c.def.Sheet(sheet)
	for _, row := range s.Rows {
		f(s, row, func(key string) string { return s.Get(row, key) })
	}
}

func (c *compiler) needName(s *Sheet, row Row, name string) {
	if name == "" {
		c.errorf(s, row.Number, "name", "give the row a short name", "the row has no name")
	}
}

func (c *compiler) expression(s *Sheet, row Row, key string) *Expression {
	src := s.Get(row, key)
	if src == "" {
		return nil
	}
	if e := c.compileExpr(c.form.Root, s, row.Number, key, src, true); e != nil {
		return &Expression{Source: src, e: e}
	}
	return nil
}

// boundNow reads the ${} of a text once all questions are known.
func (c *compiler) boundNow(s *Sheet, row int, key string) func(lang int, cell string) *template {
	return func(lang int, cell string) *template {
		n := len(c.pending)
		t := c.template(s, row, key)(lang, cell)
		for _, late := range c.pending[n:] {
			late()
		}
		c.pending = c.pending[:n]
		return t
	}
}

// questions reads names of questions, as ${district} sex.
func (c *compiler) questions(s *Sheet, row Row, key string) []*Node {
	var out []*Node
	for _, w := range strings.FieldsFunc(s.Get(row, key), func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		w = strings.TrimSuffix(strings.TrimPrefix(w, "${"), "}")
		n := c.form.Question(w)
		if n == nil {
			c.errorf(s, row.Number, key, didYouMean(w, c.names()), "there is no question %q", w)
			continue
		}
		out = append(out, n)
	}
	return out
}

func (c *compiler) pairs(s *Sheet, row Row, key string) map[string]string {
	cell := s.Get(row, key)
	if cell == "" {
		return nil
	}
	m := map[string]string{}
	for _, w := range strings.FieldsFunc(cell, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		k, v, ok := strings.Cut(w, "=")
		if !ok {
			c.errorf(s, row.Number, key, "write service=health", "%q is not a name=value pair", w)
			continue
		}
		m[k] = v
	}
	return m
}

func (c *compiler) whole(s *Sheet, row Row, key string) int {
	v, err := strconv.Atoi(strings.TrimSpace(s.Get(row, key)))
	if err != nil || v < 0 {
		c.errorf(s, row.Number, key, "write a whole number", "%s cannot be %q", key, s.Get(row, key))
	}
	return v
}
