package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// An event is something that a page wants to know.
type event struct {
	ID   int             `json:"id"`
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

const keptEvents = 2000

type eventLog struct {
	last  int
	kept  []event
	calls int
}

// eventLocked notes an event; those who follow are woken by changeLocked.
func (s *Server) eventLocked(kind string, data any) {
	raw, err := encode(data)
	if err != nil {
		return
	}
	s.events.last++
	s.events.kept = append(s.events.kept, event{s.events.last, kind, raw})
	if len(s.events.kept) > keptEvents {
		s.events.kept = append([]event(nil), s.events.kept[keptEvents/2:]...)
	}
	s.changeLocked()
}

// Announce tells all pages something: kind "reload" makes them load anew,
// "note" shows a text.
func (s *Server) Announce(kind, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.eventLocked(kind, map[string]string{"text": text})
}

// A Notice is what the page tells everybody above the chats, until it is taken
// back: that a form cannot be read, say. Kind chooses the words of the page;
// "problems" and "form" have some.
type Notice struct {
	Kind  string   `json:"kind"`
	Title string   `json:"title,omitempty"`
	Lines []string `json:"lines,omitempty"`
}

// Notify shows a notice on all pages, those opened later too; nil takes it back.
func (s *Server) Notify(n *Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notice = n
	s.eventLocked("notice", n)
}

// since returns the events after one, and whether all of them are still known.
func (s *Server) sinceLocked(id int) ([]event, bool) {
	if id > s.events.last {
		return nil, false
	}
	first := s.events.last - len(s.events.kept)
	if id < first {
		return nil, false
	}
	return s.events.kept[id-first:], true
}

// Wait waits until a message of the chat fits: one that the person did not
// write, be it new, edited or there before. It returns the newest that does.
func (u *User) Wait(ctx context.Context, fits func(Message) bool) (Message, error) {
	var found Message
	err := u.srv.wait(ctx, func() bool {
		all := u.chatLocked().messages
		for i := len(all) - 1; i >= 0; i-- {
			m := all[i]
			if !m.deleted && (m.From == nil || m.From.ID != u.p.ID) && fits(m.copyOf()) {
				found = m.copyOf()
				return true
			}
		}
		return false
	})
	return found, err
}

// Expect waits until the bot said something that contains text after the
// person's own last message, and returns it. What it found instead is in the
// error.
func (u *User) Expect(ctx context.Context, text string) (Message, error) {
	var found Message
	var heard []string
	err := u.srv.wait(ctx, func() bool {
		heard = heard[:0]
		all := u.chatLocked().messages
		for i := len(all) - 1; i >= 0 && (all[i].From == nil || all[i].From.ID != u.p.ID); i-- {
			if all[i].deleted {
				continue
			}
			if strings.Contains(all[i].Text+all[i].Caption, text) {
				found = all[i].copyOf()
				return true
			}
			heard = append(heard, all[i].Text+all[i].Caption)
		}
		return false
	})
	if err != nil {
		return found, fmt.Errorf("simulator: the bot did not say %q but %q: %w", text, heard, err)
	}
	return found, nil
}
