package bot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"slices"
	"strconv"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	tgbot "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// invited are the roles that there are invitations to.
var invited = []storage.Role{storage.Officer, storage.Enumerator, storage.Observer, storage.Secretariat}

// cmdInvite makes an invitation. All may stand behind the command, as
// "/invite officer Phonthong, Champasack uses=3 days=30"; what is missing is asked.
func (t *turn) cmdInvite(rest string) error {
	v := Invitation{Scope: map[string]string{}}
	role, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if role == "" {
		var rows [][]render.Button
		for _, r := range invited {
			rows = append(rows, []render.Button{{Text: t.text("role."+string(r), nil), Data: verbData("inv", string(r))}})
		}
		t.say("invite.which_role", nil, rows...)
		return nil
	}
	v.Role = storage.Role(strings.ToLower(role))
	if !slices.Contains(invited, v.Role) {
		t.say("invite.format", nil)
		return nil
	}
	place, err := v.read(rest)
	if err != nil {
		t.say("invite.format", nil)
		return nil
	}
	if v.Role == storage.Secretariat || place == "" && len(v.Scope) > 0 {
		return t.makeInvitation(v)
	}
	return t.inviteTo(v, place)
}

// read takes the words name=value out of what stands behind a role.
func (v *Invitation) read(text string) (place string, err error) {
	var left []string
	for w := range strings.FieldsSeq(text) {
		key, value, ok := strings.Cut(w, "=")
		if !ok {
			left = append(left, w)
			continue
		}
		switch key {
		case "uses":
			v.Uses, err = strconv.Atoi(value)
			if v.Uses < 1 || v.Uses > 1000 {
				err = errors.New("uses")
			}
		case "days":
			v.Days, err = strconv.Atoi(value)
			if v.Days < 1 || v.Days > 366 {
				err = errors.New("days")
			}
		case "organisation", "service":
			v.Scope[key] = strings.ReplaceAll(value, "_", " ")
		default:
			err = errors.New("unknown word")
		}
		if err != nil {
			return "", err
		}
	}
	return strings.Join(left, " "), nil
}

// inviteTo finds the place of an invitation, or asks.
func (t *turn) inviteTo(v Invitation, place string) error {
	if place == "" {
		t.s.Awaiting = "invite " + string(v.Role)
		t.say("invite.where", nil, []render.Button{t.button("invite.whole", "inv", string(v.Role)+":-")})
		return nil
	}
	found, ok, err := t.findPlace(place, "inv", string(v.Role))
	if err != nil {
		return err
	}
	if !ok {
		t.s.Awaiting = "invite " + string(v.Role)
		return nil
	}
	v.Scope = scopeOf(found, v.Scope)
	return t.makeInvitation(v)
}

// scopeOf is a scope with the place in it changed.
func scopeOf(p places.Place, old map[string]string) map[string]string {
	scope := map[string]string{}
	for k, v := range old {
		if k != "province" && k != "district" {
			scope[k] = v
		}
	}
	switch {
	case p.District != "":
		scope["district"] = p.District
	case p.Province != "":
		scope["province"] = p.Province
	}
	return scope
}

// findPlace finds the one place that a text names. ok is false if it names none
// or several: then the person was asked, with buttons of a verb whose argument
// begins with head.
func (t *turn) findPlace(text, verb, head string) (p places.Place, ok bool, err error) {
	d, err := t.b.places(t.ctx)
	if err != nil {
		return p, false, err
	}
	exact, near := d.Find(text)
	if len(exact) == 1 {
		return exact[0], true, nil
	}
	key := "invite.several"
	if len(exact) == 0 {
		key, exact = "invite.nearest", near
	}
	if len(exact) == 0 {
		key = "invite.not_found"
	}
	var rows [][]render.Button
	for _, p := range exact {
		data := verbData(verb, head+":"+placeCode(p))
		if len(data) <= render.MaxCallback {
			rows = append(rows, []render.Button{{Text: p.Label(t.lang), Data: data}})
		}
	}
	t.say(key, locales.Args{"Text": short(text)}, rows...)
	return p, false, nil
}

// placeCode writes a place for a button: a province behind a p.
func placeCode(p places.Place) string {
	if p.District != "" {
		return p.District
	}
	return "p" + p.Province
}

