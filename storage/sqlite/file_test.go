package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/sqlite"
)

// writerVar names the file to the process that TestProcessIsKilled kills.
const writerVar = "FIELDBOT_TEST_SQLITE_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerVar); path != "" {
		write(path)
		return
	}
	os.Exit(m.Run())
}

// write commits turns and submissions until it is killed, and prints the number
// of each once it is acknowledged.
func write(path string) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		v, err := s.Load(ctx, "p")
		if err == nil {
			v.NextID++
			_, err = s.Commit(ctx, v)
		}
		sub := storage.Submission{Prefix: "AU", Received: time.Now()}
		sub.ID = fmt.Sprint(v.NextID)
		if err == nil {
			_, _, err = s.Insert(ctx, sub)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(v.NextID, sub.ID)
	}
}

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fieldbot.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Commit(t.Context(), storage.Session{Person: "p"}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("files %v, %v; want the file, its -wal and its -shm", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", filepath.Base(file), info.Mode().Perm())
		}
	}
}

func TestOpenedByManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a?b#c%20.db")
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			s, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for range 20 {
				v := storage.Submission{Prefix: "AU", Received: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
				v.ID = fmt.Sprint(i, time.Now().UnixNano())
				if _, _, err := s.Insert(t.Context(), v); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Get(t.Context(), "AU-2026-00120"); err != nil {
		t.Errorf("the last of 120 submissions: %v", err)
	}
}

func TestNotAFile(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, garbage, filepath.Join(dir, "none", "x.db")} {
		if s, err := sqlite.Open(t.Context(), path); err == nil {
			s.Close()
			t.Errorf("opening %s gave no error", path)
		}
	}
}

// TestProcessIsKilled kills a process that writes, again and again: what it was
// told is stored is there.
func TestProcessIsKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fieldbot.db")
	for round := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), writerVar+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(300+70*round)*time.Millisecond, func() { _ = cmd.Process.Kill() })
		var turns, submissions uint64
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Sscan(lines.Text(), &turns, &submissions) // the last line may be cut off
		}
		_ = cmd.Wait() // it says that it was killed
		timer.Stop()
		s, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.Load(t.Context(), "p")
		if err != nil || v.NextID < turns {
			t.Errorf("round %d: %d turns are stored, %v; %d were acknowledged", round, v.NextID, err, turns)
		}
		if submissions > 0 {
			if _, err := s.Get(t.Context(), fmt.Sprint(submissions)); err != nil {
				t.Errorf("round %d: submission %d: %v", round, submissions, err)
			}
		}
		if turns == 0 {
			t.Logf("round %d: killed before the first turn", round)
		}
		s.Close()
	}
}
