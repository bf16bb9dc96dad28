package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/cmd/fieldbot/bench"
	"example.org/fieldbot/storage"
)

// idlers is how many SUFS interviews memory leaves half done.
const idlers = 40

// memory tells what a SUFS interview that nobody is answering takes in Redis.
func (b *benchmark) memory(t *console) error {
	c, err := b.serve(t, "library:sufs")
	if err != nil {
		return err
	}
	defer c.stop()
	load := b.load(c, idlers, 0)
	load.Start = "/start sufs"
	sizes, questions, err := bench.Idle(t, load, b.RedisURL)
	if err != nil {
		return err
	}
	slices.Sort(sizes)
	t.printf("Redis, of %d SUFS interviews left at their last questions (%d answered): %d bytes each (median), %d at most\n\n",
		len(sizes), questions, sizes[len(sizes)/2], sizes[len(sizes)-1])
	return nil
}

// telegramLimit is how many messages a second Telegram takes of a bot.
const telegramLimit = 30

// sending broadcasts to an API that refuses more than Telegram's limit.
func (b *benchmark) sending(t *console) error {
	stores, err := openServers(t, b.DatabaseURL, b.RedisURL)
	if err != nil {
		return err
	}
	defer stores.close()
	client, err := telegram.New("100000:bench-bench-bench", telegram.Options{BaseURL: b.address})
	if err != nil {
		return err
	}
	b.api.Limit(telegramLimit)
	defer b.api.Limit(0)
	recipients := make([]string, telegramLimit*(5+b.Rounds*b.Seconds))
	for i := range recipients {
		recipients[i] = strconv.FormatInt(b.ids.Add(1), 10)
	}
	s := &send.Broadcaster{Store: stores, Jobs: stores, Leases: stores, Holder: "bench", Limiter: send.NewLimiter(send.Limits{}, nil),
		Deliver: func(ctx context.Context, chat int64, body []byte) error {
			_, err := client.Send(ctx, "sendMessage", chat, body)
			return err
		},
		Chat: func(_ context.Context, person string) (int64, error) { return strconv.ParseInt(person, 10, 64) },
	}
	ctx, cancel := context.WithCancel(t)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- stores.Run(ctx, map[string]storage.Worker{send.Kind: s.Worker()}) }()
	body := (&render.Screen{Text: "The update is due on Friday."}).Payloads()[0]
	id := fmt.Sprint("bench-", b.ids.Add(1))
	if err := s.Begin(ctx, storage.Broadcast{ID: id, By: "bench", Body: body}, recipients); err != nil {
		return err
	}
	p, err := b.await(ctx, s, id)
	if err != nil {
		return err
	}
	n, took := b.api.Taken()
	rate := float64(n-1) / took.Seconds()
	t.printf("broadcast to %d chats at a limit of %d messages a second: %.2f a second, %.1f%% of the limit; %d refused with 429, %d told, %d unknown\n",
		len(recipients), telegramLimit, rate, 100*rate/telegramLimit, b.api.Refused.Load(), p.Counts[storage.RecipientTold], p.Unknown)
	cancel()
	return <-ended
}

// await waits until a broadcast is over.
func (b *benchmark) await(ctx context.Context, s *send.Broadcaster, id string) (send.Progress, error) {
	for {
		p, err := s.Progress(ctx, id)
		if err != nil || p.State == storage.BroadcastDone {
			return p, err
		}
		select {
		case <-ctx.Done():
			return p, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
