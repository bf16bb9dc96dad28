// Package places finds provinces and districts by what people call them. It
// knows those that the published forms ask about, in all their languages.
//
// Names are matched, never guessed: Find returns every place that the text
// names, which are several where two provinces have a district of one name, and
// else the nearest ones to ask about.
package places

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"example.org/fieldbot/flows"
)

// A Place is a district, or a province if District is "".
type Place struct {
	Province string // code
	District string // code
	Labels   []Label
}

// A Label is the name of a place in a language, as the form has it.
type Label struct{ Code, Text string }

// Label returns the name in a language, else in the first there is, else the
// code.
func (p Place) Label(lang string) string {
	for _, l := range p.Labels {
		if l.Code == lang {
			return l.Text
		}
	}
	if len(p.Labels) > 0 {
		return p.Labels[0].Text
	}
	return p.Code()
}

// Code is the district's code, or the province's.
func (p Place) Code() string { return cmp.Or(p.District, p.Province) }

// A Directory is the places that forms know.
type Directory struct {
	places []Place
	names  []map[string]bool // of each place: what it is called, folded
	around []map[string]bool // of each district: what its province is called
	inside []written
}

// New collects the places of forms, whose settings name the questions about
// province and district.
func New(forms []*flows.Form) *Directory {
	d := &Directory{}
	for _, f := range forms {
		if l := listOf(f, f.Settings.Roles.Province); l != nil {
			for i := range l.Choices {
				d.add(f, Place{Province: l.Choices[i].Name}, l.Choices[i].Label)
			}
		}
	}
	for _, f := range forms {
		l := listOf(f, f.Settings.Roles.District)
		if l == nil {
			continue
		}
		column := provinceColumn(f, l)
		for i := range l.Choices {
			p := Place{District: l.Choices[i].Name}
			if column != "" {
				p.Province = l.Attribute(i, column)
			}
			d.add(f, p, l.Choices[i].Label)
		}
	}
	d.tie()
	return d
}

func listOf(f *flows.Form, question string) *flows.List {
	if n := f.Question(question); question != "" && n != nil {
		return n.List
	}
	return nil
}

// provinceColumn is the attribute of districts that tells the province: the one
// named as the question about it, or as the setting.
func provinceColumn(f *flows.Form, l *flows.List) string {
	for _, name := range []string{f.Settings.Roles.Province, "province"} {
		if name != "" && slices.Contains(l.Columns, name) {
			return name
		}
	}
	return ""
}

func (d *Directory) add(f *flows.Form, p Place, label flows.Text) {
	i := slices.IndexFunc(d.places, func(q Place) bool { return q.District == p.District && (p.District != "" || q.Province == p.Province) })
	if i < 0 {
		i = len(d.places)
		d.places = append(d.places, p)
		d.names = append(d.names, map[string]bool{Fold(p.Code()): true})
		d.around = append(d.around, map[string]bool{})
	}
	q := &d.places[i]
	q.Province = cmp.Or(q.Province, p.Province)
	for k, lang := range f.Languages {
		text := strings.TrimSpace(label.In(k))
		if text == "" {
			continue
		}
		if !slices.ContainsFunc(q.Labels, func(l Label) bool { return l.Code == lang.Code }) {
			q.Labels = append(q.Labels, Label{lang.Code, text})
		}
		d.names[i][Fold(text)] = true
		if name, inside, ok := split(text); ok && p.District != "" {
			d.inside = append(d.inside, written{i, lang.Code, name, inside})
		}
	}
}

// written is a label that has more than a name in it: "Phonthong (Champasack)".
type written struct {
	place              int
	lang, name, inside string
}

// split cuts "Phonthong (Champasack)".
func split(text string) (name, inside string, ok bool) {
	i := strings.LastIndexByte(text, '(')
	if i <= 0 || !strings.HasSuffix(text, ")") {
		return text, "", false
	}
	return strings.TrimSpace(text[:i]), text[i+1 : len(text)-1], true
}

// tie lets each district know what its province is called. What stands in
// parentheses behind districts of one province alone is that province's name;
// "whole province" is not.
func (d *Directory) tie() {
	of := map[string]map[string]bool{} // provinces by what stands in parentheses
	count, most := map[[3]string]int{}, map[[2]string]int{}
	for _, w := range d.inside {
		if of[w.inside] == nil {
			of[w.inside] = map[string]bool{}
		}
		province := d.places[w.place].Province
		of[w.inside][province] = true
		count[[3]string{w.lang, province, w.inside}]++
		most[[2]string{w.lang, province}] = max(most[[2]string{w.lang, province}], count[[3]string{w.lang, province, w.inside}])
	}
	for _, w := range d.inside {
		province := d.places[w.place].Province
		if len(of[w.inside]) != 1 || province == "" || count[[3]string{w.lang, province, w.inside}] < most[[2]string{w.lang, province}] {
			continue // the last: "whole capital", which only one place can say
		}
		d.names[w.place][Fold(w.name)] = true
		d.province(province, Label{w.lang, w.inside})
	}
	for i := range d.places {
		p := &d.places[i]
		k := slices.IndexFunc(d.places, func(q Place) bool { return q.District == "" && q.Province == p.Province })
		if p.District == "" || k < 0 {
			continue
		}
		maps.Copy(d.around[i], d.names[k])
		for n, l := range p.Labels {
			if _, _, ok := split(l.Text); !ok {
				p.Labels[n].Text = l.Text + " (" + d.places[k].Label(l.Code) + ")"
			}
		}
	}
}

