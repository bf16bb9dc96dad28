package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/send"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// Many subscriptions are due at the same minute. The process that sends them is
// ended amid them, and two go on in its place: everybody is told once, and no
// second sees more than Telegram's limit. The short form is of 60; 1,000 with
// FIELDBOT_SOAK.
func TestSoakSubscriptionsOfOneMinute(t *testing.T) {
	t.Parallel()
	n := 60
	if os.Getenv("FIELDBOT_SOAK") != "" {
		n = 1000
	}
	s := onSQLite(t)
	if _, _, err := publish(t.Context(), s.Results, "library:odsc", time.Now()); err != nil {
		t.Fatal(err)
	}
	sim := simulator.New(simulator.Options{})
	run, err := sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	keys, err := bot.NewKeys([]byte("a pseudonym key for this test"), []byte("a link key for this test"))
	if err != nil {
		t.Fatal(err)
	}
	due := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC) // eight in Vientiane
	var users []*simulator.User
	for i := range n {
		u := sim.User(simulator.UserOptions{Language: []string{"lo", "en"}[i%2]})
		if _, err := u.Say("/start"); err != nil {
			t.Fatal(err)
		}
		users = append(users, u)
		person := keys.Person(u.ID())
		role, scope := storage.Observer, map[string]string{"province": fmt.Sprintf("%02d", 1+i%18)}
		if i%10 == 0 {
			role, scope = storage.Secretariat, nil
		}
		if _, err := s.Save(t.Context(), storage.Person{ID: person, Role: role, Scope: scope, Language: []string{"lo", "en"}[i%2],
			Contact: keys.Seal("chat "+person, fmt.Append(nil, u.ID()))}, "test", "invited"); err != nil {
			t.Fatal(err)
		}
		if err := s.Ensure(t.Context(), storage.Schedule{ID: "sub/" + person, Kind: "subscription", Spec: "day 08:00",
			Zone: "Asia/Vientiane", Next: due}); err != nil {
			t.Fatal(err)
		}
	}
	zone, err := time.LoadLocation("Asia/Vientiane")
	if err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int64
	limiter := send.NewLimiter(send.Limits{}, nil)
	sender := func() *bot.Bot {
		client, err := telegram.New(simulator.DefaultToken, telegram.Options{BaseURL: run.URL})
		if err != nil {
			t.Fatal(err)
		}
		b, err := bot.New(bot.Config{Forms: s.Results, Sessions: s.Sessions, Submissions: s.Results, People: s.Results, Schedules: s.Results,
			Tallies: s.Results, Reviews: s.Results, Reports: s.Results, Jobs: s.Results, Client: client, Username: "fieldbot_demo_bot",
			Keys: keys, Words: locales.New(), Compile: bot.Compile, Zone: zone, Log: slog.New(slog.DiscardHandler), Limiter: limiter,
			Clock: func() time.Time { return due.Add(30 * time.Second) }})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// work sends until ctx ends
	work := func(ctx context.Context, b *bot.Bot, end func()) {
		w := b.DigestWorker()
		do := w.Do
		w.Do = func(ctx context.Context, j storage.Job) error {
			err := do(ctx, j)
			if err == nil && sent.Add(1) == int64(n/3) {
				end()
			}
			return err
		}
		if err := s.Run(ctx, map[string]storage.Worker{bot.DigestJob: w}); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}
	first, end := context.WithCancel(t.Context())
	b := sender()
	for range 2 { // looking twice, as two replicas do, doubles nothing
		if err := b.Subscriptions(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	work(first, b, end)
	if got := sent.Load(); got >= int64(n) {
		t.Fatalf("all %d went before the process ended", got)
	}
	rest, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	for _, b := range []*bot.Bot{sender(), sender()} { // made here: New sets up the store they share
		working.Go(func() {
			if err := b.Subscriptions(rest); err != nil {
				t.Error(err)
			}
			work(rest, b, func() {})
		})
	}
	told := func() (all int) {
		for _, u := range users {
			all += digests(u)
		}
		return all
	}
	for end := time.Now().Add(time.Duration(n/20+60) * time.Second); told() < n && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	took := time.Since(began)
	stop()
	working.Wait()
	for i, u := range users {
		if got := digests(u); got != 1 {
			t.Errorf("subscriber %d was told %d times", i, got)
		}
	}
	if rate := float64(n) / took.Seconds(); n >= 1000 && rate > 31 {
		t.Errorf("%.1f messages a second", rate)
	}
	t.Logf("%d subscriptions of one minute sent in %v", n, took)
}

// digests counts the summaries that somebody got.
func digests(u *simulator.User) (n int) {
	for _, m := range u.Heard() {
		if strings.Contains(m.Text, "Summary") || strings.Contains(m.Text, "ບົດສະຫຼຸບ") || strings.Contains(m.Text, "figures") || strings.Contains(m.Text, "ຕົວເລກ") {
			n++
		}
	}
	return n
}

// A group gets what was chosen for it in private, and no more once the bot was
// put out of it; a topic of a forum gets it in the topic. Who may not subscribe is
// sent to the private chat, as with any command.
func TestGroupSubscribes(t *testing.T) {
	t.Parallel()
	t.Run("group", func(t *testing.T) { groupSubscribes(t, false) })
	t.Run("topic", func(t *testing.T) { groupSubscribes(t, true) })
}

func groupSubscribes(t *testing.T, forum bool) {
	s := onSQLite(t)
	st := stage(t, s, false)
	if _, _, err := publish(t.Context(), s.Results, "library:odsc", time.Now()); err != nil {
		t.Fatal(err)
	}
	boss, guest := st.Server.User(simulator.UserOptions{Language: "en"}), st.Server.User(simulator.UserOptions{Language: "en"})
	settled := func() {
		t.Helper()
		if err := st.Settled(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	says := func(u *simulator.User, text string) string {
		t.Helper()
		var err error
		if label, ok := strings.CutPrefix(text, "["); ok {
			err = u.Tap(strings.TrimSuffix(label, "]"))
		} else {
			_, err = u.Say(text)
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		settled()
		return u.Last().Text
	}
	has := func(got string, wants ...string) {
		t.Helper()
		for _, w := range wants {
			if !strings.Contains(got, w) {
				t.Fatalf("%q is not in %q", w, got)
			}
		}
	}
	link := func(l storage.Link) string {
		_, payload, err := bot.MakeLink(t.Context(), s.Results, st.Keys, l)
		if err != nil {
			t.Fatal(err)
		}
		return payload
	}
	for _, text := range []string{"/start " + link(storage.Link{Role: storage.Secretariat, Uses: 1}), "Vilay", "Ministry"} {
		says(boss, text)
	}
	g := st.Server.Group(simulator.GroupOptions{Title: "Provincial <Assembly>", Forum: forum})
	g.Add(boss, boss)
	g.Add(boss, guest)
	g.AddBot(boss, st.Server.Bot(""), true)
	topic := 0
	if forum {
		topic = g.Topic(boss, "Results")
	}
	said := func() (out []simulator.Message) {
		settled()
		for _, m := range g.Messages() {
			if m.From != nil && m.From.IsBot {
				out = append(out, m)
				if m.MessageThreadID != topic {
					t.Errorf("said in topic %d, not %d: %s", m.MessageThreadID, topic, m.Text)
				}
			}
		}
		return out
	}
	guest.In(g).Topic(topic).Say("/subscribe@fieldbot_demo_bot")
	if m := said(); len(m) != 1 || strings.Contains(m[0].Text, "summary") {
		t.Fatalf("a guest is told %+v", m)
	}
	boss.In(g).Topic(topic).Say("/subscribe@fieldbot_demo_bot")
	m := said()
	if len(m) != 2 || !strings.Contains(m[1].Text, "private chat") {
		t.Fatalf("in the group: %+v", m)
	}
	url := m[1].ReplyMarkup.InlineKeyboard[0][0].URL
	payload := url[strings.Index(url, "start=")+len("start="):]
	has(says(guest, "/start "+payload), "does not work") // the link is the other's
	has(says(boss, "/start "+payload), "Provincial <Assembly>", "every Monday")
	says(boss, "[🗓 How often]")
	has(says(boss, "[Every day]"), "every day")
	has(says(boss, "[✅ Let it come]"), "every day", "The next one comes on")
	if m := said(); len(m) != 3 || !strings.Contains(m[2].Text, "From now on") {
		t.Fatalf("the group is not told: %+v", m)
	}
	has(says(boss, "/subscribe"), "1. Whole country · every Monday", "2. Whole country · every day · 08:00 · English · to the group")
	tomorrow := func() {
		t.Helper()
		st.Server.Advance(24 * time.Hour)
		for range 2 { // never twice
			if err := st.Tend(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	tomorrow()
	if m := said(); len(m) != 4 || !strings.Contains(m[3].Text, "published") || m[3].ReplyMarkup.InlineKeyboard[0][0].CallbackData != "" {
		t.Fatalf("the group hears %+v", m)
	}
	if forum { // a topic that is gone: its summaries come to the general one
		call := httptest.NewRequest("POST", "/bot"+simulator.DefaultToken+"/deleteForumTopic",
			strings.NewReader(fmt.Sprintf(`{"chat_id":%d,"message_thread_id":%d}`, g.ID(), topic)))
		call.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		if st.Server.ServeHTTP(answer, call); answer.Code != 200 {
			t.Fatalf("delete topic: %s", answer.Body)
		}
		topic = 0
		for day := range 2 {
			tomorrow()
			if m := said(); len(m) != day+1 || !strings.Contains(m[day].Text, "published") {
				t.Fatalf("without its topic the group hears %+v", m)
			}
		}
	}
	g.KickBot(boss, st.Server.Bot(""))
	tomorrow()
	if got := says(boss, "/subscribe"); strings.Contains(got, "2.") {
		t.Errorf("a group without the bot still has a summary: %s", got)
	}
}
