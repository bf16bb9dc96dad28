package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/export"
	"example.org/fieldbot/storage"
)

// TestFilesOfASubmission follows a photo from the chat into the media folder,
// and out of it when its submission is withdrawn.
func TestFilesOfASubmission(t *testing.T) {
	t.Parallel()
	h := newFortress(t)
	u := h.person()
	u.Start("pic")
	h.quiet()
	if _, err := u.Send(simulator.Attachment{Kind: "document", Name: "../evil.jpg", MIME: "image/jpeg", Data: []byte("\xff\xd8\xff photo")}); err != nil {
		t.Fatal(err)
	}
	h.quiet()
	var id string
	for s, err := range h.db.Each(h.ctx, storage.Filter{FormID: "pic"}) {
		if err != nil {
			t.Fatal(err)
		}
		id = s.ID
	}
	file := func() (storage.MediaFile, bool) {
		t.Helper()
		if err := h.service.keeper().Sweep(h.ctx); err != nil {
			t.Fatal(err)
		}
		all, err := h.db.MediaOf(h.ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 0 {
			return storage.MediaFile{}, false
		}
		return all[0], true
	}
	f, ok := file()
	if !ok || f.State != storage.MediaFetched || f.Size != 9 || len(f.SHA256) != 32 || f.Question != "q" || f.FileID != "" {
		t.Fatalf("recorded %+v", f)
	}
	path := filepath.Join(h.service.config.mediaDir(), f.Path)
	if b, err := os.ReadFile(path); err != nil || string(b) != "\xff\xd8\xff photo" {
		t.Errorf("the file holds %q: %v", b, err)
	}
	form, err := currentForm(h.ctx, h.db, "pic")
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	x := bot.Extract{Filter: storage.Filter{FormID: "pic"}}
	_, err = export.Write(&zipped, x.Rows(h.ctx, h.db, form, nil), []*flows.Form{form},
		export.Options{Format: export.XML, Media: bot.MediaOf(h.ctx, h.db, h.service.keeper())})
	if err != nil || !bytes.Contains(zipped.Bytes(), []byte("\xff\xd8\xff photo")) {
		t.Errorf("the file is not beside its document: %v", err)
	}
	if err := h.db.Withdraw(h.ctx, id, "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	if f, ok := file(); ok {
		t.Errorf("after the withdrawal: %+v", f)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("after the withdrawal the file is there: %v", err)
	}
}

// Nobody waits for a reply until a file has been fetched, and a file whose
// fetching fails is fetched again.
func TestSlowFilesDelayNobody(t *testing.T) {
	h := newFortress(t)
	u := h.person()
	u.Start("pic")
	h.quiet()
	h.sim.Fault(simulator.Fault{Kind: simulator.BadGateway, Method: "getFile"})
	h.sim.Fault(simulator.Fault{Kind: simulator.ResetBefore, Method: "file"})
	h.sim.Fault(simulator.Fault{Kind: simulator.Slow, Method: "file", Delay: 700 * time.Millisecond})
	began := time.Now()
	if _, err := u.Photo("a.jpg", []byte("\xff\xd8\xff photo"), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Expect(h.ctx, "Your answers are stored"); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > 500*time.Millisecond {
		t.Errorf("the reply took %v", d)
	}
	h.quiet()
	if d := time.Since(began); d < 700*time.Millisecond {
		t.Errorf("the file was fetched within %v", d)
	}
	if err := h.service.keeper().Sweep(h.ctx); err != nil {
		t.Fatal(err)
	}
	if left, err := h.db.MediaIn(h.ctx, storage.MediaPending, 10); err != nil || len(left) > 0 {
		t.Errorf("not fetched: %+v %v", left, err)
	}
}
