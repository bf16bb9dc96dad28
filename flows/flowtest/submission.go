package flowtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"example.org/fieldbot/flows"
)

// submissionName is the file of the i-th submission.
func submissionName(i int) string {
	if i == 0 {
		return "submission.json"
	}
	return fmt.Sprintf("submission%d.json", i+1)
}

// metadata are the types that say how an interview went and not what was
// answered; they are left out of what is compared.
var metadata = map[string]bool{
	"start": true, "end": true, "today": true, "deviceid": true, "username": true, "phonenumber": true, "email": true,
	"subscriberid": true, "simserial": true, "audit": true, "start-geopoint": true, "background-audio": true,
}

// Answers are the data of a submission without metadata.
func Answers(r flows.Record) flows.Record {
	out := flows.Record{}
	for _, f := range r {
		if f.Kind == flows.QuestionNode && metadata[f.Type] {
			continue
		}
		var inner []flows.Record
		for _, k := range f.Records {
			inner = append(inner, Answers(k))
		}
		f.Records = inner
		out = append(out, f)
	}
	return out
}

// submissionJSON writes the answers of a submission, indented.
func submissionJSON(s *flows.Submission) []byte {
	data, err := json.Marshal(Answers(s.Data))
	if err != nil {
		return []byte(err.Error() + "\n")
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return []byte(err.Error() + "\n")
	}
	b.WriteByte('\n')
	return bytes.NewBuffer(unescapeHTML(b.Bytes())).Bytes()
}

// unescapeHTML undoes what json.Marshal does to <, > and & of a Marshaler.
func unescapeHTML(b []byte) []byte {
	return []byte(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b)))
}

// diffSubmissions compares the submissions with those written, if any are.
func (d *Dialogue) diffSubmissions(got []*flows.Submission) string {
	var b strings.Builder
	for i := 0; ; i++ {
		name := submissionName(i)
		_, written := d.File(name)
		if !written {
			return b.String()
		}
		if i >= len(got) {
			fmt.Fprintf(&b, "%s: nothing was submitted\n", name)
			continue
		}
		b.WriteString(d.diffSubmission(name, got[i]))
	}
}

func (d *Dialogue) diffSubmission(name string, got *flows.Submission) string {
	return DiffJSON(d, name, submissionJSON(got))
}

// DiffJSON compares a JSON file of a dialogue with what it should be, values
// without regard to order of keys or white space; a number equals its text. It
// returns "" if they are equal.
func DiffJSON(d *Dialogue, name string, got []byte) string {
	want, _ := d.File(name)
	var a, b any
	if err := json.Unmarshal(want, &a); err != nil {
		return fmt.Sprintf("%s: %v\n", name, err)
	}
	if err := json.Unmarshal(got, &b); err != nil {
		return fmt.Sprintf("%s: what came is no JSON: %v\n", name, err)
	}
	if reflect.DeepEqual(texts(a), texts(b)) {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s:\n", name)
	writeDiff(&out, jsonLines(want), jsonLines(got))
	return out.String()
}

// jsonLines cuts JSON into lines, as a diff shows them.
func jsonLines(data []byte) []Line {
	var b bytes.Buffer
	_ = json.Indent(&b, data, "", "  ") // it was read already
	var out []Line
	for _, s := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		out = append(out, Line{Step: verbatim{s}})
	}
	return out
}

// texts turns numbers and booleans into their texts.
func texts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = texts(v[k])
		}
		return v
	case []any:
		for i := range v {
			v[i] = texts(v[i])
		}
		return v
	case string, nil:
		return v
	}
	return fmt.Sprint(v)
}
