package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/metrics"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/locales"
)

// A service is a bot with what is around it: the loops that receive updates,
// what looks after unsent replies, what is asked for health.
type service struct {
	config *config
	stores *stores
	keys   *bot.Keys
	client *telegram.Client
	words  *locales.Catalogue
	log    *slog.Logger
	now    func() time.Time
	wait   time.Duration // of long polling; 0: as long as Telegram allows
	look   time.Duration // how often to look for digests that are due; 0: as rarely as will do

	metrics *metrics.Set
	replica string // names this process among replicas

	bot     *bot.Bot // once Telegram has told who it is
	talking atomic.Pointer[bot.Bot]
	ready   atomic.Bool
}

// How long a stop may take: Docker kills after ten seconds unless told otherwise.
const (
	finishTurns   = 5 * time.Second
	finishReplies = 3 * time.Second
)

// assemble makes a service of the configuration. Nothing runs yet.
func (c *config) assemble(s *stores, log *slog.Logger) (*service, error) {
	keys, err := c.botKeys()
	if err != nil {
		return nil, err
	}
	m := metrics.New()
	client, err := telegram.New(c.TelegramBotToken, telegram.Options{BaseURL: c.TelegramAPIURL, Wrap: m.Transport})
	if err != nil {
		return nil, usageError{err}
	}
	words, err := c.offered()
	if err != nil {
		return nil, err
	}
	if s.copied != nil {
		s.copied.Copies = sealedCopies{s.copied.Copies, keys}
	}
	return &service{config: c, stores: s, keys: keys, client: client, words: words, log: log, now: time.Now, metrics: m}, nil
}

// botKeys are the keys of the bot, made of the two secrets.
func (c *config) botKeys() (*bot.Keys, error) {
	pseudonym, link, err := c.keys()
	if err != nil {
		return nil, err
	}
	return bot.NewKeys(pseudonym, link)
}

