package spent

import (
	"syscall"
	"time"
)

// thread returns the processor time of the thread so far.
func thread() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &u); err != nil {
		panic(err) // not on Linux
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
