package xlsform

import (
	"slices"
	"strings"
	"sync"
)

// A Standard is a column with a meaning: of the XLSForm standard, or of
// fieldbot's own sheets. The table of them is what headers are matched against
// and what the documentation prints.
type Standard struct {
	Sheet    string   // standard sheet name
	Key      string   // as in flows.Column
	Aliases  []string // other spellings that real forms carry, lower case, blanks as _
	Language bool     // may be given per language: label::English (en)
	Text     bool     // read by people; otherwise it is an expression or a word
	Own      bool     // fieldbot's own, not in the XLSForm standard
	Meaning  string
	Does     string // what fieldbot does with it; "" if it is kept and not used
}

// Columns returns the table, by sheet in the order of the documentation.
func Columns() []Standard { return slices.Clone(standard) }

// The names of the sheets with a meaning, in the order in which they are written.
var sheetNames = []string{
	"survey", "choices", "settings", "external_choices", "entities", "osm",
	"quotas", "indicators", "alerts", "calendar", "report",
}

const (
	asks    = "shown with the question"
	decides = "decided again after every answer"
)

var standard = []Standard{
	{Sheet: "survey", Key: "type", Aliases: []string{"command"}, Meaning: "question type and list name", Does: "see the table of types"},
	{Sheet: "survey", Key: "name", Aliases: []string{"tag", "value"}, Meaning: "variable name", Does: "names the answer in expressions and exports"},
	{Sheet: "survey", Key: "label", Aliases: []string{"caption"}, Language: true, Text: true, Meaning: "the question", Does: asks},
	{Sheet: "survey", Key: "hint", Language: true, Text: true, Meaning: "help for the respondent", Does: asks},
	{Sheet: "survey", Key: "guidance_hint", Language: true, Text: true, Meaning: "help that is not always shown", Does: "shown below the hint, folded if it is long"},
	{Sheet: "survey", Key: "required", Aliases: []string{"bind::required"}, Meaning: "yes, or an expression", Does: decides},
	{Sheet: "survey", Key: "required_message", Aliases: []string{"requiredmsg", "required_msg", "bind::jr:requiredmsg", "bind::requiredmsg"}, Language: true, Text: true, Meaning: "said when a required answer is missing", Does: "said instead of the bot's own words"},
	{Sheet: "survey", Key: "relevant", Aliases: []string{"relevance", "bind::relevant", "bind::relevance"}, Meaning: "expression: ask only if true", Does: decides},
	{Sheet: "survey", Key: "constraint", Aliases: []string{"bind::constraint"}, Meaning: "expression: accept an answer only if true", Does: "checked at once, and again before submitting"},
	{Sheet: "survey", Key: "constraint_message", Aliases: []string{"constraining_message", "constraint_msg", "constraintmsg", "bind::jr:constraintmsg", "bind::constraintmsg"}, Language: true, Text: true, Meaning: "said when the constraint is false", Does: "said instead of the bot's own words"},
	{Sheet: "survey", Key: "calculation", Aliases: []string{"calculate", "bind::calculate", "bind::calculation"}, Meaning: "expression whose value is stored", Does: decides},
	{Sheet: "survey", Key: "choice_filter", Meaning: "expression: which choices to offer", Does: decides},
	{Sheet: "survey", Key: "default", Meaning: "value, or expression, to begin with", Does: "set once"},
	{Sheet: "survey", Key: "trigger", Meaning: "question whose change runs the calculation", Does: "obeyed"},
	{Sheet: "survey", Key: "read_only", Aliases: []string{"readonly", "bind::readonly", "bind::read_only"}, Meaning: "yes, or an expression", Does: "shown, not asked"},
	{Sheet: "survey", Key: "repeat_count", Aliases: []string{"count", "jr:count", "control::jr:count", "body::jr:count"}, Meaning: "expression: how many times a repeat is asked", Does: decides},
	{Sheet: "survey", Key: "appearance", Aliases: []string{"control::appearance", "body::appearance"}, Meaning: "how to show the question", Does: "see the table of appearances"},
	{Sheet: "survey", Key: "parameters", Meaning: "key=value pairs of some types", Does: "see the table of parameters"},
	{Sheet: "survey", Key: "media::image", Aliases: []string{"image"}, Language: true, Meaning: "picture of the question", Does: "sent with the question"},
	{Sheet: "survey", Key: "media::big-image", Aliases: []string{"big-image", "big_image"}, Language: true, Meaning: "the picture in full size", Does: "sent where there is no image"},
	{Sheet: "survey", Key: "media::audio", Aliases: []string{"audio"}, Language: true, Meaning: "sound of the question", Does: "sent with the question"},
	{Sheet: "survey", Key: "media::video", Aliases: []string{"video"}, Language: true, Meaning: "film of the question", Does: "sent with the question"},
	{Sheet: "survey", Key: "save_to", Aliases: []string{"saveto", "bind::entities:saveto"}, Meaning: "property of an entity", Does: "kept with the form, where a server that takes the XML exports looks for it"},
	{Sheet: "survey", Key: "disabled", Meaning: "yes: the row does not count", Does: "the row is dropped"},
	{Sheet: "survey", Key: "autoplay", Aliases: []string{"control::autoplay", "body::autoplay"}, Meaning: "play media at once"},
	{Sheet: "survey", Key: "rows", Aliases: []string{"control::rows", "body::rows"}, Meaning: "height of a text box"},
	{Sheet: "survey", Key: "intent", Aliases: []string{"control::intent", "body::intent"}, Meaning: "other app to call"},
	{Sheet: "survey", Key: "no_app_error_string", Aliases: []string{"noapperrorstring", "bind::jr:noapperrorstring"}, Language: true, Text: true, Meaning: "said when the other app is missing"},

	{Sheet: "choices", Key: "list_name", Meaning: "name of the list", Does: "what select types name"},
	{Sheet: "choices", Key: "name", Aliases: []string{"value"}, Meaning: "what is stored", Does: "stored"},
	{Sheet: "choices", Key: "label", Aliases: []string{"caption"}, Language: true, Text: true, Meaning: "what is shown", Does: "shown on the button"},
	{Sheet: "choices", Key: "media::image", Aliases: []string{"image"}, Language: true, Meaning: "picture of the choice", Does: "sent with the question"},
	{Sheet: "choices", Key: "media::big-image", Aliases: []string{"big-image", "big_image"}, Language: true, Meaning: "the picture in full size"},
	{Sheet: "choices", Key: "media::audio", Aliases: []string{"audio"}, Language: true, Meaning: "sound of the choice", Does: "sent with the question"},
	{Sheet: "choices", Key: "media::video", Aliases: []string{"video"}, Language: true, Meaning: "film of the choice", Does: "sent with the question"},

	{Sheet: "settings", Key: "form_title", Aliases: []string{"title", "set_form_title"}, Language: true, Text: true, Meaning: "title of the form", Does: "shown"},
	{Sheet: "settings", Key: "form_id", Aliases: []string{"id_string", "set_form_id"}, Meaning: "id of the form", Does: "names the form everywhere"},
	{Sheet: "settings", Key: "version", Meaning: "version of the form", Does: "kept with every submission"},
	{Sheet: "settings", Key: "default_language", Meaning: "language to begin with", Does: "obeyed"},
	{Sheet: "settings", Key: "instance_name", Meaning: "expression that names a submission", Does: "kept with every submission"},
	{Sheet: "settings", Key: "name", Meaning: "name of the root element, default data", Does: "used in exports as XML"},
	{Sheet: "settings", Key: "namespaces", Meaning: "XML name spaces"},
	{Sheet: "settings", Key: "style", Meaning: "pages and themes of web forms"},
	{Sheet: "settings", Key: "allow_choice_duplicates", Meaning: "yes: a list may hold a name twice", Does: "obeyed"},
	{Sheet: "settings", Key: "clean_text_values", Meaning: "no: leave blanks and quotes in texts alone", Does: "obeyed"},
	{Sheet: "settings", Key: "public_key", Meaning: "key to encrypt submissions with"},
	{Sheet: "settings", Key: "submission_url", Meaning: "where an app sends submissions"},
	{Sheet: "settings", Key: "auto_send", Meaning: "when an app sends submissions"},
	{Sheet: "settings", Key: "auto_delete", Meaning: "when an app deletes submissions"},
	{Sheet: "settings", Key: "instance_xmlns", Meaning: "XML name space of submissions"},
	{Sheet: "settings", Key: "omit_instanceid", Aliases: []string{"omit_instance_id"}, Meaning: "leave the instance id out"},
	{Sheet: "settings", Key: "add_none_option", Meaning: "add “none” to multiple selects (old)"},
	{Sheet: "settings", Key: "sms_keyword", Meaning: "key word of the SMS service (old)"},
	{Sheet: "settings", Key: "sms_separator", Meaning: "separator of the SMS service (old)"},
	{Sheet: "settings", Key: "sms_allow_media", Meaning: "media in the SMS service (old)"},
	{Sheet: "settings", Key: "sms_date_format", Meaning: "dates in the SMS service (old)"},
	{Sheet: "settings", Key: "sms_datetime_format", Meaning: "dates with times in the SMS service (old)"},
	{Sheet: "settings", Key: "sms_response", Meaning: "reply of the SMS service (old)"},
	{Sheet: "settings", Key: "audience", Own: true, Meaning: "citizen, officer, enumerator, secretariat or anyone with the link", Does: "who may fill it in"},
	{Sheet: "settings", Key: "chat_title", Own: true, Language: true, Text: true, Meaning: "title of the form by language", Does: "shown instead of form_title"},
	{Sheet: "settings", Key: "keyword", Own: true, Meaning: "the /command and the link's word", Does: "opens the form"},
	{Sheet: "settings", Key: "anonymous", Own: true, Meaning: "yes: no link between answers and person", Does: "obeyed"},
	{Sheet: "settings", Key: "submissions", Own: true, Meaning: "unlimited, once, once per day, week, month, year", Does: "obeyed"},
	{Sheet: "settings", Key: "review", Own: true, Meaning: "yes: show all answers before submitting", Does: "obeyed"},
	{Sheet: "settings", Key: "consent", Own: true, Meaning: "question that asks for consent", Does: "nothing is kept without it"},
	{Sheet: "settings", Key: "burst", Own: true, Meaning: "yes: several texts at once answer several questions", Does: "obeyed"},
	{Sheet: "settings", Key: "expires", Own: true, Meaning: "days after which an interview that was left is closed, at most 90; 30 if empty", Does: "obeyed"},
	{Sheet: "settings", Key: "partial", Own: true, Meaning: "yes: what was answered until then is kept as a partial submission, if consent was given", Does: "obeyed"},
	{Sheet: "settings", Key: "reminders", Own: true, Meaning: "no: nobody is reminded to finish", Does: "obeyed"},
	{Sheet: "settings", Key: "reference", Own: true, Meaning: "prefix of receipt numbers", Does: "obeyed"},
	{Sheet: "settings", Key: "province", Own: true, Meaning: "question that holds the province", Does: "digests and quotas"},
	{Sheet: "settings", Key: "district", Own: true, Meaning: "question that holds the district", Does: "digests and quotas"},
	{Sheet: "settings", Key: "sex", Own: true, Meaning: "question that holds the sex", Does: "digests"},
	{Sheet: "settings", Key: "age", Own: true, Meaning: "question that holds the age", Does: "digests"},
	{Sheet: "settings", Key: "place", Own: true, Meaning: "question that holds the place", Does: "digests and the report"},
	{Sheet: "settings", Key: "headline", Own: true, Meaning: "question that holds the headline of a submission", Does: "digests, lists and the report"},
	{Sheet: "settings", Key: "date", Own: true, Meaning: "question that holds the date of the event", Does: "digests and the report"},
	{Sheet: "settings", Key: "organisation", Own: true, Meaning: "text question that holds the organisation", Does: "filled from the invitation, and not asked"},
	{Sheet: "settings", Key: "messages", Own: true, Meaning: "which questions take what somebody just sends, as text=done photo=photo document=file voice=voice location=place source=source kinds=attach", Does: "an officer's message is filed with this form"},
	{Sheet: "settings", Key: "comments", Own: true, Meaning: "repeat whose instances are comments that the secretariat responds to", Does: "/comments, and the matrix of comments and responses"},
	{Sheet: "settings", Key: "assessed", Own: true, Meaning: "question that names what is assessed, as an office; its figures are the indicators of one answer each", Does: "/assess, and the table with the time before"},
	{Sheet: "settings", Key: "section", Own: true, Meaning: "question that holds the section of the report", Does: "digests group updates by it"},
	{Sheet: "settings", Key: "published", Own: true, Meaning: "week, month, quarter or year: the periods that figures are published for", Does: "obeyed; a month if blank"},
	{Sheet: "settings", Key: "population", Own: true, Meaning: "attached csv file with the columns district, sex and people", Does: "digests tell shares and means weighted to it, beside the plain ones"},
	{Sheet: "settings", Key: "shared", Own: true, Meaning: "questions whose answers are kept from one assisted respondent to the next", Does: "/assist"},
	{Sheet: "settings", Key: "service", Own: true, Meaning: "question that holds the service", Does: "digests"},
	{Sheet: "settings", Key: "plan", Own: true, Meaning: "question that holds the outcomes of a plan that an update serves", Does: "annex of the report"},
	{Sheet: "settings", Key: "programme", Own: true, Meaning: "name of the programme", Does: "names its report on the command line"},
	{Sheet: "settings", Key: "group", Own: true, Language: true, Text: true, Meaning: "name of the group whose report is drafted", Does: "title of the report"},
	{Sheet: "settings", Key: "cover", Own: true, Language: true, Text: true, Meaning: "lists of the report's cover: a line that ends with a colon names a list, the lines below it are its items", Does: "cover of the report"},

	{Sheet: "external_choices", Key: "list_name", Meaning: "name of the list", Does: "what select_one_external names"},
	{Sheet: "external_choices", Key: "name", Aliases: []string{"value"}, Meaning: "what is stored", Does: "stored"},
	{Sheet: "external_choices", Key: "label", Aliases: []string{"caption"}, Language: true, Text: true, Meaning: "what is shown", Does: "shown"},

	{Sheet: "entities", Key: "list_name", Aliases: []string{"dataset"}, Meaning: "entity list", Does: "the entity in XML exports"},
	{Sheet: "entities", Key: "entity_id", Meaning: "expression: which entity", Does: "the entity in XML exports"},
	{Sheet: "entities", Key: "create_if", Meaning: "expression: when to make one", Does: "the entity in XML exports"},
	{Sheet: "entities", Key: "update_if", Meaning: "expression: when to change one", Does: "the entity in XML exports"},
	{Sheet: "entities", Key: "label", Meaning: "expression: name of the entity", Does: "the entity in XML exports"},

	{Sheet: "quotas", Key: "name", Own: true, Meaning: "name of the target", Does: "names it"},
	{Sheet: "quotas", Key: "label", Own: true, Language: true, Text: true, Meaning: "what is shown", Does: "shown"},
	{Sheet: "quotas", Key: "where", Own: true, Meaning: "expression: which submissions count", Does: "counted"},
	{Sheet: "quotas", Key: "target", Own: true, Meaning: "how many are wanted", Does: "counted against"},
	{Sheet: "quotas", Key: "full", Own: true, Meaning: "once it is filled: close, warn, or blank to go on", Does: "who would pass it is thanked and asked no more, or told"},

	{Sheet: "indicators", Key: "name", Own: true, Meaning: "name of the figure", Does: "names it"},
	{Sheet: "indicators", Key: "label", Own: true, Language: true, Text: true, Meaning: "what is shown", Does: "shown in the digest"},
	{Sheet: "indicators", Key: "measure", Own: true, Meaning: "count, share, mean, median, sum, distribution or texts", Does: "worked out"},
	{Sheet: "indicators", Key: "of", Own: true, Meaning: "expression: what is measured", Does: "worked out"},
	{Sheet: "indicators", Key: "where", Own: true, Meaning: "expression: which submissions count", Does: "worked out"},
	{Sheet: "indicators", Key: "by", Own: true, Meaning: "questions to break it down by", Does: "worked out"},
	{Sheet: "indicators", Key: "scope", Own: true, Meaning: "whom the figure concerns, as service=health", Does: "who gets it"},
	{Sheet: "indicators", Key: "better", Own: true, Meaning: "higher or lower", Does: "how a change is told"},
	{Sheet: "indicators", Key: "target", Own: true, Meaning: "value to reach", Does: "compared with"},
	{Sheet: "indicators", Key: "chart", Own: true, Meaning: "kind of chart", Does: "drawn"},
	{Sheet: "indicators", Key: "plan", Own: true, Meaning: "outcome or goal that it follows", Does: "shown"},

	{Sheet: "alerts", Key: "name", Own: true, Meaning: "name of the alert", Does: "names it"},
	{Sheet: "alerts", Key: "label", Own: true, Language: true, Text: true, Meaning: "what digests call it; blank: the message", Does: "shown with how often it was raised"},
	{Sheet: "alerts", Key: "message", Own: true, Language: true, Text: true, Meaning: "what is said, with ${}", Does: "sent"},
	{Sheet: "alerts", Key: "where", Own: true, Meaning: "expression: when", Does: "decided for every submission"},
	{Sheet: "alerts", Key: "to", Own: true, Meaning: "role or scope", Does: "who gets it"},
	{Sheet: "alerts", Key: "urgent", Own: true, Meaning: "yes: do not wait for more", Does: "obeyed"},

	{Sheet: "calendar", Key: "name", Own: true, Meaning: "name of the report that is due", Does: "names it"},
	{Sheet: "calendar", Key: "label", Own: true, Language: true, Text: true, Meaning: "what is shown", Does: "shown"},
	{Sheet: "calendar", Key: "audience", Own: true, Meaning: "who owes it", Does: "who is reminded"},
	{Sheet: "calendar", Key: "every", Own: true, Meaning: "day, week, month, quarter or year", Does: "obeyed"},
	{Sheet: "calendar", Key: "due", Own: true, Meaning: "day of the period", Does: "obeyed"},
	{Sheet: "calendar", Key: "from", Own: true, Meaning: "first day of a round, instead of every and due, as 2026-11-01", Does: "obeyed"},
	{Sheet: "calendar", Key: "to", Own: true, Meaning: "last day of the round", Does: "obeyed"},
	{Sheet: "calendar", Key: "remind", Own: true, Meaning: "days before (-) and after", Does: "obeyed"},

	{Sheet: "report", Key: "section", Own: true, Meaning: "section of the sector report", Does: "where it goes"},
	{Sheet: "report", Key: "column", Own: true, Meaning: "column of the section's table", Does: "where it goes"},
	{Sheet: "report", Key: "label", Own: true, Language: true, Text: true, Meaning: "title of the section; such a row needs no other column", Does: "heading of the report"},
	{Sheet: "report", Key: "lead", Own: true, Language: true, Text: true, Meaning: "theme, with ${}", Does: "set in bold before the text"},
	{Sheet: "report", Key: "text", Own: true, Meaning: "expression: what is written", Does: "written"},
	{Sheet: "report", Key: "where", Own: true, Meaning: "expression: which submissions", Does: "decided for every submission"},
}

