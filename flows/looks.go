package flows

import "strings"

// A Look is a word of the appearance column, and what it does in a chat.
type Look struct {
	Name    string // as it is written; a trailing … stands for anything
	Types   string // of questions, for the documentation
	Chat    string // what it does
	Missing string // what a chat cannot offer of it, and what happens instead; "" if nothing is missing
}

// Looks returns the table of appearances, in the order of the documentation.
func Looks() []Look { return append([]Look(nil), looks...) }

func (l *Look) names(word string) bool {
	for name := range strings.SplitSeq(l.Name, ", ") {
		if stem, ok := strings.CutSuffix(name, "…"); ok && strings.HasPrefix(word, stem) || word == name {
			return true
		}
	}
	return false
}

// looks is the table of appearances (https://xlsform.org/en/#appearance). A word that is not in
// it changes nothing.
var looks = []Look{
	{Name: "numbers", Types: "text", Chat: "only digits, + - ( ) and blanks are taken, in any script"},
	{Name: "multiline", Types: "text", Chat: "nothing: a message may always have several lines"},
	{Name: "url, email", Types: "text, note", Chat: "nothing: links and addresses can be pressed anyway"},
	{Name: "masked", Types: "text", Chat: "asked as any text", Missing: "what is typed stays to be seen in a chat; delete the message, or ask it elsewhere"},
	{Name: "thousands-sep, counter", Types: "integer, decimal", Chat: "nothing: numbers are always shown in groups of three"},
	{Name: "bearing", Types: "decimal", Chat: "a typed number", Missing: "a chat has no compass; the number is typed"},
	{Name: "ex:…", Types: "text, integer, decimal, image, …", Chat: "asked as the type alone", Missing: "a chat cannot call another app; the question is asked in the chat"},
	{Name: "printer:…", Types: "text, note", Chat: "nothing", Missing: "a chat cannot print; the row is asked as any other"},
	{Name: "year, month-year", Types: "date", Chat: "buttons for the year, or the month and year; stored as the first day of it"},
	{Name: "no-calendar", Types: "date, dateTime", Chat: "typed, without the buttons of a calendar"},
	{Name: "ethiopian, coptic, islamic, bikram-sambat, myanmar, persian, buddhist", Types: "date", Chat: "asked in the common calendar; typed years of the Buddhist era are understood", Missing: "a chat has the common calendar only; years of the Buddhist era are understood when typed"},
	{Name: "minimal, autocomplete, search", Types: "select", Chat: "nothing: any list can be searched by typing a part of a label, a long one is paged"},
	{Name: "search('…')", Types: "select", Chat: "choices from the rows of an attached csv file: see below"},
	{Name: "quick, quickcompact", Types: "select_one", Chat: "nothing: a tap always goes on"},
	{Name: "likert, horizontal", Types: "select_one", Chat: "one button a row; labels of a sign or two all in one row"},
	{Name: "list", Types: "select", Chat: "one button a row"},
	{Name: "label", Types: "select", Chat: "the head of a table: shown as a note, not asked, unless it is required"},
	{Name: "list-nolabel", Types: "select", Chat: "asked as any select, with its labels"},
	{Name: "table-list", Types: "group", Chat: "its questions are asked one after another, each with its labels"},
	{Name: "columns, columns-pack, columns-…, compact, compact-…, no-buttons, horizontal-compact, w1 … w10", Types: "select, group", Chat: "nothing: as many buttons in a row as fit"},
	{Name: "map, image-map", Types: "select_one", Chat: "asked as any select, without the map", Missing: "a chat cannot draw choices on a map; they are offered as buttons"},
	{Name: "field-list", Types: "group", Chat: "its questions are asked one after another; notes come in one message with the question behind them"},
	{Name: "pages, theme-…", Types: "settings: style", Chat: "nothing"},
	{Name: "signature, draw, annotate", Types: "image", Chat: "a photo, of a signature if one is asked for"},
	{Name: "new, new-front, new-rear, selfie, front", Types: "image, video, barcode", Chat: "a photo from the camera or the gallery"},
	{Name: "placement-map, maps, hide-input", Types: "geopoint, geotrace, geoshape", Chat: "a location that is sent: where one is, or a place on Telegram's map"},
	{Name: "vertical", Types: "range", Chat: "one button a row"},
	{Name: "picker", Types: "range", Chat: "buttons that count up and down"},
	{Name: "rating, no-ticks, no-min", Types: "range", Chat: "nothing: a button for each number"},
	{Name: "hidden-answer", Types: "barcode", Chat: "nothing"},
}
