package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// methodWorkbook checks a workbook that was sent, or publishes it.
const methodWorkbook = "/workbook"

type workbookParams struct {
	Lang    string    `json:"lang"`
	At      time.Time `json:"at"`
	File    string    `json:"file"` // file_id
	Name    string    `json:"name"`
	Publish bool      `json:"publish,omitempty"`
	Hash    string    `json:"hash,omitempty"` // of what was checked

	Files  map[string]string `json:"files,omitempty"`  // attached: file_id by name
	Newest string            `json:"newest,omitempty"` // name of the attached file that was sent just now; "" if none was
	Before string            `json:"before,omitempty"` // file_id of what was sent before it
	Link   string            `json:"link,omitempty"`   // of what was checked, to try it
}

// What a workbook may be.
const (
	maxWorkbook  = 10 << 20
	maxProblems  = 15
	maxNames     = 12
	keepWorkbook = 24 * time.Hour
)

// cmdPublish tells how to.
func (t *turn) cmdPublish(string) error {
	t.say("publish.send", nil)
	return nil
}

// pubVerb does what the buttons under a workbook say.
func (t *turn) pubVerb(arg string, message int) error {
	what, arg, _ := strings.Cut(arg, ":")
	switch what {
	case "no":
		t.rekey(message, render.Screen{})
		t.say("publish.dropped", nil)
		return nil
	case "yes", "try":
		l, err := t.b.People.Link(t.ctx, arg)
		if errors.Is(err, storage.ErrNotFound) || err == nil && (l.Prefill["workbook"] == "" || t.now.After(l.Expires)) {
			t.refuseTap("tap.gone", nil)
			return nil
		}
		if err != nil {
			return fmt.Errorf("look up workbook: %w", err)
		}
		if what == "try" {
			return t.tryForm(&l)
		}
		t.rekey(message, render.Screen{})
		return t.do(methodWorkbook, workbookParams{Lang: t.lang, At: t.now, Publish: true,
			File: l.Prefill["workbook"], Name: l.Prefill["name"], Hash: l.Prefill["hash"], Files: attachedIn(l.Prefill)})
	}
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == arg })
	if err != nil {
		return err
	}
	if f == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	t.rekey(message, render.Screen{})
	switch what {
	case "back":
		return t.rollBack(f)
	case "end":
		t.say("publish.retire_confirm", locales.Args{"Title": t.title(f)}, []render.Button{
			{Text: t.text("publish.retire", nil), Data: verbData("pub", "gone:"+arg), Style: "danger"}})
		return nil
	case "gone":
		if err := t.b.Forms.Retire(t.ctx, f.ID); err != nil {
			return fmt.Errorf("retire form: %w", err)
		}
		t.b.changedForms()
		t.say("publish.retired", locales.Args{"Title": t.title(f)})
	}
	return nil
}

// rollBack makes the version before the current one current again.
func (t *turn) rollBack(f *flows.Form) error {
	vs, err := t.b.Forms.Versions(t.ctx, f.ID)
	if err != nil {
		return fmt.Errorf("list versions: %w", err)
	}
	i := slices.IndexFunc(vs, func(v storage.FormVersion) bool { return v.Hash == f.Hash })
	if i < 1 {
		t.say("publish.no_before", nil)
		return nil
	}
	v, err := t.b.Forms.Version(t.ctx, f.ID, vs[i-1].Hash)
	if err == nil {
		v.Retired = false
		err = t.b.Forms.Publish(t.ctx, v)
	}
	if err != nil {
		return fmt.Errorf("roll back form: %w", err)
	}
	t.b.changedForms()
	t.say("publish.back_done", locales.Args{"Title": t.title(f), "Version": v.Version})
	return nil
}

func (b *Bot) changedForms() {
	b.forms.forget()
	if b.book != nil {
		b.book.Forget()
	}
}

func (b *Bot) workbookJob(ctx context.Context, person string, chat int64, payload []byte) error {
	var p workbookParams
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	who, err := b.people.get(ctx, person)
	if err != nil || who.Suspended || !mayUse("file", "workbook", who.Role) {
		return err
	}
	v, err := b.fetchWorkbook(ctx, &p)
	if err != nil {
		return err
	}
	s, err := b.importMatrix(ctx, person, &p, v)
	if s == nil && err == nil {
		s, err = b.checkWorkbook(ctx, person, p, v)
	}
	if err != nil {
		return err
	}
	return b.sendScreen(ctx, chat, s)
}

