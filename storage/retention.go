package storage

import (
	"context"
	"time"
)

// Retention deletes what was kept long enough.
type Retention interface {
	// Purge deletes records of a kind that became old before a time, and says
	// how many.
	Purge(ctx context.Context, kind Kept, before time.Time) (int, error)
}

// Kept is a kind of record that Purge deletes. Submissions are not among them.
type Kept string

// The kinds that Purge deletes, and when they become old.
const (
	KeptQuarantine Kept = "quarantine" // since put aside
	KeptAudit      Kept = "audit"      // since written
	KeptLinks      Kept = "links"      // since expired, with who used them; never if they do not expire
	KeptTrials     Kept = "trials"     // since sent: versions under TrialPrefix
	KeptVoice      Kept = "voice"      // since fetched; the file becomes MediaDropped, its name stays in the answer
)
