package storage

import (
	"context"
	"time"
)

// A Role is what a person may do. Citizens have no record: a pseudonym without
// one is a citizen.
type Role string

// The roles.
const (
	Citizen     Role = "citizen"
	Officer     Role = "officer"
	Enumerator  Role = "enumerator"
	Observer    Role = "observer"
	Secretariat Role = "secretariat"
)

// People keeps those who were invited.
type People interface {
	// Person returns a person's record; ErrNotFound for a citizen.
	Person(ctx context.Context, person string) (Person, error)

	// Save stores a person and raises the Epoch, in one step with a line in the
	// audit log that says who did it and what.
	Save(ctx context.Context, p Person, by, what string) (Person, error)

	// Audit returns the newest lines of the audit log, newest first: of one
	// person, or of all if person is "".
	Audit(ctx context.Context, person string, limit int) ([]AuditLine, error)

	// List returns all people, by role and name.
	List(ctx context.Context) ([]Person, error)

	// AddLink stores an entry link.
	AddLink(ctx context.Context, l Link) error

	// Link returns an entry link.
	Link(ctx context.Context, id string) (Link, error)

	// Redeem takes one use of a link for a person, in one step. Redeeming again
	// by the same person takes no further use. ErrUsed if it has none left or
	// has expired at now. Of links with a limit it keeps who used them: for an
	// anonymous form person must be something that cannot be linked, as a
	// nullifier.
	Redeem(ctx context.Context, id, person string, now time.Time) (Link, error)
}

// A Person is somebody with a role.
type Person struct {
	ID           string // pseudonym
	Role         Role
	Scope        map[string]string // province, district, organisation, service
	Name         string
	Organisation string
	Language     string
	Contact      []byte // chat_id sealed by the bot
	Epoch        uint64
	Suspended    bool
	Since        time.Time
}

// An AuditLine says who changed a person's record, and what.
type AuditLine struct {
	Person string
	By     string // pseudonym, or "command line"
	What   string
	At     time.Time
}

// A Link is what a deep link's payload stands for: a form to fill, or an
// invitation to a role.
type Link struct {
	ID      string
	FormID  string            // "" for an invitation
	Prefill map[string]string // answers that are given and not asked, by question name; of an invitation what it knows of the person
	Role    Role              // "" unless an invitation
	Scope   map[string]string
	Uses    int       // how many people may use it; 0 is any number
	Used    int       // counted only where Uses limits it
	Expires time.Time // zero: never
	Made    time.Time
	By      string // pseudonym, or "command line"
}
