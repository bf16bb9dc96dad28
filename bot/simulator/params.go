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

// number reads an integer as the server does: what is no number counts as
// fallback, what is out of range is brought into it.
func (p params) number(name string, fallback, low, high int) int {
	n, err := strconv.ParseInt(strings.TrimSpace(p.args[name]), 10, 64)
	if err != nil {
		return fallback
	}
	return int(min(max(n, int64(low)), int64(high)))
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
