// Package figures counts submissions as they come in, reads what they add up
// to, and publishes the tables of closed periods. It knows no message: package
// digest writes those.
package figures

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// A Book is what figures are read from. It is a storage.Counter. It may be used
// by several goroutines.
type Book struct {
	Forms   storage.Forms
	Tallies storage.Tallies
	Compile func(storage.FormVersion) (*flows.Form, error)
	Zone    *time.Location
	Clock   func() time.Time
	Rounds  storage.Rounds // nil: there are no earlier rounds

	mu     sync.Mutex
	plans  map[string]*tally.Plan // by form id and hash
	people map[*tally.Plan]tally.Population
	now    map[string]string // form id: hash of its current version
	looked time.Time
}

// currentFor is how long the list of current versions may be old.
const currentFor = 3 * time.Second

// Forget makes the Book look at the stored forms at once.
func (b *Book) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looked = time.Time{}
}

// Plan is how submissions of a form are counted: by its newest version, be it
// retired. ErrNotFound if there is no such form.
func (b *Book) Plan(ctx context.Context, formID string) (*tally.Plan, error) {
	hash, err := b.current(ctx, formID)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	p := b.plans[formID+"\x00"+hash]
	b.mu.Unlock()
	if p != nil {
		return p, nil
	}
	v, err := b.Forms.Version(ctx, formID, hash)
	if err != nil {
		return nil, fmt.Errorf("load form: %w", err)
	}
	f, err := b.Compile(v)
	if err != nil {
		return nil, err
	}
	p = tally.NewPlan(f, b.Zone)
	pop, err := Population(f, v.Files)
	if err != nil {
		pop = nil // it was refused when the form was published; without it nothing is weighted
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.plans == nil {
		b.plans, b.people = map[string]*tally.Plan{}, map[*tally.Plan]tally.Population{}
	}
	b.plans[formID+"\x00"+hash], b.people[p] = p, pop
	return p, nil
}

func (b *Book) current(ctx context.Context, formID string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.looked.IsZero() || now.Sub(b.looked) > currentFor {
		vs, err := b.Forms.Current(ctx)
		if err != nil {
			return "", fmt.Errorf("list forms: %w", err)
		}
		b.now, b.looked = map[string]string{}, now
		for _, v := range vs {
			b.now[v.FormID] = v.Hash
		}
	}
	if h := b.now[formID]; h != "" {
		return h, nil
	}
	// retired: the version published last
	vs, err := b.Forms.Versions(ctx, formID)
	if err != nil {
		return "", fmt.Errorf("list versions: %w", err)
	}
	if len(vs) == 0 {
		return "", fmt.Errorf("form %s: %w", formID, storage.ErrNotFound)
	}
	b.now[formID] = vs[len(vs)-1].Hash
	return b.now[formID], nil
}

// Count implements storage.Counter.
func (b *Book) Count(ctx context.Context, s *storage.Submission) (string, storage.Tally, error) {
	p, err := b.Plan(ctx, s.FormID)
	if err != nil {
		return "", storage.Tally{}, err
	}
	r, err := p.Count(&s.Submission, s.Received)
	return p.Version(), storage.Tally{Day: int(r.Day), Province: r.Province, District: r.District, Sex: r.Sex,
		Age: r.Age, Service: r.Service, N: r.N, Changes: r.Changes, Body: r.Body,
		Marks: storage.Marks{Fast: r.Flags.Speed, Same: r.Flags.Straight, Fingerprint: p.Fingerprint(&s.Submission)}}, err
}

// recountAtOnce is how many submissions are counted anew in one step.
const recountAtOnce = 500

// Fresh counts anew what was not counted by the present plan, as after a change
// of the indicators, and says how much that was.
func (b *Book) Fresh(ctx context.Context, formID string) (n int, err error) {
	p, err := b.Plan(ctx, formID)
	if err != nil {
		return 0, err
	}
	left, err := b.Tallies.Uncounted(ctx, formID, p.Version())
	for left > 0 && err == nil {
		var k int
		if k, err = b.Tallies.Recount(ctx, formID, p.Version(), recountAtOnce); k == 0 {
			break
		}
		n += k
	}
	if err == nil && n > 0 {
		_, err = b.Tallies.Compact(ctx, formID)
	}
	return n, err
}

// Now is the time in which quotas are filled: since the latest earlier round, or
// ever if there was none.
func (b *Book) Now(ctx context.Context, formID string) (Span, error) {
	now := Ever
	round, err := b.Round(ctx, formID, tally.DayOf(b.Clock(), b.Zone))
	if round != nil {
		now.From = tally.DayOf(round.To, b.Zone)
	}
	return now, err
}

// Round is the latest earlier round of a form that ended before a day; nil if
// there is none.
func (b *Book) Round(ctx context.Context, formID string, before tally.Day) (*storage.Round, error) {
	if b.Rounds == nil {
		return nil, nil
	}
	list, err := b.Rounds.Rounds(ctx, formID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if tally.DayOf(list[i].To, b.Zone) <= before {
			return &list[i], nil
		}
	}
	return nil, nil
}

// Every is the length of the periods that a form's figures are published for:
// what its settings say in the column "published", else a month. There is one,
// since tables of periods that overlap would tell each other's secrets.
func Every(f *flows.Form) string {
	switch e := strings.ToLower(f.Settings.Extra["published"]); e {
	case "week", "quarter", "year":
		return e
	}
	return "month"
}

// ErrOverlap says that days of a period were published in another one already:
// the difference of the two would tell of the rest.
var ErrOverlap = errors.New("days of this period are published in another one")

// overlaps reports whether a table of another period has days of this one, as
// after a form's setting "published" was changed.
func (b *Book) overlaps(ctx context.Context, formID string, period tally.Period) error {
	names, err := b.Tallies.Tables(ctx, formID)
	if err != nil {
		return err
	}
	for _, name := range names {
		p, err := tally.ParsePeriod(name)
		if err == nil && name != period.Name && p.From < period.To && period.From < p.To {
			return fmt.Errorf("publish %s: %w: %s", period.Name, ErrOverlap, name)
		}
	}
	return nil
}

// Publish makes the table of a period that is over, or revises it; before that
// it is refused. It returns the table as it is then.
func (b *Book) Publish(ctx context.Context, formID string, period tally.Period) (*tally.Table, error) {
	if tally.DayOf(b.Clock(), b.Zone) < period.To {
		return nil, fmt.Errorf("publish %s: the period is not over", period.Name)
	}
	if err := b.overlaps(ctx, formID, period); err != nil {
		return nil, err
	}
	p, err := b.Plan(ctx, formID)
	if err != nil {
		return nil, err
	}
	var before *tally.Table
	kept, err := b.Tallies.Table(ctx, formID, period.Name)
	switch {
	case errors.Is(err, storage.ErrNotFound):
	case err != nil:
		return nil, err
	default:
		if before, err = tally.DecodeTable(kept.Body); err != nil {
			return nil, err
		}
	}
	if before == nil {
		if _, err := b.Fresh(ctx, formID); err != nil {
			return nil, err
		}
	}
	var rows []tally.Row
	for t, err := range b.Tallies.Tallies(ctx, formID, int(period.From), int(period.To)) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, tally.Row{Day: tally.Day(t.Day), N: t.N, Changes: t.Changes, Body: t.Body,
			Strata: tally.Strata{Province: t.Province, District: t.District, Sex: t.Sex, Age: t.Age, Service: t.Service}})
	}
	table, changed, err := tally.Publish(p, period.Name, rows, before, b.Clock())
	if err != nil || !changed {
		return table, err
	}
	body, err := table.Encode()
	if err != nil {
		return nil, fmt.Errorf("write published table: %w", err)
	}
	err = b.Tallies.PutTable(ctx, storage.PublishedTable{FormID: formID, Period: period.Name, Revision: table.Revision, Made: table.Made, Body: body})
	if errors.Is(err, storage.ErrConflict) {
		return b.Table(ctx, formID, period.Name) // another replica did
	}
	return table, err
}

