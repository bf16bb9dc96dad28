// Package tables makes the two tables that secretariats fill in or lay side by
// side: the matrix of a consultation, a row for each comment with what was
// answered to it, and the table of an assessment, a row for each office with its
// figures and those of the time before.
//
// Both follow from the form alone: a comment is an instance of the repeat that
// the setting "comments" names, the figures of an assessment are the form's
// indicators of one answer each.
package tables

import (
	"strings"

	"example.org/fieldbot/flows"
)

// records are the instances of a repeat, wherever it stands.
func records(r flows.Record, name string) []flows.Record {
	for _, f := range r {
		if f.Kind == flows.RepeatNode && f.Name == name {
			return f.Records
		}
		if f.Kind == flows.GroupNode {
			for _, inner := range f.Records {
				if found := records(inner, name); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// field is the first answer to a question of this name, not looking into
// repeats.
func field(r flows.Record, name string) string {
	for _, f := range r {
		switch {
		case f.Kind == flows.QuestionNode && f.Name == name:
			return f.Text
		case f.Kind == flows.GroupNode:
			for _, inner := range f.Records {
				if v := field(inner, name); v != "" {
					return v
				}
			}
		}
	}
	return ""
}

// Shown is a value with the labels of its choices.
func Shown(n *flows.Node, value string, lang int) string {
	if n.List == nil || value == "" {
		return value
	}
	var labels []string
	for _, w := range strings.Fields(value) {
		if i := n.List.Find(w); i >= 0 {
			w = n.List.Choices[i].Label.In(lang)
		}
		labels = append(labels, w)
	}
	return strings.Join(labels, ", ")
}
