package storage

import (
	"context"
	"time"
)

// Drafts keeps what people add to the sector report between its drafts: the
// text of its cells, and what was agreed to do.
type Drafts interface {
	// PutCell stores a cell if the stored Revision is one less; ErrConflict
	// otherwise, since somebody else changed it meanwhile.
	PutCell(ctx context.Context, c DraftCell) error

	// Cells returns the cells of a draft, by part and column.
	Cells(ctx context.Context, formID string, year int, language string) ([]DraftCell, error)

	// PutItem stores an item, in the place of the one with its ID.
	PutItem(ctx context.Context, i Item) error

	// Items returns what was ever agreed to do, oldest first.
	Items(ctx context.Context, formID string) ([]Item, error)
}

// A DraftCell is a cell of the report's table, in one language, as people left it.
type DraftCell struct {
	FormID   string
	Year     int
	Language string
	Part     string // "A.1"
	Column   string // outputs, progress, challenges
	Text     string
	Offered  []string // reference numbers of the updates that it was given, taken or struck out
	Revision int      // the first is 1
	Changed  time.Time
}

// An Item is what was agreed to do. It comes up in each yearly report until it
// is done or given up.
type Item struct {
	ID      string
	FormID  string
	Year    int    // of the report that brought it up
	Part    string // where in the report it stands
	Kind    ItemKind
	Text    string
	Owner   string
	Due     time.Time // a day; zero: none was set
	State   ItemState
	Changed time.Time // of the State
}

// ItemKind tells where an item comes from.
type ItemKind string

// The kinds of item.
const (
	Recommendation ItemKind = "recommendation"
	WayForward     ItemKind = "way_forward"
)

// ItemState tells how far an item is.
type ItemState string

// The states of an item.
const (
	ItemOpen    ItemState = "open"
	ItemDone    ItemState = "done"
	ItemGivenUp ItemState = "given_up"
)

// Rounds keeps earlier rounds of a form, whose submissions were imported.
type Rounds interface {
	// PutRound stores a round, in the place of the one with its name.
	PutRound(ctx context.Context, r Round) error

	// Rounds returns the rounds of a form, the latest first.
	Rounds(ctx context.Context, formID string) ([]Round, error)
}

// A Round is a time in which a form was filled in before, on paper or with
// another program. It is closed: nothing is added to it by conversations.
type Round struct {
	FormID   string
	Name     string
	From, To time.Time // From <= received < To
	Count    int       // submissions
	Source   string    // name of the file
	Made     time.Time
}
