package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// An apiError is a refusal, with the HTTP status for a code.
type apiError struct {
	Code        int
	Description string
	RetryAfter  int
	MigrateTo   int64
}

func (e *apiError) Error() string { return e.Description }

func badRequest(format string, args ...any) *apiError {
	return &apiError{Code: 400, Description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(why string) *apiError {
	return &apiError{Code: 403, Description: "Forbidden: " + why}
}

func conflict(why string) *apiError {
	return &apiError{Code: 409, Description: "Conflict: " + why}
}

func tooMany(seconds int) *apiError {
	return &apiError{
		Code: 429, Description: fmt.Sprintf("Too Many Requests: retry after %d", seconds), RetryAfter: seconds,
	}
}

// restarting is what the real server says while it starts anew.
var restarting = &apiError{Code: 500, Description: "Internal Server Error: restart"}

var tooLarge = &apiError{Code: 413, Description: "Request Entity Too Large"}

// A call is one request for a method of the Bot API.
type call struct {
	params
	srv    *Server
	bot    *Bot
	method string // as the API spells it
	note   string // the description that goes with a success
}

// A Call is a call that a bot made, kept for the inspector and for tests.
type Call struct {
	N           int             `json:"n"` // counts from 1, over all bots
	Time        time.Time       `json:"time"`
	Bot         int64           `json:"bot"`
	Method      string          `json:"method"`
	Params      map[string]any  `json:"params,omitempty"`
	Code        int             `json:"code"` // the HTTP status; 0 if the connection was cut
	Description string          `json:"description,omitempty"`
	Result      json.RawMessage `json:"result,omitempty"`
	Webhook     bool            `json:"webhook,omitempty"` // it came in a webhook's answer
}

const keptCalls = 2000

var botPath = regexp.MustCompile(`^/bot([^/]+)/(?:test/)?([^/]*)$`)

var tokenShape = regexp.MustCompile(`^[1-9][0-9]{0,17}:.+$`)

// serveAPI answers /bot<token>/<method>.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	m := botPath.FindStringSubmatch(r.URL.Path)
	if m == nil {
		writeError(w, &apiError{Code: 404, Description: "Not Found"})
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		writeError(w, &apiError{Code: 405, Description: "Method Not Allowed: closing"})
		return
	}
	if !tokenShape.MatchString(m[1]) || len(m[1]) > 80 {
		writeError(w, &apiError{Code: 401, Description: "Unauthorized: invalid token specified"})
		return
	}
	p, err := readParams(r)
	if err != nil {
		writeError(w, err)
		return
	}
	s.mu.Lock()
	b, closed := s.botLocked(m[1]), s.closed
	s.mu.Unlock()
	if closed {
		writeError(w, restarting)
		return
	}
	if b == nil {
		writeError(w, &apiError{Code: 401, Description: "Unauthorized"})
		return
	}
	c := &call{params: p, srv: s, bot: b, method: m[2]}
	s.answer(w, r, c)
}

// answer runs the call, with the faults that are set for it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, c *call) {
	name := strings.ToLower(c.method)
	known, isMethod := methods[name]
	if isMethod {
		c.method = known.name
	}
	polling := name == "getupdates"
	s.mu.Lock()
	if !polling {
		c.bot.inFlight++
	}
	fault := s.faultLocked(c)
	s.mu.Unlock()
	done := func(code int, err error, raw json.RawMessage) {
		s.mu.Lock()
		c.logLocked(code, err, raw, false)
		s.mu.Unlock()
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !polling {
			c.bot.inFlight--
		}
		s.changeLocked()
	}()
	if fault != nil && !fault.after() {
		code := fault.answer(w, r)
		done(code, &apiError{Code: code, Description: "fault: " + string(fault.Kind)}, nil)
		fault.abort()
		return
	}
	var raw json.RawMessage
	var err error
	switch {
	case !isMethod:
		err = notSimulated(name)
	case polling:
		raw, err = c.getUpdates(r.Context())
	default:
		s.mu.Lock()
		raw, err = c.runLocked(known)
		s.mu.Unlock()
	}
	code := 200
	if api := (*apiError)(nil); errors.As(err, &api) {
		code = api.Code
	}
	if fault != nil && fault.Kind == Slow {
		select {
		case <-time.After(fault.Delay):
		case <-r.Context().Done():
		}
		fault = nil
	}
	if fault != nil {
		code = fault.answer(w, r)
		done(code, &apiError{Code: code, Description: "fault after executing: " + string(fault.Kind)}, raw)
		fault.abort()
		return
	}
	// Noted before it is written: whoever reads the answer may look at once.
	done(code, err, raw)
	if err != nil {
		writeError(w, err)
		return
	}
	writeOK(w, raw, c.note)
}

