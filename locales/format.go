package locales

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// A format is how a language writes numbers and dates: the format.* keys of
// its file.
type format struct {
	decimal, group string
	months, short  []string
	weekdays       []string
	date, dateTime string // with D, MM, MMMM, YYYY, hh, mm
	numeric        string
	monthYear      string
	percent        string
}

func newFormat(l *locale) (format, error) {
	get := func(key string) string {
		if m := l.messages["format."+key]; m != nil {
			return m.forms[plural.Other].plain(l, nil)
		}
		return ""
	}
	f := format{
		decimal: get("decimal"), group: get("group"),
		months: strings.Split(get("months"), "|"), short: strings.Split(get("months_short"), "|"),
		weekdays: strings.Split(get("weekdays"), "|"),
		date:     get("date"), dateTime: get("date_time"), numeric: get("date_numeric"),
		monthYear: get("month_year"), percent: get("percent"),
	}
	if len(f.months) != 12 || len(f.short) != 12 || len(f.weekdays) != 7 {
		return f, fmt.Errorf("format.months and format.months_short need 12 names, format.weekdays 7 from Sunday on")
	}
	if f.decimal == "" || f.date == "" || f.dateTime == "" || f.numeric == "" || f.monthYear == "" || f.percent == "" {
		return f, fmt.Errorf("a format.* key is missing")
	}
	return f, nil
}

// arg writes an argument of a message.
func (f *format) arg(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case Safe:
		return string(v)
	case int:
		return f.number(float64(v), 0)
	case int64:
		return f.number(float64(v), 0)
	case uint64:
		return f.number(float64(v), 0)
	case float64:
		return f.number(v, -1)
	case time.Time:
		return f.layout(f.date, v)
	}
	return fmt.Sprint(v)
}

// number writes x with so many decimals, as few as are needed if negative.
func (f *format) number(x float64, decimals int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "–"
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	whole, frac, _ := strings.Cut(s, ".")
	var b strings.Builder
	if x < 0 && strings.Trim(s, "0.") != "" {
		b.WriteString("−")
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(f.group)
		}
		b.WriteRune(d)
	}
	if frac != "" {
		b.WriteString(f.decimal + frac)
	}
	return b.String()
}

func (f *format) layout(layout string, t time.Time) string {
	return strings.NewReplacer(
		"MMMM", f.months[t.Month()-1], "MMM", f.short[t.Month()-1], "MM", fmt.Sprintf("%02d", t.Month()),
		"DD", fmt.Sprintf("%02d", t.Day()), "D", strconv.Itoa(t.Day()),
		"YYYY", fmt.Sprintf("%04d", t.Year()),
		"hh", fmt.Sprintf("%02d", t.Hour()), "mm", fmt.Sprintf("%02d", t.Minute()),
		"WWWW", f.weekdays[t.Weekday()],
	).Replace(layout)
}

// Number writes a number with so many decimals; with as few as are needed if
// decimals is negative.
func (c *Catalogue) Number(lang string, x float64, decimals int) string {
	return c.locale(lang).format.number(x, decimals)
}

// Percent writes a share between 0 and 1 in whole hundredths: 0.675 is "68%".
func (c *Catalogue) Percent(lang string, share float64) string {
	f := &c.locale(lang).format
	return strings.Replace(f.percent, "N", f.number(math.Floor(share*100+0.5), 0), 1)
}

// Date writes the day of t, as "5 March 2026".
func (c *Catalogue) Date(lang string, t time.Time) string {
	f := &c.locale(lang).format
	return f.layout(f.date, t)
}

// DateNumeric writes the day of t in digits, as "05/03/2026".
func (c *Catalogue) DateNumeric(lang string, t time.Time) string {
	f := &c.locale(lang).format
	return f.layout(f.numeric, t)
}

// DateTime writes day and time of t, as "5 March 2026, 08:00".
func (c *Catalogue) DateTime(lang string, t time.Time) string {
	f := &c.locale(lang).format
	return f.layout(f.dateTime, t)
}

// MonthYear writes the month of t, as "March 2026".
func (c *Catalogue) MonthYear(lang string, t time.Time) string {
	f := &c.locale(lang).format
	return f.layout(f.monthYear, t)
}

// Month returns the name of a month.
func (c *Catalogue) Month(lang string, m time.Month) string {
	return c.locale(lang).format.months[(m+11)%12]
}

// Months returns the twelve names of months of a language, and their short
// forms, so that a typed date can be read.
func (c *Catalogue) Months(lang string) (long, short []string) {
	f := &c.locale(lang).format
	return append([]string(nil), f.months...), append([]string(nil), f.short...)
}

// Weekday returns the name of a day of the week.
func (c *Catalogue) Weekday(lang string, d time.Weekday) string {
	return c.locale(lang).format.weekdays[(d+7)%7]
}

// Size writes a number of bytes in megabytes or kilobytes.
func (c *Catalogue) Size(lang string, bytes int64) string {
	f := &c.locale(lang).format
	if bytes < 1<<20 {
		return f.number(math.Ceil(float64(bytes)/(1<<10)), 0) + " KB"
	}
	return f.number(math.Floor(float64(bytes)/(1<<20)*10)/10, -1) + " MB"
}

// pluralForm picks the CLDR plural form of a count.
func pluralForm(tag language.Tag, count any) plural.Form {
	var n float64
	switch v := count.(type) {
	case int:
		n = float64(v)
	case int64:
		n = float64(v)
	case uint64:
		n = float64(v)
	case float64:
		n = v
	default:
		return plural.Other
	}
	n = math.Abs(n)
	whole := math.Trunc(n)
	i := int(math.Mod(whole, 10_000_000))
	frac := ""
	if n != whole {
		_, frac, _ = strings.Cut(strconv.FormatFloat(n, 'f', -1, 64), ".")
	}
	if len(frac) > 6 {
		frac = frac[:6]
	}
	t, _ := strconv.Atoi(frac)
	return plural.Cardinal.MatchPlural(tag, i, len(frac), len(frac), t, t)
}
