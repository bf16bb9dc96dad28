package simulator_test

import (
	"encoding/json"
	"testing"

	"example.org/fieldbot/bot/simulator"
)

// What an argument asks for is done or refused, never passed over.
func TestNothingIsPassedOver(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	group := h.srv.Group(simulator.GroupOptions{Title: "Team", Owner: h.noy})
	group.AddBot(h.noy, h.srv.Bot(""), true)
	team, _ := json.Marshal(group.ID())

	var sent struct {
		EffectID string `json:"effect_id"`
	}
	h.must("sendMessage", `{"chat_id":42,"text":"Thank you","message_effect_id":"5046509860389126442"}`, &sent)
	if shown := h.noy.Last(); sent.EffectID != "5046509860389126442" || shown.Effect != "🎉" {
		t.Errorf("effect %q, shown as %q", sent.EffectID, shown.Effect)
	}
	h.must("sendPoll", `{"chat_id":42,"question":"?","options":["a","b"],"shuffle_options":true,"hide_results_until_closes":"yes"}`, nil)
	if shown := h.noy.Last(); !shown.ShuffledOptions || !shown.HiddenResults {
		t.Errorf("the person sees %+v", shown)
	}
	for _, c := range [][3]string{
		{"sendMessage", `{"chat_id":` + string(team) + `,"text":"x","message_effect_id":"5046509860389126442"}`, "400 Bad Request: can't use message effects in the chat"},
		{"copyMessage", `{"chat_id":42,"from_chat_id":42,"message_id":1,"allow_paid_broadcast":1}`, "400 Bad Request: FLOODSKIP_NOT_ALLOWED"},
		{"editMessageText", `{"chat_id":42,"message_id":2,"text":"x","business_connection_id":"b"}`, "400 Bad Request: business connection not found"},
		{"sendMessage", `{"chat_id":42,"text":"x","direct_messages_topic_id":7}`, "400 Bad Request: direct messages of channels are not simulated"},
		{"sendMessage", `{"chat_id":42,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"a","callback_data":"b","style":"pink"}]]}}`,
			"400 Bad Request: can't parse inline keyboard button: Invalid button style specified"},
	} {
		h.refused(c[0], c[1], c[2])
	}
}

// Clients that are careless with types are understood as by Telegram.
func TestNumbersStandForTexts(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	var sent struct {
		MessageID int `json:"message_id"`
		Markup    struct {
			Rows [][]struct {
				Text string `json:"text"`
				Data string `json:"callback_data"`
			} `json:"inline_keyboard"`
		} `json:"reply_markup"`
		ReplyTo *struct{} `json:"reply_to_message"`
	}
	h.must("sendMessage", `{"chat_id":42,"text":5,"reply_parameters":{"message_id":"1"},`+
		`"reply_markup":{"inline_keyboard":[[{"text":1,"callback_data":17,"url":null}]]}}`, &sent)
	if b := sent.Markup.Rows; len(b) != 1 || b[0][0].Text != "1" || b[0][0].Data != "17" || sent.ReplyTo == nil {
		t.Errorf("sent %+v", sent)
	}
}
