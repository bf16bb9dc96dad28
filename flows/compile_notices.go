package flows

import "strings"

// notices warns of what a form asks for and a chat has not, of files that are
// missing and of lists that nothing uses. None of it keeps the form from running.
func (c *compiler) notices() {
	survey := c.def.Sheet("survey")
	said := map[string]bool{}
	for _, n := range c.form.Nodes {
		if n.Kind != QuestionNode || n.OrOther || n.Type.Missing == "" || said[n.Type.Name] ||
			n.Type.Name == "image" && !n.Appearance.Has("signature", "draw", "annotate") {
			continue
		}
		said[n.Type.Name] = true
		why, instead, _ := strings.Cut(n.Type.Missing, "; ")
		c.warnf(survey, n.Row, "type", instead, "%s: %s", n.Type.Name, why)
	}
	for i := range c.drafts {
		c.appearanceNotice(&c.drafts[i], said)
	}
	c.missingMedia(said)
	c.unusedLists()
}

// appearanceNotice warns of an appearance that a chat has not, once.
func (c *compiler) appearanceNotice(d *draft, said map[string]bool) {
	for _, w := range d.n.Appearance {
		for i := range looks {
			l := &looks[i]
			if l.Missing == "" || said["appearance "+l.Name] || !l.names(w) {
				continue
			}
			said["appearance "+l.Name] = true
			why, instead, _ := strings.Cut(l.Missing, "; ")
			c.warnf(d.s, d.row.Number, "appearance", instead, "%s: %s", l.Name, why)
		}
	}
}

// missingMedia warns of each picture, recording or film that is not attached.
func (c *compiler) missingMedia(said map[string]bool) {
	for _, key := range []string{"survey", "choices"} {
		s := c.def.Sheet(key)
		for i, col := range s.Columns {
			if !strings.HasPrefix(col.Key, "media::") {
				continue
			}
			for _, r := range s.Rows {
				if i >= len(r.Cells) {
					continue
				}
				name := strings.TrimSpace(r.Cells[i])
				if _, ok := c.def.Files[name]; ok || name == "" || strings.Contains(name, "${") || said["file "+name] || c.columns[name] {
					continue
				}
				said["file "+name] = true
				c.warnf(s, r.Number, col.Key, "attach "+name+" to the form", "the file %s is missing; the text is shown without it", name)
			}
		}
	}
}

// unusedLists warns of lists of choices that no question and no instance() names.
func (c *compiler) unusedLists() {
	for _, sheet := range []string{"choices", "external_choices"} {
		s := c.def.Sheet(sheet)
		said := map[string]bool{}
		for _, r := range s.Rows {
			name := s.Get(r, "list_name")
			if name == "" || said[name] || c.usedLists[name] {
				continue
			}
			said[name] = true
			c.warnf(s, r.Number, "list_name", "", "no question uses the list %q", name)
		}
	}
}
