package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/stored"
)

const personColumns = "SELECT id, role, scope, name, organisation, language, contact, epoch, suspended, since FROM people"

func scanPerson(row scanner) (v storage.Person, err error) {
	var scope string
	var epoch int64
	var since *time.Time
	err = row.Scan(&v.ID, &v.Role, &scope, &v.Name, &v.Organisation, &v.Language, &v.Contact, &epoch, &v.Suspended, &since)
	if err != nil {
		return v, err
	}
	v.Epoch, v.Since = uint64(epoch), moment(since)
	return v, maps(scope, &v.Scope)
}

// Person implements storage.People.
func (s *Store) Person(ctx context.Context, person string) (storage.Person, error) {
	v, err := scanPerson(s.pool.QueryRow(ctx, personColumns+" WHERE id = $1", person))
	if err != nil {
		return v, fmt.Errorf("look up person: %w", wrap(err))
	}
	return v, nil
}

// Save implements storage.People.
func (s *Store) Save(ctx context.Context, v storage.Person, by, what string) (storage.Person, error) {
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var epoch int64
		if err := tx.QueryRow(ctx, `
			INSERT INTO people (id, role, scope, name, organisation, language, contact, epoch, suspended, since)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)
			ON CONFLICT (id) DO UPDATE SET role = excluded.role, scope = excluded.scope, name = excluded.name,
				organisation = excluded.organisation, language = excluded.language, contact = excluded.contact,
				epoch = people.epoch + 1, suspended = excluded.suspended, since = excluded.since
			RETURNING people.epoch`,
			v.ID, v.Role, stored.Map(v.Scope), stored.Text(v.Name), stored.Text(v.Organisation), v.Language,
			v.Contact, v.Suspended, instant(v.Since)).Scan(&epoch); err != nil {
			return err
		}
		v.Epoch = uint64(epoch)
		_, err := tx.Exec(ctx, "INSERT INTO audit (person, actor, what, at) VALUES ($1, $2, $3, $4)",
			v.ID, by, stored.Text(what), time.Now())
		return err
	})
	if err != nil {
		return v, fmt.Errorf("save person: %w", err)
	}
	v.Since = stored.Time(v.Since)
	return v, nil
}

// Audit implements storage.People.
func (s *Store) Audit(ctx context.Context, person string, limit int) ([]storage.AuditLine, error) {
	out, err := collect(ctx, s, func(row scanner) (v storage.AuditLine, err error) {
		var at *time.Time
		err = row.Scan(&v.Person, &v.By, &v.What, &at)
		v.At = moment(at)
		return v, err
	}, "SELECT person, actor, what, at FROM audit WHERE $1::text = '' OR person = $1 ORDER BY n DESC LIMIT $2", person, limit)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	return out, nil
}

// List implements storage.People.
func (s *Store) List(ctx context.Context) ([]storage.Person, error) {
	out, err := collect(ctx, s, scanPerson, personColumns+" ORDER BY role, name, id")
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return out, nil
}

const linkColumns = "SELECT id, form_id, prefill, role, scope, uses, used, expires, made, actor FROM links WHERE id = $1"

func scanLink(row scanner) (v storage.Link, err error) {
	var prefill, scope string
	var expires, made *time.Time
	err = row.Scan(&v.ID, &v.FormID, &prefill, &v.Role, &scope, &v.Uses, &v.Used, &expires, &made, &v.By)
	if err != nil {
		return v, err
	}
	v.Expires, v.Made = moment(expires), moment(made)
	return v, maps(prefill, &v.Prefill, scope, &v.Scope)
}

// AddLink implements storage.People.
func (s *Store) AddLink(ctx context.Context, v storage.Link) error {
	if _, err := s.exec(ctx, `
		INSERT INTO links (id, form_id, prefill, role, scope, uses, used, expires, made, actor)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)`,
		v.ID, v.FormID, stored.Map(v.Prefill), v.Role, stored.Map(v.Scope), v.Uses,
		instant(v.Expires), instant(v.Made), v.By); err != nil {
		return fmt.Errorf("add link: %w", err)
	}
	return nil
}

// Link implements storage.People.
func (s *Store) Link(ctx context.Context, id string) (storage.Link, error) {
	v, err := scanLink(s.pool.QueryRow(ctx, linkColumns, id))
	if err != nil {
		return v, fmt.Errorf("look up link: %w", wrap(err))
	}
	return v, nil
}

// Redeem implements storage.People.
func (s *Store) Redeem(ctx context.Context, id, person string, now time.Time) (storage.Link, error) {
	v, err := s.Link(ctx, id)
	if err != nil {
		return v, err
	}
	if !v.Expires.IsZero() && !now.Before(v.Expires) {
		return v, fmt.Errorf("redeem link: expired: %w", storage.ErrUsed)
	}
	if v.Uses == 0 {
		return v, nil
	}
	err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		n, err := changed(tx.Exec(ctx, "INSERT INTO redemptions (link, person) VALUES ($1, $2) ON CONFLICT DO NOTHING", id, person))
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, "UPDATE links SET used = used + $1 WHERE id = $2 AND used + $3 <= uses RETURNING used", n, id, n).Scan(&v.Used)
		if errors.Is(err, pgx.ErrNoRows) {
			return storage.ErrUsed
		}
		return err
	})
	if err != nil {
		return v, fmt.Errorf("redeem link: %w", err)
	}
	return v, nil
}
