package bot

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// cmdMine lists what the person began and sent, with the state of each.
func (t *turn) cmdMine(string) error {
	var mine []storage.Submission
	for s, err := range t.b.Submissions.Each(t.ctx, storage.Filter{Person: t.s.Person, Newest: true, Limit: maxListed, Withdrawn: true}) {
		if err != nil {
			return fmt.Errorf("list submissions: %w", err)
		}
		if s.Withdrawn.IsZero() || s.Reference != "" {
			mine = append(mine, *s)
		}
	}
	who, err := t.who()
	if err != nil {
		return err
	}
	var rows [][]render.Button
	if reachOf("button", "dist", who.Role) == District && who.Scope["district"] != "" {
		rows = append(rows, []render.Button{t.button("mine.district", "dist", "")})
	}
	drafts, err := t.draftLines()
	if err != nil {
		return err
	}
	if len(mine) == 0 && drafts == "" {
		t.say("mine.none", nil, rows...)
		return nil
	}
	text, buttons, err := t.list(mine)
	if err != nil {
		return err
	}
	text = t.html("mine.title", nil) + drafts + text
	n, err := t.b.Submissions.Count(t.ctx, storage.Filter{Person: t.s.Person}, storage.ByPerson)
	if err != nil {
		return fmt.Errorf("count submissions: %w", err)
	}
	if more := n[t.s.Person] - len(mine); more > 0 {
		text += "\n" + t.html("mine.more", locales.Args{"Count": more})
	}
	t.show(render.Screen{Text: text, Rows: append(buttons, rows...)})
	return nil
}

// draftLines are the unfinished reports.
func (t *turn) draftLines() (string, error) {
	text := ""
	for i := range t.s.Open {
		v := &t.s.Open[i]
		f, err := t.b.forms.version(t.ctx, v.FormID, v.Hash)
		if unreadIn(err) != nil {
			continue // /open has it
		}
		if err != nil {
			return "", err
		}
		if f.Settings.Reference == "" || v.Kind == storage.Correction {
			continue
		}
		text += "\n" + t.html("mine.item", locales.Args{
			"Reference": "–", "Date": t.b.Words.DateNumeric(t.lang, v.Changed.In(t.b.Zone)),
			"Title": t.title(f), "State": t.text("mine.state.draft", nil),
		})
	}
	return text, nil
}

// list writes submissions with their states, a line each, and a button for each
// that has a reference.
func (t *turn) list(all []storage.Submission) (text string, rows [][]render.Button, err error) {
	states, err := t.states(all)
	if err != nil {
		return "", nil, err
	}
	for i := range all {
		s := &all[i]
		text += "\n" + t.html("mine.item", locales.Args{
			"Reference": cmp.Or(s.Reference, "–"), "Date": t.b.Words.DateNumeric(t.lang, s.Received.In(t.b.Zone)),
			"Title": t.name(s), "State": t.state(s, states),
		})
		if s.Reference != "" && s.Withdrawn.IsZero() && t.b.Reviews != nil {
			b := render.Button{Text: s.Reference, Data: verbData("sub", s.ID)}
			if n := len(rows); n > 0 && len(rows[n-1]) < 2 {
				rows[n-1] = append(rows[n-1], b)
			} else {
				rows = append(rows, []render.Button{b})
			}
		}
	}
	return text, rows, nil
}

func (t *turn) states(all []storage.Submission) (map[string]storage.Step, error) {
	if t.b.Reviews == nil {
		return nil, nil
	}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	states, err := t.b.Reviews.States(t.ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("look up states: %w", err)
	}
	return states, nil
}

func (t *turn) state(s *storage.Submission, states map[string]storage.Step) string {
	switch {
	case !s.Withdrawn.IsZero():
		return t.text("mine.state.withdrawn", nil)
	case states[s.ID].State != "":
		return t.text("mine.state."+string(states[s.ID].State), nil)
	}
	return t.text("mine.state.sent", nil)
}

// districtVerb lists what others of the person's district sent.
func (t *turn) districtVerb(string, int) error {
	who, err := t.who()
	if err != nil {
		return err
	}
	district := who.Scope["district"]
	var all []storage.Submission
	for s, err := range t.b.Submissions.Each(t.ctx, storage.Filter{District: district, Newest: true, Limit: 200}) {
		if err != nil {
			return fmt.Errorf("list submissions: %w", err)
		}
		if s.Person == t.s.Person || district == "" || len(all) >= maxListed {
			continue
		}
		if report, err := t.isReport(s); err != nil {
			return err
		} else if report {
			all = append(all, *s)
		}
	}
	if len(all) == 0 {
		t.say("mine.district_none", nil)
		return nil
	}
	text, rows, err := t.list(all)
	if err != nil {
		return err
	}
	t.show(render.Screen{Text: t.html("mine.district_title", nil) + text, Rows: rows})
	return nil
}

// isReport reports whether a submission is an office's, which colleagues may
// read; a citizen's answers nobody but exports and totals may show.
func (t *turn) isReport(s *storage.Submission) (bool, error) {
	f, err := t.b.forms.version(t.ctx, s.FormID, s.Hash)
	if err != nil {
		return false, err
	}
	return s.Person != "" && !f.Settings.Anonymous && f.Settings.Reference != "" &&
		!mayFill(f.Settings.Audience, storage.Citizen), nil
}

