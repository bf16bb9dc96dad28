// Package digest writes what the secretariat and observers get on schedule and
// on /digest: one message, short enough for a phone, with what came in, the
// figures of each form and what became of them, how full the quotas are, and the
// newest updates.
//
// The secretariat sees live figures. Everybody else sees published tables: those
// of the last period that is over, small groups hidden.
package digest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A Source is where a digest's figures come from.
type Source struct {
	Submissions storage.Submissions
	Book        *figures.Book
	Forms       []*flows.Form // current ones, in the order to show
	Words       *locales.Catalogue
	Zone        *time.Location
}

// A Period is what a digest is about: From <= received < To. Open means that it
// is not over yet.
type Period struct {
	From, To time.Time
	Open     bool
}

// A Request says what a digest is about.
type Request struct {
	Lang      string
	Place     tally.Place // the zero place is the nation
	Form      string      // one form in full; "" is all, in brief
	Period    Period      // of live figures
	Published bool        // published tables instead, of the last period that was over at Period.To
}

// A Message is a digest.
type Message struct {
	Text    string        // Telegram HTML, of any length
	Forms   []*flows.Form // those with something to tell
	Deeper  []tally.Place // parts of the place, to look at next
	Nothing bool          // nothing came in
}

const (
	maxUpdates    = 8
	maxDistricts  = 10
	maxIndicators = 6 // of a form, in brief
	maxGroups     = 8
	maxDeeper     = 20
)

// Write writes a digest.
func Write(ctx context.Context, src Source, r Request) (*Message, error) {
	d := &writer{Source: src, Request: r}
	for _, f := range src.Forms {
		if r.Form != "" && f.ID != r.Form {
			continue
		}
		c, err := d.count(ctx, f)
		if err != nil {
			return nil, err
		}
		if c != nil {
			d.forms = append(d.forms, c)
		}
	}
	if !r.Published {
		if err := d.readUpdates(ctx); err != nil {
			return nil, err
		}
	}
	m := &Message{Text: d.write(), Nothing: d.total() == 0, Deeper: d.deeper()}
	for _, c := range d.forms {
		if c.n > 0 {
			m.Forms = append(m.Forms, c.form)
		}
	}
	return m, nil
}

// counted is a form with what came in for it, live or as published.
type counted struct {
	form      *flows.Form
	n, before int64
	hidden    bool // the number of submissions is
	figure    func(indicator string, at tally.Place) (now, before tally.Figure, shown bool)
	groups    func(ind *flows.Indicator) []tally.Figure
	places    []tally.Place
	live      *figures.Reading
	all       *tally.Sums // since ever, for quotas
	recent    *tally.Sums // of the last two weeks
	period    tally.Period
}

type writer struct {
	Source
	Request
	forms  []*counted
	newest []storage.Submission
	b      bytes.Buffer
}

// projectBy is how many days back the pace of a quota is taken from.
const projectBy = 14

func (d *writer) count(ctx context.Context, f *flows.Form) (*counted, error) {
	if d.Published {
		return d.published(ctx, f)
	}
	from, to := tally.DayOf(d.Period.From, d.Zone), tally.DayOf(d.Period.To.Add(-time.Nanosecond), d.Zone)+1
	if _, err := d.Book.Fresh(ctx, f.ID); err != nil {
		return nil, fmt.Errorf("count %s: %w", f.ID, err)
	}
	now, err := d.Book.Read(ctx, f.ID, from, to)
	if err != nil {
		return nil, err
	}
	before, err := d.Book.Read(ctx, f.ID, from-(to-from), from)
	if err != nil {
		return nil, err
	}
	sums, old := now.Sum(d.Place), before.Sum(d.Place)
	c := &counted{form: f, n: sums.Submissions, before: old.Submissions, live: now, places: now.Places(d.Place)}
	cache := map[tally.Place][2]*tally.Sums{d.Place: {sums, old}}
	c.figure = func(name string, at tally.Place) (a, b tally.Figure, shown bool) {
		s, ok := cache[at]
		if !ok {
			s = [2]*tally.Sums{now.Sum(at), before.Sum(at)}
			cache[at] = s
		}
		a, ok = s[0].Figure(now.Plan, name)
		b, _ = s[1].Figure(before.Plan, name)
		return a, b, ok && a.N >= tally.Few
	}
	c.groups = func(ind *flows.Indicator) []tally.Figure {
		if len(ind.By) == 0 {
			return nil
		}
		return sums.By(now.Plan, ind.Name, ind.By[0].Name)
	}
	if len(f.Programme.Quotas) > 0 {
		all, err := d.Book.Read(ctx, f.ID, -1<<31, 1<<31-1)
		if err != nil {
			return nil, err
		}
		last, err := d.Book.Read(ctx, f.ID, to-projectBy, to)
		if err != nil {
			return nil, err
		}
		c.all, c.recent = all.Sum(d.Place), last.Sum(d.Place)
	}
	return c, nil
}

