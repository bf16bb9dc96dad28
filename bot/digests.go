package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/schedule"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// Digests sends the secretariat its weekly digest until ctx ends: every Monday
// at eight in the programme's zone, about the week before.
func (b *Bot) Digests(ctx context.Context) {
	b.WeeklyDigest().Run(ctx)
}

// weeklyID is the schedule of the digest that comes every Monday.
const weeklyID = "digest"

// WeeklyDigest is the schedule behind Digests. Observers get the published
// figures of their scope.
func (b *Bot) WeeklyDigest() *schedule.Runner {
	return &schedule.Runner{
		ID: weeklyID, At: schedule.Weekly{Day: time.Monday, Hour: digestHour, Zone: b.Zone},
		Store: b.Schedules, Clock: b.now, Log: b.Log,
		Targets: b.digestTargets, Deliver: b.deliverMondays, Enqueue: b.enqueueMondays(),
	}
}

// newBook is what the figures are read from, nil without tallies.
func newBook(c *Config) *figures.Book {
	if c.Tallies == nil {
		return nil
	}
	book := &figures.Book{Forms: c.Forms, Tallies: c.Tallies, Rounds: c.Rounds, Compile: c.Compile, Zone: c.Zone,
		Clock: func() time.Time { return c.Clock() }}
	c.Tallies.CountWith(book)
	return book
}

// methodFigures is a digest, or a picture of one form's figures.
const methodFigures = "/figures"

type digestParams struct {
	Lang    string                                                      `json:"lang"`
	At      time.Time                                                   `json:"at"`
	Form    string                                                      `json:"form,omitempty"`
	Place   tally.Place                                                 `json:"place"`
	Picture string                                                      `json:"pictured,omitempty"` // the kind of picture; "": a text
	Flagged storage.Flagged                                             `json:"flagged,omitempty"`
	Days    string                                                      `json:"days,omitempty"` // of a period that is over, see daysKey; "": until At
	Group   bool                                                        `json:"-"`              // it goes to a group, which sees what is published
	Quiet   bool                                                        `json:"-"`              // nothing is asked of the reader
	told    func(r digest.Request, forms []*flows.Form) (string, error) // which published tables are no news; nil: none
	Period  digest.Period                                               `json:"-"` // the zero one: from the beginning of last week until At
}

// cmdDigest sends the digest from the beginning of last week until now; to
// observers what is published of their scope.
func (t *turn) cmdDigest(string) error {
	return t.do(methodFigures, digestParams{Lang: t.lang, At: t.now})
}

// flagSigns are what buttons call a selection by flag.
var flagSigns = map[storage.Flagged]string{storage.Unflagged: "!", storage.AnyFlag: "?"}

// daysKey names the days of a period in a button.
func daysKey(p digest.Period, zone *time.Location) string {
	return fmt.Sprint(tally.DayOf(p.From, zone), ".", tally.DayOf(p.To.Add(-time.Nanosecond), zone)+1)
}

// parseDays reads what daysKey wrote.
func parseDays(key string, zone *time.Location) (p digest.Period, ok bool) {
	var from, to tally.Day
	if n, err := fmt.Sscanf(key, "%d.%d", &from, &to); n != 2 || err != nil || from >= to {
		return p, false
	}
	return digest.Period{From: from.Start(zone), To: to.Start(zone)}, true
}

// digVerb looks closer: at a place, at a form, or at a picture of it. The button
// says "form key|province|district|service", then the days of a period that is
// over; before it a sign for a selection by flag, and one for a kind of picture.
func (t *turn) digVerb(arg string, _ int) error {
	var flagged storage.Flagged
	for f, sign := range flagSigns {
		if rest, ok := strings.CutPrefix(arg, sign); ok {
			arg, flagged = rest, f
		}
	}
	picture := ""
	for kind, sign := range pictureSigns {
		if rest, ok := strings.CutPrefix(arg, sign); ok {
			arg, picture = rest, kind
		}
	}
	part := strings.Split(arg, "|")
	if len(part) != 4 && len(part) != 5 {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	p := digestParams{Lang: t.lang, At: t.now, Picture: picture, Flagged: flagged,
		Place: tally.Place{Province: part[1], District: part[2], Service: part[3]}}
	if len(part) == 5 {
		p.Days = part[4]
	}
	if part[0] != "" {
		f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == part[0] })
		if err != nil {
			return err
		}
		if f == nil {
			t.refuseTap("tap.gone", nil)
			return nil
		}
		p.Form = f.ID
	}
	return t.do(methodFigures, p)
}

// pictureSigns begin the arguments of buttons, by what they show.
var pictureSigns = map[string]string{digest.Bars: "*", digest.Likert: "=", digest.Lines: "~", digest.Quotas: "#", pictureGrid: "@", pictureSheet: "%"}

