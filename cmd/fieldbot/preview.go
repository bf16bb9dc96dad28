package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// previewCmd is the web chat for one workbook.
type previewCmd struct {
	Addr  string `default:"127.0.0.1:8090" placeholder:"ADDR" help:"Where the web chat listens; another port if it is taken."`
	Repro string `placeholder:"FILE" help:"Write the conversation into this file, as a dialogue that fieldbot test plays."`
	Form  string `arg:"" help:"A workbook, or library:NAME."`
}

func (c *previewCmd) Run(t *console) error {
	if _, _, err := compileForm(c.Form); err != nil && !errors.As(err, new(flows.Problems)) {
		return err
	}
	dir, err := os.MkdirTemp("", "fieldbot-preview-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p := &preview{dir: dir, addr: c.Addr, seats: seats}
	var beside sync.WaitGroup
	err = p.run(t, func(p *preview) error {
		a := &author{preview: p, console: t, path: c.Form}
		a.read(t)
		t.printf("\n  The web chat is at %s/?user=%s&inspect\n  Write /start. The form is read again when its file changes, and answers that still fit are kept.\n\n",
			p.url, a.seatName())
		beside.Go(func() { a.watch(t) })
		if c.Repro != "" {
			beside.Go(func() { a.record(t, c.Repro) })
		}
		return nil
	})
	beside.Wait()
	if err != nil && t.Err() == nil {
		return err
	}
	if c.Repro != "" {
		return p.saved(t, c.Repro)
	}
	return nil
}

// An author works at a form while it is previewed.
type author struct {
	*preview
	console *console
	path    string
	problem string // what is wrong with the form, "" if nothing is
	role    string // that the form is for, "" until it could be read
}

// seatName is the seat of whom the form is for.
func (a *author) seatName() string {
	if a.role == "officer" || a.role == "secretariat" {
		return a.role
	}
	return "citizen"
}

// watchEvery is how often the file is looked at.
const watchEvery = 300 * time.Millisecond

// watch reads the workbook again whenever it changes.
func (a *author) watch(ctx context.Context) {
	if strings.HasPrefix(a.path, libraryPrefix) {
		return
	}
	last := modified(a.path)
	for sleep(ctx, watchEvery) {
		if now := modified(a.path); !now.Equal(last) && !now.IsZero() {
			last = now
			a.read(ctx)
		}
	}
}

// read publishes the workbook as it is now. What is wrong with it is shown in
// the page; the form before it stays in use.
func (a *author) read(ctx context.Context) {
	v, changed, err := publish(ctx, a.service.stores.Results, a.path, a.server.Now())
	if err != nil {
		a.refused(err)
		return
	}
	if !changed {
		if a.problem != "" { // the faults were taken back
			a.problem = ""
			a.console.printf("%s: read again\n", a.path)
			a.server.Notify(nil)
		}
		return
	}
	a.service.bot.Published()
	before := a.form.Swap(&v)
	if before != nil && before.FormID != v.FormID {
		if err := a.service.stores.Retire(ctx, before.FormID); err != nil {
			a.console.printf("%s: %v\n", a.path, err)
		}
	}
	mended := a.problem != ""
	a.problem = ""
	if role := v.Audience; a.role == "" {
		if a.role = role; role == "officer" || role == "secretariat" {
			if err := a.seat(a.console, role); err != nil {
				a.console.printf("%s: %v\n", a.path, err)
			}
		}
	}
	if before == nil {
		if mended {
			a.console.printf("%s: read again\n", a.path)
		}
		a.server.Notify(nil)
		return
	}
	kept, lost, err := a.carry(ctx, v)
	if err != nil {
		a.refused(err)
		return
	}
	a.reloads.Add(1)
	a.console.printf("%s: read again\n", a.path)
	a.server.Notify(&simulator.Notice{Kind: "form", Title: fmt.Sprint(kept), Lines: lost})
}

// refused tells at the terminal and in the page why the form cannot be used.
func (a *author) refused(err error) {
	n := &simulator.Notice{Kind: "problems", Title: a.path}
	var found flows.Problems
	if errors.As(err, &found) {
		for _, p := range found {
			n.Lines = append(n.Lines, p.String())
		}
	} else {
		n.Lines = []string{err.Error()}
	}
	if a.problem = strings.Join(n.Lines, "\n"); a.problem == "" {
		a.problem = n.Title
	}
	for _, line := range n.Lines {
		a.console.printf("%s: %s\n", a.path, line)
	}
	a.server.Notify(n)
}

// carry moves the interviews under way to a new version of their form. kept
// counts the answers that fit it, lost names those that do not.
func (a *author) carry(ctx context.Context, v storage.FormVersion) (kept int, lost []string, err error) {
	for _, u := range a.server.Users() {
		k, l, err := a.carryOne(ctx, a.service.keys.Person(u.ID()), v)
		if err != nil {
			return kept, lost, err
		}
		kept, lost = kept+k, append(lost, l...)
	}
	return kept, lost, a.service.bot.Sweep(ctx)
}

func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// sleep waits, and reports whether it was not interrupted.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
