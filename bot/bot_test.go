package bot_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A world is a bot on stores in memory, and the people who talk to it.
type world struct {
	t     *testing.T
	store *memory
	sim   *simulator.Server
	url   string
	keys  *bot.Keys
	words *locales.Catalogue
	media bot.Media

	mu   sync.Mutex
	bot  *bot.Bot
	stop func()
}

func open(t *testing.T, forms ...string) *world {
	t.Helper()
	keys, err := bot.NewKeys([]byte("0123456789abcdef"), []byte("fedcba9876543210"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: newMemory(), keys: keys, words: locales.New()}
	w.sim = simulator.New(simulator.Options{Seed: 1, Idle: w.resting})
	run, err := w.sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	w.url = run.URL
	for i, md := range forms {
		w.publish(fmt.Sprintf("form%d.md", i), md)
	}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) publish(name, md string) {
	w.t.Helper()
	v := storage.FormVersion{Name: name, Source: []byte(md)}
	f, err := bot.Compile(v)
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	v.FormID, v.Hash, v.Keyword, v.Audience = f.ID, f.Hash, f.Settings.Keyword, f.Settings.Audience
	w.store.Publish(context.Background(), v)
}

func (w *world) resting() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bot == nil || w.bot.Resting()
}

// start runs the bot; stop ends it as a crash would, without closing it.
func (w *world) start() {
	w.t.Helper()
	client, err := telegram.New(simulator.DefaultToken, telegram.Options{BaseURL: w.url})
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := bot.New(bot.Config{
		Forms: w.store, Sessions: w.store, Submissions: w.store, People: w.store, Schedules: w.store, Quarantine: w.store,
		Client: client, Username: "fieldbot_demo_bot", Keys: w.keys, Words: w.words, Compile: bot.Compile,
		Clock: w.sim.Now, Zone: time.UTC, Media: w.media, Log: slog.New(slog.NewTextHandler(testWriter{w.t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.bot = b
	w.mu.Unlock()
	w.resume()
}

// resume lets the bot poll.
func (w *world) resume() {
	b, client := w.bot, w.bot.Client
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	p := &telegram.Poller{Client: client, Wait: time.Second}
	p.Handle, p.PutAside = b.Take, b.PutAside
	p.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	w.stop = func() { cancel(); <-done }
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	if w.t.Context().Err() == nil {
		w.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

func (w *world) quiet() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := w.sim.Quiet(ctx); err != nil {
		w.t.Fatal(err)
	}
}

// promote gives a person a role.
func (w *world) promote(p *person, role storage.Role) {
	w.t.Helper()
	l, payload, err := bot.MakeLink(w.t.Context(), w.store, w.keys, storage.Link{Role: role, Uses: 1})
	if err != nil {
		w.t.Fatal(l, err)
	}
	p.says("/start " + payload)
	p.says("Vilay")
	p.says("Ministry")
}

// A person talks to the bot and compares what it says.
type person struct {
	*simulator.User
	w    *world
	seen int
}

func (w *world) person(lang string) *person {
	return &person{User: w.sim.User(simulator.UserOptions{Language: lang, First: "Noy"}), w: w}
}

// says sends a text, or taps a button written as [Label], and returns what the
// bot answers, messages parted by a line of dashes.
func (p *person) says(text string) string {
	p.w.t.Helper()
	var err error
	if strings.HasPrefix(text, "[") {
		err = p.Tap(strings.Trim(text, "[]"))
	} else {
		_, err = p.Say(text)
	}
	if err != nil {
		p.w.t.Fatalf("%s: %v\n%s", text, err, p.screen())
	}
	return p.hears()
}

func (p *person) hears() string {
	p.w.t.Helper()
	p.w.quiet()
	heard := p.Heard()
	var out []string
	for _, m := range heard[min(p.seen, len(heard)):] {
		out = append(out, m.Text)
	}
	p.seen = len(heard)
	return strings.Join(out, "\n---\n")
}

// screen is the bot's last message with its buttons.
func (p *person) screen() string {
	m := p.Last()
	out := m.Text
	if m.ReplyMarkup != nil {
		for _, row := range m.ReplyMarkup.InlineKeyboard {
			out += "\n"
			for _, b := range row {
				out += "[" + b.Text + "]"
			}
		}
	}
	return out
}

// toasts are what taps were answered with. Taps sent at once may be answered in
// any order.
func (p *person) toasts() string {
	var all []string
	for _, t := range p.Toasts() {
		all = append(all, t.Text)
	}
	return strings.Join(all, "\n")
}

func has(t *testing.T, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Fatalf("got\n%s\n\nwithout %q", got, want)
		}
	}
}

func (w *world) stored(n int) storage.Submission {
	w.t.Helper()
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if len(w.store.subs) != n {
		w.t.Fatalf("%d submissions, want %d", len(w.store.subs), n)
	}
	return w.store.subs[n-1]
}

func answers(r flows.Record) string {
	var out []string
	for _, f := range r {
		if f.Kind == flows.QuestionNode {
			if f.Text != "" {
				out = append(out, f.Name+"="+f.Text)
			}
			continue
		}
		for _, inner := range f.Records {
			out = append(out, answers(inner))
		}
	}
	return strings.Join(out, " ")
}
