package simulator

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/entities"
	"example.org/fieldbot/bot/simulator/wire"
)

const (
	maxRow     = 12  // buttons of a row; more are dropped
	maxDropped = 300 // buttons of a keyboard; more are dropped
	maxButtons = 100 // buttons of an inline keyboard; more are refused
	maxMarkup  = 10_000
	maxData    = 64  // bytes of callback_data
	maxCopied  = 256 // code points of copy_text
	maxAsked   = 10  // people whom request_users may ask for
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
	var f fields
	if !json.Valid([]byte(raw)) {
		return m, badRequest("can't parse reply keyboard markup JSON object")
	}
	if json.Unmarshal([]byte(raw), &f) != nil {
		return m, badRequest("object expected as reply markup")
	}
	switch {
	case f.has("inline_keyboard"):
		return readInline(f, len(raw))
	case f.has("keyboard"):
		return readKeyboard(f)
	}
	hide, force := false, wire.ForceReply{}
	forced := false
	err := f.flags(map[string]*bool{
		"remove_keyboard": &m.remove, "hide_keyboard": &hide, "force_reply": &forced, "selective": &force.Selective,
	})
	if err == nil {
		force.Placeholder, err = f.text("input_field_placeholder")
	}
	if err != nil {
		return markup{}, refusal("", err)
	}
	if m.remove = m.remove || hide; !m.remove && forced {
		m.force = &force
	}
	return m, nil
}

