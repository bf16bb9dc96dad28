package simulator

import (
	"errors"
	"slices"
	"strings"

	"example.org/fieldbot/bot/simulator/wire"
)

// generalTopic is the number of the topic that every forum has. Messages in it
// carry no number.
const generalTopic = 1

// A topic is a topic of a forum. Its number is that of its first message.
type topic struct {
	wire.Topic
	closed bool
	hidden bool // the general topic can be
}

// topicColors are those that a topic without an icon of its own may have.
var topicColors = []int{7322096, 16766590, 13338331, 9367192, 16749490, 16478047}

// ErrTopicClosed is what a person finds who writes where only administrators may.
var ErrTopicClosed = errors.New("simulator: this topic is closed")

// topicLocked puts a message of the bot into the topic that the call names, or
// else into that of the message it answers.
func (c *call) topicLocked(ch *chat, m *message) error {
	id := c.number("message_thread_id", 0, 0, 1<<31-1)
	if id == 0 && m.ReplyToMessage != nil {
		id = m.ReplyToMessage.MessageThreadID
	}
	if id == 0 && !ch.IsForum {
		return nil
	}
	t := ch.topicOf(id)
	if t == nil {
		return badRequest("message thread not found")
	}
	if t.closed && !ch.members[c.bot.me.ID].leads() {
		return badRequest("TOPIC_CLOSED")
	}
	ch.intoTopicLocked(m, t)
	return nil
}

// topicOf is the topic with this number; nil if there is none.
func (ch *chat) topicOf(id int) *topic {
	if ch.topics == nil {
		return nil
	}
	if id == 0 {
		id = generalTopic
	}
	return ch.topics[id]
}

// intoTopicLocked marks a message as one of a topic. One that answers nothing
// counts as an answer to the topic's first message.
func (ch *chat) intoTopicLocked(m *message, t *topic) {
	if t.MessageThreadID == generalTopic {
		return
	}
	m.MessageThreadID, m.IsTopicMessage = t.MessageThreadID, true
	if first := ch.findLocked(t.MessageThreadID); m.ReplyToMessage == nil && first != nil {
		m.ReplyToMessage = first.snapshot()
	}
}

// leads reports whether a member is an administrator.
func (m *member) leads() bool {
	return m != nil && (m.status == "creator" || m.status == "administrator")
}

// makeForumLocked turns topics on in a supergroup.
func (ch *chat) makeForumLocked() {
	ch.IsForum = true
	ch.topics = map[int]*topic{generalTopic: {Topic: wire.Topic{MessageThreadID: generalTopic, Name: "General", IconColor: topicColors[0]}}}
	ch.nextID = max(ch.nextID, generalTopic) // no message has the number of a topic
}

// openTopicLocked makes a topic, whose first message tells of it.
func (s *Server) openTopicLocked(ch *chat, by wire.User, name string, color int, emoji string) *topic {
	from := plain(by)
	note := &message{}
	note.From, note.TopicCreated = &from, &wire.TopicCreated{Name: name, IconColor: color, IconCustomEmojiID: emoji}
	note.MessageThreadID, note.IsTopicMessage = ch.nextID+1, true
	s.serviceLocked(ch, note)
	t := &topic{Topic: wire.Topic{MessageThreadID: note.MessageID, Name: name, IconColor: color, IconCustomEmojiID: emoji}}
	ch.topics[t.MessageThreadID] = t
	s.eventLocked("people", nil)
	return t
}

// forumLocked finds the forum that a call names, in which the bot may do what.
func (c *call) forumLocked(what string) (*chat, error) {
	ch, err := c.chatLocked("chat_id", toWrite)
	if err != nil {
		return nil, err
	}
	if !ch.IsForum {
		return nil, badRequest("the chat is not a forum")
	}
	if !ch.members[c.bot.me.ID].leads() {
		return nil, badRequest("not enough rights to %s", what)
	}
	return ch, nil
}

// namedTopicLocked finds forum and topic; id 0 means the one that the call names.
func (c *call) namedTopicLocked(id int, what string) (*chat, *topic, error) {
	ch, err := c.forumLocked(what)
	if err != nil {
		return nil, nil, err
	}
	if id == 0 {
		id = c.number("message_thread_id", 0, 0, 1<<31-1)
	}
	t := ch.topics[id]
	if t == nil {
		return nil, nil, badRequest("TOPIC_ID_INVALID")
	}
	return ch, t, nil
}

func topicName(text string) (string, error) {
	name := strings.Join(strings.Fields(text), " ")
	switch n := len([]rune(name)); {
	case n == 0:
		return "", badRequest("title must be non-empty")
	case n > 128:
		return "", badRequest("TOPIC_TITLE_INVALID")
	}
	return name, nil
}

