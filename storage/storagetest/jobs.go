package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

// patience is how long a job may take to be worked off on a busy machine.
const patience = 30 * time.Second

// Jobs exercises an implementation of storage.Jobs.
func Jobs(t *testing.T, open func(t *testing.T) storage.Jobs) {
	cases[storage.Jobs]{
		"a job is done once, with its arguments":       jobDone,
		"enqueued again it is left out, for good":      jobTwice,
		"a job that fails is called again":             jobRetried,
		"at most once: a failure is final":             onceFailed,
		"at most once: an interrupted call is unknown": onceInterrupted,
		"again means later, also at most once":         jobAgain,
		"a job waits for its time":                     jobLater,
		"of two runs one does a job":                   jobsShared,
		"run ends with its context":                    runEnds,
	}.run(t, open)
}

// A tally counts calls by key.
type tally struct {
	sync.Mutex
	calls map[string]int
}

func (c *tally) add(key string) int {
	c.Lock()
	defer c.Unlock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[key]++
	return c.calls[key]
}

func (c *tally) of(key string) int {
	c.Lock()
	defer c.Unlock()
	return c.calls[key]
}

// running starts workers, and stops them when the test ends.
func running(t *testing.T, st storage.Jobs, workers map[string]storage.Worker) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- st.Run(ctx, workers) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// reaches waits for a job's state.
func reaches(t *testing.T, st storage.Jobs, key string, want storage.JobState) {
	t.Helper()
	var got storage.JobState
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var err error
		if got, err = st.JobState(t.Context(), "mail", key); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
	}
	t.Fatalf("job %s is %s, want %s", key, got, want)
}

func enqueue(t *testing.T, st storage.Jobs, keys ...string) {
	t.Helper()
	var list []storage.Job
	for _, key := range keys {
		list = append(list, storage.Job{Kind: "mail", Key: key})
	}
	must(t, st.Enqueue(t.Context(), list...))
}

func jobDone(t *testing.T, st storage.Jobs) {
	for _, once := range []bool{false, true} {
		key := fmt.Sprint("once ", once)
		must(t, st.Enqueue(t.Context(), storage.Job{Kind: "mail", Key: key, Args: []byte(`{"to":"ນ້ອຍ"}`)}))
		reaches(t, st, key, storage.JobWaiting)
		var got storage.Job
		stop := running(t, st, map[string]storage.Worker{"mail": {Once: once, Do: func(_ context.Context, j storage.Job) error {
			got = j
			return nil
		}}})
		reaches(t, st, key, storage.JobDone)
		stop()
		if got.Kind != "mail" || got.Key != key || string(got.Args) != `{"to":"ນ້ອຍ"}` && string(got.Args) != `{"to": "ນ້ອຍ"}` {
			t.Errorf("the worker was given %s %s %s", got.Kind, got.Key, got.Args)
		}
	}
	_, err := st.JobState(t.Context(), "mail", "never")
	want(t, err, storage.ErrNotFound)
}

func jobTwice(t *testing.T, st storage.Jobs) {
	var calls tally
	enqueue(t, st, "a", "b", "a")
	_, errs := race(8, func(i int) (struct{}, error) {
		list := []storage.Job{{Kind: "mail", Key: "a"}, {Kind: "mail", Key: "b"}, {Kind: "mail", Key: "c"}}
		if i%2 > 0 {
			list[0], list[2] = list[2], list[0]
		}
		return struct{}{}, st.Enqueue(t.Context(), list...)
	})
	must(t, errors.Join(errs...))
	running(t, st, map[string]storage.Worker{"mail": {Limit: 4, Do: func(_ context.Context, j storage.Job) error {
		calls.add(j.Key)
		return nil
	}}})
	for _, key := range []string{"a", "b", "c"} {
		reaches(t, st, key, storage.JobDone)
	}
	enqueue(t, st, "a", "d")
	reaches(t, st, "d", storage.JobDone)
	same(t, "calls", map[string]int{"a": 1, "b": 1, "c": 1, "d": 1}, calls.calls)
}

