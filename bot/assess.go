package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// officesShown is how many offices are in one message, figuresShown how many
// figures of one are beside each other: a telephone is narrow.
const (
	officesShown = 5
	figuresShown = 6
)

// assessments are the forms that assess something.
func (t *turn) assessments() (out []*flows.Form, err error) {
	all, err := t.b.forms.all(t.ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if tables.NewAssessment(f, t.b.Zone) != nil {
			out = append(out, f)
		}
	}
	return out, nil
}

// cmdAssess shows the figures of assessed offices beside those of the time
// before: of all, or of the place behind the command.
func (t *turn) cmdAssess(rest string) error {
	forms, err := t.assessments()
	if err != nil {
		return err
	}
	if len(forms) == 0 {
		t.say("assess.no_form", nil)
		return nil
	}
	place := "-"
	if rest = strings.TrimSpace(rest); rest != "" {
		if p, ok, err := t.findPlace(rest, "asm", formKey(forms[0].ID)); err != nil || !ok {
			return err
		} else {
			place = placeCode(p)
		}
	}
	if len(forms) == 1 {
		return t.showAssessment(forms[0], place, 0, 0)
	}
	var rows [][]render.Button
	for _, f := range forms {
		rows = append(rows, []render.Button{{Text: t.title(f), Data: verbData("asm", formKey(f.ID)+":"+place)}})
	}
	t.say("assess.which", nil, rows...)
	return nil
}

