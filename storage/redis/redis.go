// Package redis keeps the conversations under way in Redis, on one node or on
// a Redis Cluster.
//
// A session is one string: 8 bytes of revision, 8 of the token of the commit
// that wrote it, and what storage.Session.Encode gives. It lies in one of 256
// shards, by a hash of the person, whose name is the key's hash tag, {s000} to
// {s255}; so one script can also keep the shard's sorted set of sessions that
// wait for attention, on whichever node the shard is. A turn is two round trips:
// a GET and a script.
//
// What was acknowledged survives a crash of Redis only as its settings say:
// with appendonly yes and appendfsync always, all of it; with everysec, all but
// about the last second. Replicas are written to after the answer: one that
// takes over for a lost master may lack the last commits. WAIT after each would
// narrow that gap for another round trip and not close it, so it is not used;
// people are then asked their last question again.
package redis

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/redis/go-redis/v9"

	"example.org/fieldbot/storage"
)

const (
	shards = 256
	header = 16 // bytes before the encoded session: revision and token
	idle   = 4  // connections kept open for the next turn
)

// Options are what a Store needs to know.
type Options struct {
	// URL is redis://… or rediss://…; further nodes of a cluster may follow as
	// addr parameters. Whether it is a cluster is asked of the server.
	URL string

	// Keep is how long after its last commit a session is kept; 0 is for ever.
	Keep time.Duration

	// Prefix comes before every key, so that bots can share a server. It must
	// have no braces.
	Prefix string
}

// A Store is storage.Sessions in Redis.
type Store struct {
	c      redis.UniversalClient
	prefix string
	keep   time.Duration
}

var _ storage.Sessions = (*Store)(nil)

// Open connects to Redis. It fails if Redis does not answer.
func Open(ctx context.Context, o Options) (*Store, error) {
	if strings.ContainsAny(o.Prefix, "{}") {
		return nil, fmt.Errorf("open redis: prefix %q has a brace", o.Prefix)
	}
	cluster, err := redis.ParseClusterURL(o.URL)
	if err != nil {
		return nil, errors.New("open redis: the URL is not one of redis://host:port/db") // the URL may hold a password
	}
	quiet()
	isCluster, err := inCluster(ctx, cluster)
	if err != nil {
		return nil, fmt.Errorf("open redis: %w", wrap(err))
	}
	s := &Store{prefix: o.Prefix, keep: o.Keep}
	if isCluster {
		cluster.MinIdleConns, cluster.DialerRetries = idle, 1
		s.c = redis.NewClusterClient(cluster)
		return s, nil
	}
	one, err := redis.ParseURL(withoutNodes(o.URL))
	if err != nil {
		return nil, errors.New("open redis: the URL is not one of redis://host:port/db")
	}
	one.MinIdleConns, one.DialerRetries = idle, 1
	s.c = redis.NewClient(one)
	return s, nil
}

// quiet sends go-redis's own log, which is the same for all clients of a process
// and says what the errors say too, to where it is seen only if asked for.
var quiet = sync.OnceFunc(func() { redis.SetLogger(logger{}) })

type logger struct{}

func (logger) Printf(ctx context.Context, format string, v ...any) {
	slog.DebugContext(ctx, "redis client", "message", fmt.Sprintf(format, v...))
}

// inCluster asks the nodes of a URL, until one answers, whether they are a
// cluster.
func inCluster(ctx context.Context, o *redis.ClusterOptions) (bool, error) {
	var last error
	for _, addr := range o.Addrs {
		c := redis.NewClient(&redis.Options{
			Addr: addr, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig, DialTimeout: o.DialTimeout, DialerRetries: 1,
		})
		info, err := c.Info(ctx, "cluster").Result()
		_ = c.Close()
		if err == nil {
			return strings.Contains(info, "cluster_enabled:1"), nil
		}
		last = err
	}
	return false, last
}

// withoutNodes takes the addr parameters from a URL: only a cluster has them.
func withoutNodes(addr string) string {
	base, query, _ := strings.Cut(addr, "?")
	params := slices.DeleteFunc(strings.Split(query, "&"), func(p string) bool {
		return p == "" || strings.HasPrefix(p, "addr=")
	})
	if len(params) == 0 {
		return base
	}
	return base + "?" + strings.Join(params, "&")
}

// Close ends the connections.
func (s *Store) Close() error { return s.c.Close() }

// Ping asks whether Redis answers.
func (s *Store) Ping(ctx context.Context) error { return wrap(s.c.Ping(ctx).Err()) }

// keys are a person's session, and the waiting sessions of its shard.
func (s *Store) keys(person string) (session, waiting string) {
	tag := shardTag(xxhash.Sum64String(person) % shards)
	return s.prefix + tag + person, s.waitingKey(tag)
}

func shardTag(n uint64) string { return shardTags[n] }

