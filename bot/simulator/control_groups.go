package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"example.org/fieldbot/bot/simulator/wire"
)

type groupState struct {
	wire.Chat
	Members []wire.ChatMember `json:"members"`
	Topics  []wire.Topic      `json:"topics,omitempty"`
	Moved   int64             `json:"moved_to,omitempty"`
	Gone    bool              `json:"deleted,omitempty"`
}

func (ch *chat) state() groupState {
	state := groupState{Chat: ch.Chat, Moved: ch.moved, Gone: ch.gone, Members: []wire.ChatMember{}}
	for _, m := range ch.members {
		state.Members = append(state.Members, m.chatMember())
	}
	slices.SortFunc(state.Members, func(a, b wire.ChatMember) int { return cmp.Compare(a.User.ID, b.User.ID) })
	for _, t := range ch.topics {
		state.Topics = append(state.Topics, t.Topic)
	}
	slices.SortFunc(state.Topics, func(a, b wire.Topic) int { return cmp.Compare(a.MessageThreadID, b.MessageThreadID) })
	return state
}

// controlGroups makes a group. bot is what the first bot is in it: "member",
// "administrator", or nothing.
func (s *Server) controlGroups(r *http.Request) (any, error) {
	var in struct {
		Title      string  `json:"title"`
		Supergroup bool    `json:"supergroup"`
		Forum      bool    `json:"forum"`
		Owner      int64   `json:"owner"`
		Members    []int64 `json:"members"`
		Bot        string  `json:"bot"`
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	owner, err := s.who(strconv.FormatInt(in.Owner, 10), "", "")
	if err != nil {
		return nil, err
	}
	o := GroupOptions{Title: in.Title, Supergroup: in.Supergroup, Forum: in.Forum, Owner: owner}
	for _, id := range in.Members {
		u, err := s.who(strconv.FormatInt(id, 10), "", "")
		if err != nil {
			return nil, err
		}
		o.Members = append(o.Members, u)
	}
	g := s.Group(o)
	if in.Bot != "" {
		g.AddBot(owner, s.Bot(""), in.Bot == "administrator")
	}
	return g.state(), nil
}

func (g *Group) state() groupState {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	return g.chat.state()
}

// A groupAct is the body of /simulator/group/{id}/{what}: by is who does it,
// user to whom.
type groupAct struct {
	By   int64  `json:"by"`
	User int64  `json:"user"`
	Name string `json:"name"`
}

// groupActs are what can happen to a group; the key is {what}.
var groupActs = map[string]func(g *Group, by, user *User, a groupAct) any{
	"addbot":     func(g *Group, by, _ *User, _ groupAct) any { g.AddBot(by, by.bot, false); return true },
	"promotebot": func(g *Group, by, _ *User, _ groupAct) any { g.AddBot(by, by.bot, true); return true },
	"kickbot":    func(g *Group, by, _ *User, _ groupAct) any { g.KickBot(by, by.bot); return true },
	"add":        func(g *Group, by, user *User, _ groupAct) any { g.Add(by, user); return true },
	"promote":    func(g *Group, by, user *User, _ groupAct) any { g.Promote(by, user); return true },
	"leave":      func(g *Group, by, _ *User, _ groupAct) any { g.Leave(by); return true },
	"upgrade":    func(g *Group, _, _ *User, _ groupAct) any { return g.Upgrade().state() },
	"delete":     func(g *Group, _, _ *User, _ groupAct) any { g.Delete(); return true },
}

func (s *Server) controlGroup(r *http.Request) (any, error) {
	var a groupAct
	if err := readBody(r, &a); err != nil {
		return nil, err
	}
	by, err := s.who(strconv.FormatInt(a.By, 10), "", r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	g := &Group{s, by.group}
	if r.PathValue("what") == "topic" {
		if !g.state().IsForum {
			return nil, errors.New("only forums have topics")
		}
		name, err := topicName(a.Name)
		if err != nil {
			return nil, errors.New("a topic needs a name of at most 128 characters")
		}
		return map[string]int{"message_thread_id": g.Topic(by, name)}, nil
	}
	act := groupActs[r.PathValue("what")]
	if act == nil {
		return nil, fmt.Errorf("no such thing to do with a group: %q", r.PathValue("what"))
	}
	user := by
	if a.User != 0 {
		if user, err = s.who(strconv.FormatInt(a.User, 10), "", ""); err != nil {
			return nil, err
		}
	}
	return act(g, by, user, a), nil
}
