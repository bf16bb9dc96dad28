package storage

import (
	"context"
	"time"
)

// Contacts keeps how to reach people who have no Person record, only while
// something of theirs is open: an interview, a reminder, a subscription.
type Contacts interface {
	// Keep stores a contact, or changes it.
	Keep(ctx context.Context, c Contact) error

	// Contact returns a person's contact; ErrNotFound if none is kept.
	Contact(ctx context.Context, person string) (Contact, error)

	// Forget deletes a person's contact. One that is not there is no error.
	Forget(ctx context.Context, person string) error

	// ForgetContacts deletes the contacts whose Until is before now, and says
	// how many.
	ForgetContacts(ctx context.Context, now time.Time) (int, error)
}

// A Contact is a chat_id that only the bot can read.
type Contact struct {
	Person string // pseudonym
	Sealed []byte // chat_id sealed by the bot
	Until  time.Time
}
