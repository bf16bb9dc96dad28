package flows_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/fieldbot/flows"
)

const household = `
| survey | | | | | | |
| | type | name | label | relevant | calculation | required |
| | start | start | | | | |
| | text | village | Village | | | yes |
| | begin repeat | member | Member | | | |
| | text | name | Name | | | |
| | integer | age | Age of ${name} | | | |
| | text | school | School of ${name} | ${age} < 18 | | |
| | end repeat | | | | | |
| | calculate | adults | | | count(${member}[age >= 18]) | |
| | calculate | oldest | | | max(${age}) | |
| | select_one l | works | Do the ${adults} adults work? | ${adults} > 0 | | |
| | note | bye | Thank you, ${village} | | | |
| choices | | | |
| | list_name | name | label |
| | l | y | Yes |
| | l | n | No |
| settings | |
| | form_id | instance_name |
| | household | concat(${village}, ' ', ${adults}) |`

// A household with two members, from the first question to the submission.
func TestInterview(t *testing.T) {
	in := start(t, compile(t, household))
	in = say(t, in, "Ban Phonxay")
	for i, m := range []struct{ name, age, school string }{{"Noy", "40", ""}, {"Kham", "9", "Primary"}} {
		p := in.Prompt()
		if p.Kind == flows.AskRepeat {
			if err := in.Answer(p.At, flows.Input{Yes: true}); err != nil {
				t.Fatal(err)
			}
			in = reload(t, in)
		}
		in = say(t, in, m.name)
		if got, want := in.Prompt().Label, "Age of "+m.name; got != want {
			t.Fatalf("member %d: asked %q, want %q", i, got, want)
		}
		in = say(t, in, m.age)
		if m.school != "" {
			in = say(t, in, m.school)
		}
	}
	p := in.Prompt()
	if p.Kind != flows.AskRepeat || p.Label != "Member" {
		t.Fatalf("want to be asked for another member, got %v %q", p.Kind, p.Label)
	}
	if err := in.Answer(p.At, flows.Input{Skip: true}); err != nil {
		t.Fatal(err)
	}
	in = reload(t, in)
	if got := in.Prompt().Label; got != "Do the 1 adults work?" {
		t.Fatalf("asked %q", got)
	}
	in = say(t, in, "yes")
	p = in.Prompt()
	if p.Kind != flows.Complete || len(p.Notes) != 1 || p.Notes[0].Label != "Thank you, Ban Phonxay" {
		t.Fatalf("at the end: %+v", p)
	}
	s, err := in.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if s.InstanceName != "Ban Phonxay 1" {
		t.Errorf("instance name %q", s.InstanceName)
	}
	b, _ := json.Marshal(s.Data)
	want := `{"start":"2026-06-15T17:00:00.000+07:00","village":"Ban Phonxay","member":[{"name":"Noy","age":"40"},{"name":"Kham","age":"9","school":"Primary"}],"adults":"1","oldest":"40","works":"y","bye":""}`
	if string(b) != want {
		t.Errorf("submission\n%s\nwant\n%s", b, want)
	}

	// The submission opened again is the same, and goes on from there.
	var back flows.Record
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	s.Data = back
	again, err := in.Form().Open(world(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Set("/member[2]/age", "19"); err != nil {
		t.Fatal(err)
	}
	s2, err := again.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := s2.Data.Get("adults"); v != "2" {
		t.Errorf("after the correction there are %s adults, want 2", v)
	}
	if _, ok := s2.Data[2].Records[1].Get("school"); ok {
		t.Error("an answer that is no longer relevant was submitted")
	}
}

// An answer that hides others keeps them until the end, and brings them back.
func TestRelevanceReturns(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | | |
| | type | name | label | relevant |
| | integer | n | N | |
| | begin group | g | G | ${n} > 1 |
| | text | a | A | |
| | text | b | B | ${a} = 'x' |
| | end group | | | |
| | text | z | Z${a} | |`))
	in = say(t, in, "2")
	in = say(t, in, "x")
	in = say(t, in, "bee")
	if err := in.Set("/n", "1"); err != nil {
		t.Fatal(err)
	}
	in = reload(t, in)
	if _, ok := in.Value("/g/a"); ok {
		t.Error("a is relevant still")
	}
	if got := in.Prompt(); got.Label != "Z" || got.Total != 2 {
		t.Errorf("label %q of %d questions; want Z of 2: a hidden answer reads as blank", got.Label, got.Total)
	}
	if err := in.Set("/n", "5"); err != nil {
		t.Fatal(err)
	}
	if v, _ := in.Value("/g/b"); v != "bee" {
		t.Errorf("b = %q, want the answer given before", v)
	}
}

// Back never loses an answer, and after a change the interview goes on where it was.
func TestBack(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | |
| | type | name | label |
| | text | a | A |
| | text | b | B |
| | text | c | C |`))
	if in.Back() {
		t.Error("back from the first question")
	}
	in = say(t, in, "1")
	in = say(t, in, "2")
	in.Back()
	in.Back()
	in = reload(t, in)
	if p := in.Prompt(); p.Ref != "/a" || p.Value != "1" || p.Done != 1 {
		t.Fatalf("back at %s = %q with %d done", p.Ref, p.Value, p.Done)
	}
	in = say(t, in, "one")
	if p := in.Prompt(); p.Ref != "/c" {
		t.Errorf("after the change at %s, want /c", p.Ref)
	}
}

