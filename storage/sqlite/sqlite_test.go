package sqlite_test

import (
	"path/filepath"
	"testing"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/sqlite"
	"example.org/fieldbot/storage/storagetest"
)

func open(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "field bot.db"))
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

func TestSessions(t *testing.T) {
	storagetest.Sessions(t, func(t *testing.T) storage.Sessions { return open(t) })
}

func TestResults(t *testing.T) {
	storagetest.Results(t, func(t *testing.T) storage.Results { return open(t) })
}

func BenchmarkSessions(b *testing.B) { storagetest.BenchmarkSessions(b, open(b)) }

func BenchmarkSubmissions(b *testing.B) { storagetest.BenchmarkSubmissions(b, open(b)) }
