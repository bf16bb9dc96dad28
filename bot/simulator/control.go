package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"example.org/fieldbot/bot/simulator/wire"
)

// The control API lets a page, or a program in any language, be the people.
// Requests and answers are JSON; a refusal is {"error": "…"} with status 400.
//
//	GET    /simulator/state                 bots, people, groups, seats, clock, faults
//	GET    /simulator/chat?user=&bot=&group=   one chat as that person sees it
//	GET    /simulator/chats?user=           that person's chats, each with its last message
//	GET    /simulator/script?user=&bot=&group=   the same as a written dialogue
//	GET    /simulator/events?after=         Server-Sent Events (see eventLocked's callers)
//	GET    /simulator/log?after=            calls and updates so far
//	GET    /simulator/quiet?timeout=10s     waits as Server.Quiet does
//	GET    /simulator/inspect?user=         what Options.Inspect tells
//	GET    /simulator/file/{file_id}        the bytes of a file
//	GET    /simulator/qr?text=              a QR code as PNG
//	POST   /simulator/users                 {"first_name", "language_code", …} adds a person
//	POST   /simulator/groups                {"title", "forum", "owner", …} makes a group (control_groups.go)
//	POST   /simulator/group/{id}/{what}     something happens to a group
//	POST   /simulator/do/{user}/{what}      an act of a person (acts.go)
//	POST   /simulator/upload/{user}?kind=   a file of a person; the body is its bytes
//	POST   /simulator/clock                 {"advance": "36h"} or {"weekday": "monday", "hour": 8}
//	POST   /simulator/faults                a Fault; DELETE takes all back
//	POST   /simulator/updates/{what}        redeliver, hold, release, jump, poison
//
// It is for this machine: it has no password. Pages of other sites cannot
// write to it, nor read from it.
func (s *Server) control() http.Handler {
	mux := http.NewServeMux()
	get := func(path string, f func(r *http.Request) (any, error)) {
		mux.HandleFunc("GET /simulator/"+path, reply(f))
	}
	post := func(path string, f func(r *http.Request) (any, error)) {
		mux.HandleFunc("POST /simulator/"+path, reply(f))
	}
	get("state", s.controlState)
	get("chat", s.controlChat)
	get("chats", s.controlChats)
	get("script", s.controlScript)
	get("log", s.controlLog)
	get("quiet", s.controlQuiet)
	get("inspect", s.controlInspect)
	mux.HandleFunc("GET /simulator/events", s.controlEvents)
	mux.HandleFunc("GET /simulator/file/{id}", s.controlFile)
	mux.HandleFunc("GET /simulator/qr", controlQR)
	post("users", s.controlUsers)
	post("groups", s.controlGroups)
	post("group/{id}/{what}", s.controlGroup)
	post("do/{user}/{what}", s.controlDo)
	post("upload/{user}", s.controlUpload)
	post("clock", s.controlClock)
	post("faults", s.controlFault)
	mux.HandleFunc("DELETE /simulator/faults", reply(func(*http.Request) (any, error) {
		s.ClearFaults()
		return s.Faults(), nil
	}))
	post("updates/{what}", s.controlUpdates)
	return http.NewCrossOriginProtection().Handler(mux)
}

func reply(f func(r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxUpload+1<<20)
		result, err := f(r)
		if err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": strings.TrimPrefix(err.Error(), "simulator: ")})
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		writeJSON(w, http.StatusOK, result)
	}
}

// readBody reads a JSON body into v; an empty body leaves it as it is.
func readBody(r *http.Request, v any) error {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	return nil
}

type personState struct {
	wire.User
	Phone       string  `json:"phone"`
	Seat        string  `json:"seat,omitempty"`
	Deactivated bool    `json:"deactivated,omitempty"`
	Blocked     []int64 `json:"blocked"` // bots
}

type botState struct {
	wire.User
	Description string `json:"description,omitempty"`
	Short       string `json:"short_description,omitempty"`
	Pending     int    `json:"pending"`
	Webhook     bool   `json:"webhook"`
}

