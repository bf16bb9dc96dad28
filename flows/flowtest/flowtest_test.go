package flowtest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/flowtest"
)

const beds = `A bed is counted.

-- form.md --
| survey |
| | type | name | label | constraint | constraint_message |
| | integer | beds | How many beds here? | . <= 500 | 0 to 500, please. |
`

func parse(t *testing.T, text string) *flowtest.Dialogue {
	t.Helper()
	d, err := flowtest.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseEveryLine(t *testing.T) {
	for _, tc := range []struct {
		line   string
		person string
		want   flowtest.Step
		again  string // as Format writes it, if otherwise
	}{
		{line: "> hello [you]", want: flowtest.Say{Text: "hello [you]"}},
		{line: `> one\ntwo`, want: flowtest.Say{Text: "one\ntwo"}},
		{line: "> /back", want: flowtest.Say{Text: "/back"}},
		{line: "> /start", want: flowtest.Start{}},
		{line: "> /start v1_abc", want: flowtest.Start{Payload: "v1_abc"}},
		{line: "> [Yes]", want: flowtest.Tap{Label: "Yes"}},
		{line: "> [Yes [maybe]] @3", want: flowtest.Tap{Label: "Yes [maybe]", Back: 3}},
		{line: `> {photo a b.jpg "two words"}`, want: flowtest.Photo{File: "a b.jpg", Caption: "two words"}},
		{line: "> {photo a.jpg}", want: flowtest.Photo{File: "a.jpg"}},
		{line: "> {document a.pdf}", want: flowtest.Document{Kind: "document", File: "a.pdf"}},
		{line: "> {voice 3s}", want: flowtest.Voice{Length: 3 * time.Second}},
		{line: "> {location 15.12 106.85}", want: flowtest.Location{Lat: 15.12, Lon: 106.85}},
		{line: "> {location 15.12, 106.85 8}", want: flowtest.Location{Lat: 15.12, Lon: 106.85, Accuracy: 8}, again: "> {location 15.12 106.85 8}"},
		{line: "> {contact}", want: flowtest.Contact{}},
		{line: "> {edit 2} new", want: flowtest.Edit{Back: 2, Text: "new"}},
		{line: "< Hello", want: flowtest.BotText{Text: "Hello"}},
		{line: "< [A] [B] / [C [c]]", want: flowtest.BotButtons{Rows: [][]string{{"A", "B"}, {"C [c]"}}}},
		{line: "< [A] and more", want: flowtest.BotText{Text: "[A] and more"}},
		{line: `< \[A]`, want: flowtest.BotText{Text: "[A]"}},
		{line: "= /a/b[2] x y", want: flowtest.Value{Ref: "/a/b[2]", Value: "x y"}},
		{line: "= a", want: flowtest.Value{Ref: "a"}},
		{line: "~ +1w2d3h", want: flowtest.Clock{Add: (9*24 + 3) * time.Hour}},
		{line: "~ 2026-03-09 08:00", want: flowtest.Clock{To: "2026-03-09 08:00"}},
		{line: "! 429 7", want: flowtest.Fault{Name: "429", Args: []string{"7"}}},
		{line: "@noy lo", person: "noy", want: flowtest.Speaks{Language: "lo"}},
		{line: "@noy > hi", person: "noy", want: flowtest.Say{Text: "hi"}},
		{line: "@noy < hi", person: "noy", want: flowtest.BotText{Text: "hi"}},
		{line: "@noy #", person: "noy", want: flowtest.Remark{}},
		{line: "# a remark", want: flowtest.Remark{Text: "a remark"}},
		{line: "", want: flowtest.Remark{}},
	} {
		d := parse(t, "-- chat --\n"+tc.line+"\n")
		want := []flowtest.Line{{Number: 1, Person: tc.person, Step: tc.want}}
		if diff := cmp.Diff(want, d.Lines, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s:\n%s", tc.line, diff)
		}
		again := tc.again
		if again == "" {
			again = tc.line
		}
		if got := string(flowtest.Format(d)); got != "-- chat --\n"+again+"\n" {
			t.Errorf("Format = %q, want %q", got, again)
		}
	}
}

func TestParseNamesTheLine(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", "no -- chat --"},
		{"-- chat --\n> ok\nhello\n", "chat:2: a line begins with"},
		{"-- chat --\n> {photo\n", "chat:1:"},
		{"-- chat --\n> {dance}\n", "nothing is called {dance}"},
		{"-- chat --\n> {voice long}\n", "{voice 3s}"},
		{"-- chat --\n> {location 15}\n", "{location 15.12 106.85}"},
		{"-- chat --\n~ tomorrow\n", "write ~ +2d"},
		{"-- chat --\n~ +2x\n", "write ~ +2d"},
		{"-- chat --\n!\n", "needs a fault"},
		{"-- chat --\n=\n", "needs a question"},
		{"-- chat --\n@noy\n", "@noy does nothing"},
		{"clock: noon\n-- chat --\n> a\n", "clock: write it like"},
	} {
		_, err := flowtest.Parse([]byte(tc.text))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("Parse(%q): %v, want %q", tc.text, err, tc.want)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, tc := range []struct {
		written, said string
		want          bool
	}{
		{"a  b", "a b", true},
		{"a b", "a c", false},
		{"Your number: {*}", "Your number: AU-2026-00123", true},
		{"{*} of {*}", "3 of 12", true},
		{"a{*}a", "a", false},
		{"{*}", "", true},
	} {
		if got := flowtest.Matches(tc.written, tc.said); got != tc.want {
			t.Errorf("Matches(%q, %q) = %v", tc.written, tc.said, got)
		}
	}
}

func TestExchangesAndRewrite(t *testing.T) {
	d := parse(t, "-- chat --\n< Hi\n\n> a\n# why\n< Number {*}\n< old\n= x 1\n\n> b\n< same\n")
	xs := d.Exchanges()
	if len(xs) != 3 || xs[0].Line != nil || len(xs[1].Said) != 2 || len(xs[1].Checks) != 1 {
		t.Fatalf("Exchanges = %+v", xs)
	}
	said := [][]flowtest.Line{
		flowtest.Message("", "Hi", nil),
		flowtest.Message("", "Number 7\n\nnew", [][]string{{"A"}}),
		flowtest.Message("", "same", nil),
	}
	if diff := xs[1].Diff(said[1]); diff != "chat:5:\n  > a\n  < Number {*}\n- < old\n+ < new\n+ < [A]\n" {
		t.Errorf("Diff = %q", diff)
	}
	d.Lines = d.Rewrite(said)
	want := "-- chat --\n< Hi\n\n> a\n# why\n< Number 7\n< new\n< [A]\n= x 1\n\n> b\n< same\n"
	if got := string(flowtest.Format(d)); got != want {
		t.Errorf("rewritten:\n%s\nwant:\n%s", got, want)
	}
}

func TestDiffIsByPerson(t *testing.T) {
	d := parse(t, "-- chat --\n@a > hi\n@a < one\n@b < two\n")
	x := d.Exchanges()[0]
	said := append(flowtest.Message("b", "two", nil), flowtest.Message("a", "one", nil)...)
	if diff := x.Diff(said); diff != "" {
		t.Errorf("the order among persons matters: %s", diff)
	}
}

func TestPlayTellsWhatDiffers(t *testing.T) {
	d := parse(t, beds+"-- chat --\n< How many beds?\n> 900\n< 0 to 500, please.\n> 12\n< (complete)\n= beds 13\n-- submission.json --\n{\"beds\": 11}\n")
	var form *flows.Form
	r, err := flowtest.Play(d, flowtest.Options{KeepForm: func(f *flows.Form) { form = f }})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"- < How many beds?", "+ < How many beds here?", "- = beds 13", "+ = beds 12", "submission.json:"} {
		if !strings.Contains(r.Diff, want) {
			t.Errorf("Diff lacks %q:\n%s", want, r.Diff)
		}
	}
	if form == nil || len(r.Submissions) != 1 {
		t.Fatalf("form %v, submissions %d", form, len(r.Submissions))
	}
	again := parse(t, string(r.Updated))
	r, err = flowtest.Play(again, flowtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "chat:7:\n- = beds 13\n+ = beds 12\n"; r.Diff != want {
		t.Errorf("after the update: %q, want %q: a check is the author's to change", r.Diff, want)
	}
}

func TestPlayRefusesWhatItCannotDo(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"-- chat --\n> a\n", "has no form"},
		{"form: nothing\n-- chat --\n> a\n", "no bundled form"},
		{"-- form.md --\n| survey |\n| | type | name | label |\n| | nonsense | a | A |\n-- chat --\n> a\n", "compile form"},
		{beds + "-- chat --\n> [Yes]\n", "chat:1: there is no button [Yes]"},
		{beds + "-- chat --\n> /dance\n", "no command /dance"},
		{beds + "-- chat --\n! block\n", "no fault"},
		{beds + "-- chat --\n> {edit 1} a\n", "no answer stands 1 back"},
	} {
		_, err := flowtest.Play(parse(t, tc.text), flowtest.Options{})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("Play: %v, want %q", err, tc.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(beds + "-- chat --\n> [A] @3\n< [B]\n~ +2d\n! kill\n@a lo\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := flowtest.Parse(data)
		if err != nil {
			return
		}
		out := flowtest.Format(d)
		again, err := flowtest.Parse(out)
		if err != nil {
			t.Fatalf("what Format wrote is not read: %v\n%s", err, out)
		}
		if s := string(flowtest.Format(again)); s != string(out) {
			t.Fatalf("Format is not stable:\n%q\n%q", out, s)
		}
	})
}
