package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/storage"
)

// A hostile is an input that somebody might send to do harm. do sends it and
// tells what happened; it is what docs/hostile.md says, or the test fails.
type hostile struct {
	kind, input string
	do          func(h *fortress) string
}

// TestHostileInputs sends every hostile input, looks whether the bot still
// serves everybody else, and compares what happened with docs/hostile.md
// (written with -update).
func TestHostileInputs(t *testing.T) {
	t.Parallel()
	h := newFortress(t)
	var doc strings.Builder
	doc.WriteString("# Hostile inputs\n\nWhat happens when somebody sends what nobody should. A test sends each and compares;\n" +
		"after each it looks whether others are still served. Update with\n`go test ./cmd/fieldbot -run Hostile -update`.\n")
	kind, n := "", 0
	all := slices.Concat(hostileProtocol, hostileText, hostileTaps, hostileLinks, hostileRoles, hostileFiles, hostileForms())
	for _, c := range all {
		if c.kind != kind {
			kind = c.kind
			fmt.Fprintf(&doc, "\n## %s\n\n| input | what happens |\n|---|---|\n", kind)
		}
		n++
		fmt.Fprintf(&doc, "| %s | %s |\n", cell(c.input), cell(c.do(h)))
		if got := h.help(); !strings.Contains(got, "/language") {
			t.Fatalf("after %s: %s the bot answers /help with %q", c.kind, c.input, got)
		}
	}
	if n < 60 {
		t.Errorf("only %d inputs", n)
	}
	if log := h.log.String(); strings.Contains(log, `"panic"`) || strings.Contains(log, "goroutine ") {
		t.Errorf("something panicked:\n%s", tail(log, 3000))
	}
	for _, secret := range []string{"hush-hush", "simulated-token", "DROP TABLE", "swordfish"} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	path := filepath.Join("..", "..", "docs", "hostile.md")
	if *update {
		if err := os.WriteFile(path, []byte(doc.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, then := strings.Split(doc.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(then)) {
		a, b := "", ""
		if i < len(got) {
			a = got[i]
		}
		if i < len(then) {
			b = then[i]
		}
		if a != b {
			t.Errorf("docs/hostile.md line %d:\n is  %s\n now %s", i+1, b, a)
		}
	}
}

func cell(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "|", `\|`), "\n", " ")
	return strings.TrimSpace(s)
}

// A fortress is a bot by webhook with a few small forms.
type fortress struct {
	t       *testing.T
	ctx     context.Context
	sim     *simulator.Server
	service *service
	db      *stores
	url     string // of the bot
	dir     string
	log     *syncBuffer
	friend  *simulator.User
	people  int64
	updates int64
}

const hostileSecret = "hush-hush"

// hostileForm is a form of one question.
func hostileForm(id, audience, kind string) string {
	return "| settings |\n| | form_title | form_id | keyword | audience | default_language |\n| | Form " + id + " | " + id + " | " + id + " | " + audience + " | English (en) |\n" +
		"| survey |\n| | type | name | label::English (en) | required |\n| | " + kind + " | q | Question of " + id + "? | yes |\n" +
		"| choices |\n| | list_name | name | label::English (en) |\n| | yn | yes | Yes |\n| | yn | no | No |\n"
}

func newFortress(t *testing.T) *fortress {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	h := &fortress{t: t, ctx: ctx, dir: t.TempDir(), log: new(syncBuffer), people: 5000, updates: 9_000_000_000}
	h.sim = simulator.New(simulator.Options{Idle: func() bool {
		b := h.service.talking.Load()
		return b != nil && b.Resting()
	}})
	api, err := h.sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	h.url = "http://" + address
	key := hex.EncodeToString([]byte(testKey))
	c := &config{TelegramBotToken: simulator.DefaultToken, TelegramAPIURL: api.URL, ListenAddr: address, PseudonymKey: key, LinkKey: key,
		DataDir: filepath.Join(h.dir, "data"), TimeZone: "Asia/Vientiane", Languages: "en,lo",
		WebhookURL: h.url + "/telegram", WebhookSecret: hostileSecret}
	if h.db, err = c.open(ctx); err != nil {
		t.Fatal(err)
	}
	for _, f := range [][3]string{{"txt", "anyone", "text"}, {"num", "anyone", "integer"}, {"dec", "anyone", "decimal"}, {"day", "anyone", "date"},
		{"pic", "anyone", "image"}, {"loc", "anyone", "geopoint"}, {"yes", "anyone", "select_one yn"}, {"off", "officer", "text"}} {
		path := filepath.Join(h.dir, f[0]+".md")
		if err := os.WriteFile(path, []byte(hostileForm(f[0], f[1], f[2])), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := publish(ctx, h.db.Results, path, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if h.service, err = c.assemble(h.db, logger(h.log, "info")); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- h.service.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		h.db.close()
		api.Close()
	})
	if err := waitReady(ctx, h.url+"/readyz", 10*time.Second); err != nil {
		t.Fatal(err)
	}
	h.friend = h.person()
	return h
}

func (h *fortress) quiet() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.ctx, 10*time.Second)
	defer cancel()
	if err := h.sim.Quiet(ctx); err != nil {
		h.t.Fatal(err)
	}
}

