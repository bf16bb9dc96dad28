package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/cmd/fieldbot/bench"
	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/storagetest/servers"
)

// TestFaults holds interviews while everything fails that can: two replicas of
// the bot, Redis and Postgres are killed with SIGKILL at random, Telegram
// delivers updates twice and in another order, answers 429 and 5xx, is slow, and
// cuts connections before and after it did what it was asked. Every interview
// must come to its end, and each submission must be there once and be what was
// sent.
//
// FIELDBOT_SOAK makes it long; FIELDBOT_SEED=n takes the same decisions again.
func TestFaults(t *testing.T) {
	interviews, atATime, kills := 24, 6, 10
	if os.Getenv("FIELDBOT_SOAK") != "" {
		interviews, atATime, kills = 500, 25, 60
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("FIELDBOT_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal("FIELDBOT_SEED:", err)
		}
		seed = n
	}
	t.Logf("FIELDBOT_SEED=%d", seed)
	for _, mode := range []struct {
		name             string
		webhook, cluster bool
	}{{"webhook", true, false}, {"polling", false, false}, {"webhook, Redis Cluster", true, true}} {
		if mode.cluster && os.Getenv("FIELDBOT_SOAK") == "" {
			continue // it takes a cluster some seconds to see that a node is back
		}
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			s := &storm{t: t, interviews: interviews, atATime: atATime, kills: kills, seed: seed, webhook: mode.webhook}
			if mode.cluster {
				s.redis, s.redisURL = servers.StartCluster(t, 3)
			} else {
				s.redis = []*servers.Server{servers.StartRedis(t)}
				s.redisURL = s.redis[0].URL
			}
			s.postgres = servers.StartPostgres(t)
			s.run()
		})
	}
}

// A storm is one run.
type storm struct {
	interviews, atATime, kills int
	seed                       uint64
	webhook                    bool

	t        *testing.T
	sim      *simulator.Server
	redis    []*servers.Server // one, or the nodes of a cluster
	redisURL string
	postgres *servers.Server
	replicas []*replicaProcess

	mu       sync.Mutex
	progress atomic.Int64                 // answers given
	sent     map[string]map[string]string // by what the last question was answered with
	repeated int                          // questions that came again
	killed   map[string]int
}

// A replicaProcess is one `fieldbot serve`, started again whenever it ends.
type replicaProcess struct {
	address string
	command func() *exec.Cmd
	log     *syncBuffer

	mu  sync.Mutex
	cmd *exec.Cmd
}

// A syncBuffer is what a process wrote, over all its lives.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// supervise runs the program until ctx ends.
func (p *replicaProcess) supervise(ctx context.Context, t *testing.T) {
	for ctx.Err() == nil {
		cmd := p.command()
		cmd.Stderr = p.log
		p.mu.Lock()
		err := cmd.Start()
		p.cmd = cmd
		p.mu.Unlock()
		if err != nil {
			t.Error(err)
			return
		}
		stop := context.AfterFunc(ctx, p.kill)
		cmd.Wait()
		stop()
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *replicaProcess) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil && p.cmd.Process != nil {
		p.cmd.Process.Kill()
	}
}

func (s *storm) run() {
	t := s.t
	s.sent, s.killed = map[string]map[string]string{}, map[string]int{}
	s.sim = simulator.New(simulator.Options{Seed: s.seed})
	api, err := s.sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { api.Close() })
	s.prepare(api.URL)
	limit := time.Duration(60+s.interviews+3*s.kills) * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for _, p := range s.replicas {
		supervised, stop := context.WithCancel(context.Background())
		var ended sync.WaitGroup
		ended.Go(func() { p.supervise(supervised, t) })
		defer ended.Wait()
		defer stop()
	}
	for _, p := range s.replicas {
		if err := waitReady(ctx, "http://"+p.address+"/readyz", 30*time.Second); err != nil {
			t.Fatalf("%v\n%s", err, p.log)
		}
	}
	began := time.Now()
	finished := make(chan struct{})
	go func() { defer close(finished); s.crowd(ctx) }()
	go s.trouble(finished)
	s.killing(finished)
	s.sim.ClearFaults()
	s.compare()
	t.Logf("%d interviews, killed %v, %d questions came again, %v", s.interviews, s.killed, s.repeated, time.Since(began).Round(time.Second))
	if t.Failed() {
		for i, p := range s.replicas {
			t.Logf("log of replica %d:\n%s", i, tail(p.log.String(), 3000))
		}
	}
}

