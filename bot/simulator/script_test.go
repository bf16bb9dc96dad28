package simulator_test

import (
	"testing"
	"time"
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
