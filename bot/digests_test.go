package bot_test

import (
	"strings"
	"testing"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/storage"
)

const wellsForm = "| settings |\n| | form_title | form_id | keyword |\n| | Wells | wells | wells |\n\n" +
	"| survey |\n| | type | name | label |\n| | integer | depth | How deep? |\n"

// A group gets what was chosen for it in private, in its topic, and no more once
// the bot was put out of it. Who may not subscribe is sent to the private chat as
// with any command.
func TestGroupSubscribes(t *testing.T) {
	w := open(t, wellsForm)
	boss, guest := w.person("en"), w.person("en")
	w.promote(boss, storage.Secretariat)
	g := w.sim.Group(simulator.GroupOptions{Title: "Provincial <Assembly>"})
	g.Add(boss.User, boss.User)
	g.Add(boss.User, guest.User)
	g.AddBot(boss.User, w.sim.Bot(""), true)
	said := func() (out []simulator.Message) {
		w.quiet()
		for _, m := range g.Messages() {
			if m.From != nil && m.From.IsBot {
				out = append(out, m)
			}
		}
		return out
	}
	guest.In(g).Say("/subscribe@fieldbot_demo_bot")
	if m := said(); len(m) != 1 || strings.Contains(m[0].Text, "summary") {
		t.Fatalf("a guest is told %+v", m)
	}
	boss.In(g).Say("/subscribe@fieldbot_demo_bot")
	m := said()
	if len(m) != 2 || !strings.Contains(m[1].Text, "private chat") {
		t.Fatalf("in the group: %+v", m)
	}
	url := m[1].ReplyMarkup.InlineKeyboard[0][0].URL
	payload := url[strings.Index(url, "start=")+len("start="):]
	has(t, guest.says("/start "+payload), "no longer") // the link is the other's
	has(t, boss.says("/start "+payload), "Provincial <Assembly>", "every Monday")
	boss.says("[🗓 How often]")
	has(t, boss.says("[Every day]"), "every day")
	has(t, boss.says("[✅ Let it come]"), "every day", "The next one comes on")
	if m := said(); len(m) != 3 || !strings.Contains(m[2].Text, "From now on") {
		t.Fatalf("the group is not told: %+v", m)
	}
	has(t, boss.says("/subscribe"), "1. Whole country · every Monday", "2. Whole country · every day · 08:00 · English · to the group")

	tomorrow := func() {
		t.Helper()
		w.sim.Advance(24 * 60 * 60 * 1e9)
		for range 2 { // never twice
			if err := w.bot.Subscriptions(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	tomorrow()
	if m := said(); len(m) != 4 || !strings.Contains(m[3].Text, "published") || m[3].ReplyMarkup.InlineKeyboard[0][0].CallbackData != "" {
		t.Fatalf("the group hears %+v", m)
	}
	g.KickBot(boss.User, w.sim.Bot(""))
	tomorrow()
	has(t, boss.says("/subscribe"), "1. Whole country · every Monday")
	if got := boss.says("/subscribe"); strings.Contains(got, "2.") {
		t.Errorf("a group without the bot still has a summary: %s", got)
	}
}

// A workbook that is sent again under its name says which of its problems are
// mended.
func TestMendedProblemsArePointedOut(t *testing.T) {
	w := open(t, wellsForm)
	boss := w.person("en")
	w.promote(boss, storage.Secretariat)
	send := func(name, body string) string {
		t.Helper()
		if _, err := boss.Document(name, []byte(body), ""); err != nil {
			t.Fatal(err)
		}
		return boss.hears()
	}
	wrong := strings.Replace(wellsForm, "| integer | depth |", "| integr | depth |", 1) + "| | text | depth | Again? |\n"
	has(t, send("New.md", strings.Replace(wrong, "| wells | wells |", "| new | new |", 1)), "2 problems", "integr")
	half := strings.Replace(wrong, "| integr |", "| integer |", 1)
	got := send("New.md", strings.Replace(half, "| wells | wells |", "| new | new |", 1))
	has(t, got, "1 problem is mended", "integr", "1 problem has to be mended")
	has(t, send("New.md", strings.Replace(wellsForm, "| wells | wells |", "| new | new |", 1)), "1 problem is mended", "Shall it be published?")
}
