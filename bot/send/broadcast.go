package send

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/storage"
)

// Kind is the kind of the jobs that send broadcasts.
const Kind = "broadcast"

// bulkLease is held by the one replica that sends bulk: so the overall limit
// holds for all replicas together.
const bulkLease = "bulk"

const (
	slice     = 40 * time.Second // a job's call sends that long, then makes room for other broadcasts
	batch     = 16               // recipients that are claimed at a time
	leaseTime = 15 * time.Second
	paused    = 5 * time.Second // between looks at a broadcast that is paused

	// lostAfter is when a claim counts as lost: no call takes as long.
	lostAfter = 2 * time.Minute

	// callTime bounds one call.
	callTime = 15 * time.Second
)

// A Broadcaster sends messages to many, to each at most once. A recipient is
// marked in the store before the call; one of whom nothing was noted, because
// the process died or the connection broke, is reported as unknown and not told
// again. All fields without a remark must be set.
type Broadcaster struct {
	Store   storage.Broadcasts
	Jobs    storage.Jobs
	Leases  storage.Leases // nil: there is one process
	Holder  string         // this process, among replicas
	Limiter *Limiter

	// Deliver sends a broadcast's body to a chat. Errors are a telegram.Client's.
	Deliver func(ctx context.Context, chatID int64, body []byte) error

	// Chat finds a person's chat; storage.ErrNotFound if there is none any more.
	Chat func(ctx context.Context, person string) (int64, error)

	// Blocked is told who does not want to hear from the bot. May be nil.
	Blocked func(ctx context.Context, person string) error

	// Migrated is told the new chat_id of a group. May be nil.
	Migrated func(ctx context.Context, person string, to int64) error

	// Ended is told when a broadcast is done, once. May be nil.
	Ended func(ctx context.Context, p Progress)

	Log *slog.Logger     // slog.Default() if nil
	Now func() time.Time // time.Now if nil
}

// ErrEnded says that a broadcast is over, or was never begun.
var ErrEnded = errors.New("the broadcast is not under way")

// Begin stores a broadcast and begins to send it. Beginning it again, with the
// same ID, goes on where an earlier call was cut off.
func (b *Broadcaster) Begin(ctx context.Context, v storage.Broadcast, people []string) error {
	v.State, v.Made, v.Changed = storage.BroadcastFilling, b.now(), b.now()
	if err := b.Store.AddBroadcast(ctx, v); err != nil {
		return err
	}
	for len(people) > 0 {
		n := min(len(people), 1000)
		if err := b.Store.AddRecipients(ctx, v.ID, people[:n]...); err != nil {
			return err
		}
		people = people[n:]
	}
	err := b.Store.MoveBroadcast(ctx, v.ID, storage.BroadcastFilling, storage.BroadcastRunning, b.now())
	if err != nil && !errors.Is(err, storage.ErrConflict) {
		return err
	}
	return b.Jobs.Enqueue(ctx, storage.Job{Kind: Kind, Key: v.ID})
}

// Pause stops sending until Resume; calls under way finish.
func (b *Broadcaster) Pause(ctx context.Context, id string) error {
	return b.move(ctx, id, storage.BroadcastRunning, storage.BroadcastPaused)
}

// Resume goes on with a broadcast that was paused.
func (b *Broadcaster) Resume(ctx context.Context, id string) error {
	return b.move(ctx, id, storage.BroadcastPaused, storage.BroadcastRunning)
}

// Cancel ends a broadcast for good, also one that is not begun yet. Who was not
// told yet never is.
func (b *Broadcaster) Cancel(ctx context.Context, id string) (err error) {
	for _, from := range []storage.BroadcastState{storage.BroadcastFilling, storage.BroadcastRunning, storage.BroadcastPaused} {
		if err = b.move(ctx, id, from, storage.BroadcastCancelled); !errors.Is(err, ErrEnded) {
			return err
		}
	}
	return err
}

func (b *Broadcaster) move(ctx context.Context, id string, from, to storage.BroadcastState) error {
	err := b.Store.MoveBroadcast(ctx, id, from, to, b.now())
	if errors.Is(err, storage.ErrConflict) {
		return ErrEnded
	}
	return err
}

// A Progress tells how far a broadcast is.
type Progress struct {
	storage.Broadcast
	Total   int
	Over    int           // of whom the outcome is known, or known to be unknown
	Left    time.Duration // how long it will take if nothing holds it up; 0 once it is over
	Unknown int           // may have been told, and are not told again
}

