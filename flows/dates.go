package flows

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	isoDate   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})`)
	dayFirst  = regexp.MustCompile(`^(\d{1,2})\s*[/.\- ]\s*(\d{1,2})(?:\s*[/.\- ]\s*(\d{2}|\d{4}))?$`)
	yearFirst = regexp.MustCompile(`^(\d{4})\s*[/. ]\s*(\d{1,2})\s*[/. ]\s*(\d{1,2})$`)
	dayName   = regexp.MustCompile(`^(?:ວັນທີ\s*)?(\d{1,2})(?:st|nd|rd|th)?\s*(?:ເດືອນ\s*)?([\p{L}\p{M}.]+)\s*(?:ປີ\s*)?(\d{4}|\d{2})?$`)
	nameDay   = regexp.MustCompile(`^([\p{L}.]+)\s+(\d{1,2})(?:st|nd|rd|th)?,?\s*(\d{4})?$`)
	nameYear  = regexp.MustCompile(`^(?:ເດືອນ\s*)?([\p{L}\p{M}.]+)\s*(?:ປີ\s*)?(\d{4})$`)
	monthYear = regexp.MustCompile(`^(\d{1,2})\s*[/.\- ]\s*(\d{4})$`)
	yearMonth = regexp.MustCompile(`^(\d{4})\s*[/.\- ]\s*(\d{1,2})$`)
	inNumbers = regexp.MustCompile(`^(?:ວັນທີ|ມື້ທີ)?\s*(\d{1,2})\s*ເດືອນ\s*(\d{1,2})(?:\s*ປີ)?\s*(\d{4}|\d{2})?$`)
	onlyYear  = regexp.MustCompile(`^(?:ປີ\s*)?(\d{4})$`)
	clock     = regexp.MustCompile(`^(\d{1,2})\s*(?:[:.h]|ໂມງ)\s*(\d{2})?(?::(\d{2})(?:\.\d+)?)?\s*([ap]\.?m\.?|ນາທີ)?\s*(Z|[+-]\d{2}:?\d{2})?$`)
	hourOnly  = regexp.MustCompile(`^(\d{1,2})\s*([ap])\.?m\.?$`)
)

// months are the names of the months, and what begins them, as respondents type them.
var months = func() map[string]int {
	m := map[string]int{}
	for _, names := range []string{
		"january february march april may june july august september october november december",
		"jan feb mar apr may jun jul aug sep oct nov dec",
		"ມັງກອນ ກຸມພາ ມີນາ ເມສາ ພຶດສະພາ ມິຖຸນາ ກໍລະກົດ ສິງຫາ ກັນຍາ ຕຸລາ ພະຈິກ ທັນວາ",
		"ມ.ກ ກ.ພ ມ.ນ ມ.ສ ພ.ພ ມິ.ຖ ກ.ລ ສ.ຫ ກ.ຍ ຕ.ລ ພ.ຈ ທ.ວ",
		"มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
	} {
		for i, w := range strings.Fields(names) {
			m[w] = i + 1
		}
	}
	m["sept"] = 9
	return m
}()

// days are words for a day near today.
var days = map[string]int{"today": 0, "yesterday": -1, "tomorrow": 1, "ມື້ນີ້": 0, "ວັນນີ້": 0, "ມື້ວານ": -1, "ມື້ວານນີ້": -1, "ມື້ອື່ນ": 1, "now": 0, "ດຽວນີ້": 0}

// Habits are how people of a place write, beyond what the engine knows by
// itself: so that a language can be added without code.
type Habits struct {
	Months map[string]int  // names of months, in lower case and without a full stop at the end
	Days   map[string]int  // words for a day near today: 0 today, -1 yesterday
	Now    map[string]bool // words for this moment
	Comma  map[string]bool // codes of the languages that write 2,5 for two and a half, and 1.500 for fifteen hundred
}

// A reading is what a typed date is read with.
type reading struct {
	now    time.Time
	habits *Habits
}

func (in *Instance) reading() reading {
	if in.world.Habits != nil {
		return reading{in.now(), in.world.Habits}
	}
	return reading{in.now(), &Habits{}}
}

func (r reading) month(word string) int {
	word = strings.TrimSuffix(word, ".")
	if m := months[word]; m > 0 {
		return m
	}
	return r.habits.Months[word]
}

func (r reading) day(word string) (int, bool) {
	if d, ok := days[word]; ok {
		return d, true
	}
	d, ok := r.habits.Days[word]
	return d, ok
}

func (r reading) isNow(word string) bool {
	return word == "now" || word == "ດຽວນີ້" || r.habits.Now[word]
}

// year reads a year of two or four digits, or none for this one. Four digits of
// the Buddhist era are understood; two are of the hundred years that end soon
// after now, since people write 85 for the year in which they were born.
func (r reading) year(word string) int {
	y, _ := strconv.Atoi(word)
	switch {
	case word == "":
		return r.now.Year()
	case len(word) == 2:
		if y += 2000; y > r.now.Year()+20 {
			y -= 100
		}
	case y >= 2400 && y <= 2700:
		return y - 543
	}
	return y
}

// parseDated reads a date, time or dateTime question's answer and writes it in
// ISO 8601. Years of the Buddhist era are understood.
func parseDated(n *Node, text string, r reading) (string, Reason) {
	s := strings.ToLower(strings.Join(strings.Fields(plainDigits(text)), " "))
	switch n.Type.Bind {
	case "time":
		if r.isNow(s) {
			return r.now.Format(timeLayout), ""
		}
		if m := compact.FindStringSubmatch(s); m != nil { // behind a date it would be a year
			s = m[1] + ":" + m[2]
		}
		t, ok := readClock(saidTime(s), r.now)
		if !ok {
			return "", ReasonTime
		}
		return t.Format(timeLayout), ""
	case "dateTime":
		return readDateTime(s, r)
	}
	if m := isoDate.FindString(s); m != "" && len(s) > len(m) && s[len(m)] == 't' {
		s = m // a dateTime for a date
	}
	t, ok := readDate(s, r, n.Appearance)
	if !ok {
		return "", ReasonDate
	}
	return t.Format(dateLayout), ""
}

func readDateTime(s string, r reading) (string, Reason) {
	if r.isNow(s) {
		return r.now.Format(dateTimeLayout), ""
	}
	s = strings.Replace(s, "t", " ", min(1, strings.Count(isoPrefix(s), "t")))
	for i := len(s) - 1; i > 0; i-- {
		if s[i] != ' ' {
			continue
		}
		day, ok := readDate(strings.TrimSpace(strings.TrimSuffix(strings.TrimRight(strings.TrimSpace(s[:i]), ","), " at")), r, nil)
		if !ok {
			continue
		}
		t, ok := readClock(saidTime(strings.TrimSpace(s[i:])), day)
		if !ok {
			continue
		}
		return t.Format(dateTimeLayout), ""
	}
	if day, ok := readDate(s, r, nil); ok && isoDate.MatchString(s) {
		return day.Format(dateTimeLayout), ""
	}
	return "", ReasonDate
}

// isoPrefix is the part of an ISO date-time up to its "t".
func isoPrefix(s string) string {
	if m := isoDate.FindString(s); m != "" && len(s) > len(m) {
		return s[:len(m)+1]
	}
	return ""
}

func readClock(s string, day time.Time) (time.Time, bool) {
	h, m, sec, half := 0, 0, 0, ""
	zone := day.Location()
	if x := clock.FindStringSubmatch(strings.ToLower(s)); x != nil {
		h, _ = strconv.Atoi(x[1])
		m, _ = strconv.Atoi(x[2])
		sec, _ = strconv.Atoi(x[3])
		half = x[4]
		if x[5] != "" {
			z, ok := readZone(strings.ToUpper(x[5]))
			if !ok {
				return time.Time{}, false
			}
			zone = z
		}
	} else if x := clock.FindStringSubmatch(strings.ToUpper(s)); x != nil && x[5] == "Z" {
		h, _ = strconv.Atoi(x[1])
		m, _ = strconv.Atoi(x[2])
		sec, _ = strconv.Atoi(x[3])
		zone = time.UTC
	} else if x := hourOnly.FindStringSubmatch(s); x != nil {
		h, _ = strconv.Atoi(x[1])
		half = x[2]
	} else {
		return time.Time{}, false
	}
	if half != "" && half != "ນາທີ" {
		if h < 1 || h > 12 {
			return time.Time{}, false
		}
		h %= 12
		if half[0] == 'p' {
			h += 12
		}
	}
	if h > 23 || m > 59 || sec > 59 {
		return time.Time{}, false
	}
	y, mo, d := day.Date()
	return time.Date(y, mo, d, h, m, sec, 0, zone), true
}

func readZone(s string) (*time.Location, bool) {
	if s == "Z" {
		return time.UTC, true
	}
	t, err := time.Parse("-0700", strings.Replace(s, ":", "", 1))
	if err != nil {
		return nil, false
	}
	return t.Location(), true
}

// readDate reads what people write for a day: 2026-06-05, 5/6/2026, 5 June 2026,
// "5 ມິຖຸນາ 2026", today. Day comes before month.
func readDate(s string, r reading, a Appearance) (time.Time, bool) {
	now, year, month := r.now, r.year, r.month
	if d, ok := r.day(s); ok {
		return midnight(now.AddDate(0, 0, d)), true
	}
	num := func(w string) int { i, _ := strconv.Atoi(w); return i }
	if a.Has("year") {
		if m := onlyYear.FindStringSubmatch(s); m != nil {
			return valid(year(m[1]), 1, 1, now)
		}
	}
	if a.Has("year", "month-year") {
		if m := monthYear.FindStringSubmatch(s); m != nil {
			return valid(year(m[2]), num(m[1]), 1, now)
		}
		if m := yearMonth.FindStringSubmatch(s); m != nil {
			return valid(year(m[1]), num(m[2]), 1, now)
		}
		if m := nameYear.FindStringSubmatch(s); m != nil && month(m[1]) > 0 {
			return valid(year(m[2]), month(m[1]), 1, now)
		}
	}
	if m := isoDate.FindStringSubmatch(s); m != nil && m[0] == s {
		return valid(year(m[1]), num(m[2]), num(m[3]), now)
	}
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		return valid(year(m[1]), num(m[2]), num(m[3]), now)
	}
	if m := dayFirst.FindStringSubmatch(s); m != nil {
		return valid(year(m[3]), num(m[2]), num(m[1]), now)
	}
	if m := inNumbers.FindStringSubmatch(s); m != nil {
		return valid(year(m[3]), num(m[2]), num(m[1]), now)
	}
	if m := dayName.FindStringSubmatch(s); m != nil && month(m[2]) > 0 {
		return valid(year(m[3]), month(m[2]), num(m[1]), now)
	}
	if m := nameDay.FindStringSubmatch(s); m != nil && month(m[1]) > 0 {
		return valid(year(m[3]), month(m[1]), num(m[2]), now)
	}
	return time.Time{}, false
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// valid makes a date if there is such a day in the calendar.
func valid(y, m, d int, now time.Time) (time.Time, bool) {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, now.Location())
	return t, y >= 1800 && y <= 2400 && m >= 1 && m <= 12 && t.Day() == d && t.Month() == time.Month(m)
}
