package flows

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	oclock   = regexp.MustCompile(`^(\d{1,2})\s*(?:o'?\s?clock|ໂມງ)$`)
	pastHour = regexp.MustCompile(`^(half|quarter|\d{1,2})(?: minutes?)? (past|to|after|before) (\d{1,2})$`)
	halfHour = regexp.MustCompile(`^(\d{1,2})\s*ໂມງ\s*ເຄິ່ງ$`)
	laoClock = regexp.MustCompile(`^(\d{1,2})\s*ໂມງ\s*(?:(\d{1,2})\s*(?:ນາທີ)?)?$`)
	compact  = regexp.MustCompile(`^([01]\d|2[0-3])([0-5]\d)$`)
)

// noons are the words for a whole time.
var noons = map[string]string{
	"noon": "12:00", "midday": "12:00", "midnight": "00:00",
	"ທ່ຽງ": "12:00", "ທ່ຽງວັນ": "12:00", "ຕອນທ່ຽງ": "12:00", "ທ່ຽງຄືນ": "00:00", "ທ່ຽງ ຄືນ": "00:00",
}

// A dayPart is a part of the day that people say beside an hour. Hours from to
// noon on are counted on by twelve.
type dayPart struct {
	word string
	pm   bool
	from int // the first hour of the twelve that is of the afternoon
}

// dayParts are found at the end of what was typed, in Lao at the beginning, too.
// The longest come first, since one begins with another.
var dayParts = []dayPart{
	{"in the morning", false, 0}, {"in the afternoon", true, 1}, {"in the evening", true, 1}, {"at night", true, 6},
	{"ຕອນກາງຄືນ", true, 6}, {"ຕອນກາງເວັນ", true, 1}, {"ຕອນເຊົ້າ", false, 0}, {"ຕອນສວາຍ", false, 0}, {"ຕອນບ່າຍ", true, 1}, {"ຕອນແລງ", true, 1}, {"ຕອນຄ່ຳ", true, 5},
	{"ກາງຄືນ", true, 6}, {"ເຊົ້າ", false, 0}, {"ສວາຍ", false, 0}, {"ບ່າຍ", true, 1}, {"ແລງ", true, 1}, {"ຄ່ຳ", true, 5},
}

// spokenHours are the hours as words.
var spokenHours = strings.NewReplacer(
	"twelve", "12", "eleven", "11", "ten", "10", "nine", "9", "eight", "8", "seven", "7", "six", "6", "five", "5", "four", "4", "three", "3", "two", "2", "one", "1",
	"ສິບສອງ", "12", "ສິບເອັດ", "11", "ສິບ", "10", "ເກົ້າ", "9", "ແປດ", "8", "ເຈັດ", "7", "ຫົກ", "6", "ຫ້າ", "5", "ສີ່", "4", "ສາມ", "3", "ສອງ", "2", "ໜຶ່ງ", "1", "ຫນຶ່ງ", "1",
)

// saidTime turns a time as people say it into hours and minutes: "8 ໂມງເຄິ່ງ",
// "half past eight", "2 in the afternoon", "noon". Others come back as they are.
func saidTime(s string) string {
	plain := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "at "), "ເວລາ"))
	if t := noons[plain]; t != "" {
		return t
	}
	rest, part := cutDayPart(plain)
	h, m, ok := hourAndMinute(rest, part != nil)
	if !ok && rest != "" {
		h, m, ok = hourAndMinute(spokenHours.Replace(rest), part != nil)
	}
	if !ok || h > 24 || m > 59 {
		return s
	}
	if part != nil && h <= 12 {
		switch {
		case part.pm && h < 12 && h >= part.from:
			h += 12
		case h == 12 && (!part.pm || part.from > 1): // twelve at night
			h = 0
		}
	}
	return strconv.Itoa(h%24) + ":" + pad2(m)
}

func pad2(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

func cutDayPart(s string) (rest string, part *dayPart) {
	for i := range dayParts {
		w := dayParts[i].word
		if r, ok := strings.CutSuffix(s, w); ok {
			return strings.TrimSpace(r), &dayParts[i]
		}
		if r, ok := strings.CutPrefix(s, w); ok {
			return strings.TrimSpace(r), &dayParts[i]
		}
	}
	return s, nil
}

// hourAndMinute reads a time without its part of the day; a bare hour counts only
// beside one.
func hourAndMinute(s string, bare bool) (h, m int, ok bool) {
	num := func(w string) int { n, _ := strconv.Atoi(w); return n }
	if x := halfHour.FindStringSubmatch(s); x != nil {
		return num(x[1]), 30, true
	}
	if x := laoClock.FindStringSubmatch(s); x != nil {
		return num(x[1]), num(x[2]), true
	}
	if x := oclock.FindStringSubmatch(s); x != nil {
		return num(x[1]), 0, true
	}
	if x := pastHour.FindStringSubmatch(s); x != nil {
		m, h := map[string]int{"half": 30, "quarter": 15}[x[1]], num(x[3])
		if m == 0 {
			m = num(x[1])
		}
		if m < 1 || m > 59 || h > 24 {
			return 0, 0, false
		}
		if x[2] == "to" || x[2] == "before" {
			return (h + 23) % 24, 60 - m, true
		}
		return h, m, true
	}
	if hh, mm, found := strings.Cut(s, ":"); bare && found && len(mm) == 2 {
		if a, err := strconv.Atoi(hh); err == nil {
			if b, err := strconv.Atoi(mm); err == nil {
				return a, b, true
			}
		}
	}
	if bare {
		if a, err := strconv.Atoi(s); err == nil && a >= 0 {
			return a, 0, true
		}
	}
	return 0, 0, false
}
