package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"example.org/fieldbot/bot/simulator/browser"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/storage"
)

// A demonstration is the whole demo, or a preview, in this process.
type demonstration struct {
	*preview
	t   *testing.T
	out *lockedBuffer
}

// lockedBuffer is what a command prints, read while it prints.
type lockedBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}

// demonstrate starts the demo, or what edit makes of it.
func demonstrate(t *testing.T, edit func(p *preview)) *demonstration {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	d := &demonstration{preview: &preview{dir: t.TempDir(), addr: "127.0.0.1:0", seats: seats}, t: t, out: &lockedBuffer{}}
	for _, name := range library.Names() {
		d.forms = append(d.forms, libraryPrefix+name)
	}
	if edit != nil {
		edit(d.preview)
	}
	up, down := make(chan struct{}), make(chan error, 1)
	go func() {
		c := &console{Context: ctx, in: os.Stdin, out: d.out, err: io.Discard}
		down <- d.run(c, func(*preview) error { close(up); return nil })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-down; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the demo ended with %v", err)
		}
	})
	select {
	case <-up:
	case err := <-down:
		down <- nil
		t.Fatal(err)
	}
	return d
}

func (d *demonstration) open(query string, width, height int64) *browser.Page {
	d.t.Helper()
	return browser.Open(d.t, d.url+"/?"+query, width, height)
}

// survey is what a citizen says to the survey: a button in brackets or a text,
// and a part of what the bot asks then.
var survey = [][2]string{
	{"[ຍິນຍອມ]", "ແຂວງໃດ"},
	{"ເຊກອງ", "ເມືອງໃດ"},
	{"[ດາກຈຶງ]", "ບ້ານໃດ"},
	{"ບ້ານ ນາໂພ", "ຍິງ ຫຼື ຊາຍ"},
	{"[ຍິງ]", "ອາຍຸຈັກປີ"},
	{"໓໔", "ຊົນເຜົ່າໃດ"},
	{"[ລາວ]", "ຄວາມຫຍຸ້ງຍາກ"},
	{"[ບໍ່ມີ]", "ການສຶກສາ"},
	{"[ມັດທະຍົມຕອນປາຍ]", "ໃຊ້ບໍລິການໃດ"},
	{"[⬜ 2]", "ໃຊ້ບໍລິການໃດ"},
	{"[ສຳເລັດ (1)]", "ງ່າຍປານໃດ"},
	{"[ງ່າຍ]", "ຄຸນນະພາບ"},
	{"[ດີຫຼາຍ]", "ຄ່າທຳນຽມ"},
	{"[ມີປະກາດ, ບໍ່ມີການຂໍເງິນເພີ່ມ]", "ຮ້ອງທຸກ"},
	{"[ອາດຈະຕອບ]", "ພໍໃຈ"},
	{"[ພໍໃຈ]", "ດີຂຶ້ນ"},
	{"2", "ຊຸດໂຊມ"},
	{"[⬜ 7]", "ຊຸດໂຊມ"},
	{"[ສຳເລັດ (1)]", "ປັບປຸງຫຍັງ"},
	{"[4]", "ຢາກບອກ"},
	{"[ຂ້າມ]", "ກວດຄືນ"},
	{"[✅ ສົ່ງ]", "ຂອບໃຈ"},
}

// pictured are the steps after which a picture of the survey is kept.
var pictured = map[string]string{
	"[ຍິນຍອມ]": "sufs-2-place", "[⬜ 2]": "sufs-3-several", "[ງ່າຍ]": "sufs-4-scale",
	"[ຂ້າມ]": "sufs-5-review", "[✅ ສົ່ງ]": "sufs-6-receipt",
}

// A citizen answers the whole survey in Lao on a phone, by touch.
func TestPageSurveyByMouse(t *testing.T) {
	t.Parallel()
	d := demonstrate(t, nil)
	p := d.open("user=citizen&lang=lo", 390, 844)
	p.Press("ເລີ່ມ")
	p.Says("ຕ້ອງການຕື່ມ")
	p.Say("/sufs")
	p.Says("ຍິນຍອມເຂົ້າຮ່ວມ")
	p.Shot("sufs-1-consent")
	for _, step := range survey {
		if label, ok := strings.CutPrefix(step[0], "["); ok {
			p.Press(strings.TrimSuffix(label, "]"))
		} else {
			p.Say(step[0])
		}
		p.Says(step[1])
		if name := pictured[step[0]]; name != "" {
			p.Shot(name)
		}
	}
	p.NoErrors()
	if n := d.submitted("sufs"); n != 1 {
		t.Errorf("%d submissions are stored", n)
	}
}

