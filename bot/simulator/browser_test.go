package simulator_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/simulator"
)

// A browser is a page in Debian's chromium.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	errors []string
}

// browserLimit is how long a test may use a browser.
var browserLimit = time.Minute

// open starts chromium. Without one the test fails and says what to run: a
// page that nobody looked at does not count as working.
func open(t *testing.T, url string, width, height int64) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing; run: apt-get update && apt-get install -y chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("force-prefers-reduced-motion", true))
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	// The first call starts the browser, whose life must not hang on a deadline.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	ctx, cancel = context.WithTimeout(ctx, browserLimit)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(url))
	b.until(`document.documentElement.dataset.ready === 'true'`)
	return b
}

func (b *browser) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, ev.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if ev.Type == "error" || ev.Type == "warning" {
			b.errors = append(b.errors, fmt.Sprint(ev.Type, ": ", ev.Args))
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level == "error" {
			b.errors = append(b.errors, ev.Entry.Text+" "+ev.Entry.URL)
		}
	}
}

func (b *browser) noErrors() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) > 0 {
		b.t.Errorf("console: %q", b.errors)
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.shot("failed")
		b.t.Fatal(err)
	}
}

// until waits for an expression to be true.
func (b *browser) until(js string) {
	b.t.Helper()
	for {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+js+")"))
		if err == nil && ok {
			return
		}
		if b.ctx.Err() != nil {
			b.t.Fatalf("never true: %s (%v); console: %q", js, err, b.errors)
		}
		time.Sleep(10 * time.Millisecond) // the page's own time, not the bot's
	}
}

// says waits until the newest message of the seat contains text.
func (b *browser) says(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`[...document.querySelectorAll('.seat.current .messages .text')].at(-1)?.textContent.includes(%q)`, text))
}

// tap clicks the newest button with this label.
func (b *browser) tap(label string) {
	b.t.Helper()
	found := fmt.Sprintf(`[...document.querySelectorAll('.seat.current .inline button, .seat.current .keys button, .seat.current .big, dialog button')].filter((e) => e.textContent.trim() === %q).at(-1)`, label)
	b.until(found)
	b.do(chromedp.Evaluate[chromedp.Void](found + ".click()"))
}

// shot keeps a picture of the page if SIMULATOR_SHOTS names a folder.
func (b *browser) shot(name string) {
	dir := os.Getenv("SIMULATOR_SHOTS")
	if dir == "" {
		return
	}
	data, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644)
	}
	if err != nil {
		b.t.Log(err)
	}
}

const input = ".seat.current .composer textarea"

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
	b := open(t, run.URL+"/?seats=citizen&lang=lo", 390, 800)
	b.tap("ເລີ່ມ")
	b.says("ບໍລິການ")
	b.shot("phone")
	b.tap("ໂຮງຮຽນ")
	b.says("ອາຍຸ")
	b.until(`document.querySelector('.toast.shown')?.textContent === 'ບັນທຶກແລ້ວ'`)
	b.until(`document.querySelectorAll('.inline').length === 0`)
	b.do(chromedp.SendKeys(input, "໒໕\r"))
	b.says("got ໒໕")
	b.do(chromedp.SendKeys(input, "<img src=x onerror=alert(1)>\r"))
	b.says("<img src=x")
	b.until(`document.querySelectorAll('.messages img').length === 0`)

	b.do(chromedp.SendKeys(input, "keyboard\r"))
	b.tap("ເບີໂທ")
	b.says("phone +856")
	b.until(`document.querySelector('.keys').hidden`)

	b.do(chromedp.Click(".seat.current .composer button[aria-label='ແນບ']"))
	b.tap("📍 ທີ່ຕັ້ງ")
	b.do(chromedp.Click("dialog button[type=submit]"))
	b.says("place 17.98")

	b.do(chromedp.SendKeys(input, "poll\r"))
	b.until(`document.querySelectorAll('.poll .stack button').length === 2`)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('.poll .stack button')[1].click()`))
	b.says("vote [1]")
	b.until(`document.querySelector('.poll').textContent.includes('100 %')`)

	// Options in an order of one's own, and results that nobody sees yet.
	b.do(chromedp.SendKeys(input, "secret\r"))
	const last = `[...document.querySelectorAll('.poll')].at(-1)`
	b.until(last + `.querySelectorAll('.stack button').length === 6`)
	b.until(`document.querySelector('.effect').textContent.includes('🎉')`)
	b.until(`[...` + last + `.querySelectorAll('.stack button')].map((e) => e.textContent).join('') !== 'abcdef'`)
	b.do(chromedp.Evaluate[chromedp.Void](last + `.querySelector('.stack button').click()`))
	b.until(last + `.querySelectorAll('li').length === 6`)
	b.until(`!` + last + `.textContent.includes('%')`)

	b.noErrors()
	if n := len(srv.Bot("").Calls()); n == 0 {
		t.Error("no calls were noted")
	}
}

// The same by keyboard alone: Alt and a digit presses a button, arrow up edits.
func TestPageByKeyboard(t *testing.T) {
	t.Parallel()
	_, run := demo(t)
	b := open(t, run.URL+"/?seats=citizen&lang=en", 1100, 800)
	b.do(chromedp.Focus(".seat.current .big"), chromedp.KeyEvent("\r"))
	b.says("ບໍລິການ")
	b.until(`document.activeElement.matches('textarea')`)
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {code: 'Digit2', altKey: true, bubbles: true}))`))
	b.says("ອາຍຸ")
	b.until(`[...document.querySelectorAll('.text')].some((e) => e.textContent === '✅ health')`)
	b.do(chromedp.SendKeys(input, "24\r"))
	b.says("got 24")
	b.until(`[...document.querySelectorAll('.tick')].at(-1).textContent.includes('✓✓')`)
	b.do(chromedp.SendKeys(input, kb.ArrowUp))
	b.until(`document.querySelector('textarea').value === '24'`)
	b.do(chromedp.SendKeys(input, "5\r"))
	b.says("ແກ້ໄຂເປັນ 245")
	b.noErrors()
}

