package library_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
)

func read(t *testing.T, name string) *flows.Definition {
	t.Helper()
	data, err := library.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := xlsform.Read(name+".md", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestNames(t *testing.T) {
	want := []string{"activity_update", "consultation", "digital_maturity", "odsc", "sufs"}
	if got := library.Names(); !slices.Equal(got, want) {
		t.Errorf("Names = %v, want %v", got, want)
	}
	if _, err := library.Open("nothing"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "sufs") {
		t.Errorf("Open of an unknown form: %v", err)
	}
}

func TestReadWithoutRemark(t *testing.T) {
	for _, name := range library.Names() {
		d := read(t, name)
		if len(d.Found) > 0 {
			t.Errorf("%s: %v", name, d.Found)
		}
	}
}

// Every text is there in English and in Lao.
func TestBothLanguagesAreComplete(t *testing.T) {
	for _, name := range library.Names() {
		for _, sheet := range read(t, name).Sheets {
			for i, c := range sheet.Columns {
				if c.Language != "English (en)" {
					continue
				}
				j := slices.IndexFunc(sheet.Columns, func(o flows.Column) bool { return o.Key == c.Key && o.Language == "ລາວ (lo)" })
				if j < 0 {
					t.Errorf("%s: %s has no Lao %s", name, sheet.Name, c.Key)
					continue
				}
				for _, r := range sheet.Rows {
					if (cell(r, i) == "") != (cell(r, j) == "") {
						t.Errorf("%s %s:%d [%s] is there in one language only", name, sheet.Name, r.Number, c.Key)
					}
				}
			}
		}
	}
}

func cell(r flows.Row, i int) string {
	if i < len(r.Cells) {
		return r.Cells[i]
	}
	return ""
}

func TestLaoIsSpelledTheStandardWay(t *testing.T) {
	for _, name := range library.Names() {
		data, err := library.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if !norm.NFC.IsNormal(data) {
			t.Errorf("%s is not in NFC", name)
		}
		for _, w := range []string{"\u0ecd\u0eb2", "\u0ec0\u0ec0", "ຫນ", "ຫມ", "ຳ່", "ຳ້", "\u200b"} {
			if i := strings.Index(string(data), w); i >= 0 {
				t.Errorf("%s: %q in %q", name, w, string(data[max(0, i-30):i+30]))
			}
		}
	}
}

// The districts are the official 148, each in its province; three names stand
// twice, so that only codes tell them apart.
func TestDistricts(t *testing.T) {
	for _, name := range []string{"sufs", "odsc", "activity_update", "digital_maturity"} {
		d := read(t, name)
		s := d.Sheet("choices")
		seen := map[string]bool{}
		districts := 0
		for _, r := range s.Rows {
			if s.Get(r, "list_name") != "district" {
				continue
			}
			code, province := s.Get(r, "name"), s.Get(r, "province")
			if seen[code] {
				t.Errorf("%s: district %s stands twice", name, code)
			}
			seen[code] = true
			if code[:2] != province {
				t.Errorf("%s: district %s in province %s", name, code, province)
			}
			if len(code) == 4 && code[2:] != "00" {
				districts++
			}
		}
		if districts != 148 {
			t.Errorf("%s has %d districts, want 148", name, districts)
		}
	}
}

func compile(t *testing.T, name string) *flows.Form {
	t.Helper()
	f, err := flows.Compile(read(t, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

func TestCompileWithoutRemark(t *testing.T) {
	for _, name := range library.Names() {
		f := compile(t, name)
		if len(f.Warnings) > 0 {
			t.Errorf("%s: %v", name, f.Warnings)
		}
		if got := len(f.Languages); got != 2 {
			t.Errorf("%s has %d languages", name, got)
		}
	}
}
