package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"example.org/fieldbot/cmd/fieldbot/bench"
)

// A phase is a crowd at a contender.
type phase struct {
	name  string
	crowd int
	rate  float64 // updates a second; 0: each answers as soon as asked
}

// A figure is what one round of a phase told of a contender.
type figure struct {
	bench.Result
	cost
}

func (f figure) perThousand() float64 { return f.cpu.Seconds() / float64(f.Updates) * 1000 }

// measured is of all rounds, by phase and contender.
type measured map[[2]string][]figure

// turns lets the contenders take turns at each phase, since only what was
// measured within seconds on the same machine can be compared.
func (b *benchmark) turns(t *console) error {
	form := filepath.Join(b.dir, "bench.md")
	if err := os.WriteFile(form, []byte(bench.Form()), 0o600); err != nil {
		return err
	}
	contenders, err := b.contenders(t, form)
	defer func() {
		for _, c := range contenders {
			c.stop()
		}
	}()
	if err != nil {
		return err
	}
	phases := []phase{
		{"saturated", b.Crowd, 0}, {"paced", 32, b.Rate},
		{"1 chat", 1, 0}, {"100 chats", 100, 0}, {"1,000 chats", 1000, 0},
	}
	if b.Load != "" {
		phases = slices.DeleteFunc(phases, func(p phase) bool { return p.name != b.Load })
	}
	all := measured{}
	for round := range b.Rounds {
		for _, p := range phases {
			for _, c := range contenders {
				fmt.Fprintf(t.err, "round %d of %d: %s, %s\n", round+1, b.Rounds, p.name, c.name)
				f, err := b.measure(t, p, c)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", c.name, p.name, err)
				}
				key := [2]string{p.name, c.name}
				all[key] = append(all[key], f)
			}
		}
	}
	return all.print(t, phases, contenders)
}

func (b *benchmark) contenders(t *console, form string) (all []*contender, err error) {
	for _, begin := range []func() (*contender, error){
		func() (*contender, error) { return b.other(t, "by hand", "floor") },
		func() (*contender, error) { return b.serve(t, form) },
		func() (*contender, error) { return b.other(t, "go-telegram/bot", "library") },
	} {
		c, err := begin()
		if err != nil {
			return all, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (b *benchmark) measure(ctx context.Context, p phase, c *contender) (figure, error) {
	load := b.load(c, p.crowd, p.rate)
	warm := *load
	warm.Rate, warm.For = 0, 300*time.Millisecond
	warm.Run(ctx)
	before := costOf(c.cmd.Process.Pid)
	f := figure{Result: load.Run(ctx)}
	after := costOf(c.cmd.Process.Pid)
	f.cost = cost{after.cpu - before.cpu, after.waits - before.waits}
	if f.Updates == 0 {
		return f, fmt.Errorf("no update was answered: %w", f.Err)
	}
	return f, ctx.Err()
}

func (all measured) print(t *console, phases []phase, contenders []*contender) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "load\tcontender\tupdates/s\tCPU-s per 1,000\tp50 ms\tp99 ms\tcalls per update\twake-ups per update\tfailed\t")
	for _, p := range phases {
		for _, c := range contenders {
			of := all[[2]string{p.name, c.name}]
			failed := 0
			for _, f := range of {
				failed += f.Failed
			}
			fmt.Fprintf(w, "%s\t%s\t%.0f\t%.3f\t%.2f\t%.2f\t%.2f\t%.2f\t%d\t\n", p.name, c.name,
				middle(of, func(f figure) float64 { return f.PerSecond() }), middle(of, figure.perThousand),
				middle(of, func(f figure) float64 { return ms(f.P50) }), middle(of, func(f figure) float64 { return ms(f.P99) }),
				middle(of, func(f figure) float64 { return float64(f.Calls) / float64(f.Updates) }),
				middle(of, func(f figure) float64 { return float64(f.waits) / float64(f.Updates) }), failed)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	t.printf("\n")
	for _, p := range phases[:min(2, len(phases))] {
		t.printf("CPU, %s: fieldbot ÷ by hand %.2f, go-telegram/bot ÷ fieldbot %.2f; p99: fieldbot ÷ by hand %.2f\n", p.name,
			all.ratio(p, "fieldbot", "by hand", figure.perThousand), all.ratio(p, "go-telegram/bot", "fieldbot", figure.perThousand),
			all.ratio(p, "fieldbot", "by hand", func(f figure) float64 { return ms(f.P99) }))
	}
	t.printf("\n")
	return nil
}

// ratio is the median of what one contender took of what another took in the
// same round.
func (all measured) ratio(p phase, of, by string, what func(figure) float64) float64 {
	var each []float64
	for i, f := range all[[2]string{p.name, of}] {
		each = append(each, what(f)/what(all[[2]string{p.name, by}][i]))
	}
	return median(each)
}

func middle(of []figure, what func(figure) float64) float64 {
	var each []float64
	for _, f := range of {
		each = append(each, what(f))
	}
	return median(each)
}

func median(of []float64) float64 {
	slices.SortFunc(of, cmp.Compare)
	if n := len(of); n%2 == 0 {
		return (of[n/2-1] + of[n/2]) / 2
	}
	return of[len(of)/2]
}

func machine() string {
	return fmt.Sprintf("%s/%s, %d cores, %s; Redis and Postgres on this machine, over loopback",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}