// A required question that is read-only and blank is a stop sign, too: no
// answer to it, only one elsewhere, lets the interview go on.
func TestStopAtReadOnly(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | | | | |
| | type | name | label | calculation | required | read_only |
| | integer | n | N | | | |
| | text | half | Half | if(${n} mod 2 = 0, ${n} div 2, '') | yes | yes |
| | text | z | Z | | | |`))
	in = say(t, in, "3")
	if p := in.Prompt(); p.Kind != flows.Stop || p.Ref != "/half" {
		t.Fatalf("at %s, kind %v", p.Ref, p.Kind)
	}
	var bad *flows.AnswerError
	if _, err := in.Finish(); !errors.As(err, &bad) || bad.Ref != "/half" {
		t.Errorf("finished past it: %v", err)
	}
	in = reload(t, in)
	in.Back()
	in = say(t, in, "4")
	if p := in.Prompt(); p.Ref != "/z" {
		t.Errorf("at %s, want /z", p.Ref)
	}
}

// A required note stops the interview until what raised it changes.
func TestStop(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | | | |
| | type | name | label | relevant | required |
| | integer | total | Total | | |
| | integer | women | Women | | |
| | note | stop | More women than people | ${women} > ${total} | yes |
| | text | z | Z | | |`))
	in = say(t, in, "3")
	in = say(t, in, "5")
	p := in.Prompt()
	if p.Kind != flows.Stop || p.Label != "More women than people" {
		t.Fatalf("got %+v", p)
	}
	var bad *flows.AnswerError
	if err := in.Answer(p.At, flows.Input{Text: "go on"}); !errors.As(err, &bad) || bad.Reason != flows.ReasonStop {
		t.Errorf("answered a stop sign: %v", err)
	}
	if _, err := in.Finish(); !errors.As(err, &bad) || bad.Reason != flows.ReasonStop {
		t.Errorf("finished past a stop sign: %v", err)
	}
	in = reload(t, in)
	in.Back()
	in = say(t, in, "2")
	if p := in.Prompt(); p.Ref != "/z" {
		t.Errorf("at %s, want /z", p.Ref)
	}
}

// Answers from the entry link are fixed and not asked.
func TestPrefill(t *testing.T) {
	f := compile(t, `
| survey | | | |
| | type | name | label |
| | select_one l | district | District |
| | text | t | T in ${district} |
| choices | | | |
| | list_name | name | label |
| | l | 1503 | Lamam |`)
	in, err := f.Start(world(), flows.StartOptions{Prefill: map[string]string{"district": "1503"}})
	if err != nil {
		t.Fatal(err)
	}
	in = reload(t, in)
	if p := in.Prompt(); p.Ref != "/t" || p.Label != "T in 1503" || p.Total != 1 {
		t.Errorf("asked %s %q, %d in all", p.Ref, p.Label, p.Total)
	}
	if in.Back() {
		t.Error("went back to a fixed answer")
	}
	for key, v := range map[string]string{"district": "9999", "nobody": "1"} {
		if _, err := f.Start(world(), flows.StartOptions{Prefill: map[string]string{key: v}}); err == nil || !strings.Contains(err.Error(), "prefill") {
			t.Errorf("prefill %s=%s: %v", key, v, err)
		}
	}
}

