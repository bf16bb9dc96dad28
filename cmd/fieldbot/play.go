package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
)

// playCmd holds an interview in the terminal, or over a pipe.
type playCmd struct {
	clock
	JSON     bool     `name:"json" help:"Drive the engine by lines of JSON."`
	Files    []string `name:"file" sep:"none" placeholder:"FILE" help:"Attached files: csv, xml, geojson."`
	Language string   `placeholder:"NAME" help:"Language to begin with."`
	Form     string   `arg:"" help:"A workbook, or library:NAME."`
}

func (c *playCmd) Run(t *console) error {
	now, zone, err := c.read()
	if err != nil {
		return err
	}
	form, _, err := compileForm(c.Form, c.Files...)
	if err != nil {
		return t.inFile(c.Form, err)
	}
	if _, ok := form.Language(c.Language); c.Language != "" && !ok {
		return usage("--language: the form has no %q", c.Language)
	}
	in, err := form.Start(flows.World{Now: now, Zone: zone}, flows.StartOptions{Language: c.Language})
	if err != nil {
		return err
	}
	if c.JSON {
		return pipe(in, t.in, t.out)
	}
	return (&terminal{in: in, lines: bufio.NewScanner(t.in), out: t.out}).run()
}

// A step is a line that drives the engine: one of its fields is set.
type step struct {
	Answer       *string `json:"answer"`
	Value        string  `json:"value"`
	AddRepeat    *string `json:"add_repeat"`
	RemoveRepeat *string `json:"remove_repeat"`
	Language     *string `json:"language"`
	Finish       bool    `json:"finish"`
}

// An outcome is the line that answers a step: what came of it, and the whole
// state after it. Reason tells more where the result is one word for several.
type outcome struct {
	Result  string       `json:"result"`
	Reason  flows.Reason `json:"reason,omitempty"`
	Message string       `json:"message,omitempty"`
	*flows.State
	Choices      map[string]any  `json:"choices"`
	FirstFailing string          `json:"first_failing,omitempty"`
	Submission   json.RawMessage `json:"submission,omitempty"`
}

