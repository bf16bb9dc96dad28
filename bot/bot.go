package bot

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"example.org/fieldbot/bot/calendar"
	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/bot/metrics"
	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// Config is what a bot needs. All fields without a remark must be set.
type Config struct {
	Forms       storage.Forms
	Sessions    storage.Sessions
	Submissions storage.Submissions
	People      storage.People
	Schedules   storage.Schedules  // for Digests only
	Reviews     storage.Reviews    // nil: what was sent cannot be corrected or returned
	Reports     storage.Reports    // nil: nobody can say that there is nothing to report
	Tallies     storage.Tallies    // nil: no digests
	Drafts      storage.Drafts     // nil: no sector report
	Rounds      storage.Rounds     // nil: there are no earlier rounds
	Broadcasts  BroadcastStore     // nil: nobody can send messages to many
	Jobs        storage.Jobs       // what DigestWorker works off; nil: digests are sent at once
	Quarantine  storage.Quarantine // nil: updates that fail are only logged

	Client   *telegram.Client
	Username string // the bot's @name, without @
	Keys     *Keys
	Words    *locales.Catalogue

	// Compile makes a form of a published version, or an Unread if it cannot: the
	// function Compile, but for tests.
	Compile func(storage.FormVersion) (*flows.Form, error)

	Clock func() time.Time // time.Now if nil
	Zone  *time.Location   // the programme's; UTC if nil
	Hours calendar.Hours   // when to remind of reports; working days from 9 to 17 if zero
	Files storage.Media    // nil: which submission a file belongs to is not noted
	Media Media            // nil: files are not fetched, only their names kept
	Log   *slog.Logger     // slog.Default() if nil

	// ExportLimit is how large a file may be sent; what Telegram takes if 0.
	ExportLimit int64

	Limiter *send.Limiter // shared with what sends bulk; one of its own if nil
	Metrics *metrics.Set  // nil: nothing is counted
}

// Media keeps files that people sent. Putting the same name again has no
// further effect: a name stands for one content.
type Media interface {
	Put(ctx context.Context, name string, r io.Reader) error
}

// A Bot holds the conversations of one bot account. Any number of processes may
// run one on the same stores.
type Bot struct {
	Config
	forms     formCache
	people    peopleCache
	book      *figures.Book         // what figures are read from; nil without Tallies
	raising   atomic.Int32          // alerts being told
	alertsTo  tally.Day             // alerts of days before it were told
	digests   *digestMemo           // of this moment
	quotas    map[string]quotaState // by form id
	alertHour int64                 // since 1970, in seconds: of alerted
	alerted   map[string]int        // of this hour, by what is limited: how many are known to have been told

	habits *flows.Habits // of the locales

	shown sync.Map // Telegram's ids of the forms' own media, by form, version and name

	mu    sync.Mutex
	lanes map[string]*lane

	closing context.Context // done once Close gives up waiting
	giveUp  context.CancelFunc
	work    sync.WaitGroup
	slots   chan struct{} // calls to Telegram at once
	turns   chan struct{} // updates handled at once
	fetches chan struct{} // files fetched at once
}

// maxCalls is how many replies are on their way to Telegram at once.
const maxCalls = 128

// New returns a bot. It starts nothing: give Take to a receiver, and run Tend.
func New(c Config) (*Bot, error) {
	switch {
	case c.Forms == nil, c.Sessions == nil, c.Submissions == nil, c.People == nil:
		return nil, errors.New("bot: a store is missing")
	case c.Client == nil, c.Keys == nil, c.Words == nil, c.Compile == nil:
		return nil, errors.New("bot: client, keys, words or compiler is missing")
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Limiter == nil {
		c.Limiter = send.NewLimiter(send.Limits{}, nil)
	}
	return assemble(c), nil
}

// Offline returns a bot that talks to nobody, to write digests with. It needs no
// client and no keys.
func Offline(c Config) *Bot {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return assemble(c)
}

func assemble(c Config) *Bot {
	b := &Bot{Config: c, lanes: map[string]*lane{}, slots: make(chan struct{}, maxCalls), turns: make(chan struct{}, maxTurns), fetches: make(chan struct{}, maxFetches)}
	b.habits = habits(c.Words)
	b.forms = formCache{store: c.Forms, compile: c.Compile, now: c.Clock}
	b.book = newBook(&b.Config)
	b.people = peopleCache{store: c.People, now: c.Clock}
	b.closing, b.giveUp = context.WithCancel(context.Background())
	return b
}

func (b *Bot) now() time.Time { return b.Clock().In(b.Zone) }

// Published makes the bot look at the stored forms at once, not within seconds.
func (b *Bot) Published() { b.forms.forget() }

// PutAside keeps an update that cannot be handled, sealed. It is what a
// telegram.Receiver needs.
func (b *Bot) PutAside(ctx context.Context, updateID int64, raw []byte, reason string) error {
	if b.Quarantine == nil {
		return nil
	}
	return b.Quarantine.PutAside(ctx, storage.Quarantined{
		UpdateID: updateID, Reason: reason, Update: b.Keys.Seal("update", raw), At: b.now(),
	})
}

// Tend looks after what no update will: replies left unsent, interviews left
// half stored, lanes that are idle. It sweeps at once and then every few
// seconds, until ctx ends.
func (b *Bot) Tend(ctx context.Context) {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for {
		if err := b.Sweep(ctx); err != nil && ctx.Err() == nil {
			b.Log.WarnContext(ctx, "sweep", "error", err)
		}
		b.evict()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

const tendEvery = 5 * time.Second

// Close waits until all replies are sent or ctx ends. No update may be given to
// the bot any more. What is not sent stays in the sessions.
func (b *Bot) Close(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		b.work.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	b.giveUp()
	b.settleAll(context.WithoutCancel(ctx))
	return err
}

// Idle waits until no reply is on its way, for tests and scripts.
func (b *Bot) Idle(ctx context.Context) error {
	for {
		if b.raising.Load() == 0 && !b.busy() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}
