package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/storage"
)

// TestServeStops starts a bot, looks at its health, and stops it in the middle of
// a conversation: the turn under way is finished.
func TestServeStops(t *testing.T) {
	t.Parallel()
	p := newProcess(t, true, false)
	p.args = append(p.args, "--log-level", "info")
	p.start(t)
	ready(t, p)
	if got := get(t, "http://"+p.address+"/healthz"); got != "200 ok" {
		t.Errorf("/healthz: %s", got)
	}
	u := p.sim.User(simulator.UserOptions{First: "Noy", Language: "en"})
	if _, err := u.Start("bench"); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return question(u.Last().Text) == 0 })
	if err := u.Tap("Yes"); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("a stop is no failure: %v", err)
	}
	p.cmd = nil
	for _, line := range strings.Split(strings.TrimSpace(p.out.String()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line of the log is not JSON: %s", line)
		}
	}
	if !strings.Contains(p.out.String(), `"msg":"stopped"`) || strings.Contains(p.out.String(), "Noy") || strings.Contains(p.out.String(), simulator.DefaultToken) {
		t.Errorf("the log: %s", p.out)
	}
	p.start(t) // what was acknowledged goes on, what was not comes again
	eventually(t, func() bool { return question(u.Last().Text) == 1 })
}

// TestWebhookBodies sends the webhook what Telegram would not.
func TestWebhookBodies(t *testing.T) {
	t.Parallel()
	p := newProcess(t, true, false)
	p.start(t)
	ready(t, p)
	for _, c := range []struct {
		name, secret, body string
		want               int
	}{
		{"no secret", "", `{"update_id":1}`, 401},
		{"wrong secret", "guess", `{"update_id":1}`, 401},
		{"no JSON", "hush", `hello`, 400},
		{"no update_id", "hush", `{"message":{}}`, 400},
		{"half of it", "hush", `{"update_id":1,"message":{"te`, 400},
		{"too large", "hush", `{"update_id":1,"x":"` + strings.Repeat("x", 5<<20) + `"}`, 413},
		{"an unknown kind", "hush", `{"update_id":900000001,"business_wish":{"x":1}}`, 200},
		{"an undecodable one", "hush", `{"update_id":900000002,"message":{"message_id":"seven"}}`, 200},
		{"a message from nobody", "hush", `{"update_id":900000003,"message":{"message_id":7,"date":1,"text":"hi","chat":{"id":5,"type":"private"}}}`, 200},
	} {
		req, err := http.NewRequest(http.MethodPost, "http://"+p.address+"/telegram", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", c.secret)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", c.name, res.StatusCode, c.want)
		}
	}
	s := p.open(t)
	defer s.close()
	aside, err := s.Quarantined(t.Context(), 10)
	if err != nil || len(aside) != 1 || aside[0].UpdateID != 900000002 {
		t.Errorf("put aside: %v, %v; want the undecodable one", aside, err)
	}
	if bytes.Contains(aside[0].Update, []byte("seven")) {
		t.Error("an update put aside can be read")
	}
}

// TestServeRefuses starts the bot where it cannot work.
func TestServeRefuses(t *testing.T) {
	t.Parallel()
	t.Run("a token that Telegram does not know", func(t *testing.T) {
		p := newProcess(t, false, false)
		p.args = append(p.args, "--telegram-bot-token", "424242:a-token-of-nobody")
		p.start(t)
		if err := p.cmd.Wait(); err == nil {
			t.Error("the bot started")
		}
		p.cmd = nil
		if !strings.Contains(p.out.String(), "TELEGRAM_BOT_TOKEN: Telegram does not know this token") {
			t.Errorf("said: %s", p.out)
		}
	})
	t.Run("Postgres that does not answer", func(t *testing.T) {
		p := newProcess(t, false, false)
		p.args = append(p.args, "--database-url", "postgres://bot:hush@127.0.0.1:1/bot", "--redis-url", "redis://:quiet@127.0.0.1:1")
		p.start(t)
		if err := p.cmd.Wait(); err == nil {
			t.Error("the bot started")
		}
		p.cmd = nil
		if said := p.out.String(); !strings.Contains(said, "DATABASE_URL: ") || strings.Contains(said, "hush") {
			t.Errorf("said: %s", said)
		}
	})
	t.Run("a form with problems", func(t *testing.T) {
		p := newProcess(t, false, false)
		bad := t.TempDir() + "/bad.md"
		text := "| survey |\n| | type | name | label | relevant |\n| | integer | a | A | ${beds} > 1 |\n"
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p.args = append(p.args, "--form", bad)
		p.start(t)
		if err := p.cmd.Wait(); err == nil {
			t.Error("the bot started")
		}
		p.cmd = nil
		if !strings.Contains(p.out.String(), "survey:3 [relevant]") {
			t.Errorf("said: %s", p.out)
		}
	})
}