// person is somebody new.
func (h *fortress) person() *simulator.User {
	h.people++
	return h.sim.User(simulator.UserOptions{ID: h.people, First: "Eve", Language: "en"})
}

// help asks for help as somebody who did no harm.
func (h *fortress) help() string { return h.says(h.friend, "/help") }

// says says something and returns the first line of each message that comes.
func (h *fortress) says(u *simulator.User, text string) string {
	h.t.Helper()
	before := len(u.Heard())
	if _, err := u.Say(text); err != nil {
		return "cannot be sent: " + err.Error()
	}
	return h.heard(u, before)
}

func (h *fortress) heard(u *simulator.User, before int) string {
	h.t.Helper()
	h.quiet()
	var lines []string
	for _, m := range u.Heard()[before:] {
		line := m.Text
		if u != h.friend {
			line, _, _ = strings.Cut(line, "\n")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, " / ")
}

// post brings an update to the webhook as Telegram would, and tells the status.
func (h *fortress) post(body string) string {
	return h.request("POST", "/telegram", hostileSecret, body)
}

func (h *fortress) request(method, path, secret, body string) string {
	h.t.Helper()
	aside := len(h.quarantined())
	req, err := http.NewRequestWithContext(h.ctx, method, h.url+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "the connection is closed"
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	h.quiet()
	what := res.Status
	if q := h.quarantined(); len(q) > aside {
		what += ", put aside: " + q[len(q)-1].Reason
	}
	return what
}

func (h *fortress) quarantined() []storage.Quarantined {
	all, err := h.db.Quarantined(h.ctx, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// raw is an update of a person with a message of these fields.
func (h *fortress) raw(u *simulator.User, fields string) string {
	h.updates++
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":%d,"from":{"id":%d,"first_name":"Eve","language_code":"en"},"chat":{"id":%[4]d,"type":"private"},%s}}`,
		h.updates, 1_000_000+h.updates%1_000_000, time.Now().Unix(), u.ID(), fields)
}

// stored are the answers to the one question of a form.
func (h *fortress) stored(form string) (all []string) {
	for s, err := range h.db.Each(h.ctx, storage.Filter{FormID: form}) {
		if err != nil {
			h.t.Fatal(err)
		}
		for _, f := range s.Data {
			if f.Name == "q" {
				all = append(all, f.Text)
			}
		}
	}
	return all
}

// answers gives the fields of a message as the answer to a form's question.
func (h *fortress) answers(form, fields, as string) string {
	h.t.Helper()
	u := h.person()
	u.Start(form)
	h.quiet()
	count, before := len(h.stored(form)), len(u.Heard())
	status := h.post(h.raw(u, fields))
	reply := h.heard(u, before)
	all := h.stored(form)
	switch {
	case status != "200 OK":
		return status
	case len(all) == count && reply == "":
		return "nothing happens"
	case len(all) == count:
		return "not taken: “" + undated(reply) + "”"
	case all[len(all)-1] == as:
		return "stored as it was written"
	case len(all[len(all)-1]) > 60:
		return fmt.Sprintf("stored, as %d characters", len([]rune(all[len(all)-1])))
	}
	return fmt.Sprintf("stored as %q", all[len(all)-1])
}

// undated takes the day from a remark that shows how today would be written.
func undated(reply string) string {
	zone := (&config{TimeZone: "Asia/Vientiane"}).zone()
	for _, day := range []time.Time{time.Now(), time.Now().Add(-time.Minute)} { // it may be midnight
		reply = strings.ReplaceAll(reply, day.In(zone).Format("02/01/2006"), "(today)")
	}
	return reply
}

// types answers a form's question with a text.
func types(form, text string) func(h *fortress) string {
	return func(h *fortress) string {
		h.t.Helper()
		b, err := json.Marshal(text)
		if err != nil {
			h.t.Fatal(err)
		}
		return h.answers(form, `"text":`+string(b), text)
	}
}

func posts(body string) func(h *fortress) string {
	return func(h *fortress) string { return h.post(body) }
}

var hostileProtocol = []hostile{
	{"Protocol", "an update without the secret", func(h *fortress) string { return h.request("POST", "/telegram", "", h.raw(h.friend, `"text":"/help"`)) }},
	{"Protocol", "with a wrong secret", func(h *fortress) string {
		return h.request("POST", "/telegram", "hush-hush!", h.raw(h.friend, `"text":"x"`))
	}},
	{"Protocol", "with a prefix of the secret", func(h *fortress) string { return h.request("POST", "/telegram", "hush", h.raw(h.friend, `"text":"x"`)) }},
	{"Protocol", "GET instead of POST", func(h *fortress) string { return h.request("GET", "/telegram", hostileSecret, "") }},
	{"Protocol", "DELETE", func(h *fortress) string { return h.request("DELETE", "/telegram", hostileSecret, "") }},
	{"Protocol", "another path", func(h *fortress) string { return h.request("POST", "/", hostileSecret, "{}") }},
	{"Protocol", "a path with the token", func(h *fortress) string {
		return h.request("POST", "/bot"+simulator.DefaultToken+"/sendMessage", hostileSecret, "{}")
	}},
	{"Protocol", "a path that climbs out", func(h *fortress) string { return h.request("GET", "/telegram/../../etc/passwd", hostileSecret, "") }},
	{"Protocol", "profiling at /debug/pprof", func(h *fortress) string { return h.request("GET", "/debug/pprof/", "", "") }},
	{"Protocol", "an empty body", posts("")},
	{"Protocol", "a body that is no JSON", posts("<xml/>")},
	{"Protocol", "a body of 5 MiB", posts(`{"update_id":1,"x":"` + strings.Repeat("a", 5<<20) + `"}`)},
	{"Protocol", "JSON that is nested 100,000 deep", posts(`{"update_id":1,"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`)},
	{"Protocol", "an update without update_id", posts(`{"message":{}}`)},
	{"Protocol", "update_id as a text", posts(`{"update_id":"1"}`)},
	{"Protocol", "an update_id beyond all integers", posts(`{"update_id":1e30}`)},
	{"Protocol", "an update of an unknown kind", posts(`{"update_id":11,"telepathy":{}}`)},
	{"Protocol", "an unknown member of a union, on which the client library stops for good", posts(`{"update_id":12,"message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"paid_media":{"star_count":1,"paid_media":[{"type":"live_photo"}]}}}`)},
	{"Protocol", "a text that is an object", posts(`{"update_id":13,"message":{"text":{"a":1}}}`)},
	{"Protocol", "a message of no chat", posts(`{"update_id":14,"message":{"text":"x"}}`)},
	{"Protocol", "a message of nobody", func(h *fortress) string {
		return h.post(fmt.Sprintf(`{"update_id":15,"message":{"message_id":1,"date":1,"chat":{"id":%d,"type":"private"},"text":"x"}}`, h.friend.ID()))
	}},
	{"Protocol", "an entity that is longer than its text", func(h *fortress) string {
		return h.post(h.raw(h.person(), `"text":"/x","entities":[{"type":"bot_command","offset":0,"length":50}]`))
	}},
	{"Protocol", "an entity that begins before its text", func(h *fortress) string {
		return h.post(h.raw(h.person(), `"text":"/x","entities":[{"type":"bot_command","offset":-3,"length":2}]`))
	}},
	{"Protocol", "a tap on a message of nobody", posts(`{"update_id":16,"callback_query":{"id":"1","from":{"id":5999,"first_name":"E"},"data":"x"}}`)},
	{"Protocol", "the same update fifty times at once", func(h *fortress) string {
		u := h.person()
		u.Start("txt")
		h.quiet()
		count, body := len(h.stored("txt")), h.raw(u, `"text":"once"`)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				req, err := http.NewRequest("POST", h.url+"/telegram", strings.NewReader(body))
				if err != nil {
					h.t.Error(err)
					return
				}
				req.Header.Set("X-Telegram-Bot-Api-Secret-Token", hostileSecret)
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					h.t.Error(err)
					return
				}
				res.Body.Close()
				if res.StatusCode != http.StatusOK {
					h.t.Error(res.Status)
				}
			})
		}
		wg.Wait()
		h.quiet()
		return fmt.Sprintf("%d submission", len(h.stored("txt"))-count)
	}},
	{"Protocol", "three hundred messages of one person at once", func(h *fortress) string {
		u := h.person()
		u.Start("")
		h.quiet()
		for range 300 {
			h.post(h.raw(u, `"text":"spam"`))
		}
		warned := 0
		for _, m := range u.Heard() {
			if strings.Contains(m.Text, "faster than I can follow") {
				warned++
			}
		}
		return fmt.Sprintf("the first are answered; told %d time to wait; the rest is not handled", warned)
	}},
}

