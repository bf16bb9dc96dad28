package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/storage"
)

// methodMenu sets the menu of commands of one chat: in the language that the
// person chose, which need not be the app's, and with what their role may do.
const methodMenu = "/menu"

func (t *turn) menu() { t.later(methodMenu, "") }

func (b *Bot) setMenu(ctx context.Context, person string, chat int64, lang string) error {
	who, err := b.people.get(ctx, person)
	if err != nil {
		return err
	}
	role := who.Role
	if who.Suspended {
		role = storage.Citizen
	}
	var names []string
	for _, c := range commandTable {
		if mayUse("command", c.name, role) && (role != storage.Citizen || c.name != "mine") {
			names = append(names, c.name)
		}
	}
	var menu []models.BotCommand
	for _, c := range b.Words.Commands(lang, names...) {
		menu = append(menu, models.BotCommand{Command: c.Name, Description: c.Description})
	}
	params, err := json.Marshal(map[string]any{
		"commands": menu, "scope": map[string]any{"type": "chat", "chat_id": chat},
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	err = b.Client.Call(ctx, "setMyCommands", params, nil)
	if e := telegram.AsError(err); e != nil && e.Code == 400 {
		return errors.Join(errJob, err) // only a menu: nobody waits for it
	}
	return err
}

// migrated gives the settings of a group to the group that it has become.
func (b *Bot) migrated(ctx context.Context, from, to int64) error {
	old, err := b.Sessions.Load(ctx, b.Keys.Person(from))
	if err != nil {
		return fmt.Errorf("load session: %w", err)
	}
	if old.Language == "" {
		return nil
	}
	l := b.hold(b.Keys.Person(to), to)
	defer b.release(l)
	l.turn.Lock()
	defer l.turn.Unlock()
	return b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
		s.Language, s.Changed = old.Language, b.now()
		return nil, nil
	})
}
