package xpath

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

func dateFunctions() []*function {
	return []*function{
		{Function{Name: "today", Doc: "The current date."}, false, fnToday},
		{Function{Name: "now", Doc: "The current date and time."}, false, fnNow},
		{Function{Name: "date", Args: "value", Min: 1, Max: 1,
			Doc: "The date of a text YYYY-MM-DD or of a number of days since 1970-01-01."}, false, fnDate},
		{Function{Name: "date-time", Args: "value", Min: 1, Max: 1,
			Doc: "The date and time of a text or of a number of days since 1970-01-01 UTC."}, false, fnDateTime},
		{Function{Name: "decimal-date-time", Args: "value", Min: 1, Max: 1,
			Doc: "Days since 1970-01-01 UTC, with the time as a fraction."}, false, fnDecimalDateTime},
		{Function{Name: "decimal-time", Args: "time", Min: 1, Max: 1,
			Doc: "The time as a fraction of a day."}, false, fnDecimalTime},
		{Function{Name: "format-date", Args: "date, format", Min: 2, Max: 2,
			Doc: "The date as the format says: %Y %y year, %m %n %b month, %d %e day, %a day of the week."}, false, fnFormatDate},
		{Function{Name: "format-date-time", Args: "date, format", Min: 2, Max: 2,
			Doc: "As format-date, with %H %h hour, %M minute, %S second, %3 milliseconds."}, false, fnFormatDate},
	}
}

func fnToday(c *Context, _ []Term) (Value, error) {
	now := c.Env.Now()
	y, m, d := now.Date()
	return DateValue(time.Date(y, m, d, 0, 0, 0, 0, now.Location()), false), nil
}

func fnNow(c *Context, _ []Term) (Value, error) { return DateValue(c.Env.Now(), true), nil }

// moment makes a date of a value: of days, of a text in ISO form, or of a
// number that stands in a text. ok is false if it is neither.
func (c *Context) moment(v Value) (t time.Time, timed, ok bool) {
	switch v.kind {
	case KindDate:
		return v.time(), v.timed, true
	case KindNumber:
		return c.numbered(v)
	case KindBoolean:
		return time.Time{}, false, false
	}
	s := v.String()
	if len(s) > 64 {
		return time.Time{}, false, false
	}
	if t, timed, ok = parseISO(s, c.zone()); ok {
		return t, timed, true
	}
	if f, is := parseNumber(s); is {
		return c.numbered(NumberValue(f))
	}
	return time.Time{}, false, false
}

// numbered makes a date of a number of days. A whole number is a day of the
// calendar; one with a fraction counts from 1970 UTC, as decimal-date-time()
// gives it, unless it comes of adding to a date of the respondent's calendar.
func (c *Context) numbered(v Value) (t time.Time, timed, ok bool) {
	if v.zone != nil {
		return fromDays(v.num, v.zone)
	}
	if v.num == math.Trunc(v.num) {
		return fromDays(v.num, c.zone())
	}
	return fromUTCDays(v.num, c.zone())
}

func fnDate(c *Context, args []Term) (Value, error) {
	v, err := eval(c, args[0])
	if err != nil {
		return Value{}, err
	}
	return c.dateOf(v), nil
}

// fnDateTime differs from fnDate for whole numbers, which count from 1970 UTC.
func fnDateTime(c *Context, args []Term) (Value, error) {
	v, err := eval(c, args[0])
	if err != nil {
		return Value{}, err
	}
	if f, ok := plainNumber(v); ok {
		if t, timed, ok := fromUTCDays(f, c.zone()); ok {
			return DateValue(t, timed), nil
		}
	}
	return c.dateOf(v), nil
}

// plainNumber returns a number, or one that stands in a text, which does not
// count on the respondent's calendar.
func plainNumber(v Value) (f float64, ok bool) {
	switch v.kind {
	case KindNumber:
		return v.num, v.zone == nil
	case KindBoolean, KindDate:
		return 0, false
	}
	return parseNumber(v.String())
}

func (c *Context) dateOf(v Value) Value {
	if t, timed, ok := c.moment(v); ok {
		return DateValue(t, timed && !midnight(t))
	}
	if v.kind == KindNumber {
		return NumberValue(nan)
	}
	return Value{}
}

func fnDecimalDateTime(c *Context, args []Term) (Value, error) {
	v, err := eval(c, args[0])
	if err != nil {
		return Value{}, err
	}
	if f, ok := plainNumber(v); ok {
		return NumberValue(f), nil // it is one already
	}
	t, _, ok := c.moment(v)
	if !ok {
		return NumberValue(nan), nil
	}
	return NumberValue(float64(t.UnixMilli()) / msPerDay), nil
}

func fnDecimalTime(c *Context, args []Term) (Value, error) {
	s, err := evalString(c, args[0])
	if err != nil {
		return Value{}, err
	}
	return NumberValue(c.timeOfDay(strings.Trim(s, blanks))), nil
}

// timeOfDay returns a time, or that of a date and time, as a fraction of the
// respondent's day.
func (c *Context) timeOfDay(s string) float64 {
	zone := c.zone()
	if t, timed, ok := parseISO(s, zone); ok && timed {
		f := days(t)
		return f - math.Floor(f)
	}
	k, ok := parseClock(s)
	if !ok || k.h == 24 {
		return nan
	}
	ms := int64(k.h)*3600_000 + int64(k.m)*60_000 + int64(k.ms)
	if k.zone != nil {
		now := c.Env.Now()
		_, here := now.Zone()
		_, there := now.In(k.zone).Zone()
		ms = ((ms+int64(here-there)*1000)%msPerDay + msPerDay) % msPerDay
	}
	return float64(ms) / msPerDay
}

func fnFormatDate(c *Context, args []Term) (Value, error) {
	v, err := eval(c, args[0])
	if err != nil {
		return Value{}, err
	}
	format, err := evalString(c, args[1])
	if err != nil {
		return Value{}, err
	}
	t, _, ok := c.moment(v)
	if !ok {
		return Value{}, nil
	}
	return limited(c, formatDate(t, format, c.Env.Language()))
}

// formatDate replaces the %-marks of ODK XForms; others stay as they are.
func formatDate(t time.Time, format, lang string) string {
	names := calendarNames(lang)
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch format[i] {
		case 'Y':
			fmt.Fprintf(&b, "%04d", t.Year())
		case 'y':
			fmt.Fprintf(&b, "%02d", t.Year()%100)
		case 'm':
			fmt.Fprintf(&b, "%02d", t.Month())
		case 'n':
			b.WriteString(strconv.Itoa(int(t.Month())))
		case 'b':
			b.WriteString(names.months[t.Month()-1])
		case 'd':
			fmt.Fprintf(&b, "%02d", t.Day())
		case 'e':
			b.WriteString(strconv.Itoa(t.Day()))
		case 'a':
			b.WriteString(names.days[t.Weekday()])
		case 'W':
			_, week := t.ISOWeek()
			b.WriteString(strconv.Itoa(week))
		case 'H':
			fmt.Fprintf(&b, "%02d", t.Hour())
		case 'h':
			b.WriteString(strconv.Itoa(t.Hour()))
		case 'M':
			fmt.Fprintf(&b, "%02d", t.Minute())
		case 'S':
			fmt.Fprintf(&b, "%02d", t.Second())
		case '3':
			fmt.Fprintf(&b, "%03d", t.Nanosecond()/1e6)
		case '%':
			b.WriteByte('%')
		default:
			b.WriteByte('%')
			b.WriteByte(format[i])
		}
	}
	return b.String()
}
