package bot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// methodRecord fetches recordings and publishes the form with them.
const methodRecord = "/record"

// A recording is what a member of the secretariat has recorded of a form so far,
// kept between messages. Nothing is published before it is finished.
type recording struct {
	Form  string     `json:"f"`
	Hash  string     `json:"h"`
	Lang  int        `json:"l"`
	Node  int        `json:"n"` // of the question that is recorded now
	Taken []recorded `json:"t,omitempty"`
	UI    string     `json:"u,omitempty"` // language to answer in, once it is a job
}

type recorded struct {
	Node int    `json:"n"`
	Lang int    `json:"l"`
	File string `json:"i"` // Telegram's file_id
}

// maxRecorded bounds what is recorded before it is published.
const maxRecorded = 60

// spoken are the questions of a form that people are asked, or told.
func spoken(f *flows.Form) (out []*flows.Node) {
	for _, n := range f.Nodes {
		if n.Kind == flows.QuestionNode && (n.Askable() || n.Type.Name == "note") && !n.Label.Empty() {
			out = append(out, n)
		}
	}
	return out
}

func (r *recording) has(n *flows.Node, lang int) bool {
	return slices.ContainsFunc(r.Taken, func(k recorded) bool { return k.Node == n.ID && k.Lang == lang })
}

// unspoken are the questions that have no recording in a language.
func (r *recording) unspoken(f *flows.Form, lang int) (out []*flows.Node) {
	for _, n := range spoken(f) {
		if !n.Media[flows.Audio].Has(lang) && !r.has(n, lang) {
			out = append(out, n)
		}
	}
	return out
}

// cmdRecord lets questions be recorded as voice messages, which are sent with
// the question from then on: for people who read little, and for languages that
// few people read.
func (t *turn) cmdRecord(rest string) error {
	forms, err := t.b.forms.all(t.ctx)
	if err != nil {
		return err
	}
	var rows [][]render.Button
	for _, f := range forms {
		if len(forms) == 1 || rest != "" && (strings.EqualFold(rest, f.ID) || strings.EqualFold(rest, f.Settings.Keyword)) {
			return t.recordForm(f)
		}
		rows = append(rows, []render.Button{{Text: t.title(f), Data: verbData("rec", "f:"+formKey(f.ID))}})
	}
	if len(rows) == 0 {
		t.say("forms.none", nil)
		return nil
	}
	t.say("record.which", nil, rows...)
	return nil
}

// recordForm tells, language by language, which questions have no recording yet.
func (t *turn) recordForm(f *flows.Form) error {
	k := t.kept()
	r := k.Prompts
	if r == nil || r.Form != f.ID || r.Hash != f.Hash {
		r = &recording{Form: f.ID, Hash: f.Hash}
	}
	text := t.html("record.title", locales.Args{"Title": t.title(f)})
	var rows [][]render.Button
	all := len(spoken(f))
	for i, l := range f.Languages {
		if l.Bare {
			continue
		}
		missing := r.unspoken(f, i)
		args := locales.Args{"Language": l.Label(), "Done": all - len(missing), "Total": all, "Count": len(missing)}
		text += "\n\n" + t.html("record.language", args)
		for _, n := range missing[:min(len(missing), maxMissing)] {
			text += "\n• " + render.Escape(short(render.Plain(n.Label.In(i))))
		}
		if more := len(missing) - maxMissing; more > 0 {
			text += "\n" + t.html("record.more", locales.Args{"Count": more})
		}
		rows = append(rows, []render.Button{{Text: "🎙 " + l.Label(), Data: verbData("rec", "l:"+strconv.Itoa(i))}})
	}
	k.Prompts = r
	t.keepThat(k)
	t.show(render.Screen{Text: text, Rows: rows})
	return nil
}

// maxMissing is how many questions without a recording are listed by name.
const maxMissing = 8

