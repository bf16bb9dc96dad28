package bot

import (
	"context"
	"errors"
	"fmt"

	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/storage"
)

// A BroadcastStore is what broadcasts need of the stores.
type BroadcastStore interface {
	storage.Broadcasts
	storage.Jobs
	storage.Leases
	storage.Contacts
}

// Broadcaster sends messages to many with the bot's account, beside its
// replies. holder names this process among replicas.
func (b *Bot) Broadcaster(store BroadcastStore, holder string) *send.Broadcaster {
	return &send.Broadcaster{
		Store: store, Jobs: store, Leases: store, Holder: holder, Limiter: b.Limiter, Log: b.Log, Now: b.Clock,
		Deliver: func(ctx context.Context, chat int64, body []byte) error {
			method, payload := broadcastCall(body)
			_, err := b.Client.Send(ctx, method, chat, payload)
			return err
		},
		Ended:   b.broadcastEnded,
		Chat:    func(ctx context.Context, person string) (int64, error) { return b.reach(ctx, store, person) },
		Blocked: func(ctx context.Context, person string) error { return b.unreachable(ctx, store, person) },
	}
}

// reach finds a person's chat: that of their record, or one that is kept while
// something of theirs is open.
func (b *Bot) reach(ctx context.Context, contacts storage.Contacts, person string) (int64, error) {
	p, err := b.People.Person(ctx, person)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return 0, fmt.Errorf("look up person: %w", err)
	}
	sealed := p.Contact
	if p.Suspended {
		return 0, storage.ErrNotFound
	}
	if len(sealed) == 0 {
		c, err := contacts.Contact(ctx, person)
		if err != nil {
			return 0, err
		}
		sealed = c.Sealed
	}
	chat, err := b.Keys.openChat(person, sealed)
	if err != nil {
		return 0, storage.ErrNotFound // sealed with another key: nobody can reach them
	}
	return chat, nil
}

// unreachable stops contact with somebody who blocked the bot.
func (b *Bot) unreachable(ctx context.Context, contacts storage.Contacts, person string) error {
	return errors.Join(b.unsubscribe(ctx, person, "blocked the bot"), contacts.Forget(ctx, person))
}

// Unsent is how many replies of this process are on their way.
func (b *Bot) Unsent() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, l := range b.lanes {
		l.mu.Lock()
		n += len(l.queue)
		l.mu.Unlock()
	}
	return n
}
