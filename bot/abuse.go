package bot

import (
	"context"
	"errors"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// What one person may do, so that nobody pays for another. The limits are far
// above what an enumerator's phone sends when it comes back from a day offline.
const (
	burstUpdates = 120              // at once
	everyUpdate  = time.Second      // and one more each second
	burstBytes   = 200 << 20        // of files at once
	bytesASecond = 20_000           // and about 70 MB an hour
	maxSession   = 512 << 10        // bytes of a person's unfinished interviews
	sayAgain     = 20 * time.Second // between polite answers to a flood
)

// maxTurns is how many updates are handled at once. What comes above it waits a
// little, and then comes again: nothing of it is lost.
const (
	maxTurns = 512
	turnWait = 2 * time.Second
)

// An allowance is what a person may still do now; it fills up with time.
type allowance struct {
	spent time.Time // when it will be full again
	files time.Time // alike, for bytes of files
	told  time.Time // when the person was last told
}

// take spends one update, and reports whether there was one left.
func (a *allowance) take(now time.Time) bool {
	full := later(a.spent, now).Add(everyUpdate)
	if full.Sub(now) > burstUpdates*everyUpdate {
		return false
	}
	a.spent = full
	return true
}

// room spends the bytes of a file, and reports whether there was room.
func (a *allowance) room(bytes int64, now time.Time) bool {
	cost := time.Duration(bytes) * time.Second / bytesASecond
	full := later(a.files, now).Add(cost)
	if full.Sub(now) > burstBytes*time.Second/bytesASecond {
		return false
	}
	a.files = full
	return true
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// flooded handles an update of somebody who sends too many: it says so once in a
// while and otherwise only takes note that the update came.
func (b *Bot) flooded(ctx context.Context, l *lane, u *models.Update) ([]byte, error) {
	b.Metrics.Limited("person")
	if now := time.Now(); now.Sub(l.allowed.told) > sayAgain {
		b.Log.WarnContext(ctx, "too many updates", "person", l.person)
		if err := b.refuse(ctx, l, u, "limit.slow"); err != nil {
			return nil, err
		}
		l.allowed.told = now
	}
	if q := u.CallbackQuery; q != nil {
		return telegram.CallbackAnswer(q.ID, "", false), nil
	}
	return nil, nil
}

// errFull says that a turn would make a person's session larger than may be.
var errFull = errors.New("session too large")

// fits reports whether a session may be stored.
func fits(s *storage.Session) bool {
	n := len(s.Kept)
	for i := range s.Open {
		n += len(s.Open[i].Instance)
	}
	return n <= maxSession
}

// refuse answers an update with a sentence and leaves the rest as it was.
func (b *Bot) refuse(ctx context.Context, l *lane, u *models.Update, key string) error {
	return b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
		if s.HandledBefore(u.ID) {
			return nil, errNothing
		}
		t := b.newTurn(ctx, l, s, u)
		t.say(key, locales.Args{"Size": b.Words.Size(t.lang, maxSession)})
		s.MarkHandled(u.ID)
		s.Changed = t.now
		return t.outbox(), nil
	})
}

// begin waits for one of maxTurns places.
func (b *Bot) begin(ctx context.Context) error {
	select {
	case b.turns <- struct{}{}:
		return nil
	default:
	}
	wait := time.NewTimer(turnWait)
	defer wait.Stop()
	select {
	case b.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		b.Metrics.Limited("all")
		return errBusy
	}
}

// errBusy makes a receiver bring an update again.
var errBusy = errors.Join(errors.New("too many turns at once"), storage.ErrUnavailable)
