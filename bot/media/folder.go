package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A Folder keeps files in a folder, readable by its owner alone, in 65,536
// folders by a hash of the key.
type Folder struct{ root string }

var _ Store = (*Folder)(nil)

// incoming is where files are until they are whole.
const incoming = ".incoming"

// OpenFolder returns the store in a folder, made at the first Put if there is
// none.
func OpenFolder(path string) *Folder { return &Folder{root: path} }

// Path is where the file of a key lies, relative to the folder.
func Path(key string) string {
	sum := sha256.Sum256([]byte(key))
	shard := hex.EncodeToString(sum[:2])
	return filepath.Join(shard[:2], shard[2:], key)
}

func (f *Folder) file(key string) (string, error) {
	if !ValidKey(key) {
		return "", fmt.Errorf("media: not a key")
	}
	return filepath.Join(f.root, Path(key)), nil
}

// Put implements Store.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader, limit int64) (Object, error) {
	path, err := f.file(key)
	if err != nil {
		return Object{}, err
	}
	o, err := f.put(ctx, path, r, limit)
	o.Key = key
	switch {
	case errors.Is(err, ErrTooBig):
		return o, ErrTooBig
	case errors.Is(err, syscall.ENOSPC):
		return o, fmt.Errorf("media: the disk is full: %w", err)
	case err != nil:
		return o, fmt.Errorf("media: store file: %w", err)
	}
	return o, nil
}

func (f *Folder) put(ctx context.Context, path string, r io.Reader, limit int64) (Object, error) {
	temp := filepath.Join(f.root, incoming)
	for _, dir := range []string{temp, filepath.Dir(path)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return Object{}, err
		}
	}
	w, err := os.CreateTemp(temp, "*")
	if err != nil {
		return Object{}, err
	}
	defer os.Remove(w.Name()) // fails once it has its name
	defer w.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(untilDone{ctx, r}, limit+1))
	if err != nil {
		return Object{}, err
	}
	if n > limit {
		return Object{}, ErrTooBig
	}
	if err := w.Sync(); err != nil {
		return Object{}, err
	}
	if err := os.Rename(w.Name(), path); err != nil {
		return Object{}, err
	}
	return Object{Size: n, SHA256: sum.Sum(nil)}, syncDir(filepath.Dir(path))
}

// syncDir puts a new name on the disk.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// untilDone is a reader that ends with its context.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// Open implements Store.
func (f *Folder) Open(_ context.Context, key string) (io.ReadCloser, error) {
	path, err := f.file(key)
	if err != nil {
		return nil, ErrNotFound
	}
	r, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	return r, nil
}

// Delete implements Store.
func (f *Folder) Delete(_ context.Context, key string) error {
	path, err := f.file(key)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("media: delete file: %w", err)
	}
	return nil
}

// Each implements Store.
func (f *Folder) Each(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		err := filepath.WalkDir(f.root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // deleted meanwhile, or nothing was stored yet
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case d.IsDir() && d.Name() == incoming:
				return fs.SkipDir
			case d.IsDir() || strings.HasPrefix(d.Name(), "."):
				return nil
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(Object{Key: d.Name(), Size: info.Size(), Stored: info.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Object{}, fmt.Errorf("media: list files: %w", err))
		}
	}
}

// Tidy deletes what killed processes left half written before a time.
func (f *Folder) Tidy(before time.Time) error {
	dir := filepath.Join(f.root, incoming)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.ModTime().Before(before) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("media: %w", err)
		}
	}
	return nil
}
