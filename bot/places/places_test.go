package places_test

import (
	"strings"
	"testing"

	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
)

func directory(t testing.TB, names ...string) *places.Directory {
	t.Helper()
	var forms []*flows.Form
	for _, name := range names {
		source, err := library.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		def, err := xlsform.Read(name+".md", source, nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := flows.Compile(def)
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, f)
	}
	return places.New(forms)
}

func codes(list []places.Place) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Code())
	}
	return strings.Join(out, " ")
}

func TestFind(t *testing.T) {
	d := directory(t, "activity_update", "sufs")
	for _, c := range []struct{ text, exact, near string }{
		{"1503", "1503", ""},
		{"dakcheung", "1503", ""},
		{"ດາກຈຶງ", "1503", ""},
		{"Dakcheung (Sekong)", "1503", ""},
		{"Dak-Cheung", "1503", ""},
		{"Phonthong", "0612 1606", ""},
		{"Phonthong, Champasack", "1606", ""},
		{"Luang Prabang / Phonthong", "0612", ""},
		{"Phonthong (Champasack)", "1606", ""},
		{"ໂພນທອງ, ຈຳປາສັກ", "1606", ""},
		{"Dakchung", "", "1503"},
		{"Xaisettha, Attapeu", "", "1701"},
		{"Nowhere at all", "", ""},
		{"", "", ""},
	} {
		exact, near := d.Find(c.text)
		if codes(exact) != c.exact || !strings.HasPrefix(codes(near), c.near) {
			t.Errorf("Find(%q) = %q, near %q; want %q, near %q", c.text, codes(exact), codes(near), c.exact, c.near)
		}
	}
}

func TestTwins(t *testing.T) {
	d := directory(t, "activity_update", "sufs")
	for _, name := range []string{"Xaysettha", "Viengkham", "Phonthong"} {
		if exact, _ := d.In("", name); len(exact) != 2 {
			t.Errorf("%s names %q, want two districts", name, codes(exact))
		}
	}
	if exact, _ := d.In("Vientiane Capital", "Xaysettha"); codes(exact) != "0103" {
		t.Errorf("Xaysettha in the capital is %q", codes(exact))
	}
	if n := len(d.Districts()); n != 148+19 {
		t.Errorf("%d districts, want 148, the 18 provinces as a whole and the country", n)
	}
}
