package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/flows/xlsform"
	"example.org/fieldbot/storage"
)

// record writes the conversation into the file whenever it has gone on.
func (a *author) record(ctx context.Context, file string) {
	written := ""
	for sleep(ctx, watchEvery) {
		data, err := a.repro()
		if err != nil || string(data) == written || data == nil {
			continue
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			a.console.printf("%v\n", err)
			return
		}
		written = string(data)
	}
}

// repro is the conversation so far as a dialogue test; nil if nobody wrote.
func (p *preview) repro() ([]byte, error) {
	names := map[int64]string{}
	for _, u := range p.server.Users() {
		if said := u.Script(); strings.HasPrefix(said, "> ") || strings.Contains(said, "\n> ") {
			names[u.ID()] = strings.ToLower(strings.Join(strings.Fields(u.First()), "_"))
		}
	}
	v := p.form.Load()
	if len(names) == 0 || v == nil {
		return nil, nil
	}
	var head strings.Builder
	fmt.Fprintf(&head, "A conversation in the preview of %s.\n", v.Name)
	a := &txtar.Archive{}
	if name := strings.TrimSuffix(v.Name, ".md"); bundled(v) {
		fmt.Fprintf(&head, "form: %s\n", name)
	} else {
		var md bytes.Buffer
		if err := xlsform.Convert(&md, v.Name, v.Source, xlsform.Markdown); err != nil {
			return nil, err
		}
		a.Files = append(a.Files, txtar.File{Name: "form.md", Data: md.Bytes()})
		for _, name := range slices.Sorted(maps.Keys(v.Files)) {
			a.Files = append(a.Files, txtar.File{Name: name, Data: v.Files[name]})
		}
	}
	language := ""
	for _, u := range p.server.Users() {
		if _, spoke := names[u.ID()]; spoke && language == "" {
			language = u.Language()
		}
	}
	if len(names) == 1 {
		for id := range names {
			names[id] = ""
		}
	}
	script := p.server.Script(names)
	if badge, _ := p.badge.Load().(string); badge != "" && strings.Contains(script, badge) {
		scope := " district=" + demoDistrict
		if v.Audience == "secretariat" {
			scope = ""
		}
		fmt.Fprintf(&head, "link: badge role=%s%s\n", v.Audience, scope)
		script = strings.ReplaceAll(script, badge, "{badge}")
	}
	fmt.Fprintf(&head, "language: %s\nclock: %s\n", language, p.started.Format("2006-01-02 15:04"))
	a.Comment = []byte(head.String())
	a.Files = append(a.Files, txtar.File{Name: "chat", Data: []byte(script)})
	return txtar.Format(a), nil
}

// bundled reports whether a form is a bundled one.
func bundled(v *storage.FormVersion) bool {
	name, ok := strings.CutSuffix(v.Name, ".md")
	if !ok || !slices.Contains(library.Names(), name) {
		return false
	}
	form, _, err := compileForm(libraryPrefix + name)
	return err == nil && form.Hash == v.Hash
}

// saved writes the conversation for the last time, and plays it. What a form
// said that was changed meanwhile is written as the form says it now.
func (p *preview) saved(t *console, file string) error {
	data, err := p.repro()
	if err != nil {
		return err
	}
	if data == nil {
		t.printf("nothing was said; %s is not written\n", file)
		return nil
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		return fmt.Errorf("write dialogue: %w", err)
	}
	d, err := flowtest.Parse(data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	playing, cancel := context.WithTimeout(context.WithoutCancel(t), time.Minute)
	defer cancel()
	s, done, err := openStage(playing)
	if err != nil {
		return err
	}
	defer done()
	r, err := s.Play(playing, d, nil)
	switch {
	case err != nil:
		t.printf("wrote %s; it cannot be played with the form as it is now: %v\n", file, err)
	case r.Diff != "" && p.reloads.Load() > 0:
		t.printf("wrote %s; the form was changed meanwhile, so it has what the form says now\n", file)
		return os.WriteFile(file, r.Updated, 0o644)
	case r.Diff != "" && !onlySubmissions(r.Diff):
		t.printf("wrote %s; when it is played the bot says something else:\n%s", file, r.Diff)
	default:
		t.printf("wrote %s\n", file)
		return os.WriteFile(file, r.Updated, 0o644)
	}
	return nil
}

// onlySubmissions reports whether nothing differs but that the file has no
// submissions yet.
func onlySubmissions(diff string) bool {
	return !strings.HasPrefix(diff, "chat:") && !strings.Contains(diff, "\nchat:")
}
