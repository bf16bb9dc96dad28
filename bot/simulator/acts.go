package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/simulator/wire"
)

// An act is the body of /simulator/do/{user}/{what}. Fields that an act does
// not need are left out.
type act struct {
	Bot       json.Number `json:"bot"`
	Group     json.Number `json:"group"`
	Text      string      `json:"text"`
	ReplyTo   int         `json:"reply_to"`
	MessageID int         `json:"message_id"`
	Label     string      `json:"label"`
	Data      string      `json:"data"`
	Back      int         `json:"back"`
	Payload   string      `json:"payload"`
	Link      string      `json:"link"`
	Latitude  float64     `json:"latitude"`
	Longitude float64     `json:"longitude"`
	Accuracy  float64     `json:"accuracy"`
	Emoji     string      `json:"emoji"`
	Options   []int       `json:"options"`
	Topic     int         `json:"topic"`
	Language  string      `json:"language"`
}

// acts are what a person can do; the key is {what}.
var acts = map[string]func(u *User, a act) (any, error){
	"say":    func(u *User, a act) (any, error) { return u.say(a.ReplyTo, a.Text) },
	"start":  func(u *User, a act) (any, error) { return u.Start(a.Payload) },
	"open":   func(u *User, a act) (any, error) { return u.Open(a.Link) },
	"edit":   func(u *User, a act) (any, error) { return u.Edit(a.MessageID, a.Text) },
	"delete": func(u *User, a act) (any, error) { return true, u.Delete(a.MessageID) },
	"age":    func(u *User, a act) (any, error) { return true, u.Age(a.MessageID) },
	"react": func(u *User, a act) (any, error) {
		return true, u.React(a.MessageID, strings.Fields(a.Emoji)...)
	},
	"vote":    func(u *User, a act) (any, error) { return true, u.Vote(a.MessageID, a.Options...) },
	"forward": func(u *User, a act) (any, error) { return u.Forward(a.MessageID) },
	"contact": func(u *User, a act) (any, error) { return u.Contact() },
	"location": func(u *User, a act) (any, error) {
		return u.SendLocation(wire.Location{Latitude: a.Latitude, Longitude: a.Longitude, HorizontalAccuracy: a.Accuracy})
	},
	"block":      func(u *User, a act) (any, error) { u.Block(); return true, nil },
	"unblock":    func(u *User, a act) (any, error) { u.Unblock(); return true, nil },
	"deactivate": func(u *User, a act) (any, error) { u.Deactivate(); return true, nil },
	"language":   func(u *User, a act) (any, error) { u.SetLanguage(a.Language); return true, nil },
	"tap": func(u *User, a act) (any, error) {
		switch {
		case a.MessageID != 0:
			id, err := u.TapData(a.MessageID, a.Data)
			return map[string]string{"query_id": id}, err
		case a.Back > 0:
			return true, u.Tap(a.Label, a.Back)
		}
		return true, u.Tap(a.Label)
	},
}

func (s *Server) controlDo(r *http.Request) (any, error) {
	var a act
	if err := readBody(r, &a); err != nil {
		return nil, err
	}
	u, err := s.who(r.PathValue("user"), a.Bot.String(), a.Group.String())
	if err != nil {
		return nil, err
	}
	do := acts[r.PathValue("what")]
	if do == nil {
		return nil, fmt.Errorf("no such act: %q", r.PathValue("what"))
	}
	result, err := do(u.Topic(a.Topic), a)
	if err != nil {
		return nil, err
	}
	return result, nil
}

func (s *Server) controlUpload(r *http.Request) (any, error) {
	q := r.URL.Query()
	u, err := s.who(r.PathValue("user"), q.Get("bot"), q.Get("group"))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	seconds, _ := strconv.Atoi(q.Get("seconds"))
	replyTo, _ := strconv.Atoi(q.Get("reply_to"))
	topic, _ := strconv.Atoi(q.Get("topic"))
	return u.Topic(topic).Send(Attachment{
		Kind: q.Get("kind"), Name: q.Get("name"), MIME: r.Header.Get("Content-Type"), Data: data, Seconds: seconds,
		Caption: q.Get("caption"), ReplyTo: replyTo, album: q.Get("album"),
	})
}

