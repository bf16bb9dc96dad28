package entities_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/fieldbot/bot/simulator/entities"
	"example.org/fieldbot/bot/simulator/wire"
)

// show writes text and entities on one line, to be compared by eye.
func show(text string, marks []wire.Entity) string {
	var b strings.Builder
	b.WriteString(text)
	for _, e := range marks {
		fmt.Fprintf(&b, " %s[%d+%d]", e.Type, e.Offset, e.Length)
		if e.URL != "" {
			fmt.Fprintf(&b, "(%s)", e.URL)
		}
		if e.User != nil {
			fmt.Fprintf(&b, "(%d)", e.User.ID)
		}
		b.WriteString(e.Language + e.CustomEmojiID)
	}
	return b.String()
}

type parser func(string) (string, []wire.Entity, error)

func run(t *testing.T, parse parser, cases [][2]string) {
	t.Helper()
	for _, c := range cases {
		text, marks, err := parse(c[0])
		entities.Sort(marks)
		got := show(text, marks)
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != c[1] {
			t.Errorf("%q:\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

func TestHTML(t *testing.T) {
	run(t, entities.HTML, [][2]string{
		{"plain", "plain"},
		{"<b>ລາວ</b> x", "ລາວ x bold[0+3]"},
		{"😀<i>a</i>", "😀a italic[2+1]"},
		{"<b>a<i>b</i></b>", "ab bold[0+2] italic[1+1]"},
		{"<i><b>x</b></i>", "x bold[0+1] italic[0+1]"},
		{"<B>x</>", "x bold[0+1]"},
		{"<strong>a</strong><em>b</em><ins>c</ins><del>d</del>", "abcd bold[0+1] italic[1+1] underline[2+1] strikethrough[3+1]"},
		{"1 &lt; 2 &amp;&amp; 3 &gt; 2 &quot;&#33;&#x21;", `1 < 2 && 3 > 2 "!!`},
		{"&nbsp;&copy;", "&nbsp;&copy;"},
		{"&lt5", "<5"},
		{"a & b", "a & b"},
		{"<b></b>x", "x"},
		{`<a href="https://example.org/?a=1&amp;b=2">go</a>`, "go text_link[0+2](https://example.org/?a=1&b=2)"},
		{"<a href=example.org>go</a>", "go text_link[0+2](http://example.org/)"},
		{"<a>example.org</a>", "example.org text_link[0+11](http://example.org/)"},
		{`<a href="javascript:alert(1)">go</a>`, "go"},
		{`<a href="tg://user?id=42">Noy</a>`, "Noy text_mention[0+3](42)"},
		{`<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>`, "st spoiler[0+1] spoiler[1+1]"},
		{`<pre><code class="language-go">x</code></pre>`, "x pre[0+1]go"},
		{`<blockquote expandable>q</blockquote>`, "q expandable_blockquote[0+1]"},
		{`<tg-emoji emoji-id="77">😀</tg-emoji>`, "😀 custom_emoji[0+2]77"},

		{"a <x>", `error: Unsupported start tag "x" at byte offset 2`},
		{"ລາວ<br>", `error: Unsupported start tag "br" at byte offset 9`},
		{"2 < 3", `error: Unsupported start tag "" at byte offset 2`},
		{"a <b", "error: Unclosed start tag at byte offset 2"},
		{"<b>x", `error: Can't find end tag corresponding to start tag "b"`},
		{"x</b>", "error: Unexpected end tag at byte offset 1"},
		{"<b>x</i>", `error: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`},
		{"<b>x</b ", "error: Unclosed end tag at byte offset 4"},
		{"<b =x>", `error: Empty attribute name in the tag "b" at byte offset 0`},
		{"<a href=a,b>x</a>", "error: Unexpected end of name token at byte offset 8"},
		{`<a href="x>y`, "error: Unclosed start tag at byte offset 0"},
		{"<span>x</span>", `error: Tag "span" must have class "tg-spoiler" at byte offset 0`},
		{"&#xD800;", "error: Text contains invalid Unicode characters after decoding HTML entities, " +
			"check for unmatched surrogate code units"},
	})
}

func TestMarkdownV2(t *testing.T) {
	run(t, entities.MarkdownV2, [][2]string{
		{"*b* _i_ __u__ ~s~ ||p||", "b i u s p bold[0+1] italic[2+1] underline[4+1] strikethrough[6+1] spoiler[8+1]"},
		{`1\.5 \> 1\!`, "1.5 > 1!"},
		{"*a _b_*", "a b bold[0+3] italic[2+1]"},
		{"`a*b`", "a*b code[0+3]"},
		{"```go\nx := 1\n```", "x := 1\n pre[0+7]go"},
		{"[go](https://example.org/a\\)b)", "go text_link[0+2](https://example.org/a)b)"},
		{"![😀](tg://emoji?id=9)", "😀 custom_emoji[0+2]9"},
		{">q1\n>q2\nrest", "q1\nq2\nrest blockquote[0+5]"},
		{"1.5", `error: Character '.' is reserved and must be escaped with the preceding '\'`},
		{"a-b", `error: Character '-' is reserved and must be escaped with the preceding '\'`},
		{"ລາວ*b", "error: Can't find end of Bold entity at byte offset 9"},
		{"```go x", "error: Can't find end of PreCode entity at byte offset 0"},
		{"[a](b", "error: Can't find end of a URL at byte offset 4"},
		{"![a]", "error: The entity must contain a tg://emoji or tg://time URL"},
	})
}

func TestMarkdown(t *testing.T) {
	run(t, entities.Markdown, [][2]string{
		{"*b* _i_ `c` [l](example.org)", "b i c l bold[0+1] italic[2+1] code[4+1] text_link[6+1](http://example.org/)"},
		{`snake\_case`, "snake_case"},
		{"snake_case", "error: Can't find end of the entity starting at byte offset 5"},
	})
}

func TestFix(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"  hello \n", "hello"},
		{"/start abc", "/start abc bot_command[0+6]"},
		{"ລອງ /help@my_bot ເບິ່ງ", "ລອງ /help@my_bot ເບິ່ງ bot_command[4+12]"},
		{"a/b 1/2 </b", "a/b 1/2 </b"},
		{"see https://example.org/x, or a@example.org", "see https://example.org/x, or a@example.org url[4+21] email[30+13]"},
		{"😀 @someone #ລາວ", "😀 @someone #ລາວ mention[3+8] hashtag[12+4]"},
		{"+856 20 5555 1234", "+856 20 5555 1234 phone_number[0+17]"},
		{"a\r\nb\x00c", "a\nb c"},
	} {
		if got := show(entities.Fix(c.in, nil)); got != c.want {
			t.Errorf("Fix(%q):\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

// No text may make a parser panic, or mark what is not there.
func FuzzParsers(f *testing.F) {
	for _, seed := range []string{"<b>x</b>", "<a href='x'>", "*a _b_*", ">q||", "&#x10;", "```a\n```", "[a](b)", "![a](tg://emoji?id=1)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, parse := range []parser{entities.HTML, entities.MarkdownV2, entities.Markdown} {
			text, marks, err := parse(s)
			if err != nil {
				continue
			}
			text, marks = entities.Fix(text, marks)
			for _, e := range marks {
				if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > entities.Units(text) {
					t.Errorf("%q: %+v lies outside %q", s, e, text)
				}
			}
		}
	})
}
