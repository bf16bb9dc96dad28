package sqlite

import (
	"context"
	"fmt"
	"time"

	"example.org/fieldbot/storage"
)

var purges = map[storage.Kept]string{
	storage.KeptQuarantine: "DELETE FROM quarantine WHERE at < ?",
	storage.KeptAudit:      "DELETE FROM audit WHERE at < ?",
	storage.KeptLinks:      "DELETE FROM links WHERE expires < ?",
	storage.KeptVoice:      "UPDATE media SET state = 'dropped' WHERE kind = 'audio' AND state = 'fetched' AND changed < ?",
}

// Purge implements storage.Retention.
func (s *Store) Purge(ctx context.Context, kind storage.Kept, before time.Time) (int, error) {
	query, ok := purges[kind]
	if !ok {
		return 0, fmt.Errorf("purge %q: unknown kind", kind)
	}
	n, err := s.exec(ctx, query, before.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("purge %s: %w", kind, err)
	}
	return int(n), nil
}

// ForgetSessions deletes the sessions that nobody touched since before, and says
// how many. Those that wait for attention stay.
func (s *Store) ForgetSessions(ctx context.Context, before time.Time) (int, error) {
	n, err := s.exec(ctx, "DELETE FROM sessions WHERE changed < ? AND waiting IS NULL", before.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("forget sessions: %w", err)
	}
	return int(n), nil
}
