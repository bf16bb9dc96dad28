package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"example.org/fieldbot/storage"
)

// officeJobs is work of officers and the secretariat that waits in an outbox
// and is done behind the commit, as exports are. It may be done twice.
var officeJobs map[string]func(b *Bot, ctx context.Context, person string, chat int64, payload []byte) error

// do queues work for after the commit.
func (t *turn) do(method string, params any) error {
	payload, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("queue %s: %w", method, err)
	}
	t.add(storage.Reply{Method: method, Payload: payload}, "")
	return nil
}

// speak says something to a person who did not write: through their own
// session, so that it is kept until it is sent. Somebody who wants to hear
// nothing is told nothing. The caller holds no lane.
func (b *Bot) speak(ctx context.Context, person string, say func(t *turn) error) error {
	who, err := b.People.Person(ctx, person)
	if errors.Is(err, storage.ErrNotFound) || err == nil && len(who.Contact) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up person: %w", err)
	}
	chat, err := b.Keys.openChat(who.ID, who.Contact)
	if err != nil {
		return fmt.Errorf("open contact: %w", err)
	}
	l := b.hold(person, chat)
	defer b.release(l)
	l.turn.Lock()
	defer l.turn.Unlock()
	return b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
		s.Language = cmp.Or(s.Language, who.Language)
		t := b.newTurn(ctx, l, s, nil)
		if err := say(t); err != nil {
			return nil, err
		}
		s.Changed = t.now
		return t.outbox(), nil
	})
}
