package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// A version that an earlier fieldbot took and this one refuses: who is in an
// interview by it is told so and may begin again, its successor is published, and
// its answers are exported.
func TestVersionThatNoLongerCompiles(t *testing.T) {
	w := open(t, wellsForm)
	boss, noy := w.person("en"), w.person("en")
	w.promote(boss, storage.Secretariat)
	has(t, noy.says("/start wells"), "How deep?")

	w.store.forms[0].Source = []byte(strings.Replace(wellsForm, "| depth |", "| meta |", 1))
	w.store.forms[0].Title = "Wells"
	old := w.store.forms[0]
	w.stop()
	w.start()
	for _, message := range []string{"7", "/cancel", "/back", "/language", "/start wells"} {
		has(t, noy.says(message), "“Wells” cannot")
	}
	has(t, noy.says("/open"), "Unfinished forms")
	has(t, noy.says("[Wells]"), "kept for 90 days")
	has(t, noy.screen(), "[Discard]")

	w.store.subs = append(w.store.subs, storage.Submission{Submission: flows.Submission{ID: "1", FormID: "wells", Hash: old.Hash,
		Data: flows.Record{{Name: "meta", Type: "integer", Text: "12"}}}, Received: time.Unix(1, 0)})
	export := func() {
		t.Helper()
		for _, format := range []string{"xlsx", "csv", "zip", "jsonl", "xml", "geojson"} {
			boss.says("/export wells " + format)
			has(t, boss.Last().Caption, "Wells: 1 submission", "1 submission) cannot be read", "meta")
		}
	}
	export()

	mended := strings.Replace(wellsForm, "| keyword |\n| | Wells | wells | wells |", "| keyword | version |\n| | Wells | wells | wells | 2 |", 1)
	if _, err := boss.Document("Wells.md", []byte(mended), ""); err != nil {
		t.Fatal(err)
	}
	has(t, boss.hears(), "could not be compared", "meta", "Shall this version be published?")
	has(t, boss.says("[Publish]"), "is published")
	slices.Reverse(w.store.forms) // the store of these tests takes the first for the current one
	w.bot.Published()
	export()

	has(t, noy.says("7"), "Please start again")
	has(t, noy.says("[Start again]"), "How deep?")
	noy.says("8")
	if got := answers(w.stored(2).Data); got != "depth=8" {
		t.Fatalf("stored %s", got)
	}
}

// Nobody is reminded of an interview that cannot go on; it is kept for as long as
// any form may say.
func TestLeftInterviewByVersionThatNoLongerCompiles(t *testing.T) {
	w := open(t, strings.Replace(wellsForm, "How deep? |\n", "How deep? |\n| | text | where | Where? |\n", 1))
	noy := w.person("en")
	noy.says("/start wells")
	has(t, noy.says("7"), "Where?")
	w.store.forms[0].Source = []byte(strings.Replace(wellsForm, "| depth |", "| meta |", 1))
	w.store.forms[0].Title = "Wells"
	w.stop()
	w.start()
	for _, days := range []int{1, 6, 50, 40} {
		w.sim.Advance(time.Duration(days) * 24 * time.Hour)
		if err := w.bot.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := noy.hears()
		if expired := days == 40; strings.Contains(got, "“Wells” was open for too long") != expired || !expired && strings.Contains(got, "Wells") { // the last question may come again
			t.Fatalf("%d days later: %q", days, got)
		}
	}
}

// An interview that was sent off, but not stored when the program was renewed,
// stays, and holds up no other.
func TestSentOffByVersionThatNoLongerCompiles(t *testing.T) {
	w := open(t, wellsForm, strings.ReplaceAll(strings.ReplaceAll(wellsForm, "wells", "ponds"), "Wells", "Ponds"))
	noy := w.person("en")
	noy.says("/start wells")
	w.store.beforeCom = func(s *storage.Session) {
		for i := range s.Open {
			if s.Open[i].FormID == "wells" {
				s.Open[i].State = storage.Finishing
			}
		}
	}
	noy.says("/start ponds")
	w.store.beforeCom = nil
	w.store.forms[0].Source = []byte(strings.Replace(wellsForm, "| depth |", "| meta |", 1))
	w.store.forms[0].Title = "Wells"
	w.stop()
	w.start()
	noy.says("8")
	if got := w.stored(1); got.FormID != "ponds" {
		t.Fatalf("stored %s", got.FormID)
	}
	has(t, noy.says("hello"), "are kept")
}
