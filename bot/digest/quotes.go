package digest

import (
	"context"
	"fmt"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// maxAsked is how many submissions are looked through for quotes.
const maxAsked = 400

// maxQuote is how much of a text is quoted, in letters.
const maxQuote = 300

// readQuotes finds what may be quoted: answers in people's own words that
// somebody of the secretariat let through, from a place and period with at least
// tally.Few of them. Who said it is not known here.
func (d *writer) readQuotes(ctx context.Context) error {
	if d.Reviews == nil {
		return nil
	}
	for _, c := range d.forms {
		from, to := d.Period.From, d.Period.To
		if d.Published {
			from, to = c.period.From.Start(d.Zone), c.period.To.Start(d.Zone)
		}
		enough := map[string]bool{}
		any := false
		for i := range c.form.Programme.Indicators {
			if ind := &c.form.Programme.Indicators[i]; ind.Measure == "texts" {
				now, _, shown := c.figure(ind.Name, d.Place)
				enough[ind.Name] = shown && now.N >= tally.Few
				any = any || enough[ind.Name]
			}
		}
		if !any || !Quotes(c.form) {
			continue
		}
		err := EachText(ctx, d.Source, c.form, d.Place, from, to, func(t Text) bool {
			if t.State == storage.Quotable && enough[t.Indicator.Name] {
				d.quotes = append(d.quotes, t.Text)
			}
			return len(d.quotes) < maxQuotes
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Quotes reports whether answers to a form may be quoted in a digest. Updates are
// told by their headline, and accepted and quoted otherwise.
func Quotes(f *flows.Form) bool { return !named(&f.Settings) }

// A Text is what somebody answered in their own words.
type Text struct {
	Submission *storage.Submission
	Indicator  *flows.Indicator
	Number     int // of the indicator, among those of measure texts
	Text       string
	State      storage.ReviewState // Quotable, Unquotable, or "" if nobody decided yet
}

// EachText goes through the answers in people's own words, the newest first,
// until each returns false.
func EachText(ctx context.Context, src Source, f *flows.Form, at tally.Place, from, to time.Time, each func(Text) bool) error {
	plan, err := src.Book.Plan(ctx, f.ID)
	if err != nil {
		return err
	}
	filter := storage.Filter{FormID: f.ID, From: from, To: to, Newest: true, Limit: maxAsked, Province: at.Province, District: at.District}
	var list []*storage.Submission
	var ids []string
	for s, err := range src.Submissions.Each(ctx, filter) {
		if err != nil {
			return fmt.Errorf("read submissions: %w", err)
		}
		if at.Service != "" && tally.Answer(s.Data, f.Settings.Roles.Service) != at.Service {
			continue
		}
		list, ids = append(list, s), append(ids, s.ID)
	}
	states, err := src.Reviews.States(ctx, ids...)
	if err != nil {
		return fmt.Errorf("look up quotes: %w", err)
	}
	for _, s := range list {
		indicators, texts, err := plan.Texts(&s.Submission)
		if err != nil {
			continue // of a version that says nothing of these
		}
		decided, err := decisions(ctx, src, s.ID, states)
		if err != nil {
			return err
		}
		for i, ind := range indicators {
			if texts[i] != "" && !each(Text{s, ind, i, texts[i], decided[ind.Name]}) {
				return nil
			}
		}
	}
	return nil
}

// decisions are what was decided of a submission's texts, since it was corrected
// last.
func decisions(ctx context.Context, src Source, id string, states map[string]storage.Step) (map[string]storage.ReviewState, error) {
	if _, any := states[id]; !any {
		return nil, nil
	}
	steps, err := src.Reviews.Steps(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("look up quotes: %w", err)
	}
	out := map[string]storage.ReviewState{}
	for _, s := range steps {
		switch s.State {
		case storage.Quotable, storage.Unquotable:
			out[s.Text] = s.State
		case storage.Corrected:
			clear(out)
		}
	}
	return out, nil
}

// say writes the quotes.
func (d *writer) say() {
	if len(d.quotes) == 0 {
		return
	}
	d.gap()
	d.line("digest.quotes", nil)
	for _, q := range d.quotes {
		if r := []rune(q); len(r) > maxQuote {
			q = string(r[:maxQuote-1]) + "…"
		}
		d.b.WriteString("“" + render.Escape(q) + "”\n")
	}
}
