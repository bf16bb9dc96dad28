package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// The answers to a version that an earlier fieldbot took and this one refuses are
// exported, and the version is named with the reason.
func TestExportOfVersionThatNoLongerCompiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openFile(t, dir)
	keep := func(version, question, answer string) (hash string) {
		t.Helper()
		v := storage.FormVersion{FormID: "long", Version: version, Hash: "0123456789" + version, Title: "Long", Name: "long.md", Published: stageStart,
			Source: []byte(strings.Replace(longForm, "| a | A? |", "| "+question+" | A? |", 1))}
		if f, err := bot.Compile(v); err == nil {
			v.Hash = f.Hash
		}
		if err := s.Publish(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		sub := storage.Submission{Submission: flows.Submission{ID: version, FormID: "long", Version: version, Hash: v.Hash,
			Data: flows.Record{{Name: question, Type: "text", Text: answer}}}, Received: stageStart}
		if _, _, err := s.Insert(t.Context(), sub); err != nil {
			t.Fatal(err)
		}
		return v.Hash
	}
	check := func(args ...string) (out, told string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), append(args, "--data-dir", dir), func(string) (string, bool) { return "", false }, strings.NewReader(""), &stdout, &stderr); code != 0 {
			t.Fatalf("%v: exit %d: %s", args, code, stderr.String())
		}
		return stdout.String(), stderr.String()
	}
	keep("1", "meta", "of the first")
	second := ""
	for _, current := range []bool{true, false} {
		for _, format := range []string{"csv", "jsonl"} {
			out, told := check("export", "long", "--format", format)
			if !strings.Contains(out, "of the first") || !strings.Contains(told, "version 1 (1 submission) cannot be read") || !strings.Contains(told, "meta") {
				t.Errorf("%s:\n%s\n%s", format, out, told)
			}
		}
		check("export", "long", "--format", "xlsx", "--flagged", "without", "-o", filepath.Join(t.TempDir(), "long.xlsx"))
		if _, told := check("tally", "verify"); strings.Contains(told, "left out") != current {
			t.Error(told)
		}
		check("invite", "--role", "secretariat", "--bot-username", "fieldbot_demo_bot")
		if out, _ := check("form", "list", "long"); !strings.Contains(out, "unreadable") {
			t.Error(out)
		}
		if current {
			second = keep("2", "a", "of the second")
		}
	}
	if out, told := check("export", "long", "--version", second[:8]); !strings.Contains(out, "of the second") || strings.Contains(out, "of the first") || told != "" {
		t.Errorf("%s\n%s", out, told)
	}
}
