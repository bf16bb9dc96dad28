package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/media"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/export"
	"example.org/fieldbot/storage"
)

// exportCmd writes the submissions of a form to a file or the terminal.
type exportCmd struct {
	config
	Form     string `arg:"" help:"Form id or keyword."`
	Format   string `enum:"csv,xlsx,zip,jsonl,xml,geojson" default:"csv" help:"csv, xlsx, zip, jsonl, xml or geojson."`
	Out      string `short:"o" placeholder:"FILE" help:"Where to write; the terminal if not given."`
	Labels   bool   `help:"Labels instead of names."`
	Language string `placeholder:"CODE" help:"Language of the labels."`
	Split    bool   `default:"true" negatable:"" help:"A 0/1 column for each choice of a multiple select."`
	Groups   bool   `help:"Headers with the names of the groups."`
	District string `placeholder:"CODE" help:"Only this district."`
	Province string `placeholder:"CODE" help:"Only this province."`
	From     string `placeholder:"DAY" help:"Received on this day or later, as 2026-01-31."`
	To       string `placeholder:"DAY" help:"Received before this day."`
	Version  string `placeholder:"VERSION" help:"Only what was given to this version of the form; a version without a name by its hash, as form list shows it."`
	Service  string `placeholder:"CODE" help:"Only this service."`
	Flagged  string `default:"with" enum:"with,without,only,fast,same,duplicate" help:"Flagged interviews: with, without or only them, or only one flag: fast, same (answer throughout) or duplicate."`
	Media    bool   `default:"true" negatable:"" help:"With xml: the files that people sent, beside the documents."`
}

func (c *exportCmd) Run(t *console) error {
	x := bot.Extract{Filter: storage.Filter{District: c.District, Province: c.Province, Flagged: flagged(c.Flagged)}, Service: c.Service}
	var err error
	if x.From, err = c.day("--from", c.From); err != nil {
		return err
	}
	if x.To, err = c.day("--to", c.To); err != nil {
		return err
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	versions, unread, err := formVersions(t, s, c.Form)
	if err != nil {
		return err
	}
	x.FormID = versions[0].ID
	if x.Version, x.Hash, err = c.version(versions); err != nil {
		return err
	}
	options := export.Options{Format: export.Format(c.Format), Labels: c.Labels, Language: c.Language,
		SplitMultiple: c.Split, SplitPoints: true, GroupNames: c.Groups, Zone: c.zone()}
	if c.Media {
		options.Media = bot.MediaOf(t, s.Results, &media.Keeper{Files: media.OpenFolder(c.mediaDir())})
	}
	if c.Flagged != "with" {
		var left *bot.Unread
		if _, err := c.book(s).Fresh(t, x.FormID); errors.As(err, &left) { // flags are found when a submission is counted
			fmt.Fprintf(t.err, "flags are those found so far: the current version cannot be read\n")
		} else if err != nil {
			return err
		}
	}
	total, err := s.Count(t, x.Filter, storage.ByForm)
	if err != nil {
		return err
	}
	err = c.write(t, versions, x.Rows(t, s.Results, versions[len(versions)-1], c.progress(t, total[x.FormID])), options)
	for _, u := range unread {
		if err == nil && (x.Version == "" || x.Version == u.Version.Version) && (x.Hash == "" || x.Hash == u.Version.Hash) {
			fmt.Fprintf(t.err, "version %s (%s) cannot be read by this fieldbot; its answers are in the export by name as they were stored, without labels and choices: %s\n",
				u.Name(), plural(u.Submissions, "submission"), u.Why())
		}
	}
	return err
}

// version reads which version is wanted: as its author calls it, or by the
// beginning of its hash, as "form list" shows those without a name.
func (c *exportCmd) version(versions []*flows.Form) (name, hash string, err error) {
	if c.Version == "" {
		return "", "", nil
	}
	var known []string
	for _, f := range versions {
		if f.Version == c.Version {
			return f.Version, "", nil
		}
		if len(c.Version) >= flows.ShortHash && strings.HasPrefix(f.Hash, c.Version) {
			hash = f.Hash
		}
		twin := func(o *flows.Form) bool { return o.Version == f.Version && o.Hash != f.Hash }
		known = append(known, flows.VersionName(f.Version, f.Hash, slices.ContainsFunc(versions, twin)))
	}
	if hash == "" {
		err = usage("--version: the form has no %q; there are %s", c.Version, strings.Join(known, ", "))
	}
	return "", hash, err
}

// day reads a day in the programme's time zone; "" is the zero time.
func (c *exportCmd) day(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if err := c.checkStores(); err != nil {
		return time.Time{}, err
	}
	day, err := time.ParseInLocation(time.DateOnly, text, c.zone())
	if err != nil {
		return time.Time{}, usage("%s: %q is no day; write it as 2026-01-31", flag, text)
	}
	return day, nil
}

// write writes to the file or the terminal. A file appears whole or not at all.
func (c *exportCmd) write(t *console, forms []*flows.Form, rows iter.Seq2[*export.Row, error], o export.Options) error {
	if c.Out == "" {
		_, err := export.Write(t.out, rows, forms, o)
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.Out), ".export-*")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer os.Remove(f.Name())
	r, err := export.Write(io.Writer(f), rows, forms, o)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.Out); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	t.printf("%s: %s (%s)\n", c.Out, plural(r.Submissions, "submission"), r.Extension)
	return nil
}

// tellEvery is how often a long export says how far it is.
const tellEvery = 5 * time.Second

// progress tells how far a long export to a file is.
func (c *exportCmd) progress(t *console, total int) func(n int) {
	if c.Out == "" {
		return nil
	}
	next := time.Now().Add(tellEvery)
	return func(n int) {
		if n%1000 == 0 && time.Now().After(next) {
			next = time.Now().Add(tellEvery)
			fmt.Fprintf(t.err, "%d of %d\n", n, total)
		}
	}
}

// formVersions are all versions of a form, oldest first and the current one last,
// as bot.Versions returns them. The form may be named by its keyword.
func formVersions(ctx context.Context, s *stores, id string) ([]*flows.Form, []*bot.Unread, error) {
	list, err := s.Versions(ctx, id)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return nil, nil, err
	}
	if len(list) == 0 {
		v, err := currentVersion(ctx, s.Results, id)
		if err != nil {
			return nil, nil, err
		}
		id = v.FormID
	}
	return bot.Versions(ctx, id, s.Results, s.Results, func(v storage.FormVersion) (*flows.Form, error) {
		v, err := s.Version(ctx, v.FormID, v.Hash)
		if err != nil {
			return nil, err
		}
		return bot.Compile(v)
	})
}
