package bot

import (
	"fmt"
	"slices"
	"strings"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// openForms are the forms that this person may begin unasked.
func (t *turn) openForms() ([]*flows.Form, error) {
	who, err := t.who()
	if err != nil {
		return nil, err
	}
	all, err := t.b.forms.all(t.ctx)
	if err != nil {
		return nil, err
	}
	var out []*flows.Form
	for _, f := range all {
		if mayFill(f.Settings.Audience, who.Role) {
			out = append(out, f)
		}
	}
	return out, nil
}

// begin starts a form, unless it is open already: then the person is asked
// whether to go on with it.
func (t *turn) begin(f *flows.Form, link *storage.Link) error {
	for i := range t.s.Open {
		v := t.s.Open[i]
		if v.FormID != f.ID || v.State == storage.Finishing {
			continue
		}
		t.bring(v.Nonce)
		iv, err := t.current()
		if err != nil {
			return err
		}
		if len(iv.in.Answers()) == countFixed(iv.in.Answers()) {
			t.drop(v.Nonce) // nothing was answered yet
			return t.start(f, link)
		}
		again := verbData("again", v.Nonce)
		if link != nil {
			again = verbData("new", link.ID)
		}
		t.say("form.unfinished", t.howFar(iv), []render.Button{
			{Text: t.text("form.continue", nil), Data: verbData("open", v.Nonce)},
			{Text: t.text("form.restart", nil), Data: again},
		})
		return nil
	}
	return t.start(f, link)
}

func countFixed(answers []flows.Answered) (n int) {
	for _, a := range answers {
		if a.Fixed {
			n++
		}
	}
	return n
}

func (t *turn) howFar(iv *interview) locales.Args {
	p := iv.in.Prompt()
	return locales.Args{"Title": t.title(iv.form), "Done": p.Done, "Total": p.Total}
}

// verb does what a button of the bot's own says.
func (t *turn) verb(verb, arg string, message int) error {
	done := func() { t.rekey(message, render.Screen{}) }
	if allowed, err := t.may("button", verb); err != nil {
		return err
	} else if !allowed {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	switch verb {
	case "lang":
		done()
		return t.chooseLanguage(arg)
	case "form":
		f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == arg })
		if err != nil {
			return err
		}
		done()
		if f == nil {
			t.say("form.unknown", nil)
			return nil
		}
		return t.begin(f, nil)
	case "open":
		done()
		return t.resume(arg)
	case "again", "new":
		done()
		return t.restart(verb, arg)
	case "cancel":
		done()
		return t.cancelled(arg)
	case "wd", "wdyes", "wdno", "wdcode":
		done()
		return t.withdrawVerb(verb, arg)
	case "export":
		return t.exportVerb(arg, message)
	case "mute":
		return t.muteVerb(arg, message)
	case "burst":
		return t.burstVerb(arg, message)
	case "rec":
		return t.recordVerb(arg, message)
	}
	if do := officeVerbs[verb]; do != nil {
		return do(t, arg, message)
	}
	t.refuseTap("tap.gone", nil)
	return nil
}

func (t *turn) resume(nonce string) error {
	if !t.bring(nonce) {
		t.refuseTap("tap.finished", nil)
		return nil
	}
	iv, err := t.current()
	if err != nil {
		return err
	}
	if iv.State == storage.Finishing {
		t.refuseTap("form.finishing", nil)
		return nil
	}
	t.sayResumed(iv)
	return t.ask(iv)
}

// sure is before the argument of a button that discards, once that was asked.
const sure = "yes:"

// restart begins a form again, with the link of the one that is discarded, or
// with a new link; it asks first.
func (t *turn) restart(verb, arg string) error {
	arg, confirmed := strings.CutPrefix(arg, sure)
	linkID, formID := arg, ""
	if verb == "again" {
		i := slices.IndexFunc(t.s.Open, func(v storage.Interview) bool { return v.Nonce == arg })
		if i < 0 || t.s.Open[i].State == storage.Finishing {
			t.refuseTap("tap.finished", nil)
			return nil
		}
		linkID, formID = t.s.Open[i].Link, t.s.Open[i].FormID
		if t.s.Open[i].Kind == storage.Correction {
			linkID = "" // it names the submission
		}
	}
	var link *storage.Link
	if linkID != "" {
		l, err := t.b.People.Link(t.ctx, linkID)
		if err != nil {
			return fmt.Errorf("look up link: %w", err)
		}
		link, formID = &l, l.FormID
	}
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return v.FormID == formID })
	if err != nil {
		return err
	}
	if f == nil {
		t.say("form.unknown", nil)
		return nil
	}
	discarded := func(v storage.Interview) bool { return v.FormID == formID && v.State != storage.Finishing }
	if i := slices.IndexFunc(t.s.Open, discarded); i >= 0 && !confirmed {
		t.say("form.restart_confirm", nil, []render.Button{
			{Text: t.text("cancel.no", nil), Data: verbData("open", t.s.Open[i].Nonce)},
			{Text: t.text("form.restart", nil), Data: verbData(verb, sure+arg), Style: "danger"},
		})
		return nil
	}
	t.s.Open = slices.DeleteFunc(t.s.Open, discarded)
	return t.start(f, link)
}

func (t *turn) listOpen() error {
	if len(t.s.Open) == 0 {
		t.say("open.none", nil)
		return nil
	}
	var rows [][]render.Button
	for i := range t.s.Open {
		v := &t.s.Open[i]
		f, err := t.b.forms.version(t.ctx, v.FormID, v.Hash)
		if u := unreadIn(err); u != nil { // its button tells more
			rows = append(rows, []render.Button{{Text: render.Plain(u.Version.Title), Data: verbData("open", v.Nonce)}})
			continue
		}
		if err != nil {
			return err
		}
		in, err := f.Resume(t.b.world(), v.Instance)
		if err != nil {
			return fmt.Errorf("resume interview: %w", err)
		}
		p := in.Prompt()
		label := t.text("open.item", locales.Args{"Title": t.title(f), "Done": p.Done, "Total": p.Total})
		rows = append(rows, []render.Button{{Text: label, Data: verbData("open", v.Nonce)}})
	}
	t.say("open.title", nil, rows...)
	return nil
}