func (s *Server) controlState(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bots, users, groups := []botState{}, []personState{}, []groupState{}
	language := r.URL.Query().Get("language")
	for _, b := range s.bots {
		bots = append(bots, botState{
			User: b.me, Description: local(b.descriptions, language), Short: local(b.shorts, language),
			Pending: len(b.pending), Webhook: b.hookURL != "",
		})
	}
	for _, id := range s.order {
		if p := s.people[id]; p != nil {
			state := personState{User: p.User, Phone: p.phone, Seat: p.seat, Deactivated: p.deactivated, Blocked: []int64{}}
			for _, b := range s.bots {
				if ch := b.chats[id]; ch != nil && ch.blocked {
					state.Blocked = append(state.Blocked, b.me.ID)
				}
			}
			users = append(users, state)
			continue
		}
		groups = append(groups, s.groups[id].state())
	}
	return map[string]any{
		"now": s.nowLocked(), "bots": bots, "users": users, "groups": groups, "seats": notNilIDs(s.seats),
		"faults": s.faultsLocked(), "holding": s.holding, "held": len(s.held), "last_event": s.events.last,
		"zone": s.opts.Zone, "inspect": s.opts.Inspect != nil, "notice": s.notice,
	}, nil
}

func notNilIDs(ids []int64) []int64 {
	if ids == nil {
		return []int64{}
	}
	return ids
}

func local(texts map[string]string, language string) string {
	if text, ok := texts[language]; ok {
		return text
	}
	return texts[""]
}

// who finds the person, bot and group that a request names.
func (s *Server) who(user, bot, group string) (*User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _ := strconv.ParseInt(user, 10, 64)
	u := &User{srv: s, p: s.people[id], bot: s.bots[0]}
	if u.p == nil {
		return nil, errors.New("no such user")
	}
	if bot != "" {
		u.bot = nil
		for _, b := range s.bots {
			if strconv.FormatInt(b.me.ID, 10) == bot || b.me.Username == bot {
				u.bot = b
			}
		}
		if u.bot == nil {
			return nil, errors.New("no such bot")
		}
	}
	if group != "" {
		id, _ := strconv.ParseInt(group, 10, 64)
		if u.group = s.groups[id]; u.group == nil {
			return nil, errors.New("no such group")
		}
	}
	return u, nil
}

