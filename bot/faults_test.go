package bot_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
)

// TestNothingLostNothingTwice lets people answer while calls fail in every way,
// updates come twice and the process is replaced. What is stored in the end is
// what each of them answered, once.
func TestNothingLostNothingTwice(t *testing.T) {
	const people = 12
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := open(t, household)
	var wg sync.WaitGroup
	var crowd []*person
	for i := range people {
		p := w.person("en")
		crowd = append(crowd, p)
		wg.Go(func() { answerAll(t, p, i, rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	r := rand.New(rand.NewPCG(seed, 999))
	kinds := []simulator.FaultKind{simulator.ResetBefore, simulator.ResetAfter, simulator.ServerError, simulator.ErrorAfter,
		simulator.BadGateway, simulator.DuplicateUpdate, simulator.TooManyRequests}
	deadline := time.After(60 * time.Second)
	for n := 0; ; n++ {
		select {
		case <-done:
			w.sim.ClearFaults()
			w.quiet()
			compareAll(t, w, crowd)
			return
		case <-deadline:
			for i, p := range crowd {
				if strings.Contains(p.screen(), "Thank you") {
					continue
				}
				s, _ := w.store.Load(t.Context(), w.keys.Person(p.ID()))
				toasts := strings.Split(p.toasts(), "\n")
				t.Logf("%d: %s\nTOASTS %q OPEN %d OUTBOX %d WAITING %v", i, p.screen(), toasts[max(0, len(toasts)-4):], len(s.Open), len(s.Outbox), s.Waiting())
				for _, m := range p.Messages()[max(0, len(p.Messages())-12):] {
					t.Logf("   %d %v %.50q %s", m.MessageID, m.From.IsBot, m.Text, p.keys(m))
				}
			}
			t.Fatal("not everybody came to the end")
		case <-time.After(time.Duration(20+r.IntN(60)) * time.Millisecond):
		}
		if n%40 == 39 {
			w.sim.Advance(10 * time.Second)
			if err := w.bot.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if n >= 60 { // or else the last ones would meet all that are left
			w.sim.ClearFaults()
			continue
		}
		w.sim.Fault(simulator.Fault{Kind: kinds[r.IntN(len(kinds))], Method: []string{"sendMessage", "", "editMessageText"}[r.IntN(3)]})
		if n%10 == 5 { // the process is replaced before it has sent all
			w.stop()
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			w.bot.Close(ended) // or else its replies would go on behind the new one's
			w.start()
			w.sim.Advance(10 * time.Second)
			if err := w.bot.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

// answerAll answers like somebody who taps again when nothing happens.
func answerAll(t *testing.T, p *person, i int, r *rand.Rand) {
	p.Say("/household")
	for t.Context().Err() == nil {
		time.Sleep(time.Duration(r.IntN(60)) * time.Millisecond)
		seen, patience := len(p.Heard()), 3*time.Second
		m, key := p.question()
		if key == "Thank you" {
			return
		}
		tap := func(label string) {
			for _, row := range m.ReplyMarkup.InlineKeyboard {
				for _, b := range row {
					if strings.HasPrefix(b.Text, label) {
						for range 1 + r.IntN(2) { // quite often twice
							p.TapData(m.MessageID, b.CallbackData)
						}
					}
				}
			}
		}
		if m.ReplyMarkup == nil && key != "" {
			key = "" // the keyboard went with the answer; the next question is on its way
		}
		switch key {
		case "Do you agree?":
			tap("Yes")
		case "Name of the village":
			p.Say(fmt.Sprint("Ban ", i))
			patience = 20 * time.Second // a text is not sent twice: it might answer the next question
		case "How many people?":
			p.Say(fmt.Sprint(i + 2))
			patience = 20 * time.Second
		case "Which crops?":
			tap("⬜ Tea")
			tap("⬜ Rice")
			p.wait(func() bool { m, _ = p.question(); return strings.Contains(p.keys(m), "Done (2)") }, time.Second)
			tap("Done (2)")
		case "Living here since?":
			tap("Today")
		case "check your answers":
			tap("✅ Send")
		case "":
			if len(p.Heard()) == 0 {
				p.Say("/household")
			}
		}
		p.wait(func() bool { return len(p.Heard()) > seen }, patience)
	}
}

var asked = []string{"check your answers", "Do you agree?", "Name of the village", "How many people?", "Which crops?", "Living here since?", "Thank you"}

// question is the last message that asks something.
func (p *person) question() (simulator.Message, string) {
	heard := p.Heard()
	for i := len(heard) - 1; i >= 0; i-- {
		for _, key := range asked {
			if strings.Contains(heard[i].Text, key) && (heard[i].ReplyMarkup != nil || key == "Thank you") {
				return heard[i], key
			}
		}
	}
	return simulator.Message{}, ""
}

func (p *person) keys(m simulator.Message) string {
	out := ""
	if m.ReplyMarkup != nil {
		for _, row := range m.ReplyMarkup.InlineKeyboard {
			for _, b := range row {
				out += b.Text + "|"
			}
		}
	}
	return out
}

func (p *person) wait(ok func() bool, most time.Duration) {
	for end := time.Now().Add(most); !ok() && time.Now().Before(end); {
		time.Sleep(3 * time.Millisecond)
	}
}

func compareAll(t *testing.T, w *world, crowd []*person) {
	t.Helper()
	byPerson := map[string][]string{}
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	for _, s := range w.store.subs {
		byPerson[s.Person] = append(byPerson[s.Person], answers(s.Data))
	}
	if len(w.store.aside) > 0 {
		t.Errorf("%d updates were put aside: %s", len(w.store.aside), w.store.aside[0].Reason)
	}
	for i, p := range crowd {
		got := byPerson[w.keys.Person(p.ID())]
		want := fmt.Sprintf("consent=yes village=Ban %d people=%d crops=tea rice since=", i, i+2)
		if len(got) != 1 || !(strings.HasPrefix(got[0], want) || strings.HasPrefix(got[0], strings.Replace(want, "tea rice", "rice tea", 1))) {
			t.Errorf("person %d: stored %q, want %q", i, got, want)
		}
	}
}
