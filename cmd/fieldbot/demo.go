package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/storage"
)

// demoCmd is fieldbot without Telegram and without servers.
type demoCmd struct {
	Script bool   `help:"Play the bundled conversations without a browser, print them and what was stored."`
	Addr   string `default:"127.0.0.1:8090" placeholder:"ADDR" help:"Where the web chat listens; another port if it is taken."`
	Dir    string `placeholder:"DIR" help:"Keep the data in this folder; else it is gone afterwards."`
}

// conversations are what --script plays, in the order of their names.
//
//go:embed testdata/dialogues/*.txtar
var conversations embed.FS

func (c *demoCmd) Run(t *console) error {
	if c.Script {
		return c.script(t)
	}
	return c.page(t)
}

// page runs simulator, bot and SQLite until it is told to stop.
func (c *demoCmd) page(t *console) error {
	dir := c.Dir
	if dir == "" {
		temporary, err := os.MkdirTemp("", "fieldbot-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	p := &preview{dir: dir, addr: c.Addr, seats: seats}
	for _, name := range library.Names() {
		p.forms = append(p.forms, libraryPrefix+name)
	}
	return p.run(t, func(p *preview) error {
		for _, role := range []string{"officer", "secretariat"} {
			if err := p.seat(t, role); err != nil {
				return err
			}
		}
		t.printf("\n  The web chat is at %s\n\n  Noy is a citizen: write /start. Kham is an officer: write /update.\n"+
			"  Vilay is the secretariat: write /digest, or move the clock to Monday 08:00.\n  Control-C ends it.\n\n", p.url)
		return nil
	})
}

// script plays the bundled conversations.
func (c *demoCmd) script(t *console) error {
	s, done, err := openStage(t)
	if err != nil {
		return err
	}
	defer done()
	names, err := fs.Glob(conversations, "testdata/dialogues/*.txtar")
	if err != nil {
		return err
	}
	slices.Sort(names)
	var all []storage.Submission
	wrong := 0
	for _, name := range names {
		data, err := conversations.ReadFile(name)
		if err != nil {
			return err
		}
		d, err := flowtest.Parse(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		t.printf("\n══ %s: %s\n\n", strings.TrimSuffix(path.Base(name), ".txtar"), title(d))
		r, err := s.Play(t, d, func(l flowtest.Line) { t.printf("  %s\n", l) })
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if r.Diff != "" {
			wrong++
			t.printf("\nnot as written:\n%s", r.Diff)
		}
		all = append(all, r.Submissions...)
	}
	t.printf("\n══ stored submissions\n")
	for _, sub := range all {
		if err := printSubmission(t, &sub); err != nil {
			return err
		}
	}
	t.printf("\n%s played, %s stored\n", plural(len(names), "conversation"), plural(len(all), "submission"))
	if wrong > 0 {
		return errFound
	}
	return nil
}

// title is the first line of a dialogue that is not a header.
func title(d *flowtest.Dialogue) string {
	for _, line := range strings.Split(d.Comment, "\n") {
		if key, _, ok := strings.Cut(line, ":"); line != "" && (!ok || strings.Contains(key, " ")) {
			return line
		}
	}
	return ""
}

func printSubmission(t *console, s *storage.Submission) error {
	data, err := json.Marshal(s.Data)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return err
	}
	t.printf("\n%s %s, in %s, received %s %s\n%s\n", s.FormID, s.ID, s.Language,
		s.Received.In(stageStart.Location()).Format("2006-01-02 15:04"), s.Reference, b.String())
	return nil
}

// A preview is simulator, bot and SQLite in one process.
type preview struct {
	dir   string
	addr  string
	seats []simulator.UserOptions
	forms []string

	url     string
	form    atomic.Pointer[storage.FormVersion] // of a preview: the one in use
	reloads atomic.Int32                        // how often it was read anew
	started time.Time                           // by the simulated clock, in the programme's zone
	badge   atomic.Value                        // a string: payload of the link that gave a seat its role
	server  *simulator.Server
	service *service
}

// run runs it until t ends. ready is called once the bot takes updates.
func (p *preview) run(t *console, ready func(*preview) error) error {
	p.server = simulator.New(simulator.Options{Seats: p.seats, Inspect: p.inspect})
	listener, err := listenNear(p.addr)
	if err != nil {
		return usage("--addr: %w", err)
	}
	defer p.server.Close()
	go serveHTTP(t, listener, p.server)
	p.url = "http://" + listener.Addr().String()

	settings := &config{TelegramBotToken: p.server.Bot("").Token(), TelegramAPIURL: p.url, ListenAddr: "127.0.0.1:0",
		DataDir: p.dir, TimeZone: "Asia/Vientiane", Languages: "lo,en"}
	stores, err := settings.open(t)
	if err != nil {
		return err
	}
	defer stores.close()
	log := logger(t.err, slog.LevelWarn.String())
	if err := publishAll(t, stores, p.forms, log); err != nil {
		return err
	}
	if p.service, err = settings.assemble(stores, log); err != nil {
		return err
	}
	p.service.now, p.service.look = p.server.Now, time.Second
	p.started = p.server.Now().In(settings.zone())
	stopped := make(chan error, 1)
	go func() { stopped <- p.service.run(t) }()
	for !p.service.ready.Load() {
		select {
		case err := <-stopped:
			return err
		case <-time.After(5 * time.Millisecond):
		}
	}
	if err := ready(p); err != nil {
		return err
	}
	return <-stopped
}

// demoDistrict is where the officer of a demo works: Dakcheung in Sekong.
const demoDistrict = "1503"

// seat gives a seat its role, by an invitation that its person opens.
func (p *preview) seat(t *console, role string) error {
	l := storage.Link{Role: storage.Role(role), Uses: 1, By: "demo", Made: p.server.Now()}
	who := p.seats[2]
	if l.Role != storage.Secretariat {
		who = p.seats[1]
		l.Scope = map[string]string{"district": demoDistrict}
	}
	_, payload, err := bot.MakeLink(t, p.service.stores.Results, p.service.keys, l)
	if err != nil {
		return err
	}
	p.badge.Store(payload)
	_, err = p.server.User(who).Start(payload)
	return err
}
