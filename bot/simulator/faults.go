package simulator

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A FaultKind names something that goes wrong.
type FaultKind string

// What can go wrong with a call, and with an update.
const (
	TooManyRequests FaultKind = "429"          // JSON, with retry_after
	ServerError     FaultKind = "500"          // JSON, not executed
	BadGateway      FaultKind = "502"          // HTML, not executed
	Conflict        FaultKind = "409"          // JSON, not executed
	Unauthorized    FaultKind = "401"          // JSON, not executed
	ResetBefore     FaultKind = "reset-before" // the connection is cut, nothing was executed
	ResetAfter      FaultKind = "reset-after"  // it is cut after the call took effect
	ErrorAfter      FaultKind = "500-after"    // JSON 500 after the call took effect
	Slow            FaultKind = "slow"         // the answer comes late, but is right
	Gone            FaultKind = "404"          // JSON, not executed; with Method "file", a link that ended
	DuplicateUpdate FaultKind = "duplicate"    // an update is delivered twice
	LateWebhook     FaultKind = "webhook"      // the webhook answers after a minute: it has the update, and gets it again
	ScrambledAlbum  FaultKind = "album"        // the second file of an album arrives before the first
)

// A Fault goes wrong Times times, for the calls that it fits.
type Fault struct {
	Kind FaultKind `json:"kind"`

	// Method is the one that fails, in any case; "file" is a download. Empty
	// means all but getUpdates, "*" means all.
	Method string `json:"method,omitempty"`

	// ChatID bounds it to calls with this chat_id; 0 means any.
	ChatID int64 `json:"chat_id,omitempty"`

	// Times is how often; 0 means once, a negative number until ClearFaults.
	Times int `json:"times,omitempty"`

	// After lets that many fitting calls pass first.
	After int `json:"after,omitempty"`

	// For ends the fault when the clock has moved on by so much, in
	// nanoseconds; 0 means never. With it, Times 0 means any number.
	For time.Duration `json:"for,omitempty"`

	// RetryAfter is what a 429 says, in seconds; 1 if it is 0.
	RetryAfter int `json:"retry_after,omitempty"`

	// Delay is how late a slow answer is, in real time.
	Delay time.Duration `json:"delay,omitempty"`

	until time.Time
}

// faultKinds are all there are.
var faultKinds = []FaultKind{TooManyRequests, ServerError, BadGateway, Conflict, Unauthorized, ResetBefore, ResetAfter,
	ErrorAfter, Slow, Gone, DuplicateUpdate, LateWebhook, ScrambledAlbum}

// aboutCalls reports whether a fault is one of calls, not of updates.
func (f *Fault) aboutCalls() bool {
	return f.Kind != DuplicateUpdate && f.Kind != LateWebhook && f.Kind != ScrambledAlbum
}

// Fault makes something go wrong from now on.
func (s *Server) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
		if f.For > 0 {
			f.Times = -1
		}
	}
	if f.For > 0 {
		f.until = s.nowLocked().Add(f.For)
	}
	if f.Kind == TooManyRequests && f.RetryAfter == 0 {
		f.RetryAfter = 1
	}
	s.faults = append(s.faults, &f)
	s.writeFaultLocked(f)
	s.eventLocked("faults", s.faultsLocked())
}

// ClearFaults takes all faults back.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.eventLocked("faults", s.faultsLocked())
}

// Faults returns those that are set and not used up.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faultsLocked()
}

func (s *Server) faultsLocked() []Fault {
	all := []Fault{}
	for _, f := range s.faults {
		all = append(all, *f)
	}
	return all
}

// faultLocked takes the fault that hits the call, nil if none does.
func (s *Server) faultLocked(c *call) *Fault {
	chat, _ := strconv.ParseInt(c.text("chat_id"), 10, 64)
	return s.hitLocked(func(f *Fault) bool {
		if !f.aboutCalls() || f.ChatID != 0 && f.ChatID != chat {
			return false
		}
		switch f.Method {
		case "*":
			return true
		case "":
			return !strings.EqualFold(c.method, "getUpdates")
		}
		return strings.EqualFold(f.Method, c.method)
	})
}

// downloadFaultLocked takes the fault that hits a download.
func (s *Server) downloadFaultLocked() *Fault {
	return s.hitLocked(func(f *Fault) bool { return f.Method == "file" })
}

// takeLocked takes a fault of a kind that is not about calls.
func (s *Server) takeLocked(kind FaultKind) *Fault {
	return s.hitLocked(func(f *Fault) bool { return f.Kind == kind })
}

func (s *Server) hitLocked(fits func(f *Fault) bool) *Fault {
	now := s.nowLocked()
	s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool {
		return f.Times == 0 || !f.until.IsZero() && !now.Before(f.until)
	})
	for _, f := range s.faults {
		if !fits(f) {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		hit := *f
		s.eventLocked("faults", s.faultsLocked())
		return &hit
	}
	return nil
}

// after reports whether the call takes effect before it goes wrong.
func (f *Fault) after() bool {
	return f.Kind == ResetAfter || f.Kind == ErrorAfter || f.Kind == Slow
}

// status is the HTTP status that the caller sees; 0 if none.
func (f *Fault) status() int {
	switch f.Kind {
	case TooManyRequests:
		return 429
	case BadGateway:
		return 502
	case Conflict:
		return 409
	case Unauthorized:
		return 401
	case Gone:
		return 404
	case ResetBefore, ResetAfter:
		return 0
	}
	return 500
}

// answer writes what the caller sees, if anything, and tells the status.
func (f *Fault) answer(w http.ResponseWriter, r *http.Request) int {
	switch f.Kind {
	case TooManyRequests:
		writeError(w, tooMany(f.RetryAfter))
	case Conflict:
		writeError(w, conflict("terminated by other getUpdates request; make sure that only one bot instance is running"))
	case Unauthorized:
		writeError(w, &apiError{Code: 401, Description: "Unauthorized"})
	case Gone:
		writeError(w, &apiError{Code: 404, Description: "Not Found"})
	case BadGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"+
			"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n")
	case ServerError, ErrorAfter:
		writeError(w, &apiError{Code: 500, Description: "Internal Server Error"})
	}
	return f.status()
}

// abort cuts the connection if that is what goes wrong.
func (f *Fault) abort() {
	if f.Kind == ResetBefore || f.Kind == ResetAfter {
		panic(http.ErrAbortHandler) // how net/http is told to close it
	}
}
