package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// maxRedo is how often a turn is redone because the session moved meanwhile.
const maxRedo = 10

// maxOutbox bounds what waits to be sent to one person.
const maxOutbox = 40

// A turn is the effect of one update: the session as it will be, and what to
// say. It is thrown away and made anew if the session moved meanwhile.
type turn struct {
	b    *Bot
	ctx  context.Context
	u    *models.Update
	l    *lane
	s    *storage.Session
	lang string // of the bot's words
	chat int64
	now  time.Time

	received time.Time // by the process's own clock; zero if there was no update

	replies []queued
	edits   []queued // go last
	topic   int      // of the group that is spoken to; 0: none, or its general one
	toast   string   // what a tap is answered with
	alert   bool
	person  *storage.Person // looked up when first asked for
}

// Handle takes one update all the way: load, act, commit; the replies go out
// behind it. It may be called again with the same update: the effect is that of
// one call. Errors are those that a telegram.Receiver expects.
func (b *Bot) Handle(ctx context.Context, u *models.Update) error {
	answer, err := b.Take(ctx, u)
	if len(answer) > 0 {
		b.work.Go(func() {
			if err := b.Client.AnswerCallback(b.closing, answer); err != nil && b.closing.Err() == nil {
				b.Log.Warn("answer tap", "update_id", u.ID, "error", err)
			}
		})
	}
	return err
}

// Take is Handle for a receiver that makes the call which answers a tap itself,
// as a webhook does in its own answer.
func (b *Bot) Take(ctx context.Context, u *models.Update) (answer []byte, err error) {
	chat := telegram.ChatOf(u)
	if chat == 0 {
		return nil, nil // a kind of update that was not asked for
	}
	if err := b.begin(ctx); err != nil {
		return nil, err
	}
	defer func() { <-b.turns }()
	received := time.Now()
	l := b.hold(b.Keys.Person(chat), chat)
	defer b.release(l)
	l.turn.Lock()
	defer l.turn.Unlock()
	if !l.allowed.take(received) {
		return b.flooded(ctx, l, u)
	}
	b.awaitQuestion(ctx, l, u)

	var toast string
	var alert, repeated bool
	var finishing bool
	err = b.commit(ctx, l, func(s *storage.Session) ([]queued, error) {
		if s.HandledBefore(u.ID) {
			repeated = true
			return nil, errNothing
		}
		t := b.newTurn(ctx, l, s, u)
		t.received = received
		if err := t.readably(t.route); err != nil {
			return nil, err
		}
		if !fits(s) {
			return nil, errFull
		}
		b.plan(ctx, s)
		s.MarkHandled(u.ID)
		s.Changed = t.now
		finishing = frozen(s)
		toast, alert = t.toast, t.alert
		return t.outbox(), nil
	})
	if errors.Is(err, errFull) {
		b.Log.WarnContext(ctx, "session too large", "person", l.person, "update_id", u.ID)
		err = b.refuse(ctx, l, u, "limit.full")
	}
	if err != nil {
		return nil, err
	}
	if finishing || repeated {
		// what is frozen is durable: the update counts as handled even if storing
		// the submission must wait
		if err := b.finish(ctx, l); err != nil {
			b.Log.WarnContext(ctx, "finish later", "person", l.person, "update_id", u.ID, "error", err)
		}
	}
	if q := u.CallbackQuery; q != nil {
		return telegram.CallbackAnswer(q.ID, toast, alert), nil
	}
	return nil, nil
}

// awaitQuestion lets a question that is on its way arrive before a text is
// looked at, since the text may have been written before it was seen.
func (b *Bot) awaitQuestion(ctx context.Context, l *lane, u *models.Update) {
	if u.Message == nil {
		return
	}
	deadline := time.Now().Add(1500 * time.Millisecond)
	for pause := 50 * time.Microsecond; l.asking() && time.Now().Before(deadline) && ctx.Err() == nil; {
		time.Sleep(pause)
		pause = min(2*pause, 5*time.Millisecond)
	}
}

// errNothing says that a change has nothing to commit.
var errNothing = errors.New("nothing to commit")

// commit loads the session, changes it and stores it, again from the start if
// it moved meanwhile, and hands the new replies to the sender. The caller holds
// l.turn.
func (b *Bot) commit(ctx context.Context, l *lane, change func(*storage.Session) ([]queued, error)) error {
	for range maxRedo {
		s, err := b.load(ctx, l)
		if err != nil {
			return err
		}
		struck := l.strike(&s)
		replies, err := change(&s)
		if errors.Is(err, errNothing) {
			return nil
		}
		if err != nil {
			l.forget()
			return err
		}
		before := s.Revision
		after, err := b.Sessions.Commit(ctx, s)
		if err != nil {
			l.forget()
			if errors.Is(err, storage.ErrConflict) {
				continue
			}
			return fmt.Errorf("commit session: %w", err)
		}
		s.Revision = after
		l.session = &s
		if l.live.revision == before {
			l.live.revision = after
		}
		struck()
		b.enqueue(l, replies)
		return nil
	}
	return fmt.Errorf("commit session: %w", storage.ErrConflict)
}

