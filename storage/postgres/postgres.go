// Package postgres keeps results and jobs in Postgres: all of storage.Results.
// Conversations under way are not kept here but in Redis.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/jobs"
	"example.org/fieldbot/storage/internal/stored"
)

//go:embed migrations/*.sql
var migrations embed.FS

// connections is how many a Store opens at most, if the URL says no more
// (pool_max_conns). Exports and the queue's listener hold one each.
const connections = 16

// migrationLock is the key of the advisory lock that a migration holds.
const migrationLock = 0x6669656c64626f74 // "fieldbot"

// A Store is a Postgres database.
type Store struct {
	pool *pgxpool.Pool
	jobs *jobs.Queue[pgx.Tx]

	counter storage.Counter // nil: submissions are stored uncounted
}

var _ storage.Results = (*Store)(nil)

// Open connects to the database at url and brings its tables up to date; of
// several processes one does that while the others wait.
func Open(ctx context.Context, url string) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("open postgres: the URL is not one of postgres://user:password@host:port/database") // it may hold a password
	}
	config.MaxConns = max(config.MaxConns, connections)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open postgres: %w", wrap(err))
	}
	s := &Store{pool: pool}
	if err := s.migrate(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("migrate postgres: %w", wrap(err))
	}
	return s, nil
}

// Close ends the connections, once calls under way have ended.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return wrap(s.pool.Ping(ctx)) }

func (s *Store) migrate(ctx context.Context) error {
	lock, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer lock.Release()
	if _, err := lock.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	// Should unlocking fail, the connection is broken, and the lock gone with it.
	defer lock.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock)

	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	driver := riverpgxv5.New(s.pool)
	if err := jobs.Migrate(ctx, driver); err != nil {
		return err
	}
	s.jobs, err = jobs.New(driver, ledger{s})
	return err
}

// tx runs do in a transaction.
func (s *Store) tx(ctx context.Context, do func(ctx context.Context, tx pgx.Tx) error) error {
	return wrap(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return do(ctx, tx) }))
}

// An execer is the pool or a transaction.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// exec runs one statement that is a transaction of its own, and says how many
// rows it changed.
func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	return changed(s.pool.Exec(ctx, query, args...))
}

func changed(tag pgconn.CommandTag, err error) (int64, error) {
	return tag.RowsAffected(), wrap(err)
}

// wrap tells what a driver's error means to callers.
func wrap(err error) error {
	switch {
	case err == nil || errors.Is(err, storage.ErrUnavailable) || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return storage.ErrNotFound
	case unavailable(err):
		return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
	}
	return err
}

// unavailableClasses are the SQLSTATE classes and codes of a server that cannot
// serve now: https://www.postgresql.org/docs/current/errcodes-appendix.html
var unavailableClasses = []string{
	"08",    // connection exception
	"25006", // read-only transaction: a standby
	"40",    // rolled back for another's sake
	"53",    // insufficient resources
	"57P",   // shutting down, crashed, starting up
	"58",    // system error
}

func unavailable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		for _, class := range unavailableClasses {
			if strings.HasPrefix(e.Code, class) {
				return true
			}
		}
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err)
}

// instant is a time as the tables keep it.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// moment reads what instant wrote.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// orNull is how optional unique keys are kept.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// A scanner is a pgx.Row or pgx.Rows.
type scanner interface{ Scan(dest ...any) error }

// collect runs a query and reads its rows.
func collect[T any](ctx context.Context, s *Store, scan func(row scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, wrap(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (T, error) { return scan(row) })
	if err != nil {
		return nil, wrap(err)
	}
	return out, nil
}

// maps reads names and values into their places after a scan.
func maps(pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		m, err := stored.ReadMap(pairs[i].(string))
		if err != nil {
			return err
		}
		*pairs[i+1].(*map[string]string) = m
	}
	return nil
}