// known finds standard columns by sheet and by any of their spellings.
var known = sync.OnceValue(func() map[string]map[string]*Standard {
	m := map[string]map[string]*Standard{}
	for _, name := range sheetNames {
		m[name] = map[string]*Standard{}
	}
	for i := range standard {
		c := &standard[i]
		m[c.Sheet][c.Key] = c
		for _, a := range c.Aliases {
			m[c.Sheet][a] = c
		}
	}
	return m
})

// A heading is a header taken apart.
type heading struct {
	key, language string
	std           *Standard // nil: no standard column
}

// readHeader takes a header apart. Double says that the sheet uses "::", so that a
// single colon is no separator.
func readHeader(sheet, header string, double bool) heading {
	std := known()[sheet]
	if c := std[snake(header)]; c != nil {
		return heading{key: c.Key, std: c}
	}
	parts := split(header, double)
	first := snake(parts[0])
	if n := len(parts); n > 1 {
		// bind::relevant, media::image::English: the key has two parts.
		if c := std[first+"::"+snake(parts[1])]; c != nil {
			return heading{key: c.Key, language: strings.Join(parts[2:], "::"), std: c}
		}
		if first == "bind" || first == "body" || first == "control" || first == "instance" || first == "media" {
			return heading{key: first + "::" + strings.Join(parts[1:], "::")}
		}
	}
	rest := strings.Join(parts[1:], "::")
	if c := std[first]; c != nil {
		return heading{key: c.Key, language: rest, std: c}
	}
	// An unknown column keeps its case: a choice filter may name it.
	return heading{key: strings.ReplaceAll(parts[0], " ", "_"), language: rest}
}

// split cuts a header at its separators. "jr:" belongs to the word after it.
func split(header string, double bool) []string {
	sep := "::"
	if !double && !strings.Contains(header, sep) {
		sep = ":"
	}
	var parts []string
	for _, p := range strings.Split(header, sep) {
		p = strings.TrimSpace(p)
		if n := len(parts); n > 0 && sep == ":" && strings.EqualFold(parts[n-1], "jr") {
			parts[n-1] += ":" + p
			continue
		}
		parts = append(parts, p)
	}
	return parts
}

// snake is the spelling by which headers and sheets are compared.
func snake(s string) string {
	return strings.ReplaceAll(strings.ToLower(s), " ", "_")
}