// prepare makes two replicas, and a balancer before them if Telegram calls.
func (s *storm) prepare(api string) {
	t := s.t
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "fieldbot")
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	form := filepath.Join(dir, "bench.md")
	if err := os.WriteFile(form, []byte(bench.Form()), 0o600); err != nil {
		t.Fatal(err)
	}
	key := hex.EncodeToString([]byte(testKey))
	args := []string{"serve", "--form", form, "--telegram-bot-token", simulator.DefaultToken, "--telegram-api-url", api,
		"--database-url", s.postgres.URL, "--redis-url", s.redisURL, "--pseudonym-key", key, "--link-key", key, "--log-level", "warn"}
	if s.webhook {
		balancer := httptest.NewServer(http.HandlerFunc(s.balance))
		t.Cleanup(balancer.Close)
		args = append(args, "--webhook-url", balancer.URL+"/telegram", "--webhook-secret", "hush")
	}
	for range 2 {
		address, err := freeAddress()
		if err != nil {
			t.Fatal(err)
		}
		p := &replicaProcess{address: address, log: new(syncBuffer)}
		p.command = func() *exec.Cmd {
			return exec.Command(program, slices.Concat(args, []string{"--listen-addr", address})...)
		}
		s.replicas = append(s.replicas, p)
	}
}

var turns atomic.Uint64

// balance hands a request to one replica after the other, and to the next if
// one cannot be reached, as balancers do.
func (s *storm) balance(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	first := turns.Add(1)
	for i := range s.replicas {
		p := s.replicas[(first+uint64(i))%uint64(len(s.replicas))]
		req, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+p.address+r.URL.Path, bytes.NewReader(body))
		if err != nil {
			break
		}
		req.Header = r.Header.Clone()
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue
		}
		defer res.Body.Close()
		for k, v := range res.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(res.StatusCode)
		io.Copy(w, res.Body)
		return
	}
	w.Header().Set("Retry-After", "1")
	http.Error(w, "bad gateway", http.StatusBadGateway)
}

