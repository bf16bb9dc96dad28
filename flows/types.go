package flows

import "example.org/fieldbot/flows/xpath"

// A Type is a question type of the XLSForm standard
// (https://xlsform.org/en/#question-types).
type Type struct {
	Name    string   // standard spelling, as "select_one"
	Aliases []string // other spellings that real forms carry
	Bind    string   // XForms data type: string, int, decimal, date, …
	Control string   // XForms control: input, select1, select, rank, range, trigger, upload; "" for none
	Leaf    xpath.LeafType
	Askable bool // a person can answer it
	List    bool // the type names a choice list or a file
	Media   string
	Chat    string // what a respondent meets in a chat, for the documentation
	Missing string // what a chat cannot offer of it, and what happens instead; "" if nothing is missing
}

// Types is the table of question types. Documentation and checks come from it.
var types = []Type{
	{Name: "text", Aliases: []string{"string", "phone number", "add text prompt", "q string", "add string prompt", "tel"}, Bind: "string", Control: "input", Askable: true, Chat: "a text message, or a voice note"},
	{Name: "integer", Aliases: []string{"int", "add integer prompt", "q int", "percentage", "number of days in last month", "number of days in last six months", "number of days in last year"}, Bind: "int", Control: "input", Leaf: xpath.NumberLeaf, Askable: true, Chat: "a number in Lao, Arabic or Thai digits"},
	{Name: "decimal", Aliases: []string{"add decimal prompt", "q decimal"}, Bind: "decimal", Control: "input", Leaf: xpath.NumberLeaf, Askable: true, Chat: "a number; a comma is a decimal mark too"},
	{Name: "range", Bind: "int", Control: "range", Leaf: xpath.NumberLeaf, Askable: true, Chat: "buttons from start to end, or a number"},
	{Name: "select_one", Aliases: []string{"select one", "select1", "select one from", "select_one from", "add select one prompt using", "select one using", "q select1"}, Bind: "string", Control: "select1", Askable: true, List: true, Chat: "buttons, a number or a label"},
	{Name: "select_multiple", Aliases: []string{"select multiple", "select all that apply", "select all that apply from", "select_multiple from", "select multiple from", "select multiple using", "select all that apply using", "add select multiple prompt using", "q select", "select"}, Bind: "string", Control: "select", Askable: true, List: true, Chat: "buttons that toggle, and Done"},
	{Name: "select_one_from_file", Aliases: []string{"select one from file"}, Bind: "string", Control: "select1", Askable: true, List: true, Chat: "as select_one"},
	{Name: "select_multiple_from_file", Aliases: []string{"select multiple from file"}, Bind: "string", Control: "select", Askable: true, List: true, Chat: "as select_multiple"},
	{Name: "select_one_external", Aliases: []string{"select one external"}, Bind: "string", Control: "select1", Askable: true, List: true, Chat: "as select_one"},
	{Name: "rank", Aliases: []string{"odk:rank"}, Bind: "odk:rank", Control: "rank", Askable: true, List: true, Chat: "buttons tapped in order"},
	{Name: "date", Aliases: []string{"add date prompt", "q date"}, Bind: "date", Control: "input", Leaf: xpath.DateLeaf, Askable: true, Chat: "a calendar, or a typed date"},
	{Name: "time", Aliases: []string{"add time prompt", "q time"}, Bind: "time", Control: "input", Leaf: xpath.DateLeaf, Askable: true, Chat: "a typed time"},
	{Name: "dateTime", Aliases: []string{"datetime", "date time", "add date time prompt", "add datetime prompt", "q datetime", "q date time"}, Bind: "dateTime", Control: "input", Leaf: xpath.DateLeaf, Askable: true, Chat: "a typed date and time"},
	{Name: "note", Aliases: []string{"add note prompt", "q note"}, Bind: "string", Control: "input", Chat: "shown with the next question; a required note stops the interview"},
	{Name: "acknowledge", Aliases: []string{"trigger", "add acknowledge prompt", "q acknowledge"}, Bind: "string", Control: "trigger", Askable: true, Chat: "one button"},
	{Name: "geopoint", Aliases: []string{"gps", "location", "add location prompt", "q geopoint", "q location"}, Bind: "geopoint", Control: "input", Askable: true, Chat: "a location that is sent"},
	{Name: "geotrace", Aliases: []string{"q geotrace"}, Bind: "geotrace", Control: "input", Askable: true, Chat: "a series of locations, and Done", Missing: "no recording while walking; points are sent one by one"},
	{Name: "geoshape", Aliases: []string{"q geoshape"}, Bind: "geoshape", Control: "input", Askable: true, Chat: "a series of locations, and Done; closed by itself", Missing: "no recording while walking; points are sent one by one"},
	{Name: "image", Aliases: []string{"photo", "picture", "add image prompt", "add photo prompt", "q image", "q picture"}, Bind: "binary", Control: "upload", Askable: true, Media: "image", Chat: "a photo", Missing: "signature and draw take a photo instead of a drawing"},
	{Name: "audio", Aliases: []string{"add audio prompt", "q audio"}, Bind: "binary", Control: "upload", Askable: true, Media: "audio", Chat: "a voice note or an audio file"},
	{Name: "video", Aliases: []string{"add video prompt", "q video"}, Bind: "binary", Control: "upload", Askable: true, Media: "video", Chat: "a video"},
	{Name: "file", Aliases: []string{"add file prompt"}, Bind: "binary", Control: "upload", Askable: true, Media: "file", Chat: "a document"},
	{Name: "osm", Bind: "binary", Control: "upload", Askable: true, Media: "file", Chat: "a document", Missing: "no map editor in a chat; an .osm file is sent as a document"},
	{Name: "barcode", Aliases: []string{"add barcode prompt", "q barcode"}, Bind: "barcode", Control: "input", Askable: true, Chat: "the code, typed, or a photo of it", Missing: "a chat has no scanner; the code is typed or photographed"},
	{Name: "calculate", Aliases: []string{"add calculate prompt", "q calculate"}, Bind: "string", Chat: "silent"},
	{Name: "hidden", Bind: "string", Chat: "silent"},
	{Name: "start", Aliases: []string{"start time", "get start time"}, Bind: "dateTime", Leaf: xpath.DateLeaf, Chat: "when the interview began"},
	{Name: "end", Aliases: []string{"end time", "get end time"}, Bind: "dateTime", Leaf: xpath.DateLeaf, Chat: "when it was submitted"},
	{Name: "today", Aliases: []string{"get today"}, Bind: "date", Leaf: xpath.DateLeaf, Chat: "the day it began"},
	{Name: "deviceid", Aliases: []string{"device id", "get device id", "imei", "uri:deviceid"}, Bind: "string", Chat: "a pseudonym of the person for this form; empty for anonymous forms"},
	{Name: "username", Aliases: []string{"uri:username"}, Bind: "string", Chat: "the invited person's name; empty for citizens"},
	{Name: "phonenumber", Aliases: []string{"get phone number", "uri:phonenumber"}, Bind: "string", Chat: "always empty for citizens"},
	{Name: "email", Aliases: []string{"uri:email"}, Bind: "string", Chat: "always empty for citizens"},
	{Name: "subscriberid", Aliases: []string{"subscriber id", "get subscriber id", "uri:subscriberid"}, Bind: "string", Chat: "empty", Missing: "a chat has no SIM card to ask"},
	{Name: "simserial", Aliases: []string{"sim id", "get sim id", "uri:simserial"}, Bind: "string", Chat: "empty", Missing: "a chat has no SIM card to ask"},
	{Name: "audit", Bind: "binary", Chat: "empty", Missing: "no audit file is written; times are in the submission"},
	{Name: "start-geopoint", Bind: "geopoint", Chat: "empty", Missing: "a chat cannot read the place unasked; ask a geopoint question"},
	{Name: "background-audio", Bind: "binary", Chat: "empty", Missing: "a chat cannot record unasked; ask an audio question"},
	{Name: "background-geopoint", Bind: "geopoint", Chat: "empty", Missing: "a chat cannot read the place unasked; ask a geopoint question"},
	{Name: "xml-external", Bind: "", Chat: "declares a data set", List: false},
	{Name: "csv-external", Bind: "", Chat: "declares a data set", List: false},
}

// typeConstraints are those that old types have by themselves, as the
// standard's compiler reads them; a constraint of the row takes their place.
var typeConstraints = map[string]string{
	"phone number":                      `regex(., '^\d*$')`,
	"percentage":                        "0 <= . and . <= 100",
	"number of days in last month":      "0 <= . and . <= 31",
	"number of days in last six months": "0 <= . and . <= 183",
	"number of days in last year":       "0 <= . and . <= 365",
}

var typesByName = func() map[string]*Type {
	m := make(map[string]*Type, 2*len(types))
	for i := range types {
		m[types[i].Name] = &types[i]
		for _, a := range types[i].Aliases {
			m[a] = &types[i]
		}
	}
	m["datetime"] = m["dateTime"]
	return m
}()

// Types returns the table of question types, in the order of the documentation.
func Types() []Type { return append([]Type(nil), types...) }

// Multiple reports whether a value is several choice names joined by spaces.
func (t *Type) Multiple() bool { return t.Control == "select" || t.Control == "rank" }

// Select reports whether an answer is one of, or some of, a list of choices.
func (t *Type) Select() bool {
	return t.Control == "select1" || t.Control == "select" || t.Control == "rank"
}
