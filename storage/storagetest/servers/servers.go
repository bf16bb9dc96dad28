// Package servers starts private Redis and Postgres servers for tests: real
// ones, on free ports of the loopback address, with data in a folder that is
// thrown away. They can be killed and started again in the middle of a test.
//
// Most tests want no server of their own: Database and Redis give each a part
// of a shared one, that of the environment (see package testenv) or one that
// runs while tests of the process need it. They fail, and never skip, where
// there is no server.
package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// The environment variables that name servers to share, as URLs.
const (
	PostgresVar = "FIELDBOT_TEST_POSTGRES"
	RedisVar    = "FIELDBOT_TEST_REDIS"
)

// ErrNoBinary says that a server is not installed.
var ErrNoBinary = errors.New("no such server program")

// startTime is how long a server may take until it answers.
const startTime = 60 * time.Second

// A Server is a server process.
type Server struct {
	URL  string
	Port int

	name    string
	command []string
	ready   func(ctx context.Context) error
	dir     string

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has ended
	log   *bytes.Buffer
}

// Kill ends the server as a power cut would: with no chance to write anything.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	kill(s.cmd.Process)
	<-s.ended
	s.cmd = nil
}

// Stop ends the server and deletes its data.
func (s *Server) Stop() {
	s.Kill()
	_ = os.RemoveAll(s.dir)
}

// Start starts the server on its data, and returns when it answers.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		return nil
	}
	end := time.Now().Add(startTime)
	for {
		err := s.start(end)
		if err == nil || time.Now().After(end) {
			return err
		}
		time.Sleep(100 * time.Millisecond) // what is left of a killed one may still hold its port
	}
}

func (s *Server) start(end time.Time) error {
	s.log = &bytes.Buffer{}
	cmd := exec.Command(s.command[0], s.command[1:]...)
	cmd.Dir = s.dir
	cmd.Stdout, cmd.Stderr = s.log, s.log
	unprivileged(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	ended := make(chan struct{})
	s.ended = ended
	go func() {
		_ = cmd.Wait() // it says that it was killed
		close(ended)
	}()
	for {
		ctx, cancel := context.WithDeadline(context.Background(), end)
		err := s.ready(ctx)
		cancel()
		if err == nil {
			s.cmd = cmd
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("start %s: it ended at once: %s", s.name, s.log)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			kill(cmd.Process)
			<-ended
			return fmt.Errorf("start %s: no answer: %w: %s", s.name, err, s.log)
		}
	}
}

// Restart kills the server and starts it again on the same data and port.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Kill()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
}

// begin starts a new server for a test.
func begin(t testing.TB, s *Server, err error) *Server {
	t.Helper()
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatalf("%v\n\nThe test needs a real server: run it with make test, which finds or installs them.", err)
	}
	t.Cleanup(s.Stop)
	return s
}

// freePort is a port that nobody listens on now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// find looks for a program in PATH and in folders, the last match first, so
// that of several versions the newest is found. All of names must be beside it.
func find(folders []string, names ...string) (string, error) {
	var dirs []string
	for _, pattern := range folders {
		matches, _ := filepath.Glob(pattern) // the patterns are our own
		slices.Sort(matches)
		slices.Reverse(matches)
		dirs = append(dirs, matches...)
	}
	for _, dir := range append(dirs, filepath.SplitList(os.Getenv("PATH"))...) {
		all := true
		for _, name := range names {
			if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
				all = false
			}
		}
		if all {
			return dir, nil
		}
	}
	return "", fmt.Errorf("%w: %s", ErrNoBinary, names[0])
}

// A shared server runs while tests of this process use it.
type shared struct {
	variable string
	start    func() (*Server, error)
	onEnd    func(url string)

	mu    sync.Mutex
	users int
	own   *Server
	url   string
}

// use returns the server's URL. The server is let go when the test ends.
func (s *shared) use(t testing.TB) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 {
		s.url = os.Getenv(s.variable)
		if s.url == "" {
			own, err := s.start()
			if err == nil {
				err = own.Start()
			}
			if err != nil {
				t.Fatalf("%v\n\nThe test needs a real server: run it with make test, which finds or installs them, or set %s.", err, s.variable)
			}
			s.own, s.url = own, own.URL
		}
	}
	s.users++
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.users--; s.users > 0 {
			return
		}
		s.onEnd(s.url)
		if s.own != nil {
			s.own.Stop()
			s.own = nil
		}
	})
	return s.url
}
