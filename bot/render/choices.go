package render

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
)

// Lists longer than onePage are shown in pages of perPage.
const (
	onePage = 10
	perPage = 8
)

// longLabel is how wide a label may be on a button of its own, in columns. A
// phone cuts what is wider, so such lists are numbered in the text.
const longLabel = 34

// choices shows a choice list: buttons, or a numbered list with number buttons.
func (v *View) choices(b *strings.Builder, s *Screen, p *flows.Prompt, page int) {
	say := func(key string) { paragraph(b, "<i>"+v.Words.HTML(v.Lang, key, nil)+"</i>") }
	from, to, pages := pageOf(len(p.Choices), page)
	shown := p.Choices[from:to]
	picked := pending(p)
	numbered := v.numbered(shown)
	if numbered {
		b.WriteByte('\n')
		for i, c := range shown {
			paragraph(b, strconv.Itoa(from+i+1)+". "+Markup(c.Label))
		}
		b.WriteByte('\n')
	}
	switch control := p.Node.Type.Control; {
	case len(p.Choices) == 0: // a cascade with a gap
		say("ask.no_choices")
	case control == "select":
		say("ask.several")
	case control == "rank":
		say("ask.rank")
	case numbered:
		say("ask.choose_number")
	}
	if pages > 1 {
		say("ask.search")
	}
	var row []Button
	width := v.perRow(p, shown, numbered)
	for i, c := range shown {
		row = append(row, v.choice(p, c, from+i+1, numbered, picked))
		if len(row) == width {
			s.Rows, row = append(s.Rows, row), nil
		}
	}
	if len(row) > 0 {
		s.Rows = append(s.Rows, row)
	}
	v.pager(s, p, page, pages)
	if p.Node.Type.Control == "rank" && len(picked) > 0 {
		v.undo(s, p, picked[len(picked)-1])
	}
	if p.Node.Type.Multiple() {
		v.done(s, p, len(picked))
	}
}

// pageOf returns which of n choices a page shows, and how many pages there are.
func pageOf(n, page int) (from, to, pages int) {
	if n <= onePage {
		return 0, n, 1
	}
	pages = (n + perPage - 1) / perPage
	page = min(max(page, 0), pages-1)
	return page * perPage, min((page+1)*perPage, n), pages
}

// PageOf returns the page on which a choice stands, by its Index.
func PageOf(p *flows.Prompt, index int) int {
	if len(p.Choices) > onePage {
		for i, c := range p.Choices {
			if c.Index == index {
				return i / perPage
			}
		}
	}
	return 0
}

// pending is what is chosen so far, in order; a first look at a question that
// was answered before shows that answer.
func pending(p *flows.Prompt) []string {
	return strings.Fields(p.Pending)
}

func (v *View) numbered(shown []flows.Choice) bool {
	for _, c := range shown {
		if c.Media.Image != "" || Columns(Plain(c.Label)) > longLabel {
			return true // a picture bears the number of its button
		}
	}
	return false
}

// perRow says how many buttons stand side by side: as the form's appearance
// wants it, else as the longest label lets them be read.
func (v *View) perRow(p *flows.Prompt, shown []flows.Choice, numbered bool) int {
	if numbered {
		return 5
	}
	widest := 0
	for _, c := range shown {
		widest = max(widest, Columns(Plain(c.Label)))
	}
	if p.Node.Appearance.Has("likert", "horizontal") && widest <= 2 && len(shown) <= maxRow {
		return len(shown) // a scale of figures or faces
	}
	if p.Node.Appearance.Has("likert", "list", "horizontal") {
		return 1 // a scale is read from top to bottom
	}
	if p.Node.Type.Multiple() {
		widest += 2
	}
	fits := 1
	switch {
	case widest <= 3:
		fits = 5
	case widest <= 10:
		fits = 3
	case widest <= 17:
		fits = 2
	}
	for _, w := range p.Node.Appearance {
		n, ok := strings.CutPrefix(w, "columns-")
		if !ok { // older names of the same
			n = strings.TrimPrefix(strings.TrimPrefix(w, "quick"), "compact")
			n, ok = strings.CutPrefix(n, "-")
		}
		if k, err := strconv.Atoi(n); ok && err == nil && k >= 1 {
			return min(k, max(fits, 2), maxRow)
		}
	}
	return fits
}

func (v *View) choice(p *flows.Prompt, c flows.Choice, number int, numbered bool, picked []string) Button {
	label := Plain(c.Label)
	if label == "" {
		label = c.Name
	}
	if numbered {
		label = strconv.Itoa(number)
	}
	at := slices.Index(picked, c.Name)
	switch p.Node.Type.Control {
	case "select":
		if at >= 0 {
			return Button{Text: "✅ " + label, Data: v.data(p, Unset, c.Index)}
		}
		return Button{Text: "⬜ " + label, Data: v.data(p, Set, c.Index)}
	case "rank":
		if at >= 0 {
			return Button{Text: strconv.Itoa(at+1) + ". " + label, Data: v.data(p, Unset, c.Index)}
		}
		return Button{Text: label, Data: v.data(p, Set, c.Index)}
	}
	if p.Value == c.Name {
		label = "• " + label
	}
	return Button{Text: label, Data: v.data(p, Choose, c.Index)}
}

