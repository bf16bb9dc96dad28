package simulator

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
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
	return c.format(c.text(name), c.text("parse_mode"), c.text(marksName))
}

func (c *call) format(text, mode, marksJSON string) (string, []wire.Entity, error) {
	if len(text) > rawText {
		return "", nil, badRequest("text is too long")
	}
	var marks []wire.Entity
	var err error
	switch mode = strings.ToLower(mode); {
	case text == "" || mode == "" || mode == "none":
		marks, err = givenMarks(text, marksJSON)
		if err != nil {
			return "", nil, err
		}
	case mode == "html":
		text, marks, err = entities.HTML(text)
	case mode == "markdownv2":
		text, marks, err = entities.MarkdownV2(text)
	case mode == "markdown":
		text, marks, err = entities.Markdown(text)
	default:
		return "", nil, badRequest("unsupported parse_mode")
	}
	if err != nil {
		return "", nil, badRequest("can't parse entities: %s", err)
	}
	text, marks = entities.Fix(text, c.mentionedLocked(marks))
	return text, marks, nil
}

// mentionedLocked completes marks that name a person, and drops those of people
// whom nobody knows.
func (c *call) mentionedLocked(marks []wire.Entity) []wire.Entity {
	var known []wire.Entity
	for _, e := range marks {
		if e.Type == "text_mention" {
			if e.User == nil || c.srv.people[e.User.ID] == nil {
				continue
			}
			who := plain(c.srv.people[e.User.ID].User)
			e.User = &who
		}
		known = append(known, e)
	}
	return known
}

// The kinds of marks that a bot may give. What the server finds by itself is
// passed over in silence; another kind is refused.
var (
	markKinds = []string{"bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link",
		"text_mention", "custom_emoji", "blockquote", "expandable_blockquote", "date_time"}
	foundKinds = []string{"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"}
)

// givenMarks reads entities that came beside a text. What is no array at all
// counts as none.
func givenMarks(text, raw string) ([]wire.Entity, error) {
	var items []json.RawMessage
	if json.Unmarshal([]byte(raw), &items) != nil {
		return nil, nil
	}
	var marks []wire.Entity
	for _, item := range items {
		e, err := givenMark(item)
		if err != nil {
			return nil, refusal("can't parse MessageEntity", err)
		}
		if !slices.Contains(foundKinds, e.Type) {
			marks = append(marks, e)
		}
	}
	if err := entities.Check(text, marks); err != nil {
		return nil, refusal("", err)
	}
	for i := range marks {
		e := &marks[i]
		switch e.Type {
		case "text_mention":
			if e.User.ID <= 0 {
				return nil, badRequest("user not found")
			}
		case "text_link":
			link, err := entities.CheckLink(e.URL)
			if err != nil {
				return nil, badRequest("entity URL '%s' is invalid: %s", e.URL, err)
			}
			e.URL = link
		}
	}
	return marks, nil
}

func givenMark(raw json.RawMessage) (e wire.Entity, err error) {
	var f fields
	if json.Unmarshal(raw, &f) != nil {
		return e, errors.New("expected an Object")
	}
	for _, name := range []string{"offset", "length", "type"} {
		if err := f.must(name); err != nil {
			return e, err
		}
	}
	if e.Offset, err = f.integer("offset"); err != nil {
		return e, err
	}
	if e.Length, err = f.integer("length"); err != nil {
		return e, err
	}
	if e.Type, err = f.text("type"); err != nil {
		return e, err
	}
	switch {
	case e.Type == "":
		return e, errors.New("Type is not specified")
	case !slices.Contains(markKinds, e.Type) && !slices.Contains(foundKinds, e.Type):
		return e, errors.New("Unsupported type specified")
	}
	needs := map[string]string{"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}[e.Type]
	if needs != "" {
		if err := f.must(needs); err != nil {
			return e, err
		}
	}
	if json.Unmarshal(raw, &e) != nil {
		return e, errors.New("Field has an invalid type")
	}
	if e.Type == "custom_emoji" {
		if _, err := strconv.ParseInt(e.CustomEmojiID, 10, 64); err != nil {
			return e, errors.New("Field \"custom_emoji_id\" must be a valid Number")
		}
	}
	return e, nil
}

// messageText reads the text of a message and its marks, as far as that can be
// judged without knowing the chat; checkText judges the rest.
func (c *call) messageText() (string, []wire.Entity, error) {
	if c.text("text") == "" {
		return "", nil, badRequest("message text is empty")
	}
	return c.formatted("text", "entities")
}

// checkText refuses a text that no message can have.
func checkText(text string) error {
	switch {
	case text == "":
		return badRequest("text must be non-empty")
	case utf8.RuneCountInString(text) > maxText:
		return badRequest("message is too long")
	}
	return nil
}

// captionText reads a caption, which may be empty; checkCaption judges it.
func (c *call) captionText() (string, []wire.Entity, error) {
	return c.formatted("caption", "caption_entities")
}

func checkCaption(text string) error {
	if utf8.RuneCountInString(text) > maxCaption {
		return badRequest("message caption is too long")
	}
	return nil
}

// linkPreview reads link_preview_options, or the flag that came before it.
func (c *call) linkPreview() (*wire.LinkPreview, error) {
	var f fields
	given, err := c.object("link_preview_options", &f, "can't parse link preview options JSON object")
	if err != nil {
		return nil, err
	}
	if given {
		var p wire.LinkPreview
		if p.URL, err = f.text("url"); err == nil {
			err = f.flags(map[string]*bool{
				"is_disabled": &p.IsDisabled, "prefer_small_media": &p.PreferSmallMedia,
				"prefer_large_media": &p.PreferLargeMedia, "show_above_text": &p.ShowAboveText,
			})
		}
		if err != nil {
			return nil, refusal("", err)
		}
		if _, err := entities.CheckLink(p.URL); err != nil && p.URL != "" {
			return nil, badRequest("WEBPAGE_URL_INVALID")
		}
		return &p, nil
	}
	if c.flag("disable_web_page_preview") {
		return &wire.LinkPreview{IsDisabled: true}, nil
	}
	return nil, nil
}