// Table is a published table; ErrNotFound if there is none.
func (b *Book) Table(ctx context.Context, formID, period string) (*tally.Table, error) {
	kept, err := b.Tallies.Table(ctx, formID, period)
	if err != nil {
		return nil, err
	}
	return tally.DecodeTable(kept.Body)
}

// Last is the period that ended last for a form, at a time.
func (b *Book) Last(f *flows.Form, at time.Time) (tally.Period, error) {
	every := Every(f)
	p, err := tally.PeriodOf(every, tally.DayOf(at, b.Zone))
	if err != nil {
		return p, err
	}
	return tally.Before(every, p)
}

// A Difference is what Verify found.
type Difference struct {
	Submissions int64 // read
	Found       []string
}

// Verify recomputes from the submissions what a form's tallies add up to, day
// by day and stratum by stratum, and names what differs. Submissions that come
// in meanwhile may show as differences: ask again.
func (b *Book) Verify(ctx context.Context, formID string, submissions storage.Submissions) (d Difference, err error) {
	p, err := b.Plan(ctx, formID)
	if err != nil {
		return d, err
	}
	type key struct {
		day int
		tally.Strata
	}
	kept, made := map[key]*tally.Sums{}, map[key]*tally.Sums{}
	add := func(to map[key]*tally.Sums, t storage.Tally) error {
		k := key{t.Day, tally.Strata{Province: t.Province, District: t.District, Sex: t.Sex, Age: t.Age, Service: t.Service}}
		if to[k] == nil {
			to[k] = tally.NewSums()
		}
		return to[k].Add(&tally.Row{N: t.N, Body: t.Body})
	}
	flagged, seen := 0, map[string]bool{}
	for s, err := range submissions.Each(ctx, storage.Filter{FormID: formID}) {
		if err != nil {
			return d, err
		}
		d.Submissions++
		_, t, err := b.Count(ctx, s)
		if err != nil {
			continue // counts nothing
		}
		if m := t.Marks; m.Fast || m.Same || seen[m.Fingerprint] {
			flagged++
		}
		if k := t.Marks.Fingerprint; k != "" {
			seen[k] = true
		}
		if err := add(made, t); err != nil {
			return d, err
		}
	}
	stored, err := submissions.Count(ctx, storage.Filter{FormID: formID, Flagged: storage.AnyFlag}, storage.ByForm)
	if err != nil {
		return d, err
	}
	if n := stored[formID]; n != flagged {
		d.Found = append(d.Found, fmt.Sprintf("flagged: %d are kept, %d are found", n, flagged))
	}
	for t, err := range b.Tallies.Tallies(ctx, formID, -1<<31, 1<<31-1) {
		if err != nil {
			return d, err
		}
		if err := add(kept, *t); err != nil {
			return d, err
		}
	}
	for k := range made {
		if kept[k] == nil {
			kept[k] = tally.NewSums()
		}
	}
	for k, sums := range kept {
		want := made[k]
		if want == nil {
			want = tally.NewSums()
		}
		day := tally.Day(k.day).Start(time.UTC).Format(time.DateOnly)
		for _, line := range sums.Diff(want, p) {
			d.Found = append(d.Found, day+" "+k.District+": "+line)
		}
	}
	slices.Sort(d.Found)
	return d, nil
}
