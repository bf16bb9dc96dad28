package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/export"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// Some replies are not one call but work: their method begins with a slash. They
// wait in the session's outbox as others do, so a restart does not lose them.
const (
	methodDigest = "/digest"
	methodExport = "/export"
	methodFetch  = "/fetch"
)

type jobParams struct {
	Lang string    `json:"lang"`
	Form string    `json:"form,omitempty"`
	At   time.Time `json:"at"`
	File string    `json:"file,omitempty"` // file_id
	Name string    `json:"name,omitempty"`
}

// errJob wraps what makes a job fail for good: it is not tried again.
var errJob = errors.New("job refused")

// later queues work for the sender.
func (t *turn) later(method, form string) {
	payload, err := json.Marshal(jobParams{Lang: t.lang, Form: form, At: t.now})
	if err != nil {
		return // strings and times can always be written
	}
	t.add(storage.Reply{Method: method, Payload: payload}, "")
}

func (b *Bot) job(ctx context.Context, person string, chat int64, r storage.Reply) error {
	if do := officeJobs[r.Method]; do != nil {
		return do(b, ctx, person, chat, r.Payload)
	}
	switch r.Method {
	case methodShow:
		return b.show(ctx, chat, r.Payload)
	case methodRecord:
		return b.publishPrompts(ctx, person, chat, r.Payload)
	}
	var p jobParams
	if err := json.Unmarshal(r.Payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	switch r.Method {
	case methodMyData:
		return b.sendMyData(ctx, person, chat, p.Lang)
	case methodMenu:
		return b.setMenu(ctx, person, chat, p.Lang)
	}
	if r.Method == methodFetch {
		return b.fetch(ctx, p)
	}
	// the role is looked up again: it may have ended since
	who, err := b.people.get(ctx, person)
	if err != nil {
		return err
	}
	if who.Suspended || !mayUse("file", strings.TrimPrefix(r.Method, "/"), who.Role) {
		return nil
	}
	switch r.Method {
	case methodDigest: // of an earlier version of this program
		from := periodStart("once per week", p.At.In(b.Zone)).AddDate(0, 0, -7)
		return b.sendDigest(ctx, chat, who, digestParams{Lang: p.Lang, Period: digest.Period{From: from, To: p.At.In(b.Zone), Open: true}})
	case methodExport:
		return b.sendExport(ctx, chat, p)
	}
	return fmt.Errorf("%w: %s", errJob, r.Method)
}

// cmdExport sends the answers of a form as a spreadsheet.
func (t *turn) cmdExport(rest string) error {
	forms, err := t.b.forms.all(t.ctx)
	if err != nil {
		return err
	}
	var rows [][]render.Button
	for _, f := range forms {
		if len(forms) == 1 || rest != "" && strings.EqualFold(rest, f.ID) || rest != "" && strings.EqualFold(rest, f.Settings.Keyword) {
			return t.startExport(f)
		}
		rows = append(rows, []render.Button{{Text: t.title(f), Data: verbData("export", formKey(f.ID))}})
	}
	if len(rows) == 0 {
		t.say("forms.none", nil)
		return nil
	}
	t.say("export.which", nil, rows...)
	return nil
}

func (t *turn) exportVerb(key string) error {
	who, err := t.who()
	if err != nil {
		return err
	}
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == key })
	if err != nil {
		return err
	}
	if f == nil || !mayUse("file", "export", who.Role) {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	return t.startExport(f)
}

func (t *turn) startExport(f *flows.Form) error {
	n, err := t.b.Submissions.Count(t.ctx, storage.Filter{FormID: f.ID}, storage.ByForm)
	if err != nil {
		return fmt.Errorf("count submissions: %w", err)
	}
	if n[f.ID] == 0 {
		t.say("export.none", locales.Args{"Title": t.title(f)})
		return nil
	}
	t.say("export.making", nil)
	t.later(methodExport, f.ID)
	return nil
}

// maxUpload is how large a file a bot may send, in bytes.
const maxUpload = 50 << 20

// sendExport writes the workbook to a file first: it may be large, and its size
// must be known before Telegram is asked to take it.
func (b *Bot) sendExport(ctx context.Context, chat int64, p jobParams) error {
	forms, err := b.versions(ctx, p.Form)
	if err != nil {
		return err
	}
	if len(forms) == 0 {
		return fmt.Errorf("%w: no such form", errJob)
	}
	file, err := os.CreateTemp("", "export")
	if err != nil {
		return fmt.Errorf("make export file: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	o := export.Options{Format: export.XLSX, Zone: b.Zone}
	res, err := export.Write(file, b.rows(ctx, p.Form), forms, o)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	size, err := file.Seek(0, 2)
	if err != nil {
		return fmt.Errorf("measure export: %w", err)
	}
	if size > maxUpload {
		words := locales.Args{"Size": b.Words.Size(p.Lang, size), "Limit": b.Words.Size(p.Lang, maxUpload)}
		s := render.Screen{Text: b.Words.HTML(p.Lang, "export.large", words)}
		_, err := b.Client.Send(ctx, "sendMessage", chat, s.Payloads()[0])
		return err
	}
	if _, err := file.Seek(0, 0); err != nil {
		return fmt.Errorf("rewind export: %w", err)
	}
	last := forms[len(forms)-1]
	lang, _ := last.Language(p.Lang)
	caption := b.Words.HTML(p.Lang, "export.caption", locales.Args{
		"Title": render.Plain(last.Title.In(lang)), "Count": res.Submissions, "Date": b.now(),
	})
	name := safeName(last.ID) + "-" + b.now().Format("2006-01-02") + res.Extension
	return b.Client.SendDocument(ctx, chat, name, file, caption)
}

func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, s)
}

// versions are all versions of a form, compiled, oldest first.
func (b *Bot) versions(ctx context.Context, formID string) ([]*flows.Form, error) {
	vs, err := b.Forms.Versions(ctx, formID)
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	var out []*flows.Form
	for _, v := range vs {
		f, err := b.forms.version(ctx, v.FormID, v.Hash)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (b *Bot) rows(ctx context.Context, formID string) iter.Seq2[*export.Row, error] {
	return func(yield func(*export.Row, error) bool) {
		for s, err := range b.Submissions.Each(ctx, storage.Filter{FormID: formID}) {
			if err != nil {
				yield(nil, err)
				return
			}
			r := &export.Row{Submission: &s.Submission, Reference: s.Reference, Person: s.Person,
				Enumerator: s.Enumerator, Link: s.Link, Received: s.Received}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// fetch queues the download of a file that was sent. Its file_id is kept no
// longer than that takes.
func (t *turn) fetch(f *render.File) {
	if t.b.Media == nil {
		return
	}
	payload, err := json.Marshal(jobParams{File: f.ID, Name: f.Name, At: t.now})
	if err != nil {
		return
	}
	t.add(storage.Reply{Method: methodFetch, Payload: payload}, "")
}

func (b *Bot) fetch(ctx context.Context, p jobParams) error {
	if b.Media == nil {
		return nil
	}
	r, w := io.Pipe()
	go func() {
		_, err := b.Client.Download(ctx, p.File, telegram.MaxDownload, w)
		w.CloseWithError(err)
	}()
	err := b.Media.Put(ctx, p.Name, r)
	r.Close()
	if errors.Is(err, telegram.ErrTooBig) {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	return err
}
