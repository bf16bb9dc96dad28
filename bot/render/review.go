package render

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
)

// PerReview is how many answers a page of the review card has.
const PerReview = 10

// Review is the card with all answers, each with a button to change it, and the
// button that sends the form. complete is false while questions are still open:
// then it can be looked at but not sent.
func (v *View) Review(answers []flows.Answered, page int, complete bool) Screen {
	var s Screen
	var b strings.Builder
	pages := max((len(answers)+PerReview-1)/PerReview, 1)
	page = min(max(page, 0), pages-1)
	title := "review.title"
	if pages > 1 {
		title = "review.title_page"
	}
	paragraph(&b, v.Words.HTML(v.Lang, title, locales.Args{"Page": page + 1, "Pages": pages}))
	if len(answers) == 0 {
		paragraph(&b, v.Words.HTML(v.Lang, "review.none", nil))
	}
	from := page * PerReview
	to := min(from+PerReview, len(answers))
	group := ""
	var row []Button
	for i, a := range answers[from:to] {
		if a.Group != group && a.Group != "" {
			paragraph(&b, "\n<b>"+Markup(a.Group)+"</b>")
		}
		group = a.Group
		paragraph(&b, strconv.Itoa(from+i+1)+". "+Escape(ask(a))+v.answer(a))
		if a.Fixed {
			continue
		}
		row = append(row, Button{Text: "✏️ " + strconv.Itoa(from+i+1), Data: v.at(a.At, Change, 0)})
		if len(row) == 5 {
			s.Rows, row = append(s.Rows, row), nil
		}
	}
	if len(row) > 0 {
		s.Rows = append(s.Rows, row)
	}
	if pages > 1 {
		nobody := flows.Position{}
		s.Rows = append(s.Rows, []Button{
			{Text: v.Words.Text(v.Lang, "ask.prev_page", nil), Data: v.at(nobody, Review, (page+pages-1)%pages)},
			{Text: v.Words.Text(v.Lang, "ask.next_page", nil), Data: v.at(nobody, Review, (page+1)%pages)},
		})
	}
	if complete {
		b.WriteString("\n\n" + v.Words.HTML(v.Lang, "review.ask", nil))
		s.Rows = append(s.Rows, []Button{{Text: v.Words.Text(v.Lang, "review.submit", nil), Data: v.at(flows.Position{}, Submit, 0), Style: "success"}})
	} else {
		s.Rows = append(s.Rows, []Button{{Text: v.Words.Text(v.Lang, "form.continue", nil), Data: v.at(flows.Position{}, Show, 0)}})
	}
	s.Text = b.String()
	return s
}

// ask is an answer's question in one line, ready for the answer to follow.
func ask(a flows.Answered) string {
	s := Plain(a.Label)
	if s == "" && a.Node != nil {
		s = a.Node.Name
	}
	return Question(s)
}

// Question is a question in one line, ready for the answer to follow: of a long
// text, as of consent, the end, where the question is.
func Question(s string) string {
	if Columns(s) > 120 {
		if i := strings.LastIndexAny(strings.TrimRight(s, ".?!"), ".?!"); i > 0 && len(s)-i > 8 {
			s = strings.TrimSpace(s[i+1:])
		}
	}
	s = strings.TrimRight(shorten(s, 120), ":. ")
	if strings.HasSuffix(s, "?") {
		return s + " "
	}
	return s + ": "
}

// Recalled is an answer in one line, to remind of it. It is HTML.
func (v *View) Recalled(a flows.Answered) string {
	return "✅ " + Escape(ask(a)) + v.answer(a)
}

func (v *View) answer(a flows.Answered) string {
	shown := a.Shown
	if a.Node != nil && a.Node.Type != nil && a.Shown == a.Value && !a.Node.Type.Select() {
		shown = v.Value(a.Node, a.Value)
	}
	if a.Node != nil && a.Node.Type != nil && a.Node.Type.Select() {
		shown = Plain(shown)
	}
	shown = shorten(strings.Join(strings.Fields(shown), " "), 200)
	if shown == "" {
		return "<i>" + v.Words.HTML(v.Lang, "answer.none", nil) + "</i>"
	}
	out := "<b>" + Escape(shown) + "</b>"
	if a.Fixed {
		out += " " + v.Words.HTML(v.Lang, "review.fixed", nil)
	}
	return out
}

func (v *View) at(p flows.Position, a Action, arg int) string {
	return Callback{Nonce: v.Nonce, Revision: v.Revision, Place: PlaceOf(p), Action: a, Arg: arg}.String()
}

// Answered is what becomes of a question's message once it is answered: one
// line, and a button to change the answer.
func (v *View) Answered(p *flows.Prompt, shown string) Screen {
	label := Plain(p.Label)
	if label == "" {
		label = p.Node.Name
	}
	text := "✅ " + Escape(Question(label))
	s := Screen{Rows: [][]Button{{{Text: "✏️ " + v.Words.Text(v.Lang, "ask.change", nil), Data: v.at(p.At, Change, 0)}}}}
	if shown = shorten(strings.Join(strings.Fields(shown), " "), 120); shown != "" {
		s.Text = text + "<b>" + Escape(shown) + "</b>"
	} else {
		s.Text = text + "<i>" + v.Words.HTML(v.Lang, "answer.skipped", nil) + "</i>"
	}
	return s
}

// Confirm asks whether a stored date is meant, written out.
func (v *View) Confirm(p *flows.Prompt, value string) Screen {
	yes := v.button(p, "button.yes", Date, 0)
	if day, err := time.Parse(time.DateOnly, value); err == nil {
		yes.Data = v.data(p, Date, dayArg(day))
	} else if t, err := time.Parse(time.RFC3339, value); err == nil {
		t = t.In(v.Now.Location())
		yes.Data = v.data(p, Minute, dayArg(t)*10000+t.Hour()*100+t.Minute())
	}
	return Screen{
		Text: v.Words.HTML(v.Lang, "ask.buddhist", locales.Args{"Date": v.Value(p.Node, value)}),
		Rows: [][]Button{{yes, v.button(p, "button.no", Show, 0)}},
	}
}

var buddhist = regexp.MustCompile(`(?:^|[^0-9])2[4-6][0-9]{2}(?:[^0-9]|$)`)

// Buddhist reports whether a text has a year of the Buddhist era in it.
func Buddhist(text string) bool { return buddhist.MatchString(Digits(text)) }

// Digits writes Lao and Thai digits as 0 to 9.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x0ED0 && r <= 0x0ED9:
			return r - 0x0ED0 + '0'
		case r >= 0x0E50 && r <= 0x0E59:
			return r - 0x0E50 + '0'
		}
		return r
	}, s)
}
