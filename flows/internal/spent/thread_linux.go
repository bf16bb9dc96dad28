package spent

import (
	"time"

	"golang.org/x/sys/unix"
)

// thread returns the processor time of the thread so far, to the nanosecond:
// getrusage tells it in ticks of some milliseconds.
func thread() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err) // not on Linux
	}
	return time.Duration(t.Nano())
}
