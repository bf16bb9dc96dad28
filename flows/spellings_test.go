package flows_test

import (
	"strings"
	"testing"

	"example.org/fieldbot/flows"
)

// Every spelling of a type in the table means that type, in any case and with
// any blanks.
func TestTypeSpellings(t *testing.T) {
	for _, ty := range flows.Types() {
		for _, name := range append([]string{ty.Name}, ty.Aliases...) {
			cell := name
			if ty.List {
				cell += map[bool]string{true: " f.csv", false: " l"}[strings.HasSuffix(ty.Name, "_from_file")]
			}
			question := "a"
			if ty.Name == "audit" {
				question = "audit"
			}
			for _, cell := range []string{cell, strings.ToUpper(cell[:1]) + cell[1:] + " ", strings.ReplaceAll(cell, " ", "  ")} {
				d := define(t, `
| survey | | | | |
| | type | name | label | calculation | trigger |
| | `+cell+` | `+question+` | A | `+map[bool]string{true: "1"}[ty.Name == "calculate"]+` | `+map[bool]string{true: "${b}"}[ty.Name == "background-geopoint"]+` |
| | text | b | B | | |
| choices | | | |
| | list_name | name | label |
| | l | x | X |
| external_choices | | | |
| | list_name | name | label |
| | l | x | X |`)
				d.Files = map[string][]byte{"f.csv": []byte("name,label\nx,X\n"), "a.csv": []byte("name,label\nx,X\n"), "a.xml": []byte("<root><item><name>x</name></item></root>")}
				f, err := flows.Compile(d)
				if err != nil {
					t.Errorf("%q: %v", cell, err)
					continue
				}
				if n := f.Question(question); n == nil {
					if ty.Bind != "" {
						t.Errorf("%q: no question", cell)
					}
				} else if n.Type.Name != ty.Name {
					t.Errorf("%q: is of type %s, want %s", cell, n.Type.Name, ty.Name)
				}
			}
		}
	}
}

// Old types bring their bounds with them.
func TestOldTypesAreBounded(t *testing.T) {
	for _, tt := range []struct{ kind, good, bad string }{
		{"percentage", "100", "101"},
		{"number of days in last month", "31", "32"},
		{"number of days in last six months", "183", "184"},
		{"number of days in last year", "365", "-1"},
		{"phone number", "020", "02a"},
	} {
		in := start(t, compile(t, "| survey | | | |\n| | type | name | label |\n| | "+tt.kind+" | a | A |"))
		at := in.Prompt().At
		if err := in.Answer(at, flows.Input{Text: tt.bad}); err == nil {
			t.Errorf("%s: %s is taken", tt.kind, tt.bad)
		}
		if err := in.Answer(at, flows.Input{Text: tt.good}); err != nil {
			t.Errorf("%s: %s: %v", tt.kind, tt.good, err)
		}
	}
}

// search() finds as Collect does: parts whatever their case, in one column or
// several, with a second condition; each name once; and choices whose name is a
// whole number beside what is found.
func TestSearch(t *testing.T) {
	const files = "key,name_en,name_lo,district,alias\n" +
		"v1,Ban Mai,ບ້ານໃໝ່,d1,New\nv2,Ban Kao,ບ້ານເກົ່າ,d1,Old\nv3,Dong Mai,ດົງໃໝ່,d2,Forest\nv1,Ban Mai again,,d1,\n"
	tests := []struct{ query, typed, want string }{
		{"search('v')", "", "v1 v2 v3"},
		{"minimal search('v.csv')", "", "v1 v2 v3"},
		{"search('v', 'contains', 'name_en', ${q})", "mai", "v1 v3"},
		{"search('v', 'contains', 'name_en', ${q})", "", "v1 v2 v3"},
		{"search( 'v' , 'contains', 'name_en,alias', ${q} )", "OLD", "v2"},
		{"search('v', 'contains', 'name_en alias', ${q})", "forest", "v3"},
		{"search('v', 'startswith', 'name_en', ${q})", "ban", "v1 v2"},
		{"search('v', 'startsWith', 'name_lo', ${q})", "ບ້ານ", "v1 v2"},
		{"search('v', 'endswith', 'name_en', ${q})", "MAI", "v1 v3"},
		{"search('v', 'matches', 'district', ${q})", "d2", "v3"},
		{"search('v', 'matches', 'District', ${q})", "d2", "v3"},
		{"search('v', 'matches', 'district', 'd1')", "", "v1 v2"},
		{"search('v', 'contains', 'name_en', ${q}, 'district', 'd1')", "mai", "v1"},
		{"search('v', 'contains', '', '', 'district', 'd2')", "", "v3"},
		{"search('v', 'contains', 'name_en', ${q})", "nothing", ""},
	}
	for _, tt := range tests {
		d := define(t, `
| survey | | | | |
| | type | name | label | appearance |
| | text | q | Q | |
| | select_one v | v | V | `+tt.query+` |
| choices | | | | |
| | list_name | name | label::English (en) | label::Lao (lo) |
| | v | 1 | First | |
| | v | Key | Name_En, district | name_lo |
| | v | 99 | None of them | |`)
		d.Files = map[string][]byte{"v.csv": []byte(files)}
		f, err := flows.Compile(d)
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
			continue
		}
		in := start(t, f)
		if tt.typed == "" {
			in.Answer(in.Prompt().At, flows.Input{Skip: true})
		} else {
			in = say(t, in, tt.typed)
		}
		var names []string
		for _, c := range in.Prompt().Choices {
			names = append(names, c.Name)
		}
		if got, want := strings.Join(names, " "), strings.Join(strings.Fields("1 "+tt.want+" 99"), " "); got != want {
			t.Errorf("%s with %q: %s, want %s", tt.query, tt.typed, got, want)
		}
		if strings.HasPrefix(tt.want, "v1") {
			if got := in.Prompt().Choices[1].Label; got != "Ban Mai (district: d1)" {
				t.Errorf("%s: label %q", tt.query, got)
			}
			in = say(t, in, "Ban Mai (district: d1)")
			if got, _ := in.Value("/v"); got != "v1" {
				t.Errorf("%s: stored %q", tt.query, got)
			}
		}
	}
}

