package simulator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.org/fieldbot/bot/simulator/wire"
)

// DefaultToken is the token of the bot that a server has if Options names none.
const DefaultToken = "1000001:simulated-token"

// Options say how a server is made. The zero value is usable.
type Options struct {
	// Now is the clock that Advance adds to; time.Now if nil. A clock that
	// stands still makes a conversation repeatable.
	Now func() time.Time

	// Tokens are the bots' tokens, of the form 123:abc. None: DefaultToken.
	Tokens []string

	// BotUsername and BotName are the first bot's; "fieldbot_demo_bot" and
	// "fieldbot" if empty.
	BotUsername, BotName string

	// Seed makes ids and identifiers repeatable. 0 is a seed like others.
	Seed uint64

	// WebhookTransport carries updates to webhooks; http.DefaultTransport if
	// nil. A test may hand in one that calls a handler directly.
	WebhookTransport http.RoundTripper

	// Limits make the server answer 429 to a bot that sends too fast; nil lets
	// it send as fast as it likes.
	Limits *Limits

	// Idle is asked by Quiet after the server itself is quiet; it reports
	// whether the bot has nothing left to do. A bot that acknowledges an
	// update before it has sent all replies needs it.
	Idle func() bool

	// Zone is the time zone that the page shows times in; Asia/Vientiane if it
	// is empty.
	Zone string

	// Inspect tells about a person's interview, to be shown beside the chat
	// (see InspectTable for the shape that the page lays out). May be nil.
	Inspect func(userID int64) any

	// Seats are the people whom the page shows side by side.
	Seats []UserOptions
}

// A Server is a Bot API server with the people who talk to its bots. It is
// an http.Handler: the Bot API lies beneath /bot<token>/ and /file/, the
// control API beneath /simulator/, and the page is at /.
type Server struct {
	opts Options

	mu      sync.Mutex // guards all below, and all that hangs on it
	offset  time.Duration
	rand    *rand.Rand
	bots    []*Bot
	people  map[int64]*person
	groups  map[int64]*chat
	order   []int64 // people and groups as they came
	files   map[string]*file
	paths   map[string]*file
	ballots map[string]*ballot // polls, by identifier
	faults  []*Fault
	held    []func()
	holding bool
	changed chan struct{} // closed, and made anew, when anything changes
	events  eventLog
	seats   []int64
	script  []scriptLine // what happened to everybody
	lines   int          // of all scripts
	notice  *Notice
	closed  bool
	active  sync.WaitGroup // webhook deliveries

	routes http.Handler
}

// New makes a server; nothing listens.
func New(opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if len(opts.Tokens) == 0 {
		opts.Tokens = []string{DefaultToken}
	}
	if opts.Zone == "" {
		opts.Zone = "Asia/Vientiane"
	}
	if opts.WebhookTransport == nil {
		opts.WebhookTransport = http.DefaultTransport
	}
	s := &Server{
		opts:    opts,
		rand:    rand.New(rand.NewPCG(opts.Seed, 0x5eed)),
		people:  map[int64]*person{},
		groups:  map[int64]*chat{},
		files:   map[string]*file{},
		paths:   map[string]*file{},
		ballots: map[string]*ballot{},
		changed: make(chan struct{}),
	}
	for i, token := range opts.Tokens {
		b := s.addBot(token)
		if i == 0 && opts.BotUsername != "" {
			b.me.Username = opts.BotUsername
		}
		if i == 0 && opts.BotName != "" {
			b.me.FirstName = opts.BotName
			b.names[""] = opts.BotName
		}
	}
	for _, seat := range opts.Seats {
		s.seats = append(s.seats, s.User(seat).ID())
	}
	s.routes = s.routing()
	return s
}

// ServeHTTP answers a request for the Bot API, the control API or the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.routes.ServeHTTP(w, r)
}

// A Running is a server that listens.
type Running struct {
	// URL is what a bot takes for https://api.telegram.org, and where the page
	// is; it has no slash at its end.
	URL string

	srv   *Server
	http  *http.Server
	ended chan error
}

// Start listens at addr ("127.0.0.1:0" picks a free port) and serves until
// Close.
func (s *Server) Start(addr string) (*Running, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("simulator: listen: %w", err)
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("simulator: listen: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	run := &Running{
		URL:   "http://" + net.JoinHostPort(host, port),
		srv:   s,
		http:  &http.Server{Handler: s, ReadHeaderTimeout: 30 * time.Second},
		ended: make(chan error, 1),
	}
	go func() {
		err := run.http.Serve(l)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		run.ended <- err
	}()
	return run, nil
}

