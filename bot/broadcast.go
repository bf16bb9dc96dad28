package bot

import (
	"context"
	"fmt"

	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/storage"
)

// A BroadcastStore is what broadcasts need of the stores.
type BroadcastStore interface {
	storage.Broadcasts
	storage.Jobs
	storage.Leases
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
		Chat:    b.reach,
		Blocked: func(ctx context.Context, person string) error { return b.unsubscribe(ctx, person, "blocked the bot") },
	}
}

// reach finds the chat of a person's record; ErrNotFound if they are not to be
// told anything.
func (b *Bot) reach(ctx context.Context, person string) (int64, error) {
	p, err := b.People.Person(ctx, person)
	if err != nil {
		return 0, fmt.Errorf("look up person: %w", err)
	}
	if p.Suspended || len(p.Contact) == 0 {
		return 0, storage.ErrNotFound
	}
	chat, err := b.Keys.openChat(person, p.Contact)
	if err != nil {
		return 0, storage.ErrNotFound // sealed with another key: nobody can reach them
	}
	return chat, nil
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
