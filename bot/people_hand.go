package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// handVerb asks who takes over from a person, and then hands over: to "-" by an
// invitation, or to a colleague.
func (t *turn) handVerb(p *storage.Person, to string) error {
	name := cmp.Or(p.Name, t.text("people.unnamed", nil))
	scope, err := t.scopeNames(p.Scope)
	if err != nil {
		return err
	}
	scope = cmp.Or(scope, t.text("scope.all", nil))
	switch to {
	case "":
		rows, err := t.successors(p)
		if err != nil {
			return err
		}
		t.say("people.hand_to", locales.Args{"Name": name, "Scope": scope}, rows...)
		return nil
	case "-":
		return t.makeInvitation(Invitation{Role: p.Role, Scope: p.Scope, Successor: p.ID})
	}
	next, ok, err := t.somebody(to)
	if err != nil {
		return err
	}
	if !ok || next.ID == p.ID {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	t.say("people.handing", locales.Args{"Name": name})
	return t.do(methodHandOver, handOver{From: p.ID, To: next.ID})
}

// maxSuccessors is how many colleagues are offered as successors.
const maxSuccessors = 20

// successors are colleagues in the same role, those without a place first.
func (t *turn) successors(p *storage.Person) ([][]render.Button, error) {
	all, err := t.b.People.List(t.ctx)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	all = slices.DeleteFunc(all, func(q storage.Person) bool {
		return q.ID == p.ID || q.Suspended || q.Role != p.Role
	})
	slices.SortStableFunc(all, func(a, b storage.Person) int {
		return cmp.Compare(len(a.Scope), len(b.Scope))
	})
	rows := [][]render.Button{{t.button("people.hand_invite", "ppl", shortID(p.ID)+":h:-")}}
	for _, q := range all[:min(len(all), maxSuccessors)] {
		label, err := t.personLine(&q)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []render.Button{{Text: label, Data: verbData("ppl", shortID(p.ID)+":h:"+shortID(q.ID))}})
	}
	return rows, nil
}

const methodHandOver = "/handover"

// A handOver gives what one person was responsible for to another.
type handOver struct {
	From string `json:"from"`
	To   string `json:"to"`
	Link string `json:"link,omitempty"` // of the invitation that says so; "" if By may
}

// runHandOver moves place, drafts and due reports. Each step does no harm if it
// is done again, so a crash in between is mended by doing it all again.
func (b *Bot) runHandOver(ctx context.Context, person string, _ int64, payload []byte) error {
	var h handOver
	if err := json.Unmarshal(payload, &h); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	by, err := b.mayHandOver(ctx, person, h)
	if err != nil || by == "" {
		return err
	}
	from, err := b.People.Person(ctx, h.From)
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	to, err := b.People.Person(ctx, h.To)
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	scope := from.Scope
	if len(scope) > 0 {
		to.Scope = scope
		if to, err = b.People.Save(ctx, to, by, "took over "+scopeText(scope)+" from "+from.ID); err != nil {
			return fmt.Errorf("hand over: %w", err)
		}
		b.people.put(to)
	}
	if err := b.moveDrafts(ctx, h.From, h.To); err != nil {
		return err
	}
	if from.Suspended && len(from.Scope) == 0 {
		return nil // done before
	}
	from.Scope, from.Suspended = nil, true
	if from, err = b.People.Save(ctx, from, by, "handed over "+scopeText(scope)+" to "+to.ID); err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	b.people.put(from)
	return b.tellHandedOver(ctx, &from, &to, scope, by)
}

// mayHandOver returns who decided on a handover; "" if nobody who may.
func (b *Bot) mayHandOver(ctx context.Context, person string, h handOver) (by string, err error) {
	if h.Link == "" {
		may, err := b.stillMay(ctx, person, "button", "ppl")
		if err != nil || !may {
			return "", err
		}
		return person, nil
	}
	link, err := b.People.Link(ctx, h.Link)
	if errors.Is(err, storage.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("hand over: %w", err)
	}
	if link.Prefill[linkSuccessor] != h.From || person != h.To {
		return "", nil
	}
	return link.By, nil
}

