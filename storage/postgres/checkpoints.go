package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/storage"
)

var _ storage.Checkpoints = (*Store)(nil)

// SaveCheckpoints implements storage.Checkpoints.
func (s *Store) SaveCheckpoints(ctx context.Context, copies ...storage.Checkpoint) error {
	// In one order, so that two replicas cannot wait for each other.
	copies = slices.SortedFunc(slices.Values(copies), func(a, b storage.Checkpoint) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(b.Revision, a.Revision))
	})
	copies = slices.CompactFunc(copies, func(a, b storage.Checkpoint) bool { return a.Person == b.Person })
	persons, revisions, data := make([]string, len(copies)), make([]int64, len(copies)), make([][]byte, len(copies))
	for i, c := range copies {
		persons[i], revisions[i], data[i] = c.Person, int64(c.Revision), c.Data
	}
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			INSERT INTO checkpoints (person, revision, data)
			SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])
			ON CONFLICT (person) DO UPDATE SET revision = excluded.revision, data = excluded.data, changed = now()
			WHERE checkpoints.revision < excluded.revision`, persons, revisions, data); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			DELETE FROM checkpoints WHERE person IN (
				SELECT person FROM checkpoints WHERE data IS NULL AND changed < now() - interval '1 hour'
				FOR UPDATE SKIP LOCKED)`)
		return err
	})
	if err != nil {
		return fmt.Errorf("save %d checkpoints: %w", len(copies), err)
	}
	return nil
}

// Checkpoint implements storage.Checkpoints.
func (s *Store) Checkpoint(ctx context.Context, person string) (storage.Checkpoint, error) {
	c := storage.Checkpoint{Person: person}
	var revision int64
	err := s.pool.QueryRow(ctx, "SELECT revision, data FROM checkpoints WHERE person = $1 AND data IS NOT NULL", person).
		Scan(&revision, &c.Data)
	if err != nil {
		return c, fmt.Errorf("look up checkpoint: %w", wrap(err))
	}
	c.Revision = uint64(revision)
	return c, nil
}
