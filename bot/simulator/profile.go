package simulator

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/wire"
)

// A profile is how a bot presents itself, by language; "" is for all others.
type profile struct {
	commands     map[string][]wire.Command // by scope and language
	names        map[string]string
	descriptions map[string]string
	shorts       map[string]string
	menu         json.RawMessage
	menus        map[int64]json.RawMessage
}

func (p *profile) init(name string) {
	p.commands = map[string][]wire.Command{}
	p.names = map[string]string{"": name}
	p.descriptions = map[string]string{}
	p.shorts = map[string]string{}
	p.menus = map[int64]json.RawMessage{}
	p.menu = json.RawMessage(`{"type":"commands"}`)
}

func (c *call) getMe() (any, error) {
	return struct {
		wire.User
		CanJoinGroups    bool `json:"can_join_groups"`
		CanRead          bool `json:"can_read_all_group_messages"`
		Inline           bool `json:"supports_inline_queries"`
		Business         bool `json:"can_connect_to_business"`
		MainWebApp       bool `json:"has_main_web_app"`
		HasTopicsEnabled bool `json:"has_topics_enabled"`
	}{User: plain(c.bot.me), CanJoinGroups: true, CanRead: c.bot.readsAll}, nil
}

// logOut ends the bot's session at this server, as at a local one.
func (c *call) logOut() (any, error) {
	c.bot.endPollLocked("terminated by logOut request")
	c.bot.setHookLocked("")
	c.bot.logout = true
	return true, nil
}

// close is refused in the first ten minutes, and nobody needs it here.
func (c *call) close() (any, error) { return nil, tooMany(600) }

var languageShape = regexp.MustCompile(`^([a-z]{2})?$`)

// language reads language_code: two letters, or nothing for all others.
func (c *call) language() (string, error) {
	code := c.text("language_code")
	if !languageShape.MatchString(code) {
		return "", badRequest("invalid language code specified")
	}
	return code, nil
}

// scope reads scope into the key that commands are kept under.
func (c *call) scopeLocked() (string, error) {
	var scope struct {
		Type   string          `json:"type"`
		ChatID json.RawMessage `json:"chat_id"`
		UserID int64           `json:"user_id"`
	}
	given, err := c.object("scope", &scope, "can't parse BotCommandScope: expected an Object")
	if err != nil {
		return "", err
	}
	if !given {
		return "default", nil
	}
	switch scope.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return scope.Type, nil
	case "chat", "chat_administrators", "chat_member":
		chatID := strings.Trim(string(scope.ChatID), `"`)
		if chatID == "" {
			return "", badRequest("can't parse BotCommandScope: Can't find field \"chat_id\"")
		}
		ch, err := c.findChatLocked(chatID)
		if err != nil {
			return "", err
		}
		key := fmt.Sprintf("%s:%d", scope.Type, ch.ID)
		if scope.Type == "chat_member" {
			if scope.UserID <= 0 {
				return "", badRequest("can't parse BotCommandScope: Can't find field \"user_id\"")
			}
			key += fmt.Sprintf(":%d", scope.UserID)
		}
		return key, nil
	}
	return "", badRequest("can't parse BotCommandScope: Unsupported type specified")
}

func (c *call) commandsKey() (string, error) {
	scope, err := c.scopeLocked()
	if err != nil {
		return "", err
	}
	language, err := c.language()
	return scope + "/" + language, err
}

var commandShape = regexp.MustCompile(`^[a-z0-9_]+$`)

func (c *call) setMyCommands() (any, error) {
	key, err := c.commandsKey()
	if err != nil {
		return nil, err
	}
	var commands []wire.Command
	if _, err := c.object("commands", &commands, "can't parse commands JSON object: expected an Array"); err != nil {
		return nil, err
	}
	if len(commands) > 100 {
		return nil, badRequest("expected at most 100 commands")
	}
	for i := range commands {
		cmd := &commands[i]
		cmd.Command = strings.TrimPrefix(strings.TrimSpace(cmd.Command), "/")
		cmd.Description = strings.TrimSpace(cmd.Description)
		switch n := utf8.RuneCountInString(cmd.Description); {
		case cmd.Command == "":
			return nil, badRequest("command must be non-empty")
		case len(cmd.Command) > 32:
			return nil, badRequest("command length must not exceed 32")
		case !commandShape.MatchString(cmd.Command):
			return nil, badRequest("BOT_COMMAND_INVALID")
		case n == 0:
			return nil, badRequest("command description must be non-empty")
		case n > 256:
			return nil, badRequest("command description length must not exceed 256")
		}
	}
	if len(commands) == 0 {
		delete(c.bot.commands, key)
	} else {
		c.bot.commands[key] = commands
	}
	c.srv.eventLocked("profile", map[string]any{"bot": c.bot.me.ID})
	return true, nil
}

func (c *call) getMyCommands() (any, error) {
	key, err := c.commandsKey()
	if err != nil {
		return nil, err
	}
	if found := c.bot.commands[key]; found != nil {
		return found, nil
	}
	return []wire.Command{}, nil
}

