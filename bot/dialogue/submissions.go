package dialogue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/storage"
)

// compareSubmissions compares the last submissions with the files
// submission.json, submission2.json and so on. What a file does not name may be
// anything, since times and pseudonyms are. Where they differ, updated gets a
// new file.
func compareSubmissions(d, updated *flowtest.Dialogue, all []storage.Submission) (string, error) {
	var files []string
	for name := "submission.json"; ; name = fmt.Sprintf("submission%d.json", len(files)+1) {
		if _, ok := d.File(name); !ok {
			break
		}
		files = append(files, name)
	}
	if len(all) < len(files) {
		return fmt.Sprintf("submissions: want %d, got %d\n", len(files), len(all)), nil
	}
	all = all[len(all)-len(files):]
	var diff strings.Builder
	for i, name := range files {
		written, _ := d.File(name)
		wrong, err := compareJSON(written, all[i].Data)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		if wrong == "" {
			continue
		}
		fmt.Fprintf(&diff, "%s:\n%s", name, wrong)
		text, err := writeJSON(all[i].Data)
		if err != nil {
			return "", err
		}
		updated.SetFile(name, text)
	}
	return diff.String(), nil
}

func compareJSON(written []byte, data flows.Record) (string, error) {
	var want, have map[string]any
	if err := json.Unmarshal(written, &want); err != nil {
		return "", err
	}
	got, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(got, &have); err != nil {
		return "", err
	}
	var b strings.Builder
	compareObject(&b, "", want, have)
	return b.String(), nil
}

func compareObject(b *strings.Builder, path string, want, have map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		w, h := want[key], have[key]
		inner, isObject := w.(map[string]any)
		switch {
		case isObject:
			got, _ := h.(map[string]any)
			compareObject(b, path+"/"+key, inner, got)
		case !equal(w, h):
			fmt.Fprintf(b, "- %s/%s %v\n+ %s/%s %v\n", path, key, w, path, key, h)
		}
	}
}

// equal compares values; in a written text {*} stands for anything.
func equal(w, h any) bool {
	switch w := w.(type) {
	case string:
		text, ok := h.(string)
		return ok && (w == text || strings.Contains(w, "{*}") && flowtest.Matches(w, text))
	case []any:
		list, ok := h.([]any)
		return ok && slices.EqualFunc(w, list, equal)
	case map[string]any:
		object, ok := h.(map[string]any)
		return ok && maps.EqualFunc(w, object, equal)
	}
	return reflect.DeepEqual(w, h)
}

// changing are the types whose values are of the moment.
var changing = map[string]bool{"start": true, "end": true, "today": true, "deviceid": true}

// writeJSON writes answers without what is of the moment.
func writeJSON(data flows.Record) ([]byte, error) {
	data = slices.DeleteFunc(slices.Clone(data), func(f flows.Field) bool { return changing[f.Type] || changing[f.Name] || f.Name == "meta" })
	compact, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, compact, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
