package redis_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/redis"
	"example.org/fieldbot/storage/storagetest"
	"example.org/fieldbot/storage/storagetest/servers"
)

func open(t testing.TB, url, prefix string) *redis.Store {
	t.Helper()
	s, err := redis.Open(t.Context(), redis.Options{URL: url, Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func client(t testing.TB, url string) *goredis.Client {
	t.Helper()
	o, err := goredis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := goredis.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestSessions(t *testing.T) {
	storagetest.Sessions(t, func(t *testing.T) storage.Sessions {
		url, prefix := servers.Redis(t)
		return open(t, url, prefix)
	})
}

func TestSessionsInCluster(t *testing.T) {
	_, url := servers.StartCluster(t, 3)
	var mu sync.Mutex
	n := 0
	storagetest.Sessions(t, func(t *testing.T) storage.Sessions {
		mu.Lock()
		defer mu.Unlock()
		n++
		return open(t, url, fmt.Sprintf("t%d:", n))
	})
}

func TestServerIsKilled(t *testing.T) {
	server := servers.StartRedis(t)
	survives(t, open(t, server.URL, ""), func() { server.Restart(t) })
}

func TestClusterNodeIsKilled(t *testing.T) {
	nodes, url := servers.StartCluster(t, 3)
	n := 0
	survives(t, open(t, url, ""), func() {
		nodes[n%3].Restart(t)
		n++
	})
}

// survives has turns go on while restart kills servers: what was acknowledged is
// there, and a commit whose answer was lost is neither lost nor doubled once it
// is redone on what is stored.
func survives(t *testing.T, s *redis.Store, restart func()) {
	t.Helper()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			person := fmt.Sprintf("p%d", i)
			acknowledged := uint64(0)
			for {
				select {
				case <-stop:
					v, err := s.Load(t.Context(), person)
					for errors.Is(err, storage.ErrUnavailable) {
						time.Sleep(50 * time.Millisecond)
						v, err = s.Load(t.Context(), person)
					}
					if err != nil || v.NextID < acknowledged {
						t.Errorf("%s: %d turns stored, %v; %d were acknowledged", person, v.NextID, err, acknowledged)
					}
					return
				default:
				}
				v, err := s.Load(t.Context(), person)
				if err == nil && v.NextID < acknowledged {
					t.Errorf("%s: %d turns stored, %d were acknowledged", person, v.NextID, acknowledged)
					return
				}
				if err == nil {
					v.NextID++
					if _, err = s.Commit(t.Context(), v); err == nil {
						acknowledged = v.NextID
					}
				}
				if err != nil {
					// Nobody else writes this session, so a conflict would be
					// with our own commit, not recognised.
					if !errors.Is(err, storage.ErrUnavailable) {
						t.Errorf("%s: %v, want unavailable", person, err)
						return
					}
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	for range 5 {
		time.Sleep(50 * time.Millisecond)
		restart()
	}
	time.Sleep(50 * time.Millisecond)
	close(stop)
	wg.Wait()
}

func TestUnavailable(t *testing.T) {
	server := servers.StartRedis(t)
	s := open(t, server.URL, "")
	server.Kill()
	if _, err := s.Load(t.Context(), "p"); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Load: %v, want unavailable", err)
	}
	if _, err := s.Commit(t.Context(), storage.Session{Person: "p"}); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Commit: %v, want unavailable", err)
	}
	if _, err := s.Waiting(t.Context(), time.Now(), 1); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Waiting: %v, want unavailable", err)
	}
	if _, err := redis.Open(t.Context(), redis.Options{URL: server.URL}); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Open: %v, want unavailable", err)
	}
	_, err := redis.Open(t.Context(), redis.Options{URL: "http://user:secret@127.0.0.1"})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("Open of a wrong URL: %v, want an error without the password", err)
	}
}

// TestScriptsAreForgotten: a restarted server, or another node, does not know
// the script by its hash.
func TestScriptsAreForgotten(t *testing.T) {
	server := servers.StartRedis(t)
	s := open(t, server.URL, "")
	v := storage.Session{Person: "p"}
	for range 3 {
		var err error
		if v.Revision, err = s.Commit(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		if err := client(t, server.URL).ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeep(t *testing.T) {
	url, prefix := servers.Redis(t)
	s, err := redis.Open(t.Context(), redis.Options{URL: url, Prefix: prefix, Keep: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v := storage.Session{Person: "p", Outbox: []storage.Reply{{ID: 1}}}
	for _, want := range []bool{false, true} {
		if v.Revision, err = s.Commit(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		keys, err := client(t, url).Keys(t.Context(), prefix+"*}p").Result()
		if err != nil || len(keys) != 1 {
			t.Fatalf("keys %v, %v; want one", keys, err)
		}
		left, err := client(t, url).PTTL(t.Context(), keys[0]).Result()
		if err != nil || left > 0 != want || left > time.Hour {
			t.Errorf("waiting %v: it is kept for %v, %v", v.Waiting(), left, err)
		}
		v.Outbox = nil
	}
}

func TestDamagedSession(t *testing.T) {
	url, prefix := servers.Redis(t)
	s := open(t, url, prefix)
	if _, err := s.Commit(t.Context(), storage.Session{Person: "p"}); err != nil {
		t.Fatal(err)
	}
	c := client(t, url)
	keys, err := c.Keys(t.Context(), prefix+"*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatalf("keys %v, %v; want one", keys, err)
	}
	for _, value := range []string{"", "short", strings.Repeat("x", 40)} {
		c.Set(t.Context(), keys[0], value, 0)
		if _, err := s.Load(t.Context(), "p"); err == nil {
			t.Errorf("loading %q gave no error", value)
		}
	}
}

// TestMemory holds what a survey under way takes in Redis, all told. An instance
// of SUFS with all its answers is about 400 bytes.
func TestMemory(t *testing.T) {
	url, prefix := servers.Redis(t)
	s := open(t, url, prefix)
	v := storage.Session{
		Person: strings.Repeat("k", 26), Language: "lo", Contact: make([]byte, 40), NextID: 60, Changed: time.Now(),
		Open: []storage.Interview{{
			FormID: "sufs", Hash: strings.Repeat("0af9", 16), Instance: bytes.Repeat([]byte("x"), 400), Nonce: "x9Qa",
			Revision: 27, Message: 8812, Link: "q7Yw2K", Started: time.Now(), Changed: time.Now(),
		}},
	}
	for id := range int64(storage.MaxHandled) {
		v.MarkHandled(716_000_000 + 2000*id)
	}
	if _, err := s.Commit(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	c := client(t, url)
	keys, err := c.Keys(t.Context(), prefix+"*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatalf("keys %v, %v; want one", keys, err)
	}
	n, err := c.MemoryUsage(t.Context(), keys[0]).Result()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", n)
	if n > 1024 {
		t.Errorf("an interview takes %d bytes in Redis, want at most 1024", n)
	}
}

func BenchmarkSessions(b *testing.B) {
	url, prefix := servers.Redis(b)
	storagetest.BenchmarkSessions(b, open(b, url, prefix))
}
