package bot

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// commentsShown is how many comments are listed in one message.
const commentsShown = 8

// cmdComments lists the comments that nobody responded to yet, of the one form
// that takes comments, or of one that is chosen.
func (t *turn) cmdComments(string) error {
	all, err := t.b.forms.all(t.ctx)
	if err != nil {
		return err
	}
	var rows [][]render.Button
	var form *flows.Form
	for _, f := range all {
		if f.Settings.Comments != "" {
			form = f
			rows = append(rows, []render.Button{{Text: t.title(f), Data: verbData("com", "list:"+formKey(f.ID))}})
		}
	}
	switch {
	case form == nil || t.b.Reviews == nil:
		t.say("comments.no_form", nil)
		return nil
	case len(rows) == 1:
		return t.listComments(form, false, 0, 0)
	}
	t.say("comments.which", nil, rows...)
	return nil
}

// commentVerb does what the buttons of comments say: "list:form", "all:form:page",
// "open:form:page", "table:form", and with the submission and the number of a
// comment "see", "write", "yes", "partly" and "no".
func (t *turn) commentVerb(arg string, message int) error {
	words := strings.Split(arg, ":")
	gone := func() error { t.refuseTap("tap.gone", nil); return nil }
	if t.b.Reviews == nil || len(words) < 2 {
		return gone()
	}
	n := 0
	if len(words) > 2 {
		n, _ = strconv.Atoi(words[2])
	}
	what := words[0]
	switch what {
	case "list", "all", "open", "table":
		f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == words[1] })
		if err != nil {
			return err
		}
		if f == nil || f.Settings.Comments == "" {
			return gone()
		}
		if what == "table" {
			t.say("export.making", nil)
			return t.do(methodMatrix, jobParams{Lang: t.lang, Form: f.ID, At: t.now})
		}
		if what == "list" {
			message = 0
		}
		return t.listComments(f, what == "all", n, message)
	}
	f, c, err := t.comment(words[1], n)
	if err != nil {
		return err
	}
	if c == nil {
		return gone()
	}
	switch what {
	case "see":
		return t.showComment(f, c, 0)
	case "write":
		t.s.Awaiting = "respond " + words[1] + ":" + strconv.Itoa(n)
		t.say("comments.write", locales.Args{"ID": c.ID()})
		return nil
	case string(tables.Yes), string(tables.Partly), string(tables.No):
		return t.respond(f, c, tables.Response{Text: c.Text, Taken: tables.Taken(what)}, message)
	}
	return gone()
}

// comment is a comment of a submission, with the form as published now; nil if
// there is none.
func (t *turn) comment(submission string, number int) (*flows.Form, *tables.Comment, error) {
	s, err := t.b.Submissions.Get(t.ctx, submission)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !s.Withdrawn.IsZero() {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("look up submission: %w", err)
	}
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return v.FormID == s.FormID })
	if err != nil || f == nil {
		return nil, nil, err
	}
	steps, err := t.b.Reviews.Steps(t.ctx, s.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("look up steps: %w", err)
	}
	all := tables.Comments(f, &s, steps)
	if number < 1 || number > len(all) {
		return nil, nil, nil
	}
	return f, &all[number-1], nil
}

// listComments lists comments, a page of them: the open ones, or all.
func (t *turn) listComments(f *flows.Form, closed bool, page, message int) error {
	all, err := tables.AllComments(t.ctx, t.b.sources(), f)
	if err != nil {
		return err
	}
	var listed []*tables.Comment
	open := 0
	for i := range all {
		if all[i].Taken == tables.Open {
			open++
		} else if !closed {
			continue
		}
		listed = append(listed, &all[i])
	}
	page = min(max(page, 0), max(0, len(listed)-1)/commentsShown)
	from := page * commentsShown
	to := min(from+commentsShown, len(listed))
	s := render.Screen{Text: t.html("comments.title", locales.Args{"Title": t.title(f), "Count": len(all), "Open": open})}
	for i, c := range listed[from:to] {
		s.Text += "\n" + t.html("comments.item", locales.Args{"Number": from + i + 1, "Name": t.name(c.Submission),
			"State": t.taken(c.Taken), "Text": shorten(t.aboutComment(f, c), 100)})
		b := render.Button{Text: c.ID(), Data: commentData("see", c)}
		if n := len(s.Rows); i%2 == 1 {
			s.Rows[n-1] = append(s.Rows[n-1], b)
		} else {
			s.Rows = append(s.Rows, []render.Button{b})
		}
	}
	which, other, key := "open", "all", "comments.all"
	if closed {
		which, other, key = "all", "open", "comments.open"
	}
	turnTo := func(text, what string, page int) render.Button {
		return render.Button{Text: text, Data: verbData("com", what+":"+formKey(f.ID)+":"+strconv.Itoa(page))}
	}
	var row []render.Button
	if from > 0 {
		row = append(row, turnTo("‹", which, page-1))
	}
	if to < len(listed) {
		row = append(row, turnTo("›", which, page+1))
	}
	if open < len(all) {
		row = append(row, turnTo(t.text(key, nil), other, 0))
	}
	row = append(row, t.button("comments.table", "com", "table:"+formKey(f.ID)))
	s.Rows = append(s.Rows, row)
	if message != 0 {
		t.rewrite(message, s)
		return nil
	}
	t.show(s)
	return nil
}

