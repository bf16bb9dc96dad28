package bench

import (
	"fmt"
	"strings"
)

// A Question is one of Survey's. Without choices it takes a number if Number,
// else a text.
type Question struct {
	Label   string
	Number  bool
	Choices []string
}

// Thanks ends an interview of the floor.
const Thanks = "Thank you."

var agree = []string{"Very good", "Good", "So so", "Bad", "Very bad"}

// Survey is what both contenders ask.
var Survey = []Question{
	{Label: "Do you agree to take part?", Choices: []string{"Yes", "No"}},
	{Label: "Which office did you visit?", Choices: []string{"Land", "Civil registration", "Business", "Other"}},
	{Label: "How old are you? (number)", Number: true},
	{Label: "Are you a woman or a man?", Choices: []string{"Woman", "Man"}},
	{Label: "How was the waiting time?", Choices: agree},
	{Label: "How many times did you come? (number)", Number: true},
	{Label: "How polite was the staff?", Choices: agree},
	{Label: "How clear were the fees?", Choices: agree},
	{Label: "How was the result?", Choices: agree},
	{Label: "Would you come again?", Choices: []string{"Yes", "No", "Do not know"}},
	{Label: "How was it altogether?", Choices: agree},
	{Label: "What should be better? (text)"},
}

// Form is Survey as a workbook in two languages.
func Form() string {
	var survey, choices strings.Builder
	for i, q := range Survey {
		kind := "text"
		switch {
		case q.Number:
			kind = "integer"
		case len(q.Choices) > 0:
			kind = fmt.Sprintf("select_one c%d", i)
		}
		fmt.Fprintf(&survey, "| | %s | q%d | %s | %s | yes |\n", kind, i, q.Label, q.Label)
		for j, c := range q.Choices {
			fmt.Fprintf(&choices, "| | c%d | v%d | %s | %s |\n", i, j, c, c)
		}
	}
	return "| survey |\n| | type | name | label::English (en) | label::ລາວ (lo) | required |\n" + survey.String() +
		"| choices |\n| | list_name | name | label::English (en) | label::ລາວ (lo) |\n" + choices.String() +
		"| settings |\n| | form_id | form_title | default_language | audience | keyword |\n" +
		"| | bench | Bench | English (en) | citizen | bench |\n"
}
