package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"text/tabwriter"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/storage"
)

// quarantineCmd looks after updates that could not be handled for their own
// sake.
type quarantineCmd struct {
	List   quarantineListCmd   `cmd:"" help:"List updates that were put aside, oldest first."`
	Show   quarantineShowCmd   `cmd:"" help:"Print one, without what the person wrote."`
	Replay quarantineReplayCmd `cmd:"" help:"Handle them again, as after an upgrade; those that work are taken out."`
	Drop   quarantineDropCmd   `cmd:"" help:"Delete them."`
}

// listed bounds what is looked at.
const listed = 10_000

type quarantineListCmd struct{ config }

func (c *quarantineListCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	all, err := s.Quarantined(t, listed)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, q := range all {
		fmt.Fprintf(w, "%d\t%s\t%s\n", q.UpdateID, q.At.In(c.zone()).Format(time.DateTime), q.Reason)
	}
	return w.Flush()
}

// which names updates in quarantine.
type which struct {
	IDs []int64 `arg:"" optional:"" name:"update-id" help:"Updates, by the number that list prints."`
	All bool    `help:"All of them."`
}

func (w *which) of(ctx context.Context, s storage.Quarantine) ([]storage.Quarantined, error) {
	if w.All == (len(w.IDs) > 0) {
		return nil, usage("name updates, or say --all")
	}
	all, err := s.Quarantined(ctx, listed)
	if err != nil || w.All {
		return all, err
	}
	byID := map[int64]storage.Quarantined{}
	for _, q := range all {
		byID[q.UpdateID] = q
	}
	var found []storage.Quarantined
	for _, id := range w.IDs {
		q, ok := byID[id]
		if !ok {
			return nil, usage("update %d is not in the quarantine", id)
		}
		found = append(found, q)
	}
	return found, nil
}

type quarantineShowCmd struct {
	config
	ID      int64 `arg:"" name:"update-id"`
	Content bool  `help:"Print all of it, with what the person wrote and who it was."`
}

func (c *quarantineShowCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := (&which{IDs: []int64{c.ID}}).of(t, s)
	if err != nil {
		return err
	}
	keys, err := c.botKeys()
	if err != nil {
		return err
	}
	raw, err := keys.Open("update", found[0].Update)
	if err != nil {
		return fmt.Errorf("update %d: %w", c.ID, err)
	}
	t.printf("update_id  %d\nput aside  %s\nreason     %s\n", c.ID, found[0].At.In(c.zone()).Format(time.DateTime), found[0].Reason)
	if c.Content {
		t.printf("%s\n", raw)
		return nil
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.printf("%d bytes that are no JSON\n", len(raw))
		return nil
	}
	out, err := json.MarshalIndent(outline(v), "", "  ")
	if err != nil {
		return err
	}
	t.printf("%s\n", out)
	return nil
}

// outline keeps the structure of a value and the kinds of its leaves.
func outline(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, inner := range v {
			if name, ok := inner.(string); ok && k == "type" {
				out[k] = name // of a chat, an entity: Telegram's word, and mostly what is wrong
				continue
			}
			out[k] = outline(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = outline(v[i])
		}
		return out
	case string:
		return fmt.Sprintf("(text of %d)", len([]rune(v)))
	case float64:
		return "(number)"
	}
	return v
}

type quarantineReplayCmd struct {
	config
	which
}

func (c *quarantineReplayCmd) Run(t *console) error {
	if err := c.checkBot(); err != nil {
		return err
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := c.of(t, s)
	if err != nil {
		return err
	}
	service, err := c.assemble(s, logger(t.err, "warn"))
	if err != nil {
		return err
	}
	b, err := service.newBot(c.BotUsername)
	if err != nil {
		return err
	}
	failed := false
	for _, q := range found {
		if err := replay(t, b, service.keys, s, q); err != nil {
			failed = true
			t.printf("%d  %v\n", q.UpdateID, err)
			continue
		}
		t.printf("%d  handled\n", q.UpdateID)
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(t), time.Minute)
	defer cancel()
	if err := b.Close(closing); err != nil {
		return fmt.Errorf("not all replies were sent; a bot that runs sends them: %w", err)
	}
	if failed {
		return errFound
	}
	return nil
}

// replay handles an update and, if it works, takes it out of the quarantine. One
// that was handled before has no effect.
func replay(ctx context.Context, b *bot.Bot, keys *bot.Keys, s storage.Quarantine, q storage.Quarantined) (err error) {
	raw, err := keys.Open("update", q.Update)
	if err != nil {
		return err
	}
	u := new(models.Update)
	if err := json.Unmarshal(raw, u); err != nil {
		return errors.New("still cannot be decoded")
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("still fails: panic (%T)\n%s", v, debug.Stack())
		}
	}()
	if err := b.Handle(ctx, u); err != nil {
		return fmt.Errorf("still fails: %w", err)
	}
	return s.Release(ctx, q.UpdateID)
}

type quarantineDropCmd struct {
	config
	which
}

func (c *quarantineDropCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := c.of(t, s)
	if err != nil {
		return err
	}
	for _, q := range found {
		if err := s.Release(t, q.UpdateID); err != nil {
			return err
		}
		t.printf("%d  dropped\n", q.UpdateID)
	}
	return nil
}
