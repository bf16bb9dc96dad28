package dialogue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/calendar"
	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// Options say on what a Stage stands.
type Options struct {
	Sessions storage.Sessions
	Results  storage.Results

	Start   time.Time // what the clock shows at first; it stands still unless moved
	Zone    *time.Location
	Hours   calendar.Hours // when to remind of reports
	Webhook bool           // updates by webhook, not by polling
	Log     *slog.Logger   // of the bot; none if nil

	Words *locales.Catalogue // of the bot; all there are if nil

	ExportLimit int64     // see bot.Config
	Media       bot.Media // files that people sent; nil if none are kept

	// Bundled returns the workbook of a bundled form, for dialogues that name one.
	Bundled func(name string) ([]byte, error)
}

// A Stage is a Bot API server and a bot, talking over HTTP on this machine.
type Stage struct {
	Options
	Server *simulator.Server
	Keys   *bot.Keys

	api    *simulator.Running
	bot    *bot.Bot
	stop   func(gently bool)
	people int

	hook    *httptest.Server // of the webhook
	serving atomic.Pointer[telegram.Webhook]
}

// Open puts up a stage.
func Open(ctx context.Context, o Options) (*Stage, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Words == nil {
		o.Words = locales.New()
	}
	keys, err := bot.NewKeys([]byte("a pseudonym key for a stage only"), []byte("a link key for a stage only"))
	if err != nil {
		return nil, err
	}
	s := &Stage{Options: o, Keys: keys}
	s.Server = simulator.New(simulator.Options{Now: func() time.Time { return o.Start }})
	if s.api, err = s.Server.Start("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start the Bot API server: %w", err)
	}
	if err := s.startBot(ctx); err != nil {
		s.api.Close()
		return nil, err
	}
	return s, nil
}

// Close stops the bot and the server.
func (s *Stage) Close() {
	s.stop(true)
	if s.hook != nil {
		s.hook.Close()
	}
	s.api.Close()
}

// startBot begins what a process of the bot would do.
func (s *Stage) startBot(ctx context.Context) error {
	client, err := telegram.New(simulator.DefaultToken, telegram.Options{BaseURL: s.api.URL})
	if err != nil {
		return err
	}
	c := bot.Config{
		Forms: s.Results, Sessions: s.Sessions, Submissions: s.Results, People: s.Results,
		Schedules: s.Results, Tallies: s.Results,
		Reviews: s.Results, Reports: s.Results, Drafts: s.Results, Rounds: s.Results, ExportLimit: s.ExportLimit, Broadcasts: s.Results, Quarantine: s.Results, Client: client,
		Username: s.Server.Bot("").Username(), Keys: s.Keys, Words: s.Words, Compile: bot.Compile,
		Clock: s.Server.Now, Zone: s.Zone, Hours: s.Hours, Media: nowhere{}, Log: s.Log,
		Limiter: send.NewLimiter(send.Limits{Overall: 10_000, Group: 10_000, Burst: 10_000}, nil), // the clock stands still; the limits have tests of their own
	}
	if s.Media != nil {
		c.Media, c.Files = s.Media, s.Results
	}
	s.bot, err = bot.New(c)
	if err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	receiver := telegram.Receiver{Handle: s.bot.Take, PutAside: s.bot.PutAside, Log: s.Log}
	closeReceiver, err := s.receive(running, client, receiver)
	if err != nil {
		cancel()
		return err
	}
	b := s.bot
	s.stop = func(gently bool) {
		closing, end := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer end()
		if !gently {
			end() // nothing that was not sent is sent
		}
		cancel()
		closeReceiver()
		b.Close(closing)
	}
	return s.tend(ctx)
}

// tend does at once what a process does every few seconds: sweep, and see what
// is due.
func (s *Stage) tend(ctx context.Context) error {
	if err := s.bot.Sweep(ctx); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if err := s.bot.Subscriptions(ctx); err != nil {
		return fmt.Errorf("subscriptions: %w", err)
	}
	if err := s.bot.WeeklyDigest().Once(ctx); err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	if err := s.bot.Remind(ctx); err != nil {
		return fmt.Errorf("remind: %w", err)
	}
	return s.broadcast(ctx)
}

