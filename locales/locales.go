// Package locales holds the bot's own words: one JSON file per language, in
// the format of go-i18n v2 (https://github.com/nicksnyder/go-i18n), and the
// ways to write numbers and dates. The words of a form are the form's own and
// not here. Adding a language is adding a file, here or in a folder that With is
// given; nothing in Go changes.
//
// A message is looked up by language and key. What stands in {{.Name}} is put
// in from Args; a number picks the plural form by Args["Count"]. Messages may
// use <b>, <i> and <code>: HTML keeps the tags and escapes the arguments, Text
// drops the tags, for buttons and other places without mark-up.
package locales

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// Fallback is the language whose words are used where another's are missing.
const Fallback = "en"

// Args are what a message puts in, by the names in its braces. Numbers and
// times are written as the language writes them; Count picks the plural form.
type Args map[string]any

// Safe is an argument that is Telegram HTML already and is not escaped again.
type Safe string

// A Catalogue is the words of all languages. It is safe for concurrent use.
type Catalogue struct {
	languages []string
	locales   map[string]*locale

	mu     sync.Mutex
	misses map[string]int // "lo/key": how often it was asked for in vain
}

// A locale is one file: messages by key and plural form.
type locale struct {
	code     string
	tag      language.Tag
	messages map[string]*message
	format   format
}

// New returns the catalogue of the embedded files.
func New() *Catalogue {
	c, err := Load(files)
	if err != nil {
		panic(err) // the files are compiled in, and a test reads them
	}
	return c
}

// Load reads a catalogue from the files named <language>.json of a folder. One
// of them must be the Fallback.
func Load(dir fs.FS) (*Catalogue, error) { return load(dir) }

// With returns the catalogue of the embedded files and those of a folder, which
// need not be complete: they add a language, or put other words for some
// messages of one that is there.
func With(dir fs.FS) (*Catalogue, error) { return load(files, dir) }

// load reads folders one over the other.
func load(dirs ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{locales: map[string]*locale{}, misses: map[string]int{}}
	for i, dir := range dirs {
		names, err := fs.Glob(dir, "*.json")
		if err != nil {
			return nil, fmt.Errorf("list locales: %w", err)
		}
		for _, name := range names {
			var known map[string]*message // the first folder says what messages there are
			if i > 0 {
				known = c.locales[Fallback].messages
			}
			if err := c.read(dir, name, known); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		if c.locales[Fallback] == nil {
			return nil, fmt.Errorf("no locale for the fallback language %s", Fallback)
		}
	}
	c.order()
	return c, nil
}

// read adds the messages of a file to its language.
func (c *Catalogue) read(dir fs.FS, name string, known map[string]*message) error {
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return fmt.Errorf("read locale: %w", err)
	}
	code := strings.TrimSuffix(name, ".json")
	l := c.locales[code]
	if l == nil {
		tag, err := language.Parse(code)
		if err != nil {
			return fmt.Errorf("name the file by the code of its language, as lo.json: %w", err)
		}
		l = &locale{code: code, tag: tag, messages: map[string]*message{}}
		c.locales[code] = l
		c.languages = append(c.languages, code)
	}
	if err := l.add(data, known); err != nil {
		return err
	}
	l.format, err = newFormat(l)
	return err
}

// order puts the Fallback last: it is everybody's second language here.
func (c *Catalogue) order() {
	slices.Sort(c.languages)
	i := slices.Index(c.languages, Fallback)
	c.languages = append(slices.Delete(c.languages, i, i+1), Fallback)
}

// add reads messages of a file. Those that are known bound which there may be,
// and what each puts in.
func (l *locale) add(data []byte, known map[string]*message) error {
	file, err := i18n.ParseMessageFileBytes(data, l.code+".json", nil)
	if err != nil {
		return err
	}
	for _, m := range file.Messages {
		if strings.HasPrefix(m.ID, "_") {
			continue // a note to translators
		}
		read, err := newMessage(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.ID, err)
		}
		if known != nil {
			if err := read.within(known[m.ID]); err != nil {
				return fmt.Errorf("%s: %w", m.ID, err)
			}
		}
		l.messages[m.ID] = read
	}
	return nil
}

// Only returns a catalogue of these languages alone, in this order, to be
// offered; the Fallback's words still stand in for missing ones.
func (c *Catalogue) Only(languages ...string) (*Catalogue, error) {
	for _, code := range languages {
		if c.locales[code] == nil {
			return nil, fmt.Errorf("there is no locale %q; there are %s", code, strings.Join(c.languages, ", "))
		}
	}
	if len(languages) == 0 {
		return nil, fmt.Errorf("no language is named")
	}
	return &Catalogue{languages: slices.Clone(languages), locales: c.locales, misses: map[string]int{}}, nil
}

