package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What a request may hold, as the real server bounds it.
const (
	maxUpload    = 50 << 20
	maxBody      = 512 << 20
	maxArguments = 1 << 20
	maxFiles     = 50
)

// params are a call's arguments. Every value is text, whatever way it came.
type params struct {
	args  map[string]string
	files map[string]upload
}

// An upload is a file that came with the request.
type upload struct {
	name string
	mime string
	data []byte
}

// set keeps the first value of a name, as the server does.
func (p *params) set(name, value string) {
	if _, ok := p.args[name]; !ok {
		p.args[name] = value
	}
}

// readParams reads the arguments of query and body, by GET or POST, as
// urlencoded, multipart (chunked or not) or JSON.
func readParams(r *http.Request) (params, error) {
	p := params{args: map[string]string{}, files: map[string]upload{}}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return p, badRequest("can't parse query")
	}
	for name, values := range query {
		p.set(name, values[0])
	}
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return p, nil
	}
	kind, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body := http.MaxBytesReader(nil, r.Body, maxBody)
	switch kind {
	case "multipart/form-data":
		err = p.readMultipart(body, options["boundary"])
	case "application/x-www-form-urlencoded":
		err = p.readForm(body)
	case "application/json":
		err = p.readJSON(body)
	default:
		_, err = io.Copy(io.Discard, body)
	}
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		err = tooLarge
	}
	if err != nil {
		return p, err
	}
	size := 0
	for name, value := range p.args {
		size += len(name) + len(value)
		if !utf8.ValidString(value) {
			return p, badRequest("%s must be encoded in UTF-8", argumentName(name))
		}
	}
	if size > maxArguments {
		return p, tooLarge
	}
	return p, nil
}

// argumentName is how the server calls an argument in its complaints.
func argumentName(name string) string {
	switch name {
	case "text", "caption":
		return "text"
	}
	return "strings"
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, tooLarge
	}
	return data, nil
}

func (p *params) readForm(body io.Reader) error {
	data, err := readAll(body, maxArguments)
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(string(data))
	if err != nil {
		return badRequest("can't parse parameters")
	}
	for name, vs := range values {
		p.set(name, vs[0])
	}
	return nil
}

func (p *params) readJSON(body io.Reader) error {
	data, err := readAll(body, maxArguments)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	if bytes.TrimSpace(data)[0] != '{' {
		return badRequest("JSON object expected")
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return badRequest("can't parse JSON object")
	}
	for name, raw := range values {
		text := string(raw)
		if text == "null" {
			continue
		}
		if raw[0] == '"' {
			if err := json.Unmarshal(raw, &text); err != nil {
				return badRequest("can't parse parameter value")
			}
		}
		p.set(name, text)
	}
	return nil
}

func (p *params) readMultipart(body io.Reader, boundary string) error {
	if boundary == "" {
		return badRequest("boundary parameter not found in Content-Type")
	}
	form := multipart.NewReader(body, boundary)
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return readFailure(err)
		}
		_, options, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil {
			return badRequest("can't parse multipart/form-data")
		}
		name := options["name"]
		fileName, isFile := options["filename"]
		if !isFile {
			data, err := readAll(part, maxArguments)
			if err != nil {
				return readFailure(err)
			}
			p.set(name, string(data))
			continue
		}
		if len(p.files) >= maxFiles {
			return &apiError{Code: 413, Description: "Request Entity Too Large: too many files attached"}
		}
		data, err := readAll(part, maxUpload)
		if err != nil {
			return readFailure(err)
		}
		p.files[name] = upload{fileName, part.Header.Get("Content-Type"), data}
	}
}

// readFailure tells a body that breaks off from one that is refused.
func readFailure(err error) error {
	if api := (*apiError)(nil); errors.As(err, &api) {
		return err
	}
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return err
	}
	// A multipart body without parts is how some clients send no arguments.
	if errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "NextPart: EOF") {
		return nil
	}
	return badRequest("can't parse multipart/form-data")
}

// text is an argument as it came; empty if there is none.
func (p params) text(name string) string { return p.args[name] }

// has reports whether the argument came and is not empty.
func (p params) has(name string) bool { return p.args[name] != "" }

// flag is true for "true", "yes" and "1" in any case, and for nothing else.
func (p params) flag(name string) bool {
	switch strings.ToLower(p.args[name]) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// number reads an integer as the server does: fallback if it is empty, else the
// digits that it begins with, brought into the range.
func (p params) number(name string, fallback, low, high int) int {
	text := p.args[name]
	if text == "" {
		return fallback
	}
	return int(min(max(leading(text), int64(low)), int64(high)))
}

// leading is the integer that a text begins with; 0 if it begins with none.
func leading(text string) int64 {
	text = strings.TrimSpace(text)
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && text[0] == '-') {
		end++
	}
	n, _ := strconv.ParseInt(text[:end], 10, 64) // out of range it is the nearest there is
	return n
}

// required reads an argument that must not be empty.
func (p params) required(name string) (string, error) {
	if p.args[name] == "" {
		return "", badRequest("parameter %q is required", name)
	}
	return p.args[name], nil
}

// person reads an argument that names a person.
func (p params) person(name string) (int64, error) {
	id := leading(p.args[name])
	if id <= 0 {
		return 0, badRequest("invalid %s specified", name)
	}
	return id, nil
}

// messages reads message_ids.
func (p params) messages() ([]int, error) {
	raw := strings.TrimSpace(p.args["message_ids"])
	if raw == "" || raw == "[]" {
		return nil, badRequest("message identifiers are not specified")
	}
	if !json.Valid([]byte(raw)) {
		return nil, badRequest("can't parse message_ids JSON object")
	}
	var items []json.RawMessage
	if json.Unmarshal([]byte(raw), &items) != nil {
		return nil, badRequest("expected an Array of message identifiers")
	}
	if len(items) > 100 {
		return nil, badRequest("too many message identifiers specified")
	}
	var ids []int
	for _, item := range items {
		text := strings.Trim(string(item), `"`)
		id, err := strconv.ParseInt(text, 10, 32)
		switch {
		case item[0] != '"' && item[0] != '-' && (item[0] < '0' || item[0] > '9'):
			return nil, badRequest("message identifier must be a Number")
		case err != nil:
			return nil, badRequest("can't parse message identifier as Number")
		case id <= 0:
			return nil, badRequest("invalid message identifier specified")
		}
		ids = append(ids, int(id))
	}
	return ids, nil
}

// object reads an argument that is JSON; it reports false if there is none.
func (p params) object(name string, into any, complaint string) (bool, error) {
	raw := strings.TrimSpace(p.args[name])
	if raw == "" || raw == "null" {
		return false, nil
	}
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		return false, badRequest("%s", complaint)
	}
	return true, nil
}