// TestCrossing lets a text cross a tap, in either order: the text belongs to the
// question that the person saw, and nobody's answer is lost or taken twice.
func TestCrossing(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		p := newProcess(t, true, false)
		p.start(t)
		ready(t, p)
		u := p.sim.User(simulator.UserOptions{First: "Noy", Language: "en"})
		if _, err := u.Start("bench"); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return question(u.Last().Text) == 0 })
		release := p.sim.Hold()
		if err := u.Tap("Yes"); err != nil {
			t.Fatal(err)
		}
		if _, err := u.Say("Land"); err != nil { // an answer to the next question, before it was seen
			t.Fatal(err)
		}
		release(order...)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if err := p.sim.Quiet(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		eventually(t, func() bool { return asked(u, 1) || asked(u, 2) })
		finishInterview(t, u)
		s := p.open(t)
		count, err := s.Count(t.Context(), storage.Filter{}, storage.ByForm)
		s.close()
		if err != nil || count["bench"] != 1 {
			t.Errorf("order %v: %v submissions, %v", order, count, err)
		}
	}
}

func asked(u *simulator.User, q int) bool {
	for _, m := range u.Heard() {
		if question(m.Text) == q {
			return true
		}
	}
	return false
}

// finishInterview answers what is asked until the end.
func finishInterview(t *testing.T, u *simulator.User) {
	t.Helper()
	last := -1
	eventually(t, func() bool {
		for _, m := range u.Heard() {
			q := question(m.Text)
			if strings.Contains(m.Text, "Your answers are stored") {
				return true
			}
			if q <= last || m.EditDate != 0 {
				continue
			}
			last = q
			switch {
			case strings.Contains(m.Text, "(number)"):
				u.Say("30")
			case strings.Contains(m.Text, "(text)"):
				u.Say("peace")
			default:
				u.TapData(m.MessageID, m.ReplyMarkup.InlineKeyboard[0][0].CallbackData)
			}
		}
		return false
	})
}

// TestLongText sends more than a message holds, and an emoji for a text.
func TestLongText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ສະບາຍດີ ", 625) // 5,000 characters: two messages
	d, err := flowtest.Parse([]byte("A long answer.\nlanguage: en\n-- form.md --\n| survey |\n| | type | name | label |\n" +
		"| | text | wish | What do you wish for? |\n| | text | more | And what else? |\n" +
		"| settings |\n| | form_id | keyword |\n| | wish | wish |\n-- chat --\n> /start wish\n> " + long + "\n> 👍\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := stage(t, onSQLite(t), false).Play(t.Context(), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Submissions) != 1 {
		t.Fatalf("%d submissions", len(r.Submissions))
	}
	data := r.Submissions[0].Data
	if n := len([]rune(data[0].Text)); n < 4000 || data[1].Text != "👍" {
		t.Errorf("the first answer has %d characters, the second is %q", n, data[1].Text)
	}
}

func ready(t *testing.T, p *process) {
	t.Helper()
	if err := waitReady(t.Context(), "http://"+p.address+"/readyz", 15*time.Second); err != nil {
		t.Fatalf("%v\n%s", err, p.out)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(res.Status[:3] + " " + string(body))
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatal("it does not happen")
}
