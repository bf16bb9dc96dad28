package simulator_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
)

func TestScript(t *testing.T) {
	h := listening(t)
	h.noy.Start("sufs")
	ask := func(text string) {
		h.must("sendMessage", `{"chat_id":42,"text":"`+text+`","reply_markup":{"inline_keyboard":[
			[{"text":"ແມ່ນ","callback_data":"y"},{"text":"ບໍ່","callback_data":"n"}],[{"text":"Skip","callback_data":"s"}]]}}`, nil)
	}
	ask("One?\\nReally?")
	h.noy.Tap("ແມ່ນ")
	h.srv.Advance(48 * time.Hour)
	ask("Two?")
	h.noy.Tap("ບໍ່", 2)
	m, _ := h.noy.Say("twelve")
	h.noy.Edit(m.MessageID, "12")
	h.noy.Voice(3, []byte("OggS"))
	h.noy.Location(15.12, 106.85)
	const want = `> /start sufs
< One?
< Really?
< [ແມ່ນ] [ບໍ່] / [Skip]
> [ແມ່ນ]
~ +2d
< Two?
< [ແມ່ນ] [ບໍ່] / [Skip]
> [ບໍ່] @2
> twelve
> {edit 1} 12
> {voice 3s}
> {location 15.12 106.85}
`
	if got := h.noy.Script(); got != want {
		t.Errorf("script:\n%s\nwant:\n%s", got, want)
	}
}

// A tap that crosses the change of its message is written with the label that
// the person saw, so that it can be played.
func TestScriptOfCrossingTap(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	var m struct {
		MessageID int `json:"message_id"`
	}
	h.must("sendMessage", `{"chat_id":42,"text":"One?","reply_markup":{"inline_keyboard":[[{"text":"Yes","callback_data":"y"}]]}}`, &m)
	h.must("editMessageText", fmt.Sprintf(`{"chat_id":42,"message_id":%d,"text":"Done","reply_markup":{"inline_keyboard":[[{"text":"Edit","callback_data":"e"}]]}}`, m.MessageID), nil)
	h.noy.TapData(m.MessageID, "y")
	if got := h.noy.Script(); !strings.HasSuffix(got, "> [Yes] @1\n") {
		t.Errorf("script:\n%s", got)
	}
	if err := h.noy.TapGone("Yes", 1); err != nil {
		t.Error(err)
	}
	taps := h.poll(`{"offset":-2}`)
	if len(taps) != 2 || taps[0].Tap.Data != "y" || taps[1].Tap.Data != "y" {
		t.Errorf("taps = %+v", taps)
	}
	if err := h.noy.TapGone("No", 1); !errors.Is(err, simulator.ErrNoButton) {
		t.Errorf("a button that never was: %v", err)
	}
}
