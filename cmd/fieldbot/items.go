package main

import (
	"strings"

	"example.org/fieldbot/flows"
)

// A formItem is a group, repeat or question of a form as other programs compare
// it: exactly one of the first three is set, to a reference without the root.
type formItem struct {
	Group      string `json:"group,omitempty"`
	Repeat     string `json:"repeat,omitempty"`
	Question   string `json:"q,omitempty"`
	Control    string `json:"control,omitempty"`
	Type       string `json:"type,omitempty"` // of XForms: string, int, odk:rank, …
	Required   bool   `json:"required,omitempty"`
	Relevant   bool   `json:"relevant,omitempty"`
	Constraint bool   `json:"constraint,omitempty"`
	ReadOnly   bool   `json:"read_only,omitempty"`
	Filtered   *bool  `json:"filtered,omitempty"` // of a select: whether it has a choice_filter
	Appearance string `json:"appearance,omitempty"`
	Count      bool   `json:"count,omitempty"` // of a repeat: whether it has a repeat_count
}

// A modelItem is a node that is never shown: a calculation or metadata.
type modelItem struct {
	Path        string `json:"path"`
	Type        string `json:"type,omitempty"`
	Calculation bool   `json:"calculation,omitempty"`
}

// items describes the nodes of a form. Whether a cell is filled is read from
// the definition, since a compiled form keeps what cells mean and not that they
// were there.
func items(form *flows.Form, def *flows.Definition) (shown []formItem, silent []modelItem) {
	survey := def.Sheet("survey")
	rows := make(map[int]flows.Row, len(survey.Rows))
	for _, r := range survey.Rows {
		rows[r.Number] = r
	}
	for _, n := range form.Nodes {
		cell := func(key string) string { return strings.TrimSpace(survey.Get(rows[n.Row], key)) }
		if n.Kind == flows.QuestionNode && (n.Type.Control == "" || !n.Made && !hasText(n) && cell("calculation")+cell("trigger") != "") {
			if n.Type.Name == "audit" {
				continue // it stands in meta, with what every form has
			}
			silent = append(silent, modelItem{Path: n.Path, Type: n.Type.Bind, Calculation: cell("calculation") != "" && cell("trigger") == "" || n.Made})
			continue
		}
		shown = append(shown, describe(n, cell))
	}
	return shown, silent
}

func hasText(n *flows.Node) bool {
	return !n.Label.Empty() || !n.Hint.Empty() || !n.Media[flows.Image].Empty() || !n.Media[flows.Audio].Empty() || !n.Media[flows.Video].Empty()
}

func describe(n *flows.Node, cell func(key string) string) formItem {
	it := formItem{Relevant: cell("relevant") != "" || n.OrOther}
	switch n.Kind {
	case flows.GroupNode:
		it.Group = n.Path
		return it
	case flows.RepeatNode:
		it.Repeat, it.Count = n.Path, cell("repeat_count") != ""
		return it
	}
	it.Question, it.Control, it.Type = n.Path, n.Type.Control, n.Type.Bind
	if strings.EqualFold(cell("type"), "trigger") {
		it.Type = "" // unlike acknowledge, its other name, it has none in the standard
	}
	if n.OrOther { // made by fieldbot: the row is that of the select before it
		return it
	}
	if n.Type.Name == "select_one_external" {
		it.Control = "input" // as the standard has it; the choices are in another file
	}
	if n.Type.Select() && it.Control != "input" {
		filtered := cell("choice_filter") != "" && !n.Made
		it.Filtered = &filtered
	}
	if n.Made || n.Appearance.Has("list-nolabel") {
		it.Appearance = strings.Join(n.Appearance, " ")
	} else {
		it.Appearance = cell("appearance")
	}
	if n.Made {
		it.ReadOnly = n.Type.Name == "note"
		it.Relevant = false
		return it
	}
	it.Required = yes(cell("required"))
	it.Constraint = n.Has("constraint")
	it.ReadOnly = n.Type.Name == "note" || yes(cell("read_only"))
	return it
}

// yes reports whether a cell says yes, in one of the ways of the standard, or
// is an expression.
func yes(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "no", "false", "false()", "0":
		return false
	}
	return true
}
