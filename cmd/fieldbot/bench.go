package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"example.org/fieldbot/cmd/fieldbot/bench"
)

// benchCmd measures a turn beside handlers written by hand, what an interview
// takes in Redis, and how a broadcast keeps to Telegram's limit. It needs Redis
// and Postgres, and talks to nothing outside this machine.
type benchCmd struct {
	config
	Seconds int     `default:"3" help:"Length of each measurement."`
	Rounds  int     `default:"5" help:"How often the contenders take turns; of the rounds the median counts."`
	Crowd   int     `default:"64" help:"Respondents at a time when saturated."`
	Rate    float64 `default:"150" help:"Updates a second when paced."`
	Only    string  `placeholder:"PART" enum:",turns,memory,sending" default:"" help:"One part alone: turns, memory or sending."`
	Load    string  `placeholder:"LOAD" help:"One load alone, as saturated."`
	Profile string  `placeholder:"FILE" help:"Write a CPU profile of the bot into this file."`
	Be      string  `hidden:"" placeholder:"NAME" help:"Be this contender: floor or library."`
	At      string  `hidden:"" placeholder:"ADDR" help:"Where to listen then."`
}

const benchSecret = "bench-secret"

func (c *benchCmd) Run(t *console) error {
	if c.DatabaseURL == "" || c.RedisURL == "" {
		return usage("DATABASE_URL and REDIS_URL are not set; `make bench` starts both on this machine")
	}
	backends := bench.Backends{Redis: c.RedisURL, Postgres: c.DatabaseURL}
	switch c.Be {
	case "floor":
		return (&bench.Floor{Backends: backends, API: c.TelegramAPIURL + "/bot1:floor"}).Serve(t, c.At)
	case "library":
		return (&bench.Library{Backends: backends, API: c.TelegramAPIURL, Secret: benchSecret}).Serve(t, c.At)
	}
	if c.Rounds < 1 || c.Seconds < 1 || c.Crowd < 1 || c.Rate <= 0 {
		return usage("--rounds, --seconds, --crowd and --rate must be above 0")
	}
	dir, err := os.MkdirTemp("", "fieldbot-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &benchmark{benchCmd: c, api: bench.NewAPI(), dir: dir}
	b.ids.Store(time.Now().UnixMilli())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: b.api, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(listener)
	defer server.Close()
	b.address = "http://" + listener.Addr().String()
	return b.run(t)
}

// A benchmark is one run.
type benchmark struct {
	*benchCmd
	api     *bench.API
	address string // of the api
	dir     string
	ids     atomic.Int64
}

func (b *benchmark) run(t *console) error {
	t.printf("%s\n\n", machine())
	for _, part := range []struct {
		name string
		run  func(*console) error
	}{{"turns", b.turns}, {"memory", b.memory}, {"sending", b.sending}} {
		if b.Only != "" && b.Only != part.name {
			continue
		}
		if err := part.run(t); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// A contender is a process that asks the survey.
type contender struct {
	name    string
	address string
	cmd     *exec.Cmd
}

func (c *contender) stop() {
	c.cmd.Process.Signal(os.Interrupt)
	c.cmd.Wait()
}

// begin starts a process that listens at a free address, and waits until it is
// ready.
func (b *benchmark) begin(t *console, name string, args func(address string) []string) (*contender, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &contender{name: name, address: address, cmd: exec.CommandContext(t, self, args(address)...)}
	c.cmd.Env = append(os.Environ(), "DATABASE_URL="+b.DatabaseURL, "REDIS_URL="+b.RedisURL)
	c.cmd.Stderr = t.err
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	if err := waitReady(t, "http://"+address+"/readyz", 30*time.Second); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// other starts a contender that is not the bot.
func (b *benchmark) other(t *console, name, be string) (*contender, error) {
	return b.begin(t, name, func(address string) []string {
		return []string{"bench", "--be", be, "--at", address, "--telegram-api-url", b.address}
	})
}

// serve starts the bot with a form.
func (b *benchmark) serve(t *console, form string) (*contender, error) {
	key := hex.EncodeToString([]byte(strings.Repeat("bench-only-key--", 2)))
	return b.begin(t, "fieldbot", func(address string) []string {
		args := []string{"serve", "--form", form,
			"--telegram-bot-token", "100000:bench-bench-bench", "--telegram-api-url", b.address,
			"--bot-username", "bench_bot", "--webhook-url", "http://" + address + "/telegram", "--webhook-secret", benchSecret,
			"--listen-addr", address, "--pseudonym-key", key, "--link-key", key, "--data-dir", b.dir, "--log-level", "warn"}
		if b.Profile != "" {
			args = append(args, "--profile", b.Profile)
		}
		return args
	})
}

// load is a crowd of respondents at a contender.
func (b *benchmark) load(c *contender, crowd int, rate float64) *bench.Load {
	return &bench.Load{API: b.api, Webhook: "http://" + c.address + "/telegram", Secret: benchSecret, Start: "/start bench",
		Crowd: crowd, Rate: rate, For: time.Duration(b.Seconds) * time.Second, IDs: &b.ids}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// freeAddress finds a loopback address where nothing listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// waitReady waits until an address answers 200.
func waitReady(ctx context.Context, url string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not get ready: %w", url, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// A cost is the use of the processor, as Linux counts it for each thread of a process; zero
// elsewhere. Go's threads stay as long as the process.
type cost struct {
	cpu   time.Duration
	waits int // how often a thread went to sleep and was woken
}

func costOf(pid int) (c cost) {
	tasks, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*")
	for _, task := range tasks {
		stat, _ := os.ReadFile(task + "/schedstat")
		onCPU, _, _ := strings.Cut(string(stat), " ")
		n, _ := strconv.ParseInt(onCPU, 10, 64)
		c.cpu += time.Duration(n)
		status, _ := os.ReadFile(task + "/status")
		_, waits, _ := strings.Cut(string(status), "\nvoluntary_ctxt_switches:\t")
		waits, _, _ = strings.Cut(waits, "\n")
		n, _ = strconv.ParseInt(waits, 10, 64)
		c.waits += int(n)
	}
	return c
}
