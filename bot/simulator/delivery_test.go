package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
)

// A hook is a webhook that notes what it got and answers as it is told.
type hook struct {
	mu     sync.Mutex
	got    []string
	answer func(kind string) int
	wait   chan struct{} // if not nil, an answer takes one from it
}

func (k *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var u map[string]json.RawMessage
	json.NewDecoder(r.Body).Decode(&u)
	delete(u, "update_id")
	kind := ""
	for name := range u {
		kind = name
	}
	var m struct {
		Text string `json:"text"`
		Data string `json:"data"`
	}
	json.Unmarshal(u[kind], &m)
	k.mu.Lock()
	k.got = append(k.got, kind+":"+m.Text+m.Data)
	status := 200
	if k.answer != nil {
		status = k.answer(kind)
	}
	k.mu.Unlock()
	if k.wait != nil && kind == "message" {
		<-k.wait
	}
	w.WriteHeader(status)
}

func (k *hook) seen() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.got)
}

func hooked(t *testing.T, k *hook) (*harness, *simulator.Bot) {
	h := listening(t)
	h.srv.Close()
	srv := simulator.New(simulator.Options{
		Now: func() time.Time { return epoch }, WebhookTransport: simulator.HandlerTransport(k),
	})
	run, err := srv.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	h = &harness{t, srv, run.URL, srv.User(simulator.UserOptions{ID: 42, First: "Noy"})}
	h.must("setWebhook", `{"url":"http://bot/hook"}`, nil)
	return h, srv.Bot("")
}

