package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/postgres"
	"example.org/fieldbot/storage/storagetest"
	"example.org/fieldbot/storage/storagetest/servers"
)

// migrated fills the database that each test's own is a copy of.
func migrated(ctx context.Context, url string) error {
	s, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	return s.Close()
}

func open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestResults(t *testing.T) {
	storagetest.Results(t, func(t *testing.T) storage.Results {
		return open(t, servers.Database(t, "fieldbot", migrated))
	})
}

func TestCheckpoints(t *testing.T) {
	storagetest.Checkpoints(t, func(t *testing.T) storage.Checkpoints {
		return open(t, servers.Database(t, "fieldbot", migrated))
	})
}

func TestOpenedByManyAtOnce(t *testing.T) {
	url := servers.Database(t, "", nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := migrated(t.Context(), url); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestServerIsKilled inserts while Postgres is killed: each submission is there
// once, with the reference that was told.
func TestServerIsKilled(t *testing.T) {
	server := servers.StartPostgres(t)
	s := open(t, server.URL)
	stop, done := make(chan struct{}), make(chan struct{})
	told := map[string]string{}
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			v := storage.Submission{Prefix: "AU", Received: time.Date(2026, 1, 1, 0, 0, 0, i*1000, time.UTC)}
			v.ID = fmt.Sprint(i)
			for {
				stored, _, err := s.Insert(t.Context(), v)
				if err == nil {
					told[v.ID] = stored.Reference
					break
				}
				if !errors.Is(err, storage.ErrUnavailable) {
					t.Errorf("insert: %v, want unavailable", err)
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
	}()
	for range 3 {
		time.Sleep(100 * time.Millisecond)
		server.Restart(t)
	}
	close(stop)
	<-done
	n := 0
	for v, err := range open(t, server.URL).Each(t.Context(), storage.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if v.Reference != told[v.ID] {
			t.Errorf("submission has reference %s, told was %s", v.Reference, told[v.ID])
		}
		n++
	}
	if n == 0 || n != len(told) {
		t.Errorf("%d submissions are stored and %d told", n, len(told))
	}
}

func TestUnavailable(t *testing.T) {
	server := servers.StartPostgres(t)
	s := open(t, server.URL)
	server.Kill()
	if _, err := s.Get(t.Context(), "x"); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Get: %v, want unavailable", err)
	}
	if _, _, err := s.Insert(t.Context(), storage.Submission{Prefix: "AU"}); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Insert: %v, want unavailable", err)
	}
	for _, err := range s.Each(t.Context(), storage.Filter{}) {
		if !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("Each: %v, want unavailable", err)
		}
	}
	if _, err := postgres.Open(t.Context(), server.URL); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Open: %v, want unavailable", err)
	}
	_, err := postgres.Open(t.Context(), "postgres://user:secret@[/x")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("Open of a wrong URL: %v, want an error without the password", err)
	}
}

func BenchmarkSubmissions(b *testing.B) {
	storagetest.BenchmarkSubmissions(b, open(b, servers.Database(b, "fieldbot", migrated)))
}
