package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"example.org/fieldbot/bot/dialogue"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/storage/postgres"
	"example.org/fieldbot/storage/redis"
	"example.org/fieldbot/storage/sqlite"
	"example.org/fieldbot/storage/storagetest/servers"
)

var update = flag.Bool("update", false, "write what the bot says now into the dialogues")

// TestDialogues plays the conversations of the demo, one after another on the
// same stores, and those of single behaviours, each on stores of its own.
func TestDialogues(t *testing.T) {
	t.Parallel()
	for _, on := range []struct {
		name    string
		webhook bool
		open    func(t *testing.T) *stores
	}{
		{"SQLite, polling", false, onSQLite},
		{"Redis and Postgres, webhook", true, onServers},
	} {
		t.Run(on.name, func(t *testing.T) {
			t.Run("demo", func(t *testing.T) {
				s := stage(t, on.open(t), on.webhook)
				for _, path := range dialogueFiles(t, "dialogues") {
					playFile(t, s, path)
				}
			})
			for _, path := range dialogueFiles(t, "behaviour") {
				t.Run(filepath.Base(path), func(t *testing.T) {
					t.Parallel()
					playFile(t, stage(t, on.open(t), on.webhook), path)
				})
			}
		})
	}
}

func dialogueFiles(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no dialogues in %s: %v", folder, err)
	}
	return paths
}

func onSQLite(t *testing.T) *stores {
	t.Helper()
	return openFile(t, t.TempDir())
}

// openFile opens the stores of a data folder, with the schema in it.
func openFile(t *testing.T, dir string) *stores {
	t.Helper()
	servers.File(t, "fieldbot", filepath.Join(dir, "fieldbot.db"), func(ctx context.Context, path string) error {
		db, err := sqlite.Open(ctx, path)
		if err != nil {
			return err
		}
		return db.Close()
	})
	s, err := openSQLite(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

// onServers opens a part of the shared servers.
func onServers(t *testing.T) *stores {
	t.Helper()
	url := servers.Database(t, "fieldbot", func(ctx context.Context, url string) error {
		db, err := postgres.Open(ctx, url)
		if err != nil {
			return err
		}
		return db.Close()
	})
	results, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	addr, prefix := servers.Redis(t)
	sessions, err := redis.Open(t.Context(), redis.Options{URL: addr, Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	s := &stores{Sessions: sessions, Results: results, close: func() { sessions.Close(); results.Close() }}
	t.Cleanup(s.close)
	return s
}

func stage(t *testing.T, s *stores, webhook bool) *dialogue.Stage {
	t.Helper()
	o := stageOptions(s)
	o.Webhook = webhook
	st, err := dialogue.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	return st
}

func playFile(t *testing.T, s *dialogue.Stage, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := flowtest.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var said []string
	r, err := s.Play(t.Context(), d, func(l flowtest.Line) { said = append(said, l.String()) })
	if err != nil {
		for _, l := range said[max(0, len(said)-20):] {
			t.Log(l)
		}
		t.Fatalf("%s: %v", path, err)
	}
	if r.Diff == "" {
		return
	}
	if !*update {
		t.Errorf("%s: not as written; go test -update writes it anew\n%s", path, r.Diff)
		return
	}
	if err := os.WriteFile(path, r.Updated, 0o644); err != nil {
		t.Fatal(err)
	}
}
