package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// carryOne moves a person's interviews to the version v of their form, and has
// the question asked again that they were at, or the first one that is new.
func (p *preview) carryOne(ctx context.Context, person string, v storage.FormVersion) (kept int, lost []string, err error) {
	for range 5 { // the bot may be at work on the same session
		kept, lost = 0, nil
		s, err := p.service.stores.Load(ctx, person)
		if err != nil {
			return 0, nil, err
		}
		moved := false
		for i := range s.Open {
			open := &s.Open[i]
			if open.FormID != v.FormID || open.Hash == v.Hash || open.State != storage.Asking && open.State != storage.Reviewing {
				continue
			}
			in, k, l, err := p.carried(ctx, open, v)
			if err != nil {
				return 0, nil, err
			}
			moved, kept, lost = true, kept+k, append(lost, l...)
			open.Hash, open.Instance, open.Message, open.Typed, open.State = v.Hash, in.Encode(), 0, nil, storage.Asking
			open.Revision++
			if i == 0 {
				p.askAgain(&s, open, in)
			}
		}
		if !moved {
			return 0, nil, nil
		}
		s.Person = person
		s.Changed = p.server.Now().Add(-time.Minute) // so that a sweep sends it at once
		_, err = p.service.stores.Commit(ctx, s)
		if !errors.Is(err, storage.ErrConflict) {
			return kept, lost, err
		}
	}
	return 0, nil, storage.ErrConflict
}

func (p *preview) world() flows.World {
	return flows.World{Now: p.server.Now, Zone: p.service.config.zone()}
}

// carried is an interview as it stands in another version of its form.
func (p *preview) carried(ctx context.Context, open *storage.Interview, v storage.FormVersion) (*flows.Instance, int, []string, error) {
	before, err := p.service.stores.Version(ctx, open.FormID, open.Hash)
	if err != nil {
		return nil, 0, nil, err
	}
	oldForm, err := bot.Compile(before)
	if err != nil {
		return nil, 0, nil, err
	}
	old, err := oldForm.Resume(p.world(), open.Instance)
	if err != nil {
		return nil, 0, nil, fmt.Errorf("resume interview: %w", err)
	}
	form, err := bot.Compile(v)
	if err != nil {
		return nil, 0, nil, err
	}
	in, err := form.Start(p.world(), flows.StartOptions{Language: oldForm.Languages[old.Language()].Name, ID: old.ID()})
	if err != nil {
		return nil, 0, nil, fmt.Errorf("start interview: %w", err)
	}
	kept, lost := carryAnswers(old, in)
	return in, kept, lost, nil
}

// ofRepeat is the first instance of a repeat, or a later one, in a ref.
var ofRepeat = regexp.MustCompile(`\[\d+\]`)

// carryAnswers gives an interview the answers of an older one, as far as they
// fit, and puts it where that one was, or before it at the first question that
// the older one did not have.
func carryAnswers(old, in *flows.Instance) (kept int, lost []string) {
	was, before, after := old.State(), byPath(old.Form()), byPath(in.Form())
	for _, ref := range was.Visible {
		value := was.Values[ref]
		n := before[ofRepeat.ReplaceAllString(ref, "")]
		if value == "" || n == nil || !n.Askable() {
			continue
		}
		for _, at := range ofRepeat.FindAllStringIndex(ref, -1) {
			if !has(in, ref[:at[1]]+"/") {
				in.AddRepeat(ref[:at[0]]) // refused where its number is computed
			}
		}
		if now, _ := in.Value(ref); now != value && in.Set(ref, value) != nil {
			lost = append(lost, n.Name)
			continue
		}
		kept++
	}
	current := old.Prompt().Ref
	for _, ref := range in.State().Visible {
		_, known := was.Values[ref]
		n := after[ofRepeat.ReplaceAllString(ref, "")]
		if n == nil || !n.Askable() || known && ref != current && !slices.Contains(lost, n.Name) {
			continue
		}
		if at, ok := in.Find(ref); ok && in.Goto(at) {
			break
		}
	}
	return kept, lost
}

// byPath are the questions of a form by where they are.
func byPath(f *flows.Form) map[string]*flows.Node {
	all := map[string]*flows.Node{}
	for _, n := range f.Nodes {
		if n.Kind == flows.QuestionNode {
			all[n.Path] = n
		}
	}
	return all
}

// has reports whether anything relevant is there beneath a ref.
func has(in *flows.Instance, prefix string) bool {
	for ref := range in.State().Values {
		if strings.HasPrefix(ref, prefix) {
			return true
		}
	}
	return false
}

// askAgain puts the question that an interview is at among the replies to send.
func (p *preview) askAgain(s *storage.Session, open *storage.Interview, in *flows.Instance) {
	view := render.View{
		Words: p.service.words, Lang: s.Language, Form: in.Form(), FormLang: in.Language(),
		Nonce: open.Nonce, Revision: open.Revision, Now: p.server.Now(),
	}
	prompt := in.Prompt()
	var screen render.Screen
	switch {
	case prompt.Kind != flows.Complete:
		view.Back, view.Languages = prompt.Done > 0, prompt.Done == 0
		screen = view.Prompt(prompt, 0)
	case in.Form().Settings.Review:
		open.State = storage.Reviewing
		screen = view.Review(in.Answers(), 0, true)
	default:
		return // it is sent with whatever the person does next
	}
	s.Outbox = slices.DeleteFunc(s.Outbox, func(r storage.Reply) bool { return r.Asks })
	for i, payload := range screen.Payloads() {
		s.Outbox = append(s.Outbox, storage.Reply{ID: s.NextID, Method: "sendMessage", Payload: payload, Asks: i == len(screen.Payloads())-1})
		s.NextID++
	}
}
