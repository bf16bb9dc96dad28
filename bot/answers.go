package bot

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// said reports whether a text is what a button of one of these keys says, in any
// language: a button of a message that a phone without a network shows can only
// be answered in writing.
func (t *turn) said(text string, keys ...string) bool {
	want := bare(text)
	return want != "" && slices.ContainsFunc(keys, func(key string) bool {
		return slices.ContainsFunc(t.b.Words.Languages(), func(lang string) bool {
			return bare(t.b.Words.Text(lang, key, nil)) == want
		})
	})
}

// bare is a text as people type it: without the signs that buttons begin with.
func bare(s string) string {
	return render.Fold(strings.TrimFunc(s, func(r rune) bool { return unicode.IsSymbol(r) || unicode.IsSpace(r) || r == 0xFE0F }))
}

// writtenButton takes a text that says what one of the buttons below the question
// says. taken is false if it does not.
func (t *turn) writtenButton(iv *interview, p *flows.Prompt, text string) (taken bool, err error) {
	if taken, err := t.confirmed(iv, p, text); taken || err != nil {
		return taken, err
	}
	switch {
	case t.said(text, "ask.back"):
		return true, t.back(iv, iv.Message)
	case p.Kind == flows.Ask && p.Value != "" && bare(text) == bare(t.view(iv).KeepLabel(p)):
		return true, t.typedInput(iv, p, flows.Input{Value: &p.Value})
	case p.Kind == flows.Ask && p.Node.Type.Name == "acknowledge" && t.said(text, "ask.acknowledge"):
		return true, t.typedInput(iv, p, flows.Input{Yes: true})
	case p.Kind == flows.Ask && t.said(text, "ask.skip"):
		return true, t.typedInput(iv, p, flows.Input{Skip: true})
	case p.Kind == flows.Ask && t.said(text, "ask.done") && (p.Node.Type.Multiple() || render.Locates(p)):
		return true, t.typedInput(iv, p, flows.Input{Yes: true})
	}
	return false, nil
}

func (t *turn) typedInput(iv *interview, p *flows.Prompt, x flows.Input) error {
	accepted, err := t.answer(iv, p, x)
	if err != nil || !accepted {
		return err
	}
	return t.next(iv, p, iv.Message)
}

// reviewText takes what is written below the review card: the number of an
// answer to change, or what the button that sends the form says.
// A yes to "is everything right" sends it, too, unless it was written before the
// card was seen: then it is the answer to something else.
func (t *turn) reviewText(iv *interview, m *models.Message) error {
	text := strings.TrimSpace(m.Text)
	if t.said(text, "review.submit") || t.said(text, "button.yes") && t.tooEarly(iv, m) == "" {
		t.rekey(iv.Message, render.Screen{})
		return t.submit(iv)
	}
	answers := iv.in.Answers()
	n, err := strconv.Atoi(render.Digits(text))
	switch {
	case err != nil || n < 1 || n > len(answers):
		t.say("review.which", nil)
	case answers[n-1].Fixed:
		t.say("refused.read_only", nil)
	case iv.in.Goto(answers[n-1].At):
		t.reviewFrom(iv, n-1)
		t.save(iv)
	}
	return t.ask(iv)
}

// reviewed is the page of the review card from which an answer is being changed.
type reviewed struct {
	Nonce string `json:"n"`
	Page  int    `json:"p"`
}

// reviewFrom notes that the nth answer is changed from the review card, so that
// the card comes back as it was left.
func (t *turn) reviewFrom(iv *interview, n int) {
	k := t.kept()
	k.Reviewed = &reviewed{Nonce: iv.Nonce, Page: n / render.PerReview}
	t.keepThat(k)
}

// reviewedPage is the page to come back to; the first if there is none.
func (t *turn) reviewedPage(iv *interview) int {
	k := t.kept()
	if k.Reviewed == nil {
		return 0
	}
	r := *k.Reviewed
	k.Reviewed = nil
	t.keepThat(k)
	if r.Nonce != iv.Nonce {
		return 0
	}
	return r.Page
}

// confirmYear asks back after a date with a year of the Buddhist era: what it is
// in the calendar that is stored. asked is false if there is nothing to ask.
func (t *turn) confirmYear(iv *interview, p *flows.Prompt, x flows.Input) (asked bool, err error) {
	if p.Kind != flows.Ask || !strings.HasPrefix(p.Node.Type.Bind, "date") || !render.Buddhist(x.Text) {
		return false, nil
	}
	try, err := t.trial(iv)
	if err != nil {
		return false, err
	}
	if try.Answer(p.At, x) != nil {
		return false, nil // refused as any other answer
	}
	value, _ := try.Value(p.Ref)
	k := t.kept()
	k.Meant = &meant{Nonce: iv.Nonce, At: p.At.String(), Value: value}
	t.keepThat(k)
	t.show(t.view(iv).Confirm(p, value))
	return true, nil
}

// meant is a date that its person was asked to confirm, until the next message.
type meant struct {
	Nonce string `json:"n"`
	At    string `json:"a"`
	Value string `json:"v"`
}

// confirmed takes a typed yes or no to "do you mean this date".
func (t *turn) confirmed(iv *interview, p *flows.Prompt, text string) (taken bool, err error) {
	k := t.kept()
	if k.Meant == nil {
		return false, nil
	}
	m := *k.Meant
	k.Meant = nil
	t.keepThat(k)
	switch {
	case m.Nonce != iv.Nonce || p.Kind != flows.Ask || m.At != p.At.String():
		return false, nil
	case t.said(text, "button.yes") || strings.TrimSpace(text) == "1":
		return true, t.typedInput(iv, p, flows.Input{Value: &m.Value})
	case t.said(text, "button.no") || strings.TrimSpace(text) == "2":
		return true, t.ask(iv)
	}
	return false, nil
}

