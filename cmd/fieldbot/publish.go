package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/storage"
)

// version makes of a workbook what is stored of it. A bundled form is stored
// as markdown.
func version(path string, now time.Time) (storage.FormVersion, error) {
	form, def, err := compileForm(path)
	if err != nil {
		return storage.FormVersion{}, err
	}
	if _, err := figures.Population(form, def.Files); err != nil {
		return storage.FormVersion{}, usage("%s: settings [population]: %w", path, err)
	}
	v := storage.FormVersion{
		FormID:    form.ID,
		Hash:      form.Hash,
		Version:   form.Version,
		Title:     form.Title.In(form.Default),
		Keyword:   form.Settings.Keyword,
		Audience:  form.Settings.Audience,
		Name:      filepath.Base(path),
		Files:     def.Files,
		Published: now,
	}
	if name, ok := strings.CutPrefix(path, libraryPrefix); ok {
		v.Name = name + ".md"
		v.Source, err = library.Open(name)
		return v, err
	}
	if v.Source, err = os.ReadFile(path); err != nil {
		return storage.FormVersion{}, fmt.Errorf("read form: %w", err)
	}
	return v, nil
}

// publish stores a workbook unless it is the current version already, and
// reports whether it did.
func publish(ctx context.Context, forms storage.Forms, path string, now time.Time) (v storage.FormVersion, changed bool, err error) {
	if v, err = version(path, now); err != nil {
		return v, false, err
	}
	current, err := forms.Current(ctx)
	if err != nil {
		return v, false, err
	}
	for _, c := range current {
		switch {
		case c.FormID == v.FormID && c.Hash == v.Hash:
			return v, false, nil
		case c.FormID != v.FormID && c.Keyword != "" && c.Keyword == v.Keyword:
			return v, false, usage("%s: keyword %q is that of form %s already", path, v.Keyword, c.FormID)
		}
	}
	return v, true, forms.Publish(ctx, v)
}

// unreadVersion tells why a stored version does not compile; nil if it does.
func unreadVersion(ctx context.Context, forms storage.Forms, v storage.FormVersion) (*bot.Unread, error) {
	v, err := forms.Version(ctx, v.FormID, v.Hash)
	if err != nil {
		return nil, err
	}
	var u *bot.Unread
	_, err = bot.Compile(v)
	errors.As(err, &u)
	return u, nil
}

// currentForm is the version of a form that is open now, with its workbook.
func currentForm(ctx context.Context, forms storage.Forms, id string) (*flows.Form, error) {
	v, err := currentVersion(ctx, forms, id)
	if err != nil {
		return nil, err
	}
	if v, err = forms.Version(ctx, v.FormID, v.Hash); err != nil {
		return nil, err
	}
	return bot.Compile(v)
}

// currentVersion is the version of a form that is open now. The form may be named
// by its keyword.
func currentVersion(ctx context.Context, forms storage.Forms, id string) (storage.FormVersion, error) {
	current, err := forms.Current(ctx)
	if err != nil {
		return storage.FormVersion{}, err
	}
	var known []string
	for _, v := range current {
		known = append(known, v.FormID)
		if v.FormID == id || v.Keyword == id {
			return v, nil
		}
	}
	if len(known) == 0 {
		return storage.FormVersion{}, usage("no form %q; none is published, see `fieldbot form publish`", id)
	}
	return storage.FormVersion{}, usage("no form %q; there are %s", id, strings.Join(known, ", "))
}