// checkWorkbook is what there is to say to a workbook, once it was published if
// that was asked for.
func (b *Bot) checkWorkbook(ctx context.Context, person string, p workbookParams, v storage.FormVersion) (*render.Screen, error) {
	say := func(key string, args locales.Args) string { return b.Words.HTML(p.Lang, key, args) }
	f, err := b.Compile(v)
	if err == nil {
		_, err = figures.Population(f, v.Files)
		if err != nil {
			err = flows.Problems{{Sheet: "settings", Column: "population", Message: err.Error()}}
		}
	}
	var found flows.Problems
	if errors.As(err, &found) {
		lines := []string{say("publish.problems", locales.Args{"Count": len(found)})}
		lines = append(lines, b.mended(ctx, &p, found, say)...)
		return &render.Screen{Text: strings.Join(append(lines, listed(found, say)...), "\n")}, nil
	}
	if err != nil {
		return &render.Screen{Text: say("publish.unreadable", nil)}, nil
	}
	lang, _ := f.Language(p.Lang)
	v.FormID, v.Hash, v.Version, v.Title = f.ID, f.Hash, f.Version, f.Title.In(f.Default)
	v.Keyword, v.Audience = f.Settings.Keyword, f.Settings.Audience
	current, err := b.forms.published(ctx)
	if err != nil {
		return nil, err
	}
	if Reserved(v.Keyword) {
		return &render.Screen{Text: say("publish.keyword", locales.Args{"Keyword": v.Keyword})}, nil
	}
	var before *flows.Form
	var unread *Unread
	for _, c := range current {
		switch {
		case c.FormID != v.FormID && c.Keyword != "" && c.Keyword == v.Keyword:
			return &render.Screen{Text: say("publish.keyword", locales.Args{"Keyword": v.Keyword})}, nil
		case c.FormID == v.FormID && c.Hash == v.Hash:
			return &render.Screen{Text: say("publish.same", nil)}, nil
		case c.FormID == v.FormID:
			if before, err = b.forms.version(ctx, c.FormID, c.Hash); err != nil {
				if unread = unreadIn(err); unread == nil {
					return nil, err
				}
			}
		}
	}
	title := render.Plain(f.Title.In(lang))
	if p.Publish {
		if p.Hash != v.Hash {
			return &render.Screen{Text: say("publish.unreadable", nil)}, nil
		}
		if err := b.Forms.Publish(ctx, v); err != nil {
			return nil, fmt.Errorf("publish form: %w", err)
		}
		b.changedForms()
		link := ""
		if v.Keyword != "" {
			link = StartURL(b.Username, v.Keyword)
		}
		key := formKey(v.FormID)
		return &render.Screen{Text: say("publish.done", locales.Args{"Title": title, "Link": link}), Rows: [][]render.Button{{
			{Text: b.Words.Text(p.Lang, "publish.back", nil), Data: verbData("pub", "back:"+key)},
			{Text: b.Words.Text(p.Lang, "publish.retire", nil), Data: verbData("pub", "end:"+key)},
		}}}, nil
	}
	return b.offerWorkbook(ctx, person, p, v, f, currentVersion{before, unread}, say)
}

// A currentVersion is the version of a form that is current, if there is one: compiled,
// or why it is not.
type currentVersion struct {
	form   *flows.Form
	unread *Unread
}

// offerWorkbook tells what a good workbook holds and changes, and offers to
// publish it.
func (b *Bot) offerWorkbook(ctx context.Context, person string, p workbookParams, v storage.FormVersion, f *flows.Form, before currentVersion, say func(string, locales.Args) string) (*render.Screen, error) {
	lang, _ := f.Language(p.Lang)
	questions, languages := 0, []string{}
	for _, n := range f.Nodes {
		if n.Askable() {
			questions++
		}
	}
	for _, l := range f.Languages {
		if l.Bare {
			continue
		}
		languages = append(languages, l.Label())
	}
	lines := b.mended(ctx, &p, nil, say)
	summary := "publish.summary"
	if len(languages) == 1 && languages[0] == "default" {
		summary = "publish.summary_plain" // the form does not say what language it is in
	}
	lines = append(lines, say(summary, locales.Args{"Title": render.Plain(f.Title.In(lang)), "Count": questions, "Languages": strings.Join(languages, ", ")}))
	if len(p.Files) > 0 {
		lines = append(lines, say("publish.files", locales.Args{"Names": names(sortedKeys(p.Files))}))
	}
	if len(f.Warnings) > 0 {
		lines = append(lines, say("publish.warnings", locales.Args{"Count": len(f.Warnings)}))
		lines = append(lines, listed(f.Warnings, say)...)
	}
	switch {
	case before.unread != nil:
		lines = append(lines, say("publish.uncompared", locales.Args{"Version": before.unread.Name(), "Why": shorten(before.unread.Why(), 300)}),
			say("publish.confirm", nil))
	case before.form == nil:
		lines = append(lines, say("publish.new", nil))
	default:
		lines = append(lines, say("publish.changes", nil))
		lines = append(lines, differences(before.form, f, say)...)
		lines = append(lines, say("publish.confirm", nil))
	}
	id := b.Keys.id("workbook", p.File, f.Hash)[:16]
	prefill := map[string]string{"workbook": p.File, "name": p.Name, "hash": f.Hash, "form": f.ID}
	for name, file := range p.Files {
		prefill[attachedPrefix+name] = file
	}
	if err := b.storeTrial(ctx, v); err != nil {
		return nil, err
	}
	err := b.People.AddLink(ctx, storage.Link{ID: id, By: person, Made: p.At, Expires: p.At.Add(keepWorkbook), Uses: 1, Prefill: prefill})
	if err != nil {
		if _, known := b.People.Link(ctx, id); known != nil {
			return nil, fmt.Errorf("keep workbook: %w", err)
		}
	}
	return &render.Screen{Text: strings.Join(lines, "\n"), Rows: [][]render.Button{{
		{Text: b.Words.Text(p.Lang, "publish.try", nil), Data: verbData("pub", "try:"+id)},
	}, {
		{Text: b.Words.Text(p.Lang, "publish.yes", nil), Data: verbData("pub", "yes:"+id)},
		{Text: b.Words.Text(p.Lang, "publish.no", nil), Data: verbData("pub", "no:")},
	}}}, nil
}

func names(list []string) string {
	if more := len(list) - maxNames; more > 0 {
		return strings.Join(list[:maxNames], ", ") + fmt.Sprintf(" … +%d", more)
	}
	return strings.Join(list, ", ")
}

// listed are the first problems by cell, and how many more there are.
func listed(found flows.Problems, say func(string, locales.Args) string) []string {
	var lines []string
	for _, p := range found[:min(len(found), maxProblems)] {
		lines = append(lines, "• "+render.Escape(p.String()))
	}
	if more := len(found) - maxProblems; more > 0 {
		lines = append(lines, say("publish.more_problems", locales.Args{"Count": more}))
	}
	return lines
}
