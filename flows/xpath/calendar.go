package xpath

import "strings"

// names are the short names of format-date. Those in Lao follow CLDR and are
// not reviewed by a native speaker.
type names struct {
	months [12]string
	days   [7]string // from Sunday
}

var calendars = map[string]*names{
	"en": {
		months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		days:   [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	},
	"fr": {
		months: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
		days:   [7]string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
	},
	"lo": {
		months: [12]string{"ມ.ກ.", "ກ.ພ.", "ມ.ນ.", "ມ.ສ.", "ພ.ພ.", "ມິ.ຖ.", "ກ.ລ.", "ສ.ຫ.", "ກ.ຍ.", "ຕ.ລ.", "ພ.ຈ.", "ທ.ວ."},
		days:   [7]string{"ອາທິດ", "ຈັນ", "ອັງຄານ", "ພຸດ", "ພະຫັດ", "ສຸກ", "ເສົາ"},
	},
}

// calendarNames returns the names of a language; English ones if it has none.
func calendarNames(lang string) *names {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if n := calendars[base]; n != nil {
		return n
	}
	return calendars["en"]
}
