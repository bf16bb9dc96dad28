package xpath

import (
	"math"
	"strings"
	"time"
)

const msPerDay = 24 * 60 * 60 * 1000

// days counts a moment as days since 1970-01-01 on the calendar and clock of
// its own zone, so that a date is a whole number wherever it is.
func days(t time.Time) float64 {
	_, offset := t.Zone()
	return float64(t.UnixMilli()+int64(offset)*1000) / msPerDay
}

// fromDays is the inverse of days. timed is false for a whole number.
func fromDays(f float64, zone *time.Location) (t time.Time, timed, ok bool) {
	if f != f || math.Abs(f) > 1e8 {
		return time.Time{}, false, false
	}
	whole := math.Floor(f)
	ms := math.Round((f - whole) * msPerDay)
	t = time.Date(1970, 1, 1+int(whole), 0, 0, 0, int(ms)*1e6, zone)
	return t, ms != 0, true
}

// fromUTCDays makes a moment of days since 1970-01-01 UTC. timed is false if it
// is midnight in zone.
func fromUTCDays(f float64, zone *time.Location) (t time.Time, timed, ok bool) {
	if f != f || math.Abs(f) > 1e8 {
		return time.Time{}, false, false
	}
	t = time.UnixMilli(int64(math.Round(f * msPerDay))).In(zone)
	return t, !midnight(t), true
}

func midnight(t time.Time) bool {
	h, m, s := t.Clock()
	return h == 0 && m == 0 && s == 0 && t.Nanosecond() == 0
}

// formatISO prints a date as YYYY-MM-DD and a moment with its offset.
func formatISO(t time.Time, timed bool) string {
	if !timed {
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02T15:04:05.000-07:00")
}

// parseISO reads YYYY-MM-DD, optionally with T, a time and an offset. What has
// no offset is in zone; what has one is moved to zone, unless that is nil.
func parseISO(s string, zone *time.Location) (t time.Time, timed, ok bool) {
	s = strings.Trim(s, " \t\r\n")
	if len(s) < 8 || !isDigit(s[0]) {
		return time.Time{}, false, false
	}
	date, clock, timed := strings.Cut(s, "T")
	y, rest, ok1 := cutInt(date, "-", 4, 4)
	m, rest, ok2 := cutInt(rest, "-", 1, 2)
	d, rest, ok3 := cutInt(rest, "", 1, 2)
	if !ok1 || !ok2 || !ok3 || rest != "" || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return time.Time{}, false, false
	}
	loc := zone
	if loc == nil {
		loc = time.UTC
	}
	var c clockTime
	if timed {
		if c, ok = parseClock(clock); !ok {
			return time.Time{}, false, false
		}
		if c.zone != nil {
			loc = c.zone
		}
	}
	t = time.Date(y, time.Month(m), d, c.h, c.m, 0, c.ms*1e6, loc)
	if zone != nil && c.zone != nil {
		t = t.In(zone)
	}
	return t, timed, true
}

func daysIn(y, m int) int {
	return time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// A clockTime is a time of day; zone is nil if it names no offset.
type clockTime struct {
	h, m, ms int // ms counts from the full minute
	zone     *time.Location
}

// parseClock reads HH:MM[:SS[.sss]] with an optional Z or ±hh[:mm].
func parseClock(s string) (c clockTime, ok bool) {
	if i := strings.IndexAny(s, "Z+-"); i >= 0 {
		if c.zone, ok = parseOffset(s[i:]); !ok {
			return c, false
		}
		s = s[:i]
	}
	var sec int
	var ok1, ok2 bool
	c.h, s, ok1 = cutInt(s, ":", 1, 2)
	c.m, s, ok2 = cutInt(s, ":", 2, 2)
	if !ok1 || !ok2 || c.h > 24 || c.m > 59 {
		return c, false
	}
	if s != "" {
		s, frac, dotted := strings.Cut(s, ".")
		if sec, s, ok = cutInt(s, "", 2, 2); !ok || s != "" || sec > 59 {
			return c, false
		}
		if dotted {
			if c.ms, ok = parseFraction(frac); !ok {
				return c, false
			}
		}
	}
	c.ms += sec * 1000
	return c, c.h < 24 || c.m == 0 && c.ms == 0
}

func parseFraction(s string) (ms int, ok bool) {
	if s == "" || len(s) > 12 {
		return 0, false
	}
	scale := 100
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
		ms += int(s[i]-'0') * scale
		scale /= 10
	}
	return ms, true
}

func parseOffset(s string) (*time.Location, bool) {
	if s == "Z" {
		return time.UTC, true
	}
	h, rest, ok1 := cutInt(s[1:], "", 2, 2)
	rest = strings.TrimPrefix(rest, ":")
	m, ok2 := 0, true
	if rest != "" {
		m, rest, ok2 = cutInt(rest, "", 2, 2)
	}
	if !ok1 || !ok2 || rest != "" || h > 18 || m > 59 {
		return nil, false
	}
	sec := h*3600 + m*60
	if sec == 0 {
		return time.UTC, true
	}
	if s[0] == '-' {
		sec = -sec
	}
	return time.FixedZone("", sec), true
}

// cutInt reads from low to high digits at the start of s, and sep if s goes on.
func cutInt(s, sep string, low, high int) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < high && isDigit(s[i]) {
		n = n*10 + int(s[i]-'0')
		i++
	}
	if i < low {
		return 0, s, false
	}
	rest = s[i:]
	if sep != "" && rest != "" {
		if !strings.HasPrefix(rest, sep) {
			return 0, s, false
		}
		rest = rest[len(sep):]
	}
	return n, rest, true
}
