package send_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/storage"
)

// judge is a Telegram that counts: more than limit messages in any second, or
// more than 20 in any minute to a group, are refused.
type judge struct {
	limit int

	mu      sync.Mutex
	times   []time.Time
	groups  map[int64][]time.Time
	told    map[int64]int
	refused int
}

func within(times []time.Time, now time.Time, d time.Duration) []time.Time {
	for len(times) > 0 && now.Sub(times[0]) >= d {
		times = times[1:]
	}
	return times
}

func (j *judge) take(chat int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now()
	j.times = within(j.times, now, time.Second)
	j.groups[chat] = within(j.groups[chat], now, time.Minute)
	if len(j.times) >= j.limit || chat < 0 && len(j.groups[chat]) >= 20 {
		j.refused++
		return &telegram.Error{Code: 429, RetryAfter: 3 * time.Second}
	}
	j.times = append(j.times, now)
	j.groups[chat] = append(j.groups[chat], now)
	j.told[chat]++
	return nil
}

func newJudge(limit int) *judge {
	return &judge{limit: limit, groups: map[int64][]time.Time{}, told: map[int64]int{}}
}

// work does a broadcast's job until it is over, as storage.Jobs would.
func work(t *testing.T, b *send.Broadcaster) {
	t.Helper()
	w := b.Worker()
	for range 10_000 {
		ctx, cancel := context.WithTimeout(context.Background(), w.Timeout)
		err := w.Do(ctx, storage.Job{Kind: send.Kind, Key: "news"})
		cancel()
		again, ok := errors.AsType[storage.Again](err)
		if !ok {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		time.Sleep(again.After)
	}
	t.Fatal("the broadcast does not end")
}

func people(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i + 1)
	}
	return out
}

func broadcaster(store *memory, deliver func(context.Context, int64, []byte) error) *send.Broadcaster {
	return &send.Broadcaster{
		Store: store, Jobs: store, Limiter: send.NewLimiter(send.Limits{}, nil), Deliver: deliver,
		Chat: func(_ context.Context, person string) (int64, error) { return strconv.ParseInt(person, 10, 64) },
		Log:  slog.New(slog.DiscardHandler),
	}
}

func begin(t *testing.T, b *send.Broadcaster, people []string) {
	t.Helper()
	if err := b.Begin(t.Context(), storage.Broadcast{ID: "news", Body: []byte(`{"text":"news"}`)}, people); err != nil {
		t.Fatal(err)
	}
}

// A broadcast uses 95% of the limit and more, and is never refused, however
// long single calls take; replies that go out meanwhile never wait for it.
func TestBroadcastUsesTheLimitAndNeverExceedsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 20_000
		j := newJudge(30)
		store := &memory{}
		b := broadcaster(store, func(_ context.Context, chat int64, _ []byte) error {
			err := j.take(chat)
			time.Sleep(time.Duration(50+chat%300) * time.Millisecond) // the answer's way back
			return err
		})
		begin(t, b, people(n))
		start := time.Now()
		work(t, b)
		rate := n / time.Since(start).Seconds()
		t.Logf("%.2f messages a second of 30", rate)
		if j.refused > 0 || rate < 0.95*30 {
			t.Errorf("%d were refused; %.2f a second", j.refused, rate)
		}
		for i := range int64(n) {
			if j.told[i+1] != 1 {
				t.Fatalf("chat %d was told %d times", i+1, j.told[i+1])
			}
		}
		if p, _ := b.Progress(t.Context(), "news"); p.Over != n || p.Total != n || p.State != storage.BroadcastDone || p.Left != 0 {
			t.Errorf("progress %+v", p)
		}
	})
}

func TestRepliesGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := send.NewLimiter(send.Limits{}, nil)
		stop := time.Now().Add(time.Minute)
		bulk := 0
		var wg sync.WaitGroup
		wg.Go(func() {
			for chat := int64(1); time.Now().Before(stop); chat++ {
				if ok, _, err := l.Wait(t.Context(), chat); ok && err == nil {
					bulk++
				}
			}
		})
		for i := range 600 { // ten replies a second
			if wait := l.Reply(int64(1000 + i%50)); wait != 0 {
				t.Fatalf("a reply has to wait %v", wait)
			}
			time.Sleep(100 * time.Millisecond)
		}
		wg.Wait()
		if total := bulk + 600; total < 60*28 || total > 60*30 {
			t.Errorf("%d messages in a minute, %d of them bulk", total, bulk)
		}
		// even a flood of replies leaves bulk a little
		before := bulk
		stop = time.Now().Add(10 * time.Second)
		wg.Go(func() {
			for chat := int64(1); time.Now().Before(stop); chat++ {
				if ok, _, err := l.Wait(t.Context(), chat); ok && err == nil {
					bulk++
				}
			}
		})
		for range 500 {
			l.Reply(7)
			time.Sleep(20 * time.Millisecond)
		}
		wg.Wait()
		if got := bulk - before; got < 40 || got > 80 {
			t.Errorf("%d bulk messages in ten seconds beside a flood of replies", got)
		}
	})
}

func TestGroupsAndChatsHaveLimitsOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := send.NewLimiter(send.Limits{}, nil)
		for chat, want := range map[int64][2]int{-100: {95 * 60 / 100, 60}, 5: {178, 183}} {
			start, sent := time.Now(), 0
			var times []time.Time
			for time.Since(start) < 3*time.Minute {
				ok, wait, _ := l.Wait(t.Context(), chat)
				if !ok {
					time.Sleep(wait)
					continue
				}
				sent++
				times = append(times, time.Now())
				if times = within(times, time.Now(), time.Minute); chat < 0 && len(times) > 20 {
					t.Fatalf("%d messages to a group within a minute", len(times))
				}
			}
			if sent < want[0] || sent > want[1] {
				t.Errorf("%d messages to chat %d in three minutes, want %v", sent, chat, want)
			}
		}
	})
}

func TestLearningFrom429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := send.NewLimiter(send.Limits{}, nil)
		l.TooMany(5, 7*time.Second)
		if w := l.Reply(5); w != 7*time.Second {
			t.Errorf("the chat waits %v", w)
		}
		if h := l.Bulk(5); !h.Chat || h.Wait != 7*time.Second {
			t.Errorf("bulk to the chat: %+v", h)
		}
		if l.Reply(6) != 0 {
			t.Error("another chat has to wait")
		}
		l.TooMany(5, 9*time.Second) // one that was on its way
		if l.Reply(6) != 0 {
			t.Error("a second 429 of the same chat stops others")
		}
		time.Sleep(time.Second)
		full := l.Rate()
		l.TooMany(6, 20*time.Second)
		if w := l.Reply(7); w != 20*time.Second {
			t.Errorf("after 429s for two chats another waits %v", w)
		}
		if h := l.Bulk(7); h.Chat || h.Wait != 20*time.Second {
			t.Errorf("bulk: %+v", h)
		}
		if l.Rate() >= full {
			t.Error("the rate is as before")
		}
		time.Sleep(20 * time.Second)
		if l.Reply(7) != 0 || l.Bulk(8).Wait > time.Second {
			t.Error("it does not go on")
		}
		for chat := int64(100); l.Rate() < full; chat++ {
			if chat > 100_000 {
				t.Fatal("the rate never recovers")
			}
			l.Wait(t.Context(), chat)
		}
	})
}

// newTelegram is a simulated Telegram without sockets, and a client of it.
func newTelegram(t *testing.T, n int) (*simulator.Server, []*simulator.User, *telegram.Client) {
	t.Helper()
	srv := simulator.New(simulator.Options{})
	t.Cleanup(srv.Close)
	users := make([]*simulator.User, n)
	for i := range users {
		users[i] = srv.User(simulator.UserOptions{ID: int64(i + 1), First: fmt.Sprint("P", i+1)})
		users[i].Start("")
	}
	c, err := telegram.New(simulator.DefaultToken, telegram.Options{
		BaseURL: "http://telegram", Transport: simulator.HandlerTransport(srv),
	})
	if err != nil {
		t.Fatal(err)
	}
	return srv, users, c
}

func deliverBy(c *telegram.Client) func(context.Context, int64, []byte) error {
	return func(ctx context.Context, chat int64, body []byte) error {
		_, err := c.Send(ctx, "sendMessage", chat, body)
		return err
	}
}

// Whatever Telegram does, nobody is told twice, and who was not told is known.
func TestBroadcastThroughAllFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 400
		srv, users, c := newTelegram(t, n)
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		dice := rand.New(rand.NewPCG(seed, 1))
		uncertain := 0
		for range 30 {
			kinds := []simulator.FaultKind{simulator.TooManyRequests, simulator.ServerError, simulator.BadGateway, simulator.ResetBefore, simulator.ResetAfter, simulator.ErrorAfter}
			f := simulator.Fault{Kind: kinds[dice.IntN(len(kinds))], Method: "sendMessage", After: dice.IntN(20), RetryAfter: 1 + dice.IntN(9)}
			if f.Kind != simulator.TooManyRequests {
				uncertain++
			}
			srv.Fault(f)
		}
		for _, u := range users[:10] {
			u.Block()
		}
		store, blocked := &memory{}, 0
		b := broadcaster(store, deliverBy(c))
		var mu sync.Mutex
		b.Blocked = func(context.Context, string) error {
			mu.Lock()
			defer mu.Unlock()
			blocked++
			return nil
		}
		chat := b.Chat
		b.Chat = func(ctx context.Context, person string) (int64, error) {
			if person == "400" {
				return 0, storage.ErrNotFound
			}
			return chat(ctx, person)
		}
		begin(t, b, people(n))
		work(t, b)
		got, _ := store.Broadcast(t.Context(), "news")
		t.Log(got.Counts)
		for i, u := range users {
			heard, state := len(u.Heard()), store.who[strconv.Itoa(i+1)].State
			ok := heard == 0
			switch state {
			case storage.RecipientTold:
				ok = heard == 1
			case storage.RecipientUnknown:
				ok = heard <= 1
			case storage.RecipientBlocked, storage.RecipientGone:
			default:
				ok = false
			}
			if !ok {
				t.Errorf("person %d heard it %d times and counts as %s", i+1, heard, state)
			}
		}
		if blocked+got.Counts[storage.RecipientUnknown] < 10 || got.Counts[storage.RecipientUnknown] > uncertain || got.Counts[storage.RecipientGone] != 1 {
			t.Errorf("counts %v, %d blocked, %d faults", got.Counts, blocked, uncertain)
		}
	})
}

