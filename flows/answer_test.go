package flows_test

import (
	"errors"
	"testing"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
)

// What people type, and what is stored of it or why it is refused.
func TestTypedAnswers(t *testing.T) {
	f := compile(t, `
| survey | | | | |
| | type | name | label | parameters | appearance | constraint |
| | integer | i | I | | | |
| | decimal | d | D | | | |
| | range | r | R | start=0 end=10 step=2 | | |
| | date | day | Day | | | |
| | date | yr | Year | | year | |
| | date | my | Month | | month-year | |
| | time | tm | Time | | | |
| | dateTime | dt | When | | | |
| | select_one l | one | One | | | |
| | select_multiple l | many | Many | | | |
| | rank l | rk | Rank | | | |
| | geopoint | geo | Where | | | |
| | text | tx | Text | | | |
| | text | phone | Phone | | numbers | |
| | acknowledge | ack | Ack | | | |
| | image | im | Photo | | | |
| choices | | | |
| | list_name | name | label |
| | l | water | ນ້ຳ **Water** |
| | l | road | Road repair |
| | l | river | River road |`)
	tests := []struct {
		q, in, want string
		why         flows.Reason
	}{
		{"i", "25", "25", ""},
		{"i", "໒໕", "25", ""},
		{"i", "๒๕", "25", ""},
		{"i", " +7 ", "7", ""},
		{"i", "-3", "-3", ""},
		{"i", "1,000", "1000", ""},
		{"i", "1.250.000", "1250000", ""},
		{"i", "12.0", "12", ""},
		{"i", "12.5", "", flows.ReasonInteger},
		{"i", "25 years", "", flows.ReasonNumber},
		{"i", "👍", "", flows.ReasonNumber},
		{"i", "1e6", "", flows.ReasonNumber},
		{"i", "99999999999999999999", "", flows.ReasonNumber},
		{"tm", "໘:໓໐", "08:30:00.000+07:00", ""},
		{"tm", "໘ ໂມງ ໓໐ ນາທີ", "08:30:00.000+07:00", ""},
		{"tm", "8 ໂມງ 5 ນາທີ", "08:05:00.000+07:00", ""},
		{"tm", "8 ໂມງເຄິ່ງ", "08:30:00.000+07:00", ""},
		{"tm", "ແປດໂມງເຄິ່ງ", "08:30:00.000+07:00", ""},
		{"tm", "8 ໂມງເຊົ້າ", "08:00:00.000+07:00", ""},
		{"tm", "2 ໂມງແລງ", "14:00:00.000+07:00", ""},
		{"tm", "ບ່າຍ 2 ໂມງ", "14:00:00.000+07:00", ""},
		{"tm", "ຕອນຄ່ຳ 7 ໂມງ", "19:00:00.000+07:00", ""},
		{"tm", "9 ໂມງກາງຄືນ", "21:00:00.000+07:00", ""},
		{"tm", "2 ໂມງກາງຄືນ", "02:00:00.000+07:00", ""},
		{"tm", "12 ໂມງກາງຄືນ", "00:00:00.000+07:00", ""},
		{"tm", "ທ່ຽງ", "12:00:00.000+07:00", ""},
		{"tm", "Noon", "12:00:00.000+07:00", ""},
		{"tm", "midnight", "00:00:00.000+07:00", ""},
		{"tm", "8 o'clock", "08:00:00.000+07:00", ""},
		{"tm", "half past eight", "08:30:00.000+07:00", ""},
		{"tm", "quarter to 9", "08:45:00.000+07:00", ""},
		{"tm", "2 in the afternoon", "14:00:00.000+07:00", ""},
		{"tm", "2:30 in the afternoon", "14:30:00.000+07:00", ""},
		{"tm", "8.30 PM", "20:30:00.000+07:00", ""},
		{"tm", "0830", "08:30:00.000+07:00", ""},
		{"tm", "25 ໂມງ", "", flows.ReasonTime},
		{"tm", "in the morning", "", flows.ReasonTime},
		{"tm", "8", "", flows.ReasonTime},
		{"dt", "5 June 2026 8 ໂມງເຄິ່ງ", "2026-06-05T08:30:00.000+07:00", ""},
		{"dt", "5 June 2026", "", flows.ReasonDate},
		{"dt", "yesterday at half past eight", "2026-06-14T08:30:00.000+07:00", ""},
		{"d", "2,5", "2.5", ""},
		{"d", "໒,໕", "2.5", ""},
		{"d", "1.234,5", "1234.5", ""},
		{"d", "1,234.5", "1234.5", ""},
		{"d", ".5", "0.5", ""},
		{"d", "1,500", "1500", ""},
		{"d", "1.500", "1.5", ""},
		{"d", "0,500", "0.5", ""},
		{"d", "NaN", "", flows.ReasonNumber},
		{"d", "0x10", "", flows.ReasonNumber},
		{"r", "4", "4", ""},
		{"r", "5", "", flows.ReasonRange},
		{"r", "12", "", flows.ReasonRange},
		{"day", "2026-06-05", "2026-06-05", ""},
		{"day", "5/6/2026", "2026-06-05", ""},
		{"day", "05.06.26", "2026-06-05", ""},
		{"day", "5/6/2569", "2026-06-05", ""},
		{"day", "໕/໖/໒໐໒໖", "2026-06-05", ""},
		{"day", "5 June 2026", "2026-06-05", ""},
		{"day", "5 ມິຖຸນາ 2026", "2026-06-05", ""},
		{"day", "ວັນທີ 5 ເດືອນ ມິຖຸນາ ປີ 2026", "2026-06-05", ""},
		{"day", "ວັນທີ ໕ ເດືອນ ໖ ປີ ໒໐໒໖", "2026-06-05", ""},
		{"day", "5 ມິ.ຖ. 2026", "2026-06-05", ""},
		{"day", "5 มิถุนายน 2569", "2026-06-05", ""},
		{"day", "05-03-26", "2026-03-05", ""},
		{"day", "5/3/85", "1985-03-05", ""},
		{"day", "yesterday", "2026-06-14", ""},
		{"day", "ມື້ນີ້", "2026-06-15", ""},
		{"day", "31/2/2026", "", flows.ReasonDate},
		{"day", "soon", "", flows.ReasonDate},
		{"yr", "2024", "2024-01-01", ""},
		{"my", "3/2024", "2024-03-01", ""},
		{"my", "ມີນາ 2024", "2024-03-01", ""},
		{"tm", "14:30", "14:30:00.000+07:00", ""},
		{"tm", "2.30 pm", "14:30:00.000+07:00", ""},
		{"tm", "8 am", "08:00:00.000+07:00", ""},
		{"tm", "25:00", "", flows.ReasonTime},
		{"dt", "5/6/2026 14:30", "2026-06-05T14:30:00.000+07:00", ""},
		{"dt", "2026-06-05T14:30:00Z", "2026-06-05T14:30:00.000Z", ""},
		{"one", "2", "road", ""},
		{"one", "໒", "road", ""},
		{"one", "ນ້ຳ water", "water", ""},
		{"one", "road repair", "road", ""},
		{"one", "river", "river", ""},
		{"one", "ro", "road", ""},
		{"one", "oad", "", flows.ReasonAmbiguous},
		{"one", "4", "", flows.ReasonChoice},
		{"one", "bridge", "", flows.ReasonChoice},
		{"many", "1, 3", "water river", ""},
		{"many", "1 3", "water river", ""},
		{"many", "Road repair, river road", "road river", ""},
		{"many", "1, 9", "", flows.ReasonChoice},
		{"rk", "3 1 2", "river water road", ""},
		{"rk", "3 1", "", flows.ReasonChoice},
		{"geo", "15.12, 106.85", "15.12 106.85 0.0 0.0", ""},
		{"geo", "here", "", flows.ReasonKind},
		{"geo", "95, 10", "", flows.ReasonKind},
		{"tx", "  a\x00b\u200b ", "ab\u200b", ""},
		{"phone", "020 5555 1234", "020 5555 1234", ""},
		{"phone", "none", "", flows.ReasonNumber},
		{"ack", "ok", "OK", ""},
		{"ack", "why?", "", flows.ReasonChoice},
		{"im", "a photo", "", flows.ReasonKind},
	}
	for _, tt := range tests {
		t.Run(tt.q+" "+tt.in, func(t *testing.T) {
			in := start(t, f)
			at, ok := in.Find("/" + tt.q)
			if !ok {
				t.Fatal("no such question")
			}
			err := in.Answer(at, flows.Input{Text: tt.in})
			var bad *flows.AnswerError
			if errors.As(err, &bad) != (tt.why != "") || bad != nil && bad.Reason != tt.why {
				t.Fatalf("error %v, want reason %q", err, tt.why)
			}
			if got, _ := in.Value("/" + tt.q); got != tt.want {
				t.Errorf("stored %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLongAnswer(t *testing.T) {
	f := compile(t, `
| survey | | | |
| | type | name | label |
| | text | t | T |`)
	in := start(t, f)
	err := in.Answer(in.Prompt().At, flows.Input{Text: string(make([]rune, flows.MaxAnswer+1))})
	var bad *flows.AnswerError
	if !errors.As(err, &bad) || bad.Reason != flows.ReasonLong {
		t.Errorf("got %v, want reason long", err)
	}
}

// Taps gather until Done; a tap on what is marked takes it back.
func TestToggle(t *testing.T) {
	f := compile(t, `
| survey | | | | |
| | type | name | label | constraint | constraint_message |
| | select_multiple l | m | M | count-selected(.) <= 2 | At most two |
| | rank l | r | R | | |
| choices | | | |
| | list_name | name | label |
| | l | a | A |
| | l | b | B |
| | l | c | C |`)
	in := start(t, f)
	at := in.Prompt().At
	for _, i := range []int{0, 1, 2} {
		if err := in.Toggle(at, i); err != nil {
			t.Fatal(err)
		}
		in = reload(t, in)
	}
	var bad *flows.AnswerError
	if err := in.Answer(at, flows.Input{Yes: true}); !errors.As(err, &bad) || bad.Message != "At most two" {
		t.Fatalf("three of two: %v", err)
	}
	if p := in.Prompt(); p.Pending != "a b c" {
		t.Fatalf("a refusal lost the taps: %q", p.Pending)
	}
	if err := in.Toggle(at, 1); err != nil {
		t.Fatal(err)
	}
	if err := in.Answer(at, flows.Input{Yes: true}); err != nil {
		t.Fatal(err)
	}
	if v, _ := in.Value("/m"); v != "a c" {
		t.Errorf("m = %q, want a c", v)
	}
	at = in.Prompt().At
	for _, i := range []int{2, 0} {
		if err := in.Toggle(at, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Answer(at, flows.Input{Yes: true}); err != nil {
		t.Fatal(err)
	}
	if v, _ := in.Value("/r"); v != "c a b" {
		t.Errorf("r = %q, want c a b: the last place follows by itself", v)
	}
	// going back shows what was answered, ready to be changed
	in.Back()
	in.Back()
	if p := in.Prompt(); p.Ref != "/m" || p.Pending != "a c" {
		t.Errorf("back at %s with %q marked, want /m with a c", p.Ref, p.Pending)
	}
}

func TestTrace(t *testing.T) {
	f := compile(t, `
| survey | | | |
| | type | name | label |
| | geoshape | g | G |`)
	in := start(t, f)
	at := in.Prompt().At
	for _, p := range []flows.Point{{Lat: 1, Lon: 1}, {Lat: 1, Lon: 2}, {Lat: 2, Lon: 2}} {
		if err := in.Answer(at, flows.Input{Points: []flows.Point{p}}); err != nil {
			t.Fatal(err)
		}
		in = reload(t, in)
	}
	if err := in.Answer(at, flows.Input{Yes: true}); err != nil {
		t.Fatal(err)
	}
	want := "1.0 1.0 0.0 0.0; 1.0 2.0 0.0 0.0; 2.0 2.0 0.0 0.0; 1.0 1.0 0.0 0.0"
	if v, _ := in.Value("/g"); v != want {
		t.Errorf("got %q, want %q", v, want)
	}
	if err := in.Set("/g", "1 1;1 2 0 0 ; 2 2;1 1;"); err != nil {
		t.Fatal(err)
	}
	if v, _ := in.Value("/g"); v != want {
		t.Errorf("set: got %q, want %q", v, want)
	}
	for _, v := range []string{"x", "1", "91 0; 0 0; 1 1", "nan 1; 0 0", "0 0 inf; 1 1"} {
		if in.Set("/g", v) == nil {
			t.Errorf("%q was taken for places", v)
		}
	}
}

// How a place writes months, near days and numbers comes with the world, so that
// a language can be added without code.
func TestHabitsOfAPlace(t *testing.T) {
	f := compile(t, `
| survey |
| | type | name | label::Khmer (km) | label::English (en) |
| | date | day | D | D |
| | decimal | size | S | S |`)
	w := world()
	w.Habits = &flows.Habits{
		Months: map[string]int{"មីនា": 3}, Days: map[string]int{"ម្សិលមិញ": -1}, Comma: map[string]bool{"km": true},
	}
	for _, x := range []struct{ lang, day, wantDay, size, wantSize string }{
		{"km", "5 មីនា 2026", "2026-03-05", "1.500", "1500"},
		{"km", "ម្សិលមិញ", "2026-06-14", "1,500", "1.5"},
		{"en", "5 មីនា 2026", "2026-03-05", "1,500", "1500"},
	} {
		in, err := f.Start(w, flows.StartOptions{Language: x.lang})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{x.day, x.size} {
			if err := in.Answer(in.Prompt().At, flows.Input{Text: text}); err != nil {
				t.Errorf("%s: %q: %v", x.lang, text, err)
			}
		}
		day, _ := in.Value("/day")
		size, _ := in.Value("/size")
		if day != x.wantDay || size != x.wantSize {
			t.Errorf("%s: %q and %q are %s and %s", x.lang, x.day, x.size, day, size)
		}
	}
}

// A list's index is of the labels in the first language, and of the texts without
// blanks around them: where these do not answer, rows are looked at one by one.
func TestIndexAnswersOnlyWhatItKnows(t *testing.T) {
	d, err := xlsform.Read("form.md", []byte(`
| survey | | | | |
| | type | name | label::English (en) | calculation |
| | text | x | X | |
| | calculate | code | | instance('crop')/root/item[label = ${x}]/name |
| | calculate | padded | | join(' ', instance('padded')/root/item[selected(${x}, kind)]/name) |
| | select_one crop | s | S | |
| | select_one_from_file padded.csv | f | F | |
| choices | | | | |
| | list_name | name | label::English (en) | label::Lao (lo) |
| | crop | rice | Rice | Khao |
| | crop | maize | Maize | Sali |
`), map[string][]byte{"padded.csv": []byte("name,label,kind\na,A,\" Khao \"\nb,B,Rice\nc,C,Khao\n")})
	if err != nil {
		t.Fatal(err)
	}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	in := start(t, f)
	for _, c := range []struct {
		lang          int
		x, code, padd string
	}{{0, "Rice", "rice", "b"}, {0, "Khao", "", "a c"}, {1, "Khao", "rice", "a c"}, {1, "Rice", "", "b"}, {1, "Sali", "maize", ""}} {
		in.SetLanguage(c.lang)
		at, _ := in.Find("/x")
		if err := in.Answer(at, flows.Input{Text: c.x}); err != nil {
			t.Fatal(err)
		}
		if s := in.State(); s.Values["/code"] != c.code || s.Values["/padded"] != c.padd {
			t.Errorf("language %d, %s: %q, %q; want %q, %q", c.lang, c.x, s.Values["/code"], s.Values["/padded"], c.code, c.padd)
		}
	}
}