// run runs the service until ctx ends, then finishes the turns under way.
func (s *service) run(ctx context.Context) error {
	listener, err := net.Listen("tcp", s.config.ListenAddr)
	if err != nil {
		return usage("LISTEN_ADDR: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.serveReady)
	s.replica = replica(listener)
	stopMetrics, err := s.serveMetrics(mux)
	if err != nil {
		listener.Close()
		return err
	}
	defer stopMetrics()
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer server.Close()

	if err := s.meet(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	err = s.work(ctx, mux, server, served)
	s.log.Info("stopped")
	return err
}

// serveReady answers 200 if updates can be handled now.
func (s *service) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if !s.ready.Load() || s.stores.reachable(ctx) != nil {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// meet asks Telegram who the bot is, which also shows a wrong token, and makes
// the bot. While Telegram cannot be reached it asks again.
func (s *service) meet(ctx context.Context) error {
	name := strings.TrimPrefix(s.config.BotUsername, "@")
	for pause := 250 * time.Millisecond; ; pause = min(2*pause, 30*time.Second) {
		me, err := s.client.Me(ctx)
		if err == nil {
			if name != "" && !strings.EqualFold(name, me.Username) {
				return usage("BOT_USERNAME is %s, but the token is that of %s", name, me.Username)
			}
			name = me.Username
			break
		}
		if e := telegram.AsError(err); e != nil && (e.Code == 401 || e.Code == 404) {
			return usage("TELEGRAM_BOT_TOKEN: Telegram does not know this token")
		}
		s.log.Warn("Telegram cannot be reached", "error", err, "again_in", pause.String())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	var err error
	s.bot, err = s.newBot(name)
	s.talking.Store(s.bot)
	return err
}

func (s *service) newBot(username string) (*bot.Bot, error) {
	hours, err := s.config.hours()
	if err != nil {
		return nil, err
	}
	return bot.New(bot.Config{
		Forms:       s.metrics.Forms(s.stores.Results),
		Sessions:    s.metrics.Sessions(s.stores.Sessions),
		Submissions: s.metrics.Submissions(s.stores.Results),
		People:      s.stores.Results,
		Schedules:   s.stores.Results,
		Tallies:     s.stores.Results,
		Jobs:        s.stores.Results,
		Reviews:     s.stores.Results,
		Reports:     s.stores.Results,
		Drafts:      s.stores.Results,
		Rounds:      s.stores.Results,
		Broadcasts:  s.stores,
		Quarantine:  s.stores.Results,
		Client:      s.client,
		Username:    username,
		Keys:        s.keys,
		Words:       s.words,
		Compile:     bot.Compile,
		Clock:       s.now,
		Zone:        s.config.zone(),
		Hours:       hours,
		Media:       s.keeper(),
		Files:       s.stores,
		Log:         s.log,
		Metrics:     s.metrics,
	})
}

// work receives updates until ctx ends. Then what receives is stopped first,
// what sends last, so that a turn that was taken is finished.
func (s *service) work(ctx context.Context, mux *http.ServeMux, server *http.Server, served <-chan error) error {
	defer s.checkpoint(ctx)() // last, when replies are settled
	tending, stopTending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopTending()
	var background sync.WaitGroup
	background.Go(func() { s.menu(tending) })
	background.Go(func() { s.bot.Tend(tending) })
	background.Go(func() { s.digests(tending) })
	background.Go(func() { s.bot.Reminders(tending, s.look) })
	background.Go(func() { s.jobs(tending) })
	background.Go(func() { s.watch(tending) })
	background.Go(func() { s.files(tending) })
	background.Go(func() { s.retain(tending) })

	err := s.receive(ctx, mux, server, served)
	s.ready.Store(false)
	stopTending()
	background.Wait()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishReplies)
	defer cancel()
	if err := s.bot.Close(closing); err != nil {
		s.log.Warn("not all replies were sent; the next start sends them")
	}
	return err
}

// digests looks for digests that are due: those of every Monday, and those that
// people asked for.
func (s *service) digests(ctx context.Context) {
	weekly := s.bot.WeeklyDigest()
	weekly.Every = s.look
	weekly.Also = s.bot.Subscriptions
	weekly.Run(ctx)
}

// menu sets the commands that Telegram offers, in each language. A bot whose
// menu could not be set works all the same.
func (s *service) menu(ctx context.Context) {
	if err := s.bot.SetCommands(ctx); err != nil && ctx.Err() == nil {
		s.log.Warn("set the menu of commands", "error", err)
	}
}

// receive takes updates by webhook or by polling until ctx ends, and returns
// when the turns under way are done.
func (s *service) receive(ctx context.Context, mux *http.ServeMux, server *http.Server, served <-chan error) error {
	receiver := telegram.Receiver{Handle: s.metrics.Handle(s.bot.Take), PutAside: s.metrics.PutAside(s.bot.PutAside), Log: s.log}
	if s.config.WebhookURL == "" {
		s.ready.Store(true)
		s.log.Info("started", "mode", "polling", "listen", s.config.ListenAddr)
		return s.alone(ctx, pollLease, func(ctx context.Context) error {
			poller := &telegram.Poller{Receiver: receiver, Client: s.client, Wait: s.wait}
			return poller.Run(ctx)
		})
	}
	u, err := url.Parse(s.config.WebhookURL)
	if err != nil {
		return usage("WEBHOOK_URL: %w", err)
	}
	path := u.Path
	if path == "" {
		path = "/"
	}
	mux.Handle("POST "+path, &telegram.Webhook{Receiver: receiver, Secret: s.config.WebhookSecret})
	s.ready.Store(true)
	if err := s.client.SetWebhook(ctx, s.config.WebhookURL, s.config.WebhookSecret, 100); err != nil {
		return fmt.Errorf("set webhook: %w", err)
	}
	s.log.Info("started", "mode", "webhook", "listen", s.config.ListenAddr)
	select {
	case err := <-served:
		return fmt.Errorf("listen: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTurns)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil && !errors.Is(err, http.ErrServerClosed) {
		s.log.Warn("turns were cut off; Telegram brings them again", "error", err)
	}
	return nil
}
