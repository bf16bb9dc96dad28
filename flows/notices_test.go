package flows_test

import (
	"strings"
	"testing"

	"example.org/fieldbot/flows"
)

// What a chat has not, what is missing and what nothing uses is said at its cell,
// once, and the form runs.
func TestNotices(t *testing.T) {
	d := define(t, `
| survey | | | | | |
| | type | name | label | appearance | image | theme | notes |
| | start-geopoint | sg | | | | x | y |
| | background-audio | ba | | | | | |
| | audit | audit | | | | | |
| | simserial | sim | | | | | |
| | image | sign | Sign here | signature | | | |
| | image | photo | Photo | new | | | |
| | barcode | code | Code | | a.png | | |
| | barcode | code2 | Code | | a.png | | |
| | decimal | way | Which way? | bearing | b.png | | |
| | text | secret | Secret | Masked | | | |
| | text | app | App | ex:org.example(a='b') w2 | | | |
| | select_one used | s | S | minimal | | | |
| | calculate | n | | | | | |
| choices | | | |
| | list_name | name | label | image |
| | used | x | X | c.png |
| | read | x | X | |
| | unused | x | X | |
| | unused | y | Y | |`)
	calc := d.Sheet("survey")
	d.Files = map[string][]byte{"b.png": []byte("png")}
	calc.Columns = append(calc.Columns, flows.Column{Key: "calculation", Header: "calculation"})
	for i := range calc.Rows {
		cell := ""
		if calc.Get(calc.Rows[i], "type") == "calculate" {
			cell = "count(instance('read')/root/item)"
		}
		for len(calc.Rows[i].Cells) < len(calc.Columns)-1 {
			calc.Rows[i].Cells = append(calc.Rows[i].Cells, "")
		}
		calc.Rows[i].Cells = append(calc.Rows[i].Cells, cell)
	}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`survey:2: warning: these columns have no meaning here and are only kept: "theme", "notes"`,
		"survey:3 [type]: warning: start-geopoint: a chat cannot read the place unasked; ask a geopoint question",
		"survey:4 [type]: warning: background-audio: a chat cannot record unasked; ask an audio question",
		"survey:5 [type]: warning: audit: no audit file is written; times are in the submission",
		"survey:6 [type]: warning: simserial: a chat has no SIM card to ask",
		"survey:7 [type]: warning: image: signature and draw take a photo instead of a drawing",
		"survey:9 [type]: warning: barcode: a chat has no scanner; the code is typed or photographed",
		"survey:9 [image]: warning: the file a.png is missing; the text is shown without it; attach a.png to the form",
		"survey:11 [appearance]: warning: bearing: a chat has no compass; the number is typed",
		"survey:12 [appearance]: warning: masked: what is typed stays to be seen in a chat; delete the message, or ask it elsewhere",
		"survey:13 [appearance]: warning: ex:…: a chat cannot call another app; the question is asked in the chat",
		"choices:18 [image]: warning: the file c.png is missing; the text is shown without it; attach c.png to the form",
		`choices:20 [list_name]: warning: no question uses the list "unused"`,
	}
	var got []string
	for _, w := range f.Warnings {
		got = append(got, w.String())
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Every type and every appearance that a chat has not in full is warned of, and
// says what happens instead.
func TestNoticesAreOfTheTables(t *testing.T) {
	for _, ty := range flows.Types() {
		if ty.Missing != "" && ty.Chat == "" {
			t.Errorf("%s: says nothing of what happens in a chat", ty.Name)
		}
	}
	seen := map[string]bool{}
	for _, l := range flows.Looks() {
		if l.Chat == "" || l.Types == "" || seen[l.Name] {
			t.Errorf("appearance %s: is there twice, or says nothing of what it does", l.Name)
		}
		seen[l.Name] = true
	}
}

// The head of a table is shown and not asked, as an app shows it; a program that
// answers every row may.
func TestHeadOfATable(t *testing.T) {
	f := compile(t, `
| survey | | | | | |
| | type | name | label | appearance | required |
| | begin group | g | | field-list | |
| | select_one l | head | How good is | label | |
| | select_one l | water | the water? | list-nolabel | yes |
| | select_one l | road | the road? | list-nolabel | yes |
| | end group | | | | |
| | select_one l | last | Overall | label | yes |
| choices | | | |
| | list_name | name | label |
| | l | 1 | Bad |
| | l | 2 | Good |`)
	in := start(t, f)
	p := in.Prompt()
	if p.Ref != "/g/water" || len(p.Notes) != 1 || p.Notes[0].Label != "How good is" || p.Total != 3 {
		t.Fatalf("asks %s of %d with the notes %v", p.Ref, p.Total, p.Notes)
	}
	in = say(t, say(t, say(t, in, "Good"), "Bad"), "Good") // one that is required is asked
	if got := in.Prompt().Kind; got != flows.Complete {
		t.Errorf("asks on: %v", in.Prompt().Ref)
	}
	if _, err := in.Finish(); err != nil {
		t.Errorf("finish: %v", err)
	}
	if err := in.Set("/g/head", "2"); err != nil {
		t.Errorf("set: %v", err)
	}
}

// What a person wrote is no mark-up where a text shows it; what the author
// calculated is.
func TestQuotedAnswers(t *testing.T) {
	f := compile(t, `
| survey | | | | | |
| | type | name | label | calculation | constraint | constraint_message |
| | text | nm | Name | | | |
| | calculate | big | | concat('**', ${nm}, '**') | | |
| | calculate | picked | | jr:choice-name(if(${nm} = '', 'x', 'x'), '${s}') | | |
| | note | n | ${nm} ${big} | | | |
| | select_one l | s | Is it ${nm}? | | . != 'x' | Not ${nm}! |
| choices | | | |
| | list_name | name | label |
| | l | x | Like ${nm} |`)
	w := world()
	w.Quote = func(s string) string { return "«" + s + "»" }
	in, err := f.Start(w, flows.StartOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Answer(in.Prompt().At, flows.Input{Text: "A*b"}); err != nil {
		t.Fatal(err)
	}
	p := in.Prompt()
	if got := p.Notes[0].Label; got != "«A*b» **A*b**" {
		t.Errorf("note: %s", got)
	}
	if p.Label != "Is it «A*b»?" || p.Choices[0].Label != "Like «A*b»" {
		t.Errorf("label %q, choice %q", p.Label, p.Choices[0].Label)
	}
	if v, _ := in.Value("/picked"); v != "Like A*b" {
		t.Errorf("stored %q", v)
	}
	err = in.Answer(p.At, flows.Input{Text: "Like A*b"})
	if bad, ok := err.(*flows.AnswerError); !ok || bad.Message != "Not «A*b»!" {
		t.Errorf("refused with %v", err)
	}
}