func (b *Bot) tellHandedOver(ctx context.Context, from, to *storage.Person, scope map[string]string, by string) error {
	say := func(key string) func(t *turn) error {
		return func(t *turn) error {
			names, err := t.scopeNames(scope)
			t.say(key, locales.Args{
				"Name": cmp.Or(from.Name, t.text("people.unnamed", nil)), "To": cmp.Or(to.Name, t.text("people.unnamed", nil)),
				"Scope": cmp.Or(names, t.text("scope.all", nil)),
			})
			return err
		}
	}
	err := errors.Join(b.speak(ctx, to.ID, say("people.took_over")), b.speak(ctx, from.ID, say("people.handed_away")))
	if by != to.ID && by != from.ID {
		err = errors.Join(err, b.speak(ctx, by, say("people.handed")))
	}
	return err
}

// moveDrafts gives the unfinished interviews of forms for officers to another
// person. They are put there before they are taken here: one that is in both
// places has one submission all the same.
func (b *Bot) moveDrafts(ctx context.Context, from, to string) error {
	var drafts []storage.Interview
	mine, err := b.Sessions.Load(ctx, from)
	if err != nil {
		return fmt.Errorf("hand over drafts: %w", err)
	}
	for _, v := range mine.Open {
		f, err := b.forms.version(ctx, v.FormID, v.Hash)
		audience := ""
		if u := unreadIn(err); u != nil {
			audience = u.Version.Audience
		} else if err != nil {
			return err
		} else {
			audience = f.Settings.Audience
		}
		if v.State != storage.Finishing && !mayFill(audience, storage.Citizen) {
			drafts = append(drafts, v)
		}
	}
	if len(drafts) == 0 {
		return nil
	}
	has := func(list []storage.Interview, nonce string) bool {
		return slices.ContainsFunc(list, func(v storage.Interview) bool { return v.Nonce == nonce })
	}
	if err := b.quietly(ctx, to, func(s *storage.Session) {
		for _, v := range drafts {
			if !has(s.Open, v.Nonce) {
				v.Message = 0
				s.Open = append(s.Open, v)
			}
		}
	}); err != nil {
		return err
	}
	return b.quietly(ctx, from, func(s *storage.Session) {
		s.Open = slices.DeleteFunc(s.Open, func(v storage.Interview) bool { return has(drafts, v.Nonce) })
	})
}

// quietly changes a session without a word.
func (b *Bot) quietly(ctx context.Context, person string, change func(s *storage.Session)) error {
	l := b.hold(person, 0)
	defer b.release(l)
	l.turn.Lock()
	defer l.turn.Unlock()
	return b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
		change(s)
		return nil, nil
	})
}

// linkSuccessor and the others are what an invitation may know beside role and
// scope; they are kept as its prefill.
const (
	linkName         = "name"
	linkOrganisation = "organisation"
	linkSuccessor    = "successor_of"
)

// profile fills in what an invitation knows of the person who accepts it.
func profile(who *storage.Person, link *storage.Link) {
	who.Name = cmp.Or(who.Name, link.Prefill[linkName])
	who.Organisation = cmp.Or(who.Organisation, link.Scope["organisation"], link.Prefill[linkOrganisation])
}

// succeed hands over to a successor who accepted the invitation.
func (t *turn) succeed(link *storage.Link) error {
	from := link.Prefill[linkSuccessor]
	if from == "" || from == t.s.Person {
		return nil
	}
	return t.do(methodHandOver, handOver{From: from, To: t.s.Person, Link: link.ID})
}

// askProfile asks for the first thing that is not known yet of a new colleague;
// "" if all is.
func (t *turn) askProfile(who *storage.Person) string {
	switch {
	case who.Name == "":
		t.s.Awaiting = "name"
		return t.html("invite.name", nil)
	case who.Organisation == "":
		t.s.Awaiting = "organisation"
		return t.html("invite.organisation", nil)
	}
	return ""
}

// organisationAnswer keeps the organisation of a new colleague.
func (t *turn) organisationAnswer(_, text string) error {
	who, err := t.who()
	if err != nil || who.Role == storage.Citizen {
		return err
	}
	who.Organisation = short(text)
	if err := t.savePerson(who, "gave an organisation"); err != nil {
		return err
	}
	t.say("invite.thanks", locales.Args{"Name": who.Name})
	return nil
}
