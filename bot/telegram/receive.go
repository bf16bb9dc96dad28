package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/storage"
)

// A Receiver is what both loops do with one update: decode it, have it handled,
// and put it aside if it fails for its own sake.
type Receiver struct {
	// Handle takes an update all the way and may be called again with the same
	// one. It may return a call for the webhook's answer: JSON parameters with a
	// "method" among them. An error that wraps storage.ErrUnavailable or
	// storage.ErrConflict, or that comes of an ended context, means that the
	// update must come again; any other error is the update's own fault.
	Handle func(ctx context.Context, u *models.Update) (answer []byte, err error)

	// PutAside keeps an update that cannot be handled, raw as it came, with the
	// reason. Once it returns nil the update counts as received.
	PutAside func(ctx context.Context, updateID int64, raw []byte, reason string) error

	Log      *slog.Logger  // slog.Default() if nil
	Attempts int           // how often an update is tried before it is put aside; 3 if 0
	Timeout  time.Duration // of one attempt; 30 s if 0
}

// UpdateID reads the update_id alone.
func UpdateID(raw []byte) (int64, bool) {
	var v struct {
		ID *int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &v); err != nil || v.ID == nil {
		return 0, false
	}
	return *v.ID, true
}

// An incoming is an update as it came.
type incoming struct {
	id  int64
	raw []byte
	u   *models.Update // nil if it cannot be decoded
}

// decode reads an update; ok is false if it has no update_id. One that has is
// worth keeping, whatever else is in it.
func decode(raw []byte) (in incoming, ok bool) {
	u := new(models.Update)
	if json.Unmarshal(raw, u) == nil && u.ID != 0 {
		return incoming{u.ID, raw, u}, true
	}
	id, ok := UpdateID(raw)
	return incoming{id: id, raw: raw}, ok
}

// ChatOf returns the chat that an update belongs to, or the person if it has
// none; 0 if neither is known.
func ChatOf(u *models.Update) int64 {
	switch {
	case u.Message != nil:
		return u.Message.Chat.ID
	case u.EditedMessage != nil:
		return u.EditedMessage.Chat.ID
	case u.CallbackQuery != nil:
		q := u.CallbackQuery
		if m := q.Message.Message; m != nil {
			return m.Chat.ID
		}
		if m := q.Message.InaccessibleMessage; m != nil && m.Chat.ID != 0 {
			return m.Chat.ID
		}
		return q.From.ID
	case u.MyChatMember != nil:
		return u.MyChatMember.Chat.ID
	}
	return 0
}

// take handles one update. An error means that it must come again.
func (r *Receiver) take(ctx context.Context, in incoming) ([]byte, error) {
	if in.u == nil {
		return nil, r.aside(ctx, in, "cannot be decoded")
	}
	var err error
	attempts := r.Attempts
	if attempts == 0 {
		attempts = 3
	}
	for range attempts {
		var answer []byte
		var panicked bool
		answer, panicked, err = r.attempt(ctx, in.u)
		if err == nil {
			return answer, nil
		}
		if comesAgain(err) {
			return nil, err
		}
		if panicked {
			break
		}
	}
	r.log().ErrorContext(ctx, "update cannot be handled", "update_id", in.id, "error", err)
	return nil, r.aside(ctx, in, "fails: "+err.Error())
}

func comesAgain(err error) bool {
	return errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrConflict) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (r *Receiver) attempt(ctx context.Context, u *models.Update) (answer []byte, panicked bool, err error) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			// the value may quote an answer, the stack does not
			r.log().ErrorContext(ctx, "panic", "update_id", u.ID, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			panicked, err = true, errors.New("panic")
		}
	}()
	answer, err = r.Handle(ctx, u)
	return answer, false, err
}

func (r *Receiver) aside(ctx context.Context, in incoming, reason string) error {
	r.log().WarnContext(ctx, "update put aside", "update_id", in.id, "reason", reason)
	if r.PutAside == nil {
		return nil
	}
	if err := r.PutAside(ctx, in.id, in.raw, reason); err != nil {
		return fmt.Errorf("put update aside: %w", err)
	}
	return nil
}

func (r *Receiver) log() *slog.Logger {
	if r.Log != nil {
		return r.Log
	}
	return slog.Default()
}