// published reads the table of the last period that is over; nil if there is
// none, or nothing in it of the place.
func (d *writer) published(ctx context.Context, f *flows.Form) (*counted, error) {
	period, err := d.Book.Last(f, d.Period.To)
	if err != nil {
		return nil, err
	}
	table, err := d.Book.Table(ctx, f.ID, period.Name)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	old := &tally.Table{}
	if earlier, err := tally.Before(figures.Every(f), period); err == nil {
		if t, err := d.Book.Table(ctx, f.ID, earlier.Name); err == nil {
			old = t
		}
	}
	total, ok := table.Submissions(d.Place)
	if !ok {
		return nil, nil
	}
	was, _ := old.Submissions(d.Place)
	c := &counted{form: f, n: max(total.N, 1), before: was.N, hidden: total.Hidden, places: table.Places(d.Place), period: period}
	c.figure = func(name string, at tally.Place) (a, b tally.Figure, shown bool) {
		i := slices.IndexFunc(f.Programme.Indicators, func(x flows.Indicator) bool { return x.Name == name })
		now, ok := table.At(name, at)
		before, _ := old.At(name, at)
		ind := &f.Programme.Indicators[i]
		return now.Figure(ind), before.Figure(ind), ok && !now.Hidden
	}
	return c, nil
}

func (d *writer) total() (n int64) {
	for _, c := range d.forms {
		n += c.n
	}
	return n
}

func (d *writer) line(key string, args locales.Args) {
	d.b.WriteString(d.Words.HTML(d.Lang, key, args) + "\n")
}

func (d *writer) gap() { d.b.WriteByte('\n') }

func (d *writer) write() string {
	from, to := d.Words.Date(d.Lang, d.Period.From.In(d.Zone)), d.Words.Date(d.Lang, d.Period.To.In(d.Zone).Add(-time.Second))
	if d.Published {
		if len(d.forms) == 0 {
			d.line("digest.no_table", nil)
			return strings.TrimSpace(d.b.String())
		}
		p := d.forms[0].period
		from, to = d.Words.Date(d.Lang, p.From.Start(d.Zone)), d.Words.Date(d.Lang, (p.To-1).Start(d.Zone))
	}
	title := "digest.title"
	if d.Period.Open && !d.Published {
		title = "digest.title_now"
	}
	d.line(title, locales.Args{"From": from, "To": to})
	if d.Place != (tally.Place{}) {
		d.line("digest.place", locales.Args{"Name": d.placeName(d.Place)})
	}
	if d.total() == 0 {
		d.line("digest.nothing", locales.Args{"From": from, "To": to})
		return strings.TrimSpace(d.b.String())
	}
	d.received()
	d.districts()
	intervals := false
	for _, c := range d.forms {
		intervals = d.figures(c) || intervals
	}
	d.quotas()
	if intervals || d.Published {
		d.gap()
	}
	if intervals {
		d.line("digest.interval", nil)
	}
	if d.Published {
		d.line("digest.published", nil)
	}
	d.updates()
	return strings.TrimSpace(d.b.String())
}

