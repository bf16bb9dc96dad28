package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A command is something a person can write after a slash. Keywords of forms
// are commands, too; these come first.
type command struct {
	name string
	run  func(t *turn, rest string) error
}

// commands is the table of commands; the menu and /help come from it. Who may
// use one is in the role table.
func commands() []command {
	return []command{
		{"start", (*turn).cmdStart},
		{"back", (*turn).cmdBack},
		{"review", (*turn).cmdReview},
		{"open", func(t *turn, _ string) error { return t.listOpen() }},
		{"language", (*turn).cmdLanguage},
		{"cancel", (*turn).cmdCancel},
		{"withdraw", (*turn).cmdWithdraw},
		{"stop", (*turn).cmdStop},
		{"privacy", (*turn).cmdPrivacy},
		{"mydata", (*turn).cmdMyData},
		{"help", (*turn).cmdHelp},
		{"skip", (*turn).cmdSkip},
		{"mine", (*turn).cmdMine},
		{"digest", (*turn).cmdDigest},
		{"export", (*turn).cmdExport},
		{"report", (*turn).cmdReport},
		{"publish", (*turn).cmdPublish},
		{"subscribe", (*turn).cmdSubscribe},
		{"record", (*turn).cmdRecord},
		{"due", (*turn).cmdDue},
		{"assist", (*turn).cmdAssist},
		{"updates", (*turn).cmdUpdates},
		{"comments", (*turn).cmdComments},
		{"assess", (*turn).cmdAssess},
		{"broadcast", (*turn).cmdBroadcast},
		{"invite", (*turn).cmdInvite},
		{"people", (*turn).cmdPeople},
	}
}

var commandTable = commands()

// Reserved reports whether a keyword cannot be a form's, since it is a command.
func Reserved(keyword string) bool {
	return slices.ContainsFunc(commandTable, func(c command) bool { return c.name == keyword })
}

// SetCommands sets the menus, one for each language of the bot's.
func (b *Bot) SetCommands(ctx context.Context) error {
	var names []string
	for _, c := range commandTable {
		if mayUse("command", c.name, storage.Citizen) && c.name != "mine" {
			names = append(names, c.name)
		}
	}
	for i, lang := range b.Words.Languages() {
		var menu []models.BotCommand
		for _, c := range b.Words.Commands(lang, names...) {
			menu = append(menu, models.BotCommand{Command: c.Name, Description: c.Description})
		}
		codes := []string{lang}
		if i == 0 {
			codes = append(codes, "") // for apps in a language that has no menu
		}
		for _, code := range codes {
			if len(code) > 2 {
				continue // Telegram takes two-letter codes
			}
			if err := b.Client.SetCommands(ctx, code, menu); err != nil {
				return fmt.Errorf("set commands: %w", err)
			}
		}
	}
	return nil
}

// command runs a command. One that the person may not use is answered as one
// that does not exist.
func (t *turn) command(name, rest string) error {
	for _, c := range commandTable {
		if c.name != name {
			continue
		}
		if allowed, err := t.may("command", name); err != nil {
			return err
		} else if !allowed {
			break
		}
		return c.run(t, rest)
	}
	f, err := t.formByKeyword(name)
	if err != nil {
		return err
	}
	if f != nil {
		who, err := t.who()
		if err != nil {
			return err
		}
		if mayFill(f.Settings.Audience, who.Role) {
			return t.begin(f, nil)
		}
	}
	t.say("unknown.command", nil)
	return nil
}

func (t *turn) formByKeyword(keyword string) (*flows.Form, error) {
	return t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return v.Keyword != "" && v.Keyword == keyword })
}

// cmdStart opens what a deep link names; without one the form that is open to
// this person, or a list of them.
func (t *turn) cmdStart(payload string) error {
	if payload != "" {
		return t.entry(payload)
	}
	if err := t.subscribe(); err != nil {
		return err
	}
	if len(t.s.Open) > 0 {
		iv, err := t.asking()
		if iv == nil || err != nil {
			return err
		}
		t.sayResumed(iv)
		return t.ask(iv)
	}
	forms, err := t.openForms()
	if err != nil {
		return err
	}
	switch len(forms) {
	case 0:
		t.say("forms.none", nil)
		return nil
	case 1:
		t.say("welcome", nil)
		return t.begin(forms[0], nil)
	}
	var rows [][]render.Button
	for _, f := range forms {
		rows = append(rows, []render.Button{{Text: t.title(f), Data: verbData("form", formKey(f.ID))}})
	}
	t.say("welcome", nil)
	t.say("forms.choose", nil, rows...)
	return nil
}

func (t *turn) cmdBack(string) error {
	iv, err := t.asking()
	if iv == nil || err != nil {
		return err
	}
	if !iv.in.Back() {
		t.say("ask.first", nil)
		return t.ask(iv)
	}
	t.save(iv)
	return t.ask(iv)
}

// asking is the interview under way, if it can still be changed; else that is said.
func (t *turn) asking() (*interview, error) {
	iv, err := t.current()
	switch {
	case err != nil:
		return nil, err
	case iv == nil:
		t.say("ask.nothing", nil)
		return nil, nil
	case iv.State == storage.Finishing:
		t.say("form.finishing", nil)
		return nil, nil
	}
	return iv, nil
}

