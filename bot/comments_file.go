package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// methodMatrix sends the table of comments and responses of a form.
const methodMatrix = "/matrix"

func (b *Bot) sendMatrix(ctx context.Context, person string, chat int64, payload []byte) error {
	var p jobParams
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	who, err := b.people.get(ctx, person)
	if err != nil || who.Suspended || !mayUse("file", "matrix", who.Role) {
		return err
	}
	f, err := b.formOf(ctx, p.Form)
	if err != nil {
		return err
	}
	if f == nil {
		return fmt.Errorf("%w: no such form", errJob)
	}
	all, err := tables.AllComments(ctx, b.sources(), f)
	if err != nil {
		return err
	}
	lang, _ := f.Language(p.Lang)
	rows := tables.Matrix(f, all, lang, func(k tables.Taken) string { return TakenWord(b.Words, p.Lang, k) })
	name := safeName(f.ID) + "-comments-" + b.now().Format(time.DateOnly) + ".xlsx"
	data, err := tables.WriteFile(name, rows)
	if err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	caption := b.Words.HTML(p.Lang, "comments.caption", locales.Args{"Title": render.Plain(f.Title.In(lang)), "Count": len(all),
		"Words": strings.Join([]string{TakenWord(b.Words, p.Lang, tables.Yes), TakenWord(b.Words, p.Lang, tables.Partly), TakenWord(b.Words, p.Lang, tables.No)}, ", ")})
	return b.Client.SendDocument(ctx, chat, name, bytes.NewReader(data), caption)
}

// formOf is the current version of a form; nil if there is none.
func (b *Bot) formOf(ctx context.Context, id string) (*flows.Form, error) {
	return b.forms.find(ctx, func(v storage.FormVersion) bool { return v.FormID == id })
}

// importMatrix stores the responses of a table of comments that was sent as a
// workbook is, and says what came of it; nil if the file is no such table.
func (b *Bot) importMatrix(ctx context.Context, person string, p *workbookParams, v storage.FormVersion) (*render.Screen, error) {
	if p.Publish || b.Reviews == nil {
		return nil, nil
	}
	name, data := v.Name, v.Source
	if p.Newest != "" {
		name, data = p.Newest, v.Files[p.Newest]
	}
	rows, err := tables.ReadFile(name, data)
	if err != nil || !tables.IsMatrix(rows) {
		return nil, nil
	}
	m := &tables.Import{Form: b.formOf, Words: TakenWords(b.Words), By: person, At: p.At, Store: struct {
		storage.Submissions
		storage.Reviews
	}{b.Submissions, b.Reviews}}
	if err := m.Run(ctx, rows); err != nil {
		return nil, err
	}
	args := locales.Args{"Count": m.Stored, "Unchanged": m.Unchanged}
	key, said := "comments.imported", m.Remarks
	if len(m.Problems) > 0 {
		key, said = "comments.not_imported", m.Problems
		args["Count"] = len(m.Problems)
	}
	lines := []string{b.Words.HTML(p.Lang, key, args)}
	for _, r := range said[:min(len(said), maxProblems)] {
		lines = append(lines, "• "+b.Words.HTML(p.Lang, r.Key, r.Args))
	}
	if n := len(said) - maxProblems; n > 0 {
		lines = append(lines, b.Words.HTML(p.Lang, "publish.more_problems", locales.Args{"Count": n}))
	}
	return &render.Screen{Text: strings.Join(lines, "\n")}, nil
}
