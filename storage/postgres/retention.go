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
	storage.KeptTrials: "DELETE FROM form_versions WHERE substr(form_id, 1, 6) = '" + storage.TrialPrefix + "' AND coalesce(published, 'epoch') < $1" +
		" AND EXISTS (SELECT 1 FROM forms f WHERE f.form_id = form_versions.form_id AND f.retired)" +
		" AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.form_id = form_versions.form_id)",
	storage.KeptVoice: "UPDATE media SET state = 'dropped' WHERE kind = 'audio' AND state = 'fetched' AND changed < $1",
}

// trialParts are deleted with the versions that KeptTrials deletes.
var trialParts = []string{
	"DELETE FROM form_files WHERE substr(form_id, 1, 6) = '" + storage.TrialPrefix + "'" +
		" AND NOT EXISTS (SELECT 1 FROM form_versions v WHERE v.form_id = form_files.form_id AND v.hash = form_files.hash)",
	"DELETE FROM forms WHERE substr(form_id, 1, 6) = '" + storage.TrialPrefix + "'" +
		" AND NOT EXISTS (SELECT 1 FROM form_versions v WHERE v.form_id = forms.form_id)",
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
	if kind == storage.KeptTrials {
		for _, part := range trialParts {
			if _, err := s.exec(ctx, part); err != nil {
				return int(n), fmt.Errorf("purge %s: %w", kind, err)
			}
		}
	}
	return int(n), nil
}
