package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// maxSubscriptions is how many one person may have.
const maxSubscriptions = 20

// subscriptions are those of a person, with their schedules.
func (b *Bot) subscriptions(ctx context.Context, person string) ([]storage.Schedule, []subscription, error) {
	if b.Schedules == nil {
		return nil, nil, nil
	}
	all, err := b.Schedules.Due(ctx, b.now().AddDate(200, 0, 0))
	if err != nil {
		return nil, nil, fmt.Errorf("list subscriptions: %w", err)
	}
	var rows []storage.Schedule
	var out []subscription
	for _, row := range all {
		if s, ok := parseSubscription(row.Spec); ok && subscriber(row.ID) == person {
			rows, out = append(rows, row), append(out, s)
		}
	}
	return rows, out, nil
}

// cmdSubscribe lists what digests the person gets, and offers to stop each and
// to take another.
func (t *turn) cmdSubscribe(string) error {
	if t.b.Schedules == nil {
		t.say("tap.gone", nil)
		return nil
	}
	s, err := t.subscriptionList()
	if err != nil {
		return err
	}
	t.show(s)
	return nil
}

func (t *turn) subscriptionList() (render.Screen, error) {
	who, err := t.who()
	if err != nil {
		return render.Screen{}, err
	}
	rows, list, err := t.b.subscriptions(t.ctx, t.s.Person)
	if err != nil {
		return render.Screen{}, err
	}
	if own := subscriptionPrefix + t.s.Person; !slices.ContainsFunc(rows, func(r storage.Schedule) bool { return r.ID == own }) {
		rows, list = slices.Insert(rows, 0, storage.Schedule{ID: own}), slices.Insert(list, 0, mondays())
	}
	text := t.html("subscribe.list", nil)
	var buttons [][]render.Button
	n := 0
	for i, s := range list {
		if s.Every == "off" {
			continue
		}
		n++
		s.Place, _ = confine(who, s.Place)
		line, err := t.subscriptionLine(s)
		if err != nil {
			return render.Screen{}, err
		}
		text += "\n" + strconv.Itoa(n) + ". " + render.Escape(line)
		_, key, _ := strings.Cut(strings.TrimPrefix(rows[i].ID, subscriptionPrefix), "/")
		buttons = append(buttons, []render.Button{{Text: t.text("subscribe.stop", locales.Args{"Number": n}), Data: verbData("often", "x:"+key)}})
	}
	if n == 0 {
		text = t.html("subscribe.none", nil)
	}
	if n < maxSubscriptions {
		buttons = append(buttons, []render.Button{t.button("subscribe.new", "often", "new")})
	}
	return render.Screen{Text: text, Rows: buttons}, nil
}

// subscriptionLine says in words what comes when.
func (t *turn) subscriptionLine(s subscription) (string, error) {
	src, err := t.b.Source(t.ctx)
	if err != nil {
		return "", err
	}
	parts := []string{digest.PlaceName(src, t.lang, s.Place)}
	if s.Form != "" {
		for _, f := range src.Forms {
			if f.ID == s.Form {
				parts = append(parts, t.title(f))
			}
		}
	}
	parts = append(parts, t.often(s), fmt.Sprintf("%02d:00", s.Hour))
	if s.Lang != "" {
		parts = append(parts, t.b.Words.Text(s.Lang, "language.name", nil))
	}
	if s.Title != "" {
		parts = append(parts, t.text("subscribe.in_group", locales.Args{"Name": s.Title}))
	}
	return strings.Join(parts, " · "), nil
}

func (t *turn) often(s subscription) string {
	if s.Every == "week" {
		return t.text("subscribe.week", locales.Args{"Day": t.b.Words.Weekday(t.lang, s.Day)})
	}
	return t.text("subscribe."+s.Every, nil)
}

// subscribeGroup begins a subscription of a group, which is chosen in private:
// a group is asked nothing. It reports whether the person may.
func (t *turn) subscribeGroup(m *models.Message) (taken bool, err error) {
	if m.From == nil || t.b.Schedules == nil {
		return false, nil
	}
	person := t.b.Keys.Person(m.From.ID)
	who, err := t.b.people.get(t.ctx, person)
	if err != nil || who.Suspended || !mayUse("command", "subscribe", who.Role) {
		return false, err
	}
	l := storage.Link{ID: t.b.Keys.id("group", person, strconv.FormatInt(m.Chat.ID, 10), strconv.Itoa(m.ID))[:16],
		By: person, Made: t.now, Expires: t.now.Add(time.Hour), Uses: 1, Prefill: map[string]string{
			"group": sealGroup(t.b.Keys, person, m.Chat.ID), "topic": strconv.Itoa(t.topic), "title": short(m.Chat.Title)}}
	if _, err := t.b.People.Link(t.ctx, l.ID); errors.Is(err, storage.ErrNotFound) {
		if err := t.b.People.AddLink(t.ctx, l); err != nil {
			return false, fmt.Errorf("keep group: %w", err)
		}
	}
	url := StartURL(t.b.Username, t.b.Keys.Payload(l.ID))
	t.show(render.Screen{Text: t.html("subscribe.group", nil),
		Rows: [][]render.Button{{{Text: t.text("subscribe.choose", nil), URL: url}}}})
	return true, nil
}

