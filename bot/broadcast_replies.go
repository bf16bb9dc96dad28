package bot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// maxBroadcasts is how many earlier broadcasts are listed.
const maxBroadcasts = 10

func (t *turn) listBroadcasts() error {
	all, err := t.b.Broadcasts.ListBroadcasts(t.ctx, 3*maxBroadcasts)
	if err != nil {
		return fmt.Errorf("list broadcasts: %w", err)
	}
	var rows [][]render.Button
	for _, v := range all {
		if v.State == storage.BroadcastFilling || v.State == storage.BroadcastCancelled && len(v.Counts) == 0 || len(rows) == maxBroadcasts {
			continue // never begun
		}
		body, _ := readBroadcast(v.Body)
		label := t.b.Words.DateNumeric(t.lang, v.Made.In(t.b.Zone)) + " · " + cmp.Or(short(body.Text), "#"+v.ID)
		rows = append(rows, []render.Button{{Text: label, Data: verbData("bc", "p:"+v.ID)}})
	}
	if len(rows) == 0 {
		t.say("broadcast.none", nil)
		return nil
	}
	t.say("broadcast.list", nil, rows...)
	return nil
}

// showBroadcast tells how far a broadcast is, in the message that has the button.
func (t *turn) showBroadcast(id string, message int) error {
	p, err := t.b.Broadcaster(t.b.Broadcasts, "").Progress(t.ctx, id)
	if err != nil {
		return err
	}
	replies, err := t.b.Broadcasts.Feedback(t.ctx, id)
	if err != nil {
		return err
	}
	text, rows := t.broadcastState(p, len(replies))
	t.rewrite(message, render.Screen{Text: text, Rows: rows})
	return nil
}

// broadcastState tells how far a broadcast is, with what can be done about it.
func (t *turn) broadcastState(p send.Progress, replies int) (string, [][]render.Button) {
	n := p.Counts
	text := t.html("broadcast.progress", locales.Args{
		"Mark": "#" + p.ID, "State": t.text("broadcast.state."+string(p.State), nil), "Told": n[storage.RecipientTold], "Total": p.Total,
		"Blocked": n[storage.RecipientBlocked] + n[storage.RecipientGone], "Failed": n[storage.RecipientFailed] + p.Unknown, "Replies": replies,
	})
	var rows [][]render.Button
	if p.State == storage.BroadcastRunning || p.State == storage.BroadcastPaused || p.State == storage.BroadcastFilling {
		rows = append(rows, []render.Button{t.button("broadcast.refresh", "bc", "p:"+p.ID), t.button("broadcast.cancel", "bc", "x:"+p.ID)})
	}
	if replies > 0 {
		rows = append(rows, []render.Button{{Text: t.text("broadcast.replies", locales.Args{"Count": replies}), Data: verbData("bc", "a:"+p.ID)}})
	}
	return text, rows
}

// maxFeedback is how many replies are shown in the chat; all are in a file then.
const maxFeedback = 15

func (t *turn) showFeedback(v *storage.Broadcast) error {
	all, err := t.b.Broadcasts.Feedback(t.ctx, v.ID)
	if err != nil {
		return err
	}
	text := t.html("broadcast.feedback", locales.Args{"Mark": "#" + v.ID, "Count": len(all)})
	for _, f := range all[max(0, len(all)-maxFeedback):] {
		who, err := t.b.feedbackFrom(t.ctx, t, f.Person)
		if err != nil {
			return err
		}
		text += "\n" + t.html("broadcast.reply", locales.Args{
			"Name": who, "Date": t.b.Words.DateNumeric(t.lang, f.At.In(t.b.Zone)), "Text": f.Text,
		})
	}
	t.show(render.Screen{Text: text})
	if len(all) > maxFeedback {
		return t.do(methodFeedback, feedback{Broadcast: v.ID, List: true, Lang: t.lang})
	}
	return nil
}

// feedbackFrom names a person and where they work.
func (b *Bot) feedbackFrom(ctx context.Context, t *turn, person string) (string, error) {
	p, err := b.People.Person(ctx, person)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return "", fmt.Errorf("look up person: %w", err)
	}
	name := cmp.Or(p.Name, t.text("people.unnamed", nil))
	d, err := b.places(ctx)
	if err != nil {
		return "", err
	}
	if place, ok := d.Get(cmp.Or(p.Scope["district"], p.Scope["province"])); ok {
		return name + ", " + place.Label(t.lang), nil
	}
	return name, nil
}

