// Testenv runs a command with a Redis and a Postgres server of its own:
//
//	go run ./storage/storagetest/testenv -- go test ./...
//
// It looks for the servers' programs, installs them if it may, starts both on
// free ports with their data in temporary folders, names them to the command in
// FIELDBOT_TEST_REDIS and FIELDBOT_TEST_POSTGRES, stops them afterwards and
// exits as the command did. A variable that is set already is left as it is,
// and that server not started.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"example.org/fieldbot/storage/storagetest/servers"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(stderr, "usage: testenv -- command arguments…")
		return 2
	}
	// An interrupt from the keyboard reaches the command too; it is waited for,
	// and then the servers are stopped.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	env := os.Environ()
	for _, s := range []struct {
		variable string
		prepare  func() (*servers.Server, error)
	}{
		{servers.RedisVar, func() (*servers.Server, error) { return servers.NewRedis("--appendonly", "no") }},
		{servers.PostgresVar, func() (*servers.Server, error) { return servers.NewPostgres() }},
	} {
		if os.Getenv(s.variable) != "" {
			continue
		}
		server, err := s.prepare()
		if errors.Is(err, servers.ErrNoBinary) {
			if err = install(ctx, stderr); err == nil {
				server, err = s.prepare()
			}
		}
		if err == nil {
			defer server.Stop()
			err = server.Start()
		}
		if err != nil {
			fmt.Fprintf(stderr, "testenv: %v\n", err)
			return 1
		}
		env = append(env, s.variable+"="+server.URL)
	}

	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	cmd.Env = env
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(stderr, "testenv: %v\n", err)
		return 1
	}
	finished := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			_ = cmd.Process.Signal(os.Interrupt)
		case <-finished:
		}
	}()
	err := cmd.Wait()
	close(finished)
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		fmt.Fprintf(stderr, "testenv: %v\n", err)
		return 1
	}
	if code := cmd.ProcessState.ExitCode(); code >= 0 {
		return code
	}
	return 1 // ended by a signal
}
