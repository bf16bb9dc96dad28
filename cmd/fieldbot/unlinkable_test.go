package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	goredis "github.com/redis/go-redis/v9"
	_ "modernc.org/sqlite"

	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/postgres"
	"example.org/fieldbot/storage/redis"
	"example.org/fieldbot/storage/storagetest/servers"
)

// anonymous is one respondent of an anonymous form, whose receipt is shown.
const anonymous = `An anonymous form, with a photo.
-- form.md --
| survey |
| | type | name | label | required |
| | text | secret | What is wrong? | yes |
| | image | proof | A photo? | yes |
| settings |
| | form_id | form_title | keyword | audience | anonymous | submissions |
| | hidden | Hidden | hidden | citizen | yes | once per week |
-- chat --
> /start hidden
> everything_is_wrong_here
> {photo proof.jpg}
`

// With the stores alone nobody can link the answers to an anonymous form to a
// chat: from the rows and keys in which a person is, no value leads to the row of
// the answers, not even by way of other rows.
func TestAnonymousAnswersCannotBeLinked(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		dir := t.TempDir()
		s := openFile(t, dir)
		unlinkable(t, s, func() []record {
			var all []record
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			for _, f := range files {
				if head, err := os.ReadFile(f); err != nil || !strings.HasPrefix(string(head), "SQLite format 3") {
					continue
				}
				db, err := sql.Open("sqlite", f)
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				all = append(all, dump(t, db, "SELECT name FROM sqlite_master WHERE type = 'table'")...)
			}
			return all
		})
	})
	t.Run("Redis and Postgres", func(t *testing.T) {
		url := servers.Database(t, "fieldbot", func(ctx context.Context, url string) error {
			db, err := postgres.Open(ctx, url)
			if err != nil {
				return err
			}
			return db.Close()
		})
		results, err := postgres.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		addr, prefix := servers.Redis(t)
		sessions, err := redis.Open(t.Context(), redis.Options{URL: addr, Prefix: prefix})
		if err != nil {
			t.Fatal(err)
		}
		s := &stores{Sessions: sessions, Results: results, close: func() { sessions.Close(); results.Close() }}
		t.Cleanup(s.close)
		unlinkable(t, s, func() []record {
			db, err := sql.Open("pgx", url)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			all := dump(t, db, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
			return append(all, dumpRedis(t, addr, prefix)...)
		})
	})
}

// A record is a row of a table, or a key, as text.
type record struct {
	table string
	cells []string
}

func (r *record) holds(value string) bool {
	return slices.ContainsFunc(r.cells, func(c string) bool { return strings.Contains(c, value) })
}

func unlinkable(t *testing.T, s *stores, look func() []record) {
	d, err := flowtest.Parse([]byte(anonymous))
	if err != nil {
		t.Fatal(err)
	}
	st := stage(t, s, false)
	if _, err := st.Play(t.Context(), d, nil); err != nil {
		t.Fatal(err)
	}
	// a reply that was sent, and a file that was fetched, are struck off with the
	// next commit or a moment later; a bot that ends does so at once
	if err := st.Redeploy(t.Context()); err != nil {
		t.Fatal(err)
	}
	var sub *storage.Submission
	for v, err := range s.Results.Each(t.Context(), storage.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		sub = v
	}
	if sub == nil {
		t.Fatal("nothing was stored")
	}
	const chat = 700_000_001 // of the first person on a stage
	person := st.Keys.Person(chat)
	rows := look()
	if !slices.ContainsFunc(rows, func(r record) bool { return r.holds(person) }) {
		t.Fatal("the person is nowhere; the test looks in the wrong place")
	}
	for _, r := range rows {
		if r.holds(fmt.Sprint(chat)) {
			t.Errorf("%s knows the chat", r.table)
		}
		if r.holds("AgAC") || r.holds("file_id") && r.table != "goose_db_version" && strings.Contains(strings.Join(r.cells, " "), sub.ID) {
			t.Errorf("%s keeps an id of Telegram's", r.table)
		}
	}
	// what everybody shares leads nowhere: the form, the days, short words
	common := func(value string) bool {
		return len(value) < 8 || slices.ContainsFunc(rows, func(r record) bool {
			return strings.HasPrefix(r.table, "form") && r.holds(value)
		})
	}
	reached, seen := []string{person}, map[string]bool{person: true}
	for len(reached) > 0 {
		value := reached[0]
		reached = reached[1:]
		for _, r := range rows {
			if !r.holds(value) {
				continue
			}
			if r.holds(sub.ID) || r.holds("everything_is_wrong_here") || r.holds(sub.Receipt) || r.holds(sub.Nullifier) {
				t.Fatalf("from the person %s leads to the answers, by %q", r.table, value)
			}
			for _, c := range r.cells {
				if !seen[c] && !common(c) {
					seen[c] = true
					reached = append(reached, c)
				}
			}
		}
	}
}

// dump reads every table.
func dump(t *testing.T, db *sql.DB, names string) (all []record) {
	t.Helper()
	var tables []string
	each(t, db, names, func(cells []string) { tables = append(tables, cells[0]) })
	for _, table := range tables {
		each(t, db, "SELECT * FROM "+table, func(cells []string) { all = append(all, record{table, cells}) })
	}
	return all
}

func each(t *testing.T, db *sql.DB, query string, do func(cells []string)) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, v := range values {
			switch v := v.(type) {
			case nil:
			case []byte:
				cells = append(cells, string(v), hex.EncodeToString(v))
			default:
				cells = append(cells, fmt.Sprint(v))
			}
		}
		do(cells)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func dumpRedis(t *testing.T, addr, prefix string) (all []record) {
	t.Helper()
	o, err := goredis.ParseURL(addr)
	if err != nil {
		t.Fatal(err)
	}
	c := goredis.NewClient(o)
	defer c.Close()
	keys, err := c.Keys(t.Context(), prefix+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		r := record{"redis", []string{key}}
		if text, err := c.Get(t.Context(), key).Result(); err == nil {
			r.cells = append(r.cells, text, hex.EncodeToString([]byte(text)))
		} else if members, err := c.ZRange(t.Context(), key, 0, -1).Result(); err == nil {
			r.cells = append(r.cells, members...)
		}
		all = append(all, r)
	}
	return all
}