func (t *turn) recordVerb(arg string, message int) error {
	what, rest, _ := strings.Cut(arg, ":")
	if what == "f" {
		f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == rest })
		if err != nil || f == nil {
			t.refuseTap("tap.gone", nil)
			return err
		}
		t.rekey(message, render.Screen{})
		return t.recordForm(f)
	}
	k := t.kept()
	if k.Prompts == nil {
		t.refuseTap("tap.gone", nil)
		t.rekey(message, render.Screen{})
		return nil
	}
	r := *k.Prompts // the stored one may be wanted again if this turn is redone
	f, err := t.b.forms.version(t.ctx, r.Form, r.Hash)
	if err != nil {
		return err
	}
	t.rekey(message, render.Screen{})
	switch what {
	case "l":
		lang, err := strconv.Atoi(rest)
		if err != nil || lang >= len(f.Languages) {
			t.refuseTap("tap.gone", nil)
			return nil
		}
		r.Lang, r.Node = lang, 0
	case "end":
		return t.recordEnd(k, r)
	}
	return t.recordNext(k, r, f)
}

// recordNext asks for the next question without a recording.
func (t *turn) recordNext(k kept, r recording, f *flows.Form) error {
	missing := r.unspoken(f, r.Lang)
	i := slices.IndexFunc(missing, func(n *flows.Node) bool { return n.ID > r.Node })
	k.Prompts = &r
	if i < 0 || len(r.Taken) >= maxRecorded {
		return t.recordEnd(k, r)
	}
	n := missing[i]
	r.Node = n.ID
	t.keepThat(k)
	text := t.html("record.ask", locales.Args{"Language": f.Languages[r.Lang].Label(), "Count": len(missing)})
	text += "\n\n<b>" + render.Markup(n.Label.In(r.Lang)) + "</b>"
	if hint := n.Hint.In(r.Lang); hint != "" {
		text += "\n<i>" + render.Markup(hint) + "</i>"
	}
	if n.List != nil && len(n.List.Choices) <= maxAlbum {
		for j := range n.List.Choices {
			text += "\n" + strconv.Itoa(j+1) + ". " + render.Markup(n.List.Choices[j].Label.In(r.Lang))
		}
	}
	t.show(render.Screen{Text: text, Rows: [][]render.Button{{
		{Text: t.text("ask.skip", nil), Data: verbData("rec", "skip")},
		{Text: t.text("record.end", locales.Args{"Count": len(r.Taken)}), Data: verbData("rec", "end")},
	}}})
	return nil
}

// recorded takes a voice message as the recording of the question that was shown.
func (t *turn) recorded(m *models.Message) (taken bool, err error) {
	if m.Voice == nil || t.s.Kept == "" {
		return false, nil
	}
	k := t.kept()
	if k.Prompts == nil || k.Prompts.Node == 0 {
		return false, nil
	}
	if allowed, err := t.may("command", "record"); err != nil || !allowed {
		return false, err
	}
	r := *k.Prompts
	f, err := t.b.forms.version(t.ctx, r.Form, r.Hash)
	if err != nil {
		return true, err
	}
	if m.Voice.FileSize > telegram.MaxDownload {
		t.say("refused.size", locales.Args{"Size": t.b.Words.Size(t.lang, telegram.MaxDownload)})
		return true, nil
	}
	r.Taken = append(slices.Clip(r.Taken), recorded{r.Node, r.Lang, m.Voice.FileID})
	return true, t.recordNext(k, r, f)
}

// recordEnd has what was recorded published.
func (t *turn) recordEnd(k kept, r recording) error {
	k.Prompts = nil
	t.keepThat(k)
	if len(r.Taken) == 0 {
		t.say("record.nothing", nil)
		return nil
	}
	t.say("record.publishing", locales.Args{"Count": len(r.Taken)})
	r.UI = t.lang
	return t.do(methodRecord, r)
}

