package bot

import (
	"context"
	"regexp"
	"slices"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// quotaState is which quotas of a form were full when that was looked at last.
type quotaState struct {
	full  map[string]bool
	read  time.Time     // by the process's own clock
	took  time.Duration // to read
	cells int
}

// What it may cost to know whether quotas are full: forms with few cells are
// looked at each time; reading large ones takes at most a twentieth of the time.
const (
	fewCells   = 2000
	quotaShare = 20
)

// ruled are the quotas of a form that do something once they are full.
func ruled(f *flows.Form) (out []*flows.Quota) {
	for i := range f.Programme.Quotas {
		if q := &f.Programme.Quotas[i]; q.Full != flows.QuotaGoesOn && q.Target > 0 {
			out = append(out, q)
		}
	}
	return out
}

// fullQuotas are the names of a form's quotas that are full. What came in since
// they were looked at may not be counted yet: a quota may be passed by a few.
func (b *Bot) fullQuotas(ctx context.Context, f *flows.Form) (map[string]bool, error) {
	b.mu.Lock()
	s, known := b.quotas[f.ID]
	b.mu.Unlock()
	if known && s.cells > fewCells && time.Since(s.read) < quotaShare*s.took {
		return s.full, nil
	}
	began := time.Now()
	now, err := b.book.Now(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	read, err := b.book.Spans(ctx, f.ID, now)
	if err != nil {
		return nil, err
	}
	sums := read[0].Sum(tally.Place{})
	s = quotaState{full: map[string]bool{}, read: time.Now(), took: time.Since(began), cells: read[0].Cells}
	for _, q := range ruled(f) {
		s.full[q.Name] = sums.Quota(read[0].Plan, q.Name) >= int64(q.Target)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.quotas == nil {
		b.quotas = map[string]quotaState{}
	}
	b.quotas[f.ID] = s
	return s.full, nil
}

// references are the questions that an expression names.
var references = regexp.MustCompile(`\$\{([^}]+)\}`)

// filled tells whether somebody belongs to a quota as far as they have answered,
// and whether the answer to question, "" at the beginning, decided that.
func filled(iv *interview, q *flows.Quota, question string) (belongs, decided bool) {
	if q.Where == nil {
		return true, question == ""
	}
	answered := iv.in.Answers()
	for _, m := range references.FindAllStringSubmatch(q.Where.Source, -1) {
		n := iv.form.Question(m[1])
		if n == nil || !n.Askable() {
			continue
		}
		if !slices.ContainsFunc(answered, func(a flows.Answered) bool { return a.Node == n && a.Value != "" }) {
			return false, false
		}
		decided = decided || n.Name == question
	}
	return q.Where.Bool(iv.in), decided
}

// quota sees to quotas that are full: it ends the interview of somebody who would
// pass one that closes, and tells of one that warns. ended is true if nothing is
// to be asked any more.
func (t *turn) quota(iv *interview, question string) (ended bool, err error) {
	rules := ruled(iv.form)
	if len(rules) == 0 || t.b.book == nil || iv.Kind == storage.Correction || iv.Kind == storage.Trial {
		return false, nil
	}
	full, err := t.b.fullQuotas(t.ctx, iv.form)
	if err != nil {
		return false, err
	}
	lang, _ := iv.form.Language(t.lang)
	for _, q := range rules {
		if !full[q.Name] {
			continue
		}
		belongs, decided := filled(iv, q, question)
		args := locales.Args{"Label": render.Plain(q.Label.In(lang)), "Title": t.title(iv.form)}
		switch {
		case !belongs:
		case q.Full == flows.QuotaCloses:
			form, assisted := iv.form, iv.Kind == storage.Assisted
			t.drop(iv.Nonce)
			t.say("quota.closed", args)
			if assisted {
				t.askNext(form, nil)
			}
			return true, nil
		case decided:
			t.say("quota.warned", args)
		}
	}
	return false, nil
}
