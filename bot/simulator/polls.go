package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/fieldbot/bot/simulator/wire"
)

// Limits of polls, in code points.
const (
	maxQuestion    = 300
	maxOptions     = 12
	maxOption      = 100
	maxExplanation = 200
	maxOpen        = 2628000 // seconds
)

// A ballot is a poll with the votes for it. Messages that were forwarded share
// it, so that a vote shows in all of them.
type ballot struct {
	poll  wire.Poll
	bot   *Bot // whose poll it is; nil if a person's
	shown []shownPoll
	votes map[int64][]int
}

type shownPoll struct {
	chat    *chat
	message *message
}

// What a person may find that they cannot do with a poll.
var (
	ErrPollClosed = errors.New("simulator: this poll is closed")
	ErrVoted      = errors.New("simulator: this vote cannot be changed")
	ErrBadVote    = errors.New("simulator: no such choice in this poll")
)

func (c *call) sendPoll() (any, error) {
	poll, err := c.poll()
	if err != nil {
		return nil, err
	}
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	if err := checkPoll(poll); err != nil {
		return nil, err
	}
	now := c.srv.nowLocked()
	if poll.OpenPeriod > 0 {
		poll.CloseDate = now.Unix() + int64(poll.OpenPeriod)
	} else if poll.CloseDate > now.Unix() {
		poll.OpenPeriod = int(poll.CloseDate - now.Unix())
	}
	m.Poll = c.srv.openPollLocked(c.bot, poll)
	m.ShuffledOptions, m.HiddenResults = c.flag("shuffle_options"), c.flag("hide_results_until_closes")
	return c.send(ch, m)
}

// poll reads the arguments of sendPoll, as far as they can be judged alone.
func (c *call) poll() (wire.Poll, error) {
	for _, name := range []string{"media", "explanation_media", "country_codes"} {
		if c.has(name) {
			return wire.Poll{}, badRequest("%s of a poll is not simulated", name)
		}
	}
	if c.flag("allow_adding_options") {
		return wire.Poll{}, badRequest("polls that people add options to are not simulated")
	}
	p := wire.Poll{
		IsAnonymous: !c.has("is_anonymous") || c.flag("is_anonymous"), IsClosed: c.flag("is_closed"), Type: "regular",
		MembersOnly: c.flag("members_only"),
		OpenPeriod:  c.number("open_period", 0, 0, maxOpen), CloseDate: int64(c.number("close_date", 0, 0, 1<<31-1)),
	}
	var err error
	p.Question, p.QuestionEntities, err = c.format(c.text("question"), c.text("question_parse_mode"), c.text("question_entities"))
	if err != nil {
		return p, err
	}
	if p.Options, err = c.pollOptions(); err != nil {
		return p, err
	}
	p.Description, p.DescriptionEntities, err = c.format(c.text("description"), c.text("description_parse_mode"), c.text("description_entities"))
	if err != nil {
		return p, err
	}
	p.AllowsMultiple = c.flag("allows_multiple_answers")
	switch c.text("type") {
	case "", "regular":
		p.AllowsRevoting = !c.has("allows_revoting") || c.flag("allows_revoting")
	case "quiz":
		p.Type, p.AllowsRevoting = "quiz", c.flag("allows_revoting")
		p.Explanation, p.ExplanationEntities, err = c.format(c.text("explanation"), c.text("explanation_parse_mode"), c.text("explanation_entities"))
		if err != nil {
			return p, err
		}
		if _, err := c.object("correct_option_ids", &p.CorrectOptionIDs, "can't parse correct_option_ids JSON object"); err != nil {
			return p, err
		}
		if p.CorrectOptionIDs == nil {
			p.CorrectOptionIDs = []int{c.number("correct_option_id", -1, -1, maxOptions)}
		}
	default:
		return p, badRequest("unsupported poll type specified")
	}
	return p, nil
}