// pipe drives an instance by lines of JSON.
func pipe(in *flows.Instance, r io.Reader, w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(withState(outcome{Result: "ok"}, in)); err != nil {
		return err
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var s step
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return usage("line %d is not JSON: %w", n, err)
		}
		if err := enc.Encode(withState(s.do(in), in)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func withState(o outcome, in *flows.Instance) outcome {
	o.State = in.State()
	o.Choices = make(map[string]any, len(o.State.Choices))
	for ref, list := range o.State.Choices {
		o.Choices[ref] = choiceList(list)
	}
	return o
}

// maxListed is how long a list of choices may be before only its length and
// ends are told.
const maxListed = 200

func choiceList(list []flows.Choice) any {
	pairs := make([][2]string, len(list))
	for i, c := range list {
		pairs[i] = [2]string{c.Name, c.Label}
	}
	if len(pairs) <= maxListed {
		return pairs
	}
	return struct {
		Count int       `json:"count"`
		First [2]string `json:"first"`
		Last  [2]string `json:"last"`
	}{len(pairs), pairs[0], pairs[len(pairs)-1]}
}

func (s *step) do(in *flows.Instance) outcome {
	switch {
	case s.Answer != nil:
		at, ok := in.Find(*s.Answer)
		if !ok {
			return outcome{Result: "not_available"}
		}
		return result(in.Answer(at, flows.Input{Value: &s.Value}))
	case s.AddRepeat != nil:
		return available(in.AddRepeat(*s.AddRepeat))
	case s.RemoveRepeat != nil:
		return available(in.RemoveRepeat(*s.RemoveRepeat))
	case s.Language != nil:
		i, ok := in.Form().Language(*s.Language)
		if !ok {
			return outcome{Result: "not_available"}
		}
		in.SetLanguage(i)
	case s.Finish:
		return finish(in)
	}
	return outcome{Result: "ok"}
}

func finish(in *flows.Instance) outcome {
	sub, err := in.Finish()
	if err != nil {
		o := result(err)
		var refused *flows.AnswerError
		if errors.As(err, &refused) {
			o.FirstFailing = refused.Ref
		}
		return o
	}
	data, err := json.Marshal(sub.Data)
	if err != nil {
		return outcome{Result: "error", Message: err.Error()}
	}
	return outcome{Result: "ok", Submission: data}
}

func available(err error) outcome {
	if err != nil {
		return outcome{Result: "not_available"}
	}
	return outcome{Result: "ok"}
}

// result puts what came of a step in one of the few words of the format: ok,
// required, constraint, not_relevant, not_available, or error.
func result(err error) outcome {
	var refused *flows.AnswerError
	switch {
	case err == nil:
		return outcome{Result: "ok"}
	case !errors.As(err, &refused):
		return outcome{Result: "error", Message: err.Error()}
	}
	o := outcome{Result: string(refused.Reason), Message: refused.Message}
	switch refused.Reason {
	case flows.ReasonRequired, flows.ReasonConstraint, flows.ReasonRelevant, flows.ReasonMissing:
	case flows.ReasonStop:
		o.Result, o.Reason = string(flows.ReasonRequired), refused.Reason
	case flows.ReasonChoice, flows.ReasonReadOnly:
		o.Result, o.Reason = string(flows.ReasonMissing), refused.Reason
	default:
		o.Result, o.Reason = string(flows.ReasonConstraint), refused.Reason
	}
	return o
}

// A terminal is an interview with a person at the keyboard.
type terminal struct {
	in      *flows.Instance
	lines   *bufio.Scanner
	out     io.Writer
	section string // the innermost group whose label is on the screen
}

func (t *terminal) run() error {
	fmt.Fprintln(t.out, "Answer in words or by number. An empty line skips, < goes back, q leaves.")
	for {
		p := t.in.Prompt()
		if p.Kind == flows.Complete {
			t.notes(p.Notes) // what stands behind the last question
			return t.finish()
		}
		t.show(p)
		if !t.lines.Scan() {
			return t.lines.Err()
		}
		switch text := strings.TrimSpace(t.lines.Text()); text {
		case "q":
			return nil
		case "<":
			t.in.Back()
		default:
			if err := t.in.Answer(p.At, typed(p, text)); err != nil {
				fmt.Fprintln(t.out, "  !", why(err))
			}
		}
	}
}

func (t *terminal) finish() error {
	sub, err := t.in.Finish()
	var refused *flows.AnswerError
	if errors.As(err, &refused) {
		fmt.Fprintln(t.out, "  !", refused.Ref+":", why(err))
		return t.run()
	}
	if err != nil {
		return err
	}
	enc := json.NewEncoder(t.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sub.Data)
}

func (t *terminal) show(p *flows.Prompt) {
	section := ""
	if n := len(p.Groups); n > 0 {
		section = p.Groups[n-1]
	}
	earlier := p.NotesBefore()
	t.notes(p.Notes[:earlier])
	if section != t.section && section != "" {
		fmt.Fprintf(t.out, "\n-- %s --\n", render.Plain(section))
	}
	t.section = section
	t.notes(p.Notes[earlier:])
	label := p.Label
	if label == "" && p.Node != nil {
		label = p.Node.Name
	}
	t.text("\n", label)
	t.text("  ", p.Hint)
	t.text("  ", p.Guidance)
	for i, c := range p.Choices {
		fmt.Fprintf(t.out, "  %d  %s\n", i+1, render.Plain(c.Label))
	}
	switch {
	case p.Kind != flows.Ask || !p.Node.Type.Select():
	case len(p.Choices) == 0:
		fmt.Fprintln(t.out, "  (there is nothing to choose from: the choice_filter leaves nothing)")
	case p.Node.Type.Multiple():
		fmt.Fprintln(t.out, "  (several, as 1, 2)")
	}
	switch p.Kind {
	case flows.AskRepeat:
		fmt.Fprint(t.out, "another one? y/n > ")
	case flows.Stop:
		fmt.Fprint(t.out, "the interview stops here; < goes back > ")
	default:
		fmt.Fprint(t.out, "> ")
	}
}

// notes shows notes and read-only answers.
func (t *terminal) notes(notes []flows.Note) {
	for _, n := range notes {
		t.text("\n", n.Label)
		if n.Value != "" {
			fmt.Fprintln(t.out, "  "+n.Value)
		}
		t.text("  ", n.Hint)
	}
}

// text writes a text of the form without its mark-up, unless there is none.
func (t *terminal) text(before, text string) {
	if text = strings.TrimSpace(render.Text(render.Markup(text))); text != "" {
		fmt.Fprintln(t.out, before+text)
	}
}

// typed makes an input of a line.
func typed(p *flows.Prompt, text string) flows.Input {
	switch {
	case p.Kind == flows.AskRepeat:
		again := strings.HasPrefix(strings.ToLower(text), "y")
		return flows.Input{Yes: again, Skip: !again}
	case p.Node.Type.Control == "trigger" && text != "":
		return flows.Input{Yes: true}
	case text == "":
		return flows.Input{Skip: true}
	}
	return flows.Input{Text: text}
}

// why is a reason in plain English, for an author at a terminal.
func why(err error) string {
	var refused *flows.AnswerError
	switch {
	case !errors.As(err, &refused):
		return err.Error()
	case refused.Message != "":
		return render.Text(render.Markup(refused.Message))
	case refused.Reason == flows.ReasonRequired:
		return "an answer is required"
	case refused.Reason == flows.ReasonKind:
		return "a terminal cannot send what this question asks for"
	}
	return "this " + refused.Reason.Words()
}
