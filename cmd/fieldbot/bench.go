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
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"example.org/fieldbot/cmd/fieldbot/bench"
)

// benchCmd measures a turn beside a handler written by hand. It needs Redis and
// Postgres, and talks to nothing outside this machine.
type benchCmd struct {
	config
	Seconds int     `default:"10" help:"Length of each measurement."`
	Rounds  int     `default:"2" help:"How often both take turns."`
	Crowd   int     `default:"64" help:"Respondents at a time when saturated."`
	Rate    float64 `default:"150" help:"Updates a second when paced."`
	Profile string  `placeholder:"DIR" help:"Write CPU profiles of the bot into this folder."`
	Floor   string  `hidden:"" placeholder:"ADDR" help:"Be the handler written by hand, at this address."`
}

const benchSecret = "bench-secret"

func (c *benchCmd) Run(t *console) error {
	if c.DatabaseURL == "" || c.RedisURL == "" {
		return usage("DATABASE_URL and REDIS_URL are not set; `make bench` starts both on this machine")
	}
	if c.Floor != "" {
		f := &bench.Floor{API: c.TelegramAPIURL, Redis: c.RedisURL, Postgres: c.DatabaseURL}
		return f.Serve(t, c.Floor)
	}
	if c.Rounds < 1 || c.Seconds < 1 || c.Crowd < 1 || c.Rate <= 0 {
		return usage("--rounds, --seconds, --crowd and --rate must be above 0")
	}
	api := bench.NewAPI()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(listener)
	defer server.Close()
	b := &benchmark{benchCmd: c, api: api, address: "http://" + listener.Addr().String()}
	b.ids.Store(time.Now().UnixMilli())
	return b.run(t)
}

type benchmark struct {
	*benchCmd
	api     *bench.API
	address string
	ids     atomic.Int64
}

// A measurement is a contender's figures of one phase, over all rounds.
type measurement struct {
	contender, phase string
	results          []bench.Result
	cpu              time.Duration
}

func (b *benchmark) run(t *console) error {
	dir, err := os.MkdirTemp("", "fieldbot-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	form := filepath.Join(dir, "bench.md")
	if err := os.WriteFile(form, []byte(bench.Form()), 0o600); err != nil {
		return err
	}
	all := []*measurement{
		{contender: "by hand", phase: "saturated"}, {contender: "by hand", phase: "paced"},
		{contender: "fieldbot", phase: "saturated"}, {contender: "fieldbot", phase: "paced"},
	}
	for round := range b.Rounds {
		for _, m := range all {
			fmt.Fprintf(t.err, "round %d of %d: %s, %s\n", round+1, b.Rounds, m.contender, m.phase)
			if err := b.measure(t, m, dir); err != nil {
				return fmt.Errorf("%s, %s: %w", m.contender, m.phase, err)
			}
		}
	}
	return b.print(t, all)
}

func (b *benchmark) measure(t *console, m *measurement, dir string) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(t)
	defer cancel()
	cmd, load, err := b.contender(ctx, m, address, dir)
	if err != nil {
		return err
	}
	cmd.Stderr = t.err
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	}()
	if err := waitReady(ctx, "http://"+address+"/readyz", 30*time.Second); err != nil {
		return err
	}
	warm := *load
	warm.Rate, warm.For = 0, time.Second
	warm.Run(ctx)
	before := cpuTime(cmd.Process.Pid)
	r := load.Run(ctx)
	m.cpu += cpuTime(cmd.Process.Pid) - before
	m.results = append(m.results, r)
	if r.Updates == 0 {
		return fmt.Errorf("no update was answered: %w", r.Err)
	}
	if r.Err != nil {
		fmt.Fprintf(t.err, "%d updates failed, as: %v\n", r.Failed, r.Err)
	}
	return nil
}

// contender prepares the process and the load on it.
func (b *benchmark) contender(ctx context.Context, m *measurement, address, dir string) (*exec.Cmd, *bench.Load, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	load := &bench.Load{API: b.api, Webhook: "http://" + address + "/telegram", Secret: benchSecret, Start: "/start bench",
		Crowd: b.Crowd, For: time.Duration(b.Seconds) * time.Second, IDs: &b.ids}
	if m.phase == "paced" {
		load.Crowd, load.Rate = 32, b.Rate
	}
	var cmd *exec.Cmd
	if m.contender == "by hand" {
		cmd = exec.CommandContext(ctx, self, "bench", "--floor", address,
			"--telegram-api-url", b.address+"/bot1:floor")
	} else {
		key := hex.EncodeToString([]byte(strings.Repeat("bench-only-key--", 2)))
		cmd = exec.CommandContext(ctx, self, "serve", "--form", filepath.Join(dir, "bench.md"),
			"--telegram-bot-token", "100000:bench-bench-bench", "--telegram-api-url", b.address,
			"--bot-username", "bench_bot", "--webhook-url", load.Webhook, "--webhook-secret", benchSecret,
			"--listen-addr", address, "--pseudonym-key", key, "--link-key", key, "--data-dir", dir, "--log-level", "warn")
		if b.Profile != "" {
			cmd.Args = append(cmd.Args, "--profile", filepath.Join(b.Profile, fmt.Sprintf("%s-%d.pprof", m.phase, len(m.results))))
		}
	}
	cmd.Env = append(os.Environ(), "DATABASE_URL="+b.DatabaseURL, "REDIS_URL="+b.RedisURL)
	return cmd, load, nil
}

func (b *benchmark) print(t *console, all []*measurement) error {
	t.printf("%s, %d cores, %s; Redis and Postgres on this machine, over loopback\n\n",
		runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "contender\tload\tupdates/s\tCPU-s per 1,000\tp50 ms\tp99 ms\tcalls per update\tfailed\t")
	for _, m := range all {
		s := m.sum()
		fmt.Fprintf(w, "%s\t%s\t%.0f\t%.3f\t%.2f\t%.2f\t%.2f\t%d\t\n", m.contender, m.phase, s.PerSecond(),
			m.perThousand(), ms(s.P50), ms(s.P99), float64(s.Calls)/float64(s.Updates), s.Failed)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	t.printf("\nCPU of fieldbot ÷ by hand: %.2f saturated, %.2f paced; p99 paced: %.2f\n",
		all[2].perThousand()/all[0].perThousand(), all[3].perThousand()/all[1].perThousand(),
		ms(all[3].sum().P99)/ms(all[1].sum().P99))
	return nil
}

func (m *measurement) perThousand() float64 {
	return m.cpu.Seconds() / float64(m.sum().Updates) * 1000
}

// sum adds the rounds up; of the percentiles it takes the mean.
func (m *measurement) sum() bench.Result {
	var s bench.Result
	for _, r := range m.results {
		s.Updates += r.Updates
		s.Interviews += r.Interviews
		s.Failed += r.Failed
		s.Seconds += r.Seconds
		s.Calls += r.Calls
		s.P50 += r.P50 / time.Duration(len(m.results))
		s.P99 += r.P99 / time.Duration(len(m.results))
	}
	return s
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

// cpuTime is how much processor time a process has used, as Linux counts it, in
// hundredths of a second; 0 elsewhere.
func cpuTime(pid int) time.Duration {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name may hold blanks
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}
