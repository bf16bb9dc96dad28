package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/calendar"
	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A duty is a report that is due: a row of the calendar sheet of a form, for a
// period.
type duty struct {
	form   *flows.Form
	due    *flows.Due
	period calendar.Period
}

// key writes a duty for a button.
func (d *duty) key() string { return formKey(d.form.ID) + ":" + d.due.Name + ":" + d.period.Key }

// A cellState tells how a district stands with a duty.
type cellState string

// The states of a cell.
const (
	cellReported cellState = "reported"
	cellLate     cellState = "late"
	cellNothing  cellState = "nothing"
	cellWaiting  cellState = "waiting" // not reported, and not late yet
	cellMissing  cellState = "missing"
)

var cellSigns = map[cellState]string{cellReported: "✅", cellLate: "🕓", cellNothing: "∅", cellWaiting: "…", cellMissing: "❌"}

// duties are the reports to be thought of at now.
func (b *Bot) duties(ctx context.Context, now time.Time) ([]duty, error) {
	forms, err := b.forms.all(ctx)
	if err != nil {
		return nil, err
	}
	var out []duty
	for _, f := range forms {
		for i := range f.Programme.Calendar {
			d := &f.Programme.Calendar[i]
			if p, ok := calendar.Current(d, now); ok {
				out = append(out, duty{f, d, p})
			}
		}
	}
	return out, nil
}