// chooseForGroup is what the link of subscribeGroup leads to. taken is false if
// the link is another.
func (t *turn) chooseForGroup(l *storage.Link) (taken bool, err error) {
	if l.Prefill["group"] == "" {
		return false, nil
	}
	if may, err := t.may("command", "subscribe"); err != nil || !may || l.By != t.s.Person || t.now.After(l.Expires) {
		t.say("tap.gone", nil)
		return true, err
	}
	topic, _ := strconv.Atoi(l.Prefill["topic"])
	s := mondays()
	s.Chat, s.Topic, s.Title, s.Lang = l.Prefill["group"], topic, l.Prefill["title"], t.lang
	return true, t.subscriptionCard(s, 0)
}

// oftenVerb does what the buttons of /subscribe say. What was chosen so far is in
// the session; a button says only what it changes.
func (t *turn) oftenVerb(arg string, message int) error {
	if t.b.Schedules == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	what, value, _ := strings.Cut(arg, ":")
	switch what {
	case "new":
		s := mondays()
		s.Every = "day"
		return t.subscriptionCard(s, message)
	case "x":
		return t.unsubscribeFrom(value, message)
	}
	k := t.kept()
	if k.Subscription == nil {
		t.refuseTap("tap.gone", nil)
		t.rekey(message, render.Screen{})
		return nil
	}
	s := *k.Subscription
	switch what {
	case "yes":
		return t.storeSubscription(s, message)
	case "ask":
		return t.subscriptionChoices(s, value, message)
	}
	if !t.chosen(&s, what, value) {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	return t.subscriptionCard(s, message)
}

// chosen changes a subscription by what a button says.
func (t *turn) chosen(s *subscription, what, value string) bool {
	n, err := strconv.Atoi(value)
	switch what {
	case "every":
		if !slices.Contains([]string{"day", "week", "month"}, value) {
			return false
		}
		s.Every = value
	case "hour":
		s.Hour = n
		return err == nil && n >= 0 && n < 24
	case "day":
		s.Day = time.Weekday(n)
		return err == nil && n >= 0 && n < 7
	case "lang":
		s.Lang = value
		return t.b.Words.Has(value)
	case "form":
		s.Form = ""
		f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == value })
		if err == nil && f != nil {
			s.Form = f.ID
		}
	case "place":
		part := strings.Split(value+"||", "|")
		s.Place.Province, s.Place.District = part[0], part[1]
	case "service":
		s.Place.Service = value
	default:
		return false
	}
	return true
}

// subscriptionCard shows what was chosen so far, with a button to change each.
func (t *turn) subscriptionCard(s subscription, message int) error {
	who, err := t.who()
	if err != nil {
		return err
	}
	s.Place, _ = confine(who, s.Place)
	k := t.kept()
	k.Subscription = &s
	t.keepThat(k)
	line, err := t.subscriptionLine(s)
	if err != nil {
		return err
	}
	ask := func(key string) render.Button { return t.button("subscribe.ask_"+key, "often", "ask:"+key) }
	rows := [][]render.Button{{ask("place"), ask("service")}, {ask("every"), ask("hour")}, {ask("form"), ask("lang")}}
	if s.Every == "week" {
		rows = append(rows, []render.Button{ask("day")})
	}
	rows = append(rows, []render.Button{{Text: t.text("subscribe.yes", nil), Data: verbData("often", "yes"), Style: "success"}})
	screen := render.Screen{Text: t.html("subscribe.card", locales.Args{"What": line}), Rows: rows}
	if message != 0 {
		t.rewrite(message, screen)
		return nil
	}
	t.show(screen)
	return nil
}