func jobRetried(t *testing.T, st storage.Jobs) {
	var calls tally
	enqueue(t, st, "a")
	running(t, st, map[string]storage.Worker{"mail": {Do: func(_ context.Context, j storage.Job) error {
		if calls.add(j.Key) < 2 {
			return errors.New("not yet")
		}
		return nil
	}}})
	reaches(t, st, "a", storage.JobDone)
	if n := calls.of("a"); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}

func onceFailed(t *testing.T, st storage.Jobs) {
	var calls tally
	enqueue(t, st, "a", "z")
	running(t, st, map[string]storage.Worker{"mail": {Once: true, Do: func(_ context.Context, j storage.Job) error {
		calls.add(j.Key)
		if j.Key == "a" {
			return errors.New("it may have been sent")
		}
		return nil
	}}})
	reaches(t, st, "a", storage.JobFailed)
	reaches(t, st, "z", storage.JobDone)
	enqueue(t, st, "a")
	time.Sleep(1500 * time.Millisecond) // River's first retry would come after one second
	if n := calls.of("a"); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

// onceInterrupted has a worker end without a word, as one that was killed does.
func onceInterrupted(t *testing.T, st storage.Jobs) {
	var calls, lost tally
	enqueue(t, st, "a")
	running(t, st, map[string]storage.Worker{"mail": {
		Once: true,
		Do: func(_ context.Context, j storage.Job) error {
			calls.add(j.Key)
			panic("killed")
		},
		Unknown: func(_ context.Context, j storage.Job) { lost.add(j.Key) },
	}})
	reaches(t, st, "a", storage.JobUnknown)
	for end := time.Now().Add(patience); lost.of("a") == 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if c, l := calls.of("a"), lost.of("a"); c != 1 || l != 1 {
		t.Errorf("called %d times and reported %d times, want 1 and 1", c, l)
	}
}

func jobAgain(t *testing.T, st storage.Jobs) {
	for _, once := range []bool{false, true} {
		var calls tally
		key := fmt.Sprint("once ", once)
		enqueue(t, st, key)
		stop := running(t, st, map[string]storage.Worker{"mail": {Once: once, Do: func(_ context.Context, j storage.Job) error {
			if calls.add(j.Key) < 3 {
				return fmt.Errorf("429: %w", storage.Again{After: 20 * time.Millisecond})
			}
			return nil
		}}})
		reaches(t, st, key, storage.JobDone)
		stop()
		if n := calls.of(key); n != 3 {
			t.Errorf("%s: %d calls, want 3", key, n)
		}
	}
}

func jobLater(t *testing.T, st storage.Jobs) {
	at := time.Now().Add(2 * time.Second)
	must(t, st.Enqueue(t.Context(), storage.Job{Kind: "mail", Key: "a", At: at}))
	var begun time.Time
	running(t, st, map[string]storage.Worker{"mail": {Do: func(context.Context, storage.Job) error {
		begun = time.Now()
		return nil
	}}})
	reaches(t, st, "a", storage.JobDone)
	if begun.Before(at) {
		t.Errorf("begun %v too early", at.Sub(begun))
	}
}

func jobsShared(t *testing.T, st storage.Jobs) {
	var calls tally
	workers := map[string]storage.Worker{"mail": {Once: true, Limit: 5, Do: func(_ context.Context, j storage.Job) error {
		calls.add(j.Key)
		return nil
	}}}
	running(t, st, workers)
	running(t, st, workers)
	var keys []string
	for i := range 40 {
		keys = append(keys, fmt.Sprint(i))
	}
	enqueue(t, st, keys...)
	for _, key := range keys {
		reaches(t, st, key, storage.JobDone)
		if n := calls.of(key); n != 1 {
			t.Errorf("job %s was called %d times, want 1", key, n)
		}
	}
}

func runEnds(t *testing.T, st storage.Jobs) {
	begun := make(chan struct{})
	enqueue(t, st, "a")
	stop := running(t, st, map[string]storage.Worker{"mail": {Do: func(context.Context, storage.Job) error {
		close(begun)
		time.Sleep(300 * time.Millisecond)
		return nil
	}}})
	select {
	case <-begun:
	case <-time.After(patience):
		t.Fatal("the job was not begun")
	}
	stop() // while it is under way
	reaches(t, st, "a", storage.JobDone)
}
