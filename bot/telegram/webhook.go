package telegram

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// A Webhook receives updates over HTTP. It answers 200 once an update has been
// handled and committed, or put aside, and 503 if it must come again.
type Webhook struct {
	Receiver
	Secret     string        // what Telegram must send; "" refuses everything
	MaxBody    int64         // bytes; 4 MiB if 0
	RetryAfter time.Duration // told with a 503; 2 s if 0
}

func (h *Webhook) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if !h.allowed(req.Header.Get("X-Telegram-Bot-Api-Secret-Token")) {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	limit := h.MaxBody
	if limit == 0 {
		limit = 4 << 20
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, req.Body, limit))
	if err != nil {
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	in, ok := decode(raw)
	if !ok {
		http.Error(w, "not an update", http.StatusBadRequest)
		return
	}
	answer, err := h.take(req.Context(), in)
	if err != nil {
		h.log().WarnContext(req.Context(), "update must come again", "update_id", in.id, "error", err)
		after := h.RetryAfter
		if after == 0 {
			after = 2 * time.Second
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(after.Seconds())))
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	if len(answer) > 0 {
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	}
}

// allowed compares in constant time, whatever the lengths.
func (h *Webhook) allowed(given string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(h.Secret))
	return h.Secret != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