// A searched file may have an order of its own, pictures, and columns of several
// words; blank cells are not shown.
func TestSearchOrderAndPictures(t *testing.T) {
	d := define(t, `
| survey | | | | |
| | type | name | label | appearance |
| | select_one v | v | V | search('v', 'contains', 'village name, other-name', 'b') |
| choices | | | | |
| | list_name | name | label | image |
| | v | key | village_name, Other name | Photo of it |`)
	d.Files = map[string][]byte{
		"v.csv":   []byte("key,Village name,Other-Name,photo-of-it,sortby\nv1,Ban Mai,new,mai.jpg,10\nv2,Ban Kao,,,9\nv2,Ban Kao Noi,,,-1.5\nv3,,b,dong.jpg,9\n"),
		"mai.jpg": nil,
	}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range start(t, f).Prompt().Choices {
		got = append(got, c.Name+"="+c.Label+"="+c.Media.Image)
	}
	if got, want := strings.Join(got, "|"), "v2=Ban Kao Noi=|v3=(Other name: b)=dong.jpg|v1=Ban Mai (Other name: new)=mai.jpg"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(f.Warnings) != 1 || !strings.Contains(f.Warnings[0].Message, "pictures of v.csv are missing: 1, as dong.jpg") {
		t.Errorf("warnings %v", f.Warnings)
	}
	d.Files["v.csv"] = []byte("key,village_name,other_name,photo,sortby\nv1,Bb,,,2\nv2,Ba,,,first\n")
	if f, err = flows.Compile(d); err != nil {
		t.Fatal(err)
	}
	if c := start(t, f).Prompt().Choices; c[0].Name != "v1" || len(f.Warnings) == 0 || !strings.Contains(f.Warnings[0].Message, "sortby of v.csv has \"first\", which is no number") {
		t.Errorf("%v %v", c, f.Warnings)
	}
}

// A search that cannot work is refused at its cell.
func TestSearchProblems(t *testing.T) {
	for _, tt := range []struct{ query, want string }{
		{"search('v', 'contains')", "search() has 1, 4 or 6 arguments"},
		{"search(${q}, 'contains', 'nmae', ${q})", `what is attached as csv has no column "nmae"`},
		{"search('v', 'contains', 'nmae', ${q})", `v.csv has no column "nmae"`},
		{"search('v', 'contains', ${q}, ${q})", "search() looks in columns of the file, named in quotes"},
		{"search('v'", "search( does not end"},
	} {
		d := define(t, `
| survey | | | | |
| | type | name | label | appearance |
| | text | q | Q | |
| | select_one v | v | V | `+tt.query+` |
| choices | | | |
| | list_name | name | label |
| | v | name | name |`)
		d.Files = map[string][]byte{"v.csv": []byte("name,label\nx,X\n")}
		_, err := flows.Compile(d)
		if err == nil || !strings.Contains(err.Error(), "survey:4 [appearance]: "+tt.want) {
			t.Errorf("%s: %v, want %s", tt.query, err, tt.want)
		}
	}
}

// pulldata() finds columns whatever their case, as Collect does.
func TestPulldataColumns(t *testing.T) {
	d := define(t, `
| survey | | | | |
| | type | name | label | calculation |
| | calculate | a | | pulldata('v', 'name_en', 'key', 'v1') |
| | text | q | Q | |`)
	d.Files = map[string][]byte{"v.csv": []byte("Key,Name_EN\nv1,Ban Mai\n")}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := start(t, f).Value("/a"); got != "Ban Mai" {
		t.Errorf("pulldata gives %q", got)
	}
	d.Files["v.csv"] = []byte("Key,Name (EN),name-en \nv1,No,Ban Mai\n")
	if f, err = flows.Compile(d); err != nil {
		t.Fatal(err)
	}
	if got, _ := start(t, f).Value("/a"); got != "Ban Mai" {
		t.Errorf("pulldata gives %q", got)
	}
}
