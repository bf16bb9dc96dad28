package bot

import (
	"slices"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// tap takes a press of a button. What it means is in the button: which
// interview, which question, at which revision.
func (t *turn) tap(q *models.CallbackQuery) error {
	t.unpick()
	message, chat := 0, models.ChatTypePrivate
	if m := q.Message.Message; m != nil {
		message, chat = m.ID, m.Chat.Type
	} else if m := q.Message.InaccessibleMessage; m != nil {
		message, chat = m.MessageID, m.Chat.Type
	}
	if verb, ok := strings.CutPrefix(q.Data, "/"); ok {
		verb, arg, _ := strings.Cut(verb, ":")
		if chat != models.ChatTypePrivate && verb != "lang" { // others would read what it leads to
			t.refuseTap("tap.gone", nil)
			return nil
		}
		return t.verb(verb, arg, message)
	}
	c, ok := render.ParseCallback(q.Data)
	if !ok {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	i := slices.IndexFunc(t.s.Open, func(v storage.Interview) bool { return v.Nonce == c.Nonce })
	switch {
	case i < 0:
		t.refuseTap("tap.finished", nil)
		t.rekey(message, render.Screen{})
		return nil
	case t.s.Open[i].State == storage.Finishing:
		t.refuseTap("form.finishing", nil)
		return nil
	case i > 0:
		t.refuseTap("tap.other_form", nil)
		return nil
	}
	iv, err := t.current()
	if err != nil {
		return err
	}
	return t.press(iv, c, message)
}

// press does what a button of the interview under way says.
func (t *turn) press(iv *interview, c render.Callback, message int) error {
	if may, err := t.mayGoOn(iv); !may {
		return err
	}
	p := iv.in.Prompt()
	switch c.Action {
	case render.Show:
		return t.ask(iv)
	case render.Review:
		t.rewrite(message, t.view(iv).Review(iv.in.Answers(), c.Arg, p.Kind == flows.Complete))
		return nil
	case render.Change:
		return t.change(iv, c, message)
	case render.Submit:
		if p.Kind != flows.Complete {
			return t.stale(iv, c, message)
		}
		t.rekey(message, render.Screen{})
		return t.submit(iv)
	case render.Language:
		return t.formLanguage(iv, c.Arg, message)
	}
	if p.Kind == flows.Complete || c.Place != render.PlaceOf(p.At) {
		return t.stale(iv, c, message)
	}
	switch c.Action {
	case render.Set, render.Unset:
		return t.toggle(iv, p, c, message)
	case render.Page:
		t.reshow(iv, p, message, c.Arg)
		return nil
	case render.Wait:
		t.toast = t.view(iv).About(p)
		return nil
	case render.Step:
		if p.Kind == flows.Ask && p.Node.Type.Control == "range" {
			v := t.viewOf(iv, p)
			t.rekey(message, v.Stepper(p, c.Arg))
		}
		return nil
	case render.Calendar, render.Hour, render.Date:
		if s := t.calendar(iv, p, c); s != nil {
			t.rekey(message, *s)
			return nil
		}
	case render.Back:
		if c.Revision != iv.Revision {
			return t.stale(iv, c, message)
		}
		return t.back(iv, message)
	}
	if p.Kind == flows.AskRepeat && c.Revision != iv.Revision {
		return t.stale(iv, c, message) // the same question, an instance ago
	}
	x, ok := t.input(p, c)
	if !ok {
		return t.stale(iv, c, message)
	}
	accepted, err := t.answer(iv, p, x)
	if err != nil || !accepted {
		return err
	}
	if p.Kind == flows.AskRepeat {
		t.rekey(message, render.Screen{})
	}
	return t.next(iv, p, message)
}

// calendar is what a button of a calendar or clock leads to; nil if it answers.
func (t *turn) calendar(iv *interview, p *flows.Prompt, c render.Callback) *render.Screen {
	if p.Kind != flows.Ask {
		return nil
	}
	v := t.viewOf(iv, p)
	var s render.Screen
	switch {
	case c.Action == render.Calendar:
		s = v.Month(p, c.Arg)
	case c.Action == render.Hour:
		s = v.Minutes(p, c.Arg)
	case p.Node.Type.Name == "dateTime":
		s = v.Clock(p, c.Arg)
	default:
		return nil
	}
	return &s
}

// input is what a button answers.
func (t *turn) input(p *flows.Prompt, c render.Callback) (flows.Input, bool) {
	stored := func(v string) (flows.Input, bool) { return flows.Input{Value: &v}, true }
	switch c.Action {
	case render.Choose:
		return flows.Input{Choices: []int{c.Arg}}, true
	case render.Done, render.Yes:
		return flows.Input{Yes: true}, true
	case render.Skip, render.No:
		return flows.Input{Skip: true}, true
	case render.Keep:
		if p.Value != "" {
			return stored(p.Value)
		}
	case render.Number:
		if p.Kind == flows.Ask && p.Node.Type.Control == "range" {
			return flows.Input{Text: render.RangeOf(p.Node).At(c.Arg)}, true
		}
	case render.Date:
		if v, ok := render.DateOf(c.Arg); ok {
			return stored(v)
		}
	case render.Minute:
		if p.Kind == flows.Ask {
			if v, ok := render.TimeOf(p.Node.Type.Name, c.Arg, t.now.Location()); ok {
				return stored(v)
			}
		}
	case render.Now:
		if p.Kind == flows.Ask && p.Node.Type.Name == "time" {
			return stored(t.now.Format("15:04:05.000-07:00"))
		}
		return stored(t.now.Format("2006-01-02T15:04:05.000-07:00"))
	}
	return flows.Input{}, false
}

// toggle puts a choice in or out. The button says which, so the same tap twice
// does no harm, and quick taps need not wait for the keyboard to follow.
func (t *turn) toggle(iv *interview, p *flows.Prompt, c render.Callback, message int) error {
	i := slices.IndexFunc(p.Choices, func(ch flows.Choice) bool { return ch.Index == c.Arg })
	if p.Kind != flows.Ask || !p.Node.Type.Multiple() || i < 0 {
		return t.stale(iv, c, message)
	}
	in := slices.Contains(strings.Fields(p.Pending), p.Choices[i].Name)
	if in != (c.Action == render.Set) {
		if err := iv.in.Toggle(p.At, c.Arg); err != nil {
			t.refuseTap("tap.gone", nil)
			return nil
		}
		if c.Action == render.Set {
			if err := t.exclusive(iv, iv.in.Prompt(), p.Choices[i].Name); err != nil {
				return err
			}
		}
		iv.Instance = iv.in.Encode()
		iv.Changed = t.now
		p = iv.in.Prompt()
	}
	v := t.viewOf(iv, p)
	s := v.Prompt(p, render.PageOf(p, c.Arg))
	t.rekey(message, s)
	return nil
}

// reshow changes the page of a long list in the question's own message.
func (t *turn) reshow(iv *interview, p *flows.Prompt, message, page int) {
	v := t.viewOf(iv, p)
	t.rewrite(message, v.Prompt(p, page))
}

func (t *turn) back(iv *interview, message int) error {
	if !iv.in.Back() {
		t.refuseTap("ask.first", nil)
		return nil
	}
	t.save(iv)
	t.rekey(message, render.Screen{})
	return t.ask(iv)
}

// change goes to the question that a review's button names.
func (t *turn) change(iv *interview, c render.Callback, message int) error {
	whole := iv.in.Prompt().Kind == flows.Complete
	for i, a := range iv.in.Answers() {
		if render.PlaceOf(a.At) != c.Place {
			continue
		}
		if a.Fixed {
			t.refuseTap("refused.read_only", nil)
			return nil
		}
		if iv.in.Goto(a.At) {
			if whole {
				t.reviewFrom(iv, i)
			}
			t.save(iv)
			t.rekey(message, render.Screen{})
			return t.ask(iv)
		}
	}
	return t.stale(iv, c, message)
}

// stale answers a button of an earlier question. A second tap on the one just
// answered needs no more than a word; after anything older, the present question
// is shown again, since it may have scrolled away.
func (t *turn) stale(iv *interview, c render.Callback, message int) error {
	if c.Revision+1 >= iv.Revision {
		t.refuseTap("tap.answered", nil)
		if t.now.Sub(t.s.Changed) > sendingTime && t.l.lost(t.s.Outbox) {
			return t.askAgain(iv)
		}
		return nil
	}
	t.refuseTap("tap.stale", nil)
	if message != iv.Message {
		t.rekey(message, render.Screen{})
	}
	return t.ask(iv)
}

// sendingTime is how long another replica is left alone with its replies.
const sendingTime = time.Second

// askAgain shows the question that an earlier process may have shown already, so
// that a text may be the answer to it although it is older than this message.
func (t *turn) askAgain(iv *interview) error {
	err := t.ask(iv)
	for i := range t.replies {
		t.replies[i].again = true
	}
	return err
}

// formLanguage goes on in another language of the form.
func (t *turn) formLanguage(iv *interview, lang, message int) error {
	if lang >= len(iv.form.Languages) {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if code := iv.form.Languages[lang].Code; code != "" {
		t.setLanguage(code)
		t.menu()
	}
	iv.in.SetLanguage(lang)
	t.save(iv)
	t.rekey(message, render.Screen{})
	return t.ask(iv)
}

func (t *turn) setLanguage(code string) {
	t.s.Language, t.lang = code, code
}
