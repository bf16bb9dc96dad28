// Package render turns what a form asks into Telegram messages and keyboards,
// and what a person sends into what a form understands. All of it is functions
// of their arguments: the same prompt gives the same message, so a button works
// after a restart and on any replica.
//
// Begin with Screen, then View.Prompt; Callback is what a button carries back.
package render

import (
	"bytes"
	"encoding/json"
)

// A Screen is a message to show. Text is Telegram HTML of any length.
type Screen struct {
	Text    string
	Rows    [][]Button    // inline keyboard
	Ask     []ReplyButton // reply keyboard, one a row, instead of an inline one
	Hint    string        // grey text in the empty input field, with Ask
	Unask   bool          // take a reply keyboard away
	Silent  bool          // without a sound
	Protect bool          // cannot be forwarded
	Topic   int           // of a group that has topics; 0: its general one
}

// A Button of an inline keyboard does one thing: Data is sent back, URL opened,
// or Copy put on the clipboard.
type Button struct {
	Text, Data, URL, Copy string
	Style                 string // "danger", "success", "primary" or ""
}

// A ReplyButton of a reply keyboard sends its text, or a location or contact.
type ReplyButton struct {
	Text     string `json:"text"`
	Location bool   `json:"request_location,omitempty"`
	Contact  bool   `json:"request_contact,omitempty"`
}

type markup struct {
	Inline      [][]button      `json:"inline_keyboard,omitempty"`
	Keyboard    [][]ReplyButton `json:"keyboard,omitempty"`
	Resize      bool            `json:"resize_keyboard,omitempty"`
	Once        bool            `json:"one_time_keyboard,omitempty"`
	Placeholder string          `json:"input_field_placeholder,omitempty"`
	Remove      bool            `json:"remove_keyboard,omitempty"`
}

type button struct {
	Text  string    `json:"text"`
	Data  string    `json:"callback_data,omitempty"`
	URL   string    `json:"url,omitempty"`
	Copy  *copyText `json:"copy_text,omitempty"`
	Style string    `json:"style,omitempty"`
}

type copyText struct {
	Text string `json:"text"`
}

type params struct {
	MessageID int          `json:"message_id,omitempty"`
	Text      string       `json:"text,omitempty"`
	Photo     string       `json:"photo,omitempty"` // this and the next four: a file_id
	Document  string       `json:"document,omitempty"`
	Video     string       `json:"video,omitempty"`
	Audio     string       `json:"audio,omitempty"`
	Voice     string       `json:"voice,omitempty"`
	Caption   string       `json:"caption,omitempty"`
	ParseMode string       `json:"parse_mode,omitempty"`
	Markup    *markup      `json:"reply_markup,omitempty"`
	Preview   *linkPreview `json:"link_preview_options,omitempty"`
	Silent    bool         `json:"disable_notification,omitempty"`
	Protect   bool         `json:"protect_content,omitempty"`
	Topic     int          `json:"message_thread_id,omitempty"`
}

type linkPreview struct {
	Disabled bool `json:"is_disabled"`
}

// maxButtons is how many buttons Telegram shows for sure, maxRow in one row.
const (
	maxButtons = 100
	maxRow     = 8
)

func (s *Screen) markup() *markup {
	switch {
	case len(s.Rows) > 0:
		m := &markup{Inline: make([][]button, 0, len(s.Rows))}
		left := maxButtons
		for _, row := range s.Rows {
			out := make([]button, 0, len(row))
			for _, b := range row[:min(len(row), maxRow)] {
				if left--; left < 0 || b.Text == "" {
					continue
				}
				k := button{Text: b.Text, Data: b.Data, URL: b.URL, Style: b.Style}
				if b.Copy != "" {
					k.Copy = &copyText{b.Copy}
				}
				out = append(out, k)
			}
			if len(out) > 0 {
				m.Inline = append(m.Inline, out)
			}
		}
		return m
	case len(s.Ask) > 0:
		m := &markup{Resize: true, Once: true, Placeholder: shorten(s.Hint, 64)}
		for _, b := range s.Ask {
			m.Keyboard = append(m.Keyboard, []ReplyButton{b})
		}
		return m
	case s.Unask:
		return &markup{Remove: true}
	}
	return nil
}

// Payloads gives the parameters of sendMessage without chat_id: one, or several
// if the text is long, the last of them with the keyboard.
func (s *Screen) Payloads() [][]byte {
	parts := Split(s.Text, MaxText)
	out := make([][]byte, len(parts))
	for i, text := range parts {
		p := params{Text: text, ParseMode: "HTML", Preview: &linkPreview{true}, Silent: s.Silent, Protect: s.Protect, Topic: s.Topic}
		if i == len(parts)-1 {
			p.Markup = s.markup()
		}
		out[i] = encode(p)
	}
	return out
}

// WithFile gives the method and the parameters, without chat_id, of a call that
// sends a file Telegram has already, with Text below it. kind is photo, document,
// video, audio or voice.
func (s *Screen) WithFile(kind, fileID string) (method string, payload []byte) {
	p := params{Caption: Split(s.Text, MaxCaption)[0], ParseMode: "HTML", Markup: s.markup(), Silent: s.Silent, Protect: s.Protect}
	switch kind {
	case "photo":
		method, p.Photo = "sendPhoto", fileID
	case "video":
		method, p.Video = "sendVideo", fileID
	case "audio":
		method, p.Audio = "sendAudio", fileID
	case "voice":
		method, p.Voice = "sendVoice", fileID
	default:
		method, p.Document = "sendDocument", fileID
	}
	return method, encode(p)
}

// EditText gives the parameters of editMessageText, without chat_id. What does
// not fit one message is cut: a message cannot become two.
func (s *Screen) EditText(messageID int) []byte {
	return encode(params{
		MessageID: messageID, Text: Split(s.Text, MaxText)[0], ParseMode: "HTML",
		Preview: &linkPreview{true}, Markup: s.markup(),
	})
}

// EditMarkup gives the parameters of editMessageReplyMarkup, without chat_id.
func (s *Screen) EditMarkup(messageID int) []byte {
	return encode(params{MessageID: messageID, Markup: s.markup()})
}

// encode writes JSON without turning < and > into six bytes each.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte("{}") // strings and numbers cannot fail
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// shorten cuts a text to n clusters of letters, with an ellipsis.
func shorten(s string, n int) string {
	rest, keep := s, 0
	for i := 0; rest != ""; i++ {
		k := cluster(rest)
		if i == n-1 {
			keep = len(s) - len(rest)
		}
		if i == n {
			return s[:keep] + "…"
		}
		rest = rest[k:]
	}
	return s
}
