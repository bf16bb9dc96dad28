package simulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/simulator/wire"
)

type pollMessage struct {
	MessageID int       `json:"message_id"`
	Poll      wire.Poll `json:"poll"`
}

func (h *harness) kinds() string {
	var kinds []string
	for _, u := range h.srv.Bot("").Updates() {
		kinds = append(kinds, u.Kind)
	}
	return strings.Join(kinds, " ")
}

// A poll that is not anonymous tells the bot who voted, and of every change; one
// vote can be changed and taken back until the poll is stopped.
func TestPoll(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	var m pollMessage
	h.must("sendPoll", `{"chat_id":42,"question":"Which day?","options":["Monday",{"text":"Friday"}],"is_anonymous":false}`, &m)
	if len(m.Poll.Options) != 2 || m.Poll.IsAnonymous || m.Poll.Type != "regular" || !m.Poll.AllowsRevoting {
		t.Fatalf("poll = %+v", m.Poll)
	}
	if err := h.noy.Vote(m.MessageID, 0, 1); !errors.Is(err, simulator.ErrBadVote) {
		t.Errorf("two votes where one is allowed: %v", err)
	}
	for _, options := range [][]int{{0}, {1}, {}} {
		if err := h.noy.Vote(m.MessageID, options...); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.kinds(); got != "message poll poll_answer poll poll_answer poll poll_answer" {
		t.Errorf("updates = %s", got)
	}
	var answer struct {
		Answer wire.PollAnswer `json:"poll_answer"`
	}
	all := h.srv.Bot("").Updates()
	if err := json.Unmarshal(all[4].Raw, &answer); err != nil {
		t.Fatal(err)
	}
	if a := answer.Answer; a.PollID != m.Poll.ID || a.User.ID != 42 || len(a.OptionIDs) != 1 || a.OptionIDs[0] != 1 {
		t.Errorf("answer = %+v", a)
	}
	if err := h.noy.Vote(m.MessageID, 1); err != nil {
		t.Fatal(err)
	}
	var stopped wire.Poll
	h.must("stopPoll", fmt.Sprintf(`{"chat_id":42,"message_id":%d}`, m.MessageID), &stopped)
	if !stopped.IsClosed || stopped.TotalVoterCount != 1 || stopped.Options[1].VoterCount != 1 {
		t.Errorf("stopped = %+v", stopped)
	}
	h.refused("stopPoll", fmt.Sprintf(`{"chat_id":42,"message_id":%d}`, m.MessageID), "400 Bad Request: poll has already been closed")
	if err := h.noy.Vote(m.MessageID, 0); !errors.Is(err, simulator.ErrPollClosed) {
		t.Errorf("a vote in a closed poll: %v", err)
	}
}

// An anonymous poll tells numbers only, forwarded messages share it, copies do
// not, and its time ends it.
func TestPollAnonymousAndTimed(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	var m, forwarded, quiz pollMessage
	h.must("sendPoll", `{"chat_id":42,"question":"?","options":["a","b"],"open_period":60}`, &m)
	h.must("forwardMessage", fmt.Sprintf(`{"chat_id":42,"from_chat_id":42,"message_id":%d}`, m.MessageID), &forwarded)
	h.must("copyMessage", fmt.Sprintf(`{"chat_id":42,"from_chat_id":42,"message_id":%d}`, m.MessageID), nil)
	if err := h.noy.Vote(forwarded.MessageID, 1); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 1, 0} {
		if got := h.noy.Heard()[i].Poll.TotalVoterCount; got != want {
			t.Errorf("message %d shows %d votes, want %d", i, got, want)
		}
	}
	if got := h.kinds(); strings.Contains(got, "poll_answer") {
		t.Errorf("updates = %s", got)
	}
	h.srv.Advance(time.Minute)
	if !h.noy.Heard()[0].Poll.IsClosed {
		t.Error("after its time the poll is open")
	}
	h.must("sendPoll", `{"chat_id":42,"question":"1+1?","options":["1","2"],"type":"quiz","correct_option_ids":[1],"explanation":"two"}`, &quiz)
	if err := h.noy.Vote(quiz.MessageID, 0); err != nil {
		t.Fatal(err)
	}
	if err := h.noy.Vote(quiz.MessageID, 1); !errors.Is(err, simulator.ErrVoted) {
		t.Errorf("a second answer to a quiz: %v", err)
	}
	for _, c := range [][2]string{
		{`"options":["a"]`, "400 Bad Request: poll question must be non-empty"},
		{`"question":"?","options":[]`, "400 Bad Request: poll must have at least 1 option"},
		{`"question":"?","options":["a",""]`, "400 Bad Request: poll options must be non-empty"},
		{`"question":"?","options":"x"`, "400 Bad Request: can't parse options JSON object"},
		{`"question":"?","options":["a","b"],"type":"quiz"`, "400 Bad Request: wrong correct option ID specified"},
		{`"question":"?","options":["a","b"],"type":"tombola"`, "400 Bad Request: unsupported poll type specified"},
		{`"question":"` + strings.Repeat("x", 301) + `","options":["a","b"]`, "400 Bad Request: poll question length must not exceed 300"},
	} {
		h.refused("sendPoll", `{"chat_id":42,`+c[0]+`}`, c[1])
	}
}

