// Package storagetest has the suites that every store passes. Begin with
// Sessions, which holds what the rest of the program leans on most.
//
// A suite calls open once for each subtest, for a fresh and empty store;
// subtests run in parallel.
package storagetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.org/fieldbot/storage"
)

// noon is when the suites happen.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 123_456_000, time.UTC)

// Results exercises everything that is kept beside the conversations.
func Results(t *testing.T, open func(t *testing.T) storage.Results) {
	t.Run("Forms", func(t *testing.T) {
		Forms(t, func(t *testing.T) storage.Forms { return open(t) })
	})
	t.Run("Submissions", func(t *testing.T) { Submissions(t, open) })
	t.Run("Tallies", func(t *testing.T) { Tallies(t, open) })
	t.Run("People", func(t *testing.T) {
		People(t, func(t *testing.T) storage.People { return open(t) })
	})
	t.Run("Schedules", func(t *testing.T) {
		Schedules(t, func(t *testing.T) storage.Schedules { return open(t) })
	})
	t.Run("Quarantine", func(t *testing.T) {
		Quarantine(t, func(t *testing.T) storage.Quarantine { return open(t) })
	})
	t.Run("Media", func(t *testing.T) {
		Media(t, func(t *testing.T) storage.Media { return open(t) })
	})
	t.Run("Retention", func(t *testing.T) { Retention(t, open) })
	t.Run("Reviews", func(t *testing.T) { Reviews(t, open) })
	t.Run("Drafts", func(t *testing.T) { Drafts(t, open) })
	t.Run("Jobs", func(t *testing.T) {
		Jobs(t, func(t *testing.T) storage.Jobs { return open(t) })
	})
}

// A cases is a suite: subtests with a store each.
type cases[S any] map[string]func(t *testing.T, s S)

func (c cases[S]) run(t *testing.T, open func(t *testing.T) S) {
	for name, test := range c {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// race calls do n times at once and returns what each call gave.
func race[T any](n int, do func(i int) (T, error)) ([]T, []error) {
	values, errs := make([]T, n), make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			values[i], errs[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	return values, errs
}

// count says how many errors are target; nil counts successes.
func count(errs []error, target error) int {
	n := 0
	for _, err := range errs {
		if errors.Is(err, target) {
			n++
		}
	}
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("got error %v, want %v", err, target)
	}
}

// same compares records; times by instant, no records and none alike.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}
