// Package telegram talks to the Bot API and listens to it. Its types and most
// of its methods are go-telegram/bot's. Two things are its own. The loops that
// receive updates (Poller, Webhook): the library's confirm an update before it
// was handled, and one update that it cannot decode stops them for good. And the
// few calls that every turn makes: they go as JSON over kept connections, which
// costs a quarter of the library's multipart forms.
package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	tgbot "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// DefaultURL is Telegram's own server.
const DefaultURL = "https://api.telegram.org"

// maxAnswer bounds what is read of an answer; getUpdates gives at most 4 MiB.
const maxAnswer = 16 << 20

// Options say how to reach the Bot API.
type Options struct {
	BaseURL   string            // DefaultURL if ""
	Transport http.RoundTripper // one of its own if nil

	// Wrap is put around the transport, as to count calls. May be nil.
	Wrap func(http.RoundTripper) http.RoundTripper

	Timeout time.Duration // of one call, unless its context ends sooner; 20 s if 0
}

// A Client calls the Bot API for one bot. It is safe for concurrent use.
type Client struct {
	token   string
	base    string   // without the token
	root    *url.URL // with the token and a slash
	rt      http.RoundTripper
	http    *http.Client // over rt
	api     *tgbot.Bot
	timeout time.Duration
}

// New returns a client. It does not call Telegram yet.
func New(token string, o Options) (*Client, error) {
	if token == "" {
		return nil, fmt.Errorf("no bot token")
	}
	base := strings.TrimSuffix(o.BaseURL, "/")
	if base == "" {
		base = DefaultURL
	}
	if o.Transport == nil {
		o.Transport = transport()
	}
	if o.Wrap != nil {
		o.Transport = o.Wrap(o.Transport)
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	c := &Client{token: token, base: base, timeout: o.Timeout, rt: o.Transport, http: &http.Client{Transport: o.Transport}}
	var err error
	if c.root, err = url.Parse(base + "/bot" + token + "/"); err != nil {
		return nil, fmt.Errorf("the token or TELEGRAM_API_URL cannot be part of an address")
	}
	api, err := tgbot.New(token, tgbot.WithServerURL(base), tgbot.WithSkipGetMe(),
		tgbot.WithHTTPClient(time.Minute, c.http), tgbot.WithErrorsHandler(func(error) {}))
	if err != nil {
		return nil, fmt.Errorf("make the client: %w", c.wrap("new", err))
	}
	c.api = api
	return c, nil
}

// transport keeps as many idle connections as turns run at once (the standard
// one keeps two, and opens a new one for nearly every call), and gives them up
// before Telegram does.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        512,
		MaxIdleConnsPerHost: 512,
		IdleConnTimeout:     45 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
		WriteBufferSize:     8 << 10,
		ReadBufferSize:      8 << 10,
	}
}

// API returns the library's own client, for the calls that have no method here.
// Pass what it returns through Error.
func (c *Client) API() *tgbot.Bot { return c.api }

// Error turns an error of the library's into an *Error without the token.
func (c *Client) Error(method string, err error) error { return c.wrap(method, err) }

