package simulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/bot/simulator/wire"
)

// A webhook is where a bot's updates go when it does not poll.
type webhook struct {
	hookURL     string
	secret      string
	maxFlying   int
	ip          string
	certificate bool
	lastErrorAt time.Time
	lastError   string
	flying      int
	lastSuccess time.Time // of a delivery, or when the webhook was set
	failing     bool
	goneSince   time.Time // since when the address answers 410
	generation  int       // counts settings: late answers to old ones are void
	changedAt   time.Time // when a setting was last changed
}

const (
	webhookTimeout = 60 * time.Second
	goneLimit      = 23 * time.Hour
)

func (w *webhook) init() { w.maxFlying = 40 }

// pumpLocked sends what may be sent: of each queue the first update, if no
// delivery of that queue is under way and its time has come.
func (b *Bot) pumpLocked() {
	if b.hookURL == "" || b.srv.closed {
		return
	}
	now := b.srv.nowLocked()
	limit := b.maxFlying
	if b.failing && now.Sub(b.lastSuccess) > 10*time.Second {
		limit = 1
	}
	seen := map[string]bool{}
	var next time.Time
	for _, u := range b.pending {
		if seen[u.key] {
			continue
		}
		// So many queues are looked at; those behind wait, even if all of these
		// only wait for their next attempt.
		if len(seen) == 2*b.maxFlying {
			break
		}
		seen[u.key] = true
		if u.flying {
			continue
		}
		if u.due.After(now) {
			if next.IsZero() || u.due.Before(next) {
				next = u.due
			}
			continue
		}
		if b.webhook.flying >= limit {
			break
		}
		u.flying = true
		b.webhook.flying++
		b.srv.active.Add(1)
		go b.deliver(u, b.hookURL, b.secret, b.generation)
	}
	if !next.IsZero() {
		b.srv.wakeLocked(b, next)
	}
}

// deliver posts one update and does what the answer says.
func (b *Bot) deliver(u *update, to, secret string, generation int) {
	defer b.srv.active.Done()
	ctx, cancel := context.WithTimeout(b.ctx, webhookTimeout)
	defer cancel()
	retryAfter, gone, answer, err := b.post(ctx, u, to, secret)
	var reply *call
	if err == nil {
		reply = b.replyCall(answer)
	}

	b.srv.mu.Lock()
	defer b.srv.mu.Unlock()
	defer b.srv.changeLocked()
	defer b.pumpLocked()
	b.webhook.flying--
	u.flying = false
	if generation != b.generation {
		return // it was sent to an address that is no longer set
	}
	now := b.srv.nowLocked()
	if err == nil && b.srv.takeLocked(LateWebhook) != nil {
		err, retryAfter = fmt.Errorf("Read timeout expired"), 0 // its answer came too late to count
	}
	if err == nil {
		b.lastSuccess, b.failing, b.goneSince = now, false, time.Time{}
		if reply != nil {
			b.runReplyLocked(reply)
		}
		b.readLocked(u)
		b.dropLocked(u)
		return
	}
	b.failing = true
	b.lastErrorAt, b.lastError = now, err.Error()
	switch {
	case !gone:
		b.goneSince = time.Time{}
	case b.goneSince.IsZero():
		b.goneSince = now
	}
	if gone && now.Sub(b.goneSince) >= goneLimit {
		b.setHookLocked("")
		return
	}
	u.failures++
	u.due = now.Add(retryDelay(u.failures, retryAfter, b.srv.rand.IntN(60)))
	if u.due.After(u.expires) {
		b.dropLocked(u)
	}
}

// retryDelay is the pause before the next attempt: none after the first
// failure, then 2, 4, 8, 16, 32 s, then about one minute, then one to two. What
// the webhook's Retry-After asked for, if it was above 0, replaces it.
func retryDelay(failures, retryAfter, jitter int) time.Duration {
	seconds := 60 + jitter
	switch {
	case retryAfter > 0:
		seconds = retryAfter
	case failures <= 1:
		seconds = 0
	case failures <= 7:
		seconds = min(seconds, 1<<(failures-1))
	}
	return time.Duration(seconds) * time.Second
}

func (b *Bot) dropLocked(u *update) {
	b.pending = slices.DeleteFunc(b.pending, func(other *update) bool { return other == u })
}