func (d *writer) received() {
	d.gap()
	d.line("digest.received", nil)
	if !d.Published && len(d.forms) > 1 {
		d.line("digest.total", locales.Args{"Count": int(d.total())})
	}
	for _, c := range d.forms {
		args := locales.Args{"Title": d.title(c.form), "Count": int(c.n), "Before": int(c.before)}
		switch {
		case c.n == 0:
		case c.hidden:
			args["Value"] = d.Words.Text(d.Lang, "digest.few", locales.Args{"Count": tally.Few})
			args["Label"] = args["Title"]
			d.line("digest.count", args)
		case c.before > 0:
			d.line("digest.form_before", args)
		default:
			d.line("digest.form", args)
		}
	}
}

// districts tells where submissions came from, most first. Live counts are the
// secretariat's alone; a published table has its places behind buttons.
func (d *writer) districts() {
	if d.Published || d.Place.District != "" {
		return
	}
	counts := map[string]int64{}
	for _, c := range d.forms {
		if c.live == nil {
			continue
		}
		for code, n := range c.live.Districts(d.Place) {
			counts[code] += n
		}
	}
	missing := counts[""]
	delete(counts, "")
	if len(counts) == 0 {
		return
	}
	codes := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	d.gap()
	d.line("digest.districts", nil)
	for _, code := range codes[:min(len(codes), maxDistricts)] {
		d.line("digest.district", locales.Args{"Name": d.placeName(tally.Place{District: code}), "Count": int(counts[code])})
	}
	if more := len(codes) - maxDistricts; more > 0 {
		d.line("digest.more_districts", locales.Args{"Count": more})
	}
	if missing > 0 {
		d.line("digest.district_none", locales.Args{"Count": int(missing)})
	}
}

func (d *writer) title(f *flows.Form) string {
	i, _ := f.Language(d.Lang)
	return render.Plain(f.Title.In(i))
}

// placeName is a place as the first form that knows it calls it.
func (d *writer) placeName(p tally.Place) string {
	name := d.Words.Text(d.Lang, "digest.nation", nil)
	find := func(question func(*flows.Form) string, code string) string {
		for _, f := range d.Forms {
			if label := d.label(f, question(f), code); label != code {
				return label
			}
		}
		return code
	}
	switch {
	case p.District != "":
		name = find(func(f *flows.Form) string { return f.Settings.Roles.District }, p.District)
	case p.Province != "":
		name = find(func(f *flows.Form) string { return f.Settings.Roles.Province }, p.Province)
	}
	if p.Service != "" {
		name += " · " + find(func(f *flows.Form) string { return f.Settings.Roles.Service }, p.Service)
	}
	return name
}

// PlaceName is what a place is called in a language.
func PlaceName(src Source, lang string, p tally.Place) string {
	return (&writer{Source: src, Request: Request{Lang: lang}}).placeName(p)
}

// label is the label of a choice, or its name if it has none.
func (d *writer) label(f *flows.Form, question, name string) string {
	n := f.Question(question)
	if question == "" || n == nil {
		return name
	}
	list := n.List
	if list == nil {
		// a province that is computed has its names in a list of that name
		if list = f.Lists[question]; list == nil {
			return name
		}
	}
	i := list.Find(name)
	if i < 0 {
		return name
	}
	lang, _ := f.Language(d.Lang)
	if label := render.Plain(list.Choices[i].Label.In(lang)); label != "" {
		return label
	}
	return name
}

// figures writes a form's indicators and the share of women, and reports
// whether an interval stands among them.
func (d *writer) figures(c *counted) (interval bool) {
	if c.n == 0 || len(c.form.Programme.Indicators) == 0 && c.live == nil {
		return false
	}
	start := d.b.Len()
	d.gap()
	d.line("digest.results", locales.Args{"Title": d.title(c.form)})
	head := d.b.Len()
	held, written := 0, 0
	for i := range c.form.Programme.Indicators {
		ind := &c.form.Programme.Indicators[i]
		if s := ind.Scope["service"]; s != "" && d.Place.Service != "" && s != d.Place.Service {
			continue
		}
		at := d.Place
		if ind.Scope["service"] != "" {
			at.Service = "" // the indicator itself is of that service
		}
		now, before, shown := c.figure(ind.Name, at)
		switch {
		case ind.Measure == "texts", ind.Measure == "distribution" && (d.Form == "" || d.Published):
		case !shown && ind.Measure != "count" && ind.Measure != "sum" || !shown && d.Published:
			held++
		case d.Form == "" && written >= maxIndicators:
		default:
			written++
			interval = d.figure(c, now, before, at) || interval
		}
	}
	d.women(c)
	if held > 0 {
		d.line("digest.held", locales.Args{"Count": held, "Few": tally.Few})
	}
	if d.b.Len() == head {
		d.b.Truncate(start)
	}
	return interval
}

