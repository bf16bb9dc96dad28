// Package tally works out figures from submissions: what is counted of one
// (Plan), how counts add up (Row, Sums), what they tell (Figure, Change,
// Weighted), and what of it may be published (Table). What the figures are stands
// in the form's indicators sheet; nothing here knows a programme. Every formula
// is in docs/statistics.md.
package tally

import "example.org/fieldbot/flows"

// Answer finds the first answer to a question in a record.
func Answer(r flows.Record, question string) string {
	for _, f := range r {
		if f.Kind == flows.QuestionNode {
			if f.Name == question {
				return f.Text
			}
			continue
		}
		for _, inner := range f.Records {
			if v := Answer(inner, question); v != "" {
				return v
			}
		}
	}
	return ""
}
