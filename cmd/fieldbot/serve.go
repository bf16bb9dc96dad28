package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// serveCmd runs the bot until it is told to stop.
type serveCmd struct {
	config
	FormsDir string   `name:"forms" placeholder:"DIR" help:"Publish at start what is new or changed in this folder of forms."`
	Forms    []string `name:"form" sep:"none" placeholder:"FORM" help:"Publish this workbook, or library:NAME, at start."`
	LogLevel string   `name:"log-level" enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error."`
	Profile  string   `hidden:"" placeholder:"FILE" help:"Write a CPU profile."`
}

func (c *serveCmd) Run(t *console) error {
	if err := c.checkBot(); err != nil {
		return err
	}
	log := logger(t.err, c.LogLevel)
	slog.SetDefault(log) // for what libraries say
	if os.Getenv("GOGC") == "" {
		// The heap is some tens of megabytes; collecting it a third as often costs
		// little memory and a tenth less of the processor.
		debug.SetGCPercent(300)
	}
	if c.Profile != "" {
		stop, err := profile(c.Profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	forms, err := c.found()
	if err != nil {
		return err
	}
	if err := publishAll(t, s, forms, log); err != nil {
		return err
	}
	if err := warnUnread(t, s, log); err != nil {
		return err
	}
	b, err := c.assemble(s, log)
	if err != nil {
		return err
	}
	return b.run(t)
}

// logger writes lines of JSON for programs that read logs.
func logger(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}))
}

// found lists the workbooks to publish.
func (c *serveCmd) found() ([]string, error) {
	forms := slices.Clone(c.Forms)
	if c.FormsDir == "" {
		return forms, nil
	}
	entries, err := os.ReadDir(c.FormsDir)
	if err != nil {
		return nil, usage("--forms: %w", err)
	}
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".xlsx", ".xls", ".md":
			if !e.IsDir() && !strings.HasPrefix(e.Name(), "~") && !strings.HasPrefix(e.Name(), ".") {
				forms = append(forms, filepath.Join(c.FormsDir, e.Name()))
			}
		}
	}
	return forms, nil
}

// publishAll publishes workbooks. One with problems keeps the bot from starting,
// since its author is standing beside; nothing would tell them later.
func publishAll(ctx context.Context, s *stores, forms []string, log *slog.Logger) error {
	var wrong []error
	for _, path := range forms {
		v, changed, err := publish(ctx, s.Results, path, time.Now())
		var found flows.Problems
		switch {
		case errors.As(err, &found), err != nil && !errors.Is(err, storage.ErrUnavailable):
			wrong = append(wrong, fmt.Errorf("%s: %w", path, err))
		case err != nil:
			return err
		case changed:
			log.Info("form published", "form", v.FormID, "version", flows.VersionName(v.Version, v.Hash, false))
		}
	}
	return joined(wrong)
}

// warnUnread tells which of the forms that are open do not compile, as after an
// upgrade.
func warnUnread(ctx context.Context, s *stores, log *slog.Logger) error {
	current, err := s.Current(ctx)
	if err != nil {
		return err
	}
	for _, v := range current {
		u, err := unreadVersion(ctx, s, v)
		if err != nil {
			return err
		}
		if u != nil {
			log.Warn("form cannot be read; publish a corrected one", "form", v.FormID, "version", u.Name(), "error", u.Why())
		}
	}
	return nil
}

// profile writes a CPU profile until stop is called.
func profile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("profile: %w", err)
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, nil
}
