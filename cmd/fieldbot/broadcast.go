package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/storage"
)

// broadcastCmd sends messages to many, by way of the bot that serves.
type broadcastCmd struct {
	Send   broadcastSendCmd   `cmd:"" help:"Send a text to all people of a role."`
	List   broadcastListCmd   `cmd:"" help:"List broadcasts, the newest first, with how far they are."`
	Pause  broadcastPauseCmd  `cmd:"" help:"Stop sending for now."`
	Resume broadcastResumeCmd `cmd:"" help:"Go on."`
	Cancel broadcastCancelCmd `cmd:"" help:"End a broadcast; who was not told yet never is."`
}

type broadcastSendCmd struct {
	config
	Role  string            `enum:"officer,enumerator,observer,secretariat" required:"" help:"Whom to tell: officer, enumerator, observer or secretariat."`
	Scope map[string]string `placeholder:"KEY=VALUE" help:"Only those of this scope, as district=1503."`
	Text  string            `placeholder:"TEXT" help:"What to say; - reads it from standard input."`
	Yes   bool              `help:"Send it. Else only tell how many would get it."`
}

func (c *broadcastSendCmd) Run(t *console) error {
	text := c.Text
	if text == "-" {
		b, err := io.ReadAll(io.LimitReader(t.in, 64<<10))
		if err != nil {
			return err
		}
		text = string(b)
	}
	if strings.TrimSpace(text) == "" {
		return usage("--text: there is nothing to say")
	}
	id := hex.EncodeToString([]byte(rand.Text()[:4]))
	role := storage.Role(c.Role)
	words, err := c.offered()
	if err != nil {
		return err
	}
	body, err := bot.BroadcastBody(words, c.languages()[0], id, text, role, c.Scope)
	if err != nil {
		return usage("--text: %w", err)
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	all, err := s.Results.List(t)
	if err != nil {
		return err
	}
	forms, err := currentForms(t, s.Results)
	if err != nil {
		return err
	}
	people := bot.Recipients(all, role, c.Scope, places.New(forms))
	if !c.Yes || len(people) == 0 {
		t.printf("%d people would be told; add --yes to send\n", len(people))
		return nil
	}
	b := broadcaster(s)
	if err := b.Begin(t, storage.Broadcast{ID: id, By: "command line", Body: body}, people); err != nil {
		return err
	}
	t.printf("broadcast %s to %d people\n", id, len(people))
	return nil
}

// broadcaster changes broadcasts; the serving bot sends them.
func broadcaster(s *stores) *send.Broadcaster {
	return &send.Broadcaster{Store: s, Jobs: s, Limiter: send.NewLimiter(send.Limits{}, nil)}
}

type broadcastListCmd struct{ config }

func (c *broadcastListCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	all, err := s.ListBroadcasts(t, 50)
	if err != nil {
		return err
	}
	rate := send.NewLimiter(send.Limits{}, nil).Rate()
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, v := range all {
		p := send.ProgressOf(v, rate)
		left := ""
		if p.Left > 0 {
			left = "about " + p.Left.String() + " left"
		}
		n := v.Counts
		fmt.Fprintf(w, "%s\t%s\t%s\t%d of %d\t%d told, %d blocked, %d gone, %d failed, %d unknown\t%s\n", v.ID, v.Made.In(c.zone()).Format(time.DateTime),
			v.State, p.Over, p.Total, n[storage.RecipientTold], n[storage.RecipientBlocked], n[storage.RecipientGone], n[storage.RecipientFailed], p.Unknown, left)
	}
	return w.Flush()
}

type broadcastPauseCmd struct {
	config
	ID string `arg:""`
}

func (c *broadcastPauseCmd) Run(t *console) error {
	return changeBroadcast(t, &c.config, func(b *send.Broadcaster) error { return b.Pause(t, c.ID) })
}

type broadcastResumeCmd struct {
	config
	ID string `arg:""`
}

func (c *broadcastResumeCmd) Run(t *console) error {
	return changeBroadcast(t, &c.config, func(b *send.Broadcaster) error { return b.Resume(t, c.ID) })
}

type broadcastCancelCmd struct {
	config
	ID string `arg:""`
}

func (c *broadcastCancelCmd) Run(t *console) error {
	return changeBroadcast(t, &c.config, func(b *send.Broadcaster) error { return b.Cancel(t, c.ID) })
}

func changeBroadcast(t *console, c *config, change func(*send.Broadcaster) error) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	return change(broadcaster(s))
}
