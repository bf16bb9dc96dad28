package flows_test

import (
	"strings"
	"testing"

	"example.org/fieldbot/flows"
)

// A default is kept as it is written, line breaks included; only names that are
// no choices are left out of the default of a select.
func TestDefaultsAreKept(t *testing.T) {
	d := define(t, `
| survey | | | | | |
| | type | name | label | default | appearance |
| | text | address | Address | House 1\nBan Mai | |
| | select_one gone.csv | far | Far | a\nb | |
| | select_one v | v | V | v2 | search('v') |
| | select_multiple l | l | L | x  nosuch\ny | |
| choices | | |
| | list_name | name | label |
| | v | key | name_en |
| | l | x | X |
| | l | y | Y |`)
	d.Files = map[string][]byte{"v.csv": []byte("key,name_en\nv1,Ban Mai\nv2,Ban Kao\n")}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	in := start(t, f)
	for ref, want := range map[string]string{"/address": "House 1\nBan Mai", "/v": "v2", "/l": "x y"} {
		if got, _ := in.Value(ref); got != want {
			t.Errorf("%s is %q, want %q", ref, got, want)
		}
	}
	told := 0
	for _, w := range f.Warnings {
		if strings.Contains(w.Message, "default") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("warnings %v: want one of a default, that of l", f.Warnings)
	}
}

// randomize is obeyed however true is written.
func TestRandomizeInCapitals(t *testing.T) {
	var b strings.Builder
	b.WriteString("| survey | | | | |\n| | type | name | label | parameters |\n| | select_one l | a | A | randomize=TRUE seed=3 |\n| choices | | | |\n| | list_name | name | label |\n")
	names := "abcdefghijklmnop"
	for _, r := range names {
		b.WriteString("| | l | " + string(r) + " | X |\n")
	}
	got := ""
	for _, c := range start(t, compile(t, b.String())).Prompt().Choices {
		got += c.Name
	}
	if len(got) != len(names) || got == names {
		t.Errorf("the choices come as %q", got)
	}
}

// ${last-saved#name} alone is a default that was answered the last time; a
// choice that the list no longer has is left out, and elsewhere it is blank, with
// a warning.
func TestLastSaved(t *testing.T) {
	f := compile(t, `
| survey | | | | | |
| | type | name | label | default | calculation |
| | begin group | g | G | | |
| | text | who | Who? | ${last-saved#who} | |
| | select_one l | where | Where? | ${ last-saved#where } | |
| | end group | | | | |
| | calculate | hello | | | concat('Hello ', ${who}) |
| | integer | n | N | ${last-saved#n} + 1 | |
| choices | | | |
| | list_name | name | label |
| | l | x | X |`)
	if !f.LastSaved || len(f.Warnings) != 1 || f.Warnings[0].Message != "${last-saved#n} reads as blank here" {
		t.Errorf("last saved %v, warnings %v", f.LastSaved, f.Warnings)
	}
	for _, c := range []struct {
		last flows.Record
		want string
	}{
		{nil, "||Hello "},
		{flows.Record{{Name: "who", Text: "Noy"}, {Name: "g", Kind: flows.GroupNode, Records: []flows.Record{{{Name: "where", Text: "x"}}}}}, "Noy|x|Hello Noy"},
		{flows.Record{{Name: "where", Text: "gone"}}, "||Hello "},
	} {
		in, err := f.Start(flows.World{}, flows.StartOptions{Last: c.last})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, ref := range []string{"/g/who", "/g/where", "/hello"} {
			v, _ := in.Value(ref)
			got = append(got, v)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("after %v: %q, want %q", c.last, s, c.want)
		}
	}
}

// A word without quotes is a path that leads nowhere; null is how authors write
// blank.
func TestWordWithoutQuotes(t *testing.T) {
	f := compile(t, `
| survey | | | | | |
| | type | name | label | relevant | calculation |
| | text | a | A | | |
| | text | b | B | ${a} = yes | |
| | calculate | c | | | if(${a} = 'yes', 1, null) |`)
	if len(f.Warnings) != 1 || f.Warnings[0].Row != 4 || f.Warnings[0].Hint != "write 'yes' for the word, ${yes} for an answer" {
		t.Errorf("warnings %v", f.Warnings)
	}
}