// subscriptionChoices shows what one thing may be.
func (t *turn) subscriptionChoices(s subscription, what string, message int) error {
	screen := render.Screen{Text: t.html("subscribe.pick_"+what, nil)}
	width := 1
	add := func(text, key, value string) {
		data := verbData("often", key+":"+value)
		if len(data) > render.MaxCallback {
			return
		}
		b := render.Button{Text: text, Data: data}
		if n := len(screen.Rows); n > 0 && len(screen.Rows[n-1]) < width {
			screen.Rows[n-1] = append(screen.Rows[n-1], b)
			return
		}
		screen.Rows = append(screen.Rows, []render.Button{b})
	}
	forms, err := t.b.forms.all(t.ctx)
	if err != nil {
		return err
	}
	switch what {
	case "every":
		for _, e := range []string{"day", "week", "month"} {
			add(t.text("subscribe.every_"+e, nil), "every", e)
		}
	case "hour":
		width = 4
		for h := 5; h <= 20; h++ {
			add(fmt.Sprintf("%02d:00", h), "hour", strconv.Itoa(h))
		}
	case "day":
		width = 2
		for i := range 7 {
			d := time.Weekday((i + 1) % 7)
			add(t.b.Words.Weekday(t.lang, d), "day", strconv.Itoa(int(d)))
		}
	case "lang":
		for _, l := range t.b.Words.Languages() {
			add(t.b.Words.Text(l, "language.name", nil), "lang", l)
		}
	case "form":
		add(t.text("subscribe.all_forms", nil), "form", "")
		for _, f := range forms {
			add(t.title(f), "form", formKey(f.ID))
		}
	case "service":
		add(t.text("subscribe.all_services", nil), "service", "")
		for _, c := range t.scopeChoices(forms, "service", "") {
			add(c[1], "service", c[0])
		}
	case "place":
		width = 2
		add(t.text("digest.nation", nil), "place", "")
		if s.Place.Province == "" {
			for _, c := range t.scopeChoices(forms, "province", "") {
				add(c[1], "place", c[0])
			}
			break
		}
		for _, c := range t.scopeChoices(forms, "district", s.Place.Province) {
			add(c[1], "place", s.Place.Province+"|"+c[0])
		}
	default:
		t.refuseTap("tap.gone", nil)
		return nil
	}
	t.rewrite(message, screen)
	return nil
}

// scopeChoices are the codes and labels of what a scope can be, of the first form
// that knows any; districts only of a province.
func (t *turn) scopeChoices(forms []*flows.Form, key, province string) (out [][2]string) {
	for _, f := range forms {
		list := listOf(f, roleQuestion(f, key))
		if list == nil {
			continue
		}
		lang, _ := f.Language(t.lang)
		for _, c := range list.Choices {
			if province == "" || provinceOf(f, c.Name) == province {
				out = append(out, [2]string{c.Name, render.Plain(c.Label.In(lang))})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// storeSubscription keeps what was chosen, and tells a group what it will get.
func (t *turn) storeSubscription(s subscription, message int) error {
	who, err := t.who()
	if err != nil {
		return err
	}
	s.Place, _ = confine(who, s.Place)
	group, err := s.group(t.b.Keys, t.s.Person)
	if err != nil {
		return err
	}
	widest, _ := confine(who, tally.Place{})
	next := s.next(t.now)
	err = t.b.Schedules.Ensure(t.ctx, storage.Schedule{ID: s.id(t.b.Keys, t.s.Person, group, widest), Kind: subscriptionKind,
		Spec: s.String(), Zone: t.b.Zone.String(), Next: next})
	if err != nil {
		return err
	}
	k := t.kept()
	k.Subscription = nil
	t.keepThat(k)
	t.rekey(message, render.Screen{})
	line, err := t.subscriptionLine(s)
	if err != nil {
		return err
	}
	t.say("subscribe.done", locales.Args{"When": line, "Date": t.b.Words.DateTime(t.lang, next)})
	if group != 0 {
		return t.do(methodGroupTold, groupTold{Spec: s.String(), Line: line})
	}
	return nil
}

// unsubscribeFrom ends a subscription of the person's.
func (t *turn) unsubscribeFrom(key string, message int) error {
	id := subscriptionPrefix + t.s.Person
	if key != "" {
		id += "/" + key
	}
	off := subscription{Every: "off", Hour: digestHour}
	err := t.b.Schedules.Ensure(t.ctx, storage.Schedule{ID: id, Kind: subscriptionKind, Spec: off.String(), Zone: t.b.Zone.String(), Next: off.next(t.now)})
	if err != nil {
		return err
	}
	s, err := t.subscriptionList()
	if err != nil {
		return err
	}
	t.rewrite(message, s)
	t.refuseTap("subscribe.stopped", nil)
	return nil
}

// methodGroupTold tells a group that it gets digests from now on.
const methodGroupTold = "/group"

type groupTold struct {
	Spec string `json:"spec"`
	Line string `json:"line"`
}

func (b *Bot) tellGroup(ctx context.Context, person string, _ int64, payload []byte) error {
	var p groupTold
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	s, ok := parseSubscription(p.Spec)
	group, err := s.group(b.Keys, person)
	if err != nil || !ok {
		return fmt.Errorf("%w: no group", errJob)
	}
	who, err := b.people.get(ctx, person)
	if err != nil {
		return err
	}
	screen := render.Screen{Text: b.Words.HTML(s.lang(who.Language), "subscribe.group_done", locales.Args{"What": p.Line}), Topic: s.Topic, Silent: true}
	return b.sendScreen(ctx, group, &screen)
}
