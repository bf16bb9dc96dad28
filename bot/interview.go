package bot

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// An interview is the one under way, opened: its record in the session, its
// form and its instance.
type interview struct {
	*storage.Interview
	form *flows.Form
	in   *flows.Instance
}

// world is what an instance may ask of its surroundings.
func (b *Bot) world() flows.World {
	return flows.World{Now: b.Clock, Zone: b.Zone, Habits: b.habits, Quote: render.Quote}
}

// habits gathers from the locales how people write months, near days and
// numbers, so that a new locale is understood, too.
func habits(w *locales.Catalogue) *flows.Habits {
	h := &flows.Habits{Months: map[string]int{}, Days: map[string]int{}, Now: map[string]bool{}, Comma: map[string]bool{}}
	word := func(lang, key string) string { return strings.ToLower(w.Text(lang, key, nil)) }
	for _, lang := range w.Languages() {
		long, abbreviated := w.Months(lang)
		for i, name := range append(long, abbreviated...) {
			h.Months[strings.TrimSuffix(strings.ToLower(name), ".")] = i%12 + 1
		}
		h.Days[word(lang, "ask.today")] = 0
		h.Days[word(lang, "ask.yesterday")] = -1
		h.Now[word(lang, "ask.now")] = true
		h.Comma[lang] = strings.Contains(w.Number(lang, 0.5, 1), ",")
	}
	return h
}

// current opens the interview under way; nil if there is none.
func (t *turn) current() (*interview, error) {
	if len(t.s.Open) == 0 {
		return nil, nil
	}
	iv := &interview{Interview: &t.s.Open[0]}
	if v := t.l.live; v.in != nil && v.nonce == iv.Nonce && v.revision == t.s.Revision {
		iv.form, iv.in = v.form, v.in
		return iv, nil
	}
	var err error
	if iv.form, err = t.b.forms.version(t.ctx, iv.FormID, iv.Hash); err != nil {
		return nil, err
	}
	if iv.in, err = iv.form.Resume(t.b.world(), iv.Instance); err != nil {
		return nil, fmt.Errorf("resume interview: %w", err)
	}
	t.keep(iv)
	return iv, nil
}

// keep remembers the opened instance for the next turn.
func (t *turn) keep(iv *interview) {
	t.l.live = live{iv.Nonce, t.s.Revision, iv.form, iv.in}
}

// save writes the instance down. Buttons that were shown before it are then of
// an earlier revision.
func (t *turn) save(iv *interview) {
	iv.Instance = iv.in.Encode()
	iv.Revision++
	iv.Changed = t.now
}

// drop ends an interview without a trace.
func (t *turn) drop(nonce string) {
	t.s.Open = slices.DeleteFunc(t.s.Open, func(v storage.Interview) bool { return v.Nonce == nonce })
}

func (t *turn) view(iv *interview) *render.View {
	return &render.View{
		Words: t.b.Words, Lang: t.lang, Form: iv.form, FormLang: iv.in.Language(),
		Nonce: iv.Nonce, Revision: iv.Revision, Now: t.now, Limit: telegram.MaxDownload,
	}
}

// viewOf is the view of a question, with the buttons that its place allows.
func (t *turn) viewOf(iv *interview, p *flows.Prompt) *render.View {
	v := t.view(iv)
	v.Back = p.Done > 0
	v.Languages = p.Done == 0
	return v
}

// ask shows where the interview stands: its question, the review card, or, with
// nothing left to ask, it is sent off.
func (t *turn) ask(iv *interview) error { return t.pose(iv, iv.in.Prompt()) }

func (t *turn) pose(iv *interview, p *flows.Prompt) error {
	if iv.State == storage.Finishing {
		t.say("form.finishing", nil)
		return nil
	}
	if p.Kind == flows.Complete {
		return t.complete(iv, p)
	}
	iv.State = storage.Asking
	t.unpick()
	v := t.viewOf(iv, p)
	v.Pieces = pieces(iv, p)
	t.showMedia(iv, p)
	t.put(v.Prompt(p, 0), iv.Nonce)
	iv.Message = 0
	if render.Locates(p) && p.Pending == "" {
		t.show(v.AskLocation())
	}
	return nil
}

