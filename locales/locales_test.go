package locales_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"example.org/fieldbot/locales"
)

func TestTextFillsInAndCounts(t *testing.T) {
	c := locales.New()
	for _, tc := range []struct {
		lang, key string
		args      locales.Args
		want      string
	}{
		{"en", "ask.skip", nil, "Skip"},
		{"lo", "ask.skip", nil, "ຂ້າມ"},
		{"en-GB", "ask.skip", nil, "Skip"},
		{"xx", "ask.skip", nil, "ຂ້າມ"},
		{"en", "ask.points_count", locales.Args{"Count": 1}, "1 point so far."},
		{"en", "ask.points_count", locales.Args{"Count": 2}, "2 points so far."},
		{"en", "ask.points_count", locales.Args{"Count": 0}, "0 points so far."},
		{"en", "ask.points_count", locales.Args{"Count": 1.5}, "1.5 points so far."},
		{"en", "ask.points_count", locales.Args{"Count": 12345}, "12,345 points so far."},
		{"lo", "ask.points_count", locales.Args{"Count": 12345}, "ໄດ້ຮັບແລ້ວ 12.345 ຈຸດ."},
		{"en", "form.begin", locales.Args{"Title": "A & <B>"}, "A & <B>"},
		{"en", "receipt.reference", nil, "Your reference number: "},
	} {
		if got := c.Text(tc.lang, tc.key, tc.args); got != tc.want {
			t.Errorf("Text(%s, %s, %v) = %q, want %q", tc.lang, tc.key, tc.args, got, tc.want)
		}
	}
	if n := len(c.Misses()); n != 0 {
		t.Errorf("misses counted: %v", c.Misses())
	}
}

func TestHTMLEscapesArguments(t *testing.T) {
	c := locales.New()
	got := c.HTML("en", "form.begin", locales.Args{"Title": "A & <B>"})
	if want := "<b>A &amp; &lt;B&gt;</b>"; got != want {
		t.Errorf("HTML = %q, want %q", got, want)
	}
	got = c.HTML("en", "form.begin", locales.Args{"Title": locales.Safe("<i>x</i>")})
	if want := "<b><i>x</i></b>"; got != want {
		t.Errorf("HTML with Safe = %q, want %q", got, want)
	}
}

