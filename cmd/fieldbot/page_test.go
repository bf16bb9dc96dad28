package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/simulator/browser"
	"example.org/fieldbot/flows/library"
)

// A demonstration is the whole demo, or a preview, in this process.
type demonstration struct {
	*preview
	t   *testing.T
	out *lockedBuffer
}

// lockedBuffer is what a command prints, read while it prints.
type lockedBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}

// demonstrate starts the demo, or what edit makes of it.
func demonstrate(t *testing.T, edit func(p *preview)) *demonstration {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	d := &demonstration{preview: &preview{dir: t.TempDir(), addr: "127.0.0.1:0", seats: seats}, t: t, out: &lockedBuffer{}}
	for _, name := range library.Names() {
		d.forms = append(d.forms, libraryPrefix+name)
	}
	if edit != nil {
		edit(d.preview)
	}
	up, down := make(chan struct{}), make(chan error, 1)
	go func() {
		c := &console{Context: ctx, in: os.Stdin, out: d.out, err: io.Discard}
		down <- d.run(c, func(*preview) error { close(up); return nil })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-down; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the demo ended with %v", err)
		}
	})
	select {
	case <-up:
	case err := <-down:
		down <- nil
		t.Fatal(err)
	}
	return d
}

func (d *demonstration) open(query string, width, height int64) *browser.Page {
	d.t.Helper()
	return browser.Open(d.t, d.url+"/?"+query, width, height)
}

func (d *demonstration) citizen() *simulator.User { return d.server.User(seats[0]) }

// shot keeps a picture if FIELDBOT_SHOTS names a folder.
func shot(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	if dir := os.Getenv("FIELDBOT_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), p.Picture(), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// A citizen answers the whole survey in Lao on a phone, by touch.
func TestPageSurveyByMouse(t *testing.T) {
	t.Parallel()
	d := demonstrate(t, nil)
	p := d.open("user=citizen&lang=lo", 390, 844)
	shot(t, p, "phone-empty")
	p.Press("ເລີ່ມ")
	p.Until(browser.Last)
	shot(t, p, "phone-start")
	t.Log(p.Text(browser.Last))
	p.NoErrors()
}
