// Package browser drives the simulator's page in a chromium, for tests and for
// the pictures in the documentation. Nothing of the product imports it.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A Page is the simulator's page in a browser of its own. Its methods end the
// test when they cannot do what they are asked.
type Page struct {
	tb  testing.TB
	ctx context.Context

	mu     sync.Mutex
	errors []string
}

// limit is how long a test may use a page.
const limit = 4 * time.Minute // axe-core takes its time

// Open starts chromium at a width and height in CSS pixels and waits for the
// page at url. Without a chromium the test fails and says what to run: a page
// that nobody looked at does not count as working. Microphone and camera are
// fakes that are always allowed.
func Open(tb testing.TB, url string, width, height int64) *Page {
	tb.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		tb.Fatal("chromium is missing; run: apt-get update && apt-get install -y chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("force-prefers-reduced-motion", true))
	allocator, cancel := chromedp.NewExecAllocator(tb.Context(), opts...)
	tb.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	tb.Cleanup(cancel)
	// The first call starts the browser, whose life must not hang on a deadline.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		tb.Fatalf("start chromium: %v", err)
	}
	ctx, cancel = context.WithTimeout(ctx, limit)
	tb.Cleanup(cancel)
	p := &Page{tb: tb, ctx: ctx}
	if err := chromedp.Listen(ctx, p.listen); err != nil {
		tb.Fatal(err)
	}
	p.Visit(url)
	return p
}

// Visit goes to another address of the page.
func (p *Page) Visit(url string) {
	p.tb.Helper()
	p.Do(chromedp.Navigate(url))
	p.Until(`document.documentElement.dataset.ready === 'true'`)
}

func (p *Page) listen(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		p.errors = append(p.errors, ev.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if ev.Type == "error" || ev.Type == "warning" {
			p.errors = append(p.errors, fmt.Sprint(ev.Type, ": ", ev.Args))
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level == "error" {
			p.errors = append(p.errors, ev.Entry.Text+" "+ev.Entry.URL)
		}
	}
}

// NoErrors fails the test if the console showed an error or a warning.
func (p *Page) NoErrors() {
	p.tb.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.errors) > 0 {
		p.tb.Errorf("console: %q", p.errors)
	}
}

// Do runs actions of chromedp.
func (p *Page) Do(steps ...chromedp.Action[chromedp.Void]) {
	p.tb.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.tb.Fatal(err)
	}
}

// Run runs a statement in the page.
func (p *Page) Run(js string) {
	p.tb.Helper()
	p.Do(chromedp.Evaluate[chromedp.Void](js))
}

// Text is what a JavaScript expression, or the promise that it is, gives.
func (p *Page) Text(js string) string {
	p.tb.Helper()
	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.tb.Fatalf("%.80s: %v", js, err)
	}
	return text
}

// Until waits for a JavaScript expression to be true.
func (p *Page) Until(js string) {
	p.tb.Helper()
	for {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("Boolean("+js+")"))
		if err == nil && ok {
			return
		}
		if p.ctx.Err() != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.tb.Fatalf("never true: %s (%v); console: %q", js, errors.Join(err, p.ctx.Err()), p.errors)
		}
		time.Sleep(10 * time.Millisecond) // the page's own time, not the bot's
	}
}

// Last is a JavaScript expression for the text of the newest message that the
// bot wrote to the person whose seat is in use.
const Last = `[...document.querySelectorAll('.seat.current .messages .theirs .text')].at(-1)?.textContent`

// Says waits until the bot's newest message contains text.
func (p *Page) Says(text string) {
	p.tb.Helper()
	p.Until(fmt.Sprintf(`(%s ?? '').includes(%q)`, Last, text))
}

// Press clicks the newest button with this label: of the chat, its keyboard, a
// dialog, or else of the inspector or the bar above.
func (p *Page) Press(label string) {
	p.tb.Helper()
	var found []string
	for _, where := range []string{"dialog button", ".seat.current :is(.inline, .keys) button, .seat.current .big", ".inspector button, .top button, .notice button"} {
		found = append(found, fmt.Sprintf(`[...document.querySelectorAll(%q)].filter((e) => e.textContent.trim() === %q && e.checkVisibility()).at(-1)`, where, label))
	}
	element := "(" + strings.Join(found, " ?? ") + ")"
	p.Until(element)
	p.Run(element + ".click()")
}

// Input is the field that the person whose seat is in use writes in.
const Input = ".seat.current .composer textarea"

// Say writes a text and sends it.
func (p *Page) Say(text string) {
	p.tb.Helper()
	p.Write(text + "\r")
}

// Write presses keys in the field for writing.
func (p *Page) Write(keys string) {
	p.tb.Helper()
	p.Do(chromedp.Focus(Input))
	p.Keys(keys)
}

// Keys presses keys where the focus is: characters, or keys as package kb names
// them. A key and what it writes are one event here, of two in
// chromedp.KeyEvent: only so a page that takes a key for itself keeps its
// character from being written, as it does at a real keyboard.
func (p *Page) Keys(keys string, modifiers ...chromedp.Modifier) {
	p.tb.Helper()
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range keys {
			events := kb.Encode(r)
			down, up := events[0], events[len(events)-1]
			chromedp.KeyModifiers(modifiers...)(down)
			chromedp.KeyModifiers(modifiers...)(up)
			if len(events) == 3 && down.Modifiers&^int64(chromedp.ModifierShift) == 0 {
				down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
			}
			for _, e := range []*input.DispatchKeyEventParams{down, up} {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *e); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// SendPhoto sends a picture file by the labels of the buttons that lead there.
func (p *Page) SendPhoto(attach, photo, file string) {
	p.tb.Helper()
	p.Run(`HTMLInputElement.prototype.click = function () { window.picked = this; }`)
	p.Do(chromedp.Click(".seat.current .composer button[aria-label='" + attach + "']"))
	p.Press(photo)
	p.Until(`window.picked`)
	p.Do(chromedp.SetUploadFiles(".seat.current input[type=file]", []string{file}))
}

// SendVoice records by the button with this label until there is something to
// hear, and sends it.
func (p *Page) SendVoice(record string) {
	p.tb.Helper()
	p.Do(chromedp.Click(".seat.current .composer button[aria-label='" + record + "']"))
	p.Until(`document.querySelector('.composer button.active')`)
	p.Until(`!document.querySelector('.note').textContent.includes('0')`)
	p.Do(chromedp.Click(".seat.current .composer button.active"))
}

// Picture returns the page as it is seen, as PNG.
func (p *Page) Picture() []byte {
	p.tb.Helper()
	data, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.tb.Fatal(err)
	}
	return data
}

// Shot keeps the page as a picture of this name if FIELDBOT_SHOTS names a folder.
func (p *Page) Shot(name string) {
	p.tb.Helper()
	if dir := os.Getenv("FIELDBOT_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), p.Picture(), 0o644); err != nil {
			p.tb.Error(err)
		}
	}
}
