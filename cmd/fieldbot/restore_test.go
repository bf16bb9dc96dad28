package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/cmd/fieldbot/bench"
	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/storagetest/servers"
)

// A served is a bot on Redis and Postgres in this process that asks bench's
// survey, and can be stopped and started again.
type served struct {
	t     *testing.T
	ctx   context.Context
	sim   *simulator.Server
	form  string
	c     *config
	db    *stores
	halt  context.CancelFunc
	ended chan error
}

func newServed(t *testing.T, databaseURL, redisURL string) *served {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	b := &served{t: t, ctx: ctx, sim: simulator.New(simulator.Options{}), form: filepath.Join(t.TempDir(), "bench.md")}
	api, err := b.sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { api.Close() })
	if err := os.WriteFile(b.form, []byte(bench.Form()), 0o600); err != nil {
		t.Fatal(err)
	}
	key := hex.EncodeToString([]byte(testKey))
	b.c = &config{TelegramBotToken: simulator.DefaultToken, TelegramAPIURL: api.URL, ListenAddr: "127.0.0.1:0", PseudonymKey: key, LinkKey: key,
		DatabaseURL: databaseURL, RedisURL: redisURL, TimeZone: "Asia/Vientiane", Languages: "en,lo", MediaDir: t.TempDir()}
	return b
}

func (b *served) start() {
	b.t.Helper()
	var err error
	if b.db, err = b.c.open(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	if _, _, err := publish(b.ctx, b.db.Results, b.form, time.Now()); err != nil {
		b.t.Fatal(err)
	}
	s, err := b.c.assemble(b.db, logger(b.t.Output(), "warn"))
	if err != nil {
		b.t.Fatal(err)
	}
	s.wait = time.Second
	running, halt := context.WithCancel(b.ctx)
	b.halt, b.ended = halt, make(chan error, 1)
	go func() { b.ended <- s.run(running) }()
}

func (b *served) stop() {
	b.t.Helper()
	b.halt()
	if err := <-b.ended; err != nil {
		b.t.Error(err)
	}
	b.db.close()
}

// An askedPerson answers bench's survey.
type askedPerson struct {
	b    *served
	u    *simulator.User
	sent map[string]string
}

func (b *served) person(id int64) *askedPerson {
	return &askedPerson{b, b.sim.User(simulator.UserOptions{ID: id, First: "Noy", Language: "en"}), map[string]string{}}
}

// wait waits until a question is asked, or, behind the last, the thanks.
func (p *askedPerson) wait(q int) simulator.Message {
	p.b.t.Helper()
	for p.b.ctx.Err() == nil {
		if m := p.u.Last(); question(m.Text) == q || q == len(bench.Survey) && strings.Contains(m.Text, "Your answers are stored") {
			return m
		}
		time.Sleep(2 * time.Millisecond)
	}
	p.b.t.Fatalf("question %d is not asked; the last messages: %q, toasts %v", q, lastTexts(p.u), p.u.Toasts())
	return simulator.Message{}
}

func (p *askedPerson) answer(q, choice int) {
	p.b.t.Helper()
	m, name := p.wait(q), fmt.Sprint("q", q)
	if len(bench.Survey[q].Choices) == 0 {
		p.sent[name] = fmt.Sprint(20 + choice)
		p.u.Say(p.sent[name])
		return
	}
	p.sent[name] = fmt.Sprint("v", choice)
	p.u.TapData(m.MessageID, buttonData(m.ReplyMarkup, bench.Survey[q].Choices[choice]))
}

// answerFrom answers from a question up to another.
func (p *askedPerson) answerFrom(from, to int) {
	p.b.t.Helper()
	for q := from; q < to; q++ {
		p.answer(q, 0)
	}
	p.wait(to)
}

// TestPostgresIsRestored brings Postgres back to a backup while Redis stays as it
// is. What was sent after the backup is gone with the database; interviews that
// were open go on where they are and are stored once, nothing is put aside, and
// what the backup has is not stored again.
func TestPostgresIsRestored(t *testing.T) {
	redis := servers.StartRedis(t)
	b := newServed(t, servers.Database(t, "", nil), redis.URL)
	const last = 12
	b.start()
	before, after, open := b.person(1001), b.person(1002), b.person(1003)
	before.u.Start("bench")
	before.answerFrom(0, last)
	open.u.Start("bench")
	open.answerFrom(0, 4)
	b.stop()
	copied := copyDatabase(t, b.c.DatabaseURL)

	b.start()
	after.u.Start("bench")
	after.answerFrom(0, last)
	open.answerFrom(4, 8)
	b.stop()

	b.c.DatabaseURL = copied
	b.start()
	defer b.stop()
	open.answerFrom(8, last)
	again := len(after.u.Heard())
	after.u.Say("hello again")
	for len(after.u.Heard()) == again && b.ctx.Err() == nil {
		time.Sleep(2 * time.Millisecond)
	}
	var ids []string
	for v, err := range b.db.Each(b.ctx, storage.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, v.Person)
	}
	keys, err := b.c.botKeys()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{keys.Person(1001), keys.Person(1003)}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		t.Errorf("submissions of %v, want of %v", ids, want)
	}
	aside, err := b.db.Quarantined(b.ctx, 10)
	if err != nil || len(aside) > 0 {
		t.Errorf("put aside: %v, %v", aside, err)
	}
}

// copyDatabase makes a copy that nobody has written to since, as a backup is.
func copyDatabase(t *testing.T, of string) string {
	t.Helper()
	u, err := url.Parse(of)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	admin, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name+"_copy TEMPLATE "+name); err != nil {
		t.Fatal(err)
	}
	server := u.String()
	t.Cleanup(func() {
		c, err := pgx.Connect(context.Background(), server)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close(context.Background())
		if _, err := c.Exec(context.Background(), "DROP DATABASE IF EXISTS "+name+"_copy WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	u.Path = "/" + name + "_copy"
	return u.String()
}
