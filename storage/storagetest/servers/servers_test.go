package servers_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"example.org/fieldbot/storage/storagetest/servers"
)

func TestRedisIsKilledAndComesBack(t *testing.T) {
	t.Parallel()
	s := servers.StartRedis(t)
	o, err := redis.ParseURL(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	defer c.Close()
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := c.Get(t.Context(), "k").Err(); err == nil {
		t.Error("a killed server answered")
	}
	s.Restart(t)
	if v, err := c.Get(t.Context(), "k").Result(); v != "v" {
		t.Errorf("after the restart: %q, %v", v, err)
	}
}

func TestPostgresIsKilledAndComesBack(t *testing.T) {
	t.Parallel()
	s := servers.StartPostgres(t)
	query := func(sql string) (n int, err error) {
		c, err := pgx.Connect(t.Context(), s.URL)
		if err != nil {
			return 0, err
		}
		defer c.Close(t.Context())
		return n, c.QueryRow(t.Context(), sql).Scan(&n)
	}
	if _, err := query("CREATE TABLE x AS SELECT 7 AS n; SELECT 1"); err == nil {
		t.Fatal("two statements ran as one query")
	}
	c, err := pgx.Connect(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), "CREATE TABLE x AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	s.Restart(t) // with a connection open
	if n, err := query("SELECT n FROM x"); n != 7 {
		t.Errorf("after the restart: %d, %v", n, err)
	}
}

func TestDatabasesAreApart(t *testing.T) {
	prepared := 0
	prepare := func(ctx context.Context, url string) error {
		prepared++
		c, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer c.Close(ctx)
		_, err = c.Exec(ctx, "CREATE TABLE x AS SELECT 1 AS n")
		return err
	}
	for range 2 {
		c, err := pgx.Connect(t.Context(), servers.Database(t, "x", prepare))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(t.Context())
		tag, err := c.Exec(t.Context(), "UPDATE x SET n = 2 WHERE n = 1")
		if err != nil || tag.RowsAffected() != 1 {
			t.Errorf("updated %d rows, %v; want 1", tag.RowsAffected(), err)
		}
	}
	if prepared != 1 {
		t.Errorf("prepared %d times, want once", prepared)
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	_, addr := servers.StartCluster(t, 3)
	o, err := redis.ParseClusterURL(addr)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClusterClient(o)
	defer c.Close()
	for _, key := range []string{"a", "b", "c", "d"} {
		if err := c.Set(t.Context(), key, "v", 0).Err(); err != nil {
			t.Errorf("set %s: %v", key, err)
		}
	}
}
