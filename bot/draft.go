package bot

import (
	"encoding/json"
	"fmt"
	"path"
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

// joinsWithin is how long after the last message another one that nobody asked
// for still belongs to the same draft.
const joinsWithin = 10 * time.Minute

// kept is what Session.Kept holds.
type kept struct {
	Album   string      `json:"album,omitempty"` // the media group that joined a draft last
	Assist  *assistance `json:"assist,omitempty"`
	Told    string      `json:"told,omitempty"`  // the media group that a broadcast took one file of
	Files   string      `json:"files,omitempty"` // the media group that answered last; with "+" once its rest was said not to be kept
	Burst   *burst      `json:"burst,omitempty"`
	Prompts *recording  `json:"prompts,omitempty"`
	Meant   *meant      `json:"meant,omitempty"`

	Reviewed *reviewed `json:"rev,omitempty"`

	Subscription *subscription `json:"sub,omitempty"`  // that is being chosen
	Workbook     *pending      `json:"book,omitempty"` // that was sent last
}

func (t *turn) kept() kept {
	var k kept
	if t.s.Kept != "" && json.Unmarshal([]byte(t.s.Kept), &k) != nil {
		return kept{}
	}
	return k
}

func (t *turn) keepThat(k kept) {
	if k == (kept{}) {
		t.s.Kept = ""
		return
	}
	if b, err := json.Marshal(k); err == nil {
		t.s.Kept = string(b)
	}
}

// An intake says which questions of a form take what somebody just sends: its
// setting "messages", as "text=done photo=photo kinds=attach".
type intake map[string]*flows.Node

func intakeOf(f *flows.Form) intake {
	words := strings.Fields(f.Settings.Extra["messages"])
	if len(words) == 0 {
		return nil
	}
	in := intake{}
	for _, w := range words {
		what, name, _ := strings.Cut(w, "=")
		if n := f.Question(name); n != nil {
			in[what] = n
		}
	}
	return in
}

// offer makes a draft of a message that nobody asked for, and asks whether to
// file it. taken is false if the person has no form for that.
func (t *turn) offer(m *models.Message) (taken bool, err error) {
	who, err := t.who()
	if err != nil || !mayUse("button", "file", who.Role) {
		return false, err
	}
	forms, err := t.b.forms.all(t.ctx)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(forms, func(f *flows.Form) bool {
		return intakeOf(f) != nil && mayFill(f.Settings.Audience, who.Role)
	})
	if i < 0 || m.Sticker != nil || m.Dice != nil || m.Poll != nil || m.Contact != nil {
		return false, nil
	}
	iv, err := t.open(forms[i], beginning{kind: storage.Message, prefill: sourcePrefill(forms[i], m)})
	if err != nil || iv == nil {
		return true, err
	}
	iv.State = storage.Offered
	if !t.fill(iv, m) {
		t.drop(iv.Nonce)
		return true, nil
	}
	t.firstFacts(iv, m, who)
	t.save(iv)
	t.keepThat(kept{Album: m.MediaGroupID})
	t.say("file.ask", nil, []render.Button{
		t.button("file.yes", "file", "yes:"+iv.Nonce), t.button("file.no", "file", "no:"+iv.Nonce),
	})
	return true, nil
}

// join adds a message to the draft that the one before it began: all that comes
// while it is only offered, and later what cannot be the answer to the question
// on screen.
func (t *turn) join(iv *interview, m *models.Message) (joined bool, err error) {
	if iv.Kind != storage.Message {
		return false, nil
	}
	if t.now.Sub(iv.Changed) > joinsWithin {
		if iv.State == storage.Offered {
			return t.offer(m)
		}
		return false, nil
	}
	if iv.State != storage.Offered && !strays(iv, m) {
		return false, nil
	}
	at := iv.in.Prompt().At
	if t.fill(iv, m) {
		iv.in.Goto(at)
		t.save(iv)
		if k := t.kept(); m.MediaGroupID == "" || k.Album != m.MediaGroupID {
			k.Album = m.MediaGroupID
			t.keepThat(k)
			t.say("file.joined", nil)
		}
	}
	return true, nil
}

// strays reports whether a message cannot be meant for the question on screen.
func strays(iv *interview, m *models.Message) bool {
	p := iv.in.Prompt()
	if m.ForwardOrigin != nil || iv.Message != 0 && m.ID < iv.Message {
		return true
	}
	if p.Kind != flows.Ask {
		return m.Text == ""
	}
	switch ty := p.Node.Type; {
	case m.Text != "":
		return false
	case m.Location != nil || m.Venue != nil:
		return !render.Locates(p)
	case m.Voice != nil || m.Audio != nil:
		return ty.Media != "audio" && ty.Name != "text"
	case len(m.Photo) > 0:
		return ty.Media != "image" && ty.Media != "file"
	}
	return p.Node.Type.Media == ""
}

// sourcePrefill keeps where a forwarded message is from.
func sourcePrefill(f *flows.Form, m *models.Message) map[string]string {
	n := intakeOf(f)["source"]
	source := sourceOf(m)
	if n == nil || source == "" {
		return nil
	}
	return map[string]string{n.Name: source}
}

// sourceOf names who wrote a forwarded message, with a link where there is one.
func sourceOf(m *models.Message) string {
	o := m.ForwardOrigin
	switch {
	case o == nil:
	case o.MessageOriginChannel != nil:
		c := o.MessageOriginChannel
		if c.Chat.Username != "" {
			return fmt.Sprintf("%s, https://t.me/%s/%d", c.Chat.Title, c.Chat.Username, c.MessageID)
		}
		return c.Chat.Title
	case o.MessageOriginChat != nil:
		return o.MessageOriginChat.SenderChat.Title
	case o.MessageOriginUser != nil:
		u := o.MessageOriginUser.SenderUser
		return strings.TrimSpace(u.FirstName + " " + u.LastName)
	case o.MessageOriginHiddenUser != nil:
		return o.MessageOriginHiddenUser.SenderUserName
	}
	return ""
}

// written is when a message was written, not forwarded.
func (t *turn) written(m *models.Message) time.Time {
	date := m.Date
	if o := m.ForwardOrigin; o != nil {
		switch {
		case o.MessageOriginChannel != nil:
			date = o.MessageOriginChannel.Date
		case o.MessageOriginChat != nil:
			date = o.MessageOriginChat.Date
		case o.MessageOriginUser != nil:
			date = o.MessageOriginUser.Date
		case o.MessageOriginHiddenUser != nil:
			date = o.MessageOriginHiddenUser.Date
		}
	}
	if date == 0 {
		return t.now
	}
	return time.Unix(int64(date), 0).In(t.b.Zone)
}

// firstFacts fills in what the first message tells beside its contents: the
// day, and the place if it told none.
func (t *turn) firstFacts(iv *interview, m *models.Message, who storage.Person) {
	roles := iv.form.Settings.Roles
	t.set(iv, iv.form.Question(roles.Date), t.written(m).Format(time.DateOnly))
	place := iv.form.Question(roles.Place)
	if place == nil || place.List != nil {
		return
	}
	if v, _ := iv.in.Value(place.Path); v != "" {
		return
	}
	if d := listOf(iv.form, roles.District); d != nil && d.Find(who.Scope["district"]) >= 0 {
		t.set(iv, place, render.Plain(d.Choices[d.Find(who.Scope["district"])].Label.In(iv.in.Language())))
	}
}

// set answers a question if it can be answered so.
func (t *turn) set(iv *interview, n *flows.Node, value string) bool {
	return n != nil && value != "" && iv.in.Set(n.Path, value) == nil
}

// fill puts a message into a draft. It reports false if there was nothing in it
// that the form has a place for; then that is said.
func (t *turn) fill(iv *interview, m *models.Message) bool {
	take := intakeOf(iv.form)
	sent, ok := render.Read(nil, m, func(unique string) string {
		return t.b.Keys.id("file", iv.in.ID(), unique)[:16]
	})
	if m.Venue != nil {
		t.set(iv, iv.form.Question(iv.form.Settings.Roles.Place), strings.TrimSpace(m.Venue.Title+", "+m.Venue.Address))
		sent.Input.Points = []flows.Point{{Lat: m.Venue.Location.Latitude, Lon: m.Venue.Location.Longitude}}
		ok = true
	}
	if !ok {
		t.say("unknown.media", nil)
		return false
	}
	filled := t.addText(iv, take["text"], sent.Text, sourceOf(m))
	switch {
	case len(sent.Input.Points) > 0:
		if n := take["location"]; n != nil {
			if at, ok := iv.in.Find(n.Path); ok {
				filled = iv.in.Answer(at, flows.Input{Points: sent.Input.Points}) == nil || filled
			}
		}
	case sent.File != nil:
		filled = t.addFile(iv, take, sent.File) || filled
	}
	return filled
}

// addText appends a text to what the draft has; of a forwarded one the source is
// noted behind it.
func (t *turn) addText(iv *interview, n *flows.Node, text, source string) bool {
	if n == nil || text == "" {
		return false
	}
	if source != "" {
		text += " (" + source + ")"
	}
	if old, _ := iv.in.Value(n.Path); old != "" {
		text = old + "\n" + text
	}
	if t.set(iv, n, text) {
		return true
	}
	t.say("refused.long", locales.Args{"Count": flows.MaxAnswer / 4})
	return false
}

// addFile puts a file where the form takes one of its kind, chooses that kind in
// the question about kinds, and fetches the file.
func (t *turn) addFile(iv *interview, take intake, f *render.File) bool {
	if f.Size > telegram.MaxDownload {
		t.say("refused.size", locales.Args{"Size": t.b.Words.Size(t.lang, telegram.MaxDownload)})
		return false
	}
	kind, media := kindOfFile(f)
	n := take[kind]
	if n == nil {
		t.say("unknown.media", nil)
		return false
	}
	if k := take["kinds"]; k != nil {
		chosen, _ := iv.in.Value(k.Path)
		if names := strings.Fields(chosen); !slices.Contains(names, kind) {
			t.set(iv, k, strings.Join(append(names, kind), " "))
		}
	}
	ref := t.freePlace(iv, n)
	at, ok := iv.in.Find(ref)
	if !ok || iv.in.Answer(at, flows.Input{File: &flows.File{Name: f.Name, Kind: media}}) != nil {
		t.say("file.full", nil)
		return false
	}
	if rep := n.Parent; rep.Kind == flows.RepeatNode {
		iv.in.Answer(flows.Position{Node: rep.ID}, flows.Input{Skip: true}) // there may be more, but nobody is asked
	}
	t.fetch(f)
	return true
}

// kindOfFile is the word of the setting for a file, and what its question
// stores.
func kindOfFile(f *render.File) (kind, media string) {
	switch f.Kind {
	case "image":
		return "photo", "image"
	case "audio":
		return "voice", "audio"
	}
	switch path.Ext(f.Name) {
	case ".jpg", ".jpeg", ".png", ".webp", ".heic":
		return "photo", "image"
	}
	return "document", "file"
}

// freePlace is the ref of a question without an answer: in a repeat that of the
// first instance that has none, or of a new one. "" if there is none.
func (t *turn) freePlace(iv *interview, n *flows.Node) string {
	rep := n.Parent
	if rep == nil || rep.Kind != flows.RepeatNode {
		if v, _ := iv.in.Value(n.Path); v != "" {
			return ""
		}
		return n.Path
	}
	for i := 1; i <= flows.MaxInstances; i++ {
		ref := fmt.Sprintf("%s[%d]%s", rep.Path, i, strings.TrimPrefix(n.Path, rep.Path))
		v, ok := iv.in.Value(ref)
		if !ok {
			if iv.in.AddRepeat(rep.Path) != nil {
				return ""
			}
			return ref
		}
		if v == "" {
			return ref
		}
	}
	return ""
}

// fileVerb is the answer to whether a message is to be filed.
func (t *turn) fileVerb(arg string, message int) error {
	answer, nonce, _ := strings.Cut(arg, ":")
	t.rekey(message, render.Screen{})
	if !t.bring(nonce) {
		t.refuseTap("tap.finished", nil)
		return nil
	}
	if answer != "yes" {
		t.drop(nonce)
		t.say("file.dropped", nil)
		return nil
	}
	iv, err := t.current()
	if err != nil {
		return err
	}
	firstOpen(iv)
	t.save(iv)
	t.show(render.Screen{Text: t.html("form.begin", locales.Args{"Title": t.title(iv.form)})})
	return t.ask(iv)
}

// firstOpen goes to the first question that the message left without an answer.
func firstOpen(iv *interview) {
	answered := map[flows.Position]bool{}
	for _, a := range iv.in.Answers() {
		answered[a.At] = true
	}
	for _, n := range iv.form.Nodes {
		if !n.Askable() {
			continue
		}
		if at, ok := iv.in.Find(n.Path); ok && !answered[at] && iv.in.Goto(at) {
			return
		}
	}
}
