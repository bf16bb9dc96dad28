package flows_test

import (
	"strings"
	"testing"
)

// What JavaRosa does at the start of an interview and of an instance, as found by
// driving it beside this engine.
func TestAsJavaRosa(t *testing.T) {
	for _, x := range []struct {
		name, form string
		steps      [][2]string // ref and answer; a ref without answer adds an instance
		want       map[string]string
	}{
		{"a default that reads a calculation runs before it", `
| survey | | | | | |
| | type | name | label | calculation | default |
| | calculate | c | | 1 + 1 | |
| | text | d | D | | concat('c', ${c}) |
| | text | e | E | | 'x' |
| | text | f | F | | concat(${d}, '-') |
| | calculate | g | | concat(${f}, '!') | |
| | text | h | H | | ${g} |`,
			nil, map[string]string{"/d": "c", "/f": "c-", "/g": "c-!", "/h": "c-!"}},
		{"whole paths and indexed-repeat() from inside a repeat are of this instance", `
| survey | | | | |
| | type | name | label | calculation |
| | begin repeat | r | R | |
| | begin group | g | G | |
| | begin repeat | k | K | |
| | integer | n | N | |
| | calculate | before | | /data/r/g/k[position() = position(current()/..) - 1]/n |
| | end repeat | | | |
| | end group | | | |
| | calculate | first | | indexed-repeat(${n}, ${k}, 1) |
| | calculate | second | | /data/r/g/k[position() = 2]/n |
| | calculate | large | | sum(/data/r/g/k[n > 2]/n) |
| | calculate | of_first | | indexed-repeat(${n}, ${r}, 1, ${k}, 1) |
| | calculate | other | | sum(/data/r[position() != position(current()/..)]/g/k/n) |
| | end repeat | | | |
| | calculate | all | | sum(/data/r/g/k[n > 2]/n) |`,
			[][2]string{{"/r[1]/g/k[1]/n", "1"}, {"/r"}, {"/r[2]/g/k[1]/n", "3"}, {"/r[2]/g/k"}, {"/r[2]/g/k[2]/n", "5"}},
			map[string]string{
				"/r[1]/first": "1", "/r[2]/first": "3", "/r[1]/second": "", "/r[2]/second": "5", "/r[1]/large": "0", "/r[2]/large": "8",
				"/r[2]/of_first": "1", "/r[1]/other": "8", "/r[2]/other": "1", "/r[2]/g/k[2]/before": "3", "/all": "8",
			}},
		{"once() finds a dynamic default", `
| survey | | | | | |
| | type | name | label | calculation | default |
| | calculate | uid | | once(concat(${enum}, '-', 7)) | |
| | text | enum | E | | concat('e', 'x') |`,
			[][2]string{{"/enum", "other"}}, map[string]string{"/uid": "ex-7"}},
		{"a default of an added instance runs before its calculations", `
| survey | | | | | |
| | type | name | label | calculation | default |
| | begin repeat | r | R | | |
| | calculate | pos | | position(..) | |
| | integer | n | N | | position(..) * 10 |
| | text | m | M | | concat('p', ${pos}) |
| | end repeat | | | | |`,
			[][2]string{{"/r"}}, map[string]string{"/r[1]/n": "10", "/r[2]/n": "20", "/r[2]/m": "p", "/r[2]/pos": "2"}},
		{"a text 'NaN' is stored, a number that is none is not", `
| survey | | | | |
| | type | name | label | calculation |
| | integer | n | N | |
| | calculate | text | | if(${n} = '', 'NaN', 1) |
| | calculate | number | | ${n} + 1 |
| | calculate | tested | | if(${text} = 'NaN', 'unknown', 'known') |
| | calculate | length | | string-length(${number}) |`,
			nil, map[string]string{"/text": "NaN", "/number": "", "/tested": "unknown", "/length": "0"}},
		{"a default that is no number is left out", `
| survey | | | | |
| | type | name | label | default |
| | integer | i | I | 0.5 |
| | integer | j | J | 3.0 |
| | decimal | d | D | many |`,
			nil, map[string]string{"/i": "", "/d": ""}},
		{"an added instance has the first of a repeat in its group, none of a repeat right inside", `
| survey | | | | |
| | type | name | label | repeat_count |
| | begin repeat | r | R | |
| | begin group | g | G | |
| | begin repeat | in | In | |
| | begin repeat | deep | Deep | |
| | text | t | T | |
| | end repeat | | | |
| | end repeat | | | |
| | end group | | | |
| | begin repeat | right | Right | |
| | text | u | U | |
| | end repeat | | | |
| | end repeat | | | |`,
			[][2]string{{"/r"}}, map[string]string{"/r[2]/g/in[1]/deep[1]/t": "", "/r[1]/right[1]/u": "", "/r[2]/right[1]/u": "none"}},
		{"a counted repeat that shows later has the first instances inside", `
| survey | | | | | |
| | type | name | label | relevant | repeat_count |
| | text | show | S | | |
| | begin repeat | r | R | ${show} != '' | 2 |
| | begin repeat | in | In | | |
| | text | t | T | | |
| | end repeat | | | | |
| | end repeat | | | | |`,
			[][2]string{{"/show", "yes"}}, map[string]string{"/r[1]/in[1]/t": "", "/r[2]/in[1]/t": "none"}},
		{"what is not there keeps its place in join()", `
| survey | | | | |
| | type | name | label | calculation |
| | select_one l | s | S | |
| | calculate | j | | join(',', 'a', instance('l')/root/item[name = ${s}]/label, 'b') |
| choices | | | |
| | list_name | name | label |
| | l | x | X |`,
			nil, map[string]string{"/j": "a,,b"}},
		{"a path that leads nowhere is blank, and no node", `
| survey | | | | | |
| | type | name | label | relevant | calculation |
| | text | a | A | | |
| | text | b | B | selected(../gone, 'x') or ../a = 'y' | |
| | begin group | g | G | | |
| | text | c | C | ../../g/gone = '' | |
| | end group | | | | |
| | calculate | d | | | concat('[', ../g/gone, ']', count(../gone)) |`,
			[][2]string{{"/a", "y"}}, map[string]string{"/b": "", "/g/c": "", "/d": "[]0"}},
		{"indexed-repeat() takes the first for a number that is none, or less", `
| survey | | | | |
| | type | name | label | calculation |
| | text | i | I | |
| | begin repeat | r | R | |
| | text | x | X | |
| | calculate | prev | | indexed-repeat(${x}, ${r}, position(..) - 1) |
| | calculate | run | | coalesce(indexed-repeat(${run}, ${r}, position(..) - 1), 0) + 1 |
| | end repeat | | | |
| | calculate | v | | indexed-repeat(${x}, ${r}, ${i}) |
| | calculate | w | | indexed-repeat(${x}, ${r}, '-2') |`,
			[][2]string{{"/r"}, {"/r[1]/x", "A"}, {"/r[2]/x", "B"}},
			map[string]string{"/v": "A", "/w": "A", "/r[1]/prev": "A", "/r[2]/prev": "A", "/r[1]/run": "1", "/r[2]/run": "2"}},
		{"names that are no choices are left out of calculations, triggers and defaults", `
| survey | | | | | | | |
| | type | name | label | calculation | trigger | default | choice_filter |
| | text | who | Who | | | | |
| | select_one l | a | A | ${who} | | | |
| | select_one l | b | B | ${who} | ${who} | | |
| | select_multiple l | c | C | concat('x ', ${who}) | | | |
| | select_one l | d | D | ${who} | | | name = 'x' |
| | select_one l | e | E | | | gone | |
| | select_multiple l | f | F | | | concat('gone', ' y') | |
| choices | | | |
| | list_name | name | label |
| | l | x | X |
| | l | y | Y |`,
			[][2]string{{"/who", "z"}, {"/who", "y"}},
			map[string]string{"/a": "y", "/b": "y", "/c": "x y", "/d": "", "/e": "", "/f": "y"}},
		{"a calculation that gives no choice is blank", `
| survey | | | | |
| | type | name | label | calculation |
| | text | who | Who | |
| | select_one l | a | A | ${who} |
| choices | | | |
| | list_name | name | label |
| | l | x | X |`,
			[][2]string{{"/who", "x"}, {"/who", "z"}}, map[string]string{"/a": ""}},
		{"jr:choice-name follows what the label names", `
| survey | | | | |
| | type | name | label | calculation |
| | text | who | Who | |
| | select_one l | s | S | |
| | calculate | k | | jr:choice-name(${s}, '${s}') |
| choices | | | |
| | list_name | name | label |
| | l | x | The house of ${who} |`,
			[][2]string{{"/s", "x"}, {"/who", "Noy"}}, map[string]string{"/k": "The house of Noy"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			in := start(t, compile(t, x.form))
			for _, s := range x.steps {
				var err error
				if s[1] == "" {
					err = in.AddRepeat(s[0])
				} else {
					err = in.Set(s[0], s[1])
				}
				if err != nil {
					t.Fatal(err)
				}
				in = reload(t, in)
			}
			for ref, want := range x.want {
				got, ok := in.Value(ref)
				if !ok {
					got = "none"
				}
				if got != want {
					t.Errorf("%s = %q, want %q", ref, got, want)
				}
			}
		})
	}
}