// province adds a name of a province that no form has a list of.
func (d *Directory) province(code string, label Label) {
	i := slices.IndexFunc(d.places, func(q Place) bool { return q.District == "" && q.Province == code })
	if i < 0 {
		i = len(d.places)
		d.places = append(d.places, Place{Province: code})
		d.names = append(d.names, map[string]bool{Fold(code): true})
		d.around = append(d.around, map[string]bool{})
	}
	p := &d.places[i]
	if !slices.ContainsFunc(p.Labels, func(l Label) bool { return l.Code == label.Code }) {
		p.Labels = append(p.Labels, label)
	}
	d.names[i][Fold(label.Text)] = true
}

// Districts returns all districts.
func (d *Directory) Districts() []Place {
	return slices.DeleteFunc(slices.Clone(d.places), func(p Place) bool { return p.District == "" })
}

// Get returns the district, or else the province, of a code.
func (d *Directory) Get(code string) (Place, bool) {
	i := slices.IndexFunc(d.places, func(p Place) bool { return p.District == code })
	if i < 0 || code == "" {
		i = slices.IndexFunc(d.places, func(p Place) bool { return p.District == "" && p.Province == code })
	}
	if i < 0 || code == "" {
		return Place{}, false
	}
	return d.places[i], true
}

// Find returns the places that a text names: a code, a name, or a name with its
// province behind a comma or in parentheses. Where there is none, near are the
// nearest, at most five, the nearest first.
func (d *Directory) Find(text string) (exact, near []Place) {
	text = strings.TrimSpace(text)
	for _, pair := range pairs(text) {
		if !d.known(pair[0]) {
			continue
		}
		exact, close := d.In(pair[0], pair[1])
		if len(exact) > 0 {
			return exact, nil
		}
		if len(near) == 0 {
			near = close
		}
	}
	exact, more := d.find(text, func(int) bool { return true })
	if len(near) == 0 {
		near = more
	}
	return exact, near
}

// pairs reads a text as a province and a district, in each way it may be meant.
func pairs(text string) (out [][2]string) {
	if name, inside, ok := split(text); ok {
		out = append(out, [2]string{inside, name})
	}
	for _, cut := range []string{",", "/", ";"} {
		if a, b, ok := strings.Cut(text, cut); ok {
			out = append(out, [2]string{b, a}, [2]string{a, b})
		}
	}
	return out
}

// known reports whether a text names a province.
func (d *Directory) known(province string) bool {
	key := Fold(province)
	return key != "" && slices.ContainsFunc(d.around, func(m map[string]bool) bool { return m[key] })
}

// In returns the districts of a province that a text names, else the nearest
// ones there. A province that is not known, or "", is any.
func (d *Directory) In(province, district string) (exact, near []Place) {
	key, known := Fold(province), d.known(province)
	return d.find(district, func(i int) bool {
		return d.places[i].District != "" && (!known || d.around[i][key])
	})
}

// Province returns the provinces that a text names, else the nearest ones.
func (d *Directory) Province(text string) (exact, near []Place) {
	return d.find(text, func(i int) bool { return d.places[i].District == "" })
}

func (d *Directory) find(text string, among func(i int) bool) (exact, near []Place) {
	key := Fold(text)
	if key == "" {
		return nil, nil
	}
	type found struct {
		Place
		far int
	}
	var list []found
	limit := len([]rune(key))/3 + 2
	for i, p := range d.places {
		if !among(i) {
			continue
		}
		if d.names[i][key] {
			exact = append(exact, p)
			continue
		}
		far := limit
		for name := range d.names[i] {
			far = min(far, distance([]rune(key), []rune(name), limit))
		}
		if far < limit {
			list = append(list, found{p, far})
		}
	}
	if len(exact) > 0 {
		return exact, nil
	}
	slices.SortStableFunc(list, func(a, b found) int { return a.far - b.far })
	for _, f := range list[:min(len(list), 5)] {
		near = append(near, f.Place)
	}
	return nil, near
}

// Fold brings a name to what is compared: letters and digits alone, in lower
// case. Spellings of names differ in blanks, hyphens and capitals.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Lao, r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(s))
}

// distance is the Levenshtein distance of two words, at most limit.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			c := diagonal
			if a[i] != b[j] {
				c = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], c
		}
	}
	return min(row[len(b)], limit)
}
