package bot

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	tgbot "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/calendar"
	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/tally"
)

// pictureGrid shows who reported when. The other kinds are those of package
// digest.
const pictureGrid = "grid"

// pictureSheet is published figures as a workbook.
const pictureSheet = "sheet"

// sendSheet sends published figures as a workbook.
func (b *Bot) sendSheet(ctx context.Context, chat int64, src digest.Source, r digest.Request) error {
	rows, caption, err := digest.Sheet(ctx, src, r)
	if err != nil {
		return err
	}
	if rows == nil {
		return b.sendScreen(ctx, chat, &render.Screen{Text: b.Words.HTML(r.Lang, "digest.no_table", nil)})
	}
	file, err := tables.Workbook(rows)
	if err != nil {
		return err
	}
	return b.Client.SendDocument(ctx, chat, safeName(r.Form)+"-figures.xlsx", bytes.NewReader(file), caption)
}

// sendPicture draws a form's figures of a place, with buttons for the other
// pictures that there are of it.
func (b *Bot) sendPicture(ctx context.Context, chat int64, src digest.Source, r digest.Request, kind string) error {
	draw := func(kind string) (*chart.Chart, error) {
		if kind == pictureGrid {
			return b.ReportGrid(ctx, r)
		}
		return digest.Chart(ctx, src, r, kind)
	}
	kinds := picturesOf(src, r.Form, r.Published)
	if !slices.Contains(kinds, kind) && len(kinds) > 0 {
		kind = kinds[0]
	}
	c, err := draw(kind)
	if err != nil {
		return err
	}
	if c == nil {
		s := render.Screen{Text: b.Words.HTML(r.Lang, "digest.no_indicators", nil)}
		return b.sendScreen(ctx, chat, &s)
	}
	var png bytes.Buffer
	if err := chart.PNG(&png, c); err != nil {
		return fmt.Errorf("draw figures: %w", err)
	}
	p := &tgbot.SendPhotoParams{ChatID: chat, Photo: &models.InputFileUpload{Filename: "figures.png", Data: &png}, Caption: caption(chart.Alt(c))}
	var rows [][]models.InlineKeyboardButton
	for _, k := range kinds {
		data := digArg(r, k, r.Form, r.Place)
		if k == kind || len(data) > render.MaxCallback {
			continue
		}
		button := models.InlineKeyboardButton{Text: b.Words.Text(r.Lang, "picture."+k, nil), CallbackData: data}
		if n := len(rows); n > 0 && len(rows[n-1]) < 2 {
			rows[n-1] = append(rows[n-1], button)
		} else {
			rows = append(rows, []models.InlineKeyboardButton{button})
		}
	}
	if len(rows) > 0 {
		p.ReplyMarkup = &models.InlineKeyboardMarkup{InlineKeyboard: rows}
	}
	_, err = b.Client.API().SendPhoto(ctx, p)
	return b.Client.Error("sendPhoto", err)
}

// picturesOf are the kinds of pictures that there are of a form.
func picturesOf(src digest.Source, form string, published bool) []string {
	i := slices.IndexFunc(src.Forms, func(f *flows.Form) bool { return f.ID == form })
	if i < 0 {
		return nil
	}
	kinds := digest.Pictures(src.Forms[i], published)
	if len(src.Forms[i].Programme.Calendar) > 0 && !published {
		kinds = append(kinds, pictureGrid)
	}
	return kinds
}

// caption cuts a text to what Telegram takes with a picture.
func caption(s string) string {
	if r := []rune(s); len(r) > 1000 {
		return string(r[:999]) + "…"
	}
	return s
}

// gridPeriods is how many periods the grid of reports goes back.
const gridPeriods = 6

// ReportGrid is the picture of which district of a place reported in which
// period; nil if nobody has to.
func (b *Bot) ReportGrid(ctx context.Context, r digest.Request) (*chart.Chart, error) {
	forms, err := b.forms.all(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(forms, func(f *flows.Form) bool { return f.ID == r.Form })
	if i < 0 || len(forms[i].Programme.Calendar) == 0 {
		return nil, nil
	}
	f := forms[i]
	duties := b.gridOf(f)
	if len(duties) == 0 {
		return nil, nil
	}
	lang, _ := f.Language(r.Lang)
	c := &chart.Chart{Kind: chart.Grid, Unit: chart.Numbers, Lang: r.Lang, Words: b.Words,
		Title: render.Plain(f.Title.In(lang)), Subtitle: render.Plain(duties[len(duties)-1].due.Label.In(lang))}
	var columns []map[string]cellState
	seen := map[string]bool{}
	for i := range duties {
		cells, err := b.cells(ctx, &duties[i])
		if err != nil {
			return nil, err
		}
		columns = append(columns, cells)
		for district := range cells {
			seen[district] = true
		}
		c.Columns = append(c.Columns, shortPeriod(b.Words, r.Lang, duties[i].period))
	}
	return b.gridRows(ctx, c, r, columns, seen)
}

// gridOf are the periods that the picture is about, of the first report that
// comes again and again; without one, the rounds that have begun.
func (b *Bot) gridOf(f *flows.Form) (duties []duty) {
	now := b.now()
	for i := range f.Programme.Calendar {
		d := &f.Programme.Calendar[i]
		p, more := calendar.Current(d, now)
		for d.From == "" && more && len(duties) < gridPeriods {
			duties = append(duties, duty{f, d, p})
			p, more = calendar.Before(d, p)
		}
		if d.From == "" {
			slices.Reverse(duties)
			return duties
		}
	}
	for i := range f.Programme.Calendar {
		d := &f.Programme.Calendar[i]
		if p := calendar.Of(d, now); !now.Before(p.From) {
			duties = append(duties, duty{f, d, p})
		}
	}
	slices.SortStableFunc(duties, func(a, b duty) int { return a.period.From.Compare(b.period.From) })
	return duties[max(0, len(duties)-gridPeriods):]
}

// gridRows puts a row for each district into the grid, under its province.
func (b *Bot) gridRows(ctx context.Context, c *chart.Chart, r digest.Request, columns []map[string]cellState, seen map[string]bool) (*chart.Chart, error) {
	dir, err := b.places(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string][]string{}
	for district := range seen {
		p, _ := dir.Get(district)
		if r.Place.Province == "" || r.Place.Province == p.Province {
			by[p.Province] = append(by[p.Province], district)
		}
	}
	if len(by) == 0 {
		return nil, nil
	}
	src, err := b.Source(ctx)
	if err != nil {
		return nil, err
	}
	for _, province := range sortedKeys(by) {
		if province != "" && len(by) > 1 {
			c.Rows = append(c.Rows, chart.Row{Label: digest.PlaceName(src, r.Lang, tally.Place{Province: province})})
		}
		slices.Sort(by[province])
		for _, district := range by[province] {
			row := chart.Row{Label: digest.PlaceName(src, r.Lang, tally.Place{District: district})}
			for _, cells := range columns {
				row.Figures = append(row.Figures, gridFigure(cells[district]))
			}
			c.Rows = append(c.Rows, row)
		}
	}
	return c, nil
}

func gridFigure(state cellState) chart.Figure {
	switch state {
	case cellReported, cellNothing:
		return chart.Figure{Value: 1}
	case cellLate:
		return chart.Figure{Value: 1, State: chart.Late}
	case cellMissing:
		return chart.Figure{}
	}
	return chart.Figure{State: chart.None}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