func (c *call) deleteMyCommands() (any, error) {
	key, err := c.commandsKey()
	if err != nil {
		return nil, err
	}
	delete(c.bot.commands, key)
	c.srv.eventLocked("profile", map[string]any{"bot": c.bot.me.ID})
	return true, nil
}

// commandsForLocked is the menu that a person sees: the narrowest scope first,
// the person's language before the general one.
func (b *Bot) commandsForLocked(ch *chat, who wire.User) []wire.Command {
	scopes := []string{fmt.Sprint("chat:", ch.ID), "all_private_chats", "default"}
	if ch.Type != "private" {
		scopes = []string{fmt.Sprintf("chat_member:%d:%d", ch.ID, who.ID)}
		if m := ch.members[who.ID]; m.inside() && m.status != "member" {
			scopes = append(scopes, fmt.Sprint("chat_administrators:", ch.ID))
		}
		scopes = append(scopes, fmt.Sprint("chat:", ch.ID))
		if m := ch.members[who.ID]; m.inside() && m.status != "member" {
			scopes = append(scopes, "all_chat_administrators")
		}
		scopes = append(scopes, "all_group_chats", "default")
	}
	for _, scope := range scopes {
		for _, language := range []string{who.LanguageCode, ""} {
			if found := b.commands[scope+"/"+language]; found != nil {
				return found
			}
		}
	}
	return nil
}

// localized sets a text of the profile for a language.
func (c *call) localized(texts map[string]string, argument string, limit int, tooLong string) (any, error) {
	language, err := c.language()
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(c.text(argument))
	if utf8.RuneCountInString(text) > limit {
		return nil, badRequest("%s", tooLong)
	}
	if text == "" {
		delete(texts, language)
	} else {
		texts[language] = text
	}
	c.srv.eventLocked("profile", map[string]any{"bot": c.bot.me.ID})
	return true, nil
}

// localizedText is the text for the language, or else the general one.
func (c *call) localizedText(texts map[string]string, field string) (any, error) {
	language, err := c.language()
	if err != nil {
		return nil, err
	}
	text, ok := texts[language]
	if !ok {
		text = texts[""]
	}
	return map[string]string{field: text}, nil
}

func (c *call) setMyName() (any, error) {
	if c.text("name") == "" && c.text("language_code") == "" {
		return nil, badRequest("BOT_TITLE_INVALID")
	}
	result, err := c.localized(c.bot.names, "name", 64, "BOT_TITLE_INVALID")
	if err == nil {
		c.bot.me.FirstName = c.bot.names[""]
	}
	return result, err
}
func (c *call) getMyName() (any, error) { return c.localizedText(c.bot.names, "name") }
func (c *call) setMyDescription() (any, error) {
	return c.localized(c.bot.descriptions, "description", 512, "description is too long")
}
func (c *call) getMyDescription() (any, error) {
	return c.localizedText(c.bot.descriptions, "description")
}
func (c *call) setMyShortDescription() (any, error) {
	return c.localized(c.bot.shorts, "short_description", 120, "short description is too long")
}
func (c *call) getMyShortDescription() (any, error) {
	return c.localizedText(c.bot.shorts, "short_description")
}

func (c *call) setChatMenuButton() (any, error) {
	var button struct {
		Type   string       `json:"type"`
		Text   string       `json:"text"`
		WebApp *wire.WebApp `json:"web_app"`
	}
	given, err := c.object("menu_button", &button, "can't parse menu button: expected an Object")
	if err != nil {
		return nil, err
	}
	raw := json.RawMessage(c.text("menu_button"))
	switch {
	case !given || button.Type == "default":
		raw = nil
	case button.Type == "commands":
	case button.Type == "web_app" && button.WebApp != nil && strings.HasPrefix(button.WebApp.URL, "https://"):
	case button.Type == "web_app":
		return nil, badRequest("menu button Web App URL is invalid: Only HTTPS links are allowed")
	default:
		return nil, badRequest("can't parse menu button: MenuButton has unsupported type")
	}
	if !c.has("chat_id") {
		if raw == nil {
			raw = json.RawMessage(`{"type":"commands"}`)
		}
		c.bot.menu = raw
		return true, nil
	}
	ch, err := c.chatLocked("chat_id", toRead)
	if err != nil {
		return nil, err
	}
	if raw == nil {
		delete(c.bot.menus, ch.ID)
	} else {
		c.bot.menus[ch.ID] = raw
	}
	return true, nil
}

func (c *call) getChatMenuButton() (any, error) {
	if !c.has("chat_id") {
		return c.bot.menu, nil
	}
	ch, err := c.chatLocked("chat_id", toRead)
	if err != nil {
		return nil, err
	}
	if raw := c.bot.menus[ch.ID]; raw != nil {
		return raw, nil
	}
	return map[string]string{"type": "default"}, nil
}