// pollOptions reads options: texts, or objects with a text.
func (c *call) pollOptions() ([]wire.PollOption, error) {
	raw := strings.TrimSpace(c.text("options"))
	var items []json.RawMessage
	if !json.Valid([]byte(raw)) {
		return nil, badRequest("can't parse options JSON object")
	}
	if json.Unmarshal([]byte(raw), &items) != nil {
		return nil, badRequest("expected an Array of String as options")
	}
	var options []wire.PollOption
	for i, item := range items {
		var in struct {
			Text     *string         `json:"text"`
			Mode     string          `json:"text_parse_mode"`
			Entities json.RawMessage `json:"text_entities"`
		}
		text := ""
		if item[0] == '{' && json.Unmarshal(item, &in) == nil {
			if in.Text == nil {
				return nil, badRequest("can't find field \"text\"")
			}
			text = *in.Text
		} else if json.Unmarshal(item, &text) != nil {
			return nil, badRequest("expected an option to be of type String")
		}
		o := wire.PollOption{PersistentID: strconv.Itoa(i)}
		var err error
		if o.Text, o.TextEntities, err = c.format(text, in.Mode, string(in.Entities)); err != nil {
			return nil, err
		}
		o.TextEntities = emojiOnly(o.TextEntities)
		options = append(options, o)
	}
	return options, nil
}

// emojiOnly keeps the only marks that questions and options of polls may have.
func emojiOnly(marks []wire.Entity) []wire.Entity {
	return slices.DeleteFunc(marks, func(e wire.Entity) bool { return e.Type != "custom_emoji" })
}

func checkPoll(p wire.Poll) error {
	switch n := utf8.RuneCountInString(p.Question); {
	case n == 0:
		return badRequest("poll question must be non-empty")
	case n > maxQuestion:
		return badRequest("poll question length must not exceed %d", maxQuestion)
	}
	switch n := len(p.Options); {
	case n == 0:
		return badRequest("poll must have at least 1 option")
	case n > maxOptions:
		return badRequest("poll can't have more than %d options", maxOptions)
	}
	for _, o := range p.Options {
		switch n := utf8.RuneCountInString(o.Text); {
		case n == 0:
			return badRequest("poll options must be non-empty")
		case n > maxOption:
			return badRequest("poll options length must not exceed %d", maxOption)
		}
	}
	for _, id := range p.CorrectOptionIDs {
		if id < 0 || id >= len(p.Options) {
			return badRequest("wrong correct option ID specified")
		}
	}
	if utf8.RuneCountInString(p.Explanation) > maxExplanation {
		return badRequest("message caption is too long")
	}
	return nil
}

// openPollLocked gives a poll its identifier and a ballot. addLocked notes the
// messages that show it.
func (s *Server) openPollLocked(b *Bot, p wire.Poll) *wire.Poll {
	p.ID = strconv.FormatUint(s.rand.Uint64()>>1, 10)
	p.QuestionEntities = emojiOnly(p.QuestionEntities)
	s.ballots[p.ID] = &ballot{poll: p, bot: b, votes: map[int64][]int{}}
	if p.CloseDate > 0 && !p.IsClosed {
		left := time.Unix(p.CloseDate, 0).Sub(s.nowLocked())
		// A clock that stands still is moved by Advance, which looks itself.
		time.AfterFunc(max(left, 0), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.closePollsLocked()
		})
	}
	return &p
}

// freshPollLocked makes of a copied poll one without votes.
func (c *call) freshPollLocked(m *message) {
	if m.Poll == nil {
		return
	}
	p := *m.Poll
	p.Options = slices.Clone(p.Options)
	for i := range p.Options {
		p.Options[i].VoterCount = 0
	}
	p.TotalVoterCount, p.IsClosed, p.OpenPeriod, p.CloseDate = 0, false, 0, 0
	m.Poll = c.srv.openPollLocked(c.bot, p)
}

// closePollsLocked ends the polls whose time is over.
func (s *Server) closePollsLocked() {
	now := s.nowLocked().Unix()
	for _, b := range s.ballots {
		if b.poll.CloseDate > 0 && b.poll.CloseDate <= now && !b.poll.IsClosed && !s.closed {
			b.poll.IsClosed = true
			s.countLocked(b)
		}
	}
}

