package render

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
)

var words = locales.New()

func view(lang string) *View {
	return &View{
		Words: words, Lang: lang, Nonce: "abc234", Revision: 4_000_000_000, Back: true, Languages: true,
		Form: &flows.Form{Languages: []flows.Language{{Name: "English (en)", Code: "en"}, {Name: "ລາວ (lo)", Code: "lo"}, {Name: "ខ្មែរ (km)", Code: "km"}}},
		Now:  time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC),
	}
}

func kind(name string) *flows.Type {
	for _, t := range flows.Types() {
		if t.Name == name {
			return &t
		}
	}
	panic(name)
}

func prompt(typ string, choices ...string) *flows.Prompt {
	p := &flows.Prompt{Kind: flows.Ask, At: flows.Position{Node: 16}, Label: "Which?", Node: &flows.Node{Name: "q", Type: kind(typ)}, Total: 5}
	for i, c := range choices {
		p.Choices = append(p.Choices, flows.Choice{Index: i, Name: fmt.Sprintf("c%d", i), Label: c})
	}
	return p
}

// rows writes a keyboard as people see it.
func rows(s Screen) string {
	var out []string
	for _, r := range s.Rows {
		line := ""
		for _, b := range r {
			line += "[" + b.Text + "]"
		}
		out = append(out, line)
	}
	return strings.Join(out, " / ")
}

func TestGuidance(t *testing.T) {
	v, p := view("en"), prompt("integer")
	p.Hint, p.Guidance = "In years.", `<span style="color:blue">Look at the **card**.</span>`
	if got, want := v.Prompt(p, 0).Text, "<i>In years.</i>\n<i>Look at the <b>card</b>.</i>"; !strings.Contains(got, want) {
		t.Errorf("short guidance:\n%s", got)
	}
	p.Guidance = strings.Repeat("Look at the **card** first. ", 250)
	got := v.Prompt(p, 0).Text
	if !strings.Contains(got, "<i>In years.</i>\n<blockquote expandable>Look at the <b>card</b> first.") {
		t.Errorf("long guidance is not folded:\n%.200s", got)
	}
	parts := Split(got, MaxText)
	for i, part := range parts {
		if n := strings.Count(part, "<blockquote expandable>"); n != 1 || !strings.HasSuffix(part, "</blockquote>") {
			t.Errorf("part %d of %d of long guidance has %d quotes, ends in %q", i+1, len(parts), n, part[max(0, len(part)-30):])
		}
	}
}