// duty finds what duty.key wrote.
func (b *Bot) duty(ctx context.Context, form, name, period string) (*duty, error) {
	forms, err := b.forms.all(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range forms {
		for i := range f.Programme.Calendar {
			d := &f.Programme.Calendar[i]
			if formKey(f.ID) != form || d.Name != name {
				continue
			}
			if p, ok := calendar.Find(d, period, b.now()); ok {
				return &duty{f, d, p}, nil
			}
		}
	}
	return nil, nil
}

// reported tells which districts have reported, and when first: by a submission
// whose date lies in the period, or that came in when such reports do if the
// form asks for no date.
func (b *Bot) reported(ctx context.Context, d *duty) (map[string]time.Time, error) {
	first := map[string]time.Time{}
	date := d.form.Settings.Roles.Date
	from, to := d.period.From, time.Time{}
	if date == "" {
		from, to = d.period.Received()
	}
	for s, err := range b.Submissions.Each(ctx, storage.Filter{FormID: d.form.ID, From: from, To: to}) {
		if err != nil {
			return nil, fmt.Errorf("look up reports: %w", err)
		}
		if s.District == "" || date != "" && !holds(d.period, fieldOf(s.Data, date), b.Zone) {
			continue
		}
		if t, ok := first[s.District]; !ok || s.Received.Before(t) {
			first[s.District] = s.Received
		}
	}
	return first, nil
}

// holds reports whether a date, as forms store it, lies in a period.
func holds(p calendar.Period, date string, zone *time.Location) bool {
	if len(date) > len(time.DateOnly) {
		date = date[:len(time.DateOnly)]
	}
	t, err := time.ParseInLocation(time.DateOnly, date, zone)
	return err == nil && !t.Before(p.From) && t.Before(p.To)
}

// cells tells how each district stands. Expected are the districts of those who
// may fill in the form.
func (b *Bot) cells(ctx context.Context, d *duty) (map[string]cellState, error) {
	people, err := b.People.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	cells := map[string]cellState{}
	waiting := cellWaiting
	if d.period.Late(b.now()) {
		waiting = cellMissing
	}
	for _, p := range people {
		if district := d.expects(&p); district != "" {
			cells[district] = waiting
		}
	}
	if b.Reports != nil {
		nothing, err := b.Reports.ReportedNothing(ctx, d.form.ID, d.due.Name, d.period.Key)
		if err != nil {
			return nil, fmt.Errorf("look up reports: %w", err)
		}
		for _, n := range nothing {
			cells[n.District] = cellNothing
		}
	}
	first, err := b.reported(ctx, d)
	if err != nil {
		return nil, err
	}
	for district, at := range first {
		if _, expected := cells[district]; !expected {
			continue // a report that nobody waited for, as of a province
		}
		cells[district] = cellReported
		if d.period.Late(at.In(b.Zone)) {
			cells[district] = cellLate
		}
	}
	return cells, nil
}

// expects returns the district from which a person has to report; "" if none.
func (d *duty) expects(p *storage.Person) string {
	audience := cmp.Or(d.due.Audience, d.form.Settings.Audience)
	if p.Suspended || string(p.Role) != audience || !mayFill(d.form.Settings.Audience, p.Role) {
		return ""
	}
	return p.Scope["district"]
}

// cmdDue shows an officer what is due from the district, and the secretariat
// who has reported.
func (t *turn) cmdDue(string) error {
	who, err := t.who()
	if err != nil {
		return err
	}
	duties, err := t.b.duties(t.ctx, t.now)
	if err != nil {
		return err
	}
	if reachOf("command", "due", who.Role) == All {
		return t.dueGrids(duties)
	}
	district := who.Scope["district"]
	if district == "" {
		t.say("due.no_district", nil)
		return nil
	}
	text := t.html("due.title", nil)
	var rows [][]render.Button
	n := 0
	for i := range duties {
		d := &duties[i]
		if d.expects(&who) == "" {
			continue
		}
		cells, err := t.b.cells(t.ctx, d)
		if err != nil {
			return err
		}
		n++
		state := cells[district]
		text += "\n" + t.html("due.item", locales.Args{
			"Sign": cellSigns[state], "Title": t.dutyTitle(d), "Period": t.periodName(d.period),
			"State": t.text("due.state."+string(state), nil), "Date": t.b.Words.Date(t.lang, d.period.Due),
		})
		if state == cellWaiting || state == cellMissing {
			rows = append(rows, t.dutyButtons(d))
		}
	}
	if n == 0 {
		t.say("due.none", nil)
		return nil
	}
	t.show(render.Screen{Text: text, Rows: rows})
	return nil
}

func (t *turn) dutyButtons(d *duty) []render.Button {
	row := []render.Button{t.button("remind.report", "form", formKey(d.form.ID))}
	if data := verbData("none", d.key()); t.b.Reports != nil && len(data) <= render.MaxCallback {
		row = append(row, render.Button{Text: t.text("remind.nothing", nil), Data: data})
	}
	return row
}

func (t *turn) dutyTitle(d *duty) string {
	lang, _ := d.form.Language(t.lang)
	return cmp.Or(render.Plain(d.due.Label.In(lang)), t.title(d.form))
}

// periodName writes a period as people say it.
func (t *turn) periodName(p calendar.Period) string { return periodWords(t.b.Words, t.lang, p) }

func periodWords(w *locales.Catalogue, lang string, p calendar.Period) string {
	switch p.Every {
	case "month":
		return w.MonthYear(lang, p.From)
	case "day":
		return w.Date(lang, p.From)
	case "":
		return w.Date(lang, p.From) + " – " + w.Date(lang, p.To.AddDate(0, 0, -1))
	case "week":
		return w.DateNumeric(lang, p.From) + " – " + w.DateNumeric(lang, p.To.AddDate(0, 0, -1))
	case "quarter":
		return w.MonthYear(lang, p.From) + " – " + w.MonthYear(lang, p.To.AddDate(0, 0, -1))
	}
	return p.Key
}

// shortPeriod writes a period above a column.
func shortPeriod(w *locales.Catalogue, lang string, p calendar.Period) string {
	if _, short := w.Months(lang); p.Every == "month" {
		return short[p.From.Month()-1]
	}
	if p.Every == "day" || p.Every == "week" || p.Every == "" {
		return w.DateNumeric(lang, p.From)
	}
	return p.Key
}

// noneVerb takes "nothing to report" as the report of the person's district.
func (t *turn) noneVerb(arg string, message int) error {
	d, who, err := t.namedDuty(arg)
	if err != nil {
		return err
	}
	if d == nil || t.b.Reports == nil || d.expects(&who) == "" {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	t.rekey(message, render.Screen{})
	if err := t.b.Reports.ReportNothing(t.ctx, storage.Nothing{
		FormID: d.form.ID, Due: d.due.Name, Period: d.period.Key,
		District: who.Scope["district"], Person: who.ID, At: t.now,
	}); err != nil {
		return err
	}
	t.say("remind.noted", locales.Args{"Period": t.periodName(d.period)})
	return nil
}

func (t *turn) namedDuty(arg string) (*duty, storage.Person, error) {
	who, err := t.who()
	if err != nil {
		return nil, who, err
	}
	w := strings.SplitN(arg, ":", 4)
	if len(w) < 3 {
		return nil, who, nil
	}
	d, err := t.b.duty(t.ctx, w[0], w[1], w[2])
	return d, who, err
}

// A provinceRow is a line of the secretariat's grid.
type provinceRow struct {
	province  places.Place
	districts []string // by code
	missing   []string
	count     map[cellState]int
}

// grid sorts the cells of a duty by province.
func (t *turn) grid(d *duty, cells map[string]cellState) ([]provinceRow, error) {
	dir, err := t.b.places(t.ctx)
	if err != nil {
		return nil, err
	}
	by := map[string]*provinceRow{}
	for district, state := range cells {
		p, _ := dir.Get(district)
		r := by[p.Province]
		if r == nil {
			province := places.Place{Province: p.Province}
			if list, _ := dir.Province(p.Province); len(list) == 1 {
				province = list[0]
			}
			r = &provinceRow{province: province, count: map[cellState]int{}}
			by[p.Province] = r
		}
		r.districts = append(r.districts, district)
		r.count[state]++
		if state == cellMissing || state == cellWaiting {
			r.missing = append(r.missing, district)
		}
	}
	var out []provinceRow
	for _, r := range by {
		slices.Sort(r.districts)
		slices.Sort(r.missing)
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b provinceRow) int { return cmp.Compare(a.province.Province, b.province.Province) })
	return out, nil
}

// dueGrids shows who has reported, a message for each report.
func (t *turn) dueGrids(duties []duty) error {
	shown := 0
	for i := range duties {
		d := &duties[i]
		cells, err := t.b.cells(t.ctx, d)
		if err != nil {
			return err
		}
		if len(cells) == 0 {
			continue
		}
		rows, err := t.grid(d, cells)
		if err != nil {
			return err
		}
		shown++
		t.showGrid(d, rows)
	}
	if shown == 0 {
		t.say("due.none", nil)
	}
	return nil
}

func (t *turn) showGrid(d *duty, rows []provinceRow) {
	sum := map[cellState]int{}
	total := 0
	var buttons [][]render.Button
	for _, r := range rows {
		for state, n := range r.count {
			sum[state] += n
			total += n
		}
		b := render.Button{
			Text: t.text("due.province", locales.Args{
				"Name": r.province.Label(t.lang), "Reported": len(r.districts) - len(r.missing), "Total": len(r.districts),
			}),
			Data: verbData("grid", d.key()+":"+r.province.Province),
		}
		if n := len(buttons); n > 0 && len(buttons[n-1]) < 2 {
			buttons[n-1] = append(buttons[n-1], b)
		} else {
			buttons = append(buttons, []render.Button{b})
		}
	}
	missing := sum[cellMissing] + sum[cellWaiting]
	if missing > 0 {
		buttons = append(buttons, []render.Button{{
			Text: t.text("due.nudge_all", locales.Args{"Count": missing}), Data: verbData("nudge", d.key()+":*"),
		}})
	}
	text := t.html("due.grid", locales.Args{
		"Title": t.dutyTitle(d), "Period": t.periodName(d.period), "Date": t.b.Words.Date(t.lang, d.period.Due),
		"Reported": sum[cellReported], "Late": sum[cellLate], "Nothing": sum[cellNothing], "Missing": missing, "Total": total,
	})
	t.show(render.Screen{Text: text, Rows: buttons})
}

// gridVerb shows the districts of a province.
func (t *turn) gridVerb(arg string, _ int) error {
	d, _, err := t.namedDuty(arg)
	if err != nil {
		return err
	}
	if d == nil {
		if code, ok := strings.CutPrefix(arg, "u:"); ok {
			return t.cmdUpdates(code)
		}
		t.refuseTap("tap.gone", nil)
		return nil
	}
	cells, err := t.b.cells(t.ctx, d)
	if err != nil {
		return err
	}
	rows, err := t.grid(d, cells)
	if err != nil {
		return err
	}
	province := arg[strings.LastIndexByte(arg, ':')+1:]
	i := slices.IndexFunc(rows, func(r provinceRow) bool { return r.province.Province == province })
	if i < 0 {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	dir, err := t.b.places(t.ctx)
	if err != nil {
		return err
	}
	text := "<b>" + render.Escape(rows[i].province.Label(t.lang)+" · "+t.periodName(d.period)) + "</b>"
	var buttons [][]render.Button
	for _, code := range rows[i].districts {
		name := code
		if p, ok := dir.Get(code); ok {
			name = p.Label(t.lang)
		}
		state := cells[code]
		text += "\n" + cellSigns[state] + " " + render.Escape(name+" – "+t.text("due.state."+string(state), nil))
		if state == cellMissing || state == cellWaiting {
			buttons = append(buttons, []render.Button{{
				Text: t.text("due.nudge", locales.Args{"Name": name}), Data: verbData("nudge", d.key()+":"+code),
			}})
		}
	}
	t.show(render.Screen{Text: text, Rows: buttons})
	return nil
}
