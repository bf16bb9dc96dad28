package main

import (
	"context"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/postgres"
	"example.org/fieldbot/storage/storagetest/servers"
)

// TestSoakBroadcast tells many something, from Postgres by way of the queue, while
// the program that sends is stopped and started again, and while it is paused and
// resumed. Everybody is told once, and nobody twice. FIELDBOT_SOAK makes them
// 100,000; the limit of Telegram's, which would make that an hour, is raised.
func TestSoakBroadcast(t *testing.T) {
	n, every := 2000, 400*time.Millisecond
	if os.Getenv("FIELDBOT_SOAK") != "" {
		n, every = 100_000, 1500*time.Millisecond
	}
	url := servers.Database(t, "fieldbot", func(ctx context.Context, url string) error {
		db, err := postgres.Open(ctx, url)
		if err != nil {
			return err
		}
		return db.Close()
	})
	m := &mass{t: t, url: url, told: map[int64]int{}}
	db := m.open()
	defer db.Close()
	people := make([]string, n)
	for i := range people {
		people[i] = strconv.Itoa(i + 1)
	}
	began := time.Now()
	b := m.broadcaster(db)
	if err := b.Begin(t.Context(), storage.Broadcast{ID: "news", By: "test", Body: []byte(`{}`)}, people); err != nil {
		t.Fatal(err)
	}
	filled := time.Since(began)
	restarts, left := 0, time.Duration(0)
	for end := time.Now().Add(8 * time.Minute); ; restarts++ {
		m.serve(every)
		p, err := b.Progress(t.Context(), "news")
		if err != nil {
			t.Fatal(err)
		}
		if p.State == storage.BroadcastDone {
			break
		}
		if p.Total != n || p.Left == 0 && p.Total-p.Over > massLimit || left > 0 && p.Left > left {
			t.Errorf("progress: %d of %d over, %v left, %v before", p.Over, p.Total, p.Left, left)
		}
		left = p.Left
		if time.Now().After(end) {
			t.Fatalf("%d of %d are over after %v", p.Over, n, time.Since(began))
		}
		m.pause(b)
	}
	got, err := b.Progress(t.Context(), "news")
	if err != nil {
		t.Fatal(err)
	}
	if got.Counts[storage.RecipientTold] != n || len(m.told) != n {
		t.Errorf("%v; %d chats were told", got.Counts, len(m.told))
	}
	for chat, times := range m.told {
		if times != 1 {
			t.Errorf("chat %d was told %d times", chat, times)
		}
	}
	t.Logf("%d recipients stored in %v, all told after %v and %d restarts", n, filled.Round(time.Millisecond), time.Since(began).Round(time.Second), restarts)
}

// massLimit is how many messages a second the mass takes.
const massLimit = 20_000

// mass is a Telegram that counts who was told, and the programs that tell.
type mass struct {
	t   *testing.T
	url string

	mu   sync.Mutex
	told map[int64]int
}

func (m *mass) open() *postgres.Store {
	m.t.Helper()
	db, err := postgres.Open(m.t.Context(), m.url)
	if err != nil {
		m.t.Fatal(err)
	}
	return db
}

func (m *mass) broadcaster(db *postgres.Store) *send.Broadcaster {
	return &send.Broadcaster{
		Store: db, Jobs: db, Leases: db, Holder: "one", Limiter: send.NewLimiter(send.Limits{Overall: massLimit}, nil),
		Deliver: func(_ context.Context, chat int64, _ []byte) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.told[chat]++
			return nil
		},
		Chat: func(_ context.Context, person string) (int64, error) { return strconv.ParseInt(person, 10, 64) },
		Log:  logger(new(syncBuffer), "warn"),
	}
}

// serve is a program that runs for a while.
func (m *mass) serve(d time.Duration) {
	m.t.Helper()
	db := m.open()
	defer db.Close()
	ctx, cancel := context.WithTimeout(m.t.Context(), d)
	defer cancel()
	if err := db.Run(ctx, map[string]storage.Worker{send.Kind: m.broadcaster(db).Worker()}); err != nil {
		m.t.Fatal(err)
	}
}

// pause looks that nobody is told in a pause.
func (m *mass) pause(b *send.Broadcaster) {
	m.t.Helper()
	if err := b.Pause(m.t.Context(), "news"); err != nil {
		m.t.Fatal(err)
	}
	m.mu.Lock()
	before := len(m.told)
	m.mu.Unlock()
	m.serve(200 * time.Millisecond)
	m.mu.Lock()
	after := len(m.told)
	m.mu.Unlock()
	if after != before {
		m.t.Errorf("%d were told in a pause", after-before)
	}
	if err := b.Resume(m.t.Context(), "news"); err != nil {
		m.t.Fatal(err)
	}
}
