package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/export"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// An Extract is what of a form's submissions is exported.
type Extract struct {
	storage.Filter
	Service string // code; "" is all
}

// Rows yields the submissions as an export wants them. told, if not nil, is
// told how many were yielded, after each.
func (x Extract) Rows(ctx context.Context, s storage.Submissions, newest *flows.Form, told func(n int)) iter.Seq2[*export.Row, error] {
	return func(yield func(*export.Row, error) bool) {
		n := 0
		for v, err := range s.Each(ctx, x.Filter) {
			if err != nil {
				yield(nil, err)
				return
			}
			if x.Service != "" && tally.Answer(v.Data, newest.Settings.Roles.Service) != x.Service {
				continue
			}
			r := &export.Row{Submission: &v.Submission, Reference: v.Reference, Person: v.Person,
				Enumerator: v.Enumerator, Link: v.Link, Received: v.Received}
			if !yield(r, nil) {
				return
			}
			if n++; told != nil {
				told(n)
			}
		}
	}
}

// A MediaOpener opens kept files, by the path of their record.
type MediaOpener interface {
	Open(ctx context.Context, path string) (io.ReadCloser, error)
}

// MediaOf gives an export the files of submissions: those that were fetched and
// are still there.
func MediaOf(ctx context.Context, records storage.Media, files MediaOpener) export.MediaOf {
	return func(r *export.Row) iter.Seq2[export.MediaFile, error] {
		return func(yield func(export.MediaFile, error) bool) {
			list, err := records.MediaOf(ctx, r.ID)
			if err != nil {
				yield(export.MediaFile{}, fmt.Errorf("look up files: %w", err))
				return
			}
			for _, m := range list {
				if m.State != storage.MediaFetched {
					continue
				}
				open := func() (io.ReadCloser, error) { return files.Open(ctx, m.Path) }
				if !yield(export.MediaFile{Name: m.Name, Open: open}, nil) {
					return
				}
			}
		}
	}
}

// hasFiles reports whether any version asks for a file.
func hasFiles(forms []*flows.Form) bool {
	for _, f := range forms {
		for _, n := range f.Nodes {
			if n.Kind == flows.QuestionNode && n.Type.Bind == "binary" {
				return true
			}
		}
	}
	return false
}

var errTooLarge = errors.New("the file is too large")

// A capped writer refuses what goes beyond a limit.
type capped struct {
	w    io.Writer
	left int64
}

func (c *capped) Write(p []byte) (int, error) {
	if c.left -= int64(len(p)); c.left < 0 {
		return 0, errTooLarge
	}
	return c.w.Write(p)
}