type response struct {
	OK          bool   `json:"ok"`
	Result      any    `json:"result"`
	Description string `json:"description"`
	Code        int    `json:"error_code"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// unread is a result that nobody asks for.
type unread struct{}

func (unread) UnmarshalJSON([]byte) error { return nil }

// sent is of a message that was sent what is needed. Calls that send none have
// other results.
type sent struct{ ID int }

func (s *sent) UnmarshalJSON(raw []byte) error {
	var m struct {
		ID int `json:"message_id"`
	}
	_ = json.Unmarshal(raw, &m)
	s.ID = m.ID
	return nil
}

// Call makes one call with JSON parameters and reads its result into result,
// which may be nil. Errors are *Error.
func (c *Client) Call(ctx context.Context, method string, params []byte, result any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return c.call(ctx, method, params, result)
}

func (c *Client) call(ctx context.Context, method string, params []byte, result any) error {
	res, err := c.rt.RoundTrip(c.request(ctx, method, params))
	if err != nil {
		return c.transport(method, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return c.transport(method, err)
	}
	if result == nil {
		result = &unread{}
	}
	r := response{Result: result}
	err = json.Unmarshal(body, &r)
	switch {
	case err != nil && !r.OK:
		// a gateway's page instead of Telegram's answer
		return &Error{Method: method, Code: max(res.StatusCode, 500), Description: "not an answer of the Bot API", Unknown: true}
	case err != nil:
		return &Error{Method: method, Unknown: true, Err: fmt.Errorf("unexpected result: %w", err)}
	case !r.OK:
		return failure(method, res.StatusCode, &r)
	}
	return nil
}

var jsonHeader = http.Header{"Content-Type": {"application/json"}}

// request makes a request for the transport itself: what http.Client adds, as
// following redirects, the Bot API does not need.
func (c *Client) request(ctx context.Context, method string, params []byte) *http.Request {
	address := *c.root
	address.Path += method
	body := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(params)), nil }
	r := &http.Request{Method: http.MethodPost, URL: &address, Host: address.Host, Header: jsonHeader,
		ContentLength: int64(len(params)), GetBody: body}
	r.Body, _ = body()
	return r.WithContext(ctx)
}

func failure(method string, status int, r *response) *Error {
	code := r.Code
	if code == 0 {
		code = status
	}
	e := &Error{Method: method, Code: code, Description: r.Description, MigrateTo: r.Parameters.MigrateTo, Unknown: code >= 500}
	if code == 429 {
		e.RetryAfter = time.Duration(max(r.Parameters.RetryAfter, 1)) * time.Second
	}
	return e
}

// Send makes a call that is about a chat, as sendMessage. payload is its JSON
// parameters without chat_id. It returns the message_id of the result, 0 if it
// has none.
func (c *Client) Send(ctx context.Context, method string, chatID int64, payload []byte) (int, error) {
	body := make([]byte, 0, len(payload)+32)
	body = append(body, `{"chat_id":`...)
	body = strconv.AppendInt(body, chatID, 10)
	rest := bytes.TrimLeft(payload, " \t\r\n{")
	if len(rest) > 0 && rest[0] != '}' {
		body = append(body, ',')
	}
	body = append(body, rest...)
	if len(rest) == 0 {
		body = append(body, '}')
	}
	var m sent
	if err := c.Call(ctx, method, body, &m); err != nil {
		return 0, err
	}
	return m.ID, nil
}

// CallbackAnswer gives the parameters of answerCallbackQuery, with the method in
// them, so that they can also ride in a webhook's answer. text is cut to what
// Telegram takes.
func CallbackAnswer(queryID, text string, alert bool) []byte {
	p := struct {
		Method string `json:"method"`
		ID     string `json:"callback_query_id"`
		Text   string `json:"text,omitempty"`
		Alert  bool   `json:"show_alert,omitempty"`
	}{"answerCallbackQuery", queryID, cut(text, 200), alert}
	b, _ := json.Marshal(p)
	return b
}

// AnswerCallback tells Telegram that a tap was received. A tap that is too old
// to be answered is not an error.
func (c *Client) AnswerCallback(ctx context.Context, answer []byte) error {
	err := c.Call(ctx, "answerCallbackQuery", answer, nil)
	if e := AsError(err); e != nil && e.Code == 400 {
		return nil
	}
	return err
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// Me asks Telegram who the bot is; a wrong token shows here.
func (c *Client) Me(ctx context.Context) (*models.User, error) {
	var u models.User
	if err := c.Call(ctx, "getMe", []byte("{}"), &u); err != nil {
		return nil, err
	}
	return &u, nil
}

// SetCommands sets the menu of one language in private chats; language "" is
// for people whose own has no menu.
func (c *Client) SetCommands(ctx context.Context, language string, commands []models.BotCommand) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	_, err := c.api.SetMyCommands(ctx, &tgbot.SetMyCommandsParams{
		Commands: commands, Scope: &models.BotCommandScopeAllPrivateChats{}, LanguageCode: language,
	})
	return c.wrap("setMyCommands", err)
}

// SendDocument uploads a file to a chat.
func (c *Client) SendDocument(ctx context.Context, chatID int64, name string, data io.Reader, captionHTML string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	_, err := c.api.SendDocument(ctx, &tgbot.SendDocumentParams{
		ChatID: chatID, Document: &models.InputFileUpload{Filename: name, Data: data},
		Caption: captionHTML, ParseMode: models.ParseModeHTML,
	})
	return c.wrap("sendDocument", err)
}

// SetWebhook makes Telegram bring updates to url. It changes nothing if that is
// so already, since changes are limited to one a second.
func (c *Client) SetWebhook(ctx context.Context, url, secret string, connections int) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	for {
		_, err := c.api.SetWebhook(ctx, &tgbot.SetWebhookParams{
			URL: url, SecretToken: secret, MaxConnections: connections, AllowedUpdates: Allowed,
		})
		err = c.wrap("setWebhook", err)
		e := AsError(err)
		if e == nil || e.RetryAfter <= 0 {
			return err
		}
		// Telegram takes one change a second; replicas may begin together
		select {
		case <-time.After(e.RetryAfter):
		case <-ctx.Done():
			return err
		}
	}
}

// DeleteWebhook lets updates be polled. What waits is kept.
func (c *Client) DeleteWebhook(ctx context.Context) error {
	return c.Call(ctx, "deleteWebhook", []byte("{}"), nil)
}

// Allowed are the kinds of updates the bot asks for; others are not even kept.
var Allowed = []string{"message", "edited_message", "callback_query", "my_chat_member"}