func (v *View) pager(s *Screen, p *flows.Prompt, page, pages int) {
	if pages < 2 {
		return
	}
	page = min(max(page, 0), pages-1)
	label := v.Words.Text(v.Lang, "ask.page", locales.Args{"Page": page + 1, "Pages": pages})
	s.Rows = append(s.Rows, []Button{
		v.button(p, "ask.prev_page", Page, (page+pages-1)%pages),
		{Text: label, Data: v.data(p, Wait, 0)},
		v.button(p, "ask.next_page", Page, (page+1)%pages),
	})
}

// undo takes the choice that was ranked last out again.
func (v *View) undo(s *Screen, p *flows.Prompt, last string) {
	for _, c := range p.Choices {
		if c.Name == last {
			s.Rows = append(s.Rows, []Button{v.button(p, "ask.undo", Unset, c.Index)})
		}
	}
}

// done ends several choices. With none chosen it is the way to skip.
func (v *View) done(s *Screen, p *flows.Prompt, n int) {
	switch {
	case n > 0:
		label := v.Words.Text(v.Lang, "ask.done_count", locales.Args{"Count": n})
		s.Rows = append(s.Rows, []Button{{Text: label, Data: v.data(p, Done, 0)}})
	case p.Required && len(p.Choices) == 0: // there is nothing to press Done for
	case p.Required:
		s.Rows = append(s.Rows, []Button{v.button(p, "ask.done", Done, 0)})
	default:
		s.Rows = append(s.Rows, []Button{v.button(p, "ask.skip", Skip, 0)})
	}
}

// Found shows the choices that fit what was typed, as buttons. heading is HTML.
func (v *View) Found(p *flows.Prompt, found []flows.Choice, heading string) Screen {
	q := *p
	q.Choices = found[:min(len(found), onePage)]
	var s Screen
	var b strings.Builder
	paragraph(&b, heading)
	picked, numbered := pending(p), v.numbered(q.Choices)
	for i, c := range q.Choices {
		number := i + 1
		if numbered {
			paragraph(&b, strconv.Itoa(number)+". "+Markup(c.Label))
		}
		s.Rows = append(s.Rows, []Button{v.choice(p, c, number, numbered, picked)})
	}
	s.Rows = append(s.Rows, []Button{v.button(p, "ask.show_all", Show, 0)})
	s.Text = b.String()
	return s
}

// Search returns the choices whose label, in any of the form's languages,
// contains a text. Lao has no spaces between words, so it is looked for inside;
// marks and case do not count.
func Search(f *flows.Form, p *flows.Prompt, text string) []flows.Choice {
	want := Fold(text)
	if want == "" {
		return nil
	}
	var found []flows.Choice
	for _, c := range p.Choices {
		hit := strings.Contains(Fold(Plain(c.Label)), want)
		if l := p.Node.List; !hit && l != nil && c.Index < len(l.Choices) && l.Choices[c.Index].Name == c.Name {
			for lang := range f.Languages {
				hit = hit || strings.Contains(Fold(Plain(l.Choices[c.Index].Label.In(lang))), want)
			}
		}
		if hit {
			found = append(found, c)
		}
	}
	return found
}

// Fold brings a text to what people look for: without case, accents, tone
// marks, spaces and marks of punctuation, which people leave out or write in
// another order, and with one of several spellings of Lao.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r) && !vowel(r), unicode.IsSpace(r), unicode.Is(unicode.Cf, r),
			unicode.IsPunct(r):
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return spellings.Replace(b.String())
}

// spellings maps what is written in several ways to one. NFKD has taken apart
// ໜ, ໝ and ຳ by then.
var spellings = strings.NewReplacer(
	"ເເ", "ແ", // two e for one ae
	"ຫລ", "ຫຼ", "ຣ", "ລ", "ຫຣ", "ຫຼ", // l and r, which older spelling keeps apart
	"ຢ", "ຍ", // y, at the head of a word and within
	"ັຽ", "ຽ", "ັຍ", "ຽ", "ໄຍ", "ໄ", "ໃ", "ໄ", // vowels that sound alike
	"ໆ", "",
)

// vowel tells the Lao and Thai vowels that are marks to Unicode: without them
// another word is meant, unlike the tone marks.
func vowel(r rune) bool {
	return r >= 0x0EB1 && r <= 0x0EBC || r == 0x0ECD || r >= 0x0E31 && r <= 0x0E3A
}

// Columns is how wide a text is, in columns of Latin letters: marks above and
// below count nothing, East Asian letters and emoji two.
func Columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana), r >= 0x1F000:
			n += 2
		default:
			n++
		}
	}
	return n
}