// readPlace reads what placeCode wrote, "-" for no place.
func (t *turn) readPlace(code string) (places.Place, bool, error) {
	if code == "-" {
		return places.Place{}, true, nil
	}
	d, err := t.b.places(t.ctx)
	if err != nil {
		return places.Place{}, false, err
	}
	if p, ok := d.Get(code); ok && p.District == code {
		return p, true, nil
	}
	p, ok := d.Get(strings.TrimPrefix(code, "p"))
	return p, ok, nil
}

// places are the places that the current forms know.
func (b *Bot) places(ctx context.Context) (*places.Directory, error) {
	forms, err := b.forms.all(ctx)
	if err != nil {
		return nil, err
	}
	return places.New(forms), nil
}

// inviteVerb is a button on the way to an invitation: a role, then a place.
func (t *turn) inviteVerb(arg string, message int) error {
	role, code, placed := strings.Cut(arg, ":")
	v := Invitation{Role: storage.Role(role)}
	if !slices.Contains(invited, v.Role) {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	t.rekey(message, render.Screen{})
	t.s.Awaiting = ""
	if v.Role == storage.Secretariat {
		return t.makeInvitation(v)
	}
	if !placed {
		return t.inviteTo(v, "")
	}
	p, ok, err := t.readPlace(code)
	if err != nil {
		return err
	}
	if !ok {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	v.Scope = scopeOf(p, nil)
	return t.makeInvitation(v)
}

// inviteAnswer is the place that was asked for.
func (t *turn) inviteAnswer(role, text string) error {
	return t.inviteTo(Invitation{Role: storage.Role(role)}, text)
}

// makeInvitation stores an invitation and shows it, as a link and as a picture.
func (t *turn) makeInvitation(v Invitation) error {
	v.By = t.s.Person
	v.ID = t.b.Keys.id("invitation", t.s.Person, strconv.FormatInt(t.u.ID, 10))[:24] // the same if the turn is redone
	link, url, err := t.b.Invite(t.ctx, v)
	if errors.Is(err, ErrScope) {
		t.say("invite.format", nil)
		return nil
	}
	if err != nil {
		return err
	}
	scope, err := t.scopeNames(link.Scope)
	if err != nil {
		return err
	}
	args := locales.Args{
		"Role": t.text("role."+string(link.Role), nil), "Scope": cmp.Or(scope, t.text("scope.all", nil)),
		"Link": url, "Date": t.b.Words.Date(t.lang, link.Expires.In(t.b.Zone)), "Count": link.Uses,
	}
	key := "invite.for"
	if link.Uses != 1 {
		key = "invite.for_many"
	}
	t.say(key, args)
	return t.do(methodInvitation, invitationPicture{URL: url, Caption: t.html("invite.picture", args)})
}

const methodInvitation = "/invitation"

type invitationPicture struct {
	URL     string `json:"url"`
	Caption string `json:"caption"`
}

func (b *Bot) sendInvitation(ctx context.Context, person string, chat int64, payload []byte) error {
	if may, err := b.stillMay(ctx, person, "file", "invitation"); err != nil || !may {
		return err
	}
	var p invitationPicture
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	picture, err := QR(p.URL)
	if err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	_, err = b.Client.API().SendPhoto(ctx, &tgbot.SendPhotoParams{
		ChatID: chat, Photo: &models.InputFileUpload{Filename: "invitation.png", Data: bytes.NewReader(picture)},
		Caption: p.Caption, ParseMode: models.ParseModeHTML,
	})
	return b.Client.Error("sendPhoto", err)
}

// stillMay looks a role up again when work is done later.
func (b *Bot) stillMay(ctx context.Context, person, kind, name string) (bool, error) {
	who, err := b.people.get(ctx, person)
	return err == nil && !who.Suspended && mayUse(kind, name, who.Role), err
}

// QR draws a QR code of a text as a PNG with the margin that readers need.
func QR(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	const scale, margin = 10, 4
	n := code.Bounds().Dx()
	big, err := barcode.Scale(code, n*scale, n*scale)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, framed(big, margin*scale)); err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	return b.Bytes(), nil
}
