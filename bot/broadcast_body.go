package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A broadcastBody is what a broadcast says, and to whom.
type broadcastBody struct {
	Kind  string            `json:"kind"` // text, or that of a file: photo, document, video, audio, voice
	File  string            `json:"file_id,omitempty"`
	Text  string            `json:"words,omitempty"`
	Foot  string            `json:"foot"`           // how to answer, with the broadcast's mark
	Form  string            `json:"form,omitempty"` // id of a form that a button below opens
	Title string            `json:"title,omitempty"`
	Role  storage.Role      `json:"role,omitempty"` // "": all who were invited
	Scope map[string]string `json:"scope,omitempty"`
}

// ErrLong says that a text does not fit into one message.
var ErrLong = errors.New("the text does not fit into one message")

// encode writes the body down for the store, if it fits into one message.
func (v *broadcastBody) encode() ([]byte, error) {
	limit := render.MaxText
	if v.Kind != "text" {
		limit = render.MaxCaption
	}
	if render.Units(v.Text+v.Foot)+2 > limit {
		return nil, ErrLong
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write broadcast: %w", err)
	}
	return b, nil
}

func (v *broadcastBody) screen() *render.Screen {
	s := &render.Screen{Text: strings.TrimSpace(render.Escape(v.Text) + "\n\n<i>" + render.Escape(v.Foot) + "</i>")}
	if v.Form != "" {
		s.Rows = [][]render.Button{{{Text: "📋 " + v.Title, Data: verbData("form", formKey(v.Form))}}}
	}
	return s
}

// call gives the method and the parameters that send the body.
func (v *broadcastBody) call() (method string, payload []byte) {
	if v.Kind == "text" {
		return "sendMessage", v.screen().Payloads()[0]
	}
	return v.screen().WithFile(v.Kind, v.File)
}

func readBroadcast(body []byte) (v broadcastBody, ok bool) {
	err := json.Unmarshal(body, &v)
	return v, err == nil && v.Kind != ""
}

// broadcastCall gives the call for a body as it is stored; an earlier version of
// this program stored the parameters of sendMessage.
func broadcastCall(body []byte) (method string, payload []byte) {
	if v, ok := readBroadcast(body); ok {
		return v.call()
	}
	return "sendMessage", body
}

// broadcastMark is how a broadcast is told from others by its text, so that a
// reply to it is known as one.
var broadcastMark = regexp.MustCompile(`#([0-9a-f]{8})$`)

// BroadcastBody is the body of a broadcast of a plain text, under an id of eight
// hexadecimal digits.
func BroadcastBody(words *locales.Catalogue, lang, id, text string, role storage.Role, scope map[string]string) ([]byte, error) {
	v := broadcastBody{
		Kind: "text", Text: text, Role: role, Scope: scope,
		Foot: words.Text(lang, "broadcast.foot", locales.Args{"Mark": "#" + id}),
	}
	return v.encode()
}

// Recipients are those of a role and a scope who want to hear from the bot. No
// role is all who were invited. A province holds its districts.
func Recipients(people []storage.Person, role storage.Role, scope map[string]string, d *places.Directory) []string {
	var out []string
	for i := range people {
		p := &people[i]
		invited := p.Role != storage.Citizen && p.Role != ""
		if invited && (role == "" || p.Role == role) && !p.Suspended && len(p.Contact) > 0 && scopeHolds(p, scope, d) {
			out = append(out, p.ID)
		}
	}
	slices.Sort(out)
	return out
}

// scopeHolds reports whether a person works in all that a scope asks for.
func scopeHolds(p *storage.Person, scope map[string]string, d *places.Directory) bool {
	for key, want := range scope {
		got := p.Scope[key]
		switch key {
		case "province":
			if place, ok := d.Get(p.Scope["district"]); ok && place.District != "" {
				got = place.Province
			}
		case "organisation":
			if strings.EqualFold(p.Organisation, want) {
				got = want
			}
		}
		if got != want {
			return false
		}
	}
	return true
}
