package bot_test

import (
	"fmt"
	"maps"
	"strings"

	"github.com/google/go-cmp/cmp"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// meant is what a random respondent has answered, as the test notes it act by
// act, apart from the bot's own account of it.
type meant struct {
	nonce    string            // of the interview
	answers  map[string]string // last answers by ref, also of what is not relevant now
	only     string            // the one answer that the act may change, "" if any
	seen     int               // submissions that were compared, or are others'
	noted    int
	compared int
}

// An effect is what an act may do to the answers: to the one on screen what the
// input says, or to a number of them what the bot makes of it.
type effect struct {
	input flows.Input
	gives bool // the input is an answer to the question on screen
	at    string
	nonce string // of the interview that a button was shown for; "" if any
	free  int    // how many answers may become what the test cannot tell
}

var nothing = effect{}

func anything(n int) effect { return effect{free: n} }

// typed is what a text may do: commands but for /skip leave the answers alone.
func typed(text string) effect {
	switch {
	case text == "/skip":
		return effect{input: flows.Input{Skip: true}, gives: true}
	case strings.HasPrefix(text, "/"):
		return nothing
	}
	return effect{input: flows.Input{Text: text}, gives: true, free: 1}
}

// tapped is what a button may do, wherever it was shown.
func tapped(data string) effect {
	if strings.HasPrefix(data, "/burst:") {
		return anything(1)
	}
	c, ok := render.ParseCallback(data)
	if !ok {
		return nothing
	}
	e := effect{gives: true, at: c.Place, nonce: c.Nonce}
	switch c.Action {
	case render.Choose:
		e.input.Choices = []int{c.Arg}
	case render.Done, render.Yes:
		e.input.Yes = true
	case render.Skip, render.No:
		e.input.Skip = true
	case render.Number, render.Date, render.Keep, render.Now, render.Minute:
		return anything(1)
	default:
		return nothing
	}
	return e
}

// open gives the form's interview as it is stored; nil if there is none.
func (p *wanderer) open() (*storage.Interview, *flows.Instance) {
	s, err := p.w.store.Load(p.w.t.Context(), p.w.keys.Person(p.ID()))
	if err != nil {
		p.w.t.Fatal(err)
	}
	for i := range s.Open {
		if v := &s.Open[i]; v.FormID == p.form.ID {
			in, err := p.form.Resume(flows.World{Now: p.w.sim.Now}, v.Instance)
			if err != nil {
				p.w.t.Fatal(err)
			}
			return v, in
		}
	}
	return nil, nil
}

func answersOf(in *flows.Instance) map[string]string {
	all := map[string]string{}
	for _, a := range in.Answers() {
		all[a.Ref] = a.Value
	}
	return all
}

// act does something and holds what became of the answers against what it may
// do to them.
func (p *wanderer) act(name string, e effect, do func()) {
	p.w.t.Helper()
	p.note("%s", name)
	v, in := p.open()
	if v != nil && v.Nonce != p.meant.nonce {
		p.meant.nonce, p.meant.answers = v.Nonce, answersOf(in)
	}
	expected := map[string]string{}
	p.meant.only = ""
	if s, err := p.w.store.Load(p.w.t.Context(), p.w.keys.Person(p.ID())); err != nil {
		p.w.t.Fatal(err)
	} else if e.free > 0 && strings.HasPrefix(s.Awaiting, "pick\n") {
		e = anything(e.free) // a text may press one of the buttons that were just shown
	}
	if in != nil && e.gives && (e.nonce == "" || e.nonce == v.Nonce) {
		p.meant.only = in.Prompt().Ref
		expected = p.expect(in, e)
	}
	do()
	p.w.quiet()
	maps.Copy(p.meant.answers, expected)
	p.meant.noted += len(expected)
	if v == nil {
		p.finished(0)
		return
	}
	switch now, after := p.open(); {
	case now != nil && now.Nonce == v.Nonce:
		p.compare(name, after, e.free)
	default:
		p.finished(e.free)
	}
}

// expect is what the engine alone makes of the answer to the question on screen.
func (p *wanderer) expect(in *flows.Instance, e effect) map[string]string {
	q := in.Prompt()
	if q.Kind != flows.Ask || e.at != "" && e.at != render.PlaceOf(q.At) {
		return nil
	}
	before := q.At
	if in.Answer(before, e.input) != nil || in.Prompt().Pending != "" {
		return nil
	}
	value, _ := in.Value(q.Ref)
	return map[string]string{q.Ref: value}
}

// compare fails if more answers changed than may have, or an answer was lost.
func (p *wanderer) compare(name string, in *flows.Instance, free int) {
	p.w.t.Helper()
	for _, a := range in.Answers() {
		was, known := p.meant.answers[a.Ref]
		switch {
		case known && was == a.Value:
			continue
		case known && vanished(in, a, was), !known && a.Value == "":
		case free > 0 && (p.meant.only == "" || p.meant.only == a.Ref):
			free--
		default:
			p.w.t.Fatalf("%s: after %q %s is %q, but was answered %q; before\n%s",
				p.seed, name, a.Ref, a.Value, was, strings.Join(p.did[max(0, len(p.did)-12):], "\n"))
		}
		p.meant.answers[a.Ref] = a.Value
	}
}

// vanished reports whether an answer went because another one took its choices
// off the list.
func vanished(in *flows.Instance, a flows.Answered, was string) bool {
	if !a.Node.Type.Select() || !a.Node.Has("choice_filter") {
		return false
	}
	try := a.At
	return in.Answer(try, flows.Input{Value: &was}) != nil
}

// finished compares what was submitted since the last call with what the last
// answers give when they are entered in the form's order.
func (p *wanderer) finished(free int) {
	p.w.t.Helper()
	for ; p.meant.seen < len(p.w.store.subs); p.meant.seen++ {
		s := &p.w.store.subs[p.meant.seen]
		if s.FormID != p.form.ID {
			continue
		}
		in, err := p.form.Open(flows.World{}, &s.Submission)
		if err != nil {
			p.w.t.Fatal(err)
		}
		p.compare("sending", in, free)
		want := p.direct(s.Language)
		if d := cmp.Diff(lasting(want.Data), lasting(s.Data)); d != "" {
			p.w.t.Errorf("%s: stored otherwise than the answers give (-want +got):\n%s", p.seed, d)
		}
		p.meant.compared++
	}
}

// direct enters the last answers in the form's order into a new instance.
func (p *wanderer) direct(language string) *flows.Submission {
	p.w.t.Helper()
	in, err := p.form.Start(flows.World{}, flows.StartOptions{Language: language})
	if err != nil {
		p.w.t.Fatal(err)
	}
	for n := 0; in.Prompt().Kind != flows.Complete; n++ {
		q := in.Prompt()
		x := flows.Input{}
		if q.Kind == flows.AskRepeat {
			x.Yes = p.has(q.Ref, p.count(in, q)+1)
			x.Skip = !x.Yes
		} else if v := p.meant.answers[q.Ref]; v != "" {
			x.Value = &v
		} else {
			x.Skip = true
		}
		if err := in.Answer(q.At, x); err != nil || n > 2000 {
			p.w.t.Fatalf("%s: entering %s again: %v", p.seed, q.Ref, err)
		}
	}
	done, err := in.Finish()
	if err != nil {
		p.w.t.Fatalf("%s: %v", p.seed, err)
	}
	return done
}

// has reports whether something was answered in the n-th instance of a repeat.
func (p *wanderer) has(repeat string, n int) bool {
	for ref := range p.meant.answers {
		if strings.HasPrefix(ref, fmt.Sprintf("%s[%d]/", repeat, n)) {
			return true
		}
	}
	return false
}

// count is how many instances a repeat has.
func (p *wanderer) count(in *flows.Instance, q *flows.Prompt) (n int) {
	for {
		if _, ok := in.Find(fmt.Sprintf("%s[%d]/%s", q.Ref, n+1, q.Node.Children[0].Name)); !ok {
			return n
		}
		n++
	}
}
