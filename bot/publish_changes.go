package bot

import (
	"slices"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
)

// changeWords are the words for kinds of changes, in the order in which they are
// told. Several kinds may share a line.
var changeWords = []struct {
	key   string
	kinds []flows.ChangeKind
}{
	{"publish.languages_gone", []flows.ChangeKind{flows.LanguageGone}},
	{"publish.languages_added", []flows.ChangeKind{flows.LanguageAdded}},
	{"publish.added", []flows.ChangeKind{flows.QuestionAdded}},
	{"publish.removed", []flows.ChangeKind{flows.QuestionGone}},
	{"publish.moved", []flows.ChangeKind{flows.QuestionMoved, flows.QuestionRepeated, flows.QuestionRenamed}},
	{"publish.retyped", []flows.ChangeKind{flows.QuestionRetyped}},
	{"publish.reworded", []flows.ChangeKind{flows.QuestionReworded}},
	{"publish.choices_gone", []flows.ChangeKind{flows.ChoiceGone, flows.ChoiceReworded}},
	{"publish.choices_added", []flows.ChangeKind{flows.ChoiceAdded}},
	{"publish.asked", []flows.ChangeKind{flows.QuestionAsked}},
}

// differences tells what a new version changes for answers already given, a line
// for each kind of change.
func differences(old, now *flows.Form, say func(string, locales.Args) string) []string {
	var lines []string
	told, met := map[string][]string{}, map[[2]string]bool{}
	for _, c := range flows.Changes(old, now) {
		if c.Kind == flows.SameVersion {
			lines = append(lines, say("publish.same_version", locales.Args{"Version": c.Detail}))
			continue
		}
		for _, w := range changeWords {
			if name := changedName(c); slices.Contains(w.kinds, c.Kind) && !met[[2]string{w.key, name}] {
				met[[2]string{w.key, name}] = true
				told[w.key] = append(told[w.key], name)
			}
		}
	}
	for _, w := range changeWords {
		if len(told[w.key]) > 0 {
			lines = append(lines, say(w.key, locales.Args{"Names": names(told[w.key])}))
		}
	}
	if len(lines) == 0 {
		lines = append(lines, say("publish.no_changes", nil))
	}
	return lines
}

// changedName is what a change is about: a language, a question, or what became
// of it.
func changedName(c flows.Change) string {
	switch c.Kind {
	case flows.LanguageGone, flows.LanguageAdded:
		return c.Detail
	case flows.QuestionAdded:
		return c.New.Name
	case flows.QuestionRenamed:
		return c.Old.Name + " → " + c.New.Name
	case flows.QuestionRetyped:
		return c.Old.Name + " (" + c.Detail + ")"
	case flows.ChoiceGone, flows.ChoiceReworded, flows.ChoiceAdded:
		return c.Old.Name + ": " + c.Detail
	}
	return c.Old.Name
}
