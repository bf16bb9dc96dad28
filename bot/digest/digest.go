// Package digest writes what the secretariat gets each week and on /digest: one
// message with what came in, the figures of each form, and the newest updates.
package digest

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A Source is where a digest's figures come from.
type Source struct {
	Submissions storage.Submissions
	Forms       []*flows.Form // current ones, in the order to show
	Words       *locales.Catalogue
	Zone        *time.Location

	// Version returns a form as it was when a submission was given.
	Version func(formID, hash string) (*flows.Form, error)
}

// A Period is what a digest is about: From <= received < To. Open means that it
// is not over yet.
type Period struct {
	From, To time.Time
	Open     bool
}

// Few is the smallest number of answers of which a share is shown. Fewer could
// tell what a single person said.
const Few = 5

const (
	maxDistricts = 12
	maxUpdates   = 8
	maxGroups    = 8
)

// Text writes the digest as Telegram HTML, of any length.
func Text(ctx context.Context, src Source, lang string, p Period) (string, error) {
	d := &writer{Source: src, lang: lang, districts: map[string]int{}}
	for _, f := range src.Forms {
		c := &counted{form: f, tally: tally.New(f, f.Settings.Roles.Sex)}
		if err := d.count(ctx, c, p); err != nil {
			return "", err
		}
		d.forms = append(d.forms, c)
	}
	return d.write(p), nil
}

// counted is a form with what came in for it.
type counted struct {
	form  *flows.Form
	tally *tally.Tally
}

type writer struct {
	Source
	lang      string
	forms     []*counted
	districts map[string]int
	newest    []storage.Submission
	b         strings.Builder
}

func (d *writer) count(ctx context.Context, c *counted, p Period) error {
	n := 0
	f := storage.Filter{FormID: c.form.ID, From: p.From, To: p.To, Newest: true}
	for s, err := range d.Submissions.Each(ctx, f) {
		if err != nil {
			return fmt.Errorf("read submissions: %w", err)
		}
		if err := c.tally.Add(&s.Submission); err != nil {
			return fmt.Errorf("count submission: %w", err)
		}
		if c.form.Settings.Roles.District != "" {
			d.districts[s.District]++
		}
		if named(&c.form.Settings) && n < maxUpdates {
			n++
			d.newest = append(d.newest, *s)
		}
	}
	return nil
}

func (d *writer) line(key string, args locales.Args) {
	d.b.WriteString(d.Words.HTML(d.lang, key, args) + "\n")
}

func (d *writer) gap() { d.b.WriteByte('\n') }

func (d *writer) write(p Period) string {
	from, to := d.Words.Date(d.lang, p.From.In(d.Zone)), d.Words.Date(d.lang, p.To.In(d.Zone).Add(-time.Second))
	total := 0
	for _, c := range d.forms {
		total += c.tally.N()
	}
	title := "digest.title"
	if p.Open {
		title = "digest.title_now"
	}
	d.line(title, locales.Args{"From": from, "To": to})
	if total == 0 {
		d.line("digest.nothing", locales.Args{"From": from, "To": to})
		return strings.TrimSpace(d.b.String())
	}
	d.gap()
	d.line("digest.received", nil)
	d.line("digest.total", locales.Args{"Count": total})
	for _, c := range d.forms {
		if c.tally.N() > 0 {
			d.line("digest.form", locales.Args{"Title": d.title(c.form), "Count": c.tally.N()})
		}
	}
	d.byDistrict()
	intervals := false
	for _, c := range d.forms {
		intervals = d.figures(c) || intervals
	}
	if intervals {
		d.gap()
		d.line("digest.interval", nil)
	}
	d.updates()
	return strings.TrimSpace(d.b.String())
}

func (d *writer) title(f *flows.Form) string {
	i, _ := f.Language(d.lang)
	return render.Plain(f.Title.In(i))
}

func (d *writer) byDistrict() {
	type row struct {
		code, name string
		n          int
	}
	var rows []row
	for code, n := range d.districts {
		if code != "" {
			rows = append(rows, row{code, d.district(code), n})
		}
	}
	if len(rows) == 0 {
		return
	}
	sort.Slice(rows, func(i, j int) bool {
		if rows[i].n != rows[j].n {
			return rows[i].n > rows[j].n
		}
		return rows[i].code < rows[j].code
	})
	d.gap()
	d.line("digest.districts", nil)
	for _, r := range rows[:min(len(rows), maxDistricts)] {
		d.line("digest.district", locales.Args{"Name": r.name, "Count": r.n})
	}
	if more := len(rows) - maxDistricts; more > 0 {
		d.line("digest.more_districts", locales.Args{"Count": more})
	}
	if n := d.districts[""]; n > 0 {
		d.line("digest.district_none", locales.Args{"Count": n})
	}
}

// district is the name of a district, as the first form that knows it has it.
func (d *writer) district(code string) string {
	for _, c := range d.forms {
		if label := d.label(c.form, c.form.Settings.Roles.District, code); label != code {
			return label
		}
	}
	return code
}