// Languages returns the BCP-47 codes of the languages on offer, in the order
// to offer them.
func (c *Catalogue) Languages() []string { return slices.Clone(c.languages) }

// Has reports whether the bot speaks this language.
func (c *Catalogue) Has(lang string) bool { return slices.Contains(c.languages, lang) }

// Match picks a language by what Telegram says the app is set to. sure is
// false if the person should be asked: Telegram has no app in Lao and most
// languages spoken in the field, so an app set to English says little.
func (c *Catalogue) Match(code string) (lang string, sure bool) {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(code, "_", "-")), "-")
	if c.Has(base) {
		return base, base != Fallback || len(c.languages) == 1
	}
	return c.languages[0], false
}

// Text returns a message as plain text: without tags, arguments as they are. A
// key that the language lacks falls back to English, one that English lacks
// too to the key itself; both are counted, see Misses.
func (c *Catalogue) Text(lang, key string, args Args) string {
	l, p := c.find(lang, key, args)
	if p == nil {
		return key
	}
	return p.plain(l, args)
}

// HTML returns a message as Telegram HTML, its arguments escaped unless they
// are Safe. Keys fall back as in Text.
func (c *Catalogue) HTML(lang, key string, args Args) string {
	l, p := c.find(lang, key, args)
	if p == nil {
		return key
	}
	return p.html(l, args)
}

// Lookup reports whether a message with this key exists, in any language.
func (c *Catalogue) Lookup(key string) bool {
	return c.locales[Fallback].messages[key] != nil
}

// find returns the pattern of a message and the locale that it was found in.
func (c *Catalogue) find(lang, key string, args Args) (*locale, pattern) {
	l := c.locale(lang)
	for _, l := range []*locale{l, c.locales[Fallback]} {
		if m := l.messages[key]; m != nil {
			return l, m.form(l.tag, args["Count"])
		}
		c.miss(l.code, key)
	}
	return l, nil
}

// locale returns the words of a language, or of its base, or the first offered.
func (c *Catalogue) locale(lang string) *locale {
	if l := c.locales[lang]; l != nil {
		return l
	}
	lang, _ = c.Match(lang)
	return c.locales[lang]
}

func (c *Catalogue) miss(lang, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.misses) < 1000 {
		c.misses[lang+"/"+key]++
	}
}

// Misses returns how often each "language/key" was asked for and not there.
func (c *Catalogue) Misses() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]int, len(c.misses))
	for k, n := range c.misses {
		out[k] = n
	}
	return out
}

// Keys returns all keys of a language, sorted.
func (c *Catalogue) Keys(lang string) []string {
	var keys []string
	if l := c.locales[lang]; l != nil {
		for k := range l.messages {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

// A Command is a command of the bot, as Telegram's menu shows it.
type Command struct{ Name, Description string }

// Commands returns the commands of these names with their descriptions in a
// language, for setMyCommands. A name without a description is left out.
func (c *Catalogue) Commands(lang string, names ...string) []Command {
	var out []Command
	for _, name := range names {
		if key := "command." + name; c.Lookup(key) {
			out = append(out, Command{Name: name, Description: c.Text(lang, key, nil)})
		}
	}
	return out
}

// message holds the patterns of a message by plural form.
type message struct{ forms map[plural.Form]pattern }

func newMessage(m *i18n.Message) (*message, error) {
	out := &message{forms: map[plural.Form]pattern{}}
	for form, text := range map[plural.Form]string{
		plural.Zero: m.Zero, plural.One: m.One, plural.Two: m.Two,
		plural.Few: m.Few, plural.Many: m.Many, plural.Other: m.Other,
	} {
		if text == "" {
			continue
		}
		p, err := newPattern(text)
		if err != nil {
			return nil, err
		}
		out.forms[form] = p
	}
	if out.forms[plural.Other] == nil {
		return nil, fmt.Errorf("no text")
	}
	return out, nil
}

// within checks that m puts in nothing that the message known lacks.
func (m *message) within(known *message) error {
	if known == nil {
		return fmt.Errorf("the bot has no such message; the keys are those of %s.json", Fallback)
	}
	may := known.names()
	for _, name := range m.names() {
		if !slices.Contains(may, name) && name != "Count" {
			return fmt.Errorf("{{.%s}} is not known here; there are %v", name, may)
		}
	}
	return nil
}

// names are what the message puts in.
func (m *message) names() (all []string) {
	for _, p := range m.forms {
		for _, q := range p {
			if q.name != "" && !slices.Contains(all, q.name) {
				all = append(all, q.name)
			}
		}
	}
	slices.Sort(all)
	return all
}

func (m *message) form(tag language.Tag, count any) pattern {
	if len(m.forms) > 1 && count != nil {
		if p := m.forms[pluralForm(tag, count)]; p != nil {
			return p
		}
	}
	return m.forms[plural.Other]
}
