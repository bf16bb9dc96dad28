package flows

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// settings reads the one row of the settings sheet.
func (c *compiler) settings() {
	s := c.def.Sheet("settings")
	f := c.form
	var row Row
	if len(s.Rows) > 0 {
		row = s.Rows[0]
	}
	for _, extra := range s.Rows[min(1, len(s.Rows)):] {
		c.warnf(s, extra.Number, "", "put all settings into one row", "only the first row of settings is read")
	}
	get := func(keys ...string) string {
		for _, k := range keys {
			if v := s.Get(row, k); v != "" {
				return v
			}
		}
		return ""
	}
	f.ID = get("form_id", "id_string", "id")
	if f.ID == "" {
		f.ID = c.def.Name
	}
	if f.ID == "" {
		f.ID = "form"
	}
	f.Version = get("version")
	set := &f.Settings
	set.InstanceName = get("instance_name")
	set.RootName = get("name")
	if set.RootName == "" {
		set.RootName = "data"
	} else if !nameRule.MatchString(set.RootName) {
		c.errorf(s, s.Rows[0].Number, "name", "begin with a letter or _, then letters, digits, _ - and . without spaces; the title goes into form_title", "%q cannot be the name of the form's root", set.RootName)
		set.RootName = "data"
	}
	set.Keyword = strings.TrimPrefix(strings.ToLower(get("keyword")), "/")
	set.Consent = get("consent")
	set.Reference = get("reference")
	set.Comments = get("comments")
	set.Assessed = get("assessed")
	set.Anonymous = c.flag(s, row, "anonymous")
	set.Review = c.flag(s, row, "review")
	set.Burst = c.flag(s, row, "burst")
	c.flag(s, row, "partial")
	c.flag(s, row, "reminders")
	set.Expires = c.days(s, row, "expires")
	set.Audience = c.oneOf(s, row, "audience", audiences)
	set.Submissions = c.oneOf(s, row, "submissions", policies)
	set.Roles = Roles{
		Province: get("province"), District: get("district"), Sex: get("sex"), Age: get("age"),
		Place: get("place"), Title: get("headline"), Date: get("date"), Service: get("service"),
		Plan: get("plan"),
	}
	if k := set.Keyword; k != "" && !validKeyword(k) {
		c.errorf(s, row.Number, "keyword", "use 1 to 32 of a-z, 0-9 and _", "%q cannot be a command", k)
	}
	set.Extra = Extra{}
	for i, col := range s.Columns {
		if col.Language == "" && i < len(row.Cells) && row.Cells[i] != "" {
			set.Extra[col.Key] = row.Cells[i]
		}
	}
	if v := get("public_key"); v != "" {
		c.warnf(s, row.Number, "public_key", "", "submissions are not encrypted with the form's key; the stores' own protection holds")
	}
}

var audiences = map[string]string{
	"": "", "citizen": "citizen", "citizens": "citizen", "officer": "officer", "officers": "officer",
	"enumerator": "enumerator", "secretariat": "secretariat", "anyone": "", "anyone with the link": "",
}

var policies = map[string]string{
	"": "", "unlimited": "", "once": "once", "once per day": "once per day", "once per week": "once per week",
	"once per month": "once per month", "once per quarter": "once per quarter", "once per year": "once per year",
}

func (c *compiler) oneOf(s *Sheet, row Row, key string, allowed map[string]string) string {
	raw := strings.ToLower(strings.TrimSpace(strings.ReplaceAll(s.Get(row, key), "_", " ")))
	v, ok := allowed[raw]
	if !ok {
		c.errorf(s, row.Number, key, "use one of: "+strings.Join(sortedKeys(allowed)[1:], ", "), "%s cannot be %q", key, raw)
	}
	return v
}

// MaxExpires is the most days that the setting "expires" may give an interview.
// Answers that nobody sent are not kept for longer.
const MaxExpires = 90

// days reads a number of days, as "10" or "10 days"; 0 if there is none.
func (c *compiler) days(s *Sheet, row Row, key string) int {
	raw := strings.TrimSpace(s.Get(row, key))
	if raw == "" {
		return 0
	}
	word, _, _ := strings.Cut(raw, " ")
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > MaxExpires {
		c.errorf(s, row.Number, key, fmt.Sprintf("write a number of days from 1 to %d, as 10", MaxExpires), "%s is not such a number of days: %q", key, raw)
	}
	return n
}