// A choice_filter keeps those answers of a repeat for which it is true; names in it
// are of the instance whose answer is offered, wherever the question stands.
func TestChoicesFromRepeatFiltered(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | | |
| | type | name | label | choice_filter |
| | text | letter | L | |
| | begin repeat | house | H | |
| | text | owner | O | |
| | begin repeat | member | M | |
| | text | name | N | |
| | integer | age | A | |
| | select_one ${name} | friend | F | ${name} != current()/../name |
| | end repeat | | | |
| | select_one ${name} | head | H | ${age} > 14 |
| | end repeat | | | |
| | select_one ${name} | adult | A | ${age} > 14 |
| | select_one ${name} | bare | B | age > 14 |
| | select_one ${name} | begins | B | starts-with(${name}, ${letter}) |
| | select_one ${name} | owned | O | ${owner} = 'Noy' |`))
	set := func(ref, value string) {
		t.Helper()
		if err := in.Set(ref, value); err != nil {
			t.Fatal(err)
		}
		in = reload(t, in)
	}
	add := func(ref string) {
		t.Helper()
		if err := in.AddRepeat(ref); err != nil {
			t.Fatal(err)
		}
	}
	set("/house[1]/owner", "Noy")
	set("/house[1]/member[1]/name", "Noy")
	set("/house[1]/member[1]/age", "40")
	add("/house[1]/member")
	set("/house[1]/member[2]/name", "Kham")
	set("/house[1]/member[2]/age", "9")
	add("/house")
	add("/house[2]/member")
	set("/house[2]/member[1]/name", "Nang")
	set("/house[2]/member[1]/age", "70")
	set("/letter", "N")
	for ref, want := range map[string]string{
		"/adult": "Noy Nang", "/bare": "Noy Nang", "/begins": "Noy Nang", "/owned": "Noy Kham",
		"/house[1]/head": "Noy", "/house[2]/head": "Nang",
		"/house[1]/member[1]/friend": "Kham", "/house[1]/member[2]/friend": "Noy", "/house[2]/member[1]/friend": "",
	} {
		var names []string
		for _, c := range in.State().Choices[ref] {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s offers %q, want %q", ref, got, want)
		}
	}
	set("/adult", "Nang")
	set("/house[2]/member[1]/age", "7")
	if v, _ := in.Value("/adult"); v != "" {
		t.Errorf("adult = %q after the age changed", v)
	}
}

// Which languages there are when some columns have none, as pyxform has them.
func TestLanguagesOfPlainColumns(t *testing.T) {
	const two = "| | type | name | label::English | label::French |"
	for _, x := range []struct{ name, survey, rest, languages, label string }{
		{"a plain hint has no language", two + " hint |\n| | text | a | A | Fa | h |", "", "English French", "A"},
		{"a plain picture makes one", two + " media::image |\n| | text | a | A | Fa | x.png |", "", "English French default", "-"},
		{"a plain guidance makes one", two + " guidance_hint |\n| | text | a | A | Fa | g |", "", "English French default", "-"},
		{"a plain label beside a translation makes one", "| | type | name | label | label::French |\n| | text | a | A | Fa |", "", "default French", "A"},
		{"or is of the default language", "| | type | name | label | label::French |\n| | text | a | A | Fa |",
			"| settings | |\n| | default_language |\n| | English |", "English French", "A"},
		{"be it one that has columns", "| | type | name | label | label::French |\n| | text | a | A | |\n| | text | b | | B |",
			"| settings | |\n| | default_language |\n| | French |", "French", "A"},
		{"a plain label beside translated choices stands for all", "| | type | name | label |\n| | select_one l | a | A |",
			"| choices | | | |\n| | list_name | name | label::Lao | label::French |\n| | l | x | X | Xf |", "Lao French", "A"},
	} {
		t.Run(x.name, func(t *testing.T) {
			f := compile(t, "| survey | | | | | |\n"+x.survey+"\n"+x.rest)
			var names []string
			for _, l := range f.Languages {
				names = append(names, l.Name)
			}
			if got := strings.Join(names, " "); got != x.languages {
				t.Errorf("languages %q, want %q", got, x.languages)
			}
			if got := start(t, f).State().Labels["/a"]; got != x.label {
				t.Errorf("label %q, want %q", got, x.label)
			}
		})
	}
}

// A language that only pictures are in is there, as in other programs, but nobody
// is asked in it, and the author is told.
func TestBareLanguage(t *testing.T) {
	f := compile(t, "| survey |\n| | type | name | label::English (en) | label::ລາວ (lo) | media::image |\n| | text | a | A | ກ | x.png |")
	for want, name := range map[string]string{"lo": "ລາວ (lo)", "en": "English (en)", "fr": "English (en)", "": "English (en)"} {
		if i, _ := f.Language(want); f.Languages[i].Name != name {
			t.Errorf("who speaks %q is asked in %s, want %s", want, f.Languages[i].Name, name)
		}
	}
	if l := f.Languages[f.Default]; !l.Bare || l.Name != "default" || len(f.Languages) != 3 {
		t.Errorf("languages %+v, of which %d is the default", f.Languages, f.Default)
	}
	if w := f.Warnings.Error(); !strings.Contains(w, `no label is in the language "default"`) {
		t.Errorf("warnings: %s", w)
	}
	if f := compile(t, "| survey |\n| | type | name | media::image |\n| | text | a | x.png |"); f.Languages[0].Bare {
		t.Error("the only language is bare")
	}
}

// A choice_filter reads a column that the sheet does not have as blank.
func TestFilterWithoutColumn(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | | |
| | type | name | label | choice_filter |
| | select_one l | a | A | region = yes |
| | select_one l | b | B | gone = '' |
| | select_one l | c | C | count(gone) = 0 and region != '' |
| choices | | | | |
| | list_name | name | label | region |
| | l | x | X | n |
| | l | y | Y | |`))
	for ref, want := range map[string]string{"/a": "y", "/b": "x y", "/c": "x"} {
		var got []string
		for _, c := range in.State().Choices[ref] {
			got = append(got, c.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s offers %q, want %q", ref, got, want)
		}
	}
}