func TestKeyboards(t *testing.T) {
	v := view("en")
	v.Languages, v.Back = false, false
	rank := prompt("rank", "A", "B", "C")
	rank.Pending = "c2 c0"
	multi := prompt("select_multiple", "Rice", "Corn")
	multi.Pending = "c1"
	required := prompt("select_multiple", "Rice", "Corn")
	required.Required = true
	ranged := prompt("range")
	ranged.Node.Parameters = map[string]string{"start": "0", "end": "1", "step": "0.25"}
	kept := prompt("integer")
	kept.Value = "12"
	columns := prompt("select_one", "One", "Two", "Three", "Four")
	columns.Node.Appearance = flows.Appearance{"columns-2"}
	likert := prompt("select_one", "Good", "Bad")
	likert.Node.Appearance = flows.Appearance{"likert"}
	repeat := &flows.Prompt{Kind: flows.AskRepeat, Label: "a child", Node: &flows.Node{Kind: flows.RepeatNode}}
	long := prompt("select_one", "Yes", "A label that is much too long for a button on a small phone")
	date := prompt("date")
	date.Required = true
	for _, c := range []struct {
		name string
		p    *flows.Prompt
		want string
	}{
		{"short labels", prompt("select_one", "Yes", "No"), "[Yes][No] / [Skip]"},
		{"middling labels", prompt("select_one", "Primary school", "Health centre", "Roads"), "[Primary school][Health centre] / [Roads] / [Skip]"},
		{"long labels are numbered", long, "[1][2] / [Skip]"},
		{"Lao marks have no width", prompt("select_one", "ຢູ່ນ້ຳທີ່ນີ້ກໍ່", "ບໍ່"), "[ຢູ່ນ້ຳທີ່ນີ້ກໍ່][ບໍ່] / [Skip]"},
		{"columns", columns, "[One][Two] / [Three][Four] / [Skip]"},
		{"likert", likert, "[Good] / [Bad] / [Skip]"},
		{"several", multi, "[⬜ Rice][✅ Corn] / [Done (1)]"},
		{"several, none yet, required", required, "[⬜ Rice][⬜ Corn] / [Done]"},
		{"rank", rank, "[2. A][B][1. C] / [Undo] / [Done (2)]"},
		{"range", ranged, "[0][0.25][0.5][0.75][1] / [Skip]"},
		{"an earlier answer", kept, "[Keep: 12] / [Skip]"},
		{"acknowledge", prompt("acknowledge"), "[OK] / [Skip]"},
		{"date", date, "[Today][Yesterday] / [📅 Calendar]"},
		{"repeat", repeat, "[Add one more][No more]"},
	} {
		if got := rows(v.Prompt(c.p, 0)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	november := strings.Split(rows(v.Month(date, 202611)), " / ")
	if november[0] != "[«][‹][November 2026][›][»]" || november[2] != "[·][·][·][·][·][·][1]" {
		t.Errorf("calendar: %v", november)
	}
	if november[6] != "[23][[24]][25][26][27][28][29]" {
		t.Errorf("today is not marked: %v", november)
	}
}

func TestLongListsHavePages(t *testing.T) {
	var names []string
	for i := range 19 {
		names = append(names, fmt.Sprintf("District %d", i+1))
	}
	p := prompt("select_one", names...)
	v := view("en")
	v.Languages, v.Back = false, false
	for page, want := range []string{"[District 1]", "[District 9]", "[District 17]"} {
		got := rows(v.Prompt(p, page))
		if !strings.HasPrefix(got, want) || !strings.Contains(got, fmt.Sprintf("[%d/3]", page+1)) {
			t.Errorf("page %d: %s", page, got)
		}
	}
	if PageOf(p, 9) != 1 || PageOf(p, 0) != 0 {
		t.Error("PageOf")
	}
	if got := Search(v.Form, p, "district 1"); len(got) != 11 {
		t.Errorf("found %d", len(got))
	}
	lao := prompt("select_one", "ໄຊເສດຖາ", "ດາກຈຶງ", "ຄຳມ່ວນ")
	for text, want := range map[string]string{"ເສດຖາ": "c0", "ດາກ": "c1", "ຄໍາມວນ": "c2"} {
		if got := Search(v.Form, lao, text); len(got) != 1 || got[0].Name != want {
			t.Errorf("%s finds %v", text, got)
		}
	}
}

func TestAnyScreenKeepsTelegramsLimits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	letters := []rune("abc <>&*_[]()#\\\n\tກຂຄ່້ິເແໂ😀🇱🇦")
	text := func(n int) string {
		var b strings.Builder
		for range r.IntN(n + 1) {
			b.WriteRune(letters[r.IntN(len(letters))])
		}
		return b.String()
	}
	types := flows.Types()
	for i := range 500 {
		typ := types[r.IntN(len(types))]
		if !typ.Askable {
			continue
		}
		p := &flows.Prompt{
			Kind: flows.Ask, Label: text(3000), Hint: text(300), Value: text(20), Total: r.IntN(50), Done: r.IntN(50),
			At:   flows.Position{Node: r.IntN(80000), In: strings.Repeat("1000.", r.IntN(8)) + "1"},
			Node: &flows.Node{Name: "q", Type: &typ, Parameters: map[string]string{"end": fmt.Sprint(r.IntN(200)), "step": fmt.Sprint(r.Float64())}},
		}
		for j := range r.IntN(300) {
			p.Choices = append(p.Choices, flows.Choice{Index: 400_000 + j, Name: fmt.Sprint("c", j), Label: text(60)})
		}
		for range r.IntN(3) {
			p.Notes = append(p.Notes, flows.Note{Label: text(2000)})
		}
		v := view([]string{"en", "lo"}[i%2])
		for _, s := range []Screen{v.Prompt(p, r.IntN(40)), v.Month(p, r.IntN(999999)), v.Found(p, p.Choices, "x")} {
			checkLimits(t, s)
		}
		if t.Failed() {
			t.Fatalf("prompt %+v", p)
		}
	}
}

func checkLimits(t *testing.T, s Screen) {
	t.Helper()
	buttons := 0
	for _, row := range s.Rows {
		for _, b := range row {
			buttons++
			if len(b.Data) > MaxCallback {
				t.Errorf("callback_data of %d bytes", len(b.Data))
			}
			if _, ok := ParseCallback(b.Data); !ok {
				t.Errorf("callback_data %q is not understood", b.Data)
			}
			if strings.TrimSpace(b.Text) == "" {
				t.Error("a button without a text")
			}
		}
		if len(row) > maxRow {
			t.Errorf("%d buttons in a row", len(row))
		}
	}
	if buttons > maxButtons {
		t.Errorf("%d buttons", buttons)
	}
	for _, payload := range s.Payloads() {
		var p struct {
			Text string `json:"text"`
		}
		if err := json.Unmarshal(payload, &p); err != nil {
			t.Error(err)
		}
		if n := Units(Text(p.Text)); n > MaxText || len(p.Text) > 32<<10 {
			t.Errorf("a text of %d units, %d bytes", n, len(p.Text))
		}
		if msg := balanced(p.Text); msg != "" || !utf8.ValidString(p.Text) {
			t.Errorf("HTML: %s", msg)
		}
	}
}

func TestCommand(t *testing.T) {
	for _, c := range []struct {
		in, name, rest string
		ok             bool
	}{
		{"/start", "start", "", true}, {"/start abc", "start", "abc", true}, {"/Help@field_bot", "help", "", true},
		{"/help@other_bot", "", "", false}, {"/", "", "", false}, {"/пример", "", "", false}, {"no /start", "", "", false},
		{"/withdraw\nABCD", "withdraw", "ABCD", true},
	} {
		name, rest, ok := Command(c.in, "field_bot")
		if name != c.name || rest != c.rest || ok != c.ok {
			t.Errorf("%q: %q %q %v", c.in, name, rest, ok)
		}
	}
}