func (s *Server) controlChat(r *http.Request) (any, error) {
	q := r.URL.Query()
	u, err := s.who(q.Get("user"), q.Get("bot"), q.Get("group"))
	if err != nil {
		return nil, err
	}
	messages, typing, commands, keyboard := u.Messages(), u.Typing(), u.Commands(), u.Keyboard()
	if messages == nil {
		messages = []Message{}
	}
	if commands == nil {
		commands = []wire.Command{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := u.chatLocked()
	pinned := ch.pinned
	if pinned == nil {
		pinned = []int{}
	}
	return map[string]any{
		"messages": messages, "typing": typing, "commands": commands, "keyboard": keyboard, "blocked": ch.blocked,
		"started": ch.started, "pinned": pinned, "votes": s.votesLocked(u.p.ID), "last_event": s.events.last,
	}, nil
}

// A chatEntry is a line in a person's list of chats.
type chatEntry struct {
	Bot   int64    `json:"bot,omitempty"`
	Group int64    `json:"group,omitempty"`
	Title string   `json:"title"`
	Last  *Message `json:"last,omitempty"`
}

func (s *Server) controlChats(r *http.Request) (any, error) {
	u, err := s.who(r.URL.Query().Get("user"), "", "")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []chatEntry{}
	for _, b := range s.bots {
		all = append(all, chatEntry{Bot: b.me.ID, Title: b.me.FirstName, Last: b.chatOfLocked(u.p).lastLocked()})
	}
	for _, id := range s.order {
		g := s.groups[id]
		if g != nil && g.members[u.p.ID].inside() && g.moved == 0 && !g.gone {
			all = append(all, chatEntry{Group: g.ID, Title: g.Title, Last: g.lastLocked()})
		}
	}
	return all, nil
}

// lastLocked is the chat's newest message; nil if there is none.
func (ch *chat) lastLocked() *Message {
	for i := len(ch.messages) - 1; i >= 0; i-- {
		if m := ch.messages[i]; !m.deleted {
			copied := m.copyOf()
			return &copied
		}
	}
	return nil
}

func (s *Server) controlScript(r *http.Request) (any, error) {
	q := r.URL.Query()
	u, err := s.who(q.Get("user"), q.Get("bot"), q.Get("group"))
	if err != nil {
		return nil, err
	}
	return map[string]string{"script": u.Script()}, nil
}

func (s *Server) controlLog(*http.Request) (any, error) {
	s.mu.Lock()
	bots := append([]*Bot(nil), s.bots...)
	s.mu.Unlock()
	calls, updates := []Call{}, []Update{}
	for _, b := range bots {
		calls = append(calls, b.Calls()...)
		updates = append(updates, b.Updates()...)
	}
	return map[string]any{"calls": calls, "updates": updates}, nil
}

func (s *Server) controlQuiet(r *http.Request) (any, error) {
	timeout, err := time.ParseDuration(r.URL.Query().Get("timeout"))
	if err != nil {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	if err := s.Quiet(ctx); err != nil {
		return nil, err
	}
	return map[string]bool{"quiet": true}, nil
}

// An InspectTable is what the page lays out as a table of an interview, if
// Options.Inspect returns one. Any other value is shown as JSON.
type InspectTable struct {
	Title string       `json:"title"`
	Rows  []InspectRow `json:"rows"`
}

// An InspectRow is a question of an InspectTable.
type InspectRow struct {
	Name     string `json:"name"`
	Label    string `json:"label,omitempty"`
	Answer   string `json:"answer,omitempty"`
	Relevant bool   `json:"relevant"`
	Why      string `json:"why,omitempty"`     // the relevance expression
	Because  string `json:"because,omitempty"` // what decided it: the values that it reads
	Current  bool   `json:"current,omitempty"`
}

func (s *Server) controlInspect(r *http.Request) (any, error) {
	u, err := s.who(r.URL.Query().Get("user"), "", "")
	if err != nil {
		return nil, err
	}
	if s.opts.Inspect == nil {
		return nil, errors.New("nothing to inspect")
	}
	return s.opts.Inspect(u.ID()), nil
}

func (s *Server) controlUsers(r *http.Request) (any, error) {
	var in personState
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	u := s.User(UserOptions{
		ID: in.ID, First: in.FirstName, Last: in.LastName, Username: in.Username, Language: in.LanguageCode,
		Phone: in.Phone, Seat: in.Seat,
	})
	return u.p.User, nil
}

func (s *Server) controlFault(r *http.Request) (any, error) {
	var f Fault
	if err := readBody(r, &f); err != nil {
		return nil, err
	}
	if !slices.Contains(faultKinds, f.Kind) {
		return nil, fmt.Errorf("no such fault: %q", f.Kind)
	}
	s.Fault(f)
	return s.Faults(), nil
}

// controlEvents follows the events as Server-Sent Events.
func (s *Server) controlEvents(w http.ResponseWriter, r *http.Request) {
	after := r.Header.Get("Last-Event-ID")
	if after == "" {
		after = r.URL.Query().Get("after")
	}
	last, err := strconv.Atoi(after)
	s.mu.Lock()
	if err != nil {
		last = s.events.last
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	for {
		s.mu.Lock()
		fresh, known := s.sinceLocked(last)
		changed, closed, newest := s.changed, s.closed, s.events.last
		s.mu.Unlock()
		if closed {
			return
		}
		if !known {
			last = newest
			fmt.Fprintf(w, "id: %d\ndata: {\"kind\":\"reset\"}\n\n", last)
		}
		for _, e := range fresh {
			fmt.Fprintf(w, "id: %d\ndata: {\"kind\":%q,\"data\":%s}\n\n", e.ID, e.Kind, e.Data)
			last = e.ID
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Second):
			fmt.Fprint(w, ": still here\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

// controlFile gives a file to the page. It is from anybody, so a browser must
// not take it for a page or a script.
func (s *Server) controlFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.files[r.PathValue("id")]
	s.mu.Unlock()
	if f == nil {
		http.NotFound(w, r)
		return
	}
	kind, _, _ := strings.Cut(f.mime, "/")
	shown := (kind == "image" || kind == "audio" || kind == "video") && f.mime != "image/svg+xml"
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if shown {
		w.Header().Set("Content-Type", f.mime)
	} else {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", "attachment")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
}

func controlQR(w http.ResponseWriter, r *http.Request) {
	code, err := qr.Encode(r.URL.Query().Get("text"), qr.M, qr.Auto)
	if err == nil {
		code, err = barcode.Scale(code, 232, 232)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	w.Header().Set("Content-Type", "image/png")
	png.Encode(w, code)
}
