package bot

import (
	"strconv"
	"strings"

	"example.org/fieldbot/bot/render"
)

// awaitingPick begins Session.Awaiting while a list of buttons of the bot's own
// is the last thing said: a typed number or label of it presses the button. What
// follows is a line for each button, its data and its label.
const awaitingPick = "pick\n"

// await lets the bot's own buttons in rows be typed, unless a text is awaited.
func (t *turn) await(rows [][]render.Button) {
	var b strings.Builder
	for _, row := range rows {
		for _, button := range row {
			if strings.HasPrefix(button.Data, "/") {
				b.WriteString(button.Data + " " + strings.ReplaceAll(button.Text, "\n", " ") + "\n")
			}
		}
	}
	if b.Len() > 0 && (t.s.Awaiting == "" || strings.HasPrefix(t.s.Awaiting, awaitingPick)) {
		t.s.Awaiting = awaitingPick + b.String()
	}
}

// picked presses the button that a text names. What an early message is, only its
// words say: a number that came with it was written before anybody asked. It reports false for a text that
// is not for the list: then the list is no longer waited for.
func (t *turn) picked(text string) (bool, error) {
	lines, ok := strings.CutPrefix(t.s.Awaiting, awaitingPick)
	if !ok {
		return false, nil
	}
	t.s.Awaiting = ""
	text = strings.TrimSpace(text)
	if text == "" {
		return false, nil
	}
	n, err := strconv.Atoi(render.Digits(text))
	folded := render.Fold(text)
	for i, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		data, label, _ := strings.Cut(line, " ")
		if err == nil && n == i+1 && !strings.HasPrefix(data, verbData("burst", "")) || folded != "" && folded == render.Fold(label) {
			verb, arg, _ := strings.Cut(strings.TrimPrefix(data, "/"), ":")
			return true, t.verb(verb, arg, 0)
		}
	}
	return false, nil
}

// unpick ends the waiting for a list, since something else was pressed.
func (t *turn) unpick() {
	if strings.HasPrefix(t.s.Awaiting, awaitingPick) {
		t.s.Awaiting = ""
	}
}
