//go:build !linux

package spent

import "time"

var start = time.Now()

// thread falls back to the time on the wall.
func thread() time.Duration { return time.Since(start) }
