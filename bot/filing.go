package bot

import (
	"context"
	"fmt"
	"regexp"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// fileName is what the bot names a file that was sent as an answer.
var fileName = regexp.MustCompile(`^(image|audio|video|file)-[0-9a-f]{16}\.[A-Za-z0-9]{1,8}$`)

// filed notes which files belong to a submission that was stored, so that a
// withdrawal reaches them. Doing it again has no further effect.
func (b *Bot) filed(ctx context.Context, s *storage.Submission) error {
	if b.Files == nil {
		return nil
	}
	var files []storage.MediaFile
	var walk func(r flows.Record)
	walk = func(r flows.Record) {
		for _, f := range r {
			for _, inner := range f.Records {
				walk(inner)
			}
			m := fileName.FindStringSubmatch(f.Text)
			if m == nil {
				continue
			}
			files = append(files, storage.MediaFile{
				ID: b.Keys.id("media", s.ID, f.Text), Submission: s.ID, Question: f.Name, Name: f.Text, Kind: m[1],
				State: storage.MediaPending, Added: s.Received, Changed: s.Received,
			})
		}
	}
	walk(s.Data)
	if len(files) == 0 {
		return nil
	}
	if err := b.Files.AddMedia(ctx, files...); err != nil {
		return fmt.Errorf("note files: %w", err)
	}
	return nil
}
