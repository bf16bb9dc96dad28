package servers

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// NewPostgres makes a Postgres cluster; settings are further ones, as
// "fsync=on". Without fsync it survives being killed, though not a power cut:
// what it wrote is the operating system's to keep.
func NewPostgres(settings ...string) (*Server, error) {
	bin, err := find([]string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"}, "postgres", "initdb")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := dataDir("postgres")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync")
	initdb.Dir = dir
	unprivileged(initdb)
	if out, err := initdb.CombinedOutput(); err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	s := &Server{
		URL:  fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port),
		Port: port, name: "postgres", dir: dir,
		command: []string{filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port),
			"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
			"-c", "max_connections=300", "-c", "fsync=off", "-c", "full_page_writes=off"},
	}
	for _, v := range settings {
		s.command = append(s.command, "-c", v)
	}
	s.ready = func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return sql(ctx, s.URL, "SELECT 1")
	}
	return s, nil
}

// StartPostgres starts a Postgres server for one test, which may kill it.
func StartPostgres(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := NewPostgres(settings...)
	return begin(t, s, err)
}

// templates are the databases that Database copies, by the caller's key.
var templates struct {
	sync.Mutex
	names map[string]string
}

var sharedPostgres = shared{
	variable: PostgresVar,
	start:    func() (*Server, error) { return NewPostgres() },
	onEnd:    dropTemplates,
}

func dropTemplates(addr string) {
	templates.Lock()
	defer templates.Unlock()
	for _, name := range templates.names {
		_ = sql(context.Background(), addr, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}
	templates.names = nil
}

// Database returns the URL of a new database on a shared Postgres server. It is
// a copy of one that prepare, if not nil, filled: once in this process for each
// key. It is dropped when the test ends.
func Database(t testing.TB, key string, prepare func(ctx context.Context, url string) error) string {
	t.Helper()
	ctx := t.Context()
	addr := sharedPostgres.use(t)
	template, err := template(ctx, addr, key, prepare)
	if err != nil {
		t.Fatalf("prepare database: %v", err)
	}
	name := databaseName()
	if err := sql(ctx, addr, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if err := sql(context.Background(), addr, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return at(addr, name)
}

func template(ctx context.Context, addr, key string, prepare func(ctx context.Context, url string) error) (string, error) {
	if prepare == nil {
		return "template0", nil
	}
	templates.Lock()
	defer templates.Unlock()
	if name := templates.names[key]; name != "" {
		return name, nil
	}
	name := databaseName()
	if err := sql(ctx, addr, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", err
	}
	if templates.names == nil {
		templates.names = map[string]string{}
	}
	templates.names[key] = name
	return name, prepare(ctx, at(addr, name))
}

func databaseName() string { return "fieldbot_test_" + strings.ToLower(rand.Text()[:12]) }

// at is the address of another database on a server.
func at(addr, name string) string {
	u, err := url.Parse(addr)
	if err != nil {
		return addr // connecting will say what is wrong
	}
	u.Path = "/" + name
	return u.String()
}

// sql runs one statement.
func sql(ctx context.Context, addr, statement string) error {
	c, err := pgx.Connect(ctx, addr)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	_, err = c.Exec(ctx, statement)
	return err
}