// Messages of a forum carry their topic; a topic that is closed is for
// administrators only.
func TestTopics(t *testing.T) {
	h := listening(t)
	g := h.srv.Group(simulator.GroupOptions{Title: "Officers", Forum: true, Owner: h.noy})
	dao := h.srv.User(simulator.UserOptions{ID: 43, First: "Dao"})
	g.Add(h.noy, dao)
	call := func(fields string) string { return fmt.Sprintf(`{"chat_id":%d,%s}`, g.ID(), fields) }
	g.AddBot(h.noy, h.srv.Bot(""), false)
	h.refused("createForumTopic", call(`"name":"Water"`), "400 Bad Request: not enough rights to create a topic")
	g.AddBot(h.noy, h.srv.Bot(""), true)
	var topic struct {
		ID int `json:"message_thread_id"`
	}
	h.must("createForumTopic", call(`"name":"Water","icon_color":7322096`), &topic)
	type sent struct {
		Thread  int  `json:"message_thread_id"`
		InTopic bool `json:"is_topic_message"`
		ReplyTo struct {
			Created *wire.TopicCreated `json:"forum_topic_created"`
		} `json:"reply_to_message"`
	}
	var m sent
	in := fmt.Sprintf(`"message_thread_id":%d`, topic.ID)
	h.must("sendMessage", call(`"text":"pipe",`+in), &m)
	if m.Thread != topic.ID || !m.InTopic || m.ReplyTo.Created == nil || m.ReplyTo.Created.Name != "Water" {
		t.Errorf("in the topic: %+v", m)
	}
	said, err := dao.In(g).Topic(topic.ID).Say("dry")
	if err != nil || said.MessageThreadID != topic.ID {
		t.Fatalf("said = %+v, %v", said, err)
	}
	var reply sent
	h.must("sendMessage", call(fmt.Sprintf(`"text":"where?","reply_parameters":{"message_id":%d}`, said.MessageID)), &reply)
	if reply.Thread != topic.ID {
		t.Errorf("a reply goes to topic %d, want %d", reply.Thread, topic.ID)
	}
	var general sent
	h.must("sendMessage", call(`"text":"all","message_thread_id":1`), &general)
	if general.Thread != 0 || general.InTopic {
		t.Errorf("in the general topic: %+v", general)
	}
	h.refused("sendMessage", call(`"text":"x","message_thread_id":999`), "400 Bad Request: message thread not found")
	h.must("closeForumTopic", call(in), nil)
	h.refused("closeForumTopic", call(in), "400 Bad Request: TOPIC_NOT_MODIFIED")
	if _, err := dao.In(g).Topic(topic.ID).Say("still dry"); !errors.Is(err, simulator.ErrTopicClosed) {
		t.Errorf("writing in a closed topic: %v", err)
	}
	h.must("reopenForumTopic", call(in), nil)
	h.must("editForumTopic", call(`"name":"Water and sanitation",`+in), nil)
	h.must("hideGeneralForumTopic", call(`"x":1`), nil)
	h.must("unhideGeneralForumTopic", call(`"x":1`), nil)
	h.must("editGeneralForumTopic", call(`"name":"All"`), nil)
	h.must("deleteForumTopic", call(in), nil)
	for _, m := range g.Messages() {
		if m.MessageThreadID == topic.ID {
			t.Errorf("left of the deleted topic: %+v", m)
		}
	}
	h.refused("editForumTopic", call(`"name":"y",`+in), "400 Bad Request: TOPIC_ID_INVALID")
	var kinds []string
	for _, u := range h.srv.Bot("").Updates() {
		for _, kind := range []string{"forum_topic_created", "forum_topic_closed", "forum_topic_reopened", "forum_topic_edited", "general_forum_topic_hidden"} {
			if strings.Contains(string(u.Raw), `"`+kind+`":`) && !strings.Contains(string(u.Raw), `"reply_to_message":{`) {
				kinds = append(kinds, kind)
			}
		}
	}
	if got := strings.Join(kinds, " "); !strings.HasPrefix(got, "forum_topic_created") || !strings.Contains(got, "general_forum_topic_hidden") {
		t.Errorf("service messages that came back: %s", got)
	}
}

