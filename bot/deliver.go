package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/schedule"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// DigestJob is the kind of jobs that send digests.
const DigestJob = "digest"

// A delivery is one digest to send: of a schedule, for a period, to a person or
// a group of theirs.
type delivery struct {
	Schedule string    `json:"schedule"`
	Period   string    `json:"period"`
	Person   string    `json:"person"`
	Spec     string    `json:"spec"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
}

func (d *delivery) job() (storage.Job, error) {
	args, err := json.Marshal(d)
	return storage.Job{Kind: DigestJob, Key: d.Schedule + " " + d.Period + " " + d.Person, Args: args}, err
}

// DigestWorker sends what is due. Each is sent at most once: one of which nobody
// knows whether it arrived is noted as such and not sent again. Several go side
// by side; the limiter spreads them below Telegram's limits.
func (b *Bot) DigestWorker() storage.Worker {
	return storage.Worker{
		Once: true, Limit: 16, Timeout: 3 * time.Minute,
		Do: func(ctx context.Context, j storage.Job) error {
			var d delivery
			if err := json.Unmarshal(j.Args, &d); err != nil {
				return fmt.Errorf("read job: %w", err)
			}
			return b.deliverNoted(ctx, &d)
		},
		Unknown: func(ctx context.Context, j storage.Job) {
			var d delivery
			if json.Unmarshal(j.Args, &d) == nil {
				b.noted(ctx, &d, "unknown")
			}
		},
	}
}

// deliverNoted delivers and keeps what became of it.
func (b *Bot) deliverNoted(ctx context.Context, d *delivery) error {
	err := b.deliverDigest(ctx, d)
	var again storage.Again
	switch {
	case err == nil:
		b.noted(ctx, d, "sent")
	case errors.As(err, &again):
		return err
	case errors.Is(err, schedule.ErrUnknown):
		b.noted(ctx, d, "unknown")
	default:
		b.noted(ctx, d, "failed")
	}
	if err != nil {
		b.Log.WarnContext(ctx, "digest not delivered", "schedule", d.Schedule, "period", d.Period, "error", err)
	}
	return nil
}

func (b *Bot) noted(ctx context.Context, d *delivery, outcome string) {
	err := b.Schedules.Delivered(context.WithoutCancel(ctx), d.Schedule, d.Period, d.Person, outcome, b.now())
	if err != nil {
		b.Log.WarnContext(ctx, "note delivery", "schedule", d.Schedule, "period", d.Period, "error", err)
	}
}

var errNotToBeTold = errors.New("no longer to be told")

// deliverDigest writes a digest and sends it, below the limits.
func (b *Bot) deliverDigest(ctx context.Context, d *delivery) error {
	s, ok := parseSubscription(d.Spec)
	if !ok {
		return fmt.Errorf("subscription %q cannot be read", d.Spec)
	}
	p, err := b.People.Person(ctx, d.Person)
	if err != nil {
		return fmt.Errorf("look up person: %w", err)
	}
	if s.Every == "off" || p.Suspended || !mayUse("file", "digest", p.Role) || len(p.Contact) == 0 {
		return errNotToBeTold
	}
	chat, err := b.Keys.openChat(p.ID, p.Contact)
	if err != nil {
		return err
	}
	group, err := s.group(b.Keys, p.ID)
	if err != nil {
		return err
	}
	screen, err := b.composeDigest(ctx, p, digestParams{Lang: s.lang(p.Language), Form: s.Form, Place: s.Place, Group: group != 0,
		Period: digest.Period{From: d.From.In(b.Zone), To: d.To.In(b.Zone)}, Quiet: true,
		told: func(r digest.Request, forms []*flows.Form) (string, error) {
			return b.toldTables(ctx, d, s, group, r, forms)
		}}, b.memo())
	if err != nil {
		return err
	}
	if group != 0 {
		screen.Topic = s.Topic
		return b.toGroup(ctx, d, s, group, screen)
	}
	err = b.bulk(ctx, chat, screen.Payloads())
	if e := telegram.AsError(err); e != nil && e.Blocked() {
		return errors.Join(err, b.unsubscribe(ctx, p.ID, "blocked the bot"))
	}
	return err
}

// toldSchedule is under what it is kept which published tables somebody, or a
// topic of a group, was sent: of several subscriptions one tells them.
const toldSchedule = "told"

// toldTables are the tables of the last period that another delivery told. Those
// that none told are claimed for this one, which may come here again.
func (b *Bot) toldTables(ctx context.Context, d *delivery, s subscription, group int64, r digest.Request, forms []*flows.Form) (string, error) {
	var told []string
	for _, f := range forms {
		period, err := b.book.Last(f, r.Period.To)
		if err != nil || r.Form != "" && r.Form != f.ID {
			continue
		}
		if _, err := b.Tallies.Table(ctx, f.ID, period.Name); errors.Is(err, storage.ErrNotFound) {
			continue // it can be told when it is there
		} else if err != nil {
			return "", err
		}
		table := digest.TableKey(f, period)
		key := b.Keys.id("told", d.Person, strconv.FormatInt(group, 10), strconv.Itoa(s.Topic), table, r.Place.Province, r.Place.District, r.Place.Service)[:24]
		mine := d.Schedule + " " + d.Period
		claimed, err := b.Schedules.Claim(ctx, storage.Schedule{ID: toldSchedule}, key, b.now(), []string{d.Person})
		if err != nil {
			return "", err
		}
		if len(claimed) > 0 {
			err = b.Schedules.Delivered(ctx, toldSchedule, key, d.Person, mine, b.now())
		} else {
			var by string
			if by, err = b.Schedules.Outcome(ctx, toldSchedule, key, d.Person); err == nil && by != mine {
				told = append(told, table)
			}
		}
		if err != nil {
			return "", err
		}
	}
	return strings.Join(told, "\n"), nil
}

// toGroup sends to a group, also if it moved, or to its general topic if the one
// that was chosen is gone or closed; one that the bot was put out of gets nothing
// any more.
func (b *Bot) toGroup(ctx context.Context, d *delivery, s subscription, group int64, screen *render.Screen) error {
	err := b.bulk(ctx, group, screen.Payloads())
	e := telegram.AsError(err)
	switch {
	case e != nil && e.MigrateTo != 0:
		s.Chat = sealGroup(b.Keys, d.Person, e.MigrateTo)
		err = b.bulk(ctx, e.MigrateTo, screen.Payloads())
	case e != nil && e.TopicGone() && s.Topic != 0:
		s.Topic, screen.Topic = 0, 0
		err = b.bulk(ctx, group, screen.Payloads())
	case e != nil && e.Blocked():
		s.Every = "off"
	default:
		return err
	}
	return errors.Join(err, b.Schedules.Ensure(ctx, storage.Schedule{ID: d.Schedule, Kind: subscriptionKind,
		Spec: s.String(), Zone: b.Zone.String(), Next: s.next(b.now())}))
}

// bulk sends the parts of a message that nobody waits for, as the limiter says.
// Nothing was sent if it returns storage.Again.
func (b *Bot) bulk(ctx context.Context, chat int64, parts [][]byte) error {
	for i := 0; i < len(parts); {
		ok, wait, err := b.Limiter.Wait(ctx, chat)
		if err != nil {
			return err
		}
		if !ok {
			if i == 0 && b.Jobs != nil {
				return storage.Again{After: wait}
			}
			if err := pause(ctx, wait); err != nil {
				return err
			}
			continue
		}
		_, err = b.Client.Send(ctx, "sendMessage", chat, parts[i])
		e := telegram.AsError(err)
		switch {
		case e != nil && e.Code == 429:
			b.Limiter.TooMany(chat, e.RetryAfter)
			if i == 0 && b.Jobs != nil {
				return storage.Again{After: e.RetryAfter}
			}
		case e != nil && e.Unknown:
			return fmt.Errorf("%w: %w", schedule.ErrUnknown, err)
		case err != nil:
			return err
		default:
			i++
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Subscriptions sends the digests that people asked for and that are due: each
// once for its period, whatever restarts; after a time in which nothing ran the
// latest alone. With Jobs they are handed to DigestWorker.
func (b *Bot) Subscriptions(ctx context.Context) error {
	if b.Schedules == nil || b.book == nil {
		return nil
	}
	now := b.now()
	rows, err := b.Schedules.Due(ctx, now)
	if err != nil {
		return fmt.Errorf("look for subscriptions: %w", err)
	}
	var due []storage.Schedule
	var list []*delivery
	for _, row := range rows {
		person := subscriber(row.ID)
		s, ok := parseSubscription(row.Spec)
		if person == "" || !ok {
			continue
		}
		at := s.latest(row.Next.In(b.Zone), now)
		period := s.period(at)
		due = append(due, row)
		list = append(list, &delivery{Schedule: row.ID, Period: s.Every + " " + at.Format(time.DateOnly), Person: person,
			Spec: row.Spec, From: period.From, To: period.To})
	}
	// jobs come before claims: dying between the two loses nothing, and a job of
	// the same key is not stored again
	if err := b.enqueueDigests(ctx, list); err != nil {
		return err
	}
	for i, d := range list {
		s, _ := parseSubscription(d.Spec)
		claimed, err := b.Schedules.Claim(ctx, due[i], d.Period, s.next(now), []string{d.Person})
		if err != nil {
			return err
		}
		if len(claimed) > 0 && b.Jobs == nil {
			if err := b.deliverNoted(ctx, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// enqueuedAtOnce is how many jobs are stored in one transaction.
const enqueuedAtOnce = 200

func (b *Bot) enqueueDigests(ctx context.Context, list []*delivery) error {
	if b.Jobs == nil {
		return nil
	}
	var jobs []storage.Job
	for i, d := range list {
		j, err := d.job()
		if err != nil {
			return fmt.Errorf("write job: %w", err)
		}
		if jobs = append(jobs, j); len(jobs) == enqueuedAtOnce || i == len(list)-1 {
			if err := b.Jobs.Enqueue(ctx, jobs...); err != nil {
				return fmt.Errorf("enqueue digests: %w", err)
			}
			jobs = jobs[:0]
		}
	}
	return nil
}

// digestTargets are the people who get the digest every Monday: those who want
// to hear from the bot and did not choose otherwise.
func (b *Bot) digestTargets(ctx context.Context) ([]string, error) {
	all, err := b.People.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	rows, err := b.Schedules.Due(ctx, b.now().AddDate(200, 0, 0))
	if err != nil {
		return nil, fmt.Errorf("list subscriptions: %w", err)
	}
	chose := map[string]bool{}
	for _, row := range rows {
		chose[row.ID] = true
	}
	var out []string
	for _, p := range all {
		if mayUse("file", "digest", p.Role) && !p.Suspended && len(p.Contact) > 0 && !chose[subscriptionPrefix+p.ID] {
			out = append(out, p.ID)
		}
	}
	return out, nil
}

// monday is the delivery of the weekly digest to a person.
func (b *Bot) monday(person string, due time.Time) *delivery {
	to := periodStart("once per week", due.In(b.Zone))
	return &delivery{Schedule: weeklyID, Period: due.In(b.Zone).Format(time.DateOnly), Person: person, Spec: mondays().String(),
		From: to.AddDate(0, 0, -7), To: to}
}

func (b *Bot) deliverMondays(ctx context.Context, person string, due time.Time) error {
	return b.deliverDigest(ctx, b.monday(person, due))
}

// enqueueMondays hands the weekly digests to DigestWorker; nil without Jobs.
func (b *Bot) enqueueMondays() func(ctx context.Context, people []string, due time.Time) error {
	if b.Jobs == nil {
		return nil
	}
	return func(ctx context.Context, people []string, due time.Time) error {
		var list []*delivery
		for _, person := range people {
			list = append(list, b.monday(person, due))
		}
		return b.enqueueDigests(ctx, list)
	}
}

// memoFor is how long digests of one moment share what they read.
const memoFor = 15 * time.Second

// A digestMemo keeps what digests of one moment have in common. A nil one keeps
// nothing.
type digestMemo struct {
	made     time.Time
	read     digest.Memo
	publish  sync.Once
	mu       sync.Mutex
	messages map[digest.Request]*digest.Message
}

// memo is that of now.
func (b *Bot) memo() *digestMemo {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := b.now(); b.digests == nil || now.Sub(b.digests.made) > memoFor || now.Before(b.digests.made) {
		b.digests = &digestMemo{made: now, messages: map[digest.Request]*digest.Message{}}
	}
	return b.digests
}

func (m *digestMemo) readings() *digest.Memo {
	if m == nil {
		return nil
	}
	return &m.read
}

func (m *digestMemo) once(do func()) {
	if m == nil {
		do()
		return
	}
	m.publish.Do(do)
}

// message writes a digest unless the same was written already.
func (m *digestMemo) message(r digest.Request, write func() (*digest.Message, error)) (*digest.Message, error) {
	if m == nil {
		return write()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if d := m.messages[r]; d != nil {
		return d, nil
	}
	d, err := write()
	if err == nil {
		m.messages[r] = d
	}
	return d, err
}
