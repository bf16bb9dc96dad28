package simulator

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/entities"
	"example.org/fieldbot/bot/simulator/wire"
)

// Limits of texts, in code points but for rawText, which is in bytes.
const (
	maxText    = 4096
	maxCaption = 1024
	rawText    = 32768
	maxToast   = 200
)

// formatted reads a text with its marks: those of parse_mode, or those given.
func (c *call) formatted(name, marksName string) (string, []wire.Entity, error) {
	return format(c.text(name), c.text("parse_mode"), c.text(marksName))
}

func format(text, mode, marksJSON string) (string, []wire.Entity, error) {
	if len(text) > rawText {
		return "", nil, badRequest("text is too long")
	}
	var marks []wire.Entity
	var err error
	switch strings.ToLower(mode) {
	case "", "none":
		if strings.TrimSpace(marksJSON) != "" {
			if json.Unmarshal([]byte(marksJSON), &marks) != nil {
				return "", nil, badRequest("can't parse entities: can't parse entities JSON object")
			}
		}
	case "html":
		text, marks, err = entities.HTML(text)
	case "markdownv2":
		text, marks, err = entities.MarkdownV2(text)
	case "markdown":
		text, marks, err = entities.Markdown(text)
	default:
		return "", nil, badRequest("unsupported parse_mode")
	}
	if err != nil {
		return "", nil, badRequest("can't parse entities: %s", err)
	}
	text, marks = entities.Fix(text, marks)
	return text, marks, nil
}

// messageText reads the text of a message, which must not be empty.
func (c *call) messageText() (string, []wire.Entity, error) {
	if c.text("text") == "" {
		return "", nil, badRequest("message text is empty")
	}
	text, marks, err := c.formatted("text", "entities")
	if err != nil {
		return "", nil, err
	}
	if text == "" {
		return "", nil, badRequest("text must be non-empty")
	}
	if utf8.RuneCountInString(text) > maxText {
		return "", nil, badRequest("message is too long")
	}
	return text, marks, nil
}

// captionText reads a caption, which may be empty.
func (c *call) captionText() (string, []wire.Entity, error) {
	text, marks, err := c.formatted("caption", "caption_entities")
	if err != nil {
		return "", nil, err
	}
	if utf8.RuneCountInString(text) > maxCaption {
		return "", nil, badRequest("message caption is too long")
	}
	return text, marks, nil
}

// linkPreview reads link_preview_options, or the flag that came before it.
func (c *call) linkPreview() (*wire.LinkPreview, error) {
	var p wire.LinkPreview
	given, err := c.object("link_preview_options", &p, "can't parse link preview options JSON object")
	if err != nil {
		return nil, err
	}
	if given {
		return &p, nil
	}
	if c.flag("disable_web_page_preview") {
		return &wire.LinkPreview{IsDisabled: true}, nil
	}
	return nil, nil
}
