package render

import (
	"regexp"
	"strings"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
)

// A View is all that a prompt's look depends on beside the prompt.
type View struct {
	Words     *locales.Catalogue
	Lang      string // of the bot's words
	Form      *flows.Form
	FormLang  int // of the form's, index into Form.Languages
	Nonce     string
	Revision  uint32
	Now       time.Time // in the respondent's zone
	Back      bool      // there is a question before
	Languages bool      // offer the form's other languages below the question
	Pieces    int       // files sent so far, where a repeat asks for nothing but one
	Limit     int64     // how large a file may be, in bytes; 0: nothing is said
}

// Prompt shows a prompt. page is the page of a long list of choices, from 0.
func (v *View) Prompt(p *flows.Prompt, page int) Screen {
	var s Screen
	var b strings.Builder
	v.head(&b, p)
	switch p.Kind {
	case flows.AskRepeat:
		v.repeat(&b, &s, p)
	case flows.Stop:
		v.stop(&b, p)
		paragraph(&b, "<i>"+v.Words.HTML(v.Lang, "ask.stop", nil)+"</i>")
	case flows.Ask:
		v.question(&b, &s, p, page)
	}
	v.lastRow(&s, p)
	s.Text = strings.TrimSpace(b.String())
	if s.Text == "" {
		s.Text = "…" // Telegram takes no empty message; a form may have no label
	}
	return s
}