// women counts the answers to the question about sex that say female. The names
// of choices are the form's; these are what forms call it.
func (d *writer) women(c *counted) {
	if c.live == nil {
		return
	}
	var women, people int64
	for v, n := range c.live.Sexes(d.Place) {
		people += n
		switch strings.ToLower(v) {
		case "female", "f", "woman", "women", "w", "2":
			women += n
		}
	}
	if people >= tally.Few {
		share := d.Words.Percent(d.Lang, float64(women)/float64(people))
		d.line("digest.women", locales.Args{"Value": share, "Count": int(people)})
	}
}

// value writes an estimate of an indicator.
func (d *writer) value(f tally.Figure, x float64) string {
	switch f.Indicator.Measure {
	case "share":
		return d.Words.Percent(d.Lang, x)
	case "mean":
		return d.Words.Number(d.Lang, x, 1)
	}
	return d.Words.Number(d.Lang, x, -1)
}

func (d *writer) figure(c *counted, now, before tally.Figure, at tally.Place) (interval bool) {
	lang, _ := c.form.Language(d.Lang)
	ind := now.Indicator
	args := locales.Args{"Label": render.Plain(ind.Label.In(lang)), "Count": int(now.N), "Value": d.value(now, now.Estimate),
		"Low": d.value(now, now.Low), "High": d.value(now, now.High)}
	key := "digest." + ind.Measure
	if ind.Measure == "distribution" {
		d.distribution(c, now)
		return false
	}
	line := d.Words.HTML(d.Lang, key, args)
	if change := now.Against(before); change.Real && before.N >= tally.Few {
		arrow := "digest.rose"
		if change.Difference < 0 {
			arrow = "digest.fell"
		}
		line += " " + d.Words.HTML(d.Lang, arrow, locales.Args{"Before": d.value(before, before.Estimate)})
	}
	d.b.WriteString(line + "\n")
	d.ends(c, now, at)
	if d.Form != "" && c.groups != nil {
		d.byGroup(c, ind)
	}
	return now.Interval && (ind.Measure == "share" || ind.Measure == "mean")
}

// ends tells the best and the worst part of the place, if their intervals lie
// apart.
func (d *writer) ends(c *counted, now tally.Figure, at tally.Place) {
	if m := now.Indicator.Measure; m != "share" && m != "mean" || now.Indicator.Better == "" {
		return
	}
	var best, worst tally.Figure
	var bestAt, worstAt tally.Place
	for _, p := range c.places {
		if at.Service == "" {
			p.Service = ""
		}
		f, _, shown := c.figure(now.Indicator.Name, p)
		if !shown || f.N < tally.Few {
			continue
		}
		sign := 1.0
		if now.Indicator.Better == "lower" {
			sign = -1
		}
		if best.N == 0 || sign*f.Estimate > sign*best.Estimate {
			best, bestAt = f, p
		}
		if worst.N == 0 || sign*f.Estimate < sign*worst.Estimate {
			worst, worstAt = f, p
		}
	}
	if best.N == 0 || best.High >= worst.Low && worst.High >= best.Low {
		return
	}
	d.line("digest.ends", locales.Args{"Best": d.placeName(bestAt), "BestValue": d.value(best, best.Estimate),
		"Worst": d.placeName(worstAt), "WorstValue": d.value(worst, worst.Estimate)})
}

func (d *writer) byGroup(c *counted, ind *flows.Indicator) {
	groups := c.groups(ind)
	for _, g := range groups[:min(len(groups), maxGroups)] {
		args := locales.Args{"Name": d.label(c.form, ind.By[0].Name, g.Value), "Count": int(g.N), "Value": d.value(g, g.Estimate)}
		key := "digest.by_share"
		switch {
		case ind.Measure == "count" || ind.Measure == "sum":
			key = "digest.by_value"
		case g.N < tally.Few:
			key = "digest.by_value"
			args["Value"] = d.Words.Text(d.Lang, "digest.few", locales.Args{"Count": tally.Few})
		}
		d.line(key, args)
	}
}

