package flowtest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
)

// Options say with what a dialogue is played against the engine.
type Options struct {
	World    flows.World        // its zero fields: a clock at 2026-03-05 09:00, Asia/Vientiane, numbers that repeat
	Start    flows.StartOptions // of every interview; a /start payload "a=1 b=2" adds to Prefill
	KeepForm func(*flows.Form)  // called with each compiled form, if set
}

// A Result is what came of a dialogue.
type Result struct {
	Diff        string // what differs from what is written; "" if nothing does
	Updated     []byte // the file with the bot's lines and the submissions as they are
	Submissions []*flows.Submission
}

// Definition reads the form of a dialogue: its form.md, form.csv or form.xlsx
// with the other files attached, else the first bundled form it names.
func (d *Dialogue) Definition() (*flows.Definition, error) {
	files := d.Attached()
	for _, name := range []string{"form.md", "form.csv", "form.xlsx"} {
		if data, ok := files[name]; ok {
			delete(files, name)
			return xlsform.Read(name, data, files)
		}
	}
	if len(d.Forms) == 0 {
		return nil, errors.New("the dialogue has no form: give a -- form.md -- or a line form: name")
	}
	data, err := library.Open(d.Forms[0])
	if err != nil {
		return nil, err
	}
	return xlsform.Read(d.Forms[0]+".md", data, nil)
}

// Play plays a dialogue against the engine. Before every step the instance is
// written down and read again, so that what a person meets never depends on what
// memory holds. An error means that the dialogue cannot be played; what differs
// is in Result.Diff.
//
// The engine has no words of its own, so the plain rendering is: notes, label
// and hint, one line each; the path of groups when it changes, behind —; the
// present answer as (now: …); choices as buttons, marked ✅ when tapped, and
// [done], [skip], [ok], [+] and [no more] where they can be tapped. A refusal is
// the author's message, or the reason in parentheses. /back, /goto ref,
// /language code, /add ref, /remove ref and /submit do what they say.
func Play(d *Dialogue, o Options) (*Result, error) {
	def, err := d.Definition()
	if err != nil {
		return nil, fmt.Errorf("read form: %w", err)
	}
	form, err := flows.Compile(def)
	if err != nil {
		return nil, fmt.Errorf("compile form: %w", err)
	}
	if o.KeepForm != nil {
		o.KeepForm(form)
	}
	p := &player{form: form, options: o, people: map[string]*interview{}}
	if err := p.prepare(d); err != nil {
		return nil, err
	}
	var diff strings.Builder
	var said [][]Line
	exchanges := d.Exchanges()
	if len(exchanges) == 0 || exchanges[0].Line != nil {
		exchanges = append([]Exchange{{}}, exchanges...)
	}
	for i, x := range exchanges {
		lines, err := p.step(x, i == 0)
		if err != nil {
			n := 0
			if x.Line != nil {
				n = x.Line.Number
			}
			return nil, fmt.Errorf("chat:%d: %w", n, err)
		}
		if i > 0 || len(d.Exchanges()) == len(exchanges) {
			said = append(said, lines)
			diff.WriteString(x.Diff(lines))
		}
		diff.WriteString(p.check(x))
	}
	p.finish()
	r := &Result{Submissions: p.submitted}
	r.Updated = Format(d.updated(said, p.submitted))
	diff.WriteString(d.diffSubmissions(p.submitted))
	r.Diff = diff.String()
	return r, nil
}

// updated is a copy of the dialogue with what was said and submitted.
func (d *Dialogue) updated(said [][]Line, submitted []*flows.Submission) *Dialogue {
	again, err := Parse(Format(d))
	if err != nil {
		return d // what was parsed once is parsed again
	}
	again.Lines = again.Rewrite(said)
	for i, s := range submitted {
		name := submissionName(i)
		if _, ok := d.File(name); ok && d.diffSubmission(name, s) != "" {
			again.SetFile(name, submissionJSON(s))
		}
	}
	return again
}

// A player is a dialogue being played.
type player struct {
	form      *flows.Form
	options   Options
	world     flows.World
	now       time.Time
	state     uint64
	people    map[string]*interview
	order     []string
	submitted []*flows.Submission
}

// An interview is one person's instance and what was shown of it.
type interview struct {
	in       *flows.Instance
	language string
	shown    []*flows.Prompt  // every question shown, oldest first
	answered []flows.Position // what own messages answered, oldest first
	groups   string           // path last shown
	done     bool
}

func (p *player) prepare(d *Dialogue) error {
	w := p.options.World
	if w.Zone == nil {
		zone, err := time.LoadLocation("Asia/Vientiane")
		if err != nil {
			zone = time.FixedZone("+07", 7*60*60)
		}
		w.Zone = zone
	}
	p.now = time.Date(2026, 3, 5, 9, 0, 0, 0, w.Zone)
	if w.Now != nil {
		p.now = w.Now().In(w.Zone)
	}
	if d.Clock != "" {
		t, err := ParseClock(d.Clock, w.Zone)
		if err != nil {
			return err
		}
		p.now = t
	}
	w.Now = func() time.Time { return p.now }
	if w.Random == nil {
		w.Random = p.random
	}
	p.world = w
	if d.Language != "" {
		p.options.Start.Language = d.Language
	}
	return nil
}

