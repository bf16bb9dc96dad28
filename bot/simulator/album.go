package simulator

import (
	"encoding/json"
	"strconv"
	"strings"

	"example.org/fieldbot/bot/simulator/wire"
)

// An albumItem is one entry of sendMediaGroup's media, or editMessageMedia's.
type albumItem struct {
	Type      string          `json:"type"`
	Media     string          `json:"media"`
	Caption   string          `json:"caption"`
	ParseMode string          `json:"parse_mode"`
	Entities  json.RawMessage `json:"caption_entities"`
	Above     bool            `json:"show_caption_above_media"`
	Spoiler   bool            `json:"has_spoiler"`
	Duration  int             `json:"duration"`
	Width     int             `json:"width"`
	Height    int             `json:"height"`
	Title     string          `json:"title"`
	Performer string          `json:"performer"`
}

// A medium is an albumItem that was read, before its file is looked up.
type medium struct {
	albumItem
	in      input
	caption string
	marks   []wire.Entity
}

// medium reads an item as far as that can be done without knowing the chat.
func (c *call) medium(item albumItem, inAlbum bool) (medium, error) {
	m := medium{albumItem: item}
	wrong := func(format string, args ...any) (medium, error) {
		return m, badRequest("can't parse InputMedia: "+format, args...)
	}
	marks := string(item.Entities)
	var err error
	if m.caption, m.marks, err = c.format(item.Caption, item.ParseMode, marks); err != nil {
		return wrong("%s", strings.TrimPrefix(err.Error(), "Bad Request: "))
	}
	var ok bool
	if m.in, ok = c.input("", item.Media); !ok {
		return wrong("media not found")
	}
	switch item.Type {
	case "photo", "video", "document", "audio":
	case "":
		return wrong("Can't find field \"type\"")
	case "animation":
		if inAlbum {
			return wrong("type \"animation\" can't be used in sendMediaGroup")
		}
	default:
		return wrong("type %q is unsupported", item.Type)
	}
	return m, nil
}

// fillLocked puts a medium's file and caption into a message.
func (c *call) fillLocked(m *message, item medium) error {
	f, err := c.fileLocked(item.Type, item.in)
	if err != nil {
		return err
	}
	if err := checkCaption(item.caption); err != nil {
		return err
	}
	m.Caption, m.CaptionEntities = item.caption, item.marks
	m.ShowCaptionAbove, m.HasMediaSpoiler = item.Above, item.Spoiler
	if item.Duration > 0 {
		f.duration = item.Duration
	}
	if item.Width > 0 && item.Height > 0 && f.kind != "photo" {
		f.width, f.height = item.Width, item.Height
	}
	if item.Title != "" {
		f.title = item.Title
	}
	if item.Performer != "" {
		f.performer = item.Performer
	}
	f.put(m)
	return nil
}

// album reads the media of sendMediaGroup.
func (c *call) album() ([]medium, error) {
	raw, err := c.required("media")
	if err != nil {
		return nil, err
	}
	if !json.Valid([]byte(raw)) {
		return nil, badRequest("can't parse media JSON object")
	}
	var items []json.RawMessage
	if json.Unmarshal([]byte(raw), &items) != nil {
		return nil, badRequest("expected an Array of InputMedia")
	}
	var media []medium
	for _, raw := range items {
		var item albumItem
		if json.Unmarshal(raw, &item) != nil {
			return nil, badRequest("can't parse InputMedia: expected an Object")
		}
		m, err := c.medium(item, true)
		if err != nil {
			return nil, err
		}
		media = append(media, m)
	}
	return media, nil
}

func checkAlbum(media []medium) error {
	switch {
	case len(media) == 0:
		return badRequest("there are no messages to send")
	case len(media) > 10:
		return badRequest("too many messages to send as an album")
	}
	alone := map[string]bool{"document": true, "audio": true}
	for _, m := range media {
		if m.Type != media[0].Type && (alone[m.Type] || alone[media[0].Type]) {
			return badRequest("%s can't be mixed with other media types", m.Type)
		}
	}
	return nil
}

func (c *call) sendMediaGroup() (any, error) {
	delete(c.args, "reply_markup") // albums have no keyboard
	media, err := c.album()
	if err != nil {
		return nil, err
	}
	ch, first, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	if err := checkAlbum(media); err != nil {
		return nil, err
	}
	group := ""
	if len(media) > 1 {
		group = strconv.FormatUint(c.srv.rand.Uint64()>>1, 10)
	}
	result := []wire.Message{}
	for i, item := range media {
		m := &message{Message: first.Message}
		if err := c.fillLocked(m, item); err != nil {
			// Those before it were sent all the same.
			why := strings.TrimPrefix(err.Error(), "Bad Request: ")
			return nil, badRequest("failed to send message #%d with the error message \"%s\"", i+1, why)
		}
		m.MediaGroupID = group
		ch.addLocked(c.bot, m)
		result = append(result, m.Message.Message)
	}
	return result, nil
}
