package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/sector"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/report"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// methodReport drafts the sector report and sends it.
const methodReport = "/report"

type reportParams struct {
	Form   string `json:"form"`
	Year   int    `json:"year"`
	Lang   string `json:"lang"`
	Format string `json:"format"` // docx or md
}

// A reportOf is a report as buttons name it: "form key:year:language".
type reportOf struct {
	form *flows.Form
	year int
	lang string
}

func (r *reportOf) arg(what string, more ...string) string {
	return strings.Join(append([]string{what, formKey(r.form.ID), strconv.Itoa(r.year), r.lang}, more...), ":")
}

// reportOf reads what arg wrote; nil if there is no such form any more.
func (t *turn) reportOf(words []string) (*reportOf, error) {
	if len(words) < 3 || t.b.Drafts == nil || !t.b.Words.Has(words[2]) {
		return nil, nil
	}
	year, err := strconv.Atoi(words[1])
	if err != nil {
		return nil, nil
	}
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == words[0] })
	if f == nil || err != nil {
		return nil, err
	}
	return &reportOf{f, year, words[2]}, nil
}

// cmdReport offers the report of this year, or of the year behind the command.
func (t *turn) cmdReport(rest string) error {
	all, err := t.b.forms.all(t.ctx)
	if err != nil {
		return err
	}
	forms := sector.Forms(all)
	if len(forms) == 0 || t.b.Drafts == nil {
		t.say("report.no_form", nil)
		return nil
	}
	year := t.now.Year()
	if n, err := strconv.Atoi(render.Digits(strings.TrimSpace(rest))); err == nil && n > 1900 && n < 3000 {
		year = n
	}
	var rows [][]render.Button
	for _, f := range forms {
		r := &reportOf{f, year, t.lang}
		if len(forms) == 1 {
			t.show(t.reportMenu(r))
			return nil
		}
		rows = append(rows, []render.Button{{Text: t.title(f), Data: verbData("rep", r.arg("m"))}})
	}
	t.say("report.which", nil, rows...)
	return nil
}

// reportMenu is what can be done with a report.
func (t *turn) reportMenu(r *reportOf) render.Screen {
	button := func(key, what string) render.Button { return t.button(key, "rep", r.arg(what)) }
	rows := [][]render.Button{
		{button("report.word", "w"), button("report.markdown", "k")},
		{button("report.edit", "e"), button("report.items", "i")},
	}
	before := &reportOf{r.form, r.year - 1, r.lang}
	last := []render.Button{{Text: "‹ " + strconv.Itoa(before.year), Data: verbData("rep", before.arg("m"))}}
	for _, lang := range t.b.Words.Languages() {
		if lang != r.lang {
			other := &reportOf{r.form, r.year, lang}
			last = append(last, render.Button{Text: "🌐 " + t.b.Words.Text(lang, "language.name", nil), Data: verbData("rep", other.arg("m"))})
		}
	}
	return render.Screen{Text: t.html("report.menu", locales.Args{"Title": t.title(r.form), "Year": strconv.Itoa(r.year),
		"Language": t.b.Words.Text(r.lang, "language.name", nil)}), Rows: append(rows, last)}
}

// reportVerb does what a button of a report says.
func (t *turn) reportVerb(arg string, message int) error {
	words := strings.Split(arg, ":")
	r, err := t.reportOf(words[1:])
	if err != nil {
		return err
	}
	if r == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	more := words[4:]
	switch what := words[0]; {
	case what == "m":
		t.rewrite(message, t.reportMenu(r))
		if message == 0 {
			t.show(t.reportMenu(r))
		}
		return nil
	case what == "w", what == "k":
		format := map[string]string{"w": "docx", "k": "md"}[what]
		t.say("report.making", nil)
		return t.do(methodReport, reportParams{Form: r.form.ID, Year: r.year, Lang: r.lang, Format: format})
	case what == "e" && len(more) == 0:
		return t.chooseCell(r)
	case what == "e" && len(more) == 2:
		return t.askCell(r, more[0], more[1])
	case what == "i":
		return t.listItems(r)
	case what == "n" && len(more) == 1:
		return t.choosePart(r, more[0])
	case what == "n" && len(more) == 2:
		t.s.Awaiting = "item " + strings.Join([]string{formKey(r.form.ID), strconv.Itoa(r.year), r.lang, more[0], more[1]}, ":")
		t.say("report.item_ask", nil)
		return nil
	case what == "o" && len(more) == 1:
		return t.showItem(r, more[0])
	case what == "s" && len(more) == 2:
		return t.setItem(r, more[0], more[1])
	}
	t.refuseTap("tap.gone", nil)
	return nil
}

