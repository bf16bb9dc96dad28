package export

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"testing"

	"example.org/fieldbot/flows"
)

// What was answered to a version that does not compile is in every kind of file,
// beside what was answered to one that does: with groups, repeats and places.
func TestAnswersOfVersionThatDoesNotCompile(t *testing.T) {
	good := form(t, "| survey |\n| | type | name | label |\n| | text | a | A |\n| | begin repeat | r | R |\n| | text | x | X |\n| | end repeat | | |\n")
	visit := func(fields ...flows.Field) flows.Record { return fields }
	old := []*flows.Submission{
		{ID: "one", Hash: "old", FormID: "f", Data: flows.Record{{Name: "a", Type: "text", Text: "=answer"}, {Name: "meta", Type: "integer", Text: "41"},
			{Name: "g", Kind: flows.GroupNode, Records: []flows.Record{visit(flows.Field{Name: "place", Type: "geopoint", Text: "15.12 106.85 0 0"},
				flows.Field{Name: "kinds", Type: "select_multiple", Text: "red green"})}}}},
		{ID: "two", Hash: "old", FormID: "f", Data: flows.Record{{Name: "a", Type: "text"}, {Name: "r", Kind: flows.RepeatNode, Records: []flows.Record{
			visit(flows.Field{Name: "x", Type: "text", Text: "first"}), visit(flows.Field{Name: "y", Type: "of no kind", Text: "second"})}}}},
	}
	rows := []*Row{{Submission: old[0]}, {Submission: old[1]},
		{Submission: &flows.Submission{ID: "three", Hash: good.Hash, FormID: "f", Data: flows.Record{{Name: "a", Type: "text", Text: "new"}}}}}
	each := func(yield func(*flows.Submission, error) bool) {
		for _, s := range old {
			if !yield(s, nil) {
				return
			}
		}
	}
	instead, err := flows.StandIn("f", "1", "old", "F", each)
	if err != nil {
		t.Fatal(err)
	}
	var all iter.Seq2[*Row, error] = func(yield func(*Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
	wants := []string{"answer", "41", "106.85", "red green", "first", "second", "new"}
	for _, format := range Formats() {
		var out bytes.Buffer
		res, err := Write(&out, all, []*flows.Form{instead, good}, Options{Format: format, SplitPoints: true})
		if err != nil || res.Submissions != 3 {
			t.Fatalf("%s: %d submissions, %v", format, res.Submissions, err)
		}
		text := out.String()
		if res.Extension == ".zip" || res.Extension == ".xlsx" {
			text = ""
			for _, file := range unzip(t, out.Bytes()) {
				text += file
			}
		}
		for _, want := range wants {
			if format != GeoJSON && !strings.Contains(text, want) || format == GeoJSON && want == "106.85" && !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", format, want, text)
			}
		}
	}
	if !slices.ContainsFunc(instead.Nodes, func(n *flows.Node) bool { return n.Path == "/r/y" && n.Type.Name == "text" }) {
		t.Error("a question of an unknown type is not there")
	}
}