func readInline(f fields, size int) (markup, error) {
	rows, err := f.array("inline_keyboard")
	if err != nil {
		return markup{}, refusal("", err)
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
				return markup{}, refusal("can't parse inline keyboard button", err)
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

// errTextButton is said of a button that does nothing.
var errTextButton = errors.New("Text buttons are unallowed in the inline keyboard")

func readInlineButton(raw json.RawMessage) (wire.InlineButton, error) {
	var f fields
	if json.Unmarshal(raw, &f) != nil {
		return wire.InlineButton{}, errors.New("expected an Object")
	}
	text, style, err := buttonFace(f)
	if err != nil {
		return wire.InlineButton{}, err
	}
	b := wire.InlineButton{Text: text, Style: style}
	if b.IconCustomEmojiID, err = f.text("icon_custom_emoji_id"); err != nil {
		return b, err
	}
	// The order is the server's: the first action wins, copy_text comes last.
	for _, act := range []func(*wire.InlineButton, fields) (bool, error){
		urlAction, dataAction, elsewhereAction, queryAction, loginAction, webAppAction, copyAction,
	} {
		if done, err := act(&b, f); done || err != nil {
			return b, err
		}
	}
	return b, errTextButton
}

// buttonFace reads how a button looks.
func buttonFace(f fields) (text, style string, err error) {
	if err := f.must("text"); err != nil {
		return "", "", err
	}
	if text, err = f.text("text"); err != nil {
		return "", "", err
	}
	if style, err = f.text("style"); err != nil {
		return "", "", err
	}
	switch style {
	case "default":
		style = ""
	case "", "primary", "success", "danger":
	default:
		return "", "", errors.New("Invalid button style specified")
	}
	return strings.TrimSpace(text), style, nil
}

func urlAction(b *wire.InlineButton, f fields) (bool, error) {
	link, err := f.text("url")
	if link == "" || err != nil {
		return false, err
	}
	if b.URL, err = entities.CheckLink(link); err != nil {
		return false, badRequest("inline keyboard button URL '%s' is invalid: %s", link, err)
	}
	return true, nil
}

func dataAction(b *wire.InlineButton, f fields) (bool, error) {
	data, err := f.text("callback_data")
	if len(data) > maxData {
		return false, badRequest("BUTTON_DATA_INVALID")
	}
	b.CallbackData = data
	return data != "", err
}

// elsewhereAction refuses what belongs to messages that no bot sends here.
func elsewhereAction(_ *wire.InlineButton, f fields) (bool, error) {
	pay, err := f.flag("pay")
	if pay || f.has("callback_game") {
		return false, badRequest("BUTTON_TYPE_INVALID")
	}
	return false, err
}

func queryAction(b *wire.InlineButton, f fields) (bool, error) {
	if f.has("switch_inline_query_chosen_chat") {
		return false, badRequest("buttons with switch_inline_query_chosen_chat are not simulated")
	}
	for name, to := range map[string]**string{
		"switch_inline_query": &b.SwitchInlineQuery, "switch_inline_query_current_chat": &b.SwitchInlineQueryCurrentChat,
	} {
		query, err := f.text(name)
		if err != nil {
			return false, err
		}
		if f.has(name) && b.SwitchInlineQuery == nil {
			*to = &query
		}
	}
	if b.SwitchInlineQuery != nil {
		b.SwitchInlineQueryCurrentChat = nil
	}
	return b.SwitchInlineQuery != nil || b.SwitchInlineQueryCurrentChat != nil, nil
}

// loginAction refuses logins as for a bot that has no domain.
func loginAction(_ *wire.InlineButton, f fields) (bool, error) {
	login, err := f.object("login_url")
	if login == nil || err != nil {
		return false, err
	}
	name, err := login.text("bot_username")
	switch {
	case err != nil:
		return false, err
	case name != "":
		return false, badRequest("bot %q not found", name)
	}
	return false, badRequest("BOT_DOMAIN_INVALID")
}

func webAppAction(b *wire.InlineButton, f fields) (ok bool, err error) {
	b.WebApp, err = webApp(f, "inline keyboard button")
	return b.WebApp != nil, err
}

func webApp(f fields, what string) (*wire.WebApp, error) {
	app, err := f.object("web_app")
	if app == nil || err != nil {
		return nil, err
	}
	link, err := app.text("url")
	if err == nil && !strings.HasPrefix(link, "https://") {
		err = badRequest("%s Web App URL '%s' is invalid: Only HTTPS links are allowed", what, link)
	}
	return &wire.WebApp{URL: link}, err
}

func copyAction(b *wire.InlineButton, f fields) (bool, error) {
	copied, err := f.object("copy_text")
	if copied == nil || err != nil {
		return false, err
	}
	text, err := copied.text("text")
	if n := utf8.RuneCountInString(text); err == nil && (n == 0 || n > maxCopied) {
		return false, badRequest("BUTTON_COPY_TEXT_INVALID")
	}
	b.CopyText = &wire.CopyText{Text: text}
	return true, err
}

func readKeyboard(f fields) (markup, error) {
	keyboard := &wire.ReplyKeyboard{}
	raw, err := f.array("keyboard")
	if err != nil {
		return markup{}, refusal("", err)
	}
	keyboard.Placeholder, err = f.text("input_field_placeholder")
	if err == nil {
		err = f.flags(map[string]*bool{
			"is_persistent": &keyboard.IsPersistent, "resize_keyboard": &keyboard.ResizeKeyboard,
			"one_time_keyboard": &keyboard.OneTime, "selective": &keyboard.Selective,
		})
	}
	if err != nil {
		return markup{}, refusal("", err)
	}
	total := 0
	for _, rawRow := range raw {
		var buttons []json.RawMessage
		if json.Unmarshal(rawRow, &buttons) != nil {
			return markup{}, badRequest("field \"keyboard\" of the ReplyKeyboardMarkup must be an Array of Arrays")
		}
		var row []wire.KeyButton
		for _, rawButton := range buttons {
			b, err := readKeyButton(rawButton)
			if err != nil {
				return markup{}, refusal("can't parse keyboard button", err)
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

func readKeyButton(raw json.RawMessage) (b wire.KeyButton, err error) {
	if json.Unmarshal(raw, &b.Text) == nil { // a text alone is a button too
		b.Text = strings.TrimSpace(b.Text)
		return b, nil
	}
	var f fields
	if json.Unmarshal(raw, &f) != nil {
		return b, errors.New("expected an Object")
	}
	if b.Text, b.Style, err = buttonFace(f); err != nil {
		return b, err
	}
	if err = f.flags(map[string]*bool{"request_contact": &b.RequestContact, "request_location": &b.RequestLocation}); err != nil {
		return b, err
	}
	if b.WebApp, err = webApp(f, "keyboard button"); err != nil {
		return b, err
	}
	for name, to := range map[string]*json.RawMessage{
		"request_poll": &b.RequestPoll, "request_users": &b.RequestUsers, "request_chat": &b.RequestChat,
	} {
		asked, err := f.object(name)
		if err != nil {
			return b, err
		}
		if asked == nil {
			continue
		}
		*to = f[name]
		if name == "request_poll" {
			continue
		}
		if err := asked.must("request_id"); err != nil {
			return b, err
		}
		if n, err := asked.integer("max_quantity"); err != nil || n > maxAsked {
			return b, badRequest("BUTTON_QUANTITY_MAX_INVALID")
		}
	}
	return b, nil
}
