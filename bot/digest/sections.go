package digest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

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
			args := locales.Args{"Bar": progressBar(float64(n) / float64(max(q.Target, 1))), "Label": render.Plain(q.Label.In(lang)), "Count": int(n), "Target": q.Target}
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
			Province: d.Place.Province, District: d.Place.District, Flagged: d.Flagged}
		for s, err := range d.Submissions.Each(ctx, f) {
			if err != nil {
				return fmt.Errorf("read submissions: %w", err)
			}
			d.newest = append(d.newest, *s)
		}
	}
	return nil
}

// updates tells the newest ones by the section of the report that they belong
// to, where the form asks for one.
func (d *writer) updates() {
	if len(d.newest) == 0 {
		return
	}
	slices.SortStableFunc(d.newest, func(a, b storage.Submission) int { return b.Received.Compare(a.Received) })
	d.gap()
	d.line("digest.updates", nil)
	by := map[string][]*storage.Submission{}
	var order []string
	for i := range d.newest[:min(len(d.newest), maxUpdates)] {
		s := &d.newest[i]
		section := d.sectionOf(s)
		if by[section] == nil {
			order = append(order, section)
		}
		by[section] = append(by[section], s)
	}
	slices.Sort(order)
	for _, section := range order {
		if section != "" {
			d.line("digest.section", locales.Args{"Name": section})
		}
		for _, s := range by[section] {
			d.update(s)
		}
	}
}

// sectionOf is the section of the report that an update belongs to: the answer
// to the question that the setting "section" names.
func (d *writer) sectionOf(s *storage.Submission) string {
	for _, c := range d.forms {
		if q := c.form.Settings.Extra["section"]; q != "" && c.form.ID == s.FormID {
			if v := tally.Answer(s.Data, q); v != "" {
				return d.label(c.form, q, v)
			}
		}
	}
	return ""
}

func (d *writer) update(s *storage.Submission) {
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

// missing tells who has not reported.
func (d *writer) missing() {
	if len(d.due) == 0 {
		return
	}
	d.gap()
	d.line("digest.reports", nil)
	for _, r := range d.due {
		args := locales.Args{"Title": r.Title, "Period": r.Period, "Count": len(r.Missing), "Total": r.Total,
			"Reported": r.Total - len(r.Missing), "Date": d.Words.Date(d.Lang, r.Due)}
		switch {
		case len(r.Missing) == 0:
			d.line("digest.report_all", args)
		case r.Late:
			d.line("digest.report_missing", args)
			d.b.WriteString("   " + render.Escape(d.districtNames(r.Missing)) + "\n")
		default:
			d.line("digest.report_waiting", args)
		}
	}
}

func (d *writer) districtNames(codes []string) string {
	var list []string
	for _, code := range codes[:min(len(codes), maxMissing)] {
		list = append(list, d.placeName(tally.Place{District: code}))
	}
	text := strings.Join(list, ", ")
	if more := len(codes) - maxMissing; more > 0 {
		text += " " + d.Words.Text(d.Lang, "digest.more_districts", locales.Args{"Count": more})
	}
	return text
}

// alerts counts what was alerted of in the period.
func (d *writer) alerts() {
	first := true
	for _, c := range d.forms {
		if c.live == nil {
			continue
		}
		lang, _ := c.form.Language(d.Lang)
		for i := range c.form.Programme.Alerts {
			a := &c.form.Programme.Alerts[i]
			n := c.sums.Alert(c.live.Plan, a.Name)
			if n == 0 {
				continue
			}
			if first {
				d.gap()
				d.line("digest.alerts", nil)
				first = false
			}
			d.line("digest.alert", locales.Args{"Label": render.Plain(AlertLabel(a, lang)), "Count": int(n)})
		}
	}
}

// AlertLabel is what an alert is called where no answers are told.
func AlertLabel(a *flows.Alert, lang int) string {
	if label := a.Label.In(lang); label != "" {
		return label
	}
	return blanks.ReplaceAllString(a.Message.In(lang), "…")
}

// blanks are the answers in a message.
var blanks = regexp.MustCompile(`\$\{[^}]*\}`)
