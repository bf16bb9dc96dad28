package flowtest

import (
	"fmt"
	"regexp"
	"strings"

	"example.org/fieldbot/flows"
)

// do is one act of a person.
func (v *interview) do(p *player, s Step) error {
	at := v.in.Prompt()
	switch s := s.(type) {
	case Say:
		if strings.HasPrefix(s.Text, "/") {
			return v.command(p, s.Text)
		}
		return v.answer(at.At, flows.Input{Text: s.Text})
	case Tap:
		if s.Back > 0 {
			if s.Back > len(v.shown) {
				return fmt.Errorf("no message stands %d back", s.Back)
			}
			at = v.shown[len(v.shown)-s.Back]
		}
		return v.tap(at, s.Label)
	case Edit:
		if s.Back > len(v.answered) {
			return fmt.Errorf("no answer stands %d back", s.Back)
		}
		return v.in.Answer(v.answered[len(v.answered)-s.Back], flows.Input{Text: s.Text})
	case Photo:
		return v.answer(at.At, flows.Input{File: &flows.File{Name: s.File, Kind: "image"}})
	case Document:
		kind := s.Kind
		if kind == "document" {
			kind = "file"
		}
		return v.answer(at.At, flows.Input{File: &flows.File{Name: s.File, Kind: kind}})
	case Voice:
		return v.answer(at.At, flows.Input{File: &flows.File{Name: "voice-" + s.Length.String() + ".ogg", Kind: "audio"}})
	case Location:
		return v.answer(at.At, flows.Input{Points: []flows.Point{{Lat: s.Lat, Lon: s.Lon, Acc: s.Accuracy}}})
	}
	return fmt.Errorf("the engine alone cannot take %T", s)
}

func (v *interview) answer(at flows.Position, x flows.Input) error {
	err := v.in.Answer(at, x)
	if err == nil {
		v.answered = append(v.answered, at)
	}
	return err
}

// place is the number before a choice that is ranked.
var place = regexp.MustCompile(`^\d+\. `)

// tap presses a button: a choice by its label, or one of the plain words.
func (v *interview) tap(at *flows.Prompt, label string) error {
	label = Fold(place.ReplaceAllString(strings.TrimPrefix(label, "✅"), ""))
	for _, c := range at.Choices {
		if Fold(c.Label) != label && c.Name != label {
			continue
		}
		if at.Node.Type.Multiple() {
			return v.in.Toggle(at.At, c.Index)
		}
		return v.answer(at.At, flows.Input{Choices: []int{c.Index}})
	}
	switch strings.ToLower(label) {
	case "done", "ok", "+":
		return v.answer(at.At, flows.Input{Yes: true})
	case "skip", "no more":
		return v.answer(at.At, flows.Input{Skip: true})
	}
	if at.Node != nil && at.Node.Type != nil && at.Node.Type.Name == "range" {
		return v.answer(at.At, flows.Input{Text: label})
	}
	return fmt.Errorf("there is no button [%s]", label)
}

func (v *interview) command(p *player, text string) error {
	name, arg, _ := strings.Cut(text, " ")
	arg = strings.TrimSpace(arg)
	switch name {
	case "/back":
		v.in.Back()
		return nil
	case "/goto":
		at, ok := v.in.Find(p.ref(arg))
		if !ok || !v.in.Goto(at) {
			return fmt.Errorf("cannot go to %q", arg)
		}
		return nil
	case "/language":
		i, ok := v.in.Form().Language(arg)
		if !ok {
			return fmt.Errorf("the form has no language %q", arg)
		}
		v.in.SetLanguage(i)
		return nil
	case "/add":
		return v.in.AddRepeat(arg)
	case "/remove":
		return v.in.RemoveRepeat(arg)
	case "/submit":
		s, err := v.in.Finish()
		if err != nil {
			return err
		}
		p.submitted = append(p.submitted, s)
		v.done = true
		return nil
	}
	return fmt.Errorf("the engine alone has no command %s", name)
}

// show renders the question that is up.
func (p *player) show(person string) ([]Line, error) {
	v := p.people[person]
	prompt := v.in.Prompt()
	v.shown = append(v.shown, prompt)
	var lines []Line
	if g := strings.Join(prompt.Groups, " › "); g != v.groups {
		v.groups = g
		if g != "" {
			lines = Message(person, "— "+g, nil)
		}
	}
	lines = append(lines, Message(person, strings.Join(plain(prompt), "\n"), buttons(prompt))...)
	return lines, nil
}

// plain is the text of a prompt, a line each.
func plain(p *flows.Prompt) []string {
	var out []string
	for _, n := range p.Notes {
		out = append(out, n.Label, n.Hint)
		if n.Value != "" {
			out = append(out, "("+n.Value+")")
		}
	}
	switch p.Kind {
	case flows.Complete:
		return append(out, "(complete)")
	case flows.AskRepeat:
		return append(out, "Another: "+p.Label+"?")
	case flows.Stop:
		return append(out, p.Label, p.Hint, "(stop)")
	}
	out = append(out, p.Label, p.Hint)
	value := p.Value
	if p.Pending != "" && !p.Node.Type.Select() {
		value = p.Pending
	}
	if value != "" && !p.Node.Type.Multiple() {
		out = append(out, "(now: "+value+")")
	}
	return out
}

// maxButtons is how many choices of a list are written in a dialogue.
const maxButtons = 12

func buttons(p *flows.Prompt) [][]string {
	var row []string
	switch p.Kind {
	case flows.Complete, flows.Stop:
		return nil
	case flows.AskRepeat:
		return [][]string{{"+", "no more"}}
	}
	tapped := strings.Fields(p.Pending)
	for i, c := range p.Choices {
		if i == maxButtons {
			row = append(row, "…")
			break
		}
		label := c.Label
		if p.Node.Type.Multiple() {
			for k, name := range tapped {
				if name == c.Name && p.Node.Type.Name == "rank" {
					label = fmt.Sprintf("%d. %s", k+1, label)
				} else if name == c.Name {
					label = "✅ " + label
				}
			}
		}
		row = append(row, label)
	}
	if p.Node.Type.Multiple() || p.Node.Type.Name == "geotrace" || p.Node.Type.Name == "geoshape" {
		row = append(row, "done")
	}
	if p.Node.Type.Name == "acknowledge" {
		row = append(row, "ok")
	}
	if !p.Required {
		row = append(row, "skip")
	}
	if len(row) == 0 {
		return nil
	}
	return [][]string{row}
}

// refusal is what a person is told in plain rendering.
func refusal(e *flows.AnswerError) string {
	text := e.Message
	if text == "" {
		text = "(" + string(e.Reason) + ")"
	}
	for _, c := range e.Choices {
		text += " [" + c.Label + "]"
	}
	return text
}
