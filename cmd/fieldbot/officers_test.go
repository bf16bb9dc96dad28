package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// An officer sends a video that no bot may fetch: it is refused with what may be
// sent, and the draft goes on without it.
func TestOfficerSendsALargeVideo(t *testing.T) {
	t.Parallel()
	words := locales.New()
	video := make([]byte, 50<<20)
	for _, lang := range []string{"lo", "en"} {
		stores := onSQLite(t)
		st := stage(t, stores, false)
		d, err := flowtest.Parse([]byte("language: " + lang + "\nforms: activity_update\nlink: badge role=officer district=1503 organisation=Office\n" +
			"-- chat --\n> /start {badge}\n> ຄຳ\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Play(t.Context(), d, nil); err != nil {
			t.Fatal(err)
		}
		u := st.Server.User(simulator.UserOptions{ID: 700_000_001})
		settled := func() {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := st.Settled(ctx); err != nil {
				t.Fatal(err)
			}
		}
		said := func(from int) (all string) {
			for _, m := range u.Heard()[from:] {
				all += m.Text + "\n"
			}
			return all
		}
		from := len(u.Heard())
		if _, err := u.Video("opening.mp4", video, 60, "ພິທີເປີດ"); err != nil {
			t.Fatal(err)
		}
		settled()
		if err := u.Tap(words.Text(lang, "file.yes", nil)); err != nil {
			t.Fatalf("%v\n%s", err, said(from))
		}
		settled()
		if all := said(from); !strings.Contains(all, words.Text(lang, "refused.size", locales.Args{"Size": words.Size(lang, 20<<20)})) {
			t.Errorf("%s: of the size it is said\n%s", lang, all)
		}
		s, err := stores.Load(t.Context(), st.Keys.Person(u.ID()))
		if err != nil || len(s.Open) != 1 || s.Open[0].State == storage.Finishing {
			t.Errorf("%s: %d drafts: %v", lang, len(s.Open), err)
		}
	}
}

// Every change of a person's record that the secretariat makes in the chat is in
// the audit log, with who made it.
func TestChangesOfPeopleAreAudited(t *testing.T) {
	t.Parallel()
	stores := onSQLite(t)
	playFile(t, stage(t, stores, false), "testdata/behaviour/people.txtar")
	lines, err := stores.Audit(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	log := ""
	for _, l := range lines {
		if l.By == "" || l.Person == "" || l.At.IsZero() {
			t.Errorf("who changed what is not known: %+v", l)
		}
		log += l.What + "\n"
	}
	for _, want := range []string{"invitation", "scope", "suspended", "restored", "handed over"} {
		if !strings.Contains(log, want) {
			t.Errorf("the audit log says nothing of %q:\n%s", want, log)
		}
	}
}