// post sends the update. retryAfter is 0 if the answer did not say.
func (b *Bot) post(ctx context.Context, u *update, to, secret string) (
	retryAfter int, gone bool, answer *http.Request, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(u.raw))
	if err != nil {
		return retryAfter, false, nil, fmt.Errorf("Wrong webhook URL")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Encoding", "gzip, deflate")
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := b.srv.opts.WebhookTransport.RoundTrip(req)
	if err != nil {
		if ctx.Err() != nil {
			return retryAfter, false, nil, fmt.Errorf("Read timeout expired")
		}
		return retryAfter, false, nil, fmt.Errorf("Connection refused")
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 10<<20))
	if err != nil {
		return retryAfter, false, nil, fmt.Errorf("Connection closed")
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		if n, bad := strconv.Atoi(resp.Header.Get("Retry-After")); bad == nil {
			retryAfter = min(max(n, 0), 3600)
		}
		return retryAfter, resp.StatusCode == http.StatusGone, nil,
			fmt.Errorf("Wrong response from the webhook: %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return retryAfter, false, nil, nil
	}
	return retryAfter, false, &http.Request{
		Header: resp.Header, URL: &url.URL{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// replyCall reads the call that a webhook's answer may carry.
func (b *Bot) replyCall(answer *http.Request) *call {
	if answer == nil {
		return nil
	}
	p, err := readParams(answer)
	if err != nil || p.text("method") == "" {
		return nil
	}
	name := strings.ToLower(p.text("method"))
	delete(p.args, "method")
	switch name {
	case "setwebhook", "deletewebhook", "close", "logout":
		return nil
	}
	if strings.HasPrefix(name, "get") {
		return nil
	}
	return &call{params: p, srv: b.srv, bot: b, method: name}
}

// runReplyLocked runs the call; its result goes nowhere but to the log.
func (b *Bot) runReplyLocked(c *call) {
	m, ok := methods[c.method]
	if !ok {
		c.logLocked(404, notSimulated(c.method), nil, true)
		return
	}
	c.method = m.name
	if f := b.srv.faultLocked(c); f != nil && !f.after() {
		c.logLocked(f.status(), fmt.Errorf("fault: %s", f.Kind), nil, true)
		return
	}
	raw, err := c.runLocked(m)
	code := 200
	if api, ok := err.(*apiError); ok {
		code = api.Code
	}
	c.logLocked(code, err, raw, true)
}

var secretShape = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// checkHook says what is wrong with a webhook's address. Addresses on this
// machine and names without a dot (as in a compose file) may do without TLS,
// as with the real server's --local.
func checkHook(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return badRequest("invalid webhook URL specified")
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	local := host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsPrivate()) ||
		ip == nil && !strings.Contains(host, ".")
	if local && (u.Scheme == "http" || u.Scheme == "https") {
		return nil
	}
	if u.Scheme != "https" {
		return badRequest("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if !slices.Contains([]string{"", "80", "88", "443", "8443"}, u.Port()) {
		return badRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	return nil
}

func (c *call) setWebhook() (any, error) {
	b, to := c.bot, strings.TrimSpace(c.text("url"))
	if to == "" {
		return c.deleteWebhook()
	}
	if err := checkHook(to); err != nil {
		return nil, err
	}
	secret := c.text("secret_token")
	if len(secret) > 256 {
		return nil, badRequest("secret token is too long")
	}
	if !secretShape.MatchString(secret) {
		return nil, badRequest("secret token contains unallowed characters")
	}
	connections := c.number("max_connections", 40, 1, 100)
	before := slices.Clone(b.allowed)
	if err := c.setAllowedLocked(); err != nil {
		return nil, err
	}
	if c.flag("drop_pending_updates") {
		b.pending = nil
	}
	_, certificate := c.files["certificate"]
	same := b.hookURL == to && b.secret == secret && b.maxFlying == connections &&
		slices.Equal(before, b.allowed) && !certificate
	if same {
		c.note = "Webhook is already set"
		b.pumpLocked()
		return true, nil
	}
	now := b.srv.nowLocked()
	if now.Sub(b.changedAt) < time.Second {
		b.allowed = before
		return nil, tooMany(1)
	}
	b.changedAt = now
	b.endPollLocked("terminated by setWebhook request")
	b.secret, b.maxFlying, b.ip, b.certificate = secret, connections, c.text("ip_address"), certificate
	b.setHookLocked(to)
	c.note = "Webhook was set"
	return true, nil
}

func (c *call) deleteWebhook() (any, error) {
	if c.flag("drop_pending_updates") {
		c.bot.pending = nil
	}
	c.note = "Webhook is already deleted"
	if c.bot.hookURL != "" {
		c.bot.setHookLocked("")
		c.note = "Webhook was deleted"
	}
	return true, nil
}

// setHookLocked starts anew with another address, or with none.
func (b *Bot) setHookLocked(to string) {
	b.hookURL = to
	b.generation++
	b.failing, b.lastError, b.lastErrorAt, b.goneSince = false, "", time.Time{}, time.Time{}
	b.lastSuccess = b.srv.nowLocked()
	if to == "" {
		b.secret, b.ip, b.certificate, b.maxFlying = "", "", false, 40
	}
	for _, u := range b.pending {
		u.failures, u.due = 0, time.Time{}
	}
	b.pumpLocked()
	b.srv.changeLocked()
}

func (c *call) getWebhookInfo() (any, error) {
	b := c.bot
	b.expireLocked()
	info := wire.WebhookInfo{
		URL: b.hookURL, HasCustomCertificate: b.certificate, PendingUpdateCount: len(b.pending), AllowedUpdates: b.allowed,
	}
	if b.hookURL != "" {
		info.MaxConnections, info.IPAddress = b.maxFlying, b.ip
		if info.IPAddress == "" {
			info.IPAddress = "127.0.0.1"
		}
	}
	if b.lastError != "" {
		info.LastErrorDate, info.LastErrorMessage = b.lastErrorAt.Unix(), b.lastError
	}
	return info, nil
}
