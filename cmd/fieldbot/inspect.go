package main

import (
	"context"
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
	visible := map[string]bool{}
	for _, ref := range state.Visible {
		visible[ref] = true
	}
	current := in.Prompt().Ref
	t := &simulator.InspectTable{Title: form.Title.In(in.Language())}
	for _, n := range form.Nodes {
		if !n.Askable() {
			continue
		}
		t.Rows = append(t.Rows, simulator.InspectRow{
			Name: n.Name, Label: n.Label.In(in.Language()), Answer: state.Values[n.Path],
			Relevant: visible[n.Path], Why: condition(def, n), Current: n.Path == current,
		})
	}
	return t, nil
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
