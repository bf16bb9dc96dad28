package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// cmdUpdates shows the secretariat the newest reports, of all districts or of
// the one behind the command, or the report of a reference number.
func (t *turn) cmdUpdates(rest string) error {
	if reference.MatchString(rest) {
		s, err := t.b.Submissions.Get(t.ctx, strings.TrimSpace(rest))
		if err == nil {
			return t.subVerb(s.ID, 0)
		}
	}
	district := ""
	if rest != "" {
		p, ok, err := t.findPlace(rest, "grid", "u")
		if err != nil || !ok {
			return err
		}
		district = p.District
	}
	all, err := t.newestReports(district, maxListed)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		t.say("update.empty", nil)
		return nil
	}
	text, rows, err := t.list(all)
	if err != nil {
		return err
	}
	t.show(render.Screen{Text: t.html("update.title", nil) + text, Rows: rows})
	return nil
}

// reviewVerb is the secretariat's word on a report: accepted, quoted, or sent
// back with a question, which is asked for.
func (t *turn) reviewVerb(arg string, _ int) error {
	act, id, _ := strings.Cut(arg, ":")
	s, ok, err := t.readable(id)
	if err != nil {
		return err
	}
	if !ok || t.b.Reviews == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	args := locales.Args{"Reference": s.Reference}
	switch act {
	case "a":
		t.say("update.accepted", args)
		return t.step(s.ID, storage.Accepted, "")
	case "q":
		t.say("update.quoted", args)
		return t.step(s.ID, storage.Quoted, "")
	case "r":
		t.s.Awaiting = "return " + id
		t.say("update.question", args)
		return nil
	}
	t.refuseTap("tap.gone", nil)
	return nil
}

// step notes what became of a report; the same if the turn is redone.
func (t *turn) step(id string, state storage.ReviewState, text string) error {
	_, err := t.b.Reviews.AddStep(t.ctx, storage.Step{
		Submission: id, State: state, Text: text, By: t.s.Person, At: t.now,
		Token: t.b.Keys.id("step", t.s.Person, strconv.FormatInt(t.u.ID, 10)),
	})
	if err != nil {
		return fmt.Errorf("note step: %w", err)
	}
	return nil
}

// returnAnswer is the question that a report is sent back with.
func (t *turn) returnAnswer(id, text string) error {
	s, ok, err := t.readable(id)
	if err != nil {
		return err
	}
	if !ok || t.b.Reviews == nil {
		t.say("tap.gone", nil)
		return nil
	}
	if err := t.step(id, storage.Returned, text); err != nil {
		return err
	}
	t.say("update.asked", locales.Args{"Reference": s.Reference})
	return t.do(methodNotice, notice{To: s.Person, Key: "update.returned", Submission: id, Text: text})
}

const methodNotice = "/notice"

// A notice tells somebody what was said about a report.
type notice struct {
	To         string `json:"to"`
	Key        string `json:"key"`
	Submission string `json:"submission"`
	Name       string `json:"name,omitempty"`
	Text       string `json:"text"`
}

func (b *Bot) sendNotice(ctx context.Context, _ string, _ int64, payload []byte) error {
	var n notice
	if err := json.Unmarshal(payload, &n); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	s, err := b.Submissions.Get(ctx, n.Submission)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !s.Withdrawn.IsZero() {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up submission: %w", err)
	}
	return b.speak(ctx, n.To, func(t *turn) error {
		t.say(n.Key, locales.Args{"Reference": s.Reference, "Title": t.name(&s), "Name": n.Name, "Text": n.Text})
		return nil
	})
}

// reference is a reference number in a message of the bot's.
var reference = regexp.MustCompile(`[A-Z]{1,8}-\d{4}-\d{5,}`)

