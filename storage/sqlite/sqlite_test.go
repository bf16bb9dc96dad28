package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/sqlite"
	"example.org/fieldbot/storage/storagetest"
	"example.org/fieldbot/storage/storagetest/servers"
)

func open(t testing.TB) *sqlite.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "field bot.db")
	servers.File(t, "fieldbot", path, migrated)
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// migrated makes a file with the schema.
func migrated(ctx context.Context, path string) error {
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	return s.Close()
}

func TestSessions(t *testing.T) {
	storagetest.Sessions(t, func(t *testing.T) storage.Sessions { return open(t) })
}

func TestForgetSessions(t *testing.T) {
	s := open(t)
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for person, age := range map[string]time.Duration{"old": time.Hour, "waits": time.Hour, "young": 0} {
		v := storage.Session{Person: person, Changed: at.Add(-age)}
		if person == "waits" {
			v.Outbox = []storage.Reply{{ID: 1}}
		}
		if _, err := s.Commit(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.ForgetSessions(t.Context(), at.Add(-time.Minute)); n != 1 || err != nil {
		t.Errorf("%d sessions were forgotten, %v; want 1", n, err)
	}
	for person, there := range map[string]bool{"old": false, "waits": true, "young": true} {
		if v, err := s.Load(t.Context(), person); err != nil || v.Revision > 0 != there {
			t.Errorf("%s: revision %d, %v", person, v.Revision, err)
		}
	}
}

func TestResults(t *testing.T) {
	storagetest.Results(t, func(t *testing.T) storage.Results { return open(t) })
}

func BenchmarkSessions(b *testing.B) { storagetest.BenchmarkSessions(b, open(b)) }

func BenchmarkSubmissions(b *testing.B) { storagetest.BenchmarkSubmissions(b, open(b)) }