func commentData(what string, c *tables.Comment) string {
	return verbData("com", what+":"+c.Submission.ID+":"+strconv.Itoa(c.Number))
}

// aboutComment is what a comment says, in one line: its answers in people's own
// words, the longest first heard.
func (t *turn) aboutComment(f *flows.Form, c *tables.Comment) string {
	lang, _ := f.Language(t.lang)
	_, inside := tables.Questions(f)
	out := ""
	for _, n := range inside {
		if v := tables.Shown(n, c.Answer(n, true), lang); n.List == nil && n.Type.Name == "text" && len(v) > len(out) {
			out = v
		}
	}
	return strings.Join(strings.Fields(out), " ")
}

// TakenWord is the word for whether a comment was taken up.
func TakenWord(words *locales.Catalogue, lang string, k tables.Taken) string {
	return words.Text(lang, "comments.taken_"+cmp.Or(string(k), "open"), nil)
}

// TakenWords gives the words for it in all languages of the bot's.
func TakenWords(words *locales.Catalogue) func(tables.Taken) []string {
	return func(k tables.Taken) (out []string) {
		for _, lang := range words.Languages() {
			out = append(out, TakenWord(words, lang, k))
		}
		return out
	}
}

func (t *turn) taken(k tables.Taken) string { return TakenWord(t.b.Words, t.lang, k) }

// showComment shows a comment with all that was responded to it.
func (t *turn) showComment(f *flows.Form, c *tables.Comment, message int) error {
	lang, _ := f.Language(t.lang)
	v := &render.View{Words: t.b.Words, Lang: t.lang, Form: f, FormLang: lang, Now: t.now}
	text := t.html("comments.head", locales.Args{"ID": c.ID(), "Date": t.b.Words.Date(t.lang, c.Submission.Received.In(t.b.Zone)), "State": t.taken(c.Taken)})
	around, inside := tables.Questions(f)
	lines := func(nodes []*flows.Node, in bool) {
		for _, n := range nodes {
			value := c.Answer(n, in)
			if value == "" {
				continue
			}
			shown := render.Plain(tables.Shown(n, value, lang))
			if n.List == nil {
				shown = v.Shown(&flows.Prompt{Node: n}, value)
			}
			text += "\n" + render.Escape(render.Question(render.Plain(n.Label.In(lang)))) + "<b>" + render.Escape(shown) + "</b>"
		}
	}
	lines(around, false)
	text += "\n"
	lines(inside, true)
	if c.Before != nil && len(c.All) == 0 {
		text += "\n\n" + t.html("comments.before", locales.Args{"State": t.taken(c.Before.Taken), "Text": c.Before.Text})
	}
	for i, r := range c.All {
		if i == 0 {
			text += "\n"
		}
		by, err := t.nameOf(r.By)
		if err != nil {
			return err
		}
		text += "\n" + t.html("comments.response", locales.Args{"Date": t.b.Words.DateNumeric(t.lang, r.At.In(t.b.Zone)), "Name": by,
			"State": t.taken(r.Taken), "Text": cmp.Or(r.Text, "–")})
	}
	var marks []render.Button
	for _, k := range tables.Takens {
		marks = append(marks, render.Button{Text: t.text("comments.mark_"+string(k), nil), Data: commentData(string(k), c)})
	}
	write := "comments.respond"
	if c.Text != "" {
		write = "comments.respond_again"
	}
	s := render.Screen{Text: text, Rows: [][]render.Button{marks, {{Text: t.text(write, nil), Data: commentData("write", c)}},
		{t.button("comments.list", "com", "list:"+formKey(f.ID))}}}
	if message != 0 {
		t.rewrite(message, s)
		return nil
	}
	t.show(s)
	return nil
}

// nameOf is the name of somebody who did something.
func (t *turn) nameOf(person string) (string, error) {
	who, err := t.b.people.get(t.ctx, person)
	if err != nil {
		return "", err
	}
	return cmp.Or(who.Name, t.text("people.unnamed", nil)), nil
}

// respond stores a response, and shows the comment with it.
func (t *turn) respond(f *flows.Form, c *tables.Comment, r tables.Response, message int) error {
	r.By, r.At = t.s.Person, t.now
	step, changed := c.Respond(r)
	if changed {
		if _, err := t.b.Reviews.AddStep(t.ctx, step); err != nil {
			return fmt.Errorf("store response: %w", err)
		}
		c.All, c.Response = append(c.All, r), r
	}
	return t.showComment(f, c, message)
}

// respondAnswer takes the text of a response.
func (t *turn) respondAnswer(arg, text string) error {
	id, number, _ := strings.Cut(arg, ":")
	n, _ := strconv.Atoi(number)
	f, c, err := t.comment(id, n)
	if err != nil {
		return err
	}
	if c == nil {
		t.say("tap.gone", nil)
		return nil
	}
	return t.respond(f, c, tables.Response{Text: text, Taken: c.Taken}, 0)
}
