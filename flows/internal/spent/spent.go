// Package spent measures what a piece of work costs, for tests that hold a
// limit: a busy machine must not make them fail, nor the race detector.
package spent

import (
	"runtime"
	"time"
)

// CPU runs f and returns the processor time it took on its own thread, which a
// loaded machine does not lengthen as it does the time on the wall.
func CPU(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := thread()
	f()
	return thread() - began
}

// Limit is how long work may take that is allowed d: more under the race
// detector, which makes everything up to ten times slower.
func Limit(d time.Duration) time.Duration { return d * slower }
