package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// everybody stands for all roles in buttons and commands.
const everybody = "all"

// An audience is to whom a broadcast goes.
type audience struct {
	Role  storage.Role      `json:"role,omitempty"`
	Scope map[string]string `json:"scope,omitempty"`
}

func readRole(word string) (storage.Role, bool) {
	r := storage.Role(strings.ToLower(word))
	return r, slices.Contains(invited, r)
}

// cmdBroadcast begins a message to many. Role and scope may stand behind it, as
// behind /invite; what is missing is asked.
func (t *turn) cmdBroadcast(rest string) error {
	if t.b.Broadcasts == nil {
		t.say("broadcast.none", nil)
		return nil
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if word == "" {
		return t.askAudience()
	}
	role, ok := readRole(word)
	if !ok && word != everybody {
		t.say("broadcast.format", nil)
		return nil
	}
	if word == everybody {
		role = ""
	}
	v := Invitation{Scope: map[string]string{}}
	place, err := v.read(rest)
	if err != nil || v.Uses != 0 || v.Days != 0 {
		t.say("broadcast.format", nil)
		return nil
	}
	if place == "" && len(v.Scope) > 0 {
		return t.askWords(audience{role, v.Scope})
	}
	return t.askPlace(audience{role, v.Scope}, place)
}

func (t *turn) askAudience() error {
	var rows [][]render.Button
	for _, r := range invited {
		rows = append(rows, []render.Button{{Text: t.text("broadcast.to."+string(r), nil), Data: verbData("bc", "r:"+string(r))}})
	}
	rows = append(rows, []render.Button{t.button("broadcast.to.all", "bc", "r:"+everybody)})
	old, err := t.b.Broadcasts.ListBroadcasts(t.ctx, 1)
	if err != nil {
		return fmt.Errorf("list broadcasts: %w", err)
	}
	if len(old) > 0 {
		rows = append(rows, []render.Button{t.button("broadcast.earlier", "bc", "l")})
	}
	t.say("broadcast.which_role", nil, rows...)
	return nil
}

// askPlace finds the place of an audience, or asks for it.
func (t *turn) askPlace(a audience, place string) error {
	role := cmp.Or(string(a.Role), everybody)
	if place == "" {
		t.s.Awaiting = "broadcast " + role
		t.say("broadcast.where", nil, []render.Button{t.button("invite.whole", "bc", "w:"+role+":-")})
		return nil
	}
	found, ok, err := t.findPlace(place, "bc", "w:"+role)
	if err != nil {
		return err
	}
	if !ok {
		t.s.Awaiting = "broadcast " + role
		return nil
	}
	a.Scope = scopeOf(found, a.Scope)
	return t.askWords(a)
}

// broadcastAnswer is the place that was asked for.
func (t *turn) broadcastAnswer(role, text string) error {
	r, _ := readRole(role)
	return t.askPlace(audience{Role: r}, text)
}

// telling is the first word of Session.Awaiting while the next message is what
// is to be said to many.
const telling = "tell "

func (t *turn) askWords(a audience) error {
	people, err := t.recipients(a)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		t.say("broadcast.nobody", nil)
		return nil
	}
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("keep audience: %w", err)
	}
	t.s.Awaiting = telling + string(b)
	to, err := t.audienceName(a)
	if err != nil {
		return err
	}
	t.say("broadcast.words", locales.Args{"To": to, "Count": len(people)})
	return nil
}

func (t *turn) audienceName(a audience) (string, error) {
	scope, err := t.scopeNames(a.Scope)
	return t.text("broadcast.to."+cmp.Or(string(a.Role), everybody), nil) + " · " + cmp.Or(scope, t.text("scope.all", nil)), err
}

// recipients are those of an audience, but for who writes.
func (t *turn) recipients(a audience) ([]string, error) {
	all, err := t.b.recipients(t.ctx, a, t.s.Person)
	return all, err
}

