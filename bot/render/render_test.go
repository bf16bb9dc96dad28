package render

import (
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/fieldbot/flows"
)

func TestMarkup(t *testing.T) {
	cases := []struct{ in, want string }{
		{"plain", "plain"},
		{"a < b & c > d", "a &lt; b &amp; c &gt; d"},
		{"**bold** and _em_", "<b>bold</b> and <i>em</i>"},
		{"__bold__ *em*", "<b>bold</b> <i>em</i>"},
		{"snake_case_name 2*3*4", "snake_case_name 2<i>3</i>4"},
		{"2 * 3 * 4", "2 * 3 * 4"},
		{"**a _b_ c**", "<b>a <i>b</i> c</b>"},
		{"**not closed", "**not closed"},
		{`\*not\* em`, "*not* em"},
		{"# Head\nbody", "<b>Head</b>\nbody"},
		{"#hash", "#hash"},
		{"# Head<br>**body**<BR/># Two", "<b>Head</b>\n<b>body</b>\n<b>Two</b>"},
		{"[site](https://x.la/?a=1&b=2)", `<a href="https://x.la/?a=1&amp;b=2">site</a>`},
		{"[bad](javascript:alert(1))", "[bad](javascript:alert(1))"},
		{`<span style="color:red">red</span>`, "red"},
		{"a<br>b<br/>c", "a\nb\nc"},
		{"a&nbsp;b &amp; &lt;", "a\u00a0b &amp; &lt;"},
		{"<b>x</b><B>y</B>", "<b>x</b><b>y</b>"},
		{"<b>open", "open"},
		{"closed</b></span> too", "closed too"},
		{"a<script>x</script><!-- c --><style>y</style>b", "ab"},
		{`<a href="https://x.la/?a=1&amp;b=2">**site**</a> <a href='javascript:x'>no</a>`, `<a href="https://x.la/?a=1&amp;b=2">**site**</a> no`},
		{`see <img src="a.png" alt="x"/>here`, "see here"},
		{"Choose:<ul><li>one</li><li><b>two</b></li></ul>end", "Choose:\n• one\n• <b>two</b>\nend"},
		{"<p>one</p><p align=\"center\">two</p>three", "one\ntwo\nthree"},
		{"<table><tr><th>a</th><td>1</td></tr><tr><td>b</td></tr></table>", " a 1\n b\n"},
		{"<h3>Head</h3>text", "<b>Head</b>\ntext"},
		{"<span style='color:red'><span>a</span>b</span>", "ab"},
		{"less than <5 years> or <name of village>", "less than &lt;5 years&gt; or &lt;name of village&gt;"},
		{"<b and c>", "&lt;b and c&gt;"},
		{"x <- y -> z", "x &lt;- y -&gt; z"},
		{"**ບ້ານ**ໃໝ່", "<b>ບ້ານ</b>ໃໝ່"},
	}
	for _, c := range cases {
		if got := Markup(c.in); got != c.want {
			t.Errorf("Markup(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
	for _, said := range []string{"A*b*c _d_ **e**", `<i>x</i> & &amp; </b>`, "# not a head", `[a](https://b.c) back\slash \*`, "a_b_c", "5 < 6 > 4"} {
		if got := Text(Markup("**Name:** " + Quote(said) + " *!*")); got != "Name: "+said+" !" {
			t.Errorf("%q is shown as %q", said, got)
		}
	}
	if got, want := Markup(`<a href="https://x.org/`+Quote("a_b")+`">here</a>`), `<a href="https://x.org/a_b">here</a>`; got != want {
		t.Errorf("an answer in a link: got %q, want %q", got, want)
	}
	long := strings.Repeat("a_b ", maxMarkup/4)
	if got := Markup("You said " + Quote(long)); got != "You said "+long {
		t.Errorf("a long answer is shown as %q…", got[:40])
	}
	if got := Plain("**Yes** &amp; <br>no"); got != "Yes & no" {
		t.Errorf("Plain: %q", got)
	}
}

func TestSplit(t *testing.T) {
	lao := strings.Repeat("ບ້ານເຮືອນຢູ່ນ້ຳ ", 40)
	cases := []struct {
		name, in string
		limit    int
		want     []string
	}{
		{"short", "abc", 10, []string{"abc"}},
		{"at a word", "aaaa bbbb cccc", 10, []string{"aaaa bbbb", "cccc"}},
		{"at a line", "aaaa\nbb cc dd", 8, []string{"aaaa", "bb cc dd"}},
		{"open tags go on", "<b>aaaa bbbb</b> c", 6, []string{"<b>aaaa</b>", "<b>bbbb</b> c"}},
		{"entities whole", "&amp;&amp;&amp;&amp;", 3, []string{"&amp;&amp;&amp;", "&amp;"}},
		{"surrogates count two", "😀😀😀", 4, []string{"😀😀", "😀"}},
		{"links", `<a href="https://x">aaaa bbbb</a>`, 5, []string{`<a href="https://x">aaaa</a>`, `<a href="https://x">bbbb</a>`}},
		{"flags whole", "🇱🇦🇱🇦", 6, []string{"🇱🇦", "🇱🇦"}},
	}
	for _, c := range cases {
		got := Split(c.in, c.limit)
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	for limit := 7; limit < 40; limit++ {
		for _, part := range Split(lao, limit) {
			if Units(part) > limit {
				t.Fatalf("limit %d: %q has %d units", limit, part, Units(part))
			}
			r, _ := utf8.DecodeRuneInString(part)
			if strings.ContainsRune("້ຳູຮ່ືາ", r) && r != 'ຮ' {
				t.Fatalf("limit %d: %q begins inside a cluster", limit, part)
			}
		}
	}
}

func FuzzMarkup(f *testing.F) {
	for _, s := range []string{"**a**", "<b>x", "[a](https://b)", "*_*_", "&#x;", "<span><b></span></b>", "ເຈົ້າ **ຢູ່**"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		for _, part := range Split(Markup(s), 50) {
			if msg := balanced(part); msg != "" {
				t.Errorf("%q gives %q: %s", s, part, msg)
			}
		}
	})
}

// balanced says what Telegram would find wrong with HTML.
func balanced(s string) string {
	var open []string
	for s != "" {
		switch s[0] {
		case '<':
			i := strings.IndexByte(s, '>')
			if i < 0 {
				return "tag without end"
			}
			tag := s[1:i]
			s = s[i+1:]
			if name, closing := strings.CutPrefix(tag, "/"); closing {
				if len(open) == 0 || open[len(open)-1] != name {
					return "unmatched " + tag
				}
				open = open[:len(open)-1]
				continue
			}
			name := strings.Fields(tag + " ")[0]
			if !strings.Contains(" b i u s code a ", " "+name+" ") {
				return "unknown tag " + name
			}
			open = append(open, name)
		case '>':
			return "bare >"
		default:
			s = s[1:]
		}
	}
	if len(open) > 0 {
		return "not closed: " + strings.Join(open, " ")
	}
	return ""
}

func TestCallback(t *testing.T) {
	deep := flows.Position{Node: 79999, In: "1000.1000.1000.1000.1000.1000.1000"}
	for _, c := range []Callback{
		{Nonce: "aB3x", Revision: 7, Place: "12.2.1", Action: Choose, Arg: 499999},
		{Nonce: "aB3x", Action: Back},
		{Nonce: "zzzzzz", Revision: 4294967295, Place: PlaceOf(deep), Action: Date, Arg: 20261231},
	} {
		s := c.String()
		if got, ok := ParseCallback(s); !ok || got != c || len(s) > MaxCallback {
			t.Errorf("%q (%d bytes) gives %+v, want %+v", s, len(s), got, c)
		}
	}
	for _, s := range []string{"", "a", ":::", "a:b:c:", "a:1:2:x", "a:1:2:c-1", "a:!:2:c1", "/lang:lo", strings.Repeat("a", 70)} {
		if c, ok := ParseCallback(s); ok {
			t.Errorf("%q is taken for %+v", s, c)
		}
	}
}

func FuzzCallback(f *testing.F) {
	f.Add("aB3x:7:12.2.1:c5")
	f.Fuzz(func(t *testing.T, s string) {
		if c, ok := ParseCallback(s); ok {
			if again, ok := ParseCallback(c.String()); !ok || again != c {
				t.Errorf("%q: %+v, then %+v", s, c, again)
			}
		}
	})
}