// crowd lets people hold interviews, some at a time.
func (s *storm) crowd(ctx context.Context) {
	left := make(chan uint64, s.interviews)
	for i := range s.interviews {
		left <- uint64(i)
	}
	close(left)
	var wg sync.WaitGroup
	for range s.atATime {
		wg.Go(func() {
			for n := range left {
				p := &stormPerson{respondent: respondent{sim: s.sim, n: n, progress: &s.progress, rand: rand.New(rand.NewPCG(s.seed, n)), sent: map[string]string{}}}
				if err := p.interview(ctx); err != nil {
					s.t.Errorf("respondent %d: %v", n, err)
				}
				s.mu.Lock()
				s.sent[p.sent["q11"]] = p.sent
				s.repeated += p.repeated
				s.mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// trouble lets Telegram fail until the crowd has finished.
func (s *storm) trouble(finished <-chan struct{}) {
	dice := rand.New(rand.NewPCG(s.seed, 1<<40))
	kinds := []simulator.FaultKind{
		simulator.DuplicateUpdate, simulator.DuplicateUpdate, simulator.TooManyRequests, simulator.ServerError, simulator.BadGateway,
		simulator.ResetBefore, simulator.ResetAfter, simulator.ErrorAfter, simulator.Slow,
	}
	methods := []string{"sendMessage", "sendMessage", "editMessageText", "answerCallbackQuery", "getUpdates", ""}
	for {
		select {
		case <-finished:
			return
		case <-time.After(time.Duration(20+dice.IntN(200)) * time.Millisecond):
		}
		if len(s.sim.Faults()) > 3 {
			continue
		}
		f := simulator.Fault{Kind: kinds[dice.IntN(len(kinds))], Method: methods[dice.IntN(len(methods))], RetryAfter: 1, Delay: 300 * time.Millisecond}
		if f.Kind == simulator.DuplicateUpdate {
			f.Method = ""
		}
		s.sim.Fault(f)
		if dice.IntN(4) == 0 { // a few updates, the last first
			release := s.sim.Hold()
			time.Sleep(time.Duration(dice.IntN(60)) * time.Millisecond)
			release(5, 4, 3, 2, 1, 0)
		}
	}
}

// killing kills replicas and stores at random points of the crowd's progress,
// a few milliseconds after somebody answered.
func (s *storm) killing(finished <-chan struct{}) {
	dice := rand.New(rand.NewPCG(s.seed, 1<<41))
	points := make([]int64, s.kills)
	for i := range points {
		points[i] = dice.Int64N(int64(s.interviews * len(bench.Survey)))
	}
	slices.Sort(points)
	victims := make([]int, s.kills) // dealt, so that a short storm kills everything too
	for i := range victims {
		victims[i] = i % 4
	}
	dice.Shuffle(len(victims), func(i, j int) { victims[i], victims[j] = victims[j], victims[i] })
	for n := 0; ; {
		select {
		case <-finished:
			if n < s.kills/2 {
				s.t.Errorf("only %d kills", n)
			}
			return
		case <-time.After(time.Millisecond):
		}
		if n == s.kills || s.progress.Load() < points[n] {
			continue
		}
		victim := victims[n]
		n++
		time.Sleep(time.Duration(dice.IntN(8000)) * time.Microsecond)
		down := time.Duration(dice.IntN(700)) * time.Millisecond
		switch victim {
		case 0:
			s.killed["redis"]++
			s.restart(s.redis[dice.IntN(len(s.redis))], down)
		case 1:
			s.killed["postgres"]++
			s.restart(s.postgres, down)
		default:
			s.killed["bot"]++
			s.replicas[dice.IntN(len(s.replicas))].kill()
		}
	}
}

func (s *storm) restart(server *servers.Server, down time.Duration) {
	server.Kill()
	time.Sleep(down)
	if err := server.Start(); err != nil {
		s.t.Error(err)
	}
}

// compare looks at what is stored.
func (s *storm) compare() {
	t := s.t
	db, err := openServers(t.Context(), s.postgres.URL, s.redisURL)
	if err != nil {
		t.Error(err)
		return
	}
	defer db.close()
	count := 0
	for sub, err := range db.Each(t.Context(), storage.Filter{}) {
		if err != nil {
			t.Error(err)
			return
		}
		count++
		got := map[string]string{}
		for _, f := range sub.Data {
			if strings.HasPrefix(f.Name, "q") {
				got[f.Name] = f.Text
			}
		}
		want := s.sent[got["q11"]]
		if want == nil {
			t.Errorf("%q is stored and was not sent, or is stored twice", got["q11"])
			continue
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s is %q, was sent as %q", got["q11"], k, got[k], v)
			}
		}
		delete(s.sent, got["q11"])
	}
	for who := range s.sent {
		t.Errorf("%q is not stored", who)
	}
	if count != s.interviews {
		t.Errorf("%d submissions of %d interviews", count, s.interviews)
	}
}

// A stormPerson answers as a respondent does, and puts up with a question that
// comes again: replies are sent at least once.
type stormPerson struct {
	respondent
	repeated int
}

func (p *stormPerson) interview(ctx context.Context) error {
	u := p.sim.User(simulator.UserOptions{ID: int64(1000 + p.n), First: fmt.Sprint("R", p.n), Language: "en"})
	if _, err := u.Start("bench"); err != nil {
		return err
	}
	reached, looked, last := -1, 0, time.Now()
	var again func() error
	for {
		heard := u.Heard()
		for ; looked < len(heard); looked++ {
			m := heard[looked]
			if strings.Contains(m.Text, "Your answers are stored") {
				return nil
			}
			switch q := question(m.Text); {
			case q < 0: // the form's title, or a remark
			case q <= reached:
				p.repeated++
			case q > reached+1:
				return fmt.Errorf("question %d is asked after %d", q, reached)
			default:
				reached, last = q, time.Now()
				p.progress.Add(1)
				var err error
				if again, err = p.answer(u, q, m); err != nil {
					return err
				}
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
			return fmt.Errorf("stuck at question %d; the last messages: %q, toasts: %v", reached, lastTexts(u), u.Toasts())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