// A process that is killed leaves at most a handful of unknown outcomes; the
// next one goes on, and tells nobody twice.
func TestBroadcastSurvivesKills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 3000
		j := newJudge(30)
		store := &memory{}
		deliver := func(_ context.Context, chat int64, _ []byte) error { return j.take(chat) }
		begin(t, broadcaster(store, deliver), people(n))
		for range 3 {
			b := broadcaster(store, deliver)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				b.Worker().Do(ctx, storage.Job{Kind: send.Kind, Key: "news"})
			}()
			time.Sleep(17 * time.Second)
			store.setDeaf(true)
			cancel()
			<-done
			time.Sleep(5 * time.Minute)
			store.setDeaf(false)
		}
		work(t, broadcaster(store, deliver))
		got, _ := store.Broadcast(t.Context(), "news")
		unknown := got.Counts[storage.RecipientUnknown]
		if unknown == 0 || unknown > 3*64 || got.Counts[storage.RecipientTold]+unknown != n {
			t.Errorf("counts %v", got.Counts)
		}
		for chat, times := range j.told {
			if times != 1 {
				t.Errorf("chat %d was told %d times", chat, times)
			}
		}
	})
}

func TestPauseResumeCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		j := newJudge(30)
		store := &memory{}
		b := broadcaster(store, func(_ context.Context, chat int64, _ []byte) error { return j.take(chat) })
		told := func() int { j.mu.Lock(); defer j.mu.Unlock(); return len(j.told) }
		begin(t, b, people(5000))
		if err := b.Resume(ctx, "news"); !errors.Is(err, send.ErrEnded) {
			t.Errorf("resuming what runs: %v", err)
		}
		done := make(chan struct{})
		go func() { defer close(done); work(t, b) }()
		time.Sleep(20 * time.Second)
		p, _ := b.Progress(ctx, "news")
		if p.Over < 500 || p.Left < 140*time.Second || p.Left > 160*time.Second {
			t.Errorf("after 20 seconds: %d over, %v left", p.Over, p.Left)
		}
		if err := b.Pause(ctx, "news"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		before := told()
		time.Sleep(time.Hour)
		if told() != before {
			t.Errorf("%d were told during a pause", told()-before)
		}
		if err := b.Resume(ctx, "news"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if told() < before+600 {
			t.Errorf("only %d were told after the pause", told()-before)
		}
		if err := b.Cancel(ctx, "news"); err != nil {
			t.Fatal(err)
		}
		<-done
		before = told()
		time.Sleep(time.Hour)
		if told() != before || before == 5000 {
			t.Errorf("%d were told, then %d", before, told())
		}
	})
}

func TestGroupThatMigrated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var moved int64
		store := &memory{}
		b := broadcaster(store, func(_ context.Context, chat int64, _ []byte) error {
			if chat == -5 {
				return &telegram.Error{Code: 400, Description: "group chat was upgraded to a supergroup chat", MigrateTo: -1005}
			}
			moved = chat
			return nil
		})
		b.Migrated = func(_ context.Context, person string, to int64) error {
			if person != "-5" || to != -1005 {
				t.Errorf("%s moved to %d", person, to)
			}
			return nil
		}
		begin(t, b, []string{"-5"})
		work(t, b)
		if moved != -1005 || store.who["-5"].State != storage.RecipientTold {
			t.Errorf("sent to %d, noted as %s", moved, store.who["-5"].State)
		}
	})
}

// Of two replicas one sends bulk at a time.
func TestReplicasShareTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJudge(30)
		lease := &oneLease{}
		var wg sync.WaitGroup
		for i := range 2 {
			store := &memory{}
			b := broadcaster(store, func(_ context.Context, chat int64, _ []byte) error { return j.take(int64(i)*10_000 + chat) })
			b.Leases, b.Holder = lease, fmt.Sprint(i)
			begin(t, b, people(1000))
			wg.Go(func() { work(t, b) })
		}
		wg.Wait()
		if j.refused > 0 || len(j.told) != 2000 {
			t.Errorf("%d refused, %d told", j.refused, len(j.told))
		}
	})
}

type oneLease struct {
	mu     sync.Mutex
	holder string
	until  time.Time
}

func (l *oneLease) Lease(_ context.Context, _, holder string, ttl time.Duration) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.holder != holder && time.Now().Before(l.until) {
		return false, nil
	}
	l.holder, l.until = holder, time.Now().Add(ttl)
	return true, nil
}

func (l *oneLease) Yield(context.Context, string, string) error { return nil }
