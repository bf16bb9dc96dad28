package flows_test

import (
	"strings"
	"testing"

	"example.org/fieldbot/flows"
)

func put(t *testing.T, in *flows.Instance, ref, value string) {
	t.Helper()
	at, ok := in.Find(ref)
	if !ok {
		t.Fatalf("%s is not asked", ref)
	}
	if err := in.Answer(at, flows.Input{Value: &value}); err != nil {
		t.Fatalf("%s = %q: %v", ref, value, err)
	}
}

func holds(t *testing.T, in *flows.Instance, ref, want string) {
	t.Helper()
	if got, _ := in.Value(ref); got != want {
		t.Errorf("%s is %q, want %q", ref, got, want)
	}
}

// An answer may name the file of a search(), as in forms with one file of people
// for each place. A key that several files have is of the person in that file.
func TestSearchInFileOfAnswer(t *testing.T) {
	d := define(t, `
| survey | | | | | |
| | type | name | label | appearance | calculation |
| | text | place | Place | | |
| | begin repeat | r | R | | |
| | text | typed | First letters | | |
| | select_one who | who | Who | search(${place}, 'startswith', 'name', ${typed}) | |
| | calculate | named | | | jr:choice-name(${who}, '${who}') |
| | end repeat | | | | |
| choices | | | |
| | list_name | name | label |
| | who | key | name |
| | who | 9 | Nobody |`)
	d.Files = map[string][]byte{
		"east.csv":   []byte("key,name\n101,Ana\n102,Anton\n103,Bento\n"),
		"west.csv":   []byte("Name,key,age\nCarla,101,30\nAnou,104,\n"),
		"prices.csv": []byte("what,price\nrice,3\n"),
	}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	in := start(t, f)
	offered := func(want string) {
		t.Helper()
		var labels []string
		for _, c := range in.State().Choices["/r[1]/who"] {
			labels = append(labels, c.Label)
		}
		if got := strings.Join(labels, " "); got != want {
			t.Errorf("offered are %s, want %s", got, want)
		}
	}
	put(t, in, "/place", "east")
	put(t, in, "/r[1]/typed", "an")
	offered("Ana Anton Nobody")
	put(t, in, "/r[1]/who", "101")
	holds(t, in, "/r[1]/named", "Ana")
	put(t, in, "/place", "west.csv")
	offered("Anou Nobody")
	holds(t, in, "/r[1]/who", "")
	put(t, in, "/r[1]/typed", "C")
	put(t, in, "/r[1]/who", "101")
	holds(t, in, "/r[1]/named", "Carla")
	for _, none := range []string{"north", "prices", ""} {
		put(t, in, "/place", none)
		offered("Nobody")
	}

	// Only one of the files has an order of its own.
	d.Files["west.csv"] = []byte("name,key,sortby\nCarla,101,2\nCarlos,104,1\n")
	if f, err = flows.Compile(d); err != nil || len(f.Warnings) != 0 {
		t.Fatal(err, f.Warnings)
	}
	in = start(t, f)
	put(t, in, "/place", "west")
	put(t, in, "/r[1]/typed", "c")
	offered("Carlos Carla Nobody")
	put(t, in, "/place", "east")
	put(t, in, "/r[1]/typed", "an")
	offered("Ana Anton Nobody")

	d.Files = nil
	f, err = flows.Compile(d)
	if err != nil || len(f.Warnings) != 1 || !strings.Contains(f.Warnings[0].String(), "the files of search() are missing") {
		t.Errorf("without files: %v, %v", err, f)
	}
}

// With allow_choice_duplicates, jr:choice-name() is the label of the choice that
// the filter offers, and follows the answer that it filters by.
func TestChoiceNameOfDuplicates(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | | | |
| | type | name | label | choice_filter | calculation |
| | select_one place | place | Place | | |
| | select_one spot | spot | Spot | in=${place} | |
| | calculate | named | | | jr:choice-name(${spot}, '${spot}') |
| choices | | | | |
| | list_name | name | label | in |
| | place | n | North | |
| | place | s | South | |
| | spot | other | Other in the north | n |
| | spot | other | Other in the south | s |
| | spot | hill | Hill | s |
| settings | |
| | allow_choice_duplicates |
| | yes |`))
	put(t, in, "/place", "s")
	put(t, in, "/spot", "other")
	holds(t, in, "/named", "Other in the south")
	put(t, in, "/place", "n")
	holds(t, in, "/named", "Other in the north")
}