func TestMissingKeyFallsBackAndIsReported(t *testing.T) {
	formats := `"format.decimal":".","format.group":",","format.percent":"N%","format.date":"D","format.date_time":"D",
		"format.date_numeric":"D","format.month_year":"YYYY","format.weekdays":"a|b|c|d|e|f|g",
		"format.months":"1|2|3|4|5|6|7|8|9|10|11|12","format.months_short":"1|2|3|4|5|6|7|8|9|10|11|12"`
	c, err := locales.Load(fstest.MapFS{
		"en.json": {Data: []byte(`{` + formats + `,"hello":"Hello"}`)},
		"fr.json": {Data: []byte(`{` + formats + `}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Text("fr", "hello", nil); got != "Hello" {
		t.Errorf("Text = %q, want the English words", got)
	}
	if got := c.Text("fr", "no.such", nil); got != "no.such" {
		t.Errorf("Text = %q, want the key", got)
	}
	want := map[string]int{"fr/hello": 1, "fr/no.such": 1, "en/no.such": 1}
	if got := c.Misses(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("Misses = %v, want %v", got, want)
	}
}

func TestLoadRefusesBrokenFiles(t *testing.T) {
	for _, tc := range []struct{ name, file, data, want string }{
		{"no fallback", "lo.json", `{}`, "format."},
		{"not json", "en.json", `{`, "en.json"},
		{"other markup", "en.json", `{"a":"<u>x</u>"}`, "only <b>"},
		{"ampersand", "en.json", `{"a":"x & y"}`, "only <b>"},
		{"logic", "en.json", `{"a":"{{if .X}}y{{end}}"}`, "only <b>"},
		{"no months", "en.json", `{"a":"x"}`, "12 names"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := locales.Load(fstest.MapFS{tc.file: {Data: []byte(tc.data)}})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error = %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	c := locales.New()
	for _, tc := range []struct {
		code, lang string
		sure       bool
	}{
		{"lo", "lo", true}, {"lo-LA", "lo", true}, {"LO_la", "lo", true},
		{"en", "en", false}, {"en-US", "en", false},
		{"th", "lo", false}, {"", "lo", false}, {"-", "lo", false},
	} {
		if lang, sure := c.Match(tc.code); lang != tc.lang || sure != tc.sure {
			t.Errorf("Match(%q) = %s, %v, want %s, %v", tc.code, lang, sure, tc.lang, tc.sure)
		}
	}
	one, err := c.Only("en")
	if err != nil {
		t.Fatal(err)
	}
	if lang, sure := one.Match("en"); lang != "en" || !sure {
		t.Errorf("with one language, Match(en) = %s, %v", lang, sure)
	}
	if _, err := c.Only("xx"); err == nil {
		t.Error("an unknown language is taken")
	}
}

func TestNumbersAndDates(t *testing.T) {
	c := locales.New()
	day := time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ got, want string }{
		{c.Number("en", 1234567.891, 1), "1,234,567.9"},
		{c.Number("lo", 1234567.891, 1), "1.234.567,9"},
		{c.Number("en", -3.5, -1), "−3.5"},
		{c.Number("en", -0.01, 0), "0"},
		{c.Number("en", math.NaN(), 0), "–"},
		{c.Number("en", 999, 0), "999"},
		{c.Percent("en", 0.675), "68%"},
		{c.Percent("lo", 0), "0%"},
		{c.Percent("en", 1), "100%"},
		{c.Date("en", day), "5 March 2026"},
		{c.Date("lo", day), "5 ມີນາ 2026"},
		{c.DateTime("en", day), "5 March 2026, 08:00"},
		{c.DateNumeric("lo", day), "05/03/2026"},
		{c.MonthYear("lo", day), "ມີນາ 2026"},
		{c.Month("en", time.December), "December"},
		{c.Weekday("lo", time.Monday), "ວັນຈັນ"},
		{c.Size("en", 20<<20), "20 MB"},
		{c.Size("en", 100), "1 KB"},
		{c.Text("en", "ask.date", locales.Args{"Example": day}), "Please write a date, for example 5 March 2026."},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestCommands(t *testing.T) {
	c := locales.New()
	got := c.Commands("lo", "start", "nonsense", "digest")
	if len(got) != 2 || got[0].Name != "start" || got[0].Description != "ເລີ່ມແບບຟອມ ຫຼື ສືບຕໍ່" {
		t.Errorf("Commands = %+v", got)
	}
}

var hole = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// raw reads the messages of a file as they stand, one line a key.
func raw(t *testing.T, lang string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, line := range strings.Split(string(data), "\n") {
		key, text, ok := strings.Cut(strings.TrimSpace(line), `": `)
		if ok {
			out[strings.Trim(key, `"`)] = text
		}
	}
	return out
}

func holesOf(text string) []string {
	var names []string
	for _, m := range hole.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestEveryLanguageIsComplete(t *testing.T) {
	c := locales.New()
	en := raw(t, "en")
	for _, lang := range c.Languages() {
		if got, want := c.Keys(lang), c.Keys("en"); !slices.Equal(got, want) {
			t.Errorf("%s: keys differ from English: %v", lang, difference(got, want))
		}
		for key, text := range raw(t, lang) {
			if strings.HasPrefix(key, "_") {
				continue
			}
			if got, want := holesOf(text), holesOf(en[key]); !slices.Equal(got, want) {
				t.Errorf("%s %s puts in %v, English %v", lang, key, got, want)
			}
			for _, tag := range []string{"b", "i", "code"} {
				if strings.Count(text, "<"+tag+">") != strings.Count(text, "</"+tag+">") {
					t.Errorf("%s %s: <%s> is not closed", lang, key, tag)
				}
			}
		}
	}
}

func difference(a, b []string) (out []string) {
	for _, k := range append(slices.Clone(a), b...) {
		if slices.Contains(a, k) != slices.Contains(b, k) {
			out = append(out, k)
		}
	}
	return out
}

// The bot makes these keys from names of its own: roles, reasons, periods.
func TestKeysMadeOfNames(t *testing.T) {
	c := locales.New()
	for prefix, names := range map[string]string{
		"role.":         "citizen officer enumerator observer secretariat",
		"help.":         "citizen officer enumerator observer secretariat",
		"invite.may.":   "citizen officer enumerator observer secretariat",
		"scope.":        "province district organisation service",
		"refused.":      "required constraint number integer range date time choice ambiguous long kind not_relevant not_available read_only stop",
		"refused.kind_": "text choice image audio video file location",
		"once.":         "ever day week month quarter year",
		"mine.state.":   "draft sent returned accepted quoted withdrawn",
	} {
		for _, name := range strings.Fields(names) {
			if !c.Lookup(prefix + name) {
				t.Errorf("there is no %s%s", prefix, name)
			}
		}
	}
}

// A refusal that reads otherwise than an unknown command would tell that there
// is something to be refused.
func TestRefusalRevealsNothing(t *testing.T) {
	c := locales.New()
	for _, lang := range c.Languages() {
		if a, b := c.Text(lang, "role.refused", nil), c.Text(lang, "unknown.command", nil); a != b {
			t.Errorf("%s: %q differs from %q", lang, a, b)
		}
	}
}

// The limits are Telegram's: answerCallbackQuery, setMyCommands, buttons.
func TestTextsFitWhereTheyGo(t *testing.T) {
	c := locales.New()
	for _, lang := range c.Languages() {
		for _, key := range c.Keys(lang) {
			limit := 1200
			switch {
			case strings.HasPrefix(key, "tap."):
				limit = 200
			case strings.HasPrefix(key, "command."):
				limit = 60
			case key == "welcome.bot":
				limit = 512
			}
			if n := utf8.RuneCountInString(c.Text(lang, key, nil)); n > limit {
				t.Errorf("%s %s has %d characters, limit %d", lang, key, n, limit)
			}
		}
	}
}

func TestLaoIsSpelledTheStandardWay(t *testing.T) {
	wrong := []struct{ sequence, instead string }{
		{"\u0ecd\u0eb2", "ຳ as one letter"}, {"\u0ec0\u0ec0", "ແ as one letter"},
		{"ຫນ", "ໜ"}, {"ຫມ", "ໝ"}, {"ຫລ", "ຫຼ"}, {"ຳ່", "tone mark before ຳ"}, {"ຳ້", "tone mark before ຳ"},
		{"  ", "one space"}, {"\u200b", "no invisible space"},
	}
	for key, text := range raw(t, "lo") {
		if !norm.NFC.IsNormalString(text) {
			t.Errorf("%s is not in NFC", key)
		}
		for _, w := range wrong {
			if strings.Contains(strings.ReplaceAll(text, `"   {{`, ""), w.sequence) {
				t.Errorf("%s: write %s", key, w.instead)
			}
		}
	}
}

func TestPseudoMarksEveryWord(t *testing.T) {
	c := locales.New().Pseudo()
	if got := c.Text("lo", "form.parked", locales.Args{"Title": "T"}); !strings.HasPrefix(got, "⟦") || !strings.HasSuffix(got, "⟧") {
		t.Errorf("Text = %q", got)
	}
	if got := c.Number("en", 1234, 0); got != "1,234" {
		t.Errorf("Number = %q", got)
	}
}

func BenchmarkHTML(b *testing.B) {
	c := locales.New()
	args := locales.Args{"Title": "SUFS", "Done": 3, "Total": 12}
	for b.Loop() {
		c.HTML("lo", "form.resumed", args)
	}
}