// trial is a copy of the instance, to see what an answer would lead to.
func (t *turn) trial(iv *interview) (*flows.Instance, error) {
	in, err := iv.form.Resume(t.b.world(), iv.in.Encode())
	if err != nil {
		return nil, fmt.Errorf("copy interview: %w", err)
	}
	return in, nil
}

// exclusive puts out the choices that the one that was just put in cannot stand
// beside, as "none of these": those with which, as a pair, the form's constraint
// refuses it, while it accepts it alone.
func (t *turn) exclusive(iv *interview, p *flows.Prompt, put string) error {
	picked := strings.Fields(p.Pending)
	if len(picked) < 2 || p.Node.Type.Name != "select_multiple" || !p.Node.Has("constraint") {
		return nil
	}
	try, err := t.trial(iv)
	if err != nil {
		return err
	}
	refuses := func(names ...string) bool {
		value := strings.Join(names, " ")
		var e *flows.AnswerError
		err := try.Answer(p.At, flows.Input{Value: &value})
		return errors.As(err, &e) && e.Reason == flows.ReasonConstraint
	}
	if !refuses(picked...) || refuses(put) {
		return nil
	}
	for _, c := range p.Choices {
		if c.Name != put && slices.Contains(picked, c.Name) && refuses(c.Name, put) {
			if err := iv.in.Toggle(p.At, c.Index); err != nil {
				return fmt.Errorf("put out %s: %w", p.Node.Name, err)
			}
		}
	}
	return nil
}

// named finds the question that a reply is about, by the buttons of the message
// that it replies to. ok is false if it names none of this interview.
func named(iv *interview, m *models.Message) (at flows.Position, ok bool) {
	r := m.ReplyToMessage
	if r == nil || r.ReplyMarkup == nil {
		return at, false
	}
	for _, row := range r.ReplyMarkup.InlineKeyboard {
		for _, b := range row {
			c, ok := render.ParseCallback(b.CallbackData)
			if !ok || c.Nonce != iv.Nonce || c.Action == render.Submit || c.Action == render.Review {
				continue
			}
			if p := iv.in.Prompt(); p.Kind != flows.Complete && render.PlaceOf(p.At) == c.Place {
				return p.At, true
			}
			for _, a := range iv.in.Answers() {
				if render.PlaceOf(a.At) == c.Place {
					return a.At, true
				}
			}
		}
	}
	return at, false
}

// remember keeps where a text went, for the case that it is edited.
func (t *turn) remember(iv *interview, m *models.Message, at flows.Position) {
	if m.Text != "" {
		iv.Note(m.ID, at.String())
	}
}

// edited answers a question anew with the changed text of an old message.
func (t *turn) edited(m *models.Message) error {
	if m.Location != nil {
		return nil // a place that moves
	}
	if m.Text == "" {
		t.say("edited.media", nil)
		return nil
	}
	for i, v := range t.s.Open {
		k := slices.IndexFunc(v.Typed, func(k storage.Typed) bool { return k.Message == m.ID })
		at, ok := flows.Position{}, false
		if k >= 0 {
			at, ok = flows.ParsePosition(v.Typed[k].At)
		}
		switch {
		case !ok:
			continue
		case v.State == storage.Finishing:
			t.say("edited.late", nil)
			return nil
		case i > 0:
			t.say("edited.parked", locales.Args{"Title": t.titleOf(&v)})
			return nil
		}
		iv, err := t.current()
		if err != nil {
			return err
		}
		return t.reanswer(iv, at, m.Text)
	}
	if t.l.sentOff(m.ID) {
		t.say("edited.late", nil)
		return nil
	}
	t.say("edited.unknown", nil)
	return nil
}

// sayResumed tells where an interview stands that is gone on with: how far it is,
// and what was answered last.
func (t *turn) sayResumed(iv *interview) {
	text := t.html("form.resumed", t.howFar(iv))
	answers := iv.in.Answers()
	for i := len(answers) - 1; i >= 0; i-- {
		if a := answers[i]; a.Value != "" && !a.Fixed {
			text += "\n" + t.view(iv).Recalled(a)
			break
		}
	}
	t.show(render.Screen{Text: text})
}

func (t *turn) titleOf(v *storage.Interview) string {
	f, err := t.b.forms.version(t.ctx, v.FormID, v.Hash)
	if err != nil {
		return v.FormID
	}
	return t.title(f)
}

// reanswer gives another answer to a question that was answered before, and
// goes on where the interview was.
func (t *turn) reanswer(iv *interview, at flows.Position, text string) error {
	before := iv.in.Prompt()
	if !iv.in.Goto(at) {
		t.say("refused.not_relevant", nil)
		return nil
	}
	p := iv.in.Prompt()
	err := iv.in.Answer(at, flows.Input{Text: text})
	v := t.view(iv)
	var refused *flows.AnswerError
	if errors.As(err, &refused) {
		t.l.live = live{} // the cursor moved; read the instance anew
		t.say("edited.refused", locales.Args{"Value": v.Shown(p, p.Value)})
		return nil
	}
	if err != nil {
		return fmt.Errorf("answer anew: %w", err)
	}
	if t.consents(iv, p) {
		return nil
	}
	value, _ := iv.in.Value(p.Ref)
	if before.Kind != flows.Complete {
		iv.in.Goto(before.At) // what became irrelevant meanwhile is not gone to
	}
	t.save(iv)
	t.say("edited.applied", locales.Args{"Question": render.Question(render.Plain(p.Label)), "Value": v.Shown(p, value)})
	if q := iv.in.Prompt(); q.At != before.At || q.Kind == flows.Complete {
		return t.ask(iv)
	}
	return nil
}
