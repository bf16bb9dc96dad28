package storage

import (
	"context"
	"time"
)

// Leases let one of several replicas do what only one may do at a time, as
// polling. A lease ends by itself when its holder has died.
type Leases interface {
	// Lease takes a lease for ttl, or prolongs the holder's own, and reports
	// whether the holder has it now. Time is the store's. An error leaves it
	// open whether the lease was taken.
	Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error)

	// Yield gives a lease up early. One that is another's is left alone.
	Yield(ctx context.Context, name, holder string) error
}
