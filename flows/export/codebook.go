package export

import (
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

// codebook says what the columns and the choices stand for.
func (l *layout) codebook() []sheet {
	langs := l.languages()
	head := []string{"table", "column", "group", "type", "list"}
	for _, lang := range langs {
		head = append(head, "label::"+lang)
	}
	book := sheet{name: "codebook", rows: [][]string{append(head, "choices")}}
	list := sheet{name: "choices"}
	seen := map[[2]string]bool{}
	head = []string{"list", "name"}
	for _, lang := range langs {
		head = append(head, "label::"+lang)
	}
	list.rows = append(list.rows, head)
	for _, t := range l.tables {
		for _, c := range t.columns {
			n := c.node
			row := []string{t.name, c.header, strings.TrimSuffix(c.group, "/"), n.Type.Name, ""}
			if n.List != nil {
				row[4] = n.List.Name
			}
			row = append(row, labels(c.form, n.Label, langs)...)
			book.rows = append(book.rows, append(row, choicesOf(n.List, language(c.form, l.o.Language))))
		}
	}
	for i := len(l.forms) - 1; i >= 0; i-- {
		f := l.forms[i]
		for _, n := range f.Nodes {
			if n.List == nil || len(list.rows) > 100_000 {
				continue
			}
			for _, c := range n.List.Choices {
				if key := [2]string{n.List.Name, c.Name}; !seen[key] {
					seen[key] = true
					list.rows = append(list.rows, append([]string{n.List.Name, c.Name}, labels(f, c.Label, langs)...))
				}
			}
		}
	}
	return append([]sheet{book, list}, l.figures(langs)...)
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

func choicesOf(list *flows.List, lang int) string {
	if list == nil {
		return ""
	}
	var b strings.Builder
	for i, c := range list.Choices {
		if i == maxListed {
			b.WriteString("\n…")
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(c.Name)
		if s := oneLine(c.Label.In(lang)); s != "" && s != c.Name {
			b.WriteString(" = " + s)
		}
	}
	return b.String()
}
