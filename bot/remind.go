package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// Who left an interview is reminded of it twice: a day later, and once more
// after some days, in the day's hours of the programme's zone.
const (
	maxReminders = 2
	dayBegins    = 9  // o'clock
	dayEnds      = 18 // o'clock
)

// remindAfter is how long after the last answer each reminder comes.
var remindAfter = [maxReminders]time.Duration{20 * time.Hour, 4 * 24 * time.Hour}

// daytime is the first moment from at that is in the day's hours.
func daytime(at time.Time) time.Time {
	y, m, d := at.Date()
	switch {
	case at.Hour() < dayBegins:
		return time.Date(y, m, d, dayBegins, 0, 0, 0, at.Location())
	case at.Hour() >= dayEnds:
		return time.Date(y, m, d+1, dayBegins, 0, 0, 0, at.Location())
	}
	return at
}

// remindAt is when to remind of an interview; zero for never again.
func (b *Bot) remindAt(v *storage.Interview) time.Time {
	if v.Reminded >= maxReminders || v.State == storage.Finishing || v.State == storage.Offered || v.Kind == storage.Assisted {
		return time.Time{}
	}
	return daytime(v.Changed.In(b.Zone).Add(remindAfter[v.Reminded]))
}

// expireAt is when an interview has been left for too long: after the days that
// the form's setting "expires" says, or the most that it may say for a form that
// does not compile, which is nil.
func (b *Bot) expireAt(f *flows.Form, v *storage.Interview) time.Time {
	if v.State == storage.Finishing {
		return time.Time{}
	}
	days := unfinishedDays
	if f == nil {
		days = flows.MaxExpires
	} else if f.Settings.Expires > 0 {
		days = f.Settings.Expires
	}
	return daytime(v.Changed.In(b.Zone).AddDate(0, 0, days))
}

// plan notes in the session when to look after its unfinished interviews next.
func (b *Bot) plan(ctx context.Context, s *storage.Session) {
	s.Wake = time.Time{}
	for i := range s.Open {
		v := &s.Open[i]
		f, err := b.forms.version(ctx, v.FormID, v.Hash)
		remind := b.remindAt(v)
		if unreadIn(err) != nil {
			remind = time.Time{} // of what cannot go on
		} else if err != nil {
			f = &flows.Form{} // looked at again when it wakes
		}
		for _, at := range []time.Time{remind, b.expireAt(f, v)} {
			if !at.IsZero() && (s.Wake.IsZero() || at.Before(s.Wake)) {
				s.Wake = at
			}
		}
	}
}

// silenced is Interview.Reminded of one whose person wants to hear nothing.
const silenced = 255

// mute lets nothing be written unasked about the interviews that are open.
func mute(s *storage.Session) {
	for i := range s.Open {
		s.Open[i].Reminded = silenced
	}
}

// awake looks after the unfinished interviews of a session whose time has come:
// some expire, of others the person is reminded. That is noted in the commit
// that precedes the message. The caller holds l.turn.
func (b *Bot) awake(ctx context.Context, l *lane) error {
	return b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
		now := b.now()
		if s.Wake.IsZero() || s.Wake.After(now) {
			return nil, errNothing
		}
		t := b.newTurn(ctx, l, s, nil)
		for _, v := range slices.Clone(s.Open) {
			f, err := b.forms.version(ctx, v.FormID, v.Hash)
			u := unreadIn(err)
			if err != nil && u == nil {
				return nil, err
			}
			if at := b.expireAt(f, &v); u != nil {
				if !at.IsZero() && !at.After(now) {
					t.expireUnread(u, v.Nonce)
				}
			} else if !at.IsZero() && !at.After(now) {
				if err := t.expire(f, v.Nonce); err != nil {
					return nil, err
				}
			} else if at := b.remindAt(&v); !at.IsZero() && !at.After(now) {
				if err := t.remind(f, v.Nonce); err != nil {
					return nil, err
				}
			}
		}
		b.plan(ctx, s)
		if s.Wake.Equal(now) || s.Wake.Before(now) && !s.Wake.IsZero() {
			s.Wake = now.Add(time.Hour) // never again and again for the same
		}
		return t.outbox(), nil
	})
}

