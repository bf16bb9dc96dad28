package locales

import (
	"strings"

	"golang.org/x/text/feature/plural"
)

// Pseudo returns the catalogue with every message of every language set in
// ⟦ ⟧. A test that meets a letter outside of them in what the bot says, and
// not from a form or a person, has found a word that is not in this package.
func (c *Catalogue) Pseudo() *Catalogue {
	out := &Catalogue{languages: c.languages, locales: map[string]*locale{}, misses: map[string]int{}}
	for code, l := range c.locales {
		p := *l
		p.messages = make(map[string]*message, len(l.messages))
		for key, m := range l.messages {
			if strings.HasPrefix(key, "format.") {
				p.messages[key] = m
				continue
			}
			p.messages[key] = &message{forms: map[plural.Form]pattern{}}
			for form, q := range m.forms {
				p.messages[key].forms[form] = enclose(q)
			}
		}
		out.locales[code] = &p
	}
	return out
}

func enclose(p pattern) pattern {
	out := append(pattern{{text: "⟦", marked: "⟦"}}, p...)
	return append(out, part{text: "⟧", marked: "⟧"})
}
