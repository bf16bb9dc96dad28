//go:build clients

package simulator_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/simulator/browser"
)

// install fetches the packages that these checks need, in the versions that are
// written down. They are for development only: nothing of them is in the product.
func install(t *testing.T) {
	t.Helper()
	wanted, err := os.Stat("clients/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.Stat("clients/node_modules/.package-lock.json"); err == nil && !got.ModTime().Before(wanted.ModTime()) {
		return
	}
	cmd := exec.Command("npm", "ci", "--silent")
	cmd.Dir = "clients"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}

// Client libraries by other authors hold a conversation, by polling and by
// webhook.
func TestClients(t *testing.T) {
	install(t)
	for _, library := range []string{"grammy", "telegraf", "node-telegram-bot-api", "gramio"} {
		for _, mode := range []string{"polling", "webhook"} {
			t.Run(library+"/"+mode, func(t *testing.T) { converse(t, library, mode) })
		}
	}
}

func converse(t *testing.T, library, mode string) {
	srv := simulator.New(simulator.Options{})
	run, err := srv.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	cmd := exec.CommandContext(t.Context(), "node", "bot.js", library, mode)
	cmd.Dir = "clients"
	cmd.Env = append(os.Environ(), "API="+run.URL, "TOKEN="+simulator.DefaultToken, "PORT=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the bot said %q, %v", line, err)
	}

	ctx := within(t)
	noy := srv.User(simulator.UserOptions{First: "Noy"})
	expect := func(text string) simulator.Message {
		t.Helper()
		m, err := noy.Expect(ctx, text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	noy.Start("sufs")
	if m := expect(library + " /start sufs"); len(m.Entities) == 0 || m.Entities[0].Type != "bold" {
		t.Errorf("entities = %+v", m.Entities)
	}
	if err := noy.Tap("Yes"); err != nil {
		t.Fatal(err)
	}
	expect("you chose yes")
	if toasts := noy.Toasts(); len(toasts) != 1 || toasts[0].Text != "noted" {
		t.Errorf("toasts = %+v", toasts)
	}
	noy.Say("photo")
	if m := expect("a pixel"); len(m.Photo) == 0 {
		t.Errorf("photo = %+v", m)
	}
	noy.Photo("x.jpg", make([]byte, 12345), "")
	expect("downloaded 12345")
	noy.Say("error")
	expect("Bad Request: chat not found")
	if err := srv.Quiet(ctx); err != nil {
		t.Error(err)
	}
}

// Replies and updates fit a published TypeScript description of the Bot API:
// nothing is missing that it requires, and nothing is there that it lacks.
func TestReplyTypes(t *testing.T) {
	install(t)
	h := listening(t)
	h.noy.Start("")
	var file strings.Builder
	file.WriteString("import type { APIMethodReturn } from '@gramio/types';\nimport type { TelegramUpdate } from '@gramio/types/objects';\n")
	reply := func(method, params string) json.RawMessage {
		var raw json.RawMessage
		h.must(method, params, &raw)
		fmt.Fprintf(&file, "export const r%d: APIMethodReturn<'%s'> = %s;\n", file.Len(), method, raw)
		return raw
	}
	reply("getMe", `{}`)
	id := messageNumber(t, reply("sendMessage", `{"chat_id":42,"text":"<b>a</b> https://example.org /x @someone","parse_mode":"HTML",
		"reply_markup":{"inline_keyboard":[[{"text":"Yes","callback_data":"y"},{"text":"Web","url":"https://example.org"}]]}}`))
	h.noy.Tap("Yes")
	h.noy.React(id, "👍")
	m := fmt.Sprintf(`"chat_id":42,"message_id":%d`, id)
	reply("editMessageText", `{`+m+`,"text":"b"}`)
	reply("sendMessage", fmt.Sprintf(`{"chat_id":42,"text":"reply","reply_parameters":{"message_id":%d}}`, id))
	reply("copyMessage", `{`+m+`,"from_chat_id":42}`)
	reply("forwardMessage", `{`+m+`,"from_chat_id":42}`)
	reply("forwardMessages", fmt.Sprintf(`{"chat_id":42,"from_chat_id":42,"message_ids":[%d]}`, id))
	reply("pinChatMessage", `{`+m+`}`)
	reply("getChat", `{"chat_id":42}`)
	reply("sendLocation", `{"chat_id":42,"latitude":17.9,"longitude":102.6,"horizontal_accuracy":5}`)
	reply("sendVenue", `{"chat_id":42,"latitude":17.9,"longitude":102.6,"title":"Centre","address":"Street"}`)
	reply("sendContact", `{"chat_id":42,"phone_number":"+856","first_name":"Dao"}`)
	photo, _ := h.noy.Photo("x.jpg", []byte("no picture"), "caption")
	voice, _ := h.noy.Voice(2, []byte("OggS"))
	document, _ := h.noy.Document("a.pdf", []byte("%PDF"), "")
	video, _ := h.noy.Video("a.mp4", []byte("mp4"), 3, "")
	reply("sendPhoto", `{"chat_id":42,"caption":"c","photo":"`+photo.Photo[0].FileID+`"}`)
	reply("sendVoice", `{"chat_id":42,"voice":"`+voice.Voice.FileID+`"}`)
	reply("sendDocument", `{"chat_id":42,"document":"`+document.Document.FileID+`"}`)
	reply("sendMediaGroup", `{"chat_id":42,"media":[{"type":"photo","media":"`+photo.Photo[0].FileID+`"},{"type":"photo","media":"`+photo.Photo[0].FileID+`"}]}`)
	reply("getFile", `{"file_id":"`+video.Video.FileID+`"}`)
	reply("sendChatAction", `{"chat_id":42,"action":"typing"}`)
	reply("setMyCommands", `{"commands":[{"command":"help","description":"Help"}]}`)
	reply("getMyCommands", `{}`)
	reply("getMyName", `{}`)
	reply("getMyDescription", `{}`)
	reply("getMyShortDescription", `{}`)
	reply("getChatMenuButton", `{}`)
	reply("getWebhookInfo", `{}`)
	reply("getUserProfilePhotos", `{"user_id":42}`)
	reply("getChatMember", `{"chat_id":42,"user_id":42}`)
	reply("deleteMessage", `{`+m+`}`)
	reply("sendDice", `{"chat_id":42}`)
	live := messageNumber(t, reply("sendLocation", `{"chat_id":42,"latitude":17.9,"longitude":102.6,"live_period":60}`))
	reply("editMessageLiveLocation", fmt.Sprintf(`{"chat_id":42,"message_id":%d,"latitude":18,"longitude":102.6}`, live))
	reply("sendMessage", `{"chat_id":42,"text":"<a href='tg://user?id=42'>Noy</a>","parse_mode":"HTML"}`)
	poll := messageNumber(t, reply("sendPoll", `{"chat_id":42,"question":"?","options":["a","b"],"is_anonymous":false,"open_period":60}`))
	reply("sendPoll", `{"chat_id":42,"question":"?","options":["a","b"],"type":"quiz","correct_option_ids":[0],"explanation":"a"}`)
	h.noy.Vote(poll, 1)
	reply("stopPoll", fmt.Sprintf(`{"chat_id":42,"message_id":%d}`, poll))
	h.noy.Contact()
	h.noy.Location(15.1, 106.8)
	h.noy.Block()
	g := h.srv.Group(simulator.GroupOptions{Title: "Districts", Owner: h.noy})
	g.AddBot(h.noy, h.srv.Bot(""), true)
	said, _ := h.noy.In(g).Say("hello")
	h.noy.In(g).Edit(said.MessageID, "hello!")
	reply("getChat", fmt.Sprintf(`{"chat_id":%d}`, g.ID()))
	reply("getChatAdministrators", fmt.Sprintf(`{"chat_id":%d}`, g.ID()))
	g.Upgrade()
	forum := h.srv.Group(simulator.GroupOptions{Title: "Forum", Forum: true, Owner: h.noy})
	forum.AddBot(h.noy, h.srv.Bot(""), true)
	chat := fmt.Sprintf(`"chat_id":%d`, forum.ID())
	reply("getChat", `{`+chat+`}`)
	reply("createForumTopic", `{`+chat+`,"name":"Water"}`)
	h.noy.In(forum).Topic(forum.Topic(h.noy, "Health")).Say("in a topic")
	reply("editGeneralForumTopic", `{`+chat+`,"name":"All"}`)
	reply("hideGeneralForumTopic", `{`+chat+`}`)
	reply("setChatTitle", `{`+chat+`,"title":"Officers"}`)
	for i, u := range h.srv.Bot("").Updates() {
		fmt.Fprintf(&file, "export const u%d: TelegramUpdate = %s;\n", i, u.Raw)
	}
	if err := os.WriteFile("clients/replies.ts", []byte(file.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("npx", "tsc", "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "esnext",
		"--moduleResolution", "bundler", "--types", "", "--ignoreConfig", "replies.ts")
	cmd.Dir = "clients"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("tsc: %v\n%s", err, out)
	}
}

// Every method of the description is simulated, or says that it is not.
func TestEveryMethodIsKnown(t *testing.T) {
	install(t)
	described, err := os.ReadFile("clients/node_modules/@gramio/types/out/methods.d.ts")
	if err != nil {
		t.Fatal(err)
	}
	h := listening(t)
	names := regexp.MustCompile(`(?m)^    ([a-z]\w+): Call`).FindAllSubmatch(described, -1)
	for _, m := range names {
		if a := h.call(string(m[1]), `{}`); a.Description == "Not Found: method not found" {
			t.Errorf("%s is not known", m[1])
		}
	}
	if len(names) < 150 {
		t.Errorf("only %d methods are described", len(names))
	}
}

// The page has no faults that axe-core finds: labels, contrast, roles; in both
// languages, light and dark, on a wide screen and on a phone.
func TestAccessibility(t *testing.T) {
	install(t)
	axe, err := os.ReadFile(filepath.Join("clients", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"en", "lo"} {
		t.Run(language, func(t *testing.T) {
			srv, run := demo(t)
			noy := srv.Users()[0]
			p := browser.Open(t, run.URL+"/?lang="+language, 1700, 900)
			p.Run(string(axe) + ";void 0")
			noy.Start("")
			p.Says("ບໍລິການ")
			talk(t, p, noy)
			for _, theme := range []string{"light", "dark"} {
				p.Do(chromedp.EmulateViewport(1700, 900))
				p.Run(fmt.Sprintf("document.documentElement.dataset.theme = %q", theme))
				look(p, func(what string) {
					t.Helper()
					faultless(t, p, theme+", "+what)
				})
			}
			p.NoErrors()
		})
	}
}

// talk fills the chat with what a chat can have.
func talk(t *testing.T, p *browser.Page, noy *simulator.User) {
	t.Helper()
	noy.Say("keyboard")
	p.Says("ເລືອກ")
	noy.Say("poll")
	p.Until(`document.querySelector('.seat.current .poll')`)
	noy.Photo("x.jpg", make([]byte, 100), "caption")
	noy.Voice(3, []byte("OggS"))
	p.Says("voice 3s")
	noy.Location(17.9, 102.6)
	p.Says("place 17.90")
	noy.Document("a.pdf", []byte("%PDF"), "")
	p.Says("got")
}

// look walks through the page and lets check see every part of it.
func look(p *browser.Page, check func(what string)) {
	click := func(selector string) {
		p.Run("document.querySelector(" + strconv.Quote(selector) + ").click()")
	}
	shut := func() {
		p.Run(`document.querySelectorAll('dialog').forEach((d) => d.close())`)
		p.Until(`!document.querySelector('dialog')`)
	}
	check("chats")
	click("#inspect")
	p.Until(`document.querySelectorAll('.inspected tbody tr').length === 3`)
	for _, tab := range []string{"traffic", "clock", "faults", "people", "interview"} {
		click("#tab-" + tab)
		check(tab)
	}
	click(".seat.current .head button[aria-haspopup]")
	check("menu")
	click("dialog .stack button")
	p.Until(`document.querySelector('dialog .qr')?.naturalWidth > 0`)
	check("link")
	shut()
	click(".seat.current .composer button")
	check("attach")
	click("dialog .stack button:nth-child(3)")
	p.Until(`document.querySelector('dialog .pad')`)
	check("place")
	shut()
	p.Do(chromedp.EmulateViewport(390, 800))
	check("inspector on a phone")
	click("#inspect")
	check("chat on a phone")
	click(".seat.current .back")
	p.Until(`document.querySelector('.seat.current .chatlist li')`)
	check("list on a phone")
	click(".seat.current .chatlist button")
	p.Until(`document.querySelector('.seat.current .poll')`)
}

// faultless runs axe-core.
func faultless(t *testing.T, p *browser.Page, what string) {
	t.Helper()
	raw := p.Text(`axe.run().then((r) => JSON.stringify(r.violations.map((v) => ({id: v.id, nodes: v.nodes.map((n) => n.html + ' ' + n.failureSummary)}))))`)
	var found []struct {
		ID    string
		Nodes []string
	}
	if err := json.Unmarshal([]byte(raw), &found); err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Errorf("%s: %s\n%s", what, v.ID, strings.Join(v.Nodes, "\n"))
	}
}
