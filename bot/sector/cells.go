package sector

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows/report"
	"example.org/fieldbot/storage"
)

// cellMark begins the line above a cell's text in a file of cells.
const cellMark = "=== "

// CellsText writes all cells of a draft as a text to be edited: above each a
// line that says which it is, as "=== A.1 progress 3", 3 being its revision.
// Cells that are empty yet are there, too.
func (d *Draft) CellsText(ctx context.Context) (string, error) {
	list, err := d.src.Drafts.Cells(ctx, d.req.Form.ID, d.req.Year, d.req.Lang)
	if err != nil {
		return "", err
	}
	stored := map[report.Place]storage.DraftCell{}
	for _, c := range list {
		if column, ok := report.ParseColumn(c.Column); ok {
			stored[report.Place{Part: c.Part, Column: column}] = c
		}
	}
	var b strings.Builder
	for _, p := range d.Places() {
		c := stored[p]
		fmt.Fprintf(&b, "%s%s %s %d\n%s\n", cellMark, p.Part, p.Column, c.Revision, c.Text)
	}
	return b.String(), nil
}

// A Taken tells what became of the cells of a text.
type Taken struct {
	Changed   int
	Conflicts []report.Place // somebody else changed them meanwhile: they stay
}

// TakeCells puts cells that were edited in the place of those stored.
func TakeCells(ctx context.Context, s storage.Drafts, formID string, year int, lang, text string, now time.Time) (Taken, error) {
	var t Taken
	list, err := s.Cells(ctx, formID, year, lang)
	if err != nil {
		return t, err
	}
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	for _, part := range strings.Split("\n"+text, "\n"+cellMark)[1:] {
		head, body, _ := strings.Cut(part, "\n")
		at, base, err := cellHead(head)
		if err != nil {
			return t, err
		}
		before := ""
		for _, c := range list {
			if c.Part == at.Part && c.Column == at.Column.String() {
				before = c.Text
			}
		}
		if report.CellText(report.ParseCell(body)) == report.CellText(report.ParseCell(before)) {
			continue
		}
		err = Edit(ctx, s, formID, year, lang, at, body, base, now)
		switch {
		case errors.Is(err, storage.ErrConflict):
			t.Conflicts = append(t.Conflicts, at)
		case err != nil:
			return t, err
		default:
			t.Changed++
		}
	}
	return t, nil
}

func cellHead(head string) (at report.Place, revision int, err error) {
	words := strings.Fields(head)
	if len(words) == 3 {
		column, ok := report.ParseColumn(words[1])
		if revision, err = strconv.Atoi(words[2]); err == nil && ok {
			return report.Place{Part: words[0], Column: column}, revision, nil
		}
	}
	return at, 0, fmt.Errorf("%q does not name a cell; leave the lines that begin with %q as they are", head, strings.TrimSpace(cellMark))
}
