package export

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/fieldbot/flows"
)

// writeJSONL writes one object a line: metadata, then the answers nested as the
// form is. Numbers are numbers, blanks null, the rest text as XForms stores it;
// multiple selects are arrays if they are to be split.
func (l *layout) writeJSONL(w io.Writer, rows iter.Seq2[*Row, error]) (int, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	var buf []byte
	n := 0
	for r, err := range rows {
		if err != nil {
			return n, err
		}
		p, err := l.plan(r)
		if err != nil {
			return n, err
		}
		buf = l.jsonMeta(append(buf[:0], '{'), r, p)
		if len(r.Data) > 0 {
			buf = l.jsonFields(append(buf, ','), p.root, r.Data)
		}
		if _, err := out.Write(append(buf, '}', '\n')); err != nil {
			return n, err
		}
		n++
	}
	return n, out.Flush()
}

// jsonMeta writes the metadata as members, without braces. A question of the
// same name takes precedence.
func (l *layout) jsonMeta(b []byte, r *Row, p *plan) []byte {
	member := func(name, v string) {
		for _, c := range p.root.children {
			if c.node.Name == name {
				name = "_" + name
			}
		}
		b = jsonText(b, name)
		b = append(b, ':')
		if v == "" {
			b = append(b, "null,"...)
		} else {
			b = append(jsonText(b, v), ',')
		}
	}
	if r.Number != 0 {
		b = append(b, `"_id":`...)
		b = append(strconv.AppendInt(b, r.Number, 10), ',')
	}
	moment := func(t time.Time) string { return l.moment(t) }
	member("_uuid", r.ID)
	member("_submission_time", moment(r.Received))
	member("_form", r.FormID)
	member("_version", r.Version)
	member("_language", r.Language)
	member("_reference", r.Reference)
	member("_instance_name", r.InstanceName)
	member("_start", moment(r.Started))
	member("_end", moment(r.Finished))
	member("_person", r.Person)
	member("_enumerator", r.Enumerator)
	member("_link", r.Link)
	member("_form_hash", r.Hash)
	return b[:len(b)-1]
}

// jsonFields writes the members of a record, without braces.
func (l *layout) jsonFields(b []byte, p *planNode, data flows.Record) []byte {
	last := 0
	for i := range data {
		d := &data[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsonText(b, d.Name), ':')
		q := p.find(d.Name, &last)
		if q == nil {
			q = &planNode{node: &flows.Node{}} // not of this form, but not lost either
		}
		switch d.Kind {
		case flows.QuestionNode:
			b = l.jsonAnswer(b, q, d.Text)
		case flows.GroupNode:
			b = append(b, '{')
			for _, k := range d.Records[:min(1, len(d.Records))] {
				b = l.jsonFields(b, q, k)
			}
			b = append(b, '}')
		case flows.RepeatNode:
			b = append(b, '[')
			for j, k := range d.Records {
				if j > 0 {
					b = append(b, ',')
				}
				b = append(l.jsonFields(append(b, '{'), q, k), '}')
			}
			b = append(b, ']')
		}
	}
	return b
}

func (l *layout) jsonAnswer(b []byte, q *planNode, text string) []byte {
	if text == "" {
		return append(b, "null"...)
	}
	t := q.node.Type
	if t == nil {
		return jsonText(b, text)
	}
	if k := kindOf(t); k == numberCell {
		if _, ok := exact(text); ok {
			return append(b, text...)
		}
	}
	if l.o.SplitMultiple && t.Multiple() {
		b = append(b, '[')
		for i, name := range strings.Fields(text) {
			if i > 0 {
				b = append(b, ',')
			}
			if s := q.labels[name]; s != "" {
				name = s
			}
			b = jsonText(b, name)
		}
		return append(b, ']')
	}
	return jsonText(b, q.shown(text))
}

// jsonText appends a JSON string; <, > and & stand for themselves.
func jsonText(b []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf && !utf8.ValidString(s) {
			plain = false
			break
		} else if c >= utf8.RuneSelf {
			plain = !strings.ContainsAny(s, "\"\\\u2028\u2029") && strings.IndexFunc(s, func(r rune) bool { return r < ' ' }) < 0
			break
		}
	}
	if plain {
		return append(append(append(b, '"'), s...), '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, quoted...)
}
