package bot

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// assistance is what is kept from one assisted respondent to the next.
type assistance struct {
	Form   string            `json:"form"`
	Shared map[string]string `json:"shared,omitempty"` // answers by question name
	Day    string            `json:"day"`
	Count  int               `json:"count"` // respondents on that day
}

// cmdAssist begins to fill in a form for citizens with one person after another.
func (t *turn) cmdAssist(rest string) error {
	forms, err := t.b.forms.all(t.ctx)
	if err != nil {
		return err
	}
	forms = slices.DeleteFunc(slices.Clone(forms), func(f *flows.Form) bool {
		return f.Settings.Audience != "citizen" && f.Settings.Audience != "enumerator"
	})
	var rows [][]render.Button
	for _, f := range forms {
		if rest != "" && strings.EqualFold(rest, cmp.Or(f.Settings.Keyword, f.ID)) {
			forms = []*flows.Form{f}
			break
		}
		rows = append(rows, []render.Button{{Text: t.title(f), Data: verbData("next", "f:"+formKey(f.ID))}})
	}
	switch len(forms) {
	case 0:
		t.say("assist.none", nil)
		return nil
	case 1:
		return t.assist(forms[0], nil)
	}
	t.say("assist.which", nil, rows...)
	return nil
}

// assist begins the form with a respondent. shared are answers kept from the one
// before; consent is never among them.
func (t *turn) assist(f *flows.Form, shared map[string]string) error {
	for _, v := range t.s.Open {
		if v.Kind == storage.Assisted && v.FormID == f.ID && v.State != storage.Finishing {
			return t.resume(v.Nonce)
		}
	}
	iv, err := t.open(f, beginning{kind: storage.Assisted, prefill: shared})
	if err != nil || iv == nil {
		return err
	}
	text := t.html("assist.begin", locales.Args{"Title": t.title(f)})
	var values []string
	for _, name := range slices.Sorted(maps.Keys(shared)) {
		values = append(values, shared[name])
	}
	if len(values) > 0 {
		text = t.html("assist.same", locales.Args{"Values": strings.Join(values, ", ")})
	}
	t.show(render.Screen{Text: text})
	return t.ask(iv)
}

// sharedQuestions are those whose answers are kept: place and date, and what the
// setting "shared" names.
func sharedQuestions(f *flows.Form) []string {
	r := f.Settings.Roles
	names := append([]string{r.Place, r.Date}, strings.Fields(f.Settings.Extra["shared"])...)
	return slices.DeleteFunc(names, func(name string) bool {
		n := f.Question(name)
		return n == nil || !n.Askable() || name == f.Settings.Consent
	})
}

// nextRespondent goes on after a respondent: how many there are by now, and
// whether there is another.
func (t *turn) nextRespondent(f *flows.Form, s *storage.Submission) {
	k := t.kept()
	day := t.now.Format("2006-01-02")
	a := assistance{Form: f.ID, Shared: map[string]string{}, Day: day, Count: 1}
	if old := k.Assist; old != nil && old.Day == day && old.Form == f.ID {
		a.Count += old.Count
	}
	for _, name := range sharedQuestions(f) {
		if v := fieldOf(s.Data, name); v != "" {
			a.Shared[name] = v
		}
	}
	k.Assist = &a
	t.keepThat(k)
	lines := []string{}
	if s.Receipt != "" {
		lines = append(lines, t.html("assist.code", nil))
	}
	counts, err := t.soFar(f, s)
	if err != nil {
		t.b.Log.WarnContext(t.ctx, "count respondents", "form", f.ID, "error", err)
	}
	lines = append(lines, counts...)
	t.askNext(f, lines)
}

// askNext asks whether there is another respondent.
func (t *turn) askNext(f *flows.Form, lines []string) {
	lines = append(lines, t.html("assist.next", nil))
	rows := [][]render.Button{{t.button("receipt.next_respondent", "next", "n:"+formKey(f.ID))}}
	if a := t.kept().Assist; a != nil && len(a.Shared) > 0 {
		rows = append(rows, []render.Button{t.button("assist.elsewhere", "next", "f:"+formKey(f.ID))})
	}
	rows = append(rows, []render.Button{t.button("assist.end", "next", "e")})
	t.show(render.Screen{Text: strings.Join(lines, "\n"), Rows: rows})
}

// nextVerb begins with the next respondent, or ends.
func (t *turn) nextVerb(arg string, message int) error {
	t.rekey(message, render.Screen{})
	what, key, _ := strings.Cut(arg, ":")
	k := t.kept()
	if what == "e" {
		count := 0
		if k.Assist != nil {
			count = k.Assist.Count
		}
		k.Assist = nil
		t.keepThat(k)
		t.say("assist.ended", locales.Args{"Count": count})
		return nil
	}
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return formKey(v.FormID) == key })
	if err != nil {
		return err
	}
	if f == nil || f.Settings.Audience != "citizen" && f.Settings.Audience != "enumerator" {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if what == "n" && k.Assist != nil && k.Assist.Form == f.ID {
		return t.assist(f, k.Assist.Shared)
	}
	return t.assist(f, nil)
}

// maxCounted is up to how many submissions are looked at to tell how far quotas
// are; beyond that the digest tells.
const maxCounted = 3000

// soFar tells how many were asked in the respondent's place, by sex, and how far
// the form's quotas are.
func (t *turn) soFar(f *flows.Form, s *storage.Submission) ([]string, error) {
	place := fieldOf(s.Data, f.Settings.Roles.Place)
	sexes := listOf(f, f.Settings.Roles.Sex)
	bySex := map[string]int{}
	filled := make([]int, len(f.Programme.Quotas))
	n := 0
	for v, err := range t.b.Submissions.Each(t.ctx, storage.Filter{FormID: f.ID, Limit: maxCounted}) {
		if err != nil {
			return nil, fmt.Errorf("count respondents: %w", err)
		}
		n++
		if v.District == s.District && place != "" && fieldOf(v.Data, f.Settings.Roles.Place) == place {
			bySex[fieldOf(v.Data, f.Settings.Roles.Sex)]++
		}
		if len(filled) == 0 || v.Hash != f.Hash {
			continue
		}
		in, err := f.Open(t.b.world(), &v.Submission)
		if err != nil {
			continue
		}
		for i, q := range f.Programme.Quotas {
			if q.Where == nil || q.Where.Bool(in) {
				filled[i]++
			}
		}
	}
	var lines []string
	lang, _ := f.Language(t.lang)
	if place != "" && sexes != nil {
		var counts []string
		for i := range sexes.Choices {
			c := &sexes.Choices[i]
			counts = append(counts, fmt.Sprintf("%s %d", render.Plain(c.Label.In(lang)), bySex[c.Name]))
		}
		lines = append(lines, t.html("assist.sofar", locales.Args{"Place": place, "Counts": strings.Join(counts, ", ")}))
	}
	if n < maxCounted {
		for i, q := range f.Programme.Quotas {
			lines = append(lines, t.html("assist.quota", locales.Args{"Label": render.Plain(q.Label.In(lang)), "Count": filled[i], "Target": q.Target}))
		}
	}
	return lines, nil
}