// submitted counts what is stored of a form.
func (d *demonstration) submitted(form string) int {
	d.t.Helper()
	n, err := d.service.stores.Count(d.t.Context(), storage.Filter{FormID: form}, storage.ByForm)
	if err != nil {
		d.t.Fatal(err)
	}
	return n[form]
}

// An author changes a form while somebody is in the middle of it: the answers
// stay, faults are shown in the page, and the conversation becomes a test.
func TestPreviewFollowsTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	form, repro := filepath.Join(dir, "clinic.md"), filepath.Join(dir, "clinic.txtar")
	save := func(rows ...string) {
		t.Helper()
		text := "| survey |\n| | type | name | label | relevant |\n" + strings.Join(rows, "\n") + "\n"
		if err := os.WriteFile(form, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const (
		beds  = "| | integer | beds | How many beds? | |"
		staff = "| | integer | staff | How many nurses? | ${beds} > 0 |"
		water = "| | text | water | Where does the water come from? | |"
	)
	save(beds, staff)
	ctx, cancel := context.WithCancel(t.Context())
	out, done := &lockedBuffer{}, make(chan error, 1)
	go func() {
		c := &console{Context: ctx, in: os.Stdin, out: out, err: io.Discard}
		done <- (&previewCmd{Addr: "127.0.0.1:0", Repro: repro, Form: form}).Run(c)
	}()
	var url string
	for deadline := time.Now().Add(20 * time.Second); url == "" && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, rest, ok := strings.Cut(out.String(), "The web chat is at "); ok {
			url, _, _ = strings.Cut(rest, "\n")
		}
	}
	p := browser.Open(t, url+"&lang=en", 1100, 800)
	p.Press("Start")
	p.Says("How many beds?")
	p.Say("12")
	p.Says("How many nurses?")
	p.Until(`[...document.querySelectorAll('.inspected tr')].some((r) => r.textContent.includes('beds: 12'))`)

	save(beds, strings.Replace(staff, "${beds}", "${bed}", 1))
	p.Until(`!document.getElementById('notice').hidden && document.getElementById('notice').textContent.includes('bed')`)

	save(beds, strings.Replace(staff, "How many nurses?", "How many nurses and midwives?", 1), water)
	p.Says("How many nurses and midwives?")
	p.Until(`document.getElementById('notice').hidden`)
	p.Until(`document.querySelector('.toast.shown')?.textContent.includes('answers kept: 1')`)
	p.Say("3")
	p.Says("Where does the water")
	p.Say("river")
	p.Until(`[...document.querySelectorAll('.theirs .text')].length > 5`)
	p.NoErrors()

	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	tested := &lockedBuffer{}
	if code := run(t.Context(), []string{"test", repro}, os.LookupEnv, os.Stdin, tested, tested); code != 0 {
		data, _ := os.ReadFile(repro)
		t.Errorf("the saved dialogue fails:\n%s\n%s\n%s", tested, out, data)
	}
}

// The same survey by keyboard alone: Enter starts, Alt and a digit presses a
// button of the newest message, what is further off is typed.
func TestPageSurveyByKeyboard(t *testing.T) {
	t.Parallel()
	d := demonstrate(t, nil)
	p := d.open("user=citizen&lang=lo", 1100, 800)
	p.Do(chromedp.Focus(".seat.current .big"))
	p.Keys("\r")
	p.Says("ຕ້ອງການຕື່ມ")
	p.Until(`document.activeElement.matches('textarea')`)
	write := func(text string) { p.Keys(text + "\r") }
	write("/sufs")
	p.Says("ຍິນຍອມເຂົ້າຮ່ວມ")
	for _, step := range survey {
		label, button := strings.CutPrefix(step[0], "[")
		if label = strings.TrimSuffix(label, "]"); button {
			const newest = `[...[...document.querySelectorAll('.seat.current .inline')].at(-1).querySelectorAll('button')]`
			p.Until(fmt.Sprintf(`%s.some((b) => b.textContent.trim() === %q)`, newest, label))
			nth := p.Text(fmt.Sprintf(`String(%s.findIndex((b) => b.textContent.trim() === %q) + 1)`, newest, label))
			if len(nth) == 1 {
				p.Keys(nth, chromedp.ModifierAlt)
			} else {
				p.Keys("\t", chromedp.ModifierShift)
				p.Until(`document.activeElement !== document.querySelector('` + browser.Input + `')`)
				for p.Text(`document.activeElement.textContent.trim()`) != label {
					p.Keys("\t", chromedp.ModifierShift)
				}
				p.Keys("\r")
				p.Do(chromedp.Focus(browser.Input))
			}
		} else {
			write(label)
		}
		p.Says(step[1])
	}
	p.NoErrors()
	if n := d.submitted("sufs"); n != 1 {
		t.Errorf("%d submissions are stored", n)
	}
}

