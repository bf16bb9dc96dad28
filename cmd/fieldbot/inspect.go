package main

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
	"example.org/fieldbot/storage"
)

// inspect tells the page about a person's interview: its questions with their
// answers, which are relevant, and by what condition. nil: none is open.
func (p *preview) inspect(userID int64) any {
	if p.service == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	s := p.service
	session, err := s.stores.Load(ctx, s.keys.Person(userID))
	if err != nil || len(session.Open) == 0 {
		return nil
	}
	open := session.Open[0]
	v, err := s.stores.Version(ctx, open.FormID, open.Hash)
	if err != nil {
		return nil
	}
	table, err := inspectInterview(v, open.Instance, flows.World{Now: s.now, Zone: s.config.zone()})
	if err != nil {
		return nil
	}
	return table
}

func inspectInterview(v storage.FormVersion, instance []byte, world flows.World) (*simulator.InspectTable, error) {
	def, err := xlsform.Read(v.Name, v.Source, v.Files)
	if err != nil {
		return nil, err
	}
	form, err := flows.Compile(def)
	if err != nil {
		return nil, err
	}
	in, err := form.Resume(world, instance)
	if err != nil {
		return nil, err
	}
	state := in.State()
	visible := map[string][]string{} // refs of a question, several in a repeat
	for _, ref := range state.Visible {
		path := ofRepeat.ReplaceAllString(ref, "")
		visible[path] = append(visible[path], ref)
	}
	values := byName(form, state)
	current := in.Prompt().Ref
	t := &simulator.InspectTable{Title: form.Title.In(in.Language())}
	for _, n := range form.Nodes {
		if n.Kind != flows.QuestionNode {
			continue
		}
		if !n.Askable() {
			if value := state.Values[n.Path]; value != "" && n.Type.Name == "calculate" {
				t.Rows = append(t.Rows, simulator.InspectRow{Name: n.Name, Answer: value, Relevant: true})
			}
			continue
		}
		why := condition(def, n)
		row := simulator.InspectRow{Name: n.Name, Label: n.Label.In(in.Language()), Why: why, Because: read(why, values)}
		if len(visible[n.Path]) == 0 {
			t.Rows = append(t.Rows, row)
		}
		for _, ref := range visible[n.Path] {
			row.Relevant, row.Answer, row.Current, row.Label = true, state.Values[ref], ref == current, state.Labels[ref]
			row.Name = n.Name + strings.Join(ofRepeat.FindAllString(ref, -1), "")
			t.Rows = append(t.Rows, row)
		}
	}
	return t, nil
}

// byName are the values of questions by name; those of repeats beside one
// another.
func byName(form *flows.Form, s *flows.State) map[string]string {
	names := map[string]string{}
	for _, n := range form.Nodes {
		names[n.Path] = n.Name
	}
	values := map[string]string{}
	for _, ref := range slices.Sorted(maps.Keys(s.Values)) {
		name, value := names[ofRepeat.ReplaceAllString(ref, "")], s.Values[ref]
		if before, ok := values[name]; ok {
			value = before + " | " + value
		}
		values[name] = value
	}
	return values
}

var reference = regexp.MustCompile(`\$\{\s*([^}\s]+)\s*\}`)

// read tells the values that an expression reads: "services = health water".
func read(expression string, values map[string]string) string {
	var all []string
	for _, m := range reference.FindAllStringSubmatch(expression, -1) {
		value, ok := values[m[1]]
		switch {
		case !ok:
			value = "not relevant"
		case value == "":
			value = "no answer"
		}
		if text := m[1] + ": " + value; !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, "; ")
}

// condition is what makes a question relevant: its own condition and those of
// the groups around it.
func condition(def *flows.Definition, n *flows.Node) string {
	survey := def.Sheet("survey")
	cells := map[int]string{}
	for _, r := range survey.Rows {
		cells[r.Number] = strings.TrimSpace(survey.Get(r, "relevant"))
	}
	var all []string
	for ; n != nil; n = n.Parent {
		if c := cells[n.Row]; c != "" {
			all = append([]string{c}, all...)
		}
	}
	return strings.Join(all, " and ")
}
