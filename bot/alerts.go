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
		n, key := int64(1), s.ID
		if grouped(p.Form, a) {
			r, err := b.book.Read(ctx, s.FormID, day, day+1)
			if err != nil {
				return err
			}
			total := r.Sum(tally.Place{District: s.District}).Alert(p, a.Name)
			if total == 0 || total%alertGroup != 0 {
				continue
			}
			n, key = alertGroup, fmt.Sprint(day, s.District, total)
		}
		if err := b.tellAlert(ctx, p.Form, a, messages[i], s, n, key); err != nil {
			return err
		}
	}
	return nil
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
	if err != nil || r.Sum(tally.Place{}).Alert(r.Plan, a.Name)%alertGroup == 0 && len(r.Places(tally.Place{})) == 0 {
		return err
	}
	left := map[string]int64{}
	filter := storage.Filter{FormID: f.ID, From: day.Start(b.Zone), To: (day + 1).Start(b.Zone)}
	for s, err := range b.Submissions.Each(ctx, filter) {
		if err != nil {
			return err
		}
		if _, seen := left[s.District]; seen {
			continue
		}
		raised, messages, err := r.Plan.Alerts(&s.Submission)
		if err != nil {
			continue
		}
		for i, x := range raised {
			if x.Name != a.Name {
				continue
			}
			left[s.District] = r.Sum(tally.Place{District: s.District}).Alert(r.Plan, a.Name) % alertGroup
			if n := left[s.District]; n > 0 {
				if err := b.tellAlert(ctx, f, a, messages[i], s, n, fmt.Sprint(day, s.District, "rest")); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tellAlert tells everybody whom an alert is for, each once.
func (b *Bot) tellAlert(ctx context.Context, f *flows.Form, a *flows.Alert, texts []string, s *storage.Submission, n int64, key string) error {
	people, err := b.People.List(ctx)
	if err != nil {
		return fmt.Errorf("list people: %w", err)
	}
	var targets []string
	for _, p := range people {
		if !p.Suspended && len(p.Contact) > 0 && alerted(a.To, p, s) {
			targets = append(targets, p.ID)
		}
	}
	if len(targets) == 0 {
		return nil
	}
	period := b.Keys.id("alert", f.ID, a.Name, key)[:24]
	claimed, err := b.Schedules.Claim(ctx, storage.Schedule{ID: alertSchedule}, period, b.now(), targets)
	if err != nil {
		return err
	}
	for _, person := range claimed {
		outcome := "sent"
		may, last := b.mayAlert(person)
		if !may {
			outcome = "held"
			if err := b.Schedules.Delivered(ctx, alertSchedule, period, person, outcome, b.now()); err != nil {
				return err
			}
			continue
		}
		err := b.speak(ctx, person, func(t *turn) error {
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

// maxAlerts is how many alerts one person gets within an hour. The digest counts
// them all.
const maxAlerts = 15

// mayAlert takes one of a person's alerts of this hour. last is true if there are
// no more.
func (b *Bot) mayAlert(person string) (may, last bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.alerted == nil {
		b.alerted = map[string][]time.Time{}
	}
	recent := slices.DeleteFunc(b.alerted[person], func(at time.Time) bool { return now.Sub(at) >= time.Hour })
	if may = len(recent) < maxAlerts; may {
		recent = append(recent, now)
	}
	b.alerted[person] = recent
	return may, may && len(recent) == maxAlerts
}

// alerted reports whether an alert to a role, or to the district or province of
// the submission, is for somebody.
func alerted(to string, p storage.Person, s *storage.Submission) bool {
	for _, w := range strings.FieldsFunc(cmp.Or(to, string(storage.Secretariat)), func(r rune) bool { return r == ' ' || r == ',' }) {
		switch w {
		case "district":
			if p.Scope["district"] != "" && p.Scope["district"] == s.District {
				return true
			}
		case "province":
			if p.Scope["district"] == "" && p.Scope["province"] != "" && p.Scope["province"] == s.Province {
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
