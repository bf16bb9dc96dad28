package storage

import (
	"context"
	"time"
)

// Media keeps what is known of the files that were sent as answers. The files
// themselves are in a folder; a durable job fetches them from Telegram.
type Media interface {
	// AddMedia stores files to be fetched. One whose ID is stored already is
	// left as it is.
	AddMedia(ctx context.Context, files ...MediaFile) error

	// Medium returns a file's record.
	Medium(ctx context.Context, id string) (MediaFile, error)

	// MediaOf returns the files of a submission, by question and name.
	MediaOf(ctx context.Context, submission string) ([]MediaFile, error)

	// MediaIn returns files in a state, the longest unchanged first, at most
	// limit. A sweeper asks for MediaPending and MediaDropped.
	MediaIn(ctx context.Context, state MediaState, limit int) ([]MediaFile, error)

	// Fetched notes that a file lies at path, and forgets its FileID. It
	// returns ErrNotFound if the file was dropped meanwhile: then the caller
	// deletes what it fetched.
	Fetched(ctx context.Context, id, path string, size int64, sha256 []byte, at time.Time) error

	// NotFetched notes a failed try and why. The file stays pending unless
	// final.
	NotFetched(ctx context.Context, id, reason string, final bool, at time.Time) error

	// HasMedium reports whether a record, not dropped, has a file of this name.
	HasMedium(ctx context.Context, name string) (bool, error)

	// ForgetMedium deletes a record, after the file itself was deleted.
	ForgetMedium(ctx context.Context, id string) error
}

// A MediaState tells where a file is.
type MediaState string

// The states of a file.
const (
	MediaPending MediaState = "pending" // at Telegram only
	MediaFetched MediaState = "fetched" // at Path
	MediaFailed  MediaState = "failed"  // given up, for Reason
	MediaDropped MediaState = "dropped" // its submission was withdrawn: delete what is at Path
)

// A MediaFile is a file that answers a question.
type MediaFile struct {
	ID         string // chosen by the bot; also names the file in the folder
	Submission string // id of the submission that it belongs to
	Question   string // name of the question
	Name       string // file name in the answer
	Kind       string // image, audio, video or file
	FileID     string // Telegram's; "" once fetched
	State      MediaState
	Path       string // relative to the media folder; "" until fetched
	Size       int64  // bytes
	SHA256     []byte
	Tries      int
	Reason     string // of the last failed try
	Added      time.Time
	Changed    time.Time
}
