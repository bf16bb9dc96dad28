package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/export"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// An exportOf says what is to be exported, as buttons name it.
type exportOf struct {
	form    *flows.Form
	period  string // "" all, else a key of exportPeriods, or days as daysKey names them
	place   string // "" all, else a province's or district's code
	version string // "" all, else its number from the oldest, from 1
	service string // "" all, else its number in the list, from 1
	flagged string // "" all, else a letter of exportFlags
}

func (x *exportOf) arg(what string) string {
	return strings.Join([]string{formKey(x.form.ID), what, x.period, x.place, x.version, x.service, x.flagged}, ":")
}

// exportPeriods are those that can be chosen, each within the one before.
var exportPeriods = []string{"", "year0", "year1", "month0", "month1", "week0", "day0"}

// exportFlags are what buttons call a selection by flag, and nextFlagged the
// order in which they are offered.
var exportFlags = map[string]storage.Flagged{"w": storage.Unflagged, "o": storage.AnyFlag}

func nextFlagged(f storage.Flagged) storage.Flagged {
	switch f {
	case "":
		return storage.Unflagged
	case storage.Unflagged:
		return storage.AnyFlag
	}
	return ""
}

func flagLetter(f storage.Flagged) string {
	for letter, v := range exportFlags {
		if v == f {
			return letter
		}
	}
	return ""
}

// excelArg is the button for a workbook of what a digest of a form is about.
// It is "" where a button cannot say that.
func (b *Bot) excelArg(src digest.Source, r digest.Request, form string) string {
	i := slices.IndexFunc(src.Forms, func(f *flows.Form) bool { return f.ID == form })
	if i < 0 {
		return ""
	}
	x := exportOf{form: src.Forms[i], period: daysKey(r.Period, b.Zone), flagged: flagLetter(r.Flagged),
		place: cmp.Or(r.Place.District, r.Place.Province)}
	if x.place != "" && placeOf(src.Forms, x.place) == (tally.Place{}) {
		return ""
	}
	if r.Place.Service != "" {
		k := slices.IndexFunc(services(x.form), func(c flows.ChoiceDef) bool { return c.Name == r.Place.Service })
		if k < 0 {
			return ""
		}
		x.service = fmt.Sprint(k + 1)
	}
	data := verbData("export", x.arg(string(export.XLSX)))
	if len(data) > render.MaxCallback {
		return ""
	}
	return data
}

// between is when a period begins and ends.
func between(period string, now time.Time) (from, to time.Time) {
	if p, ok := parseDays(period, now.Location()); ok {
		return p.From, p.To
	}
	y, m, d := now.Date()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, now.Location()) }
	switch period {
	case "year0":
		return day(y, 1, 1), day(y+1, 1, 1)
	case "year1":
		return day(y-1, 1, 1), day(y, 1, 1)
	case "month0":
		return day(y, m, 1), day(y, m+1, 1)
	case "month1":
		return day(y, m-1, 1), day(y, m, 1)
	case "week0":
		monday := d - (int(now.Weekday())+6)%7
		return day(y, m, monday), day(y, m, monday+7)
	case "day0":
		return day(y, m, d), day(y, m, d+1)
	}
	return time.Time{}, time.Time{}
}

// cmdExport offers an export: of the one form, or of a list. With a form behind
// the command the workbook of all answers comes at once, or the format named.
func (t *turn) cmdExport(rest string) error {
	forms, err := t.b.forms.exported(t.ctx)
	if err != nil {
		return err
	}
	name, format, _ := strings.Cut(strings.TrimSpace(rest), " ")
	var rows [][]render.Button
	for _, f := range forms {
		x := &exportOf{form: f}
		if name != "" && (strings.EqualFold(name, f.ID) || strings.EqualFold(name, f.Settings.Keyword)) {
			if !slices.Contains(export.Formats(), export.Format(format)) {
				format = string(export.XLSX)
			}
			return t.startExport(x, format)
		}
		rows = append(rows, []render.Button{{Text: t.title(f), Data: verbData("export", x.arg("m"))}})
	}
	switch {
	case len(rows) == 0:
		t.say("forms.none", nil)
	case name != "":
		t.say("export.unknown", locales.Args{"Name": short(name)}, rows...)
	case len(forms) == 1:
		return t.exportMenu(&exportOf{form: forms[0]}, 0)
	default:
		t.say("export.which", nil, rows...)
	}
	return nil
}

