package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/storage"
)

const testKey = "a key of 32 bytes for tests only"

// TestQuarantine puts an update aside and lets an operator find, replay and drop
// it.
func TestQuarantine(t *testing.T) {
	t.Parallel()
	sim := simulator.New(simulator.Options{})
	api, err := sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	noy := sim.User(simulator.UserOptions{ID: 1001, First: "Noy", Language: "en"})
	noy.Start("")

	key := hex.EncodeToString([]byte(testKey))
	env := map[string]string{
		"DATA_DIR": filepath.Join(t.TempDir(), "data"), "PSEUDONYM_KEY": key, "LINK_KEY": key, "LANGUAGES": "en,lo",
		"TELEGRAM_BOT_TOKEN": simulator.DefaultToken, "TELEGRAM_API_URL": api.URL, "BOT_USERNAME": "fieldbot_demo_bot",
	}
	fieldbot := func(code int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
		if got := run(t.Context(), args, lookup, strings.NewReader(""), &out, &errs); got != code {
			t.Fatalf("%v exits with %d: %s%s", args, got, &out, &errs)
		}
		return out.String() + errs.String()
	}
	fieldbot(exitOK, "form", "publish", "library:odsc")

	s, err := openSQLite(t.Context(), env["DATA_DIR"])
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	c := config{PseudonymKey: key, LinkKey: key}
	keys, err := c.botKeys()
	if err != nil {
		t.Fatal(err)
	}
	aside := func(id int64, reason, raw string) {
		t.Helper()
		q := storage.Quarantined{UpdateID: id, Reason: reason, Update: keys.Seal("update", []byte(raw)), At: time.Now()}
		if err := s.PutAside(context.Background(), q); err != nil {
			t.Fatal(err)
		}
	}
	const help = `{"update_id":71,"message":{"message_id":1,"date":1,"text":"/help","from":{"id":1001,"first_name":"Noy","language_code":"en"},"chat":{"id":1001,"type":"private"}}}`
	aside(71, "fails: panic", help)
	aside(72, "cannot be decoded", `{"update_id":72,"message":{"text":{"secret":"answer"}}}`)

	if got := fieldbot(exitOK, "quarantine", "list"); !strings.Contains(got, "71") || !strings.Contains(got, "fails: panic") || !strings.Contains(got, "72") {
		t.Errorf("list:\n%s", got)
	}
	if got := fieldbot(exitOK, "quarantine", "show", "71"); strings.Contains(got, "/help") || strings.Contains(got, "1001") || strings.Contains(got, "Noy") || !strings.Contains(got, "(text of 5)") {
		t.Errorf("show tells what was written:\n%s", got)
	}
	if got := fieldbot(exitOK, "quarantine", "show", "71", "--content"); !strings.Contains(got, help) {
		t.Errorf("show --content:\n%s", got)
	}
	fieldbot(exitUsage, "quarantine", "replay")
	fieldbot(exitUsage, "quarantine", "drop", "99")
	if got := fieldbot(exitProblem, "quarantine", "replay", "--all"); !strings.Contains(got, "71  handled") || !strings.Contains(got, "72  still cannot be decoded") {
		t.Errorf("replay:\n%s", got)
	}
	if !strings.Contains(noy.Last().Text, "/language") {
		t.Errorf("Noy hears %q", noy.Last().Text)
	}
	if got := fieldbot(exitOK, "quarantine", "list"); strings.Contains(got, "71") || !strings.Contains(got, "72") {
		t.Errorf("list after the replay:\n%s", got)
	}
	fieldbot(exitOK, "quarantine", "drop", "72")
	if got := fieldbot(exitOK, "quarantine", "list"); strings.TrimSpace(got) != "" {
		t.Errorf("list in the end:\n%s", got)
	}
}