func (c *compiler) flag(s *Sheet, row Row, key string) bool {
	v, ok := truth(s.Get(row, key))
	if !ok {
		c.errorf(s, row.Number, key, "write yes or no", "%s is neither yes nor no: %q", key, s.Get(row, key))
	}
	return v
}

// truth reads the yes and no of XLSForm cells; "" is no.
func truth(s string) (v, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "true", "true()", "1", "y":
		return true, true
	case "", "no", "false", "false()", "0", "n":
		return false, true
	}
	return false, false
}

func validKeyword(k string) bool {
	if len(k) > 32 {
		return false
	}
	for _, r := range k {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_') {
			return false
		}
	}
	return k != ""
}

// Translatable columns: label::English and the like make a language.
var translatable = map[string]bool{
	"label": true, "hint": true, "guidance_hint": true, "constraint_message": true,
	"required_message": true, "media::image": true, "media::audio": true, "media::video": true,
	"media::big-image": true,
}

// languages takes the union over survey and choices in column order. Columns
// without a language belong to the default language of the settings. Without
// one, and where such a cell has to be told from translations, they make a
// language "default", in which the form begins.
func (c *compiler) languages() {
	f := c.form
	s := c.def.Sheet("settings")
	want := ""
	if len(s.Rows) > 0 {
		want = s.Get(s.Rows[0], "default_language")
	}
	plain := cmp.Or(want, "default")
	for _, name := range []string{"survey", "choices"} {
		for i, col := range c.def.Sheet(name).Columns {
			if !translatable[col.Key] || !c.filled(name, col) {
				continue
			}
			lang := col.Language
			if lang == "" {
				if lang = plain; !c.besideTranslations(name, i) {
					continue
				}
			}
			if !slices.ContainsFunc(f.Languages, func(l Language) bool { return l.Name == lang }) {
				f.Languages = append(f.Languages, Language{Name: lang, Code: languageCode(lang)})
			}
		}
	}
	switch i, ok := f.Language(plain); {
	case ok:
		f.Default = i
	case len(f.Languages) == 0:
		f.Languages = []Language{{Name: plain, Code: languageCode(want)}}
	case want != "" && !strings.EqualFold(want, "default"):
		c.warnf(s, s.Rows[0].Number, "default_language", "", "no column carries the default language %q; the form begins in %q", want, f.Languages[0].Name)
	}
	c.title(s)
}

// bare finds languages in which nobody can be asked.
func (c *compiler) bare() {
	f := c.form
	labelled := make([]bool, len(f.Languages))
	note := func(t Text) {
		for i := range labelled {
			labelled[i] = labelled[i] || t.Has(i)
		}
	}
	for _, n := range f.Nodes {
		note(n.Label)
	}
	for _, l := range f.Lists {
		for _, ch := range l.Choices {
			note(ch.Label)
		}
	}
	if !slices.Contains(labelled, true) {
		return
	}
	for i, has := range labelled {
		if has {
			continue
		}
		f.Languages[i].Bare = true
		s := c.def.Sheet("survey")
		c.warnf(s, 0, "", "name the columns' language, as media::image::English (en), or make it the default_language of the settings",
			"no label is in the language %q, which other columns make; people are not asked in it", f.Languages[i].Name)
	}
}

// besideTranslations reports whether a column without a language has a cell
// that the standard keeps with the translations of the form: one with a
// translation beside it in its row, media and guidance, the label that media
// go with and the hint that guidance goes with, and a message or the labels of
// a list that hold a ${}.
func (c *compiler) besideTranslations(sheet string, column int) bool {
	s := c.def.Sheet(sheet)
	key := s.Columns[column].Key
	cell := func(r Row, i int) string {
		if i < len(r.Cells) {
			return r.Cells[i]
		}
		return ""
	}
	together := func(r Row) bool {
		if key == "guidance_hint" || strings.HasPrefix(key, "media::") || strings.HasSuffix(key, "_message") && strings.Contains(cell(r, column), "${") {
			return true
		}
		for i, col := range s.Columns {
			same := col.Key == key && col.Language != "" ||
				key == "label" && strings.HasPrefix(col.Key, "media::") ||
				key == "hint" && col.Key == "guidance_hint"
			if same && cell(r, i) != "" {
				return true
			}
		}
		return key == "label" && sheet == "choices" && strings.Contains(cell(r, column), "${")
	}
	if !c.translated() {
		return true // there is nothing that it has to be told from
	}
	lists := map[string]bool{} // those of choices whose labels are kept so, all of them if one is
	list := func(r Row) string { return cell(r, max(s.Column("list_name"), 0)) }
	for _, r := range s.Rows {
		if sheet == "survey" || key != "label" {
			if cell(r, column) != "" && together(r) {
				return true
			}
		} else if together(r) {
			lists[list(r)] = true
		}
	}
	return slices.ContainsFunc(s.Rows, func(r Row) bool { return len(lists) > 0 && cell(r, column) != "" && lists[list(r)] })
}

