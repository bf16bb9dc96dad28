package export

import (
	"slices"
	"strconv"
	"strings"

	"example.org/fieldbot/flows"
)

// A sheet of words that goes with the data.
type sheet struct {
	name string
	rows [][]string
}

// maxListed is how many choices the codebook names beside a question; all are
// on the choices sheet.
const maxListed = 50

// codebook says what the columns and the choices stand for. Where versions
// differ, the words are those of the newest version that has the question; types,
// choices and differently worded choices of older ones are there, too, and the
// column "versions" tells which have it, if not all do.
func (l *layout) codebook() []sheet {
	langs := l.languages()
	var shown []string
	for _, lang := range langs {
		shown = append(shown, "label::"+lang)
	}
	book := sheet{name: "codebook", rows: [][]string{slices.Concat([]string{"table", "column", "group", "type", "list"}, shown, []string{"choices", "versions"})}}
	for _, t := range l.tables {
		for _, c := range t.columns {
			var types, lists []string
			var in []*flows.Form
			for _, a := range c.asked {
				in = append(in, a.form)
				types = appendNew(types, a.node.Type.Name)
				if a.node.List != nil {
					lists = appendNew(lists, a.node.List.Name)
				}
			}
			book.rows = append(book.rows, slices.Concat(
				[]string{t.name, c.header, strings.TrimSuffix(c.group, "/"), strings.Join(types, " / "), strings.Join(lists, " / ")},
				labels(c.form, c.node.Label, langs), []string{l.choicesOf(c), l.versions(in)}))
		}
	}
	return append([]sheet{book, l.choices(langs)}, l.figures(langs)...)
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// maxChoices is how many rows the sheet of choices may have.
const maxChoices = 100_000

// choices lists all choices of all versions: once for all that word it alike.
func (l *layout) choices(langs []string) sheet {
	head := []string{"list", "name"}
	for _, lang := range langs {
		head = append(head, "label::"+lang)
	}
	s := sheet{name: "choices", rows: [][]string{append(head, "versions")}}
	at := map[string]int{} // row by list, name and words
	in := [][]*flows.Form{nil}
	for i := len(l.forms) - 1; i >= 0; i-- {
		f, met := l.forms[i], map[*flows.List]bool{}
		for _, n := range f.Nodes {
			if n.List == nil || met[n.List] {
				continue
			}
			met[n.List] = true
			for _, c := range n.List.Choices {
				row := append([]string{n.List.Name, c.Name}, labels(f, c.Label, langs)...)
				key := strings.Join(row, "\x00")
				k, ok := at[key]
				if !ok {
					if len(s.rows) > maxChoices {
						continue
					}
					k = len(s.rows)
					at[key] = k
					s.rows, in = append(s.rows, row), append(in, nil)
				}
				if !slices.Contains(in[k], f) {
					in[k] = append(in[k], f)
				}
			}
		}
	}
	for k := 1; k < len(s.rows); k++ {
		s.rows[k] = append(s.rows[k], l.versions(in[k]))
	}
	return s
}

// versions names versions, the oldest first; "" if they are all there are.
func (l *layout) versions(in []*flows.Form) string {
	if len(in) == len(l.forms) {
		return ""
	}
	var names []string
	for _, f := range l.forms {
		if slices.Contains(in, f) {
			names = append(names, l.version(f))
		}
	}
	return strings.Join(names, ", ")
}

// version is what a version is called.
func (l *layout) version(f *flows.Form) string {
	twin := func(o *flows.Form) bool { return o != f && o.Version == f.Version }
	return flows.VersionName(f.Version, f.Hash, slices.ContainsFunc(l.forms, twin))
}

// figures says what the newest version works out from the data; nothing if it
// works out nothing.
func (l *layout) figures(langs []string) []sheet {
	f := l.forms[len(l.forms)-1]
	if len(f.Programme.Indicators)+len(f.Programme.Quotas) == 0 {
		return nil
	}
	head := []string{"kind", "name"}
	for _, lang := range langs {
		head = append(head, "label::"+lang)
	}
	s := sheet{name: "indicators", rows: [][]string{append(head, "measure", "of", "where", "by", "target", "plan")}}
	for i := range f.Programme.Indicators {
		ind := &f.Programme.Indicators[i]
		var by []string
		for _, n := range ind.By {
			by = append(by, n.Name)
		}
		row := append([]string{"indicator", ind.Name}, labels(f, ind.Label, langs)...)
		s.rows = append(s.rows, append(row, ind.Measure, source(ind.Of), source(ind.Where), strings.Join(by, " "), ind.Target, ind.Plan))
	}
	for i := range f.Programme.Quotas {
		q := &f.Programme.Quotas[i]
		row := append([]string{"quota", q.Name}, labels(f, q.Label, langs)...)
		s.rows = append(s.rows, append(row, "count", "", source(q.Where), "", strconv.Itoa(q.Target), ""))
	}
	return []sheet{s}
}

func source(e *flows.Expression) string {
	if e == nil {
		return ""
	}
	return e.Source
}

// languages of all versions, those of the newest first.
func (l *layout) languages() []string {
	var names []string
	seen := map[string]bool{}
	for i := len(l.forms) - 1; i >= 0; i-- {
		for _, lang := range l.forms[i].Languages {
			if !seen[lang.Name] {
				seen[lang.Name] = true
				names = append(names, lang.Name)
			}
		}
	}
	return names
}

func labels(f *flows.Form, t flows.Text, langs []string) []string {
	out := make([]string, len(langs))
	for i, name := range langs {
		for k, lang := range f.Languages {
			if lang.Name == name && t.Has(k) {
				out[i] = t.In(k)
			}
		}
	}
	return out
}

// choicesOf names the choices of a question in all versions.
func (l *layout) choicesOf(c *column) string {
	var lines []string
	met := map[string]bool{}
	for _, a := range c.asked {
		if a.node.List == nil {
			continue
		}
		lang := language(a.form, l.o.Language)
		for _, ch := range a.node.List.Choices {
			if met[ch.Name] {
				continue
			}
			if met[ch.Name] = true; len(lines) == maxListed {
				return strings.Join(append(lines, "…"), "\n")
			}
			line := ch.Name
			if s := oneLine(ch.Label.In(lang)); s != "" && s != ch.Name {
				line += " = " + s
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
