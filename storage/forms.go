package storage

import (
	"context"
	"slices"
	"time"
)

// Forms keeps published form versions. A version, once published, never changes
// and is never deleted while an interview or submission of it is kept.
type Forms interface {
	// Publish stores a version and makes it the current one of its form, which
	// is then retired or not as v says. Publishing a content that is stored
	// already makes it current again.
	Publish(ctx context.Context, v FormVersion) error

	// Version returns the version with this hash.
	Version(ctx context.Context, formID, hash string) (FormVersion, error)

	// Current returns the current version of each form that is not retired,
	// by form id. Source is left out.
	Current(ctx context.Context) ([]FormVersion, error)

	// Versions returns all versions of a form, oldest first, without Source.
	Versions(ctx context.Context, formID string) ([]FormVersion, error)

	// Retire closes a form to new interviews. Those under way go on.
	Retire(ctx context.Context, formID string) error
}

// TrialPrefix begins the form ids under which versions are kept that nobody
// published: retired forms, for those who try them.
const TrialPrefix = "trial."

// NewestLast puts the version that is current behind those that were published
// later than it: after a form went back to it, its words and its order count. The
// others keep their order. No hash changes nothing.
func NewestLast(versions []FormVersion, current string) []FormVersion {
	i := slices.IndexFunc(versions, func(v FormVersion) bool { return v.Hash == current })
	if i < 0 {
		return versions
	}
	v := versions[i]
	return append(slices.Delete(slices.Clone(versions), i, i+1), v)
}

// A FormVersion is one published content of a form.
type FormVersion struct {
	FormID    string
	Hash      string
	Version   string
	Title     string
	Keyword   string
	Audience  string
	Name      string            // file name of the workbook
	Source    []byte            // the workbook as it was given
	Files     map[string][]byte // attached files
	Published time.Time
	Retired   bool
}
