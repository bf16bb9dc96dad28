package main

import (
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/media"
	"example.org/fieldbot/storage"
)

// What is old goes, what is young stays, on both kinds of store.
func TestRetention(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) { retention(t, onSQLite(t)) })
	t.Run("Redis and Postgres", func(t *testing.T) { retention(t, onServers(t)) })
}

func retention(t *testing.T, s *stores) {
	ctx, now := t.Context(), time.Now()
	files := &media.Keeper{Files: media.OpenFolder(t.TempDir()), Records: s, Now: func() time.Time { return now }}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"audio-0000000000000001.ogg", "image-0000000000000002.jpg", "image-0000000000000003.jpg"} {
		must(files.Put(ctx, name, strings.NewReader("x")))
	}
	for _, name := range []string{"audio-0000000000000001.ogg", "image-0000000000000002.jpg"} {
		kind, _, _ := strings.Cut(name, "-")
		must(s.AddMedia(ctx, storage.MediaFile{ID: name, Submission: "s", Question: "q", Name: name, Kind: kind, State: storage.MediaPending, Added: now, Changed: now}))
	}
	must(files.Sweep(ctx))
	must(s.PutAside(ctx, storage.Quarantined{UpdateID: 1, At: now}))

	there := func() (n int) {
		for _, err := range files.Files.Each(ctx) {
			must(err)
			n++
		}
		return n
	}
	for _, step := range []struct {
		days, files, aside int
	}{
		{80, 3, 1}, {91, 3, 0}, {100, 2, 0}, {366, 1, 0}, {5000, 1, 0},
	} {
		must(bot.Retain(ctx, s.Results, files, now.AddDate(0, 0, step.days)))
		must(files.Sweep(ctx))
		aside, err := s.Quarantined(ctx, 9)
		must(err)
		if n := there(); n != step.files || len(aside) != step.aside {
			t.Errorf("after %d days: %d files and %d updates put aside; want %d and %d", step.days, n, len(aside), step.files, step.aside)
		}
	}
}
