package flows_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"example.org/fieldbot/flows"
)

// md writes sheets as markdown: "s|…" is a row of the survey, "c|…" of choices,
// "t|…" of settings, "e|…" of entities.
func md(rows ...string) string {
	names := map[string]string{"s": "survey", "c": "choices", "t": "settings", "e": "entities"}
	var b strings.Builder
	last := ""
	for _, r := range rows {
		key, cells, _ := strings.Cut(r, "|")
		if key != last {
			b.WriteString("| " + names[key] + " |\n")
			last = key
		}
		b.WriteString("| | " + strings.ReplaceAll(cells, "|", " | ") + " |\n")
	}
	return b.String()
}

var yesNo = []string{"c|list_name|name|label", "c|yn|y|Yes", "c|yn|n|No"}

// What ODK's compiler refuses is refused, at its cell and with how to mend it.
func TestRefusedAsTheStandardDoes(t *testing.T) {
	const head = "s|type|name|label"
	tests := []struct {
		name string
		rows []string
		want string
	}{
		{"meta", []string{head, "s|text|meta|M"}, `survey:3 [name]: the name meta is taken`},
		{"colon", []string{head, "s|text|a:b|M"}, `survey:3 [name]: "a:b" cannot be a name`},
		{"endless loop", slices.Concat([]string{head, "s|begin loop over yn|l|L", "s|text|a|A", "s|end group||"}, yesNo), `survey:3 [type]: the loop "l" is never ended`},
		{"audit", []string{head, "s|text|a|A", "s|audit|b|"}, `survey:4 [name]: the name of an audit is always audit`},
		{"background place", []string{head, "s|text|a|A", "s|background-geopoint|b|"}, `survey:4 [trigger]: a background-geopoint needs a trigger`},
		{"big picture", []string{head + "|big-image", "s|text|a|A|a.jpg"}, `survey:3 [big-image]: a big-image needs an image beside it`},
		{"no ending", []string{head, "s|select_one_from_file places|a|A"}, `survey:3 [type]: "places" is no such file`},
		{"list and file", slices.Concat([]string{head, "s|select_one_from_file yn.csv|a|A"}, yesNo), `survey:3 [type]: the file yn.csv and a list of the sheet choices both have the name "yn"`},
		{"two files", []string{head, "s|select_one_from_file p.csv|a|A", "s|select_one_from_file p.xml|b|B"}, `survey:4 [type]: the file p.xml and the file p.csv of row 3 both have the name "p"`},
		{"declared twice", []string{head, "s|csv-external|p|", "s|csv-external|p|", "s|text|a|A"}, `survey:4 [name]: the file p.csv is already declared in row 3`},
		{"declared as a list", slices.Concat([]string{head, "s|xml-external|yn|", "s|text|a|A"}, yesNo), `survey:3 [type]: the file yn.xml and a list`},
		{"guidance alone", []string{head + "|guidance_hint", "s|text|a||G"}, `survey:3 [label]: the question "a" has no label and no hint`},
		{"list for search and without", slices.Concat([]string{head + "|appearance", "s|select_one yn|a|A|search('f')", "s|select_one yn|b|B|"}, yesNo), `survey:4 [type]: the list "yn" is for search() in one question`},
		{"search in a file", []string{head + "|appearance", "s|select_one_from_file p.csv|a|A|search('f')"}, `survey:3 [appearance]: search() cannot go with a select from a file`},
		{"search for nobody", slices.Concat([]string{head + "|appearance", "s|select_one yn|a|A|search('f', 'matches', 'x', ${zz})"}, yesNo), `survey:3 [appearance]: ${zz}: there is no question of this name`},
		{"search nowhere", slices.Concat([]string{head + "|appearance", "s|select_one yn|a|A|search()"}, yesNo), `survey:3 [appearance]: search() has 1, 4 or 6 arguments`},
		{"repeat or other", []string{head, "s|begin repeat|r|R", "s|text|n|N", "s|end repeat||", "s|select_one ${n} or_other|a|A"}, `survey:6 [type]: or_other cannot go with choices from a repeat`},
		{"no type", []string{head, "s|text|a|A", "s|||B"}, `survey:4 [type]: this row has no type`},
		{"title above the headers", []string{"s|My form||", "s|type|name|label", "s|text|a|A"}, `survey:1: the survey sheet has no column type`},
		{"file or other", []string{head, "s|select_one_from_file p.csv or_other|a|A"}, `survey:3 [type]: or_other cannot go with a file`},
		{"group's parameters", []string{head + "|parameters", "s|begin group|g|G|wide", "s|text|a|A|", "s|end group|||"}, `survey:3 [parameters]: "wide" is not a key=value pair`},
		{"rows", []string{head + "|parameters", "s|text|a|A|rows=many"}, `survey:3 [parameters]: rows cannot be "many"`},
		{"seed", slices.Concat([]string{head + "|parameters", "s|select_one yn|a|A|randomize=true seed=abc"}, yesNo), `survey:3 [parameters]: seed cannot be "abc"`},
		{"app", []string{head + "|parameters", "s|image|a|A|app=camera"}, `survey:3 [parameters]: app cannot be "camera"`},
		{"mock places", []string{head + "|parameters", "s|geopoint|a|A|allow-mock-accuracy=maybe"}, `survey:3 [parameters]: allow-mock-accuracy cannot be "maybe"`},
		{"accuracy", []string{head + "|parameters", "s|geopoint|a|A|capture-accuracy=good"}, `survey:3 [parameters]: capture-accuracy cannot be "good"`},
		{"column of a file", []string{head + "|parameters", "s|select_one_from_file p.csv|a|A|value=1st"}, `survey:3 [parameters]: value cannot be "1st"`},
		{"sound unasked", []string{head + "|parameters", "s|text|t|T|", "s|background-audio|a||quality=external"}, `survey:4 [parameters]: quality cannot be "external"`},
		{"half an audit", []string{head + "|parameters", "s|text|a|A|", "s|audit|audit||location-priority=balanced"}, `survey:4 [parameters]: location-priority is not enough`},
		{"audit's ages", []string{head + "|parameters", "s|text|a|A|", "s|audit|audit||location-priority=balanced location-min-interval=60 location-max-age=30"}, `survey:4 [parameters]: location-max-age cannot be less`},
		{"lists of a table", slices.Concat([]string{head + "|appearance", "s|begin group|g|G|table-list", "s|select_one yn|a|A|", "s|select_one st|b|B|", "s|end group|||"}, yesNo, []string{"c|st|x|X"}),
			`survey:5 [type]: questions of a table-list share a list`},
		{"filter of a table", slices.Concat([]string{head + "|appearance|choice_filter", "s|begin group|g|G|table-list|", "s|select_one yn|a|A||name = 'y'", "s|end group||||"}, yesNo),
			`survey:4 [choice_filter]: the first question of a table-list cannot have a choice_filter`},
		{"no entities", []string{head + "|save_to", "s|text|a|A|height"}, `survey:3 [save_to]: save_to keeps answers of an entity, but the form declares none`},
		{"property", []string{head + "|save_to", "s|text|a|A|Label", "e|list_name|label", "e|trees|${a}"}, `survey:3 [save_to]: a property of an entity cannot be called "Label"`},
		{"property twice", []string{head + "|save_to", "s|text|a|A|height", "s|text|b|B|height", "e|list_name|label", "e|trees|${a}"}, `survey:4 [save_to]: the property "height" is already kept from row 3`},
		{"group's property", []string{head + "|save_to", "s|begin group|g|G|height", "s|text|a|A|", "s|end group|||", "e|list_name|label", "e|trees|${a}"}, `survey:3 [save_to]: a group cannot be kept`},
		{"list of entities", []string{head, "s|text|a|A", "e|list_name|label", "e|my.trees|${a}"}, `entities:6 [list_name]: "my.trees" cannot be the name of a list of entities`},
		{"entity without label", []string{head, "s|text|a|A", "e|list_name|label", "e|trees|"}, `entities:6 [label]: to make an entity needs a label`},
		{"update without id", []string{head, "s|text|a|A", "e|list_name|update_if", "e|trees|${a} = 'x'"}, `entities:6 [entity_id]: to update an entity needs its entity_id`},
		{"entity's label", []string{head, "s|text|a|A", "e|list_name|label", "e|trees|${b}"}, `entities:6 [label]: ${b}: there is no question of this name`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := flows.Compile(define(t, md(tt.rows...)))
			var ps flows.Problems
			if !errors.As(err, &ps) {
				t.Fatalf("compiled; want a problem %q", tt.want)
			}
			i := slices.IndexFunc(ps, func(p flows.Problem) bool { return strings.HasPrefix(p.String(), tt.want) })
			if i < 0 {
				t.Fatalf("got\n%v\nwant a line that begins\n%s", err, tt.want)
			}
			if ps[i].Hint == "" {
				t.Errorf("%v: says nothing of how to mend it", ps[i])
			}
		})
	}
}