func TestPageSendsPhotosAndVoice(t *testing.T) {
	t.Parallel()
	_, run := demo(t)
	b := open(t, run.URL+"/?seats=citizen&lang=en", 1100, 800)
	b.tap("Start")
	b.says("ບໍລິການ")
	b.do(chromedp.Evaluate[chromedp.Void](`HTMLInputElement.prototype.click = function () { window.picked = this; }`))
	b.do(chromedp.Click(".seat.current .composer button[aria-label='Attach']"))
	b.tap("🖼 Photo")
	b.until(`window.picked`)
	b.do(chromedp.SetUploadFiles(".seat.current input[type=file]", []string{picture(t)}))
	b.says("photo 400x300")
	b.until(`document.querySelector('.messages img')?.naturalWidth > 0`)

	b.do(chromedp.Click(".seat.current .composer button[aria-label='Record a voice note']"))
	b.until(`document.querySelector('.composer button.active')`)
	b.until(`!document.querySelector('.note').textContent.includes('0')`) // something to hear
	b.do(chromedp.Click(".seat.current .composer button.active"))
	b.says("voice 1s")
	b.until(`document.querySelector('.messages audio')`)
	// As long as the browser finds it by decoding, and as apps record it.
	b.until(`(window.heard ??= new Audio(document.querySelector('.messages audio').src)).duration > 0.2`)
	b.do(chromedp.Evaluate[chromedp.Void](`fetch(window.heard.src).then((r) => r.text()).then((x) => { window.began = x.slice(0, 4); })`))
	b.until(`window.began === 'OggS'`)
	b.shot("media")
	b.noErrors()
}

// Three seats side by side, the inspector, the clock, a fault, the dark theme.
func TestPageSeatsAndInspector(t *testing.T) {
	t.Parallel()
	srv, run := demo(t)
	b := open(t, run.URL+"/?lang=en", 1700, 900)
	b.until(`document.querySelectorAll('.seat').length === 3`)
	b.tap("Start")
	b.says("ບໍລິການ")
	b.do(chromedp.Click("#inspect"))
	b.until(`document.querySelectorAll('.inspected tbody tr').length === 3`)
	b.shot("seats")
	b.do(chromedp.Click(".seat.current .head button[aria-haspopup]"))
	b.tap("Conversation as a written dialogue")
	b.until(`document.querySelector('dialog .script')?.value.startsWith('> /start')`)
	b.tap("Close")
	b.until(`!document.querySelector('dialog')`)
	before := srv.Now()
	b.do(chromedp.Click("#tab-clock"))
	b.tap2("Next Monday, 8:00")
	for srv.Now().Sub(before) < time.Hour && b.ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	if at := srv.Now().In(time.FixedZone("", 7*3600)); at.Weekday() != time.Monday || at.Hour() != 8 {
		t.Errorf("the clock stands at %v", at)
	}
	b.do(chromedp.Click("#tab-people"))
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const f = [...document.querySelectorAll('.inspected form')].at(-1); f.querySelector('input').value = 'Officers'; f.querySelector('#groupkind').value = 'forum'; f.requestSubmit(); })()`))
	b.until(`document.querySelector('.inspected').textContent.includes('Officers')`)
	b.until(`document.querySelector('.seat:not(.current) .back').textContent.startsWith('‹ ')`)
	b.do(chromedp.Click(".seat.current .back"))
	b.until(`document.querySelectorAll('.seat.current .chatlist li').length === 2`)
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('.seat.current .chatlist button')].find((e) => e.textContent.includes('Officers')).click()`))
	b.until(`document.querySelector('.seat.current .topics select')`)
	b.do(chromedp.SendKeys(input, "hello all\r"))
	b.until(`[...document.querySelectorAll('.seat.current .mine .text')].at(-1)?.textContent === 'hello all'`)
	b.do(chromedp.Click("#tab-faults"))
	b.tap2("Server error (500)")
	b.until(`document.querySelector('.inspected [role=status]').textContent.includes('500')`)
	b.do(chromedp.Click("#tab-traffic"))
	b.until(`document.querySelectorAll('.entries li').length > 1`)
	b.do(chromedp.Click("#theme"))
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.getElementById('language'); s.value = 'lo'; s.dispatchEvent(new Event('change')); })()`))
	b.until(`document.querySelector('h1').textContent === 'ຫ້ອງທົດລອງສົນທະນາ'`)
	b.until(`[...document.querySelectorAll('.seat.current .mine .text')].at(-1)?.textContent === 'hello all'`)
	b.shot("dark")
	b.noErrors()
}

// tap2 clicks a button of the inspector.
func (b *browser) tap2(label string) {
	b.t.Helper()
	found := fmt.Sprintf(`[...document.querySelectorAll('.inspector button')].find((e) => e.textContent.trim() === %q)`, label)
	b.until(found)
	b.do(chromedp.Evaluate[chromedp.Void](found + ".click()"))
}