// Progress tells how far a broadcast is.
func (b *Broadcaster) Progress(ctx context.Context, id string) (Progress, error) {
	v, err := b.Store.Broadcast(ctx, id)
	if err != nil {
		return Progress{}, err
	}
	return ProgressOf(v, b.Limiter.Rate()), nil
}

// ProgressOf is the progress of a broadcast whose counts are known, at a rate of
// messages a second.
func ProgressOf(v storage.Broadcast, rate float64) Progress {
	p := Progress{Broadcast: v, Unknown: v.Counts[storage.RecipientUnknown]}
	for _, n := range v.Counts {
		p.Total += n
	}
	open := v.Counts[storage.RecipientWaiting] + v.Counts[storage.RecipientBegun]
	p.Over = p.Total - open
	if v.State == storage.BroadcastRunning || v.State == storage.BroadcastPaused {
		p.Left = time.Duration(float64(open) / rate * float64(time.Second)).Round(time.Second)
	}
	return p
}

// Worker does the jobs of broadcasts, for storage.Jobs.Run under Kind.
func (b *Broadcaster) Worker() storage.Worker {
	return storage.Worker{Timeout: slice + 2*callTime, Limit: 1, Do: func(ctx context.Context, j storage.Job) error {
		return b.run(ctx, j.Key)
	}}
}

// run sends for a while. It returns a storage.Again error until the broadcast
// is over.
func (b *Broadcaster) run(ctx context.Context, id string) error {
	v, err := b.Store.Broadcast(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return storage.Again{After: paused} // the store is down, which is no failure of the broadcast's
	}
	switch v.State {
	case storage.BroadcastDone, storage.BroadcastCancelled:
		return nil
	case storage.BroadcastPaused:
		return storage.Again{After: paused}
	}
	if !b.lead(ctx) {
		return storage.Again{After: paused}
	}
	if n, err := b.Store.LostRecipients(ctx, id, b.now().Add(-lostAfter)); err != nil {
		return storage.Again{After: paused}
	} else if n > 0 {
		b.log().WarnContext(ctx, "broadcast: outcomes are unknown", "broadcast", id, "recipients", n)
	}
	r := &round{Broadcaster: b, id: id, body: v.Body, slots: make(chan struct{}, batch)}
	over, err := r.send(ctx)
	if err != nil && ctx.Err() == nil {
		b.log().WarnContext(ctx, "broadcast", "broadcast", id, "error", err)
		return storage.Again{After: paused}
	}
	if !over {
		return storage.Again{}
	}
	return b.end(ctx, id)
}

// end notes that a broadcast is over, if it is: somebody may wait for another
// try, or be in a call of a process that just died.
func (b *Broadcaster) end(ctx context.Context, id string) error {
	v, err := b.Store.Broadcast(ctx, id)
	if err != nil {
		return storage.Again{After: paused}
	}
	if v.Counts[storage.RecipientWaiting]+v.Counts[storage.RecipientBegun] > 0 || v.State == storage.BroadcastPaused {
		return storage.Again{After: time.Second}
	}
	err = b.Store.MoveBroadcast(ctx, id, storage.BroadcastRunning, storage.BroadcastDone, b.now())
	if errors.Is(err, storage.ErrConflict) {
		return nil
	}
	if err != nil {
		return storage.Again{After: paused}
	}
	v.State = storage.BroadcastDone
	p := ProgressOf(v, b.Limiter.Rate())
	if b.Ended != nil {
		b.Ended(ctx, p)
	}
	b.log().InfoContext(ctx, "broadcast is over", "broadcast", id, "total", p.Total,
		"told", v.Counts[storage.RecipientTold], "unknown", p.Unknown)
	return nil
}

// lead takes or prolongs the right to send bulk.
func (b *Broadcaster) lead(ctx context.Context) bool {
	if b.Leases == nil {
		return true
	}
	ok, err := b.Leases.Lease(ctx, bulkLease, b.Holder, leaseTime)
	return ok && err == nil
}

// A round is one call of the worker.
type round struct {
	*Broadcaster
	id    string
	body  []byte
	slots chan struct{}

	mu       sync.Mutex
	outcomes []storage.Outcome
}