// What ODK's compiler takes is taken, old spellings included.
func TestTakenAsTheStandardDoes(t *testing.T) {
	const head = "s|type|name|label"
	tests := []struct {
		name string
		rows []string
		want string // path and type of the nodes
	}{
		{"old types", []string{head, "s|percentage|a|A", "s|number of days in last year|b|B", "s|q date time|c|C", "s|uri:deviceid|d|", "s|osm buildings|e|E"},
			"/a integer, /b integer, /c dateTime, /d deviceid, /e osm"},
		{"old repeats", []string{head, "s|begin lgroup|r|R", "s|text|a|A", "s|end lgroup||"}, "/r repeat, /r/a text"},
		{"ticks of a range", []string{head + "|parameters", "s|range|a|A|start=0 end=10 tick_interval=2 placeholder=5"}, "/a range"},
		{"choice without a list", slices.Concat([]string{head, "s|select_one yn|a|A"}, yesNo, []string{"c||note|Not a choice"}), "/a select_one"},
		{"capitals", []string{head, "s|text|q|Q", "s|text|Q|Q"}, "/q text, /Q text"},
		{"table", slices.Concat([]string{head + "|appearance", "s|begin group|g|Rate them|table-list minimal", "s|select_one yn|a|A|", "s|select_one yn|b|B|", "s|end group|||", "s|select_one yn|c|C|"}, yesNo),
			"/g group, /g/generated_table_list_label_2 note, /g/reserved_name_for_field_list_labels_3 select_one, /g/a select_one, /g/b select_one, /c select_one"},
		{"table without label", slices.Concat([]string{head + "|appearance", "s|begin group|g||table-list", "s|select_multiple yn|a|A|", "s|end group|||"}, yesNo),
			"/g group, /g/reserved_name_for_field_list_labels_3 select_multiple, /g/a select_multiple"},
		{"settings among the questions", []string{head, "s|form_id|visits|", "s|form_title|Our visits|", "s|text|a|A"}, "/a text"},
		{"both ids", []string{head, "s|text|a|A", "t|form_id|id_string", "t|visits|old"}, "/a text"},
		{"entity", []string{head + "|save_to", "s|text|a|A|trees#height", "e|list_name|label|entity_id|update_if", "e|trees|${a}|${a}|true()"}, "/a text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, n := range compile(t, md(tt.rows...)).Nodes {
				kind := map[flows.Kind]string{flows.GroupNode: "group", flows.RepeatNode: "repeat"}[n.Kind]
				if n.Type != nil {
					kind = n.Type.Name
				}
				got = append(got, n.Path+" "+kind)
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

// The oldest forms name themselves in rows of the survey.
func TestSettingsAmongTheQuestions(t *testing.T) {
	f := compile(t, md("s|type|name|label", "s|form_id|visits|", "s|set form title|Our visits|", "s|text|a|A"))
	if title := f.Title.In(0); f.ID != "visits" || title != "Our visits" {
		t.Errorf("the form is %q, %q", f.ID, title)
	}
}

// A table-list is asked as its rows, under the label of its group; the head of
// the table is a node that nobody answers.
func TestTableListIsAsked(t *testing.T) {
	f := compile(t, md(slices.Concat([]string{"s|type|name|label|appearance", "s|begin group|g|Rate them|table-list", "s|select_one yn|a|A|", "s|select_one yn|b|B|", "s|end group|||"}, yesNo)...))
	state := start(t, f).State()
	if got, want := strings.Join(state.Visible, " "), "/g/generated_table_list_label_2 /g/a /g/b"; got != want {
		t.Errorf("visible %s; want %s", got, want)
	}
	if got := state.Labels["/g/generated_table_list_label_2"]; got != "Rate them" {
		t.Errorf("the note says %q", got)
	}
	if v, ok := state.Values["/g/reserved_name_for_field_list_labels_3"]; !ok || v != "" {
		t.Errorf("the head of the table is %q, %v", v, ok)
	}
}

// The languages are those that ODK's compiler makes of plain and translated cells.
func TestLanguagesOfPlainCells(t *testing.T) {
	tests := []struct {
		name string
		rows []string
		want string
	}{
		{"only some rows translated", []string{"s|type|name|label|label::French", "s|text|a|A|", "s|text|b||B"}, "French"},
		{"both in a row", []string{"s|type|name|label|label::French", "s|text|a|A|AF"}, "default French"},
		{"media in a language", []string{"s|type|name|label|image::French", "s|text|a|A|a.jpg", "s|text|b|B|"}, "default French"},
		{"media of choices", []string{"s|type|name|label", "s|select_one yn|a|A", "c|list_name|name|label|audio::French", "c|yn|y|Yes|", "c|yn|n|No|n.mp3"}, "default French"},
		{"media of another list", []string{"s|type|name|label::French", "s|select_one yn|a|A", "c|list_name|name|label|audio::French", "c|yn|y|Yes|", "c|st|n||n.mp3"}, "French"},
		{"hint with guidance", []string{"s|type|name|label::French|hint|guidance_hint::French", "s|text|a|A|H|G"}, "French default"},
		{"hint without", []string{"s|type|name|label::French|hint", "s|text|a|A|H"}, "French"},
		{"message with an answer", []string{"s|type|name|label::French|constraint|constraint_message", "s|text|a|A|. != 'x'|not ${a}"}, "French default"},
		{"choice with an answer", []string{"s|type|name|label::French", "s|select_one yn|a|A", "c|list_name|name|label", "c|yn|y|Yes ${a}"}, "French default"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, l := range compile(t, md(tt.rows...)).Languages {
				got = append(got, l.Name)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got %s; want %s", s, tt.want)
			}
		})
	}
}

// A plain label beside a picture is kept with the translations: another language lacks it.
func TestPlainLabelBesidePicture(t *testing.T) {
	f := compile(t, md("s|type|name|label|image::French", "s|text|a|A|a.jpg", "s|text|b|B|"))
	in, err := f.Start(world(), flows.StartOptions{Language: "French"})
	if err != nil {
		t.Fatal(err)
	}
	if s := in.State(); s.Labels["/a"] != "-" || s.Labels["/b"] != "B" {
		t.Errorf("labels %v", s.Labels)
	}
}

// A file that is not attached yet is warned of, also where search() reads it.
func TestSearchInMissingFile(t *testing.T) {
	f := compile(t, md("s|type|name|label|appearance", "s|select_one f.csv|a|A|", "s|select_one l|b|B|search('f')", "c|list_name|name|label", "c|l|id|title"))
	if len(f.Warnings) == 0 || !strings.Contains(f.Warnings[0].Message, "f.csv is missing") {
		t.Errorf("warnings %v", f.Warnings)
	}
}
