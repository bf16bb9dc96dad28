package flows

import (
	"slices"
	"strings"
)

// choices reads the choice lists, and those of external_choices.
func (c *compiler) choices() {
	c.lists("choices", c.form.Lists)
	c.external = map[string]*List{}
	c.lists("external_choices", c.external)
}

// notAttribute are columns of a choices sheet that a filter does not see.
var notAttribute = map[string]bool{"list_name": true, "media::image": true, "media::audio": true, "media::video": true, "media::big-image": true}

func (c *compiler) lists(sheet string, into map[string]*List) {
	s := c.def.Sheet(sheet)
	if len(s.Rows) == 0 {
		return
	}
	for _, key := range []string{"list_name", "name"} {
		if s.Column(key) < 0 {
			c.errorf(s, 1, "", "give the sheet columns list_name, name and label", "the sheet has no column %s", key)
			return
		}
	}
	if len(s.Rows) > MaxChoices {
		c.errorf(s, 0, "", "keep long lists in a csv file beside the form", "%d choices are more than the limit of %d", len(s.Rows), MaxChoices)
		return
	}
	var attrs []string // of the whole sheet; a list has them all
	var attrCol []int
	for i, col := range s.Columns {
		if notAttribute[col.Key] || translatable[col.Key] || col.Key == "name" {
			continue
		}
		key := col.Header
		if col.Key != strings.ToLower(key) {
			key = col.Key
		}
		attrs = append(attrs, key)
		attrCol = append(attrCol, i)
	}
	duplicates := c.allowDuplicates()
	var lists []*List          // that have a name twice, in the order of the sheet
	again := map[*List][]int{} // the rows that repeat one
	for _, row := range s.Rows {
		name, choice := s.Get(row, "list_name"), s.Get(row, "name")
		switch {
		case name == "" && choice == "":
			continue // a remark between lists
		case name == "":
			c.warnf(s, row.Number, "list_name", "name the list that it belongs to", "choice %q has no list_name and is left out", choice)
			continue
		case choice == "":
			c.errorf(s, row.Number, "name", "give the choice a short name, as yes", "a choice of list %q has no name", name)
			continue
		}
		l := into[name]
		if l == nil {
			l = &List{Name: name, Columns: attrs, byName: map[string]int{}}
			into[name] = l
		}
		d := ChoiceDef{Name: choice, Row: row.Number}
		d.Label = c.text(s, row, "label", c.template(s, row.Number, "label"))
		for m, key := range mediaKeys {
			d.Media[m] = c.text(s, row, key, nil)
		}
		if d.Media[Image].Empty() {
			d.Media[Image] = c.text(s, row, "media::big-image", nil)
		}
		for _, i := range attrCol {
			v := ""
			if i < len(row.Cells) {
				v = row.Cells[i]
			}
			d.attrs = append(d.attrs, v)
		}
		if !d.Label.Empty() {
			l.Labels = true
		}
		if _, ok := l.byName[choice]; ok {
			if !duplicates {
				if again[l] == nil {
					lists = append(lists, l)
				}
				again[l] = append(again[l], row.Number)
			}
		} else {
			l.byName[choice] = len(l.Choices)
		}
		l.Choices = append(l.Choices, d)
	}
	for _, l := range lists {
		c.twice(s, l, again[l])
	}
	for name, l := range into {
		c.form.tables[name] = l.table(c.form)
	}
}

// twice reports the rows of a list that repeat a name: one problem for all, since
// one setting mends a cascade that has "other" under each of its parents.
func (c *compiler) twice(s *Sheet, l *List, rows []int) {
	i := slices.IndexFunc(l.Choices, func(d ChoiceDef) bool { return d.Row == rows[0] })
	d, more := &l.Choices[i], ""
	if len(rows) > 1 {
		more = ", further repeats in " + rowList(rows[1:])
	}
	c.errorf(s, d.Row, "name", "rename one of them, or set allow_choice_duplicates to yes in settings if a choice_filter keeps them apart",
		"list %q has the choice %q already in row %d%s", l.Name, d.Name, l.Choices[l.byName[d.Name]].Row, more)
}

var mediaKeys = [...]string{Image: "media::image", Audio: "media::audio", Video: "media::video"}

