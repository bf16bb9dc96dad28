package tables

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// Assessment makes a table of each office's newest figures and those of the time
// before. An office is a district with a headline.
func Assessment(f *flows.Form, all []storage.Submission, zone *time.Location, lang int) ([][]string, error) {
	var figures []*flows.Node
	head := []string{"district", "office", "date", "date_before"}
	for _, ind := range f.Programme.Indicators {
		if ind.Of == nil {
			continue
		}
		if n := ind.Of.Question(f); n != nil && !slices.Contains(figures, n) {
			figures = append(figures, n)
			label := strings.TrimSpace(ind.Label.In(lang))
			head = append(head, label, label+" (before)", label+" (change)")
		}
	}
	if len(figures) == 0 {
		return nil, fmt.Errorf("form %s has no indicator of a single answer, so there is nothing to put side by side", f.ID)
	}
	slices.SortStableFunc(all, func(a, b storage.Submission) int { return a.Received.Compare(b.Received) })
	newest, before := map[string]*storage.Submission{}, map[string]*storage.Submission{}
	var offices []string
	for i := range all {
		s := &all[i]
		key := s.District + "\x00" + strings.ToLower(strings.TrimSpace(s.Title))
		if newest[key] == nil {
			offices = append(offices, key)
		}
		newest[key], before[key] = s, newest[key]
	}
	slices.Sort(offices)
	rows := [][]string{head}
	for _, key := range offices {
		s, old := newest[key], before[key]
		row := []string{district(f, s.District, lang), s.Title, s.Received.In(zone).Format(time.DateOnly), ""}
		if old != nil {
			row[3] = old.Received.In(zone).Format(time.DateOnly)
		}
		for _, n := range figures {
			row = append(row, compare(n.Name, s, old)...)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func district(f *flows.Form, code string, lang int) string {
	if n := f.Question(f.Settings.Roles.District); n != nil {
		return Shown(n, code, lang)
	}
	return code
}

// compare gives a figure, the one before, and the change.
func compare(name string, s, old *storage.Submission) []string {
	now := field(s.Data, name)
	if old == nil {
		return []string{now, "", ""}
	}
	was := field(old.Data, name)
	a, err1 := strconv.ParseFloat(now, 64)
	b, err2 := strconv.ParseFloat(was, 64)
	if err1 != nil || err2 != nil {
		return []string{now, was, ""}
	}
	return []string{now, was, strconv.FormatFloat(a-b, 'f', -1, 64)}
}