// exportVerb does what a button of an export says. An argument that is just a
// form asks for the workbook of all its answers.
func (t *turn) exportVerb(arg string, message int) error {
	words := strings.Split(arg, ":")
	forms, err := t.b.forms.exported(t.ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(forms, func(f *flows.Form) bool { return formKey(f.ID) == words[0] })
	if i < 0 || len(words) != 1 && len(words) != 6 && len(words) != 7 {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	f := forms[i]
	if len(words) == 1 {
		return t.startExport(&exportOf{form: f}, string(export.XLSX))
	}
	x := &exportOf{form: f, period: words[2], place: words[3], version: words[4], service: words[5]}
	if len(words) == 7 { // earlier buttons know no flags
		x.flagged = words[6]
	}
	switch what := words[1]; what {
	case "m":
		return t.exportMenu(x, message)
	case "period":
		x.period = exportPeriods[(slices.Index(exportPeriods, x.period)+1)%len(exportPeriods)]
		return t.exportMenu(x, message)
	case "flagged":
		x.flagged = flagLetter(nextFlagged(exportFlags[x.flagged]))
		return t.exportMenu(x, message)
	case "version":
		return t.exportNext(x, &x.version, message, func() (int, error) {
			vs, err := t.b.Forms.Versions(t.ctx, f.ID)
			return len(vs), err
		})
	case "service":
		return t.exportNext(x, &x.service, message, func() (int, error) { return len(services(f)), nil })
	case "place":
		return t.exportPlaces(x)
	default:
		if !slices.Contains(export.Formats(), export.Format(what)) {
			t.refuseTap("tap.gone", nil)
			return nil
		}
		return t.startExport(x, what)
	}
}

// exportNext turns to the next of a number of things, behind the last to all.
func (t *turn) exportNext(x *exportOf, which *string, message int, count func() (int, error)) error {
	n, err := count()
	if err != nil {
		return err
	}
	at := 0
	fmt.Sscan(*which, &at)
	*which = ""
	if at < n {
		*which = fmt.Sprint(at + 1)
	}
	return t.exportMenu(x, message)
}

// services are the choices of the question that holds the service.
func services(f *flows.Form) []flows.ChoiceDef {
	if n := f.Question(f.Settings.Roles.Service); f.Settings.Roles.Service != "" && n != nil && n.List != nil {
		return n.List.Choices
	}
	return nil
}

// exportMenu shows what would be exported, and lets it be changed.
func (t *turn) exportMenu(x *exportOf, message int) error {
	all, err := t.b.forms.all(t.ctx)
	if err != nil {
		return err
	}
	src := digest.Source{Forms: all, Words: t.b.Words}
	any := t.text("export.all", nil)
	period, place, version, service := any, any, any, any
	if x.period != "" {
		period = t.b.periodName(t.lang, x.period, t.now)
	}
	if x.place != "" {
		place = digest.PlaceName(src, t.lang, placeOf(all, x.place))
	}
	if x.version != "" {
		if name, _, err := t.versionOf(x); err == nil && name != "" {
			version = name
		}
	}
	if s := t.serviceOf(x); s != "" {
		service = digest.PlaceName(src, t.lang, tally.Place{Service: s})
		_, service, _ = strings.Cut(service, " · ")
	}
	button := func(key, what string, args locales.Args) render.Button {
		return render.Button{Text: t.text(key, args), Data: verbData("export", x.arg(what))}
	}
	choose := []render.Button{button("export.period", "period", locales.Args{"Value": period})}
	if x.form.Settings.Roles.District != "" || x.form.Settings.Roles.Province != "" {
		choose = append(choose, button("export.place", "place", locales.Args{"Value": place}))
	}
	more := []render.Button{button("export.version", "version", locales.Args{"Value": version})}
	if len(services(x.form)) > 0 {
		more = append(more, button("export.service", "service", locales.Args{"Value": service}))
	}
	flags := cmp.Or(string(exportFlags[x.flagged]), "all")
	more = append(more, button("flagged.choose", "flagged", locales.Args{"Value": t.text("flagged."+flags, nil)}))
	s := render.Screen{Text: t.html("export.menu", locales.Args{"Title": t.title(x.form)}), Rows: [][]render.Button{choose, more,
		{button("export.as_xlsx", "xlsx", nil), button("export.as_csv", "csv", nil), button("export.as_zip", "zip", nil)},
		{button("export.as_jsonl", "jsonl", nil), button("export.as_xml", "xml", nil), button("export.as_geojson", "geojson", nil)},
	}}
	if message != 0 {
		t.rewrite(message, s)
		t.await(s.Rows)
		return nil
	}
	t.show(s)
	return nil
}

// periodName is what an export's period is called.
func (b *Bot) periodName(lang, period string, now time.Time) string {
	if p, ok := parseDays(period, now.Location()); ok {
		return b.Words.Date(lang, p.From) + " – " + b.Words.Date(lang, p.To.Add(-time.Second))
	}
	return b.Words.Text(lang, "export.period_"+period, nil)
}

func placeOf(forms []*flows.Form, code string) tally.Place {
	p, _ := places.New(forms).Get(code)
	return tally.Place{Province: p.Province, District: p.District}
}

// versionOf is what the version that is chosen is called, and its hash; "" if none is.
func (t *turn) versionOf(x *exportOf) (name, hash string, err error) {
	vs, err := t.b.Forms.Versions(t.ctx, x.form.ID)
	at := 0
	fmt.Sscan(x.version, &at)
	if err != nil || at < 1 || at > len(vs) {
		return "", "", err
	}
	v := vs[at-1]
	twin := func(o storage.FormVersion) bool { return o.Version == v.Version && o.Hash != v.Hash }
	return flows.VersionName(v.Version, v.Hash, slices.ContainsFunc(vs, twin)), v.Hash, nil
}

func (t *turn) serviceOf(x *exportOf) string {
	at := 0
	fmt.Sscan(x.service, &at)
	if list := services(x.form); at >= 1 && at <= len(list) {
		return list[at-1].Name
	}
	return ""
}

// exportPlaces asks for a place: its name is to be written.
func (t *turn) exportPlaces(x *exportOf) error {
	t.s.Awaiting = "exportplace " + x.arg("m")
	t.say("export.which_place", nil)
	return nil
}

// exportPlaceAnswer takes the name of a place.
func (t *turn) exportPlaceAnswer(arg, text string) error {
	words := strings.Split(arg, ":")
	if len(words) != 6 && len(words) != 7 {
		t.say("tap.gone", nil)
		return nil
	}
	all, err := t.b.forms.all(t.ctx)
	if err != nil {
		return err
	}
	if strings.Trim(text, "-–— ") == "" {
		words[3] = ""
		return t.exportVerb(strings.Join(words, ":"), 0)
	}
	d := places.New(all)
	found, near := d.Find(text)
	if len(found) == 0 {
		found, _ = d.Province(text)
	}
	if len(found) != 1 {
		found = append(found, near...)
		if len(found) == 0 {
			t.s.Awaiting = "exportplace " + arg
			t.say("export.no_place", nil)
			return nil
		}
		var rows [][]render.Button
		for _, p := range found[:min(len(found), 8)] {
			words[3] = p.Code()
			rows = append(rows, []render.Button{{Text: p.Label(t.lang), Data: verbData("export", strings.Join(words, ":"))}})
		}
		t.say("export.which_place_near", nil, rows...)
		return nil
	}
	words[3] = found[0].Code()
	return t.exportVerb(strings.Join(words, ":"), 0)
}

func (t *turn) startExport(x *exportOf, format string) error {
	p := exportParams{jobParams: jobParams{Lang: t.lang, Form: x.form.ID, At: t.now}, Format: format, Service: t.serviceOf(x), Flagged: exportFlags[x.flagged]}
	p.From, p.To = between(x.period, t.now)
	if x.place != "" {
		all, err := t.b.forms.all(t.ctx)
		if err != nil {
			return err
		}
		at := placeOf(all, x.place)
		if p.District = at.District; p.District == "" {
			p.Province = at.Province
		}
	}
	var err error
	if _, p.Hash, err = t.versionOf(x); err != nil {
		return fmt.Errorf("list versions: %w", err)
	}
	f := p.extract().Filter
	f.Flagged = "" // which have flags is known once all are counted
	n, err := t.b.Submissions.Count(t.ctx, f, storage.ByForm)
	if err != nil {
		return fmt.Errorf("count submissions: %w", err)
	}
	if n[x.form.ID] == 0 {
		key := "export.none"
		if f != (storage.Filter{FormID: x.form.ID}) {
			key = "export.none_of"
		}
		t.say(key, locales.Args{"Title": t.title(x.form)})
		return nil
	}
	t.say("export.making", nil)
	return t.do(methodExport, p)
}