// countLocked counts the votes anew, shows them wherever the poll is, and tells
// the bot whose poll it is.
func (s *Server) countLocked(b *ballot) {
	b.poll.Options = slices.Clone(b.poll.Options)
	for i := range b.poll.Options {
		b.poll.Options[i].VoterCount = 0
	}
	b.poll.TotalVoterCount = len(b.votes)
	for _, chosen := range b.votes {
		for _, i := range chosen {
			b.poll.Options[i].VoterCount++
		}
	}
	poll := b.poll
	for _, at := range b.shown {
		at.message.Poll = &poll
		s.eventLocked("edit", s.chatEvent(at.chat, at.message))
	}
	if b.bot != nil {
		b.bot.emitLocked("poll", "poll:"+b.poll.ID, messageLife, poll)
	}
	s.changeLocked()
}

func (c *call) stopPoll() (any, error) {
	keys, err := c.markup()
	if err != nil {
		return nil, err
	}
	ch, m, err := c.ownLocked("message with poll to stop")
	if err != nil {
		return nil, err
	}
	if keys.replying() {
		return nil, badRequest("inline keyboard expected")
	}
	if m.Poll == nil {
		return nil, badRequest("message is not a poll")
	}
	b := c.srv.ballots[m.Poll.ID]
	if b.poll.IsClosed {
		return nil, badRequest("poll has already been closed")
	}
	b.poll.IsClosed = true
	m.ReplyMarkup = keys.inline
	c.srv.countLocked(b)
	c.bot.touchLocked(ch, m)
	return b.poll, nil
}

// Vote votes for options of the poll in a message, by their places from 0; none
// takes the vote back.
func (u *User) Vote(messageID int, options ...int) error {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	u.srv.closePollsLocked()
	ch := u.chatLocked()
	m := ch.findLocked(messageID)
	if m == nil || m.Poll == nil {
		return ErrNoMessage
	}
	b := u.srv.ballots[m.Poll.ID]
	_, voted := b.votes[u.p.ID]
	switch {
	case b.poll.IsClosed:
		return ErrPollClosed
	case voted && !b.poll.AllowsRevoting:
		return ErrVoted
	case len(options) > 1 && !b.poll.AllowsMultiple:
		return fmt.Errorf("%w: only one", ErrBadVote)
	case ch.Type == "private" && ch.blocked:
		return ErrBlocked
	}
	options = slices.Clone(options)
	slices.Sort(options)
	answer := wire.PollAnswer{PollID: b.poll.ID, User: u.p.seenBy(), OptionIDs: []int{}, OptionPersistentIDs: []string{}}
	for _, i := range slices.Compact(options) {
		if i < 0 || i >= len(b.poll.Options) {
			return fmt.Errorf("%w: %d", ErrBadVote, i)
		}
		answer.OptionIDs = append(answer.OptionIDs, i)
		answer.OptionPersistentIDs = append(answer.OptionPersistentIDs, b.poll.Options[i].PersistentID)
	}
	if len(answer.OptionIDs) == 0 {
		if !voted {
			return nil
		}
		delete(b.votes, u.p.ID)
	} else {
		b.votes[u.p.ID] = answer.OptionIDs
	}
	u.srv.countLocked(b)
	if !b.poll.IsAnonymous && b.bot != nil {
		b.bot.emitLocked("poll_answer", "poll:"+b.poll.ID, messageLife, answer)
	}
	return nil
}

// votes are a person's, by the identifiers of the polls.
func (s *Server) votesLocked(who int64) map[string][]int {
	all := map[string][]int{}
	for id, b := range s.ballots {
		if chosen, ok := b.votes[who]; ok {
			all[id] = chosen
		}
	}
	return all
}

// The largest value of each emoji that is thrown.
var diceValues = map[string]int{"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}

func (c *call) sendDice() (any, error) {
	emoji := strings.TrimSuffix(strings.TrimSpace(c.text("emoji")), "\ufe0f")
	if emoji == "" {
		emoji = "🎲"
	}
	ch, m, err := c.draftLocked()
	if err != nil {
		return nil, err
	}
	sides := diceValues[emoji]
	if sides == 0 {
		return nil, badRequest("DICE_EMOJI_INVALID")
	}
	m.Dice = &wire.Dice{Emoji: emoji, Value: 1 + c.srv.rand.IntN(sides)}
	return c.send(ch, m)
}
