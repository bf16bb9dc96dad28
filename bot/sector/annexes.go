package sector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/report"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// annexes add the tables behind the report: what updates add up to by outcome
// of the plan, by section and by province, who reported, and the surveys.
func (d *Draft) annexes(ctx context.Context, y *reading, names *places.Directory) error {
	surveys, err := d.surveys(ctx)
	if err != nil {
		return err
	}
	if y.total.now.Submissions > 0 {
		d.outcomes(y)
		d.addGroups(y, "report.by_section", "report.section", d.sectionRows(y))
		d.addGroups(y, "report.by_province", "report.province", d.provinceRows(y, names))
	}
	d.districts(y, names)
	d.byPlan(surveys)
	d.bySurvey(surveys)
	return nil
}

// A line of a table of groups.
type groupRow struct {
	name string
	*group
}

// addGroups adds a table with a row for each group and a column for each figure.
func (d *Draft) addGroups(y *reading, title, first string, rows []groupRow) {
	if len(rows) == 0 {
		return
	}
	t := report.Table{Title: d.word(title, nil), Head: []string{d.word(first, nil)}}
	lang := d.lang(y.plan.Form)
	for _, ind := range y.numbers() {
		t.Head = append(t.Head, render.Plain(ind.Label.In(lang)))
	}
	for _, r := range append(rows, groupRow{d.word("report.all", nil), y.total}) {
		cells := []string{r.name}
		for _, ind := range y.numbers() {
			text := "–"
			if f, ok := r.now.Figure(y.plan, ind.Name); ok && f.N > 0 {
				text = d.number(ind, f.Estimate)
			}
			cells = append(cells, text)
		}
		t.Rows = append(t.Rows, cells)
	}
	d.Annexes = append(d.Annexes, t)
}

func (d *Draft) number(ind *flows.Indicator, x float64) string {
	return chart.Text(d.src.Words, d.req.Lang, unitOf(ind), decimalsOf(ind), x)
}

