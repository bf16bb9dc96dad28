package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
)

// A harness is a server that listens, one person, and calls as any client
// would make them.
type harness struct {
	t   *testing.T
	srv *simulator.Server
	url string
	noy *simulator.User
}

// epoch is where the clock of a harness stands.
var epoch = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func listening(t *testing.T) *harness {
	t.Helper()
	srv := simulator.New(simulator.Options{Now: func() time.Time { return epoch }})
	run, err := srv.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.Close(); err != nil {
			t.Error(err)
		}
	})
	noy := srv.User(simulator.UserOptions{ID: 42, First: "Noy", Language: "lo", Phone: "+8562055551234"})
	return &harness{t, srv, run.URL, noy}
}

type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		Migrate    int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`

	status int
	header http.Header
}

func (h *harness) request(req *http.Request) answer {
	h.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header}
	if err := json.Unmarshal(raw, &a); err != nil {
		h.t.Fatalf("%s: %v", raw, err)
	}
	return a
}

// call makes a call with a JSON body; params are JSON.
func (h *harness) call(method, params string) answer {
	h.t.Helper()
	req, err := http.NewRequest(http.MethodPost, h.url+"/bot"+simulator.DefaultToken+"/"+method, strings.NewReader(params))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return h.request(req)
}

// must is a call that succeeds; its result goes into v unless that is nil.
func (h *harness) must(method, params string, v any) {
	h.t.Helper()
	a := h.call(method, params)
	if !a.OK {
		h.t.Fatalf("%s(%s): %d %s", method, params, a.Code, a.Description)
	}
	if v != nil {
		if err := json.Unmarshal(a.Result, v); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *harness) refused(method, params, want string) {
	h.t.Helper()
	a := h.call(method, params)
	got := fmt.Sprintf("%d %s", a.Code, a.Description)
	if a.OK {
		got = "ok"
	}
	if got != want || a.status != a.Code && !a.OK {
		h.t.Errorf("%s(%.90s):\n got %s\nwant %s", method, params, got, want)
	}
}

func (h *harness) send(text string) int {
	h.t.Helper()
	var m struct {
		MessageID int `json:"message_id"`
	}
	h.must("sendMessage", fmt.Sprintf(`{"chat_id":42,"text":%q}`, text), &m)
	return m.MessageID
}

type updates []struct {
	ID      int             `json:"update_id"`
	Message json.RawMessage `json:"message"`
	Tap     *struct {
		ID      string          `json:"id"`
		Data    string          `json:"data"`
		Message json.RawMessage `json:"message"`
	} `json:"callback_query"`
	Edited json.RawMessage `json:"edited_message"`
	Mine   json.RawMessage `json:"my_chat_member"`
}

func (h *harness) poll(params string) updates {
	h.t.Helper()
	var u updates
	h.must("getUpdates", params, &u)
	return u
}

func TestWaysToCall(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	base := h.url + "/bot" + simulator.DefaultToken
	get := func(path string) *http.Request {
		req, _ := http.NewRequest(http.MethodGet, path, nil)
		return req
	}
	post := func(path, kind string, body io.Reader) *http.Request {
		req, _ := http.NewRequest(http.MethodPost, path, body)
		req.Header.Set("Content-Type", kind)
		return req
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	w.WriteField("chat_id", "42")
	w.WriteField("text", "multipart")
	w.Close()
	chunked := io.MultiReader(bytes.NewReader(form.Bytes())) // its length is not known
	for name, req := range map[string]*http.Request{
		"query":      get(base + "/sendMessage?chat_id=42&text=query"),
		"any case":   get(base + "/SENDmessage?chat_id=42&text=query"),
		"test DC":    get(base + "/test/sendMessage?chat_id=42&text=query"),
		"urlencoded": post(base+"/sendMessage", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"chat_id": {"42"}, "text": {"a&b=ລາວ"}}.Encode())),
		"multipart":  post(base+"/sendMessage", w.FormDataContentType(), bytes.NewReader(form.Bytes())),
		"chunked":    post(base+"/sendMessage", w.FormDataContentType(), chunked),
		"json":       post(base+"/sendMessage", "application/json; charset=utf-8", strings.NewReader(`{"chat_id":"42","text":"json"}`)),
		"both":       post(base+"/sendMessage?chat_id=42", "application/json", strings.NewReader(`{"text":"json"}`)),
	} {
		if a := h.request(req); !a.OK || a.status != 200 {
			t.Errorf("%s: %d %s", name, a.status, a.Description)
		}
	}
	for _, c := range []struct{ path, want string }{
		{"/bot" + simulator.DefaultToken + "/doesNotExist", "404 Not Found: method not found"},
		{"/bot" + simulator.DefaultToken + "/", "404 Not Found: method not found"},
		{"/bot" + simulator.DefaultToken + "/sendInvoice", "404 Not Found: method sendInvoice is not simulated"},
		{"/bot" + simulator.DefaultToken + "/a/b/c", "404 Not Found"},
		{"/bot0:x/getMe", "401 Unauthorized: invalid token specified"},
		{"/botx/getMe", "401 Unauthorized: invalid token specified"},
		{"/bot5:other/getMe", "401 Unauthorized"},
	} {
		a := h.request(get(h.url + c.path))
		if got := fmt.Sprintf("%d %s", a.status, a.Description); got != c.want || a.OK {
			t.Errorf("%s: %s, want %s", c.path, got, c.want)
		}
	}
	a := h.request(post(base+"/getMe", "application/json", strings.NewReader(`[1]`)))
	if a.Code != 400 {
		t.Errorf("a JSON array: %+v", a)
	}
}

func TestRefusals(t *testing.T) {
	h := listening(t)
	stranger := h.srv.User(simulator.UserOptions{ID: 43, First: "Stranger"})
	_ = stranger
	h.noy.Start("")
	id := h.send("question")
	var keyed struct {
		MessageID int `json:"message_id"`
	}
	h.must("sendMessage", `{"chat_id":42,"text":"k","reply_markup":{"keyboard":[["a"]]}}`, &keyed)
	long := strings.Repeat("ກ", 4097)
	markup := func(buttons string) string {
		return `{"chat_id":42,"text":"x","reply_markup":{"inline_keyboard":[[` + buttons + `]]}}`
	}
	const same = "message is not modified: specified new message content and reply markup are exactly the same as a current " +
		"content and reply markup of the message"
	many := strings.TrimSuffix(strings.Repeat(`[{"text":"a","callback_data":"b"}],`, 101), ",")
	for _, c := range [][3]string{
		{"sendMessage", `{}`, "400 Bad Request: message text is empty"}, // the text is looked at first
		{"sendMessage", `{"text":"x"}`, "400 Bad Request: chat_id is empty"},
		{"sendMessage", `{"chat_id":9,"text":"<x>","parse_mode":"html"}`, `400 Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 0`},
		{"sendMessage", `{"chat_id":9,"text":"x","reply_markup":"{"}`, "400 Bad Request: can't parse reply keyboard markup JSON object"},
		{"sendMessage", `{"chat_id":42,"text":"x","message_thread_id":7}`, "400 Bad Request: message thread not found"},
		{"sendMessage", `{"chat_id":42,"text":"x","entities":[{"offset":0,"length":1,"type":"blink"}]}`, "400 Bad Request: can't parse MessageEntity: Unsupported type specified"},
		{"sendMessage", `{"chat_id":42,"text":"x","link_preview_options":"["}`, "400 Bad Request: can't parse link preview options JSON object"},
		{"sendMessage", `{"chat_id":9,"text":"x"}`, "400 Bad Request: chat not found"},
		{"sendMessage", `{"chat_id":43,"text":"x"}`, "400 Bad Request: chat not found"},
		{"sendMessage", `{"chat_id":"@nobody","text":"x"}`, "400 Bad Request: chat not found"},
		{"sendMessage", `{"chat_id":42}`, "400 Bad Request: message text is empty"},
		{"sendMessage", `{"chat_id":42,"text":"  \n "}`, "400 Bad Request: text must be non-empty"},
		{"sendMessage", `{"chat_id":42,"text":"` + long + `"}`, "400 Bad Request: message is too long"},
		{"sendMessage", `{"chat_id":42,"text":"` + strings.Repeat("x", 32769) + `"}`, "400 Bad Request: text is too long"},
		{"sendMessage", `{"chat_id":42,"text":"<x>","parse_mode":"html"}`, `400 Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 0`},
		{"sendMessage", `{"chat_id":42,"text":"x","parse_mode":"rtf"}`, "400 Bad Request: unsupported parse_mode"},
		{"sendMessage", `{"chat_id":42,"text":"x","reply_parameters":{"message_id":999}}`, "400 Bad Request: message to be replied not found"},
		{"sendMessage", `{"chat_id":42,"text":"x","reply_markup":"[1]"}`, "400 Bad Request: object expected as reply markup"},
		{"sendMessage", `{"chat_id":42,"text":"x","reply_markup":"{"}`, "400 Bad Request: can't parse reply keyboard markup JSON object"},
		{"sendMessage", markup(`{"text":"a"}`), "400 Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{"sendMessage", markup(`{"text":"a","callback_data":"` + strings.Repeat("x", 65) + `"}`), "400 Bad Request: BUTTON_DATA_INVALID"},
		{"sendMessage", markup(`{"text":"a","callback_data":"` + strings.Repeat("ກ", 22) + `"}`), "400 Bad Request: BUTTON_DATA_INVALID"},
		{"sendMessage", markup(`{"text":"a","url":"nowhere"}`), "400 Bad Request: inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"},
		{"sendMessage", `{"chat_id":42,"text":"x","reply_markup":{"inline_keyboard":[` + many + `]}}`, "400 Bad Request: reply markup is too long"},
		{"sendPhoto", `{"chat_id":42}`, "400 Bad Request: there is no photo in the request"},
		{"sendPhoto", `{"chat_id":42,"photo":"AgAD"}`, "400 Bad Request: wrong remote file identifier specified: can't unserialize it"},
		{"sendPhoto", `{}`, "400 Bad Request: there is no photo in the request"},
		{"sendVideoNote", `{}`, "400 Bad Request: there is no video note in the request"},
		{"sendPhoto", `{"chat_id":42,"photo":"attach://missing"}`, "400 Bad Request: there is no photo in the request"},
		{"sendLocation", `{"chat_id":42}`, "400 Bad Request: latitude is empty"},
		{"sendLocation", `{"chat_id":42,"latitude":91,"longitude":0}`, "400 Bad Request: invalid location specified"},
		{"sendLocation", `{"chat_id":42,"latitude":1,"longitude":0,"live_period":5}`, "400 Bad Request: wrong live location period specified"},
		{"sendContact", `{"chat_id":42,"first_name":"x"}`, `400 Bad Request: parameter "phone_number" is required`},
		{"sendChatAction", `{"chat_id":42,"action":"dancing"}`, "400 Bad Request: wrong parameter action in request"},
		{"sendMediaGroup", `{"chat_id":42}`, `400 Bad Request: parameter "media" is required`},
		{"sendMediaGroup", `{"chat_id":42,"media":[]}`, "400 Bad Request: there are no messages to send"},
		{"sendMediaGroup", `{"chat_id":42,"media":[{"type":"photo","media":"attach://gone"}]}`, "400 Bad Request: can't parse InputMedia: media not found"},
		{"sendMediaGroup", `{"chat_id":42,"media":[{"type":"animation","media":"x"}]}`, `400 Bad Request: can't parse InputMedia: type "animation" can't be used in sendMediaGroup`},
		{"sendMediaGroup", `{"chat_id":42,"media":[{"type":"photo","media":"x"},{"type":"document","media":"x"}]}`, "400 Bad Request: document can't be mixed with other media types"},
		{"editMessageText", `{"text":"x"}`, "400 Bad Request: message identifier is not specified"},
		{"editMessageText", `{"chat_id":42}`, "400 Bad Request: message text is empty"},
		{"editMessageText", `{"chat_id":42,"text":"x"}`, "400 Bad Request: message to edit not found"},
		{"editMessageMedia", `{"chat_id":42}`, `400 Bad Request: parameter "media" is required`},
		{"editMessageLiveLocation", fmt.Sprintf(`{"chat_id":42,"message_id":%d,"latitude":1,"longitude":1}`, id), "400 Bad Request: there is no live location in the message to edit"},
		{"stopPoll", fmt.Sprintf(`{"chat_id":42,"message_id":%d}`, id), "400 Bad Request: message is not a poll"},
		{"stopPoll", `{"chat_id":42,"message_id":999}`, "400 Bad Request: message with poll to stop not found"},
		{"deleteMessage", `{"message_id":1}`, "400 Bad Request: chat identifier is not specified"},
		{"deleteMessage", `{"chat_id":42}`, "400 Bad Request: message identifier is not specified"},
		{"deleteMessages", `{"chat_id":42}`, "400 Bad Request: message identifiers are not specified"},
		{"deleteMessages", `{"chat_id":42,"message_ids":["x"]}`, "400 Bad Request: can't parse message identifier as Number"},
		{"forwardMessage", `{"chat_id":42,"message_id":1}`, `400 Bad Request: parameter "from_chat_id" is required`},
		{"getChatMember", `{"chat_id":42}`, "400 Bad Request: invalid user_id specified"},
		{"setMessageReaction", `{"chat_id":42,"message_id":999}`, "400 Bad Request: message to react not found"},
		{"setMessageReaction", `{"reaction":"x"}`, "400 Bad Request: can't parse reaction types JSON object"},
		{"createForumTopic", `{"chat_id":42,"name":"x"}`, "400 Bad Request: the chat is not a forum"},
		{"banChatMember", `{"chat_id":42,"user_id":42}`, "400 Bad Request: chat member status can't be changed in private chats"},
		{"editMessageText", `{"chat_id":42,"message_id":999,"text":"x"}`, "400 Bad Request: message to edit not found"},
		{"editMessageText", fmt.Sprintf(`{"chat_id":42,"message_id":%d,"text":"question"}`, id), "400 Bad Request: " + same},
		{"editMessageText", fmt.Sprintf(`{"chat_id":42,"message_id":%d,"text":"x"}`, keyed.MessageID), "400 Bad Request: message can't be edited"},
		{"editMessageText", fmt.Sprintf(`{"chat_id":42,"message_id":%d,"text":"x"}`, id-1), "400 Bad Request: message can't be edited"},
		{"editMessageText", fmt.Sprintf(`{"chat_id":42,"message_id":%d,"text":"x","reply_markup":{"remove_keyboard":true}}`, id), "400 Bad Request: inline keyboard expected"},
		{"editMessageCaption", fmt.Sprintf(`{"chat_id":42,"message_id":%d,"caption":"x"}`, id), "400 Bad Request: there is no caption in the message to edit"},
		{"editMessageReplyMarkup", fmt.Sprintf(`{"chat_id":42,"message_id":%d}`, id), "400 Bad Request: " + same},
		{"deleteMessage", `{"chat_id":42,"message_id":999}`, "400 Bad Request: message to delete not found"},
		{"forwardMessage", `{"chat_id":42,"from_chat_id":42,"message_id":999}`, "400 Bad Request: message to forward not found"},
		{"copyMessage", `{"chat_id":42,"from_chat_id":42,"message_id":999}`, "400 Bad Request: message to copy not found"},
		{"pinChatMessage", `{"chat_id":42,"message_id":999}`, "400 Bad Request: message to pin not found"},
		{"answerCallbackQuery", `{"callback_query_id":"1"}`, "400 Bad Request: query is too old and response timeout expired or query ID is invalid"},
		{"answerCallbackQuery", `{"callback_query_id":"1","text":"` + strings.Repeat("x", 201) + `"}`, "400 Bad Request: MESSAGE_TOO_LONG"},
		{"getFile", `{}`, "400 Bad Request: file_id not specified"},
		{"getFile", `{"file_id":"x"}`, "400 Bad Request: invalid file_id"},
		{"setMyCommands", `{"commands":[{"command":"Start","description":"x"}]}`, "400 Bad Request: BOT_COMMAND_INVALID"},
		{"setMyCommands", `{"commands":[{"command":"` + strings.Repeat("a", 33) + `","description":"x"}]}`, "400 Bad Request: command length must not exceed 32"},
		{"setMyCommands", `{"commands":[{"command":"a","description":""}]}`, "400 Bad Request: command description must be non-empty"},
		{"setWebhook", `{"url":"http://example.org/hook"}`, "400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook"},
		{"setWebhook", `{"url":"https://example.org/hook","secret_token":"ລັບ"}`, "400 Bad Request: secret token contains unallowed characters"},
		{"setWebhook", `{"url":"https://example.org:9000/hook"}`, "400 Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"},
		{"getChatAdministrators", `{"chat_id":42}`, "400 Bad Request: there are no administrators in the private chat"},
	} {
		h.refused(c[0], c[1], c[2])
	}
	h.noy.Deactivate()
	h.refused("sendMessage", `{"chat_id":42,"text":"x"}`, "403 Forbidden: user is deactivated")
	h.srv.Fault(simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: 7, ChatID: 42})
	a := h.call("sendMessage", `{"chat_id":42,"text":"x"}`)
	if a.status != 429 || a.header.Get("Retry-After") != "7" || a.Parameters.RetryAfter != 7 {
		t.Errorf("429: %+v", a)
	}
}

func TestGetUpdates(t *testing.T) {
	t.Parallel()
	h := listening(t)
	for i := range 5 {
		h.noy.Say(fmt.Sprint("m", i))
	}
	first := h.poll(`{"limit":2}`)
	if len(first) != 2 || first[0].ID < 2_000_001 || first[1].ID != first[0].ID+1 {
		t.Fatalf("first = %+v", first)
	}
	head := first[0].ID
	if again := h.poll(`{}`); again[0].ID != head {
		t.Errorf("unconfirmed updates are not brought again: %+v", again)
	}
	if rest := h.poll(fmt.Sprintf(`{"offset":%d}`, head+2)); len(rest) != 3 || rest[0].ID != head+2 {
		t.Errorf("after the offset: %+v", rest)
	}
	if n := h.srv.Bot("").Pending(); n != 3 {
		t.Errorf("%d pending, want 3", n)
	}
	if far := h.poll(fmt.Sprintf(`{"offset":%d}`, head+1000)); len(far) == 0 || h.srv.Bot("").Pending() != 3 {
		t.Errorf("an offset far beyond the end is believed")
	}
	if last := h.poll(`{"offset":-1}`); len(last) != 1 || last[0].ID != head+4 {
		t.Errorf("offset -1: %+v", last)
	}
	if n := h.srv.Bot("").Pending(); n != 1 {
		t.Errorf("%d pending, want 1", n)
	}
	h.poll(fmt.Sprintf(`{"offset":%d,"timeout":0}`, head+5))
	if err := h.srv.Quiet(within(t)); err != nil {
		t.Error(err)
	}

	// What waits is ended by the next poll.
	ended := make(chan answer)
	go func() { ended <- h.call("getUpdates", fmt.Sprintf(`{"offset":%d,"timeout":30}`, head+5)) }()
	time.Sleep(50 * time.Millisecond)
	second := make(chan answer)
	go func() { second <- h.call("getUpdates", fmt.Sprintf(`{"offset":%d,"timeout":30}`, head+5)) }()
	if a := <-ended; a.Code != 409 || !strings.Contains(a.Description, "terminated by other getUpdates request") {
		t.Errorf("the first of two pollers got %+v", a)
	}
	time.Sleep(50 * time.Millisecond)
	h.must("setWebhook", `{"url":"https://example.org/hook"}`, nil)
	if a := <-second; a.Code != 409 || !strings.Contains(a.Description, "terminated by setWebhook request") {
		t.Errorf("the poll under way got %+v", a)
	}
	h.refused("getUpdates", `{}`, "409 Conflict: can't use getUpdates method while webhook is active; "+
		"use deleteWebhook to delete the webhook first")
}

func TestLivesOfUpdates(t *testing.T) {
	h := listening(t)
	b := h.srv.Bot("")
	h.noy.Start("")
	h.must("sendMessage", `{"chat_id":42,"text":"?","reply_markup":{"inline_keyboard":[[{"text":"Yes","callback_data":"y"}]]}}`, nil)
	if err := h.noy.Tap("Yes"); err != nil {
		t.Fatal(err)
	}
	if n := b.Pending(); n != 2 {
		t.Fatalf("%d pending, want 2", n)
	}
	h.srv.Advance(149 * time.Second)
	if n := b.Pending(); n != 2 {
		t.Errorf("after 149 s %d pending, want 2", n)
	}
	h.srv.Advance(time.Second)
	if n := b.Pending(); n != 1 {
		t.Errorf("after 150 s %d pending, want 1: the tap is gone", n)
	}
	h.srv.Advance(24 * time.Hour)
	if n := b.Pending(); n != 0 {
		t.Errorf("after a day %d pending, want 0", n)
	}
	before := b.Updates()[1].ID
	h.srv.Advance(8 * 24 * time.Hour)
	h.noy.Say("after a week")
	if id := h.poll(`{}`)[0].ID; id == before+1 {
		t.Errorf("after a quiet week the ids go on at %d", id)
	}
}

func TestAllowedUpdates(t *testing.T) {
	h := listening(t)
	m, _ := h.noy.Say("one")
	h.noy.React(m.MessageID, "👍") // not by default
	h.must("getUpdates", `{"allowed_updates":["edited_message","message_reaction"]}`, nil)
	h.noy.Say("two")
	h.noy.Edit(m.MessageID, "one!")
	h.noy.Edit(m.MessageID, "one!") // no change, no update
	h.noy.React(m.MessageID)
	var kinds []string
	for _, u := range h.srv.Bot("").Updates() {
		kinds = append(kinds, u.Kind)
	}
	if got := strings.Join(kinds, " "); got != "message edited_message message_reaction" {
		t.Errorf("kinds = %s", got)
	}
}

func TestTaps(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	var m struct {
		MessageID int `json:"message_id"`
	}
	h.must("sendMessage", `{"chat_id":42,"text":"?","reply_markup":{"inline_keyboard":[[{"text":"Yes","callback_data":"y","copy_text":{"text":""}}]]}}`, &m)
	h.noy.Tap("Yes")
	tap := h.poll(`{"offset":-1}`)[0]
	if tap.Tap == nil || tap.Tap.Data != "y" {
		t.Fatalf("update = %+v", tap)
	}
	h.must("answerCallbackQuery", `{"callback_query_id":"`+tap.Tap.ID+`","text":"ok","show_alert":"True"}`, nil)
	if toasts := h.noy.Toasts(); len(toasts) != 1 || !toasts[0].Alert {
		t.Errorf("toasts = %+v", toasts)
	}
	h.noy.Age(m.MessageID)
	h.noy.TapData(m.MessageID, "old")
	stale := h.poll(`{"offset":-1}`)[0]
	if !strings.Contains(string(stale.Tap.Message), `"date":0`) || strings.Contains(string(stale.Tap.Message), "text") {
		t.Errorf("a stale tap carries %s", stale.Tap.Message)
	}
	h.srv.Advance(61 * time.Second)
	h.refused("answerCallbackQuery", `{"callback_query_id":"`+stale.Tap.ID+`"}`,
		"400 Bad Request: query is too old and response timeout expired or query ID is invalid")
	if err := h.noy.Tap("No"); err == nil {
		t.Error("a button that is not there was tapped")
	}
}
