package main

import (
	"fmt"

	"example.org/fieldbot/flows"
)

// maxOfOne is how many changes of one kind are listed for a question: a new list
// of villages need not be read name by name.
const maxOfOne = 20

// changes writes what differs between two versions, a line each.
func changes(old, now *flows.Form) []string {
	var list []string
	all := flows.Changes(old, now)
	for i := 0; i < len(all); {
		same := i + 1
		for same < len(all) && all[same].Kind == all[i].Kind && all[same].Old == all[i].Old && all[same].New == all[i].New {
			same++
		}
		for _, c := range all[i:min(same, i+maxOfOne)] {
			list = append(list, change(c))
		}
		if more := same - i - maxOfOne; more > 0 {
			list = append(list, fmt.Sprintf("  … and %d more (%s)", more, all[i].Kind))
		}
		i = same
	}
	return list
}

func change(c flows.Change) string {
	path := ""
	if c.Old != nil {
		path = c.Old.Path
	}
	switch c.Kind {
	case flows.OtherForm:
		return fmt.Sprintf("~ form_id: %s: another form, whose answers are kept apart", c.Detail)
	case flows.SameVersion:
		return fmt.Sprintf("~ version: both are called %q; exports tell them apart by _form_hash only, so give the new one another version", c.Detail)
	case flows.LanguageGone:
		return fmt.Sprintf("- language %s: is gone; interviews under way keep it", c.Detail)
	case flows.LanguageAdded:
		return fmt.Sprintf("+ language %s: is new", c.Detail)
	case flows.QuestionAdded:
		return fmt.Sprintf("+ %s: is new; blank in answers already given", c.New.Path)
	case flows.QuestionGone:
		return fmt.Sprintf("- %s: is gone; its answers stay in exports", path)
	case flows.QuestionMoved:
		return fmt.Sprintf("~ %s: is now %s; exports keep both columns", path, c.New.Path)
	case flows.QuestionRenamed:
		return fmt.Sprintf("~ %s: is perhaps %s now, which has its label and type; exports keep both columns", path, c.New.Path)
	case flows.QuestionRepeated:
		return fmt.Sprintf("~ %s: is repeated otherwise (%s); old answers keep a table of their own", path, c.New.Path)
	case flows.QuestionRetyped:
		return fmt.Sprintf("~ %s: %s; exports keep both in one column", path, c.Detail)
	case flows.QuestionReworded:
		return fmt.Sprintf("~ %s: is worded otherwise", path)
	case flows.QuestionAsked:
		return fmt.Sprintf("~ %s: %s differs; answers already given stay as they are", path, c.Detail)
	case flows.ChoiceGone:
		return fmt.Sprintf("- %s: choice %q is gone; answers with it keep it", path, c.Detail)
	case flows.ChoiceAdded:
		return fmt.Sprintf("+ %s: choice %q is new", path, c.Detail)
	case flows.ChoiceReworded:
		return fmt.Sprintf("~ %s: choice %q is worded otherwise", path, c.Detail)
	}
	return fmt.Sprintf("~ %s: %s %s", path, c.Kind, c.Detail)
}