// publishPrompts makes a version of the form that has the recordings, as
// media::audio, and makes it the current one. Done twice it has no further
// effect: the files are named by their content.
func (b *Bot) publishPrompts(ctx context.Context, person string, chat int64, payload []byte) error {
	var r recording
	if err := json.Unmarshal(payload, &r); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	who, err := b.people.get(ctx, person)
	if err != nil {
		return err
	}
	if who.Suspended || !mayUse("command", "record", who.Role) {
		return nil
	}
	v, err := b.Forms.Version(ctx, r.Form, r.Hash)
	if err != nil {
		return fmt.Errorf("load form: %w", err)
	}
	f, err := b.forms.version(ctx, r.Form, r.Hash)
	if err != nil {
		return err
	}
	if v, err = b.withPrompts(ctx, v, f, r.Taken); err != nil {
		return err
	}
	g, err := b.Compile(v)
	if err != nil {
		return fmt.Errorf("%w: compile with recordings: %w", errJob, err)
	}
	v.Hash, v.Version, v.Published, v.Retired = g.Hash, g.Version, b.now(), false
	if err := b.Forms.Publish(ctx, v); err != nil {
		return fmt.Errorf("publish form: %w", err)
	}
	b.Published()
	lang, _ := g.Language(r.UI)
	s := render.Screen{Text: b.Words.HTML(r.UI, "record.done", locales.Args{"Title": render.Plain(g.Title.In(lang)), "Count": len(r.Taken)})}
	_, err = b.Client.Send(ctx, "sendMessage", chat, s.Payloads()[0])
	return err
}

func (b *Bot) withPrompts(ctx context.Context, v storage.FormVersion, f *flows.Form, taken []recorded) (storage.FormVersion, error) {
	def, err := xlsform.Read(v.Name, v.Source, v.Files)
	if err != nil {
		return v, fmt.Errorf("%w: read form: %w", errJob, err)
	}
	files := map[string][]byte{}
	for name, data := range v.Files {
		files[name] = data
	}
	for _, k := range taken {
		n := f.Node(k.Node)
		if n == nil || k.Lang >= len(f.Languages) {
			continue
		}
		var sound bytes.Buffer
		if _, err := b.Client.Download(ctx, k.File, telegram.MaxDownload, &sound); err != nil {
			return v, fmt.Errorf("fetch recording: %w", err)
		}
		sum := sha256.Sum256(sound.Bytes())
		name := safeName(n.Name) + "-" + safeName(f.Languages[k.Lang].Code) + "-" + hex.EncodeToString(sum[:4]) + ".ogg"
		if !setCell(def.Sheet("survey"), n.Row, "media::audio", f.Languages[k.Lang].Name, name) {
			return v, errors.Join(errJob, errors.New("a question has no row"))
		}
		files[name] = sound.Bytes()
	}
	format := xlsform.XLSX
	switch strings.ToLower(path.Ext(v.Name)) {
	case ".md":
		format = xlsform.Markdown
	case ".csv":
		format = xlsform.CSV
	default:
		v.Name = strings.TrimSuffix(v.Name, path.Ext(v.Name)) + ".xlsx"
	}
	var out bytes.Buffer
	if err := xlsform.Write(&out, def, format); err != nil {
		return v, fmt.Errorf("%w: write form: %w", errJob, err)
	}
	v.Source, v.Files = out.Bytes(), files
	return v, nil
}

// setCell writes a cell of the row with this number, making the column if there
// is none. The language of a form without languages is its columns' none.
func setCell(s *flows.Sheet, row int, key, language, value string) bool {
	if language == "default" {
		language = ""
	}
	at := slices.IndexFunc(s.Columns, func(c flows.Column) bool { return c.Key == key && c.Language == language })
	if at < 0 {
		at = len(s.Columns)
		header := key
		if language != "" {
			header += "::" + language
		}
		s.Columns = append(s.Columns, flows.Column{Key: key, Language: language, Header: header, Index: at})
	}
	for i := range s.Rows {
		if s.Rows[i].Number != row {
			continue
		}
		for len(s.Rows[i].Cells) <= at {
			s.Rows[i].Cells = append(s.Rows[i].Cells, "")
		}
		s.Rows[i].Cells[at] = value
		return true
	}
	return false
}
