package bot

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/flows/tally"
)

// subscriptionKind marks the schedules that people made for themselves. Their
// ID is "sub/" and the person, and "/" and a key if there are several; their Spec
// is written by String. The one without a key stands in the place of the summary
// that comes every Monday.
const (
	subscriptionKind   = "subscription"
	subscriptionPrefix = "sub/"
)

// A subscription is a digest that somebody wants again and again.
type subscription struct {
	Every string       `json:"e"` // day, week, month; "off"
	Hour  int          `json:"h"`
	Day   time.Weekday `json:"d,omitempty"` // of a week
	Lang  string       `json:"l,omitempty"` // "": the person's
	Form  string       `json:"f,omitempty"` // id; "": all
	Place tally.Place  `json:"p"`

	Chat  string `json:"c,omitempty"` // a group, sealed; "": the person's own chat
	Topic int    `json:"t,omitempty"` // of a group
	Title string `json:"n,omitempty"` // of the group
}

// mondays is what everybody gets who did not choose otherwise.
func mondays() subscription { return subscription{Every: "week", Hour: digestHour, Day: time.Monday} }

// digestHour is when digests come unless another hour was chosen.
const digestHour = 8

func (s subscription) String() string {
	v := url.Values{}
	for key, value := range map[string]string{"lang": s.Lang, "form": s.Form, "province": s.Place.Province,
		"district": s.Place.District, "service": s.Place.Service, "chat": s.Chat, "title": s.Title} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if s.Topic != 0 {
		v.Set("topic", strconv.Itoa(s.Topic))
	}
	if s.Every == "week" {
		v.Set("day", strconv.Itoa(int(s.Day)))
	}
	return strings.TrimSpace(fmt.Sprintf("%s %02d:00 %s", s.Every, s.Hour, v.Encode()))
}

func parseSubscription(spec string) (s subscription, ok bool) {
	w := strings.Fields(spec)
	if len(w) < 2 || !slices.Contains([]string{"day", "week", "month", "off"}, w[0]) {
		return s, false
	}
	hour, err := strconv.Atoi(strings.TrimSuffix(w[1], ":00"))
	if err != nil || hour < 0 || hour > 23 {
		return s, false
	}
	s.Every, s.Hour, s.Day = w[0], hour, time.Monday
	if len(w) == 2 {
		return s, true
	}
	v, err := url.ParseQuery(w[2])
	if err != nil {
		return s, false
	}
	s.Lang, s.Form, s.Chat, s.Title = v.Get("lang"), v.Get("form"), v.Get("chat"), v.Get("title")
	s.Place = tally.Place{Province: v.Get("province"), District: v.Get("district"), Service: v.Get("service")}
	s.Topic, _ = strconv.Atoi(v.Get("topic"))
	if d, err := strconv.Atoi(v.Get("day")); err == nil {
		s.Day = time.Weekday(d)
	}
	return s, true
}

// id is the schedule's: asking twice for the same changes when it comes. widest
// is all that the person may see; weekly, that is what comes on Mondays.
func (s subscription) id(keys *Keys, person string, group int64, widest tally.Place) string {
	if s.Chat == "" && s.Form == "" && s.Every == "week" && s.Place == widest {
		return subscriptionPrefix + person
	}
	key := keys.id("subscription", person, strconv.FormatInt(group, 10), strconv.Itoa(s.Topic), s.Form, s.Every,
		s.Place.Province, s.Place.District, s.Place.Service)
	return subscriptionPrefix + person + "/" + key[:12]
}

// subscriber is whose a schedule is; "" if it is no subscription.
func subscriber(id string) string {
	rest, mine := strings.CutPrefix(id, subscriptionPrefix)
	if !mine {
		return ""
	}
	person, _, _ := strings.Cut(rest, "/")
	return person
}

// group is the group that a subscription goes to; 0 if to the person.
func (s subscription) group(keys *Keys, person string) (int64, error) {
	if s.Chat == "" {
		return 0, nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(s.Chat)
	if err != nil {
		return 0, fmt.Errorf("read group: %w", err)
	}
	return keys.openChat(person, sealed)
}

func sealGroup(keys *Keys, person string, chat int64) string {
	return base64.RawURLEncoding.EncodeToString(keys.sealChat(person, chat))
}

// next is the first time after now at which the digest is due.
func (s subscription) next(now time.Time) time.Time {
	y, m, d := now.Date()
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, s.Hour, 0, 0, 0, now.Location()) }
	first := func(list ...time.Time) time.Time {
		for _, t := range list {
			if t.After(now) {
				return t
			}
		}
		return list[len(list)-1]
	}
	switch s.Every {
	case "week":
		d += (int(s.Day) - int(now.Weekday()) + 7) % 7
		return first(at(y, m, d), at(y, m, d+7))
	case "month":
		return first(at(y, m, 1), at(y, m+1, 1))
	case "day":
		return first(at(y, m, d), at(y, m, d+1))
	}
	return at(y+100, m, d)
}

// latest is the last time up to now at which it was due, given that it was at
// due: after a time in which nothing ran, older ones are no news.
func (s subscription) latest(due, now time.Time) time.Time {
	for later := s.next(due); !later.After(now); later = s.next(due) {
		due = later
	}
	return due
}

// period is what the digest that falls due at a time is about.
func (s subscription) period(due time.Time) digest.Period {
	y, m, d := due.Date()
	to := time.Date(y, m, d, 0, 0, 0, 0, due.Location())
	switch s.Every {
	case "week":
		return digest.Period{From: to.AddDate(0, 0, -7), To: to}
	case "month":
		return digest.Period{From: to.AddDate(0, -1, 0), To: to}
	}
	return digest.Period{From: to.AddDate(0, 0, -1), To: to}
}

// lang is the language of a digest for somebody.
func (s subscription) lang(persons string) string { return cmp.Or(s.Lang, persons) }
