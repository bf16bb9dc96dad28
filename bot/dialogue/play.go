package dialogue

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/storage"
)

// A Result is what came of a dialogue.
type Result struct {
	Diff        string // where it went otherwise than written, "" if nowhere
	Updated     []byte // the file with the bot's lines and the submissions as they are
	Submissions []storage.Submission
}

// Play plays a dialogue with new people. An error means that it could not be
// played; a bot that says something else is a Diff. Tell, if not nil, is told
// each line as it happens.
func (s *Stage) Play(ctx context.Context, d *flowtest.Dialogue, tell func(flowtest.Line)) (*Result, error) {
	p := &play{Stage: s, d: d, tell: tell, chats: map[string]*chat{}, links: map[string]string{}}
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	var diff strings.Builder
	var said [][]flowtest.Line
	exchanges := d.Exchanges()
	for i := range exchanges {
		x := &exchanges[i]
		lines, err := p.exchange(ctx, x)
		if err != nil {
			return nil, err
		}
		said = append(said, lines)
		diff.WriteString(x.Diff(lines))
		for _, c := range x.Checks {
			diff.WriteString(p.check(ctx, c))
		}
	}
	all, err := p.submitted(ctx)
	if err != nil {
		return nil, err
	}
	updated, err := flowtest.Parse(flowtest.Format(d))
	if err != nil {
		return nil, err
	}
	updated.Lines = updated.Rewrite(said)
	wrong, err := compareSubmissions(d, updated, all)
	if err != nil {
		return nil, err
	}
	return &Result{Diff: diff.String() + wrong, Updated: flowtest.Format(updated), Submissions: all}, nil
}

// receipt matches the codes by which answers without a name can be deleted.
var receipt = regexp.MustCompile(`\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b`)

// A play is one dialogue under way.
type play struct {
	*Stage
	d     *flowtest.Dialogue
	tell  func(flowtest.Line)
	chats map[string]*chat
	names []string
	links map[string]string // payloads by name
	let   func(order ...int)

	receipt string // the code that was shown last

	before map[string]bool // ids of submissions that were there at the beginning
}

func (p *play) prepare(ctx context.Context) error {
	old, err := p.submitted(ctx)
	if err != nil {
		return err
	}
	p.before = make(map[string]bool, len(old))
	for _, s := range old {
		p.before[s.ID] = true
	}
	if err := p.publish(ctx, p.d); err != nil {
		return err
	}
	if p.d.Clock != "" {
		at, err := flowtest.ParseClock(p.d.Clock, p.Zone)
		if err != nil {
			return err
		}
		p.Server.AdvanceTo(at)
	}
	for _, name := range p.d.Persons() {
		p.people++
		first := name
		if name == "" {
			first = "Respondent"
		}
		u := p.Server.User(simulator.UserOptions{ID: 700_000_000 + int64(p.people), First: first, Language: p.d.Language})
		p.chats[name] = &chat{User: u, name: name}
		p.names = append(p.names, name)
	}
	for i, line := range strings.Split(p.d.Comment, "\n") {
		if rest, ok := strings.CutPrefix(line, "link:"); ok {
			if err := p.link(ctx, strings.Fields(rest)); err != nil {
				return fmt.Errorf("line %d: %w", i+1, err)
			}
		}
	}
	return nil
}

// link makes an entry link of a header.
func (p *play) link(ctx context.Context, words []string) error {
	if len(words) < 2 {
		return fmt.Errorf("write link: poster form=sufs district=1503")
	}
	l := storage.Link{Made: p.Server.Now(), By: "dialogue"}
	values := map[string]string{}
	for _, w := range words[1:] {
		key, value, ok := strings.Cut(w, "=")
		if !ok {
			return fmt.Errorf("link %s: %q is not name=value", words[0], w)
		}
		switch key {
		case "form":
			l.FormID = value
		case "role":
			l.Role = storage.Role(value)
		case "uses", "days":
			n, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Errorf("link %s: %w", words[0], err)
			}
			if key == "uses" {
				l.Uses = n
			} else {
				l.Expires = l.Made.AddDate(0, 0, n)
			}
		default:
			values[key] = value
		}
	}
	if l.Role != "" {
		l.Scope = values
	} else {
		l.Prefill = values
	}
	_, payload, err := bot.MakeLink(ctx, p.Results, p.Keys, l)
	p.links[words[0]] = payload
	return err
}

// exchange lets one thing happen and returns what everybody was told then.
func (p *play) exchange(ctx context.Context, x *flowtest.Exchange) ([]flowtest.Line, error) {
	if x.Line != nil {
		p.say(*x.Line)
		if err := p.happen(ctx, x.Line); err != nil {
			return nil, fmt.Errorf("chat:%d: %s: %w", x.Line.Number, x.Line, err)
		}
		if p.let == nil {
			if err := p.settled(ctx); err != nil {
				return nil, fmt.Errorf("chat:%d: %s: %w", x.Line.Number, x.Line, err)
			}
		}
	}
	for _, c := range x.Checks {
		if s, ok := c.Step.(flowtest.Speaks); ok {
			p.chats[c.Person].SetLanguage(s.Language)
		}
	}
	var lines []flowtest.Line
	for _, name := range p.names {
		lines = append(lines, p.chats[name].news()...)
	}
	for _, l := range lines {
		p.say(l)
		if said, ok := l.Step.(flowtest.BotText); ok {
			if _, payload, ok := strings.Cut(said.Text, "?start="); ok {
				p.links["last"] = strings.Fields(payload)[0]
			}
			if code := receipt.FindString(said.Text); code != "" {
				p.receipt = code
			}
		}
	}
	return lines, nil
}