// The bot as an administrator: it bans and lets in again, and names the group.
func TestAdminister(t *testing.T) {
	h := listening(t)
	g := h.srv.Group(simulator.GroupOptions{Title: "Officers", Supergroup: true, Owner: h.noy})
	dao := h.srv.User(simulator.UserOptions{ID: 43, First: "Dao"})
	g.Add(h.noy, dao)
	g.AddBot(h.noy, h.srv.Bot(""), true)
	chat := func(fields string) string { return fmt.Sprintf(`{"chat_id":%d,%s}`, g.ID(), fields) }
	h.refused("banChatMember", chat(`"user_id":42`), "400 Bad Request: can't remove chat owner")
	h.must("banChatMember", chat(`"user_id":43`), nil)
	if _, err := dao.In(g).Say("hello"); !errors.Is(err, simulator.ErrNotMember) {
		t.Errorf("who is banned says hello: %v", err)
	}
	var member struct {
		Status string `json:"status"`
	}
	h.must("unbanChatMember", chat(`"user_id":43,"only_if_banned":true`), nil)
	if h.must("getChatMember", chat(`"user_id":43`), &member); member.Status != "left" {
		t.Errorf("after the ban: %s", member.Status)
	}
	h.must("setChatTitle", chat(`"title":"District officers"`), nil)
	h.must("setChatDescription", chat(`"description":"All districts"`), nil)
	var full struct{ Title, Description string }
	if h.must("getChat", chat(`"x":1`), &full); full.Title != "District officers" || full.Description != "All districts" {
		t.Errorf("the group is %+v", full)
	}
}

// A place that is shared live moves until it is stopped, or its time is over.
func TestLiveLocation(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	var m struct {
		MessageID int           `json:"message_id"`
		Location  wire.Location `json:"location"`
	}
	h.must("sendLocation", `{"chat_id":42,"latitude":17.9,"longitude":102.6,"live_period":60,"heading":90}`, &m)
	at := fmt.Sprintf(`"chat_id":42,"message_id":%d`, m.MessageID)
	h.must("editMessageLiveLocation", `{`+at+`,"latitude":18,"longitude":102.6}`, &m)
	if m.Location.Latitude != 18 || m.Location.LivePeriod != 60 {
		t.Errorf("moved to %+v", m.Location)
	}
	h.must("stopMessageLiveLocation", `{`+at+`}`, nil)
	h.refused("stopMessageLiveLocation", `{`+at+`}`, "400 Bad Request: there is no live location in the message to edit")
	h.must("sendDice", `{"chat_id":42,"emoji":"🎲"}`, nil)
	if d := h.noy.Last().Dice; d == nil || d.Value < 1 || d.Value > 6 {
		t.Errorf("dice = %+v", d)
	}
}