// load returns a copy of the session to change.
func (b *Bot) load(ctx context.Context, l *lane) (storage.Session, error) {
	if l.session == nil {
		s, err := b.Sessions.Load(ctx, l.person)
		if err != nil {
			return s, fmt.Errorf("load session: %w", err)
		}
		s.Person = l.person
		l.session = &s
	}
	s := *l.session
	s.Handled = slices.Clone(s.Handled)
	s.Open = slices.Clone(s.Open)
	s.Outbox = slices.Clone(s.Outbox)
	return s, nil
}

// forget drops what may no longer be so.
func (l *lane) forget() {
	l.session = nil
	l.live = live{}
}

func (b *Bot) newTurn(ctx context.Context, l *lane, s *storage.Session, u *models.Update) *turn {
	t := &turn{b: b, ctx: ctx, u: u, l: l, s: s, now: b.now()}
	l.mu.Lock()
	t.chat = l.chat
	l.mu.Unlock()
	t.lang = s.Language
	if t.lang == "" {
		// a guess, kept for what is sent when nobody writes; the first question
		// offers the form's other languages
		code := languageOf(u)
		if t.lang, _ = b.Words.Match(code); code != "" {
			s.Language = t.lang
		}
	}
	if len(s.Contact) == 0 && t.chat != 0 {
		s.Contact = b.Keys.sealChat(l.person, t.chat)
	}
	return t
}

func languageOf(u *models.Update) string {
	switch {
	case u == nil:
	case u.Message != nil && u.Message.From != nil:
		return u.Message.From.LanguageCode
	case u.CallbackQuery != nil:
		return u.CallbackQuery.From.LanguageCode
	}
	return ""
}

// who returns the person; a citizen if there is no record or it is suspended.
func (t *turn) who() (storage.Person, error) {
	if t.person == nil {
		p, err := t.b.people.get(t.ctx, t.s.Person)
		if err != nil {
			return p, err
		}
		t.s.Epoch = p.Epoch
		t.person = &p
	}
	p := *t.person
	if p.Suspended {
		p.Role, p.Scope = storage.Citizen, nil
	}
	return p, nil
}

// add queues a call. Its reply is part of the session from now on.
func (t *turn) add(r storage.Reply, nonce string) {
	r.ID = t.s.NextID
	t.s.NextID++
	q := queued{Reply: r, nonce: nonce}
	if r.Edit {
		t.edits = append(t.edits, q)
	} else {
		t.replies = append(t.replies, q)
	}
}

// outbox puts what was said into the session, edits last.
func (t *turn) outbox() []queued {
	all := append(t.replies, t.edits...)
	if len(all) > 0 {
		all[0].received = t.received
	}
	if slices.ContainsFunc(all, func(q queued) bool { return q.Asks }) {
		// a question that an earlier process left unsent was answered meanwhile,
		// or is asked again now; sent later it would only confuse
		t.s.Outbox = slices.DeleteFunc(t.s.Outbox, func(r storage.Reply) bool { return r.Asks })
	}
	for _, q := range all {
		t.s.Outbox = append(t.s.Outbox, q.Reply)
	}
	if n := len(t.s.Outbox) - maxOutbox; n > 0 {
		// somebody who does not read, or a Telegram that is long down: what is
		// newest counts
		t.s.Outbox = slices.Delete(t.s.Outbox, 0, n)
	}
	return all
}

// show sends a screen.
func (t *turn) show(s render.Screen) { t.put(s, "") }

func (t *turn) put(s render.Screen, asksFor string) {
	if s.Topic == 0 {
		s.Topic = t.topic
	}
	parts := s.Payloads()
	for i, p := range parts {
		asks := asksFor != "" && i == len(parts)-1
		t.add(storage.Reply{Method: "sendMessage", Payload: p, Asks: asks}, asksFor)
	}
}

// say sends one of the bot's own messages. Its buttons may also be typed.
func (t *turn) say(key string, args locales.Args, rows ...[]render.Button) {
	t.await(rows)
	t.show(render.Screen{Text: t.html(key, args), Rows: rows})
}

func (t *turn) html(key string, args locales.Args) string { return t.b.Words.HTML(t.lang, key, args) }
func (t *turn) text(key string, args locales.Args) string { return t.b.Words.Text(t.lang, key, args) }

// rewrite changes a message that was sent before, text and keyboard.
func (t *turn) rewrite(message int, s render.Screen) {
	if message != 0 {
		t.add(storage.Reply{Method: "editMessageText", Payload: s.EditText(message), Edit: true}, "")
	}
}

// rekey changes the keyboard of a message that was sent before.
func (t *turn) rekey(message int, s render.Screen) {
	if message != 0 {
		t.add(storage.Reply{Method: "editMessageReplyMarkup", Payload: s.EditMarkup(message), Edit: true}, "")
	}
}

// button makes a button of the bot's own, beside interviews: "/verb:argument".
func (t *turn) button(key, verb, arg string) render.Button {
	return render.Button{Text: t.text(key, nil), Data: verbData(verb, arg)}
}

func verbData(verb, arg string) string { return "/" + verb + ":" + arg }

// title is the form's title in the session's language.
func (t *turn) title(f *flows.Form) string {
	i, _ := f.Language(t.lang)
	return render.Plain(f.Title.In(i))
}

func frozen(s *storage.Session) bool {
	return slices.ContainsFunc(s.Open, func(v storage.Interview) bool { return v.State == storage.Finishing })
}
