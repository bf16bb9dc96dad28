package simulator_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/bot/simulator/browser"
)

// surveyor is a bot with two questions, to have something to talk to.
func surveyor(t *testing.T, srv *simulator.Server, url string) {
	buttons := func(rows ...[]models.InlineKeyboardButton) models.InlineKeyboardMarkup {
		return models.InlineKeyboardMarkup{InlineKeyboard: rows}
	}
	button := func(text, data string) models.InlineKeyboardButton {
		return models.InlineKeyboardButton{Text: text, CallbackData: data}
	}
	handle := func(ctx context.Context, b *bot.Bot, u *models.Update) {
		send := func(chat int64, text string, markup models.ReplyMarkup) {
			_, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: chat, Text: text, ParseMode: models.ParseModeHTML, ReplyMarkup: markup})
			if err != nil && ctx.Err() == nil {
				t.Errorf("send %q: %v", text, err)
			}
		}
		if q := u.CallbackQuery; q != nil {
			b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: q.ID, Text: "ບັນທຶກແລ້ວ"})
			m := q.Message.Message
			b.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: m.Chat.ID, MessageID: m.ID, Text: "✅ " + q.Data})
			send(m.Chat.ID, "ທ່ານອາຍຸ<b>ເທົ່າໃດ</b>? (<i>1</i> &lt; 120)", models.ReplyKeyboardRemove{RemoveKeyboard: true})
			return
		}
		if a := u.PollAnswer; a != nil {
			send(a.User.ID, fmt.Sprint("vote ", a.OptionIDs), nil)
			return
		}
		m := u.Message
		if m == nil && u.EditedMessage == nil {
			return
		}
		if m == nil {
			m = u.EditedMessage
			send(m.Chat.ID, "ແກ້ໄຂເປັນ "+m.Text, nil)
			return
		}
		switch {
		case strings.HasPrefix(m.Text, "/start"):
			send(m.Chat.ID, "ທ່ານໃຊ້<b>ບໍລິການ</b>ໃດ? https://example.org "+strings.TrimPrefix(m.Text, "/start"), buttons(
				[]models.InlineKeyboardButton{button("ໂຮງຮຽນ", "school"), button("ໂຮງໝໍ", "health")},
				[]models.InlineKeyboardButton{button("ນ້ຳປະປາ", "water")}))
		case len(m.Photo) > 0:
			send(m.Chat.ID, fmt.Sprintf("photo %dx%d", m.Photo[len(m.Photo)-1].Width, m.Photo[len(m.Photo)-1].Height), nil)
		case m.Voice != nil:
			send(m.Chat.ID, fmt.Sprintf("voice %ds", m.Voice.Duration), nil)
		case m.Contact != nil:
			send(m.Chat.ID, "phone "+m.Contact.PhoneNumber, models.ReplyKeyboardRemove{RemoveKeyboard: true})
		case m.Location != nil:
			send(m.Chat.ID, fmt.Sprintf("place %.2f", m.Location.Latitude), nil)
		case m.Text == "poll":
			_, err := b.SendPoll(ctx, &bot.SendPollParams{ChatID: m.Chat.ID, Question: "ມື້ໃດດີ?", IsAnonymous: bot.False(),
				Options: []models.InputPollOption{{Text: "ວັນຈັນ"}, {Text: "ວັນສຸກ"}}})
			if err != nil && ctx.Err() == nil {
				t.Errorf("send poll: %v", err)
			}
		case m.Text == "secret":
			sendRaw(t, url, `{"chat_id":`+fmt.Sprint(m.Chat.ID)+`,"question":"?","options":["a","b","c","d","e","f"],"shuffle_options":true,"hide_results_until_closes":true,"message_effect_id":"5046509860389126442"}`)
		case m.Text == "keyboard":
			send(m.Chat.ID, "ເລືອກ", models.ReplyKeyboardMarkup{ResizeKeyboard: true, Keyboard: [][]models.KeyboardButton{{
				{Text: "ແມ່ນ"}, {Text: "ເບີໂທ", RequestContact: true},
			}}})
		default:
			send(m.Chat.ID, "got "+strings.NewReplacer("<", "&lt;", "&", "&amp;").Replace(m.Text), nil)
		}
	}
	b, err := bot.New(simulator.DefaultToken, bot.WithServerURL(url), bot.WithNotAsyncHandlers(), bot.WithDefaultHandler(handle),
		bot.WithErrorsHandler(func(error) {}))
	if err != nil {
		t.Fatal(err)
	}
	b.SetMyCommands(t.Context(), &bot.SetMyCommandsParams{Commands: []models.BotCommand{{Command: "help", Description: "Help"}}})
	b.SetMyCommands(t.Context(), &bot.SetMyCommandsParams{LanguageCode: "lo", Commands: []models.BotCommand{{Command: "help", Description: "ຊ່ວຍເຫຼືອ"}}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { b.Start(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
}

// sendRaw sends a poll with arguments that the library does not know.
func sendRaw(t *testing.T, url, params string) {
	resp, err := http.Post(url+"/bot"+simulator.DefaultToken+"/sendPoll", "application/json", strings.NewReader(params))
	if err != nil {
		t.Error(err)
		return
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("send poll: %s", resp.Status)
	}
}

func demo(t *testing.T) (*simulator.Server, *simulator.Running) {
	t.Helper()
	srv := simulator.New(simulator.Options{
		BotName: "ສຳຫຼວດ SUFS",
		Seats: []simulator.UserOptions{
			{First: "ນ້ອຍ", Language: "lo", Seat: "citizen"}, {First: "Kham", Language: "en", Seat: "officer"},
			{First: "Dao", Language: "lo", Seat: "secretariat"},
		},
		Inspect: func(userID int64) any {
			return simulator.InspectTable{Title: "SUFS", Rows: []simulator.InspectRow{
				{Name: "service", Label: "ທ່ານໃຊ້ບໍລິການໃດ?", Answer: "school", Relevant: true},
				{Name: "age", Label: "ອາຍຸ", Relevant: true, Current: true},
				{Name: "fee", Label: "ຄ່າທຳນຽມ", Why: "${service} = 'water'"},
			}}
		},
	})
	run, err := srv.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	surveyor(t, srv, run.URL)
	return srv, run
}

func picture(t *testing.T) string {
	img := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for x := range 400 {
		for y := range 300 {
			img.Set(x, y, color.RGBA{uint8(x / 2), uint8(y / 2), 120, 255})
		}
	}
	name := filepath.Join(t.TempDir(), "road.png")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return name
}

// An interview by mouse and keyboard, in Lao, on a phone.
func TestPageOnAPhone(t *testing.T) {
	t.Parallel()
	srv, run := demo(t)
	p := browser.Open(t, run.URL+"/?seats=citizen&lang=lo", 390, 800)
	p.Press("ເລີ່ມ")
	p.Says("ບໍລິການ")
	p.Shot("phone")
	p.Press("ໂຮງຮຽນ")
	p.Says("ອາຍຸ")
	p.Until(`document.querySelector('.toast.shown')?.textContent === 'ບັນທຶກແລ້ວ'`)
	p.Until(`document.querySelectorAll('.inline').length === 0`)
	p.Say("໒໕")
	p.Says("got ໒໕")
	p.Say("<img src=x onerror=alert(1)>")
	p.Says("<img src=x")
	p.Until(`document.querySelectorAll('.messages img').length === 0`)

	p.Say("keyboard")
	p.Press("ເບີໂທ")
	p.Says("phone +856")
	p.Until(`document.querySelector('.keys').hidden`)

	p.Do(chromedp.Click(".seat.current .composer button[aria-label='ແນບ']"))
	p.Press("📍 ທີ່ຕັ້ງ")
	p.Do(chromedp.Click("dialog button[type=submit]"))
	p.Says("place 17.98")

	p.Say("poll")
	p.Until(`document.querySelectorAll('.poll .stack button').length === 2`)
	p.Run(`document.querySelectorAll('.poll .stack button')[1].click()`)
	p.Says("vote [1]")
	p.Until(`document.querySelector('.poll').textContent.includes('100 %')`)

	// Options in an order of one's own, and results that nobody sees yet.
	p.Say("secret")
	const last = `[...document.querySelectorAll('.poll')].at(-1)`
	p.Until(last + `.querySelectorAll('.stack button').length === 6`)
	p.Until(`document.querySelector('.effect').textContent.includes('🎉')`)
	p.Until(`[...` + last + `.querySelectorAll('.stack button')].map((e) => e.textContent).join('') !== 'abcdef'`)
	p.Run(last + `.querySelector('.stack button').click()`)
	p.Until(last + `.querySelectorAll('li').length === 6`)
	p.Until(`!` + last + `.textContent.includes('%')`)

	p.NoErrors()
	if n := len(srv.Bot("").Calls()); n == 0 {
		t.Error("no calls were noted")
	}
}

// The same by keyboard alone: Alt and a digit presses a button, arrow up edits.
func TestPageByKeyboard(t *testing.T) {
	t.Parallel()
	_, run := demo(t)
	p := browser.Open(t, run.URL+"/?seats=citizen&lang=en", 1100, 800)
	p.Do(chromedp.Focus(".seat.current .big"))
	p.Keys("\r")
	p.Says("ບໍລິການ")
	p.Until(`document.activeElement.matches('textarea')`)
	p.Run(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {code: 'Digit2', altKey: true, bubbles: true}))`)
	p.Says("ອາຍຸ")
	p.Until(`[...document.querySelectorAll('.text')].some((e) => e.textContent === '✅ health')`)
	p.Say("24")
	p.Says("got 24")
	p.Until(`[...document.querySelectorAll('.tick')].at(-1).textContent.includes('✓✓')`)
	p.Write(kb.ArrowUp)
	p.Until(`document.querySelector('textarea').value === '24'`)
	p.Say("5")
	p.Says("ແກ້ໄຂເປັນ 245")
	p.NoErrors()
}

func TestPageSendsPhotosAndVoice(t *testing.T) {
	t.Parallel()
	_, run := demo(t)
	p := browser.Open(t, run.URL+"/?seats=citizen&lang=en", 1100, 800)
	p.Press("Start")
	p.Says("ບໍລິການ")
	p.SendPhoto("Attach", "🖼 Photo", picture(t))
	p.Says("photo 400x300")
	p.Until(`document.querySelector('.messages img')?.naturalWidth > 0`)

	p.SendVoice("Record a voice note")
	p.Says("voice 1s")
	p.Until(`document.querySelector('.messages audio')`)
	// As long as the browser finds it by decoding, and as apps record it.
	p.Until(`(window.heard ??= new Audio(document.querySelector('.messages audio').src)).duration > 0.2`)
	p.Run(`fetch(window.heard.src).then((r) => r.text()).then((x) => { window.began = x.slice(0, 4); })`)
	p.Until(`window.began === 'OggS'`)
	p.Shot("media")
	p.NoErrors()
}

// Three seats side by side, the inspector, the clock, a fault, the dark theme.
func TestPageSeatsAndInspector(t *testing.T) {
	t.Parallel()
	srv, run := demo(t)
	p := browser.Open(t, run.URL+"/?lang=en", 1700, 900)
	p.Until(`document.querySelectorAll('.seat').length === 3`)
	p.Press("Start")
	p.Says("ບໍລິການ")
	p.Do(chromedp.Click("#inspect"))
	p.Until(`document.querySelectorAll('.inspected tbody tr').length === 3`)
	p.Shot("seats")
	p.Do(chromedp.Click(".seat.current .head button[aria-haspopup]"))
	p.Press("Conversation as a written dialogue")
	p.Until(`document.querySelector('dialog .script')?.value.startsWith('> /start')`)
	p.Press("Close")
	p.Until(`!document.querySelector('dialog')`)
	before := srv.Now()
	p.Do(chromedp.Click("#tab-clock"))
	p.Press("Next Monday, 8:00")
	for deadline := time.Now().Add(time.Minute); srv.Now().Sub(before) < time.Hour; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the clock was not advanced")
		}
	}
	if at := srv.Now().In(time.FixedZone("", 7*3600)); at.Weekday() != time.Monday || at.Hour() != 8 {
		t.Errorf("the clock stands at %v", at)
	}
	p.Do(chromedp.Click("#tab-people"))
	p.Run(`(() => { const f = [...document.querySelectorAll('.inspected form')].at(-1); f.querySelector('input').value = 'Officers'; f.querySelector('#groupkind').value = 'forum'; f.requestSubmit(); })()`)
	p.Until(`document.querySelector('.inspected').textContent.includes('Officers')`)
	p.Until(`document.querySelector('.seat:not(.current) .back').textContent.startsWith('‹ ')`)
	p.Do(chromedp.Click(".seat.current .back"))
	p.Until(`document.querySelectorAll('.seat.current .chatlist li').length === 2`)
	p.Run(`[...document.querySelectorAll('.seat.current .chatlist button')].find((e) => e.textContent.includes('Officers')).click()`)
	p.Until(`document.querySelector('.seat.current .topics select')`)
	p.Say("hello all")
	p.Until(`[...document.querySelectorAll('.seat.current .mine .text')].at(-1)?.textContent === 'hello all'`)
	p.Do(chromedp.Click("#tab-faults"))
	p.Press("Server error (500)")
	p.Until(`document.querySelector('.inspected [role=status]').textContent.includes('500')`)
	p.Do(chromedp.Click("#tab-traffic"))
	p.Until(`document.querySelectorAll('.entries li').length > 1`)
	p.Do(chromedp.Click("#theme"))
	p.Run(`(() => { const s = document.getElementById('language'); s.value = 'lo'; s.dispatchEvent(new Event('change')); })()`)
	p.Until(`document.querySelector('h1').textContent === 'ຫ້ອງທົດລອງສົນທະນາ'`)
	p.Until(`[...document.querySelectorAll('.seat.current .mine .text')].at(-1)?.textContent === 'hello all'`)
	p.Shot("dark")
	p.NoErrors()
}

// On a slow connection what is written is sent once, in order, and what is
// written meanwhile stays; what is refused comes back to be sent again.
func TestPageSendsWhatIsWritten(t *testing.T) {
	t.Parallel()
	_, run := demo(t)
	p := browser.Open(t, run.URL+"/?seats=citizen&lang=en", 1100, 800)
	p.Press("Start")
	p.Says("ບໍລິການ")
	p.Run(`{
		const real = window.fetch;
		window.held = [];
		window.fetch = (...args) => String(args[0]).includes('/do/')
			? new Promise((done, fail) => window.held.push((cut) => (cut ? fail(new TypeError('cut')) : done(real(...args)))))
			: real(...args);
	}`)
	const mine = `[...document.querySelectorAll('.seat.current .mine .text')].map((e) => e.textContent).join('|')`
	p.Say("one")
	p.Until(`window.held.length === 1`)
	p.Write("\r") // pressed again
	p.Say("two")
	p.Write("thr")
	p.Run(`window.held.shift()()`)
	p.Until(mine + `.endsWith('one')`)
	p.Until(`window.held.length === 1`)
	p.Run(`window.held.shift()()`)
	p.Says("got two")
	p.Until(mine + `.endsWith('one|two')`)
	p.Say("ee")
	p.Until(`window.held.length === 1`)
	p.NoErrors()
	p.Run(`window.held.shift()(true)`)
	p.Until(`document.querySelector('textarea').value === 'three'`)
	p.Write("\r")
	p.Until(`window.held.length === 1`)
	p.Run(`window.held.shift()()`)
	p.Says("got three")
	p.Until(mine + `.endsWith('one|two|three')`)
	p.Until(`document.querySelector('textarea').value === ''`)
}
