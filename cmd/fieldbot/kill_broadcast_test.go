package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// TestKillBroadcast kills the bot amid a broadcast. Nobody is told twice, and of
// whom the outcome is unknown that is said. A job whose process died is taken up
// after some minutes, so that the end is awaited with FIELDBOT_SOAK only.
func TestKillBroadcast(t *testing.T) {
	const n, text = 120, "The office is closed on Friday."
	for _, onServers := range []bool{false, true} {
		t.Run(map[bool]string{false: "SQLite", true: "Redis and Postgres"}[onServers], func(t *testing.T) {
			p := newProcess(t, onServers, onServers)
			key := []byte("a key of 32 bytes for tests only")
			keys, err := bot.NewKeys(key, key)
			if err != nil {
				t.Fatal(err)
			}
			s := p.open(t)
			var users []*simulator.User
			var people []string
			for range n {
				u := p.sim.User(simulator.UserOptions{Language: "en"})
				if _, err := u.Say("/privacy"); err != nil {
					t.Fatal(err)
				}
				users = append(users, u)
				person := keys.Person(u.ID())
				people = append(people, person)
				if _, err := s.Save(t.Context(), storage.Person{ID: person, Role: storage.Officer, Language: "en",
					Contact: keys.Seal("chat "+person, fmt.Append(nil, u.ID()))}, "test", "invited"); err != nil {
					t.Fatal(err)
				}
			}
			body, err := bot.BroadcastBody(locales.New(), "en", hex.EncodeToString([]byte("news")), text, storage.Officer, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := broadcaster(s).Begin(t.Context(), storage.Broadcast{ID: "news", By: "test", Body: body}, people); err != nil {
				t.Fatal(err)
			}
			s.close()

			told := func() (all int) {
				for i, u := range users {
					own := 0
					for _, m := range u.Heard() {
						if strings.HasPrefix(m.Text, text) {
							own++
						}
					}
					if own > 1 {
						t.Fatalf("person %d was told %d times", i, own)
					}
					all += own
				}
				return all
			}
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
			defer cancel()
			await := func(what string, done func() bool) {
				t.Helper()
				for !done() {
					if ctx.Err() != nil {
						t.Fatalf("never %s: %d are told", what, told())
					}
					time.Sleep(20 * time.Millisecond)
				}
			}
			p.start(t)
			await("told the first", func() bool { return told() >= n/4 })
			p.kill()
			if told() == n {
				t.Fatal("all were told before the bot was killed")
			}
			p.start(t)
			if err := waitReady(ctx, "http://"+p.address+"/readyz", 15*time.Second); err != nil {
				t.Fatal(err)
			}
			s = p.open(t)
			defer s.close()
			counts := func() storage.Broadcast {
				v, err := s.Broadcast(ctx, "news")
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			if os.Getenv("FIELDBOT_SOAK") != "" {
				await("over", func() bool { return counts().State == storage.BroadcastDone })
			}
			got := counts().Counts
			known, heard := got[storage.RecipientTold], told()
			if lost := got[storage.RecipientUnknown] + got[storage.RecipientBegun]; known > heard || heard > known+lost || lost == n {
				t.Errorf("%d heard it, counted are %v", heard, got)
			}
			t.Logf("%d of %d heard it: %v", heard, n, got)
		})
	}
}