// complete shows the review card, or sends the form if it wants none.
func (t *turn) complete(iv *interview, p *flows.Prompt) error {
	t.showMedia(iv, p)
	for _, n := range p.Notes {
		t.show(t.view(iv).Note(n))
	}
	if !iv.form.Settings.Review {
		return t.submit(iv)
	}
	iv.State = storage.Reviewing
	iv.Message = 0
	t.put(t.view(iv).Review(iv.in.Answers(), t.reviewedPage(iv), true), iv.Nonce)
	return nil
}

// submit freezes the interview, if nothing is missing. It is stored behind the
// commit.
func (t *turn) submit(iv *interview) error {
	_, err := iv.in.Finish()
	var refused *flows.AnswerError
	if errors.As(err, &refused) {
		t.save(iv)
		t.say("review.incomplete", nil)
		return t.ask(iv)
	}
	if err != nil {
		return fmt.Errorf("finish interview: %w", err)
	}
	t.save(iv)
	iv.State = storage.Finishing
	return nil
}

// answerMessage takes a message as the answer to the question on screen.
func (t *turn) answerMessage(m *models.Message) error {
	iv, err := t.current()
	if err != nil {
		return err
	}
	if iv.State == storage.Finishing {
		t.say("form.finishing", nil)
		return nil
	}
	if may, err := t.mayGoOn(iv); !may {
		return err
	}
	if joined, err := t.join(iv, m); joined || err != nil {
		return err
	}
	p := iv.in.Prompt()
	at, isNamed := named(iv, m)
	switch {
	case isNamed && m.Text != "" && (p.Kind == flows.Complete || at != p.At):
		t.remember(iv, m, at)
		return t.reanswer(iv, at, m.Text)
	case isNamed && p.Kind != flows.Complete && at != p.At: // a voice note or picture, which must not answer another question
		t.say("tap.answered", nil)
		return nil
	case p.Kind == flows.Complete:
		return t.reviewText(iv, m)
	case p.Kind == flows.Stop:
		if t.said(m.Text, "ask.back") {
			return t.back(iv, iv.Message)
		}
		return t.ask(iv)
	}
	if taken, err := t.album(iv, p, m); taken || err != nil {
		return err
	}
	if late := t.tooEarly(iv, m); late != "" && !isNamed {
		return t.early(iv, p, m, late)
	}
	if taken, err := t.writtenButton(iv, p, m.Text); taken || err != nil {
		return err
	}
	sent, ok := render.Read(p, m, func(unique string) string {
		return t.b.Keys.id("file", iv.in.ID(), unique)[:16]
	})
	if !ok {
		t.say(kindKey(p), nil)
		return nil
	}
	if t.tooLarge(sent.File) {
		t.say("refused.size", locales.Args{"Size": t.b.Words.Size(t.lang, telegram.MaxDownload)})
		return nil
	}
	return t.answerTyped(iv, p, m, sent)
}

// tooLarge reports whether a file is larger than Telegram lets a bot fetch.
func (t *turn) tooLarge(f *render.File) bool { return f != nil && f.Size > telegram.MaxDownload }

func (t *turn) answerTyped(iv *interview, p *flows.Prompt, m *models.Message, sent render.Sent) error {
	if sent.File != nil {
		if !t.l.allowed.room(sent.File.Size, time.Now()) {
			t.say("limit.files", nil)
			return nil
		}
		t.fetch(sent.File)
	}
	x := sent.Input
	if p.Kind == flows.AskRepeat {
		x = yesNo(t, x)
	}
	if asked, err := t.confirmYear(iv, p, x); asked || err != nil {
		return err
	}
	accepted, err := t.answer(iv, p, x)
	if err != nil || !accepted {
		return err
	}
	t.remember(iv, m, p.At)
	t.l.remember(m.ID)
	t.heard(p, m)
	return t.next(iv, p, iv.Message)
}

