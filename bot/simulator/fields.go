package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// fields are the members of a JSON object in an argument. They are read as by
// the real server: a number stands for a text, and a text of digits for a
// number. What is null counts as absent. Errors are worded as the server's,
// with a capital; refusal makes an answer of one.
type fields map[string]json.RawMessage

func (f fields) has(name string) bool { return f[name] != nil && string(f[name]) != "null" }

// must reports that a member is missing.
func (f fields) must(name string) error {
	if !f.has(name) {
		return fmt.Errorf("Can't find field %q", name)
	}
	return nil
}

func (f fields) text(name string) (string, error) {
	if !f.has(name) {
		return "", nil
	}
	raw := f[name]
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	if raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' {
		return string(raw), nil
	}
	return "", fmt.Errorf("Field %q must be of type String", name)
}

func (f fields) integer(name string) (int, error) {
	text, err := f.text(name)
	if err != nil {
		return 0, fmt.Errorf("Field %q must be of type Number", name)
	}
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, fmt.Errorf("Field %q must be a valid Number", name)
	}
	return int(n), nil
}

func (f fields) flag(name string) (value bool, err error) {
	if f.has(name) && json.Unmarshal(f[name], &value) != nil {
		return false, fmt.Errorf("Field %q must be of type Boolean", name)
	}
	return value, nil
}

// flags reads several flags; it stops at the first that is wrong.
func (f fields) flags(into map[string]*bool) error {
	var first error
	for name, value := range into {
		var err error
		if *value, err = f.flag(name); err != nil && (first == nil || err.Error() < first.Error()) {
			first = err
		}
	}
	return first
}

// object reads a member that is an object; nil if it is absent.
func (f fields) object(name string) (fields, error) {
	if !f.has(name) {
		return nil, nil
	}
	var inner fields
	if json.Unmarshal(f[name], &inner) != nil {
		return nil, fmt.Errorf("Field %q must be of type Object", name)
	}
	return inner, nil
}

// array reads a member that is an array.
func (f fields) array(name string) ([]json.RawMessage, error) {
	var items []json.RawMessage
	if json.Unmarshal(f[name], &items) != nil {
		return nil, fmt.Errorf("Field %q must be of type Array", name)
	}
	return items, nil
}

// refusal answers with an error of fields; what is being read goes before it, if
// it is given. The server begins a description with a small letter.
func refusal(what string, err error) error {
	if api := (*apiError)(nil); errors.As(err, &api) {
		return err
	}
	text := err.Error()
	if what != "" {
		return badRequest("%s: %s", what, text)
	}
	return badRequest("%s", strings.ToLower(text[:1])+text[1:])
}
