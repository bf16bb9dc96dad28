//go:build race

package flows_test

import "time"

// limit allows for the race detector, which makes everything some ten times slower.
func limit(d time.Duration) time.Duration { return 10 * d }