func (p *play) say(l flowtest.Line) {
	if p.tell != nil {
		p.tell(l)
	}
}

func (p *play) happen(ctx context.Context, l *flowtest.Line) error {
	switch s := l.Step.(type) {
	case flowtest.Clock:
		return p.move(ctx, s)
	case flowtest.Fault:
		return p.fault(ctx, l.Person, s)
	case flowtest.Start:
		payload := s.Payload
		if name, ok := strings.CutPrefix(payload, "{"); ok {
			if payload, ok = p.links[strings.TrimSuffix(name, "}")]; !ok {
				return fmt.Errorf("no header link: %s", name)
			}
		}
		_, err := p.chats[l.Person].Start(payload)
		return err
	case flowtest.Say:
		s.Text = strings.Replace(s.Text, "{receipt}", p.receipt, 1)
		return p.chats[l.Person].act(p.d, s)
	}
	return p.chats[l.Person].act(p.d, l.Step)
}

// move moves the clock, and lets the bot look at it, as it does every few
// seconds of real time.
func (p *play) move(ctx context.Context, s flowtest.Clock) error {
	if s.To == "" {
		p.Server.Advance(s.Add)
	} else {
		at, err := flowtest.ParseClock(s.To, p.Zone)
		if err != nil {
			return err
		}
		p.Server.AdvanceTo(at)
	}
	return p.tend(ctx)
}

func (p *play) fault(ctx context.Context, person string, f flowtest.Fault) error {
	number := func(fallback int) int {
		if len(f.Args) > 0 {
			if n, err := strconv.Atoi(f.Args[0]); err == nil {
				return n
			}
		}
		return fallback
	}
	switch f.Name {
	case "kill":
		return p.Restart(ctx)
	case "redeliver":
		p.Server.Bot("").Redeliver(number(1))
	case "429":
		p.Server.Fault(simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: number(1)})
	case "500":
		p.Server.Fault(simulator.Fault{Kind: simulator.ServerError})
	case "reset":
		p.Server.Fault(simulator.Fault{Kind: simulator.ResetAfter})
	case "block":
		p.chats[person].Block()
	case "unblock":
		p.chats[person].Unblock()
	case "hold":
		p.let = p.Server.Hold()
	case "release":
		if p.let == nil {
			return fmt.Errorf("nothing is held")
		}
		var order []int
		for _, a := range f.Args {
			n, err := strconv.Atoi(a)
			if err != nil {
				return err
			}
			order = append(order, n)
		}
		p.let(order...)
		p.let = nil
	default:
		return fmt.Errorf("no fault of this name")
	}
	return nil
}

// check compares a value of the interview that is open with what is written.
func (p *play) check(ctx context.Context, l flowtest.Line) string {
	want, ok := l.Step.(flowtest.Value)
	if !ok {
		return ""
	}
	got, err := p.value(ctx, l.Person, want.Ref)
	switch {
	case err != nil:
		return fmt.Sprintf("chat:%d:\n- %s\n+ %v\n", l.Number, l, err)
	case got != want.Value:
		return fmt.Sprintf("chat:%d:\n- %s\n+ = %s %s\n", l.Number, l, want.Ref, got)
	}
	return ""
}

func (p *play) value(ctx context.Context, person, ref string) (string, error) {
	session, err := p.Sessions.Load(ctx, p.Keys.Person(p.chats[person].ID()))
	if err != nil {
		return "", err
	}
	if len(session.Open) == 0 {
		return "", fmt.Errorf("no interview is open")
	}
	open := session.Open[0]
	v, err := p.Results.Version(ctx, open.FormID, open.Hash)
	if err != nil {
		return "", err
	}
	form, err := bot.Compile(v)
	if err != nil {
		return "", err
	}
	in, err := form.Resume(flows.World{Now: p.Server.Now, Zone: p.Zone}, open.Instance)
	if err != nil {
		return "", err
	}
	if n := form.Question(ref); n != nil {
		ref = n.Path
	}
	value, ok := in.Value(ref)
	if !ok {
		return "", fmt.Errorf("no such value")
	}
	return value, nil
}

// submitted returns what was sent while the dialogue was played, by time of
// receipt.
func (p *play) submitted(ctx context.Context) ([]storage.Submission, error) {
	var list []storage.Submission
	for s, err := range p.Results.Each(ctx, storage.Filter{}) {
		if err != nil {
			return nil, fmt.Errorf("read submissions: %w", err)
		}
		if !p.before[s.ID] {
			list = append(list, *s)
		}
	}
	return list, nil
}
