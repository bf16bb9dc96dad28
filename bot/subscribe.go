package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/schedule"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// subscriptionKind marks the schedules that people made for themselves. Their
// ID is "sub/" and the person; their Spec is written by String.
const (
	subscriptionKind   = "subscription"
	subscriptionPrefix = "sub/"
)

// A subscription is how often somebody wants the digest beside the one that
// comes every Monday.
type subscription struct {
	every string // day, week, month; "off"
	hour  int
}

func (s subscription) String() string { return fmt.Sprintf("%s %02d:00", s.every, s.hour) }

func parseSubscription(spec string) (s subscription, ok bool) {
	n, err := fmt.Sscanf(spec, "%s %d:00", &s.every, &s.hour)
	return s, n == 2 && err == nil
}

// subscribeHour is when digests come.
const subscribeHour = 8

// next is the first time after now at which the digest is due; last is the
// beginning of the period that it is about.
func (s subscription) next(now time.Time) time.Time {
	y, m, d := now.Date()
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, s.hour, 0, 0, 0, now.Location()) }
	switch s.every {
	case "week":
		d -= (int(now.Weekday()) + 6) % 7
		if t := at(y, m, d); t.After(now) {
			return t
		}
		return at(y, m, d+7)
	case "month":
		if t := at(y, m, 1); t.After(now) {
			return t
		}
		return at(y, m+1, 1)
	case "day":
		if t := at(y, m, d); t.After(now) {
			return t
		}
		return at(y, m, d+1)
	}
	return at(y+100, m, d)
}

// period is what the digest that falls due at a time is about.
func (s subscription) period(due time.Time) digest.Period {
	y, m, d := due.Date()
	to := time.Date(y, m, d, 0, 0, 0, 0, due.Location())
	switch s.every {
	case "week":
		return digest.Period{From: to.AddDate(0, 0, -7), To: to}
	case "month":
		return digest.Period{From: to.AddDate(0, -1, 0), To: to}
	}
	return digest.Period{From: to.AddDate(0, 0, -1), To: to}
}

// cmdSubscribe asks how often the digest shall come.
func (t *turn) cmdSubscribe(string) error {
	t.say("subscribe.which", nil, []render.Button{
		t.button("subscribe.day", "often", "day"),
		t.button("subscribe.month", "often", "month"), t.button("subscribe.off", "often", "off"),
	})
	return nil
}

// oftenVerb stores that.
func (t *turn) oftenVerb(every string, message int) error {
	if !strings.Contains(" day month off ", " "+every+" ") || t.b.Schedules == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	s := subscription{every, subscribeHour}
	next := s.next(t.now)
	err := t.b.Schedules.Ensure(t.ctx, storage.Schedule{ID: subscriptionPrefix + t.s.Person, Kind: subscriptionKind,
		Spec: s.String(), Zone: t.b.Zone.String(), Next: next})
	if err != nil {
		return err
	}
	t.rekey(message, render.Screen{})
	if every == "off" {
		t.say("subscribe.stopped", nil)
		return nil
	}
	t.say("subscribe.done", locales.Args{"When": t.text("subscribe."+every, nil), "Date": t.b.Words.DateTime(t.lang, next)})
	return nil
}

// Subscriptions sends the digests that people asked for and that are due: each
// once for its period, whatever restarts; after a time in which nothing ran the
// latest alone.
func (b *Bot) Subscriptions(ctx context.Context) error {
	if b.Schedules == nil || b.book == nil {
		return nil
	}
	due, err := b.Schedules.Due(ctx, b.now())
	if err != nil {
		return fmt.Errorf("look for subscriptions: %w", err)
	}
	for _, row := range due {
		s, ok := parseSubscription(row.Spec)
		person, mine := strings.CutPrefix(row.ID, subscriptionPrefix)
		if !mine || !ok {
			continue
		}
		next := s.next(b.now())
		at := row.Next.In(b.Zone)
		for later := s.next(at); !later.After(b.now()); later = s.next(at) {
			at = later
		}
		period := s.period(at)
		claimed, err := b.Schedules.Claim(ctx, row, s.every+" "+period.From.Format(time.DateOnly), next, []string{person})
		if err != nil {
			return err
		}
		for range claimed {
			outcome := "sent"
			if s.every == "off" {
				outcome = "none"
			} else if err := b.deliverSubscription(ctx, person, period); errors.Is(err, schedule.ErrUnknown) {
				outcome = "unknown"
			} else if err != nil {
				outcome = "failed"
				b.Log.WarnContext(ctx, "subscription", "person", person, "error", err)
			}
			if err := b.Schedules.Delivered(ctx, row.ID, s.every+" "+period.From.Format(time.DateOnly), person, outcome, b.now()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *Bot) deliverSubscription(ctx context.Context, person string, period digest.Period) error {
	p, err := b.People.Person(ctx, person)
	if err != nil {
		return fmt.Errorf("look up person: %w", err)
	}
	if p.Suspended || !mayUse("file", "digest", p.Role) || len(p.Contact) == 0 {
		return errors.New("no longer to be told")
	}
	chat, err := b.Keys.openChat(p.ID, p.Contact)
	if err != nil {
		return err
	}
	err = b.sendDigest(ctx, chat, p, digestParams{Lang: p.Language, Place: tally.Place{}, Period: period})
	if e := telegram.AsError(err); e != nil && e.Blocked() {
		return errors.Join(err, b.unsubscribe(ctx, p.ID, "blocked the bot"))
	} else if e != nil && e.Unknown {
		return fmt.Errorf("%w: %w", schedule.ErrUnknown, err)
	}
	return err
}
