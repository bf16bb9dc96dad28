package flows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// MarshalJSON writes a record as one object in the form's order: a question is
// a string as XForms stores it, a group an object, a repeat an array of objects.
func (r Record) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := r.write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (r Record) write(b *bytes.Buffer) error {
	b.WriteByte('{')
	for i, f := range r {
		if i > 0 {
			b.WriteByte(',')
		}
		quote(b, f.Name)
		b.WriteByte(':')
		switch f.Kind {
		case QuestionNode:
			quote(b, f.Text)
		case GroupNode:
			if len(f.Records) != 1 {
				return fmt.Errorf("group %s holds %d records, want 1", f.Name, len(f.Records))
			}
			if err := f.Records[0].write(b); err != nil {
				return err
			}
		case RepeatNode:
			b.WriteByte('[')
			for j, k := range f.Records {
				if j > 0 {
					b.WriteByte(',')
				}
				if err := k.write(b); err != nil {
					return err
				}
			}
			b.WriteByte(']')
		}
	}
	b.WriteByte('}')
	return nil
}

// quote writes a JSON string without escaping <, > and &, which are common in answers.
func quote(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	b.Truncate(b.Len() - 1)
}

// UnmarshalJSON reads what MarshalJSON wrote. Field.Type stays empty: it is the
// form's to tell.
func (r *Record) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t == nil {
		*r = nil
		return nil
	}
	if t != json.Delim('{') {
		return errors.New("a record must be a JSON object")
	}
	*r, err = readRecord(d, 0)
	return err
}

// readRecord reads the members of an object whose brace is read already.
func readRecord(d *json.Decoder, depth int) (Record, error) {
	if depth > 2*MaxDepth {
		return nil, errors.New("record nested too deeply")
	}
	r := Record{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		f := Field{Name: key.(string)} // a member's first token is always its name
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case string:
			f.Text = t
		case json.Delim:
			if t == '{' {
				f.Kind = GroupNode
				k, err := readRecord(d, depth+1)
				if err != nil {
					return nil, err
				}
				f.Records = []Record{k}
				break
			}
			f.Kind = RepeatNode
			for d.More() {
				if t, err := d.Token(); err != nil || t != json.Delim('{') {
					return nil, fmt.Errorf("repeat %s: instances must be objects", f.Name)
				}
				k, err := readRecord(d, depth+1)
				if err != nil {
					return nil, err
				}
				f.Records = append(f.Records, k)
			}
			if _, err := d.Token(); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("field %s: want a string, an object or an array", f.Name)
		}
		r = append(r, f)
	}
	_, err := d.Token()
	return r, err
}

// Get returns the text of the question with this name at any depth, the first
// in the form's order; ok is false if there is none.
func (r Record) Get(name string) (text string, ok bool) {
	for _, f := range r {
		if f.Kind == QuestionNode {
			if f.Name == name {
				return f.Text, true
			}
			continue
		}
		for _, k := range f.Records {
			if t, ok := k.Get(name); ok {
				return t, true
			}
		}
	}
	return "", false
}