// sendReport drafts the report, sends it, and remembers what it offered once it
// was sent: a draft that could not be sent marks the same as new again.
func (b *Bot) sendReport(ctx context.Context, person string, chat int64, payload []byte) error {
	var p reportParams
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	who, err := b.people.get(ctx, person)
	if err != nil || who.Suspended || !mayUse("file", "report", who.Role) {
		return err
	}
	forms, err := b.forms.all(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(forms, func(f *flows.Form) bool { return f.ID == p.Form })
	if i < 0 || b.book == nil || b.Drafts == nil || b.Reviews == nil {
		return fmt.Errorf("%w: no report of %q", errJob, p.Form)
	}
	d, err := sector.Make(ctx, sector.Source{Submissions: b.Submissions, Reviews: b.Reviews, Drafts: b.Drafts, Book: b.book,
		Forms: forms, Words: b.Words, Zone: b.Zone, Now: b.now}, sector.Request{Form: forms[i], Year: p.Year, Lang: p.Lang})
	if err != nil {
		return fmt.Errorf("draft report: %w", err)
	}
	var file bytes.Buffer
	write := d.Word
	if p.Format == "md" {
		write = d.Markdown
	}
	if err := write(&file); err != nil {
		return fmt.Errorf("draft report: %w", err)
	}
	args := locales.Args{"Count": len(d.Sources), "New": d.New, "Lost": len(d.Lost)}
	caption := b.Words.HTML(p.Lang, "report.caption", args)
	if d.New > 0 {
		caption += "\n" + b.Words.HTML(p.Lang, "report.caption_new", args)
	}
	if len(d.Lost) > 0 {
		caption += "\n" + b.Words.HTML(p.Lang, "report.caption_lost", args)
	}
	name := fmt.Sprintf("report-%d-%s.%s", p.Year, p.Lang, p.Format)
	if err := b.Client.SendDocument(ctx, chat, name, &file, caption); err != nil {
		return err
	}
	return d.Keep(ctx)
}

// chooseCell asks which cell is to be edited: those of the last draft.
func (t *turn) chooseCell(r *reportOf) error {
	cells, err := t.b.Drafts.Cells(t.ctx, r.form.ID, r.year, r.lang)
	if err != nil {
		return err
	}
	if len(cells) == 0 {
		t.say("report.no_draft", nil)
		return nil
	}
	var rows [][]render.Button
	for _, row := range r.form.Programme.Report {
		if row.Text == nil || len(rows) > 0 && strings.HasPrefix(rows[len(rows)-1][0].Text, row.Section+" ") {
			continue
		}
		var line []render.Button
		for c := report.Outputs; c <= report.Challenges; c++ {
			line = append(line, render.Button{Text: row.Section + " " + t.text("report.short_"+c.String(), nil),
				Data: verbData("rep", r.arg("e", row.Section, c.String()))})
		}
		rows = append(rows, line)
	}
	rows = slices.DeleteFunc(rows, func(line []render.Button) bool { return len(line[2].Data) > render.MaxCallback })
	t.say("report.which_cell", nil, rows...)
	return nil
}

// maxCellShown is how long a cell may be to be shown, and edited, as a message.
const maxCellShown = 3500

// askCell shows a cell and waits for the text that shall stand there.
func (t *turn) askCell(r *reportOf, part, column string) error {
	c, err := t.b.cell(t.ctx, r, part, column)
	if err != nil {
		return err
	}
	t.say("report.cell", locales.Args{"Cell": part + " " + t.text("report."+column, nil)})
	text := strings.TrimSpace(c.Text)
	switch {
	case text == "":
		t.say("report.cell_empty", nil)
	case len([]rune(text)) > maxCellShown:
		t.say("report.cell_long", nil)
	default:
		t.show(render.Screen{Text: locales.Escape(text)})
	}
	t.s.Awaiting = "cell " + strings.Join([]string{formKey(r.form.ID), strconv.Itoa(r.year), r.lang, part, column, strconv.Itoa(c.Revision)}, ":")
	return nil
}

func (b *Bot) cell(ctx context.Context, r *reportOf, part, column string) (storage.DraftCell, error) {
	cells, err := b.Drafts.Cells(ctx, r.form.ID, r.year, r.lang)
	if err != nil {
		return storage.DraftCell{}, err
	}
	for _, c := range cells {
		if c.Part == part && c.Column == column {
			return c, nil
		}
	}
	return storage.DraftCell{}, nil
}

// cellAnswer puts a text into the cell that was shown: in the place of what was
// there, or below it if it begins with "+".
func (t *turn) cellAnswer(arg, text string) error {
	words := strings.Split(arg, ":")
	r, err := t.reportOf(words)
	if err != nil {
		return err
	}
	if r == nil || len(words) != 6 {
		t.say("tap.gone", nil)
		return nil
	}
	column, _ := report.ParseColumn(words[4])
	base, _ := strconv.Atoi(words[5])
	if rest, ok := strings.CutPrefix(text, "+"); ok {
		c, err := t.b.cell(t.ctx, r, words[3], words[4])
		if err != nil {
			return err
		}
		text = strings.TrimRight(c.Text, "\n") + "\n" + strings.TrimSpace(rest)
	}
	at := report.Place{Part: words[3], Column: column}
	err = sector.Edit(t.ctx, t.b.Drafts, r.form.ID, r.year, r.lang, at, text, base, t.now)
	if errors.Is(err, storage.ErrConflict) {
		t.say("report.cell_changed", nil)
		return nil
	}
	if err != nil {
		return err
	}
	t.say("report.cell_done", nil, []render.Button{t.button("report.word", "rep", r.arg("w")), t.button("report.edit", "rep", r.arg("e"))})
	return nil
}
