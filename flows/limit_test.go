//go:build !race

package flows_test

import "time"

func limit(d time.Duration) time.Duration { return 3 * d } // for a busy machine