// broadcast sends what is to be sent to many now.
func (s *Stage) broadcast(ctx context.Context) error {
	all, err := s.Results.ListBroadcasts(ctx, 20)
	if err != nil {
		return fmt.Errorf("broadcast: %w", err)
	}
	worker := s.bot.Broadcaster(s.Results, "stage").Worker()
	for _, v := range all {
		var again storage.Again
		if err := worker.Do(ctx, storage.Job{Kind: send.Kind, Key: v.ID}); err != nil && !errors.As(err, &again) {
			return fmt.Errorf("broadcast: %w", err)
		}
	}
	return nil
}

// receive begins to take updates; what it returns ends that.
func (s *Stage) receive(ctx context.Context, client *telegram.Client, r telegram.Receiver) (closed func(), err error) {
	if !s.Webhook {
		done := make(chan error, 1)
		poller := &telegram.Poller{Receiver: r, Client: client, Wait: 5 * time.Second}
		go func() { done <- poller.Run(ctx) }()
		return func() { <-done }, nil
	}
	const secret = "stage"
	if s.hook == nil {
		// one address for all its lives, as behind a balancer
		s.hook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			h := s.serving.Load()
			if h == nil {
				http.Error(w, "the bot is down", http.StatusServiceUnavailable)
				return
			}
			h.ServeHTTP(w, q)
		}))
	}
	s.serving.Store(&telegram.Webhook{Receiver: r, Secret: secret})
	if err := client.SetWebhook(ctx, s.hook.URL, secret, 40); err != nil {
		return nil, fmt.Errorf("set webhook: %w", err)
	}
	return func() { s.serving.Store(nil) }, nil
}

// Restart ends the bot as a crash would, without sending what is unsent, and
// begins another one on the same stores.
func (s *Stage) Restart(ctx context.Context) error {
	s.stop(false)
	return s.startBot(ctx)
}

// Redeploy ends the bot as a deployment would, with everything sent and noted,
// and begins another one on the same stores.
func (s *Stage) Redeploy(ctx context.Context) error {
	s.stop(true)
	return s.startBot(ctx)
}

// Settled waits until bot and server have nothing left to do, for tests that
// talk to the Server beside a dialogue.
func (s *Stage) Settled(ctx context.Context) error { return s.settled(ctx) }

// Tend does what a process does every few seconds: it sweeps, and sees what is
// due.
func (s *Stage) Tend(ctx context.Context) error { return s.tend(ctx) }

// settled waits until bot and server have nothing left to do.
func (s *Stage) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for range 2 { // replies may be what an update leads to, and the other way round
		if err := s.Server.Quiet(ctx); err != nil {
			return err
		}
		if err := s.bot.Idle(ctx); err != nil {
			return fmt.Errorf("the bot is busy: %w", err)
		}
	}
	return nil
}

// publish makes the forms of a dialogue the current ones.
func (s *Stage) publish(ctx context.Context, d *flowtest.Dialogue) error {
	for _, name := range d.Forms {
		if s.Bundled == nil {
			return fmt.Errorf("form %s: no bundled forms here", name)
		}
		source, err := s.Bundled(name)
		if err != nil {
			return err
		}
		if err := s.publishForm(ctx, name+".md", source, nil); err != nil {
			return fmt.Errorf("form %s: %w", name, err)
		}
	}
	files := d.Attached()
	for _, name := range []string{"form.md", "form.csv", "form.xlsx"} {
		source, ok := files[name]
		if !ok {
			continue
		}
		delete(files, name)
		if err := s.publishForm(ctx, name, source, files); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	s.bot.Published()
	return nil
}

func (s *Stage) publishForm(ctx context.Context, name string, source []byte, files map[string][]byte) error {
	v := storage.FormVersion{Name: name, Source: source, Files: files, Published: s.Server.Now()}
	form, err := bot.Compile(v)
	if err != nil {
		return err
	}
	v.FormID, v.Hash, v.Version = form.ID, form.Hash, form.Version
	v.Title, v.Keyword, v.Audience = form.Title.In(form.Default), form.Settings.Keyword, form.Settings.Audience
	return s.Results.Publish(ctx, v)
}

// nowhere takes files and forgets them.
type nowhere struct{}

func (nowhere) Put(_ context.Context, _ string, r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