// distribution writes how often each answer was given, the first few.
func (d *writer) distribution(c *counted, now tally.Figure) {
	if c.live == nil || d.Form == "" {
		return
	}
	lang, _ := c.form.Language(d.Lang)
	d.line("digest.count", locales.Args{"Label": render.Plain(now.Indicator.Label.In(lang)), "Value": int(now.N)})
	question := ""
	if q := now.Indicator.Of.Question(c.form); q != nil {
		question = q.Name
	}
	shares := c.live.Sum(d.Place).Shares(c.live.Plan, now.Indicator.Name)
	for _, s := range shares[:min(len(shares), maxGroups)] {
		d.line("digest.by_share", locales.Args{"Name": d.label(c.form, question, s.Value), "Count": int(now.N),
			"Value": d.Words.Percent(d.Lang, float64(s.K)/float64(now.N))})
	}
}

// quotas tells how full they are, and when they will be at the pace of the last
// two weeks. They are the secretariat's alone.
func (d *writer) quotas() {
	first := true
	for _, c := range d.forms {
		if c.all == nil {
			continue
		}
		lang, _ := c.form.Language(d.Lang)
		for _, q := range c.form.Programme.Quotas {
			if first {
				d.gap()
				d.line("digest.quotas", nil)
				first = false
			}
			n, pace := c.all.Quota(c.live.Plan, q.Name), c.recent.Quota(c.live.Plan, q.Name)
			args := locales.Args{"Label": render.Plain(q.Label.In(lang)), "Count": int(n), "Target": q.Target}
			key := "digest.quota"
			switch {
			case q.Target > 0 && n >= int64(q.Target):
				key = "digest.quota_full"
			case pace > 0:
				days := float64(int64(q.Target)-n) / (float64(pace) / projectBy)
				if days < 730 {
					key = "digest.quota_when"
					args["Date"] = d.Words.Date(d.Lang, d.Period.To.In(d.Zone).AddDate(0, 0, int(days)+1))
				}
			}
			d.line(key, args)
		}
	}
}

func (d *writer) deeper() []tally.Place {
	var out []tally.Place
	for _, c := range d.forms {
		for _, p := range c.places {
			if !slices.Contains(out, p) && len(out) < maxDeeper && p != d.Place {
				out = append(out, p)
			}
		}
	}
	return out
}

// named reports whether a form's submissions are told one by one: those that
// have a number and a headline, and are not citizens' answers.
func named(set *flows.Settings) bool {
	return set.Reference != "" && set.Audience != "citizen" && !set.Anonymous && set.Roles.Title != ""
}

func (d *writer) readUpdates(ctx context.Context) error {
	for _, c := range d.forms {
		if !named(&c.form.Settings) || c.n == 0 {
			continue
		}
		f := storage.Filter{FormID: c.form.ID, From: d.Period.From, To: d.Period.To, Newest: true, Limit: maxUpdates,
			Province: d.Place.Province, District: d.Place.District}
		for s, err := range d.Submissions.Each(ctx, f) {
			if err != nil {
				return fmt.Errorf("read submissions: %w", err)
			}
			d.newest = append(d.newest, *s)
		}
	}
	return nil
}

func (d *writer) updates() {
	if len(d.newest) == 0 {
		return
	}
	slices.SortStableFunc(d.newest, func(a, b storage.Submission) int { return b.Received.Compare(a.Received) })
	d.gap()
	d.line("digest.updates", nil)
	for _, s := range d.newest[:min(len(d.newest), maxUpdates)] {
		title := s.Title
		if title == "" {
			title = d.Words.Text(d.Lang, "update.title_none", nil)
		}
		args := locales.Args{"Reference": s.Reference, "District": "–", "Title": title}
		if s.District != "" {
			args["District"] = d.placeName(tally.Place{District: s.District})
		}
		d.line("digest.update", args)
	}
}