var hostileText = []hostile{
	{"Text", "HTML and a script", types("txt", `<b>x</b><script>alert(1)</script>&lt;`)},
	{"Text", "broken HTML", types("txt", `<a href="x`)},
	{"Text", "a spreadsheet formula (exports write it as text)", types("txt", `=HYPERLINK("http://evil","x")`)},
	{"Text", "SQL", types("txt", `'; DROP TABLE submissions; --`)},
	{"Text", "a reference to another answer", types("txt", `${q} ${missing}`)},
	{"Text", "an expression of the form language", types("txt", `concat(/data/q, 1 div 0)`)},
	{"Text", "a template and format verbs", types("txt", `{{.Secret}} %s%n%!d`)},
	{"Text", "XML with an entity", types("txt", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;`)},
	{"Text", "marks that turn the writing direction", types("txt", "abc\u202edef\u2066")},
	{"Text", "a NUL and other control characters", types("txt", "a\x00b\x1bc")},
	{"Text", "half a surrogate pair", func(h *fortress) string { return h.answers("txt", `"text":"\ud800"`, "\ufffd") }},
	{"Text", "a letter with 4,000 marks", types("txt", "a"+strings.Repeat("\u0301", 4000))},
	{"Text", "a message of 100,000 letters, which Telegram does not let through", types("txt", strings.Repeat("x", 100_000))},
	{"Text", "only spaces", types("txt", "   ")},
	{"Text", "a command that does not exist", types("txt", "/sudo")},
	{"Text", "not a number", types("num", "NaN")},
	{"Text", "an infinite number", types("dec", "Infinity")},
	{"Text", "a number beyond all integers", types("num", "99999999999999999999999999")},
	{"Text", "a number that overflows", types("dec", "1e400")},
	{"Text", "a hexadecimal number", types("num", "0x10")},
	{"Text", "a number of mixed digits", types("num", "1໒٣")},
	{"Text", "a day that does not exist", types("day", "2026-02-31")},
	{"Text", "the year 99999", types("day", "99999-01-01")},
	{"Text", "a place beyond the poles", func(h *fortress) string { return h.answers("loc", `"location":{"latitude":1e9,"longitude":-1e9}`, "") }},
	{"Text", "a choice that is not offered", types("yes", "maybe")},
}

// tapping begins a form of one choice and taps with altered data.
func tapping(alter func(h *fortress, data string) string) func(h *fortress) string {
	return func(h *fortress) string {
		h.t.Helper()
		u := h.person()
		u.Start("yes")
		h.quiet()
		m := u.Last()
		data := buttonData(m.ReplyMarkup, "Yes")
		if data == "" {
			h.t.Fatal("no button")
		}
		count, before := len(h.stored("yes")), len(u.Heard())
		if _, err := u.TapData(m.MessageID, alter(h, data)); err != nil {
			return "cannot be tapped: " + err.Error()
		}
		said := h.heard(u, before)
		what := "nothing is stored"
		if n := len(h.stored("yes")) - count; n > 0 {
			what = fmt.Sprintf("stored %d time", n)
		}
		if toasts := u.Toasts(); len(toasts) > 0 && toasts[len(toasts)-1].Text != "" {
			what += ", toast “" + toasts[len(toasts)-1].Text + "”"
		}
		if said != "" && !strings.Contains(what, "stored 1") {
			what += ", the bot says “" + said + "”"
		}
		return what
	}
}

var hostileTaps = []hostile{
	{"Buttons", "an index beyond the list", tapping(func(_ *fortress, d string) string { return d[:len(d)-1] + "999" })},
	{"Buttons", "a negative index", tapping(func(_ *fortress, d string) string { return d[:len(d)-1] + "-1" })},
	{"Buttons", "an index that overflows", tapping(func(_ *fortress, d string) string { return d[:len(d)-1] + "99999999999999999999" })},
	{"Buttons", "another interview's nonce", tapping(func(_ *fortress, d string) string { return "zzzzzz" + d[strings.Index(d, ":"):] })},
	{"Buttons", "somebody else's button", tapping(func(h *fortress, _ string) string {
		other := h.person()
		other.Start("yes")
		h.quiet()
		return buttonData(other.Last().ReplyMarkup, "Yes")
	})},
	{"Buttons", "rubbish", tapping(func(*fortress, string) string { return "\xff:::::" })},
	{"Buttons", "a revision of the future", tapping(func(_ *fortress, d string) string {
		parts := strings.SplitN(d, ":", 3)
		return parts[0] + ":zzz:" + parts[2]
	})},
	{"Buttons", "sending before everything is answered", tapping(func(_ *fortress, d string) string { return d[:len(d)-2] + "S" })},
	{"Buttons", "a month far away", tapping(func(_ *fortress, d string) string { return d[:len(d)-2] + "m99999999" })},
	{"Buttons", "a command's own button that was never shown", tapping(func(*fortress, string) string { return "/export:txt" })},
}

// opening opens the bot with a payload and tells the answer.
func opening(payload func(h *fortress) string) func(h *fortress) string {
	return func(h *fortress) string {
		h.t.Helper()
		u := h.person()
		return "“" + h.says(u, "/start "+payload(h)) + "”"
	}
}

// link stores an entry link and returns its payload.
func (h *fortress) link(l storage.Link) string {
	h.people++
	l.ID = fmt.Sprint("link", h.people)
	l.Made = time.Now()
	if err := h.db.AddLink(h.ctx, l); err != nil {
		h.t.Fatal(err)
	}
	return h.service.keys.Payload(l.ID)
}

var hostileLinks = []hostile{
	{"Links", "a payload that is no link", opening(func(*fortress) string { return "zzzzzzzz" })},
	{"Links", "a signed link, altered in one letter", opening(func(h *fortress) string {
		p := []byte(h.link(storage.Link{FormID: "txt"}))
		p[5] ^= 1
		return string(p)
	})},
	{"Links", "a signed link, cut off", opening(func(h *fortress) string { return h.link(storage.Link{FormID: "txt"})[:12] })},
	{"Links", "a link that is not stored", opening(func(h *fortress) string { return h.service.keys.Payload("nosuchlink") })},
	{"Links", "an invitation that has expired", opening(func(h *fortress) string {
		return h.link(storage.Link{Role: storage.Secretariat, Uses: 1, Expires: time.Now().Add(-time.Hour)})
	})},
	{"Links", "an invitation that somebody else has used", opening(func(h *fortress) string {
		p := h.link(storage.Link{Role: storage.Officer, Uses: 1})
		h.says(h.person(), "/start "+p)
		return p
	})},
	{"Links", "a ticket for one, used by another", opening(func(h *fortress) string {
		p := h.link(storage.Link{FormID: "txt", Uses: 1})
		h.says(h.person(), "/start "+p)
		return p
	})},
	{"Links", "a payload with SQL", opening(func(*fortress) string { return "A'OR'1'='1" })},
	{"Links", "a payload of 4,000 letters", opening(func(*fortress) string { return strings.Repeat("A", 4000) })},
}

var hostileRoles = []hostile{
	{"Roles", "a citizen asks for the export", func(h *fortress) string { return "“" + h.says(h.person(), "/export txt") + "”" }},
	{"Roles", "a citizen asks for the digest", func(h *fortress) string { return "“" + h.says(h.person(), "/digest") + "”" }},
	{"Roles", "a citizen opens an officers' form", func(h *fortress) string { return "“" + h.says(h.person(), "/off") + "”" }},
	{"Roles", "a citizen opens it by its link", opening(func(*fortress) string { return "off" })},
	{"Roles", "a citizen withdraws another's submission", func(h *fortress) string {
		return "“" + h.says(h.person(), "/withdraw 00000000-0000-4000-8000-000000000000") + "”"
	}},
	{"Roles", "an officer who was suspended opens an officers' form", func(h *fortress) string {
		u := h.person()
		who := storage.Person{ID: h.service.keys.Person(u.ID()), Role: storage.Officer, Suspended: true, Since: time.Now()}
		if _, err := h.db.Save(h.ctx, who, "test", "suspended"); err != nil {
			h.t.Fatal(err)
		}
		return "“" + h.says(u, "/off") + "”"
	}},
}

// sends answers the question for a photo with a file.
func sends(a simulator.Attachment) func(h *fortress) string {
	return func(h *fortress) string {
		h.t.Helper()
		u := h.person()
		u.Start("pic")
		h.quiet()
		count, before := len(h.stored("pic")), len(u.Heard())
		if _, err := u.Send(a); err != nil {
			return "cannot be sent: " + err.Error()
		}
		reply := h.heard(u, before)
		all := h.stored("pic")
		if len(all) == count {
			return "not taken: “" + reply + "”"
		}
		name := all[len(all)-1]
		kind, _, _ := strings.Cut(name, "-")
		if strings.ContainsAny(name, `/\`) || strings.Contains(name, "..") {
			return "stored as " + name
		}
		return "stored under a name of the bot's own, " + kind + "-…" + filepath.Ext(name)
	}
}

var hostileFiles = []hostile{
	{"Files", "a program instead of a photo", sends(simulator.Attachment{Kind: "document", Name: "setup.exe", Data: []byte("MZ")})},
	{"Files", "a voice message instead of a photo", sends(simulator.Attachment{Kind: "voice", Seconds: 1, Data: []byte("OggS")})},
	{"Files", "an image whose name climbs out of the folder", sends(simulator.Attachment{Kind: "document", Name: "../../../etc/cron.d/x.jpg", MIME: "image/jpeg", Data: []byte("\xff\xd8\xff")})},
	{"Files", "an image with two endings", sends(simulator.Attachment{Kind: "document", Name: "photo.jpg.exe", MIME: "image/jpeg", Data: []byte("\xff\xd8\xff")})},
	{"Files", "a name of 4,000 letters", sends(simulator.Attachment{Kind: "document", Name: strings.Repeat("a", 4000) + ".png", MIME: "image/png", Data: []byte("\x89PNG")})},
	{"Files", "a name with a NUL and a turn of direction", sends(simulator.Attachment{Kind: "document", Name: "a\x00\u202egpj.exe", MIME: "image/jpeg", Data: []byte("\xff\xd8\xff")})},
	{"Files", "an empty file", sends(simulator.Attachment{Kind: "document", Name: "a.jpg", MIME: "image/jpeg", Data: nil})},
}

// checks runs `fieldbot check` on a file, within a bound of time, and tells the
// first line.
func checks(name string, content func() []byte) func(h *fortress) string {
	return func(h *fortress) string {
		h.t.Helper()
		path := filepath.Join(h.dir, name)
		if err := os.WriteFile(path, content(), 0o600); err != nil {
			h.t.Fatal(err)
		}
		var out, errs bytes.Buffer
		began := time.Now()
		code := run(h.ctx, []string{"check", path}, func(string) (string, bool) { return "", false }, strings.NewReader(""), &out, &errs)
		if d := time.Since(began); d > 10*time.Second {
			h.t.Errorf("%s takes %v", name, d)
		}
		text := strings.TrimSpace(strings.ReplaceAll(out.String()+errs.String(), path, "form"))
		line, _, _ := strings.Cut(text, "\n")
		if r := []rune(line); len(r) > 160 {
			line = string(r[:160]) + "…"
		}
		return fmt.Sprintf("exit %d, `%s`", code, strings.ReplaceAll(line, "`", "'"))
	}
}

func markdownForm(rows ...string) func() []byte {
	return func() []byte {
		return []byte("| survey |\n| | type | name | label | calculation | constraint | relevant | media::image |\n" + strings.Join(rows, "\n") + "\n")
	}
}

func zipped(files map[string]string) func() []byte {
	return func() []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for name, content := range files {
			f, err := w.Create(name)
			if err == nil {
				_, err = io.WriteString(f, content)
			}
			if err != nil {
				panic(err)
			}
		}
		w.Close()
		return b.Bytes()
	}
}

