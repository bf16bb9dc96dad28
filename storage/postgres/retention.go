package postgres

import (
	"context"
	"fmt"
	"time"

	"example.org/fieldbot/storage"
)

var purges = map[storage.Kept]string{
	storage.KeptQuarantine: "DELETE FROM quarantine WHERE at < $1",
	storage.KeptAudit:      "DELETE FROM audit WHERE at < $1",
	storage.KeptLinks:      "DELETE FROM links WHERE expires < $1",
	storage.KeptVoice:      "UPDATE media SET state = 'dropped' WHERE kind = 'audio' AND state = 'fetched' AND changed < $1",
}

// Purge implements storage.Retention.
func (s *Store) Purge(ctx context.Context, kind storage.Kept, before time.Time) (int, error) {
	query, ok := purges[kind]
	if !ok {
		return 0, fmt.Errorf("purge %q: unknown kind", kind)
	}
	n, err := s.exec(ctx, query, before)
	if err != nil {
		return 0, fmt.Errorf("purge %s: %w", kind, err)
	}
	return int(n), nil
}
