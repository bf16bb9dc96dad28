package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/simulator/wire"
	"example.org/fieldbot/cmd/fieldbot/bench"
	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/postgres"
	"example.org/fieldbot/storage/storagetest/servers"
)

// TestKill kills a bot that serves real conversations with SIGKILL, again and
// again at random moments, and starts it anew. Every interview must come to its
// end, each submission must be there once and be what was sent, and nobody may
// be asked again what was answered. FIELDBOT_SOAK makes it long.
func TestKill(t *testing.T) {
	kills, interviews := 6, 12
	if os.Getenv("FIELDBOT_SOAK") != "" {
		kills, interviews = 50, 100
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for _, on := range []struct {
		name    string
		webhook bool
		servers bool
	}{
		{"SQLite, polling", false, false},
		{"SQLite, webhook", true, false},
		{"Redis and Postgres, polling", false, true},
		{"Redis and Postgres, webhook", true, true},
	} {
		t.Run(on.name, func(t *testing.T) {
			if !on.servers {
				t.Parallel()
			}
			p := newProcess(t, on.webhook, on.servers)
			c := &crowd{t: t, sim: p.sim, rand: rand.New(rand.NewPCG(seed, 1)), interviews: interviews}
			c.run(t, p, kills)
			c.compare(t, p)
		})
	}
}

// A process is `fieldbot serve` at a simulator.
type process struct {
	sim  *simulator.Server
	path string
	args []string
	out  *bytes.Buffer
	cmd  *exec.Cmd

	address string                     // where it listens
	open    func(t *testing.T) *stores // to look at what it stored
}

func newProcess(t *testing.T, webhook, onServers bool) *process {
	t.Helper()
	p := &process{sim: simulator.New(simulator.Options{}), out: new(bytes.Buffer)}
	run, err := p.sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p.path = filepath.Join(dir, "fieldbot")
	if err := os.Symlink(self, p.path); err != nil {
		t.Fatal(err)
	}
	form := filepath.Join(dir, "bench.md")
	if err := os.WriteFile(form, []byte(bench.Form()), 0o600); err != nil {
		t.Fatal(err)
	}
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	p.address = address
	data := filepath.Join(dir, "data")
	key := hex.EncodeToString([]byte("a key of 32 bytes for tests only"))
	p.args = []string{"serve", "--form", form, "--telegram-bot-token", simulator.DefaultToken, "--telegram-api-url", run.URL,
		"--listen-addr", address, "--data-dir", data, "--pseudonym-key", key, "--link-key", key, "--log-level", "warn"}
	if webhook {
		p.args = append(p.args, "--webhook-url", "http://"+address+"/telegram", "--webhook-secret", "hush")
	}
	p.open = func(t *testing.T) *stores {
		s, err := openSQLite(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if onServers {
		r := servers.StartRedis(t)
		url := servers.Database(t, "fieldbot", func(ctx context.Context, url string) error {
			db, err := postgres.Open(ctx, url)
			if err != nil {
				return err
			}
			return db.Close()
		})
		p.args = append(p.args, "--database-url", url, "--redis-url", r.URL)
		p.open = func(t *testing.T) *stores {
			s, err := openServers(t.Context(), url, r.URL)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the bot's log:\n%s", tail(p.out.String(), 4000))
		}
	})
	return p
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func (p *process) start(t *testing.T) {
	t.Helper()
	p.cmd = exec.Command(p.path, p.args...)
	p.cmd.Stderr = p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	p.cmd.Process.Kill()
	p.cmd.Wait()
	p.cmd = nil
}

// A crowd of respondents, some at a time.
type crowd struct {
	t          *testing.T
	sim        *simulator.Server
	rand       *rand.Rand
	interviews int

	progress atomic.Int64 // answers sent

	mu      sync.Mutex
	done    int
	answers []map[string]string // what each one sent
}

const atATime = 6

func (c *crowd) run(t *testing.T, p *process, kills int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(90+2*(c.interviews+kills))*time.Second)
	defer cancel()
	p.start(t)
	if err := waitReady(ctx, "http://"+p.address+"/readyz", 15*time.Second); err != nil {
		t.Fatal(err)
	}
	left := make(chan uint64, c.interviews)
	for i := range c.interviews {
		left <- uint64(i)
	}
	close(left)
	var wg sync.WaitGroup
	for range atATime {
		wg.Go(func() {
			for n := range left {
				r := &respondent{sim: c.sim, n: n, progress: &c.progress, rand: rand.New(rand.NewPCG(n, 7)), sent: map[string]string{}}
				if err := r.interview(ctx); err != nil {
					t.Errorf("respondent %d: %v", n, err)
					return
				}
				c.mu.Lock()
				c.done++
				c.answers = append(c.answers, r.sent)
				c.mu.Unlock()
			}
		})
	}
	finished := make(chan struct{})
	go func() { wg.Wait(); close(finished) }()
	killed := c.killAtRandom(t, p, kills, finished)
	t.Logf("%d kills, %d interviews", killed, c.done)
	if killed < kills/2 {
		t.Errorf("only %d kills", killed)
	}
}

// killAtRandom kills the process at random points of the crowd's progress, a few
// milliseconds after somebody answered, until all have finished.
func (c *crowd) killAtRandom(t *testing.T, p *process, kills int, finished <-chan struct{}) (killed int) {
	t.Helper()
	points := make([]int64, kills)
	for i := range points {
		points[i] = c.rand.Int64N(int64(c.interviews * len(bench.Survey)))
	}
	slices.Sort(points)
	for {
		select {
		case <-finished:
			return killed
		case <-time.After(time.Millisecond):
		}
		if killed < kills && c.progress.Load() >= points[killed] {
			time.Sleep(time.Duration(c.rand.IntN(8000)) * time.Microsecond)
			killed++
			p.kill()
			p.start(t)
		}
	}
}

// compare looks at what is stored.
func (c *crowd) compare(t *testing.T, p *process) {
	t.Helper()
	s := p.open(t)
	defer s.close()
	got := map[string]map[string]string{}
	count := 0
	for sub, err := range s.Each(t.Context(), storage.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		count++
		m := map[string]string{}
		for _, f := range sub.Data {
			if strings.HasPrefix(f.Name, "q") {
				m[f.Name] = f.Text
			}
		}
		got[m["q11"]] = m
	}
	if count != c.interviews {
		t.Errorf("%d submissions of %d interviews", count, c.interviews)
	}
	for _, want := range c.answers {
		have := got[want["q11"]]
		for k, v := range want {
			if have[k] != v {
				t.Errorf("%s: %s is %q, was sent as %q", want["q11"], k, have[k], v)
			}
		}
	}
}

// A respondent answers bench.Survey. They tap again if nothing happens, as
// people do; what they typed they type once.
type respondent struct {
	sim  *simulator.Server
	n    uint64
	rand *rand.Rand
	sent map[string]string

	progress *atomic.Int64
}

// patience is how long a person looks at a button that did nothing.
const patience = 3 * time.Second

func (r *respondent) interview(ctx context.Context) error {
	u := r.sim.User(simulator.UserOptions{ID: int64(1000 + r.n), First: fmt.Sprint("R", r.n), Language: "en"})
	if _, err := u.Start("bench"); err != nil {
		return err
	}
	reached := -1 // the furthest question that was asked
	looked := 0   // messages looked at
	var again func() error
	last := time.Now()
	for {
		heard := u.Heard()
		for ; looked < len(heard); looked++ {
			m := heard[looked]
			if strings.Contains(m.Text, "Your answers are stored") {
				return nil
			}
			q := question(m.Text)
			switch {
			case q < 0: // the form's title
				continue
			case q < reached:
				return fmt.Errorf("question %d is asked again after %d", q, reached)
			case q == reached: // sent twice: allowed
				continue
			case q > reached+1:
				return fmt.Errorf("question %d is asked after %d", q, reached)
			}
			reached, last = q, time.Now()
			r.progress.Add(1)
			var err error
			if again, err = r.answer(u, q, m); err != nil {
				return err
			}
		}
		if again != nil && time.Since(last) > patience {
			last = time.Now()
			if err := again(); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stuck at question %d: %w; the last messages: %q, toasts: %v", reached, ctx.Err(), lastTexts(u), u.Toasts())
		case <-time.After(3 * time.Millisecond):
		}
	}
}

func lastTexts(u *simulator.User) (texts []string) {
	heard := u.Heard()
	for _, m := range heard[max(0, len(heard)-3):] {
		texts = append(texts, m.Text)
	}
	return texts
}

func question(text string) int {
	for i, q := range bench.Survey {
		if strings.Contains(text, q.Label) {
			return i
		}
	}
	return -1
}

// answer answers a question, and returns what to do if nothing happens.
func (r *respondent) answer(u *simulator.User, i int, m simulator.Message) (again func() error, err error) {
	q, name := bench.Survey[i], fmt.Sprintf("q%d", i)
	switch {
	case q.Number:
		r.sent[name] = fmt.Sprint(20 + r.rand.IntN(50))
		_, err = u.Say(r.sent[name])
		return nil, err
	case len(q.Choices) == 0:
		r.sent[name] = fmt.Sprintf("respondent %d", r.n)
		_, err = u.Say(r.sent[name])
		return nil, err
	}
	choice := r.rand.IntN(len(q.Choices))
	r.sent[name] = fmt.Sprintf("v%d", choice)
	data := buttonData(m.ReplyMarkup, q.Choices[choice])
	if data == "" {
		return nil, fmt.Errorf("question %d has no button %q", i, q.Choices[choice])
	}
	again = func() error {
		_, err := u.TapData(m.MessageID, data)
		return err
	}
	if r.rand.IntN(4) == 0 { // an impatient finger
		if err := again(); err != nil {
			return nil, err
		}
	}
	return again, again()
}

func buttonData(k *wire.InlineMarkup, label string) string {
	if k == nil {
		return ""
	}
	for _, row := range k.InlineKeyboard {
		for _, b := range row {
			if b.Text == label {
				return b.CallbackData
			}
		}
	}
	return ""
}
