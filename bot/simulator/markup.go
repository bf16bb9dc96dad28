package simulator

import (
	"encoding/json"
	"strings"

	"example.org/fieldbot/bot/simulator/entities"
	"example.org/fieldbot/bot/simulator/wire"
)

const (
	maxRow     = 12  // buttons of a row; more are dropped
	maxDropped = 300 // buttons of a keyboard; more are dropped
	maxButtons = 100 // buttons of an inline keyboard; more are refused
	maxMarkup  = 10_000
	maxData    = 64 // bytes of callback_data
)

// A markup is what a message's reply_markup says: at most one field is set.
type markup struct {
	inline   *wire.InlineMarkup
	keyboard *wire.ReplyKeyboard
	remove   bool
	force    *wire.ForceReply
}

// replying reports whether it is one of those that bar later edits.
func (m markup) replying() bool { return m.keyboard != nil || m.remove || m.force != nil }

// fits refuses buttons that are for private chats only.
func (m markup) fits(private bool) error {
	if m.keyboard == nil || private {
		return nil
	}
	for _, row := range m.keyboard.Keyboard {
		for _, b := range row {
			what := ""
			switch {
			case b.RequestContact:
				what = "phone number"
			case b.RequestLocation:
				what = "location"
			case b.RequestPoll != nil:
				what = "poll"
			case b.RequestUsers != nil:
				what = "users"
			case b.RequestChat != nil:
				what = "chats"
			case b.WebApp != nil:
				return badRequest("web App buttons can be used in private chats only")
			default:
				continue
			}
			return badRequest("%s can be requested in private chats only", what)
		}
	}
	return nil
}

// markup reads reply_markup.
func (c *call) markup() (markup, error) {
	var m markup
	raw := strings.TrimSpace(c.text("reply_markup"))
	if raw == "" || raw == "null" {
		return m, nil
	}
	var fields map[string]json.RawMessage
	if !json.Valid([]byte(raw)) {
		return m, badRequest("can't parse reply keyboard markup JSON object")
	}
	if json.Unmarshal([]byte(raw), &fields) != nil {
		return m, badRequest("object expected as reply markup")
	}
	switch {
	case fields["inline_keyboard"] != nil:
		return readInline(fields["inline_keyboard"], len(raw))
	case fields["keyboard"] != nil:
		return readKeyboard([]byte(raw), fields["keyboard"])
	case truth(fields["remove_keyboard"]), truth(fields["hide_keyboard"]):
		m.remove = true
	case truth(fields["force_reply"]):
		m.force = &wire.ForceReply{}
		json.Unmarshal([]byte(raw), m.force)
	}
	return m, nil
}

func truth(raw json.RawMessage) bool { return string(raw) == "true" }

func readInline(raw json.RawMessage, size int) (markup, error) {
	var rows []json.RawMessage
	if json.Unmarshal(raw, &rows) != nil {
		return markup{}, badRequest("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array")
	}
	inline := &wire.InlineMarkup{InlineKeyboard: [][]wire.InlineButton{}}
	total := 0
	for _, rawRow := range rows {
		var buttons []json.RawMessage
		if json.Unmarshal(rawRow, &buttons) != nil {
			return markup{}, badRequest("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays")
		}
		var row []wire.InlineButton
		for _, rawButton := range buttons {
			button, err := readInlineButton(rawButton)
			if err != nil {
				return markup{}, err
			}
			// Those without text, and those too many, vanish without a word.
			if button.Text != "" && len(row) < maxRow && total < maxDropped {
				row = append(row, button)
				total++
			}
		}
		if len(row) > 0 {
			inline.InlineKeyboard = append(inline.InlineKeyboard, row)
		}
	}
	if total > maxButtons || size > maxMarkup {
		return markup{}, badRequest("reply markup is too long")
	}
	if total == 0 {
		return markup{}, nil
	}
	return markup{inline: inline}, nil
}

