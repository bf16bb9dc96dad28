package library_test

import (
	"errors"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

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

// answer gives the question that is up an answer that fits it.
func answer(t *testing.T, in *flows.Instance, given map[string]string) {
	t.Helper()
	p := in.Prompt()
	v := given[p.Node.Name]
	var err error
	switch {
	case p.Kind == flows.AskRepeat:
		err = in.Answer(p.At, flows.Input{Skip: true})
	case v != "":
		err = in.Answer(p.At, flows.Input{Value: &v})
	case len(p.Choices) > 0:
		err = in.Answer(p.At, flows.Input{Choices: []int{p.Choices[0].Index}})
	case p.Node.Type.Name == "integer":
		err = in.Answer(p.At, flows.Input{Text: "20"})
	case p.Node.Type.Name == "date":
		err = in.Answer(p.At, flows.Input{Text: "2026-03-01"})
	case !p.Required:
		err = in.Answer(p.At, flows.Input{Skip: true})
	default:
		err = in.Answer(p.At, flows.Input{Text: "ຄຳຕອບ"})
	}
	if err != nil {
		t.Fatalf("%s: %v", p.Ref, err)
	}
}

// interview answers a form to its end and counts the questions.
func interview(t *testing.T, f *flows.Form, o flows.StartOptions, given map[string]string) (asked int, s *flows.Submission) {
	t.Helper()
	now := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	in, err := f.Start(flows.World{Now: func() time.Time { return now }}, o)
	if err != nil {
		t.Fatal(err)
	}
	for in.Prompt().Kind != flows.Complete {
		answer(t, in, given)
		if asked++; asked > 200 {
			t.Fatal("the interview does not end")
		}
	}
	if s, err = in.Finish(); err != nil {
		t.Fatal(err)
	}
	return asked, s
}

// A respondent who used a service is asked 18 to 32 questions, each about three
// services at most.
func TestSUFSLength(t *testing.T) {
	f := compile(t, "sufs")
	link := flows.StartOptions{Prefill: map[string]string{"province": "15", "district": "1501"}}
	for _, tc := range []struct {
		name  string
		start flows.StartOptions
		given map[string]string
		want  int
	}{
		{"no consent", flows.StartOptions{}, map[string]string{"consent": "no"}, 1},
		{"none used", flows.StartOptions{}, map[string]string{"services": "none"}, 14},
		{"one used", flows.StartOptions{}, map[string]string{"services": "health"}, 19},
		{"one used, by link", link, map[string]string{"services": "health"}, 17},
		{"three used", flows.StartOptions{}, map[string]string{"services": "health water works"}, 29},
		{"all used", flows.StartOptions{}, map[string]string{"services": "education health water works agriculture registration", "chosen": "health water works"}, 30},
		{"all used and all said", flows.StartOptions{}, map[string]string{
			"services": "education health water works agriculture registration", "chosen": "health water works",
			"ethnic": "other", "priority": "other",
		}, 32},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := interview(t, f, tc.start, tc.given); got != tc.want {
				t.Errorf("%d questions, want %d", got, tc.want)
			}
		})
	}
}

func TestODSCAsksSixQuestions(t *testing.T) {
	got, _ := interview(t, compile(t, "odsc"), flows.StartOptions{Prefill: map[string]string{"district": "1501"}}, nil)
	if got != 6 {
		t.Errorf("%d questions, want 6", got)
	}
}

// Whatever the settings name is a question of the form.
func TestRolesAreQuestions(t *testing.T) {
	for _, name := range library.Names() {
		f := compile(t, name)
		r := f.Settings.Roles
		for _, q := range []string{r.Province, r.District, r.Sex, r.Age, r.Place, r.Title, r.Date, r.Service, f.Settings.Consent} {
			if q != "" && f.Question(q) == nil {
				t.Errorf("%s: settings name %q, which is no question", name, q)
			}
		}
		for _, w := range strings.Fields(f.Settings.Extra["headline"]) {
			if f.Question(w) == nil {
				t.Errorf("%s: headline names %q, which is no question", name, w)
			}
		}
	}
}

// Every expression of a programme can be worked out over a finished interview.
func TestProgrammesHoldOverASubmission(t *testing.T) {
	for _, name := range library.Names() {
		f := compile(t, name)
		_, s := interview(t, f, flows.StartOptions{}, nil)
		in, err := f.Open(flows.World{}, s)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Programme.Indicators) == 0 {
			t.Errorf("%s has no indicators", name)
		}
		for _, i := range f.Programme.Indicators {
			if i.Label.Empty() {
				t.Errorf("%s: indicator %s has no label", name, i.Name)
			}
			if i.Where != nil && !i.Where.Bool(in) || i.Of == nil {
				continue
			}
			if v := i.Of.Number(in); math.IsNaN(v) && slices.Contains([]string{"mean", "median", "sum"}, i.Measure) {
				t.Errorf("%s: indicator %s is no number", name, i.Name)
			}
		}
		for _, r := range f.Programme.Report {
			switch {
			case r.Text == nil && r.Label.Empty():
				t.Errorf("%s: report row %d has neither text nor label", name, r.Row)
			case r.Text != nil && r.Where.Bool(in) && r.Text.Text(in) == "":
				t.Errorf("%s: report row %d says nothing", name, r.Row)
			}
		}
	}
}