func (b *Bot) recipients(ctx context.Context, a audience, by string) ([]string, error) {
	people, err := b.People.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	d, err := b.places(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(Recipients(people, a.Role, a.Scope, d), func(id string) bool { return id == by }), nil
}

// told takes what is to be said to many. taken is false if nobody was asked.
func (t *turn) told(m *models.Message) (taken bool, err error) {
	if k := t.kept(); m.MediaGroupID != "" && k.Told == m.MediaGroupID {
		return true, nil // one picture of an album goes out; that was said
	}
	words, ok := strings.CutPrefix(t.s.Awaiting, telling)
	if !ok {
		return false, nil
	}
	var a audience
	if err := json.Unmarshal([]byte(words), &a); err != nil {
		t.s.Awaiting = ""
		return false, nil
	}
	if may, err := t.may("command", "broadcast"); !may {
		t.s.Awaiting = ""
		return false, err
	}
	v := broadcastBody{Kind: "text", Text: strings.TrimSpace(cmp.Or(m.Text, m.Caption)), Role: a.Role, Scope: a.Scope}
	if v.Kind, v.File, ok = broadcastFile(m); !ok && v.Text == "" {
		t.say("broadcast.kind", nil)
		return true, nil
	}
	if m.MediaGroupID != "" {
		k := t.kept()
		k.Told = m.MediaGroupID
		t.keepThat(k)
		t.say("broadcast.one_file", nil)
	}
	return true, t.draftBroadcast(v, strconv.FormatInt(t.u.ID, 10))
}

// broadcastFile is the file of a message that can be sent to many.
func broadcastFile(m *models.Message) (kind, file string, ok bool) {
	switch {
	case len(m.Photo) > 0:
		return "photo", m.Photo[len(m.Photo)-1].FileID, true
	case m.Document != nil:
		return "document", m.Document.FileID, true
	case m.Video != nil:
		return "video", m.Video.FileID, true
	case m.Audio != nil:
		return "audio", m.Audio.FileID, true
	case m.Voice != nil:
		return "voice", m.Voice.FileID, true
	}
	return "text", "", false
}

// draftBroadcast stores a broadcast that is not begun, shows it as it will be,
// and asks. token tells it from all other drafts of the person.
func (t *turn) draftBroadcast(v broadcastBody, token string) error {
	id := t.b.Keys.id("broadcast", t.s.Person, token)[:8]
	v.Foot = t.text("broadcast.foot", locales.Args{"Mark": "#" + id})
	body, err := v.encode()
	if errors.Is(err, ErrLong) {
		t.say("broadcast.long", nil)
		return nil
	}
	if err != nil {
		return err
	}
	a := audience{v.Role, v.Scope}
	people, err := t.recipients(a)
	if err != nil {
		return err
	}
	to, err := t.audienceName(a)
	if err != nil {
		return err
	}
	if err := t.b.Broadcasts.AddBroadcast(t.ctx, storage.Broadcast{
		ID: id, By: t.s.Person, Body: body, State: storage.BroadcastFilling, Made: t.now, Changed: t.now,
	}); err != nil {
		return err
	}
	t.s.Awaiting = ""
	method, payload := v.call()
	t.add(storage.Reply{Method: method, Payload: payload}, "")
	rows := [][]render.Button{{{Text: t.text("broadcast.send", locales.Args{"Count": len(people)}), Data: verbData("bc", "s:"+id), Style: "primary"}}}
	if v.Form == "" {
		rows = append(rows, []render.Button{t.button("broadcast.with_form", "bc", "f:"+id)})
	}
	rows = append(rows, []render.Button{t.button("broadcast.discard", "bc", "d:"+id)})
	t.say("broadcast.confirm", locales.Args{"To": to, "Count": len(people)}, rows...)
	return nil
}

// broadcastVerb is a button of /broadcast: a letter, and what it is about.
func (t *turn) broadcastVerb(arg string, message int) error {
	act, arg, _ := strings.Cut(arg, ":")
	id, more, _ := strings.Cut(arg, ":")
	if t.b.Broadcasts == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	switch act {
	case "l":
		return t.listBroadcasts()
	case "r":
		t.rekey(message, render.Screen{})
		role, _ := readRole(id)
		return t.askPlace(audience{Role: role}, "")
	case "w":
		p, ok, err := t.readPlace(more)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		t.rekey(message, render.Screen{})
		t.s.Awaiting = ""
		role, _ := readRole(id)
		return t.askWords(audience{role, scopeOf(p, nil)})
	}
	v, err := t.b.Broadcasts.Broadcast(t.ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if err != nil {
		return err
	}
	switch act {
	case "s", "d", "f", "F":
		if v.State != storage.BroadcastFilling || v.By != t.s.Person {
			t.refuseTap("broadcast.sent_already", nil)
			return nil
		}
		t.rekey(message, render.Screen{})
		return t.decideBroadcast(act, &v, more)
	case "p":
		return t.showBroadcast(id, message)
	case "x":
		if err := t.b.Broadcaster(t.b.Broadcasts, "").Cancel(t.ctx, id); err != nil && !errors.Is(err, send.ErrEnded) {
			return err
		}
		return t.showBroadcast(id, message)
	case "a":
		return t.showFeedback(&v)
	}
	t.refuseTap("tap.gone", nil)
	return nil
}

// decideBroadcast does what the buttons under a draft say.
func (t *turn) decideBroadcast(act string, v *storage.Broadcast, form string) error {
	body, ok := readBroadcast(v.Body)
	if !ok {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	switch act {
	case "s":
		people, err := t.recipients(audience{body.Role, body.Scope})
		if err != nil {
			return err
		}
		t.say("broadcast.begun", locales.Args{"Count": len(people)},
			[]render.Button{t.button("broadcast.refresh", "bc", "p:"+v.ID), t.button("broadcast.cancel", "bc", "x:"+v.ID)})
		return t.do(methodBroadcast, v.ID)
	case "d":
		t.say("broadcast.discarded", nil)
		return t.b.Broadcaster(t.b.Broadcasts, "").Cancel(t.ctx, v.ID)
	case "f":
		return t.askBroadcastForm(v.ID, body.Role)
	}
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == form })
	if err != nil {
		return err
	}
	if f == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	body.Form, body.Title = f.ID, titles(f)
	if err := t.b.Broadcaster(t.b.Broadcasts, "").Cancel(t.ctx, v.ID); err != nil && !errors.Is(err, send.ErrEnded) {
		return err
	}
	return t.draftBroadcast(body, v.ID+form)
}

// titles is a form's title in all its languages, since one button goes to
// everybody.
func titles(f *flows.Form) string {
	var all []string
	for i := range f.Languages {
		if s := render.Plain(f.Title.In(i)); s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return short(strings.Join(all, " · "))
}

// askBroadcastForm offers the forms that those may fill in to whom it goes.
func (t *turn) askBroadcastForm(id string, role storage.Role) error {
	forms, err := t.b.forms.all(t.ctx)
	if err != nil {
		return err
	}
	var rows [][]render.Button
	for _, f := range forms {
		if mayFill(f.Settings.Audience, cmp.Or(role, storage.Citizen)) {
			rows = append(rows, []render.Button{{Text: t.title(f), Data: verbData("bc", "F:"+id+":"+formKey(f.ID))}})
		}
	}
	rows = append(rows, []render.Button{t.button("broadcast.discard", "bc", "d:"+id)})
	t.say("broadcast.which_form", nil, rows...)
	return nil
}

const methodBroadcast = "/broadcast"

// runBroadcast begins to send; doing it again goes on where it was.
func (b *Bot) runBroadcast(ctx context.Context, person string, _ int64, payload []byte) error {
	if may, err := b.stillMay(ctx, person, "command", "broadcast"); err != nil || !may || b.Broadcasts == nil {
		return err
	}
	var id string
	if err := json.Unmarshal(payload, &id); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	v, err := b.Broadcasts.Broadcast(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	body, ok := readBroadcast(v.Body)
	if !ok || v.State != storage.BroadcastFilling && v.State != storage.BroadcastRunning {
		return nil
	}
	people, err := b.recipients(ctx, audience{body.Role, body.Scope}, v.By)
	if err != nil {
		return err
	}
	return b.Broadcaster(b.Broadcasts, "").Begin(ctx, v, people)
}

// broadcastEnded tells who sent a broadcast what came of it.
func (b *Bot) broadcastEnded(ctx context.Context, p send.Progress) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := b.speak(ctx, p.By, func(t *turn) error {
		text, rows := t.broadcastState(p, 0)
		t.show(render.Screen{Text: text, Rows: rows})
		return nil
	})
	if err != nil {
		b.Log.WarnContext(ctx, "tell that a broadcast is over", "broadcast", p.ID, "error", err)
	}
}
