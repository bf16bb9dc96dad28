package flows

import (
	"strings"
)

// A template is a text with ${name} in it, cut into parts.
type template struct {
	raw   string
	parts []part // empty: raw holds no reference
}

type part struct {
	text string
	ref  *binding // nil: text
}

// In returns the text of a language, or the nearest there is: the default
// language's, then any. The ${} in it are not put in.
func (t Text) In(lang int) string {
	if p := t.pick(lang); p != nil {
		return p.raw
	}
	return ""
}

// Has reports whether the text has a cell for the language, without falling back.
func (t Text) Has(lang int) bool {
	return lang < len(t.parts) && t.parts[lang] != nil
}

// Empty reports whether no language has a text.
func (t Text) Empty() bool { return t.pick(0) == nil }

func (t Text) pick(lang int) *template {
	if lang < len(t.parts) && t.parts[lang] != nil {
		return t.parts[lang]
	}
	if t.def < len(t.parts) && t.parts[t.def] != nil {
		return t.parts[t.def]
	}
	for _, p := range t.parts {
		if p != nil {
			return p
		}
	}
	return nil
}

// NewText makes a text without references, in one language for all.
func NewText(s string) Text { return Text{parts: []*template{{raw: s}}} }

// splitRefs cuts a text at its ${name}. A malformed one is left as text and
// reported by bad, with what stands there.
func splitRefs(s string, ref func(name string) *binding, bad func(what string)) *template {
	t := &template{raw: s}
	rest := s
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			break
		}
		j := strings.IndexByte(rest[i:], '}')
		if j < 0 {
			bad(rest[i:])
			break
		}
		name := strings.TrimSpace(rest[i+2 : i+j])
		if i > 0 {
			t.parts = append(t.parts, part{text: rest[:i]})
		}
		if b := ref(name); b != nil {
			t.parts = append(t.parts, part{ref: b})
		} else {
			t.parts = append(t.parts, part{text: rest[i : i+j+1]})
		}
		rest = rest[i+j+1:]
	}
	if len(t.parts) > 0 && rest != "" {
		t.parts = append(t.parts, part{text: rest})
	}
	return t
}

// text puts the answers into a text, as they are at container c.
func (in *Instance) text(t Text, c *container) string {
	p := t.pick(in.lang)
	if p == nil {
		return ""
	}
	if len(p.parts) == 0 {
		return p.raw
	}
	var b strings.Builder
	for _, q := range p.parts {
		if q.ref == nil {
			b.WriteString(q.text)
			continue
		}
		if b.Len() < MaxAnswer { // nobody reads on, and a label may name long answers a thousand times
			b.WriteString(in.refText(q.ref, c))
		}
	}
	return b.String()
}