func TestLanguages(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | | | |
| | type | name | label::English (en) | label::ລາວ (lo) | calculation |
| | select_one l | s | Source? | ແຫຼ່ງນ້ຳ? | |
| | calculate | shown | | | jr:choice-name(${s}, '${s}') |
| | text | t | Why ${shown}? | | |
| choices | | | | |
| | list_name | name | label::English (en) | label::ລາວ (lo) |
| | l | well | Well | ນ້ຳສ້າງ |
| settings | |
| | default_language |
| | English (en) |`))
	in = say(t, in, "well")
	if got := in.Prompt().Label; got != "Why Well?" {
		t.Errorf("label %q", got)
	}
	lo, ok := in.Form().Language("lo")
	if !ok {
		t.Fatal("no Lao")
	}
	in.SetLanguage(lo)
	in = reload(t, in)
	if got := in.Prompt().Label; got != "Why ນ້ຳສ້າງ?" {
		t.Errorf("label %q: a missing translation falls back, the choice's name follows", got)
	}
	if got := in.Form().MissingTranslations(); len(got) != 1 || got[0].Row != 5 {
		t.Errorf("missing translations: %v", got)
	}
	if err := in.Set("/s", "well"); err != nil {
		t.Fatal(err)
	}
	in = say(t, in, "x")
	in.Back()
	in.Back()
	in = say(t, in, "ນ້ຳສ້າງ")
	if v, _ := in.Value("/s"); v != "well" {
		t.Errorf("s = %q", v)
	}
}

// A form that reads itself in circles through a repeat, or that computes without
// end, costs a bounded amount of work and nothing else.
func TestBudget(t *testing.T) {
	f := compile(t, `
| survey | | | | |
| | type | name | label | calculation | repeat_count |
| | integer | n | N | | |
| | begin repeat | r | R | | ${n} |
| | calculate | x | | sum(/data/r[position() != position(current()/..)]/x) + 1 | |
| | text | t | T | | |
| | end repeat | | | | |`)
	in := start(t, f)
	in = say(t, in, "900")
	if p := in.Prompt(); p.Ref != "/r[1]/t" {
		t.Errorf("at %q", p.Ref)
	}
}

func TestDamagedInstance(t *testing.T) {
	in := start(t, compile(t, household))
	in = say(t, in, "Ban Phonxay")
	data := in.Encode()
	for i := range data {
		if _, err := in.Form().Resume(world(), data[:i]); err == nil {
			t.Fatalf("an instance cut at byte %d of %d was read", i, len(data))
		}
	}
}

// A program that lays the form out otherwise works out what is relevant anew.
func TestSameStateAfterResume(t *testing.T) {
	in := start(t, compile(t, household))
	for _, s := range []string{"Ban Phonxay", "Noy", "9", "Primary"} {
		in = say(t, in, s)
	}
	if d := cmp.Diff(in.State(), reload(t, in).State()); d != "" {
		t.Error(d)
	}
}

func FuzzResume(f *testing.F) {
	form := compile(f, household)
	in := start(f, form)
	f.Add(in.Encode())
	in = say(f, in, "Ban Phonxay")
	f.Add(in.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := form.Resume(world(), data)
		if err != nil {
			return
		}
		in.Prompt()
		in.Back()
		in.State()
		_, _ = in.Finish()
		if _, err := form.Resume(world(), in.Encode()); err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	form := compile(f, `
| survey | | | | | |
| | type | name | label | parameters | constraint |
| | integer | i | I | | . < 100 |
| | decimal | d | D | | |
| | date | day | Day | | . <= today() |
| | time | tm | Time | | |
| | dateTime | dt | When | | |
| | select_one l | one | One | | |
| | select_multiple l | many | Many | | |
| | geotrace | geo | Where | | |
| | range | r | R | start=0 end=1 step=0.1 | |
| | text | tx | Text | | regex(., '.*') |
| choices | | | |
| | list_name | name | label |
| | l | a | A |
| | l | b | ບີ |`)
	for _, s := range []string{"1", "໒໕", "5/6/2569", "14:30", "2026-06-05T14:30:00Z", "a b", "15.1 106.8", "ບີ, A", "-", "0.3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		in := start(t, form)
		for _, n := range form.Nodes {
			at, _ := in.Find(n.Path)
			_ = in.Answer(at, flows.Input{Text: s})
			_ = in.Answer(at, flows.Input{Value: &s})
		}
		if _, err := form.Resume(world(), in.Encode()); err != nil {
			t.Fatal(err)
		}
	})
}

// Two selects may each leave out what the other took.
func TestFiltersThatLookAtEachOther(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | | |
| | type | name | label | choice_filter |
| | select_one l | first | First | name != ${second} |
| | select_one l | second | Second | name != ${first} |
| choices | | | |
| | list_name | name | label |
| | l | a | A |
| | l | b | B |`))
	in = say(t, in, "a")
	if c := in.Prompt().Choices; len(c) != 1 || c[0].Name != "b" {
		t.Fatalf("offered %v", c)
	}
	in = say(t, in, "b")
	if err := in.Set("/first", "b"); err == nil {
		t.Error("took what the other has")
	}
}

