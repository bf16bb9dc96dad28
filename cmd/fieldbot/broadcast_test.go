package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/storage"
)

// TestBroadcast lets an operator tell all officers something, by way of the bot
// that serves.
func TestBroadcast(t *testing.T) {
	h := newFortress(t)
	fieldbot := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		lookup := func(name string) (string, bool) {
			v, ok := map[string]string{"DATA_DIR": filepath.Join(h.dir, "data"), "LANGUAGES": "en,lo"}[name]
			return v, ok
		}
		if code := run(h.ctx, args, lookup, strings.NewReader(""), &out, &out); code != exitOK {
			t.Fatalf("%v: %s", args, &out)
		}
		return out.String()
	}
	var officers []*simulator.User
	for range 4 {
		u := h.person()
		h.says(u, "/start "+h.link(storage.Link{Role: storage.Officer, Uses: 1}))
		officers = append(officers, u)
	}
	officers[3].Block()
	h.quiet()
	const text = "The update is due on <Friday>."
	if got := fieldbot("broadcast", "send", "--role", "officer", "--text", text); !strings.Contains(got, "would be told") {
		t.Errorf("without --yes: %s", got)
	}
	count := func(u *simulator.User) (n int) {
		for _, m := range u.Heard() {
			if strings.HasPrefix(m.Text, text+"\n\n") { // and how to answer below it
				n++
			}
		}
		return n
	}
	fieldbot("broadcast", "send", "--role", "officer", "--text", text, "--yes")
	var list string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if list = fieldbot("broadcast", "list"); strings.Contains(list, "done") {
			break
		}
	}
	if !strings.Contains(list, "3 told") || !strings.Contains(list, "done") {
		t.Errorf("list: %s", list)
	}
	for i, u := range officers {
		want := 1
		if i == 3 {
			want = 0
		}
		if got := count(u); got != want {
			t.Errorf("officer %d was told %d times", i, got)
		}
	}
	if n := count(h.friend); n != 0 {
		t.Errorf("a citizen was told %d times", n)
	}
}
