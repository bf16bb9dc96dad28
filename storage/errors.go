package storage

import "errors"

// Errors that every store returns, wrapped.
var (
	// ErrNotFound says that there is no such record.
	ErrNotFound = errors.New("not found")

	// ErrConflict says that the record changed since it was loaded. Load it
	// again and redo the work on the new state.
	ErrConflict = errors.New("changed meanwhile")

	// ErrUsed says that a link or ticket has no uses left or has expired.
	ErrUsed = errors.New("no longer valid")

	// ErrUnavailable says that the store cannot be reached now; the same call
	// may work later. Nothing was written, or it is not known whether.
	ErrUnavailable = errors.New("store unavailable")
)