// bomb is a workbook whose one sheet is a gigabyte of blanks: one compressed
// block, a thousand times.
func bomb() []byte {
	const blocks = 1024
	block := bytes.Repeat([]byte(" "), 1<<20)
	var packed, b bytes.Buffer
	f, err := flate.NewWriter(&packed, flate.BestCompression)
	if err == nil {
		_, err = f.Write(block)
	}
	if err == nil {
		err = f.Flush()
	}
	w := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="survey" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
	} {
		part, e := w.Create(name)
		if e == nil {
			_, e = io.WriteString(part, content)
		}
		err = errors.Join(err, e)
	}
	sum := uint32(0)
	for range blocks {
		sum = crc32.Update(sum, crc32.IEEETable, block)
	}
	last := []byte{3, 0} // an empty block that ends the stream
	part, e := w.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CRC32: sum,
		CompressedSize64: uint64(packed.Len()*blocks + len(last)), UncompressedSize64: blocks << 20})
	err = errors.Join(err, e)
	for range blocks {
		part.Write(packed.Bytes())
	}
	part.Write(last)
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// A hostileWorkbook is a file that is given as a form, in a shell and in the chat.
type hostileWorkbook struct {
	input, name string
	content     func() []byte
}

func hostileForms() (all []hostile) {
	for _, w := range hostileWorkbooks {
		all = append(all, hostile{"Forms", w.input, checks(w.name, w.content)})
	}
	for _, w := range hostileWorkbooks {
		all = append(all, hostile{"Forms that the secretariat sends to the bot", w.input, uploads(w.name, w.content)})
	}
	return all
}

