package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
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
		return b.sendExport(ctx, chat, r.Payload)
	}
	return fmt.Errorf("%w: %s", errJob, r.Method)
}

func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, s)
}

// versions are all versions of a form, oldest first and the current one last, as
// Versions returns them.
func (b *Bot) versions(ctx context.Context, formID string) ([]*flows.Form, []*Unread, error) {
	return Versions(ctx, formID, b.Forms, b.Submissions, func(v storage.FormVersion) (*flows.Form, error) {
		return b.forms.version(ctx, v.FormID, v.Hash)
	})
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