// feedback takes a reply to a broadcast. taken is false if the message is none.
func (t *turn) feedback(m *models.Message) (taken bool, err error) {
	r := m.ReplyToMessage
	if r == nil || r.From == nil || !r.From.IsBot || t.b.Broadcasts == nil {
		return false, nil
	}
	mark := broadcastMark.FindStringSubmatch(strings.TrimSpace(cmp.Or(r.Text, r.Caption)))
	if mark == nil {
		return false, nil
	}
	v, err := t.b.Broadcasts.Broadcast(t.ctx, mark[1])
	if errors.Is(err, storage.ErrNotFound) || err == nil && (v.By == t.s.Person || v.State == storage.BroadcastFilling) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	kind, file, isFile := broadcastFile(m)
	text := strings.TrimSpace(cmp.Or(m.Text, m.Caption))
	if !isFile && text == "" {
		t.say("refused.kind_text", nil)
		return true, nil
	}
	if isFile {
		text = strings.TrimSpace(t.text("broadcast.file."+kind, nil) + " " + text)
	}
	n, err := t.b.Broadcasts.AddFeedback(t.ctx, storage.Feedback{
		Broadcast: v.ID, Person: t.s.Person, Text: text, At: t.now,
		Token: t.b.Keys.id("feedback", t.s.Person, strconv.FormatInt(t.u.ID, 10)),
	})
	if err != nil {
		return false, err
	}
	t.say("broadcast.thanks", nil)
	if n > 1 && !isFile {
		return true, nil // the sender knows that there are answers
	}
	return true, t.do(methodFeedback, feedback{Broadcast: v.ID, First: n == 1, Kind: kind, File: file, Text: text})
}

const methodFeedback = "/feedback"

// A feedback is work that a reply to a broadcast makes: to tell who sent the
// broadcast of the first one, to pass a file on, to list all.
type feedback struct {
	Broadcast string `json:"broadcast"`
	First     bool   `json:"first,omitempty"`
	Kind      string `json:"kind,omitempty"`
	File      string `json:"file,omitempty"`
	Text      string `json:"text,omitempty"`
	List      bool   `json:"list,omitempty"`
	Lang      string `json:"lang,omitempty"`
}

func (b *Bot) sendFeedback(ctx context.Context, person string, chat int64, payload []byte) error {
	var p feedback
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	if p.List {
		return b.sendFeedbackList(ctx, person, chat, p)
	}
	v, err := b.Broadcasts.Broadcast(ctx, p.Broadcast)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return b.speak(ctx, v.By, func(t *turn) error {
		who, err := b.feedbackFrom(ctx, t, person)
		if err != nil {
			return err
		}
		s := render.Screen{Text: t.html("broadcast.answer", locales.Args{"Name": who, "Mark": "#" + v.ID, "Text": p.Text})}
		if p.First {
			s.Rows = [][]render.Button{{t.button("broadcast.all_replies", "bc", "a:"+v.ID)}}
		}
		if p.File == "" {
			t.show(s)
			return nil
		}
		method, call := s.WithFile(p.Kind, p.File)
		t.add(storage.Reply{Method: method, Payload: call}, "")
		return nil
	})
}

// sendFeedbackList sends all replies as a file.
func (b *Bot) sendFeedbackList(ctx context.Context, person string, chat int64, p feedback) error {
	if may, err := b.stillMay(ctx, person, "command", "broadcast"); err != nil || !may {
		return err
	}
	all, err := b.Broadcasts.Feedback(ctx, p.Broadcast)
	if err != nil {
		return err
	}
	t := &turn{b: b, ctx: ctx, lang: p.Lang, now: b.now()}
	rows := [][]string{{"date", "name", "reply"}}
	for _, f := range all {
		who, err := b.feedbackFrom(ctx, t, f.Person)
		if err != nil {
			return err
		}
		rows = append(rows, []string{f.At.In(b.Zone).Format(time.DateTime), who, f.Text})
	}
	name := "replies-" + p.Broadcast + ".xlsx"
	data, err := tables.WriteFile(name, rows)
	if err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	return b.Client.SendDocument(ctx, chat, name, bytes.NewReader(data), "")
}
