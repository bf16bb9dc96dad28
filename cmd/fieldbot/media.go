package main

import (
	"context"
	"path/filepath"
	"time"

	"example.org/fieldbot/bot/media"
)

// mediaDir is where files that people send are kept.
func (c *config) mediaDir() string {
	if c.MediaDir != "" {
		return c.MediaDir
	}
	return filepath.Join(c.DataDir, "media")
}

// sweepFiles is how often files are looked after.
const sweepFiles = 15 * time.Second

// keeper keeps the files of the media folder, which replicas share.
func (s *service) keeper() *media.Keeper {
	return &media.Keeper{
		Files: media.OpenFolder(s.config.mediaDir()), Records: s.stores, Download: s.client.Download, Log: s.log, Now: s.now,
	}
}

// files looks after the media folder until ctx ends.
func (s *service) files(ctx context.Context) {
	if err := media.OpenFolder(s.config.mediaDir()).Tidy(time.Now().Add(-time.Hour)); err != nil {
		s.log.Warn("tidy media folder", "error", err)
	}
	s.keeper().Run(ctx, sweepFiles)
}