func (c *call) createForumTopic() (any, error) {
	ch, err := c.forumLocked("create a topic")
	if err != nil {
		return nil, err
	}
	name, err := topicName(c.text("name"))
	if err != nil {
		return nil, err
	}
	color := c.number("icon_color", topicColors[0], 0, 0xffffff)
	if !slices.Contains(topicColors, color) {
		return nil, badRequest("TOPIC_ICON_COLOR_INVALID")
	}
	return c.srv.openTopicLocked(ch, c.bot.me, name, color, c.text("icon_custom_emoji_id")).Topic, nil
}

// topicNoteLocked tells in a topic what the bot did to it.
func (c *call) topicNoteLocked(ch *chat, t *topic, fill func(m *message)) {
	me := plain(c.bot.me)
	note := &message{}
	note.From = &me
	fill(note)
	ch.intoTopicLocked(note, t)
	c.srv.serviceLocked(ch, note)
	c.srv.eventLocked("people", nil)
}

// editTopic changes name and icon; id 0 means the topic that the call names.
func editTopic(id int) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		ch, t, err := c.namedTopicLocked(id, "edit the topic")
		if err != nil {
			return nil, err
		}
		edited := &wire.TopicEdited{}
		if c.has("name") || id == generalTopic {
			name, err := topicName(c.text("name"))
			if err != nil {
				return nil, err
			}
			if name != t.Name {
				t.Name, edited.Name = name, name
			}
		}
		if emoji, given := c.args["icon_custom_emoji_id"]; given && id == 0 && emoji != t.IconCustomEmojiID {
			t.IconCustomEmojiID, edited.IconCustomEmojiID = emoji, &emoji
		}
		if *edited == (wire.TopicEdited{}) {
			return nil, badRequest("TOPIC_NOT_MODIFIED")
		}
		c.topicNoteLocked(ch, t, func(m *message) { m.TopicEdited = edited })
		return true, nil
	}
}

// closeTopic closes a topic, or opens it again.
func closeTopic(id int, closed bool) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		ch, t, err := c.namedTopicLocked(id, "close or open the topic")
		if err != nil {
			return nil, err
		}
		if t.closed == closed {
			return nil, badRequest("TOPIC_NOT_MODIFIED")
		}
		t.closed = closed
		c.topicNoteLocked(ch, t, func(m *message) {
			if closed {
				m.TopicClosed = &wire.Empty{}
			} else {
				m.TopicReopened = &wire.Empty{}
			}
		})
		return true, nil
	}
}

// hideGeneral hides the general topic, which closes it, or shows it again.
func hideGeneral(hidden bool) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		ch, t, err := c.namedTopicLocked(generalTopic, "hide or unhide the General topic")
		if err != nil {
			return nil, err
		}
		if t.hidden == hidden {
			return nil, badRequest("TOPIC_NOT_MODIFIED")
		}
		t.hidden, t.closed = hidden, hidden
		c.topicNoteLocked(ch, t, func(m *message) {
			if hidden {
				m.GeneralHidden = &wire.Empty{}
			} else {
				m.GeneralUnhidden = &wire.Empty{}
			}
		})
		return true, nil
	}
}

// deleteForumTopic deletes a topic with all its messages.
func (c *call) deleteForumTopic() (any, error) {
	ch, t, err := c.namedTopicLocked(0, "delete the topic")
	if err != nil {
		return nil, err
	}
	if t.MessageThreadID == generalTopic {
		return nil, badRequest("TOPIC_ID_INVALID")
	}
	for _, m := range ch.messages {
		if m.MessageThreadID == t.MessageThreadID && !m.deleted {
			c.deleteLocked(ch, m)
		}
	}
	delete(ch.topics, t.MessageThreadID)
	c.srv.eventLocked("people", nil)
	return true, nil
}

// unpinTopic unpins what is pinned in a topic.
func unpinTopic(id int) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		ch, t, err := c.namedTopicLocked(id, "manage pinned messages in the chat")
		if err != nil {
			return nil, err
		}
		thread := t.MessageThreadID
		if thread == generalTopic {
			thread = 0
		}
		ch.pinned = slices.DeleteFunc(ch.pinned, func(id int) bool {
			m := ch.findLocked(id)
			return m == nil || m.MessageThreadID == thread
		})
		c.srv.eventLocked("pins", map[string]any{"chat": ch.ID})
		return true, nil
	}
}

// Topic makes a topic in a forum and returns its number.
func (g *Group) Topic(by *User, name string) int {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	return g.srv.openTopicLocked(g.chat, by.p.User, name, topicColors[0], "").MessageThreadID
}

// Topic is the same person in a topic of the forum that is open; what they
// write goes there.
func (u *User) Topic(id int) *User {
	in := *u
	in.topic = id
	return &in
}
