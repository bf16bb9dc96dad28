// Package sqlite keeps everything in one SQLite file: conversations, results
// and jobs. It is the store of a pilot on one machine; several processes of
// that machine may open the file.
//
// What was acknowledged is on the disk: the file is in WAL mode with
// synchronous=FULL. SQLite has one writer at a time, so writing goes through
// one connection, where Go queues fairly, and not through SQLite's busy
// handler, which sleeps; reading goes through several others.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/internal/jobs"
	"example.org/fieldbot/storage/internal/stored"
)

//go:embed migrations/*.sql
var migrations embed.FS

// readers is how many connections read at the same time. An export holds one
// while it runs.
const readers = 8

// A Store is a SQLite file. It is storage.Sessions and storage.Results.
type Store struct {
	write *sql.DB
	read  *sql.DB

	load, insert, update *sql.Stmt // sessions: a turn's two steps

	jobs    *jobs.Queue[*sql.Tx]
	counter storage.Counter // nil: submissions are stored uncounted
}

var (
	_ storage.Sessions = (*Store)(nil)
	_ storage.Results  = (*Store)(nil)
)

// Open opens the file, makes it (mode 0600) if there is none, and brings its
// tables up to date; of several processes that open it one does that while the
// others wait.
func Open(ctx context.Context, path string) (_ *Store, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open sqlite file: %w", err)
	}
	if err := private(path); err != nil {
		return nil, fmt.Errorf("open sqlite file: %w", err)
	}
	s := &Store{}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	// Deleted answers are overwritten, not only unlinked.
	s.write, err = sql.Open("sqlite", dsn(path, "_txlock=immediate", "_pragma=secure_delete(1)"))
	if err != nil {
		return nil, fmt.Errorf("open sqlite file: %w", err)
	}
	s.write.SetMaxOpenConns(1)
	if err := s.migrate(ctx, path); err != nil {
		return nil, fmt.Errorf("migrate sqlite file: %w", err)
	}
	s.read, err = sql.Open("sqlite", dsn(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, fmt.Errorf("open sqlite file: %w", err)
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := s.prepare(ctx); err != nil {
		return nil, fmt.Errorf("open sqlite file: %w", err)
	}
	return s, nil
}

// Close closes the file. Calls under way end first.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// private makes the file if there is none, and takes it from everybody else:
// SQLite gives its -wal and -shm files the mode of the file itself.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return f.Chmod(0o600)
	}
	return nil
}

func dsn(path string, more ...string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path)}
	u.RawQuery = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	for _, m := range more {
		u.RawQuery += "&" + m
	}
	return u.String()
}

// migrate holds a lock that is a second, empty SQLite file, since that works
// wherever SQLite does and is let go when the process dies.
func (s *Store) migrate(ctx context.Context, path string) error {
	lockPath := path + ".lock"
	if err := private(lockPath); err != nil {
		return err
	}
	lock, err := sql.Open("sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(lockPath),
		RawQuery: "_pragma=busy_timeout(60000)&_txlock=exclusive"}).String())
	if err != nil {
		return err
	}
	defer lock.Close()
	tx, err := lock.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	defer tx.Rollback()

	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.write, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	driver := riversqlite.New(s.write)
	if err := jobs.Migrate(ctx, driver); err != nil {
		return err
	}
	s.jobs, err = jobs.New(driver, ledger{s})
	return err
}

func (s *Store) prepare(ctx context.Context) (err error) {
	if s.load, err = s.read.PrepareContext(ctx, "SELECT revision, data FROM sessions WHERE person = ?"); err != nil {
		return err
	}
	if s.insert, err = s.write.PrepareContext(ctx, "INSERT INTO sessions (revision, data, changed, waiting, person) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"); err != nil {
		return err
	}
	s.update, err = s.write.PrepareContext(ctx, "UPDATE sessions SET revision = ?, data = ?, changed = ?, waiting = ? WHERE person = ? AND revision = ?")
	return err
}

// tx runs do in a transaction. A write that was begun is not cut off by ctx: it
// is short, and its outcome would be unknown.
func (s *Store) tx(ctx context.Context, do func(ctx context.Context, tx *sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return wrap(err)
	}
	defer tx.Rollback() // no effect after Commit
	if err := do(ctx, tx); err != nil {
		return wrap(err)
	}
	return wrap(tx.Commit())
}

// exec runs one statement that is a transaction of its own, and says how many
// rows it changed.
func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return changed(s.write.ExecContext(context.WithoutCancel(ctx), query, args...))
}

func changed(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, wrap(err)
	}
	n, err := r.RowsAffected()
	return n, wrap(err)
}

// wrap tells what a driver's error means to callers.
func wrap(err error) error {
	if err == nil || errors.Is(err, storage.ErrUnavailable) {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return storage.ErrNotFound
	}
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
			return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
		}
	}
	return err
}

// micros is a time as the tables keep it.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// moment reads what micros wrote.
func moment(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}

// orNull is how optional unique keys are kept.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func mark(int) string { return "?" }

// collect runs a query and reads its rows.
func collect[T any](ctx context.Context, s *Store, scan func(row scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, wrap(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, wrap(err)
		}
		out = append(out, v)
	}
	return out, wrap(rows.Err())
}

// A scanner is a *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

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