// reply takes a reply to a question of the secretariat about a report. taken is
// false if the message is none.
func (t *turn) reply(m *models.Message) (taken bool, err error) {
	r := m.ReplyToMessage
	text := strings.TrimSpace(cmp.Or(m.Text, m.Caption))
	if r == nil || r.From == nil || !r.From.IsBot || text == "" || t.b.Reviews == nil {
		return false, nil
	}
	number := reference.FindString(r.Text)
	if number == "" {
		return false, nil
	}
	s, err := t.b.Submissions.Get(t.ctx, number)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up submission: %w", err)
	}
	who, err := t.who()
	if err != nil {
		return false, err
	}
	steps, err := t.b.Reviews.Steps(t.ctx, s.ID)
	if err != nil {
		return false, fmt.Errorf("look up steps: %w", err)
	}
	asked := slices.IndexFunc(steps, func(v storage.Step) bool { return v.State == storage.Returned })
	if s.Person != t.s.Person || asked < 0 || !s.Withdrawn.IsZero() {
		return false, nil
	}
	for i, v := range steps {
		if v.State == storage.Returned {
			asked = i // the last question
		}
	}
	if err := t.step(s.ID, storage.Replied, text); err != nil {
		return false, err
	}
	t.say("update.replied", locales.Args{"Reference": number})
	return true, t.do(methodNotice, notice{
		To: steps[asked].By, Key: "update.answer", Submission: s.ID,
		Name: cmp.Or(who.Name, t.text("people.unnamed", nil)), Text: text,
	})
}

// fixVerb opens a report of the person's own to correct it.
func (t *turn) fixVerb(id string, _ int) error {
	s, ok, err := t.readable(id)
	if err != nil {
		return err
	}
	if !ok || s.Person != t.s.Person || t.b.Reviews == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	f, err := t.b.forms.version(t.ctx, s.FormID, s.Hash)
	if err != nil {
		return err
	}
	who, err := t.who()
	if err != nil {
		return err
	}
	if !mayFill(f.Settings.Audience, who.Role) {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	t.s.Open = slices.DeleteFunc(t.s.Open, func(v storage.Interview) bool {
		return v.Kind == storage.Correction && v.FormID == f.ID && v.Link == s.ID && v.State != storage.Finishing
	})
	if len(t.s.Open) >= maxOpen {
		return t.listOpen()
	}
	old, err := t.b.Reviews.Revisions(t.ctx, id)
	if err != nil {
		return fmt.Errorf("look up revisions: %w", err)
	}
	in, err := f.Open(t.b.world(), &s.Submission)
	if err != nil {
		return fmt.Errorf("open submission: %w", err)
	}
	if i, ok := f.Language(t.lang); ok {
		in.SetLanguage(i)
	}
	t.s.Open = slices.Insert(t.s.Open, 0, storage.Interview{
		FormID: f.ID, Hash: f.Hash, Nonce: nonce(), Started: t.now, Changed: t.now,
		Kind: storage.Correction, Base: uint32(len(old)) + 1, Link: s.ID,
	})
	iv := &interview{&t.s.Open[0], f, in}
	t.save(iv)
	t.keep(iv)
	iv.State = storage.Reviewing
	t.put(t.view(iv).Review(in.Answers(), 0, true), iv.Nonce)
	return nil
}

// revise stores a correction as a new revision.
func (b *Bot) revise(ctx context.Context, sub storage.Submission, v *storage.Interview) (storage.Submission, string, error) {
	if b.Reviews == nil {
		return sub, "update.outdated", nil
	}
	old, err := b.Submissions.Get(ctx, sub.ID)
	if err != nil {
		return sub, "", err
	}
	if who, err := b.people.get(ctx, sub.Person); err != nil {
		return sub, "", err
	} else if who.Scope["district"] != "" && sub.District != old.District {
		return sub, "refused.read_only", nil // an officer's district is not theirs to change
	}
	stored, _, err := b.Reviews.Revise(ctx, sub, int(v.Base), v.Nonce, v.Changed)
	if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrUsed) || errors.Is(err, storage.ErrNotFound) {
		return stored, "update.outdated", nil
	}
	if err != nil {
		return stored, "", err
	}
	_, err = b.Reviews.AddStep(ctx, storage.Step{
		Submission: stored.ID, State: storage.Corrected, By: sub.Person, Token: "correction " + stored.ID + " " + v.Nonce, At: v.Changed,
	})
	return stored, "", err
}

// reasonAnswer withdraws a report for the reason that was asked for.
func (t *turn) reasonAnswer(id, text string) error {
	s, ok, err := t.readable(id)
	if err != nil {
		return err
	}
	if !ok || s.Person != t.s.Person {
		t.say("tap.gone", nil)
		return nil
	}
	if err := t.b.Submissions.Withdraw(t.ctx, id, short(text), t.now); err != nil {
		return fmt.Errorf("withdraw submission: %w", err)
	}
	t.say("withdraw.done", nil)
	return nil
}