// A photo and a voice note, a language switch, a corrected message, a fault, and
// what the inspector shows of them.
func TestPageMediaEditLanguageFault(t *testing.T) {
	t.Parallel()
	form := filepath.Join(t.TempDir(), "visit.md")
	err := os.WriteFile(form, []byte(`| survey |
| | type | name | label::English (en) | label::ລາວ (lo) |
| | image | road | A photo of the road, please. | ກະລຸນາສົ່ງຮູບທາງ. |
| | audio | story | Tell us more about it. | ກະລຸນາເລົ່າຕື່ມ. |
| | integer | metres | How many metres are broken? | ທາງເພຈັກແມັດ? |
| | text | who | Who could mend it? | ໃຜສ້ອມແປງໄດ້? |
| settings |
| | form_title | form_id |
| | Visit | visit |
`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	d := demonstrate(t, func(p *preview) { p.forms = []string{form} })
	p := d.open("user=citizen&lang=lo&inspect", 1280, 850)
	p.Press("ເລີ່ມ")
	p.Says("ສົ່ງຮູບທາງ")
	p.Press("🌐 English")
	p.Says("A photo of the road")

	p.SendPhoto("ແນບ", "🖼 ຮູບພາບ", road(t))
	p.Says("Tell us more")
	p.Until(`document.querySelector('.messages img')?.naturalWidth > 0`)

	p.SendVoice("ອັດສຽງ")
	p.Says("How many metres")
	p.Until(`document.querySelector('.messages audio')`)

	p.Do(chromedp.Click("#tab-faults"))
	p.Press("ຮ້ອງຂໍຫຼາຍເກີນໄປ (429)")
	p.Until(`document.querySelector('.inspected [role=status]').textContent.includes('429')`)
	p.Say("400")
	p.Says("Who could mend it")
	p.Do(chromedp.Click("#tab-traffic"))
	p.Until(`document.querySelector('.entries .failed')?.textContent.includes('429')`)
	p.Do(chromedp.Click("#tab-interview"))

	p.Write(kb.ArrowUp)
	p.Until(`document.querySelector('textarea').value === '400'`)
	p.Write("0\r")
	p.Until(`[...document.querySelectorAll('.inspected td')].some((c) => c.textContent === '4000')`)
	p.NoErrors()
}

// road is a picture file.
func road(t *testing.T) string {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 640, 400))
	for x := range 640 {
		for y := range 400 {
			c := color.RGBA{110, 150, 200 - uint8(y/4), 255}
			if y > 160 {
				c = color.RGBA{120, 140 - uint8(y/8), 70, 255}
				if middle := 320 + (y-160)/4; x > middle-(y-150)/2 && x < middle+(y-150)/2 {
					c = color.RGBA{165, 130, 95, 255}
				}
			}
			picture.Set(x, y, c)
		}
	}
	name := filepath.Join(t.TempDir(), "road.png")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
	return name
}

// Citizen, officer and secretariat side by side, with the inspector.
func TestPageSeats(t *testing.T) {
	t.Parallel()
	d := demonstrate(t, nil)
	for _, role := range []string{"officer", "secretariat"} {
		if err := d.seat(&console{Context: t.Context(), out: d.out}, role); err != nil {
			t.Fatal(err)
		}
	}
	p := d.open("lang=en&inspect", 1680, 900)
	p.Until(`document.querySelectorAll('.seat').length === 3`)
	p.Press("Start")
	p.Says("ຕ້ອງການຕື່ມ")
	p.Say("/sufs")
	p.Press("🌐 English")
	for _, label := range []string{"Yes, I agree", "Vientiane Capital"} {
		p.Press(label)
	}
	p.Until(`document.querySelectorAll('.inspected tbody tr').length > 10`)
	p.Until(`[...document.querySelectorAll('.seat')].every((s) => s.querySelectorAll('.theirs').length > 0)`)
	p.Shot("seats")
	p.NoErrors()
}