// A message that the bot still works on holds up the chat's next message, but
// not the tap of the same person.
func TestWebhookOrder(t *testing.T) {
	k := &hook{wait: make(chan struct{}, 2)}
	h, _ := hooked(t, k)
	h.noy.Start("")
	h.noy.Say("second")
	m := h.send("?")
	h.noy.TapData(m, "tap")
	deadline := time.Now().Add(5 * time.Second)
	for len(k.seen()) < 2 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if got := strings.Join(k.seen(), " "); !strings.Contains(got, "callback_query:tap") || strings.Contains(got, "second") {
		t.Errorf("delivered = %s", got)
	}
	k.wait <- struct{}{}
	k.wait <- struct{}{}
	if err := h.srv.Quiet(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := k.seen(); len(got) != 3 || got[2] != "message:second" {
		t.Errorf("delivered = %q", got)
	}
}

func TestWebhookRetries(t *testing.T) {
	failures := 4
	k := &hook{}
	k.answer = func(string) int {
		if failures > 0 {
			failures--
			return 500
		}
		return 200
	}
	h, b := hooked(t, k)
	h.noy.Say("hello")
	settle := func(want int) {
		t.Helper()
		deadline := time.Now().Add(5 * time.Second)
		for len(k.seen()) < want && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
		if n := len(k.seen()); n != want {
			t.Fatalf("%d attempts, want %d", n, want)
		}
	}
	settle(2) // the second at once
	var info struct {
		Pending int    `json:"pending_update_count"`
		Error   string `json:"last_error_message"`
	}
	h.must("getWebhookInfo", `{}`, &info)
	if info.Pending != 1 || info.Error != "Wrong response from the webhook: 500 Internal Server Error" {
		t.Errorf("info = %+v", info)
	}
	h.srv.Advance(time.Second)
	settle(2)
	h.srv.Advance(time.Second) // 2 s after the second
	settle(3)
	h.srv.Advance(4 * time.Second)
	settle(4)
	h.srv.Advance(8 * time.Second)
	settle(5)
	if err := h.srv.Quiet(within(t)); err != nil {
		t.Error(err)
	}
	b.Redeliver(1)
	settle(6)
}

func TestWebhookSettings(t *testing.T) {
	h := listening(t)
	describe := func(method, params string) string { return h.call(method, params).Description }
	for _, c := range [][3]string{
		{"deleteWebhook", `{}`, "Webhook is already deleted"},
		{"setWebhook", `{"url":"https://example.org/a"}`, "Webhook was set"},
		{"setWebhook", `{"url":"https://example.org/a"}`, "Webhook is already set"},
		{"setWebhook", `{"url":""}`, "Webhook was deleted"},
	} {
		if got := describe(c[0], c[1]); got != c[2] {
			t.Errorf("%s(%s): %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

// Held updates can be let go in another order: the tap before the message.
func TestHold(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	m := h.send("?")
	release := h.srv.Hold()
	h.noy.Say("typed")
	h.noy.TapData(m, "tapped")
	if n := len(h.poll(`{}`)); n != 1 {
		t.Fatalf("%d updates while held, want 1", n)
	}
	release(1, 0)
	got := h.poll(`{"offset":-2}`)
	if len(got) != 2 || got[0].Tap == nil || got[1].Message == nil || got[1].ID != got[0].ID+1 {
		t.Errorf("released: %+v", got)
	}
}

func TestRedeliveryAndPoison(t *testing.T) {
	h := listening(t)
	b := h.srv.Bot("")
	h.noy.Say("one")
	id := h.poll(`{}`)[0].ID
	h.poll(fmt.Sprintf(`{"offset":%d}`, id+1))
	b.Redeliver(1)
	if got := h.poll(fmt.Sprintf(`{"offset":%d}`, id+1)); len(got) != 1 || got[0].ID != id {
		t.Errorf("redelivered: %+v", got)
	}
	if got := h.poll(fmt.Sprintf(`{"offset":%d}`, id+2)); len(got) != 0 || b.Pending() != 0 {
		t.Errorf("a third time: %+v", got)
	}
	h.srv.Fault(simulator.Fault{Kind: simulator.DuplicateUpdate})
	h.noy.Say("twice")
	if got := h.poll(`{"offset":-2}`); len(got) != 2 || got[0].ID != got[1].ID {
		t.Errorf("duplicate: %+v", got)
	}
	for _, kind := range simulator.Poisons {
		if err := h.noy.Poison(kind); err != nil {
			t.Error(err)
		}
	}
	b.SetNextUpdateID(5)
	h.noy.Say("low")
	all := b.Updates()
	if last := all[len(all)-1]; last.ID != 5 {
		t.Errorf("after the jump: %d", last.ID)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	h := listening(t)
	var img bytes.Buffer
	jpeg.Encode(&img, image.NewRGBA(image.Rect(0, 0, 1600, 1200)), nil)
	sent, err := h.noy.Photo("well.jpg", img.Bytes(), "the well")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(sent.Photo); n < 3 || sent.Photo[n-1].Width != 1600 {
		t.Errorf("sizes = %+v", sent.Photo)
	}
	download := func(id string) (int, []byte, string) {
		var f struct {
			Path string `json:"file_path"`
		}
		h.must("getFile", `{"file_id":"`+id+`"}`, &f)
		resp, err := http.Get(h.url + "/file/bot" + simulator.DefaultToken + "/" + f.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		data, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, data, f.Path
	}
	status, data, path := download(sent.Photo[len(sent.Photo)-1].FileID)
	if status != 200 || !bytes.Equal(data, img.Bytes()) || !strings.HasPrefix(path, "photos/") {
		t.Errorf("download: %d, %d bytes, %s", status, len(data), path)
	}
	h.srv.Advance(time.Hour)
	if resp, _ := http.Get(h.url + "/file/bot" + simulator.DefaultToken + "/" + path); resp.StatusCode != 404 {
		t.Errorf("after an hour the link answers %d", resp.StatusCode)
	}
	voice, _ := h.noy.Voice(3, []byte("OggS..."))
	if _, _, path := download(voice.Voice.FileID); !strings.HasSuffix(path, ".oga") {
		t.Errorf("voice path = %s", path)
	}
	h.must("sendVoice", `{"chat_id":42,"voice":"`+voice.Voice.FileID+`"}`, nil)
	h.refused("sendPhoto", `{"chat_id":42,"photo":"`+voice.Voice.FileID+`"}`, "400 Bad Request: can't use file of type Voice as Photo")
	big, _ := h.noy.Document("big.bin", make([]byte, 20<<20+1), "")
	h.refused("getFile", `{"file_id":"`+big.Document.FileID+`"}`, "400 Bad Request: file is too big")
	album, err := h.noy.Album(
		simulator.Attachment{Kind: "photo", Data: img.Bytes(), Caption: "a"}, simulator.Attachment{Kind: "photo", Data: img.Bytes()})
	if err != nil || len(album) != 2 || album[0].MediaGroupID == "" || album[0].MediaGroupID != album[1].MediaGroupID {
		t.Errorf("album = %+v, %v", album, err)
	}
}

func TestProfile(t *testing.T) {
	h := listening(t)
	noy := h.noy
	h.must("setMyCommands", `{"commands":[{"command":"help","description":"Help"}]}`, nil)
	h.must("setMyCommands", `{"language_code":"lo","scope":{"type":"all_private_chats"},"commands":[{"command":"help","description":"ຊ່ວຍເຫຼືອ"}]}`, nil)
	if c := noy.Commands(); len(c) != 1 || c[0].Description != "ຊ່ວຍເຫຼືອ" {
		t.Errorf("commands = %+v", c)
	}
	noy.SetLanguage("fr")
	if c := noy.Commands(); len(c) != 1 || c[0].Description != "Help" {
		t.Errorf("commands in French = %+v", c)
	}
	h.must("setMyDescription", `{"description":"ສະບາຍດີ","language_code":"lo"}`, nil)
	var d struct {
		Description string `json:"description"`
	}
	h.must("getMyDescription", `{"language_code":"lo"}`, &d)
	if d.Description != "ສະບາຍດີ" {
		t.Errorf("description = %q", d.Description)
	}
}

func TestGroups(t *testing.T) {
	h := listening(t)
	b := h.srv.Bot("")
	g := h.srv.Group(simulator.GroupOptions{Title: "Districts", Owner: h.noy})
	g.AddBot(h.noy, b, false)
	in := h.noy.In(g)
	in.Say("not for the bot")
	in.Say("/help@" + b.Username())
	in.Say("/help@other_bot")
	in.Say("/help")
	var texts []string
	for _, u := range h.poll(`{}`) {
		var m struct {
			Text string `json:"text"`
		}
		json.Unmarshal(u.Message, &m)
		if m.Text != "" {
			texts = append(texts, m.Text)
		}
	}
	if got := strings.Join(texts, " "); got != "/help@"+b.Username()+" /help" {
		t.Errorf("with privacy mode the bot reads %q", got)
	}
	send := fmt.Sprintf(`{"chat_id":%d,"text":"x"}`, g.ID())
	h.must("sendMessage", send, nil)
	h.refused("sendMessage", fmt.Sprintf(`{"chat_id":%d,"text":"x","reply_markup":{"keyboard":[[{"text":"p","request_contact":true}]]}}`, g.ID()),
		"400 Bad Request: phone number can be requested in private chats only")
	super := g.Upgrade()
	a := h.call("sendMessage", send)
	if a.Code != 400 || a.Parameters.Migrate != super.ID() {
		t.Errorf("after the upgrade: %+v", a)
	}
	h.must("sendMessage", fmt.Sprintf(`{"chat_id":%d,"text":"x"}`, super.ID()), nil)
	super.KickBot(h.noy, b)
	h.refused("sendMessage", fmt.Sprintf(`{"chat_id":%d,"text":"x"}`, super.ID()), "403 Forbidden: bot was kicked from the supergroup chat")
}

// The control API is closed to the pages of other sites.
func TestControl(t *testing.T) {
	h := listening(t)
	post := func(path, body, origin string) (int, string) {
		req, _ := http.NewRequest(http.MethodPost, h.url+"/simulator/"+path, strings.NewReader(body))
		if origin != "" {
			req.Header.Set("Origin", origin)
			req.Header.Set("Sec-Fetch-Site", "cross-site")
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(raw)
	}
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"do/42/start", `{"payload":"sufs"}`, 200},
		{"do/42/start", `{"payload":"not allowed"}`, 400},
		{"do/42/say", `{"text":"hello"}`, 200},
		{"do/42/fly", `{}`, 400},
		{"do/1/say", `{"text":"x"}`, 400},
		{"do/42/open", `{"link":"https://t.me/fieldbot_demo_bot?start=abc"}`, 200},
		{"do/42/open", `{"link":"https://t.me/other_bot"}`, 400},
		{"clock", `{"advance":"36h"}`, 200},
		{"clock", `{"advance":"-1h"}`, 400},
		{"faults", `{"kind":"429","retry_after":5}`, 200},
		{"faults", `{"kind":"rain"}`, 400},
		{"updates/redeliver", `{"n":1}`, 200},
		{"upload/42?kind=document&name=a.txt", "bytes", 200},
		{"upload/42?kind=stone", "bytes", 400},
	} {
		if status, body := post(c.path, c.body, ""); status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.path, c.body, status, body, c.status)
		}
	}
	if status, _ := post("do/42/say", `{"text":"x"}`, "https://elsewhere.example"); status != 403 {
		t.Errorf("another site may write: %d", status)
	}
	if last := h.noy.Messages(); last[2].Text != "/start abc" {
		t.Errorf("the deep link arrived as %q", last[2].Text)
	}
}

func TestLimits(t *testing.T) {
	limits := simulator.Limits{PerSecond: 3, ChatPerSecond: 1, ChatBurst: 2, GroupPerMinute: 4}
	srv := simulator.New(simulator.Options{Now: func() time.Time { return epoch }, Limits: &limits})
	run, err := srv.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	h := &harness{t, srv, run.URL, srv.User(simulator.UserOptions{ID: 42, First: "Noy"})}
	h.noy.Start("")
	srv.User(simulator.UserOptions{ID: 43, First: "Dao"}).Start("")
	send := func(chat int) int {
		return h.call("sendMessage", fmt.Sprintf(`{"chat_id":%d,"text":"x"}`, chat)).Parameters.RetryAfter
	}
	for i, want := range []int{0, 0, 1} {
		if got := send(42); got != want {
			t.Errorf("message %d to a chat: retry after %d, want %d", i+1, got, want)
		}
	}
	if got := send(43); got != 0 {
		t.Errorf("another chat: retry after %d", got)
	}
	if got := send(43); got != 1 {
		t.Errorf("the fourth message in a second: retry after %d, want 1", got)
	}
	h.must("sendChatAction", `{"chat_id":42,"action":"typing"}`, nil)
	srv.Advance(time.Second)
	if got := send(42); got != 0 {
		t.Errorf("a second later: retry after %d", got)
	}
	g := srv.Group(simulator.GroupOptions{Owner: h.noy})
	g.AddBot(h.noy, srv.Bot(""), false)
	sent := 0
	for range 8 {
		srv.Advance(2 * time.Second)
		if send(int(g.ID())) == 0 {
			sent++
		}
	}
	if sent != 4 {
		t.Errorf("%d messages to a group in 16 s, want 4", sent)
	}
}
