package bot

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// peoplePage is how many people a page of /people shows.
const peoplePage = 10

// cmdPeople lists who was invited and came; words behind it search names,
// organisations and places.
func (t *turn) cmdPeople(rest string) error { return t.listPeople(rest, 0, 0) }

func (t *turn) listPeople(search string, page, message int) error {
	all, err := t.b.People.List(t.ctx)
	if err != nil {
		return fmt.Errorf("list people: %w", err)
	}
	var rows [][]render.Button
	count := 0
	for _, p := range all {
		if p.Role == storage.Citizen || p.Role == "" {
			continue
		}
		label, err := t.personLine(&p)
		if err != nil {
			return err
		}
		if search != "" && !strings.Contains(strings.ToLower(label+" "+p.Organisation), strings.ToLower(search)) {
			continue
		}
		if count/peoplePage == page {
			rows = append(rows, []render.Button{{Text: label, Data: verbData("ppl", shortID(p.ID))}})
		}
		count++
	}
	if count == 0 {
		t.say("people.none", nil)
		return nil
	}
	var turnPage []render.Button
	if page > 0 {
		turnPage = append(turnPage, render.Button{Text: t.text("ask.prev_page", nil), Data: verbData("ppl", "p"+strconv.Itoa(page-1))})
	}
	if (page+1)*peoplePage < count && search == "" {
		turnPage = append(turnPage, render.Button{Text: t.text("ask.next_page", nil), Data: verbData("ppl", "p"+strconv.Itoa(page+1))})
	}
	if len(turnPage) > 0 {
		rows = append(rows, turnPage)
	}
	s := render.Screen{Text: t.html("people.title", locales.Args{"Count": count}), Rows: rows}
	if message != 0 {
		t.rewrite(message, s)
		return nil
	}
	t.show(s)
	return nil
}

func (t *turn) personLine(p *storage.Person) (string, error) {
	scope, err := t.scopeNames(p.Scope)
	label := t.text("people.item", locales.Args{
		"Name": cmp.Or(p.Name, t.text("people.unnamed", nil)), "Role": t.text("role."+string(p.Role), nil),
		"Scope": cmp.Or(scope, t.text("scope.all", nil)),
	})
	if p.Suspended {
		label = "⏸ " + label
	}
	return label, err
}

// shortID is enough of a pseudonym to tell a person from all others in a button.
func shortID(id string) string { return id[:min(len(id), 16)] }

// somebody finds a person by the short id; ok is false if there is none.
func (t *turn) somebody(short string) (p storage.Person, ok bool, err error) {
	all, err := t.b.People.List(t.ctx)
	if err != nil {
		return p, false, fmt.Errorf("list people: %w", err)
	}
	i := slices.IndexFunc(all, func(p storage.Person) bool { return len(short) == 16 && strings.HasPrefix(p.ID, short) })
	if i < 0 {
		return p, false, nil
	}
	return all[i], true, nil
}

// peopleVerb is a button of /people: "p2" a page, "<id>" a person, "<id>:s" what to
// do with one.
func (t *turn) peopleVerb(arg string, message int) error {
	if n, ok := strings.CutPrefix(arg, "p"); ok {
		page, err := strconv.Atoi(n)
		if err != nil || page < 0 {
			t.refuseTap("tap.gone", nil)
			return nil
		}
		return t.listPeople("", page, message)
	}
	short, act, _ := strings.Cut(arg, ":")
	p, ok, err := t.somebody(short)
	if err != nil {
		return err
	}
	if !ok {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if act == "" {
		return t.personCard(&p)
	}
	t.rekey(message, render.Screen{})
	if p.ID == t.s.Person {
		t.say("people.not_self", nil)
		return nil
	}
	act, to, _ := strings.Cut(act, ":")
	switch act {
	case "s", "r":
		return t.suspend(&p, act == "s")
	case "c":
		t.s.Awaiting = "scope " + short
		t.say("invite.where", nil, []render.Button{t.button("invite.whole", "ppl", short+":w:-")})
		return nil
	case "w":
		place, ok, err := t.readPlace(to)
		if err != nil || !ok {
			return err
		}
		t.s.Awaiting = ""
		return t.changeScope(&p, scopeOf(place, p.Scope))
	case "h":
		return t.handVerb(&p, to)
	}
	t.refuseTap("tap.gone", nil)
	return nil
}

func (t *turn) personCard(p *storage.Person) error {
	scope, err := t.scopeNames(p.Scope)
	if err != nil {
		return err
	}
	text := t.html("people.card", locales.Args{
		"Name": cmp.Or(p.Name, t.text("people.unnamed", nil)), "Organisation": cmp.Or(p.Organisation, "–"),
		"Role": t.text("role."+string(p.Role), nil), "Scope": cmp.Or(scope, t.text("scope.all", nil)),
		"Date": t.b.Words.Date(t.lang, p.Since.In(t.b.Zone)),
	})
	short := shortID(p.ID)
	rows := [][]render.Button{{t.button("people.scope", "ppl", short+":c"), t.button("people.hand", "ppl", short+":h")}}
	if p.Suspended {
		text += "\n" + t.html("people.is_suspended", nil)
		rows = append(rows, []render.Button{t.button("people.restore", "ppl", short+":r")})
	} else {
		b := t.button("people.suspend", "ppl", short+":s")
		b.Style = "danger"
		rows = append(rows, []render.Button{b})
	}
	t.show(render.Screen{Text: text, Rows: rows})
	return nil
}

// amend stores a change of another person's record, in the audit log under the
// name of who made it.
func (t *turn) amend(p *storage.Person, what string) error {
	saved, err := t.b.People.Save(t.ctx, *p, t.s.Person, what)
	if err != nil {
		return fmt.Errorf("save person: %w", err)
	}
	t.b.people.put(saved)
	*p = saved
	return nil
}

func (t *turn) suspend(p *storage.Person, stop bool) error {
	what, key := "restored", "people.restored"
	if stop {
		what, key = "suspended", "people.suspended"
	}
	p.Suspended = stop
	if err := t.amend(p, what); err != nil {
		return err
	}
	t.say(key, locales.Args{"Name": cmp.Or(p.Name, t.text("people.unnamed", nil)), "Role": t.text("role."+string(p.Role), nil)})
	return nil
}

// scopeAnswer is the place that "Change place" asked for.
func (t *turn) scopeAnswer(short, text string) error {
	p, ok, err := t.somebody(short)
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("change scope: the person is gone")
	}
	place, ok, err := t.findPlace(text, "ppl", short+":w")
	if err != nil {
		return err
	}
	if !ok {
		t.s.Awaiting = "scope " + short
		return nil
	}
	return t.changeScope(&p, scopeOf(place, p.Scope))
}

func (t *turn) changeScope(p *storage.Person, scope map[string]string) error {
	old := scopeText(p.Scope)
	p.Scope = scope
	if err := t.amend(p, "changed the scope from "+old+" to "+scopeText(scope)); err != nil {
		return err
	}
	names, err := t.scopeNames(scope)
	if err != nil {
		return err
	}
	t.say("people.scope_changed", locales.Args{
		"Name": cmp.Or(p.Name, t.text("people.unnamed", nil)), "Scope": cmp.Or(names, t.text("scope.all", nil)),
	})
	return nil
}

// scopeText writes a scope for the audit log.
func scopeText(scope map[string]string) string {
	var parts []string
	for _, k := range []string{"province", "district", "organisation", "service"} {
		if scope[k] != "" {
			parts = append(parts, k+"="+scope[k])
		}
	}
	return cmp.Or(strings.Join(parts, " "), "everything")
}