func (t *turn) openNamed(nonce string) *storage.Interview {
	for i := range t.s.Open {
		if t.s.Open[i].Nonce == nonce {
			return &t.s.Open[i]
		}
	}
	return nil
}

// remind tells of an unfinished form. One in which nothing was answered yet is
// let be.
func (t *turn) remind(f *flows.Form, nonce string) error {
	v := t.openNamed(nonce)
	v.Reminded++
	if f.Settings.Extra["reminders"] == "no" {
		v.Reminded = maxReminders
		return nil
	}
	in, err := f.Resume(t.b.world(), v.Instance)
	if err != nil {
		return fmt.Errorf("resume interview: %w", err)
	}
	if answers := in.Answers(); len(answers) == countFixed(answers) {
		v.Reminded = maxReminders
		return nil
	}
	p := in.Prompt()
	t.say("remind.finish", locales.Args{"Title": t.title(f), "Done": p.Done, "Total": p.Total},
		[]render.Button{{Text: t.text("form.continue", nil), Data: verbData("open", nonce)}},
		[]render.Button{{Text: t.text("remind.off", nil), Data: verbData("mute", nonce)}})
	return nil
}

// muteVerb ends the reminders of one interview.
func (t *turn) muteVerb(nonce string, message int) error {
	t.rekey(message, render.Screen{})
	if v := t.openNamed(nonce); v != nil {
		v.Reminded = maxReminders
	}
	t.say("remind.muted", nil)
	return nil
}

// expire ends an interview that was left for too long. If the form keeps what
// was answered, and consent does not stand against it, that is stored as a
// partial submission; else nothing is.
func (t *turn) expire(f *flows.Form, nonce string) error {
	v := t.openNamed(nonce)
	key := "form.expired"
	if strings.EqualFold(f.Settings.Extra["partial"], "yes") && (f.Settings.Consent == "" || v.Consent != "") && v.Kind != storage.Correction && v.Kind != storage.Trial {
		stored, err := t.b.keepPartial(t.ctx, t.l.person, f, v)
		if err != nil {
			return err
		}
		if stored {
			key = "form.expired_kept"
		}
	}
	silent := v.Reminded == silenced
	t.drop(nonce)
	if !silent {
		t.say(key, locales.Args{"Title": t.title(f)})
	}
	return nil
}

// expireUnread ends an interview by a form that does not compile, when it was left
// for so long that no form would keep it.
func (t *turn) expireUnread(u *Unread, nonce string) {
	silent := t.openNamed(nonce).Reminded == silenced
	t.drop(nonce)
	if !silent {
		t.say("form.expired", locales.Args{"Title": render.Plain(u.Version.Title)})
	}
}

// keepPartial stores the answers of an unfinished interview. It has its id from
// the instance, so doing it again has no effect.
func (b *Bot) keepPartial(ctx context.Context, person string, f *flows.Form, v *storage.Interview) (bool, error) {
	w := b.world()
	w.Now = func() time.Time { return v.Changed }
	in, err := f.Resume(w, v.Instance)
	if err != nil {
		return false, fmt.Errorf("resume interview: %w", err)
	}
	if answers := in.Answers(); len(answers) == countFixed(answers) {
		return false, nil
	}
	sub := b.submission(person, f, in.ID(), v, in.Partial())
	sub.Partial = true
	_, _, err = b.Submissions.Insert(ctx, sub)
	if errors.Is(err, storage.ErrUsed) {
		return false, nil // answered meanwhile in another interview
	}
	if err != nil {
		return false, fmt.Errorf("store partial submission: %w", err)
	}
	return true, nil
}
