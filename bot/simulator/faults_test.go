package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
)

// Telegram takes a webhook that answers after a minute for one that failed,
// though the bot has the update; the files of an album may come in any order; a
// link to a file ends.
func TestRareFaults(t *testing.T) {
	k := &hook{}
	h, _ := hooked(t, k)
	h.srv.Fault(simulator.Fault{Kind: simulator.LateWebhook})
	h.noy.Say("once")
	if err := h.srv.Quiet(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(k.seen(), " "); got != "message:once message:once" {
		t.Errorf("delivered = %s", got)
	}
	h.must("deleteWebhook", `{}`, nil)
	h.srv.Fault(simulator.Fault{Kind: simulator.ScrambledAlbum})
	file := simulator.Attachment{Kind: "document", Name: "a.txt", Data: []byte("a")}
	album, err := h.noy.Album(file, file)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int
	for _, u := range h.poll(`{}`) {
		ids = append(ids, messageNumber(t, u.Message))
	}
	if len(ids) != 2 || ids[0] != album[1].MessageID || ids[1] != album[0].MessageID {
		t.Errorf("the album came as %v, sent as %d and %d", ids, album[0].MessageID, album[1].MessageID)
	}
	h.srv.Fault(simulator.Fault{Kind: simulator.Gone, Method: "file"})
	var f struct {
		Path string `json:"file_path"`
	}
	h.must("getFile", `{"file_id":"`+album[0].Document.FileID+`"}`, &f)
	for _, want := range []int{404, 200} {
		resp, err := http.Get(h.url + "/file/bot" + simulator.DefaultToken + "/" + f.Path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("download: %d, want %d", resp.StatusCode, want)
		}
	}
}

// So many queues that fail keep all others waiting.
func TestFailingQueuesStallTheRest(t *testing.T) {
	k := &hook{answer: func(string) int { return 500 }}
	h, b := hooked(t, k)
	h.must("deleteWebhook", `{}`, nil)
	h.srv.Advance(time.Second)
	h.must("setWebhook", `{"url":"http://bot/hook","max_connections":1}`, nil)
	for i := range 3 {
		h.srv.User(simulator.UserOptions{ID: int64(100 + i), First: "P"}).Say(fmt.Sprint("p", i))
	}
	deadline := time.Now().Add(5 * time.Second)
	for len(k.seen()) < 4 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if got := strings.Join(k.seen(), " "); strings.Contains(got, "p2") || !strings.Contains(got, "p1") || b.Pending() != 3 {
		t.Errorf("delivered = %s, %d pending", got, b.Pending())
	}
}

func messageNumber(t *testing.T, raw json.RawMessage) int {
	t.Helper()
	var m struct {
		MessageID int `json:"message_id"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m.MessageID
}
