package bot_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/library"
	"example.org/fieldbot/storage"
)

// nonsense is what a random respondent may write anywhere.
var nonsense = []string{"1", "2", "0", "25", "-4", "໓", "2,5", "yes", "no", "ແມ່ນ", "2026-05-01", "5/6/2569", "31/2/2026",
	"ບ້ານໃໝ່", "👍", "1 2", "a b c", "skip", "Back", "ຂ້າມ", "/skip", "/back", "/review", "/open", "/language", "/start", "/help", "/nothing"}

// Random respondents answer right and wrong, go back, change, switch language,
// park the form, tap old buttons and new ones twice, send bursts, and the bot is
// restarted below them. They always can finish, and what is stored is what their
// last answers give when these, noted by the test as they are given, are entered
// in order into a new instance. No message on the way is beyond Telegram's limits.
func TestRandomRespondentsFinish(t *testing.T) {
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	if soak {
		rounds = 40
	}
	for i, name := range library.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for round := range rounds {
				r := rand.New(rand.NewPCG(uint64(i), uint64(round)))
				source, err := library.Open(name)
				if err != nil {
					t.Fatal(err)
				}
				w := open(t, string(source), household)
				respondAtRandom(w, r, fmt.Sprintf("%s, round %d", name, round))
				w.stop()
			}
		})
	}
}

// A wanderer is a random respondent.
type wanderer struct {
	*person
	r     *rand.Rand
	form  *flows.Form
	seed  string
	did   []string
	since int // what was done since the bot was restarted
	meant meant
}

func respondAtRandom(w *world, r *rand.Rand, seed string) {
	w.t.Helper()
	form, err := bot.Compile(w.store.forms[0])
	if err != nil {
		w.t.Fatal(err)
	}
	p := &wanderer{person: w.person([]string{"lo", "en"}[r.IntN(2)]), r: r, form: form, seed: seed}
	w.store.Save(w.t.Context(), storage.Person{ID: w.keys.Person(p.ID()), Role: storage.Secretariat}, "test", "made")
	p.does("/" + form.Settings.Keyword)
	for range 90 {
		p.wander()
	}
	for step := 0; ; step++ {
		iv := p.front()
		if iv == nil && len(w.store.subs) > 0 && w.has(form.ID) {
			break
		}
		if step > 400 {
			w.t.Fatalf("%s: no end; last did\n%s\nand sees\n%s", seed, strings.Join(p.did[max(0, len(p.did)-30):], "\n"), p.screen())
		}
		if iv == nil {
			p.does("/" + form.Settings.Keyword)
			continue
		}
		p.step(iv)
	}
	if p.meant.compared == 0 || p.meant.noted == 0 {
		w.t.Errorf("%s: %d submissions compared, %d answers noted", seed, p.meant.compared, p.meant.noted)
	}
	withinLimits(w.t, p.Heard())
}

func (w *world) has(formID string) bool {
	return slices.ContainsFunc(w.store.subs, func(s storage.Submission) bool { return s.FormID == formID })
}

// front is the interview of the form, brought to the front; nil if none is open.
func (p *wanderer) front() *storage.Interview {
	s, err := p.w.store.Load(p.w.t.Context(), p.w.keys.Person(p.ID()))
	if err != nil {
		p.w.t.Fatal(err)
	}
	i := slices.IndexFunc(s.Open, func(v storage.Interview) bool { return v.FormID == p.form.ID })
	if i < 0 {
		return nil
	}
	if i > 0 {
		p.taps("/open:" + s.Open[i].Nonce)
	}
	return &s.Open[i]
}

func (p *wanderer) note(format string, args ...any) {
	p.did = append(p.did, fmt.Sprintf(format, args...))
	if p.since++; p.since > 60 { // nobody is that fast; a restart forgets how fast
		p.since = 0
		p.restart()
	}
}

func (p *wanderer) restart() {
	p.act("restart", nothing, func() {
		p.w.stop()
		p.w.start()
	})
}

func (p *wanderer) does(text string) {
	p.act("> "+text, typed(text), func() { p.Say(text) })
}

func (p *wanderer) taps(data string) {
	p.act("> tap "+data, tapped(data), func() { p.TapData(p.Last().MessageID, data) })
}

// harmful are buttons that end an interview, which random taps are kept from.
func harmful(data string) bool {
	for _, verb := range []string{"/cancel:yes", "/again", "/new", "/wd", "/form", "/rec", "/export"} {
		if strings.HasPrefix(data, verb) {
			return true
		}
	}
	c, ok := render.ParseCallback(data)
	return ok && c.Action == render.Submit
}

func (p *wanderer) wander() {
	switch p.r.IntN(14) {
	case 0:
		p.restart()
	case 1, 2:
		p.does(nonsense[p.r.IntN(len(nonsense))])
	case 3:
		p.does("/back")
	case 4, 5: // any button that was ever shown, once or twice
		var all []string
		for _, m := range p.Heard() {
			if m.ReplyMarkup == nil {
				continue
			}
			for _, row := range m.ReplyMarkup.InlineKeyboard {
				for _, b := range row {
					if b.CallbackData != "" && !harmful(b.CallbackData) {
						all = append(all, b.CallbackData)
					}
				}
			}
		}
		if len(all) > 0 {
			data := all[p.r.IntN(len(all))]
			p.taps(data)
			p.taps(data)
		}
	case 6:
		p.taps("/lang:" + []string{"lo", "en"}[p.r.IntN(2)])
	case 7:
		p.does("/household") // parks the form
		p.front()
	case 8:
		first, second := nonsense[p.r.IntN(20)], nonsense[p.r.IntN(20)]
		p.act("> burst "+first+" "+second, anything(2), func() {
			release := p.w.sim.Hold()
			p.Say(first)
			p.Say(second)
			release()
		})
	default:
		if iv := p.front(); iv != nil {
			p.step(iv)
		} else {
			p.does("/" + p.form.Settings.Keyword)
		}
	}
}

