package roster_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/roster"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
)

func directory(t testing.TB) *places.Directory {
	t.Helper()
	var forms []*flows.Form
	for _, name := range []string{"sufs", "activity_update"} {
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

// TestAllDistricts reads a roster of the whole country by names, as csv and as
// a workbook.
func TestAllDistricts(t *testing.T) {
	d := directory(t)
	rows := [][]string{{"Province", "District", "Name", "Phone"}}
	var want []string
	for i, p := range d.Districts() {
		name, _, _ := strings.Cut(p.Label("en"), " (")
		province, ok := d.Get("p" + p.Province)
		_ = province
		if strings.HasSuffix(p.District, "00") || ok {
			continue // a province as a whole
		}
		inside := p.Label("en")
		inside = strings.TrimSuffix(inside[strings.LastIndexByte(inside, '(')+1:], ")")
		if inside == "" || !strings.Contains(p.Label("en"), "(") {
			inside = p.Province
		}
		rows = append(rows, []string{inside, name, fmt.Sprintf("Officer %d", i), "020"})
		want = append(want, p.District)
	}
	if len(want) != 148 {
		t.Fatalf("%d districts, want 148", len(want))
	}
	var text bytes.Buffer
	book := excelize.NewFile()
	for i, row := range rows {
		text.WriteString(strings.Join(row, ";") + "\n")
		cells := []any{row[0], row[1], row[2], row[3]}
		book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &cells)
	}
	xlsx, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"roster.csv": text.Bytes(), "roster.xlsx": xlsx.Bytes()} {
		entries, problems, err := roster.Read(name, data, d)
		if err != nil || len(problems) > 0 {
			t.Fatalf("%s: %v %v", name, problems, err)
		}
		for i, e := range entries {
			if e.Place.District != want[i] {
				t.Errorf("%s: line %d is %s, want %s", name, e.Line, e.Place.District, want[i])
			}
		}
	}
}

func TestProblems(t *testing.T) {
	d := directory(t)
	entries, problems, err := roster.Read("roster.csv", []byte("\ufeff"+`role,province,district,name
officer,,1503,Kham
,,Phonthong,Noy
officer,Champasack,Phonthong,Noy
officer,Sekong,Dakchung,Boun
officer,Sekong,1606,Boun
officer,Champasak,Phonthong,Boun

officer,,1503,kham
minister,,1503,Vilay
observer,ເຊກອງ,,Partner
officer,,,Nobody
`), d)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, fmt.Sprintf("%d %s", e.Line, e.Place.Code()))
	}
	if s := strings.Join(got, ", "); s != "2 1503, 4 1606, 11 15" {
		t.Errorf("entries: %s", s)
	}
	want := []string{
		`line 3: district "Phonthong" is the name of several: 0612 Phonthong (Luang Prabang), 1606 Phonthong (Champasack); give the province, or the code`,
		`line 5: there is no district "Dakchung"; the nearest: 1503 Dakcheung (Sekong)`,
		`line 6: there is no district "1606"`,
		`line 7: there is no province "Champasak"; the nearest: 16 Champasack`,
		`line 9: the same as line 2`,
		`line 10: role "minister"`,
		`line 12: no district`,
	}
	if len(problems) != len(want) {
		t.Fatalf("problems: %v", problems)
	}
	for i, p := range problems {
		if !strings.HasPrefix(p.String(), want[i]) {
			t.Errorf("got %s\nwant %s", p, want[i])
		}
	}
}

func TestRefused(t *testing.T) {
	for name, data := range map[string]string{
		"roster.pdf": "x", "empty.csv": "", "headless.csv": "a,b\n1,2\n", "broken.xlsx": "PK", "quote.csv": "district\n\"x\n",
	} {
		if _, _, err := roster.Read(name, []byte(data), directory(t)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
