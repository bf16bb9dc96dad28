package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"example.org/fieldbot/bot/dialogue"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/locales"
)

// everyWord asks nothing of a form but figures, so that any letter that the bot
// says outside of ⟦ ⟧ is a word that is not in the locales.
const everyWord = `Everything the bot can say to a citizen.
clock: 2026-06-15 10:00
-- form.md --
| survey |
| | type | name | label | required | parameters | appearance |
| | select_one l | a | 1? | yes |
| | select_multiple l | b | 2? |
| | rank l | c | 3? | yes |
| | integer | d | 4? | yes |
| | decimal | e | 5? |
| | date | f | 6? | yes |
| | time | g | 7? |
| | dateTime | h | 8? |
| | geopoint | i | 9? |
| | geotrace | j | 10? |
| | begin repeat | k | 11 |
| | image | l | 12? |
| | end repeat |
| | audio | m | 13? |
| | file | n | 14? |
| | video | o | 15? |
| | barcode | p | 16? |
| | acknowledge | q | 17? |
| | range | r | 18? |  | start=0 end=900 step=1 |
| | text | s | 19? |
| choices |
| | list_name | name | label |
| | l | 1 | 11 |
| | l | 2 | 22 |
| | l | 3 | 33 |
| settings |
| | form_id | form_title | keyword | audience | review |
| | all | 77 | all | citizen | yes |
-- chat --
> /start
> hello
> /nothing
> /skip
> /help
> /privacy
> /mydata
> /open
> /cancel
> /withdraw
> /language
> /all
> wrong
> 1
> 1
> 3 2 1
> many
> 4
> /skip
> never
> 5/3/2569
> 5/3/2026
> later
> 10:30
> /skip
> here
> /skip
> {location 15.5 107.1}
> {location 15.6 107.2}
> /skip
> {photo a.jpg "b"}
> {photo a.jpg}
> 2
> text
> {voice 2s}
> /skip
> /skip
> {photo a.jpg}
> no
> /skip
> 1000
> 400
> /back
> /review
> /cancel
> /stop
`

// A generated locale in which every message stands in ⟦ ⟧ shows that no word
// that people read is in code.
func TestNoWordIsInCode(t *testing.T) {
	d, err := flowtest.Parse([]byte(everyWord))
	if err != nil {
		t.Fatal(err)
	}
	o := stageOptions(onSQLite(t))
	o.Words = locales.New().Pseudo()
	st, err := dialogue.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	var messages, buttons []string
	if _, err := st.Play(t.Context(), d, func(l flowtest.Line) {
		switch s := l.Step.(type) {
		case flowtest.BotText:
			if !strings.HasPrefix(s.Text, "{") {
				messages = append(messages, s.Text)
			}
		case flowtest.BotButtons:
			for _, row := range s.Rows {
				buttons = append(buttons, row...)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	marked := regexp.MustCompile(`⟦[^⟦⟧]*⟧`)
	rest := strings.Join(messages, "\n") + "\n" + strings.Join(buttons, "\n")
	for old := ""; old != rest; {
		old, rest = rest, marked.ReplaceAllString(rest, "")
	}
	// the form's keyword, and a month: formats of dates are words of the locales
	rest = strings.NewReplacer("/all", "", "ມີນາ", "").Replace(rest)
	for line := range strings.Lines(rest) {
		if strings.ContainsFunc(line, unicode.IsLetter) {
			t.Errorf("%q is not in the locales", line)
		}
	}
	if len(messages) < 80 {
		t.Errorf("the bot said %d lines", len(messages))
	}
}

// A language is one file in a folder: nothing in Go knows it.
func TestNewLanguageIsOneFile(t *testing.T) {
	t.Parallel()
	c := config{LocalesDir: filepath.Join("testdata", "locale"), Languages: "lo,ru,en"}
	words, err := c.offered()
	if err != nil {
		t.Fatal(err)
	}
	o := stageOptions(onSQLite(t))
	o.Words = words
	st, err := dialogue.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	playFile(t, st, filepath.Join(c.LocalesDir, "third_language.txtar"))
	menu := ""
	for _, item := range st.Server.Users()[0].Commands() {
		menu += item.Command + ": " + item.Description + "\n"
	}
	if !strings.Contains(menu, "start: Начать или продолжить\n") || !strings.Contains(menu, "cancel: Discard this form\n") {
		t.Errorf("the menu is\n%s", menu)
	}
}

// What is wrong with a file of a language is said with its name.
func TestLocalesDirIsChecked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ file, text, want string }{
		{"xx-yy-zz-1.json", `{}`, "code of its language"},
		{"ru.json", `{"language.name": "Русский"}`, "12 names"},
		{"lo.json", `{"ask.skipp": "x"}`, "no such message"},
		{"lo.json", `{"ask.keep": "{{.Valeu}}"}`, "there are [Value]"},
		{"lo.json", `{"ask.skip": "<u>x</u>"}`, "only <b>"},
		{"lo.json", `{"ask.skip": `, "lo.json"},
	} {
		c := config{LocalesDir: t.TempDir(), Languages: "lo,en"}
		if err := os.WriteFile(filepath.Join(c.LocalesDir, tc.file), []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.offered(); err == nil || !strings.Contains(err.Error(), "LOCALES_DIR: "+tc.file) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s %s: %v, want %q", tc.file, tc.text, err, tc.want)
		}
	}
	c := config{LocalesDir: t.TempDir(), Languages: "lo,en"}
	if err := os.WriteFile(filepath.Join(c.LocalesDir, "lo.json"), []byte(`{"ask.skip": "ຂ້າມໄປ"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := c.offered()
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Text("lo", "ask.skip", nil) + ", " + w.Text("lo", "ask.done", nil); got != "ຂ້າມໄປ, ສຳເລັດ" {
		t.Errorf("other words for one message: %s", got)
	}
}
