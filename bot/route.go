package bot

import (
	"strings"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/locales"
)

// route tells a command, a tap, an answer and a stray message apart.
func (t *turn) route() error {
	u := t.u
	switch {
	case u.MyChatMember != nil:
		return t.member(u.MyChatMember)
	case u.CallbackQuery != nil:
		return t.tap(u.CallbackQuery)
	case u.EditedMessage != nil:
		if u.EditedMessage.Chat.Type == models.ChatTypePrivate {
			return t.edited(u.EditedMessage)
		}
	case u.Message != nil:
		if u.Message.Chat.Type != models.ChatTypePrivate {
			if to := u.Message.MigrateToChatID; to != 0 {
				return t.b.migrated(t.ctx, u.Message.Chat.ID, to)
			}
			return t.group(u.Message)
		}
		return t.message(u.Message)
	}
	return nil
}

func (t *turn) message(m *models.Message) error {
	if name, rest, ok := render.Command(m.Text, t.b.Username); ok {
		t.s.Awaiting = "" // a command ends what was asked before it
		return t.command(name, rest)
	}
	if m.Text == "" && m.Caption == "" && !answers(m) {
		return nil // a service message: pinned, joined, and the like
	}
	if taken, err := t.recorded(m); taken || err != nil {
		return err
	}
	if taken, err := t.told(m); taken || err != nil {
		return err
	}
	if len(t.s.Open) == 0 {
		if taken, err := t.workbook(m); taken || err != nil {
			return err
		}
	}
	if taken, err := t.reply(m); taken || err != nil {
		return err
	}
	if taken, err := t.feedback(m); taken || err != nil {
		return err
	}
	if taken, err := t.picked(m.Text); taken || err != nil {
		return err
	}
	if t.s.Awaiting != "" {
		return t.awaited(m)
	}
	if len(t.s.Open) > 0 {
		return t.answerMessage(m)
	}
	return t.stray(m)
}

// answers reports whether a message holds something a person sent on purpose.
func answers(m *models.Message) bool {
	return len(m.Photo) > 0 || m.Voice != nil || m.Audio != nil || m.Video != nil || m.VideoNote != nil ||
		m.Document != nil || m.Location != nil || m.Contact != nil || m.Sticker != nil || m.Poll != nil ||
		m.Venue != nil || m.Dice != nil || m.Animation != nil || m.Story != nil || m.Game != nil ||
		m.PaidMedia != nil || m.Checklist != nil || m.Giveaway != nil
}

// stray is a message that no question asked for.
func (t *turn) stray(m *models.Message) error {
	if taken, err := t.offer(m); taken || err != nil {
		return err
	}
	t.say("unknown.text", nil)
	return nil
}

// awaited gives a text to the command that asked for it.
func (t *turn) awaited(m *models.Message) error {
	what := t.s.Awaiting
	text := strings.TrimSpace(m.Text)
	if text == "" {
		t.say("refused.kind_text", nil)
		return nil
	}
	t.s.Awaiting = ""
	switch what {
	case "name":
		return t.takeName(text)
	case "code":
		return t.withdrawCode(text)
	}
	what, arg, _ := strings.Cut(what, " ")
	if do := officeAnswers[what]; do != nil {
		return do(t, arg, text)
	}
	return t.stray(m)
}

// group answers in a group: never a question, since others would see the answer.
func (t *turn) group(m *models.Message) error {
	name, rest, ok := render.Command(m.Text, t.b.Username)
	if !ok {
		return nil
	}
	if m.IsTopicMessage {
		t.topic = m.MessageThreadID
	}
	if name == "language" {
		return t.cmdLanguage("")
	}
	if name == "subscribe" {
		if taken, err := t.subscribeGroup(m); taken || err != nil {
			return err
		}
	}
	payload := ""
	if name == "start" {
		payload = rest
	} else if f, err := t.formByKeyword(name); err != nil {
		return err
	} else if f != nil {
		payload = name
	}
	url := "https://t.me/" + t.b.Username
	if payload != "" && validPayload(payload) {
		url = StartURL(t.b.Username, payload)
	}
	t.say("group.private", nil, []render.Button{{Text: t.text("group.button", nil), URL: url}})
	return nil
}

func validPayload(s string) bool {
	return len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) < 0
}

// member notices that a person blocked the bot, or came back.
func (t *turn) member(m *models.ChatMemberUpdated) error {
	if m.Chat.Type != models.ChatTypePrivate || m.NewChatMember.Type != models.ChatMemberTypeBanned {
		return nil
	}
	mute(t.s)
	t.s.Outbox = nil
	t.s.Contact = nil
	return t.b.unsubscribe(t.ctx, t.s.Person, "blocked the bot")
}

// refuseTap tells kindly that a button does not do what it says: in a message if
// it was typed, since then there is no tap to answer.
func (t *turn) refuseTap(key string, args locales.Args) {
	if t.u == nil || t.u.CallbackQuery == nil {
		t.say(key, args)
		return
	}
	t.toast = t.text(key, args)
}
