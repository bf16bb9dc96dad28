package bot

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/sector"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// maxItems bounds the buttons of a list of items.
const maxItems = 30

// listItems shows what was agreed and is still open.
func (t *turn) listItems(r *reportOf) error {
	items, err := t.b.Drafts.Items(t.ctx, r.form.ID)
	if err != nil {
		return err
	}
	var rows [][]render.Button
	for _, i := range items {
		if i.State == storage.ItemOpen && len(rows) < maxItems {
			rows = append(rows, []render.Button{{Text: i.Part + " " + shorten(i.Text, 40), Data: verbData("rep", r.arg("o", i.ID))}})
		}
	}
	key := "report.items_open"
	if len(rows) == 0 {
		key = "report.items_none"
	}
	rows = append(rows, []render.Button{
		t.button("report.add_recommendation", "rep", r.arg("n", "r")), t.button("report.add_way", "rep", r.arg("n", "w")),
	})
	t.say(key, locales.Args{"Count": len(rows) - 1}, rows...)
	return nil
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// choosePart asks where in the report an item shall stand.
func (t *turn) choosePart(r *reportOf, kind string) error {
	var rows [][]render.Button
	lang, _ := r.form.Language(t.lang)
	for _, part := range partsOf(r.form) {
		data := verbData("rep", r.arg("n", kind, part))
		if len(data) <= render.MaxCallback {
			rows = append(rows, []render.Button{{Text: shorten(sector.SectionTitle(r.form, lang, part), 60), Data: data}})
		}
	}
	t.say("report.which_part", nil, rows...)
	return nil
}

// partsOf are the parts of the report that have cells.
func partsOf(f *flows.Form) []string {
	var out []string
	for _, row := range f.Programme.Report {
		if row.Text != nil && !slices.Contains(out, row.Section) {
			out = append(out, row.Section)
		}
	}
	return out
}

// itemAnswer takes what was agreed: a line each for what, who and when.
func (t *turn) itemAnswer(arg, text string) error {
	words := strings.Split(arg, ":")
	r, err := t.reportOf(words)
	if err != nil {
		return err
	}
	if r == nil || len(words) != 5 {
		t.say("tap.gone", nil)
		return nil
	}
	i := storage.Item{ID: t.b.Keys.id("item", t.s.Person, strconv.FormatInt(t.u.ID, 10))[:10], FormID: r.form.ID, Year: r.year,
		Part: words[4], Kind: storage.Recommendation, State: storage.ItemOpen, Changed: t.now}
	if words[3] == "w" {
		i.Kind = storage.WayForward
	}
	for _, line := range strings.Split(text, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		day, isDay := readDay(line)
		switch {
		case line == "":
		case isDay:
			i.Due = day
		case i.Text == "":
			i.Text = line
		case i.Owner == "":
			i.Owner = line
		default:
			i.Text += " " + line
		}
	}
	if i.Text == "" {
		t.s.Awaiting = "item " + arg
		t.say("report.item_ask", nil)
		return nil
	}
	if err := t.b.Drafts.PutItem(t.ctx, i); err != nil {
		return err
	}
	return t.sayItem(r, &i)
}

// readDay reads a line that is a day: 2027-06-30, 30/6/2027, 30.6.2027.
func readDay(line string) (time.Time, bool) {
	parts := strings.FieldsFunc(render.Digits(line), func(r rune) bool { return strings.ContainsRune("-/. ", r) })
	if len(parts) != 3 {
		return time.Time{}, false
	}
	var n [3]int
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(p); err != nil {
			return time.Time{}, false
		}
	}
	if len(parts[0]) != 4 {
		n[0], n[2] = n[2], n[0]
	}
	day := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	return day, n[0] > 1999 && n[0] < 2200 && day.Day() == n[2] && int(day.Month()) == n[1]
}

func (t *turn) item(r *reportOf, id string) (*storage.Item, error) {
	items, err := t.b.Drafts.Items(t.ctx, r.form.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(items, func(i storage.Item) bool { return i.ID == id })
	if i < 0 {
		t.refuseTap("tap.gone", nil)
		return nil, nil
	}
	return &items[i], nil
}

func (t *turn) showItem(r *reportOf, id string) error {
	i, err := t.item(r, id)
	if i == nil || err != nil {
		return err
	}
	return t.sayItem(r, i)
}

// sayItem shows an item, and what can become of it.
func (t *turn) sayItem(r *reportOf, i *storage.Item) error {
	text := t.html("report.item", locales.Args{"Part": i.Part, "Text": i.Text, "Year": strconv.Itoa(i.Year), "State": t.text("report."+stateKey(i.State), nil)})
	if i.Owner != "" {
		text += "\n" + t.html("report.item_owner", locales.Args{"Name": i.Owner})
	}
	if !i.Due.IsZero() {
		text += "\n" + t.html("report.item_due", locales.Args{"Date": t.b.Words.Date(t.lang, i.Due)})
	}
	set := func(key string, state storage.ItemState) render.Button {
		return t.button(key, "rep", r.arg("s", i.ID, string(state)))
	}
	row := []render.Button{set("report.set_done", storage.ItemDone), set("report.set_given_up", storage.ItemGivenUp)}
	if i.State != storage.ItemOpen {
		row = []render.Button{set("report.set_open", storage.ItemOpen)}
	}
	t.show(render.Screen{Text: text, Rows: [][]render.Button{row, {t.button("report.items", "rep", r.arg("i"))}}})
	return nil
}

func stateKey(s storage.ItemState) string {
	switch s {
	case storage.ItemDone:
		return "done"
	case storage.ItemGivenUp:
		return "given_up"
	}
	return "open"
}

// setItem notes what became of an item.
func (t *turn) setItem(r *reportOf, id, state string) error {
	i, err := t.item(r, id)
	if i == nil || err != nil {
		return err
	}
	switch s := storage.ItemState(state); s {
	case storage.ItemOpen, storage.ItemDone, storage.ItemGivenUp:
		i.State, i.Changed = s, t.now
	default:
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if err := t.b.Drafts.PutItem(t.ctx, *i); err != nil {
		return err
	}
	return t.sayItem(r, i)
}
