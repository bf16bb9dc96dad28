package simulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
)

type identified []struct {
	MessageID int `json:"message_id"`
}

// A bot deletes what is younger than two days; of several messages those that it
// can.
func TestDeleting(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	old := h.send("old")
	h.srv.Advance(48*time.Hour - time.Second)
	fresh := h.send("fresh")
	h.srv.Advance(2 * time.Second)
	h.refused("deleteMessage", fmt.Sprintf(`{"chat_id":42,"message_id":%d}`, old), "400 Bad Request: message can't be deleted for everyone")
	h.must("deleteMessages", fmt.Sprintf(`{"chat_id":42,"message_ids":"[%d,%d,999]"}`, old, fresh), nil)
	var seen []string
	for _, m := range h.noy.Messages() {
		seen = append(seen, m.Text)
	}
	if got := strings.Join(seen, " "); got != "/start old" {
		t.Errorf("left: %s", got)
	}
}

// Copies have no origin and forwarded messages have one; what is not there is
// passed over, and an album that breaks off was sent up to there.
func TestSeveralAtOnce(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	one, two := h.send("one"), h.send("two")
	ids := fmt.Sprintf(`{"chat_id":42,"from_chat_id":42,"message_ids":[%d,999,%d]}`, one, two)
	for _, method := range []string{"copyMessages", "forwardMessages"} {
		var sent identified
		h.must(method, ids, &sent)
		last := h.noy.Last()
		if len(sent) != 2 || sent[1].MessageID != last.MessageID || last.Text != "two" || (last.ForwardOrigin != nil) != (method == "forwardMessages") {
			t.Errorf("%s: %+v, the last is %+v", method, sent, last)
		}
	}
	h.refused("forwardMessages", `{"chat_id":42,"from_chat_id":42,"message_ids":[999]}`, "400 Bad Request: there are no messages to forward")
	doc, err := h.noy.Send(simulator.Attachment{Kind: "document", Name: "a.txt", Data: []byte("a")})
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.noy.Messages())
	h.refused("sendMediaGroup", fmt.Sprintf(`{"chat_id":42,"media":[{"type":"document","media":%q},{"type":"document","media":"AgACAgUnknown"}]}`, doc.Document.FileID),
		`400 Bad Request: failed to send message #2 with the error message "wrong remote file identifier specified: can't unserialize it"`)
	if n := len(h.noy.Messages()) - before; n != 1 {
		t.Errorf("%d messages of the album were sent, want 1", n)
	}
}

// Of a row of inline buttons twelve are left, and
// those without a text vanish.
func TestButtonsThatVanish(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	row := strings.TrimSuffix(strings.Repeat(`{"text":"a","callback_data":"b"},`, 14), ",")
	h.must("sendMessage", `{"chat_id":42,"text":"?","reply_markup":{"inline_keyboard":[[`+row+`],[{"text":" ","callback_data":"b"}]]}}`, nil)
	if rows := h.noy.Last().ReplyMarkup.InlineKeyboard; len(rows) != 1 || len(rows[0]) != 12 {
		t.Errorf("%d rows, %d in the first", len(rows), len(rows[0]))
	}
}

func TestMembersAndLeaving(t *testing.T) {
	h := listening(t)
	h.srv.User(simulator.UserOptions{ID: 43, First: "Kham"})
	b := h.srv.Bot("")
	g := h.srv.Group(simulator.GroupOptions{Title: "Team", Owner: h.noy, Supergroup: true})
	g.AddBot(h.noy, b, true)
	chat := fmt.Sprintf(`"chat_id":%d`, g.ID())
	for _, c := range [][3]string{
		{"getChatMemberCount", `{` + chat + `}`, `2`},
		{"getChatMember", `{` + chat + `,"user_id":42}`, `"status":"creator"`},
		{"getChatMember", `{` + chat + `,"user_id":43}`, `"status":"left"`},
		{"getChatAdministrators", `{` + chat + `}`, `"status":"administrator"`},
		{"leaveChat", `{` + chat + `}`, `true`},
	} {
		var result json.RawMessage
		h.must(c[0], c[1], &result)
		if !strings.Contains(string(result), c[2]) {
			t.Errorf("%s(%s) = %s, want %s in it", c[0], c[1], result, c[2])
		}
	}
	h.refused("sendMessage", `{`+chat+`,"text":"x"}`, "403 Forbidden: bot is not a member of the supergroup chat")
	h.refused("getChatMember", `{"chat_id":42,"user_id":9}`, "400 Bad Request: chat not found")
	updates := b.Updates()
	if last := updates[len(updates)-1]; last.Kind != "my_chat_member" || !strings.Contains(string(last.Raw), `"status":"left"`) {
		t.Errorf("the last update is %s", last.Raw)
	}
}

// Waiting updates are dropped on request; a webhook that is gone for 23 hours is
// removed.
func TestWebhookThatIsGone(t *testing.T) {
	k := &hook{answer: func(string) int { return 410 }}
	h, b := hooked(t, k)
	h.noy.Say("hello")
	attempts := func(n int) {
		t.Helper()
		deadline := time.Now().Add(5 * time.Second)
		for len(k.seen()) < n && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		if got := len(k.seen()); got < n {
			t.Fatalf("%d attempts, want %d", got, n)
		}
	}
	attempts(2)
	h.srv.Advance(23 * time.Hour)
	attempts(3)
	var info struct {
		URL     string `json:"url"`
		Pending int    `json:"pending_update_count"`
	}
	deadline := time.Now().Add(5 * time.Second)
	for info.URL = "?"; info.URL != "" && time.Now().Before(deadline); {
		h.must("getWebhookInfo", `{}`, &info)
	}
	if info.URL != "" || info.Pending != 1 {
		t.Errorf("after 23 hours: %+v", info)
	}
	h.must("deleteWebhook", `{"drop_pending_updates":"yes"}`, nil)
	if n := b.Pending(); n != 0 {
		t.Errorf("%d updates are pending", n)
	}
}