// Close stops listening, cuts what is under way and closes the server.
func (r *Running) Close() error {
	r.srv.Close()
	err := r.http.Close()
	return errors.Join(err, <-r.ended)
}

// Close ends polls and webhook deliveries and waits for the latter. Calls that
// come later are refused as while a server restarts.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for _, b := range s.bots {
		if b.timer != nil {
			b.timer.Stop()
		}
		if b.cancel != nil {
			b.cancel()
		}
	}
	s.changeLocked()
	s.mu.Unlock()
	s.active.Wait()
}

// changeLocked wakes all who wait for something to change.
func (s *Server) changeLocked() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// wait blocks until ok reports true, asking again whenever something changed.
func (s *Server) wait(ctx context.Context, ok func() bool) error {
	for {
		s.mu.Lock()
		done, changed, closed := ok(), s.changed, s.closed
		s.mu.Unlock()
		if done {
			return nil
		}
		if closed {
			return errors.New("simulator: server is closed")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Quiet waits until the bots have nothing left to do: every update is
// delivered and acknowledged (a webhook said 2xx, or the polling offset moved
// past it), no call is under way, and Options.Idle agrees. It says what it
// waited for when ctx ends first.
func (s *Server) Quiet(ctx context.Context) error {
	for {
		err := s.wait(ctx, func() bool { return s.unquietLocked() == "" })
		if err != nil {
			s.mu.Lock()
			why := s.unquietLocked()
			s.mu.Unlock()
			return fmt.Errorf("simulator: not quiet (%s): %w", why, err)
		}
		if s.opts.Idle == nil || s.opts.Idle() {
			return nil
		}
		// The bot's own business makes no event here, so ask again soon.
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("simulator: not quiet (the bot is busy): %w", ctx.Err())
		}
	}
}

func (s *Server) unquietLocked() string {
	for _, b := range s.bots {
		if n := b.busyLocked(); n > 0 {
			return fmt.Sprintf("%d updates not acknowledged", n)
		}
		if b.inFlight > 0 {
			return fmt.Sprintf("%d calls under way", b.inFlight)
		}
	}
	return ""
}

// A Bot is a bot's account at the server.
type Bot struct {
	srv    *Server
	token  string
	me     wire.User
	nextID int // message ids of private chats and basic groups

	chats    map[int64]*chat // private chats, by person
	profile                  // commands, names, menu buttons
	queue                    // updates on their way
	webhook                  // where they go, if not polled
	pace     pace            // how fast it sends
	poll                     // who waits for them, if polled
	timer    *time.Timer
	cancel   context.CancelFunc
	ctx      context.Context
	inFlight int
	calls    []Call
	taps     map[string]*tap
	logout   bool
	readsAll bool // privacy mode is off
}

func (s *Server) addBot(token string) *Bot {
	id, _ := strconv.ParseInt(token[:max(0, strings.IndexByte(token, ':'))], 10, 64)
	if id == 0 {
		id = 1000001 + int64(len(s.bots))
	}
	b := &Bot{
		srv: s, token: token,
		me:     wire.User{ID: id, IsBot: true, FirstName: "fieldbot", Username: "fieldbot_demo_bot"},
		nextID: 1,
		chats:  map[int64]*chat{},
		taps:   map[string]*tap{},
	}
	if len(s.bots) > 0 {
		b.me.FirstName += fmt.Sprint(" ", len(s.bots)+1)
		b.me.Username = fmt.Sprintf("fieldbot_demo%d_bot", len(s.bots)+1)
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.profile.init(b.me.FirstName)
	b.nextUpdate = 2_000_001 + s.rand.IntN(998_000_000)
	b.webhook.init()
	s.bots = append(s.bots, b)
	return b
}

// Bot returns the bot with this token, and makes it if there is none. An
// empty token means the first bot.
func (s *Server) Bot(token string) *Bot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if token == "" {
		return s.bots[0]
	}
	if b := s.botLocked(token); b != nil {
		return b
	}
	return s.addBot(token)
}

func (s *Server) botLocked(token string) *Bot {
	for _, b := range s.bots {
		if b.token == token {
			return b
		}
	}
	return nil
}

// ID is the bot's id, the number before the colon of its token.
func (b *Bot) ID() int64 { return b.me.ID }

// Username is the bot's @name, without the @.
func (b *Bot) Username() string { return b.me.Username }

// Token is what a bot program authenticates with.
func (b *Bot) Token() string { return b.token }

// Client returns an http.Client that calls the server directly, without a
// socket: whatever host a URL names, the server answers.
func (s *Server) Client() *http.Client {
	return &http.Client{Transport: directTransport{s}}
}
