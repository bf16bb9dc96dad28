package bot

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// ErrScope says that a scope or prefill names a district, province or the like
// that none of the forms knows.
var ErrScope = errors.New("not known to any form")

// StartURL is the address that opens the chat with a start payload.
func StartURL(username, payload string) string {
	return "https://t.me/" + username + "?start=" + payload
}

// MakeLink stores an entry link and returns it with its payload. ID and Made are
// filled in if they are empty. It needs no running bot.
func MakeLink(ctx context.Context, people storage.People, keys *Keys, l storage.Link) (storage.Link, string, error) {
	if l.ID == "" {
		var b [12]byte
		rand.Read(b[:])
		l.ID = base64.RawURLEncoding.EncodeToString(b[:])
	}
	if !linkID.MatchString(l.ID) {
		return l, "", fmt.Errorf("the id of a link is 1 to 46 of A-Z a-z 0-9 _ -")
	}
	if l.Made.IsZero() {
		l.Made = time.Now()
	}
	if err := people.AddLink(ctx, l); err != nil {
		return l, "", fmt.Errorf("store link: %w", err)
	}
	return l, keys.Payload(l.ID), nil
}

var linkID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,46}$`)

// An Invitation says who is invited to what.
type Invitation struct {
	Role    storage.Role
	Scope   map[string]string // province, district, organisation, service
	Uses    int               // how many people may accept it; 1 if 0
	Expires time.Time         // zero: after two weeks
	Days    int               // instead of Expires: how many days it is good for
	By      string

	ID           string // of the link; made if "". Inviting again under the same ID gives the same link
	Name         string // of the person, if it is known; else it is asked
	Organisation string
	Successor    string // pseudonym of the person whose work goes to who accepts; "" for none
}

// link is the row of an invitation.
func (v *Invitation) link(now time.Time) storage.Link {
	l := storage.Link{ID: v.ID, Role: v.Role, Scope: v.Scope, Uses: max(v.Uses, 1), Expires: v.Expires, Made: now, By: v.By, Prefill: map[string]string{}}
	if l.Expires.IsZero() {
		l.Expires = now.AddDate(0, 0, cmp.Or(v.Days, 14))
	}
	for key, value := range map[string]string{linkName: v.Name, linkOrganisation: v.Organisation, linkSuccessor: v.Successor} {
		if value != "" {
			l.Prefill[key] = value
		}
	}
	return l
}

// Invite makes an invitation and returns its address. The scope must be one that
// a form knows: see CheckScope.
func (b *Bot) Invite(ctx context.Context, v Invitation) (storage.Link, string, error) {
	forms, err := b.forms.all(ctx)
	if err != nil {
		return storage.Link{}, "", err
	}
	if err := CheckScope(forms, v.Scope); err != nil {
		return storage.Link{}, "", err
	}
	switch v.Role {
	case storage.Officer, storage.Enumerator, storage.Observer, storage.Secretariat:
	default:
		return storage.Link{}, "", fmt.Errorf("%q is no role to be invited to", v.Role)
	}
	if v.ID != "" {
		if l, err := b.People.Link(ctx, v.ID); err == nil {
			return l, StartURL(b.Username, b.Keys.Payload(l.ID)), nil
		}
	}
	l, payload, err := MakeLink(ctx, b.People, b.Keys, v.link(b.now()))
	if err != nil {
		return l, "", err
	}
	return l, StartURL(b.Username, payload), nil
}

// CheckScope reports a province or district that is in no form's list of
// choices. A form tells by its settings which questions are about those. A scope
// that no form asks about is not checked.
func CheckScope(forms []*flows.Form, scope map[string]string) error {
	for _, key := range []string{"province", "district", "service"} {
		value := scope[key]
		if value == "" {
			continue
		}
		asked := false
		found := slices.ContainsFunc(forms, func(f *flows.Form) bool {
			l := listOf(f, roleQuestion(f, key))
			asked = asked || l != nil
			return l != nil && l.Find(value) >= 0
		})
		if asked && !found {
			return fmt.Errorf("%s %q: %w", key, value, ErrScope)
		}
	}
	return nil
}

// roleQuestion is the name of the question that the settings name for a key of
// a scope.
func roleQuestion(f *flows.Form, key string) string {
	r := f.Settings.Roles
	switch key {
	case "province":
		return r.Province
	case "district":
		return r.District
	case "service":
		return r.Service
	}
	return ""
}

func listOf(f *flows.Form, question string) *flows.List {
	if question == "" {
		return nil
	}
	if n := f.Question(question); n != nil {
		return n.List
	}
	return nil
}

// scopePrefill gives the answers that follow from a person's scope: the district
// and, by the attributes of the district's choice, the province around it.
func scopePrefill(f *flows.Form, scope map[string]string) map[string]string {
	out := map[string]string{}
	r := f.Settings.Roles
	if d := scope["district"]; d != "" && r.District != "" {
		out[r.District] = d
		if p := r.Province; p != "" && scope["province"] == "" {
			if name := provinceOf(f, d); name != "" {
				out[p] = name
			}
		}
	}
	if p := scope["province"]; p != "" && r.Province != "" {
		out[r.Province] = p
	}
	if s := scope["service"]; s != "" && r.Service != "" {
		out[r.Service] = s
	}
	for name, value := range out {
		n := f.Question(name)
		if n == nil || !n.Askable() || n.List != nil && n.List.Find(value) < 0 {
			delete(out, name) // computed, or another programme's code: better asked than wrong
		}
	}
	return out
}

// provinceOf finds the province of a district: the choice's attribute whose
// value is a choice of the province question.
func provinceOf(f *flows.Form, district string) string {
	districts, provinces := listOf(f, f.Settings.Roles.District), listOf(f, f.Settings.Roles.Province)
	if districts == nil || provinces == nil {
		return ""
	}
	i := districts.Find(district)
	if i < 0 {
		return ""
	}
	for _, column := range districts.Columns {
		if v := districts.Attribute(i, column); v != "" && provinces.Find(v) >= 0 {
			return v
		}
	}
	return ""
}
