package media_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/media"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/storage"
)

func files(t *testing.T, root string) (all []string) {
	t.Helper()
	filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(root, path)
			all = append(all, rel)
		}
		return nil
	})
	return all
}

func TestFolder(t *testing.T) {
	ctx, root := t.Context(), filepath.Join(t.TempDir(), "media")
	f := media.OpenFolder(root)
	for range 2 { // again has no further effect
		o, err := f.Put(ctx, "audio-abc.ogg", strings.NewReader("hello"), 5)
		sum := sha256.Sum256([]byte("hello"))
		if err != nil || o.Size != 5 || !bytes.Equal(o.SHA256, sum[:]) {
			t.Fatalf("put: %+v %v", o, err)
		}
	}
	r, err := f.Open(ctx, "audio-abc.ogg")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if b, _ := io.ReadAll(r); string(b) != "hello" {
		t.Errorf("read %q", b)
	}
	if got := files(t, root); len(got) != 1 || strings.Count(got[0], string(filepath.Separator)) != 2 {
		t.Errorf("files %v", got)
	}
	info, _ := os.Stat(filepath.Join(root, media.Path("audio-abc.ogg")))
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if _, err := f.Put(ctx, "big", strings.NewReader("123456"), 5); !errors.Is(err, media.ErrTooBig) {
		t.Errorf("too big: %v", err)
	}
	if _, err := f.Put(ctx, "broken", io.MultiReader(strings.NewReader("12"), &failing{}), 5); err == nil {
		t.Error("half a file was stored")
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := f.Put(stopped, "stopped", strings.NewReader("12"), 5); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	for _, key := range []string{"", ".", "..", "../x", "a/b", `a\b`, "/etc/passwd", "a\x00b", ".hidden", "a.b.c", "ຊື່.jpg", strings.Repeat("a", 121)} {
		if _, err := f.Put(ctx, key, strings.NewReader("x"), 5); err == nil {
			t.Errorf("%q was stored", key)
		}
		if _, err := f.Open(ctx, key); !errors.Is(err, media.ErrNotFound) {
			t.Errorf("open %q: %v", key, err)
		}
	}
	if got := files(t, root); len(got) != 1 {
		t.Errorf("files %v", got)
	}
	if err := f.Delete(ctx, "audio-abc.ogg"); err != nil {
		t.Fatal(err)
	}
	if err := f.Delete(ctx, "audio-abc.ogg"); err != nil {
		t.Error(err)
	}
	if _, err := f.Open(ctx, "audio-abc.ogg"); !errors.Is(err, media.ErrNotFound) {
		t.Errorf("after deleting: %v", err)
	}
	half := filepath.Join(root, ".incoming", "left")
	os.WriteFile(half, nil, 0o600)
	if err := f.Tidy(time.Now().Add(-time.Hour)); err != nil || len(files(t, root)) != 1 {
		t.Errorf("a young one is gone: %v", err)
	}
	if err := f.Tidy(time.Now().Add(time.Hour)); err != nil || len(files(t, root)) != 0 {
		t.Errorf("an old one stays: %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// records is storage.Media for one file.
type records struct {
	storage.Media
	f    *storage.MediaFile
	gone bool
}

func (r *records) MediaIn(_ context.Context, state storage.MediaState, _ int) ([]storage.MediaFile, error) {
	if r.f == nil || r.f.State != state {
		return nil, nil
	}
	return []storage.MediaFile{*r.f}, nil
}

func (r *records) Fetched(_ context.Context, _, path string, size int64, sum []byte, at time.Time) error {
	if r.gone {
		return storage.ErrNotFound
	}
	r.f.State, r.f.Path, r.f.Size, r.f.SHA256, r.f.FileID = storage.MediaFetched, path, size, sum, ""
	return nil
}

func (r *records) NotFetched(_ context.Context, _, reason string, final bool, at time.Time) error {
	r.f.Tries++
	r.f.Reason, r.f.Changed = reason, at
	if final {
		r.f.State = storage.MediaFailed
	}
	return nil
}

func (r *records) HasMedium(context.Context, string) (bool, error) { return r.f != nil, nil }

func (r *records) ForgetMedium(context.Context, string) error {
	r.f = nil
	return nil
}

func TestFetching(t *testing.T) {
	ok := func(w io.Writer) error { _, err := io.WriteString(w, "photo"); return err }
	fail := func(e *telegram.Error) func(io.Writer) error {
		return func(w io.Writer) error { io.WriteString(w, "ph"); return e }
	}
	expired := fail(&telegram.Error{Method: "download", Code: 404})
	down := fail(&telegram.Error{Method: "getFile", Code: 502, Unknown: true})
	for name, c := range map[string]struct {
		answers []func(io.Writer) error
		sweeps  int
		state   storage.MediaState
		tries   int
	}{
		"at once":                     {answers: []func(io.Writer) error{ok}, sweeps: 1, state: storage.MediaFetched},
		"by a new link":               {answers: []func(io.Writer) error{expired, ok}, sweeps: 1, state: storage.MediaFetched},
		"after an outage":             {answers: []func(io.Writer) error{down, down, ok}, sweeps: 3, state: storage.MediaFetched, tries: 2},
		"a link that is always stale": {answers: []func(io.Writer) error{expired, expired}, sweeps: 1, state: storage.MediaPending, tries: 1},
		"too big":                     {answers: []func(io.Writer) error{func(io.Writer) error { return telegram.ErrTooBig }}, sweeps: 3, state: storage.MediaFailed, tries: 1},
		"bigger than it said":         {answers: []func(io.Writer) error{func(w io.Writer) error { _, err := w.Write(make([]byte, 200)); return err }}, sweeps: 3, state: storage.MediaFailed, tries: 1},
		"unknown to Telegram":         {answers: []func(io.Writer) error{fail(&telegram.Error{Method: "getFile", Code: 400})}, sweeps: 3, state: storage.MediaFailed, tries: 1},
	} {
		t.Run(name, func(t *testing.T) {
			root, now := t.TempDir(), time.Now()
			r := &records{f: &storage.MediaFile{ID: "m1", FileID: "f", Name: "../../evil name.jpg", State: storage.MediaPending}}
			calls := 0
			k := &media.Keeper{Files: media.OpenFolder(root), Records: r, Limit: 100, Log: slog.New(slog.DiscardHandler),
				Now: func() time.Time { return now },
				Download: func(_ context.Context, _ string, _ int64, w io.Writer) (int64, error) {
					calls++
					return 0, c.answers[calls-1](w)
				}}
			for range c.sweeps {
				if err := k.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := k.Sweep(t.Context()); err != nil { // too early for another try
					t.Fatal(err)
				}
				now = now.Add(time.Minute)
			}
			if r.f.State != c.state || r.f.Tries != c.tries || calls != len(c.answers) {
				t.Errorf("%s after %d tries and %d calls: %s", r.f.State, r.f.Tries, calls, r.f.Reason)
			}
			want := 0
			if c.state == storage.MediaFetched {
				want = 1
				if r.f.Path != media.Path("m1.jpg") || r.f.Size != 5 {
					t.Errorf("stored %+v", r.f)
				}
			}
			if got := files(t, root); len(got) != want {
				t.Errorf("files %v", got)
			}
		})
	}
}

func TestWithdrawnFilesGo(t *testing.T) {
	root := t.TempDir()
	r := &records{f: &storage.MediaFile{ID: "m1", FileID: "f", Name: "a.jpg", State: storage.MediaPending}, gone: true}
	k := &media.Keeper{Files: media.OpenFolder(root), Records: r, Download: func(_ context.Context, _ string, _ int64, w io.Writer) (int64, error) {
		n, err := io.WriteString(w, "photo")
		return int64(n), err
	}}
	if err := k.Sweep(t.Context()); err != nil || len(files(t, root)) != 0 {
		t.Errorf("withdrawn while it was fetched: %v %v", files(t, root), err)
	}
	r.gone = false
	k.Sweep(t.Context())
	if len(files(t, root)) != 1 {
		t.Fatal("not fetched")
	}
	r.f.State = storage.MediaDropped
	if err := k.Sweep(t.Context()); err != nil || len(files(t, root)) != 0 || r.f != nil {
		t.Errorf("after the withdrawal: %v %v", files(t, root), err)
	}
}

// A file that came with an answer is there before its record is, or soon after.
func TestAdopting(t *testing.T) {
	root, now := t.TempDir(), time.Now()
	r := &records{f: &storage.MediaFile{ID: "m1", Name: "image-abc.jpg", State: storage.MediaPending}}
	k := &media.Keeper{Files: media.OpenFolder(root), Records: r, Now: func() time.Time { return now }}
	if err := k.Sweep(t.Context()); err != nil || r.f.State != storage.MediaPending || r.f.Tries != 1 {
		t.Fatalf("before it is there: %v %+v", err, r.f)
	}
	if err := k.Put(t.Context(), "image-abc.jpg", strings.NewReader("photo")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	if err := k.Sweep(t.Context()); err != nil || r.f.State != storage.MediaFetched || r.f.Size != 5 || r.f.Path != media.Path("image-abc.jpg") {
		t.Fatalf("once it is there: %v %+v", err, r.f)
	}
	r.f.State = storage.MediaDropped
	if err := k.Sweep(t.Context()); err != nil || len(files(t, root)) != 0 {
		t.Errorf("after the withdrawal: %v %v", err, files(t, root))
	}
}

func TestPurge(t *testing.T) {
	root := t.TempDir()
	k := &media.Keeper{Files: media.OpenFolder(root)}
	for _, name := range []string{"known.jpg", "stray.jpg"} {
		if err := k.Put(t.Context(), name, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	known := func(_ context.Context, key string) (bool, error) { return key == "known.jpg", nil }
	if n, err := k.Purge(t.Context(), time.Now().Add(-time.Hour), known); n != 0 || err != nil {
		t.Errorf("%d young ones were purged: %v", n, err)
	}
	if n, err := k.Purge(t.Context(), time.Now().Add(time.Hour), known); n != 1 || err != nil || len(files(t, root)) != 1 {
		t.Errorf("%d were purged: %v", n, err)
	}
}