func readInlineButton(raw json.RawMessage) (wire.InlineButton, error) {
	var in struct {
		wire.InlineButton
		CallbackData *string `json:"callback_data"`
		URL          *string `json:"url"`
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return in.InlineButton, badRequest("can't parse inline keyboard button: expected an Object")
	}
	if fields["text"] == nil {
		return in.InlineButton, badRequest("can't parse inline keyboard button: Can't find field \"text\"")
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return in.InlineButton, badRequest("can't parse inline keyboard button: Field must be of type String")
	}
	b := wire.InlineButton{
		Text: strings.TrimSpace(in.Text), Style: in.Style, IconCustomEmojiID: in.IconCustomEmojiID,
	}
	// The order is the server's: the first action wins, copy_text comes last.
	switch {
	case in.URL != nil:
		checked, ok := entities.CheckLink(*in.URL)
		if !ok {
			return b, badRequest("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", *in.URL)
		}
		b.URL = checked
	case in.CallbackData != nil:
		if n := len(*in.CallbackData); n == 0 || n > maxData {
			return b, badRequest("BUTTON_DATA_INVALID")
		}
		b.CallbackData = *in.CallbackData
	case in.SwitchInlineQuery != nil:
		b.SwitchInlineQuery = in.SwitchInlineQuery
	case in.SwitchInlineQueryCurrentChat != nil:
		b.SwitchInlineQueryCurrentChat = in.SwitchInlineQueryCurrentChat
	case in.LoginURL != nil:
		b.LoginURL = in.LoginURL
	case in.WebApp != nil:
		if !strings.HasPrefix(in.WebApp.URL, "https://") {
			return b, badRequest("inline keyboard button Web App URL '%s' is invalid: Only HTTPS links are allowed",
				in.WebApp.URL)
		}
		b.WebApp = in.WebApp
	case in.CopyText != nil && in.CopyText.Text != "":
		if len([]rune(in.CopyText.Text)) > 256 {
			return b, badRequest("BUTTON_COPY_TEXT_INVALID")
		}
		b.CopyText = in.CopyText
	default:
		return b, badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	}
	return b, nil
}

func readKeyboard(all, raw json.RawMessage) (markup, error) {
	keyboard := &wire.ReplyKeyboard{}
	var rows [][]json.RawMessage
	if json.Unmarshal(raw, &rows) != nil {
		return markup{}, badRequest("field \"keyboard\" of the ReplyKeyboardMarkup must be an Array of Arrays")
	}
	var rest struct {
		IsPersistent   bool   `json:"is_persistent"`
		ResizeKeyboard bool   `json:"resize_keyboard"`
		OneTime        bool   `json:"one_time_keyboard"`
		Placeholder    string `json:"input_field_placeholder"`
		Selective      bool   `json:"selective"`
	}
	if json.Unmarshal(all, &rest) != nil {
		return markup{}, badRequest("can't parse reply keyboard markup JSON object")
	}
	keyboard.IsPersistent, keyboard.ResizeKeyboard, keyboard.OneTime = rest.IsPersistent, rest.ResizeKeyboard, rest.OneTime
	keyboard.Placeholder, keyboard.Selective = rest.Placeholder, rest.Selective
	total := 0
	for _, buttons := range rows {
		var row []wire.KeyButton
		for _, rawButton := range buttons {
			b, err := readKeyButton(rawButton)
			if err != nil {
				return markup{}, err
			}
			if b.Text != "" && len(row) < maxRow && total < maxDropped {
				row = append(row, b)
				total++
			}
		}
		if len(row) > 0 {
			keyboard.Keyboard = append(keyboard.Keyboard, row)
		}
	}
	if total == 0 {
		return markup{}, nil
	}
	return markup{keyboard: keyboard}, nil
}

func readKeyButton(raw json.RawMessage) (wire.KeyButton, error) {
	var b wire.KeyButton
	if len(raw) > 0 && raw[0] == '"' { // a text alone is a button too
		if json.Unmarshal(raw, &b.Text) != nil {
			return b, badRequest("can't parse keyboard button: expected a String")
		}
		b.Text = strings.TrimSpace(b.Text)
		return b, nil
	}
	if json.Unmarshal(raw, &b) != nil {
		return b, badRequest("can't parse keyboard button: expected an Object")
	}
	b.Text = strings.TrimSpace(b.Text)
	b.RequestPoll, b.RequestUsers, b.RequestChat = given(b.RequestPoll), given(b.RequestUsers), given(b.RequestChat)
	return b, nil
}

func given(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}
