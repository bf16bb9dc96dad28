package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// methodMyData sends a person the file with all that is stored about them.
const methodMyData = "/mydata"

// personalData is that file. Answers to anonymous forms are not in it: nobody,
// not even the bot, knows whose they are.
type personalData struct {
	Pseudonym   string         `json:"pseudonym"`
	Language    string         `json:"language,omitempty"`
	Role        storage.Role   `json:"role"`
	Name        string         `json:"name,omitempty"`
	Workplace   string         `json:"organisation,omitempty"`
	Scope       any            `json:"scope,omitempty"`
	Unfinished  []personalForm `json:"unfinished"`
	Submissions []personalForm `json:"submissions"`
	Log         []personalLine `json:"log,omitempty"`
}

type personalForm struct {
	Form      string       `json:"form"`
	Reference string       `json:"reference,omitempty"`
	Started   time.Time    `json:"started,omitzero"`
	Received  time.Time    `json:"received,omitzero"`
	Withdrawn time.Time    `json:"withdrawn,omitzero"`
	Consent   string       `json:"consent,omitempty"`
	Answers   flows.Record `json:"answers"`
	Unread    string       `json:"unread,omitempty"` // why the answers cannot be read: the form does not compile
}

type personalLine struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
}

// cmdMyData tells what is stored about the person, in short; the file has it all.
func (t *turn) cmdMyData(string) error {
	who, err := t.who()
	if err != nil {
		return err
	}
	n, err := t.b.Submissions.Count(t.ctx, storage.Filter{Person: t.s.Person}, storage.ByPerson)
	if err != nil {
		return fmt.Errorf("count submissions: %w", err)
	}
	text := t.html("mydata.title", nil)
	line := func(key string, args locales.Args) { text += "\n• " + t.html(key, args) }
	line("mydata.language", locales.Args{"Language": t.text("language.name", nil)})
	if who.Role != storage.Citizen {
		line("mydata.role", locales.Args{"Role": t.text("role."+string(who.Role), nil)})
	}
	if n := len(t.s.Open); n > 0 {
		line("mydata.unfinished", locales.Args{"Count": n})
	}
	if n := n[t.s.Person]; n > 0 {
		line("mydata.submissions", locales.Args{"Count": n})
	}
	text += "\n" + t.html("mydata.anonymous", nil) + "\n" + t.html("mydata.file", nil)
	t.show(render.Screen{Text: text})
	t.later(methodMyData, "")
	return nil
}

func (b *Bot) sendMyData(ctx context.Context, person string, chat int64, lang string) error {
	d, err := b.personal(ctx, person)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	caption := b.Words.HTML(lang, "mydata.title", nil)
	return b.Client.SendDocument(ctx, chat, "my-data.json", bytes.NewReader(data), caption)
}

func (b *Bot) personal(ctx context.Context, person string) (*personalData, error) {
	s, err := b.Sessions.Load(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("load session: %w", err)
	}
	who, err := b.People.Person(ctx, person)
	if errors.Is(err, storage.ErrNotFound) {
		who, err = storage.Person{Role: storage.Citizen}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up person: %w", err)
	}
	d := &personalData{Pseudonym: person, Language: s.Language, Role: who.Role, Name: who.Name, Workplace: who.Organisation,
		Unfinished: []personalForm{}, Submissions: []personalForm{}}
	if len(who.Scope) > 0 {
		d.Scope = who.Scope
	}
	for i := range s.Open {
		v := &s.Open[i]
		f, err := b.forms.version(ctx, v.FormID, v.Hash)
		if u := unreadIn(err); u != nil {
			d.Unfinished = append(d.Unfinished, personalForm{Form: v.FormID, Started: v.Started, Consent: v.Consent, Unread: u.Why()})
			continue
		}
		if err != nil {
			return nil, err
		}
		in, err := f.Resume(b.world(), v.Instance)
		if err != nil {
			return nil, fmt.Errorf("resume interview: %w", err)
		}
		d.Unfinished = append(d.Unfinished, personalForm{Form: v.FormID, Started: v.Started, Consent: v.Consent, Answers: in.Partial().Data})
	}
	for sub, err := range b.Submissions.Each(ctx, storage.Filter{Person: person, Withdrawn: true}) {
		if err != nil {
			return nil, fmt.Errorf("list submissions: %w", err)
		}
		d.Submissions = append(d.Submissions, personalForm{Form: sub.FormID, Reference: sub.Reference, Started: sub.Started,
			Received: sub.Received, Withdrawn: sub.Withdrawn, Consent: sub.Consent, Answers: sub.Data})
	}
	lines, err := b.People.Audit(ctx, person, 200)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	for _, l := range lines {
		d.Log = append(d.Log, personalLine{l.At, l.What})
	}
	return d, nil
}
