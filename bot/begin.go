package bot

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// start begins an interview.
func (t *turn) start(f *flows.Form, link *storage.Link) error {
	iv, err := t.open(f, beginning{link: link})
	if err != nil || iv == nil {
		return err
	}
	if len(t.s.Open) > 1 && t.s.Open[1].State != storage.Finishing {
		t.say("form.parked", locales.Args{"Title": t.titleOf(&t.s.Open[1])})
	}
	t.show(render.Screen{Text: t.html("form.begin", locales.Args{"Title": t.title(f)})})
	if ended, err := t.quota(iv, ""); ended || err != nil {
		return err
	}
	return t.ask(iv)
}

// A beginning says how an interview begins.
type beginning struct {
	link    *storage.Link // nil if by none
	kind    storage.InterviewKind
	prefill map[string]string // beside what follows of the person and the link
}

// open puts a new interview in front, without a word. It returns nil after
// having said why there is none.
func (t *turn) open(f *flows.Form, how beginning) (*interview, error) {
	who, err := t.who()
	if err != nil {
		return nil, err
	}
	if !mayFill(f.Settings.Audience, who.Role) {
		t.say("form.unknown", nil)
		return nil, nil
	}
	if how.kind != storage.Assisted && how.kind != storage.Trial { // who assists answers for many
		if done, err := t.onceDone(f); err != nil || done {
			return nil, err
		}
	}
	if len(t.s.Open) >= maxOpen {
		return nil, t.listOpen()
	}
	link := how.link
	o := flows.StartOptions{Language: t.lang, Prefill: profilePrefill(f, who)}
	if link != nil {
		maps.Copy(o.Prefill, link.Prefill)
	}
	maps.Copy(o.Prefill, how.prefill)
	if !f.Settings.Anonymous {
		if who.Role != storage.Citizen {
			o.Username = who.Name
		}
		o.DeviceID = t.b.Keys.id("device", f.ID, t.s.Person)
		if f.LastSaved && how.kind != storage.Assisted {
			if o.Last, err = t.lastSent(f); err != nil {
				return nil, err
			}
		}
	}
	in, err := f.Start(t.b.world(), o)
	if err != nil && len(o.Prefill) > 0 {
		// a link made for an earlier version: better asked than not begun
		t.b.Log.WarnContext(t.ctx, "prefill not taken", "form", f.ID, "error", err)
		o.Prefill = nil
		in, err = f.Start(t.b.world(), o)
	}
	if err != nil {
		return nil, fmt.Errorf("start interview: %w", err)
	}
	rec := storage.Interview{FormID: f.ID, Hash: f.Hash, Nonce: nonce(), Started: t.now, Changed: t.now, Kind: how.kind}
	if how.kind == storage.Assisted {
		rec.Enumerator = t.s.Person
	}
	if link != nil {
		rec.Link = link.ID
	}
	t.s.Open = slices.Insert(t.s.Open, 0, rec)
	iv := &interview{&t.s.Open[0], f, in}
	t.save(iv)
	t.keep(iv)
	return iv, nil
}

// lastSent is what the person last sent of a form; nil if nothing.
func (t *turn) lastSent(f *flows.Form) (flows.Record, error) {
	for s, err := range t.b.Submissions.Each(t.ctx, storage.Filter{FormID: f.ID, Person: t.s.Person, Newest: true, Limit: 1}) {
		if err != nil {
			return nil, fmt.Errorf("last submission: %w", err)
		}
		return s.Data, nil
	}
	return nil, nil
}

// maxOpen is how many unfinished forms a person may have.
const maxOpen = 10

func nonce() string { return strings.ToLower(rand.Text()[:6]) }

// bring puts an open interview in front.
func (t *turn) bring(nonce string) bool {
	i := slices.IndexFunc(t.s.Open, func(v storage.Interview) bool { return v.Nonce == nonce })
	if i < 0 {
		return false
	}
	v := t.s.Open[i]
	t.s.Open = slices.Insert(slices.Delete(t.s.Open, i, i+1), 0, v)
	return true
}

// remember keeps which messages answered, for the case that one is edited after
// the form was sent.
func (l *lane) remember(message int) {
	l.typed = append(l.typed, message)
	if n := len(l.typed) - 30; n > 0 {
		l.typed = slices.Delete(l.typed, 0, n)
	}
}

func (l *lane) sentOff(message int) bool { return slices.Contains(l.typed, message) }

// onceDone says so and reports true if the person has filled in a form that
// may be filled in only once in a while. For anonymous forms nobody can know
// before it is sent.
func (t *turn) onceDone(f *flows.Form) (bool, error) {
	policy := f.Settings.Submissions
	if !strings.HasPrefix(policy, "once") || f.Settings.Anonymous {
		return false, nil
	}
	n, err := t.b.Submissions.Count(t.ctx, storage.Filter{
		FormID: f.ID, Person: t.s.Person, From: periodStart(policy, t.now),
	}, storage.ByForm)
	if err != nil {
		return false, fmt.Errorf("count submissions: %w", err)
	}
	if n[f.ID] == 0 {
		return false, nil
	}
	t.say(onceKey(policy), locales.Args{"Title": t.title(f)})
	return true, nil
}

func onceKey(policy string) string {
	if p, ok := strings.CutPrefix(policy, "once per "); ok {
		return "once." + p
	}
	return "once.ever"
}

// periodStart is when the present period of a policy began; zero for ever.
func periodStart(policy string, now time.Time) time.Time {
	y, m, d := now.Date()
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, now.Location()) }
	switch strings.TrimPrefix(policy, "once per ") {
	case "day":
		return at(y, m, d)
	case "week":
		return at(y, m, d-(int(now.Weekday())+6)%7)
	case "month":
		return at(y, m, 1)
	case "quarter":
		return at(y, (m-1)/3*3+1, 1)
	case "year":
		return at(y, 1, 1)
	}
	return time.Time{}
}