// translated reports whether any column of the form is in a language.
func (c *compiler) translated() bool {
	for _, name := range []string{"survey", "choices"} {
		for _, col := range c.def.Sheet(name).Columns {
			if translatable[col.Key] && col.Language != "" && c.filled(name, col) {
				return true
			}
		}
	}
	return false
}

// filled tells whether a column has a text at all; a prepared but empty column
// is no language yet.
func (c *compiler) filled(sheet string, col Column) bool {
	s := c.def.Sheet(sheet)
	for i := range s.Columns {
		if s.Columns[i] != col {
			continue
		}
		for _, r := range s.Rows {
			if i < len(r.Cells) && r.Cells[i] != "" {
				return true
			}
		}
	}
	return false
}

func (c *compiler) title(s *Sheet) {
	f := c.form
	if len(s.Rows) > 0 {
		f.Title = c.text(s, s.Rows[0], "chat_title", nil)
		if f.Title.Empty() {
			f.Title = c.text(s, s.Rows[0], "form_title", nil)
		}
		if f.Title.Empty() {
			f.Title = c.text(s, s.Rows[0], "title", nil)
		}
		f.Settings.Group, f.Settings.Cover = c.text(s, s.Rows[0], "group", nil), c.text(s, s.Rows[0], "cover", nil)
	}
	if f.Title.Empty() {
		f.Title = NewText(f.ID)
	}
}

var languageNames = map[string]string{
	"english": "en", "lao": "lo", "ລາວ": "lo", "ພາສາລາວ": "lo", "laos": "lo", "french": "fr", "français": "fr", "francais": "fr",
	"spanish": "es", "español": "es", "arabic": "ar", "عربى": "ar", "العربية": "ar", "portuguese": "pt", "português": "pt",
	"swahili": "sw", "kiswahili": "sw", "vietnamese": "vi", "tiếng việt": "vi", "thai": "th", "ไทย": "th", "khmer": "km", "ខ្មែរ": "km",
	"chinese": "zh", "中文": "zh", "hmong": "hmn", "khmu": "kjg", "kinyarwanda": "rw", "hindi": "hi", "हिंदी": "hi", "burmese": "my", "nepali": "ne",
	"bahasa indonesia": "id", "indonesian": "id", "russian": "ru", "ukrainian": "uk", "german": "de", "deutsch": "de",
}

// languageCode is what stands in the final parentheses, or the code of a known name.
func languageCode(name string) string {
	if i := strings.LastIndexByte(name, '('); i >= 0 && strings.HasSuffix(strings.TrimSpace(name), ")") {
		return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(name[i+1:]), ")"))
	}
	return languageNames[strings.ToLower(strings.TrimSpace(name))]
}

// text gathers the cells of a translatable column by language. ref binds ${}.
func (c *compiler) text(s *Sheet, row Row, key string, bind func(lang int, cell string) *template) Text {
	f := c.form
	t := Text{def: f.Default, plain: true}
	for i, col := range s.Columns {
		if col.Key != key || i >= len(row.Cells) || row.Cells[i] == "" {
			continue
		}
		lang := c.langIndex(col.Language)
		if lang < 0 {
			continue
		}
		t.plain = t.plain && col.Language == ""
		if t.parts == nil {
			t.parts = make([]*template, len(f.Languages))
		}
		if bind != nil {
			t.parts[lang] = bind(lang, row.Cells[i])
		} else {
			t.parts[lang] = &template{raw: row.Cells[i]}
		}
	}
	return t
}

// langIndex finds the language of a column; a plain one belongs to "default",
// or to the form's default language.
func (c *compiler) langIndex(name string) int {
	f := c.form
	if name == "" {
		for i, l := range f.Languages {
			if l.Name == "default" {
				return i
			}
		}
		return f.Default
	}
	for i, l := range f.Languages {
		if l.Name == name {
			return i
		}
	}
	if i, ok := f.Language(name); ok {
		return i
	}
	return -1
}