// outcomes counts by what the updates say that they serve; one may serve several.
func (d *Draft) outcomes(y *reading) {
	n := d.req.Form.Question(d.req.Form.Settings.Roles.Plan)
	if d.req.Form.Settings.Roles.Plan == "" || n == nil {
		return
	}
	var rows []groupRow
	known := map[string]bool{}
	if n.List != nil {
		for i := range n.List.Choices {
			name := n.List.Choices[i].Name
			known[name] = true
			if g := y.outcomes[name]; g != nil && g.now.Submissions > 0 {
				rows = append(rows, groupRow{y.label(n.Name, name), g})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(y.outcomes)) {
		if g := y.outcomes[name]; !known[name] && g.now.Submissions > 0 {
			rows = append(rows, groupRow{name, g})
		}
	}
	d.addGroups(y, "report.by_plan", "report.outcome", rows)
}

func (d *Draft) sectionRows(y *reading) (rows []groupRow) {
	for _, s := range d.Sections {
		if g := y.sections[s.Key]; g != nil && g.now.Submissions > 0 {
			rows = append(rows, groupRow{s.Title, g})
		}
	}
	return rows
}

func (d *Draft) provinceRows(y *reading, names *places.Directory) (rows []groupRow) {
	for _, code := range slices.Sorted(maps.Keys(y.provinces)) {
		if g := y.provinces[code]; g.now.Submissions > 0 {
			rows = append(rows, groupRow{d.provinceName(names, code), g})
		}
	}
	return rows
}

// districts tells by province who reported and who did not, whatever became of
// the updates.
func (d *Draft) districts(y *reading, names *places.Directory) {
	type both struct{ yes, no []string }
	by := map[string]*both{}
	count, all := 0, 0
	for _, p := range names.Districts() {
		if p.District == p.Province || p.District == p.Province+"00" {
			continue // stands for a whole province
		}
		b := by[p.Province]
		if b == nil {
			b = &both{}
			by[p.Province] = b
		}
		all++
		name, _, _ := strings.Cut(p.Label(d.req.Lang), " (") // the province is in the row
		if y.reported[p.District] {
			count++
			b.yes = append(b.yes, name)
		} else {
			b.no = append(b.no, name)
		}
	}
	if all == 0 {
		return
	}
	list := func(names []string) string {
		if len(names) == 0 {
			return "–"
		}
		return fmt.Sprintf("%d: %s", len(names), strings.Join(names, ", "))
	}
	t := report.Table{Title: d.word("report.districts", locales.Args{"Reported": count, "Total": all}),
		Head: []string{d.word("report.province", nil), d.word("report.reported", nil), d.word("report.missing", nil)}, Widths: []int{2, 5, 5}}
	for _, code := range slices.Sorted(maps.Keys(by)) {
		t.Rows = append(t.Rows, []string{d.provinceName(names, code), list(by[code].yes), list(by[code].no)})
	}
	d.Annexes = append(d.Annexes, t)
}

// A survey is another form with published figures of the year.
type survey struct {
	form        *flows.Form
	submissions int64
	quotas      string // how many of them are filled
	now, before map[string]tally.Figure
}

// surveys adds up the published tables of the nation: what a report says has
// left the secretariat. A part that a table hides is left out.
func (d *Draft) surveys(ctx context.Context) ([]survey, error) {
	var out []survey
	for _, f := range d.src.Forms {
		if f.ID == d.req.Form.ID || len(f.Programme.Indicators) == 0 || len(f.Programme.Report) > 0 {
			continue
		}
		s := survey{form: f}
		var err error
		if s.now, s.submissions, err = d.published(ctx, f, d.req.Year); err != nil {
			return nil, err
		}
		if s.submissions == 0 {
			continue
		}
		if s.before, _, err = d.published(ctx, f, d.req.Year-1); err != nil {
			return nil, err
		}
		if s.quotas, err = d.quotas(ctx, f); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// published adds up the periods of a year that are over.
func (d *Draft) published(ctx context.Context, f *flows.Form, year int) (map[string]tally.Figure, int64, error) {
	every := figures.Every(f)
	first, err := tally.PeriodOf("year", tally.DayOf(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC))
	if err != nil {
		return nil, 0, err
	}
	sums := map[string]tally.Figure{}
	var submissions int64
	today := tally.DayOf(d.src.Now(), d.src.Zone)
	for day := first.From; day < first.To; {
		p, err := tally.PeriodOf(every, day)
		if err != nil {
			return nil, 0, err
		}
		day = p.To
		if p.From < first.From || p.To > today {
			continue // a week of both years belongs to the earlier; not over yet
		}
		table, err := d.table(ctx, f, p)
		if err != nil {
			return nil, 0, err
		}
		if table == nil {
			continue
		}
		if total, ok := table.Submissions(tally.Place{}); ok && !total.Hidden {
			submissions += total.N
		}
		for i := range f.Programme.Indicators {
			ind := &f.Programme.Indicators[i]
			if c, ok := table.At(ind.Name, tally.Place{}); ok && !c.Hidden {
				sums[ind.Name] = sums[ind.Name].Plus(c.Figure(ind))
			}
		}
	}
	return sums, submissions, nil
}

// table is a period's, published now if it was not; nil if it cannot be.
func (d *Draft) table(ctx context.Context, f *flows.Form, p tally.Period) (*tally.Table, error) {
	t, err := d.src.Book.Table(ctx, f.ID, p.Name)
	if errors.Is(err, storage.ErrNotFound) {
		t, err = d.src.Book.Publish(ctx, f.ID, p)
		if errors.Is(err, figures.ErrOverlap) {
			return nil, nil // what cannot be published has no place in a report either
		}
	}
	return t, err
}

func (d *Draft) quotas(ctx context.Context, f *flows.Form) (string, error) {
	if len(f.Programme.Quotas) == 0 {
		return "", nil
	}
	now, err := d.src.Book.Now(ctx, f.ID)
	if err != nil {
		return "", err
	}
	all, err := d.src.Book.Read(ctx, f.ID, now.From, now.To)
	if err != nil {
		return "", err
	}
	sums, full := all.Sum(tally.Place{}), 0
	for _, q := range f.Programme.Quotas {
		if sums.Quota(all.Plan, q.Name) >= int64(q.Target) {
			full++
		}
	}
	return d.word("report.quotas", locales.Args{"Full": full, "Total": len(f.Programme.Quotas)}), nil
}

// row is a figure of a survey, beside that of the year before.
func (d *Draft) row(s *survey, ind *flows.Indicator) ([]string, bool) {
	now, ok := s.now[ind.Name]
	if !ok || now.N < tally.Few || !slices.Contains([]string{"share", "mean", "count", "sum"}, ind.Measure) {
		return nil, false
	}
	cells := []string{render.Plain(ind.Label.In(d.lang(s.form))), d.number(ind, now.Estimate), "–", d.src.Words.Number(d.req.Lang, float64(now.N), 0), "–"}
	if now.Interval {
		cells[2] = d.number(ind, now.Low) + "–" + d.number(ind, now.High)
	}
	before, ok := s.before[ind.Name]
	if !ok || before.N < tally.Few {
		return cells, true
	}
	cells[4] = d.number(ind, before.Estimate)
	switch c := now.Against(before); {
	case c.Test == "":
	case c.Real && c.Difference > 0:
		cells[4] += " ↑"
	case c.Real:
		cells[4] += " ↓"
	default:
		cells[4] += " ≈"
	}
	return cells, true
}

func (d *Draft) surveyHead(first string) []string {
	return []string{d.word(first, nil), d.word("report.value", nil), d.word("report.interval95", nil), "n", d.word("report.year_before", nil)}
}

// byPlan gathers the figures of surveys that follow an outcome of the plan.
func (d *Draft) byPlan(surveys []survey) {
	t := report.Table{Title: d.word("report.indicators_by_plan", nil), Head: append([]string{d.word("report.outcome", nil)}, d.surveyHead("report.figure_name")...),
		Widths: []int{2, 5, 2, 2, 1, 2}}
	for i := range surveys {
		for k := range surveys[i].form.Programme.Indicators {
			ind := &surveys[i].form.Programme.Indicators[k]
			if cells, ok := d.row(&surveys[i], ind); ok && ind.Plan != "" {
				t.Rows = append(t.Rows, append([]string{ind.Plan}, cells...))
			}
		}
	}
	slices.SortStableFunc(t.Rows, func(a, b []string) int { return compareTargets(a[0], b[0]) })
	if len(t.Rows) > 0 {
		d.Annexes = append(d.Annexes, t)
	}
}

// compareTargets orders names by the numbers in them: SDG 5.5 before SDG 16.6,
// 16.6 before 16.6.2 and 16.10.
func compareTargets(a, b string) int {
	number := func(s string) (string, string) {
		rest := strings.TrimLeft(s, "0123456789")
		return strings.TrimLeft(s[:len(s)-len(rest)], "0"), rest
	}
	for a != "" && b != "" {
		x, restA := number(a)
		y, restB := number(b)
		if restA != a && restB != b {
			if c := cmp.Or(len(x)-len(y), strings.Compare(x, y)); c != 0 {
				return c
			}
			a, b = restA, restB
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func (d *Draft) bySurvey(surveys []survey) {
	for i := range surveys {
		s := &surveys[i]
		t := report.Table{Title: d.word("report.survey", locales.Args{"Title": render.Plain(s.form.Title.In(d.lang(s.form))), "Count": int(s.submissions)}),
			Head: d.surveyHead("report.figure_name"), Widths: []int{6, 2, 2, 1, 2}, Note: d.word("report.survey_note", nil)}
		if s.quotas != "" {
			t.Note = s.quotas + " " + t.Note
		}
		for k := range s.form.Programme.Indicators {
			if cells, ok := d.row(s, &s.form.Programme.Indicators[k]); ok {
				t.Rows = append(t.Rows, cells)
			}
		}
		if len(t.Rows) > 0 {
			d.Annexes = append(d.Annexes, t)
		}
	}
}
