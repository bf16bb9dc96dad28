package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
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
	period  string // "" all, else a key of exportPeriods
	place   string // "" all, else a province's or district's code
	version string // "" all, else its number from the oldest, from 1
	service string // "" all, else its number in the list, from 1
}

func (x *exportOf) arg(what string) string {
	return strings.Join([]string{formKey(x.form.ID), what, x.period, x.place, x.version, x.service}, ":")
}

// exportPeriods are those that can be chosen, each within the one before.
var exportPeriods = []string{"", "year0", "year1", "month0", "month1", "week0", "day0"}

// between is when a period begins and ends.
func between(period string, now time.Time) (from, to time.Time) {
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
	forms, err := t.b.forms.all(t.ctx)
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
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == words[0] })
	if err != nil {
		return err
	}
	if f == nil || len(words) != 1 && len(words) != 6 {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if len(words) == 1 {
		return t.startExport(&exportOf{form: f}, string(export.XLSX))
	}
	x := &exportOf{f, words[2], words[3], words[4], words[5]}
	switch what := words[1]; what {
	case "m":
		return t.exportMenu(x, message)
	case "period":
		x.period = exportPeriods[(slices.Index(exportPeriods, x.period)+1)%len(exportPeriods)]
		return t.exportMenu(x, message)
	case "version":
		return t.exportNext(x, &x.version, message, func() (int, error) {
			vs, err := t.b.Forms.Versions(t.ctx, f.ID)
			return len(vs), err
		})
	case "service":
		return t.exportNext(x, &x.service, message, func() (int, error) { return len(t.services(f)), nil })
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
func (t *turn) services(f *flows.Form) []flows.ChoiceDef {
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
		period = t.text("export.period_"+x.period, nil)
	}
	if x.place != "" {
		place = digest.PlaceName(src, t.lang, placeOf(all, x.place))
	}
	if x.version != "" {
		if v, err := t.versionOf(x); err == nil {
			version = v
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
	if len(t.services(x.form)) > 0 {
		more = append(more, button("export.service", "service", locales.Args{"Value": service}))
	}
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

func placeOf(forms []*flows.Form, code string) tally.Place {
	p, _ := places.New(forms).Get(code)
	return tally.Place{Province: p.Province, District: p.District}
}

// versionOf is the version that is chosen, as its author calls it.
func (t *turn) versionOf(x *exportOf) (string, error) {
	vs, err := t.b.Forms.Versions(t.ctx, x.form.ID)
	at := 0
	fmt.Sscan(x.version, &at)
	if err != nil || at < 1 || at > len(vs) {
		return "", err
	}
	return vs[at-1].Version, nil
}

func (t *turn) serviceOf(x *exportOf) string {
	at := 0
	fmt.Sscan(x.service, &at)
	if list := t.services(x.form); at >= 1 && at <= len(list) {
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
	if len(words) != 6 {
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

// exportParams are an Extract as it waits in an outbox.
type exportParams struct {
	jobParams
	Format   string    `json:"format,omitempty"` // "" is xlsx
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Province string    `json:"province,omitempty"`
	District string    `json:"district,omitempty"`
	Version  string    `json:"version,omitempty"`
	Service  string    `json:"service,omitempty"`
}

func (p *exportParams) extract() Extract {
	return Extract{Filter: storage.Filter{FormID: p.Form, From: p.From, To: p.To, Province: p.Province, District: p.District,
		Version: p.Version}, Service: p.Service}
}

func (t *turn) startExport(x *exportOf, format string) error {
	p := exportParams{jobParams: jobParams{Lang: t.lang, Form: x.form.ID, At: t.now}, Format: format, Service: t.serviceOf(x)}
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
	if p.Version, err = t.versionOf(x); err != nil {
		return fmt.Errorf("list versions: %w", err)
	}
	n, err := t.b.Submissions.Count(t.ctx, p.extract().Filter, storage.ByForm)
	if err != nil {
		return fmt.Errorf("count submissions: %w", err)
	}
	if n[x.form.ID] == 0 {
		t.say("export.none", locales.Args{"Title": t.title(x.form)})
		return nil
	}
	t.say("export.making", nil)
	return t.do(methodExport, p)
}

// maxUpload is how large a file a bot may send, in bytes; partSize is where a
// part of a larger one ends, with room for what is written at its end.
const (
	maxUpload = 50 << 20
	partSize  = 40 << 20
)

// sendExport writes to files first: their size must be known before Telegram is
// asked to take them. What is too large for one comes in parts.
func (b *Bot) sendExport(ctx context.Context, chat int64, payload []byte) error {
	var p exportParams
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	forms, err := b.versions(ctx, p.Form)
	if err != nil {
		return err
	}
	if len(forms) == 0 {
		return fmt.Errorf("%w: no such form", errJob)
	}
	if p.Format == "" {
		p.Format = string(export.XLSX)
	}
	j := &exportJob{b: b, p: &p, chat: chat, forms: forms, newest: forms[len(forms)-1], limit: maxUpload, part: partSize}
	if b.ExportLimit > 0 {
		j.limit, j.part = b.ExportLimit, b.ExportLimit*4/5
	}
	j.options = export.Options{Format: export.Format(p.Format), Zone: b.Zone, SplitMultiple: p.Format != string(export.XLSX), SplitPoints: p.Format != string(export.XLSX)}
	if files, ok := b.Media.(MediaOpener); ok && b.Files != nil && hasFiles(forms) {
		j.options.Media = MediaOf(ctx, b.Files, files)
	}
	j.total, err = b.Submissions.Count(ctx, p.extract().Filter, storage.ByForm)
	if err != nil {
		return fmt.Errorf("count submissions: %w", err)
	}
	return j.run(ctx)
}

// An exportJob is an export under way.
type exportJob struct {
	b           *Bot
	p           *exportParams
	chat        int64
	forms       []*flows.Form
	newest      *flows.Form
	options     export.Options
	limit, part int64
	total       map[string]int

	message int       // that tells how far it is; 0: none was sent
	told    time.Time // when last
}

func (j *exportJob) run(ctx context.Context) error {
	j.told = time.Now()
	file, err := os.CreateTemp("", "export")
	if err != nil {
		return fmt.Errorf("make export file: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	res, err := export.Write(&capped{file, j.limit}, j.rows(ctx), j.forms, j.options)
	if errors.Is(err, errTooLarge) {
		return j.parts(ctx)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return j.send(ctx, file, res.Extension, locales.Args{"Count": res.Submissions})
}

func (j *exportJob) rows(ctx context.Context) func(yield func(*export.Row, error) bool) {
	return j.p.extract().Rows(ctx, j.b.Submissions, j.newest, func(n int) { j.tell(ctx, n) })
}

// tellEvery is how often a long export says how far it is.
const tellEvery = 5 * time.Second

// tell says how far a long export is, in one message. Whether that could be
// sent does not matter.
func (j *exportJob) tell(ctx context.Context, n int) {
	if n%1000 != 0 || time.Since(j.told) < tellEvery {
		return
	}
	j.told = time.Now()
	s := render.Screen{Silent: true, Text: j.b.Words.HTML(j.p.Lang, "export.progress", locales.Args{"Done": n, "Total": j.total[j.p.Form]})}
	if j.message == 0 {
		j.message, _ = j.b.Client.Send(ctx, "sendMessage", j.chat, s.Payloads()[0])
		return
	}
	_, _ = j.b.Client.Send(ctx, "editMessageText", j.chat, s.EditText(j.message))
}

// parts writes what is too large for one file: a workbook as csv files in
// archives, all else as it is.
func (j *exportJob) parts(ctx context.Context) error {
	o := j.options
	if o.Format == export.XLSX || o.Format == export.CSV {
		o.Format = export.ZIP
	}
	for size := j.part; ; size /= 2 {
		files, counts, res, err := j.write(ctx, o, size)
		if err == nil {
			err = j.sendParts(ctx, files, counts, res.Extension)
		}
		for _, f := range files {
			f.Close()
			os.Remove(f.Name())
		}
		if errors.Is(err, errTooLarge) && size > j.part/64 {
			continue // much is written at the end of a part, as its repeats
		}
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		return nil
	}
}

func (j *exportJob) write(ctx context.Context, o export.Options, size int64) (files []*os.File, counts []int, res export.Result, err error) {
	counts, res, err = export.Parts(func(int) (io.Writer, error) {
		f, err := os.CreateTemp("", "export")
		if err != nil {
			return nil, fmt.Errorf("make export file: %w", err)
		}
		files = append(files, f)
		return &capped{f, j.limit}, nil
	}, j.rows(ctx), j.forms, o, size)
	return files, counts, res, err
}

func (j *exportJob) sendParts(ctx context.Context, files []*os.File, counts []int, ext string) error {
	for i, f := range files {
		args := locales.Args{"Count": counts[i], "Part": i + 1, "Parts": len(files)}
		if err := j.send(ctx, f, fmt.Sprintf("-part%d%s", i+1, ext), args); err != nil {
			return err
		}
	}
	return nil
}

// send sends a file that was written.
func (j *exportJob) send(ctx context.Context, file *os.File, ending string, args locales.Args) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind export: %w", err)
	}
	lang, _ := j.newest.Language(j.p.Lang)
	args["Title"], args["Date"] = render.Plain(j.newest.Title.In(lang)), j.b.now()
	caption := j.b.Words.HTML(j.p.Lang, "export.caption", args)
	if args["Parts"] != nil {
		caption += "\n" + j.b.Words.HTML(j.p.Lang, "export.part", args)
	}
	name := safeName(j.newest.ID) + "-" + j.b.now().Format("2006-01-02") + ending
	return j.b.Client.SendDocument(ctx, j.chat, name, file, caption)
}