// digArg is the button for a picture ("": the text) of a form ("": all) and
// place, of the period and selection that a request is about.
func digArg(r digest.Request, picture, form string, at tally.Place) string {
	if form != "" {
		form = formKey(form)
	}
	arg := flagSigns[r.Flagged] + pictureSigns[picture] + strings.Join([]string{form, at.Province, at.District, at.Service}, "|")
	if !r.Period.Open && !r.Published {
		if data := verbData("dig", arg+"|"+daysKey(r.Period, r.Period.From.Location())); len(data) <= render.MaxCallback {
			return data
		}
	}
	return verbData("dig", arg)
}

func (b *Bot) figuresJob(ctx context.Context, person string, chat int64, payload []byte) error {
	var p digestParams
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	// the role is looked up again: it may have ended since
	who, err := b.people.get(ctx, person)
	if err != nil || who.Suspended || !mayUse("file", "digest", who.Role) {
		return err
	}
	if days, ok := parseDays(p.Days, b.Zone); ok {
		p.Period = days
		return b.sendDigest(ctx, chat, who, p)
	}
	p.Period = digest.Period{From: periodStart("once per week", p.At.In(b.Zone)).AddDate(0, 0, -7), To: p.At.In(b.Zone).Add(time.Second), Open: true}
	return b.sendDigest(ctx, chat, who, p)
}

// confine keeps a place within what a person may see, and says whether only
// published figures are.
func confine(who storage.Person, at tally.Place) (tally.Place, bool) {
	if reachOf("file", "digest", who.Role) == All {
		return at, false
	}
	if p := who.Scope["province"]; p != "" {
		at.Province = p
	}
	if d := who.Scope["district"]; d != "" {
		at.District = d
	}
	if s := who.Scope["service"]; s != "" {
		at.Service = s
	}
	return at, true
}

// sendDigest sends a digest, or a picture of a form's figures, to who asked.
func (b *Bot) sendDigest(ctx context.Context, chat int64, who storage.Person, p digestParams) error {
	if b.book == nil {
		return fmt.Errorf("%w: no tallies", errJob)
	}
	if p.Picture == "" {
		s, err := b.composeDigest(ctx, who, p, nil)
		if err != nil {
			return err
		}
		return b.sendScreen(ctx, chat, s)
	}
	src, err := b.Source(ctx)
	if err != nil {
		return err
	}
	r := digest.Request{Lang: p.Lang, Form: p.Form, Period: p.Period, Flagged: p.Flagged}
	r.Place, r.Published = confine(who, p.Place)
	if r.Published {
		b.publishTables(ctx, src.Forms, p.Period.To)
		if p.Picture == pictureSheet {
			return b.sendSheet(ctx, chat, src, r)
		}
	}
	return b.sendPicture(ctx, chat, src, r, p.Picture)
}

// sendScreen sends a message of the bot's own outside of a session.
func (b *Bot) sendScreen(ctx context.Context, chat int64, s *render.Screen) error {
	for _, part := range s.Payloads() {
		if _, err := b.Client.Send(ctx, "sendMessage", chat, part); err != nil {
			return err
		}
	}
	return nil
}

// Source is where digests take figures and words from.
func (b *Bot) Source(ctx context.Context) (digest.Source, error) {
	forms, err := b.forms.all(ctx)
	if err != nil {
		return digest.Source{}, err
	}
	return digest.Source{Submissions: b.Submissions, Reviews: b.Reviews, Book: b.book, Forms: forms, Words: b.Words, Zone: b.Zone,
		Reports: b.dueReports}, nil
}

// composeDigest writes the digest that a person may see. Of many at one moment a
// memo keeps what they have in common.
func (b *Bot) composeDigest(ctx context.Context, who storage.Person, p digestParams, memo *digestMemo) (*render.Screen, error) {
	src, err := b.Source(ctx)
	if err != nil {
		return nil, err
	}
	r := digest.Request{Lang: p.Lang, Form: p.Form, Period: p.Period, Flagged: p.Flagged}
	r.Place, r.Published = confine(who, p.Place)
	r.Published = r.Published || p.Group
	if r.Published {
		memo.once(func() { b.publishTables(ctx, src.Forms, p.Period.To) })
		if p.told != nil {
			if r.Told, err = p.told(r, src.Forms); err != nil {
				return nil, err
			}
		}
	}
	src.Memo = memo.readings()
	m, err := memo.message(r, func() (*digest.Message, error) { return digest.Write(ctx, src, r) })
	if err != nil {
		return nil, err
	}
	s := &render.Screen{Text: m.Text, Silent: true}
	if p.Group {
		// a group's taps would be anybody's
		s.Rows = [][]render.Button{{{Text: b.Words.Text(p.Lang, "digest.closer", nil), URL: "https://t.me/" + b.Username}}}
		return s, nil
	}
	s.Rows = b.digestButtons(src, r, m)
	if !r.Published && b.Reviews != nil && !p.Quiet {
		n, err := b.undecided(ctx, src, r)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			s.Rows = append(s.Rows, []render.Button{{Text: b.Words.Text(p.Lang, "quote.look", locales.Args{"Count": n}), Data: verbData("quo", "next")}})
		}
	}
	return s, nil
}

