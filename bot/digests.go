package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/schedule"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/storage"
)

// Digests sends the secretariat its weekly digest until ctx ends: every Monday
// at eight in the programme's zone, about the week before.
func (b *Bot) Digests(ctx context.Context) {
	b.WeeklyDigest().Run(ctx)
}

// WeeklyDigest is the schedule behind Digests.
func (b *Bot) WeeklyDigest() *schedule.Runner {
	return &schedule.Runner{
		ID: "digest", At: schedule.Weekly{Day: time.Monday, Hour: 8, Zone: b.Zone},
		Store: b.Schedules, Clock: b.now, Log: b.Log,
		Targets: b.digestTargets, Deliver: b.deliverDigest,
	}
}

// digestTargets are the people of the secretariat who want to hear from the bot.
func (b *Bot) digestTargets(ctx context.Context) ([]string, error) {
	all, err := b.People.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	var out []string
	for _, p := range all {
		if p.Role == storage.Secretariat && !p.Suspended && len(p.Contact) > 0 {
			out = append(out, p.ID)
		}
	}
	return out, nil
}

func (b *Bot) deliverDigest(ctx context.Context, target string, due time.Time) error {
	p, err := b.People.Person(ctx, target)
	if err != nil {
		return fmt.Errorf("look up person: %w", err)
	}
	if p.Suspended || p.Role != storage.Secretariat || len(p.Contact) == 0 {
		return errors.New("no longer to be told")
	}
	chat, err := b.Keys.openChat(p.ID, p.Contact)
	if err != nil {
		return err
	}
	to := periodStart("once per week", due)
	err = b.sendDigest(ctx, chat, p.Language, digest.Period{From: to.AddDate(0, 0, -7), To: to})
	e := telegram.AsError(err)
	switch {
	case e == nil:
		return err
	case e.Blocked():
		return errors.Join(err, b.unsubscribe(ctx, p.ID, "blocked the bot"))
	case e.Unknown:
		return fmt.Errorf("%w: %w", schedule.ErrUnknown, err)
	}
	return err
}