// readable returns a submission if the person may look at it.
func (t *turn) readable(id string) (s storage.Submission, ok bool, err error) {
	s, err = t.b.Submissions.Get(t.ctx, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !s.Withdrawn.IsZero() {
		return s, false, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("look up submission: %w", err)
	}
	if s.Person == t.s.Person && s.Person != "" {
		return s, true, nil
	}
	who, err := t.who()
	if err != nil {
		return s, false, err
	}
	report, err := t.isReport(&s)
	if err != nil || !report {
		return s, false, err
	}
	switch reachOf("button", "sub", who.Role) {
	case All:
		return s, true, nil
	case District:
		return s, s.District != "" && s.District == who.Scope["district"], nil
	}
	return s, false, nil
}

// subVerb shows a submission, with what the person may do with it.
func (t *turn) subVerb(id string, _ int) error {
	s, ok, err := t.readable(id)
	if err != nil {
		return err
	}
	if !ok || t.b.Reviews == nil {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	states, err := t.states([]storage.Submission{s})
	if err != nil {
		return err
	}
	text := t.html("update.head", locales.Args{
		"Reference": cmp.Or(s.Reference, "–"), "Date": t.b.Words.DateTime(t.lang, s.Received.In(t.b.Zone)),
		"State": t.state(&s, states),
	})
	answers, err := t.answerLines(&s)
	if err != nil {
		return err
	}
	history, err := t.history(&s)
	if err != nil {
		return err
	}
	rows, err := t.subButtons(&s)
	if err != nil {
		return err
	}
	t.show(render.Screen{Text: text + answers + history, Rows: rows})
	return nil
}

func (t *turn) subButtons(s *storage.Submission) ([][]render.Button, error) {
	var rows [][]render.Button
	if s.Person == t.s.Person {
		rows = append(rows, []render.Button{t.button("update.correct", "fix", s.ID), t.button("update.withdraw", "wd", s.ID)})
	}
	if may, err := t.may("button", "rev"); err != nil {
		return nil, err
	} else if may {
		rows = append(rows, []render.Button{t.button("update.accept", "rev", "a:"+s.ID), t.button("update.ask", "rev", "r:"+s.ID)},
			[]render.Button{t.button("update.quote", "rev", "q:"+s.ID)})
	}
	return rows, nil
}

// answerLines writes the answers of a submission as a review does.
func (t *turn) answerLines(s *storage.Submission) (string, error) {
	f, err := t.b.forms.version(t.ctx, s.FormID, s.Hash)
	if err != nil {
		return "", err
	}
	in, err := f.Open(t.b.world(), &s.Submission)
	if err != nil {
		return "", fmt.Errorf("open submission: %w", err)
	}
	lang, _ := f.Language(t.lang)
	in.SetLanguage(lang)
	text := ""
	v := &render.View{Words: t.b.Words, Lang: t.lang, Form: f, FormLang: lang, Now: t.now}
	for _, a := range in.Answers() {
		if a.Value == "" {
			continue
		}
		shown := render.Plain(a.Shown)
		if a.Node.List == nil {
			shown = v.Shown(&flows.Prompt{Node: a.Node, Ref: a.Ref}, a.Value)
		}
		text += "\n" + render.Escape(render.Question(render.Plain(a.Label))) + "<b>" + render.Escape(shown) + "</b>"
	}
	return text, nil
}

// history tells what became of a submission.
func (t *turn) history(s *storage.Submission) (string, error) {
	steps, err := t.b.Reviews.Steps(t.ctx, s.ID)
	if err != nil {
		return "", fmt.Errorf("look up steps: %w", err)
	}
	text := ""
	n := 1
	newest := map[int]int{} // of the responses to each comment
	for i := range steps {
		if number, _, ok := tables.ReadResponse(&steps[i]); ok {
			newest[number] = i
		}
	}
	for i, step := range steps {
		date := t.b.Words.DateNumeric(t.lang, step.At.In(t.b.Zone))
		if step.State == storage.Corrected {
			n++
			text += "\n" + t.html("update.revision", locales.Args{"Date": date, "Count": n})
			continue
		}
		said := step.Text
		if number, r, ok := tables.ReadResponse(&step); ok {
			if newest[number] != i {
				continue
			}
			said = t.text("comments.step", locales.Args{"Number": number, "State": t.taken(r.Taken), "Text": r.Text})
		}
		line := t.html("update.step", locales.Args{
			"Date": date, "State": t.text("mine.state."+string(step.State), nil), "Text": said,
		})
		text += "\n" + strings.TrimRight(line, ": ")
	}
	if text != "" {
		text = "\n" + text
	}
	return text, nil
}

// newestReports are the newest reports that came in, at most n.
func (t *turn) newestReports(district string, n int) ([]storage.Submission, error) {
	forms, err := t.b.forms.all(t.ctx)
	if err != nil {
		return nil, err
	}
	var all []storage.Submission
	for _, f := range forms {
		if f.Settings.Reference == "" || f.Settings.Anonymous || mayFill(f.Settings.Audience, storage.Citizen) {
			continue
		}
		for s, err := range t.b.Submissions.Each(t.ctx, storage.Filter{FormID: f.ID, District: district, Newest: true, Limit: n}) {
			if err != nil {
				return nil, fmt.Errorf("list submissions: %w", err)
			}
			all = append(all, *s)
		}
	}
	slices.SortStableFunc(all, func(a, b storage.Submission) int { return b.Received.Compare(a.Received) })
	return all[:min(len(all), n)], nil
}