// random is splitmix64, so that a dialogue has the same ids every time.
func (p *player) random() uint64 {
	p.state += 0x9e3779b97f4a7c15
	z := p.state
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// step does what a line says and returns what the person is shown. The first
// exchange without a line begins an interview unless a /start will.
func (p *player) step(x Exchange, first bool) ([]Line, error) {
	if x.Line == nil {
		if first && len(x.Said) > 0 {
			return p.start("", "")
		}
		return nil, nil
	}
	person := x.Line.Person
	switch s := x.Line.Step.(type) {
	case Clock:
		if s.To != "" {
			t, err := ParseClock(s.To, p.world.Zone)
			p.now = t
			return nil, err
		}
		p.now = p.now.Add(s.Add)
		return nil, nil
	case Fault:
		if s.Name == "kill" {
			return nil, nil // every step reloads already
		}
		return nil, fmt.Errorf("the engine alone has no fault %q", s.Name)
	case Start:
		return p.start(person, s.Payload)
	}
	if p.people[person] == nil {
		begin, err := p.start(person, "")
		if err != nil {
			return nil, err
		}
		lines, err := p.act(person, x.Line.Step)
		return append(begin, lines...), err
	}
	return p.act(person, x.Line.Step)
}

func (p *player) start(person, payload string) ([]Line, error) {
	o := p.options.Start
	v := p.people[person]
	if v != nil && v.language != "" {
		o.Language = v.language
	}
	if payload != "" {
		given := map[string]string{}
		for k, s := range o.Prefill {
			given[k] = s
		}
		for _, w := range strings.Fields(payload) {
			k, s, _ := strings.Cut(w, "=")
			given[k] = s
		}
		o.Prefill = given
	}
	in, err := p.form.Start(p.world, o)
	if err != nil {
		return nil, err
	}
	if v == nil {
		p.order = append(p.order, person)
	}
	p.people[person] = &interview{in: in, language: o.Language}
	return p.show(person)
}

// act does what a person does in an interview.
func (p *player) act(person string, s Step) ([]Line, error) {
	v := p.people[person]
	if v.done {
		return Message(person, "(submitted already)", nil), nil
	}
	if err := p.reload(v); err != nil {
		return nil, err
	}
	err := v.do(p, s)
	var refused *flows.AnswerError
	if errors.As(err, &refused) {
		lines := Message(person, refusal(refused), nil)
		if v.moved() {
			more, err := p.show(person)
			return append(lines, more...), err
		}
		return lines, nil
	}
	if err != nil {
		return nil, err
	}
	if v.done {
		return Message(person, "(submitted)", nil), nil
	}
	return p.show(person)
}

// moved tells whether another question is up than the one shown last.
func (v *interview) moved() bool {
	return len(v.shown) == 0 || v.in.Prompt().At != v.shown[len(v.shown)-1].At
}

// reload writes the instance down, reads it again and makes sure that it is the same.
func (p *player) reload(v *interview) error {
	data := v.in.Encode()
	again, err := p.form.Resume(p.world, data)
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	a, b := strings.Join(plain(v.in.Prompt()), "\n"), strings.Join(plain(again.Prompt()), "\n")
	if a != b {
		return fmt.Errorf("reloading changed the prompt from\n%s\nto\n%s", a, b)
	}
	if !bytes.Equal(data, again.Encode()) {
		return fmt.Errorf("reloading and writing down again gives other bytes")
	}
	v.in = again
	return nil
}

// check compares values and notes languages.
func (p *player) check(x Exchange) string {
	var b strings.Builder
	for _, l := range x.Checks {
		switch s := l.Step.(type) {
		case Speaks:
			if p.people[l.Person] == nil {
				p.people[l.Person] = &interview{language: s.Language, done: true}
				p.order = append(p.order, l.Person)
			}
		case Value:
			v := p.people[l.Person]
			if v == nil || v.in == nil {
				fmt.Fprintf(&b, "chat:%d: nobody is interviewed\n", l.Number)
				continue
			}
			got, ok := v.in.Value(p.ref(s.Ref))
			if !ok && !p.exists(s.Ref) {
				fmt.Fprintf(&b, "chat:%d: there is no question %s\n", l.Number, s.Ref)
			} else if !Matches(s.Value, got) {
				fmt.Fprintf(&b, "chat:%d:\n- = %s %s\n+ = %s %s\n", l.Number, s.Ref, s.Value, s.Ref, got)
			}
		}
	}
	return b.String()
}

// ref completes the bare name of a question to its path.
func (p *player) ref(s string) string {
	if strings.HasPrefix(s, "/") {
		return s
	}
	if n := p.form.Question(s); n != nil {
		return n.Path
	}
	return "/" + s
}

var instances = regexp.MustCompile(`\[\d+\]`)

// exists tells whether the form has the question, relevant or not.
func (p *player) exists(ref string) bool {
	path := instances.ReplaceAllString(p.ref(ref), "")
	for _, n := range p.form.Nodes {
		if n.Path == path {
			return true
		}
	}
	return false
}

// finish submits what is complete and was not submitted.
func (p *player) finish() {
	for _, person := range p.order {
		v := p.people[person]
		if v.in == nil || v.done || v.in.Prompt().Kind != flows.Complete {
			continue
		}
		if s, err := v.in.Finish(); err == nil {
			p.submitted = append(p.submitted, s)
		}
	}
}
