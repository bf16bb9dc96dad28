package servers

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// NewRedis prepares a Redis server that writes each command to its disk before
// it answers; settings are further ones, as "--cluster-enabled", "yes".
func NewRedis(settings ...string) (*Server, error) {
	bin, err := find([]string{"/usr/local/bin", "/opt/homebrew/bin"}, "redis-server")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := dataDir("redis")
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL: fmt.Sprintf("redis://127.0.0.1:%d/0", port), Port: port, name: "redis", dir: dir,
		command: append([]string{
			filepath.Join(bin, "redis-server"), "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", dir,
			"--save", "", "--appendonly", "yes", "--appendfsync", "always",
		}, settings...),
	}
	s.ready = func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		c := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", port), MaxRetries: -1})
		defer c.Close()
		return c.Ping(ctx).Err()
	}
	return s, nil
}

// StartRedis starts a Redis server for one test, which may kill it.
func StartRedis(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := NewRedis(settings...)
	return begin(t, s, err)
}

var sharedRedis = shared{
	variable: RedisVar,
	start:    func() (*Server, error) { return NewRedis("--appendonly", "no") },
	onEnd:    func(string) {},
}

// Redis returns the URL of a shared Redis server and a prefix for the keys of
// this test, which are deleted when it ends.
func Redis(t testing.TB) (addr, prefix string) {
	t.Helper()
	addr = sharedRedis.use(t)
	prefix = "test-" + rand.Text()[:10] + ":"
	t.Cleanup(func() {
		o, err := redis.ParseURL(addr)
		if err != nil {
			t.Error(err)
			return
		}
		c := redis.NewClient(o)
		defer c.Close()
		ctx := context.Background()
		keys := c.Scan(ctx, 0, prefix+"*", 1000).Iterator()
		for keys.Next(ctx) {
			c.Unlink(ctx, keys.Val())
		}
		if err := keys.Err(); err != nil {
			t.Error(err)
		}
	})
	return addr, prefix
}

// StartCluster starts a Redis Cluster of n masters and returns them and the
// URL of the whole.
func StartCluster(t testing.TB, n int) (nodes []*Server, addr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	var clients []*redis.Client
	for range n {
		// The bus port is told because the usual one, port+10000, may not exist.
		bus, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		s := StartRedis(t, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(bus),
			"--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no")
		c := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", s.Port)})
		defer c.Close()
		if len(nodes) > 0 {
			if err := clients[0].Do(ctx, "CLUSTER", "MEET", "127.0.0.1", s.Port, bus).Err(); err != nil {
				t.Fatal(err)
			}
		}
		nodes, clients = append(nodes, s), append(clients, c)
	}
	const slots = 16384
	for i, c := range clients {
		if err := c.ClusterAddSlotsRange(ctx, i*slots/n, (i+1)*slots/n-1).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range clients {
		for {
			info, err := c.ClusterInfo(ctx).Result()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_size:%d\r", n)) {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	query := url.Values{}
	for _, s := range nodes[1:] {
		query.Add("addr", fmt.Sprintf("127.0.0.1:%d", s.Port))
	}
	return nodes, fmt.Sprintf("redis://127.0.0.1:%d?%s", nodes[0].Port, query.Encode())
}
