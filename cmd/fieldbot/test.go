package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/fieldbot/bot/dialogue"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/flows/library"
)

// testCmd plays written dialogues.
type testCmd struct {
	Update  bool     `help:"Write what the bot says now into the files."`
	Engine  bool     `help:"Against the engine alone, without the bot's own words and buttons."`
	Verbose bool     `short:"v" help:"Print the conversations."`
	Files   []string `arg:"" name:"file" help:"Dialogues (.txtar)."`
}

func (c *testCmd) Run(t *console) error {
	failed := 0
	for _, path := range c.Files {
		data, err := os.ReadFile(path)
		if err != nil {
			return fileError(path, err)
		}
		d, err := flowtest.Parse(data)
		if err != nil {
			return usage("%s: %w; a dialogue is a text file with the parts form.md and chat, see docs/dialogues.md", path, err)
		}
		diff, updated, err := c.play(t, d, filepath.Dir(path))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		switch {
		case diff == "":
			t.printf("ok    %s\n", path)
		case c.Update:
			if err := os.WriteFile(path, updated, 0o644); err != nil {
				return fmt.Errorf("write dialogue: %w", err)
			}
			t.printf("wrote %s\n", path)
		default:
			failed++
			t.printf("FAIL  %s\n%s", path, diff)
		}
	}
	if failed > 0 {
		return errFound
	}
	return nil
}

func (c *testCmd) play(t *console, d *flowtest.Dialogue, dir string) (diff string, updated []byte, err error) {
	if c.Engine {
		r, err := flowtest.Play(d, flowtest.Options{})
		if err != nil {
			return "", nil, err
		}
		return r.Diff, r.Updated, nil
	}
	s, done, err := openStage(t)
	if err != nil {
		return "", nil, err
	}
	defer done()
	for _, name := range after(d) {
		if err := playFirst(t, s, os.DirFS(dir), name); err != nil {
			return "", nil, err
		}
	}
	var tell func(flowtest.Line)
	if c.Verbose {
		tell = func(l flowtest.Line) { t.printf("%s\n", l) }
	}
	r, err := s.Play(t, d, tell)
	if err != nil {
		return "", nil, err
	}
	return r.Diff, r.Updated, nil
}

// after are the dialogues, of the same folder, that a header "after:" says were
// held before.
func after(d *flowtest.Dialogue) []string {
	for _, line := range strings.Split(d.Comment, "\n") {
		if rest, ok := strings.CutPrefix(line, "after:"); ok {
			return strings.Fields(rest)
		}
	}
	return nil
}

// playFirst plays a dialogue for what it leaves behind.
func playFirst(ctx context.Context, s *dialogue.Stage, dir fs.FS, name string) error {
	data, err := fs.ReadFile(dir, name+".txtar")
	if err != nil {
		return fmt.Errorf("after: %w", err)
	}
	d, err := flowtest.Parse(data)
	if err != nil {
		return fmt.Errorf("after: %s: %w", name, err)
	}
	_, err = s.Play(ctx, d, nil)
	return err
}

// stageStart is when dialogues play if they do not say when: a Monday morning.
var stageStart = time.Date(2026, 6, 15, 9, 0, 0, 0, time.FixedZone("ICT", 7*3600))

// openStage puts up a stage on a SQLite file of its own, which goes with it.
func openStage(ctx context.Context) (*dialogue.Stage, func(), error) {
	dir, err := os.MkdirTemp("", "fieldbot-")
	if err != nil {
		return nil, nil, err
	}
	stores, err := openSQLite(ctx, dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	s, err := dialogue.Open(ctx, stageOptions(stores))
	if err != nil {
		stores.close()
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return s, func() { s.Close(); stores.close(); os.RemoveAll(dir) }, nil
}

func stageOptions(s *stores) dialogue.Options {
	zone, err := time.LoadLocation("Asia/Vientiane")
	if err != nil {
		zone = stageStart.Location()
	}
	return dialogue.Options{Sessions: s.Sessions, Results: s.Results, Start: stageStart, Zone: zone, Bundled: library.Open}
}