var shardTags = func() (tags [shards]string) {
	for n := range tags {
		tags[n] = fmt.Sprintf("{s%03d}", n)
	}
	return tags
}()

// waitingKey cannot be a person's: pseudonyms have no space.
func (s *Store) waitingKey(tag string) string { return s.prefix + tag + " waiting" }

// Load implements storage.Sessions.
func (s *Store) Load(ctx context.Context, person string) (storage.Session, error) {
	key, _ := s.keys(person)
	b, err := s.c.Get(ctx, key).Bytes()
	if errors.Is(err, redis.Nil) {
		return storage.Session{Person: person}, nil
	}
	if err != nil {
		return storage.Session{}, fmt.Errorf("load session: %w", wrap(err))
	}
	if len(b) < header {
		return storage.Session{}, errors.New("load session: damaged")
	}
	v, err := storage.DecodeSession(person, binary.BigEndian.Uint64(b), b[header:])
	if err != nil {
		return storage.Session{}, fmt.Errorf("load session: %w", err)
	}
	return v, nil
}

// commit stores a session over the revision that it was loaded with. A header
// that is the new one already is this very commit, sent again after a lost
// answer. It returns 1 if the session is stored, else 0.
var commit = redis.NewScript(`
local now = redis.call('GETRANGE', KEYS[1], 0, 15)
local new = string.sub(ARGV[2], 1, 16)
if now ~= new then
	if now == '' then now = string.rep('\0', 8) end
	if string.sub(now, 1, 8) ~= ARGV[1] then return 0 end
	if ARGV[5] == '0' then
		redis.call('SET', KEYS[1], ARGV[2])
	else
		redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[5])
	end
end
if ARGV[3] == '' then
	redis.call('ZREM', KEYS[2], ARGV[4])
else
	redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
end
return 1`)

// Commit implements storage.Sessions. If the connection is lost before the
// answer, go-redis sends the script again; the token makes that harmless.
func (s *Store) Commit(ctx context.Context, v storage.Session) (uint64, error) {
	next := storage.NextRevision(v.Revision, time.Now())
	encoded := v.Encode()
	value := make([]byte, header, header+len(encoded))
	binary.BigEndian.PutUint64(value, next)
	rand.Read(value[8:header])
	value = append(value, encoded...)
	var since any = ""
	if from, ok := v.Attention(); ok {
		since = from.UnixMilli()
	}
	keep := s.keep.Milliseconds()
	if v.Waiting() {
		keep = 0 // a frozen interview is not to be lost
	}
	key, waiting := s.keys(v.Person)
	old := binary.BigEndian.AppendUint64(nil, v.Revision)
	stored, err := commit.Run(ctx, s.c, []string{key, waiting}, old, value, since, v.Person, keep).Int()
	if err != nil {
		return 0, fmt.Errorf("commit session: %w", wrap(err))
	}
	if stored == 0 {
		return 0, fmt.Errorf("commit session: %w", storage.ErrConflict)
	}
	return next, nil
}

// Waiting implements storage.Sessions. It asks all shards in one pipeline.
func (s *Store) Waiting(ctx context.Context, before time.Time, limit int) ([]string, error) {
	var asked [shards]*redis.ZSliceCmd
	_, err := s.c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n := range asked {
			asked[n] = p.ZRangeArgsWithScores(ctx, redis.ZRangeArgs{
				Key: s.waitingKey(shardTag(uint64(n))), ByScore: true,
				Start: "-inf", Stop: fmt.Sprintf("(%d", before.UnixMilli()), Count: int64(limit),
			})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list waiting sessions: %w", wrap(err))
	}
	var all []redis.Z
	for _, shard := range asked {
		all = append(all, shard.Val()...)
	}
	slices.SortFunc(all, func(a, b redis.Z) int {
		switch {
		case a.Score < b.Score:
			return -1
		case a.Score > b.Score:
			return 1
		}
		return 0
	})
	var persons []string
	for _, z := range all[:min(limit, len(all))] {
		persons = append(persons, z.Member.(string))
	}
	return persons, nil
}

// Delete implements storage.Sessions.
func (s *Store) Delete(ctx context.Context, person string) error {
	key, waiting := s.keys(person)
	_, err := s.c.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, key)
		p.ZRem(ctx, waiting, person)
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete session: %w", wrap(err))
	}
	return nil
}

// wrap tells what a client's error means to callers.
func wrap(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, redis.ErrClosed) || errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
	}
	// Replies of a server that cannot serve now: loading its data, out of
	// memory, its disk full, its cluster broken, a replica cut off.
	for _, reply := range []string{"LOADING", "OOM", "MISCONF", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "MASTERDOWN", "NOREPLICAS", "BUSY", "ERR max number of clients"} {
		if strings.HasPrefix(err.Error(), reply) {
			return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
		}
	}
	return err
}
