package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/calendar"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/schedule"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// remindSchedule is the schedule of all reminders: the beginning of each working
// day.
const remindSchedule = "remind"

// Reminders calls Remind every so often, every 20 seconds if every is 0, until
// ctx ends.
func (b *Bot) Reminders(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(cmp.Or(every, 20*time.Second))
	defer tick.Stop()
	for {
		if err := b.Remind(ctx); err != nil && ctx.Err() == nil {
			b.Log.WarnContext(ctx, "remind", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Remind tells those whose district has not reported, if it is time to: once
// for each report and reminder, whatever restarts. Call it every now and then;
// it looks at the clock itself.
func (b *Bot) Remind(ctx context.Context) error {
	now := b.now()
	row := storage.Schedule{ID: remindSchedule, Kind: "remind", Spec: "working days", Zone: b.Zone.String(), Next: now}
	if err := b.Schedules.Ensure(ctx, row); err != nil {
		return fmt.Errorf("store schedule: %w", err)
	}
	due, err := b.Schedules.Due(ctx, now)
	if err != nil {
		return fmt.Errorf("look for what is due: %w", err)
	}
	i := slices.IndexFunc(due, func(s storage.Schedule) bool { return s.ID == remindSchedule })
	if i < 0 {
		return nil
	}
	next := b.Hours.Next(now)
	if b.Hours.Open(now) {
		if err := b.remindAll(ctx, due[i], next, now); err != nil {
			return err
		}
	}
	_, err = b.Schedules.Claim(ctx, due[i], "day "+now.Format(time.DateOnly), next, nil)
	return err
}

func (b *Bot) remindAll(ctx context.Context, s storage.Schedule, next, now time.Time) error {
	duties, err := b.duties(ctx, now)
	if err != nil {
		return err
	}
	for _, d := range duties { // days off can move a reminder to before its period is the current one
		if p := calendar.Of(d.due, now); p.Key != d.period.Key {
			duties = append(duties, duty{d.form, d.due, p})
		}
	}
	for i := range duties {
		d := &duties[i]
		r, ok := b.Hours.Reminder(d.due, d.period, now)
		if !ok {
			continue
		}
		targets, err := b.missing(ctx, d, "")
		if err != nil {
			return err
		}
		period := fmt.Sprintf("%s/%s/%s/%+d", d.form.ID, d.due.Name, d.period.Key, r)
		// Next stays where it is until all are told: a crash in between goes on
		claimed, err := b.Schedules.Claim(ctx, s, period, s.Next, ids(targets))
		if err != nil {
			return fmt.Errorf("claim reminders: %w", err)
		}
		for _, p := range targets {
			if !slices.Contains(claimed, p.ID) {
				continue
			}
			b.note(ctx, period, p.ID, b.remind(ctx, &p, d))
		}
	}
	return nil
}

func ids(people []storage.Person) []string {
	out := make([]string, len(people))
	for i := range people {
		out[i] = people[i].ID
	}
	return out
}

// note keeps what became of a reminder.
func (b *Bot) note(ctx context.Context, period, person string, err error) {
	outcome := "sent"
	switch e := telegram.AsError(err); {
	case err == nil:
	case e != nil && e.Unknown, errors.Is(err, schedule.ErrUnknown):
		outcome = "unknown"
	default:
		outcome = "failed"
	}
	if err != nil {
		b.Log.WarnContext(ctx, "reminder", "period", period, "person", person, "error", err)
	}
	if err := b.Schedules.Delivered(ctx, remindSchedule, period, person, outcome, b.now()); err != nil {
		b.Log.WarnContext(ctx, "note reminder", "period", period, "error", err)
	}
}

// missing are the people to remind: those of districts that have not reported,
// or of one of them, who want to hear from the bot.
func (b *Bot) missing(ctx context.Context, d *duty, district string) ([]storage.Person, error) {
	cells, err := b.cells(ctx, d)
	if err != nil {
		return nil, err
	}
	people, err := b.People.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return slices.DeleteFunc(people, func(p storage.Person) bool {
		own := d.expects(&p)
		state := cells[own]
		return own == "" || district != "" && own != district || len(p.Contact) == 0 ||
			state != cellMissing && state != cellWaiting
	}), nil
}

// remind sends one reminder; at most once, so not through the person's session.
func (b *Bot) remind(ctx context.Context, p *storage.Person, d *duty) error {
	chat, err := b.Keys.openChat(p.ID, p.Contact)
	if err != nil {
		return err
	}
	s := b.reminder(p.Language, d)
	_, err = b.Client.Send(ctx, "sendMessage", chat, s.Payloads()[0])
	if e := telegram.AsError(err); e != nil && e.Blocked() {
		return errors.Join(err, b.unsubscribe(ctx, p.ID, "blocked the bot"))
	}
	return err
}

func (b *Bot) reminder(lang string, d *duty) render.Screen {
	if !b.Words.Has(lang) {
		lang, _ = b.Words.Match(lang)
	}
	t := &turn{b: b, lang: lang, now: b.now()}
	key := "remind.due"
	if d.period.Late(t.now) {
		key = "remind.late"
	}
	return render.Screen{
		Text: t.html(key, locales.Args{
			"Title": t.dutyTitle(d), "Period": t.periodName(d.period), "Date": b.Words.Date(lang, d.period.Due),
		}),
		Rows: [][]render.Button{t.dutyButtons(d)},
	}
}

// nudgeVerb reminds those of one district, or of all that are missing, now.
func (t *turn) nudgeVerb(arg string, _ int) error {
	d, _, err := t.namedDuty(arg)
	if err != nil {
		return err
	}
	if d == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	district := arg[strings.LastIndexByte(arg, ':')+1:]
	if district == "*" {
		district = ""
	}
	people, err := t.b.missing(t.ctx, d, district)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		t.say("due.nobody", nil)
		return nil
	}
	t.say("due.nudged", locales.Args{"Count": len(people)})
	return t.do(methodNudge, nudge{
		Duty: d.key(), District: district, Token: strconv.FormatInt(t.u.ID, 10), At: t.now,
	})
}

const methodNudge = "/nudge"

type nudge struct {
	Duty     string    `json:"duty"`
	District string    `json:"district"`
	Token    string    `json:"token"` // tells this press from all others
	At       time.Time `json:"at"`
}

func (b *Bot) sendNudge(ctx context.Context, person string, _ int64, payload []byte) error {
	if may, err := b.stillMay(ctx, person, "button", "nudge"); err != nil || !may {
		return err
	}
	var n nudge
	if err := json.Unmarshal(payload, &n); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	w := strings.SplitN(n.Duty, ":", 3)
	if len(w) < 3 {
		return fmt.Errorf("%w: no such report", errJob)
	}
	d, err := b.duty(ctx, w[0], w[1], w[2])
	if err != nil || d == nil {
		return err
	}
	people, err := b.missing(ctx, d, n.District)
	if err != nil {
		return err
	}
	row := storage.Schedule{ID: remindSchedule, Kind: "remind", Spec: "working days", Zone: b.Zone.String(), Next: n.At}
	period := "nudge/" + shortID(person) + "/" + n.Token
	claimed, err := b.Schedules.Claim(ctx, row, period, time.Unix(0, 0), ids(people))
	if err != nil {
		return fmt.Errorf("claim reminders: %w", err)
	}
	for _, p := range people {
		if slices.Contains(claimed, p.ID) {
			b.note(ctx, period, p.ID, b.remind(ctx, &p, d))
		}
	}
	return nil
}
