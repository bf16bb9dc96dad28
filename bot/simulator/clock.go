package simulator

import (
	"time"
)

// Now is the simulated time: the time of Options.Now, moved on by Advance.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nowLocked()
}

func (s *Server) nowLocked() time.Time { return s.opts.Now().Add(s.offset) }

// Advance moves the clock on. Updates past their life are dropped, retries
// that fall due are made. A negative duration does nothing.
func (s *Server) Advance(d time.Duration) {
	if d <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += d
	s.closePollsLocked()
	for _, b := range s.bots {
		b.expireLocked()
		b.pumpLocked()
	}
	s.eventLocked("clock", map[string]any{"now": s.nowLocked()})
}

// AdvanceTo moves the clock on to t; a time that is past does nothing.
func (s *Server) AdvanceTo(t time.Time) { s.Advance(t.Sub(s.Now())) }

// wakeLocked looks at the bot's updates again when the clock will stand at at,
// if it moves by itself; Advance looks without being asked.
func (s *Server) wakeLocked(b *Bot, at time.Time) {
	d := at.Sub(s.nowLocked())
	if d < 0 {
		d = 0
	}
	if s.closed {
		return
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	// A clock that stands still makes the timer fire early; the pump then
	// finds nothing due and sets it again.
	b.timer = time.AfterFunc(max(d, 10*time.Millisecond), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		b.expireLocked()
		b.pumpLocked()
	})
}