func (c *compiler) allowDuplicates() bool {
	s := c.def.Sheet("settings")
	if len(s.Rows) == 0 {
		return false
	}
	v, _ := truth(s.Get(s.Rows[0], "allow_choice_duplicates"))
	return v
}

// table makes a list readable for expressions.
func (l *List) table(f *Form) *table {
	rows := make([][]string, len(l.Choices))
	cells := make([]string, 0, len(l.Choices)*(len(l.Columns)+2))
	for i := range l.Choices {
		d := &l.Choices[i]
		n := len(cells)
		cells = append(cells, d.Name, "")
		cells = append(cells, d.attrs...)
		rows[i] = cells[n:len(cells):len(cells)]
	}
	t := newTable(l.Name, append([]string{"name", "label"}, l.Columns...), rows)
	t.labels = func(row, lang int) string {
		if p := l.Choices[row].Label.pick(lang); p != nil {
			return p.raw
		}
		return ""
	}
	return t
}

// addOther puts the choice of or_other at the end of a list, once.
func (l *List) addOther(f *Form) {
	if _, ok := l.byName["other"]; ok {
		return
	}
	l.byName["other"] = len(l.Choices)
	l.Choices = append(l.Choices, ChoiceDef{Name: "other", Label: f.words(otherWords), attrs: make([]string, len(l.Columns))})
}

// The standard's own words for or_other are English; a form in another language
// that we know gets that language's.
var (
	otherWords   = map[string]string{"en": "Other", "lo": "ອື່ນໆ", "fr": "Autre", "es": "Otro", "pt": "Outro", "th": "อื่นๆ", "vi": "Khác"}
	specifyWords = map[string]string{"en": "Specify other.", "lo": "ກະລຸນາລະບຸ.", "fr": "Précisez.", "es": "Especifique.", "pt": "Especifique.", "th": "โปรดระบุ", "vi": "Ghi rõ."}
)

func (f *Form) words(by map[string]string) Text {
	t := Text{def: f.Default, parts: make([]*template, len(f.Languages))}
	for i, l := range f.Languages {
		w, ok := by[strings.ToLower(l.Code)]
		if !ok {
			w = by["en"]
		}
		t.parts[i] = &template{raw: w}
	}
	return t
}

// template returns a function that reads the ${} of a translatable cell.
// What they name is looked up once all questions are known.
func (c *compiler) template(s *Sheet, row int, key string) func(lang int, cell string) *template {
	return func(_ int, cell string) *template {
		t := &template{raw: cell}
		if !strings.Contains(cell, "${") {
			return t
		}
		c.pending = append(c.pending, func() {
			*t = *splitRefs(cell, func(name string) *binding {
				n := c.resolve(s, row, key, name)
				if n == nil {
					return nil
				}
				return &binding{target: n}
			}, func(what string) {
				c.errorf(s, row, key, "write ${name}, with the brace closed", "%q is not a reference", what)
			})
		})
		return t
	}
}

// resolve finds the node that a ${name} in a text means; "" reports nothing
// and gives blankNode for ${last-saved#name}, which can only be a default.
func (c *compiler) resolve(s *Sheet, row int, key, name string) *Node {
	name, saved := strings.CutPrefix(name, "last-saved#")
	if saved && len(c.form.byName[name]) > 0 {
		return blankNode
	}
	switch nodes := c.form.byName[name]; len(nodes) {
	case 1:
		return nodes[0]
	case 0:
		hint := didYouMean(name, c.names())
		if hint == "" {
			hint = "write the name of a row of the survey sheet"
		}
		c.errorf(s, row, key, hint, "${%s}: there is no question of this name", name)
	default:
		c.errorf(s, row, key, "give the questions different names", "${%s} is ambiguous: rows %d and %d have this name", name, nodes[0].Row, nodes[1].Row)
	}
	return nil
}

// blankNode stands for an answer that is never there.
var blankNode = &Node{ID: -1, Index: -1, local: -1, Type: typesByName["hidden"]}

func (c *compiler) names() []string {
	if c.compared += len(c.form.byName); c.full() || c.compared > maxCompared {
		return nil
	}
	return sortedKeys(c.form.byName)
}