// uploads sends a file to the bot as somebody who may publish forms.
func uploads(name string, content func() []byte) func(h *fortress) string {
	return func(h *fortress) string {
		h.t.Helper()
		u := h.person()
		if _, err := h.db.Save(h.ctx, storage.Person{ID: h.service.keys.Person(u.ID()), Role: storage.Secretariat}, "test", "made"); err != nil {
			h.t.Fatal(err)
		}
		began := time.Now()
		before := len(u.Heard())
		if _, err := u.Document(name, content(), ""); err != nil {
			return "cannot be sent: " + err.Error()
		}
		h.quiet()
		if d := time.Since(began); d > 20*time.Second {
			h.t.Errorf("%s takes %v", name, d)
		}
		var said []string
		for _, m := range u.Heard()[before:] {
			said = append(said, strings.Fields(m.Text)...)
		}
		text := []rune(strings.Join(said, " "))
		return "“" + string(text[:min(len(text), 240)]) + map[bool]string{true: "…"}[len(text) > 240] + "”"
	}
}

var hostileWorkbooks = []hostileWorkbook{
	{"a workbook that unpacks to a gigabyte", "bomb.xlsx", bomb},
	{"a zip file that is no workbook", "zip.xlsx", zipped(map[string]string{"a.txt": "x"})},
	{"a workbook with a path that climbs out", "slip.xlsx", zipped(map[string]string{"../../../tmp/evil": "x", "xl/workbook.xml": "<x/>"})},
	{"a workbook that reads a file through an XML entity", "xxe.xlsx", zipped(map[string]string{
		"[Content_Types].xml": "<x/>", "xl/workbook.xml": `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><workbook>&e;</workbook>`})},
	{"random bytes", "random.xlsx", func() []byte { return bytes.Repeat([]byte{0x50, 0x4b, 3, 4, 0xff}, 1000) }},
	{"an empty file", "empty.md", func() []byte { return nil }},
	{"a question that depends on itself", "circle.md", markdownForm("| | calculate | a | | ${b} | | | |", "| | calculate | b | | ${a} | | | |", "| | text | t | T | | | | |")},
	{"an expression with 10,000 brackets", "deep.md", markdownForm("| | text | t | T | | " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000) + " | | |")},
	{"a regular expression made to hang", "regex.md", markdownForm("| | text | t | T | | regex(., '^(a+)+$') | | |")},
	{"a picture outside of the folder (it is looked for only among the attached files)", "picture.md", markdownForm("| | text | t | T | | | | ../../etc/passwd |")},
	{"a function that does not exist", "function.md", markdownForm("| | text | t | T | | system('rm') | | |")},
	{"a label with a script", "label.md", markdownForm("| | text | t | <script>alert(1)</script> | | | | |")},
	{"a name with a path", "name.md", markdownForm("| | text | ../x | T | | | | |")},
	{"a csv whose quote never ends, of 8 MB", "open.csv", func() []byte {
		return []byte("type,name,label\ntext,q,\"Q\n" + strings.Repeat("text,q,Q\n", 900_000))
	}},
	{"100,000 questions", "many.md", func() []byte {
		var b strings.Builder
		b.WriteString("| survey |\n| | type | name | label |\n")
		for i := range 100_000 {
			fmt.Fprintf(&b, "| | text | q%d | Q |\n", i)
		}
		return []byte(b.String())
	}},
}