// label is the label of a choice, or its name if it has none.
func (d *writer) label(f *flows.Form, question, name string) string {
	n := f.Question(question)
	if question == "" || n == nil || n.List == nil {
		return name
	}
	i := n.List.Find(name)
	if i < 0 {
		return name
	}
	lang, _ := f.Language(d.lang)
	if label := render.Plain(n.List.Choices[i].Label.In(lang)); label != "" {
		return label
	}
	return name
}

// figures writes a form's indicators and the share of women, and reports
// whether an interval stands among them.
func (d *writer) figures(c *counted) (interval bool) {
	figures := c.tally.Figures()
	women, people := d.women(c)
	if c.tally.N() == 0 || len(figures) == 0 && people == 0 {
		return false
	}
	d.gap()
	d.line("digest.results", locales.Args{"Title": d.title(c.form)})
	held := 0
	for _, f := range figures {
		switch m := f.Indicator.Measure; {
		case (m == "share" || m == "mean") && f.Total.N < Few:
			held++
		default:
			interval = d.figure(c.form, f) || interval
		}
	}
	if people >= Few {
		share := d.Words.Percent(d.lang, float64(women)/float64(people))
		d.line("digest.women", locales.Args{"Value": share, "Count": people})
	}
	if held > 0 {
		d.line("digest.held", locales.Args{"Count": held, "Few": Few})
	}
	return interval
}

// women counts the answers to the question about sex that say female. The names
// of choices are the form's; these are what forms call it.
func (d *writer) women(c *counted) (women, people int) {
	for v, n := range c.tally.Answers(c.form.Settings.Roles.Sex) {
		people += n
		switch strings.ToLower(v) {
		case "female", "f", "woman", "women", "w", "2":
			women += n
		}
	}
	return women, people
}

func (d *writer) figure(f *flows.Form, g tally.Counted) (interval bool) {
	lang, _ := f.Language(d.lang)
	args := locales.Args{"Label": render.Plain(g.Indicator.Label.In(lang)), "Count": g.Total.N}
	switch g.Indicator.Measure {
	case "count":
		args["Value"] = g.Total.K
		d.line("digest.count", args)
	case "share":
		low, high := tally.Wilson(float64(g.Total.K), float64(g.Total.N))
		args["Value"] = d.Words.Percent(d.lang, g.Total.Share())
		args["Low"], args["High"] = d.Words.Percent(d.lang, low), d.Words.Percent(d.lang, high)
		d.line("digest.share", args)
		interval = true
	case "mean":
		low, high, _ := g.Total.MeanInterval()
		args["Value"] = d.Words.Number(d.lang, g.Total.Mean(), 1)
		args["Low"], args["High"] = d.Words.Number(d.lang, low, 1), d.Words.Number(d.lang, high, 1)
		d.line("digest.mean", args)
		interval = true
	case "sum":
		args["Value"] = d.Words.Number(d.lang, g.Total.Sum, -1)
		d.line("digest.sum", args)
	default:
		return false // measures that a message has no line for yet
	}
	d.groups(f, g)
	return interval
}

func (d *writer) groups(f *flows.Form, g tally.Counted) {
	if len(g.Indicator.By) == 0 {
		return
	}
	for _, c := range g.By[:min(len(g.By), maxGroups)] {
		args := locales.Args{"Name": d.label(f, g.Indicator.By[0].Name, c.Value), "Count": c.N}
		switch {
		case g.Indicator.Measure == "count":
			args["Value"] = c.K
			d.line("digest.by_value", args)
		case g.Indicator.Measure == "sum":
			args["Value"] = d.Words.Number(d.lang, c.Sum, -1)
			d.line("digest.by_value", args)
		case c.N < Few:
			args["Value"] = d.Words.Text(d.lang, "digest.few", locales.Args{"Count": Few})
			d.line("digest.by_value", args)
		case g.Indicator.Measure == "mean":
			args["Value"] = d.Words.Number(d.lang, c.Mean(), 1)
			d.line("digest.by_share", args)
		default:
			args["Value"] = d.Words.Percent(d.lang, c.Share())
			d.line("digest.by_share", args)
		}
	}
}

// named reports whether a form's submissions are told one by one: those that
// have a number and a headline, and are not citizens' answers.
func named(set *flows.Settings) bool {
	return set.Reference != "" && set.Audience != "citizen" && !set.Anonymous && set.Roles.Title != ""
}

func (d *writer) updates() {
	if len(d.newest) == 0 {
		return
	}
	sort.SliceStable(d.newest, func(i, j int) bool { return d.newest[i].Received.After(d.newest[j].Received) })
	d.gap()
	d.line("digest.updates", nil)
	for _, s := range d.newest[:min(len(d.newest), maxUpdates)] {
		title := s.Title
		if title == "" {
			title = d.Words.Text(d.lang, "update.title_none", nil)
		}
		args := locales.Args{"Reference": s.Reference, "District": d.district(s.District), "Title": title}
		if s.District == "" {
			args["District"] = "–"
		}
		d.line("digest.update", args)
	}
}
