package telegram

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	tgbot "github.com/go-telegram/bot"
)

// An Error is a call to the Bot API that did not succeed. It never holds the
// token, nor what was to be sent.
type Error struct {
	Method      string
	Code        int           // as Telegram gave it; 0 if there was no answer
	Description string        // Telegram's, in English; "" if there was no answer
	RetryAfter  time.Duration // of a 429: how long to wait
	MigrateTo   int64         // of a group that was upgraded: its new chat_id
	Unknown     bool          // the call may have been carried out all the same
	Err         error         // what went wrong on the way, if there was no answer
}

func (e *Error) Error() string {
	switch {
	case e.Code != 0:
		return fmt.Sprintf("telegram %s: %d %s", e.Method, e.Code, e.Description)
	case e.Err != nil:
		return fmt.Sprintf("telegram %s: %v", e.Method, e.Err)
	}
	return "telegram " + e.Method
}

func (e *Error) Unwrap() error { return e.Err }

// Blocked reports whether the person does not want to hear from the bot, or
// cannot: the account is gone, or never began to talk. It is not worth trying again.
func (e *Error) Blocked() bool {
	if e.Code == 403 {
		return true
	}
	return e.Code == 400 && (strings.Contains(e.Description, "chat not found") ||
		strings.Contains(e.Description, "PEER_ID_INVALID"))
}

// TopicGone reports whether nothing can be written in the topic: it was deleted
// or closed.
func (e *Error) TopicGone() bool {
	return e.Code == 400 && (strings.Contains(e.Description, "message thread not found") ||
		strings.Contains(e.Description, "TOPIC_CLOSED") || strings.Contains(e.Description, "TOPIC_DELETED"))
}

// Temporary reports whether the same call may succeed later: too many
// requests, a fault of the server's, or no connection.
func (e *Error) Temporary() bool {
	return e.Code == 0 || e.Code == 429 || e.Code >= 500
}

// BadRequest reports whether Telegram refused what was asked, so that asking
// again is in vain.
func (e *Error) BadRequest() bool { return e.Code >= 400 && !e.Temporary() && !e.Blocked() }

// Unchanged reports whether an edit was refused only because the message looks
// like that already.
func (e *Error) Unchanged() bool {
	return e.Code == 400 && strings.Contains(e.Description, "message is not modified")
}

// AsError returns the Error in err's chain, or nil.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// transport makes an Error of a call that got no answer. A url.Error would
// carry the token in its URL, so only its cause is kept.
func (c *Client) transport(method string, err error) *Error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	var op *net.OpError
	dial := errors.As(err, &op) && op.Op == "dial"
	if text := err.Error(); strings.Contains(text, c.token) {
		err = errors.New(strings.ReplaceAll(text, c.token, "***"))
	}
	return &Error{Method: method, Unknown: !dial, Err: err}
}

// wrap makes an Error of what the library returns.
func (c *Client) wrap(method string, err error) error {
	if err == nil {
		return nil
	}
	var many *tgbot.TooManyRequestsError
	var migrate *tgbot.MigrateError
	e := &Error{Method: method, Description: strings.ReplaceAll(err.Error(), c.token, "***")}
	switch {
	case errors.As(err, &many):
		e.Code, e.RetryAfter = 429, time.Duration(many.RetryAfter)*time.Second
	case errors.As(err, &migrate):
		e.Code, e.MigrateTo = 400, int64(migrate.MigrateToChatID)
	case errors.Is(err, tgbot.ErrorBadRequest):
		e.Code = 400
	case errors.Is(err, tgbot.ErrorUnauthorized):
		e.Code = 401
	case errors.Is(err, tgbot.ErrorForbidden):
		e.Code = 403
	case errors.Is(err, tgbot.ErrorNotFound):
		e.Code = 404
	case errors.Is(err, tgbot.ErrorConflict):
		e.Code = 409
	case strings.Contains(err.Error(), "error response from telegram"):
		e.Code, e.Unknown = 500, true
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return c.transport(method, err)
	default:
		return c.transport(method, err)
	}
	return e
}
