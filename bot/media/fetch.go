package media

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/storage"
)

// How often a file is tried, and with what pauses: about a week, since a file
// cannot be asked for again once its sender is gone.
const (
	maxTries   = 40
	firstPause = 10 * time.Second
	longest    = 6 * time.Hour
)

// A Keeper fetches files from Telegram, as their records in the store say, and
// deletes those that were withdrawn. A record is the whole state, so a restart
// loses nothing, and doing a step twice has the effect of doing it once.
type Keeper struct {
	Files   Store
	Records storage.Media

	// Download writes a file to w, at most limit bytes. It asks Telegram for a
	// new link each time: links live for an hour. Errors are a telegram.Client's.
	Download func(ctx context.Context, fileID string, limit int64, w io.Writer) (int64, error)

	Limit int64            // bytes of one file; what Telegram lets a bot fetch if 0
	Log   *slog.Logger     // slog.Default() if nil
	Now   func() time.Time // time.Now if nil
}

// Put stores a file that is no record's yet, as one that came with an answer of
// an interview under way. It returns telegram.ErrTooBig if it is too large.
func (k *Keeper) Put(ctx context.Context, name string, r io.Reader) error {
	_, err := k.Files.Put(ctx, name, r, k.limit())
	if errors.Is(err, ErrTooBig) {
		return telegram.ErrTooBig
	}
	return err
}

// Open opens the file at the path of its record.
func (k *Keeper) Open(ctx context.Context, path string) (io.ReadCloser, error) {
	return k.Files.Open(ctx, filepath.Base(path))
}

// Run sweeps until ctx ends.
func (k *Keeper) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := k.Sweep(ctx); err != nil && ctx.Err() == nil {
			k.log().WarnContext(ctx, "media", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sweep fetches files that are due and deletes those that were dropped. One file
// that fails holds no other up.
func (k *Keeper) Sweep(ctx context.Context) error {
	var errs []error
	for state, do := range map[storage.MediaState]func(context.Context, storage.MediaFile) error{
		storage.MediaPending: k.fetch, storage.MediaDropped: k.drop,
	} {
		files, err := k.Records.MediaIn(ctx, state, 200)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, f := range files {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := do(ctx, f); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// key is the name of a record's file: the record's own, never one that a user
// gave; only the ending is taken over, if it is an ordinary one.
func key(f storage.MediaFile) string {
	k := f.ID + filepath.Ext(f.Name)
	if !ValidKey(k) {
		return f.ID
	}
	return k
}

func (k *Keeper) fetch(ctx context.Context, f storage.MediaFile) error {
	if f.Tries > 0 && k.now().Before(f.Changed.Add(min(firstPause<<min(f.Tries-1, 20), longest))) {
		return nil
	}
	get := k.download
	if f.FileID == "" {
		get = k.adopt
	}
	o, err := get(ctx, f)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		final := hopeless(err) || f.Tries+1 >= maxTries
		return k.Records.NotFetched(ctx, f.ID, reason(err), final, k.now())
	}
	err = k.Records.Fetched(ctx, f.ID, Path(o.Key), o.Size, o.SHA256, k.now())
	if errors.Is(err, storage.ErrNotFound) { // withdrawn meanwhile
		return k.Files.Delete(ctx, o.Key)
	}
	return err
}

// adopt finds a file that was stored by Put when the answer came.
func (k *Keeper) adopt(ctx context.Context, f storage.MediaFile) (Object, error) {
	r, err := k.Files.Open(ctx, f.Name)
	if err != nil {
		return Object{}, err
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return Object{Key: f.Name, Size: n, SHA256: sum.Sum(nil)}, err
}

// download fetches a file; if its link has just expired, by a new one.
func (k *Keeper) download(ctx context.Context, f storage.MediaFile) (Object, error) {
	for again := true; ; again = false {
		r, w := io.Pipe()
		done := make(chan error, 1)
		go func() {
			_, err := k.Download(ctx, f.FileID, k.limit(), w)
			w.CloseWithError(err)
			done <- err
		}()
		o, err := k.Files.Put(ctx, key(f), r, k.limit())
		r.CloseWithError(err)
		fetched := <-done
		if fetched != nil {
			err = fetched // the cause, which is wrapped by Put
		}
		e := telegram.AsError(err)
		if !again || e == nil || e.Method != "download" || e.Code < 400 || e.Code >= 500 {
			return o, err
		}
	}
}

// hopeless reports whether trying again is in vain: the file is too big, or
// Telegram knows no such file.
func hopeless(err error) bool {
	if errors.Is(err, ErrTooBig) || errors.Is(err, telegram.ErrTooBig) {
		return true
	}
	e := telegram.AsError(err)
	return e != nil && e.Method == "getFile" && e.Code == 400
}

// reason tells what went wrong, without an address.
func reason(err error) string {
	if e := telegram.AsError(err); e != nil {
		return e.Error()
	}
	switch {
	case hopeless(err):
		return ErrTooBig.Error()
	case errors.Is(err, ErrNotFound):
		return "has not arrived"
	}
	return "cannot be stored"
}

func (k *Keeper) drop(ctx context.Context, f storage.MediaFile) error {
	if f.Path != "" {
		if err := k.Files.Delete(ctx, filepath.Base(f.Path)); err != nil {
			return err
		}
	}
	if err := k.Files.Delete(ctx, key(f)); err != nil {
		return err
	}
	if err := k.Records.ForgetMedium(ctx, f.ID); err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("forget file: %w", err)
	}
	return nil
}

// Purge deletes files that were stored before and that keep does not know, and
// says how many.
func (k *Keeper) Purge(ctx context.Context, before time.Time, keep func(ctx context.Context, key string) (bool, error)) (int, error) {
	n := 0
	for o, err := range k.Files.Each(ctx) {
		if err != nil {
			return n, err
		}
		if !o.Stored.Before(before) {
			continue
		}
		known, err := keep(ctx, o.Key)
		if err != nil {
			return n, err
		}
		if known {
			continue
		}
		if err := k.Files.Delete(ctx, o.Key); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (k *Keeper) limit() int64 {
	if k.Limit > 0 {
		return k.Limit
	}
	return telegram.MaxDownload
}

func (k *Keeper) now() time.Time {
	if k.Now != nil {
		return k.Now()
	}
	return time.Now()
}

func (k *Keeper) log() *slog.Logger {
	if k.Log != nil {
		return k.Log
	}
	return slog.Default()
}