// runLocked runs a method and encodes its result while nothing can change it.
func (c *call) runLocked(m method) (json.RawMessage, error) {
	if c.bot.logout && m.name != "logOut" {
		return nil, &apiError{Code: 400, Description: "Logged out"}
	}
	if err := c.paceLocked(); err != nil {
		return nil, err
	}
	if err := c.own(); err != nil {
		return nil, err
	}
	result, err := m.run(c)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return raw, nil
}

func notSimulated(name string) error {
	if real, ok := refused[name]; ok {
		return &apiError{Code: 404, Description: "Not Found: method " + real + " is not simulated"}
	}
	return &apiError{Code: 404, Description: "Not Found: method not found"}
}

func (c *call) logLocked(code int, err error, raw json.RawMessage, webhook bool) {
	if strings.EqualFold(c.method, "getUpdates") && err == nil {
		return // a poll is no event; its updates are
	}
	entry := Call{
		Time: c.srv.nowLocked(), Bot: c.bot.me.ID, Method: c.method, Code: code, Result: raw, Webhook: webhook,
		Params: map[string]any{},
	}
	if err != nil {
		entry.Description = err.Error()
	}
	for name, value := range c.args {
		entry.Params[name] = loggable(value)
	}
	for name, up := range c.files {
		entry.Params[name] = fmt.Sprintf("file %q, %d bytes", up.name, len(up.data))
	}
	c.srv.events.calls++
	entry.N = c.srv.events.calls
	c.bot.calls = append(c.bot.calls, entry)
	if len(c.bot.calls) > keptCalls {
		c.bot.calls = append([]Call(nil), c.bot.calls[keptCalls/2:]...)
	}
	c.srv.eventLocked("call", entry)
}

// loggable shows JSON as JSON, and text as text.
func loggable(value string) any {
	if len(value) > 1 && (value[0] == '{' || value[0] == '[') && json.Valid([]byte(value)) {
		return json.RawMessage(value)
	}
	return value
}

// Calls returns the calls that the bot made so far, oldest first, without
// successful polls. Only about the last thousand are kept.
func (b *Bot) Calls() []Call {
	b.srv.mu.Lock()
	defer b.srv.mu.Unlock()
	return append([]Call(nil), b.calls...)
}

func writeOK(w http.ResponseWriter, raw json.RawMessage, note string) {
	body := map[string]any{"ok": true, "result": raw}
	if note != "" {
		body["description"] = note
	}
	writeJSON(w, 200, body)
}

func writeError(w http.ResponseWriter, err error) {
	api := (*apiError)(nil)
	if !errors.As(err, &api) {
		api = &apiError{Code: 500, Description: "Internal Server Error: " + err.Error()}
	}
	body := map[string]any{"ok": false, "error_code": api.Code, "description": api.Description}
	parameters := map[string]any{}
	if api.RetryAfter > 0 {
		parameters["retry_after"] = api.RetryAfter
		w.Header().Set("Retry-After", strconv.Itoa(api.RetryAfter))
	}
	if api.MigrateTo != 0 {
		parameters["migrate_to_chat_id"] = api.MigrateTo
	}
	if len(parameters) > 0 {
		body["parameters"] = parameters
	}
	writeJSON(w, api.Code, body)
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		code, raw = 500, []byte(`{"ok":false,"error_code":500,"description":"Internal Server Error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(code)
	w.Write(raw)
}