// A trigger runs when its question gets another value, not when a group that
// the question stands in comes or goes; and a default in quotes keeps them.
func TestTriggerIsAValueNotRelevance(t *testing.T) {
	in := start(t, compile(t, `
| survey | | | | | | | |
| | type | name | label | relevant | calculation | trigger | default |
| | text | show | Show? | | | | 'no' |
| | begin group | g | G | ${show} = 'yes' | | | |
| | integer | n | N | | | | |
| | end group | | | | | | |
| | text | copy | Copy | | concat('n is ', ${n}) | ${n} | |`))
	expect := func(ref, want string) {
		t.Helper()
		if v, _ := in.Value(ref); v != want {
			t.Errorf("%s = %q, want %q", ref, v, want)
		}
	}
	expect("/show", "'no'")
	expect("/copy", "")
	for _, step := range [][3]string{{"/show", "yes", ""}, {"/g/n", "5", "n is 5"}, {"/copy", "mine", "mine"}, {"/show", "no", "mine"}, {"/show", "yes", "mine"}, {"/g/n", "6", "n is 6"}} {
		if err := in.Set(step[0], step[1]); err != nil {
			t.Fatal(err)
		}
		in = reload(t, in)
		expect("/copy", step[2])
	}
}

// An interview never holds more than can be kept: the answer that is too much is
// refused, and what was answered stays.
func TestInterviewsStayWithinWhatIsKept(t *testing.T) {
	var b strings.Builder
	b.WriteString("| survey | | | |\n| | type | name | label | calculation |\n")
	for i := range 120 {
		fmt.Fprintf(&b, "| | text | q%d | Q | |\n", i)
	}
	b.WriteString("| | calculate | all | | string-length(${q0}) |\n")
	f := compile(t, b.String())
	in := start(t, f)
	long := strings.Repeat("x", 15_000)
	refused := 0
	for i := range 120 {
		p := in.Prompt()
		err := in.Answer(p.At, flows.Input{Text: long})
		var bad *flows.AnswerError
		if errors.As(err, &bad) && bad.Reason == flows.ReasonFull {
			refused++
			if err := in.Answer(p.At, flows.Input{Text: "short"}); err != nil {
				t.Fatal(err)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		data := in.Encode()
		if in, err = f.Resume(world(), data); err != nil {
			t.Fatalf("after %d answers, %d bytes: %v", i+1, len(data), err)
		}
	}
	if refused == 0 || refused > 80 {
		t.Errorf("%d of 120 answers were refused", refused)
	}
}