// yesNo reads a typed yes or no to "is there one more".
func yesNo(t *turn, x flows.Input) flows.Input {
	said := strings.ToLower(strings.TrimSpace(x.Text))
	for _, w := range []struct {
		key string
		in  flows.Input
	}{
		{"button.yes", flows.Input{Yes: true}}, {"ask.repeat_yes", flows.Input{Yes: true}},
		{"button.no", flows.Input{Skip: true}}, {"ask.repeat_no", flows.Input{Skip: true}},
		{"ask.done", flows.Input{Skip: true}},
	} {
		for _, lang := range t.b.Words.Languages() {
			if said == strings.ToLower(t.b.Words.Text(lang, w.key, nil)) {
				return w.in
			}
		}
	}
	switch said {
	case "1":
		return flows.Input{Yes: true}
	case "2":
		return flows.Input{Skip: true}
	}
	return x
}

// tooEarly tells what to say to a message that was not written for the question
// on screen: it came before the question was shown, or it replies to another.
func (t *turn) tooEarly(iv *interview, m *models.Message) string {
	if r := m.ReplyToMessage; r != nil && iv.Message != 0 && r.ID < iv.Message && r.From != nil && r.From.IsBot {
		return "tap.answered"
	}
	unseen := t.l.asking() || iv.Message != 0 && m.ID < iv.Message
	if unseen && !iv.form.Settings.Burst {
		return "burst.dropped"
	}
	return ""
}

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// answer gives an input to the instance. accepted is false if it was refused;
// then that is said and nothing else changed.
func (t *turn) answer(iv *interview, p *flows.Prompt, x flows.Input) (accepted bool, err error) {
	err = iv.in.Answer(p.At, x)
	var refused *flows.AnswerError
	if errors.As(err, &refused) && refused.Reason == flows.ReasonChoice && p.Kind == flows.Ask && p.Node.Type.Control == "select1" {
		// another spelling, or another language, of one choice alone
		if found := render.Search(iv.form, p, x.Text); len(found) == 1 {
			err = iv.in.Answer(p.At, flows.Input{Choices: []int{found[0].Index}})
		}
	}
	switch {
	case err == nil:
		t.save(iv)
		return true, nil
	case errors.As(err, &refused):
		t.refuse(iv, p, x, refused)
		return false, nil
	}
	return false, fmt.Errorf("answer: %w", err)
}

// next goes on after an answer that was accepted. message is the one that asked,
// or whose button was pressed.
func (t *turn) next(iv *interview, p *flows.Prompt, message int) error {
	if t.consents(iv, p) {
		return nil
	}
	if p.Kind == flows.Ask {
		if ended, err := t.quota(iv, p.Node.Name); ended || err != nil {
			return err
		}
	}
	q := iv.in.Prompt()
	if render.Locates(p) && q.Kind == flows.Ask && q.At == p.At {
		return t.pose(iv, q) // a point of several
	}
	t.tick(iv, p, message)
	if render.Locates(p) && !render.Locates(q) {
		t.show(render.Screen{Text: "✅", Unask: true}) // puts the location button away
	}
	return t.pose(iv, q)
}

// consents notes the answer to the question that asks for consent. It reports true
// if that was no: then nothing of the interview is kept.
func (t *turn) consents(iv *interview, p *flows.Prompt) (refused bool) {
	name := iv.form.Settings.Consent
	if name == "" || p.Kind != flows.Ask || p.Node.Name != name {
		return false
	}
	if v, _ := iv.in.Value(p.Ref); !declined(v) {
		iv.Consent, iv.Consented = iv.form.Languages[iv.in.Language()].Name, t.now
		return false
	}
	assisted := iv.Kind == storage.Assisted
	t.drop(iv.Nonce)
	t.say("consent.declined", nil)
	if assisted {
		t.askNext(iv.form, nil)
	}
	return true
}

