package simulator

// foreign are arguments of many methods that ask for what no bot has here. What
// the real server answers to a bot without it is answered, if that is known.
var foreign = []struct{ argument, answer string }{
	{"business_connection_id", "business connection not found"},
	{"suggested_post_parameters", "suggested posts can be sent only to channel direct messages"},
	{"direct_messages_topic_id", "direct messages of channels are not simulated"},
	{"ephemeral_message_parameters", "ephemeral messages are not simulated"},
}

// own refuses a call that asks for something of another's.
func (c *call) own() error {
	for _, f := range foreign {
		if c.has(f.argument) {
			return badRequest("%s", f.answer)
		}
	}
	if c.flag("allow_paid_broadcast") {
		return badRequest("FLOODSKIP_NOT_ALLOWED") // the bot has no Stars to pay with
	}
	return nil
}

// effects are those that every bot may use, by their identifiers.
var effects = map[string]string{
	"5104841245755180586": "🔥",
	"5107584321108051014": "👍",
	"5104858069142078462": "👎",
	"5159385139981059251": "❤️",
	"5046509860389126442": "🎉",
	"5046589136895476101": "💩",
}

// effect reads message_effect_id.
func (c *call) effect(ch *chat, m *message) error {
	id := c.text("message_effect_id")
	if id == "" || id == "0" {
		return nil
	}
	if ch.Type != "private" {
		return badRequest("can't use message effects in the chat")
	}
	if m.Effect = effects[id]; m.Effect == "" {
		return badRequest("EFFECT_ID_INVALID")
	}
	m.EffectID = id
	return nil
}
