package bot

import (
	"cmp"
	"context"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// officeVerbs are what the buttons of officers and the secretariat do, beside
// those of interviews. The role table decides who may press them.
var officeVerbs map[string]func(t *turn, arg string, message int) error

func init() { // the table holds methods that lead back to it
	officeVerbs = map[string]func(t *turn, arg string, message int) error{
		"ack":   (*turn).ackVerb,
		"pub":   (*turn).pubVerb,
		"often": (*turn).oftenVerb,
		"dig":   (*turn).digVerb,
		"quo":   (*turn).quoteVerb,
		"inv":   (*turn).inviteVerb,
		"ppl":   (*turn).peopleVerb,
		"file":  (*turn).fileVerb,
		"none":  (*turn).noneVerb,
		"next":  (*turn).nextVerb,
		"grid":  (*turn).gridVerb,
		"nudge": (*turn).nudgeVerb,
		"bc":    (*turn).broadcastVerb,
		"sub":   (*turn).subVerb,
		"dist":  (*turn).districtVerb,
		"rev":   (*turn).reviewVerb,
		"com":   (*turn).commentVerb,
		"asm":   (*turn).assessVerb,
		"rep":   (*turn).reportVerb,
		"fix":   (*turn).fixVerb,
	}
	officeAnswers = map[string]func(t *turn, arg, text string) error{
		"invite":       (*turn).inviteAnswer,
		"scope":        (*turn).scopeAnswer,
		"broadcast":    (*turn).broadcastAnswer,
		"return":       (*turn).returnAnswer,
		"cell":         (*turn).cellAnswer,
		"respond":      (*turn).respondAnswer,
		"exportplace":  (*turn).exportPlaceAnswer,
		"item":         (*turn).itemAnswer,
		"reason":       (*turn).reasonAnswer,
		"organisation": (*turn).organisationAnswer,
	}
	officeJobs = map[string]func(b *Bot, ctx context.Context, person string, chat int64, payload []byte) error{
		methodWorkbook:   (*Bot).workbookJob,
		methodFigures:    (*Bot).figuresJob,
		methodGroupTold:  (*Bot).tellGroup,
		methodInvitation: (*Bot).sendInvitation,
		methodHandOver:   (*Bot).runHandOver,
		methodNotice:     (*Bot).sendNotice,
		methodNudge:      (*Bot).sendNudge,
		methodReport:     (*Bot).sendReport,
		methodMatrix:     (*Bot).sendMatrix,
		methodAssessment: (*Bot).sendAssessment,
		methodBroadcast:  (*Bot).runBroadcast,
		methodFeedback:   (*Bot).sendFeedback,
	}
}

// officeAnswers take the text that a command asked for. Its key is the first word of
// Session.Awaiting; arg is what follows it.
var officeAnswers map[string]func(t *turn, arg, text string) error

// profilePrefill gives the answers that follow from who the person is.
func profilePrefill(f *flows.Form, who storage.Person) map[string]string {
	out := scopePrefill(f, who.Scope)
	name := f.Settings.Extra["organisation"]
	if n := f.Question(name); name != "" && n != nil && n.Askable() && n.List == nil {
		if v := cmp.Or(who.Organisation, who.Scope["organisation"]); v != "" {
			out[name] = v
		}
	}
	return out
}