// maxAdvance keeps a slip of the finger from ending the world.
const maxAdvance = 10 * 366 * 24 * time.Hour

func (s *Server) controlClock(r *http.Request) (any, error) {
	var in struct {
		Advance string `json:"advance"`
		Weekday string `json:"weekday"`
		Hour    int    `json:"hour"`
		Zone    string `json:"zone"`
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	if in.Weekday != "" {
		to, err := nextWeekday(s.Now(), in.Weekday, in.Hour, in.Zone)
		if err != nil {
			return nil, err
		}
		s.AdvanceTo(to)
		return map[string]any{"now": s.Now()}, nil
	}
	d, err := time.ParseDuration(in.Advance)
	if err != nil || d <= 0 || d > maxAdvance {
		return nil, errors.New("advance must be a duration above 0 and below ten years, as 90s or 36h")
	}
	s.Advance(d)
	return map[string]any{"now": s.Now()}, nil
}

// nextWeekday is the first such hour of such a day after now.
func nextWeekday(now time.Time, day string, hour int, zone string) (time.Time, error) {
	place := time.FixedZone("Asia/Vientiane", 7*60*60)
	if zone != "" {
		named, err := time.LoadLocation(zone)
		if err != nil {
			return now, fmt.Errorf("no such time zone: %q", zone)
		}
		place = named
	}
	now = now.In(place)
	for n := range 8 {
		at := time.Date(now.Year(), now.Month(), now.Day()+n, hour, 0, 0, 0, place)
		if strings.EqualFold(at.Weekday().String(), day) && at.After(now) {
			return at, nil
		}
	}
	return now, fmt.Errorf("no such day: %q", day)
}

// Poisons are updates that a client may choke on: kinds and members that came
// after it was written, and things that are not what they should be.
var Poisons = []string{"unknown_kind", "unknown_member", "wrong_type", "no_sender"}

// Poison sends the bot one of the Poisons in the name of the person.
func (u *User) Poison(kind string) error {
	u.srv.mu.Lock()
	ch := u.bot.chatOfLocked(u.p)
	message := map[string]any{
		"message_id": ch.idLocked(u.bot), "date": u.srv.nowLocked().Unix(), "chat": ch.Chat, "from": u.p.User,
	}
	u.srv.mu.Unlock()
	switch kind {
	case "unknown_kind":
		u.bot.Push("telepathy", map[string]any{"from": u.p.User, "thought": "?"})
		return nil
	case "unknown_member":
		message["paid_media"] = map[string]any{
			"star_count": 1, "paid_media": []any{map[string]any{"type": "live_photo", "live_photo": map[string]any{}}},
		}
	case "wrong_type":
		message["text"] = map[string]any{"not": "a string"}
	case "no_sender":
		delete(message, "from")
		message["text"] = "from nobody"
	default:
		return fmt.Errorf("simulator: no such poison: %q", kind)
	}
	u.bot.Push("message", message)
	return nil
}

func (s *Server) controlUpdates(r *http.Request) (any, error) {
	var in struct {
		User  json.Number `json:"user"`
		Bot   json.Number `json:"bot"`
		N     int         `json:"n"`
		Order []int       `json:"order"`
		ID    int         `json:"id"`
		Kind  string      `json:"kind"`
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	b := s.Bot("")
	switch r.PathValue("what") {
	case "redeliver":
		b.Redeliver(max(in.N, 1))
	case "hold":
		s.Hold()
	case "release":
		s.mu.Lock()
		s.releaseLocked(in.Order)
		s.mu.Unlock()
	case "jump":
		if in.ID <= 0 {
			return nil, errors.New("id must be above 0")
		}
		b.SetNextUpdateID(in.ID)
	case "poison":
		u, err := s.who(in.User.String(), in.Bot.String(), "")
		if err != nil {
			return nil, err
		}
		return true, u.Poison(in.Kind)
	default:
		return nil, fmt.Errorf("no such thing to do with updates: %q", r.PathValue("what"))
	}
	return true, nil
}