// paragraph writes a line of its own, unless it is empty.
func paragraph(b *strings.Builder, html string) {
	if html = strings.TrimSpace(html); html == "" {
		return
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(html)
}

// head writes where in the form this is, and the notes on the way.
func (v *View) head(b *strings.Builder, p *flows.Prompt) {
	var where []string
	// a consent question hides the rest of the form: "1/1" would mislead
	if p.Total > 2 && p.Kind != flows.Stop {
		where = append(where, v.progress(p.Done, p.Total))
	}
	section := ""
	if n := len(p.Groups); n > 0 {
		if section = Markup(p.Groups[n-1]); strings.TrimSpace(dropTags(section)) == "" {
			section = ""
		}
	}
	earlier := p.NotesBefore()
	if section != "" && earlier == 0 {
		where = append(where, section)
	}
	paragraph(b, strings.Join(where, " · "))
	for _, n := range p.Notes[:earlier] {
		v.note(b, n)
	}
	if earlier > 0 {
		b.WriteByte('\n')
		paragraph(b, section)
	}
	for _, n := range p.Notes[earlier:] {
		v.note(b, n)
	}
	if len(p.Notes) > earlier {
		b.WriteByte('\n')
	}
}

// Note is a note that no question follows.
func (v *View) Note(n flows.Note) Screen {
	var b strings.Builder
	v.note(&b, n)
	return Screen{Text: strings.TrimSpace(b.String())}
}

func (v *View) note(b *strings.Builder, n flows.Note) {
	paragraph(b, Markup(n.Label))
	if n.Hint != "" {
		paragraph(b, "<i>"+Markup(n.Hint)+"</i>")
	}
	if n.Node != nil && n.Value != "" {
		paragraph(b, "<b>"+v.shownValue(n)+"</b>")
	}
}

// stop writes what the stop sign itself says, which tells what to change.
func (v *View) stop(b *strings.Builder, p *flows.Prompt) {
	paragraph(b, bold(Markup(p.Label)))
	if p.Hint != "" {
		paragraph(b, "<i>"+Markup(p.Hint)+"</i>")
	}
}

// shownValue is the answer of a read-only question as HTML: labels of choices with
// the author's mark-up, other values as the language writes them.
func (v *View) shownValue(n flows.Note) string {
	if n.Node.Type.Select() {
		return Markup(n.Value)
	}
	return Escape(v.Value(n.Node, n.Value))
}

func (v *View) progress(done, total int) string {
	const cells = 8
	full := min(done*cells/total, cells)
	return v.Words.HTML(v.Lang, "ask.progress", locales.Args{"Done": min(done+1, total), "Total": total}) +
		" " + strings.Repeat("▓", full) + strings.Repeat("░", cells-full)
}

func bold(html string) string {
	if strings.TrimSpace(html) == "" {
		return ""
	}
	return "<b>" + html + "</b>"
}

// longQuestion is how wide a label may be to be shown in bold, and guidance to
// be shown unfolded.
const longQuestion = 240

func (v *View) question(b *strings.Builder, s *Screen, p *flows.Prompt, page int) {
	if label := Markup(p.Label); Columns(label) > longQuestion {
		paragraph(b, label) // a page in bold is hard to read
	} else {
		paragraph(b, bold(label))
	}
	if p.Label == "" {
		paragraph(b, "<b>"+Escape(p.Node.Name)+"</b>")
	}
	if p.Hint != "" {
		paragraph(b, "<i>"+Markup(p.Hint)+"</i>")
	}
	if guidance := Markup(p.Guidance); Columns(guidance) > longQuestion {
		// Telegram shows three lines of it, and the rest when it is tapped
		paragraph(b, "<blockquote expandable>"+guidance+"</blockquote>")
	} else if guidance != "" {
		paragraph(b, "<i>"+guidance+"</i>")
	}
	say := func(key string, args locales.Args) {
		if Plain(p.Label) != v.Words.Text(v.Lang, key, args) {
			paragraph(b, "<i>"+v.Words.HTML(v.Lang, key, args)+"</i>")
		}
	}
	switch p.Node.Type.Control {
	case "select1", "select", "rank":
		v.choices(b, s, p, page)
	case "range":
		v.numbers(s, p, say)
	case "trigger":
		s.Rows = append(s.Rows, []Button{v.button(p, "ask.acknowledge", Yes, 0)})
	case "upload":
		v.media(p, say)
	default:
		v.typed(s, p, say)
	}
	if p.Value != "" && p.Pending == "" && p.Node.Type.Control != "select" {
		say("ask.current", locales.Args{"Value": shorten(v.Shown(p, p.Value), 40)})
		s.Rows = append(s.Rows, []Button{{Text: v.KeepLabel(p), Data: v.data(p, Keep, 0)}})
	}
}

// KeepLabel is what the button says that leaves an answer as it stands.
func (v *View) KeepLabel(p *flows.Prompt) string {
	return v.Words.Text(v.Lang, "ask.keep", locales.Args{"Value": shorten(v.Shown(p, p.Value), 24)})
}

// About tells what a button stands for that only shows something: a page's
// number, a day of the week.
func (v *View) About(p *flows.Prompt) string {
	switch {
	case p.Node == nil || p.Node.Type.Select():
		return v.Words.Text(v.Lang, "ask.search", nil)
	case p.Node.Type.Name == "dateTime":
		return v.Words.Text(v.Lang, "ask.date_time", locales.Args{"Example": v.Example(p.Node)})
	}
	return v.Words.Text(v.Lang, "ask.date", locales.Args{"Example": v.Example(p.Node)})
}

// typed says how to write what has no buttons, and offers what can be pressed.
func (v *View) typed(s *Screen, p *flows.Prompt, say func(string, locales.Args)) {
	switch p.Node.Type.Name {
	case "date":
		say([]string{"ask.date", "ask.month", "ask.year"}[partOf(p.Node)], locales.Args{"Example": v.Example(p.Node)})
		s.Rows = append(s.Rows, v.days(p)...)
	case "dateTime":
		say("ask.date_time", locales.Args{"Example": v.Example(p.Node)})
		s.Rows = append(s.Rows, []Button{v.button(p, "ask.now", Now, 0)})
		s.Rows = append(s.Rows, v.days(p)...)
	case "time":
		say("ask.time", locales.Args{"Example": v.Example(p.Node)})
		s.Rows = append(append(s.Rows, []Button{v.button(p, "ask.now", Now, 0)}), v.clock(p, 0)...)
	case "geopoint":
		say("ask.location", nil)
	case "geotrace", "geoshape":
		say("ask.points", nil)
		if n := len(strings.FieldsFunc(p.Pending, func(r rune) bool { return r == ';' })); n > 0 {
			say("ask.points_count", locales.Args{"Count": n})
			label := v.Words.Text(v.Lang, "ask.done_count", locales.Args{"Count": n})
			s.Rows = append(s.Rows, []Button{{Text: label, Data: v.data(p, Done, 0)}})
		}
	case "barcode":
		say("ask.barcode", nil)
	case "text":
		// officers know; a line under each of their many questions only tires
		if a := v.Form.Settings.Audience; p.Hint == "" && (a == "" || a == "citizen") && !p.Node.Appearance.Has("numbers") {
			say("ask.text", nil)
		}
	}
}

// Example writes the present moment as a person may type it for a question.
func (v *View) Example(n *flows.Node) string {
	switch n.Type.Name {
	case "time":
		return v.Now.Format("15:04")
	case "dateTime":
		return v.Words.DateNumeric(v.Lang, v.Now) + " " + v.Now.Format("15:04")
	}
	switch partOf(n) {
	case onlyMonth:
		return v.Now.Format("01/2006")
	case onlyYear:
		return v.Now.Format("2006")
	}
	return v.Words.DateNumeric(v.Lang, v.Now)
}

func (v *View) media(p *flows.Prompt, say func(string, locales.Args)) {
	key := map[string]string{"image": "ask.photo", "audio": "ask.audio", "video": "ask.video"}[p.Node.Type.Media]
	if key == "" {
		key = "ask.file"
	}
	if p.Node.Appearance.Has("signature") {
		key = "ask.signature"
	}
	say(key, nil)
	if m := p.Node.Type.Media; m != "image" && v.Limit > 0 {
		say("ask.limit", locales.Args{"Size": v.Words.Size(v.Lang, v.Limit)})
	}
}

func (v *View) repeat(b *strings.Builder, s *Screen, p *flows.Prompt) {
	if v.Pieces > 0 { // an album: the next picture is answer enough
		paragraph(b, "<b>"+v.Words.HTML(v.Lang, "ask.more_files", nil)+"</b>")
		label := v.Words.Text(v.Lang, "ask.done_count", locales.Args{"Count": v.Pieces})
		s.Rows = append(s.Rows, []Button{{Text: label, Data: v.data(p, No, 0)}})
		return
	}
	if label := strings.TrimSpace(p.Label); label != "" {
		paragraph(b, "<b>"+v.Words.HTML(v.Lang, "ask.repeat", locales.Args{"Label": locales.Safe(Markup(label))})+"</b>")
	} else {
		paragraph(b, "<b>"+v.Words.HTML(v.Lang, "ask.repeat_unnamed", nil)+"</b>")
	}
	s.Rows = append(s.Rows, []Button{v.button(p, "ask.repeat_yes", Yes, 0), v.button(p, "ask.repeat_no", No, 0)})
}

// lastRow has the ways out: back, skip, another language.
func (v *View) lastRow(s *Screen, p *flows.Prompt) {
	if v.Languages && len(v.Form.Languages) > 1 && len(v.Form.Languages) <= 12 {
		var row []Button
		for i, l := range v.Form.Languages {
			if i == v.FormLang || l.Bare {
				continue
			}
			row = append(row, Button{Text: "🌐 " + l.Label(), Data: v.data(p, Language, i)})
			if len(row) == 3 {
				s.Rows, row = append(s.Rows, row), nil
			}
		}
		if len(row) > 0 {
			s.Rows = append(s.Rows, row)
		}
	}
	var row []Button
	if v.Back {
		row = append(row, v.button(p, "ask.back", Back, 0))
	}
	if p.Kind == flows.Ask && !p.Required && p.Node.Type.Control != "select" && p.Node.Type.Control != "rank" {
		row = append(row, v.button(p, "ask.skip", Skip, 0))
	}
	if len(row) > 0 {
		s.Rows = append(s.Rows, row)
	}
}

// AskLocation is the message that follows a question for a place: a reply
// keyboard can ask the phone for it, and a message has only one keyboard.
func (v *View) AskLocation() Screen {
	label := v.Words.Text(v.Lang, "ask.send_location", nil)
	return Screen{Text: "📍", Ask: []ReplyButton{{Text: label, Location: true}}, Hint: label}
}

// Locates reports whether the prompt is shown with AskLocation.
func Locates(p *flows.Prompt) bool {
	if p == nil || p.Kind != flows.Ask {
		return false
	}
	switch p.Node.Type.Name {
	case "geopoint", "geotrace", "geoshape":
		return true
	}
	return false
}

// Points is how many points a trace or a shape needs of which some were sent; 0
// of other questions.
func Points(p *flows.Prompt) int {
	switch {
	case !Locates(p) || p.Pending == "":
		return 0
	case p.Node.Type.Name == "geoshape":
		return 3
	}
	return 2
}

func (v *View) data(p *flows.Prompt, a Action, arg int) string {
	return Callback{Nonce: v.Nonce, Revision: v.Revision, Place: PlaceOf(p.At), Action: a, Arg: arg}.String()
}

func (v *View) button(p *flows.Prompt, key string, a Action, arg int) Button {
	return Button{Text: v.Words.Text(v.Lang, key, nil), Data: v.data(p, a, arg)}
}

// Shown writes a stored value as a person reads it: labels of choices, dates
// and numbers as the language writes them.
func (v *View) Shown(p *flows.Prompt, value string) string {
	switch p.Node.Type.Control {
	case "select1", "select", "rank":
		names := []string{value}
		if p.Node.Type.Multiple() {
			names = strings.Fields(value)
		}
		for i, name := range names {
			for _, c := range p.Choices {
				if c.Name == name {
					names[i] = Plain(c.Label)
				}
			}
		}
		return strings.Join(names, ", ")
	}
	return v.Value(p.Node, value)
}

// Value writes a stored value of a question without choices.
func (v *View) Value(n *flows.Node, value string) string {
	if n.Type == nil || value == "" {
		return value
	}
	word := func(key string) string { return v.Words.Text(v.Lang, key, nil) }
	switch n.Type.Name {
	case "date":
		if t, err := time.Parse(time.DateOnly, value[:min(10, len(value))]); err == nil {
			switch partOf(n) {
			case onlyMonth:
				return v.Words.MonthYear(v.Lang, t)
			case onlyYear:
				return t.Format("2006")
			}
			return v.Words.Date(v.Lang, t)
		}
	case "dateTime":
		if t, err := time.Parse(time.RFC3339, value); err == nil {
			return v.Words.DateTime(v.Lang, t.In(v.Now.Location()))
		}
	case "time":
		return value[:min(5, len(value))]
	case "image":
		return word("answer.photo")
	case "audio":
		return word("answer.audio")
	case "video":
		return word("answer.video")
	case "file":
		return word("answer.file")
	case "geopoint":
		return word("answer.location")
	case "geotrace":
		return v.Words.Text(v.Lang, "answer.points", locales.Args{"Count": strings.Count(value, ";") + 1})
	case "geoshape": // the first point ends it, too
		return v.Words.Text(v.Lang, "answer.points", locales.Args{"Count": strings.Count(value, ";")})
	case "acknowledge":
		return "✓"
	case "integer", "decimal", "range":
		return v.figure(value)
	case "text":
		if spoken.MatchString(value) {
			return word("answer.audio")
		}
	case "barcode":
		if pictured.MatchString(value) {
			return word("answer.photo")
		}
	}
	return value
}

// spoken and pictured match the names that Read gives to files, where they stand
// for a text.
var (
	spoken   = regexp.MustCompile(`^audio-[0-9A-Za-z_-]{16}\.[a-z0-9]+$`)
	pictured = regexp.MustCompile(`^image-[0-9A-Za-z_-]{16}\.[a-z0-9]+$`)
)

func (v *View) weekday(d time.Weekday) string {
	if short := strings.Split(v.Words.Text(v.Lang, "format.weekdays_short", nil), "|"); len(short) == 7 {
		return short[d]
	}
	return v.Words.Weekday(v.Lang, d)
}