// declined reports whether a consent question was answered with no. The names
// of choices are the form's; these are what authors call it.
func declined(value string) bool {
	switch strings.ToLower(value) {
	case "no", "n", "0", "false", "decline", "declined", "disagree", "refuse", "refused":
		return true
	}
	return false
}

// tick turns the answered question's message into one line without buttons.
func (t *turn) tick(iv *interview, p *flows.Prompt, message int) {
	if message == 0 || p.Kind != flows.Ask {
		return
	}
	v := t.view(iv)
	value, _ := iv.in.Value(p.Ref)
	t.rewrite(message, v.Answered(p, v.Shown(p, value)))
	if iv.Message != 0 && iv.Message != message {
		t.rekey(iv.Message, render.Screen{}) // a search result was pressed
	}
}

// refuse says why an answer was not taken: in the form's own words if it has
// some, else in the bot's, with an example.
func (t *turn) refuse(iv *interview, p *flows.Prompt, x flows.Input, e *flows.AnswerError) {
	v := t.view(iv)
	said := locales.Args{"Text": short(x.Text), "Count": len(e.Choices)}
	switch {
	case e.Reason == flows.ReasonAmbiguous && len(e.Choices) > 0:
		t.show(v.Found(p, e.Choices, t.html("refused.ambiguous", said)))
		return
	case e.Message != "":
		t.show(render.Screen{Text: render.Markup(e.Message)})
		return
	case e.Reason == flows.ReasonChoice && x.Text != "":
		if found := render.Search(iv.form, p, x.Text); len(found) > 0 {
			said["Count"] = len(found)
			t.show(v.Found(p, found, t.html("ask.search_found", said)))
			return
		}
	}
	key, args := t.reason(v, p, e)
	t.say(key, args)
}

func (t *turn) reason(v *render.View, p *flows.Prompt, e *flows.AnswerError) (string, locales.Args) {
	switch e.Reason {
	case flows.ReasonNumber:
		return "refused.number", locales.Args{"Example": "12"}
	case flows.ReasonInteger:
		return "refused.integer", locales.Args{"Example": "12"}
	case flows.ReasonRange:
		r := render.RangeOf(p.Node)
		return "refused.range_step", locales.Args{"Start": r.Start, "End": r.End, "Step": r.Step}
	case flows.ReasonDate:
		if p.Node.Type.Name == "dateTime" {
			return "refused.date_time", locales.Args{"Example": v.Example(p.Node)}
		}
		return "refused.date", locales.Args{"Example": v.Example(p.Node)}
	case flows.ReasonTime:
		return "refused.time", locales.Args{"Example": v.Example(p.Node)}
	case flows.ReasonLong:
		return "refused.long", locales.Args{"Count": flows.MaxAnswer / 4}
	case flows.ReasonFull:
		return "limit.full", nil
	case flows.ReasonChoice:
		if p.Kind == flows.Ask && p.Node.Type.Select() && len(p.Choices) == 0 {
			return "ask.no_choices", nil
		}
	case flows.ReasonKind:
		if n := render.Points(p); n > 0 {
			return "refused.points", locales.Args{"Count": n}
		}
		return kindKey(p), nil
	}
	return "refused." + string(e.Reason), nil
}

func kindKey(p *flows.Prompt) string {
	if p.Kind == flows.AskRepeat {
		return "refused.kind_choice"
	}
	switch t := p.Node.Type; {
	case t.Select(), t.Control == "range", t.Control == "trigger":
		return "refused.kind_choice"
	case t.Media != "":
		return "refused.kind_" + t.Media
	case render.Locates(p):
		return "refused.kind_location"
	}
	return "refused.kind_text"
}
