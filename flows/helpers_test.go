package flows_test

import (
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
)

// compile makes a form of a markdown table, with the outer bars left out.
func compile(t testing.TB, md string) *flows.Form {
	t.Helper()
	f, err := flows.Compile(define(t, md))
	if err != nil {
		t.Fatalf("compile: %v", err)
	}
	return f
}

func define(t testing.TB, md string) *flows.Definition {
	t.Helper()
	d, err := xlsform.Read("form.md", []byte(strings.TrimSpace(md)+"\n"), nil)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return d
}

// world is a world that is the same every time.
func world() flows.World {
	n := uint64(0)
	return flows.World{
		Now:    func() time.Time { return time.Date(2026, 6, 15, 10, 0, 0, 0, time.UTC) },
		Zone:   time.FixedZone("ICT", 7*3600),
		Random: func() uint64 { n += 0x9e3779b97f4a7c15; return n },
	}
}

func start(t testing.TB, f *flows.Form) *flows.Instance {
	t.Helper()
	in, err := f.Start(world(), flows.StartOptions{})
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	return in
}

// reload saves the instance and loads it again, as the bot does between messages.
func reload(t testing.TB, in *flows.Instance) *flows.Instance {
	t.Helper()
	again, err := in.Form().Resume(world(), in.Encode())
	if err != nil {
		t.Fatalf("resume: %v", err)
	}
	return again
}

// say answers the question on screen by text.
func say(t testing.TB, in *flows.Instance, text string) *flows.Instance {
	t.Helper()
	if err := in.Answer(in.Prompt().At, flows.Input{Text: text}); err != nil {
		t.Fatalf("%s: %q: %v", in.Prompt().Ref, text, err)
	}
	return reload(t, in)
}