// step answers the question on screen, probably right.
func (p *wanderer) step(v *storage.Interview) {
	in, err := p.form.Resume(flows.World{Now: p.w.sim.Now}, v.Instance)
	if err != nil {
		p.w.t.Fatal(err)
	}
	q := in.Prompt()
	data := func(a render.Action, arg int) string {
		return render.Callback{Nonce: v.Nonce, Revision: v.Revision, Place: render.PlaceOf(q.At), Action: a, Arg: arg}.String()
	}
	pick := func() flows.Choice { return q.Choices[p.r.IntN(len(q.Choices))] }
	switch {
	case q.Kind == flows.Complete:
		p.taps(data(render.Submit, 0))
	case q.Kind == flows.Stop:
		p.does("/back")
	case q.Kind == flows.AskRepeat:
		p.taps(data([]render.Action{render.No, render.No, render.Yes}[p.r.IntN(3)], 0))
	case !q.Required && p.r.IntN(3) == 0:
		p.does("/skip")
	case q.Node.Type.Name == "rank":
		for _, i := range p.r.Perm(len(q.Choices)) {
			p.taps(data(render.Set, q.Choices[i].Index))
		}
		p.taps(data(render.Done, 0))
	case len(q.Choices) > 0 && q.Node.Type.Multiple():
		if p.r.IntN(2) == 0 {
			p.does(strconv.Itoa(1 + p.r.IntN(len(q.Choices))))
			break
		}
		p.taps(data(render.Set, pick().Index))
		p.taps(data(render.Set, pick().Index))
		p.taps(data(render.Done, 0))
	case len(q.Choices) > 0 && q.Node.Name == p.form.Settings.Consent:
		p.taps(data(render.Choose, q.Choices[0].Index)) // who does not agree is asked nothing
	case len(q.Choices) > 0:
		p.taps(data(render.Choose, pick().Index))
	case q.Node.Type.Select():
		p.does("/skip")
	default:
		p.free(q, data)
	}
}

func (p *wanderer) free(q *flows.Prompt, data func(render.Action, int) string) {
	switch q.Node.Type.Name {
	case "integer", "decimal", "range":
		p.does(strconv.Itoa(p.r.IntN(50)))
	case "date":
		p.does(fmt.Sprintf("2026-0%d-0%d", 1+p.r.IntN(6), 1+p.r.IntN(9)))
	case "dateTime", "time":
		p.taps(data(render.Now, 0))
	case "acknowledge":
		p.taps(data(render.Yes, 0))
	case "geopoint":
		p.act("> a place", anything(1), func() { p.Location(15.3, 106.7) })
	case "geotrace", "geoshape":
		for i := range 3 {
			p.act("> a point", anything(1), func() { p.Location(15.3+float64(i), 106.7) })
		}
		p.act("> done", anything(1), func() { p.TapData(p.Last().MessageID, data(render.Done, 0)) })
	case "video":
		p.act("> a film", anything(1), func() { p.Video("x.mp4", []byte("film"), 2, "") })
	case "image":
		p.act("> a photo", anything(1), func() { p.Photo("x.jpg", tinyJPEG, "") })
	case "audio":
		p.act("> a voice", anything(1), func() { p.Voice(2, []byte("OggS")) })
	case "file":
		p.act("> a document", anything(1), func() { p.Document("x.pdf", []byte("%PDF"), "") })
	default:
		p.does([]string{"Ban Na", "ບ້ານໃໝ່", "https://example.org/a", "0"}[p.r.IntN(4)])
	}
}

// lasting are the answers without what is of the moment.
func lasting(r flows.Record) string {
	r = slices.DeleteFunc(slices.Clone(r), func(f flows.Field) bool {
		return slices.Contains([]string{"start", "end", "today", "deviceid", "username", "hidden"}, f.Type) || f.Name == "meta"
	})
	b, _ := json.MarshalIndent(r, "", " ")
	return string(b)
}

// withinLimits checks what Telegram takes, or shows.
func withinLimits(t *testing.T, all []simulator.Message) {
	t.Helper()
	for _, m := range all {
		if n := len(utf16.Encode([]rune(m.Text))); n > 4096 {
			t.Errorf("a text of %d units", n)
		}
		if m.ReplyMarkup == nil {
			continue
		}
		buttons := 0
		for _, row := range m.ReplyMarkup.InlineKeyboard {
			if buttons += len(row); len(row) > 12 {
				t.Errorf("%d buttons in a row", len(row))
			}
			for _, b := range row {
				if len(b.CallbackData) > 64 {
					t.Errorf("callback_data of %d bytes", len(b.CallbackData))
				}
			}
		}
		if buttons > 100 {
			t.Errorf("%d buttons", buttons)
		}
	}
}
