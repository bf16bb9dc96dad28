package flows_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
)

// answers that a random respondent may try at any question, right or wrong
var tries = []string{"1", "2", "3", "0", "25", "-4", "໓", "2,5", "yes", "no", "ແມ່ນ", "2026-05-01", "5/6/2026", "31/2/2026", "10:30", "ບ້ານໃໝ່", "", "👍", "12 34", "a b c"}

// A respondent who answers, errs, goes back, changes, skips, taps twice, switches
// the language and lets the interview lie for days can always finish, and what is
// submitted is what the last answers give when they are entered in order.
func TestRandomRespondents(t *testing.T) {
	var forms []*flows.Form
	for _, name := range library.Names() {
		data, err := library.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := xlsform.Read(name+".md", data, nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := flows.Compile(d)
		if err != nil {
			t.Fatal(name, err)
		}
		forms = append(forms, f)
	}
	forms = append(forms, compile(t, household), compile(t, wide(60, 40)), compile(t, nested))
	rounds := 100
	if testing.Short() {
		rounds = 10
	}
	for i, f := range forms {
		t.Run(f.ID, func(t *testing.T) {
			for round := range rounds {
				r := rand.New(rand.NewPCG(uint64(i), uint64(round)))
				respond(t, f, r, fmt.Sprintf("seed %d,%d", i, round))
			}
		})
	}
}

const nested = `
| survey | | | | | | |
| | type | name | label | relevant | calculation | repeat_count |
| | integer | n | How many houses? (up to 3) | | | |
| | begin repeat | house | House | | | if(${n} > 3, 3, ${n}) |
| | calculate | no | | | position(..) | |
| | text | owner | Owner of ${no} | | | |
| | begin repeat | room | Room | ${owner} != '' | | |
| | select_one l | kind | Kind | | | |
| | integer | beds | Beds | ${kind} = 'sleep' | | |
| | end repeat | | | | | |
| | calculate | allbeds | | | sum(${beds}) | |
| | end repeat | | | | | |
| | calculate | total | | | sum(${allbeds}) | |
| | calculate | first | | | indexed-repeat(${owner}, ${house}, 1) | |
| | select_one ${owner} | head | Head of the village | | | |
| | text | why | Why ${head}? | ${total} > 2 | | |
| choices | | | |
| | list_name | name | label |
| | l | sleep | Sleeping |
| | l | cook | Cooking |`

func respond(t *testing.T, f *flows.Form, r *rand.Rand, seed string) {
	in := start(t, f)
	refused := 0
	for step := range 400 {
		p := in.Prompt()
		if p.Kind == flows.Complete && (step > 60 || r.IntN(3) > 0) {
			if _, err := in.Finish(); err == nil {
				break
			}
			continue
		}
		switch r.IntN(12) {
		case 0:
			in.Back()
		case 1:
			in.SetLanguage(r.IntN(len(f.Languages)))
		case 2:
			if a := in.Answers(); len(a) > 0 {
				in.Goto(a[r.IntN(len(a))].At)
			}
		case 3:
			in = reload(t, in)
		case 4:
			if p.Kind != flows.Complete {
				_ = in.Answer(p.At, flows.Input{Text: tries[r.IntN(len(tries))]})
			}
		default:
			if p.Kind == flows.Complete {
				continue
			}
			if p.Kind == flows.Stop {
				in.Back()
				continue
			}
			x := plausible(p, r, refused)
			if err := in.Answer(p.At, x); err != nil {
				if refused++; refused > 3 && !p.Required {
					_ = in.Answer(p.At, flows.Input{Skip: true})
				}
			} else {
				refused = 0
				if r.IntN(4) == 0 {
					_ = in.Answer(p.At, x) // the second tap of a double tap
				}
			}
		}
	}
	for step := 0; in.Prompt().Kind != flows.Complete; step++ {
		if step > 2000 {
			t.Fatalf("%s: no end at %s %q", seed, in.Prompt().Ref, in.Prompt().Label)
		}
		p := in.Prompt()
		if p.Kind == flows.Stop {
			in.Back()
			p = in.Prompt()
		}
		if err := in.Answer(p.At, plausible(p, r, step)); err != nil {
			_ = in.Answer(p.At, flows.Input{Skip: true})
		}
	}
	in = reload(t, in)
	got, err := in.Finish()
	if err != nil {
		at := in.Prompt()
		t.Fatalf("%s: %v (%q)", seed, err, at.Label)
	}
	want := direct(t, in)
	if d := cmp.Diff(plain(want.Data), plain(got.Data)); d != "" {
		t.Errorf("%s: submitted otherwise than the last answers give (-want +got):\n%s", seed, d)
	}
}

func plain(r flows.Record) string {
	b, _ := json.MarshalIndent(r, "", " ")
	return string(b)
}

// direct enters the answers of a finished instance in the form's order.
func direct(t *testing.T, in *flows.Instance) *flows.Submission {
	t.Helper()
	fresh := start(t, in.Form())
	fresh.SetLanguage(in.Language())
	for {
		p := fresh.Prompt()
		if p.Kind == flows.Complete {
			break
		}
		var err error
		if p.Kind == flows.AskRepeat {
			_, more := in.Find(fmt.Sprintf("%s[%d]/%s", p.Ref, instances(fresh, p)+1, p.Node.Children[0].Name))
			err = fresh.Answer(p.At, flows.Input{Yes: more, Skip: !more})
		} else {
			v, _ := in.Value(p.Ref)
			if v == "" {
				err = fresh.Answer(p.At, flows.Input{Skip: true})
			} else {
				err = fresh.Answer(p.At, flows.Input{Value: &v})
			}
		}
		if err != nil {
			t.Fatalf("entering %s again: %v", p.Ref, err)
		}
	}
	s, err := fresh.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func instances(in *flows.Instance, p *flows.Prompt) int {
	n := 0
	for {
		if _, ok := in.Find(fmt.Sprintf("%s[%d]/%s", p.Ref, n+1, p.Node.Children[0].Name)); !ok {
			return n
		}
		n++
	}
}

// plausible is an answer that the question probably takes.
func plausible(p *flows.Prompt, r *rand.Rand, nth int) flows.Input {
	if p.Kind == flows.AskRepeat {
		more := r.IntN(3) == 0 && nth < 50
		return flows.Input{Yes: more, Skip: !more}
	}
	n := p.Node
	switch {
	case !p.Required && r.IntN(5) == 0:
		return flows.Input{Skip: true}
	case len(p.Choices) > 0 && n.Type.Name == "rank":
		var all []int
		for _, i := range r.Perm(len(p.Choices)) {
			all = append(all, p.Choices[i].Index)
		}
		return flows.Input{Choices: all}
	case len(p.Choices) > 0 && n.Type.Multiple():
		var some []int
		for range 1 + r.IntN(3) {
			some = append(some, p.Choices[r.IntN(len(p.Choices))].Index)
		}
		return flows.Input{Choices: some}
	case len(p.Choices) > 0:
		return flows.Input{Choices: []int{p.Choices[r.IntN(len(p.Choices))].Index}}
	}
	switch n.Type.Name {
	case "integer", "decimal", "range":
		return flows.Input{Text: fmt.Sprint(r.IntN(40))}
	case "date":
		return flows.Input{Text: fmt.Sprintf("2026-0%d-0%d", 1+r.IntN(6), 1+r.IntN(9))}
	case "acknowledge":
		return flows.Input{Yes: true}
	case "geopoint":
		return flows.Input{Points: []flows.Point{{Lat: 15.3, Lon: 106.7}}}
	case "image", "audio", "video", "file":
		return flows.Input{File: &flows.File{Name: "f.jpg", Kind: n.Type.Media}}
	case "select_one", "select_multiple":
		return flows.Input{Skip: true}
	}
	return flows.Input{Text: tries[r.IntN(len(tries))] + " x"}
}
