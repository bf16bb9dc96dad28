package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/fieldbot/bot/roster"
	"example.org/fieldbot/storage"
)

// InviteEntry makes the invitation of a row of a roster and returns its address.
// The same row again gives the same invitation, so that a roster can be imported
// twice. It needs no running bot.
func InviteEntry(ctx context.Context, people storage.People, keys *Keys, username string, e roster.Entry, expires time.Time) (string, error) {
	v := Invitation{
		ID:   keys.id("roster", string(e.Role), e.Place.Code(), e.Name, e.Organisation)[:24],
		Role: e.Role, Scope: scopeOf(e.Place, nil), Expires: expires, By: "command line",
		Name: e.Name, Organisation: e.Organisation,
	}
	old, err := people.Link(ctx, v.ID)
	if err == nil {
		return StartURL(username, keys.Payload(old.ID)), nil
	}
	if !errors.Is(err, storage.ErrNotFound) {
		return "", fmt.Errorf("look up invitation: %w", err)
	}
	_, payload, err := MakeLink(ctx, people, keys, v.link(time.Now()))
	if err != nil {
		return "", err
	}
	return StartURL(username, payload), nil
}
