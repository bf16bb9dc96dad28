package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// alertSchedule is under what alerts are claimed, so that each goes out once.
const alertSchedule = "alert"

// alertGroup is how many of an alert about citizens' answers come together.
const alertGroup = 5

// alert tells of what a new submission raises. Those of citizens' forms that are
// not urgent come five together, of one district; what is left of a day comes on
// the next. An alert that is cut off by a crash is told in the digest alone.
func (b *Bot) alert(ctx context.Context, s *storage.Submission) error {
	if b.book == nil || b.Schedules == nil {
		return nil
	}
	p, err := b.book.Plan(ctx, s.FormID)
	if err != nil {
		return err
	}
	raised, messages, err := p.Alerts(&s.Submission)
	if err != nil || len(raised) == 0 {
		return err
	}
	day := tally.DayOf(s.Received, b.Zone)
	for i, a := range raised {
		if grouped(p.Form, a) {
			err = b.groupOf(ctx, p, a, s, day)
		} else {
			err = b.tellAlert(ctx, p.Form, a, func() ([]string, error) { return messages[i], nil }, s, 1, s.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// groupOf tells of the last groups of a day that are full. Each is told once,
// whoever finds it: of several answers at one moment none sees the very fifth.
func (b *Bot) groupOf(ctx context.Context, p *tally.Plan, a *flows.Alert, s *storage.Submission, day tally.Day) error {
	r, err := b.book.Read(ctx, s.FormID, day, day+1)
	if err != nil {
		return err
	}
	full := r.Sum(tally.Place{District: s.District}).Alert(p, a.Name) / alertGroup
	for g := max(full-1, 1); g <= full; g++ {
		key := fmt.Sprint(day, s.District, g*alertGroup)
		say := func() ([]string, error) {
			last, err := b.lastAlerts(ctx, p, a, day, s.District)
			return agreed(p.Form, a, last[s.District]), err
		}
		if err := b.tellAlert(ctx, p.Form, a, say, s, alertGroup, key); err != nil {
			return err
		}
	}
	return nil
}

// lastAlerts are what the last submissions of a day that raised an alert say, by
// district, the newest last: as many as a group has, and all of anonymous forms,
// of which nobody knows what came last.
func (b *Bot) lastAlerts(ctx context.Context, p *tally.Plan, a *flows.Alert, day tally.Day, district string) (map[string][]alertText, error) {
	out := map[string][]alertText{}
	filter := storage.Filter{FormID: p.Form.ID, From: day.Start(b.Zone), To: (day + 1).Start(b.Zone), District: district}
	for s, err := range b.Submissions.Each(ctx, filter) {
		if err != nil {
			return nil, fmt.Errorf("read submissions: %w", err)
		}
		raised, messages, err := p.Alerts(&s.Submission)
		if err != nil {
			continue // it counts nothing
		}
		for i, x := range raised {
			if x.Name == a.Name {
				list := append(out[s.District], alertText{s, messages[i]})
				if !p.Form.Settings.Anonymous {
					list = list[max(0, len(list)-alertGroup):]
				}
				out[s.District] = list
			}
		}
	}
	return out, nil
}

// An alertText is what an alert says of a submission, by the form's languages.
type alertText struct {
	of    *storage.Submission
	texts []string
}

// agreed is what an alert says of several submissions: what they have in common,
// else what it is called, without answers of one of them.
func agreed(f *flows.Form, a *flows.Alert, list []alertText) []string {
	out := make([]string, len(f.Languages))
	for lang := range out {
		for i, x := range list {
			if i == 0 {
				out[lang] = x.texts[lang]
			} else if x.texts[lang] != out[lang] {
				out[lang] = ""
			}
			if out[lang] == "" {
				break
			}
		}
		if out[lang] == "" {
			out[lang] = digest.AlertLabel(a, lang)
		}
	}
	return out
}

// grouped reports whether alerts of a kind come together, so that nobody knows
// whose answer it was.
func grouped(f *flows.Form, a *flows.Alert) bool {
	citizens := f.Settings.Audience == "" || f.Settings.Audience == "citizen" || f.Settings.Anonymous
	return citizens && !a.Urgent
}

// restOfAlerts tells of the alerts of yesterday that did not fill a group.
func (b *Bot) restOfAlerts(ctx context.Context) error {
	if b.book == nil || b.Schedules == nil {
		return nil
	}
	today := tally.DayOf(b.now(), b.Zone)
	b.mu.Lock()
	done := b.alertsTo == today
	b.mu.Unlock()
	if done {
		return nil
	}
	forms, err := b.forms.all(ctx)
	if err != nil {
		return err
	}
	for _, f := range forms {
		for i := range f.Programme.Alerts {
			if a := &f.Programme.Alerts[i]; grouped(f, a) {
				if err := b.restOf(ctx, f, a, today-1); err != nil {
					return err
				}
			}
		}
	}
	b.mu.Lock()
	b.alertsTo = today
	b.mu.Unlock()
	return nil
}

func (b *Bot) restOf(ctx context.Context, f *flows.Form, a *flows.Alert, day tally.Day) error {
	r, err := b.book.Read(ctx, f.ID, day, day+1)
	if err != nil || r.Sum(tally.Place{}).Alert(r.Plan, a.Name) == 0 {
		return err
	}
	last, err := b.lastAlerts(ctx, r.Plan, a, day, "")
	if err != nil {
		return err
	}
	for _, district := range sortedKeys(last) {
		n := int(r.Sum(tally.Place{District: district}).Alert(r.Plan, a.Name) % alertGroup)
		list := last[district]
		if n = min(n, len(list)); n == 0 {
			continue
		}
		if !f.Settings.Anonymous {
			list = list[len(list)-n:]
		}
		say := func() ([]string, error) { return agreed(f, a, list), nil }
		if err := b.tellAlert(ctx, f, a, say, list[0].of, int64(n), fmt.Sprint(day, district, "rest")); err != nil {
			return err
		}
	}
	return nil
}

// tellAlert tells everybody whom an alert is for, each once. say is asked what
// to tell if it was not told before.
func (b *Bot) tellAlert(ctx context.Context, f *flows.Form, a *flows.Alert, say func() ([]string, error), s *storage.Submission, n int64, key string) error {
	people, err := b.People.List(ctx)
	if err != nil {
		return fmt.Errorf("list people: %w", err)
	}
	dir, err := b.places(ctx)
	if err != nil {
		return err
	}
	at := tally.Place{Province: s.Province, District: s.District, Service: tally.Answer(s.Data, f.Settings.Roles.Service)}
	if place, ok := dir.Get(s.District); ok && at.Province == "" {
		at.Province = place.Province
	}
	var targets []string
	for _, p := range people {
		if !p.Suspended && len(p.Contact) > 0 && alerted(a.To, p, f, at) {
			targets = append(targets, p.ID)
		}
	}
	if len(targets) == 0 {
		return nil
	}
	period := b.Keys.id("alert", f.ID, a.Name, key)[:24]
	claimed, err := b.Schedules.Claim(ctx, storage.Schedule{ID: alertSchedule}, period, b.now(), targets)
	if err != nil || len(claimed) == 0 {
		return err
	}
	texts, err := say()
	if err != nil {
		return err
	}
	for _, person := range claimed {
		outcome := "sent"
		may, last, err := b.mayAlert(ctx, person, f, a)
		if err != nil {
			return err
		}
		if !may {
			outcome = "held"
			if err := b.Schedules.Delivered(ctx, alertSchedule, period, person, outcome, b.now()); err != nil {
				return err
			}
			continue
		}
		err = b.speak(ctx, person, func(t *turn) error {
			i, _ := f.Language(t.lang)
			text := t.html("alert.title", locales.Args{"Title": t.title(f)}) + "\n" + render.Markup(texts[i])
			if n > 1 {
				text += "\n" + t.html("alert.times", locales.Args{"Count": int(n)})
			}
			if last {
				text += "\n" + t.html("alert.last", nil)
			}
			t.show(render.Screen{Text: text, Rows: [][]render.Button{{t.button("alert.ack", "ack", period)}}})
			return nil
		})
		if err != nil {
			outcome = "failed"
			b.Log.WarnContext(ctx, "alert", "form", f.ID, "person", person, "error", err)
		}
		if err := b.Schedules.Delivered(ctx, alertSchedule, period, person, outcome, b.now()); err != nil {
			return err
		}
	}
	return nil
}

// maxAlerts is how many alerts one person gets within an hour of the clock, and
// maxSame how many of one kind. The digest counts them all.
const (
	maxAlerts = 15
	maxSame   = 5
)

// mayAlert takes one of a person's alerts of this hour. last is true if there are
// no more, of this kind or at all.
func (b *Bot) mayAlert(ctx context.Context, person string, f *flows.Form, a *flows.Alert) (may, last bool, err error) {
	same, err := b.takeAlert(ctx, person, maxSame, f.ID, a.Name)
	if err != nil || same == 0 {
		return false, false, err
	}
	all, err := b.takeAlert(ctx, person, maxAlerts)
	return all > 0, same == maxSame || all == maxAlerts, err
}

// takeAlert takes one of a number of places in this hour, and says which, from
// 1; 0 if all are taken. They are claimed in the store, so that several replicas
// together keep to the number, and a restart does not begin it anew.
func (b *Bot) takeAlert(ctx context.Context, person string, of int, kind ...string) (int, error) {
	hour := b.now().Truncate(time.Hour).Unix()
	key := b.Keys.id("alerts of an hour", append([]string{person, strconv.FormatInt(hour, 10)}, kind...)...)[:24]
	b.mu.Lock()
	if b.alertHour != hour {
		b.alertHour, b.alerted = hour, map[string]int{}
	}
	taken := b.alerted[key]
	b.mu.Unlock()
	for taken < of {
		taken++
		got, err := b.Schedules.Claim(ctx, storage.Schedule{ID: alertSchedule}, fmt.Sprint(key, ".", taken), b.now(), []string{person})
		if err != nil {
			return 0, err
		}
		b.mu.Lock()
		b.alerted[key] = max(b.alerted[key], taken)
		b.mu.Unlock()
		if len(got) > 0 {
			return taken, nil
		}
	}
	return 0, nil
}

// alerted reports whether an alert to a role, or to the district or province
// that it is about, is for somebody. Whoever has a scope gets no other's alerts.
func alerted(to string, p storage.Person, f *flows.Form, at tally.Place) bool {
	outside := func(key, of string) bool { return p.Scope[key] != "" && p.Scope[key] != of }
	if outside("province", at.Province) || outside("district", at.District) || f.Settings.Roles.Service != "" && outside("service", at.Service) {
		return false
	}
	for _, w := range strings.FieldsFunc(cmp.Or(to, string(storage.Secretariat)), func(r rune) bool { return r == ' ' || r == ',' }) {
		switch w {
		case "district":
			if p.Scope["district"] != "" {
				return true
			}
		case "province":
			if p.Scope["district"] == "" && p.Scope["province"] != "" {
				return true
			}
		case string(p.Role):
			return true
		}
	}
	return false
}

// ackVerb notes that somebody has seen an alert.
func (t *turn) ackVerb(period string, message int) error {
	err := t.b.Schedules.Delivered(t.ctx, alertSchedule, period, t.s.Person, "acknowledged", t.now)
	if errors.Is(err, storage.ErrNotFound) {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if err != nil {
		return err
	}
	t.rekey(message, render.Screen{})
	t.refuseTap("alert.acknowledged", nil)
	return nil
}

// raise tells of alerts behind the turn: it speaks through the sessions of
// others, and the caller holds one.
func (b *Bot) raise(s storage.Submission) {
	b.raising.Add(1)
	b.work.Go(func() {
		defer b.raising.Add(-1)
		ctx, cancel := context.WithTimeout(b.closing, time.Minute)
		defer cancel()
		if err := b.alert(ctx, &s); err != nil {
			b.Log.WarnContext(ctx, "alert", "form", s.FormID, "error", err)
		}
	})
}
