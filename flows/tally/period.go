package tally

import (
	"fmt"
	"time"
)

// A Period is a calendar period in days: From <= d < To.
type Period struct {
	Name     string // "2026-11-24", "2026-W48", "2026-11", "2026-Q4", "2026"
	From, To Day
}

// PeriodOf is the period of a length (day, week, month, quarter, year) that a
// day lies in. Weeks are those of ISO 8601.
func PeriodOf(every string, d Day) (Period, error) {
	t := d.Start(time.UTC)
	y, m, dd := t.Date()
	day := func(y int, m time.Month, d int) Day { return DayOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC), time.UTC) }
	switch every {
	case "day":
		return Period{t.Format(time.DateOnly), d, d + 1}, nil
	case "week":
		iy, iw := t.ISOWeek()
		from := day(y, m, dd-(int(t.Weekday())+6)%7)
		return Period{fmt.Sprintf("%d-W%02d", iy, iw), from, from + 7}, nil
	case "month":
		return Period{fmt.Sprintf("%d-%02d", y, m), day(y, m, 1), day(y, m+1, 1)}, nil
	case "quarter":
		first := (m-1)/3*3 + 1
		return Period{fmt.Sprintf("%d-Q%d", y, (m+2)/3), day(y, first, 1), day(y, first+3, 1)}, nil
	case "year":
		return Period{fmt.Sprint(y), day(y, 1, 1), day(y+1, 1, 1)}, nil
	}
	return Period{}, fmt.Errorf("a period cannot be a %q", every)
}

// Before is the period before.
func Before(every string, p Period) (Period, error) { return PeriodOf(every, p.From-1) }

// ParsePeriod reads the name of a period.
func ParsePeriod(name string) (Period, error) {
	var y, n, d int
	day := func(every string, y, m, d int) (Period, error) {
		t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
		p, err := PeriodOf(every, DayOf(t, time.UTC))
		if err == nil && p.Name != name {
			err = fmt.Errorf("%q is no period", name)
		}
		return p, err
	}
	scan := func(format string, to ...any) bool {
		k, err := fmt.Sscanf(name, format, to...)
		return err == nil && k == len(to)
	}
	switch {
	case scan("%4d-W%2d", &y, &n):
		return day("week", y, 1, 4+7*(n-1)) // 4 January lies in the first week
	case scan("%4d-Q%1d", &y, &n):
		return day("quarter", y, 3*n-2, 1)
	case scan("%4d-%2d-%2d", &y, &n, &d):
		return day("day", y, n, d)
	case scan("%4d-%2d", &y, &n):
		return day("month", y, n, 1)
	case len(name) == 4 && scan("%4d", &y):
		return day("year", y, 1, 1)
	}
	return Period{}, fmt.Errorf("%q is no period", name)
}
