package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	goredis "github.com/redis/go-redis/v9"

	"example.org/fieldbot/cmd/fieldbot/bench"
	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/storagetest/servers"
)

// TestRedisIsWiped empties Redis in the middle of an interview. The bot goes on
// from the copy in Postgres: only what was answered after it is asked again, a
// button of a question that it does not know of any more asks for the right one,
// and an interview that was sent does not come back.
func TestRedisIsWiped(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	redis := servers.StartRedis(t)
	b := newServed(t, servers.Database(t, "", nil), redis.URL)
	b.start()
	defer b.stop()
	db := b.db
	p := b.person(1001)
	u, sent := p.u, p.sent
	wait, answer := p.wait, p.answer
	wipe := func() {
		t.Helper()
		o, err := goredis.ParseURL(redis.URL)
		if err != nil {
			t.Fatal(err)
		}
		client := goredis.NewClient(o)
		defer client.Close()
		if err := client.FlushAll(ctx).Err(); err != nil {
			t.Fatal(err)
		}
	}
	save := func() {
		t.Helper()
		if err := db.copied.Save(ctx); err != nil {
			t.Fatal(err)
		}
	}

	u.Start("bench")
	for q := range 6 {
		answer(q, 0)
	}
	wait(6)
	save()
	for q := 6; q < 9; q++ { // lost below
		answer(q, 1)
	}
	lost := wait(9)
	wipe()
	u.TapData(lost.MessageID, buttonData(lost.ReplyMarkup, bench.Survey[9].Choices[0]))
	for q := 6; q < len(bench.Survey); q++ { // what came after the copy is asked again, and no more
		answer(q, 2)
	}
	wait(len(bench.Survey))
	submitted := func() (all []*storage.Submission) {
		t.Helper()
		for v, err := range db.Each(ctx, storage.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, v)
		}
		return all
	}
	all := submitted()
	if len(all) != 1 {
		t.Fatalf("%d submissions", len(all))
	}
	for _, f := range all[0].Data {
		if want, ok := sent[f.Name]; ok && f.Text != want {
			t.Errorf("%s is %q, was sent as %q", f.Name, f.Text, want)
		}
	}

	// the copy of what was sent is stale until the next save; even then nothing
	// is stored twice
	heard := len(u.Heard())
	wipe()
	u.Say("hello again")
	for len(u.Heard()) == heard && ctx.Err() == nil {
		time.Sleep(2 * time.Millisecond)
	}
	if n := len(submitted()); n != 1 {
		t.Errorf("%d submissions after the second loss", n)
	}
	save()
	var left int
	row := pgQuery(t, b.c.DatabaseURL, "SELECT count(*) FROM checkpoints WHERE data IS NOT NULL AND encode(data, 'escape') LIKE '%bench%'")
	if fmt.Sscan(row, &left); left != 0 {
		t.Error("a checkpoint can be read without the key")
	}
}

// pgQuery returns the one value of a query.
func pgQuery(t *testing.T, url, query string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var v any
	if err := conn.QueryRow(t.Context(), query).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(v)
}
