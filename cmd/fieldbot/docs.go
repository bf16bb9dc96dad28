package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
	"example.org/fieldbot/flows/xpath"
)

// docsCmd writes the parts of the documentation that are made from tables in
// the code, between their marks, so that they cannot tell anything else.
type docsCmd struct {
	Dir string `arg:"" default:"docs" help:"Folder of the documentation."`
}

// generated are the parts, by file and mark.
var generated = []struct {
	file, mark string
	write      func(*bytes.Buffer)
}{
	{"configuration.md", "settings", writeSettings},
	{"xlsform.md", "types", writeTypes},
	{"xlsform.md", "appearances", writeLooks},
	{"xlsform.md", "parameters", writeParameters},
	{"xlsform.md", "columns", writeColumns},
	{"xlsform.md", "functions", writeFunctions},
	{"roles.md", "roles", bot.WriteRights},
	{"privacy.md", "retention", bot.WriteRetention},
}

func (c *docsCmd) Run(t *console) error {
	for _, g := range generated {
		path := filepath.Join(c.Dir, g.file)
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read documentation: %w", err)
		}
		var part bytes.Buffer
		g.write(&part)
		updated, err := replacePart(string(text), g.mark, part.String())
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := os.WriteFile(path, []byte(updated), 0o644); err != nil {
			return fmt.Errorf("write documentation: %w", err)
		}
	}
	return nil
}

// replacePart puts part between the marks of this name.
func replacePart(text, mark, part string) (string, error) {
	begin, end := "<!-- generated: "+mark+" -->\n", "<!-- end -->"
	head, rest, ok := strings.Cut(text, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return "", fmt.Errorf("no part between %q and %q", strings.TrimSpace(begin), end)
	}
	return head + begin + "\n" + part + "\n" + end + tail, nil
}

func writeSettings(b *bytes.Buffer) {
	row(b, "variable", "flag", "default", "secret", "meaning")
	row(b, "---", "---", "---", "---", "---")
	for _, s := range new(config).settings() {
		secret := ""
		if s.Secret != "" {
			secret = "`" + s.Name + "_FILE`"
		}
		row(b, code(s.Name), code("--"+s.Flag), code(s.Default), secret, s.Help)
	}
}

func writeTypes(b *bytes.Buffer) {
	row(b, "type", "also written", "in the chat", "not offered")
	row(b, "---", "---", "---", "---")
	for _, ty := range flows.Types() {
		row(b, code(ty.Name), strings.Join(ty.Aliases, ", "), ty.Chat, ty.Missing)
	}
}

func writeLooks(b *bytes.Buffer) {
	row(b, "appearance", "of", "in the chat", "not offered")
	row(b, "---", "---", "---", "---")
	for _, l := range flows.Looks() {
		row(b, code(l.Name), l.Types, l.Chat, l.Missing)
	}
}

func writeParameters(b *bytes.Buffer) {
	row(b, "type", "parameter", "what it does")
	row(b, "---", "---", "---")
	for _, ty := range flows.Types() {
		var unused []string
		for _, p := range ty.Parameters() {
			if p.Does == "" {
				unused = append(unused, code(p.Name))
				continue
			}
			row(b, code(ty.Name), code(p.Name), p.Does)
		}
		if len(unused) > 0 {
			row(b, code(ty.Name), strings.Join(unused, ", "), "read, not used")
		}
	}
}

func writeColumns(b *bytes.Buffer) {
	row(b, "sheet", "column", "also written", "by language", "meaning", "what fieldbot does")
	row(b, "---", "---", "---", "---", "---", "---")
	for _, c := range xlsform.Columns() {
		lang, does := "", c.Does
		if c.Language {
			lang = "yes"
		}
		if does == "" {
			does = "kept, not used"
		}
		row(b, c.Sheet, code(c.Key), strings.Join(c.Aliases, ", "), lang, c.Meaning, does)
	}
}

func writeFunctions(b *bytes.Buffer) {
	row(b, "function", "meaning")
	row(b, "---", "---")
	for _, f := range xpath.Functions() {
		row(b, code(f.Signature()), f.Doc)
	}
}

func row(b *bytes.Buffer, cells ...string) {
	for _, c := range cells {
		b.WriteString("| " + strings.ReplaceAll(strings.ReplaceAll(c, "|", `\\|`), "\n", " ") + " ")
	}
	b.WriteString("|\n")
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
