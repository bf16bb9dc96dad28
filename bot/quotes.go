package bot

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// quotesOf is how many days back answers are offered to be quoted.
const quotesOf = 35

// maxUndecided is up to how many are counted.
const maxUndecided = 20

// eachUndecided goes through the answers in people's own words of which nobody
// decided yet whether they may be quoted.
func (b *Bot) eachUndecided(ctx context.Context, src digest.Source, at tally.Place, each func(*flows.Form, digest.Text) bool) error {
	now := b.now()
	for _, f := range src.Forms {
		if !digest.Quotes(f) {
			continue
		}
		more := true
		err := digest.EachText(ctx, src, f, at, now.AddDate(0, 0, -quotesOf), now.Add(time.Second), func(t digest.Text) bool {
			if t.State == "" {
				more = each(f, t)
			}
			return more
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func (b *Bot) undecided(ctx context.Context, src digest.Source, r digest.Request) (n int, err error) {
	err = b.eachUndecided(ctx, src, r.Place, func(*flows.Form, digest.Text) bool {
		n++
		return n < maxUndecided
	})
	return n, err
}

// quoteVerb decides whether an answer may be quoted, and shows the next one. The
// button says "yes:submission:number of the indicator", or "next".
func (t *turn) quoteVerb(arg string, message int) error {
	if t.b.Reviews == nil || t.b.book == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	what, rest, _ := strings.Cut(arg, ":")
	skip := ""
	switch what {
	case "next":
		message = 0
	case "yes", "no":
		if err := t.decide(what == "yes", rest); err != nil {
			return err
		}
		skip = rest
	default:
		t.refuseTap("tap.gone", nil)
		return nil
	}
	s, err := t.quoteCard(skip)
	if err != nil {
		return err
	}
	if message != 0 {
		t.rewrite(message, s)
		return nil
	}
	t.show(s)
	return nil
}

// quoteKey names an answer in a button.
func quoteKey(x *digest.Text) string { return x.Submission.ID + ":" + strconv.Itoa(x.Number) }

// quoteCard shows the next answer to decide on. decided is the one that was just
// decided on, which may not be stored yet.
func (t *turn) quoteCard(decided string) (render.Screen, error) {
	src, err := t.b.Source(t.ctx)
	if err != nil {
		return render.Screen{}, err
	}
	var s render.Screen
	err = t.b.eachUndecided(t.ctx, src, tally.Place{}, func(f *flows.Form, x digest.Text) bool {
		key := quoteKey(&x)
		if key == decided || len(verbData("quo", "yes:"+key)) > render.MaxCallback {
			return true
		}
		lang, _ := f.Language(t.lang)
		s.Text = t.html("quote.card", locales.Args{"Title": t.title(f), "Label": render.Plain(x.Indicator.Label.In(lang)), "Text": x.Text})
		s.Rows = [][]render.Button{{
			{Text: t.text("quote.yes", nil), Data: verbData("quo", "yes:"+key), Style: "success"},
			{Text: t.text("quote.no", nil), Data: verbData("quo", "no:"+key)},
		}}
		return false
	})
	if s.Text == "" {
		s.Text = t.html("quote.none", nil)
	}
	return s, err
}

// decide keeps whether an answer may be quoted.
func (t *turn) decide(may bool, key string) error {
	id, number, _ := strings.Cut(key, ":")
	s, err := t.b.Submissions.Get(t.ctx, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !s.Withdrawn.IsZero() {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if err != nil {
		return err
	}
	plan, err := t.b.book.Plan(t.ctx, s.FormID)
	if err != nil {
		return err
	}
	indicators, _, err := plan.Texts(&s.Submission)
	n, bad := strconv.Atoi(number)
	if err != nil || bad != nil || n < 0 || n >= len(indicators) {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	state := storage.Unquotable
	if may {
		state = storage.Quotable
	}
	return t.step(id, state, indicators[n].Name)
}
