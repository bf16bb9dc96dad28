package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"example.org/fieldbot/flows"
)

// previewCmd is the web chat for one workbook.
type previewCmd struct {
	Addr string `default:"127.0.0.1:8090" placeholder:"ADDR" help:"Where the web chat listens; another port if it is taken."`
	Form string `arg:"" help:"A workbook, or library:NAME."`
}

func (c *previewCmd) Run(t *console) error {
	form, _, err := compileForm(c.Form)
	var found flows.Problems
	if errors.As(err, &found) {
		for _, p := range found {
			t.printf("%s: %s\n", c.Form, p)
		}
		return errFound
	}
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "fieldbot-preview-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p := &preview{dir: dir, addr: c.Addr, seats: seats, forms: []string{c.Form}}
	return p.run(t, func(p *preview) error {
		if role := form.Settings.Audience; role != "" && role != "citizen" {
			if err := p.seat(t, role); err != nil {
				return err
			}
		}
		t.printf("\n  The web chat is at %s\n  Write /start. The form is read again when its file changes; an interview keeps the form it began with.\n\n", p.url)
		if !strings.HasPrefix(c.Form, libraryPrefix) {
			go p.watch(t, c.Form)
		}
		return nil
	})
}

// watch publishes a workbook again whenever it changes.
func (p *preview) watch(t *console, path string) {
	last := modified(path)
	for sleep(t, time.Second) {
		now := modified(path)
		if now.Equal(last) || now.IsZero() {
			continue
		}
		last = now
		v, changed, err := publish(t, p.service.stores.Results, path, time.Now())
		var found flows.Problems
		switch {
		case errors.As(err, &found):
			for _, problem := range found {
				t.printf("%s: %s\n", path, problem)
			}
		case err != nil:
			t.printf("%s: %v\n", path, err)
		case changed:
			p.service.bot.Published()
			p.server.Announce("form", v.Title)
			t.printf("%s: read again\n", path)
		}
	}
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
