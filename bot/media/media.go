// Package media keeps the files that people send as answers: it fetches them
// from Telegram, stores them under names of its own, and deletes what was
// withdrawn.
//
// A Store is what keeps bytes under keys. Folder is one; its four methods are
// what an object store has too, so another can take its place.
package media

import (
	"context"
	"errors"
	"io"
	"iter"
	"regexp"
	"time"
)

// ErrTooBig says that a file is larger than allowed.
var ErrTooBig = errors.New("the file is too big")

// ErrNotFound says that there is no such file.
var ErrNotFound = errors.New("no such file")

// A Store keeps files under keys. A key stands for one content: storing it again
// may leave what is there.
type Store interface {
	// Put stores a file of at most limit bytes, whole or not at all: a key that
	// can be opened has all its bytes on the disk. ErrTooBig if it is larger.
	Put(ctx context.Context, key string, r io.Reader, limit int64) (Object, error)

	// Open reads a file; ErrNotFound if there is none.
	Open(ctx context.Context, key string) (io.ReadCloser, error)

	// Delete deletes a file. One that is not there is no error.
	Delete(ctx context.Context, key string) error

	// Each yields all files, in no order. Deleting them meanwhile is allowed.
	Each(ctx context.Context) iter.Seq2[Object, error]
}

// An Object is a stored file.
type Object struct {
	Key    string
	Size   int64     // bytes
	SHA256 []byte    // of the content; nil from Each
	Stored time.Time // zero from Put
}

// keyShape is what a key may be: letters, digits, "-" and "_", and one ending.
var keyShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,120}(\.[A-Za-z0-9]{1,8})?$`)

// ValidKey reports whether a key can be stored. Nothing that a user wrote can
// lead out of a store's folder, since a key has no separator in it.
func ValidKey(key string) bool { return keyShape.MatchString(key) }