// dueReports tells how the reports that are due stand in a place.
func (b *Bot) dueReports(ctx context.Context, lang string, at tally.Place) ([]digest.Report, error) {
	duties, err := b.duties(ctx, b.now())
	if err != nil {
		return nil, err
	}
	dir, err := b.places(ctx)
	if err != nil {
		return nil, err
	}
	var out []digest.Report
	for i := range duties {
		d := &duties[i]
		cells, err := b.cells(ctx, d)
		if err != nil {
			return nil, err
		}
		i, _ := d.form.Language(lang)
		r := digest.Report{Title: cmp.Or(render.Plain(d.due.Label.In(i)), render.Plain(d.form.Title.In(i))),
			Period: periodWords(b.Words, lang, d.period), Due: d.period.Due, Late: d.period.Late(b.now())}
		for district, state := range cells {
			p, _ := dir.Get(district)
			if at.District != "" && at.District != district || at.Province != "" && at.Province != p.Province {
				continue
			}
			r.Total++
			if state == cellMissing || state == cellWaiting {
				r.Missing = append(r.Missing, district)
			}
		}
		slices.Sort(r.Missing)
		if r.Total > 0 {
			out = append(out, r)
		}
	}
	return out, nil
}

// publishTables publishes what is over and was not published yet, so that those
// who look first find it.
func (b *Bot) publishTables(ctx context.Context, forms []*flows.Form, at time.Time) {
	for _, f := range forms {
		period, err := b.book.Last(f, at)
		if err == nil {
			_, err = b.book.Publish(ctx, f.ID, period)
		}
		if err != nil {
			b.Log.WarnContext(ctx, "publish figures", "form", f.ID, "error", err)
		}
	}
}

// maxDigestButtons bounds the places under a digest.
const maxDigestButtons = 20

func (b *Bot) digestButtons(src digest.Source, r digest.Request, m *digest.Message) [][]render.Button {
	var rows [][]render.Button
	add := func(text, data string, width int) {
		if len(data) > render.MaxCallback {
			return
		}
		button := render.Button{Text: text, Data: data}
		if n := len(rows); width > 1 && n > 0 && len(rows[n-1]) < width && len(rows[n-1][0].Text) < 40 && len(text) < 40 {
			rows[n-1] = append(rows[n-1], button)
			return
		}
		rows = append(rows, []render.Button{button})
	}
	if r.Form == "" && len(m.Forms) > 1 {
		for _, f := range m.Forms {
			i, _ := f.Language(r.Lang)
			add("📋 "+render.Plain(f.Title.In(i)), digArg(r, "", f.ID, r.Place), 1)
		}
	}
	form := r.Form
	if form == "" && len(m.Forms) == 1 {
		form = m.Forms[0].ID
	}
	if form != "" {
		var row []render.Button
		if len(picturesOf(src, form, r.Published)) > 0 {
			row = append(row, render.Button{Text: b.Words.Text(r.Lang, "digest.picture", nil), Data: digArg(r, digest.Bars, form, r.Place)})
		}
		if r.Published {
			row = append(row, render.Button{Text: b.Words.Text(r.Lang, "digest.excel", nil), Data: digArg(r, pictureSheet, form, r.Place)})
		} else {
			if data := b.excelArg(src, r, form); data != "" {
				row = append(row, render.Button{Text: b.Words.Text(r.Lang, "digest.excel", nil), Data: data})
			}
			flagged := r
			flagged.Flagged = nextFlagged(r.Flagged)
			row = append(row, render.Button{Text: b.Words.Text(r.Lang, "flagged.look_"+cmp.Or(string(flagged.Flagged), "all"), nil),
				Data: digArg(flagged, "", r.Form, r.Place)})
		}
		rows = append(rows, row)
	}
	rows = append(rows, nil)
	for _, p := range m.Deeper[:min(len(m.Deeper), maxDigestButtons)] {
		name := digest.PlaceName(src, r.Lang, p)
		if len(rows[len(rows)-1]) == 0 {
			rows = rows[:len(rows)-1]
			rows = append(rows, []render.Button{{Text: name, Data: digArg(r, "", r.Form, p)}})
			continue
		}
		add(name, digArg(r, "", r.Form, p), 3)
	}
	if len(rows[len(rows)-1]) == 0 {
		rows = rows[:len(rows)-1]
	}
	if r.Place != (tally.Place{}) && !r.Published {
		up := r.Place
		switch {
		case up.Service != "":
			up.Service = ""
		case up.District != "":
			up.District = ""
		default:
			up.Province = ""
		}
		add("‹ "+digest.PlaceName(src, r.Lang, up), digArg(r, "", r.Form, up), 1)
	}
	return rows
}