// send reports whether nobody is left to be claimed now.
func (r *round) send(ctx context.Context) (over bool, err error) {
	began, led := r.now(), r.now()
	var calls sync.WaitGroup
	for !over && err == nil && ctx.Err() == nil && r.now().Sub(began) < slice {
		if r.now().Sub(led) > leaseTime/3 {
			if !r.lead(ctx) {
				break
			}
			led = r.now()
		}
		var people []string
		if people, err = r.claim(ctx); err != nil {
			break
		}
		over = len(people) == 0
		for i, person := range people {
			if ctx.Err() != nil {
				r.putBack(people[i:], 0)
				break
			}
			r.one(ctx, person, &calls)
		}
		err = r.flush(ctx)
	}
	calls.Wait()
	return over, errors.Join(err, r.flush(ctx))
}

// claim marks the next recipients. A stop does not break it off: who was marked
// for a caller that no longer listened would count as unknown.
func (r *round) claim(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTime)
	defer cancel()
	return r.Store.ClaimRecipients(ctx, r.id, batch, r.now())
}

// putBack notes that nothing was sent to people who were claimed.
func (r *round) putBack(people []string, wait time.Duration) {
	for _, p := range people {
		r.note(p, storage.RecipientWaiting, "", wait)
	}
}

// one waits for its turn and begins the call.
func (r *round) one(ctx context.Context, person string, calls *sync.WaitGroup) {
	chat, err := r.Chat(ctx, person)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		r.note(person, storage.RecipientGone, "", 0)
		return
	case err != nil:
		r.putBack([]string{person}, paused)
		return
	}
	ok, wait, err := r.Limiter.Wait(ctx, chat)
	if err != nil || !ok {
		r.putBack([]string{person}, wait)
		return
	}
	r.slots <- struct{}{}
	calls.Go(func() {
		defer func() { <-r.slots }()
		r.call(context.WithoutCancel(ctx), person, chat)
	})
}

func (r *round) call(ctx context.Context, person string, chat int64) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	err := r.Deliver(ctx, chat, r.body)
	e := telegram.AsError(err)
	if e != nil && e.MigrateTo != 0 {
		// refused, so nothing was sent: the one call to the new chat is the first
		if r.Migrated != nil {
			if err := r.Migrated(ctx, person, e.MigrateTo); err != nil {
				r.log().WarnContext(ctx, "note a chat's new id", "person", person, "error", err)
			}
		}
		chat = e.MigrateTo
		err = r.Deliver(ctx, chat, r.body)
		e = telegram.AsError(err)
	}
	switch {
	case err == nil:
		r.note(person, storage.RecipientTold, "", 0)
	case e == nil || e.Unknown:
		r.note(person, storage.RecipientUnknown, reason(e), 0)
	case e.Code == 429:
		r.Limiter.TooMany(chat, e.RetryAfter)
		r.putBack([]string{person}, e.RetryAfter)
	case e.Blocked():
		r.note(person, storage.RecipientBlocked, "", 0)
		if r.Blocked != nil {
			if err := r.Blocked(ctx, person); err != nil {
				r.log().WarnContext(ctx, "stop contact", "person", person, "error", err)
			}
		}
	case e.Temporary(): // and known not to have been carried out
		r.putBack([]string{person}, paused)
	default:
		r.note(person, storage.RecipientFailed, reason(e), 0)
	}
}

// reason is what Telegram said, which is about the call and quotes nothing.
func reason(e *telegram.Error) string {
	if e == nil || e.Code == 0 {
		return "no answer"
	}
	return fmt.Sprintf("%d %s", e.Code, e.Description)
}

func (r *round) note(person string, state storage.RecipientState, why string, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes = append(r.outcomes, storage.Outcome{Person: person, State: state, Reason: why, At: r.now().Add(wait)})
}

// flush stores the outcomes so far. What cannot be stored is tried again by the
// next flush, and counts as unknown if there is none.
func (r *round) flush(ctx context.Context) error {
	r.mu.Lock()
	outcomes := r.outcomes
	r.outcomes = nil
	r.mu.Unlock()
	if len(outcomes) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTime)
	defer cancel()
	if err := r.Store.NoteRecipients(ctx, r.id, outcomes...); err != nil {
		r.mu.Lock()
		r.outcomes = append(outcomes, r.outcomes...)
		r.mu.Unlock()
		return err
	}
	return nil
}

func (b *Broadcaster) now() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return time.Now()
}

func (b *Broadcaster) log() *slog.Logger {
	if b.Log != nil {
		return b.Log
	}
	return slog.Default()
}
