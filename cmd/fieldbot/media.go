package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// mediaDir is where files that people send are kept.
func (c *config) mediaDir() string {
	if c.MediaDir != "" {
		return c.MediaDir
	}
	return filepath.Join(c.DataDir, "media")
}

// A mediaFolder keeps files in a folder, readable by the owner alone. It is a
// bot.Media.
type mediaFolder string

// Put writes a file whole or not at all. Names are the bot's own; one with a
// folder in it is refused all the same.
func (m mediaFolder) Put(_ context.Context, name string, r io.Reader) error {
	if name == "" || name != filepath.Base(name) || name == "." || name == ".." {
		return fmt.Errorf("media: not a file name")
	}
	if err := os.MkdirAll(string(m), 0o700); err != nil {
		return fmt.Errorf("media: %w", err)
	}
	f, err := os.CreateTemp(string(m), ".incoming-*")
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := io.Copy(f, r); err != nil {
		return fmt.Errorf("media: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("media: %w", err)
	}
	if err := os.Rename(f.Name(), filepath.Join(string(m), name)); err != nil {
		return fmt.Errorf("media: %w", err)
	}
	return nil
}