func (t *turn) cmdReview(string) error {
	iv, err := t.asking()
	if iv == nil || err != nil {
		return err
	}
	t.put(t.view(iv).Review(iv.in.Answers(), 0, iv.in.Prompt().Kind == flows.Complete), iv.Nonce)
	return nil
}

func (t *turn) cmdSkip(string) error {
	iv, err := t.asking()
	if iv == nil || err != nil {
		return err
	}
	p := iv.in.Prompt()
	if p.Kind == flows.Complete || p.Kind == flows.Stop {
		return t.ask(iv)
	}
	accepted, err := t.answer(iv, p, flows.Input{Skip: true})
	if err != nil || !accepted {
		return err
	}
	return t.next(iv, p, iv.Message)
}

func (t *turn) cmdLanguage(string) error {
	var rows [][]render.Button
	add := func(label, code string) {
		data := verbData("lang", code)
		if code != "" && len(data) <= render.MaxCallback &&
			!slices.ContainsFunc(rows, func(r []render.Button) bool { return r[0].Data == data }) {
			rows = append(rows, []render.Button{{Text: label, Data: data}})
		}
	}
	for _, code := range t.b.Words.Languages() {
		add(t.b.Words.Text(code, "language.name", nil), code)
	}
	iv, err := t.current()
	if err != nil {
		return err
	}
	if iv != nil {
		for _, l := range iv.form.Languages {
			add(l.Label(), l.Code)
		}
	}
	t.say("language.choose", nil, rows...)
	return nil
}

// chooseLanguage goes on in another language: what is on screen is asked again.
func (t *turn) chooseLanguage(code string) error {
	iv, err := t.current()
	if err != nil {
		return err
	}
	known := t.b.Words.Has(code)
	if iv != nil {
		_, has := iv.form.Language(code)
		known = known || has
	}
	if !known {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	t.setLanguage(code)
	who, err := t.who()
	if err != nil {
		return err
	}
	if who.Role != storage.Citizen && who.Language != code {
		who.Language = code // of the digest
		if err := t.savePerson(who, "chose a language"); err != nil {
			return err
		}
	}
	t.menu()
	t.say("language.changed", nil)
	if iv == nil || iv.State == storage.Finishing {
		return nil
	}
	i, has := iv.form.Language(code)
	if !has {
		if l := iv.form.Languages[iv.in.Language()]; l.Code != "" {
			t.say("language.form_lacks", locales.Args{"Language": l.Label()})
		}
		return t.ask(iv)
	}
	iv.in.SetLanguage(i)
	t.save(iv)
	return t.ask(iv)
}

func (t *turn) cmdCancel(string) error {
	iv, err := t.current()
	if err != nil {
		return err
	}
	if iv == nil {
		t.say("cancel.nothing", nil)
		return nil
	}
	if iv.State == storage.Finishing {
		t.say("form.finishing", nil)
		return nil
	}
	t.say("cancel.confirm", locales.Args{"Title": t.title(iv.form)}, []render.Button{
		{Text: t.text("cancel.no", nil), Data: verbData("cancel", "no:"+iv.Nonce)},
		{Text: t.text("cancel.yes", nil), Data: verbData("cancel", "yes:"+iv.Nonce), Style: "danger"},
	})
	return nil
}

func (t *turn) cancelled(arg string) error {
	answer, nonce, _ := strings.Cut(arg, ":")
	i := slices.IndexFunc(t.s.Open, func(v storage.Interview) bool { return v.Nonce == nonce })
	if i < 0 || t.s.Open[i].State == storage.Finishing {
		t.refuseTap("tap.finished", nil)
		return nil
	}
	if answer == "yes" {
		t.drop(nonce)
		t.say("cancel.done", nil)
		return nil
	}
	t.bring(nonce)
	iv, err := t.current()
	if err != nil {
		return err
	}
	t.say("cancel.kept", nil)
	return t.ask(iv)
}

// cmdStop ends everything that the bot would write unasked.
func (t *turn) cmdStop(string) error {
	mute(t.s)
	t.say("stop.done", nil)
	return t.b.unsubscribe(t.ctx, t.s.Person, "sent /stop")
}

func (t *turn) cmdPrivacy(string) error {
	t.say("privacy.text", locales.Args{"Days": unfinishedDays, "Few": fewPeople})
	return nil
}

const (
	unfinishedDays = 30 // how long an unfinished interview is kept unless its form says otherwise
	fewPeople      = 5  // the smallest group of which figures are published
)

func (t *turn) cmdHelp(string) error {
	who, err := t.who()
	if err != nil {
		return err
	}
	text := t.html("help.citizen", nil)
	if who.Role != storage.Citizen {
		text += "\n\n" + t.html("help."+string(who.Role), nil)
	}
	forms, err := t.openForms()
	if err != nil {
		return err
	}
	for i, f := range forms {
		if i == 0 {
			text += "\n"
		}
		if f.Settings.Keyword != "" {
			text += "\n/" + f.Settings.Keyword + " – " + render.Escape(t.title(f))
		}
	}
	t.show(render.Screen{Text: text})
	return nil
}
