package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// finish stores the submissions of frozen interviews and closes them. A crash
// anywhere in it is mended by doing it again: the submission has its id from the
// instance, so a second insert has no effect. The caller holds l.turn.
func (b *Bot) finish(ctx context.Context, l *lane) error {
	s, err := b.load(ctx, l)
	if err != nil {
		return err
	}
	var left error
	for _, v := range s.Open {
		if v.State != storage.Finishing {
			continue
		}
		err := b.finishOne(ctx, l, v)
		if unreadIn(err) != nil {
			left = err // it stays frozen, and stops no other
		} else if err != nil {
			return err
		}
	}
	return left
}

func (b *Bot) finishOne(ctx context.Context, l *lane, v storage.Interview) error {
	f, err := b.forms.version(ctx, v.FormID, v.Hash)
	if err != nil {
		return err
	}
	w := b.world()
	w.Now = func() time.Time { return v.Changed } // the moment it was frozen, however often this is done
	in, err := f.Resume(w, v.Instance)
	if err != nil {
		return fmt.Errorf("resume interview: %w", err)
	}
	done, err := in.Finish()
	if err != nil {
		return fmt.Errorf("finish interview: %w", err)
	}
	if v.Kind == storage.Trial {
		return b.endTrial(ctx, l, &v, f)
	}
	sub := b.submission(l.person, f, in.ID(), &v, done)
	stored, refused, err := b.keep(ctx, f, sub, &v)
	if err != nil {
		return err
	}
	if refused == "" {
		if err := b.filed(ctx, &stored); err != nil {
			return err
		}
	}
	if refused == "" && v.Kind != storage.Correction {
		b.raise(stored)
	}
	return b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
		i := slices.IndexFunc(s.Open, func(o storage.Interview) bool { return o.Nonce == v.Nonce })
		if i < 0 {
			return nil, errNothing // another replica closed it
		}
		s.Open = slices.Delete(s.Open, i, i+1)
		b.plan(ctx, s)
		t := b.newTurn(ctx, l, s, nil)
		if refused != "" {
			t.say(refused, locales.Args{"Title": t.title(f)})
			return t.outbox(), nil
		}
		t.receipt(f, in.ID(), &v, &stored)
		return t.outbox(), nil
	})
}

// endTrial closes an interview of which nothing is stored.
func (b *Bot) endTrial(ctx context.Context, l *lane, v *storage.Interview, f *flows.Form) error {
	return b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
		i := slices.IndexFunc(s.Open, func(o storage.Interview) bool { return o.Nonce == v.Nonce })
		if i < 0 {
			return nil, errNothing
		}
		s.Open = slices.Delete(s.Open, i, i+1)
		t := b.newTurn(ctx, l, s, nil)
		t.say("publish.trial_end", locales.Args{"Title": t.title(f)})
		return t.outbox(), nil
	})
}

// keep stores a submission: as a new one, or as a new revision of one that was
// sent before. refused is the key of what to say if it is not to be stored.
func (b *Bot) keep(ctx context.Context, f *flows.Form, sub storage.Submission, v *storage.Interview) (stored storage.Submission, refused string, err error) {
	if v.Kind == storage.Correction {
		stored, refused, err = b.revise(ctx, sub, v)
	} else {
		stored, _, err = b.Submissions.Insert(ctx, sub)
		if errors.Is(err, storage.ErrUsed) {
			return stored, onceKey(f.Settings.Submissions), nil
		}
	}
	if err != nil {
		return stored, "", fmt.Errorf("store submission: %w", err)
	}
	return stored, refused, nil
}

// submission is what is stored of a finished interview. An anonymous form's has
// nothing that leads back to the person or the conversation.
func (b *Bot) submission(person string, f *flows.Form, instance string, v *storage.Interview, done *flows.Submission) storage.Submission {
	set := &f.Settings
	s := storage.Submission{
		Submission: *done, Prefix: set.Reference, Person: person, Link: v.Link, Enumerator: v.Enumerator,
		Received: v.Changed,
		Province: fieldOf(done.Data, set.Roles.Province), District: fieldOf(done.Data, set.Roles.District),
		Title: fieldOf(done.Data, set.Roles.Title),
	}
	s.ID = b.submissionID(f, instance)
	if v.Consent != "" {
		s.Consent = v.Consent + " " + v.Consented.In(b.Zone).Format(time.DateOnly)
	}
	if s.Prefix == "" && !set.Anonymous && v.Kind != storage.Assisted {
		s.Prefix = prefixOf(f)
	}
	if strings.HasPrefix(set.Submissions, "once") {
		period := periodStart(set.Submissions, v.Changed.In(b.Zone))
		s.Nullifier = b.Keys.id("once", f.ID, period.Format(time.DateOnly), person)
	}
	if v.Kind == storage.Assisted {
		// the respondent has no pseudonym, only the code to take home
		s.Person, s.Nullifier = "", ""
		s.Receipt = b.receiptHash(b.Keys.receipt(instance))
	}
	if set.Anonymous {
		s.Person, s.Enumerator = "", ""
		s.Receipt = b.receiptHash(b.Keys.receipt(instance))
		s.Started, s.Finished, s.Received = b.day(s.Started), b.day(s.Finished), b.day(s.Received)
		s.Data = b.days(s.Data)
	}
	return s
}