// assessVerb turns to a page of a form's offices, "form:place:page", or sends
// all as a workbook, "form:place:table".
func (t *turn) assessVerb(arg string, message int) error {
	words := strings.Split(arg, ":")
	forms, err := t.assessments()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(forms, func(f *flows.Form) bool { return formKey(f.ID) == words[0] })
	if i < 0 || len(words) < 2 {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if len(words) == 2 {
		return t.showAssessment(forms[i], words[1], 0, 0)
	}
	if words[2] == "table" {
		t.say("export.making", nil)
		return t.do(methodAssessment, assessmentParams{jobParams{Lang: t.lang, Form: forms[i].ID, At: t.now}, words[1]})
	}
	page, _ := strconv.Atoi(words[2])
	return t.showAssessment(forms[i], words[1], page, message)
}

// officesOf are the offices of a place that somebody may see: an officer those
// of the own district.
func (b *Bot) officesOf(ctx context.Context, a *tables.Assessment, who *storage.Person, at places.Place) ([]tables.Office, error) {
	own := who.Scope["district"]
	all := reachOf("command", "assess", who.Role) == All
	return a.Offices(ctx, b.sources(), func(s *storage.Submission) bool {
		return (all || own != "" && s.District == own) && (at.Province == "" || s.Province == at.Province) && (at.District == "" || s.District == at.District)
	})
}

// sources is where comments and assessments are read from.
func (b *Bot) sources() tables.Source {
	return struct {
		storage.Submissions
		storage.Reviews
	}{b.Submissions, b.Reviews}
}

func (t *turn) showAssessment(f *flows.Form, place string, page, message int) error {
	at, ok, err := t.readPlace(place)
	if err != nil {
		return err
	}
	if !ok {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	who, err := t.who()
	if err != nil {
		return err
	}
	a := tables.NewAssessment(f, t.b.Zone)
	offices, err := t.b.officesOf(t.ctx, a, &who, at)
	if err != nil {
		return err
	}
	if len(offices) == 0 {
		t.say("assess.none", locales.Args{"Title": t.title(f)})
		return nil
	}
	lang, _ := f.Language(t.lang)
	page = min(max(page, 0), (len(offices)-1)/officesShown)
	from := page * officesShown
	to := min(from+officesShown, len(offices))
	s := render.Screen{Text: t.html("assess.title", locales.Args{"Title": t.title(f), "Count": len(offices)})}
	for i, ind := range a.Figures {
		s.Text += "\n" + t.html("assess.figure", locales.Args{"Number": i + 1, "Label": render.Plain(ind.Label.In(lang))})
	}
	for i := range offices[from:to] {
		s.Text += "\n\n" + t.office(a, &offices[from+i], lang)
	}
	turnTo := func(text string, what string) render.Button {
		return render.Button{Text: text, Data: verbData("asm", formKey(f.ID)+":"+place+":"+what)}
	}
	var row []render.Button
	if from > 0 {
		row = append(row, turnTo("‹", strconv.Itoa(page-1)))
	}
	if to < len(offices) {
		row = append(row, turnTo("›", strconv.Itoa(page+1)))
	}
	s.Rows = [][]render.Button{append(row, turnTo(t.text("comments.table", nil), "table"))}
	if message != 0 {
		t.rewrite(message, s)
		return nil
	}
	t.show(s)
	return nil
}

// office writes an office's figures below their numbers, with those before and
// the change.
func (t *turn) office(a *tables.Assessment, o *tables.Office, lang int) string {
	args := locales.Args{"Name": a.Title(o, lang), "Place": a.Place(o, lang), "Date": t.b.Words.DateNumeric(t.lang, a.Day(o.Now))}
	key := "assess.office"
	if o.Before != nil {
		key = "assess.office_before"
		args["Before"] = t.b.Words.DateNumeric(t.lang, a.Day(o.Before))
	}
	text := t.html(key, args)
	first := 1
	for some := range slices.Chunk(a.Changes(o), figuresShown) {
		lines := make([]string, 4)
		cell := func(line int, s string) {
			if s == "" {
				s = "–"
			}
			lines[line] += fmt.Sprintf("%5s", s)
		}
		for i, c := range some {
			cell(0, strconv.Itoa(first+i)+".")
			cell(1, c.Now)
			cell(2, c.Before)
			if change := c.Change; change != "" && change != "0" && change[0] != '-' {
				cell(3, "+"+change)
			} else {
				cell(3, change)
			}
		}
		first += len(some)
		if o.Before == nil {
			lines = lines[:2]
		} else {
			lines[2] += "  " + t.text("assess.before", nil)
			lines[3] += "  " + t.text("assess.change", nil)
		}
		text += "\n<pre>" + render.Escape(strings.Join(lines, "\n")) + "</pre>"
	}
	return text
}

// methodAssessment sends the table of assessed offices.
const methodAssessment = "/assessment"

type assessmentParams struct {
	jobParams
	Place string `json:"place"`
}

func (b *Bot) sendAssessment(ctx context.Context, person string, chat int64, payload []byte) error {
	var p assessmentParams
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	who, err := b.people.get(ctx, person)
	if err != nil || who.Suspended || !mayUse("file", "assessment", who.Role) {
		return err
	}
	f, err := b.formOf(ctx, p.Form)
	if err != nil {
		return err
	}
	if f == nil || tables.NewAssessment(f, b.Zone) == nil {
		return fmt.Errorf("%w: no such form", errJob)
	}
	at, ok, err := (&turn{b: b, ctx: ctx, lang: p.Lang, now: b.now()}).readPlace(p.Place)
	if err != nil || !ok {
		return err
	}
	a := tables.NewAssessment(f, b.Zone)
	offices, err := b.officesOf(ctx, a, &who, at)
	if err != nil {
		return err
	}
	name := safeName(f.ID) + "-" + b.now().Format(time.DateOnly) + ".xlsx"
	data, err := tables.WriteFile(name, a.Table(offices, b.Words, p.Lang))
	if err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	lang, _ := f.Language(p.Lang)
	caption := b.Words.HTML(p.Lang, "assess.caption", locales.Args{"Title": render.Plain(f.Title.In(lang)), "Count": len(offices)})
	return b.Client.SendDocument(ctx, chat, name, bytes.NewReader(data), caption)
}
