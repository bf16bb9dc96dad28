package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// entry opens what a start payload names: a signed link, or the keyword of a form.
func (t *turn) entry(payload string) error {
	id, signed, ok := t.b.Keys.LinkID(payload)
	if !signed {
		f, err := t.formByKeyword(strings.ToLower(payload))
		if err != nil {
			return err
		}
		if f == nil {
			t.say("form.unknown", nil)
			return nil
		}
		return t.begin(f, nil)
	}
	if !ok {
		t.say("invite.altered", nil)
		return nil
	}
	link, err := t.b.People.Link(t.ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		t.say("invite.altered", nil)
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up link: %w", err)
	}
	if link.Role != "" {
		return t.accept(link)
	}
	if taken, err := t.chooseForGroup(&link); taken || err != nil {
		return err
	}
	return t.enter(link)
}

// enter begins the form of a link.
func (t *turn) enter(link storage.Link) error {
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return v.FormID == link.FormID })
	if err != nil {
		return err
	}
	if f == nil {
		t.say("form.unknown", nil)
		return nil
	}
	expired := !link.Expires.IsZero() && !t.now.Before(link.Expires)
	if link.Uses > 0 || expired { // a poster's link costs the store nothing
		by := t.s.Person
		if f.Settings.Anonymous {
			by = t.b.Keys.id("link", link.ID, by) // who used it stays unknown
		}
		link, err = t.b.People.Redeem(t.ctx, link.ID, by, t.now)
		if errors.Is(err, storage.ErrUsed) {
			t.say("form.closed", locales.Args{"Title": t.title(f)})
			return nil
		}
		if err != nil {
			return fmt.Errorf("redeem link: %w", err)
		}
	}
	return t.begin(f, &link)
}

// accept ties a person to the role and scope of an invitation.
func (t *turn) accept(link storage.Link) error {
	who, err := t.b.People.Person(t.ctx, t.s.Person)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("look up person: %w", err)
	}
	known := err == nil
	switch {
	case known && who.Suspended:
		t.say("invite.suspended", nil)
		return nil
	case known && who.Role != "" && who.Role != storage.Citizen:
		if who.Role != link.Role || !maps.Equal(who.Scope, link.Scope) {
			t.say("invite.already", locales.Args{"Role": t.text("role."+string(who.Role), nil)})
			return nil
		}
	}
	if _, err := t.b.People.Redeem(t.ctx, link.ID, t.s.Person, t.now); err != nil {
		if !errors.Is(err, storage.ErrUsed) {
			return fmt.Errorf("redeem invitation: %w", err)
		}
		if !link.Expires.IsZero() && !t.now.Before(link.Expires) {
			t.say("invite.expired", nil)
		} else {
			t.say("invite.used", nil)
		}
		return nil
	}
	who.ID, who.Role, who.Scope = t.s.Person, link.Role, link.Scope
	who.Contact = t.b.Keys.sealChat(who.ID, t.chat)
	who.Language = t.lang
	profile(&who, &link)
	if who.Since.IsZero() {
		who.Since = t.now
	}
	if err := t.savePerson(who, "accepted an invitation as "+string(link.Role)); err != nil {
		return err
	}
	if err := t.succeed(&link); err != nil {
		return err
	}
	return t.welcome(who)
}

// savePerson stores a change that the person made of their own record.
func (t *turn) savePerson(p storage.Person, what string) error {
	p, err := t.b.People.Save(t.ctx, p, p.ID, what)
	if err != nil {
		return fmt.Errorf("save person: %w", err)
	}
	t.b.people.put(p)
	t.person, t.s.Epoch = &p, p.Epoch
	return nil
}

// subscribe lets the bot write unasked again to a colleague who had stopped it.
func (t *turn) subscribe() error {
	who, err := t.who()
	if err != nil || who.Role == storage.Citizen || len(who.Contact) > 0 {
		return err
	}
	who.Contact = t.b.Keys.sealChat(who.ID, t.chat)
	if err := t.savePerson(who, "sent /start"); err != nil {
		return err
	}
	t.say("stop.off", nil)
	return nil
}

// welcome tells a new colleague what they may do, and asks for a name.
func (t *turn) welcome(who storage.Person) error {
	lines := []string{t.html("invite.accepted", locales.Args{"Role": t.text("role."+string(who.Role), nil)})}
	scope, err := t.scopeNames(who.Scope)
	if err != nil {
		return err
	}
	if scope != "" {
		lines = append(lines, t.html("invite.scope", locales.Args{"Scope": scope}))
	}
	lines = append(lines, t.html("invite.may."+string(who.Role), nil))
	if ask := t.askProfile(&who); ask != "" {
		lines = append(lines, ask)
	}
	t.show(render.Screen{Text: strings.Join(lines, "\n")})
	return nil
}

// scopeNames writes a scope with the labels that the forms have for its codes.
func (t *turn) scopeNames(scope map[string]string) (string, error) {
	if len(scope) == 0 {
		return "", nil
	}
	forms, err := t.b.forms.all(t.ctx)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, key := range []string{"province", "district", "organisation", "service"} {
		value := scope[key]
		if value == "" {
			continue
		}
		for _, f := range forms {
			if l := listOf(f, roleQuestion(f, key)); l != nil && l.Find(value) >= 0 {
				lang, _ := f.Language(t.lang)
				value = render.Plain(l.Choices[l.Find(value)].Label.In(lang))
				break
			}
		}
		if key == "province" && value == scope[key] { // no form has a list of provinces
			if p, ok := places.New(forms).Get(value); ok {
				value = p.Label(t.lang)
			}
		}
		parts = append(parts, t.text("scope."+key, locales.Args{"Name": value}))
	}
	return strings.Join(parts, ", "), nil
}

// takeName keeps the name that a new colleague was asked for.
func (t *turn) takeName(text string) error {
	who, err := t.who()
	if err != nil {
		return err
	}
	if who.Role == storage.Citizen {
		return nil
	}
	who.Name = short(strings.Join(strings.Fields(text), " "))
	if err := t.savePerson(who, "gave a name"); err != nil {
		return err
	}
	if ask := t.askProfile(&who); ask != "" {
		t.show(render.Screen{Text: ask})
		return nil
	}
	t.say("invite.thanks", locales.Args{"Name": who.Name})
	return nil
}

// unsubscribe takes the contact out of a person's record, so that nothing is
// sent unasked. Citizens have none.
func (b *Bot) unsubscribe(ctx context.Context, person, why string) error {
	who, err := b.People.Person(ctx, person)
	if errors.Is(err, storage.ErrNotFound) || err == nil && len(who.Contact) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up person: %w", err)
	}
	who.Contact = nil
	if who, err = b.People.Save(ctx, who, person, why); err != nil {
		return fmt.Errorf("save person: %w", err)
	}
	b.people.put(who)
	return nil
}