// days cuts the times of the metadata questions to the day, in a copy.
func (b *Bot) days(r flows.Record) flows.Record {
	r = slices.Clone(r)
	for i := range r {
		f := &r[i]
		if f.Type == "start" || f.Type == "end" {
			if at, err := time.Parse(stampLayout, f.Text); err == nil {
				f.Text = b.day(at).Format(stampLayout)
			} else {
				f.Text = ""
			}
		}
		f.Records = slices.Clone(f.Records)
		for j := range f.Records {
			f.Records[j] = b.days(f.Records[j])
		}
	}
	return r
}

// stampLayout is how XForms writes a time.
const stampLayout = "2006-01-02T15:04:05.000Z07:00"

// prefixOf begins the receipt numbers of a form that names no prefix.
func prefixOf(f *flows.Form) string {
	letters := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, cmp.Or(f.Settings.Keyword, f.ID))
	return cmp.Or(letters[:min(len(letters), 10)], "R")
}

// submissionID is the instance's own id, or for an anonymous form one that
// follows from it by a key that no store has.
func (b *Bot) submissionID(f *flows.Form, instance string) string {
	if f.Settings.Anonymous {
		return b.Keys.uuid("submission", instance)
	}
	return instance
}

func (b *Bot) receiptHash(code string) string { return b.Keys.id("receipt code", code) }

// day cuts a time to its day, so that it cannot be matched with a message's.
func (b *Bot) day(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	y, m, d := t.In(b.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, b.Zone)
}

// fieldOf finds the first question with this name in a submission.
func fieldOf(r flows.Record, name string) string {
	if name == "" {
		return ""
	}
	for _, f := range r {
		if f.Kind == flows.QuestionNode {
			if f.Name == name {
				return f.Text
			}
			continue
		}
		for _, inner := range f.Records {
			if v := fieldOf(inner, name); v != "" {
				return v
			}
		}
	}
	return ""
}

// receipt thanks, and gives the number or code by which the submission is known.
func (t *turn) receipt(f *flows.Form, instance string, v *storage.Interview, s *storage.Submission) {
	if v.Kind == storage.Correction {
		t.say("receipt.updated", locales.Args{"Reference": cmp.Or(s.Reference, t.title(f))})
		return
	}
	lines := []string{t.html("receipt.thanks", nil)}
	var rows [][]render.Button
	copyable := ""
	switch {
	case s.Receipt != "":
		copyable = t.b.Keys.receipt(instance)
		lines = append(lines, t.html("receipt.code", locales.Args{"Code": copyable}))
	case s.Reference != "":
		copyable = s.Reference
		lines = append(lines, t.html("receipt.reference", locales.Args{"Reference": copyable}))
		fallthrough
	default:
		lines = append(lines, t.html("receipt.withdraw", nil))
	}
	if copyable != "" {
		label := t.text("receipt.copy", locales.Args{"Reference": copyable})
		rows = append(rows, []render.Button{{Text: label, Copy: copyable}})
	}
	t.show(render.Screen{Text: strings.Join(lines, "\n"), Rows: rows})
	if v.Kind == storage.Assisted {
		t.nextRespondent(f, s)
		return
	}
	if len(t.s.Open) > 0 {
		if err := t.listOpen(); err != nil {
			t.b.Log.WarnContext(t.ctx, "list open forms", "person", t.s.Person, "error", err)
		}
	}
}

// Sweep looks after sessions that wait: it stores interviews that were left half
// finished and sends replies that were left unsent. Tend calls it at start and
// every few seconds.
func (b *Bot) Sweep(ctx context.Context) error {
	people, err := b.Sessions.Waiting(ctx, b.now().Add(-sweepAfter), 200)
	if err != nil {
		return fmt.Errorf("find waiting sessions: %w", err)
	}
	failed := b.restOfAlerts(ctx)
	for _, person := range people {
		if err := b.sweepOne(ctx, person); err != nil {
			failed = err
			b.Log.WarnContext(ctx, "sweep session", "person", person, "error", err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return failed
}

// sweepAfter is how long a turn is left alone with its own replies.
const sweepAfter = 4 * time.Second

func (b *Bot) sweepOne(ctx context.Context, person string) error {
	l := b.hold(person, 0)
	defer b.release(l)
	l.turn.Lock()
	defer l.turn.Unlock()
	l.forget() // another replica may have moved it
	s, err := b.load(ctx, l)
	if err != nil {
		return err
	}
	if err := b.adopt(l, &s); err != nil {
		// sealed with another key: nobody can ever send these
		b.Log.ErrorContext(ctx, "contact cannot be opened", "person", person)
		return b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
			s.Outbox, s.Contact = nil, nil
			return nil, nil
		})
	}
	if frozen(&s) {
		if err := b.finish(ctx, l); err != nil {
			return err
		}
		if s, err = b.load(ctx, l); err != nil {
			return err
		}
	}
	if !s.Wake.IsZero() && !s.Wake.After(b.now()) {
		return b.awake(ctx, l)
	}
	front := ""
	if len(s.Open) > 0 {
		front = s.Open[0].Nonce
	}
	var replies []queued
	for _, r := range s.Outbox {
		replies = append(replies, queued{Reply: r, nonce: front, again: true})
	}
	b.enqueue(l, replies)
	return nil
}

// adopt learns the chat of a lane from the session.
func (b *Bot) adopt(l *lane, s *storage.Session) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.chat != 0 || len(s.Contact) == 0 && len(s.Outbox) == 0 {
		return nil
	}
	chat, err := b.Keys.openChat(s.Person, s.Contact)
	l.chat = chat
	return err
}
