package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	tgbot "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/figures"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/schedule"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/storage"
)

// Digests sends the secretariat its weekly digest until ctx ends: every Monday
// at eight in the programme's zone, about the week before.
func (b *Bot) Digests(ctx context.Context) {
	b.WeeklyDigest().Run(ctx)
}

// WeeklyDigest is the schedule behind Digests. Observers get the published
// figures of their scope.
func (b *Bot) WeeklyDigest() *schedule.Runner {
	return &schedule.Runner{
		ID: "digest", At: schedule.Weekly{Day: time.Monday, Hour: 8, Zone: b.Zone},
		Store: b.Schedules, Clock: b.now, Log: b.Log,
		Targets: b.digestTargets, Deliver: b.deliverDigest,
	}
}

// newBook is what the figures are read from, nil without tallies.
func newBook(c *Config) *figures.Book {
	if c.Tallies == nil {
		return nil
	}
	book := &figures.Book{Forms: c.Forms, Tallies: c.Tallies, Compile: c.Compile, Zone: c.Zone,
		Clock: func() time.Time { return c.Clock() }}
	c.Tallies.CountWith(book)
	return book
}

// digestTargets are the people who get the digest and want to hear from the bot.
func (b *Bot) digestTargets(ctx context.Context) ([]string, error) {
	all, err := b.People.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	var out []string
	for _, p := range all {
		if mayUse("file", "digest", p.Role) && !p.Suspended && len(p.Contact) > 0 {
			out = append(out, p.ID)
		}
	}
	return out, nil
}

func (b *Bot) deliverDigest(ctx context.Context, target string, due time.Time) error {
	p, err := b.People.Person(ctx, target)
	if err != nil {
		return fmt.Errorf("look up person: %w", err)
	}
	if p.Suspended || !mayUse("file", "digest", p.Role) || len(p.Contact) == 0 {
		return errors.New("no longer to be told")
	}
	chat, err := b.Keys.openChat(p.ID, p.Contact)
	if err != nil {
		return err
	}
	to := periodStart("once per week", due)
	err = b.sendDigest(ctx, chat, p, digestParams{Lang: p.Language, Period: digest.Period{From: to.AddDate(0, 0, -7), To: to}})
	e := telegram.AsError(err)
	switch {
	case e == nil:
		return err
	case e.Blocked():
		return errors.Join(err, b.unsubscribe(ctx, p.ID, "blocked the bot"))
	case e.Unknown:
		return fmt.Errorf("%w: %w", schedule.ErrUnknown, err)
	}
	return err
}

// methodFigures is a digest, or a picture of one form's figures.
const methodFigures = "/figures"

type digestParams struct {
	Lang    string        `json:"lang"`
	At      time.Time     `json:"at"`
	Form    string        `json:"form,omitempty"`
	Place   tally.Place   `json:"place"`
	Picture bool          `json:"picture,omitempty"`
	Period  digest.Period `json:"-"` // the zero one: from the beginning of last week until At
}

// cmdDigest sends the digest from the beginning of last week until now; to
// observers what is published of their scope.
func (t *turn) cmdDigest(string) error {
	return t.do(methodFigures, digestParams{Lang: t.lang, At: t.now})
}

// digVerb looks closer: at a place, at a form, or at a picture of it. The button
// says "form key|province|district|service", the picture's begins with "*".
func (t *turn) digVerb(arg string, _ int) error {
	arg, picture := strings.CutPrefix(arg, "*")
	part := strings.Split(arg, "|")
	if len(part) != 4 {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	p := digestParams{Lang: t.lang, At: t.now, Picture: picture, Place: tally.Place{Province: part[1], District: part[2], Service: part[3]}}
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

func digArg(picture bool, form string, at tally.Place) string {
	if form != "" {
		form = formKey(form)
	}
	arg := strings.Join([]string{form, at.Province, at.District, at.Service}, "|")
	if picture {
		arg = "*" + arg
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
	p.Period = digest.Period{From: periodStart("once per week", p.At.In(b.Zone)).AddDate(0, 0, -7), To: p.At.In(b.Zone), Open: true}
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

func (b *Bot) sendDigest(ctx context.Context, chat int64, who storage.Person, p digestParams) error {
	if b.book == nil {
		return fmt.Errorf("%w: no tallies", errJob)
	}
	forms, err := b.forms.all(ctx)
	if err != nil {
		return err
	}
	src := digest.Source{Submissions: b.Submissions, Book: b.book, Forms: forms, Words: b.Words, Zone: b.Zone}
	r := digest.Request{Lang: p.Lang, Form: p.Form, Period: p.Period}
	r.Place, r.Published = confine(who, p.Place)
	if r.Published {
		b.publishTables(ctx, forms, p.Period.To)
	}
	if p.Picture {
		return b.sendPicture(ctx, chat, src, r)
	}
	m, err := digest.Write(ctx, src, r)
	if err != nil {
		return err
	}
	s := render.Screen{Text: m.Text, Silent: true, Rows: b.digestButtons(src, r, m)}
	for _, part := range s.Payloads() {
		if _, err := b.Client.Send(ctx, "sendMessage", chat, part); err != nil {
			return err
		}
	}
	return nil
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
			add("📋 "+render.Plain(f.Title.In(i)), digArg(false, f.ID, r.Place), 1)
		}
	}
	form := r.Form
	if form == "" && len(m.Forms) == 1 {
		form = m.Forms[0].ID
	}
	if form != "" {
		rows = append(rows, []render.Button{{Text: b.Words.Text(r.Lang, "digest.picture", nil), Data: digArg(true, form, r.Place)}})
		if !r.Published {
			rows[len(rows)-1] = append(rows[len(rows)-1], render.Button{Text: b.Words.Text(r.Lang, "digest.excel", nil), Data: verbData("export", formKey(form))})
		}
	}
	rows = append(rows, nil)
	for _, p := range m.Deeper[:min(len(m.Deeper), maxDigestButtons)] {
		name := digest.PlaceName(src, r.Lang, p)
		if len(rows[len(rows)-1]) == 0 {
			rows = rows[:len(rows)-1]
			rows = append(rows, []render.Button{{Text: name, Data: digArg(false, r.Form, p)}})
			continue
		}
		add(name, digArg(false, r.Form, p), 3)
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
		add("‹ "+digest.PlaceName(src, r.Lang, up), digArg(false, r.Form, up), 1)
	}
	return rows
}

// sendPicture draws a form's shares of a place as bars.
func (b *Bot) sendPicture(ctx context.Context, chat int64, src digest.Source, r digest.Request) error {
	c, err := digest.Chart(ctx, src, r)
	if err != nil {
		return err
	}
	if c == nil {
		s := render.Screen{Text: b.Words.HTML(r.Lang, "digest.no_indicators", nil)}
		_, err := b.Client.Send(ctx, "sendMessage", chat, s.Payloads()[0])
		return err
	}
	var png bytes.Buffer
	if err := chart.PNG(&png, c); err != nil {
		return fmt.Errorf("draw figures: %w", err)
	}
	_, err = b.Client.API().SendPhoto(ctx, &tgbot.SendPhotoParams{
		ChatID: chat, Photo: &models.InputFileUpload{Filename: "figures.png", Data: &png}, Caption: caption(chart.Alt(c)),
	})
	return b.Client.Error("sendPhoto", err)
}

// caption cuts a text to what Telegram takes with a picture.
func caption(s string) string {
	if r := []rune(s); len(r) > 1000 {
		return string(r[:999]) + "…"
	}
	return s
}
